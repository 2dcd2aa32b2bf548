//! The handle of one session: what its client does, and what happens to it.

use serde_json::Value;

use super::error::Twin24Error;
use super::facts::SessionFacts;
use super::operators::Draft;
use super::shapes;
use super::sim::Twin24Sim;
use super::state::{Author, Session};

/// One session and the client in it.
#[derive(Clone)]
pub struct SimSession {
    sim: Twin24Sim,
    id: String,
}

impl SimSession {
    pub(super) fn new(sim: Twin24Sim, id: String) -> Self {
        Self { sim, id }
    }

    /// The platform.
    pub(super) fn sim(&self) -> &Twin24Sim {
        &self.sim
    }

    /// The session's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    fn read<T>(&self, look: impl FnOnce(&Session) -> T) -> Option<T> {
        self.sim.hub().read(|world| world.session(&self.id).map(look))
    }

    /// The client's id.
    #[must_use]
    pub fn client_id(&self) -> String {
        self.read(|found| found.client.clone()).unwrap_or_default()
    }

    /// Its present name.
    #[must_use]
    pub fn name(&self) -> String {
        self.read(|found| found.name.clone()).unwrap_or_default()
    }

    /// E-mail of who has it.
    #[must_use]
    pub fn operator(&self) -> Option<String> {
        self.sim.hub().read(|world| world.session(&self.id).and_then(|found| found.operator).map(|id| world.mail(id)))
    }

    /// It waits for anyone.
    #[must_use]
    pub fn is_in_help(&self) -> bool {
        self.read(Session::in_help).unwrap_or_default()
    }

    /// It has ended.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.read(|found| found.closed.is_some()).unwrap_or_default()
    }

    /// Messages of the client that no operator has read.
    #[must_use]
    pub fn unread(&self) -> usize {
        self.read(|found| found.unread).unwrap_or_default()
    }

    /// As the Chat API shows it.
    #[must_use]
    pub fn value(&self) -> Value {
        self.sim
            .hub()
            .read(|world| world.session(&self.id).map(|found| shapes::session(world, found)))
            .unwrap_or_default()
    }

    /// Its messages as the Chat API shows them, the oldest first.
    #[must_use]
    pub fn messages(&self) -> Vec<Value> {
        self.sim.hub().read(|world| {
            let found = world.session(&self.id);
            let list = found.map(|found| found.messages.iter().map(|one| shapes::message(world, found, one)).collect());
            list.unwrap_or_default()
        })
    }

    /// Everything that operators have done to it.
    #[must_use]
    pub fn facts(&self) -> SessionFacts {
        self.read(|found| found.facts.clone()).unwrap_or_default()
    }

    fn still_there(&self) -> Result<(), Twin24Error> {
        let (closed, banned) = self.sim.hub().read(|world| {
            let found = world.session(&self.id);
            let banned = found.is_some_and(|found| world.is_banned(&found.client));
            (found.is_none_or(|found| found.closed.is_some()), banned)
        });
        match (closed, banned) {
            (true, _) => Err(Twin24Error::NotPossible("the session is closed")),
            (false, true) => Err(Twin24Error::NotPossible("the client is banned")),
            (false, false) => Ok(()),
        }
    }

    /// The client writes; gives the message's id.
    ///
    /// # Errors
    /// [`Twin24Error::NotPossible`] when the session is closed or the client banned.
    pub fn client_writes(&self, text: &str) -> Result<String, Twin24Error> {
        self.still_there()?;
        Ok(self.sim.hub().act(|world| world.client_writes(&self.id, text, &[])))
    }

    /// The client sends a file, with or without a text; gives the message's id.
    ///
    /// # Errors
    /// [`Twin24Error::NotPossible`] when the session is closed or the client banned.
    pub fn client_sends_file(&self, text: &str, name: &str, kind: &str, bytes: &[u8]) -> Result<String, Twin24Error> {
        self.still_there()?;
        let file = self.sim.store_file(name, kind, bytes.to_vec());
        Ok(self.sim.hub().act(|world| world.client_writes(&self.id, text, &[file])))
    }

    /// The client writes so many messages at once.
    ///
    /// # Errors
    /// [`Twin24Error::NotPossible`] when the session is closed or the client banned.
    pub fn burst(&self, count: usize) -> Result<Vec<String>, Twin24Error> {
        self.still_there()?;
        Ok(self
            .sim
            .hub()
            .act(|world| (1..=count).map(|n| world.client_writes(&self.id, &format!("Сообщение {n}"), &[])).collect()))
    }

    /// The client has read what operators wrote so far.
    pub fn client_reads(&self) {
        self.sim.hub().act(|world| world.client_reads(&self.id));
    }

    /// The client is typing.
    pub fn client_types(&self) {
        self.sim.hub().act(|world| world.client_types(&self.id));
    }

    /// The client comes online.
    pub fn goes_online(&self) {
        self.sim.hub().act(|world| world.client_presence(&self.id, true));
    }

    /// The client goes offline.
    pub fn goes_offline(&self) {
        self.sim.hub().act(|world| world.client_presence(&self.id, false));
    }

    /// The client ends the session.
    ///
    /// # Errors
    /// [`Twin24Error::NotPossible`] when it is closed.
    pub fn client_closes(&self) -> Result<(), Twin24Error> {
        self.not_closed()?;
        self.sim.hub().act(|world| world.client_closes(&self.id));
        Ok(())
    }

    fn not_closed(&self) -> Result<(), Twin24Error> {
        if self.is_closed() { Err(Twin24Error::NotPossible("the session is closed")) } else { Ok(()) }
    }

    /// A bot writes; gives the message's id.
    ///
    /// # Errors
    /// [`Twin24Error::NotPossible`] when the session is closed.
    pub fn bot_writes(&self, text: &str) -> Result<String, Twin24Error> {
        self.not_closed()?;
        Ok(self.sim.hub().act(|world| world.bot_writes(&self.id, text)))
    }

    /// The session goes over to the bot and vanishes from the operator.
    ///
    /// # Errors
    /// [`Twin24Error::NotPossible`] when it is closed.
    pub fn to_bot(&self) -> Result<(), Twin24Error> {
        self.not_closed()?;
        self.sim.hub().act(|world| world.bot_takes(&self.id));
        Ok(())
    }

    /// The bot gives the session to that operator, or to whom routing finds.
    ///
    /// # Errors
    /// [`Twin24Error::NotPossible`] when it is closed, [`Twin24Error::UnknownOperator`].
    pub fn to_operator(&self, email: Option<&str>) -> Result<(), Twin24Error> {
        self.not_closed()?;
        let operator = match email {
            Some(email) => Some(self.sim.operator_id(email)?),
            None => None,
        };
        self.sim.hub().act(|world| world.bot_returns(&self.id, operator));
        Ok(())
    }

    /// The session loses its operator and waits for anyone.
    ///
    /// # Errors
    /// [`Twin24Error::NotPossible`] when it is closed.
    pub fn to_help(&self) -> Result<(), Twin24Error> {
        self.not_closed()?;
        self.sim.hub().act(|world| world.drop_into_help(&self.id, true));
        Ok(())
    }

    /// A supervisor moves the session to that operator.
    ///
    /// # Errors
    /// [`Twin24Error::NotPossible`] when it is closed, [`Twin24Error::UnknownOperator`].
    pub fn moves_to(&self, email: &str) -> Result<(), Twin24Error> {
        self.not_closed()?;
        let operator = self.sim.operator_id(email)?;
        self.sim.hub().act(|world| world.assign(&self.id, operator, true));
        Ok(())
    }

    /// Who wrote an operator's message; none for other messages.
    fn author(&self, message: &str) -> Option<u64> {
        self.read(|found| match found.message(message)?.author {
            Author::Operator(id) => Some(id),
            _ => None,
        })
        .flatten()
    }

    /// A colleague writes into the session; gives the message's id. The colleague is added where not in it.
    ///
    /// # Errors
    /// [`Twin24Error::NotPossible`] when it is closed, [`Twin24Error::UnknownOperator`].
    pub fn colleague_writes(&self, email: &str, text: &str) -> Result<String, Twin24Error> {
        let operator = self.sim.operator_id(email)?;
        let draft = Draft { body: text.to_owned(), attachments: Vec::new(), reply_to: None };
        let sent = self.sim.hub().act(|world| {
            let inside = world.session(&self.id).is_some_and(|found| found.has(operator));
            if !inside {
                world.add_operator(&self.id, operator)?;
            }
            world.send(operator, &self.id, draft)
        });
        sent.map_err(|_| Twin24Error::NotPossible("the colleague cannot write there"))
    }

    /// A colleague gives an operator's message another text.
    ///
    /// # Errors
    /// [`Twin24Error::Unknown`] when no operator wrote that message, [`Twin24Error::NotPossible`] when the session
    /// is closed.
    pub fn colleague_edits(&self, message: &str, text: &str) -> Result<(), Twin24Error> {
        let author = self.author(message).ok_or_else(|| Twin24Error::Unknown("message", message.to_owned()))?;
        let draft = Draft { body: text.to_owned(), attachments: Vec::new(), reply_to: None };
        let edited = self.sim.hub().act(|world| world.edit(author, &self.id, message, draft));
        edited.map_err(|_| Twin24Error::NotPossible("the colleague cannot edit that"))
    }

    /// A colleague deletes an operator's message; no event tells of it.
    ///
    /// # Errors
    /// [`Twin24Error::Unknown`] when no operator wrote that message, [`Twin24Error::NotPossible`] when the session
    /// is closed.
    pub fn colleague_deletes(&self, message: &str) -> Result<(), Twin24Error> {
        let author = self.author(message).ok_or_else(|| Twin24Error::Unknown("message", message.to_owned()))?;
        let deleted = self.sim.hub().act(|world| world.delete(author, &self.id, message));
        deleted.map_err(|_| Twin24Error::NotPossible("the colleague cannot delete that"))
    }

    /// A colleague closes the session; no event tells of it.
    ///
    /// # Errors
    /// [`Twin24Error::NotPossible`] when it is closed, [`Twin24Error::UnknownOperator`].
    pub fn colleague_closes(&self, email: &str) -> Result<(), Twin24Error> {
        self.not_closed()?;
        let operator = self.sim.operator_id(email)?;
        let closed = self.sim.hub().act(|world| world.close(operator, &self.id, None));
        closed.map_err(|_| Twin24Error::NotPossible("the session is closed"))
    }
}
