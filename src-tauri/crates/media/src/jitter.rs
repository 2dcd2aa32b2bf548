//! Our own jitter buffer, without I/O and without a clock: packets go in with
//! their arrival time, the playing side asks with its own time, and the answer
//! is what to do next.
//!
//! # Inputs
//!
//! | input | origin |
//! | --- | --- |
//! | [`JitterBuffer::insert`] | the network: one packet, stamped on arrival |
//! | [`JitterBuffer::pull`] | the sound card, through the engine: a piece of sound is due |
//! | [`JitterBuffer::reset`] | ourselves: the path was given up |
//!
//! # States
//!
//! | state | insert | pull |
//! | --- | --- | --- |
//! | Idle (nothing yet, or silent for so long that the time line was given up) | -> Buffering | Silence |
//! | Buffering (the first packet waits until it is as old as the target delay) | stays | Silence, or -> Playing with Decode |
//! | Playing | stays; new source or wild jump -> Buffering | Decode, Fec, Conceal or Silence; after 500 ms without a packet -> Idle |
//!
//! # How delay is measured
//!
//! `transit = arrival - time stamp` has an unknown constant in it, but its
//! minimum over the last seconds (`base`) belongs to the packet that was
//! delayed least. The *offset* of the playout, `play time - time stamp - base`,
//! is therefore the delay that we add to an undelayed packet, and a packet is
//! late exactly when its `transit - base` is larger than the offset. The
//! controller needs nothing else: it compares the offset with a target
//! (a quantile of `transit - base`) and asks for a little less or more sound.
//!
//! When the buffer runs dry the time line *pauses*: concealment is played, and
//! the packet that arrives late is still played, so the delay grows by itself
//! and is worked off later. When a later packet is there the missing one is
//! lost: its sound is rebuilt from the later packet's redundancy or concealed.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::arrival::{PathDelay, Unwrapped, samples};

/// All sample counts are of this rate; time stamps of other clocks are scaled to it.
pub const SAMPLE_RATE: u32 = 48_000;

fn to_samples(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos() * u128::from(SAMPLE_RATE) / 1_000_000_000).unwrap_or(i64::MAX / 4)
}

fn to_duration(samples: i64) -> Duration {
    Duration::from_nanos(u64::try_from(samples.max(0)).unwrap_or(0).saturating_mul(1_000_000_000) / 48_000)
}

/// A packet as it came from the network.
#[derive(Clone, Debug)]
pub struct Arrived {
    /// Synchronisation source.
    pub ssrc: u32,
    /// RTP sequence number.
    pub sequence: u16,
    /// RTP time stamp, in units of `clock_rate`.
    pub timestamp: u32,
    /// 48 000 for Opus, 8 000 for G.711.
    pub clock_rate: u32,
    /// RTP payload type: a change of codec starts a new time line.
    pub payload_type: u8,
    /// Length of its sound at 48 kHz, in samples.
    pub duration: u32,
    /// When it was received.
    pub arrival: Instant,
    /// Empty for a packet of padding only, which advances the sequence and nothing else.
    pub payload: Bytes,
    /// The payload also describes the sound before it (Opus in-band redundancy).
    pub redundancy: bool,
    /// The sender marks silence with it and may now stop sending (DTX).
    pub discontinuous: bool,
}

/// What the controller wants done with the sound of a packet, to bring the delay to its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stretch {
    /// Play as it is.
    Keep,
    /// Leave out one pitch period when the sound allows it.
    Shorten,
    /// Leave out one pitch period in any case: the delay is far too long.
    ShortenNow,
    /// Repeat one pitch period when the sound allows it.
    Lengthen,
}

