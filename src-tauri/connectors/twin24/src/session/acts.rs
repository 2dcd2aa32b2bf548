//! What the operator does: each act is one call, and what it leads to is read after it.

use std::time::Instant;

use serde_json::json;
use trunkline_connector::{Command, CommandCode, CommandError, Event, Target};
use trunkline_model::{CommandId, ContactId, LinkState, MessageId, Outcome, WorkItemId};

use super::{Act, Kind, Now, Phase, Rest, Session, not_possible, not_signed_in};
use crate::doc::{GROUP, OPERATOR};
use crate::rest::{Load, RestError};

fn not_allowed(detail: &str) -> CommandError {
    CommandError::new(CommandCode::NotAllowed, detail)
}

impl Session {
    pub(super) fn on_command(&mut self, id: CommandId, deadline: Instant, command: Command, now: Now) {
        if let Some((_, answer)) = self.answers.iter().find(|(known, _)| *known == id) {
            let answer = answer.clone();
            return self.answer(&id, answer);
        }
        if self.pending.iter().any(|(known, _)| *known == id) {
            return;
        }
        match command {
            Command::SignIn => {
                if self.phase != Phase::SignedIn {
                    self.sign_in(now);
                }
                return self.answer(&id, Ok(()));
            }
            Command::SignOut { .. } => return self.sign_out(id, now),
            _ => {}
        }
        if self.phase != Phase::SignedIn || self.link.state == LinkState::NeedsSignIn {
            return self.answer(&id, Err(not_signed_in()));
        }
        if let Some(contact) = command.contact()
            && !self.dialogs.contains_key(contact)
        {
            return self.answer(&id, Err(not_possible("there is no such contact")));
        }
        self.pending.push((id.clone(), deadline));
        self.do_it(id, deadline, command, now);
    }

    fn do_it(&mut self, id: CommandId, deadline: Instant, command: Command, now: Now) {
        match command {
            Command::SetAgentState { when_free: true, .. } => {
                self.answer(&id, Err(not_allowed("a state is taken at once here")));
            }
            Command::SetAgentState { state, .. } => self.set_state(id, &state),
            Command::Accept { contact } => self.accept(&id, &contact, now),
            Command::Clear { contact } => self.clear(&id, &contact),
            Command::Disconnect { contact, .. } => {
                let load = Load::default().part("session", contact.as_str()).json(json!({}));
                self.on_open(id, &contact.clone(), Act::Close(contact), Kind::Close, load);
            }
            Command::Transfer { contact, target, .. } => self.transfer(id, contact, &target),
            Command::Rename { contact, name } => {
                let load = Load::default().part("session", contact.as_str()).part("name", name.as_str());
                self.on_open(id, &contact.clone(), Act::Rename(contact, name), Kind::Rename, load);
            }
            Command::Ban { contact, banned } => self.ban(id, contact, banned),
            Command::EditMessage { contact, message, text } => {
                let load = Load::default().json(json!({ "body": text }));
                self.on_own(
                    id,
                    &contact.clone(),
                    &message.clone(),
                    Act::Edit(contact, message, text),
                    Kind::Edit,
                    load,
                );
            }
            Command::RemoveMessage { contact, message } => {
                let load = Load::default();
                self.on_own(id, &contact.clone(), &message.clone(), Act::Remove(contact, message), Kind::Remove, load);
            }
            Command::SendMessage { contact, token, content } => {
                self.send_message(id, deadline, contact, token, content, now);
            }
            Command::MarkRead { contact, message } => {
                self.mark_read(&contact, &message);
                self.answer(&id, Ok(()));
            }
            // There is no way to say so.
            Command::Typing { .. } => self.answer(&id, Ok(())),
            Command::LoadOlder { contact } => self.load_older(id, &contact),
            Command::TakeWork { item, .. } => self.take_work(id, &item),
            Command::CloseWork { item, .. } => {
                let load = Load::default().part("session", item.as_str()).json(json!({}));
                self.on_help_item(id, &item, Act::CloseWork(ContactId::new(item.as_str())), Kind::Close, load);
            }
            Command::SubscribeList { .. } => self.answer(&id, Err(not_allowed("help is always told"))),
            Command::Reject { .. } => {
                self.answer(&id, Err(not_allowed("a session cannot be declined, only handed over")))
            }
            _ => self.answer(&id, Err(not_allowed("this platform does not offer it"))),
        }
    }

    pub(super) fn act(&mut self, id: CommandId, act: Act, kind: Kind, load: Load) {
        self.ask(Rest::Act(id, act), kind, load);
    }

    /// Only in a session that is at work.
    fn on_open(&mut self, id: CommandId, contact: &ContactId, act: Act, kind: Kind, load: Load) {
        match self.dialogs.get(contact).is_some_and(crate::dialog::Dialog::is_open) {
            true => self.act(id, act, kind, load),
            false => self.answer(&id, Err(not_possible("not possible at present"))),
        }
    }

    /// Only with a message of one's own.
    fn on_own(&mut self, id: CommandId, contact: &ContactId, message: &MessageId, act: Act, kind: Kind, load: Load) {
        let own = self.dialogs.get(contact).is_some_and(|dialog| dialog.is_own(message));
        if !own {
            return self.answer(&id, Err(not_possible("it is no message of this operator's, or was taken back")));
        }
        let load = load.part("session", contact.as_str()).part("message", message.as_str());
        self.on_open(id, contact, act, kind, load);
    }

    fn on_help_item(&mut self, id: CommandId, item: &WorkItemId, act: Act, kind: Kind, load: Load) {
        match self.help.contains_key(item.as_str()) {
            true => self.act(id, act, kind, load),
            false => self.answer(&id, Err(not_possible("it is not in help any more"))),
        }
    }

