//! Chats: talked through, missed, declined, abandoned, handed over, ended by
//! the customer.

use std::time::Duration;

use anyhow::Result;
use trunkline_simulators::amazon_connect::{OfferChat, SimChat};

use super::{AGENT, Day, RING, SOON};
use crate::proofs::streams_crosscheck::seat::Act;

const RINGS: &str = "connecting: agent connecting, customer connected";
const TALKS: &str = "connected: agent connected, customer connected";
const OVER: &str = "ended: agent disconnected, customer disconnected";

impl Day<'_> {
    pub(super) async fn chat_rings(&mut self, name: &str, offer: OfferChat) -> Result<(SimChat, String)> {
        let chat = self.sim.offer_chat(offer).await?;
        let id = self.named(name, chat.contact_id());
        self.is(&id, RINGS).await?;
        Ok((chat, id))
    }

    pub(super) async fn chat_taken(&mut self, name: &str) -> Result<(SimChat, String)> {
        let offer = OfferChat { first_words: Some("Is anybody there?".to_owned()), ..OfferChat::to(AGENT) };
        let (chat, id) = self.chat_rings(name, offer).await?;
        self.accept(&id).await?;
        self.is(&id, TALKS).await?;
        self.told("chat", &id, "open", "").await?;
        self.sim.expect_topic(AGENT, "aws/chat", SOON).await?;
        Ok((chat, id))
    }

    async fn say(&mut self, contact: &str, text: &str) -> Result<()> {
        self.act(Act::Say { contact: contact.to_owned(), text: text.to_owned() }).await?;
        self.told("chat", contact, "item", &format!("AGENT text/plain: {text}")).await
    }

    pub(super) async fn hears(&mut self, chat: &SimChat, contact: &str, text: &str) -> Result<String> {
        let id = chat.say(text)?;
        self.told("chat", contact, "item", &format!("CUSTOMER text/plain: {text}")).await?;
        Ok(id)
    }
}

/// Words, markdown, typing, receipts, streamed text, files both ways.
pub async fn whole(day: &mut Day<'_>) -> Result<()> {
    let (chat, id) = day.chat_taken("chat").await?;
    let words = day.hears(&chat, &id, "My parcel is late").await?;
    day.act(Act::Read { contact: id.clone(), message: words.clone() }).await?;
    chat.wait_for_receipt(&words, true, SOON).await?;
    day.act(Act::Typing { contact: id.clone() }).await?;
    chat.wait_for_typing(1, SOON).await?;
    day.say(&id, "Which one?").await?;
    let ours = chat.wait_for_message("Which one?", SOON).await?;
    chat.mark_delivered(&ours.id)?;
    day.told("chat", &id, "delivered", "Which one?").await?;
    chat.mark_read(&ours.id)?;
    day.told("chat", &id, "read", "Which one?").await?;
    chat.typing()?;
    day.told("chat", &id, "typing", "CUSTOMER").await?;
    chat.say_markdown("The **blue** one")?;
    day.told("chat", &id, "item", "CUSTOMER text/markdown: The **blue** one").await?;
    // One piece after the other, each as soon as the client shows the last.
    chat.streamed_bot_text(&["Looking", " it up"], Duration::from_millis(400)).await?;
    day.told("chat", &id, "item", "SYSTEM text/plain: Looking it up").await?;

    let file = Act::File {
        contact: id.clone(),
        name: "label.pdf".to_owned(),
        kind: "application/pdf".to_owned(),
        text: "of the agent".to_owned(),
    };
    day.act(file).await?;
    day.told("chat", &id, "item", "AGENT file label.pdf APPROVED").await?;
    chat.send_file("photo.pdf", "application/pdf", "of the customer")?;
    day.told("chat", &id, "item", "CUSTOMER file photo.pdf APPROVED").await?;
    chat.reject_files(1);
    chat.send_file("virus.pdf", "application/pdf", "not so good")?;
    day.told("chat", &id, "item", "CUSTOMER file virus.pdf REJECTED").await?;
    chat.idle()?;
    day.told("chat", &id, "item", "CUSTOMER event participant.idle").await?;
    chat.returned()?;
    day.told("chat", &id, "item", "CUSTOMER event participant.returned").await?;

    day.end(&id).await?;
    day.is(&id, OVER).await?;
    day.told("chat", &id, "ended", "").await?;
    day.clear(&id).await
}

/// Missed, declined, abandoned, handed over, ended by the customer,
/// auto-accepted.
pub async fn others(day: &mut Day<'_>) -> Result<()> {
    let (_, id) = day.chat_rings("missed chat", OfferChat { ring: Some(RING), ..OfferChat::to(AGENT) }).await?;
    day.is(&id, "missed: agent disconnected, customer connected").await?;
    day.clear(&id).await?;

    let (_, id) = day.chat_rings("declined chat", OfferChat::to(AGENT)).await?;
    day.act(Act::Reject { contact: id.clone() }).await?;
    day.is(&id, "rejected: agent rejected, customer connected").await?;
    day.clear(&id).await?;

    let (chat, id) = day.chat_rings("abandoned chat", OfferChat::to(AGENT)).await?;
    chat.leave()?;
    day.gone(&id).await?;

    let (_, id) = day.chat_taken("chat handed over").await?;
    day.act(Act::Transfer { contact: id.clone(), name: "Agent Two".to_owned() }).await?;
    day.is(&id, OVER).await?;
    day.clear(&id).await?;

    let (chat, id) = day.chat_taken("chat the customer ends").await?;
    day.hears(&chat, &id, "Never mind").await?;
    chat.leave()?;
    day.is(&id, OVER).await?;
    day.told("chat", &id, "ended", "").await?;
    day.clear(&id).await?;

    day.sim.agent(AGENT).set_auto_accept(true);
    let (_, id) = {
        let chat = day.sim.offer_chat(OfferChat::to(AGENT)).await?;
        let id = day.named("auto-accepted chat", chat.contact_id());
        (chat, id)
    };
    day.is(&id, TALKS).await?;
    day.told("chat", &id, "open", "").await?;
    day.sim.agent(AGENT).set_auto_accept(false);
    day.end(&id).await?;
    day.is(&id, OVER).await?;
    day.told("chat", &id, "ended", "").await?;
    day.clear(&id).await
}
