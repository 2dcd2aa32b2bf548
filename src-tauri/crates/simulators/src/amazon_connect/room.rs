//! The conversation of one call: who hears whom.
//!
//! Rule: two members hear each other while both are present; a muted one is
//! not heard. Whose presence follows from which connection is decided in
//! `records.rs` (`ContactRecord::bridge`).
//!
//! Time: played members speak in frames of 20 ms. The frames are made by one
//! conductor, the media thread of an agent's client, or a thread of the room
//! once no agent is left; other listeners get theirs through short queues.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};

use super::call::lock;
use super::member::Member;
use super::recording::{Recording, mix};
use crate::speech::RATE;

/// Samples of one frame.
pub(crate) const FRAME: usize = 960;
const FRAME_TIME: Duration = Duration::from_millis(20);
/// A conductor that has made no frame for this long is replaced.
const STALE: Duration = Duration::from_millis(60);
/// The room's own thread; every media thread comes before it.
const OWN_THREAD: u64 = 0;

/// Who asks for frames.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct ConductorId(u64);

impl ConductorId {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(OWN_THREAD + 1);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// Sound on its way from one member to another.
#[derive(Default)]
struct Queue {
    samples: VecDeque<f32>,
    /// Two frames have gathered, so that late packets do not tear it.
    primed: bool,
}

impl Queue {
    fn push(&mut self, samples: &[f32]) {
        self.samples.extend(samples);
        if self.samples.len() > 8 * FRAME {
            // The listener's clock is slower: drop what is oldest.
            let surplus = self.samples.len() - 3 * FRAME;
            self.samples.drain(..surplus);
        }
        self.primed |= self.samples.len() >= 2 * FRAME;
    }

    fn add_to(&mut self, frame: &mut [f32]) {
        if self.samples.len() < frame.len() {
            self.primed = false;
        }
        if self.primed {
            let count = frame.len();
            for (value, sample) in frame.iter_mut().zip(self.samples.drain(..count)) {
                *value += sample;
            }
        }
    }
}

#[derive(Default)]
struct State {
    /// The customer is the first. Members are added, never removed.
    members: Vec<Arc<Member>>,
    /// Who makes the frames, and when it made the last.
    conductor: Option<(ConductorId, Instant)>,
    /// By positions of source and listener.
    queues: HashMap<(usize, usize), Queue>,
    ring_clock: u64,
    closed: bool,
    own_thread: bool,
}

pub(crate) struct Room {
    state: Mutex<State>,
}

impl Room {
    pub(crate) fn new(customer: Arc<Member>) -> Arc<Self> {
        Arc::new(Self { state: Mutex::new(State { members: vec![customer], ..State::default() }) })
    }

    pub(crate) fn enter(&self, member: &Arc<Member>) {
        lock(&self.state).members.push(member.clone());
    }

    /// Nobody speaks here any more; threads of the room end.
    pub(crate) fn close(&self) {
        lock(&self.state).closed = true;
    }

    /// Brings the marks on recorded packets up to date.
    pub(crate) fn refresh(&self) {
        let members = lock(&self.state).members.clone();
        let customer_hears = members.first().is_some_and(|m| m.is_present());
        for member in &members {
            member.gate_packets(customer_hears);
        }
    }

    /// The next frame of what the agent `me` hears.
    pub(crate) fn frame(&self, me: &Arc<Member>, conductor: ConductorId, now: Instant, frame: &mut [f32; FRAME]) {
        let mut state = lock(&self.state);
        let Some(me) = state.position(me) else {
            return;
        };
        let conducts = state.may_conduct(conductor, now);
        if conducts {
            state.make_frames(Some(me), now, frame);
        }
        let State { members, queues, .. } = &mut *state;
        for ((source, listener), queue) in queues.iter_mut() {
            if *listener == me && (!conducts || members[*source].is_client()) {
                queue.add_to(frame);
            }
        }
        if state.members[me].is_ringing() {
            state.ring(frame);
        }
        for value in frame.iter_mut() {
            *value = value.clamp(-1.0, 1.0);
        }
    }

