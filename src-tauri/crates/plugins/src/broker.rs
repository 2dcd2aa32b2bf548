//! The broker: between pages and the desk.
//!
//! # Inputs by origin
//!
//! | origin | inputs |
//! | --- | --- |
//! | the agent, settings | [`Broker::put`], [`Broker::break_down`], [`Broker::remove`], [`Broker::open`], [`Broker::answer`] |
//! | frames | [`Broker::frame`] |
//! | the desk | [`Broker::desk`] |
//! | whoever carries deeds out | [`Broker::settled`] |
//! | time | [`Broker::tick`] |
//!
//! # A plugin
//!
//! | from | input | to |
//! | --- | --- | --- |
//! | (any) | switched off | off |
//! | off | switched on, not agreed | awaits consent |
//! | off, awaits consent | on and agreed | loading; resting where it waits for its place |
//! | resting | its place is opened | loading |
//! | loading, silent | a message it understands | running |
//! | loading | ten seconds after the page came | silent |
//! | loading, running, silent | does not answer | frozen |
//! | frozen | answers | running |
//! | (any loaded) | ended | crashed |
//! | (any loaded) | the page comes again | loading |

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use trunkline_desk::DeskSnapshot;
use trunkline_model::{AccountId, Notice, PlatformEventId, PluginId, UnixMillis};
use trunkline_rpc::RpcError;
use trunkline_rpc::schema::{
    PluginAsk, PluginLogLevel, PluginLogLine, PluginPermission, PluginPopup, PluginState, PluginView,
};

use crate::frames::{FrameLog, FrameNews, Posted, Refused};
use crate::limits::{Bucket, LONGEST_MESSAGE};
use crate::log::PluginLog;
use crate::smartagent::{Envelope, Message, Refusal, RefusalCode, Style, Watch, contact_object};
use crate::standing::Plugin;
use crate::streams;

mod acts;
mod deeds;
mod desk;
mod pages;

use deeds::Waiting;
pub use desk::concerns;

/// A page that says nothing for this time is told to the agent, milliseconds.
const SILENT_AFTER: i64 = 10_000;
/// A question that nobody answers for this time is answered with no, milliseconds.
const ASKED_FOR: i64 = 60_000;
/// Questions of one plugin at once.
const MOST_ASKS: usize = 3;

/// Something that a plugin wants done: a command of the panel's own schema.
#[derive(Clone, Debug, PartialEq)]
pub struct Deed {
    /// Names it, for [`Broker::settled`].
    pub id: u64,
    /// The command.
    pub command: &'static str,
    /// Its request.
    pub request: Value,
}

/// What is to be done, in order.
#[derive(Clone, Debug, PartialEq)]
pub enum Order {
    /// Load its page.
    Open(PluginId),
    /// Unload it.
    Close(PluginId),
    /// Post this into its page.
    Post(PluginId, Posted),
    /// Carry this out.
    Do(Deed),
    /// Show a message for some seconds.
    Popup(PluginPopup),
    /// Add to the notifications.
    Notice(Box<Notice>),
    /// Take it away.
    NoticeGone(String),
}

/// What a deed came to.
pub type Outcome = Result<Value, RpcError>;

/// What the program says of itself and the agent's company to pages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// Version of the program.
    pub version: String,
    /// Language of the panel: `en`, `ru`.
    pub language: String,
    /// What `getCompanyID` answers, where the administrator has set it.
    pub company: Option<String>,
}

/// One plugin at work.
struct Entry {
    plugin: Plugin,
    state: PluginState,
    title: Option<String>,
    /// The page came at this time.
    came: Option<i64>,
    style: Style,
    messages: Bucket,
    shown: Bucket,
    directory: Bucket,
    dropped: u32,
    log: PluginLog,
    /// Titles of its notifications that are shown.
    notices: Vec<String>,
    /// What it was told, where its page was written for Streams.
    streams: Option<streams::Watch>,
}

