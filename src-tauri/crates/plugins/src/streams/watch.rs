//! What one page is told: the picture at the beginning, and what changes.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use trunkline_desk::{ContactView, DeskSnapshot};
use trunkline_model::{ContactKey, MediaFailure, MediaState, UnixMillis};
use trunkline_rpc::schema::PluginPermission;

use super::snapshot::{Rights, configuration, devices, mute, network, snapshot};
use super::{Refusal, agent, event, names};

/// What a page was told last. It begins when the page is let in.
#[derive(Clone, Debug)]
pub struct Watch {
    rights: Rights,
    told: Told,
    seen: BTreeMap<ContactKey, Seen>,
}

/// What was seen of a contact that its picture does not tell.
#[derive(Clone, Copy, Debug)]
struct Seen {
    accepted: bool,
    media: Option<(MediaState, Option<MediaFailure>)>,
}

impl Seen {
    fn all(desk: &DeskSnapshot) -> BTreeMap<ContactKey, Self> {
        let seen = |view: &ContactView| Self {
            accepted: view.accepted_at.is_some(),
            media: view.media.as_ref().map(|media| (media.state, media.failure)),
        };
        desk.contacts.iter().map(|view| (view.key.clone(), seen(view))).collect()
    }
}

#[derive(Clone, Debug, PartialEq)]
struct Told {
    snapshot: Value,
    configuration: Value,
    mute: Value,
    devices: Value,
    network: Value,
    signed_in: bool,
}

/// Pictures are compared at one and the same time: that time passes is no change.
const NO_TIME: UnixMillis = UnixMillis(0);

impl Told {
    fn of(desk: &DeskSnapshot, rights: Rights) -> Self {
        Self {
            snapshot: snapshot(desk, rights, NO_TIME),
            configuration: configuration(desk, rights),
            mute: mute(desk),
            devices: devices(desk),
            network: network(desk),
            signed_in: agent::leading(desk).is_some(),
        }
    }
}

impl Watch {
    /// Lets a page in: what it is answered, and what it is told from then on.
    pub fn begin(desk: &DeskSnapshot, rights: Rights, now: UnixMillis) -> Result<(Value, Self), Refusal> {
        if !rights.agent && !rights.contacts {
            return Err(Refusal::not_allowed(PluginPermission::Contacts));
        }
        let told = Told::of(desk, rights);
        let result = json!({
            "snapshot": snapshot(desk, rights, now),
            "configuration": told.configuration,
            "mute": told.mute,
            "devices": told.devices,
            "network": told.network,
        });
        Ok((result, Self { rights, told, seen: Seen::all(desk) }))
    }

    /// What has changed since it was last asked: whole messages, in order.
    pub fn look(&mut self, desk: &DeskSnapshot, now: UnixMillis) -> Vec<Value> {
        let mut events = Vec::new();
        let told = Told::of(desk, self.rights);
        let before = std::mem::replace(&mut self.told, told);
        let told = &self.told;
        if told.signed_in && !before.signed_in {
            events.push(event("signedIn", &json!({})));
        }
        if told.network != before.network {
            events.push(event("network", &told.network));
        }
        if told.signed_in && told.configuration != before.configuration {
            events.push(event("configuration", &told.configuration));
        }
        if self.rights.contacts {
            // The vendor's client tells at once that a contact was accepted; the picture follows.
            self.contacts(desk, &mut events);
        }
        if told.signed_in && told.snapshot != before.snapshot {
            events.push(event("snapshot", &snapshot(desk, self.rights, now)));
        }
        if told.mute != before.mute {
            events.push(event("mute", &told.mute));
        }
        if told.devices != before.devices {
            events.push(event("devices", &told.devices));
        }
        if !told.signed_in && before.signed_in {
            events.push(event("signedOut", &json!({})));
        }
        self.seen = Seen::all(desk);
        events
    }

    fn contacts(&self, desk: &DeskSnapshot, events: &mut Vec<Value>) {
        for view in &desk.contacts {
            let before = self.seen.get(&view.key);
            if view.accepted_at.is_some() && before.is_some_and(|before| !before.accepted) {
                events.push(event("accepted", &json!({"contactId": names::contact_id(desk, view)})));
            }
            let Some(media) = &view.media else { continue };
            let known = before.and_then(|before| before.media);
            if media.state == MediaState::Live && known.is_none_or(|(state, _)| !had_sound(state)) {
                events.push(event("mediaStream", &json!({"connectionId": own_leg(desk, view)})));
            }
            if let Some(failure) = media.failure.filter(|_| known.and_then(|(_, failure)| failure) != media.failure) {
                let (kind, words) = softphone_error(failure);
                let error = json!({"errorType": kind, "errorMessage": words, "endPointUrl": media.failed_address});
                events.push(event("softphoneError", &error));
            }
        }
    }
}

/// The stream of the microphone was there already.
fn had_sound(state: MediaState) -> bool {
    matches!(state, MediaState::Live | MediaState::Reconnecting)
}

fn own_leg(desk: &DeskSnapshot, view: &ContactView) -> String {
    let leg = view.contact.agent_connection().map_or(names::OWN_LEG, |leg| leg.id.as_str());
    names::leg_id(desk, view, leg)
}

