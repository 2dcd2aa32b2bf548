//! Any order, repetition and loss of inputs: what must be true all the same.

use std::collections::{BTreeMap, BTreeSet};

use crate::cast::*;
use proptest::prelude::*;
use trunkline_connector::{CommandCode, CommandError, Envelope, Event};
use trunkline_desk::{AudioNews, CommandKind, ContactView, Desk, DeskSnapshot, Effect, Input, MediaNews, Sending};
use trunkline_model::*;

const STEPS: usize = 400;
const CASES: u32 = 256;

/// One step of a walk; times are filled in by the walk.
#[derive(Clone, Debug)]
enum Step {
    Add(usize),
    Remove(usize),
    Link(usize, LinkState),
    Resync(usize, bool),
    Agent(usize, &'static str),
    Contact { at: usize, contact: usize, state: ContactState, hold: bool, auto: bool, named: bool, newer: bool },
    Gone(usize, usize, Option<Outcome>),
    Press { id: u8, at: usize, contact: usize, kind: CommandKind },
    Settle(u8, Option<CommandCode>),
    Media(usize, usize, MediaNews),
    Happens(usize, u8),
    Seen(usize, u8),
    Online(usize, u8),
    Dismiss(String),
    Limit(bool),
    Tick(u16),
}

fn accounts() -> [AccountId; 2] {
    [one(), two()]
}

fn contact_key(at: usize, contact: usize) -> ContactKey {
    ContactKey::new(accounts()[at].clone(), ContactId::new(format!("c{contact}")))
}

/// Agent, customer and sometimes a third party.
fn legs(hold: bool, third: bool, ringing: bool) -> Vec<Connection> {
    let customer = if hold { ConnectionState::Hold } else { ConnectionState::Connected };
    let other = match (ringing, hold) {
        (true, _) => ConnectionState::Connecting,
        (false, true) => ConnectionState::Connected,
        (false, false) => ConnectionState::Hold,
    };
    let leg = |number: u8, kind, state| Connection {
        id: ConnectionId::new(format!("leg-{number}")),
        kind,
        state,
        state_since: None,
        party: Party::default(),
        muted_by_platform: false,
        mute_forced: false,
        sends: BTreeSet::new(),
        allowed: BTreeSet::new(),
    };
    let mut legs =
        vec![leg(0, ConnectionKind::Agent, ConnectionState::Connected), leg(1, ConnectionKind::Initial, customer)];
    legs.extend(third.then(|| leg(2, ConnectionKind::ThirdParty, other)));
    legs
}

fn states() -> impl Strategy<Value = ContactState> {
    prop_oneof![
        4 => Just(ContactState::Offered),
        1 => Just(ContactState::Init),
        2 => Just(ContactState::Connecting),
        3 => Just(ContactState::Connected),
        1 => Just(ContactState::Paused),
        2 => Just(ContactState::Ended),
        1 => Just(ContactState::Missed),
        1 => Just(ContactState::Rejected),
        1 => Just(ContactState::Failed),
        1 => Just(ContactState::Unknown("odd".to_owned())),
    ]
}

fn media_news() -> impl Strategy<Value = MediaNews> {
    prop_oneof![
        3 => Just(MediaNews::State(MediaState::Connecting)),
        1 => Just(MediaNews::State(MediaState::Ready)),
        2 => Just(MediaNews::State(MediaState::Live)),
        1 => Just(MediaNews::State(MediaState::Reconnecting)),
        1 => Just(MediaNews::State(MediaState::Closed)),
        1 => any::<bool>().prop_map(MediaNews::MuteWanted),
        1 => Just(MediaNews::Sending(Sending::Sound)),
        1 => Just(MediaNews::Stats(Box::default())),
        1 => Just(MediaNews::Failed(MediaFailure::PathLost, None)),
        1 => Just(MediaNews::Closed(Box::new(summary()))),
    ]
}

fn steps() -> impl Strategy<Value = Step> {
    let at = 0..2_usize;
    let contact = 0..3_usize;
    let links = prop::sample::select(vec![
        LinkState::SignedOut,
        LinkState::NeedsSignIn,
        LinkState::Connecting,
        LinkState::Online,
        LinkState::Online,
        LinkState::Degraded,
        LinkState::Offline,
        LinkState::Refused,
    ]);
    let kinds = prop::sample::select(CommandKind::ALL.to_vec());
    let outcomes = prop::option::of(prop::sample::select(vec![Outcome::Abandoned, Outcome::Missed, Outcome::Failed]));
    let codes = prop::option::of(prop::sample::select(vec![
        CommandCode::NotPossible,
        CommandCode::Timeout,
        CommandCode::BadTarget,
        CommandCode::NotAllowed,
        CommandCode::LimitReached,
    ]));
    prop_oneof![
        2 => at.clone().prop_map(Step::Add),
        1 => at.clone().prop_map(Step::Remove),
        3 => (at.clone(), links).prop_map(|(at, link)| Step::Link(at, link)),
        4 => (at.clone(), any::<bool>()).prop_map(|(at, start)| Step::Resync(at, start)),
        2 => (at.clone(), prop::sample::select(vec!["Available", "Lunch"])).prop_map(|(at, name)| Step::Agent(at, name)),
        24 => (at.clone(), contact.clone(), states(), any::<[bool; 3]>(), prop::bool::weighted(0.8)).prop_map(
            |(at, contact, state, [hold, auto, named], newer)| Step::Contact { at, contact, state, hold, auto, named, newer }
        ),
        5 => (at.clone(), contact.clone(), outcomes).prop_map(|(at, contact, outcome)| Step::Gone(at, contact, outcome)),
        12 => (0..12_u8, at.clone(), contact.clone(), kinds)
            .prop_map(|(id, at, contact, kind)| Step::Press { id, at, contact, kind }),
        10 => (0..12_u8, codes).prop_map(|(id, code)| Step::Settle(id, code)),
        16 => (at, contact, media_news()).prop_map(|(at, contact, news)| Step::Media(at, contact, news)),
        6 => (0..2_usize, 0..40_u8).prop_map(|(at, id)| Step::Happens(at, id)),
        2 => (0..2_usize, 0..40_u8).prop_map(|(at, id)| Step::Seen(at, id)),
        2 => (0..2_usize, 0..3_u8).prop_map(|(at, many)| Step::Online(at, many)),
        1 => Just(Step::Dismiss("sign-in:account-one".to_owned())),
        1 => any::<bool>().prop_map(Step::Limit),
        6 => (0..12_000_u16).prop_map(Step::Tick),
    ]
}

/// A desk, what its effects made of the outside, and what its patches made of an old snapshot.
struct Walk {
    desk: Desk,
    now: i64,
    mirror: DeskSnapshot,
    ringing: BTreeSet<ContactKey>,
    shown: BTreeSet<ContactKey>,
    devices: BTreeSet<ContactKey>,
    /// Contacts seen beyond their offer in the present round, by the events alone.
    beyond: BTreeMap<ContactKey, bool>,
    /// When each was first offered in the present round.
    offered: BTreeMap<ContactKey, i64>,
    /// Those that the platform was to take by itself, and did not.
    overdue: BTreeSet<ContactKey>,
}

impl Walk {
    fn new() -> Self {
        let desk = Desk::new();
        let mirror = desk.snapshot();
        let mut walk = Self {
            desk,
            now: START,
            mirror,
            ringing: BTreeSet::new(),
            shown: BTreeSet::new(),
            devices: BTreeSet::new(),
            beyond: BTreeMap::new(),
            offered: BTreeMap::new(),
            overdue: BTreeSet::new(),
        };
        walk.step(&Step::Add(0));
        walk.step(&Step::Add(1));
        walk
    }