/// What to play next.
#[derive(Clone, Debug)]
pub enum Action {
    /// Decode this packet.
    Decode {
        /// Its payload.
        payload: Bytes,
        /// Its payload type.
        payload_type: u8,
        /// Sequence number, extended over wraps, ever increasing within a source.
        sequence: i64,
        /// A new source, codec or time line begins: forget the decoder's past.
        fresh: bool,
        /// What to do about the delay.
        stretch: Stretch,
        /// Time between its arrival and the moment its first sample is heard.
        waited: Duration,
    },
    /// Rebuild the `samples` before the packet whose payload this is, from its redundancy.
    Fec {
        /// Payload of the packet *after* the lost one.
        payload: Bytes,
        /// Its payload type.
        payload_type: u8,
        /// Length of the lost sound at 48 kHz.
        samples: u32,
    },
    /// Make up this much sound.
    Conceal {
        /// Length at 48 kHz.
        samples: u32,
        /// Begins a new gap (for counting gaps).
        begins: bool,
    },
    /// Nothing is to be heard: not started, or the sender is silent on purpose.
    Silence {
        /// Length at 48 kHz.
        samples: u32,
    },
}

/// Limits and reaction times.
#[derive(Clone, Copy, Debug)]
pub struct JitterConfig {
    /// Delay before anything is known about the path.
    pub start: Duration,
    /// The target never goes below.
    pub min: Duration,
    /// The target never goes above, and the playout offset is cut back to it when it got beyond.
    pub max: Duration,
    /// Share of packets that shall come in time.
    pub quantile: f64,
}

impl Default for JitterConfig {
    fn default() -> Self {
        Self {
            start: Duration::from_millis(40),
            min: Duration::from_millis(20),
            max: Duration::from_millis(200),
            quantile: 0.985,
        }
    }
}

/// Totals since the start, in packets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JitterCounters {
    /// Came when their sound had been played or given up.
    pub late: u64,
    /// Came twice.
    pub duplicate: u64,
    /// Thrown away to keep the delay bounded.
    pub discarded: u64,
    /// Sound rebuilt from the redundancy of the next packet.
    pub recovered: u64,
    /// Time lines begun.
    pub restarts: u64,
}

#[derive(Debug)]
struct Held {
    sequence: i64,
    duration: i64,
    arrival: i64,
    payload_type: u8,
    payload: Bytes,
    redundancy: bool,
    discontinuous: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Idle,
    Buffering,
    Playing,
}

/// Identity of a time line: a change of any of these begins a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Source {
    ssrc: u32,
    clock_rate: u32,
}

/// See the module's description.
#[derive(Debug)]
pub struct JitterBuffer {
    config: JitterConfig,
    epoch: Option<Instant>,
    phase: Phase,
    source: Option<Source>,
    sequence: Unwrapped,
    timestamp: Unwrapped,
    /// By unwrapped time stamp (48 kHz).
    held: BTreeMap<i64, Held>,
    /// Sequence numbers of padding-only packets not yet passed.
    padding: VecDeque<i64>,
    path: PathDelay,
    /// Time stamp that is due next.
    next: i64,
    last_sequence: i64,
    last_discontinuous: bool,
    /// Concealment played while the time line stood still.
    paused: i64,
    /// Gap under way, for counting gaps once.
    in_gap: bool,
    fresh: bool,
    /// Smoothed playout offset, samples.
    offset: f64,
    /// Loss seen recently, exponentially forgotten.
    loss: f64,
    since_stretch: u32,
    highest: Option<(i64, i64)>,
    strays: u32,
    counters: JitterCounters,
}

/// A jump of more than this in either direction means that the sender restarted.
const WILD_JUMP: i64 = samples(3_000);
/// After this long without a packet the time line is given up.
const IDLE_AFTER: i64 = samples(500);
/// Never more than this many packets, whatever they claim to be.
const MOST_HELD: usize = 400;
/// The controller leaves the delay alone within this distance of the target.
const DEAD_BAND: f64 = samples(8) as f64;

impl JitterBuffer {
    /// An empty buffer.
    pub fn new(config: JitterConfig) -> Self {
        Self {
            config,
            epoch: None,
            phase: Phase::Idle,
            source: None,
            sequence: Unwrapped::new(16),
            timestamp: Unwrapped::new(32),
            held: BTreeMap::new(),
            padding: VecDeque::new(),
            path: PathDelay::new(to_samples(config.start)),
            next: 0,
            last_sequence: i64::MIN,
            last_discontinuous: false,
            paused: 0,
            in_gap: false,
            fresh: true,
            offset: 0.0,
            loss: 0.0,
            since_stretch: 0,
            highest: None,
            strays: 0,
            counters: JitterCounters::default(),
        }
    }

