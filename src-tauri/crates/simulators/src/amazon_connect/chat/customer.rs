//! The other side of a chat: the customer, bots and the service itself.

use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};

use super::attachments;
use super::contact::ChatEndedBy;
use super::conversation::{AttachmentStatus, ChatFile, ChatRole, Draft, Participant, Presence, Talk};
use super::delivery;
use super::item::{INTERACTIVE, Item, RESPONSE, Sender};
use super::sim_chat::SimChat;
use crate::Moment;
use crate::amazon_connect::error::SimError;
use crate::amazon_connect::state::now;

fn over() -> SimError {
    SimError::NotPossible("the conversation is over".to_owned())
}

fn bot() -> Sender {
    Sender { id: "system".to_owned(), role: ChatRole::System, name: "BOT".to_owned() }
}

impl SimChat {
    fn change<T>(&self, change: impl FnOnce(&mut Talk) -> Result<T, SimError>) -> Result<T, SimError> {
        let open = |talk: &mut Talk| if talk.ended { Err(over()) } else { change(talk) };
        self.chat.conversation.change(open).unwrap_or_else(|| Err(over()))
    }

    fn put(&self, sender: Option<&Sender>, draft: Draft) -> Result<String, SimError> {
        let conversation = &self.chat.conversation;
        self.change(|talk| Ok(conversation.add(&self.shared, talk, sender, draft).id))
    }

    fn customer(&self) -> Result<Sender, SimError> {
        self.read(|talk| talk.participant(self.customer_connection_id()).map(Participant::sender)).ok_or_else(over)
    }

    /// The customer says that in plain text; returns the message's id.
    ///
    /// # Errors
    /// [`SimError::NotPossible`] when the conversation is over.
    pub fn say(&self, text: &str) -> Result<String, SimError> {
        self.put(Some(&self.customer()?), Draft::message("text/plain", text))
    }

    /// The customer sends Markdown.
    ///
    /// # Errors
    /// As [`Self::say`].
    pub fn say_markdown(&self, text: &str) -> Result<String, SimError> {
        self.put(Some(&self.customer()?), Draft::message("text/markdown", text))
    }

    /// The bot shows an interactive message (list picker, quick replies, ...).
    ///
    /// # Errors
    /// As [`Self::say`].
    pub fn say_interactive(&self, template: &Value) -> Result<String, SimError> {
        self.put(Some(&bot()), Draft::message(INTERACTIVE, &template.to_string()))
    }

    /// The customer answers an interactive message.
    ///
    /// # Errors
    /// As [`Self::say`].
    pub fn answer_interactive(&self, response: &Value) -> Result<String, SimError> {
        self.put(Some(&self.customer()?), Draft::message(RESPONSE, &response.to_string()))
    }

    /// The bot says that in plain text.
    ///
    /// # Errors
    /// As [`Self::say`].
    pub fn bot_says(&self, text: &str) -> Result<String, SimError> {
        self.put(Some(&bot()), Draft::message("text/plain", text))
    }

    /// Any content of any type and role, with the participant id `system`
    /// unless the role is the customer's.
    ///
    /// # Errors
    /// As [`Self::say`].
    pub fn say_as(&self, role: ChatRole, name: &str, content_type: &str, content: &str) -> Result<String, SimError> {
        let sender = match role {
            ChatRole::Customer => self.customer()?,
            _ => Sender { role, name: name.to_owned(), ..bot() },
        };
        self.put(Some(&sender), Draft::message(content_type, content))
    }

    /// The bot's text arrives in chunks under one id, `pause` apart, and then
    /// whole; returns the id.
    ///
    /// # Errors
    /// As [`Self::say`].
    pub async fn streamed_bot_text(&self, chunks: &[&str], pause: Duration) -> Result<String, SimError> {
        let id = uuid::Uuid::new_v4().to_string();
        let mut whole = String::new();
        for (n, chunk) in chunks.iter().enumerate() {
            whole.push_str(chunk);
            self.chunk(&id, n + 1, chunk, &whole)?;
            tokio::time::sleep(pause).await;
        }
        self.change(|talk| {
            let initial = self.initial_contact_id();
            let item = talk.items.iter_mut().find(|i| i.id == id).ok_or_else(over)?;
            item.completed = Some(true);
            let told = item.json(initial);
            delivery::send(&self.shared, talk, &told);
            Ok(())
        })?;
        Ok(id)
    }

    fn chunk(&self, id: &str, number: usize, chunk: &str, so_far: &str) -> Result<(), SimError> {
        self.change(|talk| {
            if number == 1 {
                talk.items.push(Item {
                    id: id.to_owned(),
                    kind: "MESSAGE",
                    time: now() + self.shared.skew(),
                    at: Moment::now(),
                    content_type: "text/plain".to_owned(),
                    content: None,
                    sender: Some(bot()),
                    contact_id: self.contact_id().to_owned(),
                    file: None,
                    completed: Some(false),
                    client_token: None,
                    receipts: Vec::new(),
                });
            }
            let item = talk.items.iter_mut().find(|i| i.id == id).ok_or_else(over)?;
            item.content = Some(so_far.to_owned());
            let mut told = item.json(self.initial_contact_id());
            told["Content"] = json!(chunk);
            told["MessageMetadata"]["ChunkNumber"] = json!(number);
            delivery::send(&self.shared, talk, &told);
            Ok(())
        })
    }

    /// The customer types.
    ///
    /// # Errors
    /// As [`Self::say`].
    pub fn typing(&self) -> Result<(), SimError> {
        let customer = self.customer()?;
        let conversation = &self.chat.conversation;
        self.change(|talk| {
            conversation.tell(&self.shared, talk, &customer, "typing");
            Ok(())
        })
    }