    fn input(&mut self, step: &Step) -> Input {
        let event = |at: usize, event: Event| Input::Connector(Envelope { account: accounts()[at].clone(), event });
        match step.clone() {
            Step::Add(at) => added(accounts()[at].clone(), u32::try_from(at).unwrap()),
            Step::Remove(at) => Input::AccountRemoved(accounts()[at].clone()),
            Step::Link(at, state) => event(at, link(state)),
            Step::Resync(at, true) => event(at, Event::ResyncStart),
            Step::Resync(at, false) => event(at, Event::ResyncEnd),
            Step::Agent(at, name) => event(at, Event::Agent(Box::new(agent_in(AgentStateKind::Routable, name)))),
            Step::Contact { at, contact, state, hold, auto, named, newer } => {
                let key = contact_key(at, contact);
                let before = self.desk.contact(&key).map(|view| view.contact.state_since.0);
                let since = if newer { self.now } else { before.unwrap_or(self.now) };
                let mut value = call(key.contact.as_str(), state, since);
                value.on_hold = hold;
                value.auto_accept = auto && contact == 2;
                value.direction = if newer && auto { Direction::Outbound } else { Direction::Inbound };
                value.connections = legs(hold, named, auto);
                value.customer.name = named.then(|| "Customer Two".to_owned());
                event(at, Event::Contact(Box::new(value)))
            }
            Step::Gone(at, contact, outcome) => {
                event(at, Event::ContactGone { contact: contact_key(at, contact).contact, outcome })
            }
            Step::Press { id, at, contact, kind } => {
                let on_account = matches!(
                    kind,
                    CommandKind::SetState | CommandKind::Dial | CommandKind::SignIn | CommandKind::SignOut
                );
                Input::CommandSent {
                    id: CommandId::new(format!("k{id}")),
                    account: accounts()[at].clone(),
                    contact: (!on_account).then(|| contact_key(at, contact)),
                    connection: (id % 3 == 0).then(|| ConnectionId::new(format!("leg-{}", id % 4))),
                    kind,
                    detail: Some("Lunch".to_owned()),
                }
            }
            Step::Settle(id, code) => Input::CommandSettled {
                id: CommandId::new(format!("k{id}")),
                result: code.map_or(Ok(()), |code| Err(CommandError::new(code, "because"))),
            },
            Step::Media(at, contact, news) => Input::Media { contact: contact_key(at, contact), news },
            Step::Happens(at, id) => event(at, Event::PlatformEvent(Box::new(happening(id, 10)))),
            Step::Seen(at, id) => {
                Input::EventsSeen { account: accounts()[at].clone(), until: happening(id, 0).id, alone: id % 2 == 0 }
            }
            Step::Online(at, many) => event(at, Event::Roster((0..many).map(online).collect())),
            Step::Dismiss(id) => Input::NoticeDismissed(id),
            Step::Limit(present) => Input::Limit { key: "limit_keyring_absent".to_owned(), present },
            Step::Tick(_) => Input::Tick,
        }
    }

