//! The reducer: one [`Input`] in, effects and changes out.
//!
//! # Inputs by origin
//!
//! | origin | input | goes to |
//! | --- | --- | --- |
//! | connectors | `Connector(Link, ResyncStart, ResyncEnd, Agent)` | `accounts` |
//! | connectors | `Connector(Contact, ContactGone)` | `contacts` |
//! | connectors | `Connector(PlatformEvent, Roster)` | `events` |
//! | the agent, settings | `EventsSeen`, `EventRules` | `events` |
//! | connectors | `Connector(Notice, NoticeGone)` | `notices` |
//! | settings | `AccountAdded`, `AccountRemoved` | `accounts` |
//! | the agent | `CommandSent` | `commands` |
//! | the agent | `NoticeDismissed` | `notices` |
//! | connectors' replies | `CommandSettled` | `commands` |
//! | media | `Media` | `media` |
//! | audio | `Audio` | kept whole |
//! | connectors | `Connector(Conversation, Message)` | `conversations` |
//! | plugins, notes | `Annotated` | `contacts` |
//! | outbox, notes, the agent, files | `Outbox`, `Notes`, `Draft`, `ReadUpTo`, `Download`, `DownloadGone` | `conversations` |
//! | the core itself | `Notice`, `NoticeGone`, `Limit` | `notices`, kept whole |
//! | the core itself | `Tick` | `commands`, `offers`, `notices` |
//!
//! Every input first changes the state; then [`Desk::settle`] derives from the
//! state what must be true outside (who rings, whose devices are open, what the
//! history says) and emits the difference to what is known to be true. So no
//! order of inputs can leave a ring behind or ring twice.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use trunkline_connector::{Envelope, Event};
use trunkline_model::{AccountId, Annotations, CommandId, ContactKey, Notice, UnixMillis, VoiceEnhancement};

use crate::accounts::AccountEntry;
use crate::commands::{SentCommand, Stage};
use crate::contacts::ContactEntry;
use crate::conversations::ConversationEntry;
use crate::events::Told;
use crate::{
    AccountView, AudioNews, AudioView, Change, ContactView, ConversationView, DeskPatch, DeskSnapshot, DeviceUse,
    Effect, HistoryEntry, Input, MediaView, Offer, RingtoneView,
};

/// What one input did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// To carry out, in order.
    pub effects: Vec<Effect>,
    /// To push, in order; when there are any, the revision has grown by one.
    pub changes: Vec<Change>,
}

/// The desk.
#[derive(Clone, Debug)]
pub struct Desk {
    pub(crate) revision: u64,
    pub(crate) accounts: BTreeMap<AccountId, AccountEntry>,
    pub(crate) contacts: BTreeMap<ContactKey, ContactEntry>,
    pub(crate) conversations: BTreeMap<ContactKey, ConversationEntry>,
    /// Media legs by contact. A leg may be there before its contact: media and
    /// events come on different ways.
    pub(crate) legs: BTreeMap<ContactKey, MediaView>,
    pub(crate) commands: BTreeMap<CommandId, SentCommand>,
    pub(crate) audio: AudioView,
    pub(crate) notices: Vec<Notice>,
    pub(crate) limits: BTreeSet<String>,
    pub(crate) told: Told,
    /// What was put onto contacts here. It may be there before its contact.
    pub(crate) annotations: BTreeMap<ContactKey, Annotations>,
    /// Contacts that went before their call summary came.
    pub(crate) departed: VecDeque<HistoryEntry>,
    /// Gives contacts their place in lists.
    pub(crate) arrivals: u64,
    /// What the UI has been told.
    pub(crate) published: Published,
}

/// What the UI has been told, to find the next changes.
#[derive(Clone, Debug)]
pub(crate) struct Published {
    pub(crate) accounts: BTreeMap<AccountId, AccountView>,
    pub(crate) contacts: BTreeMap<ContactKey, ContactView>,
    pub(crate) conversations: BTreeMap<ContactKey, ConversationView>,
    pub(crate) audio: AudioView,
    pub(crate) notices: Vec<Notice>,
    pub(crate) limits: BTreeSet<String>,
}

