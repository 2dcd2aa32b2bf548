//! Which device serves which role, opened when needed, replaced when lost.
//!
//! Runs on a thread of its own, because sound servers may take their time: the
//! engine never waits for it. Opening and closing happen on further short-lived
//! threads, so that one device that hangs does not hold up the others.
//!
//! Inputs, by origin:
//! - the engine: needs, choices, a wish for fresh news, the end;
//! - a stream's error callback: a stream was lost;
//! - an opening thread: a stream is open, or could not be opened;
//! - time: while anything is needed, the devices are listed again every
//!   [`POLL`] (cpal 0.18 has no hot-plug events, and PulseAudio's are not asked for).
//!
//! What a role announces, when what serves it changes:
//!
//! | before \ now | wanted | another | nothing |
//! | --- | --- | --- | --- |
//! | unknown (start, new choice) | - | `Fallback` | `None` |
//! | wanted | - | `Fallback` | `None` |
//! | another | `Back` | `Fallback` if a different one | `None` |
//! | nothing | `Back` | `Fallback` | - |
//!
//! `Lost` comes before these when the device was open.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedSender;

use crate::device::{DeviceError, Found, Host, Listing, OpenHost, OpenStream};
use crate::line::{CaptureFeed, PlayoutFeed};
use crate::vocabulary::{AudioEvent, AudioSnapshot, Choice, DeviceInfo, LineHealth, Role};

/// How often the devices are listed while one is in use.
const POLL: Duration = Duration::from_millis(500);
/// An opening that takes longer is given up (the thread may still hang in it).
const OPENING_LIMIT: Duration = Duration::from_secs(4);
/// First wait after a device failed although it is there; doubles up to 32 s.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// A failure is forgotten after this long without another.
const FORGET_AFTER: Duration = Duration::from_secs(60);

/// What the engine needs to be open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Needs {
    pub microphone: bool,
    pub speaker: bool,
    pub ringer: bool,
    /// A call uses microphone and speaker (for the message on loss).
    pub in_call: bool,
}

impl Needs {
    fn of(self, role: Role) -> bool {
        match role {
            Role::Microphone => self.microphone,
            Role::Speaker => self.speaker,
            Role::Ringer => self.ringer,
        }
    }

    pub(crate) fn any(self) -> bool {
        self.microphone || self.speaker || self.ringer
    }
}

/// Orders to the patchbay.
pub(crate) enum Order {
    Needs(Needs),
    Choose(Role, Choice),
    Refresh,
    Lost { role: Role, attempt: u64, why: String },
    Opened { role: Role, attempt: u64, result: Result<(OpenStream, Feed), DeviceError> },
    Quit,
}

/// The engine's end of an opened device.
pub(crate) enum Feed {
    Playout(Box<PlayoutFeed>),
    Capture(Box<CaptureFeed>),
}

/// News to the engine.
pub(crate) enum LineNews {
    /// This role is served from now on by the device with this id, replacing what served it.
    Open(Role, Feed, String),
    /// Nothing serves this role now.
    Closed(Role),
}

/// What engine and patchbay show to the outside.
pub(crate) struct Shared {
    snapshot: Mutex<AudioSnapshot>,
    health: Mutex<Vec<LineHealth>>,
    events: UnboundedSender<AudioEvent>,
}

impl Shared {
    pub(crate) fn new(snapshot: AudioSnapshot, events: UnboundedSender<AudioEvent>) -> Arc<Self> {
        Arc::new(Self { snapshot: Mutex::new(snapshot), health: Mutex::default(), events })
    }

    fn lock(&self) -> MutexGuard<'_, AudioSnapshot> {
        self.snapshot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn snapshot(&self) -> AudioSnapshot {
        self.lock().clone()
    }

    pub(crate) fn health(&self) -> Vec<LineHealth> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_health(&self, health: impl Iterator<Item = LineHealth>) {
        let mut kept = self.health.lock().unwrap_or_else(PoisonError::into_inner);
        kept.clear();
        kept.extend(health);
    }

    pub(crate) fn tell(&self, event: AudioEvent) {
        // Nobody listening is the listener's choice.
        let _ = self.events.send(event);
    }

    /// Changes the snapshot and tells when that made a difference. The event is
    /// sent under the lock, so that the last one heard is the truth.
    pub(crate) fn update(&self, change: impl FnOnce(&mut AudioSnapshot)) {
        let mut snapshot = self.lock();
        let before = snapshot.clone();
        change(&mut snapshot);
        if *snapshot != before {
            self.tell(AudioEvent::Changed(snapshot.clone()));
        }
    }
}

