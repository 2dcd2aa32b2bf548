//! The shell's state, and what it does with the core's events: it shows them on
//! the operating system's own surfaces. Nothing here waits for a web view.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

#[cfg(not(target_os = "linux"))]
use open::that_detached as open_outside;
use tauri::{AppHandle, Manager, Runtime, State};
use tokio::runtime::Handle;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, mpsc};
use tokio::task::AbortHandle;
use trunkline_core::{ShellEvent, SubjectKey};
use trunkline_desk::Offer;
use trunkline_model::ContactKey;
use trunkline_rpc::RpcError;
use trunkline_rpc::schema::{PanelSettings, PanelView};

use crate::backend::{Backend, Starting};
use crate::cli::Request;
use crate::folders::Folders;
use crate::life::LifeSigns;
#[cfg(target_os = "linux")]
use crate::linux::open_outside;
use crate::notifications::{News, Order, Press, Text, of_event, of_message};
use crate::tray::Tray;
use crate::tray_menu::{Choice, TrayView};
use crate::windows;
use crate::words::{Language, NAME};

/// Longest wait for the core to come up before a window's command gives up.
const START_LIMIT: Duration = Duration::from_secs(20);
/// Longest way offline before the program ends all the same.
const QUIT_LIMIT: Duration = Duration::from_secs(3);
/// The list of contacts.
const CONTACTS: &str = "contacts";
/// Between tries to put the icon into a tray that is there but refused it.
const TRAY_RETRY: Duration = Duration::from_secs(15);

/// Streams of pushes, one a window.
#[derive(Debug, Default)]
pub struct Streams {
    tasks: Mutex<HashMap<String, AbortHandle>>,
    /// Windows that have been given the desk and hear of everything since.
    listening: Mutex<HashSet<String>>,
}

impl Streams {
    /// Ends the window's old stream and keeps the new one.
    pub fn replace(&self, label: &str, task: AbortHandle) {
        if let Some(old) = self.tasks.lock().unwrap_or_else(PoisonError::into_inner).insert(label.to_owned(), task) {
            old.abort();
        }
    }

    /// Ends the window's stream.
    pub fn end(&self, label: &str) {
        self.deaf(label);
        if let Some(old) = self.tasks.lock().unwrap_or_else(PoisonError::into_inner).remove(label) {
            old.abort();
        }
    }

    /// The window hears of nothing until it has been given the desk again.
    pub fn deaf(&self, label: &str) {
        self.listening.lock().unwrap_or_else(PoisonError::into_inner).remove(label);
    }

    fn listening(&self) -> MutexGuard<'_, HashSet<String>> {
        self.listening.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Managed by Tauri; shared by commands, windows and tasks.
pub struct Shell {
    /// The core's runtime: never the GTK thread.
    pub runtime: Handle,
    /// Where files are.
    pub folders: Folders,
    /// Signs of life of the web views.
    pub life: LifeSigns,
    /// Streams of pushes.
    pub streams: Streams,
    /// Hidden time after which the panel's web view is dropped.
    pub drop_view_after: Duration,
    starting: Starting,
    notifications: mpsc::UnboundedSender<Order>,
    tray_is_there: AtomicBool,
    quitting: AtomicBool,
    view: Mutex<TrayView>,
    /// A place that was asked for while the panel heard of nothing.
    place: Mutex<Option<String>>,
}

/// The tray icon, on the main thread alone.
struct TrayPlace<R: Runtime>(Mutex<Option<Tray<R>>>);

impl Shell {
    /// Before the core is up.
    pub fn new(
        runtime: Handle,
        folders: Folders,
        drop_view_after: Duration,
        starting: Starting,
        notifications: mpsc::UnboundedSender<Order>,
    ) -> Self {
        Self {
            runtime,
            folders,
            life: LifeSigns::default(),
            streams: Streams::default(),
            drop_view_after,
            starting,
            notifications,
            tray_is_there: AtomicBool::new(false),
            quitting: AtomicBool::new(false),
            view: Mutex::new(TrayView::default()),
            place: Mutex::default(),
        }
    }

    /// The window has been given the desk: it may be shown where to go.
    pub fn listens(&self, label: &str, backend: &dyn Backend) {
        let waiting = {
            let mut listening = self.streams.listening();
            listening.insert(label.to_owned());
            if label == windows::PANEL { self.place().take() } else { None }
        };
        if let Some(place) = waiting {
            backend.show(&place);
        }
    }

    fn place(&self) -> MutexGuard<'_, Option<String>> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Brings the panel to the front for a place that all windows have been sent
    /// to. One that does not listen yet is sent there as soon as it does.
    fn bring<R: Runtime>(&self, app: &AppHandle<R>, place: String) {
        {
            let listening = self.streams.listening();
            if !listening.contains(windows::PANEL) {
                *self.place() = Some(place);
            }
        }
        windows::show_panel(app);
    }