impl Default for Desk {
    fn default() -> Self {
        Self::new()
    }
}

impl Desk {
    /// An empty desk at revision 0.
    pub fn new() -> Self {
        Self {
            revision: 0,
            accounts: BTreeMap::new(),
            contacts: BTreeMap::new(),
            conversations: BTreeMap::new(),
            legs: BTreeMap::new(),
            commands: BTreeMap::new(),
            audio: no_audio(),
            notices: Vec::new(),
            limits: BTreeSet::new(),
            told: Told::default(),
            annotations: BTreeMap::new(),
            departed: VecDeque::new(),
            arrivals: 0,
            published: Published {
                accounts: BTreeMap::new(),
                contacts: BTreeMap::new(),
                conversations: BTreeMap::new(),
                audio: no_audio(),
                notices: Vec::new(),
                limits: BTreeSet::new(),
            },
        }
    }

    /// Takes one input in at the time `now`.
    pub fn apply(&mut self, input: Input, now: UnixMillis) -> Outcome {
        let mut effects = Vec::new();
        match input {
            Input::Connector(envelope) => self.on_event(envelope, now, &mut effects),
            Input::AccountAdded { id, platform, platform_name, name, order, capabilities } => {
                self.add_account(AccountView {
                    id,
                    platform,
                    platform_name,
                    name,
                    order,
                    link: trunkline_model::Link::default(),
                    route: None,
                    serving: None,
                    agent: None,
                    capabilities,
                    pending_state: None,
                    pending_dial: None,
                    challenge: None,
                    work_lists: Vec::new(),
                });
            }
            Input::AccountRemoved(id) => self.remove_account(&id, now, &mut effects),
            Input::CommandSent { id, account, contact, connection, kind, detail } => {
                self.on_command_sent(
                    id,
                    SentCommand {
                        account,
                        contact,
                        connection,
                        kind,
                        detail,
                        since: now,
                        stage: Stage::Sent,
                        before: Default::default(),
                    },
                );
            }
            Input::CommandSettled { id, result } => self.on_command_settled(&id, result, now),
            Input::Media { contact, news } => self.on_media(&contact, news, now, &mut effects),
            Input::Audio(AudioNews::View(view)) => self.audio = *view,
            Input::Outbox { contact, items } => self.on_outbox(contact, items),
            Input::Annotated { contact, annotations } => self.annotate(&contact, annotations, &mut effects),
            Input::Notes { contact, read, draft } => self.on_notes(contact, read, draft),
            Input::Draft { contact, text } => self.on_draft(contact, text, &mut effects),
            Input::ReadUpTo { contact, message } => self.on_read(contact, message, &mut effects),
            Input::Download { contact, download } => self.on_download(&contact, download),
            Input::DownloadGone { contact, attachment } => self.on_download_gone(&contact, &attachment),
            Input::EventRules(rules) => self.on_event_rules(rules),
            Input::EventsSeen { account, until, alone } => self.on_events_seen(&account, &until, alone),
            Input::Notice(notice) => self.raise(notice),
            Input::NoticeGone(id) | Input::NoticeDismissed(id) => self.withdraw(&id),
            Input::Limit { key, present } => {
                if present {
                    self.limits.insert(key);
                } else {
                    self.limits.remove(&key);
                }
            }
            Input::Tick => self.on_tick(now),
        }
        self.settle(now, &mut effects);
        Outcome { effects, changes: self.publish() }
    }