impl Entry {
    fn new(plugin: Plugin) -> Self {
        Self {
            plugin,
            state: PluginState::Off,
            title: None,
            came: None,
            style: Style::default(),
            // The reference's figures.
            messages: Bucket::new(20.0, 40.0),
            shown: Bucket::new(0.5, 5.0),
            directory: Bucket::new(0.2, 1.0),
            dropped: 0,
            log: PluginLog::default(),
            notices: Vec::new(),
            streams: None,
        }
    }

    /// Its page begins anew, or goes.
    fn begin(&mut self, state: PluginState) {
        (self.state, self.title, self.came) = (state, None, None);
        (self.style, self.streams) = (Style::default(), None);
    }

    /// It has said something that was understood.
    fn speaks(&mut self) {
        if matches!(self.state, PluginState::Loading | PluginState::Silent) {
            self.state = PluginState::Running;
        }
    }

    fn is_loaded(&self) -> bool {
        matches!(self.state, PluginState::Loading | PluginState::Running | PluginState::Silent | PluginState::Frozen)
    }

    fn is_at_an_end(&self) -> bool {
        matches!(self.state, PluginState::Crashed { .. } | PluginState::Broken { .. })
    }

    fn post(&self, envelope: &Value) -> Order {
        let text = envelope.to_string();
        let posted = if self.style.as_text { Posted::Text(text) } else { Posted::Object(text) };
        Order::Post(self.plugin.id().clone(), posted)
    }
}

/// See the module.
pub struct Broker {
    said: Said,
    plugins: BTreeMap<PluginId, Entry>,
    /// In the order shown.
    order: Vec<PluginId>,
    desk: DeskSnapshot,
    watch: Watch,
    /// Events of the platforms' own that are on the desk: those were told.
    known: BTreeSet<(AccountId, PlatformEventId)>,
    asks: Vec<(PluginAsk, i64, Waiting)>,
    deeds: BTreeMap<u64, Waiting>,
    next: u64,
    now: UnixMillis,
}

impl Broker {
    /// Without plugins, and with a desk on which nothing is.
    pub fn new(said: Said) -> Self {
        Self {
            said,
            plugins: BTreeMap::new(),
            order: Vec::new(),
            desk: trunkline_desk::Desk::new().snapshot(),
            watch: Watch::default(),
            known: BTreeSet::new(),
            asks: Vec::new(),
            deeds: BTreeMap::new(),
            next: 0,
            now: UnixMillis(0),
        }
    }

    /// What the program says of itself from now on.
    pub fn say(&mut self, said: Said) {
        self.said = said;
    }

    /// A plugin is there, or is another than it was: one that is at work is loaded again.
    pub fn put(&mut self, plugin: Plugin, now: UnixMillis) -> Vec<Order> {
        self.now = now;
        let id = plugin.id().clone();
        let mut orders = Vec::new();
        if let Some(entry) = self.plugins.get_mut(&id) {
            let loaded = entry.is_loaded();
            entry.plugin = plugin;
            if loaded {
                orders.push(Order::Close(id.clone()));
                entry.state = PluginState::Off;
            }
        } else {
            self.add(plugin);
        }
        self.forget_waiting(&id);
        orders.extend(self.settle(&id, false));
        orders
    }

    /// A plugin is there that cannot be read.
    pub fn put_broken(&mut self, plugin: Plugin, message_key: &str, cause: String, now: UnixMillis) -> Vec<Order> {
        let id = plugin.id().clone();
        if !self.plugins.contains_key(&id) {
            self.add(plugin);
        }
        self.break_down(&id, message_key, cause, now)
    }

    /// At the end of the order.
    fn add(&mut self, plugin: Plugin) {
        let id = plugin.id().clone();
        self.order.push(id.clone());
        self.plugins.insert(id, Entry::new(plugin));
    }

