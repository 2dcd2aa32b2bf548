//! Plugins at work: the broker joined to the desk, the frames and the settings.
//!
//! | origin | goes to the broker as |
//! | --- | --- |
//! | the settings at the start, and the agent's commands | `put`, `remove`, `reload`, `answer` |
//! | the desk's changes | `desk` |
//! | the frames | `frame` |
//! | what a plugin asked for, carried out by the router | `settled` |
//! | a changed file in a plugin's folder | `put` |

mod acts;
mod sources;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;
use trunkline_desk::Input;
use trunkline_model::PluginId;
use trunkline_plugins::{Broker, Deed, FrameNews, FrameSpec, Frames, Manifest, Order, Plugin, Said, Standing};
use trunkline_rpc::schema::{AvailablePlugin, PluginDesk, PluginPermission, PluginSource};
use trunkline_rpc::{Push, Window};
use trunkline_store::PluginRecord;

use crate::Parts;
use crate::handler::{PanelHandler, panel_settings};

pub(crate) use acts::{add, annotate, answer, arrange, enable, grant, log, reload, remove, save_settings, show, trust};

/// What frames have told and nobody has looked at yet.
const NEWS_KEPT: usize = 1024;
/// Between two looks at the files of plugins in folders.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The plugins of one run.
pub(crate) struct Plugins {
    broker: Mutex<Broker>,
    frames: Option<Arc<dyn Frames>>,
    /// As last told to the windows.
    told: Mutex<PluginDesk>,
    /// Those that come with the program.
    built_in: OnceLock<Vec<AvailablePlugin>>,
    storage: PathBuf,
    /// Plugins of this run alone (demo mode).
    presets: BTreeMap<String, PluginRecord>,
    news: Mutex<Option<mpsc::Receiver<(PluginId, FrameNews)>>>,
}

impl Plugins {
    pub(crate) fn new(
        frames: Option<Arc<dyn Frames>>,
        storage: PathBuf,
        presets: BTreeMap<String, PluginRecord>,
    ) -> Self {
        let (sink, news) = mpsc::channel(NEWS_KEPT);
        if let Some(frames) = &frames {
            frames.listen(sink);
        }
        let broker = Mutex::new(Broker::new(Said::default()));
        let news = Mutex::new(Some(news));
        Self { broker, frames, told: Mutex::default(), built_in: OnceLock::new(), storage, presets, news }
    }

    fn broker(&self) -> MutexGuard<'_, Broker> {
        self.broker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn built_in(&self, frames: &dyn Frames) -> &[AvailablePlugin] {
        if let Some(known) = self.built_in.get() {
            return known;
        }
        let read = |(name, text): (String, String)| {
            let manifest = Manifest::parse(&text).ok()?;
            Some(AvailablePlugin { name, title: manifest.name, description: manifest.description })
        };
        let found: Vec<_> = frames.built_in().into_iter().filter_map(read).collect();
        // Before the window's program is up none can be found.
        if found.is_empty() { &[] } else { self.built_in.get_or_init(|| found) }
    }

    fn frames(&self) -> Option<&Arc<dyn Frames>> {
        self.frames.as_ref().filter(|frames| frames.supported())
    }
}

/// Loads the plugins of the settings and joins them to everything.
pub(crate) fn start(parts: &Arc<Parts>) {
    let mut records = parts.plugins.presets.clone();
    records.extend(parts.settings.get().plugins.list);
    settings_changed(parts);
    let news = parts.plugins.news.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(news) = news {
        tokio::spawn(hear_frames(Arc::clone(parts), news));
    }
    if parts.plugins.frames().is_none() {
        return;
    }
    tokio::spawn(hear_desk(Arc::clone(parts)));
    tokio::spawn(tick(Arc::clone(parts)));
    tokio::spawn(sources::watch(Arc::clone(parts)));
    for (id, record) in records {
        let parts = Arc::clone(parts);
        // One on a slow web server keeps nobody waiting.
        tokio::spawn(async move {
            load(&parts, &PluginId::new(id), &record).await;
        });
    }
}

/// Reads a plugin and puts it to work; what is wrong is shown in its place.
/// True: it could be read.
async fn load(parts: &Arc<Parts>, id: &PluginId, record: &PluginRecord) -> bool {
    let source = sources::parse(&record.source);
    let read = match &source {
        Some(source) => sources::read(parts, source).await,
        None => Err(sources::Unreadable::address(&record.source)),
    };
    let read =
        read.and_then(
            |manifest| {
                if manifest.id == *id { Ok(manifest) } else { Err(sources::Unreadable::other(&manifest.id)) }
            },
        );
    let source = source.unwrap_or(PluginSource::Folder { path: record.source.clone() });
    let (manifest, problem) = match read {
        Ok(manifest) => (manifest, None),
        Err(problem) => (Manifest::unread(id.clone()), Some(problem)),
    };
    let plugin = Plugin { source, manifest, standing: standing(record), fixed: is_fixed(parts, id) };
    let (now, whole) = (parts.desk.now(), problem.is_none());
    let orders = {
        let mut broker = parts.plugins.broker();
        match problem {
            None => broker.put(plugin, now),
            Some(problem) => broker.put_broken(plugin, problem.message_key, problem.cause, now),
        }
    };
    carry_out(parts, orders);
    whole
}

/// Reads it anew; one that was at an end is put to work again.
async fn load_again(parts: &Arc<Parts>, id: &PluginId) {
    if load(parts, id, &acts::record(parts, id)).await {
        let orders = parts.plugins.broker().revive(id, parts.desk.now());
        carry_out(parts, orders);
    }
}

fn is_fixed(parts: &Parts, id: &PluginId) -> bool {
    parts.settings.is_enforced(&format!("plugins.list.{id}"))
}

