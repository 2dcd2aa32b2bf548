//! Any JSON at everything that reads Expertflow's events, messages, tasks and customers.
#![no_main]

use serde_json::Value;
use trunkline_expertflow::cim::{self, ChannelSession, CimEvent, Customer, Happening, Me, Task, Timer};
use trunkline_fuzz::{bounded, fuzz};
use trunkline_model::UnixMillis;

fuzz!(|data: &[u8]| {
    if let Ok(value) = serde_json::from_slice::<Value>(data) {
        read(&value, data.len());
    }
});

const NOW: UnixMillis = UnixMillis(1_900_000_000_000);
/// The agent of the fixtures.
const AGENT: &str = "5b0c2f1e-7d34-4a92-9a51-0c6f8a2e1101";

fn read(value: &Value, size: usize) {
    event(value, size);
    bounded(size, &ChannelSession::read(value).map(|session| session.line()));
    bounded(size, &Customer::read(value));
    let task = Task::read(value);
    bounded(size, &task);
    for media in task.media.iter().take(3) {
        bounded(size, &task.offered_as(media));
    }
    let _ = Timer::read(value).ends();
    let _ = cim::time(value);
}

fn event(value: &Value, size: usize) {
    let me = Me { id: AGENT, username: "a.demo", role_of: &|_| None };
    for event in [CimEvent::read(value), CimEvent::read_frame(value)].into_iter().flatten() {
        let told = cim::read(&event, &me, NOW);
        bounded(size, &told);
        if let Happening::Message(message) = &told.what {
            assert!(cim::excerpt(&message.body).chars().count() <= 140, "an excerpt is short");
        }
        assert_eq!(told, cim::read(&event, &me, NOW), "the same each time");
    }
}
