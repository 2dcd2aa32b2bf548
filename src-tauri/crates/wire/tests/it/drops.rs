//! 300 forced drops on virtual time: every wait is the table's.

use std::time::Duration;

use serde_json::json;
use trunkline_wire::phoenix::{ChannelState, Event, LostBy};

use crate::rig::Rig;

const TABLE: [u64; 10] = [10, 50, 100, 150, 200, 250, 500, 1000, 2000, 5000];

/// A small generator of its own, so that each run is the same.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

#[test]
fn three_hundred_drops_come_back_by_the_table() {
    let mut dice = Dice(20_261_121);
    let mut rig = Rig::joined("agents:52");
    rig.client.join("admin:acme", json!({}), rig.now);
    rig.drain();
    rig.answer_join("admin:acme", "ok", &json!({}));
    let mut references = std::collections::BTreeSet::new();
    let (mut by_code, mut by_heartbeat, mut longest) = (0, 0, 0);
    for drop in 0..300 {
        rig.take_events();
        rig.pass(Duration::from_millis(dice.roll(29_000)));
        let by = if dice.roll(10) == 0 {
            by_heartbeat += 1;
            while rig.closes.is_empty() {
                rig.next_timer();
            }
            rig.closes.clear();
            LostBy::Heartbeat
        } else {
            by_code += 1;
            let code = [1000, 1001, 1006, 1011, 1012, 4000][dice.roll(6) as usize];
            rig.close(code);
            LostBy::Closed(code)
        };
        let lost = Event::Lost { by, retry: Duration::from_millis(TABLE[0]) };
        assert_eq!(rig.take_events(), [lost], "drop {drop} is told once, with the first wait of the table");
        let failures = dice.roll(13) as usize;
        longest = longest.max(failures);
        for tries in 0..=failures {
            let wait = Duration::from_millis(*TABLE.get(tries).unwrap_or(&TABLE[9]));
            assert_eq!(rig.next_timer(), wait, "drop {drop}: wait {tries} is the table's");
            if tries < failures {
                rig.fail();
                assert!(
                    matches!(rig.take_events().as_slice(), [Event::NotOpened { .. }]),
                    "told as a try, not as a loss"
                );
            }
        }
        rig.sent.clear();
        rig.open();
        assert_eq!(rig.sent.len(), 2, "drop {drop}: both channels are joined at once, each once");
        for topic in ["agents:52", "admin:acme"] {
            let reference = rig.client.join_ref(topic).expect("it joins").to_owned();
            assert!(references.insert(reference), "each join has a number never used before");
            rig.answer_join(topic, "ok", &json!({}));
            assert_eq!(rig.client.channel(topic), Some(ChannelState::Joined), "and is joined");
        }
    }
    assert!(by_code > 200 && by_heartbeat > 10 && longest > 10, "all kinds came: {by_code}, {by_heartbeat}, {longest}");
}