    /// An agent's client has sent `samples`.
    pub(crate) fn client_sent(&self, me: &Arc<Member>, samples: &[f32]) {
        let mut state = lock(&self.state);
        if let Some(me) = state.position(me) {
            state.hand_on(me, None, samples);
        }
    }

    /// What a member has heard of all others, on one time line.
    pub(crate) fn heard_by(&self, listener: &Arc<Member>) -> Recording {
        let mut members = lock(&self.state).members.clone();
        // An agent first: its packets are the ones that are told.
        members.sort_by_key(|m| !m.is_client());
        let sounds = members
            .iter()
            .filter(|m| !Arc::ptr_eq(m, listener) && (m.is_client() || m.was_present()))
            .map(|source| {
                let mut sound = source.audible_sound();
                listener.limit_to_heard(&mut sound);
                sound
            })
            .collect();
        mix(sounds)
    }

    /// Keeps those talking who are left when the last agent is gone. Does
    /// nothing when that runs already.
    pub(crate) fn run_by_itself(self: &Arc<Self>) -> std::io::Result<()> {
        if std::mem::replace(&mut lock(&self.state).own_thread, true) {
            return Ok(());
        }
        let room = Arc::downgrade(self);
        std::thread::Builder::new().name("sim-room".to_owned()).spawn(move || own_thread(&room)).map(|_| ())
    }

    /// One frame of the room's own thread; false when nobody is left.
    fn tick(&self, now: Instant) -> bool {
        let mut state = lock(&self.state);
        let left = state.members.iter().filter(|m| !m.is_gone()).count();
        if state.closed || left < 2 {
            state.own_thread = false;
            return false;
        }
        if state.may_conduct(ConductorId(OWN_THREAD), now) {
            state.make_frames(None, now, &mut [0.0; FRAME]);
        }
        true
    }
}

fn own_thread(room: &Weak<Room>) {
    let mut next = Instant::now();
    while room.upgrade().is_some_and(|room| room.tick(next)) {
        next += FRAME_TIME;
        std::thread::sleep(next.saturating_duration_since(Instant::now()));
    }
}

impl State {
    fn position(&self, member: &Arc<Member>) -> Option<usize> {
        self.members.iter().position(|m| Arc::ptr_eq(m, member))
    }

    fn may_conduct(&mut self, who: ConductorId, now: Instant) -> bool {
        let own = ConductorId(OWN_THREAD);
        let free = self.conductor.is_none_or(|(id, last)| {
            id == who || (id == own && who != own) || now.saturating_duration_since(last) > STALE
        });
        if free {
            self.conductor = Some((who, now));
        }
        free
    }

    /// One frame of every played member to everyone who hears it.
    fn make_frames(&mut self, me: Option<usize>, now: Instant, mine: &mut [f32; FRAME]) {
        for source in 0..self.members.len() {
            if self.members[source].is_client() {
                continue;
            }
            let mut frame = [0.0; FRAME];
            self.members[source].speak(&mut frame, now);
            if let Some(me) = me
                && self.hears(me, source)
            {
                for (value, sample) in mine.iter_mut().zip(&frame) {
                    *value += sample;
                }
            }
            self.hand_on(source, me, &frame);
        }
    }

    /// Into the queues of all listening clients but `except`.
    fn hand_on(&mut self, source: usize, except: Option<usize>, samples: &[f32]) {
        for listener in 0..self.members.len() {
            let wanted = listener != source && Some(listener) != except && self.members[listener].is_client();
            if wanted && self.hears(listener, source) {
                self.queues.entry((source, listener)).or_default().push(samples);
            } else {
                self.queues.remove(&(source, listener));
            }
        }
    }

    fn hears(&self, listener: usize, source: usize) -> bool {
        let (listener, source) = (&self.members[listener], &self.members[source]);
        (listener.is_present() && source.is_audible())
            || (source.is_early() && !listener.was_present() && !listener.is_gone())
    }

