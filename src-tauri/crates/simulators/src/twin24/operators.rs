//! What operators do to sessions.

use serde_json::{Value, json};

use super::facts::{Closing, Handover, HandoverTarget, OperatorFact, SentMessage};
use super::options::OperatorStatus;
use super::state::{Author, Message};
use super::world::{Refused, World};
use crate::Moment;

/// What an operator wants to say.
pub(super) struct Draft {
    pub body: String,
    pub attachments: Vec<String>,
    pub reply_to: Option<String>,
}

impl World {
    /// The operator's own state.
    pub fn set_status(&mut self, operator: u64, status: OperatorStatus) {
        if let Some(one) = self.operator_mut(operator) {
            one.status = status;
        }
    }

    /// The operator may write into the session.
    fn writable(&mut self, operator: u64, session: &str) -> Result<(), Refused> {
        let found = self.open(session)?;
        if found.has(operator) { Ok(()) } else { Err(Refused::new(403, "Operator is not assigned to the session.")) }
    }

    fn checked(&self, session: &str, draft: &Draft) -> Result<(), Refused> {
        if draft.body.trim().is_empty() && draft.attachments.is_empty() {
            return Err(Refused::invalid(json!({ "body": ["required"] })));
        }
        if draft.body.chars().count() > self.options.message_limit {
            return Err(Refused::invalid(json!({ "body": ["too long"] })));
        }
        if draft.attachments.iter().any(|id| !self.files.iter().any(|file| file.id == *id)) {
            return Err(Refused::invalid(json!({ "attachments": ["not found"] })));
        }
        if draft.reply_to.as_ref().is_some_and(|id| self.message(session, id).is_none()) {
            return Err(Refused::invalid(json!({ "replyToMessageId": ["not found"] })));
        }
        Ok(())
    }

    /// A message; gives its id.
    pub fn send(&mut self, operator: u64, session: &str, draft: Draft) -> Result<String, Refused> {
        self.writable(operator, session)?;
        self.checked(session, &draft)?;
        let name = self.name(operator);
        let id = self.add_message(
            session,
            Author::Operator(operator),
            &name,
            &draft.body,
            &draft.attachments,
            draft.reply_to.clone(),
        );
        let fact = self.sent(operator, &id, draft);
        if let Some(found) = self.session_mut(session) {
            found.facts.sent.push(fact);
        }
        self.tell_message(session, &id, "chatMessageCreated");
        Ok(id)
    }

    fn sent(&self, operator: u64, id: &str, draft: Draft) -> SentMessage {
        SentMessage {
            id: id.to_owned(),
            operator: self.mail(operator),
            body: draft.body,
            attachments: draft.attachments,
            reply_to: draft.reply_to,
            at: Moment::now(),
        }
    }

    fn own(&mut self, session: &str, message: &str) -> Result<&mut Message, Refused> {
        let found = self.session_mut(session).ok_or_else(|| Refused::missing("Session"))?;
        let own = |one: &&mut Message| one.id == message && matches!(one.author, Author::Operator(_));
        found.messages.iter_mut().find(own).ok_or_else(|| Refused::missing("Message"))
    }

    /// A message of an operator gets another text.
    pub fn edit(&mut self, operator: u64, session: &str, message: &str, draft: Draft) -> Result<(), Refused> {
        self.writable(operator, session)?;
        self.own(session, message)?;
        self.checked(session, &draft)?;
        let now = self.now();
        let one = self.own(session, message)?;
        one.body.clone_from(&draft.body);
        one.updated = Some(now);
        if !draft.attachments.is_empty() {
            one.attachments.clone_from(&draft.attachments);
        }
        let fact = self.sent(operator, message, draft);
        if let Some(found) = self.session_mut(session) {
            found.facts.edited.push(fact);
        }
        self.tell_message(session, message, "chatMessageEdited");
        Ok(())
    }

    /// A message of an operator is gone. Nobody is told.
    pub fn delete(&mut self, operator: u64, session: &str, message: &str) -> Result<(), Refused> {
        self.writable(operator, session)?;
        self.own(session, message)?;
        let mail = self.mail(operator);
        if let Some(found) = self.session_mut(session) {
            found.messages.retain(|one| one.id != message);
            found.facts.deleted.push((mail, message.to_owned()));
        }
        Ok(())
    }

    /// A message of the client, and what is before it, was seen.
    pub fn mark_read(&mut self, operator: u64, message: &str) -> Result<(), Refused> {
        let found = self.session_of_message(message).ok_or_else(|| Refused::missing("Message"))?;
        let (id, now, mail) = (found.id.clone(), self.now(), self.mail(operator));
        let Some(found) = self.session_mut(&id) else { return Ok(()) };
        let until = found.messages.iter().position(|one| one.id == message).unwrap_or_default();
        for one in found.messages.iter_mut().take(until + 1).filter(|one| one.author == Author::Client) {
            one.read = one.read.or(Some(now));
        }
        let unread = found.messages.iter().filter(|one| one.author == Author::Client && one.read.is_none());
        found.unread = unread.count();
        found.facts.read.push((mail, message.to_owned()));
        Ok(())
    }

