//! The fixed cast: two accounts, their agent and a few customers.

use std::collections::{BTreeMap, BTreeSet};

use trunkline_connector::{CommandCode, CommandError, Envelope, Event};
use trunkline_desk::{CommandKind, Desk, Effect, Input, MediaNews, Outcome};
use trunkline_model::*;

pub const START: i64 = 1_700_000_000_000;

/// A desk with a clock.
pub struct Scene {
    pub desk: Desk,
    pub now: i64,
    commands: u32,
}

pub fn one() -> AccountId {
    AccountId::from("account-one")
}

pub fn two() -> AccountId {
    AccountId::from("account-two")
}

pub fn key(contact: &str) -> ContactKey {
    ContactKey::new(one(), ContactId::from(contact))
}

pub fn added(id: AccountId, order: u32) -> Input {
    Input::AccountAdded {
        name: format!("Name of {id}"),
        id,
        platform: PlatformId::from("platform-one"),
        platform_name: "Platform One".to_owned(),
        order,
        capabilities: BTreeSet::new(),
    }
}

pub fn agent_in(kind: AgentStateKind, name: &str) -> Agent {
    Agent {
        name: "Agent One".to_owned(),
        username: None,
        state: AgentState {
            id: None,
            kind,
            name: name.to_owned(),
            activity: AgentActivity::Named,
            since: Some(UnixMillis(START)),
        },
        next_state: None,
        selectable_states: Vec::new(),
        softphone_enabled: true,
        auto_accept: false,
        extension: None,
        routing_profile: RoutingProfile::default(),
        permissions: BTreeSet::new(),
        can_dial: true,
        language: None,
        languages: Vec::new(),
        dial_queues: Vec::new(),
        default_dial_queue: None,
        platform_id: None,
        dialable_countries: Vec::new(),
        picked: None,
        media: Vec::new(),
        wrap_up: None,
        supervises: Vec::new(),
    }
}

pub fn link(state: LinkState) -> Event {
    Event::Link(Link { state, reason: None, since: UnixMillis(START), retry_at: None })
}

/// A softphone call of customer one in a state.
pub fn call(id: &str, state: ContactState, since: i64) -> Contact {
    Contact {
        id: ContactId::from(id),
        channel: Channel::Voice,
        direction: Direction::Inbound,
        state,
        state_since: UnixMillis(since),
        outcome: None,
        queue: Some(Queue { id: QueueId::from("queue-one"), name: Some("Queue One".to_owned()) }),
        queued_since: None,
        offer_expires: None,
        customer: Party { name: Some("Customer One".to_owned()), address: None },
        subject: None,
        description: None,
        references: Vec::new(),
        scheduled_for: None,
        template: None,
        email: None,
        monitoring: None,
        supervised: false,
        wrap_up_ends: None,
        handover: None,
        advisers: Vec::new(),
        details: Box::default(),
        attributes: Vec::new(),
        connections: Vec::new(),
        on_hold: false,
        softphone: true,
        auto_accept: false,
        allowed: [ContactAction::Accept, ContactAction::Reject].into(),
    }
}

pub fn summary() -> CallSummary {
    CallSummary { talk_ms: 4_000, ..CallSummary::default() }
}

pub fn refused(detail: &str) -> Result<(), CommandError> {
    Err(CommandError::new(CommandCode::NotPossible, detail))
}

impl Scene {
    /// Account one is online with a routable agent.
    pub fn new() -> Self {
        let mut scene = Self { desk: Desk::new(), now: START, commands: 0 };
        scene.apply(added(one(), 0));
        scene.event(link(LinkState::Online));
        scene.event(Event::Agent(Box::new(agent_in(AgentStateKind::Routable, "Available"))));
        scene
    }

    pub fn apply(&mut self, input: Input) -> Outcome {
        self.now += 10;
        self.desk.apply(input, UnixMillis(self.now))
    }

    pub fn event_of(&mut self, account: AccountId, event: Event) -> Vec<Effect> {
        self.apply(Input::Connector(Envelope { account, event })).effects
    }

    pub fn event(&mut self, event: Event) -> Vec<Effect> {
        self.event_of(one(), event)
    }

    pub fn contact(&mut self, contact: Contact) -> Vec<Effect> {
        self.event(Event::Contact(Box::new(contact)))
    }

    /// Call `id` is in `state` from now on.
    pub fn call(&mut self, id: &str, state: ContactState) -> Vec<Effect> {
        let since = self.now;
        self.contact(call(id, state, since))
    }