    /// The platform knows no accepting: it stops ringing here.
    fn accept(&mut self, id: &CommandId, contact: &ContactId, now: Now) {
        let over = self.dialogs.get(contact).is_some_and(crate::dialog::Dialog::is_over);
        if over {
            return self.answer(id, Err(not_possible("the session is over")));
        }
        self.with_dialog(contact, now, |dialog, around| dialog.take(around));
        self.tell(now);
        self.answer(id, Ok(()));
    }

    fn clear(&mut self, id: &CommandId, contact: &ContactId) {
        if !self.dialogs.get(contact).is_some_and(crate::dialog::Dialog::is_over) {
            return self.answer(id, Err(not_possible("the session is not over")));
        }
        self.dialogs.remove(contact);
        self.emit(Event::ContactGone { contact: contact.clone(), outcome: None });
        self.answer(id, Ok(()));
    }

    fn transfer(&mut self, id: CommandId, contact: ContactId, target: &Target) {
        let Target::Endpoint { id: endpoint } = target else {
            let error = CommandError::new(CommandCode::BadTarget, "only operators and groups");
            return self.answer(&id, Err(error));
        };
        let load = Load::default().part("session", contact.as_str());
        let text = endpoint.as_str();
        let (kind, load) = if let Some(operator) = text.strip_prefix(OPERATOR) {
            (Kind::ToOperator, load.part("operator", operator))
        } else if let Some(group) = text.strip_prefix(GROUP) {
            (Kind::ToGroup, load.part("group", group))
        } else {
            return self.answer(&id, Err(CommandError::new(CommandCode::BadTarget, "not one of the directory's")));
        };
        self.on_open(id, &contact.clone(), Act::Transfer(contact), kind, load);
    }

    fn ban(&mut self, id: CommandId, contact: ContactId, banned: bool) {
        let client = self.dialogs.get(&contact).and_then(|dialog| dialog.doc.client.clone());
        let Some(client) = client else {
            return self.answer(&id, Err(not_possible("the platform does not name the client")));
        };
        let kind = if banned { Kind::Ban } else { Kind::Unban };
        self.on_open(id, &contact.clone(), Act::Ban(contact, banned), kind, Load::default().part("client", client));
    }

    /// Joined first, then handed over to oneself.
    fn take_work(&mut self, id: CommandId, item: &WorkItemId) {
        let load = self.with_me(item.as_str());
        self.on_help_item(id, item, Act::Join(ContactId::new(item.as_str())), Kind::Join, load);
    }

    fn with_me(&self, session: &str) -> Load {
        let me = self.me.as_ref().map(|me| me.id.clone()).unwrap_or_default();
        Load::default().part("session", session).part("operator", me)
    }

    fn mark_read(&mut self, contact: &ContactId, message: &MessageId) {
        let read = self.dialogs.get_mut(contact).map(|dialog| dialog.mark_read(message)).unwrap_or_default();
        for message in read {
            self.ask(Rest::MarkRead, Kind::Read, Load::default().part("message", message.as_str()));
        }
    }

    /// It is done: what it changes is shown, and read.
    pub(super) fn acted(&mut self, command: &CommandId, act: Act, now: Now) {
        let at = self.wait_for(true, now);
        match act {
            Act::Active(active) => self.state_was_set(active),
            Act::Close(contact) => {
                self.with_dialog(&contact, now, |dialog, around| dialog.end(Outcome::EndedByAgent, around));
            }
            Act::Transfer(contact) => {
                self.with_dialog(&contact, now, |dialog, around| dialog.end(Outcome::Transferred, around));
            }
            Act::Rename(contact, name) => {
                self.with_dialog(&contact, now, |dialog, _| {
                    dialog.doc.name = Some(name);
                    dialog.mark(at);
                });
            }
            Act::Ban(contact, banned) => {
                self.with_dialog(&contact, now, |dialog, _| {
                    dialog.doc.banned = banned;
                    dialog.mark(at);
                });
            }
            Act::Edit(contact, message, text) => {
                self.with_dialog(&contact, now, |dialog, _| {
                    dialog.edited(&message, &text);
                    dialog.mark(at);
                });
            }
            Act::Remove(contact, message) => {
                self.with_dialog(&contact, now, |dialog, _| dialog.removed(&message));
            }
            Act::Join(contact) => {
                self.taking.insert(contact.as_str().to_owned());
                let load = self.with_me(contact.as_str());
                return self.act(command.clone(), Act::Take(contact), Kind::ToOperator, load);
            }
            Act::Take(contact) => {
                self.taking.insert(contact.as_str().to_owned());
                self.help.remove(contact.as_str());
                self.ask_session(&contact);
                self.sweep_soon(true, now);
            }
            Act::CloseWork(contact) => {
                self.help.remove(contact.as_str());
                self.sweep_soon(true, now);
            }
        }
        // What it changed comes before the answer.
        self.tell(now);
        self.answer(command, Ok(()));
    }

    pub(super) fn act_failed(&mut self, command: &CommandId, act: &Act, error: &RestError, now: Now) {
        if let Act::Join(contact) | Act::Take(contact) = act {
            self.taking.remove(contact.as_str());
        }
        // Whatever it was, the picture may be old.
        self.sweep_soon(true, now);
        let told = match act {
            // States are refused in the agent's terms.
            Act::Active(_) if matches!(error, RestError::Refused(status, _) if status.is_client_error()) => {
                not_possible("the platform refused the state")
            }
            _ => error.as_command(),
        };
        self.answer(command, Err(told));
    }
}
