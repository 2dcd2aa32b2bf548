//! How a conversation is shown: the contact and the conversation's frame.

use std::collections::BTreeSet;

use trunkline_connector::Event;
use trunkline_model::{
    Adviser, Attribute, AuthorRole, Connection, ConnectionId, ConnectionKind, ConnectionState, Contact, ContactAction,
    ContactDetails, ContactState, Conversation, ConversationState, Direction, Initiation, Line, MonitorMode,
    Monitoring, Outcome, Party,
};

use super::{Around, Role, Shown, Stage, Talk};
use crate::cim::ChannelSession;

impl Talk {
    /// What has changed of contact and frame, and the messages that are new.
    pub fn tell(&mut self, around: &Around<'_>) -> Vec<Event> {
        let mut out = Vec::new();
        self.tell_contact(around, &mut out);
        if self.told_frame.is_some() {
            let frame = self.frame(around);
            if self.told_frame.as_ref() != Some(&frame) {
                out.push(self.conversation(frame.clone()));
                self.told_frame = Some(frame);
            }
        }
        let messages = self.timeline.fresh();
        out.extend(messages.into_iter().map(|message| self.message(message)));
        out
    }

    pub(super) fn tell_contact(&mut self, around: &Around<'_>, out: &mut Vec<Event>) {
        let contact = self.contact(around);
        if self.told_contact.as_ref() != Some(&contact) {
            out.push(Event::Contact(Box::new(contact.clone())));
            self.told_contact = Some(contact);
        }
    }

    /// The contact once more, for a whole picture.
    pub fn repeat(&mut self, around: &Around<'_>) -> Event {
        let contact = self.contact(around);
        self.told_contact = Some(contact.clone());
        Event::Contact(Box::new(contact))
    }

    pub(super) fn conversation(&self, frame: Conversation) -> Event {
        Event::Conversation { contact: self.id.clone(), conversation: Box::new(frame) }
    }

    /// The present one, by which the panel shows it.
    fn state(&self) -> ContactState {
        match self.stage {
            Stage::Offered if self.call => ContactState::Init,
            Stage::Offered => ContactState::Offered,
            Stage::Joining => ContactState::Connecting,
            Stage::Active if self.sessions.is_empty() => ContactState::Ended,
            Stage::Active if self.paused => ContactState::Paused,
            Stage::Active => ContactState::Connected,
            Stage::WrapUp => ContactState::Ended,
        }
    }

    /// The agent is asked to take it.
    pub fn is_ringing(&self) -> bool {
        self.state() == ContactState::Offered
    }

    /// It is laid aside.
    pub fn is_paused(&self) -> bool {
        self.paused
    }

    /// One can write in it.
    pub fn is_open(&self) -> bool {
        matches!(self.state(), ContactState::Connected | ContactState::Paused)
    }

    fn direction(&self) -> Direction {
        if self.role.supervises() || self.direction == "SILENT_MONITOR" {
            return Direction::Monitoring;
        }
        let session = ChannelSession::read(&self.first_session);
        let outbound = self.direction == "OUTBOUND"
            || session.is_some_and(|session| session.direction.as_deref() == Some("OUTBOUND"));
        if outbound { Direction::Outbound } else { Direction::Inbound }
    }

    /// What the agent may do with it now.
    pub fn allowed(&self, around: &Around<'_>) -> BTreeSet<ContactAction> {
        use ContactAction as May;
        let may = |scope: &str| around.user.may(scope);
        let mut allowed = BTreeSet::new();
        let notes = around.wrap_up && may("view_wrap_up") && !self.role.only_whispers();
        match self.state() {
            ContactState::Offered => drop(allowed.insert(May::Accept)),
            ContactState::Connected | ContactState::Paused => {
                let leads = self.role == Role::Primary;
                let advised = self.others.values().any(|other| other.agent && other.role == Role::Assistant);
                let may_leave = !leads || may("view_leave_chat");
                let actions = [
                    (May::End, may_leave),
                    (May::Transfer, leads && may("view_direct_transfer")),
                    (May::AddParty, leads && may("view_conference")),
                    (May::Consult, leads && may("view_consult")),
                    (May::Pause, leads && !self.paused),
                    (May::Unpause, leads && self.paused),
                    (May::WrapUp, notes),
                    (May::Whisper, self.role == Role::SilentMonitor),
                    (May::BargeIn, self.role.supervises()),
                    (May::HandToAdviser, leads && advised && may("view_direct_transfer")),
                    (May::BringInAdviser, leads && advised && may("view_conference")),
                ];
                allowed.extend(actions.into_iter().filter(|(_, may)| *may).map(|(action, _)| action));
            }
            ContactState::Ended => {
                allowed.insert(May::Clear);
                if notes {
                    allowed.insert(May::WrapUp);
                }
            }
            _ => {}
        }
        allowed
    }

