//! What follows from a change of a task or an e-mail, done outside the lock.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::contact::Work;
use super::create::Unassigned;
use crate::amazon_connect::call::lock;
use crate::amazon_connect::server::iso_time;
use crate::amazon_connect::shared::Shared;
use crate::amazon_connect::state::now;

/// How long the service waits before it accepts by itself.
const AUTO_ACCEPT: Duration = Duration::from_millis(200);
/// How long a transfer takes, from its events to the contact's end: a guess.
const LEAVE: Duration = Duration::from_millis(150);
/// How often a queue is looked at for an agent who is free.
pub(super) const QUEUE_ROUND: Duration = Duration::from_millis(250);

const TOPIC: &str = "aws/task";

pub(crate) enum WorkEffect {
    /// A contact exists; told to the handle before any client can ask.
    New(Arc<Work>),
    /// Ring time starts.
    Ring(Arc<Work>),
    /// The service accepts for the agent.
    AutoAccept(Arc<Work>),
    /// After-contact work starts.
    WrapUp(Arc<Work>),
    /// An event of `aws/task`; nothing for e-mails.
    Event(Arc<Work>, &'static str),
    /// The agent who transferred it is out, shortly after the events.
    Leave(Arc<Work>),
    /// The queues are looked at after that time.
    Queue(Arc<Work>, Duration),
    /// The same for a new task.
    Unassigned(Arc<Unassigned>, Duration),
}

pub(crate) fn run(shared: &Arc<Shared>, effect: WorkEffect) {
    match effect {
        WorkEffect::New(_) => {}
        WorkEffect::Ring(work) => {
            let ring = work.offer.ring().unwrap_or(shared.options.ring);
            shared.timer(ring, move |world| world.work_ring_expired(&work));
        }
        WorkEffect::AutoAccept(work) => {
            shared.timer(AUTO_ACCEPT, move |world| world.accept_work(work.agent(), &work.contact_id));
        }
        WorkEffect::WrapUp(work) => {
            if let Some(time) = shared.options.wrap_up {
                shared.timer(time, move |world| world.clear_work(work.agent(), &work.contact_id));
            }
        }
        WorkEffect::Event(work, kind) => {
            if work.offer.is_task() {
                tell(shared, &work, kind);
            }
        }
        WorkEffect::Leave(work) => shared.timer(LEAVE, move |world| world.work_left(&work)),
        WorkEffect::Queue(work, after) => shared.timer(after, move |world| world.work_queue_round(&work)),
        WorkEffect::Unassigned(task, after) => shared.timer(after, move |world| world.assign_task(&task)),
    }
}

fn tell(shared: &Arc<Shared>, work: &Work, kind: &str) {
    let content = json!({
        "AbsoluteTime": iso_time(now() + shared.skew()),
        "ContentType": format!("application/vnd.amazonaws.connect.event.{kind}"),
        "Id": uuid::Uuid::new_v4().to_string(),
        "InitialContactId": work.initial_contact_id,
        "ContactId": work.contact_id,
        "Type": "EVENT",
    });
    let frame = json!({ "topic": TOPIC, "contentType": "application/json", "content": content.to_string() });
    lock(&shared.sockets).send(work.agent(), None, TOPIC, &frame.to_string());
}
