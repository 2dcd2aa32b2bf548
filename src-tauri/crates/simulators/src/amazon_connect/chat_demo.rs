//! The chats of demo mode: short conversations that follow the agent.

use std::collections::BTreeMap;
use std::time::Duration;

use super::chat::{ChatFacts, OfferChat, SimChat};
use super::demo::DemoPace;
use super::error::SimError;
use super::handle::AmazonConnectSim;

struct Visitor {
    name: &'static str,
    queue: &'static str,
    attributes: &'static [(&'static str, &'static str)],
    opening: &'static str,
    /// Said one by one, each after something from the agent.
    replies: &'static [&'static str],
    goodbye: &'static str,
    /// The customer's file, sent with the first reply.
    file: Option<(&'static str, &'static str, &'static str)>,
}

const VISITORS: [Visitor; 3] = [
    Visitor {
        name: "Farah Example",
        queue: "Support",
        attributes: &[("orderNumber", "A-20517"), ("tier", "gold")],
        opening: "Hello, my parcel should have been here yesterday.",
        replies: &["The order number is A-20517.", "Can it be left with a neighbour?"],
        goodbye: "Perfect, thank you very much!",
        file: None,
    },
    Visitor {
        name: "Gustav Sample",
        queue: "Sales",
        attributes: &[("page", "/products/headsets")],
        opening: "Hi! Does the headset work with two computers at once?",
        replies: &["This is the one I have now, see the file.", "And how long is the warranty?"],
        goodbye: "Great, I will order it. Bye!",
        file: Some(("my-headset.txt", "text/plain", "Model: Example H-100\nBought: 2021\n")),
    },
    Visitor {
        name: "Hana Specimen",
        queue: "Billing",
        attributes: &[("invoice", "2026-11"), ("language", "en")],
        opening: "I was charged twice for November, could you have a look?",
        replies: &["84.20 both times.", "On the same day, yes."],
        goodbye: "Thanks for sorting it out.",
        file: None,
    },
];

/// Offers chats for ever, the first one when the first call is over.
pub(crate) async fn chats(sim: &AmazonConnectSim, login: &str, pace: DemoPace) {
    first_call_over(sim).await;
    let mut wait = pace.first_chat;
    for n in 0.. {
        let visitor = &VISITORS[n % VISITORS.len()];
        let chat = loop {
            tokio::time::sleep(wait).await;
            wait = pace.next_chat;
            match sim.offer_chat(offer(login, visitor)).await {
                Ok(chat) => break chat,
                // Away, or busy with chats: later.
                Err(SimError::NotPossible(_)) => {}
                Err(error) => {
                    tracing::warn!(%error, "the demo's chats end");
                    return;
                }
            }
        };
        tracing::info!(number = n + 1, queue = visitor.queue, "the demo offers a chat");
        // An error means that the conversation has ended, which is its end.
        let _ = converse(&chat, visitor, pace).await;
        let gone = |f: &ChatFacts| f.cleared.or(f.abandoned);
        while chat.expect("the chat to be cleared", Duration::from_secs(3600), gone).await.is_err() {}
    }
}

async fn first_call_over(sim: &AmazonConnectSim) {
    loop {
        if let Some(call) = sim.calls().into_iter().next() {
            let over =
                |f: &super::CallFacts| f.ended.map(|_| ()).or(f.missed.or(f.rejected).or(f.abandoned).map(|_| ()));
            if call.expect("the end", Duration::from_secs(3600), over).await.is_ok() {
                return;
            }
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

fn offer(login: &str, visitor: &Visitor) -> OfferChat {
    let attributes: BTreeMap<String, String> =
        visitor.attributes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    OfferChat {
        customer_name: visitor.name.to_owned(),
        queue: visitor.queue.to_owned(),
        attributes,
        first_words: Some(visitor.opening.to_owned()),
        ..OfferChat::to(login)
    }
}

/// The customer reads what the agent writes, thinks, types and answers; says
/// goodbye after the last answer and leaves.
async fn converse(chat: &SimChat, visitor: &Visitor, pace: DemoPace) -> Result<(), SimError> {
    let day = Duration::from_secs(86_400);
    let answered = |f: &ChatFacts| f.accepted.map(|_| true).or(f.rejected.or(f.missed).or(f.abandoned).map(|_| false));
    if !chat.expect("an answer", day, answered).await? {
        // Nobody came: the customer does not wait for ever.
        tokio::time::sleep(pace.thinking).await;
        return chat.leave();
    }
    let mut seen = 0;
    for (n, reply) in visitor.replies.iter().chain([&visitor.goodbye]).enumerate() {
        if !next_words(chat, &mut seen).await {
            return Ok(());
        }
        tokio::time::sleep(pace.thinking / 2).await;
        chat.typing()?;
        tokio::time::sleep(pace.thinking).await;
        if let Some((name, kind, content)) = visitor.file.filter(|_| n == 0) {
            chat.send_file(name, kind, content)?;
        }
        chat.say(reply)?;
    }
    tokio::time::sleep(pace.thinking * 3).await;
    chat.leave()
}

/// Waits for something new from an agent, and marks it as read; false when
/// the conversation ends first.
async fn next_words(chat: &SimChat, seen: &mut usize) -> bool {
    let known = *seen;
    let day = Duration::from_secs(86_400);
    let new = chat.wait("an answer", day, |talk| {
        let said = talk.items.iter().filter(|i| i.is_message()).map(super::chat::message_of);
        let mut said = said.filter(|m| m.role == super::ChatRole::Agent).skip(known).map(|m| m.id);
        talk.ended.then_some(None).or(said.next().map(Some))
    });
    let Ok(Some(id)) = new.await else {
        return false;
    };
    let count = chat.agent_messages().len();
    *seen = count;
    // It may have ended in this very moment.
    chat.mark_read(&id).is_ok()
}