    fn connections(&self, around: &Around<'_>) -> Vec<Connection> {
        let (own, theirs) = match self.state() {
            ContactState::Init => (ConnectionState::Init, ConnectionState::Connected),
            ContactState::Offered | ContactState::Connecting => {
                (ConnectionState::Connecting, ConnectionState::Connected)
            }
            ContactState::Ended => (ConnectionState::Disconnected, ConnectionState::Disconnected),
            _ if self.role == Role::SilentMonitor => (ConnectionState::SilentMonitor, ConnectionState::Connected),
            _ => (ConnectionState::Connected, ConnectionState::Connected),
        };
        let kind = if self.role.supervises() { ConnectionKind::Monitoring } else { ConnectionKind::Agent };
        let leg = |id: &str, kind, state, party| Connection {
            id: ConnectionId::new(id),
            kind,
            state,
            state_since: None,
            party,
            muted_by_platform: false,
            mute_forced: false,
            sends: BTreeSet::new(),
            allowed: BTreeSet::new(),
        };
        let customer = leg("customer", ConnectionKind::Initial, theirs, self.party(around));
        let mut legs = vec![leg("agent", kind, own, Party::default()), customer];
        for (id, other) in self.others.iter().filter(|(_, other)| other.agent && other.role != Role::SilentMonitor) {
            let party = Party { name: other.author.name.clone(), address: None };
            legs.push(leg(id, ConnectionKind::ThirdParty, ConnectionState::Connected, party));
        }
        legs
    }

    fn party(&self, around: &Around<'_>) -> Party {
        let first = || ChannelSession::read(&self.first_session).and_then(|session| session.customer_identifier);
        let address = self.reply_session().map_or_else(first, |session| session.customer_identifier.clone());
        let number = || self.customer.numbers.first().cloned();
        let shown = |address: String| if around.user.sees_personal_data() { address } else { masked(&address) };
        Party { name: self.customer.name.clone(), address: address.or_else(number).map(shown) }
    }

    fn contact(&self, around: &Around<'_>) -> Contact {
        let state = self.state();
        let finished = state == ContactState::Ended;
        let left = self.sessions.is_empty();
        let outcome = if left { Outcome::EndedByCustomer } else { Outcome::EndedByAgent };
        let initiation = match self.direction.as_str() {
            "OUTBOUND" => Initiation::Outbound,
            "DIRECT_TRANSFER" | "CONSULT_TRANSFER" => Initiation::Transfer,
            "SILENT_MONITOR" | "BARGE_IN" => Initiation::Monitor,
            _ => Initiation::Inbound,
        };
        let mode = match self.role {
            Role::SilentMonitor => MonitorMode::Silent,
            Role::Whisper => MonitorMode::Whisper,
            _ => MonitorMode::Barge,
        };
        let monitoring = self.direction() == Direction::Monitoring;
        let session = ChannelSession::read(&self.first_session);
        let details = ContactDetails {
            initiation: Some(initiation),
            subtype: session.as_ref().map(ChannelSession::kind),
            reached: session
                .and_then(|session| session.service_identifier)
                .map(|address| Party { name: None, address: Some(address) }),
            metadata: self.shown.beside.clone(),
            ..ContactDetails::default()
        };
        Contact {
            id: self.id.clone(),
            channel: self.channel(),
            direction: self.direction(),
            state,
            state_since: self.since,
            outcome: finished.then_some(outcome),
            queue: self.queue.clone(),
            queued_since: None,
            offer_expires: self.expires.map(|(until, _)| until).filter(|_| self.stage == Stage::Offered),
            customer: self.party(around),
            subject: None,
            description: None,
            references: Vec::new(),
            scheduled_for: None,
            template: None,
            email: None,
            monitoring: monitoring.then(|| Monitoring { mode, agent: self.watched(), since: Some(self.since) }),
            supervised: false,
            attributes: self.shown.attributes.clone(),
            connections: self.connections(around),
            on_hold: false,
            softphone: false,
            auto_accept: self.by_itself,
            allowed: self.allowed(around),
            wrap_up_ends: self.wrap_up_ends,
            handover: self.handover.clone(),
            advisers: self.advisers(),
            details: Box::new(details),
        }
    }

