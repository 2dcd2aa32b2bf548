//! Carries the desk's effects out.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{broadcast, mpsc};
use tokio::time::Instant;
use trunkline_desk::{ContactView, Effect, EventKey, HistoryEntry, Offer, TrayState};
use trunkline_model::{Author, Channel, ContactKey, MessageBody, Party, PlatformEvent, SoundKind};
use trunkline_rpc::schema::PanelSettings;
use trunkline_store::{HistoryRow, Note};

use crate::pops::SubjectKey;
use crate::{Parts, events, outbox, pops};

/// What the shell shows outside the panel window.
#[derive(Clone, Debug, PartialEq)]
pub enum ShellEvent {
    /// Show an offer, or refresh it: notification, incoming window, tray.
    ShowOffer(Box<Offer>),
    /// Take it away again, at once.
    WithdrawOffer(ContactKey),
    /// Somebody wrote, and the agent has not looked: a notification.
    MessageArrived(Arrived),
    /// Redraw the tray.
    Tray {
        /// Icon.
        state: TrayState,
        /// Mute of the live call; `None` without one.
        live_muted: Option<bool>,
        /// Account and agent state names, in order.
        agents: Vec<(String, String)>,
        /// The contact that the agent works on, and who that is.
        contact: Option<(ContactKey, Party)>,
    },
    /// A platform told an event that a rule wants told: a notification.
    EventArrived {
        /// Which.
        key: EventKey,
        /// Text from outside.
        event: Box<PlatformEvent>,
        /// Name of the account.
        account_name: String,
        /// Events before it that were not told for lack of time.
        more: u32,
    },
    /// A place in the panel is asked for: its window is to come to the front.
    GoTo(String),
    /// The agent pressed an address: the system's browser. `http` or `https`.
    OpenLink(url::Url),
    /// A page for a contact or an event: the system's browser. Where none can be started,
    /// tell [`crate::Core::page_not_opened`].
    OpenPage {
        /// `https`, or `http` where the settings allow it.
        address: url::Url,
        /// What for.
        subject: SubjectKey,
        /// `ScreenPop::identity`.
        page: String,
    },
    /// The agent asked for a folder: the system's file manager.
    OpenFolder(std::path::PathBuf),
    /// The agent changed the panel's settings.
    PanelSettings(PanelSettings),
}

