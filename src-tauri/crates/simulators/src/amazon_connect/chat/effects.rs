//! What follows from a change of a chat contact, done outside the lock.

use std::sync::Arc;
use std::time::Duration;

use super::contact::{Chat, ChatEndedBy};
use super::conversation::{ChatRole, Conversation, Draft, Participant, Presence, Talk};
use super::item::{Item, Sender};
use crate::Moment;
use crate::amazon_connect::shared::Shared;

/// How long the service waits before it accepts by itself.
const AUTO_ACCEPT: Duration = Duration::from_millis(200);

/// How long a played colleague thinks.
const THINKING: Duration = Duration::from_millis(1500);

pub(crate) enum ChatEffect {
    /// A contact exists; told to the handle before any client can ask.
    New(Arc<Chat>),
    /// Ring time starts.
    Ring(Arc<Chat>),
    /// The service accepts for the agent.
    AutoAccept(Arc<Chat>),
    /// The agent has accepted.
    Joined(Arc<Chat>),
    /// The conversation is over; that participant leaves first.
    Over(Arc<Conversation>, Option<String>, ChatEndedBy),
    /// After-contact work starts.
    WrapUp(Arc<Chat>),
    /// Tokens of the contact are refused from now on.
    Cleared(Arc<Chat>),
    TransferSucceeded(Arc<Chat>),
    TransferFailed(Arc<Chat>),
    /// A colleague whom the simulator plays takes over, by name.
    Played(Arc<Chat>, String),
    /// That queue is looked at after that time.
    Queue(Arc<Chat>, String, Duration),
}

pub(crate) fn run(shared: &Arc<Shared>, effect: ChatEffect) {
    match effect {
        ChatEffect::New(_) => {}
        ChatEffect::Ring(chat) => {
            let ring = chat.offer.ring.unwrap_or(shared.options.ring);
            shared.timer(ring, move |world| world.chat_ring_expired(&chat));
        }
        ChatEffect::AutoAccept(chat) => {
            shared.timer(AUTO_ACCEPT, move |world| world.accept_chat(&chat.agent, &chat.contact_id));
        }
        ChatEffect::Joined(chat) => {
            let talk = &chat.conversation;
            talk.change(|all| talk.join(shared, all, &chat.agent_connection));
            chat.note(|f| f.accepted = Some(Moment::now()));
        }
        ChatEffect::Over(conversation, leaving, by) => over(shared, &conversation, leaving, by),
        ChatEffect::WrapUp(chat) => {
            if let Some(time) = shared.options.wrap_up {
                shared.timer(time, move |world| world.chat_wrap_up_over(&chat));
            }
        }
        ChatEffect::Cleared(chat) => {
            chat.conversation.change(|all| all.set_presence(&chat.agent_connection, Presence::Forgotten));
        }
        ChatEffect::TransferSucceeded(chat) => {
            let talk = &chat.conversation;
            talk.change(|all| {
                talk.say_left(shared, all, &chat.agent_connection);
                talk.add(shared, all, None, Draft::event("transfer.succeeded"));
                all.set_presence(&chat.agent_connection, Presence::Gone);
            });
        }
        ChatEffect::TransferFailed(chat) => {
            let talk = &chat.conversation;
            talk.change(|all| talk.add(shared, all, None, Draft::event("transfer.failed")));
            chat.note(|f| f.transfer_failed.push(Moment::now()));
        }
        ChatEffect::Played(chat, name) => {
            let id = uuid::Uuid::new_v4().to_string();
            let colleague = Participant::new(&id, ChatRole::Agent, &name, &chat.contact_id, Presence::Invited);
            let talk = &chat.conversation;
            let sender = colleague.sender();
            talk.change(|all| {
                all.participants.push(colleague);
                talk.join(shared, all, &id);
            });
            shared.later(play(shared.clone(), talk.clone(), sender));
        }
        ChatEffect::Queue(chat, queue, after) => {
            shared.timer(after, move |world| world.chat_queue_round(&chat, &queue));
        }
    }
}

/// A played colleague greets, and answers whatever the customer says.
async fn play(shared: Arc<Shared>, conversation: Arc<Conversation>, colleague: Sender) {
    const GREETING: &str = "Hello, I have read your conversation. How can I help?";
    const ANSWER: &str = "Yes, I will take care of it.";
    let customer_lines = |talk: &Talk| {
        let of_customer = |i: &&Item| i.is_message() && i.sender.as_ref().is_some_and(|s| s.role == ChatRole::Customer);
        talk.items.iter().filter(of_customer).count()
    };
    let mut said = customer_lines(&conversation.talk.borrow());
    let mut changed = conversation.talk.subscribe();
    let mut next = GREETING;
    loop {
        tokio::time::sleep(THINKING).await;
        let over = conversation.change(|talk| {
            if !talk.ended {
                conversation.add(&shared, talk, Some(&colleague), Draft::message("text/plain", next));
            }
            talk.ended
        });
        next = ANSWER;
        let new = changed.wait_for(|talk| talk.ended || customer_lines(talk) > said).await;
        match new {
            Ok(talk) if !talk.ended => said = customer_lines(&talk),
            _ => return,
        }
        if over != Some(false) {
            return;
        }
    }
}

fn over(shared: &Arc<Shared>, conversation: &Arc<Conversation>, leaving: Option<String>, by: ChatEndedBy) {
    let customer = (by == ChatEndedBy::Customer).then(|| conversation.customer_id.clone());
    conversation.change(|all| {
        if let Some(id) = leaving.or(customer).filter(|id| all.is_here(id)) {
            conversation.say_left(shared, all, &id);
        }
        conversation.end(shared, all);
    });
}