/// The vendor's type of a failure of media, and words for the page's developer.
fn softphone_error(failure: MediaFailure) -> (&'static str, &'static str) {
    match failure {
        MediaFailure::IceGatheringTimeout => ("ice_collection_timeout", "No relay was reached."),
        MediaFailure::SignallingConnect => ("signalling_connection_failure", "The signalling server was not reached."),
        MediaFailure::SignallingHandshake => ("signalling_handshake_failure", "The invitation was not answered."),
        MediaFailure::UserBusy => ("user_busy_error", "Another program answers for this agent."),
        MediaFailure::TooManySessions => ("multiple_softphone_active_sessions", "Too many sessions are open."),
        MediaFailure::CallNotFound => ("other", "The call was gone before it was answered."),
        MediaFailure::PathLost => ("realtime_communication_error", "The path was lost."),
        MediaFailure::InvalidRemoteDescription | MediaFailure::NoRemoteCandidate | MediaFailure::Offer => {
            ("webrtc_error", "The media session could not be made.")
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use trunkline_desk::{MediaView, Sending};
    use trunkline_model::{ContactState, LinkState};

    use super::super::testing::{account, contact, desk};
    use super::*;

    const ALL: Rights = Rights { agent: true, contacts: true };

    fn names(events: &[Value]) -> Vec<&str> {
        events.iter().map(|event| event["event"].as_str().unwrap()).collect()
    }

    #[test]
    fn a_page_is_told_what_changes_and_nothing_else() {
        let mut now = desk(vec![account("a1", "amazon-connect")], vec![]);
        let (first, mut watch) = Watch::begin(&now, ALL, UnixMillis(5_000)).unwrap();
        assert_eq!(first["snapshot"]["snapshotTimestamp"], 5.0, "the time of the picture");
        assert_eq!(watch.look(&now, UnixMillis(6_000)), Vec::<Value>::new(), "time alone is no change");
        now.contacts.push(contact("a1", "c-1", "voice"));
        let events = watch.look(&now, UnixMillis(7_000));
        assert_eq!(names(&events), ["snapshot"], "an offer");
        assert_eq!(events[0]["data"]["contacts"][0]["state"]["type"], "connecting", "it rings");
        now.contacts[0].accepted_at = Some(UnixMillis(8_000));
        now.contacts[0].contact.state = ContactState::Connected;
        now.contacts[0].media = Some(MediaView {
            state: MediaState::Live,
            mute_wanted: true,
            sending: Sending::Muted,
            stats: None,
            failure: None,
            failed_address: None,
            summary: None,
        });
        let events = watch.look(&now, UnixMillis(8_000));
        assert_eq!(names(&events), ["accepted", "mediaStream", "snapshot", "mute"], "taken, in the vendor's order");
        assert_eq!(events[3]["data"], json!({"muted": true}), "the wish of the agent");
        if let Some(media) = &mut now.contacts[0].media {
            media.failure = Some(MediaFailure::UserBusy);
        }
        let events = watch.look(&now, UnixMillis(9_000));
        assert_eq!(events[0]["data"]["errorType"], "user_busy_error", "the vendor's word");
        now.audio.speaker.choice = trunkline_desk::DeviceChoice::Named { name: "Headset".to_owned() };
        now.accounts[0].link.state = LinkState::Offline;
        assert_eq!(names(&watch.look(&now, UnixMillis(9_500))), ["network", "devices"], "devices and the network");
    }

    #[test]
    fn signing_in_and_out_are_told() {
        let mut now = desk(vec![account("a1", "amazon-connect")], vec![]);
        let there = now.accounts[0].agent.take();
        let (first, mut watch) = Watch::begin(&now, ALL, NO_TIME).unwrap();
        assert_eq!((&first["snapshot"], &first["configuration"]), (&Value::Null, &Value::Null), "nobody is there");
        now.accounts[0].agent = there;
        let events = watch.look(&now, NO_TIME);
        assert_eq!(names(&events), ["signedIn", "configuration", "snapshot"], "both halves");
        now.accounts[0].link.state = LinkState::NeedsSignIn;
        assert_eq!(names(&watch.look(&now, NO_TIME)), ["network", "signedOut"], "no picture of nobody");
    }

    #[test]
    fn a_page_sees_what_it_may() {
        let mut now = desk(vec![account("a1", "amazon-connect")], vec![contact("a1", "c-1", "voice")]);
        let none = Rights { agent: false, contacts: false };
        assert_eq!(Watch::begin(&now, none, NO_TIME).unwrap_err().kind, "AccessDeniedException", "nothing: not let in");
        let (first, mut watch) = Watch::begin(&now, Rights { agent: true, contacts: false }, NO_TIME).unwrap();
        assert_eq!(first["snapshot"]["contacts"], json!([]), "no contacts");
        now.contacts[0].accepted_at = Some(NO_TIME);
        assert_eq!(watch.look(&now, NO_TIME), Vec::<Value>::new(), "nor anything of them");
        let (first, _) = Watch::begin(&now, Rights { agent: false, contacts: true }, NO_TIME).unwrap();
        assert_eq!(first["configuration"]["name"], "", "nobody's name");
        assert_eq!(first["configuration"]["agentARN"], "", "nor id");
        assert_eq!(first["snapshot"]["contacts"][0]["contactId"], "c-1", "but contacts");
    }
}