    /// What is kept of a plugin is another than it was; the plugin goes on where it can.
    pub fn change(&mut self, plugin: Plugin, now: UnixMillis) -> Vec<Order> {
        self.now = now;
        let id = plugin.id().clone();
        let Some(entry) = self.plugins.get_mut(&id) else { return Vec::new() };
        let switched_on = plugin.standing.enabled && !entry.plugin.standing.enabled;
        entry.plugin = plugin;
        self.settle(&id, switched_on && self.plugins[&id].is_at_an_end())
    }

    /// Its files have changed: one that is at an end gets a new chance.
    pub fn revive(&mut self, id: &PluginId, now: UnixMillis) -> Vec<Order> {
        match self.plugins.get(id) {
            Some(entry) if entry.is_at_an_end() => self.reload(id, now),
            _ => Vec::new(),
        }
    }

    /// A plugin cannot be read or loaded.
    fn break_down(&mut self, id: &PluginId, message_key: &str, cause: String, now: UnixMillis) -> Vec<Order> {
        self.now = now;
        let Some(entry) = self.plugins.get_mut(id) else { return Vec::new() };
        let loaded = entry.is_loaded();
        entry.log.write(now, PluginLogLevel::Error, cause.clone());
        entry.state = PluginState::Broken { message_key: message_key.to_owned(), cause };
        if loaded { vec![Order::Close(id.clone())] } else { Vec::new() }
    }

    /// A plugin is no longer there.
    pub fn remove(&mut self, id: &PluginId) -> Vec<Order> {
        self.order.retain(|other| other != id);
        self.forget_waiting(id);
        let Some(entry) = self.plugins.remove(id) else { return Vec::new() };
        let mut orders = vec![Order::Close(id.clone())];
        orders.extend(entry.notices.iter().map(|title| Order::NoticeGone(acts::notice_id(id, title))));
        orders
    }

    /// Its place is opened: a plugin that waited for that is loaded.
    pub fn open(&mut self, id: &PluginId, now: UnixMillis) -> Vec<Order> {
        self.now = now;
        self.settle(id, true)
    }

    /// Loads it again, whatever became of it.
    fn reload(&mut self, id: &PluginId, now: UnixMillis) -> Vec<Order> {
        self.now = now;
        let Some(entry) = self.plugins.get_mut(id) else { return Vec::new() };
        entry.state = PluginState::Off;
        let mut orders = vec![Order::Close(id.clone())];
        self.forget_waiting(id);
        orders.extend(self.settle(id, true));
        orders
    }

    /// From what is wanted to the state that follows.
    fn settle(&mut self, id: &PluginId, opened: bool) -> Vec<Order> {
        let Some(entry) = self.plugins.get_mut(id) else { return Vec::new() };
        let (loaded, plugin) = (entry.is_loaded(), &entry.plugin);
        let wanted = if !plugin.standing.enabled {
            PluginState::Off
        } else if !plugin.is_agreed() {
            PluginState::AwaitsConsent
        } else if loaded {
            return Vec::new();
        } else if plugin.waits_for_its_place() && !opened {
            PluginState::Resting
        } else if opened || !entry.is_at_an_end() {
            PluginState::Loading
        } else {
            // It stays on view until the agent loads it again.
            return Vec::new();
        };
        if entry.state == PluginState::Resting && wanted == PluginState::Resting {
            return Vec::new();
        }
        entry.begin(wanted);
        match entry.state {
            PluginState::Loading => {
                entry.log.write(self.now, PluginLogLevel::Info, "is loaded");
                vec![Order::Open(id.clone())]
            }
            _ if loaded => vec![Order::Close(id.clone())],
            _ => Vec::new(),
        }
    }

