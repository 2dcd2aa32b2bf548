//! Outbound calls and further parties: what is pending, what is told, what is written.

use crate::cast::*;
use trunkline_connector::{CommandCode, CommandError};
use trunkline_desk::{CommandKind, Effect, MediaNews, Sending};
use trunkline_model::*;

const CUSTOMER: &str = "leg-customer";
const THIRD: &str = "leg-third";

fn leg(id: &str, kind: ConnectionKind, state: ConnectionState) -> Connection {
    Connection {
        id: ConnectionId::from(id),
        kind,
        state,
        state_since: Some(UnixMillis(START)),
        party: Party { name: None, address: Some("+12025550177".to_owned()) },
        muted_by_platform: false,
        mute_forced: false,
        sends: std::collections::BTreeSet::new(),
        allowed: [].into(),
    }
}

/// A connected call: customer and perhaps a third party, in these states.
fn talk(id: &str, customer: ConnectionState, third: Option<ConnectionState>) -> Contact {
    let mut contact = call(id, ContactState::Connected, START);
    contact.on_hold = customer == ConnectionState::Hold;
    contact.connections = vec![
        leg("leg-agent", ConnectionKind::Agent, ConnectionState::Connected),
        leg(CUSTOMER, ConnectionKind::Initial, customer),
    ];
    contact.connections.extend(third.map(|state| leg(THIRD, ConnectionKind::ThirdParty, state)));
    contact
}

fn outbound(id: &str, state: ContactState, since: i64) -> Contact {
    let mut contact = call(id, state, since);
    contact.direction = Direction::Outbound;
    contact.customer = Party { name: None, address: Some("+4930123456".to_owned()) };
    contact
}

fn error(code: CommandCode) -> Result<(), CommandError> {
    Err(CommandError::new(code, "the platform's words"))
}

fn pending(scene: &Scene, id: &str) -> Vec<(CommandKind, Option<String>, Option<String>)> {
    let view = scene.desk.contact(&key(id)).expect("the contact is there");
    let shown = view.pending.iter();
    shown.map(|one| (one.kind, one.connection.as_ref().map(ToString::to_string), one.target.clone())).collect()
}

fn dialling(scene: &Scene) -> Option<String> {
    scene.desk.account(&one()).and_then(|view| view.pending_dial.clone())
}

#[test]
fn a_dialled_number_is_pending_until_its_contact_is_there_and_is_written_with_number_and_direction() {
    let mut scene = Scene::new();
    let (id, _) = scene.press(CommandKind::Dial, None, Some("+4930123456"));
    assert_eq!(dialling(&scene).as_deref(), Some("+4930123456"), "from the press on");
    scene.settle(&id, Ok(()));
    assert_eq!(dialling(&scene).as_deref(), Some("+4930123456"), "taken is not there yet");
    scene.call("somebody-calls-in", ContactState::Offered);
    assert!(dialling(&scene).is_some(), "an inbound contact is another one");
    let effects = scene.contact(outbound("c1", ContactState::Connecting, START));
    assert_eq!(dialling(&scene), None, "here it is");
    let rings = ["ring c1", "knock c1", "show c1"];
    assert!(!words(&effects).iter().any(|word| rings.contains(&word.as_str())), "it does not ring");
    assert!(words(&effects).contains(&"open c1".to_owned()), "the agent speaks as soon as somebody answers");
    scene.contact(outbound("c1", ContactState::Connected, START + 5_000));
    let mut over = outbound("c1", ContactState::Failed, START + 9_000);
    over.outcome = Some(trunkline_model::Outcome::Busy);
    let written = scene.contact(over);
    let entry = written.iter().find_map(|effect| match effect {
        Effect::WriteHistory(entry) => Some(entry),
        _ => None,
    });
    let entry = entry.expect("a finished call is written");
    assert_eq!(entry.direction, Direction::Outbound, "as the agent's own call");
    assert_eq!(entry.customer.address.as_deref(), Some("+4930123456"), "with its number");
    assert_eq!(entry.outcome, Some(trunkline_model::Outcome::Busy), "and how it went");
    assert!(scene.told().is_empty(), "a busy line is in the contact's outcome, not a message beside it");
}

