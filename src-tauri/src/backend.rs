//! What the shell needs of the core, so that the shell's windows can be driven
//! in a test without audio, keyring and network.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::{broadcast, watch};
use trunkline_core::{Core, PushStream, ShellEvent, SubjectKey};
use trunkline_desk::{EventKey, Offer};
use trunkline_model::ContactKey;
use trunkline_rpc::schema::{PanelSettings, PanelView};
use trunkline_rpc::{Push, Router, RpcError};

/// One window's stream of pushes.
#[async_trait]
pub trait Pushes: Send {
    /// Next push; `None` when the core has ended. Cancel-safe.
    async fn next(&mut self) -> Option<Push>;
}

/// The core as the shell sees it.
#[async_trait]
pub trait Backend: Send + Sync + 'static {
    /// Carries commands of a window out.
    fn router(&self) -> Router;
    /// A snapshot first, then everything after it.
    fn subscribe(&self) -> Box<dyn Pushes>;
    /// What to show outside the panel.
    fn shell_events(&self) -> broadcast::Receiver<ShellEvent>;
    /// Offers that ring now.
    fn offers(&self) -> Vec<Offer>;
    /// The tray as it should be.
    fn tray(&self) -> ShellEvent;
    /// Takes an offer.
    async fn accept(&self, contact: &ContactKey) -> Result<(), RpcError>;
    /// Declines an offer.
    async fn reject(&self, contact: &ContactKey) -> Result<(), RpcError>;
    /// Mutes the live call, or un-mutes it.
    fn toggle_mute(&self);
    /// Asks every window to go to a place.
    fn show(&self, place: &str);
    /// Shows a contact in every window; gives its place.
    fn show_contact(&self, contact: &ContactKey) -> Result<String, RpcError>;
    /// Shows an event in every window; gives its place.
    fn show_event(&self, event: &EventKey) -> Result<String, RpcError>;
    /// Opens a view in every window; gives its place.
    fn show_view(&self, view: PanelView, number: Option<&str>) -> Result<String, RpcError>;
    /// The agent's settings of the panel.
    fn panel_settings(&self) -> PanelSettings;
    /// Something this computer lacks (`limit_...`), or has again.
    fn set_limit(&self, key: &str, lacking: bool);
    /// No browser could be started for a page that was to open.
    fn page_not_opened(&self, subject: &SubjectKey, page: &str);
    /// Puts every agent offline and ends all sessions.
    async fn shut_down(&self);
}

/// The backend once the core is up: windows may exist earlier and wait for it.
pub type Starting = watch::Receiver<Option<Arc<dyn Backend>>>;

#[async_trait]
impl Pushes for PushStream {
    async fn next(&mut self) -> Option<Push> {
        PushStream::next(self).await
    }
}

#[async_trait]
impl Backend for Core {
    fn router(&self) -> Router {
        Core::router(self)
    }
    fn subscribe(&self) -> Box<dyn Pushes> {
        Box::new(Core::subscribe(self))
    }
    fn shell_events(&self) -> broadcast::Receiver<ShellEvent> {
        Core::shell_events(self)
    }
    fn offers(&self) -> Vec<Offer> {
        Core::offers(self)
    }
    fn tray(&self) -> ShellEvent {
        Core::tray(self)
    }
    async fn accept(&self, contact: &ContactKey) -> Result<(), RpcError> {
        Core::accept(self, contact).await
    }
    async fn reject(&self, contact: &ContactKey) -> Result<(), RpcError> {
        Core::reject(self, contact).await
    }
    fn toggle_mute(&self) {
        Core::toggle_mute(self);
    }
    fn show(&self, place: &str) {
        Core::show(self, place);
    }
    fn show_contact(&self, contact: &ContactKey) -> Result<String, RpcError> {
        Core::show_contact(self, contact)
    }
    fn show_event(&self, event: &EventKey) -> Result<String, RpcError> {
        Core::show_event(self, event)
    }
    fn show_view(&self, view: PanelView, number: Option<&str>) -> Result<String, RpcError> {
        Core::show_view(self, view, number)
    }
    fn panel_settings(&self) -> PanelSettings {
        Core::panel_settings(self)
    }
    fn set_limit(&self, key: &str, lacking: bool) {
        Core::set_limit(self, key, lacking);
    }
    fn page_not_opened(&self, subject: &SubjectKey, page: &str) {
        Core::page_not_opened(self, subject, page);
    }
    async fn shut_down(&self) {
        Core::shut_down(self).await;
    }
}
