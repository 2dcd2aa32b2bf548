//! Operations of the CTI service as commands of the panel.

use std::collections::BTreeMap;

use serde::{Deserialize as _, Serialize};
use serde_json::{Map, Value, json};
use trunkline_desk::{AccountView, ContactView, DeskSnapshot};
use trunkline_model::{
    AgentStateId, ContactId, ContactKey, ContactState, EndpointId, EndpointKind, IssueKind, MonitorMode, QueueId,
};
use trunkline_rpc::schema::{
    AddParty, AgentPreferences, AnnotateContact, Dial, EndpointPage, ListEndpoints, MonitorContact, MuteContact,
    MuteParty, OnConnection, OnContact, PanelView, PartyTarget, PluginPermission, ReportIssue, SendDigits,
    SetAgentState, ShowView, TransferContact,
};

use super::names::{self, Leg};
use super::{Refusal, agent, snapshot};

type Params = Map<String, Value>;

/// What a call comes to.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    /// A command of the panel's own schema.
    Command {
        /// Its name.
        command: &'static str,
        /// Its request.
        request: Value,
    },
    /// A notification.
    Notice {
        /// Its header.
        title: String,
        /// What it says.
        text: String,
    },
}

/// What a call of a page comes to, and what the page must have been allowed.
pub fn plan(method: &str, params: &Params, desk: &DeskSnapshot) -> Result<(PluginPermission, Act), Refusal> {
    let call = Call { params, desk };
    match method {
        "acceptContact" => call.on_contact("contact_accept"),
        "rejectContact" => call.on_contact("contact_reject"),
        "clearContact" | "completeContact" => call.on_contact("contact_clear"),
        "pauseContact" => call.on_contact("contact_pause"),
        "resumeContact" => call.on_contact("contact_unpause"),
        "conferenceConnections" => call.on_contact("contact_conference"),
        "toggleActiveConnections" => call.on_contact("contact_swap"),
        "destroyConnection" => call.destroy(),
        "holdConnection" => call.hold("contact_hold"),
        "resumeConnection" => call.hold("contact_resume"),
        "muteParticipant" => call.mute_party(true),
        "unmuteParticipant" => call.mute_party(false),
        "mute" => call.mute(),
        "sendDigits" => call.digits(),
        "updateMonitorParticipantState" => call.monitor(),
        "notifyContactIssue" => call.report(),
        "createAdditionalConnection" | "addNewConnection" => call.add_party(),
        "transferContact" => call.transfer(),
        "createOutboundContact" => call.dial(),
        "getEndpoints" => call.directory(),
        "putAgentState" => call.set_state(),
        "updateAgentConfiguration" => call.configure(),
        "updateContactAttributes" => call.annotate(),
        "viewContact" => {
            let contact = call.contact()?.key.clone();
            act(PluginPermission::Contacts, "contact_show", &OnContact { contact })
        }
        "activateChannelWithViewType" => call.show(),
        "notify" => Ok((
            PluginPermission::Notify,
            Act::Notice {
                title: call.text("title").unwrap_or_default().to_owned(),
                text: call.text("body").unwrap_or_default().to_owned(),
            },
        )),
        other => Err(Refusal::not_here(absent(other))),
    }
}

/// Why an operation cannot be had here.
fn absent(method: &str) -> &'static str {
    match method {
        "createTransport" => "Tokens of media and conversations stay in the panel.",
        "createTaskContact" | "createTemplatedTask" | "updateContact" => "Tasks are made in the panel.",
        "listTaskTemplates" | "getTaskTemplate" => "Tasks are made in the panel.",
        "setDevice" | "setVoiceEnhancementMode" => "Devices and sound are the agent's own choice, in the panel.",
        "getNewAuthToken" => "Sessions belong to the panel.",
        "qrIntegrationExists" | "qrSearchQuickResponses" | "startScreenSharing" => {
            "Not available: the service behind it is not public."
        }
        _ if method.starts_with("AgentAppService.") => "Not available: Amazon Connect Voice ID ended on 20 May 2026.",
        _ => "There is no such operation.",
    }
}