/// The device chosen for a role.
#[derive(Clone)]
pub(crate) struct Pick {
    pub found: Found,
    /// Set when it is not the wanted one: the name of what was wanted.
    pub instead_of: Option<String>,
}

/// Chooses. `usable` says no to devices that failed a moment ago.
pub(crate) fn pick(role: Role, choices: &Choices, listing: &Listing, usable: impl Fn(&Found) -> bool) -> Option<Pick> {
    let list = if role == Role::Microphone { &listing.inputs } else { &listing.outputs };
    let choice = choices.of(role);
    let wanted = match choice {
        Choice::Named(name) => named(list, name),
        Choice::SystemDefault => list.iter().find(|device| device.is_default && !device.monitor),
    };
    if let Some(found) = wanted.filter(|found| usable(found)) {
        return Some(Pick { found: found.clone(), instead_of: None });
    }
    // A ringer that is missing rings where the customer is heard.
    let speaker = match (role, &choices.speaker) {
        (Role::Ringer, Choice::Named(name)) => named(list, name),
        _ => None,
    };
    let found = speaker
        .into_iter()
        .chain(list.iter().filter(|device| device.is_default))
        .chain(list.iter())
        .find(|found| !found.monitor && usable(found))?;
    let instead_of = match (choice, wanted) {
        (Choice::Named(name), _) => Some(name.clone()),
        (Choice::SystemDefault, Some(default)) => Some(default.name.clone()),
        // The system names no default: the first device is as good as one.
        (Choice::SystemDefault, None) => None,
    };
    Some(Pick { found: found.clone(), instead_of })
}

fn named<'a>(list: &'a [Found], name: &str) -> Option<&'a Found> {
    list.iter().find(|device| device.name == name).or_else(|| list.iter().find(|device| device.id == name))
}

/// The agent's three choices.
#[derive(Clone, Debug)]
pub(crate) struct Choices {
    pub microphone: Choice,
    pub speaker: Choice,
    pub ringer: Choice,
}

impl Choices {
    fn of(&self, role: Role) -> &Choice {
        match role {
            Role::Microphone => &self.microphone,
            Role::Speaker => &self.speaker,
            Role::Ringer => &self.ringer,
        }
    }

    fn set(&mut self, role: Role, choice: Choice) {
        match role {
            Role::Microphone => self.microphone = choice,
            Role::Speaker => self.speaker = choice,
            Role::Ringer => self.ringer = choice,
        }
    }
}

/// What was last announced for a role.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
enum Announced {
    #[default]
    Unknown,
    Wanted,
    Another(String),
    Nothing,
}

struct Open {
    attempt: u64,
    found: Found,
    /// Loss was told; kept only until its successor is open.
    lost: bool,
    stream: OpenStream,
}

struct Opening {
    attempt: u64,
    found: Found,
    since: Instant,
}

#[derive(Default)]
struct RoleState {
    announced: Announced,
    open: Option<Open>,
    opening: Option<Opening>,
}

struct Failure {
    count: u32,
    last: Instant,
    usable_from: Instant,
}

/// See the module.
pub(crate) struct Patchbay {
    host: Host,
    opened_host: Option<OpenHost>,
    listing: Listing,
    choices: Choices,
    needs: Needs,
    roles: BTreeMap<Role, RoleState>,
    failures: BTreeMap<(Role, String), Failure>,
    attempts: u64,
    shared: Arc<Shared>,
    orders: Sender<Order>,
    news: Box<dyn Fn(LineNews) + Send>,
}

impl Patchbay {
    pub(crate) fn new(
        host: Host,
        choices: Choices,
        shared: Arc<Shared>,
        orders: Sender<Order>,
        news: impl Fn(LineNews) + Send + 'static,
    ) -> Self {
        Self {
            host,
            opened_host: None,
            listing: Listing::default(),
            choices,
            needs: Needs::default(),
            roles: Role::ALL.into_iter().map(|role| (role, RoleState::default())).collect(),
            failures: BTreeMap::new(),
            attempts: 0,
            shared,
            orders,
            news: Box::new(news),
        }
    }

    /// Works until told to quit.
    pub(crate) fn run(mut self, orders: &Receiver<Order>) {
        self.look();
        self.settle();
        loop {
            let order = if self.needs.any() {
                match orders.recv_timeout(POLL) {
                    Ok(order) => Some(order),
                    Err(RecvTimeoutError::Timeout) => None,
                    Err(RecvTimeoutError::Disconnected) => return,
                }
            } else {
                match orders.recv() {
                    Ok(order) => Some(order),
                    Err(_) => return,
                }
            };
            match order {
                None => {
                    self.look();
                    self.ask_delays();
                }
                Some(Order::Quit) => return,
                Some(order) => self.take(order),
            }
            // Several orders often come together (needs, then a choice).
            while let Ok(order) = orders.try_recv() {
                if matches!(order, Order::Quit) {
                    return;
                }
                self.take(order);
            }
            self.settle();
        }
    }