fn standing(record: &PluginRecord) -> Standing {
    let right = |name: &String| -> Option<PluginPermission> {
        serde_json::from_value(serde_json::Value::String(name.clone())).ok()
    };
    Standing {
        enabled: record.enabled,
        rights: record.rights.iter().filter_map(|(name, granted)| Some((right(name)?, *granted))).collect(),
        trusted: record.trusted,
        values: record.values.clone(),
        shown: record.shown,
    }
}

/// Pages are told the language and the company as the settings have them from now on.
pub(crate) fn settings_changed(parts: &Parts) {
    parts.plugins.broker().say(said(parts));
}

fn said(parts: &Parts) -> Said {
    let language = match panel_settings(parts).language.as_str() {
        "system" => parts.system_language.clone(),
        chosen => chosen.to_owned(),
    };
    let company = parts.settings.get().plugins.company_id;
    Said { version: parts.version.clone(), language, company }
}

/// All plugins, as windows are shown them.
pub(crate) fn view(parts: &Parts) -> PluginDesk {
    let Some(frames) = parts.plugins.frames() else {
        return PluginDesk { unsupported: true, ..PluginDesk::default() };
    };
    let (plugins, asks) = {
        let broker = parts.plugins.broker();
        (broker.views(), broker.asks())
    };
    let is_there = |offered: &&AvailablePlugin| {
        let is_it = |source: &PluginSource| matches!(source, PluginSource::BuiltIn { name } if *name == offered.name);
        plugins.iter().any(|view| is_it(&view.source))
    };
    let built_in = parts.plugins.built_in(frames.as_ref()).iter();
    let available = built_in.filter(|offered| !is_there(offered)).cloned().collect();
    PluginDesk { available, plugins, asks, unsupported: false }
}

/// Tells the windows when anything about plugins has changed.
fn tell(parts: &Parts) {
    let now = view(parts);
    let mut told = parts.plugins.told.lock().unwrap_or_else(PoisonError::into_inner);
    if *told != now {
        told.clone_from(&now);
        parts.desk.push(Push::Plugins(now));
    }
}

fn carry_out(parts: &Arc<Parts>, orders: Vec<Order>) {
    for order in orders {
        let Some(frames) = parts.plugins.frames() else { break };
        match order {
            Order::Open(id) => {
                let spec = parts.plugins.broker().plugin(&id).and_then(|plugin| spec(parts, plugin));
                if let Some(spec) = spec {
                    frames.open(spec);
                }
            }
            Order::Close(id) => frames.close(&id),
            Order::Post(id, posted) => frames.post(&id, posted),
            Order::Do(deed) => carry_on(parts, deed),
            Order::Popup(popup) => parts.desk.push(Push::Popup(popup)),
            Order::Notice(notice) => parts.desk.apply(Input::Notice(*notice)),
            Order::NoticeGone(id) => parts.desk.apply(Input::NoticeGone(id)),
        }
    }
    tell(parts);
}

/// What a plugin asks for goes the way of what the agent asks for.
fn carry_on(parts: &Arc<Parts>, deed: Deed) {
    let parts = Arc::clone(parts);
    tokio::spawn(async move {
        let router = trunkline_rpc::Router::new(Arc::new(PanelHandler::new(Arc::clone(&parts))));
        let outcome = router.call(Window::Plugin, deed.command, deed.request).await;
        let orders = parts.plugins.broker().settled(deed.id, outcome, parts.desk.now());
        carry_out(&parts, orders);
    });
}

fn spec(parts: &Parts, plugin: &Plugin) -> Option<FrameSpec> {
    Some(FrameSpec {
        plugin: plugin.id().clone(),
        page: sources::page(plugin)?,
        files: sources::files(&plugin.source),
        facades: plugin.manifest.facades.clone(),
        origins: plugin.origins(),
        storage: storage(parts, plugin.id()),
    })
}

fn storage(parts: &Parts, id: &PluginId) -> PathBuf {
    // An id is made of letters, digits and hyphens: it is a folder's name.
    parts.plugins.storage.join(id.as_str())
}

async fn hear_frames(parts: Arc<Parts>, mut news: mpsc::Receiver<(PluginId, FrameNews)>) {
    loop {
        let heard = tokio::select! {
            () = parts.stop.cancelled() => return,
            heard = news.recv() => heard,
        };
        let Some((id, news)) = heard else { return };
        let orders = parts.plugins.broker().frame(&id, news, parts.desk.now());
        carry_out(&parts, orders);
    }
}

/// The desk's changes, in their order. Not as a window: nobody looks at meters here.
async fn hear_desk(parts: Arc<Parts>) {
    loop {
        let (snapshot, mut patches) = parts.desk.follow();
        hear(&parts, &Push::Snapshot(Box::new(snapshot)));
        loop {
            let patch = tokio::select! {
                () = parts.stop.cancelled() => return,
                patch = patches.recv() => patch,
            };
            match patch {
                Ok(patch) => hear(&parts, &Push::Patch(patch)),
                Err(RecvError::Lagged(missed)) => {
                    tracing::info!(missed, "plugins fell behind: they go on from a snapshot");
                    break;
                }
                Err(RecvError::Closed) => return,
            }
        }
    }
}

fn hear(parts: &Arc<Parts>, push: &Push) {
    let orders = parts.plugins.broker().desk(push, parts.desk.now());
    if !orders.is_empty() {
        carry_out(parts, orders);
    }
}

async fn tick(parts: Arc<Parts>) {
    let mut interval = tokio::time::interval(Duration::from_secs(1));
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            () = parts.stop.cancelled() => return,
            _ = interval.tick() => {}
        }
        let orders = parts.plugins.broker().tick(parts.desk.now());
        carry_out(&parts, orders);
    }
}
