//! What the history keeps of a contact besides who and when.

use crate::cast::*;
use trunkline_connector::Event;
use trunkline_desk::{AudioNews, CallDevices, Effect, HistoryEntry, Input, MediaNews, MessageCounts};
use trunkline_model::*;

fn last_entry(effects: &[Effect]) -> HistoryEntry {
    let written = effects.iter().rev().find_map(|effect| match effect {
        Effect::WriteHistory(entry) => Some((**entry).clone()),
        _ => None,
    });
    written.expect("the history is written")
}

fn devices(scene: &mut Scene, microphone: &str, speaker: &str) {
    let mut view = scene.desk.snapshot().audio;
    view.microphone.serving = Some(microphone.to_owned());
    view.speaker.serving = Some(speaker.to_owned());
    scene.apply(Input::Audio(AudioNews::View(Box::new(view))));
}

#[test]
fn holds_devices_and_wrap_up_of_a_call_are_kept() {
    let mut scene = Scene::new();
    devices(&mut scene, "Headset", "Headset");
    scene.call("c1", ContactState::Offered);
    scene.media("c1", MediaNews::State(MediaState::Connecting));
    scene.call("c1", ContactState::Connected);
    scene.media("c1", MediaNews::State(MediaState::Live));
    let at = |scene: &Scene, on_hold: bool| Contact { on_hold, ..call("c1", ContactState::Connected, scene.now) };
    for _ in 0..2 {
        let held = at(&scene, true);
        scene.contact(held.clone());
        scene.contact(held);
        scene.now += 5_000;
        let back = at(&scene, false);
        scene.contact(back);
    }
    devices(&mut scene, "Webcam", "Headset");
    let entry = last_entry(&scene.call("c1", ContactState::Ended));
    assert_eq!(entry.holds, 2, "each hold once, however often it is told");
    assert!((10_000..10_200).contains(&entry.held_ms), "two times five seconds: {}", entry.held_ms);
    let named = |microphone: &str, speaker: &str| CallDevices {
        microphone: Some(microphone.to_owned()),
        speaker: Some(speaker.to_owned()),
    };
    assert_eq!(entry.devices, Some(named("Webcam", "Headset")), "those that served last");
    assert_eq!(entry.wrap_up_ms, None, "the agent is still at it");
    devices(&mut scene, "Other", "Other");
    scene.now += 7_000;
    let entry = last_entry(&scene.gone("c1", None));
    assert!(entry.wrap_up_ms.is_some_and(|ms| (7_000..7_200).contains(&ms)), "{:?}", entry.wrap_up_ms);
    assert_eq!(entry.devices, Some(named("Webcam", "Headset")), "what is plugged in afterwards is another matter");
}

#[test]
fn a_call_that_ends_on_hold_was_on_hold_until_its_end() {
    let mut scene = Scene::new();
    scene.call("c1", ContactState::Offered);
    scene.call("c1", ContactState::Connected);
    let held = Contact { on_hold: true, ..call("c1", ContactState::Connected, scene.now) };
    scene.contact(held);
    scene.now += 3_000;
    let entry = last_entry(&scene.call("c1", ContactState::Ended));
    assert_eq!(entry.holds, 1);
    assert!((3_000..3_200).contains(&entry.held_ms), "{}", entry.held_ms);
}

#[test]
fn an_offer_that_was_missed_has_neither_holds_nor_wrap_up() {
    let mut scene = Scene::new();
    scene.call("c1", ContactState::Offered);
    scene.call("c1", ContactState::Missed);
    scene.now += 60_000;
    let effects = scene.gone("c1", Some(Outcome::Missed));
    let again = effects.iter().any(|effect| matches!(effect, Effect::WriteHistory(_)));
    assert!(!again, "the time until the agent cleared it is no work on it");
}

#[test]
fn a_chat_counts_what_was_written() {
    let mut scene = Scene::new();
    let chat = |scene: &Scene, state: ContactState| Contact {
        channel: Channel::Chat,
        softphone: false,
        details: Box::new(ContactDetails { subtype: Some(Subtype::Sms), ..ContactDetails::default() }),
        ..call("c1", state, scene.now)
    };
    let offered = chat(&scene, ContactState::Offered);
    scene.contact(offered);
    let open = chat(&scene, ContactState::Connected);
    scene.contact(open);
    let mut say = |id: &str, role: AuthorRole, body: MessageBody| {
        let message = Message {
            id: MessageId::new(id),
            token: None,
            at: UnixMillis(START),
            order: 0,
            author: Author { role, name: None },
            body,
            delivery: None,
            partial: false,
            internal: false,
            edited: false,
            reply_to: None,
            line: None,
            suggestions: Vec::new(),
        };
        scene.event(Event::Message { contact: "c1".into(), message: Box::new(message) });
    };
    let words = || MessageBody::Text { text: "words".to_owned() };
    let file = |id: &str| Attachment {
        id: id.to_owned(),
        name: "label.pdf".to_owned(),
        content_type: "application/pdf".to_owned(),
        size: None,
        state: AttachmentState::Ready,
    };
    say("m0", AuthorRole::Customer, MessageBody::Event { event: ConversationEvent::Joined });
    say("m1", AuthorRole::Customer, words());
    say("m1", AuthorRole::Customer, words());
    say("m2", AuthorRole::Bot, words());
    say("m3", AuthorRole::Me, words());
    say("m4", AuthorRole::Customer, MessageBody::Attachments { files: vec![file("a"), file("b")], caption: None });
    let ended = chat(&scene, ContactState::Ended);
    let entry = last_entry(&scene.contact(ended));
    assert_eq!(entry.messages, Some(MessageCounts { sent: 1, received: 3, files: 2 }), "each once, events left out");
    assert_eq!(entry.subtype, Some(Subtype::Sms), "and its kind");
    assert_eq!(entry.devices, None, "no device for a chat");
}

#[test]
fn an_entry_of_an_earlier_version_is_read() {
    let mut scene = Scene::new();
    scene.call("c1", ContactState::Offered);
    let entry = last_entry(&scene.call("c1", ContactState::Missed));
    let mut value = serde_json::to_value(&entry).expect("it is written");
    let members = value.as_object_mut().expect("an object");
    for newer in ["initiation", "subtype", "taken_at", "holds", "held_ms", "wrap_up_ms", "devices", "messages"] {
        members.remove(newer).expect("a member of this version");
    }
    let read: HistoryEntry = serde_json::from_value(value).expect("it is read");
    assert_eq!(
        read,
        HistoryEntry { initiation: None, subtype: None, taken_at: None, ..entry },
        "with nothing in place"
    );
    let older = serde_json::json!({
        "started": 1, "ended": 2, "initialization_ms": null, "ice_gathering_ms": null, "handshake_ms": null,
        "setup_ms": 3, "accept_to_audio_ms": null, "talk_ms": 4, "route": null, "path_losses": 0, "ice_restarts": 0,
        "last": MediaStats::default(), "worst_mos": null, "failure": null
    });
    let summary: CallSummary = serde_json::from_value(older).expect("an older summary is read");
    assert_eq!((summary.codec, summary.connection_reused), (None, false));
}