    fn take(&mut self, order: Order) {
        match order {
            Order::Needs(needs) => {
                let more = Role::ALL.into_iter().any(|role| needs.of(role) && !self.needs.of(role));
                self.needs = needs;
                if more {
                    self.look();
                }
            }
            Order::Choose(role, choice) => {
                if *self.choices.of(role) != choice {
                    self.choices.set(role, choice);
                    self.failures.retain(|(failed, _), _| *failed != role);
                    if let Some(state) = self.roles.get_mut(&role) {
                        // The agent's own act is no news to them.
                        state.announced = Announced::Unknown;
                    }
                }
                self.look();
            }
            Order::Refresh => self.look(),
            Order::Lost { role, attempt, why } => {
                self.lost(role, attempt, &why);
                self.look();
            }
            Order::Opened { role, attempt, result } => self.opened(role, attempt, result),
            Order::Quit => {}
        }
    }

    /// Lists the devices afresh.
    fn look(&mut self) {
        if self.opened_host.as_ref().is_some_and(OpenHost::outdated) {
            self.opened_host = None;
        }
        let host = self.opened_host.get_or_insert_with(|| self.host.open());
        self.listing = host.list().unwrap_or_else(|error| {
            // The sound server went away; the next look finds the next one.
            tracing::warn!(%error, "devices cannot be listed");
            self.opened_host = None;
            Listing::default()
        });
        self.failures.retain(|_, failure| failure.last.elapsed() < FORGET_AFTER);
        self.notice_vanished();
    }

    fn ask_delays(&self) {
        for open in self.roles.values().filter_map(|state| state.open.as_ref()).filter(|open| !open.lost) {
            open.stream.ask_delay();
        }
    }

    /// A sound server may have moved our stream elsewhere: no error then, but the
    /// device it was opened on is gone.
    fn notice_vanished(&mut self) {
        for role in Role::ALL {
            let list = if role == Role::Microphone { &self.listing.inputs } else { &self.listing.outputs };
            let Some(open) = self.roles.get_mut(&role).and_then(|state| state.open.as_mut()) else { continue };
            if !open.lost && !list.iter().any(|found| found.id == open.found.id) {
                open.lost = true;
                let name = open.found.name.clone();
                tracing::info!(?role, device = name, "device vanished");
                self.shared.tell(AudioEvent::Lost { role, name, in_call: self.in_call(role) });
            }
        }
    }

    fn in_call(&self, role: Role) -> bool {
        role != Role::Ringer && self.needs.in_call
    }

    fn lost(&mut self, role: Role, attempt: u64, why: &str) {
        let in_call = self.in_call(role);
        let Some(state) = self.roles.get_mut(&role) else { return };
        let Some(open) = state.open.take_if(|open| open.attempt == attempt) else { return };
        tracing::warn!(?role, device = open.found.name, why, "stream lost");
        (self.news)(LineNews::Closed(role));
        if !open.lost {
            self.shared.tell(AudioEvent::Lost { role, name: open.found.name.clone(), in_call });
        }
        self.failed(role, open.found.id, false);
    }

    /// A device that failed is left alone for a while; after the first loss of a
    /// running stream it is tried again at once.
    fn failed(&mut self, role: Role, id: String, wait_at_once: bool) {
        let now = Instant::now();
        let failure = self.failures.entry((role, id)).or_insert(Failure { count: 0, last: now, usable_from: now });
        let exponent = if wait_at_once { failure.count } else { failure.count.saturating_sub(1) };
        let wait =
            if failure.count == 0 && !wait_at_once { Duration::ZERO } else { FIRST_WAIT * 2_u32.pow(exponent.min(5)) };
        failure.count += 1;
        failure.last = now;
        failure.usable_from = now + wait;
    }

    fn opened(&mut self, role: Role, attempt: u64, result: Result<(OpenStream, Feed), DeviceError>) {
        let Some(state) = self.roles.get_mut(&role) else { return };
        let Some(opening) = state.opening.take_if(|opening| opening.attempt == attempt) else {
            // No longer wanted: dropping the stream closes the device.
            return;
        };
        match result {
            Ok((stream, feed)) => {
                tracing::debug!(?role, device = opening.found.name, took = ?opening.since.elapsed(), "device open");
                (self.news)(LineNews::Open(role, feed, opening.found.id.clone()));
                state.open = Some(Open { attempt, found: opening.found, lost: false, stream });
            }
            Err(error) => {
                tracing::warn!(?role, device = opening.found.name, %error, "device not opened");
                self.failed(role, opening.found.id, true);
            }
        }
    }