    /// What a frame tells.
    pub fn frame(&mut self, id: &PluginId, news: FrameNews, now: UnixMillis) -> Vec<Order> {
        self.now = now;
        let Some(entry) = self.plugins.get_mut(id).filter(|entry| entry.is_loaded()) else {
            return Vec::new();
        };
        match news {
            FrameNews::Loaded => {
                // Also when it has loaded itself again: then it begins anew.
                entry.begin(PluginState::Loading);
                entry.came = Some(now.0);
                self.forget_waiting(id);
            }
            FrameNews::LoadFailed(cause) => return self.break_down(id, "plugin_not_loaded", cause, now),
            FrameNews::Message(text) => return self.message(id, &text),
            FrameNews::Dropped { messages, too_large } => {
                entry.dropped = entry.dropped.saturating_add(messages).saturating_add(too_large);
                let text = format!("{messages} messages too many and {too_large} too large were dropped");
                entry.log.write(now, PluginLogLevel::Warning, text);
            }
            FrameNews::Log { level, text } => {
                let level = match level {
                    FrameLog::Info => PluginLogLevel::Info,
                    FrameLog::Warn => PluginLogLevel::Warning,
                    FrameLog::Error => PluginLogLevel::Error,
                };
                entry.log.write(now, level, format!("page: {text}"));
            }
            FrameNews::Refused { what, to } => {
                let what = match what {
                    Refused::Navigation => "going to",
                    Refused::Popup => "opening a window",
                    Refused::Download => "saving a file",
                    Refused::Device => "using",
                    Refused::Dialog => "a dialogue",
                    Refused::Request => "loading",
                };
                entry.log.write(now, PluginLogLevel::Warning, format!("refused: {what} {to}"));
            }
            FrameNews::Frozen => entry.state = PluginState::Frozen,
            FrameNews::Answers => {
                if entry.state == PluginState::Frozen {
                    entry.state = PluginState::Running;
                }
            }
            FrameNews::Crashed(cause) => {
                entry.log.write(now, PluginLogLevel::Error, format!("its page has ended: {cause}"));
                entry.state = PluginState::Crashed { cause };
                self.forget_waiting(id);
                return vec![Order::Close(id.clone())];
            }
        }
        Vec::new()
    }

    /// The envelope first, then what is in it.
    fn message(&mut self, id: &PluginId, text: &str) -> Vec<Order> {
        let now = self.now;
        let Some(entry) = self.plugins.get_mut(id) else { return Vec::new() };
        if text.len() > LONGEST_MESSAGE || !entry.messages.take(now.0) {
            entry.dropped = entry.dropped.saturating_add(1);
            // The first of a row says it: a flood must not fill the log.
            if entry.dropped.is_power_of_two() {
                let text = format!("{} messages were dropped by now: too many, or too large", entry.dropped);
                entry.log.write(now, PluginLogLevel::Warning, text);
            }
            return Vec::new();
        }
        let Ok(posted) = serde_json::from_str::<Value>(text) else { return Vec::new() };
        let data = posted.get("data").unwrap_or(&Value::Null);
        if let Some(question) = streams::Question::read(data) {
            entry.speaks();
            return self.streams(id, question);
        }
        let Some(envelope) = Envelope::read(data) else { return Vec::new() };
        entry.style = envelope.style;
        entry.speaks();
        let read = Message::read(&envelope.name, &envelope.payload);
        let allowed = read.and_then(|message| match message.needs() {
            Some(right) if !entry.plugin.may(right) => {
                let name = serde_json::to_value(right).unwrap_or_default();
                Err(Refusal::new(RefusalCode::NotAllowed, format!("It needs the permission {name}.")))
            }
            _ => Ok(message),
        });
        match allowed {
            Ok(message) => self.act(id, &envelope, message),
            Err(refusal) => self.reply(id, &envelope, Err(refusal)),
        }
    }

