//! Deeds on their way, and questions for the agent: what comes after each.

use serde::{Deserialize as _, Serialize};
use serde_json::{Map, Value};
use trunkline_model::{ContactKey, PluginId, UnixMillis};
use trunkline_rpc::schema::{AddParty, EndpointPage, ListEndpoints, PartyTarget, PluginAsk, TransferContact};

use super::acts::failed;
use super::{ASKED_FOR, Broker, Deed, MOST_ASKS, Order, Outcome};
use crate::smartagent::{Envelope, Refusal, RefusalCode};
use crate::streams;

/// Pages of the directory that are looked through for an entry.
const MOST_PAGES: u32 = 50;

/// Whom a contact is to go to.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Sought {
    /// Known.
    Party(PartyTarget),
    /// An entry of the directory, by its shown name.
    Named(String),
    /// One by its id or the platform's name for it, or else by its shown name.
    Entry {
        /// Ids.
        ids: Vec<String>,
        /// Shown name.
        name: String,
    },
}

/// What comes next.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Plan {
    /// The page is answered.
    Answer,
    /// This is done.
    Do { command: &'static str, request: Value },
    /// Somebody is called, or gets the contact.
    HandOver {
        contact: ContactKey,
        /// A party is added; otherwise the whole contact goes.
        adds: bool,
        sought: Sought,
        note: String,
        /// Pages of the directory that were looked through, and where the next one begins.
        after: Option<(u32, Option<String>)>,
    },
}

/// What is to be answered.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Message {
    /// A message of the SmartAgent SDK's.
    Sdk(Envelope),
    /// A call of a page that was written for Streams.
    Streams { id: String, method: String, params: Map<String, Value> },
}

/// A message whose answer waits for something.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Waiting {
    pub(super) plugin: PluginId,
    pub(super) message: Message,
    pub(super) plan: Plan,
}

impl Broker {
    pub(super) fn deed(&mut self, command: &'static str, request: &impl Serialize, waiting: Waiting) -> Vec<Order> {
        let Ok(request) = serde_json::to_value(request) else {
            return self.refuse(&waiting, failed("The request cannot be written."));
        };
        self.next += 1;
        let id = self.next;
        self.deeds.insert(id, waiting);
        vec![Order::Do(Deed { id, command, request })]
    }

    /// A deed was carried out, or not.
    pub fn settled(&mut self, deed: u64, outcome: Outcome, now: UnixMillis) -> Vec<Order> {
        self.now = now;
        // The plugin has gone meanwhile: nobody to tell.
        let Some(waiting) = self.deeds.remove(&deed) else { return Vec::new() };
        let outcome = match (outcome, &waiting.plan) {
            (Ok(page), Plan::HandOver { after: Some(_), .. }) => return self.look_through(waiting, &page),
            (outcome, _) => outcome,
        };
        match &waiting.message {
            Message::Streams { id, method, params } => {
                let answer = match &outcome {
                    Ok(result) => streams::answer(method, params, &self.desk, result),
                    Err(error) => Err(streams::Refusal::from(error)),
                };
                self.reply_to_streams(&waiting.plugin, id, method, &answer)
            }
            Message::Sdk(envelope) => {
                let answer = outcome.map(|_| Value::Null).map_err(|error| failed(&error.message_key));
                self.reply(&waiting.plugin, envelope, answer)
            }
        }
    }

    /// The agent has answered a question.
    pub fn answer(&mut self, ask: &str, allow: bool, now: UnixMillis) -> Vec<Order> {
        self.now = now;
        let Some(at) = self.asks.iter().position(|(known, _, _)| known.id == ask) else { return Vec::new() };
        let (_, _, waiting) = self.asks.remove(at);
        if allow {
            return self.carry_on(waiting);
        }
        self.refuse(&waiting, Refusal::new(RefusalCode::UserDeclined, "The agent said no."))
    }

    /// What was planned is done.
    pub(super) fn carry_on(&mut self, waiting: Waiting) -> Vec<Order> {
        match waiting.plan.clone() {
            // Nothing is planned where there is nothing to do.
            Plan::Answer => Vec::new(),
            Plan::Do { command, request } => self.deed(command, &request, waiting),
            Plan::HandOver { contact, adds, sought, note, after } => match sought {
                Sought::Party(target) => {
                    let done = Waiting { plan: Plan::Answer, ..waiting };
                    if adds {
                        self.deed("contact_add_party", &AddParty { contact, target, note }, done)
                    } else {
                        self.deed("contact_transfer", &TransferContact { contact, target, note }, done)
                    }
                }
                Sought::Named(ref name) | Sought::Entry { ref name, .. } => {
                    let (pages, from) = after.unwrap_or((0, None));
                    // By an id the whole directory is looked through.
                    let search = if matches!(sought, Sought::Named(_)) { name.clone() } else { String::new() };
                    let request = ListEndpoints {
                        account: contact.account.clone(),
                        contact: Some(contact.contact.clone()),
                        search,
                        after: from.clone(),
                    };
                    let plan = Plan::HandOver { contact, adds, sought, note, after: Some((pages + 1, from)) };
                    self.deed("endpoint_list", &request, Waiting { plan, ..waiting })
                }
            },
        }
    }

