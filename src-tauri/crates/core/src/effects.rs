//! Carries the desk's effects out.

use std::sync::Arc;

use tokio::sync::{broadcast, mpsc};
use trunkline_desk::{Effect, HistoryEntry, Offer, TrayState};
use trunkline_model::ContactKey;
use trunkline_rpc::schema::PanelSettings;
use trunkline_store::HistoryRow;

use crate::Parts;

/// What the shell shows outside the panel window.
#[derive(Clone, Debug, PartialEq)]
pub enum ShellEvent {
    /// Show an offer, or refresh it: notification, incoming window, tray.
    ShowOffer(Box<Offer>),
    /// Take it away again, at once.
    WithdrawOffer(ContactKey),
    /// Redraw the tray.
    Tray {
        /// Icon.
        state: TrayState,
        /// Mute of the live call; `None` without one.
        live_muted: Option<bool>,
        /// Account and agent state names, in order.
        agents: Vec<(String, String)>,
    },
    /// The agent changed the panel's settings.
    PanelSettings(PanelSettings),
}

/// Runs until the core stops. Effects only start things: none is waited for.
pub(crate) async fn run(parts: Arc<Parts>, mut effects: mpsc::UnboundedReceiver<Effect>) {
    loop {
        let effect = tokio::select! {
            () = parts.stop.cancelled() => return,
            effect = effects.recv() => effect,
        };
        let Some(effect) = effect else { return };
        carry_out(&parts, effect);
    }
}

fn carry_out(parts: &Arc<Parts>, effect: Effect) {
    match effect {
        Effect::StartRinging { contact, quiet } => parts.audio.start_ringing(&contact, quiet),
        Effect::StopRinging { contact } => parts.audio.stop_ringing(&contact),
        Effect::PlayCue { contact } => play_cue(parts, contact),
        Effect::ShowOffer(offer) => tell(&parts.shell, ShellEvent::ShowOffer(offer)),
        Effect::WithdrawOffer { contact } => tell(&parts.shell, ShellEvent::WithdrawOffer(contact)),
        Effect::OpenDevices { contact } => parts.calls.open_devices(&contact),
        Effect::ReleaseMedia { contact } => parts.calls.release(&contact),
        Effect::WriteHistory(entry) => write_history(parts, *entry),
        Effect::ForgetAccount(account) => {
            let vault = parts.vault.clone();
            tokio::spawn(async move {
                if let Err(error) = vault.forget(&account).await {
                    tracing::warn!(%account, %error, "secrets of a removed account could not be deleted");
                }
            });
        }
    }
}

/// Long enough to be noticed, over before the customer speaks.
const CUE: std::time::Duration = std::time::Duration::from_millis(700);

/// A call that the platform accepts by itself knocks once, softly.
fn play_cue(parts: &Arc<Parts>, contact: ContactKey) {
    parts.audio.start_ringing(&contact, true);
    let parts = Arc::clone(parts);
    tokio::spawn(async move {
        tokio::time::sleep(CUE).await;
        parts.audio.stop_ringing(&contact);
    });
}

/// Without a shell (tests, bridge) nobody listens.
fn tell(shell: &broadcast::Sender<ShellEvent>, event: ShellEvent) {
    let _ = shell.send(event);
}

fn write_history(parts: &Arc<Parts>, entry: HistoryEntry) {
    let document = match serde_json::to_value(&entry) {
        Ok(document) => document,
        Err(error) => {
            tracing::error!(%error, "history entry cannot be serialised");
            return;
        }
    };
    let row = HistoryRow {
        account: entry.key.account.clone(),
        contact: entry.key.contact.clone(),
        ended_at: entry.ended_at,
        outcome: entry
            .outcome
            .and_then(|outcome| serde_json::to_value(outcome).ok().and_then(|value| value.as_str().map(str::to_owned))),
        document,
    };
    let history = parts.history.clone();
    tokio::spawn(async move {
        if let Err(error) = history.record(row).await {
            tracing::warn!(%error, "history could not be written");
        }
    });
}