    /// The shell of an app.
    pub fn of<R: Runtime>(app: &AppHandle<R>) -> State<'_, Self> {
        app.state::<Self>()
    }

    /// The core, once it is up. `None` when it does not come up.
    pub async fn backend(&self) -> Option<Arc<dyn Backend>> {
        let mut starting = self.starting.clone();
        let up = tokio::time::timeout(START_LIMIT, starting.wait_for(Option::is_some)).await;
        up.ok()?.ok()?.clone()
    }

    /// The core, if it is up by now.
    pub fn backend_now(&self) -> Option<Arc<dyn Backend>> {
        self.starting.borrow().clone()
    }

    /// The panel's settings, the defaults while the core comes up.
    pub fn settings(&self) -> PanelSettings {
        self.backend_now().map_or_else(
            || PanelSettings {
                theme: "system".to_owned(),
                language: "system".to_owned(),
                close_to_tray: true,
                drop_view_in_tray: true,
                incoming_window: true,
                notifications: true,
            },
            |backend| backend.panel_settings(),
        )
    }

    /// The language that the agent chose, the system's while the core comes up.
    pub fn language(&self) -> Language {
        Language::chosen(&self.settings().language)
    }

    /// The desktop has a tray and the icon is in it.
    pub fn has_tray(&self) -> bool {
        self.tray_is_there.load(Ordering::Relaxed)
    }

    /// On the way out: windows close for good.
    pub fn is_quitting(&self) -> bool {
        self.quitting.load(Ordering::Relaxed)
    }

    /// A plain notification.
    pub fn say(&self, body: &str) {
        // The notifications ended: the program does too.
        let text = Text { summary: NAME.to_owned(), body: body.to_owned() };
        let _ = self.notifications.send(Order::Say(text, None));
    }

    /// Says it once in the life of this installation.
    pub fn say_once(&self, mark: &str, body: &str) {
        let mark = self.folders.state.join(mark);
        if mark.exists() {
            return;
        }
        if let Err(error) = std::fs::write(&mark, b"") {
            tracing::info!(%error, "a hint will be shown again");
        }
        self.say(body);
    }

    /// What the agent chose in the tray.
    pub fn tray_choice<R: Runtime>(&self, app: &AppHandle<R>, choice: Choice) {
        self.carry_out(
            app,
            match choice {
                Choice::Accept => Request::Accept,
                Choice::Decline => Request::Decline,
                Choice::Mute => Request::Mute,
                Choice::Contact => Request::Contact,
                Choice::NumberPad => Request::View(PanelView::NumberPad, None),
                Choice::QuickConnects => Request::View(PanelView::QuickConnects, None),
                Choice::NewTask => Request::View(PanelView::NewTask, None),
                Choice::Show => Request::Show,
                Choice::Quit => Request::Quit,
            },
        );
    }

    /// Carries out what came from the tray or from a second start.
    pub fn carry_out<R: Runtime>(&self, app: &AppHandle<R>, request: Request) {
        match request {
            Request::Show => windows::show_panel(app),
            Request::Quit => quit(app),
            Request::Contact => {
                let contact = self.view.lock().unwrap_or_else(PoisonError::into_inner).contact.clone();
                self.go(app, move |backend| match contact {
                    Some((key, _)) => backend.show_contact(&key),
                    None => Ok(CONTACTS.to_owned()),
                });
            }
            Request::View(view, number) => self.go(app, move |backend| backend.show_view(view, number.as_deref())),
            Request::Accept | Request::Decline | Request::Mute => {
                let app = app.clone();
                self.runtime.spawn(async move {
                    let shell = Self::of(&app);
                    let Some(backend) = shell.backend().await else { return };
                    if request == Request::Mute {
                        backend.toggle_mute();
                        return;
                    }
                    // The one that has rung longest.
                    let Some(offer) = backend.offers().into_iter().next() else {
                        tracing::info!("nothing rings: there is nothing to take or decline");
                        return;
                    };
                    if request == Request::Accept {
                        shell.accept(&*backend, &offer.key).await;
                    } else {
                        shell.decline(&*backend, &offer.key).await;
                    }
                });
            }
        }
    }

    /// Goes to a place, once the core is up. Where that cannot be, the panel is
    /// shown all the same, and why is told.
    fn go<R: Runtime>(
        &self,
        app: &AppHandle<R>,
        place: impl FnOnce(&dyn Backend) -> Result<String, RpcError> + Send + 'static,
    ) {
        let app = app.clone();
        self.runtime.spawn(async move {
            let shell = Self::of(&app);
            let Some(backend) = shell.backend().await else { return };
            match place(&*backend) {
                Ok(place) => shell.bring(&app, place),
                Err(error) => {
                    tracing::info!(key = error.message_key, trace_id = %error.trace_id, "no such place");
                    windows::show_panel(&app);
                    shell.say(shell.language().of_place(&error.message_key));
                }
            }
        });
    }