    /// Follows the rounds by the events alone, before the desk sees them.
    fn follow(&mut self, input: &Input) {
        let Input::Connector(Envelope { account, event: Event::Contact(contact) }) = input else { return };
        if self.desk.account(account).is_none() {
            return;
        }
        let key = ContactKey::new(account.clone(), contact.id.clone());
        let round = match self.desk.contact(&key).map(|view| &view.contact) {
            None => true,
            Some(old) => old.state.is_finished() && contact.state.is_active() && contact.state_since > old.state_since,
        };
        if round {
            self.offered.remove(&key);
            self.overdue.remove(&key);
        }
        if contact.state == ContactState::Offered {
            self.offered.entry(key.clone()).or_insert(self.now);
        }
        let beyond = self.beyond.entry(key).or_default();
        *beyond = (*beyond && !round)
            || !matches!(contact.state, ContactState::Offered | ContactState::Init | ContactState::Unknown(_));
    }

    /// A second has passed: what the platform was to take by itself is late.
    fn notice_overdue(&mut self) {
        let late = |key: &ContactKey| self.offered.get(key).is_some_and(|since| self.now - since >= 5_000);
        let waiting = |view: &ContactView| view.contact.auto_accept && view.contact.state == ContactState::Offered;
        let overdue = self.desk.snapshot().contacts.into_iter().filter(|view| waiting(view) && late(&view.key));
        let overdue: Vec<_> = overdue.map(|view| view.key).collect();
        self.overdue.extend(overdue);
    }