    /// The customer sends a file, already uploaded; it is checked as any.
    /// Returns the AttachmentId.
    ///
    /// # Errors
    /// As [`Self::say`].
    pub fn send_file(&self, name: &str, content_type: &str, bytes: impl Into<Bytes>) -> Result<String, SimError> {
        let customer = self.customer()?;
        let bytes = bytes.into();
        let file = ChatFile {
            id: uuid::Uuid::new_v4().to_string(),
            name: name.to_owned(),
            content_type: content_type.to_owned(),
            size: bytes.len(),
            bytes: Some(bytes),
            status: AttachmentStatus::InProgress,
            sender: customer.id.clone(),
            completed: true,
        };
        let id = file.id.clone();
        self.change(|talk| {
            talk.files.push(file);
            attachments::check(&self.shared, &self.chat.conversation, talk, &customer, &id);
            Ok(())
        })?;
        Ok(id)
    }

    /// The check refuses the next `times` files, whoever sends them.
    pub fn reject_files(&self, times: usize) {
        self.chat.conversation.change(|talk| talk.rejections = times);
    }

    /// The customer's client has received a message.
    ///
    /// # Errors
    /// [`SimError::NotPossible`] when there is no such message, or as
    /// [`Self::say`].
    pub fn mark_delivered(&self, message: &str) -> Result<(), SimError> {
        self.mark(message, false)
    }

    /// The customer has read a message.
    ///
    /// # Errors
    /// As [`Self::mark_delivered`].
    pub fn mark_read(&self, message: &str) -> Result<(), SimError> {
        self.mark(message, true)
    }

    fn mark(&self, message: &str, read: bool) -> Result<(), SimError> {
        let customer = self.customer_connection_id();
        self.change(|talk| {
            let known = self.chat.conversation.receipt(&self.shared, talk, customer, message, read);
            known.then_some(()).ok_or_else(|| SimError::NotPossible("there is no such message".to_owned()))
        })
    }

    /// The customer closes the chat.
    ///
    /// # Errors
    /// As [`Self::say`].
    pub fn leave(&self) -> Result<(), SimError> {
        self.end(ChatEndedBy::Customer)
    }

    /// The customer was silent for too long: the service says so and ends the
    /// chat.
    ///
    /// # Errors
    /// As [`Self::say`].
    pub fn auto_disconnect(&self) -> Result<(), SimError> {
        self.customer_event("participant.autodisconnection")?;
        self.end(ChatEndedBy::Service)
    }

    /// The service ends the chat without a reason.
    ///
    /// # Errors
    /// As [`Self::say`].
    pub fn service_ends(&self) -> Result<(), SimError> {
        self.end(ChatEndedBy::Service)
    }

    fn end(&self, by: ChatEndedBy) -> Result<(), SimError> {
        if self.is_over() {
            return Err(over());
        }
        self.shared.act(|world| world.chat_over(&self.chat, by)).map_err(SimError::from)
    }

    /// The service notices that the customer is silent.
    ///
    /// # Errors
    /// As [`Self::say`].
    pub fn idle(&self) -> Result<String, SimError> {
        self.customer_event("participant.idle")
    }

    /// The silent customer is back.
    ///
    /// # Errors
    /// As [`Self::say`].
    pub fn returned(&self) -> Result<String, SimError> {
        self.customer_event("participant.returned")
    }

    /// An earlier chat of the customer was brought back.
    ///
    /// # Errors
    /// As [`Self::say`].
    pub fn rehydrated(&self) -> Result<String, SimError> {
        self.put(None, Draft::event("chat.rehydrated"))
    }

    /// Any event of the customer, by the end of its content type, as
    /// `participant.displayname.updated`.
    ///
    /// # Errors
    /// As [`Self::say`].
    pub fn customer_event(&self, suffix: &str) -> Result<String, SimError> {
        self.put(Some(&self.customer()?), Draft::event(suffix))
    }

    /// Somebody comes into the conversation, as a supervisor who barges in;
    /// returns the participant id.
    ///
    /// # Errors
    /// As [`Self::say`].
    pub fn participant_joined(&self, role: ChatRole, name: &str) -> Result<String, SimError> {
        let id = uuid::Uuid::new_v4().to_string();
        self.change(|talk| {
            talk.participants.push(Participant::new(&id, role, name, self.contact_id(), Presence::Invited));
            self.chat.conversation.join(&self.shared, talk, &id);
            Ok(())
        })?;
        Ok(id)
    }

    /// That participant leaves; the conversation goes on.
    ///
    /// # Errors
    /// [`SimError::NotPossible`] when there is no such participant, or as
    /// [`Self::say`].
    pub fn participant_left(&self, id: &str) -> Result<(), SimError> {
        self.change(|talk| {
            if !talk.is_here(id) {
                return Err(SimError::NotPossible("there is no such participant".to_owned()));
            }
            self.chat.conversation.say_left(&self.shared, talk, id);
            talk.set_presence(id, Presence::Gone);
            Ok(())
        })
    }

    /// A view that DescribeView knows from now on; returns its token.
    #[must_use]
    pub fn add_view(&self, view: Value) -> String {
        let token = format!("view-{}", uuid::Uuid::new_v4());
        self.chat.conversation.change(|talk| talk.views.insert(token.clone(), view));
        token
    }

    /// Sends any item to the agent's sockets as it is, outside the transcript.
    pub fn send_raw_item(&self, item: &Value) {
        self.chat.conversation.change(|talk| delivery::send(&self.shared, talk, item));
    }
}
