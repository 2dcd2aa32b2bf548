//! What clients do, and bots.

use serde_json::json;

use super::facts::{Closing, SessionFacts};
use super::options::ClientOffer;
use super::shapes;
use super::state::{Author, Message, Session};
use super::world::{World, new_id};
use crate::Moment;

impl World {
    /// A session begins; gives its id. The group is known to exist.
    pub fn begin(&mut self, offer: &ClientOffer, group: u64, operator: Option<u64>) -> String {
        let id = self.open_session(offer, group);
        if let Some(words) = &offer.bot_words {
            self.add_message(&id, Author::Bot, "Бот", words, &[], None);
            if let Some(found) = self.session_mut(&id) {
                found.with_bot = true;
            }
        }
        for words in &offer.words {
            self.client_message(&id, words, &[]);
        }
        if offer.bot_words.is_none() {
            match operator {
                Some(operator) => self.assign(&id, operator, false),
                None if offer.in_help => self.drop_into_help(&id, false),
                None => self.route_silently(&id),
            }
            self.tell_started(&id);
            self.tell_whose(&id);
        }
        id
    }

    fn route_silently(&mut self, session: &str) {
        let kept = std::mem::take(&mut self.effects);
        self.route(session, None);
        self.effects = kept;
    }

    /// Who has it is told, or that nobody has.
    fn tell_whose(&mut self, session: &str) {
        match self.session(session).and_then(|found| found.operator) {
            Some(operator) => self.tell_added(session, operator),
            None => self.tell_of(session, "operatorNotFound"),
        }
    }

    fn open_session(&mut self, offer: &ClientOffer, group: u64) -> String {
        let (id, now) = (new_id(), self.now());
        let client = self.client(offer.client.as_deref(), &offer.name);
        self.add_session(Session {
            id: id.clone(),
            client,
            name: offer.name.clone(),
            group,
            operator: None,
            assigned: None,
            operators: Vec::new(),
            with_bot: false,
            closed: None,
            started: now,
            online: now,
            offline: None,
            unread: 0,
            messages: Vec::new(),
            spam: false,
            channel: offer.channel.clone(),
            messenger: offer.messenger.clone(),
            referer: offer.referer.clone(),
            tags: offer.tags.clone(),
            last_operator: None,
            first_client_after: None,
            facts: SessionFacts::default(),
        });
        id
    }

    /// Adds a message without telling anybody; gives its id.
    pub fn add_message(
        &mut self,
        session: &str,
        author: Author,
        name: &str,
        body: &str,
        attachments: &[String],
        reply_to: Option<String>,
    ) -> String {
        let (id, now) = (new_id(), self.now());
        let Some(found) = self.session_mut(session) else { return id };
        match author {
            Author::Client => {
                found.unread += 1;
                found.first_client_after = found.first_client_after.or(Some(now));
            }
            Author::Operator(_) => {
                found.last_operator = Some(now);
                found.first_client_after = None;
            }
            Author::Bot => {}
        }
        found.messages.push(Message {
            id: id.clone(),
            author,
            author_name: name.to_owned(),
            body: body.to_owned(),
            attachments: attachments.to_vec(),
            reply_to,
            created: now,
            updated: None,
            read: None,
        });
        id
    }

    fn client_message(&mut self, session: &str, body: &str, attachments: &[String]) -> String {
        let client = self.session(session).and_then(|found| self.clients.get(&found.client));
        let name = client.map(|client| client.name.clone()).unwrap_or_default();
        self.add_message(session, Author::Client, &name, body, attachments, None)
    }

    /// The client writes; gives the message's id.
    pub fn client_writes(&mut self, session: &str, body: &str, attachments: &[String]) -> String {
        let id = self.client_message(session, body, attachments);
        self.tell_message(session, &id, "chatMessageCreated");
        id
    }

    /// A bot writes into a session.
    pub fn bot_writes(&mut self, session: &str, body: &str) -> String {
        let id = self.add_message(session, Author::Bot, "Бот", body, &[], None);
        self.tell_message(session, &id, "chatMessageCreated");
        id
    }

    /// The client has read what operators wrote so far.
    pub fn client_reads(&mut self, session: &str) {
        let now = self.now();
        let Some(found) = self.session_mut(session) else { return };
        let mut seen = Vec::new();
        for message in &mut found.messages {
            if matches!(message.author, Author::Operator(_)) && message.read.is_none() {
                message.read = Some(now);
                seen.push(message.id.clone());
            }
        }
        let at = shapes::stamp(self, now);
        for message in seen {
            self.tell_all(
                session,
                "chatMessageRead",
                &json!({ "sessionId": session, "messageId": message, "readAt": at }),
            );
        }
    }

    /// The client is typing.
    pub fn client_types(&mut self, session: &str) {
        let Some(client) = self.session(session).map(|found| found.client.clone()) else { return };
        self.tell_all(session, "typing", &json!({ "sessionId": session, "clientId": client }));
    }

    /// The client comes online or goes offline.
    pub fn client_presence(&mut self, session: &str, online: bool) {
        let now = self.now();
        let Some(found) = self.session_mut(session) else { return };
        if online {
            (found.online, found.offline) = (now, None);
        } else {
            found.offline = Some(now);
        }
        let client = found.client.clone();
        let members = json!({ "sessionId": session, "clientId": client, "at": shapes::stamp(self, now) });
        self.tell_all(session, if online { "clientOnline" } else { "clientOffline" }, &members);
    }

    /// The client ends the session.
    pub fn client_closes(&mut self, session: &str) {
        let Some(audience) = self.session(session).map(|found| self.audience(found)) else { return };
        let now = self.now();
        if let Some(found) = self.session_mut(session) {
            found.closed = Some(now);
            found.offline = Some(now);
            found.facts.closed = Some(Closing { by: None, result: None, at: Moment::now() });
        }
        for operator in audience {
            self.tell(operator, "sessionClosedByClient", json!({ "sessionId": session }));
        }
    }

    /// The bot takes the session: it vanishes from whoever had it.
    pub fn bot_takes(&mut self, session: &str) {
        let Some(audience) = self.session(session).map(|found| self.audience(found)) else { return };
        if let Some(found) = self.session_mut(session) {
            found.with_bot = true;
            found.operator = None;
            found.assigned = None;
            found.operators.clear();
        }
        for operator in audience {
            self.tell(operator, "chatSessionDeleted", json!({ "sessionId": session }));
        }
    }

    /// The bot gives it to an operator, a certain one or whom routing finds.
    pub fn bot_returns(&mut self, session: &str, operator: Option<u64>) {
        match operator {
            Some(operator) => self.assign(session, operator, false),
            None => self.route_silently(session),
        }
        self.tell_of(session, "chatSessionSwitchedFromBotToOperator");
        if self.session(session).is_some_and(Session::in_help) {
            self.tell_of(session, "operatorNotFound");
        }
    }
}
