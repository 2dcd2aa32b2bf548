//! Events of the platforms' own and rosters: kept, read, bounded, told in patches.

use trunkline_connector::{Envelope, Event};
use trunkline_desk::{Change, Desk, EVENT_BYTES_KEPT, EVENTS_KEPT, Effect, Input, Outcome};
use trunkline_model::*;

use crate::cast::*;

fn desk() -> Desk {
    let mut desk = Desk::new();
    desk.apply(added(one(), 0), UnixMillis(START));
    desk.apply(added(two(), 1), UnixMillis(START));
    desk
}

fn tell(desk: &mut Desk, account: AccountId, event: Event) -> Outcome {
    desk.apply(Input::Connector(Envelope { account, event }), UnixMillis(START + 5))
}

fn happens(desk: &mut Desk, account: AccountId, id: u8) -> Outcome {
    tell(desk, account, Event::PlatformEvent(Box::new(happening(id, 1))))
}

fn unread(desk: &Desk) -> Vec<String> {
    let events = desk.snapshot().events.into_iter().filter(|view| view.unread);
    events.map(|view| format!("{} {}", view.account, view.event.id)).collect()
}

#[test]
fn an_event_is_listed_unread_once_and_by_account() {
    let mut desk = desk();
    let outcome = happens(&mut desk, one(), 1);
    assert!(matches!(outcome.effects.as_slice(), [Effect::EventArrived { .. }]), "and is acted on: {outcome:?}");
    let outcome = happens(&mut desk, one(), 1);
    assert_eq!(outcome, Outcome::default(), "the same again is nothing");
    happens(&mut desk, two(), 1);
    happens(&mut desk, one(), 2);
    assert_eq!(unread(&desk), ["account-one e1", "account-two e1", "account-one e2"], "in the order they came");
    assert_eq!(desk.snapshot().events[0].arrived, UnixMillis(START + 5), "with the time by this computer's clock");
}

#[test]
fn events_are_read_up_to_the_one_seen() {
    let mut desk = desk();
    for id in 1..=3 {
        happens(&mut desk, one(), id);
    }
    happens(&mut desk, two(), 9);
    let seen = |account: AccountId, id: u8| Input::EventsSeen { account, until: happening(id, 0).id, alone: false };
    let outcome = desk.apply(seen(one(), 2), UnixMillis(START));
    assert_eq!(outcome.changes.len(), 2, "the two are told");
    assert_eq!(unread(&desk), ["account-one e3", "account-two e9"], "one is newer, one another account's");
    assert_eq!(desk.apply(seen(one(), 2), UnixMillis(START)).changes, [], "once");
    assert_eq!(desk.apply(seen(one(), 77), UnixMillis(START)).changes, [], "one that is not there reads nothing");
}

#[test]
fn the_oldest_make_room_by_number_and_by_size() {
    let mut desk = desk();
    let mut mirror = desk.snapshot();
    happens(&mut desk, two(), 0);
    for number in 0..EVENTS_KEPT + 50 {
        let before = desk.revision();
        let mut event = happening(0, 1);
        event.id = PlatformEventId::new(number.to_string());
        let outcome = tell(&mut desk, one(), Event::PlatformEvent(Box::new(event)));
        if number > 0 {
            let patch = desk.patch(before, outcome.changes);
            mirror.apply(&patch).unwrap();
        } else {
            mirror = desk.snapshot();
        }
    }
    let events = desk.snapshot().events;
    assert_eq!(events.len(), EVENTS_KEPT + 1, "so many of one account, and the other's");
    assert_eq!(events[1].event.id.as_str(), "50", "the oldest went");
    assert_eq!(mirror, desk.snapshot(), "a window that had each patch shows the same");
    for id in 1..=3 {
        tell(&mut desk, two(), Event::PlatformEvent(Box::new(happening(id, EVENT_BYTES_KEPT / 2))));
    }
    let ids: Vec<String> = desk
        .snapshot()
        .events
        .iter()
        .filter(|view| view.account == two())
        .map(|view| view.event.id.to_string())
        .collect();
    assert_eq!(ids, ["e3"], "two halves and their names are too much");
    tell(&mut desk, two(), Event::PlatformEvent(Box::new(happening(4, EVENT_BYTES_KEPT * 2))));
    assert_eq!(desk.snapshot().events.last().unwrap().event.id.as_str(), "e4", "one alone may be larger");
}

