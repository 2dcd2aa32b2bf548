//! Anything that Olos AgentHub may send, as the agent's and the call's state, and as
//! the list of who is online.
#![no_main]

use serde_json::Value;
use trunkline_connector::AccountSettings;
use trunkline_fuzz::{bounded, fuzz};
use trunkline_model::UnixMillis;
use trunkline_olos::live::Live;
use trunkline_olos::{event, roster};

const NOW: UnixMillis = UnixMillis(1_900_000_000_000);

fuzz!(|data: &[u8]| {
    let Ok(value) = serde_json::from_slice::<Value>(data) else { return };
    let size = data.len();
    bounded(size, &event::pasted(&AccountSettings::default(), &value, NOW));
    bounded(size, &roster::from_list(&value));
    let mut live = Live::new("a.demo");
    for event in event::read("event", &value, &["data".to_owned(), "events".to_owned()]) {
        bounded(size, &event);
        live.take(&event, NOW);
        bounded(size, &(live.agent(), live.call()));
    }
});