    /// Answers a message, and writes what became of it.
    fn reply(&mut self, id: &PluginId, to: &Envelope, result: Result<Value, Refusal>) -> Vec<Order> {
        let Some(entry) = self.plugins.get_mut(id) else { return Vec::new() };
        match &result {
            Ok(_) => entry.log.write(self.now, PluginLogLevel::Info, format!("{:.64}: done", to.name)),
            Err(refusal) => {
                let text = format!("{:.64}: {}: {}", to.name, refusal.code.name(), refusal.reason);
                entry.log.write(self.now, PluginLogLevel::Warning, text);
            }
        }
        if !to.wants_reply() || !entry.is_loaded() {
            return Vec::new();
        }
        vec![entry.post(&to.style.reply(to, &result))]
    }

    /// What `init` is answered with.
    fn greeting(&self, entry: &Entry) -> Value {
        let plugin = &entry.plugin;
        let may_see = plugin.may(PluginPermission::Contacts);
        let contact = self.current().filter(|_| may_see).map(|view| contact_object(view, &self.desk));
        let view = plugin.view(PluginState::Running, None, 0);
        let user = plugin.may(PluginPermission::Agent).then(|| self.user()).flatten();
        json!({
            "hostVersion": self.said.version,
            "pluginId": view.id,
            "pluginType": view.place,
            "visible": view.shown,
            "user": user,
            "companyId": plugin.may(PluginPermission::Agent).then(|| self.company()).flatten(),
            "contact": contact,
            "settings": plugin.values(),
            "language": self.said.language,
        })
    }

    /// The agent, of the account of the contact at hand or else of the first.
    fn user(&self) -> Option<Value> {
        let here = self.current().map(|view| &view.key.account);
        let account = here
            .and_then(|id| self.desk.accounts.iter().find(|account| account.id == *id))
            .or_else(|| self.desk.accounts.iter().find(|account| account.agent.is_some()))?;
        let agent = account.agent.as_ref()?;
        let username = agent.username.as_deref().unwrap_or(&agent.name);
        let id = agent.platform_id.as_deref().unwrap_or(username);
        Some(json!({"id": id, "username": username, "name": agent.name, "companyId": self.company()}))
    }

    fn company(&self) -> Option<String> {
        self.said.company.clone().or_else(|| self.desk.accounts.first().map(|account| account.name.clone()))
    }

    /// Time has passed; once a second.
    pub fn tick(&mut self, now: UnixMillis) -> Vec<Order> {
        self.now = now;
        for entry in self.plugins.values_mut() {
            if entry.state == PluginState::Loading && entry.came.is_some_and(|came| now.0 - came > SILENT_AFTER) {
                entry.state = PluginState::Silent;
                entry.log.write(now, PluginLogLevel::Warning, "its page has said nothing for ten seconds");
            }
        }
        let (late, asks) = std::mem::take(&mut self.asks).into_iter().partition(|(_, until, _)| *until <= now.0);
        self.asks = asks;
        let declined = || Refusal::new(RefusalCode::UserDeclined, "The agent has not answered.");
        Vec::from_iter(late).into_iter().flat_map(|(_, _, waiting)| self.refuse(&waiting, declined())).collect()
    }

    /// Plugins in the order shown.
    pub fn views(&self) -> Vec<PluginView> {
        let view = |entry: &Entry| entry.plugin.view(entry.state.clone(), entry.title.clone(), entry.dropped);
        self.order.iter().filter_map(|id| self.plugins.get(id)).map(view).collect()
    }

    /// Questions for the agent.
    pub fn asks(&self) -> Vec<PluginAsk> {
        self.asks.iter().map(|(ask, _, _)| ask.clone()).collect()
    }

    /// A plugin's log.
    pub fn log(&self, id: &PluginId) -> Vec<PluginLogLine> {
        self.plugins.get(id).map(|entry| entry.log.lines()).unwrap_or_default()
    }

    /// One of them.
    pub fn plugin(&self, id: &PluginId) -> Option<&Plugin> {
        self.plugins.get(id).map(|entry| &entry.plugin)
    }
}