#[test]
fn a_refused_call_says_why_and_can_be_made_again() {
    for (code, told) in [
        (CommandCode::BadTarget, "notice_command_bad_target_dial"),
        (CommandCode::Invalid, "notice_command_bad_target_dial"),
        (CommandCode::NotAllowed, "notice_command_not_allowed_dial"),
        (CommandCode::LimitReached, "notice_command_limit_reached_dial"),
        (CommandCode::NotPossible, "notice_command_failed_dial"),
        (CommandCode::Unavailable, "notice_command_failed_dial"),
        (CommandCode::Timeout, "notice_command_unconfirmed_dial"),
    ] {
        let mut scene = Scene::new();
        let (id, _) = scene.press(CommandKind::Dial, None, Some("+4930123456"));
        scene.settle(&id, error(code));
        assert_eq!(scene.told(), [told], "{code:?}");
        let params = scene.desk.snapshot().notices[0].params.clone();
        assert_eq!(params["target"], "+4930123456", "{code:?} names the number");
        assert_eq!(dialling(&scene), None, "{code:?}: the dial pad is free again");
        let (id, _) = scene.press(CommandKind::Dial, None, Some("+4930123456"));
        scene.settle(&id, Ok(()));
        assert!(scene.told().is_empty(), "{code:?}: what is mended is not told any more");
    }
}

#[test]
fn an_uncertain_call_that_shows_up_is_certain() {
    let mut scene = Scene::new();
    let (id, _) = scene.press(CommandKind::Dial, None, Some("+4930123456"));
    scene.settle(&id, error(CommandCode::Timeout));
    assert_eq!(scene.told(), ["notice_command_unconfirmed_dial"], "told");
    scene.contact(outbound("c1", ContactState::Connecting, START));
    assert!(scene.told().is_empty(), "and taken back");
    let (id, _) = scene.press(CommandKind::Dial, None, Some("+4930123456"));
    scene.wait(11);
    assert_eq!(scene.told(), ["notice_command_unconfirmed_dial"], "no answer at all is told too");
    assert_eq!(dialling(&scene), None, "and pending no longer");
    scene.settle(&id, Ok(()));
    assert!(scene.told().is_empty(), "a late answer counts");
}

#[test]
fn adding_bringing_together_and_changing_over_are_pending_until_they_are_seen() {
    use ConnectionState::{Connected, Connecting, Hold};
    let mut scene = Scene::new();
    scene.contact(talk("c1", Connected, None));
    let (id, _) = scene.press(CommandKind::AddParty, Some("c1"), Some("Billing desk"));
    let added = (CommandKind::AddParty, None, Some("Billing desk".to_owned()));
    assert_eq!(pending(&scene, "c1"), std::slice::from_ref(&added), "named while it is on its way");
    scene.settle(&id, Ok(()));
    assert_eq!(pending(&scene, "c1"), [added], "until the leg is there");
    scene.contact(talk("c1", Hold, Some(Connecting)));
    assert_eq!(pending(&scene, "c1"), [], "there it is");
    scene.contact(talk("c1", Hold, Some(Connected)));
    let (id, _) = scene.press(CommandKind::Swap, Some("c1"), None);
    scene.settle(&id, Ok(()));
    assert_eq!(pending(&scene, "c1").len(), 1, "nothing has changed over yet");
    scene.contact(talk("c1", Connected, Some(Hold)));
    assert_eq!(pending(&scene, "c1"), [], "now it has");
    let (id, _) = scene.press(CommandKind::Conference, Some("c1"), None);
    scene.settle(&id, Ok(()));
    assert_eq!(pending(&scene, "c1").len(), 1, "one is still on hold");
    scene.contact(talk("c1", Connected, Some(Connected)));
    assert_eq!(pending(&scene, "c1"), [], "all talk");
    assert!(scene.told().is_empty(), "no message in all of it");
}