    async fn accept(&self, backend: &dyn Backend, key: &ContactKey) {
        self.tell_failure(backend.accept(key).await, self.language().accept_failed());
    }

    async fn decline(&self, backend: &dyn Backend, key: &ContactKey) {
        self.tell_failure(backend.reject(key).await, self.language().decline_failed());
    }

    fn tell_failure(&self, result: Result<(), RpcError>, text: &str) {
        if let Err(error) = result {
            tracing::warn!(code = ?error.code, trace_id = %error.trace_id, "command from tray or notification failed");
            self.say(text);
        }
    }

    /// What came back from the notifications.
    pub fn notification_news<R: Runtime>(app: &AppHandle<R>, news: News) {
        let app = app.clone();
        let runtime = Self::of(&app).runtime.clone();
        runtime.spawn(async move {
            let shell = Self::of(&app);
            let Some(backend) = shell.backend().await else { return };
            match news {
                News::Press(Press::Accept(key)) => shell.accept(&*backend, &key).await,
                News::Press(Press::Decline(key)) => shell.decline(&*backend, &key).await,
                News::Press(Press::Show(SubjectKey::Contact(key))) => {
                    shell.go(&app, move |backend| backend.show_contact(&key));
                }
                News::Press(Press::Show(SubjectKey::Event(key))) => {
                    shell.go(&app, move |backend| backend.show_event(&key));
                }
                News::Limit(key, lacking) => backend.set_limit(key, lacking),
            }
        });
    }
}

/// Shows the core's events until the core ends. Runs on the core's runtime.
pub async fn show_events<R: Runtime>(app: AppHandle<R>, backend: Arc<dyn Backend>) {
    let shell = Shell::of(&app);
    let mut events = backend.shell_events();
    // What happened before we listened.
    resync(&app, &shell, &*backend);
    loop {
        match events.recv().await {
            Ok(event) => show(&app, &shell, &*backend, event),
            Err(RecvError::Lagged(missed)) => {
                tracing::warn!(missed, "shell fell behind; everything is shown anew");
                events = backend.shell_events();
                resync(&app, &shell, &*backend);
            }
            Err(broadcast::error::RecvError::Closed) => return,
        }
    }
}

fn resync<R: Runtime>(app: &AppHandle<R>, shell: &Shell, backend: &dyn Backend) {
    speak(app, shell, shell.language());
    let offers = backend.offers();
    let gone: Vec<ContactKey> = {
        let view = shell.view.lock().unwrap_or_else(PoisonError::into_inner);
        view.offers.iter().map(|offer| offer.key.clone()).filter(|key| !offers.iter().any(|o| o.key == *key)).collect()
    };
    for key in gone {
        show(app, shell, backend, ShellEvent::WithdrawOffer(key));
    }
    for offer in offers {
        show(app, shell, backend, ShellEvent::ShowOffer(Box::new(offer)));
    }
    show(app, shell, backend, backend.tray());
}

fn show<R: Runtime>(app: &AppHandle<R>, shell: &Shell, backend: &dyn Backend, event: ShellEvent) {
    match event {
        ShellEvent::ShowOffer(offer) => {
            let settings = shell.settings();
            if settings.notifications {
                let _ = shell.notifications.send(Order::Show(offer.clone()));
            }
            if settings.incoming_window {
                windows::show_incoming(app);
            }
            change(app, shell, |view| put(&mut view.offers, *offer));
        }
        ShellEvent::WithdrawOffer(key) => {
            let _ = shell.notifications.send(Order::Withdraw(key.clone()));
            let left = change(app, shell, |view| view.offers.retain(|offer| offer.key != key)).offers;
            if left.is_empty() {
                windows::hide_incoming(app);
            }
        }
        ShellEvent::MessageArrived(arrived) => {
            if shell.settings().notifications {
                let about = SubjectKey::Contact(arrived.contact.clone());
                let _ = shell.notifications.send(Order::Say(of_message(&arrived, shell.language()), Some(about)));
            }
        }
        ShellEvent::EventArrived { key, event, account_name, more } => {
            if shell.settings().notifications {
                let text = of_event(&event, &account_name, more, shell.language());
                let _ = shell.notifications.send(Order::Say(text, Some(SubjectKey::Event(key))));
            }
        }
        ShellEvent::OpenLink(address) => {
            if let Err(error) = open_outside(address.as_str()) {
                tracing::warn!(%error, "no browser could be started");
                shell.say(shell.language().no_browser());
            }
        }
        ShellEvent::OpenPage { address, subject, page } => {
            if let Err(error) = open_outside(address.as_str()) {
                tracing::warn!(%error, "no browser could be started for a page");
                backend.page_not_opened(&subject, &page);
            }
        }
        ShellEvent::OpenFolder(folder) => {
            if let Err(error) = open_outside(&folder) {
                tracing::warn!(%error, "no file manager could be started");
                shell.say(shell.language().no_file_manager());
            }
        }
        ShellEvent::GoTo(place) => shell.bring(app, place),
        ShellEvent::Tray { state, live_muted, agents, contact } => {
            change(app, shell, |view| {
                (view.state, view.live_muted, view.agents, view.contact) = (state, live_muted, agents, contact);
            });
        }
        ShellEvent::PanelSettings(settings) => {
            if !settings.incoming_window {
                windows::hide_incoming(app);
            }
            speak(app, shell, Language::chosen(&settings.language));
        }
    }
}

