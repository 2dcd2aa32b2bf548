//! From the command line to a running program, and its end.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tauri::{AppHandle, Manager, RunEvent, Runtime};
use thiserror::Error;
use tokio::sync::watch;
use trunkline_connector::ports::LoginWindow;
use trunkline_core::{Core, CoreConfig, CoreError, PresetAccount, VaultChoice};
use trunkline_log::Log;
use trunkline_plugins::Frames;

use crate::backend::Backend;
use crate::cli::{self, Invocation};
use crate::demo::{self, Demo, DemoError};
use crate::folders::Folders;
use crate::shell::{self, Shell};
use crate::windows::login::LoginWindows;
use crate::windows::plugins::PluginFrames;
use crate::words::Language;
use crate::{logging, notifications, rpc, windows};

/// Threads of the core. Audio has its own; these wait for the network.
const WORKERS: usize = 2;
/// Time that the last message gets to reach the notification server.
const SAY_LIMIT: Duration = Duration::from_secs(1);
/// Hidden time after which the panel's web view is dropped.
const DROP_VIEW_AFTER: Duration = Duration::from_secs(60);

/// The program cannot start.
#[derive(Debug, Error)]
pub enum StartError {
    /// Neither HOME nor a folder was given.
    #[error("there is no home folder: set HOME, or use --config-folder")]
    NoHome,
    /// A folder cannot be made.
    #[error("the folder {0} cannot be used: {1}")]
    Folder(PathBuf, std::io::Error),
    /// No X11 and no Wayland.
    #[error("there is no display: set DISPLAY or WAYLAND_DISPLAY, or use `cargo xtask run`, which brings one")]
    NoDisplay,
    /// A request for a running Trunkline, and none runs.
    #[error("Trunkline is not running")]
    NotRunning,
    /// Threads cannot be made.
    #[error("no threads can be started: {0}")]
    Threads(std::io::Error),
    /// Demo mode cannot be had.
    #[error(transparent)]
    Demo(#[from] DemoError),
    /// The core does not start.
    #[error(transparent)]
    Core(#[from] CoreError),
    /// Tauri does not start.
    #[error("the window system cannot be used: {0}")]
    Tauri(#[from] tauri::Error),
}

/// Runs until the agent quits.
pub fn run(invocation: Invocation) -> Result<(), StartError> {
    if invocation.demo && !cfg!(feature = "demo") {
        return Err(DemoError::NotBuilt.into());
    }
    #[cfg(target_os = "linux")]
    if !crate::linux::has_display() {
        return Err(StartError::NoDisplay);
    }
    let folders = folders(&invocation)?;
    for folder in [&folders.config, &folders.data, &folders.logs, &folders.state, &folders.view] {
        std::fs::create_dir_all(folder).map_err(|error| StartError::Folder(folder.clone(), error))?;
    }
    let (log, log_guard) = logging::start(&folders.logs);
    // One TLS provider for the process; already there only when a test set it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .thread_name("core")
        .enable_all()
        .build()
        .map_err(StartError::Threads)?;
    // Tauri's commands run beside the core, on the same few threads.
    tauri::async_runtime::set(runtime.handle().clone());
    let temporary = (invocation.demo && invocation.config_folder.is_none()).then(|| folders.config.clone());
    let result = run_app::<tauri::Wry>(tauri::Builder::default(), &invocation, folders, log, runtime.handle());
    runtime.shutdown_timeout(Duration::from_secs(1));
    drop(log_guard);
    if let Some(folder) = temporary
        && let Err(error) = remove(&folder)
    {
        eprintln!("trunkline: the demo's folder {} is left behind: {error}", folder.display());
    }
    result
}

/// Removes a folder in which a web process that is just ending may still write.
fn remove(folder: &std::path::Path) -> std::io::Result<()> {
    let mut last = Ok(());
    for _ in 0..20 {
        last = std::fs::remove_dir_all(folder);
        std::thread::sleep(Duration::from_millis(50));
        if !folder.exists() {
            return Ok(());
        }
    }
    last
}

fn folders(invocation: &Invocation) -> Result<Folders, StartError> {
    if let Some(folder) = &invocation.config_folder {
        return Ok(Folders::below(folder.clone()));
    }
    if invocation.demo {
        let folder = demo::folder().map_err(|error| StartError::Folder(std::env::temp_dir(), error))?;
        return Ok(Folders::below(folder));
    }
    Folders::of_user(|name| std::env::var_os(name)).ok_or(StartError::NoHome)
}

fn run_app<R: Runtime>(
    builder: tauri::Builder<R>,
    invocation: &Invocation,
    folders: Folders,
    log: Log,
    runtime: &tokio::runtime::Handle,
) -> Result<(), StartError> {
    let (core_is_up, starting) = watch::channel(None::<Arc<dyn Backend>>);
    let (app_is_up, app_later) = watch::channel(None::<AppHandle<R>>);
    let mut builder = builder;
    if std::env::var_os("TRUNKLINE_SINGLE_INSTANCE").is_none_or(|value| value != "0") {
        // First of all plugins: a second start must end before it touches anything.
        builder = builder.plugin(single_instance(invocation.demo));
    }
    let window_state = tauri_plugin_window_state::Builder::new()
        .with_state_flags(
            tauri_plugin_window_state::StateFlags::SIZE
                | tauri_plugin_window_state::StateFlags::POSITION
                | tauri_plugin_window_state::StateFlags::MAXIMIZED,
        )
        // An absolute name: the plugin joins it to its own folder.
        .with_filename(folders.config.join("windows.json").to_string_lossy())
        .with_filter(|label| label == windows::PANEL)
        .build();
    let asked = invocation.clone();
    let failure = Arc::new(Mutex::new(None::<StartError>));
    let failed = Arc::clone(&failure);
    let handle = runtime.clone();
    let app = builder
        .plugin(window_state)
        .invoke_handler(tauri::generate_handler![rpc::rpc, rpc::subscribe])
        .setup(move |app| {
            let app = app.handle();
            if asked.request.as_ref().is_some_and(cli::Request::needs_running_instance) {
                // We are the first: there is nobody to carry it out. (An error
                // from here would be a panic: Tauri runs setup in its main loop.)
                *failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(StartError::NotRunning);
                app.exit(1);
                return Ok(());
            }
            let _entered = handle.enter();
            let news = app.clone();
            let notifications = notifications::start(move |given| Shell::notification_news(&news, given));
            let drop_after = std::env::var("TRUNKLINE_DROP_VIEW_AFTER").ok().and_then(|text| text.parse().ok());
            let after = drop_after.map_or(DROP_VIEW_AFTER, Duration::from_secs);
            app.manage(Shell::new(handle.clone(), folders.clone(), after, starting, notifications));
            app_is_up.send_replace(Some(app.clone()));
            start_core(app, &asked, log, core_is_up, app_later, failed);
            tokio::spawn(windows::watch_for_frozen_views(app.clone()));
            tokio::spawn(quit_on_signal(app.clone()));
            #[cfg(target_os = "linux")]
            {
                let tray = app.clone();
                tokio::spawn(crate::tray_watch::run(move |there| shell::tray_service(&tray, there)));
            }
            #[cfg(not(target_os = "linux"))]
            shell::tray_service(app, true);
            if !asked.hidden {
                windows::show_panel(app);
            }
            if let Some(request @ cli::Request::View(..)) = asked.request.clone() {
                Shell::of(app).carry_out(app, request);
            }
            Ok(())
        })
        .build(tauri::generate_context!());
    let app = app?;
    app.run_return(|app, event| match event {
        // The last window went to the tray: that is not the end.
        RunEvent::ExitRequested { code: None, api, .. } => api.prevent_exit(),
        RunEvent::WindowEvent { label, event, .. } => windows::on_event(app, &label, &event),
        _ => {}
    });
    let failure = failure.lock().unwrap_or_else(PoisonError::into_inner).take();
    failure.map_or(Ok(()), Err)
}

fn single_instance<R: Runtime>(demo: bool) -> tauri::plugin::TauriPlugin<R> {
    let plugin = tauri_plugin_single_instance::Builder::new().callback(|app, arguments, _folder| {
        // A second start may come before setup has finished.
        if let Some(shell) = app.try_state::<Shell>() {
            shell.carry_out(app, cli::forwarded(&arguments));
        }
    });
    if demo {
        // The demo beside the real panel is a second program.
        return plugin.dbus_id("app.trunkline.panel.demo").build();
    }
    plugin.build()
}

/// Starts the core on its own threads; the windows wait for it, not it for them.
fn start_core<R: Runtime>(
    app: &AppHandle<R>,
    invocation: &Invocation,
    log: Log,
    core_is_up: watch::Sender<Option<Arc<dyn Backend>>>,
    app_later: watch::Receiver<Option<AppHandle<R>>>,
    failed: Arc<Mutex<Option<StartError>>>,
) {
    let (app, demo) = (app.clone(), invocation.demo);
    let frames: Arc<dyn Frames> = Arc::new(PluginFrames::new(&tokio::runtime::Handle::current(), app_later.clone()));
    let login: Arc<dyn LoginWindow> = Arc::new(LoginWindows::new(app_later));
    tokio::spawn(async move {
        let folders = Shell::of(&app).folders.clone();
        let downloads = downloads(&app, &folders);
        match bring_up(folders, downloads, log, demo, login, frames).await {
            Ok((core, _simulator)) => {
                let backend: Arc<dyn Backend> = Arc::new(core);
                core_is_up.send_replace(Some(Arc::clone(&backend)));
                tracing::info!("the core is up");
                // Holds the simulator for as long as the core is there.
                shell::show_events(app, backend).await;
            }
            Err(error) => {
                tracing::error!(%error, "the core does not start");
                // Whoever started it from a menu sees no terminal.
                let shell = Shell::of(&app);
                shell.say(&shell.language().cannot_start(&error.to_string()));
                tokio::time::sleep(SAY_LIMIT).await;
                *failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                app.exit(1);
            }
        }
    });
}

/// The user's own downloads folder, unless this run keeps to one folder.
fn downloads<R: Runtime>(app: &AppHandle<R>, folders: &Folders) -> PathBuf {
    let own = folders.downloads.clone().or_else(|| app.path().download_dir().ok());
    own.unwrap_or_else(|| folders.data.join("downloads"))
}

async fn bring_up(
    folders: Folders,
    download_folder: PathBuf,
    log: Log,
    demo: bool,
    login: Arc<dyn LoginWindow>,
    frames: Arc<dyn Frames>,
) -> Result<(Core, Option<Demo>), StartError> {
    let simulator = if demo { Some(demo::start().await?) } else { None };
    let preset_accounts: Vec<PresetAccount> = simulator.iter().flat_map(|demo| demo.accounts.clone()).collect();
    let in_memory = demo || std::env::var_os("TRUNKLINE_VAULT").is_some_and(|value| value == "memory");
    let core = Core::start(CoreConfig {
        config_folder: folders.config,
        data_folder: folders.data,
        download_folder,
        log: Some(log),
        policy_file: None,
        vault: if in_memory { VaultChoice::Memory } else { VaultChoice::Keyring },
        preset_accounts,
        demo,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        login,
        frames: Some(frames),
        system_language: Language::chosen("system").tag().to_owned(),
        preset_plugins: if demo { demo::plugins() } else { BTreeMap::new() },
    })
    .await?;
    Ok((core, simulator))
}

/// The session ends, or somebody ends us: go offline first.
async fn quit_on_signal<R: Runtime>(app: AppHandle<R>) {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (Ok(mut terminate), Ok(mut interrupt), Ok(mut hang_up)) =
            (signal(SignalKind::terminate()), signal(SignalKind::interrupt()), signal(SignalKind::hangup()))
        else {
            tracing::warn!("signals cannot be watched");
            return;
        };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            _ = hang_up.recv() => {}
        }
    }
    #[cfg(not(unix))]
    if tokio::signal::ctrl_c().await.is_err() {
        return;
    }
    shell::quit(&app);
}
