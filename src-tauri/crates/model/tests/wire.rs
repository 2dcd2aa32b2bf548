//! The vocabulary as JSON, and what becomes of words that nobody knows yet.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{from_value, json, to_value};
use trunkline_model::*;

fn both_ways<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T, text: &str) {
    assert_eq!(to_value(value).unwrap(), json!(text), "{value:?} is written {text}");
    assert_eq!(from_value::<T>(json!(text)).unwrap(), *value, "{text} is read {value:?}");
}

#[test]
fn known_words_are_snake_case() {
    both_ways(&Channel::Voice, "voice");
    both_ways(&ContactState::Offered, "offered");
    both_ways(&ConnectionKind::ThirdParty, "third_party");
    both_ways(&ConnectionState::SilentMonitor, "silent_monitor");
    both_ways(&Outcome::EndedByCustomer, "ended_by_customer");
    both_ways(&LinkState::NeedsSignIn, "needs_sign_in");
    both_ways(&MediaFailure::IceGatheringTimeout, "ice_gathering_timeout");
    both_ways(&AgentActivity::AfterContactWork, "after_contact_work");
}

#[test]
fn ids_are_plain_text_and_a_key_is_its_two_parts() {
    both_ways(&ContactId::from("contact-one"), "contact-one");
    let key = ContactKey::new("account-one".into(), "contact-one".into());
    assert_eq!(to_value(&key).unwrap(), json!({ "account": "account-one", "contact": "contact-one" }), "both parts");
    assert_eq!(key.to_string(), "account-one/contact-one", "as it is logged");
}

#[test]
fn channels_are_keys_of_a_table_too() {
    let table = BTreeMap::from([(Channel::Voice, 1), (Channel::Unknown("fax".to_owned()), 2)]);
    let value = to_value(&table).unwrap();
    assert_eq!(value, json!({ "voice": 1, "fax": 2 }), "unknown ones with their own text");
    assert_eq!(from_value::<BTreeMap<Channel, i32>>(value).unwrap(), table, "and back");
}

#[test]
fn quality_and_levels_have_an_order() {
    assert!(NoticeLevel::Info < NoticeLevel::Warning && NoticeLevel::Warning < NoticeLevel::Error, "by weight");
}

#[test]
fn states_are_alive_or_over_and_never_both() {
    let states = [
        (ContactState::Init, true, false),
        (ContactState::Offered, true, false),
        (ContactState::Connecting, true, false),
        (ContactState::Connected, true, false),
        (ContactState::Paused, true, false),
        (ContactState::Ended, false, true),
        (ContactState::Missed, false, true),
        (ContactState::Rejected, false, true),
        (ContactState::Failed, false, true),
        (ContactState::Unknown("odd".to_owned()), false, false),
    ];
    for (state, active, finished) in states {
        assert_eq!((state.is_active(), state.is_finished()), (active, finished), "{state:?}");
    }
}

#[test]
fn seconds_become_milliseconds_or_nothing() {
    assert_eq!(UnixMillis::from_seconds(1.0005), Some(UnixMillis(1_001)), "rounded to the nearest");
    for bad in [f64::NAN, f64::INFINITY, 1e300, -1e300] {
        assert_eq!(UnixMillis::from_seconds(bad), None, "{bad} is no time");
    }
    let (least, most) = (UnixMillis(i64::MIN), UnixMillis(i64::MAX));
    assert_eq!(most.since(least), i64::MAX, "differences do not wrap");
    assert_eq!(most.shifted(1), most, "nor do shifts");
}

proptest! {
    #[test]
    fn no_word_of_a_provider_is_lost(word in "\\PC{0,40}") {
        for value in [
            to_value(from_value::<Channel>(json!(word)).unwrap()).unwrap(),
            to_value(from_value::<ContactState>(json!(word)).unwrap()).unwrap(),
            to_value(from_value::<ConnectionState>(json!(word)).unwrap()).unwrap(),
            to_value(from_value::<ConnectionKind>(json!(word)).unwrap()).unwrap(),
        ] {
            prop_assert_eq!(value, json!(word), "what comes in goes out");
        }
    }

    #[test]
    fn any_seconds_are_a_time_or_nothing(seconds in any::<f64>()) {
        if let Some(UnixMillis(millis)) = UnixMillis::from_seconds(seconds) {
            prop_assert!((millis as f64 - seconds * 1000.0).abs() <= 1.0, "to the millisecond");
        }
    }
}