    /// The end of a session.
    pub fn close(&mut self, operator: u64, session: &str, result: Option<String>) -> Result<(), Refused> {
        let (now, mail) = (self.now(), self.mail(operator));
        let found = self.open(session)?;
        found.closed = Some(now);
        found.facts.closed = Some(Closing { by: Some(mail), result, at: Moment::now() });
        Ok(())
    }

    /// Another name for a session.
    pub fn rename(&mut self, operator: u64, session: &str, name: &str) -> Result<(), Refused> {
        if name.trim().is_empty() {
            return Err(Refused::invalid(json!({ "name": ["required"] })));
        }
        let mail = self.mail(operator);
        let found = self.session_mut(session).ok_or_else(|| Refused::missing("Session"))?;
        name.clone_into(&mut found.name);
        found.facts.renamed.push((mail, name.to_owned()));
        Ok(())
    }

    fn present(&self, operator: u64) -> Result<(), Refused> {
        self.operator(operator).map(|_| ()).ok_or_else(|| Refused::missing("User"))
    }

    /// The session becomes another operator's, or one's own.
    pub fn hand_over(&mut self, operator: u64, session: &str, to: u64) -> Result<(), Refused> {
        self.open(session)?;
        self.present(to)?;
        if self.operator(to).is_some_and(|one| matches!(one.status, OperatorStatus::Offline | OperatorStatus::Blocked))
        {
            return Err(Refused::new(422, "Operator is not available."));
        }
        let target = HandoverTarget::Operator(self.mail(to));
        self.note_handover(operator, session, target);
        self.assign(session, to, true);
        Ok(())
    }

    fn note_handover(&mut self, operator: u64, session: &str, to: HandoverTarget) {
        let by = self.mail(operator);
        if let Some(found) = self.session_mut(session) {
            found.facts.handed_over.push(Handover { by, to, at: Moment::now() });
        }
    }

    /// One operator more in a session; in help it may be the one who has it.
    pub fn add_operator(&mut self, session: &str, operator: u64) -> Result<(), Refused> {
        self.present(operator)?;
        let (now, mail, assigns) = (self.now(), self.mail(operator), self.options.adding_assigns);
        let found = self.open(session)?;
        if found.in_help() && assigns {
            self.assign(session, operator, true);
            return Ok(());
        }
        if !found.has(operator) {
            found.operators.push((operator, now));
            found.facts.added.push(OperatorFact { operator: mail, at: Moment::now() });
            self.tell_added(session, operator);
        }
        Ok(())
    }

    /// One operator less; without the one who had it the session is in help.
    pub fn remove_operator(&mut self, session: &str, operator: u64) -> Result<(), Refused> {
        let mail = self.mail(operator);
        let found = self.open(session)?;
        if !found.has(operator) {
            return Err(Refused::missing("Operator"));
        }
        found.operators.retain(|(id, _)| *id != operator);
        found.facts.removed.push(OperatorFact { operator: mail, at: Moment::now() });
        if found.operator == Some(operator) {
            match found.operators.first().copied() {
                Some((next, _)) => found.operator = Some(next),
                None => self.drop_into_help(session, true),
            }
        }
        Ok(())
    }

    /// To a group: somebody else of it who is active, or help.
    pub fn hand_over_to_group(&mut self, operator: u64, session: &str, group: u64) -> Result<(), Refused> {
        let name = self.group(group).map(|group| group.name.clone()).ok_or_else(|| Refused::missing("Group"))?;
        self.open(session)?.group = group;
        self.note_handover(operator, session, HandoverTarget::Group(name));
        self.route(session, Some(operator));
        Ok(())
    }

    /// The client may not write any more, or may again.
    pub fn ban(&mut self, operator: u64, client: &str, banned: bool) -> Result<(), Refused> {
        let mail = self.mail(operator);
        self.clients.get_mut(client).ok_or_else(|| Refused::missing("Client"))?.banned = banned;
        for found in self.sessions.iter_mut().filter(|one| one.client == client && one.closed.is_none()) {
            found.facts.banned.push((mail.clone(), banned));
        }
        Ok(())
    }

    /// The session is spam, or is not.
    pub fn mark_spam(&mut self, operator: u64, session: &str, spam: bool) -> Result<(), Refused> {
        let mail = self.mail(operator);
        let found = self.session_mut(session).ok_or_else(|| Refused::missing("Session"))?;
        found.spam = spam;
        found.facts.spam.push((mail, spam));
        Ok(())
    }

    /// What concerns the operator's account, told to the operator.
    pub fn tell_operator(&mut self, operator: u64, name: &str, reason: &str) {
        let mut members = json!({ "operatorId": operator });
        if !reason.is_empty() {
            members["reason"] = Value::from(reason);
        }
        self.tell(operator, name, members);
    }
}
