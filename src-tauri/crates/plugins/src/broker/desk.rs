//! The desk as plugins see it: what is kept of it, and what is told of its changes.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use trunkline_desk::{Change, ContactView, DeskPatch, DeskSnapshot};
use trunkline_model::{Channel, ContactKey, ContactState, UnixMillis};
use trunkline_rpc::Push;
use trunkline_rpc::schema::{PluginLogLevel, PluginPermission};

use super::{Broker, Order};

impl Broker {
    /// What happened on the desk.
    pub fn desk(&mut self, push: &Push, now: UnixMillis) -> Vec<Order> {
        self.now = now;
        let mut told = Vec::new();
        match push {
            Push::Snapshot(snapshot) => {
                // Fallen behind, or at the start: what is on the desk by now is not news.
                let at_start = self.desk.revision == 0;
                self.desk = lean(snapshot);
                let keys = snapshot.events.iter().map(|view| (view.account.clone(), view.event.id.clone()));
                self.known = keys.collect();
                if at_start {
                    self.watch.join(&self.desk);
                }
            }
            Push::Patch(patch) => {
                told = self.platform_events(patch);
                let changes: Vec<Change> = patch.changes.iter().filter(|change| is_kept(change)).cloned().collect();
                if changes.is_empty() && told.is_empty() {
                    self.desk.revision = patch.to;
                    return Vec::new();
                }
                let lean = DeskPatch { from: self.desk.revision, to: patch.to, changes };
                if self.desk.apply(&lean).is_err() {
                    return Vec::new();
                }
            }
            Push::Levels(_) | Push::Offers(_) | Push::Show(_) | Push::Plugins(_) | Push::Popup(_) => {
                return Vec::new();
            }
        }
        let mut orders = self.drop_asks_without_contact();
        let events = self.watch.look(&self.desk);
        orders.extend(self.broadcast(PluginPermission::Contacts, &events));
        orders.extend(self.broadcast(PluginPermission::PlatformEvents, &told));
        orders.extend(self.tell_streams());
        orders
    }

    /// New events of the platforms' own, as pages are told of them: an event of
    /// ours beside the SDK's.
    fn platform_events(&mut self, patch: &DeskPatch) -> Vec<(&'static str, Value)> {
        let mut told = Vec::new();
        for change in &patch.changes {
            match change {
                // One that the agent has seen by now comes again.
                Change::Event(view) if self.known.insert((view.account.clone(), view.event.id.clone())) => {
                    let event = &view.event;
                    let fields: BTreeMap<&str, &str> =
                        event.fields.iter().map(|field| (field.name.as_str(), field.value.as_str())).collect();
                    let payload = json!({
                        "account": view.account, "id": event.id, "type": event.kind, "campaign": event.campaign,
                        "channel": event.channel, "fields": fields, "arrivedAt": view.arrived,
                    });
                    told.push(("platform_event", payload));
                }
                Change::EventGone(key) => {
                    self.known.remove(&(key.account.clone(), key.event.clone()));
                }
                _ => {}
            }
        }
        told
    }

    fn broadcast(&mut self, right: PluginPermission, events: &[(&'static str, Value)]) -> Vec<Order> {
        let mut orders = Vec::new();
        for entry in self.plugins.values_mut().filter(|entry| entry.is_loaded() && entry.plugin.may(right)) {
            for (name, payload) in events {
                entry.log.write(self.now, PluginLogLevel::Info, format!("told: {name}"));
                orders.push(entry.post(&entry.style.event(name, payload)));
            }
        }
        orders
    }

    /// The contact that messages are about which name none: the call at hand,
    /// then one that rings, then one after which there is work, then the last
    /// that came of any other medium.
    pub(super) fn current(&self) -> Option<&ContactView> {
        let rank = |view: &ContactView| {
            let call = view.contact.channel == Channel::Voice;
            match view.contact.state {
                ContactState::Connecting | ContactState::Connected | ContactState::Paused if call => Some(6),
                ContactState::Offered if call => Some(5),
                ContactState::Ended if call => Some(4),
                ContactState::Connecting | ContactState::Connected | ContactState::Paused => Some(3),
                ContactState::Offered => Some(2),
                ContactState::Ended => Some(1),
                ContactState::Init
                | ContactState::Missed
                | ContactState::Rejected
                | ContactState::Failed
                | ContactState::Unknown(_) => None,
            }
        };
        self.desk
            .contacts
            .iter()
            .filter_map(|view| rank(view).map(|rank| (rank, view)))
            .max_by_key(|(rank, _)| *rank)
            .map(|(_, view)| view)
    }

    pub(super) fn contact(&self, key: &ContactKey) -> Option<&ContactView> {
        self.desk.contacts.iter().find(|view| view.key == *key)
    }
}

/// What the broker keeps of the desk: no words of conversations, no meters.
fn lean(snapshot: &DeskSnapshot) -> DeskSnapshot {
    DeskSnapshot {
        revision: snapshot.revision,
        accounts: snapshot.accounts.clone(),
        contacts: snapshot.contacts.clone(),
        conversations: Vec::new(),
        messages: Vec::new(),
        events: Vec::new(),
        rosters: Vec::new(),
        audio: snapshot.audio.clone(),
        notices: Vec::new(),
        limits: snapshot.limits.clone(),
    }
}

/// Whether the broker wants to hear of a change: most of what happens are
/// words, meters and the like.
pub fn concerns(change: &Change) -> bool {
    is_kept(change) || matches!(change, Change::Event(_) | Change::EventGone(_))
}

fn is_kept(change: &Change) -> bool {
    matches!(
        change,
        Change::Account(_) | Change::AccountGone(_) | Change::Contact(_) | Change::ContactGone(_) | Change::Audio(_)
    )
}