#[test]
fn a_roster_is_told_when_it_changes_and_gone_with_the_sign_in_and_the_account() {
    let mut desk = desk();
    let roster = |many: u8| Event::Roster((0..many).map(online).collect());
    assert_eq!(tell(&mut desk, one(), roster(0)).changes, [], "nobody, as before");
    assert!(matches!(tell(&mut desk, one(), roster(2)).changes.as_slice(), [Change::Roster(_)]));
    assert_eq!(tell(&mut desk, one(), roster(2)).changes, [], "the same again");
    happens(&mut desk, one(), 1);
    tell(&mut desk, one(), link(LinkState::SignedOut));
    assert!(desk.snapshot().rosters.is_empty(), "signed out, nobody is left to tell it");
    assert_eq!(desk.snapshot().events.len(), 1, "what happened stays");
    tell(&mut desk, one(), roster(2));
    let before = (desk.revision(), desk.snapshot());
    let outcome = desk.apply(Input::AccountRemoved(one()), UnixMillis(START));
    let (from, mut mirror) = before;
    mirror.apply(&desk.patch(from, outcome.changes)).unwrap();
    assert_eq!(mirror, desk.snapshot(), "a window drops the account's with it");
    assert!(desk.snapshot().events.is_empty() && desk.snapshot().rosters.is_empty(), "and all is gone");
}

#[test]
fn one_event_alone_can_be_read() {
    let mut desk = desk();
    for id in 1..=3 {
        happens(&mut desk, one(), id);
    }
    let outcome =
        desk.apply(Input::EventsSeen { account: one(), until: happening(2, 0).id, alone: true }, UnixMillis(START));
    assert_eq!(outcome.changes.len(), 1, "only that one is told");
    assert_eq!(unread(&desk), ["account-one e1", "account-one e3"]);
}

#[test]
fn the_first_rule_that_fits_goes_with_the_event_and_decides_whether_it_is_unread() {
    let of_sort = |id: u8, sort: EventSort| PlatformEvent { sort, ..happening(id, 1) };
    let tell_sort = |desk: &mut Desk, id: u8, sort: EventSort| {
        let outcome = tell(desk, one(), Event::PlatformEvent(Box::new(of_sort(id, sort))));
        match outcome.effects.as_slice() {
            [Effect::EventArrived { rule, .. }] => rule.clone().map(|rule| rule.name),
            other => panic!("one effect, not {other:?}"),
        }
    };
    let mut desk = desk();
    assert_eq!(tell_sort(&mut desk, 1, EventSort::ScreenPop), None, "there are no rules");
    tell_sort(&mut desk, 2, EventSort::Status);
    assert_eq!(unread(&desk), ["account-one e1"], "without one, what nobody acts upon is read");
    let rule = |name: &str, sort: EventSort, acts: &[EventAct]| EventRule {
        name: name.to_owned(),
        sorts: [sort].into(),
        acts: acts.iter().copied().collect(),
        ..EventRule::default()
    };
    let rules = vec![
        rule("ignored", EventSort::ScreenPop, &[]),
        rule("told", EventSort::Status, &[EventAct::Notify]),
        rule("never", EventSort::Status, &[EventAct::Ring]),
    ];
    desk.apply(Input::EventRules(rules), UnixMillis(START));
    assert_eq!(tell_sort(&mut desk, 3, EventSort::ScreenPop).as_deref(), Some("ignored"));
    assert_eq!(tell_sort(&mut desk, 4, EventSort::Status).as_deref(), Some("told"));
    assert_eq!(unread(&desk), ["account-one e1", "account-one e4"], "ignored is listed as read");
}