    /// Brings every role to what it should be.
    fn settle(&mut self) {
        let mut uses = Vec::new();
        for role in Role::ALL {
            self.give_up_late_opening(role);
            let now = Instant::now();
            let picked = pick(role, &self.choices, &self.listing, |found| {
                self.failures.get(&(role, found.id.clone())).is_none_or(|failure| failure.usable_from <= now)
            });
            self.announce(role, picked.as_ref());
            let needed = self.needs.of(role);
            self.connect(role, if needed { picked.as_ref() } else { None });
            let open = self.roles.get(&role).is_some_and(|state| state.open.is_some());
            uses.push((role, picked, open));
        }
        let info = |found: &Found| DeviceInfo { name: found.name.clone(), is_default: found.is_default };
        let (listing, choices) = (&self.listing, &self.choices);
        self.shared.update(|snapshot| {
            snapshot.inputs = listing.inputs.iter().filter(|found| !found.monitor).map(info).collect();
            snapshot.outputs = listing.outputs.iter().map(info).collect();
            for (role, picked, open) in uses {
                let entry = snapshot.role_mut(role);
                entry.choice = choices.of(role).clone();
                entry.fallback = picked.as_ref().is_some_and(|picked| picked.instead_of.is_some());
                entry.serving = picked.map(|picked| picked.found.name);
                entry.open = open;
            }
        });
    }

    fn give_up_late_opening(&mut self, role: Role) {
        let late = self
            .roles
            .get_mut(&role)
            .and_then(|state| state.opening.take_if(|opening| opening.since.elapsed() > OPENING_LIMIT));
        if let Some(opening) = late {
            tracing::warn!(?role, device = opening.found.name, "device does not open");
            self.failed(role, opening.found.id, true);
        }
    }

    fn announce(&mut self, role: Role, picked: Option<&Pick>) {
        let Some(state) = self.roles.get_mut(&role) else { return };
        let now = match picked {
            None => Announced::Nothing,
            Some(Pick { instead_of: None, .. }) => Announced::Wanted,
            Some(Pick { found, .. }) => Announced::Another(found.name.clone()),
        };
        if now == state.announced {
            return;
        }
        let before = std::mem::replace(&mut state.announced, now);
        match (picked, before) {
            (None, _) => self.shared.tell(AudioEvent::None { role }),
            (Some(Pick { found, instead_of: Some(wanted) }), _) => {
                let (wanted, serving) = (wanted.clone(), found.name.clone());
                self.shared.tell(AudioEvent::Fallback { role, wanted, serving });
            }
            (Some(Pick { found, instead_of: None }), Announced::Another(_) | Announced::Nothing) => {
                self.shared.tell(AudioEvent::Back { role, name: found.name.clone() });
            }
            (Some(_), Announced::Unknown | Announced::Wanted) => {}
        }
    }

    /// Opens, keeps, replaces or closes the stream of a role.
    fn connect(&mut self, role: Role, picked: Option<&Pick>) {
        let Some(state) = self.roles.get_mut(&role) else { return };
        let Some(picked) = picked else {
            state.opening = None;
            if state.open.take().is_some() {
                (self.news)(LineNews::Closed(role));
            }
            return;
        };
        let id = &picked.found.id;
        if state.open.as_ref().is_some_and(|open| !open.lost && open.found.id == *id) {
            state.opening = None;
            return;
        }
        if state.opening.as_ref().is_some_and(|opening| opening.found.id == *id) {
            return;
        }
        // What is open goes on until its successor is there.
        self.attempts += 1;
        let attempt = self.attempts;
        let found = picked.found.clone();
        state.opening = Some(Opening { attempt, found: found.clone(), since: Instant::now() });
        let orders = self.orders.clone();
        let spawned = std::thread::Builder::new().name("audio-open".to_owned()).spawn(move || {
            let losses = orders.clone();
            let on_loss = move |why| {
                let _ = losses.send(Order::Lost { role, attempt, why });
            };
            let result = if role == Role::Microphone {
                found.open_input(on_loss).map(|(stream, feed)| (stream, Feed::Capture(Box::new(feed))))
            } else {
                found.open_output(on_loss).map(|(stream, feed)| (stream, Feed::Playout(Box::new(feed))))
            };
            let _ = orders.send(Order::Opened { role, attempt, result });
        });
        if spawned.is_err() {
            state.opening = None;
        }
    }
}
