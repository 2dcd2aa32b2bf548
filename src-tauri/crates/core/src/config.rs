//! What the core is started with, and the start itself.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use tokio::sync::{broadcast, mpsc};
use tokio_util::sync::CancellationToken;
use trunkline_connector::ports::{LoginWindow, Secret, WallClock};
use trunkline_desk::Input;
use trunkline_log::Log;
use trunkline_model::{Notice, NoticeLevel};
use trunkline_net::{NetError, Network, NetworkConfig, SystemClock};
use trunkline_plugins::Frames;
use trunkline_store::{AccountRecord, Database, PluginRecord, SettingsStore};
use trunkline_vault::{Vault, VaultKind, VaultStatus};

use crate::Parts;
use crate::accounts::{Accounts, Surroundings};
use crate::audio::AudioDesk;
use crate::calls::{Calls, Port};
use crate::desk::SharedDesk;
use crate::events;
use crate::plugins::{self, Plugins};
use crate::settings::KeptSettings;

/// Connector events waiting for the desk; connectors wait when it is full.
const EVENT_QUEUE: usize = 1024;

/// Names a file of further certificate authorities (PEM): a company's own,
/// where the computer's trust store does not have it.
const CA_FILE: &str = "TRUNKLINE_CA_FILE";

/// Where secrets are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VaultChoice {
    /// The operating system's keyring.
    Keyring,
    /// This run's memory (demo mode and tests).
    Memory,
}

/// An account that is there without being in the settings file (demo mode, tests).
#[derive(Clone, Debug)]
pub struct PresetAccount {
    /// As the settings file would have it.
    pub record: AccountRecord,
    /// Secret fields.
    pub secrets: Vec<(String, Secret)>,
}

/// What the core is started with.
#[derive(Clone)]
pub struct CoreConfig {
    /// Folder of `settings.toml`. Created when absent.
    pub config_folder: PathBuf,
    /// Folder of history and ringtone files. Created when absent.
    pub data_folder: PathBuf,
    /// Where files of conversations are put. Created when absent.
    pub download_folder: PathBuf,
    /// The program's log, where it keeps one.
    pub log: Option<Log>,
    /// Machine policy file; absent: the system's place for it.
    pub policy_file: Option<PathBuf>,
    /// Where secrets are kept.
    pub vault: VaultChoice,
    /// Accounts beside those of the settings file.
    pub preset_accounts: Vec<PresetAccount>,
    /// The embedded simulators serve this run.
    pub demo: bool,
    /// Program version, for display.
    pub version: String,
    /// Opens login windows.
    pub login: Arc<dyn LoginWindow>,
    /// Shows plugins; absent: there are none.
    pub frames: Option<Arc<dyn Frames>>,
    /// The computer's language, where the agent has chosen no other: `en`, `ru`.
    pub system_language: String,
    /// Plugins of this run alone, by id.
    pub preset_plugins: BTreeMap<String, PluginRecord>,
}