/// Tray, notifications and windows speak this language from now on.
fn speak<R: Runtime>(app: &AppHandle<R>, shell: &Shell, language: Language) {
    let _ = shell.notifications.send(Order::Speak(language));
    windows::speak(app, language);
    change(app, shell, |view| view.language = language);
}

fn put(offers: &mut Vec<Offer>, offer: Offer) {
    match offers.iter_mut().find(|known| known.key == offer.key) {
        Some(known) => *known = offer,
        None => offers.push(offer),
    }
}

/// Changes what the tray shows, and draws it when there is one.
fn change<R: Runtime>(app: &AppHandle<R>, shell: &Shell, change: impl FnOnce(&mut TrayView)) -> TrayView {
    let view = {
        let mut view = shell.view.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut view);
        view.clone()
    };
    draw_tray(app, view.clone());
    view
}

fn draw_tray<R: Runtime>(app: &AppHandle<R>, view: TrayView) {
    let handle = app.clone();
    on_main(app, move || {
        let Some(place) = handle.try_state::<TrayPlace<R>>() else { return };
        let mut place = place.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tray) = place.as_mut()
            && let Err(error) = tray.draw(&handle, view)
        {
            tracing::warn!(%error, "tray could not be drawn");
        }
    });
}

/// Runs on the GTK thread, without waiting for it.
pub fn on_main<R: Runtime>(app: &AppHandle<R>, act: impl FnOnce() + Send + 'static) {
    if let Err(error) = app.run_on_main_thread(act) {
        tracing::debug!(%error, "the main loop has ended");
    }
}

/// The tray service came or went.
pub fn tray_service<R: Runtime>(app: &AppHandle<R>, there: bool) {
    let handle = app.clone();
    if !there {
        tray_state(app, false);
        return;
    }
    on_main(app, move || {
        if handle.try_state::<TrayPlace<R>>().is_none() {
            handle.manage(TrayPlace::<R>(Mutex::new(None)));
        }
        let place = handle.state::<TrayPlace<R>>();
        let mut place = place.0.lock().unwrap_or_else(PoisonError::into_inner);
        if place.is_none() {
            let view = Shell::of(&handle).view.lock().unwrap_or_else(PoisonError::into_inner).clone();
            match Tray::build(&handle, view) {
                Ok(tray) => *place = Some(tray),
                Err(error) => {
                    tracing::info!(%error, "the tray refused the icon; trying again");
                    let again = handle.clone();
                    Shell::of(&handle).runtime.spawn(async move {
                        tokio::time::sleep(TRAY_RETRY).await;
                        tray_service(&again, true);
                    });
                    tray_state(&handle, false);
                    return;
                }
            }
        }
        tray_state(&handle, true);
    });
}

fn tray_state<R: Runtime>(app: &AppHandle<R>, there: bool) {
    let shell = Shell::of(app);
    let was = shell.tray_is_there.swap(there, Ordering::Relaxed);
    if was && !there {
        // Hidden behind a tray that is gone the panel could not be reached.
        windows::show_panel(app);
    }
    let app = app.clone();
    shell.runtime.spawn(async move {
        if let Some(backend) = Shell::of(&app).backend().await {
            backend.set_limit("limit_tray_absent", !there);
        }
    });
}

/// Goes offline, then ends. A second call changes nothing.
pub fn quit<R: Runtime>(app: &AppHandle<R>) {
    let shell = Shell::of(app);
    if shell.quitting.swap(true, Ordering::SeqCst) {
        return;
    }
    tracing::info!("going offline to quit");
    windows::hide_all(app);
    let app = app.clone();
    shell.runtime.spawn(async move {
        if let Some(backend) = Shell::of(&app).backend_now()
            && tokio::time::timeout(QUIT_LIMIT, backend.shut_down()).await.is_err()
        {
            tracing::warn!("the way offline took too long");
        }
        app.exit(0);
    });
}
