//! Pages that were written for Amazon Connect Streams.

use serde_json::{Map, Value};
use trunkline_model::PluginId;
use trunkline_rpc::schema::{AddParty, PartyTarget, PluginLogLevel, PluginPermission, TransferContact};

use super::deeds::{Message, Plan, Sought, Waiting};
use super::{Broker, Order};
use crate::frames::Posted;
use crate::streams::{self, Act, Asked, Question, Refusal, Rights, Watch};

impl Broker {
    /// A question of such a page.
    pub(super) fn streams(&mut self, id: &PluginId, question: Result<Question, (String, Refusal)>) -> Vec<Order> {
        match question {
            Err((name, refusal)) => self.reply_to_streams(id, &name, "?", &Err(refusal)),
            Ok(Question { id: name, asked: Asked::Init { version } }) => self.let_in(id, &name, &version),
            Ok(Question { id: name, asked: Asked::Call { method, params } }) => {
                match self.call(id, &name, &method, params) {
                    Ok(orders) => orders,
                    Err(refusal) => self.reply_to_streams(id, &name, &method, &Err(refusal)),
                }
            }
        }
    }

    fn let_in(&mut self, id: &PluginId, name: &str, version: &str) -> Vec<Order> {
        let Some(entry) = self.plugins.get_mut(id) else { return Vec::new() };
        let rights = Rights {
            agent: entry.plugin.may(PluginPermission::Agent),
            contacts: entry.plugin.may(PluginPermission::Contacts),
        };
        let begun = Watch::begin(&self.desk, rights, self.now);
        entry.log.write(self.now, PluginLogLevel::Info, format!("speaks Streams {version:.32}"));
        let answer = begun.map(|(answer, watch)| {
            entry.streams = Some(watch);
            answer
        });
        self.reply_to_streams(id, name, "init", &answer)
    }

    fn call(
        &mut self,
        id: &PluginId,
        name: &str,
        method: &str,
        params: Map<String, Value>,
    ) -> Result<Vec<Order>, Refusal> {
        let (right, act) = streams::plan(method, &params, &self.desk)?;
        if !self.plugins.get(id).is_some_and(|entry| entry.plugin.may(right)) {
            return Err(Refusal::not_allowed(right));
        }
        let (command, request) = match act {
            Act::Command { command, request } => (command, request),
            Act::Notice { title, text } => {
                self.may_show(id).map_err(|no| Refusal::new("ThrottlingException", no.reason))?;
                let mut orders = self.add_notice(id, title, &text);
                orders.extend(self.reply_to_streams(id, name, method, &Ok(Value::Null)));
                return Ok(orders);
            }
        };
        let target = target(&params);
        let message = Message::Streams { id: name.to_owned(), method: method.to_owned(), params };
        let hand_over = match command {
            "contact_add_party" => {
                serde_json::from_value(request.clone()).ok().map(|one: AddParty| (true, one.contact, one.target))
            }
            "contact_transfer" => serde_json::from_value(request.clone())
                .ok()
                .map(|one: TransferContact| (false, one.contact, one.target)),
            _ => None,
        };
        // An entry of the directory is asked about by the directory's name for it.
        if let Some((adds, contact, PartyTarget::Endpoint { id: entry })) = hand_over {
            let sought = Sought::Entry { ids: vec![entry.to_string()], name: String::new() };
            let plan = Plan::HandOver { contact, adds, sought, note: String::new(), after: None };
            return Ok(self.carry_on(Waiting { plugin: id.clone(), message, plan }));
        }
        let waiting = Waiting { plugin: id.clone(), message, plan: Plan::Do { command, request } };
        if right != PluginPermission::Transfers || command == "endpoint_list" {
            return Ok(self.carry_on(waiting));
        }
        let key = if command == "agent_dial" { "plugin_ask_dial" } else { "plugin_ask_transfer" };
        Ok(self.ask(key, &target, waiting))
    }

    /// Answers such a page, and writes what became of its question.
    pub(super) fn reply_to_streams(
        &mut self,
        id: &PluginId,
        name: &str,
        method: &str,
        result: &Result<Value, Refusal>,
    ) -> Vec<Order> {
        let Some(entry) = self.plugins.get_mut(id) else { return Vec::new() };
        match result {
            Ok(_) => entry.log.write(self.now, PluginLogLevel::Info, format!("{method:.64}: done")),
            Err(refusal) => {
                let text = format!("{method:.64}: {}: {}", refusal.kind, refusal.message);
                entry.log.write(self.now, PluginLogLevel::Warning, text);
            }
        }
        if !entry.is_loaded() {
            return Vec::new();
        }
        vec![Order::Post(id.clone(), Posted::Object(streams::reply(name, result).to_string()))]
    }

    /// What has changed on the desk, for each such page as it may see it.
    pub(super) fn tell_streams(&mut self) -> Vec<Order> {
        let mut orders = Vec::new();
        for (id, entry) in self.plugins.iter_mut().filter(|(_, entry)| entry.is_loaded()) {
            if let Some(watch) = &mut entry.streams {
                let events = watch.look(&self.desk, self.now);
                orders.extend(events.iter().map(|one| Order::Post(id.clone(), Posted::Object(one.to_string()))));
            }
        }
        orders
    }
}

/// Whom a call is about: the number, after the name that the page gives it.
fn target(params: &Map<String, Value>) -> String {
    let text = |key: &str| params.get("endpoint").and_then(|to| to.get(key)).and_then(Value::as_str);
    let parts: Vec<&str> = ["name", "phoneNumber"].into_iter().filter_map(text).filter(|one| !one.is_empty()).collect();
    parts.join(", ").chars().filter(|c| !c.is_control()).take(100).collect()
}