    fn step(&mut self, step: &Step) -> Vec<Effect> {
        if let Step::Tick(millis) = step {
            self.now += i64::from(*millis);
        }
        self.now += 1;
        if matches!(step, Step::Tick(_)) {
            self.notice_overdue();
        }
        let input = self.input(step);
        self.follow(&input);
        let before = self.desk.snapshot();
        let mute_pressed = matches!(input, Input::Media { news: MediaNews::MuteWanted(_), .. });
        let outcome = self.desk.apply(input, UnixMillis(self.now));
        let after = self.desk.snapshot();

        let grown = u64::from(!outcome.changes.is_empty());
        assert_eq!(after.revision, before.revision + grown, "the revision grows by one with changes, and only then");
        let patch = self.desk.patch(before.revision, outcome.changes.clone());
        self.mirror.apply(&patch).unwrap();
        assert_eq!(self.mirror, after, "the patched old snapshot is the new one");
        if !mute_pressed {
            assert_mute_kept(&before, &after);
        }
        self.replay(&outcome.effects);
        self.check_outside(&after);
        outcome.effects
    }

    fn replay(&mut self, effects: &[Effect]) {
        for effect in effects {
            match effect {
                Effect::StartRinging { contact, .. } => {
                    assert!(self.ringing.insert(contact.clone()), "{contact} does not begin to ring while it rings");
                }
                Effect::StopRinging { contact } => {
                    assert!(self.ringing.remove(contact), "{contact} is only silenced when it rings");
                }
                Effect::ShowOffer(offer) => {
                    self.shown.insert(offer.key.clone());
                }
                Effect::WithdrawOffer { contact } => {
                    assert!(self.shown.remove(contact), "{contact} is only withdrawn when it is shown");
                }
                Effect::OpenDevices { contact } => {
                    self.devices.insert(contact.clone());
                }
                Effect::ReleaseMedia { contact } => {
                    self.devices.remove(contact);
                }
                Effect::PlayCue { .. }
                | Effect::Reached { .. }
                | Effect::MessageArrived { .. }
                | Effect::EventArrived { .. }
                | Effect::KeepNotes { .. }
                | Effect::KeepAnnotations { .. }
                | Effect::ForgetConversation { .. }
                | Effect::WriteHistory(_)
                | Effect::ForgetAccount(_) => {}
            }
        }
    }

