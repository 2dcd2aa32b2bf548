//! What follows from a change of a chat contact, done outside the lock.

use std::sync::Arc;
use std::time::Duration;

use super::contact::{Chat, ChatEndedBy};
use super::conversation::{ChatRole, Conversation, Draft, Participant, Presence};
use crate::Moment;
use crate::amazon_connect::shared::Shared;

/// How long the service waits before it accepts by itself.
const AUTO_ACCEPT: Duration = Duration::from_millis(200);

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
            talk.change(|all| {
                all.participants.push(colleague);
                talk.join(shared, all, &id);
            });
        }
        ChatEffect::Queue(chat, queue, after) => {
            shared.timer(after, move |world| world.chat_queue_round(&chat, &queue));
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
