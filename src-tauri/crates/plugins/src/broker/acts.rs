//! What each message of a page does.

use serde_json::{Value, json};
use trunkline_desk::ContactView;
use trunkline_model::{Annotations, ConnectionId, ContactAction, ContactKey, Notice, NoticeLevel, PluginId};
use trunkline_rpc::schema::{AnnotateContact, ListEndpoints, OnConnection, PartyTarget, PluginPopup};

use super::deeds::{Message as Asked, Plan, Sought, Waiting};
use super::{Broker, Order};
use crate::smartagent::{Endpoint, EndpointType, Envelope, Message, Refusal, RefusalCode, leg_name};

/// Most notifications of one plugin at a time.
const MOST_NOTICES: usize = 10;

/// Names a plugin's notification by its title: the same title replaces it.
pub(super) fn notice_id(plugin: &PluginId, title: &str) -> String {
    format!("plugin:{plugin}:{title}")
}

impl Broker {
    pub(super) fn act(&mut self, id: &PluginId, envelope: &Envelope, message: Message) -> Vec<Order> {
        match self.try_act(id, envelope, message) {
            Ok(orders) => orders,
            Err(refusal) => self.reply(id, envelope, Err(refusal)),
        }
    }

    fn try_act(&mut self, id: &PluginId, envelope: &Envelope, message: Message) -> Result<Vec<Order>, Refusal> {
        let answer = match message {
            Message::Init => {
                let entry = self.plugins.get(id);
                entry.map_or(Value::Null, |entry| self.greeting(entry))
            }
            Message::GetUser => self.user().ok_or_else(|| failed("Nobody is signed in."))?,
            Message::GetCompanyId => json!(self.company().ok_or_else(|| failed("Nobody is signed in."))?),
            Message::ShowPlugin | Message::HidePlugin => {
                if let Some(entry) = self.plugins.get_mut(id) {
                    entry.plugin.standing.shown = Some(message == Message::ShowPlugin);
                }
                Value::Null
            }
            Message::SetTitleTag(title) => {
                if let Some(entry) = self.plugins.get_mut(id) {
                    entry.title = (!title.is_empty()).then_some(title);
                }
                Value::Null
            }
            Message::UpdateContact(attributes) => {
                let contact = self.contact_of(envelope)?.key.clone();
                let annotations = Annotations { attributes, ..Annotations::default() };
                return Ok(self.annotate(id, envelope, contact, annotations));
            }
            Message::UpdateCustomer(customer) => {
                let contact = self.contact_of(envelope)?.key.clone();
                let annotations = Annotations { customer, ..Annotations::default() };
                return Ok(self.annotate(id, envelope, contact, annotations));
            }
            Message::UpdateQuickConnects => return self.read_directory(id, envelope),
            Message::TransferCall { number, name, endpoint } => {
                let sought = sought(&number, &name, endpoint)?;
                return self.hand_over(id, envelope, sought, &name, String::new());
            }
            Message::QuickConnect { name, note } => {
                if name.is_empty() {
                    return Err(Refusal::new(RefusalCode::BadPayload, "name: text is wanted"));
                }
                return self.hand_over(id, envelope, Sought::Named(name.clone()), &name, note);
            }
            Message::EndConferenceCall { connection } => return self.drop_leg(id, envelope, &connection),
            Message::Notify { header, text } => return self.notify(id, envelope, header, &text),
            Message::ClearNotification { header } => return Ok(self.clear_notices(id, envelope, &header)),
            Message::Popup { level, text } => {
                self.may_show(id)?;
                let name = self.name(id);
                let mut orders = vec![Order::Popup(PluginPopup { name, level, text })];
                orders.extend(self.reply(id, envelope, Ok(Value::Null)));
                return Ok(orders);
            }
        };
        Ok(self.reply(id, envelope, Ok(answer)))
    }

    pub(super) fn name(&self, id: &PluginId) -> String {
        self.plugins.get(id).map(|entry| entry.plugin.manifest.name.clone()).unwrap_or_default()
    }

    /// The contact that a message names, or the one at hand.
    fn contact_of(&self, envelope: &Envelope) -> Result<&ContactView, Refusal> {
        match &envelope.contact {
            Some(named) => self.desk.contacts.iter().find(|view| view.key.contact.as_str() == named),
            None => self.current(),
        }
        .ok_or_else(Refusal::no_contact)
    }

    fn annotate(
        &mut self,
        id: &PluginId,
        envelope: &Envelope,
        contact: ContactKey,
        annotations: Annotations,
    ) -> Vec<Order> {
        if annotations.is_empty() {
            return self.reply(id, envelope, Ok(Value::Null));
        }
        let Annotations { attributes, customer } = annotations;
        let request = AnnotateContact { contact, attributes, customer };
        let waiting = Waiting { plugin: id.clone(), message: Asked::Sdk(envelope.clone()), plan: Plan::Answer };
        self.deed("contact_annotate", &request, waiting)
    }

    fn read_directory(&mut self, id: &PluginId, envelope: &Envelope) -> Result<Vec<Order>, Refusal> {
        let now = self.now.0;
        if self.plugins.get_mut(id).is_some_and(|entry| !entry.directory.take(now)) {
            return Err(failed("The directory is read again at most once in five seconds."));
        }
        let here = self.current().map(|view| view.key.account.clone());
        let account = here.or_else(|| self.desk.accounts.first().map(|account| account.id.clone()));
        let account = account.ok_or_else(|| failed("There is no account."))?;
        let request = ListEndpoints { account, contact: None, search: String::new(), after: None };
        let waiting = Waiting { plugin: id.clone(), message: Asked::Sdk(envelope.clone()), plan: Plan::Answer };
        Ok(self.deed("endpoint_list", &request, waiting))
    }