    /// Totals since the start.
    pub fn counters(&self) -> JitterCounters {
        self.counters
    }

    /// Delay that is aimed at.
    pub fn target(&self) -> Duration {
        to_duration(self.target_samples())
    }

    /// Packets held.
    pub fn held(&self) -> usize {
        self.held.len()
    }

    /// Forgets everything about the stream (not the totals).
    pub fn reset(&mut self) {
        self.begin(None);
        self.phase = Phase::Idle;
        self.path = PathDelay::new(to_samples(self.config.start));
    }

    fn begin(&mut self, source: Option<Source>) {
        self.phase = Phase::Buffering;
        self.source = source;
        self.sequence = Unwrapped::new(16);
        self.timestamp = Unwrapped::new(32);
        self.held.clear();
        self.padding.clear();
        self.path.forget_base();
        self.last_sequence = i64::MIN;
        self.last_discontinuous = false;
        self.paused = 0;
        self.in_gap = false;
        self.fresh = true;
        self.highest = None;
        self.strays = 0;
        self.counters.restarts += 1;
    }

    fn at(&mut self, instant: Instant) -> i64 {
        let epoch = *self.epoch.get_or_insert(instant);
        match instant.checked_duration_since(epoch) {
            Some(later) => to_samples(later),
            None => -to_samples(epoch.saturating_duration_since(instant)),
        }
    }

    /// Takes a packet. Late, double and stray ones are counted and dropped.
    pub fn insert(&mut self, packet: Arrived) {
        let arrival = self.at(packet.arrival);
        let source = Source { ssrc: packet.ssrc, clock_rate: packet.clock_rate.clamp(1, SAMPLE_RATE) };
        if self.source != Some(source) {
            self.begin(Some(source));
        }
        let scale = i64::from(SAMPLE_RATE / source.clock_rate).max(1);
        let mut timestamp = self.timestamp.peek(packet.timestamp) * scale;
        let mut sequence = self.sequence.peek(u32::from(packet.sequence));
        if let Some((newest, arrived)) = self.highest {
            // A sender that restarts with the same source shows as a jump of its time stamps
            // that the time gone by does not explain. One stray packet is not a restart.
            let unexplained = (timestamp - newest) - (arrival - arrived);
            if unexplained.abs() > WILD_JUMP {
                self.strays += 1;
                if self.strays < 3 && self.phase == Phase::Playing && !self.held.is_empty() {
                    self.counters.late += 1;
                    return;
                }
                self.begin(Some(source));
                timestamp = self.timestamp.peek(packet.timestamp) * scale;
                sequence = self.sequence.peek(u32::from(packet.sequence));
            } else {
                self.strays = 0;
            }
        }
        self.timestamp.accept(packet.timestamp);
        self.sequence.accept(u32::from(packet.sequence));
        if packet.payload.is_empty() || packet.duration == 0 {
            self.padding.push_back(sequence);
            if self.padding.len() > 64 {
                self.padding.pop_front();
            }
            return;
        }
        if self.highest.is_none_or(|(newest, _)| timestamp > newest) {
            self.highest = Some((timestamp, arrival));
        }
        self.path.observe(arrival, arrival - timestamp);
        if self.phase == Phase::Idle {
            // The same time line goes on: what is older than what was played stays late.
            self.phase = Phase::Buffering;
            self.paused = 0;
        }
        if self.phase == Phase::Playing && timestamp < self.next {
            if self.held.contains_key(&timestamp) || sequence == self.last_sequence {
                self.counters.duplicate += 1;
            } else {
                self.counters.late += 1;
            }
            return;
        }
        if self.held.contains_key(&timestamp) {
            self.counters.duplicate += 1;
            return;
        }
        // Arbitrary input may pair an old sequence number with a new time stamp; playing it would
        // break the order that the decoder relies on.
        let before = self.held.range(..timestamp).next_back().map(|(_, held)| held.sequence);
        let after = self.held.range(timestamp..).next().map(|(_, held)| held.sequence);
        if sequence <= self.last_sequence
            || before.is_some_and(|before| before >= sequence)
            || after.is_some_and(|after| after <= sequence)
        {
            self.counters.late += 1;
            return;
        }
        self.held.insert(
            timestamp,
            Held {
                sequence,
                duration: i64::from(packet.duration.min(SAMPLE_RATE / 8)),
                arrival,
                payload_type: packet.payload_type,
                payload: packet.payload,
                redundancy: packet.redundancy,
                discontinuous: packet.discontinuous,
            },
        );
        while self.held.len() > MOST_HELD {
            self.held.pop_first();
            self.counters.discarded += 1;
        }
    }