/// A message that the agent has not seen.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrived {
    /// In which contact.
    pub contact: ContactKey,
    /// Who: text from outside.
    pub author: Author,
    /// What: text from outside.
    pub body: Box<MessageBody>,
    /// Unread ones of this contact, this one included.
    pub unread: u32,
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
        Effect::StartRinging { contact, quiet } => {
            let kind = parts.desk.look(|desk| desk.contact(&contact).map(|view| SoundKind::of(&view.contact.channel)));
            parts.audio.start_ringing(&contact, kind.unwrap_or(SoundKind::Voice), quiet);
        }
        Effect::StopRinging { contact } => parts.audio.stop_ringing(&contact),
        Effect::PlayCue { contact } => play_cue(parts, contact, SoundKind::AutoAccept, false),
        Effect::ShowOffer(offer) => {
            let is_spoken_here = |view: &ContactView| view.contact.softphone && view.contact.channel == Channel::Voice;
            if parts.desk.look(|desk| desk.contact(&offer.key).is_some_and(is_spoken_here)) {
                parts.audio.call_rings(&offer.key);
            }
            tell(&parts.shell, ShellEvent::ShowOffer(offer));
        }
        Effect::WithdrawOffer { contact } => {
            // Taken, its devices open next: until then the microphone is not let go.
            let is_taken = |view: &ContactView| view.accepted_at.is_some() && !view.contact.state.is_finished();
            if !parts.desk.look(|desk| desk.contact(&contact).is_some_and(is_taken)) {
                parts.audio.call_rings_no_more(&contact);
            }
            tell(&parts.shell, ShellEvent::WithdrawOffer(contact));
        }
        Effect::OpenDevices { contact } => parts.calls.open_devices(&contact),
        Effect::ReleaseMedia { contact } => parts.calls.release(&contact),
        Effect::MessageArrived { contact, author, body, unread } => {
            announce_message(parts, Arrived { contact, author, body, unread });
        }
        Effect::KeepNotes { contact, read, draft } => parts.database.keep_note(Note { contact, draft, read }),
        Effect::KeepAnnotations { contact, annotations } => {
            // Maps of text: they cannot fail to be JSON.
            let document = (!annotations.is_empty()).then(|| serde_json::to_value(&annotations).unwrap_or_default());
            parts.database.keep_annotations(contact, document);
        }
        Effect::ForgetConversation { contact } => {
            outbox::forget(parts, &contact);
            parts.database.forget_conversation(contact);
        }
        Effect::EventArrived { account, event, rule } => events::arrived(parts, account, *event, rule),
        Effect::Reached { view, step } => pops::reached(parts, *view, step),
        Effect::WriteHistory(entry) => write_history(parts, *entry),
        Effect::ForgetAccount(account) => {
            parts.database.forget_conversations_of(account.clone());
            parts.database.forget_pops_of(account.clone());
            parts.database.forget_events_of(account.clone());
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
pub(crate) fn play_cue(parts: &Arc<Parts>, contact: ContactKey, kind: SoundKind, quiet: bool) {
    parts.audio.start_ringing(&contact, kind, quiet);
    let parts = Arc::clone(parts);
    tokio::spawn(async move {
        tokio::time::sleep(CUE).await;
        parts.audio.stop_ringing(&contact);
    });
}

/// A window that shows the conversation says so within this time.
const LOOKED_AT: std::time::Duration = std::time::Duration::from_millis(600);

/// One customer who writes line after line is announced this often at most.
const ANNOUNCED_EVERY: std::time::Duration = std::time::Duration::from_secs(10);

/// When each conversation was announced last.
#[derive(Default)]
pub(crate) struct Announced(Mutex<BTreeMap<ContactKey, Instant>>);

impl Announced {
    /// True, and noted, when the last time is long enough ago.
    fn may_speak(&self, contact: &ContactKey) -> bool {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        last.retain(|_, at| now.duration_since(*at) < ANNOUNCED_EVERY);
        let free = !last.contains_key(contact);
        if free {
            last.insert(contact.clone(), now);
        }
        free
    }
}

/// A sound and a notification, unless the agent is looking at it anyway.
fn announce_message(parts: &Arc<Parts>, arrived: Arrived) {
    let parts = Arc::clone(parts);
    tokio::spawn(async move {
        tokio::time::sleep(LOOKED_AT).await;
        let unread = parts.desk.look(|desk| desk.conversation(&arrived.contact).map(|view| view.unread));
        let Some(unread @ 1..) = unread else { return };
        if !parts.announced.may_speak(&arrived.contact) {
            return;
        }
        play_cue(&parts, arrived.contact.clone(), SoundKind::Chat, true);
        tell(&parts.shell, ShellEvent::MessageArrived(Arrived { unread, ..arrived }));
    });
}

/// Without a shell (tests, bridge) nobody listens.
pub(crate) fn tell(shell: &broadcast::Sender<ShellEvent>, event: ShellEvent) {
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
    let database = parts.database.clone();
    tokio::spawn(async move {
        if let Err(error) = database.record(row).await {
            tracing::warn!(%error, "history could not be written");
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn line_after_line_is_announced_once_in_ten_seconds() {
        let announced = Announced::default();
        let key = |contact: &str| ContactKey::new("a".into(), contact.into());
        assert!(announced.may_speak(&key("one")), "the first line is announced");
        assert!(!announced.may_speak(&key("one")), "the next one right after it is not");
        assert!(announced.may_speak(&key("two")), "another customer's is");
        tokio::time::advance(ANNOUNCED_EVERY).await;
        assert!(announced.may_speak(&key("one")), "after a while it is again");
    }
}