/// What a page is answered when a command has succeeded.
pub fn answer(method: &str, params: &Params, desk: &DeskSnapshot, result: &Value) -> Result<Value, Refusal> {
    if method != "getEndpoints" {
        return Ok(json!({}));
    }
    let account = Call { params, desk }.directory_account()?.0;
    let page = EndpointPage::deserialize(result)
        .map_err(|_| Refusal::new("InternalServiceError", "The directory cannot be read."))?;
    let endpoints: Vec<Value> = page
        .items
        .iter()
        .map(|entry| {
            let kind = match &entry.kind {
                EndpointKind::PhoneNumber => "phone_number",
                EndpointKind::Agent => "agent",
                EndpointKind::Queue => "queue",
                EndpointKind::Unknown(text) => text,
            };
            let id = names::outer(account, entry.id.as_str());
            json!({"endpointARN": id, "type": kind, "name": entry.name, "phoneNumber": entry.number})
        })
        .collect();
    let next = page.next.map(|after| format!("{}~{after}", account.id));
    Ok(json!({"endpoints": endpoints, "nextToken": next}))
}

type Planned = Result<(PluginPermission, Act), Refusal>;

fn act(permission: PluginPermission, command: &'static str, request: &impl Serialize) -> Planned {
    let request = serde_json::to_value(request)
        .map_err(|_| Refusal::new("InternalServiceError", "The request cannot be written."))?;
    Ok((permission, Act::Command { command, request }))
}

/// A call with the desk that it is about.
struct Call<'a> {
    params: &'a Params,
    desk: &'a DeskSnapshot,
}

