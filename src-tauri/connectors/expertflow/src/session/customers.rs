//! Customers of conversations, their earlier conversations, and words kept ready.

use std::time::Instant;

use serde_json::{Value, json};
use trunkline_connector::{CommandCode, CommandError};
use trunkline_model::{CommandId, ContactId, CustomerCard, CustomerId, NoticeLevel};

use super::acts::{Acted, Then, not_possible};
use super::asked::error_of;
use super::{Action, Awaited, Found, Now, Rest, Session, extract};
use crate::customers::{self, Schema};
use crate::rest::RestError;

impl Session {
    pub(super) fn on_schema(&mut self, result: Result<Value, RestError>, now: Now) {
        match result {
            Ok(answer) => self.schema = Schema::read(&answer),
            Err(error) => return tracing::warn!(?error, "what is personal of a customer is not known: all of it is"),
        }
        let ids: Vec<ContactId> = self.talks.keys().cloned().collect();
        for id in ids {
            self.with_talk(&id, now, |talk, around| {
                talk.look(around);
                talk.tell(around)
            });
        }
    }

    /// May read customers' records at all.
    fn sees_customers(&self) -> bool {
        let rights = ["view", "manage", "view_in_conversation", "manage_in_conversation"];
        self.user.as_ref().is_some_and(|user| user.has_any("customer", &rights))
    }

    fn may_link(&self) -> bool {
        self.user.as_ref().is_some_and(|user| user.has_any("customer", &["manage", "manage_in_conversation"]))
    }

    fn sees_past(&self) -> bool {
        self.user.as_ref().is_some_and(|user| user.may("view_history") || user.may("view_history_active_customer"))
    }

    fn found(&mut self, ask: u64, found: Result<Found, CommandError>) {
        self.actions.push_back(Action::Answered(ask, found));
    }

    pub(super) fn ask_customer(&mut self, ask: u64, deadline: Instant, contact: &ContactId) {
        if !self.sees_customers() {
            let error = CommandError::new(CommandCode::NotAllowed, "no right to see customers");
            return self.found(ask, Err(error));
        }
        let Some(talk) = self.talks.get(contact) else {
            return self.found(ask, Err(not_possible("there is no such contact")));
        };
        match talk.customer_id() {
            Some(id) => self.ask(Rest::Customer(ask, CustomerId::new(id)), Some(deadline)),
            // Nothing but what came with the conversation.
            None => {
                let raw = talk.customer_document().clone();
                self.tell_card(ask, &raw);
            }
        }
    }

    fn tell_card(&mut self, ask: u64, raw: &Value) {
        let Some(user) = &self.user else { return };
        let record = self.schema.record(raw, user);
        let has_past = self.sees_past() && record.id.is_some();
        let card = CustomerCard { record, can_link: self.may_link(), has_past };
        self.found(ask, Ok(Found::Customer(Box::new(card))));
    }

    pub(super) fn on_customer(&mut self, ask: u64, result: Result<Value, RestError>) {
        match result {
            Ok(answer) if answer.is_object() => {
                let raw = if answer["data"].is_object() { &answer["data"] } else { &answer };
                self.tell_card(ask, raw);
            }
            Ok(_) => self.found(ask, Err(unreadable())),
            Err(error) => self.found(ask, Err(error_of(&error))),
        }
    }

    pub(super) fn ask_customers(&mut self, ask: u64, deadline: Instant, words: String, page: u32) {
        if !self.sees_customers() {
            let error = CommandError::new(CommandCode::NotAllowed, "no right to see customers");
            return self.found(ask, Err(error));
        }
        self.ask(Rest::Customers(ask, words, page), Some(deadline));
    }

    pub(super) fn on_customers(&mut self, ask: u64, number: u32, result: Result<Value, RestError>) {
        let Some(user) = &self.user else { return };
        let limit = self.settings.customers_page;
        let found = result.map_err(|error| error_of(&error)).and_then(|answer| {
            customers::page(&answer, &self.schema, user, number, limit).map(Found::Customers).ok_or_else(unreadable)
        });
        self.found(ask, found);
    }

    pub(super) fn ask_past(&mut self, ask: u64, deadline: Instant, contact: &ContactId, page: u32) {
        if !self.sees_past() {
            return self.found(ask, Err(CommandError::new(CommandCode::NotAllowed, "no right to see the past")));
        }
        let customer = self.talks.get(contact).and_then(|talk| talk.customer_id()).map(CustomerId::new);
        match customer {
            Some(customer) => self.ask(Rest::Past(ask, contact.clone(), customer, page), Some(deadline)),
            None => self.found(ask, Err(not_possible("the platform does not know the customer"))),
        }
    }

