//! The whole panel without a window: accounts, desk, audio, media, vault and
//! store at work together.
//!
//! [`Core::start`] brings it up; the shell (or the bridge, or a test) talks to
//! it through [`Core::router`], [`Core::subscribe`] and
//! [`Core::shell_events`]. Nothing here waits on a window, so a contact rings
//! and can be taken with the window frozen, hidden or gone.

mod account_form;
mod accounts;
mod audio;
mod calls;
mod cards;
mod changes;
mod config;
mod conversations;
mod desk;
mod diagnostics;
mod downloads;
mod early;
mod effects;
mod endpoints;
mod event_rules;
mod events;
mod finished;
mod handler;
mod links;
mod outbox;
mod places;
mod plugins;
mod pops;
mod programs;
mod push;
mod rpc_error;
mod settings;
mod signing;
mod tasks;
mod teams;
mod wrap_up;

use std::sync::Arc;

use tokio::sync::broadcast;
use trunkline_desk::{CommandKind, DeskSnapshot, EventKey};
use trunkline_model::ContactKey;
use trunkline_rpc::schema::{PanelSettings, PanelView};
use trunkline_rpc::{Push, Router, RpcError};

pub use accounts::registry;
pub use config::{CoreConfig, CoreError, PresetAccount, VaultChoice};
pub use effects::{Arrived, ShellEvent};
pub use pops::SubjectKey;
pub use push::PushStream;

/// For deleting secrets on quitting; a keyring that asks the user is not waited for.
const FORGETTING: std::time::Duration = std::time::Duration::from_millis(500);

/// Handle on the running core. Clones share it.
#[derive(Clone)]
pub struct Core {
    parts: Arc<Parts>,
}

/// Everything, wired together once at start.
pub(crate) struct Parts {
    pub(crate) desk: Arc<desk::SharedDesk>,
    pub(crate) accounts: accounts::Accounts,
    pub(crate) audio: Arc<audio::AudioDesk>,
    pub(crate) calls: Arc<calls::Calls>,
    pub(crate) endpoints: endpoints::EndpointNames,
    pub(crate) settings: Arc<settings::KeptSettings>,
    pub(crate) database: trunkline_store::Database,
    pub(crate) outbox: outbox::Outbox,
    pub(crate) downloads: downloads::Downloads,
    pub(crate) announced: effects::Announced,
    pub(crate) pop_failures: pops::Failures,
    pub(crate) event_pace: events::Pace,
    pub(crate) download_folder: std::path::PathBuf,
    pub(crate) vault: trunkline_vault::Vault,
    pub(crate) shell: broadcast::Sender<ShellEvent>,
    pub(crate) demo: bool,
    pub(crate) version: String,
    pub(crate) system_language: String,
    pub(crate) log: Option<trunkline_log::Log>,
    pub(crate) data_folder: std::path::PathBuf,
    pub(crate) stop: tokio_util::sync::CancellationToken,
    pub(crate) plugins: plugins::Plugins,
}

impl Core {
    /// Opens settings, vault and audio, and starts every account. Missing
    /// audio, keyring or a broken settings file is a limit shown to the agent,
    /// not an error; only an unusable configuration folder is. The environment
    /// variable `TRUNKLINE_CA_FILE` may name a PEM file with certificate
    /// authorities to trust beside the computer's own.
    pub async fn start(config: CoreConfig) -> Result<Self, CoreError> {
        config::start(config).await.map(|parts| Self { parts })
    }

    /// Carries commands of a window out.
    pub fn router(&self) -> Router {
        Router::new(Arc::new(handler::PanelHandler::new(Arc::clone(&self.parts))))
    }

    /// Pushes for one window: a snapshot first, with offers and plugins, then everything after it.
    pub fn subscribe(&self) -> PushStream {
        PushStream::new(Arc::clone(&self.parts))
    }

    /// What the shell has to show outside the window. A receiver that lags
    /// misses nothing of substance: every offer and the tray state are in
    /// [`Core::snapshot`] too.
    pub fn shell_events(&self) -> broadcast::Receiver<ShellEvent> {
        self.parts.shell.subscribe()
    }

    /// The desk as it is.
    pub fn snapshot(&self) -> DeskSnapshot {
        self.parts.desk.snapshot()
    }

    /// Offers that ring now.
    pub fn offers(&self) -> Vec<trunkline_desk::Offer> {
        self.parts.desk.offers()
    }

    /// Tray state as it is.
    pub fn tray(&self) -> ShellEvent {
        self.parts.desk.tray_event()
    }

    /// Takes an offer. Pressing twice, or in two places, is one accept.
    pub async fn accept(&self, contact: &ContactKey) -> Result<(), RpcError> {
        handler::on_contact(&self.parts, contact, CommandKind::Accept).await
    }

    /// Declines an offer.
    pub async fn reject(&self, contact: &ContactKey) -> Result<(), RpcError> {
        handler::on_contact(&self.parts, contact, CommandKind::Reject).await
    }

    /// Mutes the live call, or un-mutes it when it is muted: the agent's own act.
    pub fn toggle_mute(&self) {
        self.parts.calls.toggle_mute();
    }

    /// The agent's settings of the panel.
    pub fn panel_settings(&self) -> PanelSettings {
        handler::panel_settings(&self.parts)
    }

    /// Tells the agent about something this computer lacks (`limit_...`), or has again.
    pub fn set_limit(&self, key: &str, lacking: bool) {
        self.parts.desk.apply(trunkline_desk::Input::Limit { key: key.to_owned(), present: lacking });
    }

    /// A page that was to open did not: no browser could be started.
    pub fn page_not_opened(&self, subject: &SubjectKey, page: &str) {
        pops::could_not_open(&self.parts, subject, page);
    }

    /// Asks every window to go to a place in the panel.
    pub fn show(&self, place: &str) {
        self.parts.desk.push(Push::Show(place.to_owned()));
    }

    /// Shows a contact in every window; gives its place, for one that opens later.
    pub fn show_contact(&self, contact: &ContactKey) -> Result<String, RpcError> {
        places::show_contact(&self.parts, contact)
    }

    /// Shows an event in every window; gives its place, for one that opens later.
    pub fn show_event(&self, event: &EventKey) -> Result<String, RpcError> {
        places::show_event(&self.parts, event)
    }

    /// Opens a view in every window; gives its place, for one that opens later.
    /// `number`: for the number pad, typed or as a `tel:` or `callto:` link.
    /// Nothing is called by it.
    pub fn show_view(&self, view: PanelView, number: Option<&str>) -> Result<String, RpcError> {
        places::show_view(&self.parts, view, number)
    }

    /// Puts every agent offline and ends all sessions, within three seconds.
    pub async fn shut_down(&self) {
        self.parts.accounts.go_offline().await;
        self.parts.stop.cancel();
        self.parts.accounts.stop_all().await;
        self.parts.calls.close_all().await;
        self.leave_nothing_unknown().await;
    }

    /// What could not be written is tried a last time. Of an account that the
    /// next run will not know, no secret is left: nobody could ever remove it.
    async fn leave_nothing_unknown(&self) {
        self.parts.settings.save();
        let forget = self.parts.settings.accounts_of_this_run().into_iter().map(|account| async move {
            if let Err(error) = self.parts.vault.forget(&account).await {
                tracing::warn!(%account, %error, "secrets of an account of this run could not be deleted");
            }
        });
        if tokio::time::timeout(FORGETTING, futures_util::future::join_all(forget)).await.is_err() {
            tracing::warn!("the keyring did not answer in time: secrets may be left in it");
        }
    }
}