    fn target_samples(&self) -> i64 {
        let mut target = self.path.quantile(self.config.quantile);
        if self.loss > 0.005 {
            // Redundancy of a packet can only be used when the next one is there in time.
            target += self.path.packet();
        }
        target.clamp(to_samples(self.config.min), to_samples(self.config.max))
    }

    /// The playout offset of a time stamp that would be heard at `play`.
    fn offset_of(&self, play: i64, timestamp: i64) -> i64 {
        play - timestamp - self.path.base()
    }

    /// Says what to play next. `ahead` is the sound, in samples at 48 kHz, that
    /// is decoded already and will be heard before what this answer brings.
    pub fn pull(&mut self, now: Instant, ahead: usize) -> Action {
        let now = self.at(now);
        let play = now + i64::try_from(ahead).unwrap_or(0);
        match self.phase {
            Phase::Idle => Action::Silence { samples: 480 },
            Phase::Buffering => self.start(play),
            Phase::Playing => self.play(play),
        }
    }

    fn start(&mut self, play: i64) -> Action {
        let target = self.target_samples();
        let mut due = false;
        // What piled up before anybody listened is skipped, not played late.
        while let Some((&timestamp, _)) = self.held.first_key_value() {
            if self.offset_of(play, timestamp) < target {
                break;
            }
            due = true;
            let following = self.held.keys().nth(1).copied();
            match following {
                Some(following) if self.offset_of(play, following) >= target => {
                    self.held.pop_first();
                    self.counters.discarded += 1;
                }
                Some(_) | None => break,
            }
        }
        let Some((&first, _)) = self.held.first_key_value() else {
            return Action::Silence { samples: 480 };
        };
        if !due {
            return Action::Silence { samples: 480 };
        }
        self.phase = Phase::Playing;
        self.next = first;
        self.paused = 0;
        self.in_gap = false;
        self.offset = self.offset_of(play, first) as f64;
        self.play(play)
    }

    fn play(&mut self, play: i64) -> Action {
        self.enforce_bound(play);
        let Some((&timestamp, held)) = self.held.first_key_value() else {
            return self.run_dry(play);
        };
        let gap = timestamp - self.next;
        if gap > self.paused {
            let contiguous = self.follows_directly(held.sequence);
            let missing = gap - self.paused;
            return if contiguous || self.last_discontinuous {
                self.wait_for_silent_sender(play, timestamp, missing)
            } else {
                self.fill(missing)
            };
        }
        self.decode(play, timestamp)
    }

    /// No sequence number is missing between the last packet played and this one.
    fn follows_directly(&self, sequence: i64) -> bool {
        self.last_sequence == i64::MIN
            || ((self.last_sequence + 1)..sequence).all(|between| self.padding.contains(&between))
    }

    /// The hard limit on delay: what is older is given up, oldest first.
    fn enforce_bound(&mut self, play: i64) {
        let most = to_samples(self.config.max);
        while let Some((&timestamp, held)) = self.held.first_key_value() {
            let old = self.offset_of(play, timestamp).max(play - held.arrival);
            if old <= most + self.path.packet() || self.held.len() < 2 {
                break;
            }
            self.last_sequence = held.sequence;
            self.next = timestamp + held.duration;
            self.paused = 0;
            self.held.pop_first();
            self.counters.discarded += 1;
        }
    }

