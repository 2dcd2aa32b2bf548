//! Waiting for what operators do to a session.

use std::time::Duration;

use super::error::Twin24Error;
use super::facts::{Closing, Handover, SentMessage, SessionFacts};
use super::sim_session::SimSession;

impl SimSession {
    /// Waits for a fact.
    ///
    /// # Errors
    /// [`Twin24Error::Expected`] with what has happened instead.
    pub async fn expect<T>(
        &self,
        what: &str,
        within: Duration,
        fact: impl Fn(&SessionFacts) -> Option<T>,
    ) -> Result<T, Twin24Error> {
        let found = tokio::time::timeout(within, self.sim().hub().until(|_| fact(&self.facts()))).await;
        found.map_err(|_| Twin24Error::Expected {
            what: what.to_owned(),
            waited: within,
            seen: format!("{:?}", self.facts()),
        })
    }

    /// Somebody gets it; gives the e-mail of the newest who did.
    ///
    /// # Errors
    /// [`Twin24Error::Expected`] when that does not happen in time.
    pub async fn expect_assigned(&self, within: Duration) -> Result<String, Twin24Error> {
        self.expect("an operator", within, |facts| facts.assigned.last().map(|fact| fact.operator.clone())).await
    }

    /// That operator gets it.
    ///
    /// # Errors
    /// [`Twin24Error::Expected`] when that does not happen in time.
    pub async fn expect_assigned_to(&self, email: &str, within: Duration) -> Result<(), Twin24Error> {
        let has = |facts: &SessionFacts| (facts.assigned.last()?.operator == email).then_some(());
        self.expect("that operator", within, has).await
    }

    /// It comes into help.
    ///
    /// # Errors
    /// [`Twin24Error::Expected`] when that does not happen in time.
    pub async fn expect_help(&self, within: Duration) -> Result<(), Twin24Error> {
        self.expect("to be in help", within, |facts| facts.help.first().map(|_| ())).await
    }

    /// An operator writes something that contains the text; gives the message.
    ///
    /// # Errors
    /// [`Twin24Error::Expected`] with what operators wrote instead.
    pub async fn expect_answered(&self, text: &str, within: Duration) -> Result<SentMessage, Twin24Error> {
        let what = format!("the message {text:?}");
        self.expect(&what, within, |facts| facts.sent.iter().find(|sent| sent.body.contains(text)).cloned()).await
    }

    /// An operator's message becomes something that contains the text; gives it as it is now.
    ///
    /// # Errors
    /// [`Twin24Error::Expected`] when that does not happen in time.
    pub async fn expect_edited(&self, text: &str, within: Duration) -> Result<SentMessage, Twin24Error> {
        let what = format!("an edit to {text:?}");
        self.expect(&what, within, |facts| facts.edited.iter().find(|sent| sent.body.contains(text)).cloned()).await
    }

    /// That message is deleted; gives the operator's e-mail.
    ///
    /// # Errors
    /// [`Twin24Error::Expected`] when that does not happen in time.
    pub async fn expect_deleted(&self, message: &str, within: Duration) -> Result<String, Twin24Error> {
        let deleted = |facts: &SessionFacts| named(&facts.deleted, message);
        self.expect("the message to be deleted", within, deleted).await
    }

    /// That message of the client is marked as read; gives the operator's e-mail.
    ///
    /// # Errors
    /// [`Twin24Error::Expected`] when that does not happen in time.
    pub async fn expect_read(&self, message: &str, within: Duration) -> Result<String, Twin24Error> {
        self.expect("the message to be read", within, |facts| named(&facts.read, message)).await
    }

    /// It gets that name; gives the operator's e-mail.
    ///
    /// # Errors
    /// [`Twin24Error::Expected`] when that does not happen in time.
    pub async fn expect_renamed(&self, name: &str, within: Duration) -> Result<String, Twin24Error> {
        self.expect("another name", within, |facts| named(&facts.renamed, name)).await
    }

    /// It is handed over; gives the newest time.
    ///
    /// # Errors
    /// [`Twin24Error::Expected`] when that does not happen in time.
    pub async fn expect_transferred(&self, within: Duration) -> Result<Handover, Twin24Error> {
        self.expect("to be handed over", within, |facts| facts.handed_over.last().cloned()).await
    }

    /// It ends.
    ///
    /// # Errors
    /// [`Twin24Error::Expected`] when that does not happen in time.
    pub async fn expect_closed(&self, within: Duration) -> Result<Closing, Twin24Error> {
        self.expect("the end", within, |facts| facts.closed.clone()).await
    }

    /// The client is banned, or not any more; gives the operator's e-mail.
    ///
    /// # Errors
    /// [`Twin24Error::Expected`] when that does not happen in time.
    pub async fn expect_banned(&self, banned: bool, within: Duration) -> Result<String, Twin24Error> {
        let last = |facts: &SessionFacts| flagged(&facts.banned, banned);
        self.expect("the client to be banned, or let in again", within, last).await
    }

    /// It is marked as spam, or not any more; gives the operator's e-mail.
    ///
    /// # Errors
    /// [`Twin24Error::Expected`] when that does not happen in time.
    pub async fn expect_spam(&self, spam: bool, within: Duration) -> Result<String, Twin24Error> {
        self.expect("the mark of spam, or its end", within, |facts| flagged(&facts.spam, spam)).await
    }
}

/// Who did it to what is called that.
fn named(list: &[(String, String)], name: &str) -> Option<String> {
    list.iter().find(|(_, what)| what == name).map(|(who, _)| who.clone())
}

/// Who did it last, when that is how it is.
fn flagged(list: &[(String, bool)], flag: bool) -> Option<String> {
    list.last().filter(|(_, is)| *is == flag).map(|(who, _)| who.clone())
}