    pub fn gone(&mut self, id: &str, outcome: Option<trunkline_model::Outcome>) -> Vec<Effect> {
        self.event(Event::ContactGone { contact: ContactId::from(id), outcome })
    }

    pub fn press(
        &mut self,
        kind: CommandKind,
        contact: Option<&str>,
        detail: Option<&str>,
    ) -> (CommandId, Vec<Effect>) {
        self.press_on(kind, contact, None, detail)
    }

    /// Likewise on one leg.
    pub fn press_on(
        &mut self,
        kind: CommandKind,
        contact: Option<&str>,
        leg: Option<&str>,
        detail: Option<&str>,
    ) -> (CommandId, Vec<Effect>) {
        self.commands += 1;
        let id = CommandId::new(format!("command-{}", self.commands));
        let effects = self
            .apply(Input::CommandSent {
                id: id.clone(),
                account: one(),
                contact: contact.map(key),
                connection: leg.map(ConnectionId::from),
                kind,
                detail: detail.map(str::to_owned),
            })
            .effects;
        (id, effects)
    }

    pub fn settle(&mut self, id: &CommandId, result: Result<(), CommandError>) -> Vec<Effect> {
        self.apply(Input::CommandSettled { id: id.clone(), result }).effects
    }

    pub fn media(&mut self, id: &str, news: MediaNews) -> Vec<Effect> {
        self.apply(Input::Media { contact: key(id), news }).effects
    }

    /// Time goes on, with a tick each second.
    pub fn wait(&mut self, seconds: i64) -> Vec<Effect> {
        let mut effects = Vec::new();
        for _ in 0..seconds {
            self.now += 990;
            effects.extend(self.apply(Input::Tick).effects);
        }
        effects
    }

    /// Message keys shown, in order.
    pub fn told(&self) -> Vec<String> {
        self.desk.snapshot().notices.into_iter().map(|notice| notice.message_key).collect()
    }
}

/// Rings and devices in a sequence of effects, in words.
pub fn words(effects: &[Effect]) -> Vec<String> {
    effects
        .iter()
        .filter_map(|effect| {
            Some(match effect {
                // Nothing rings or opens by it.
                Effect::Reached { .. } => return None,
                Effect::StartRinging { contact, quiet: false } => format!("ring {}", contact.contact),
                Effect::StartRinging { contact, quiet: true } => format!("knock {}", contact.contact),
                Effect::StopRinging { contact } => format!("silence {}", contact.contact),
                Effect::PlayCue { contact } => format!("cue {}", contact.contact),
                Effect::ShowOffer(offer) => format!("show {}", offer.key.contact),
                Effect::WithdrawOffer { contact } => format!("withdraw {}", contact.contact),
                Effect::OpenDevices { contact } => format!("open {}", contact.contact),
                Effect::ReleaseMedia { contact } => format!("release {}", contact.contact),
                Effect::WriteHistory(entry) => format!("write {}", entry.key.contact),
                Effect::MessageArrived { contact, unread, .. } => format!("message {} {unread}", contact.contact),
                Effect::EventArrived { event, .. } => format!("event {}", event.id),
                Effect::KeepNotes { contact, draft, .. } => format!("keep {} {draft:?}", contact.contact),
                Effect::KeepAnnotations { contact, annotations } => {
                    format!("annotate {} {}", contact.contact, annotations.attributes.len())
                }
                Effect::ForgetConversation { contact } => format!("forget {}", contact.contact),
                Effect::ForgetAccount(id) => format!("forget {id}"),
            })
        })
        .collect()
}

pub fn no_params() -> BTreeMap<String, String> {
    BTreeMap::new()
}

/// An event of a platform's own, with so many bytes.
pub fn happening(id: u8, bytes: usize) -> PlatformEvent {
    PlatformEvent {
        id: PlatformEventId::new(format!("e{id}")),
        kind: "ScreenPop".to_owned(),
        sort: EventSort::ScreenPop,
        at: UnixMillis(START),
        campaign: None,
        channel: None,
        way: None,
        customer: Party::default(),
        fields: vec![Attribute { name: "data".to_owned(), value: "x".repeat(bytes) }],
    }
}

pub fn online(number: u8) -> RosterEntry {
    RosterEntry {
        reference: format!("r{number}"),
        user: None,
        name: "Customer One".to_owned(),
        online_since: None,
        address: None,
    }
}