    pub(super) fn on_past(
        &mut self,
        ask: u64,
        contact: &ContactId,
        page: u32,
        result: Result<Value, RestError>,
        now: Now,
    ) {
        let Some(user) = &self.user else { return };
        let limit = self.settings.past_page;
        let wall = now.wall.shifted(self.ahead);
        let found = result.map_err(|error| error_of(&error)).and_then(|answer| {
            customers::past(&answer, user, contact.as_str(), page, limit, wall).map(Found::Past).ok_or_else(unreadable)
        });
        self.found(ask, found);
    }

    pub(super) fn ask_canned(&mut self, ask: u64, deadline: Instant) {
        match self.canned.clone() {
            Some(messages) => self.found(ask, Ok(Found::Canned(messages))),
            None => self.ask(Rest::Canned(ask), Some(deadline)),
        }
    }

    pub(super) fn on_canned(&mut self, ask: u64, result: Result<Value, RestError>) {
        let found = match result {
            Ok(answer) => customers::canned(&answer).ok_or_else(unreadable),
            // A site without the file has no such words.
            Err(RestError::Refused(http::StatusCode::NOT_FOUND, _)) => Ok(Vec::new()),
            Err(error) => Err(error_of(&error)),
        };
        self.canned = found.as_ref().ok().cloned();
        self.found(ask, found.map(Found::Canned));
    }

    // Another customer for a conversation: the document is read, given to the
    // conversation, and what an unknown customer wrote before goes along.

    pub(super) fn link_customer(&mut self, contact: &ContactId, customer: &CustomerId) -> Acted {
        if !self.may_link() {
            return Err(CommandError::new(CommandCode::NotAllowed, "no right to link customers"));
        }
        let Some(talk) = self.talks.get(contact) else { return Err(not_possible("there is no such contact")) };
        if talk.customer_id() == Some(customer.as_str()) {
            return Ok(Then::Done);
        }
        let linked = Awaited::Linked(contact.clone());
        if self.pending.iter().any(|pending| pending.awaited == linked) {
            return Err(not_possible("another customer is being linked"));
        }
        self.ask(Rest::NewCustomer(contact.clone(), customer.clone()), None);
        Ok(Then::Await(linked, None))
    }

    pub(super) fn on_new_customer(&mut self, contact: &ContactId, result: Result<Value, RestError>) {
        match result {
            Ok(answer) if answer["_id"].is_string() || answer["id"].is_string() => {
                self.ask(Rest::Link(contact.clone(), Box::new(answer)), None);
            }
            Ok(_) => self.linked(contact, Err(unreadable())),
            Err(error) => self.linked(contact, Err(error_of(&error))),
        }
    }

    pub(super) fn on_linked(
        &mut self,
        contact: &ContactId,
        customer: &Value,
        result: Result<Value, RestError>,
        now: Now,
    ) {
        match result {
            // Some answer with words that are no JSON.
            Ok(_) | Err(RestError::Unreadable) => {}
            Err(error) => return self.linked(contact, Err(error_of(&error))),
        }
        let before = self.talks.get(contact).map(|talk| talk.customer_document().clone()).unwrap_or_default();
        self.with_talk(contact, now, |talk, around| {
            talk.set_customer(customer, around);
            talk.tell(around)
        });
        if before["isAnonymous"] == json!(true) && before["_id"].is_string() {
            self.ask(Rest::MovePast(contact.clone(), Box::new(before), Box::new(customer.clone())), None);
        }
        self.linked(contact, Ok(()));
    }

    pub(super) fn on_past_moved(&mut self, contact: &ContactId, result: Result<Value, RestError>, now: Now) {
        if let Err(error @ (RestError::Failed(_) | RestError::Refused(..))) = result {
            tracing::warn!(?error, "earlier conversations stay with the unknown customer");
            let cause = format!("past-not-moved:{contact}");
            self.notice(&cause, NoticeLevel::Warning, "notice_past_not_moved", &[], Some(contact), now);
        }
    }

    pub(super) fn linked(&mut self, contact: &ContactId, answer: Result<(), CommandError>) {
        let about = Awaited::Linked(contact.clone());
        let ids: Vec<CommandId> =
            extract(&mut self.pending, |pending| pending.awaited == about).into_iter().map(|p| p.id).collect();
        for id in ids {
            self.answer(id, answer.clone());
        }
    }
}

fn unreadable() -> CommandError {
    CommandError::new(CommandCode::Unavailable, "an answer that cannot be read")
}