    /// Another party is called to a call, or another agent gets the contact.
    fn hand_over(
        &mut self,
        id: &PluginId,
        envelope: &Envelope,
        sought: Sought,
        shown: &str,
        note: String,
    ) -> Result<Vec<Order>, Refusal> {
        let view = self.contact_of(envelope)?;
        let allowed = &view.contact.allowed;
        let adds = allowed.contains(&ContactAction::AddParty);
        if !adds && !allowed.contains(&ContactAction::Transfer) {
            return Err(failed("This contact cannot be handed over now."));
        }
        let contact = view.key.clone();
        let shown = match &sought {
            // A page may give a number whatever name it likes: the number is what is called.
            Sought::Party(PartyTarget::Number { number }) if !shown.is_empty() && shown != number => {
                Some(format!("{shown}, {number}"))
            }
            Sought::Party(PartyTarget::Number { number }) => Some(number.clone()),
            _ => None,
        };
        let plan = Plan::HandOver { contact, adds, sought, note, after: None };
        let waiting = Waiting { plugin: id.clone(), message: Asked::Sdk(envelope.clone()), plan };
        Ok(match shown {
            Some(shown) => self.ask("plugin_ask_transfer", &shown, waiting),
            // Asked about once it is found.
            None => self.carry_on(waiting),
        })
    }

    fn drop_leg(&mut self, id: &PluginId, envelope: &Envelope, named: &str) -> Result<Vec<Order>, Refusal> {
        let view = self.contact_of(envelope)?;
        let is_it = |leg: &&trunkline_model::Connection| {
            leg.id.as_str() == named || leg_name(leg) == named || leg.party.address.as_deref() == Some(named)
        };
        if view.contact.parties().count() < 2 {
            return Err(failed("There is no conference."));
        }
        let leg = view.contact.parties().find(is_it).ok_or_else(|| failed("No party of this call has that name."))?;
        let (leg, shown, contact): (ConnectionId, String, ContactKey) =
            (leg.id.clone(), leg_name(leg), view.key.clone());
        let request = OnConnection { contact, connection: Some(leg) };
        let request = serde_json::to_value(request).map_err(|_| failed("The request cannot be written."))?;
        let plan = Plan::Do { command: "contact_end", request };
        let waiting = Waiting { plugin: id.clone(), message: Asked::Sdk(envelope.clone()), plan };
        Ok(self.ask("plugin_ask_drop_party", &shown, waiting))
    }

    pub(super) fn may_show(&mut self, id: &PluginId) -> Result<(), Refusal> {
        let now = self.now.0;
        let free = self.plugins.get_mut(id).is_none_or(|entry| entry.shown.take(now));
        if free { Ok(()) } else { Err(failed("Too many notifications and messages.")) }
    }

    fn notify(
        &mut self,
        id: &PluginId,
        envelope: &Envelope,
        header: String,
        text: &str,
    ) -> Result<Vec<Order>, Refusal> {
        self.may_show(id)?;
        let mut orders = self.add_notice(id, header, text);
        orders.extend(self.reply(id, envelope, Ok(Value::Null)));
        Ok(orders)
    }

    pub(super) fn add_notice(&mut self, id: &PluginId, header: String, text: &str) -> Vec<Order> {
        let params = [("plugin", self.name(id)), ("header", header.clone()), ("text", text.to_owned())];
        let notice = Notice {
            id: notice_id(id, &header),
            level: NoticeLevel::Info,
            message_key: "notice_plugin".to_owned(),
            params: params.map(|(name, value)| (name.to_owned(), value)).into(),
            account: None,
            contact: None,
            action: None,
            at: self.now,
        };
        let mut orders = Vec::new();
        if let Some(entry) = self.plugins.get_mut(id) {
            entry.notices.retain(|title| *title != header);
            entry.notices.push(header);
            if entry.notices.len() > MOST_NOTICES {
                orders.push(Order::NoticeGone(notice_id(id, &entry.notices.remove(0))));
            }
        }
        orders.push(Order::Notice(Box::new(notice)));
        orders
    }

    fn clear_notices(&mut self, id: &PluginId, envelope: &Envelope, header: &str) -> Vec<Order> {
        let mut orders = Vec::new();
        if let Some(entry) = self.plugins.get_mut(id) {
            entry.notices.retain(|title| {
                let stays = !header.is_empty() && title != header;
                if !stays {
                    orders.push(Order::NoticeGone(notice_id(id, title)));
                }
                stays
            });
        }
        orders.extend(self.reply(id, envelope, Ok(Value::Null)));
        orders
    }
}

/// Whom a transfer is meant for.
fn sought(number: &str, name: &str, endpoint: Endpoint) -> Result<Sought, Refusal> {
    let Endpoint { endpoint_arn, endpoint_id, kind, name: other, phone_number } = endpoint;
    if kind == EndpointType::PhoneNumber {
        let number = phone_number.unwrap_or_else(|| number.to_owned());
        if number.trim().is_empty() {
            return Err(Refusal::new(RefusalCode::BadPayload, "a number is wanted"));
        }
        return Ok(Sought::Party(PartyTarget::Number { number }));
    }
    let names: Vec<String> = [endpoint_id, endpoint_arn].into_iter().flatten().collect();
    Ok(Sought::Entry { ids: names, name: other.unwrap_or_else(|| name.to_owned()) })
}

pub(super) fn failed(reason: &str) -> Refusal {
    Refusal::new(RefusalCode::Failed, reason)
}