    /// A page of the directory is there.
    fn look_through(&mut self, waiting: Waiting, answer: &Value) -> Vec<Order> {
        let Ok(page) = EndpointPage::deserialize(answer) else {
            return self.refuse(&waiting, failed("The directory cannot be read."));
        };
        let Plan::HandOver { contact, adds, sought, note, after } = waiting.plan.clone() else {
            return Vec::new();
        };
        let same = |name: &str, shown: &str| !name.is_empty() && name.to_lowercase() == shown.to_lowercase();
        let found = page.items.iter().find(|entry| match &sought {
            Sought::Party(_) => false,
            Sought::Named(name) => same(name, &entry.name),
            Sought::Entry { ids, name } => ids.iter().any(|id| id == entry.id.as_str()) || same(name, &entry.name),
        });
        let pages = after.map_or(1, |(pages, _)| pages);
        if let Some(entry) = found {
            let target = PartyTarget::Endpoint { id: entry.id.clone() };
            let plan = Plan::HandOver { contact, adds, sought: Sought::Party(target), note, after: None };
            // By the directory's name: a page may call an entry whatever it likes.
            return self.ask("plugin_ask_transfer", &entry.name, Waiting { plan, ..waiting });
        }
        if let Some(next) = page.next.filter(|_| pages < MOST_PAGES) {
            let plan = Plan::HandOver { contact, adds, sought, note, after: Some((pages, Some(next))) };
            return self.carry_on(Waiting { plan, ..waiting });
        }
        self.refuse(&waiting, failed("The directory has no such entry."))
    }

    pub(super) fn refuse(&mut self, waiting: &Waiting, refusal: Refusal) -> Vec<Order> {
        match &waiting.message {
            Message::Sdk(envelope) => self.reply(&waiting.plugin, envelope, Err(refusal)),
            Message::Streams { id, method, .. } => {
                let refusal = match refusal.code {
                    RefusalCode::UserDeclined => streams::Refusal::declined(),
                    _ => streams::Refusal::new("InvalidStateException", refusal.reason),
                };
                self.reply_to_streams(&waiting.plugin, id, method, &Err(refusal))
            }
        }
    }

    /// Asks the agent, unless the plugin is trusted.
    pub(super) fn ask(&mut self, message_key: &str, target: &str, waiting: Waiting) -> Vec<Order> {
        let plugin = waiting.plugin.clone();
        if self.plugins.get(&plugin).is_some_and(|entry| entry.plugin.standing.trusted) {
            return self.carry_on(waiting);
        }
        if self.asks.iter().filter(|(ask, _, _)| ask.plugin == plugin).count() >= MOST_ASKS {
            let words = "The agent has not answered the questions before.";
            return self.refuse(&waiting, Refusal::new(RefusalCode::NotAllowed, words));
        }
        self.next += 1;
        let contact = match &waiting.plan {
            Plan::HandOver { contact, .. } => Some(contact.clone()),
            Plan::Do { request, .. } => request.get("contact").and_then(|key| serde_json::from_value(key.clone()).ok()),
            Plan::Answer => None,
        };
        let ask = PluginAsk {
            id: format!("ask-{}", self.next),
            name: self.name(&plugin),
            plugin,
            message_key: message_key.to_owned(),
            target: target.to_owned(),
            contact,
        };
        self.asks.push((ask, self.now.0 + ASKED_FOR, waiting));
        Vec::new()
    }

    /// Its page is another, or none: what it waited for is nobody's business.
    pub(super) fn forget_waiting(&mut self, plugin: &PluginId) {
        self.asks.retain(|(ask, _, _)| ask.plugin != *plugin);
        self.deeds.retain(|_, waiting| waiting.plugin != *plugin);
    }

    /// Questions about contacts that are no longer there.
    pub(super) fn drop_asks_without_contact(&mut self) -> Vec<Order> {
        let there = |contact: &Option<ContactKey>| contact.as_ref().is_none_or(|key| self.contact(key).is_some());
        let gone: Vec<String> =
            self.asks.iter().filter(|(ask, _, _)| !there(&ask.contact)).map(|(ask, _, _)| ask.id.clone()).collect();
        let mut orders = Vec::new();
        for ask in gone {
            if let Some(at) = self.asks.iter().position(|(known, _, _)| known.id == ask) {
                let (_, _, waiting) = self.asks.remove(at);
                orders.extend(self.refuse(&waiting, Refusal::no_contact()));
            }
        }
        orders
    }
}