impl<'a> Call<'a> {
    fn text(&self, key: &str) -> Option<&'a str> {
        self.params.get(key).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    fn contact(&self) -> Result<&'a ContactView, Refusal> {
        let name = self.text("contactId").ok_or_else(|| Refusal::invalid("contactId: text is wanted"))?;
        names::contact(self.desk, name).ok_or_else(|| Refusal::state("The contact is not there any more."))
    }

    fn leg(&self, view: &ContactView) -> Result<Leg, Refusal> {
        let name = self.text("connectionId").ok_or_else(|| Refusal::invalid("connectionId: text is wanted"))?;
        names::leg(self.desk, view, name).ok_or_else(|| Refusal::state("The connection is not there any more."))
    }

    fn account(&self, view: &ContactView) -> Result<&'a AccountView, Refusal> {
        let found = self.desk.accounts.iter().find(|account| account.id == view.key.account);
        found.ok_or_else(|| Refusal::state("The account is not there any more."))
    }

    fn leading(&self) -> Result<(&'a AccountView, &'a trunkline_model::Agent), Refusal> {
        agent::leading(self.desk).ok_or_else(|| Refusal::new("UnauthorizedException", "Nobody is signed in."))
    }

    fn on_contact(&self, command: &'static str) -> Planned {
        let contact = self.contact()?.key.clone();
        act(PluginPermission::Calls, command, &OnContact { contact })
    }

    /// Ends a leg. The agent's own, while it rings: the offer is declined.
    fn destroy(&self) -> Planned {
        let view = self.contact()?;
        let contact = view.key.clone();
        let connection = match self.leg(view)? {
            Leg::Own(_) if view.contact.state == ContactState::Offered => return self.on_contact("contact_reject"),
            Leg::Own(_) => None,
            Leg::Customer(Some(leg)) => Some(leg.id),
            Leg::Customer(None) => {
                return Err(Refusal::state("The platform does not tell the customer's leg apart: end the agent's."));
            }
            Leg::Party(id) => Some(id),
        };
        act(PluginPermission::Calls, "contact_end", &OnConnection { contact, connection })
    }

    fn hold(&self, command: &'static str) -> Planned {
        let view = self.contact()?;
        let connection = match self.leg(view)? {
            // Absent: the customer's.
            Leg::Customer(_) | Leg::Own(None) => None,
            Leg::Own(Some(leg)) => Some(leg.id),
            Leg::Party(id) => Some(id),
        };
        act(PluginPermission::Calls, command, &OnConnection { contact: view.key.clone(), connection })
    }

    /// Mutes a party at the platform; the agent's own microphone has a switch
    /// of its own, unless it was muted there.
    fn mute_party(&self, muted: bool) -> Planned {
        let view = self.contact()?;
        let contact = view.key.clone();
        let connection = match self.leg(view)? {
            Leg::Own(Some(leg)) if leg.muted_by_platform && !muted => leg.id,
            Leg::Own(_) => return act(PluginPermission::Calls, "contact_mute", &MuteContact { contact, muted }),
            Leg::Customer(Some(leg)) => leg.id,
            Leg::Customer(None) => return Err(Refusal::state("The platform does not tell this leg apart.")),
            Leg::Party(id) => id,
        };
        act(PluginPermission::Calls, "contact_mute_party", &MuteParty { contact, connection, muted })
    }

    /// Mutes the microphone: of the call that is talked in.
    fn mute(&self) -> Planned {
        let muted = self.params.get("mute").and_then(Value::as_bool);
        let muted = muted.ok_or_else(|| Refusal::invalid("mute: true or false is wanted"))?;
        let held = |view: &ContactView| view.contact.on_hold;
        let call = snapshot::live(self.desk)
            .find(|view| !held(view))
            .or_else(|| snapshot::live(self.desk).next())
            .ok_or_else(|| Refusal::state("There is no call."))?;
        act(PluginPermission::Calls, "contact_mute", &MuteContact { contact: call.key.clone(), muted })
    }

    fn digits(&self) -> Planned {
        let view = self.contact()?;
        let digits = self.text("digits").ok_or_else(|| Refusal::invalid("digits: text is wanted"))?;
        if !digits.chars().all(|digit| digit.is_ascii_digit() || digit == '*' || digit == '#') {
            return Err(Refusal::new("SendDataFailedException", "Only 0 to 9, * and # can be sent."));
        }
        let connection = match self.leg(view)? {
            Leg::Customer(_) | Leg::Own(_) => None,
            Leg::Party(id) => Some(id),
        };
        let request = SendDigits { contact: view.key.clone(), connection, digits: digits.to_owned() };
        act(PluginPermission::Calls, "contact_digits", &request)
    }

    fn monitor(&self) -> Planned {
        let mode = match self.text("targetMonitorMode") {
            Some("SILENT_MONITOR") => MonitorMode::Silent,
            Some("BARGE") => MonitorMode::Barge,
            _ => return Err(Refusal::invalid("targetMonitorMode: SILENT_MONITOR or BARGE is wanted")),
        };
        let contact = self.contact()?.key.clone();
        act(PluginPermission::Calls, "contact_monitor", &MonitorContact { contact, mode })
    }

    /// The service takes any text for the kind: it goes into the words.
    fn report(&self) -> Planned {
        let contact = self.contact()?.key.clone();
        let words = [self.text("issueCode"), self.text("description")];
        let text = words.into_iter().flatten().collect::<Vec<_>>().join(": ");
        if text.is_empty() {
            return Err(Refusal::invalid("issueCode or description: text is wanted"));
        }
        act(PluginPermission::Calls, "contact_report", &ReportIssue { contact, kind: IssueKind::Other, text })
    }

    /// Whom a further call, or the contact, goes to.
    fn target(&self, view: &ContactView) -> Result<PartyTarget, Refusal> {
        let endpoint = self.params.get("endpoint").and_then(Value::as_object);
        let endpoint = endpoint.ok_or_else(|| Refusal::invalid("endpoint: an object is wanted"))?;
        let text = |key: &str| endpoint.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        match (text("endpointARN"), text("phoneNumber")) {
            (Some(name), _) => {
                let id = names::inner(self.account(view)?, name);
                let id =
                    id.ok_or_else(|| Refusal::new("BadEndpointException", "It is in another account's directory."))?;
                Ok(PartyTarget::Endpoint { id: EndpointId::new(id) })
            }
            (None, Some(number)) => Ok(PartyTarget::Number { number: number.to_owned() }),
            (None, None) => {
                Err(Refusal::new("BadEndpointException", "Neither a number nor an entry of the directory."))
            }
        }
    }

    fn add_party(&self) -> Planned {
        let view = self.contact()?;
        let request = AddParty { contact: view.key.clone(), target: self.target(view)?, note: String::new() };
        act(PluginPermission::Transfers, "contact_add_party", &request)
    }

    fn transfer(&self) -> Planned {
        let view = self.contact()?;
        let request = TransferContact { contact: view.key.clone(), target: self.target(view)?, note: String::new() };
        act(PluginPermission::Transfers, "contact_transfer", &request)
    }

    /// The account that a queue belongs to, and what it calls the queue.
    fn queue_account(&self, name: &str) -> Option<(&'a AccountView, QueueId)> {
        agent::signed_in(self.desk).find_map(|(account, agent)| {
            let id = QueueId::new(names::inner(account, name)?);
            let profile = &agent.routing_profile;
            let default = profile.default_outbound_queue.iter();
            let mut known = agent.dial_queues.iter().chain(&profile.queues).chain(default);
            let of_contact = |view: &ContactView| {
                view.key.account == account.id && view.contact.queue.as_ref().is_some_and(|queue| queue.id == id)
            };
            let there = known.any(|queue| queue.id == id) || self.desk.contacts.iter().any(of_contact);
            there.then_some((account, id))
        })
    }

    fn dial(&self) -> Planned {
        let endpoint = self.params.get("endpoint").and_then(Value::as_object);
        let number = endpoint.and_then(|one| one.get("phoneNumber")).and_then(Value::as_str);
        let Some(number) = number.filter(|number| !number.is_empty()) else {
            return Err(Refusal::new("BadEndpointException", "Only numbers can be called."));
        };
        let (account, queue) = match self.text("queueARN") {
            Some(name) => {
                let found = self.queue_account(name);
                let (account, id) = found.ok_or_else(|| Refusal::invalid("queueARN: there is no such queue"))?;
                (account, Some(id))
            }
            None => (self.dialling()?, None),
        };
        let related = match self.text("relatedContactId") {
            Some(name) => {
                let view = names::contact(self.desk, name).filter(|view| view.key.account == account.id);
                let id = view.map(|view| view.key.contact.clone());
                // The vendor's client may name a contact that is over.
                id.or_else(|| names::inner(account, name).map(ContactId::new))
            }
            None => None,
        };
        let request = Dial { account: account.id.clone(), number: number.to_owned(), queue, related };
        act(PluginPermission::Transfers, "agent_dial", &request)
    }

    /// The account that calls go out from: the one that leads, or the first that can.
    fn dialling(&self) -> Result<&'a AccountView, Refusal> {
        let (leading, agent) = self.leading()?;
        if agent.can_dial {
            return Ok(leading);
        }
        let other = agent::signed_in(self.desk).find(|(_, agent)| agent.can_dial).map(|(account, _)| account);
        other.ok_or_else(|| Refusal::new("AccessDeniedException", "No account can call numbers."))
    }

    /// Whose directory is meant, and where its page begins.
    fn directory_account(&self) -> Result<(&'a AccountView, Option<String>), Refusal> {
        if let Some(token) = self.text("nextToken") {
            let (id, after) = token.split_once('~').ok_or_else(invalid_page)?;
            let account = self.desk.accounts.iter().find(|account| account.id.as_str() == id);
            return Ok((account.ok_or_else(invalid_page)?, Some(after.to_owned())));
        }
        let queues = self.params.get("queueARNs").and_then(Value::as_array);
        let named = queues.into_iter().flatten().filter_map(Value::as_str).find_map(|name| self.queue_account(name));
        match named {
            Some((account, _)) => Ok((account, None)),
            None => Ok((self.leading()?.0, None)),
        }
    }

    fn directory(&self) -> Planned {
        let (account, after) = self.directory_account()?;
        let request = ListEndpoints { account: account.id.clone(), contact: None, search: String::new(), after };
        act(PluginPermission::Transfers, "endpoint_list", &request)
    }

    /// States have names among all accounts; without one it goes by its shown
    /// name, at the account that leads.
    fn set_state(&self) -> Planned {
        let state = self.params.get("state").and_then(Value::as_object);
        let state = state.ok_or_else(|| Refusal::invalid("state: an object is wanted"))?;
        let text = |key: &str| state.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        let when_free = self.params.get("enqueueNextState").and_then(Value::as_bool).unwrap_or_default();
        let by_id = |name: &str| {
            agent::signed_in(self.desk).find_map(|(account, agent)| {
                let id = AgentStateId::new(names::inner(account, name)?);
                let known = agent.selectable_states.iter().any(|state| state.id.as_ref() == Some(&id));
                known.then(|| (account.id.clone(), id))
            })
        };
        let found = match (text("agentStateARN"), text("name")) {
            (Some(name), _) => by_id(name),
            (None, Some(name)) => {
                let (account, agent) = self.leading()?;
                let same = agent.selectable_states.iter().find(|state| state.name == name);
                same.and_then(|state| state.id.clone()).map(|id| (account.id.clone(), id))
            }
            (None, None) => return Err(Refusal::invalid("state: agentStateARN or name is wanted")),
        };
        let (account, state) = found.ok_or_else(|| Refusal::state("The agent cannot choose this state."))?;
        act(PluginPermission::State, "agent_set_state", &SetAgentState { account, state, when_free })
    }

    fn configure(&self) -> Planned {
        let (account, agent) = self.leading()?;
        let wanted = self.params.get("configuration").and_then(Value::as_object);
        let wanted = wanted.ok_or_else(|| Refusal::invalid("configuration: an object is wanted"))?;
        let preferences = wanted.get("agentPreferences").and_then(Value::as_object);
        let language = |key: &str| preferences?.get(key).and_then(Value::as_str).map(str::to_owned);
        let extension = wanted.get("extension").and_then(Value::as_str).filter(|text| !text.is_empty());
        let language = language("locale").or_else(|| language("LANGUAGE"));
        let request = AgentPreferences {
            account: account.id.clone(),
            softphone: wanted.get("softphoneEnabled").and_then(Value::as_bool).unwrap_or(agent.softphone_enabled),
            extension: extension.map(str::to_owned),
            // Only what changes: an account whose languages cannot be chosen refuses to be told one.
            language: language.filter(|language| agent.language.as_ref() != Some(language)),
        };
        act(PluginPermission::State, "agent_preferences", &request)
    }

    /// Attributes of the contact, as texts or in the form that contacts have them in.
    fn annotate(&self) -> Planned {
        let contact: ContactKey = self.contact()?.key.clone();
        let given = self.params.get("attributes").and_then(Value::as_object);
        let given = given.ok_or_else(|| Refusal::invalid("attributes: an object is wanted"))?;
        let mut attributes = BTreeMap::new();
        for (name, value) in given {
            let text = value.as_str().or_else(|| value.get("value").and_then(Value::as_str));
            let text = text.ok_or_else(|| Refusal::invalid("attributes: values are texts"))?;
            attributes.insert(name.clone(), text.to_owned());
        }
        let request = AnnotateContact { contact, attributes, customer: Default::default() };
        act(PluginPermission::Annotate, "contact_annotate", &request)
    }

    fn show(&self) -> Planned {
        let view = match self.text("viewType") {
            Some("number_pad") => PanelView::NumberPad,
            Some("quick_connects") => PanelView::QuickConnects,
            Some("create_task") => PanelView::NewTask,
            _ => return Err(Refusal::invalid("viewType: number_pad, quick_connects or create_task is wanted")),
        };
        act(PluginPermission::Notify, "view_show", &ShowView { view, number: None })
    }
}

fn invalid_page() -> Refusal {
    Refusal::new("PaginationException", "The token is none of a page's.")
}

#[cfg(test)]
mod tests;