    fn check_outside(&self, snapshot: &DeskSnapshot) {
        let expected: BTreeSet<ContactKey> = snapshot
            .contacts
            .iter()
            .filter(|view| {
                let answered =
                    view.pending.iter().any(|one| matches!(one.kind, CommandKind::Accept | CommandKind::Reject));
                view.contact.state == ContactState::Offered
                    && !self.beyond.get(&view.key).copied().unwrap_or_default()
                    && (!view.contact.auto_accept || self.overdue.contains(&view.key))
                    && !answered
            })
            .map(|view| view.key.clone())
            .collect();
        assert_eq!(self.ringing, expected, "what rings is what is offered and unanswered");
        assert_eq!(self.shown, expected, "what shows outside is what rings");
        let offers: BTreeSet<_> = self.desk.offers().into_iter().map(|offer| offer.key).collect();
        assert_eq!(offers, expected, "the list of offers agrees");
        self.check_tray(snapshot);
        for key in &self.devices {
            let view = self.desk.contact(key).expect("open devices belong to a contact that is there");
            assert!(!view.contact.state.is_finished(), "a finished contact holds no devices");
        }
        assert!(snapshot.notices.len() <= trunkline_desk::NOTICES_KEPT, "messages do not pile up");
        let keys = trunkline_desk::message_keys();
        for notice in &snapshot.notices {
            assert!(keys.contains(&notice.message_key), "{} is in the list of keys", notice.message_key);
        }
    }
}

impl Walk {
    /// The tray's own look at the desk shows what the windows show.
    fn check_tray(&self, snapshot: &DeskSnapshot) {
        let tray = self.desk.tray_picture();
        assert_eq!(tray.state, self.desk.tray(), "the icon");
        let agents = snapshot.accounts.iter().map(|view| {
            let state = view.agent.as_ref().map(|agent| agent.state.name.clone());
            (view.name.clone(), state.unwrap_or_default())
        });
        assert_eq!(tray.agents, agents.collect::<Vec<_>>(), "accounts in their order");
        let mut legs = snapshot.contacts.iter().filter_map(|view| view.media.as_ref());
        let live = legs.find(|leg| matches!(leg.state, MediaState::Live | MediaState::Reconnecting));
        assert_eq!(tray.live_muted, live.map(|leg| leg.mute_wanted), "mute of the oldest live call");
    }
}

/// Nothing but the agent's act changes the wish, while a call goes on.
fn assert_mute_kept(before: &DeskSnapshot, after: &DeskSnapshot) {
    for view in before.contacts.iter().filter(|view| !view.contact.state.is_finished()) {
        let now = after.contacts.iter().find(|other| other.key == view.key);
        let (Some(was), Some(is)) = (&view.media, now.and_then(|view| view.media.as_ref())) else { continue };
        assert_eq!(was.mute_wanted, is.mute_wanted, "only the agent mutes and un-mutes {}", view.key);
    }
}

fn without_revision(mut snapshot: DeskSnapshot) -> DeskSnapshot {
    snapshot.revision = 0;
    snapshot
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, max_shrink_iters: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn any_walk_keeps_every_promise(walk in prop::collection::vec(steps(), STEPS)) {
        let mut desk = Walk::new();
        for step in &walk {
            desk.step(step);
        }
        desk.step(&Step::Remove(0));
        desk.step(&Step::Remove(1));
        prop_assert!(desk.ringing.is_empty() && desk.devices.is_empty(), "without accounts nothing rings or is open");
        prop_assert!(desk.desk.snapshot().notices.is_empty(), "and nothing is left to say");
    }

    #[test]
    fn a_reconnect_changes_nothing(
        before in prop::collection::vec(steps(), 0..60),
        after in prop::collection::vec(steps(), 0..30),
        order in any::<u64>(),
    ) {
        let (mut straight, mut dropped) = (Walk::new(), Walk::new());
        for step in &before {
            straight.step(step);
            dropped.step(step);
        }
        for desk in [&mut straight, &mut dropped] {
            desk.step(&Step::Add(0));
            desk.step(&Step::Link(0, LinkState::Online));
        }
        let now = UnixMillis(dropped.now);
        let mut contacts: Vec<_> =
            dropped.desk.snapshot().contacts.into_iter().filter(|view| view.key.account == one()).collect();
        if !contacts.is_empty() {
            let middle = usize::try_from(order % contacts.len() as u64).unwrap();
            contacts.rotate_left(middle);
        }
        let mut events = vec![link(LinkState::Offline), link(LinkState::Connecting), Event::ResyncStart];
        events.extend(contacts.into_iter().map(|view| Event::Contact(Box::new(view.contact))));
        events.extend([Event::ResyncEnd, link(LinkState::Online)]);
        for event in events {
            let outcome = dropped.desk.apply(Input::Connector(Envelope { account: one(), event }), now);
            prop_assert!(outcome.effects.is_empty(), "a reconnect does nothing outside: {:?}", outcome.effects);
        }
        // A resync left open by the walk is closed by the reconnect; close it here too.
        let repeated: Vec<_> =
            straight.desk.snapshot().contacts.into_iter().filter(|view| view.key.account == one()).collect();
        let repeats = repeated.into_iter().map(|view| Event::Contact(Box::new(view.contact)));
        for event in repeats.chain([Event::ResyncEnd]) {
            straight.desk.apply(Input::Connector(Envelope { account: one(), event }), now);
        }
        dropped.mirror = dropped.desk.snapshot();
        straight.mirror = straight.desk.snapshot();
        prop_assert_eq!(without_revision(straight.desk.snapshot()), without_revision(dropped.desk.snapshot()));
        for step in &after {
            let effects = straight.step(step);
            prop_assert_eq!(effects, dropped.step(step), "the same effects from then on");
        }
        prop_assert_eq!(without_revision(straight.desk.snapshot()), without_revision(dropped.desk.snapshot()));
    }
}

#[test]
fn the_audio_picture_is_kept_whole() {
    let mut scene = Scene::new();
    let mut view = scene.desk.snapshot().audio;
    view.ringing = true;
    let outcome = scene.apply(Input::Audio(AudioNews::View(Box::new(view.clone()))));
    assert_eq!(outcome.changes.len(), 1, "one change");
    assert_eq!(scene.desk.snapshot().audio, view, "as the engine's owner said");
}