#[test]
fn an_effect_that_never_shows_does_not_keep_the_button_busy() {
    for kind in [CommandKind::AddParty, CommandKind::Conference, CommandKind::Swap] {
        let mut scene = Scene::new();
        scene.contact(talk("c1", ConnectionState::Hold, Some(ConnectionState::Connected)));
        let (id, _) = scene.press(kind, Some("c1"), None);
        scene.settle(&id, Ok(()));
        scene.wait(11);
        assert_eq!(pending(&scene, "c1"), [], "{kind:?}");
        let (id, _) = scene.press(kind, Some("c1"), None);
        scene.settle(&id, Ok(()));
        scene.call("c1", ContactState::Ended);
        assert_eq!(pending(&scene, "c1"), [], "{kind:?} is moot once the call is over");
    }
}

#[test]
fn commands_on_a_leg_are_seen_on_that_leg_alone() {
    use ConnectionState::{Connected, Hold};
    let mut scene = Scene::new();
    scene.contact(talk("c1", Hold, Some(Connected)));
    let (id, _) = scene.press_on(CommandKind::Hold, Some("c1"), Some(THIRD), None);
    let shown = pending(&scene, "c1");
    assert_eq!(shown, [(CommandKind::Hold, Some(THIRD.to_owned()), None)], "the customer's hold is not its effect");
    scene.settle(&id, error(CommandCode::NotPossible));
    assert_eq!(scene.told(), ["notice_command_failed_hold"], "and its failure is told");
    scene.contact(talk("c1", Hold, Some(Hold)));
    assert!(scene.told().is_empty(), "until that leg is on hold");
    scene.press_on(CommandKind::Resume, Some("c1"), Some(THIRD), None);
    scene.contact(talk("c1", Hold, Some(Connected)));
    assert_eq!(pending(&scene, "c1"), [], "seen before the reply came");
}

#[test]
fn dropping_a_party_is_not_hanging_up() {
    use ConnectionState::Connected;
    let mut scene = Scene::new();
    scene.contact(talk("c1", Connected, Some(Connected)));
    let (id, _) = scene.press_on(CommandKind::End, Some("c1"), Some(THIRD), None);
    scene.settle(&id, Ok(()));
    scene.contact(talk("c1", Connected, None));
    let effects = scene.gone("c1", None);
    let outcome = effects.iter().find_map(|effect| match effect {
        Effect::WriteHistory(entry) => entry.outcome,
        _ => None,
    });
    assert_eq!(outcome, Some(trunkline_model::Outcome::Handled), "the agent dropped a party and did not end the call");
}

#[test]
fn mute_stays_through_everything_that_parties_do() {
    use ConnectionState::{Connected, Connecting, Disconnected, Hold};
    let mut scene = Scene::new();
    scene.contact(talk("c1", Connected, None));
    for news in [
        MediaNews::State(MediaState::Connecting),
        MediaNews::State(MediaState::Live),
        MediaNews::MuteWanted(true),
        MediaNews::Sending(Sending::Muted),
    ] {
        scene.media("c1", news);
    }
    for (customer, third) in [
        (Hold, Some(Connecting)),
        (Hold, Some(Connected)),
        (Connected, Some(Hold)),
        (Connected, Some(Connected)),
        (Hold, Some(Hold)),
        (Disconnected, Some(Connected)),
        (Connected, None),
    ] {
        for kind in
            [CommandKind::AddParty, CommandKind::Swap, CommandKind::Conference, CommandKind::Hold, CommandKind::Resume]
        {
            let (id, _) = scene.press(kind, Some("c1"), None);
            scene.settle(&id, Ok(()));
        }
        let effects = scene.contact(talk("c1", customer.clone(), third.clone()));
        let media = scene.desk.contact(&key("c1")).and_then(|view| view.media.clone()).expect("the leg lives");
        assert!(media.mute_wanted, "still muted with customer {customer:?} and third party {third:?}");
        assert_eq!(media.sending, Sending::Muted, "in what is sent, too");
        assert_eq!(words(&effects), Vec::<String>::new(), "and no device is opened or closed");
    }
}