    /// The tone an agent hears while somebody's telephone rings: two seconds
    /// of 440 and 480 Hz, four of silence.
    fn ring(&mut self, frame: &mut [f32; FRAME]) {
        for value in frame.iter_mut() {
            let seconds = self.ring_clock as f64 / f64::from(RATE);
            self.ring_clock += 1;
            if seconds % 6.0 < 2.0 {
                let tone = |hertz: f64| (seconds * hertz * std::f64::consts::TAU).sin();
                *value += (0.08 * (tone(440.0) + tone(480.0))) as f32;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::amazon_connect::options::{Speech, SpeechStart};
    use crate::amazon_connect::recording::Recorder;

    fn person(hertz: f32) -> Arc<Member> {
        Member::played(Speech::tone(hertz), SpeechStart::AtAccept)
    }

    fn agent() -> Arc<Member> {
        Member::client(Arc::new(Mutex::new(Recorder::default())))
    }

    fn tones(samples: &[f32]) -> [bool; 3] {
        [440.0, 700.0, 1000.0].map(|hertz| Recording::tone_level(samples, hertz) > 0.2)
    }

    /// `count` frames heard by an agent, at 20 ms each from `begin`.
    fn listen(room: &Room, me: &Arc<Member>, id: ConductorId, begin: Instant, count: u32) -> Vec<f32> {
        let mut heard = Vec::new();
        for n in 0..count {
            let mut frame = [0.0; FRAME];
            room.frame(me, id, begin + n * FRAME_TIME, &mut frame);
            heard.extend(frame);
        }
        heard
    }

    #[test]
    fn the_agent_hears_those_who_are_present() {
        let (customer, third, me) = (person(440.0), person(700.0), agent());
        let room = Room::new(customer.clone());
        room.enter(&third);
        room.enter(&me);
        for member in [&customer, &third, &me] {
            member.admit(true);
        }
        let (id, begin) = (ConductorId::new(), Instant::now());
        let both = listen(&room, &me, id, begin, 10);
        assert_eq!(tones(&both), [true, true, false], "a conference");
        customer.admit(false);
        let one = listen(&room, &me, id, begin + Duration::from_millis(200), 10);
        assert_eq!(tones(&one), [false, true, false], "the customer is held");
        third.mute(true);
        let none = listen(&room, &me, id, begin + Duration::from_millis(400), 10);
        assert_eq!(tones(&none), [false; 3], "and the third party muted");
    }

    #[test]
    fn a_second_agent_hears_the_first_and_nobody_speaks_at_double_speed() {
        let (customer, me, other) = (person(440.0), agent(), agent());
        let room = Room::new(customer.clone());
        room.enter(&me);
        room.enter(&other);
        for member in [&customer, &me, &other] {
            member.admit(true);
        }
        let (mine, theirs) = (ConductorId::new(), ConductorId::new());
        let begin = Instant::now();
        let voice = crate::speech::tone(1000.0, 1.0);
        let mut heard = Vec::new();
        for n in 0..40_u32 {
            let at = begin + n * FRAME_TIME;
            let mut frame = [0.0; FRAME];
            room.frame(&me, mine, at, &mut frame);
            let from = n as usize * FRAME;
            room.client_sent(&me, &voice[from..from + FRAME]);
            let mut frame = [0.0; FRAME];
            room.frame(&other, theirs, at, &mut frame);
            heard.extend(frame);
        }
        let settled = &heard[4 * FRAME..];
        assert_eq!(tones(settled), [true, false, true], "the other agent hears customer and first agent");
        let said = customer.sound().samples.len();
        assert_eq!(said, 40 * FRAME, "one conductor makes the customer speak");
    }

    #[test]
    fn the_next_agent_conducts_when_the_first_is_gone() {
        let (customer, me, other) = (person(440.0), agent(), agent());
        let room = Room::new(customer.clone());
        room.enter(&me);
        room.enter(&other);
        for member in [&customer, &me, &other] {
            member.admit(true);
        }
        let begin = Instant::now();
        listen(&room, &me, ConductorId::new(), begin, 5);
        me.leave();
        let later = begin + Duration::from_millis(200);
        let heard = listen(&room, &other, ConductorId::new(), later, 10);
        assert_eq!(tones(&heard), [true, false, false], "the customer goes on");
    }
}