/// The core cannot start.
#[derive(Debug, Error)]
pub enum CoreError {
    /// The settings or data folder cannot be used.
    #[error("the folder {folder} cannot be used: {cause}")]
    Folder {
        /// Which.
        folder: PathBuf,
        /// The system's words.
        cause: std::io::Error,
    },
    /// Settings cannot be opened at all.
    #[error("settings cannot be opened: {0}")]
    Settings(#[from] trunkline_store::StoreError),
    /// TLS or proxy configuration cannot be used.
    #[error("the network cannot be set up: {0}")]
    Network(#[from] trunkline_net::NetError),
    /// The built-in ringtone is missing from this build.
    #[error("no ringtone: {0}")]
    Sound(#[from] trunkline_audio::SoundError),
}

/// Brings everything up.
pub(crate) async fn start(config: CoreConfig) -> Result<Arc<Parts>, CoreError> {
    let ca_file = std::env::var_os(CA_FILE).filter(|value| !value.is_empty()).map(PathBuf::from);
    start_trusting(config, ca_file.as_deref()).await
}

async fn start_trusting(config: CoreConfig, ca_file: Option<&Path>) -> Result<Arc<Parts>, CoreError> {
    for folder in [&config.config_folder, &config.data_folder] {
        std::fs::create_dir_all(folder).map_err(|cause| CoreError::Folder { folder: folder.clone(), cause })?;
    }
    let clock: Arc<dyn WallClock> = Arc::new(SystemClock);
    let (effect_sender, effects) = mpsc::unbounded_channel();
    let (shell, _) = broadcast::channel(256);
    let desk = Arc::new(SharedDesk::new(effect_sender, shell.clone(), Arc::clone(&clock)));

    let (settings, problem) = SettingsStore::open(&config.config_folder, config.policy_file.as_deref())?;
    if let Some(problem) = problem {
        tracing::error!(%problem, "settings file set aside");
        warn(&desk, "settings-broken", "notice_settings_broken", problem.to_string());
    }
    let settings = Arc::new(KeptSettings::new(settings, Arc::clone(&desk)));
    if let Some(log) = &config.log {
        log.set_levels(crate::diagnostics::levels(&settings.get().log));
        // Whoever reads an export knows with this what wrote it.
        tracing::info!(
            version = config.version,
            system = std::env::consts::OS,
            on = std::env::consts::ARCH,
            "Trunkline begins"
        );
    }
    let database = Database::open(&config.data_folder.join("history.sqlite"))?;
    if let Some(kept) = database.set_aside() {
        warn(&desk, "history-set-aside", "notice_history_set_aside", kept.display().to_string());
    }
    if let Some(cause) = database.only_in_memory() {
        warn(&desk, "history-in-memory", "notice_history_in_memory", cause.to_owned());
    }
    let (network, problem) = network(ca_file)?;
    if let Some(problem) = problem {
        tracing::error!(%problem, "{CA_FILE} is not in force");
        desk.apply(Input::Limit { key: "limit_ca_file_unusable".to_owned(), present: true });
        warn(&desk, "ca-file", "notice_ca_file_unusable", problem.to_string());
    }
    let vault = Vault::open(match config.vault {
        VaultChoice::Keyring => VaultKind::Keyring,
        VaultChoice::Memory => VaultKind::Memory,
    });
    let audio = AudioDesk::start(Arc::clone(&desk), &settings.get().audio, config.data_folder.clone())?;
    let calls = Calls::new(Arc::clone(&desk), Arc::clone(&audio));
    audio.set_calls(&calls);

    let (events, from_connectors) = mpsc::channel(EVENT_QUEUE);
    let accounts = Accounts::new(Surroundings {
        desk: Arc::clone(&desk),
        network,
        vault: vault.clone(),
        media: Arc::new(Port(Arc::clone(&calls))),
        login: config.login,
        clock,
        events,
    });
    let plugin_storage = config.data_folder.join("plugins");
    let parts = Arc::new(Parts {
        desk,
        accounts,
        audio,
        calls,
        endpoints: crate::endpoints::EndpointNames::default(),
        settings,
        database,
        outbox: crate::outbox::Outbox::default(),
        downloads: crate::downloads::Downloads::default(),
        announced: crate::effects::Announced::default(),
        pop_failures: crate::pops::Failures::default(),
        event_pace: crate::events::Pace::default(),
        download_folder: config.download_folder,
        vault,
        shell,
        demo: config.demo,
        version: config.version,
        system_language: config.system_language,
        log: config.log,
        data_folder: config.data_folder,
        stop: CancellationToken::new(),
        plugins: Plugins::new(config.frames, plugin_storage, config.preset_plugins),
    });
    parts.desk.apply(Input::EventRules(parts.settings.get().events.rules));
    tokio::spawn(crate::effects::run(Arc::clone(&parts), effects));
    tokio::spawn(take_events(Arc::clone(&parts), from_connectors));
    tokio::spawn(tick(Arc::clone(&parts)));
    tokio::spawn(watch_vault(Arc::clone(&parts)));
    tokio::spawn(Arc::clone(&parts.settings).keep_saving(parts.stop.clone()));
    // Before the accounts: their first full picture decides what has no contact any more.
    crate::conversations::restore_notes(&parts).await;
    crate::conversations::restore_annotations(&parts).await;
    crate::outbox::restore(&parts).await;
    start_accounts(&parts, config.preset_accounts).await;
    plugins::start(&parts);
    Ok(parts)
}

/// The network, trusting the file's certificates too. A file that cannot be
/// used is left out, and why is told: a platform that does not need it must not
/// be out of reach because of it.
fn network(ca_file: Option<&Path>) -> Result<(Network, Option<NetError>), NetError> {
    let config = NetworkConfig { extra_ca_file: ca_file.map(Path::to_path_buf), ..NetworkConfig::default() };
    match Network::new(config) {
        Ok(network) => Ok((network, None)),
        Err(problem) if problem.is_configuration() => Ok((Network::new(NetworkConfig::default())?, Some(problem))),
        Err(error) => Err(error),
    }
}

/// Something about this computer that impairs, but does not stop, work.
fn warn(desk: &SharedDesk, id: &str, message_key: &str, detail: String) {
    desk.apply(Input::Notice(Notice {
        id: id.to_owned(),
        level: NoticeLevel::Warning,
        message_key: message_key.to_owned(),
        params: [("detail".to_owned(), detail)].into(),
        account: None,
        contact: None,
        action: None,
        at: desk.now(),
    }));
}

async fn start_accounts(parts: &Arc<Parts>, presets: Vec<PresetAccount>) {
    let mut records = Vec::new();
    for preset in presets {
        let vault = parts.vault.account(&preset.record.id);
        for (name, secret) in preset.secrets {
            if let Err(error) = vault.set(&name, secret).await {
                tracing::warn!(%error, "secret of a preset account lives for this run only");
            }
        }
        records.push(preset.record);
    }
    records.extend(parts.settings.get().accounts);
    for (order, record) in records.into_iter().enumerate() {
        parts.accounts.start(record, u32::try_from(order).unwrap_or(u32::MAX)).await;
    }
}

async fn take_events(parts: Arc<Parts>, mut envelopes: mpsc::Receiver<trunkline_connector::Envelope>) {
    let keeping = events::keep(parts.database.clone());
    while let Some(event) = envelopes.recv().await {
        // Kept before it is shown: while the disk is behind, the platform has to wait.
        if let trunkline_connector::Event::PlatformEvent(told) = &event.event
            && parts.desk.look(|desk| desk.account(&event.account).is_some())
        {
            let _ = keeping.send(events::row(&event.account, told, parts.desk.now())).await;
        }
        parts.desk.apply(Input::Connector(event));
    }
}

/// The desk's clock, only while something waits for time to pass.
async fn tick(parts: Arc<Parts>) {
    let mut interval = tokio::time::interval(Duration::from_secs(1));
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            () = parts.stop.cancelled() => return,
            _ = interval.tick() => {}
        }
        if parts.desk.wants_ticks() {
            parts.desk.apply(Input::Tick);
        }
    }
}

/// Tells the agent when secrets cannot be kept, and when they can again.
async fn watch_vault(parts: Arc<Parts>) {
    let mut status = parts.vault.watch();
    loop {
        let now = *status.borrow_and_update();
        for (key, lacking) in [
            ("limit_keyring_absent", now == VaultStatus::NoService),
            ("limit_keyring_locked", now == VaultStatus::Locked),
            ("limit_keyring_failed", now == VaultStatus::Failed),
        ] {
            parts.desk.apply(Input::Limit { key: key.to_owned(), present: lacking });
        }
        tokio::select! {
            () = parts.stop.cancelled() => return,
            changed = status.changed() => if changed.is_err() { return },
        }
    }
}

#[cfg(test)]
impl CoreConfig {
    /// Everything in one folder; secrets in memory.
    pub(crate) fn in_folder(folder: &Path) -> Self {
        Self {
            config_folder: folder.join("config"),
            data_folder: folder.join("data"),
            download_folder: folder.join("downloads"),
            log: None,
            policy_file: Some(folder.join("no-policy.toml")),
            vault: VaultChoice::Memory,
            preset_accounts: Vec::new(),
            demo: false,
            version: "0".to_owned(),
            login: Arc::new(trunkline_testkit::FakeLogin::new()),
            frames: None,
            system_language: "en".to_owned(),
            preset_plugins: BTreeMap::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    /// Notices and limits about the file, after a start with it.
    async fn told(ca_file: &Path) -> (Vec<String>, bool) {
        let folder = tempfile::tempdir().unwrap();
        let config = CoreConfig::in_folder(folder.path());
        let parts = start_trusting(config, Some(ca_file)).await.expect("the program starts all the same");
        let desk = parts.desk.snapshot();
        parts.stop.cancel();
        let notices = desk.notices.into_iter().filter(|notice| notice.message_key == "notice_ca_file_unusable");
        let details = notices.map(|notice| notice.params["detail"].clone()).collect();
        (details, desk.limits.contains("limit_ca_file_unusable"))
    }

    #[tokio::test]
    async fn a_certificate_file_that_cannot_be_used_is_told_with_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("company.pem");
        let shown = file.display().to_string();
        for (what, content) in [("missing", None), ("empty", Some("")), ("something else", Some("no certificate"))] {
            if let Some(content) = content {
                std::fs::write(&file, content).unwrap();
            }
            let (details, limited) = told(&file).await;
            assert!(limited, "{what}: listed among what this computer lacks");
            assert_eq!(details.len(), 1, "{what}: told once: {details:?}");
            assert!(details[0].contains(&shown), "{what}: the file is named: {details:?}");
        }
    }

    #[tokio::test]
    async fn a_usable_certificate_file_is_taken_without_a_word() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("company.pem");
        let key = rcgen::generate_simple_self_signed(["company.example".to_owned()]).unwrap();
        std::fs::write(&file, key.cert.pem()).unwrap();
        assert_eq!(told(&file).await, (Vec::new(), false));
        let (_, problem) = network(Some(&file)).unwrap();
        assert!(problem.is_none(), "it is in force: {problem:?}");
    }
}