    fn run_dry(&mut self, _play: i64) -> Action {
        self.paused += 480;
        if self.paused > IDLE_AFTER {
            self.phase = Phase::Idle;
            self.in_gap = false;
            return Action::Silence { samples: 480 };
        }
        if self.last_discontinuous {
            return Action::Silence { samples: 480 };
        }
        let begins = !std::mem::replace(&mut self.in_gap, true);
        Action::Conceal { samples: 480, begins }
    }

    /// A pause of the sender's own (DTX): the next packet has its place in time.
    fn wait_for_silent_sender(&mut self, play: i64, timestamp: i64, missing: i64) -> Action {
        let early = self.target_samples() - self.offset_of(play, timestamp);
        if early <= 0 {
            self.next = timestamp;
            self.paused = 0;
            return self.decode(play, timestamp);
        }
        let samples = missing.min(480).min(early.max(120));
        self.next += samples + self.paused;
        self.paused = 0;
        Action::Silence { samples: u32::try_from(samples).unwrap_or(480) }
    }

    /// Packets are lost between the last one played and the next one held.
    fn fill(&mut self, missing: i64) -> Action {
        self.next += self.paused;
        self.paused = 0;
        let Some((_, held)) = self.held.first_key_value() else {
            return Action::Silence { samples: 480 };
        };
        let packet = held.duration;
        self.loss = (self.loss + 0.02).min(1.0);
        if missing == packet && held.redundancy {
            self.counters.recovered += 1;
            self.next += packet;
            let action = Action::Fec {
                payload: held.payload.clone(),
                payload_type: held.payload_type,
                samples: u32::try_from(packet).unwrap_or(960),
            };
            return action;
        }
        // In whole pieces of 2.5 ms, as decoders conceal; the rest is skipped over.
        let before_redundancy = if held.redundancy && missing > packet { missing - packet } else { missing };
        let piece = (before_redundancy.min(960) / 120 * 120).max(120);
        self.next += piece.min(missing);
        let begins = !std::mem::replace(&mut self.in_gap, true);
        Action::Conceal { samples: u32::try_from(piece).unwrap_or(120), begins }
    }

    fn decode(&mut self, play: i64, timestamp: i64) -> Action {
        let offset = self.offset_of(play, timestamp);
        let Some(held) = self.held.remove(&timestamp) else {
            return Action::Silence { samples: 480 };
        };
        self.next = timestamp + held.duration;
        self.last_sequence = held.sequence;
        self.last_discontinuous = held.discontinuous;
        self.padding.retain(|&sequence| sequence > held.sequence);
        self.paused = 0;
        self.in_gap = false;
        self.loss *= 0.998;
        self.path.set_packet(held.duration);
        // The engine's ticks are not exact, so single values of the offset are not either.
        if (offset as f64 - self.offset).abs() > samples(30) as f64 {
            self.offset = offset as f64;
        } else {
            self.offset += (offset as f64 - self.offset) / 4.0;
        }
        let stretch = self.stretch();
        Action::Decode {
            payload: held.payload,
            payload_type: held.payload_type,
            sequence: held.sequence,
            fresh: std::mem::take(&mut self.fresh),
            stretch,
            waited: to_duration(play - held.arrival),
        }
    }

    fn stretch(&mut self) -> Stretch {
        self.since_stretch = self.since_stretch.saturating_add(1);
        let excess = self.offset - self.target_samples() as f64;
        // Far off: every packet. A little off: at most one in five, so that it is not heard.
        if excess > samples(60) as f64 {
            Stretch::ShortenNow
        } else if excess > samples(25) as f64 || (excess > DEAD_BAND && self.since_stretch >= 5) {
            Stretch::Shorten
        } else if excess < -DEAD_BAND && self.since_stretch >= 5 {
            Stretch::Lengthen
        } else {
            Stretch::Keep
        }
    }

    /// The playing side did as [`Stretch`] asked: `change` samples more (or fewer, when negative).
    pub fn stretched(&mut self, change: i64) {
        if change != 0 {
            self.since_stretch = 0;
            self.offset += change as f64;
        }
    }
}

#[cfg(test)]
#[path = "jitter_tests.rs"]
mod tests;