    fn on_event(&mut self, envelope: Envelope, now: UnixMillis, effects: &mut Vec<Effect>) {
        let Envelope { account, event } = envelope;
        if !self.accounts.contains_key(&account) {
            // A connector that has not noticed yet that its account was removed.
            tracing::debug!(%account, "event of an unknown account is left out");
            return;
        }
        match event {
            Event::Link(link) => self.on_link(&account, link, now, effects),
            Event::Route(route) => self.on_route(&account, route),
            Event::Serving(serving) => self.on_serving(&account, serving),
            Event::Challenge(challenge) => self.on_challenge(&account, challenge),
            Event::ResyncStart => self.on_resync_start(&account),
            Event::ResyncEnd => self.on_resync_end(&account, now, effects),
            Event::Agent(agent) => self.on_agent(&account, *agent),
            Event::Contact(contact) => self.on_contact(&account, *contact, now),
            Event::ContactGone { contact, outcome } => {
                self.contact_gone(&ContactKey::new(account, contact), outcome, now, effects);
            }
            Event::Conversation { contact, conversation } => {
                self.on_conversation(ContactKey::new(account, contact), *conversation);
            }
            Event::Message { contact, message } => {
                self.on_message(ContactKey::new(account, contact), *message, effects);
            }
            Event::PlatformEvent(event) => self.on_platform_event(&account, *event, now, effects),
            Event::Roster(roster) => self.on_roster(&account, roster),
            Event::WorkLists(lists) => self.on_work_lists(&account, lists),
            Event::Notice(notice) => self.raise_for(&account, notice),
            Event::NoticeGone(id) => self.withdraw(&crate::notices::scoped(&account, &id)),
        }
    }

    fn on_tick(&mut self, now: UnixMillis) {
        self.lapse_commands(now);
        self.expire_offers(now);
        self.forget_old_infos(now);
    }

    /// Derives what must be true outside and emits the difference.
    fn settle(&mut self, now: UnixMillis, effects: &mut Vec<Effect>) {
        self.settle_commands();
        self.settle_busy();
        self.settle_views();
        self.settle_offers(effects);
        self.settle_steps(effects);
        self.settle_devices(effects);
        self.settle_history(now, effects);
    }

    /// Grows by one with every patch.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Everything, as the UI takes it.
    pub fn snapshot(&self) -> DeskSnapshot {
        let mut accounts: Vec<_> = self.accounts.values().map(|entry| entry.view.clone()).collect();
        accounts.sort_by(|a, b| (a.order, &a.id).cmp(&(b.order, &b.id)));
        DeskSnapshot {
            revision: self.revision,
            accounts,
            contacts: self.by_arrival().map(|entry| entry.view.clone()).collect(),
            conversations: self.conversation_views(),
            messages: self.all_messages(),
            events: self.event_views(),
            rosters: self.roster_views(),
            audio: self.audio.clone(),
            notices: self.notices.clone(),
            limits: self.limits.clone(),
        }
    }

    /// The changes of one or several [`Desk::apply`] since revision `from`, as a patch up to now.
    pub fn patch(&self, from: u64, changes: Vec<Change>) -> DeskPatch {
        DeskPatch { from, to: self.revision, changes }
    }

    /// Offers that are shown outside the panel now, oldest first.
    pub fn offers(&self) -> Vec<Offer> {
        self.by_arrival().filter_map(|entry| entry.shown.clone()).collect()
    }

    /// One contact.
    pub fn contact(&self, key: &ContactKey) -> Option<&ContactView> {
        self.contacts.get(key).map(|entry| &entry.view)
    }

    /// One account.
    pub fn account(&self, id: &AccountId) -> Option<&AccountView> {
        self.accounts.get(id).map(|entry| &entry.view)
    }

    /// Something waits for time to pass: give a `Tick` each second.
    pub fn wants_ticks(&self) -> bool {
        self.awaits_commands()
            || self.contacts.values().any(|entry| entry.shown.is_some() || entry.awaits_auto_accept())
            || self.notices.iter().any(crate::notices::goes_by_itself)
    }

    pub(crate) fn by_arrival(&self) -> impl Iterator<Item = &ContactEntry> {
        let mut entries: Vec<_> = self.contacts.values().collect();
        entries.sort_by_key(|entry| entry.arrival);
        entries.into_iter()
    }
}

/// Before the audio engine's owner has spoken.
fn no_audio() -> AudioView {
    AudioView {
        inputs: Vec::new(),
        outputs: Vec::new(),
        microphone: DeviceUse::default(),
        speaker: DeviceUse::default(),
        ringer: DeviceUse::default(),
        ringtone: RingtoneView { builtin: None, file_name: None, volume: 0, available: Vec::new(), problem: None },
        sounds: Vec::new(),
        ringing: false,
        processing: false,
        enhancement: VoiceEnhancement::default(),
        early_microphone: false,
    }
}