    /// Reads anew what is shown of the customer: for another customer, other data, or
    /// another schema. Events come far more often than these change.
    pub fn look(&mut self, around: &Around<'_>) {
        let hidden = |words: &str| around.schema.hides(&self.customer_raw, around.user, words);
        let shown = |given: &Attribute| {
            let value = if hidden(&given.value) { masked(&given.value) } else { given.value.clone() };
            Attribute { name: given.name.clone(), value }
        };
        let attributes = self.data.iter().map(shown).collect();
        self.shown = Shown { beside: around.schema.beside(&self.customer_raw, around.user), attributes };
    }

    fn advisers(&self) -> Vec<Adviser> {
        if self.role != Role::Primary {
            return Vec::new();
        }
        let advising = self.others.iter().filter(|(_, other)| other.agent && other.role == Role::Assistant);
        let adviser = |(id, other): (&String, &super::Other)| Adviser {
            id: crate::rest::agent_endpoint(id),
            name: other.author.name.clone().unwrap_or_default(),
        };
        advising.map(adviser).collect()
    }

    /// The agent whose conversation a supervisor follows.
    fn watched(&self) -> Option<String> {
        let leads = self.others.values().find(|other| other.agent && other.role == Role::Primary);
        leads.and_then(|other| other.author.name.clone())
    }

    fn lines(&self, around: &Around<'_>) -> Vec<Line> {
        let shown = |mut line: Line| {
            if !around.user.sees_personal_data() {
                line.address = line.address.as_deref().map(masked);
            }
            line
        };
        self.sessions.iter().filter(|session| !session.is_voice()).map(|session| shown(session.line())).collect()
    }

    pub(super) fn frame(&self, around: &Around<'_>) -> Conversation {
        let customer = trunkline_model::Author { role: AuthorRole::Customer, name: self.customer.name.clone() };
        let here = (!self.sessions.is_empty()).then_some(customer);
        let colleagues = self.has_colleagues();
        let only_whispers = self.role.only_whispers();
        Conversation {
            state: match (self.state(), self.confirmed) {
                (ContactState::Ended, _) => ConversationState::Ended,
                (_, false) => ConversationState::Joining,
                (_, true) => ConversationState::Open,
            },
            participants: here.into_iter().chain(self.shown_others().map(|other| other.author.clone())).collect(),
            typing: self.typing.iter().map(|(author, _)| author.clone()).collect(),
            attachments: around.files && !only_whispers,
            markdown: false,
            longest: around.settings.longest_text,
            largest_file: around.settings.largest_file,
            file_types: around.settings.file_types.clone(),
            has_older: self.timeline.has_older() || self.reading.is_some(),
            silent: false,
            replies: true,
            edits: false,
            removes: false,
            cards: !only_whispers,
            whispers: colleagues || only_whispers,
            only_whispers,
            lines: self.lines(around),
            line: self.reply_session().map(|session| session.id.clone()),
            paused_until: self.paused_until,
            answer_by: self.answer_by,
        }
    }
}

/// An address of which no more is shown than helps to tell two apart.
pub(crate) fn masked(address: &str) -> String {
    const SHOWN: usize = 3;
    let count = address.chars().count();
    let hidden = count.saturating_sub(SHOWN).max(1).min(count);
    let dots = std::iter::repeat_n('•', hidden.min(8));
    dots.chain(address.chars().skip(hidden)).collect()
}
