//! The short rings between the engine's thread and a device's callback.
//!
//! A line has two ends. The *device end* lives in the audio callback: it reads or
//! writes the ring and a few atomics, and does nothing else (no lock, no
//! allocation, no log). The *engine end* converts the sample rate and keeps the
//! ring short with [`Pace`].
//!
//! Both ends work in chunks, so the fill alone says little: whether a chunk came
//! just before or just after one was taken makes 10 ms of difference, and with
//! clocks that drift that moment wanders through. The low-water mark is therefore
//! counted as if the last chunk were still trickling in: fill after taking, plus
//! the time since the last chunk was written, less that chunk's length.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU32, AtomicU64, Ordering};
use std::time::Instant;

use rtrb::{Consumer, Producer, RingBuffer};

use crate::pace::{Pace, Step};
use crate::resample::{Fixed, Resample};
use crate::vocabulary::{FRAME, Frame, LineHealth, Role, SAMPLE_RATE, SILENCE};

/// Room of a ring in milliseconds; it is never meant to be filled.
const CAPACITY_MS: u32 = 400;
/// Crossfade of a skip: 2.5 ms.
const SPLICE: usize = 120;
/// What the callback multiplies its last sample with when it runs dry, so that a
/// gap is no click.
const FADE_OUT: f32 = 0.96;

/// What the two ends tell each other.
#[derive(Debug)]
pub(crate) struct Gauge {
    begun: Instant,
    /// When the writing end last wrote, microseconds since `begun`.
    written_at: AtomicU64,
    /// How much it wrote then, microseconds.
    written: AtomicU32,
    /// Least low-water mark seen by the callback since the engine looked,
    /// microseconds. `i32::MAX`: the callback did not run.
    low_water: AtomicI32,
    /// The callback found too little since the engine looked.
    ran_dry: AtomicBool,
    /// The engine has begun to write: running dry counts from now on.
    primed: AtomicBool,
    /// Throw away what is in the ring at the next callback.
    flush: AtomicBool,
    /// Times the callback ran dry, or found the ring full.
    faults: AtomicU32,
    /// Delay between the callback and the air, microseconds.
    device_delay: AtomicU32,
}

impl Gauge {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            begun: Instant::now(),
            written_at: AtomicU64::new(0),
            written: AtomicU32::new(0),
            low_water: AtomicI32::new(i32::MAX),
            ran_dry: AtomicBool::new(false),
            primed: AtomicBool::new(false),
            flush: AtomicBool::new(false),
            faults: AtomicU32::new(0),
            device_delay: AtomicU32::new(0),
        })
    }

    /// Microseconds on this line's own clock.
    pub(crate) fn now(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    fn note_written(&self, now: u64, milliseconds: f32) {
        self.written.store((milliseconds * 1_000.0) as u32, Ordering::Relaxed);
        self.written_at.store(now, Ordering::Release);
    }

    /// The low-water mark in milliseconds, see the module.
    fn mark(&self, now: u64, filled_ms: f32) -> f32 {
        let since = now.saturating_sub(self.written_at.load(Ordering::Acquire));
        let chunk = self.written.load(Ordering::Relaxed);
        let still_coming = u64::from(chunk).saturating_sub(since) as f32 / 1_000.0;
        filled_ms - still_coming
    }

    pub(crate) fn set_device_delay(&self, microseconds: u32) {
        self.device_delay.store(microseconds, Ordering::Relaxed);
    }

    /// Drop-outs so far.
    pub(crate) fn faults(&self) -> u32 {
        self.faults.load(Ordering::Relaxed)
    }

    fn health(&self, role: Role, buffered_ms: f32) -> LineHealth {
        LineHealth { role, drop_outs: self.faults(), buffered_ms, device_ms: self.device_delay_ms() }
    }

    /// Delay in the device and the sound server, milliseconds.
    pub(crate) fn device_delay_ms(&self) -> f32 {
        self.device_delay.load(Ordering::Relaxed) as f32 / 1_000.0
    }
}

fn capacity(rate: u32) -> usize {
    (rate as usize * CAPACITY_MS as usize) / 1_000
}

/// Device end of an output.
pub(crate) struct PlayoutEnd {
    consumer: Consumer<f32>,
    pub(crate) gauge: Arc<Gauge>,
    last: f32,
    per_ms: f32,
}

/// Engine end of an output.
pub(crate) struct PlayoutFeed {
    producer: Producer<f32>,
    pub(crate) gauge: Arc<Gauge>,
    resample: Resample,
    pace: Pace,
    per_ms: f32,
    scratch: Vec<f32>,
    skipped: Option<[f32; SPLICE]>,
    to_skip: usize,
}

/// Makes an output line for a device of this rate; `None` for an absurd rate.
pub(crate) fn playout(rate: u32) -> Option<(PlayoutFeed, PlayoutEnd)> {
    let resample = Resample::new(rate, Fixed::Input)?;
    let (producer, consumer) = RingBuffer::new(capacity(rate));
    let gauge = Gauge::new();
    let feed = PlayoutFeed {
        producer,
        gauge: Arc::clone(&gauge),
        resample,
        pace: Pace::new(),
        per_ms: rate as f32 / 1_000.0,
        scratch: Vec::new(),
        skipped: None,
        to_skip: 0,
    };
    Some((feed, PlayoutEnd { consumer, gauge, last: 0.0, per_ms: rate as f32 / 1_000.0 }))
}

impl PlayoutEnd {
    /// Writes the next samples, each to all of `channels`. For the callback.
    /// `now`: [`Gauge::now`].
    pub(crate) fn fill<T: Copy>(&mut self, now: u64, out: &mut [T], channels: usize, convert: impl Fn(f32) -> T) {
        if self.gauge.flush.swap(false, Ordering::AcqRel) {
            let left = self.consumer.slots();
            if let Ok(chunk) = self.consumer.read_chunk(left) {
                chunk.commit_all();
            }
        }
        let mut dry = false;
        for frame in out.chunks_mut(channels.max(1)) {
            match self.consumer.pop() {
                Ok(sample) => self.last = sample,
                Err(_) => {
                    dry = true;
                    self.last *= FADE_OUT;
                }
            }
            let value = convert(self.last);
            frame.fill(value);
        }
        if self.gauge.primed.load(Ordering::Acquire) {
            let left = self.consumer.slots() as f32 / self.per_ms;
            let mark = (self.gauge.mark(now, left) * 1_000.0) as i32;
            self.gauge.low_water.fetch_min(mark, Ordering::AcqRel);
            if dry {
                self.gauge.ran_dry.store(true, Ordering::Release);
                self.gauge.faults.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

impl PlayoutFeed {
    /// Gives the device 10 ms.
    pub(crate) fn push(&mut self, frame: &Frame) {
        let now = self.gauge.now();
        self.push_at(now, frame);
    }

    fn push_at(&mut self, now: u64, frame: &Frame) {
        if !self.gauge.primed.load(Ordering::Relaxed) {
            // A first bit of silence, so that the first callbacks find enough.
            let lead = (self.pace.margin() * self.per_ms) as usize;
            for _ in 0..lead {
                let _ = self.producer.push(0.0);
            }
        }
        let low = self.gauge.low_water.swap(i32::MAX, Ordering::AcqRel);
        let low = (low != i32::MAX).then(|| low as f32 / 1_000.0);
        let dry = self.gauge.ran_dry.swap(false, Ordering::AcqRel);
        match self.pace.step(low, dry) {
            Step::Skip(frames) => self.to_skip = frames,
            Step::Run(speed) => self.resample.set_speed(speed),
        }
        if self.to_skip > 0 {
            self.to_skip -= 1;
            let mut head = [0.0; SPLICE];
            head.copy_from_slice(&frame[..SPLICE]);
            self.skipped.get_or_insert(head);
            return;
        }
        let mut spliced;
        let mut input: &Frame = frame;
        if let Some(head) = self.skipped.take() {
            spliced = *frame;
            splice(&head, &mut spliced);
            input = &spliced;
        }
        self.scratch.resize(self.resample.given(), 0.0);
        let written = self.resample.run(input, &mut self.scratch);
        for sample in &self.scratch[..written] {
            // Full only when the device stands still; then it is lost either way.
            if self.producer.push(*sample).is_err() {
                break;
            }
        }
        self.gauge.note_written(now, written as f32 / self.per_ms);
        self.gauge.primed.store(true, Ordering::Release);
    }

    /// Silences what is in the ring: the next callback finds nothing.
    pub(crate) fn flush(&self) {
        self.gauge.flush.store(true, Ordering::Release);
    }

    /// Milliseconds between the engine and the air, as far as known.
    pub(crate) fn delay_ms(&self) -> f32 {
        self.buffered_ms() + self.gauge.device_delay_ms()
    }

    fn buffered_ms(&self) -> f32 {
        let filled = self.producer.buffer().capacity().saturating_sub(self.producer.slots());
        filled as f32 / self.per_ms
    }

    pub(crate) fn health(&self, role: Role) -> LineHealth {
        self.gauge.health(role, self.buffered_ms())
    }
}

/// Crossfades from what would have come (`head`) into `frame`.
fn splice(head: &[f32; SPLICE], frame: &mut Frame) {
    for (index, (new, old)) in frame.iter_mut().zip(head).enumerate() {
        let part = index as f32 / SPLICE as f32;
        *new = *new * part + old * (1.0 - part);
    }
}

/// Device end of an input.
pub(crate) struct CaptureEnd {
    producer: Producer<f32>,
    pub(crate) gauge: Arc<Gauge>,
    per_ms: f32,
}

/// Engine end of an input.
pub(crate) struct CaptureFeed {
    consumer: Consumer<f32>,
    pub(crate) gauge: Arc<Gauge>,
    resample: Resample,
    pace: Pace,
    per_ms: f32,
    scratch: Vec<f32>,
    running: bool,
    dry: bool,
}

/// Makes an input line for a device of this rate; `None` for an absurd rate.
pub(crate) fn capture(rate: u32) -> Option<(CaptureEnd, CaptureFeed)> {
    let resample = Resample::new(rate, Fixed::Output)?;
    let (producer, consumer) = RingBuffer::new(capacity(rate));
    let gauge = Gauge::new();
    let feed = CaptureFeed {
        consumer,
        gauge: Arc::clone(&gauge),
        resample,
        pace: Pace::new(),
        per_ms: rate as f32 / 1_000.0,
        scratch: Vec::new(),
        running: false,
        dry: false,
    };
    Some((CaptureEnd { producer, gauge, per_ms: rate as f32 / 1_000.0 }, feed))
}

impl CaptureEnd {
    /// Takes what the device heard, averaging its channels. For the callback.
    /// `now`: [`Gauge::now`].
    pub(crate) fn take<T: Copy>(&mut self, now: u64, data: &[T], channels: usize, convert: impl Fn(T) -> f32) {
        let channels = channels.max(1);
        let scale = 1.0 / channels as f32;
        for frame in data.chunks_exact(channels) {
            let sum: f32 = frame.iter().map(|sample| convert(*sample)).sum();
            if self.producer.push(sum * scale).is_err() {
                self.gauge.faults.fetch_add(1, Ordering::Relaxed);
                break;
            }
        }
        self.gauge.note_written(now, (data.len() / channels) as f32 / self.per_ms);
    }
}

impl CaptureFeed {
    /// Takes the next 10 ms; silence while there is too little.
    pub(crate) fn pull(&mut self, frame: &mut Frame) {
        let now = self.gauge.now();
        self.pull_at(now, frame);
    }

    fn pull_at(&mut self, now: u64, frame: &mut Frame) {
        let wanted = self.resample.wanted();
        let margin = (self.pace.margin() * self.per_ms) as usize;
        if !self.running {
            if self.consumer.slots() < wanted + margin {
                *frame = SILENCE;
                return;
            }
            self.running = true;
        }
        let have = self.consumer.slots();
        if have < wanted {
            // Ran dry: what is there stays, and the line starts again with more.
            self.gauge.faults.fetch_add(1, Ordering::Relaxed);
            self.running = false;
            self.dry = true;
            *frame = SILENCE;
            return;
        }
        let low = self.gauge.mark(now, (have - wanted) as f32 / self.per_ms);
        let step = self.pace.step(Some(low), std::mem::take(&mut self.dry));
        if let Step::Run(speed) = step {
            self.resample.set_speed(speed);
        }
        self.convert(frame);
        if let Step::Skip(frames) = step {
            let mut head = [0.0; SPLICE];
            head.copy_from_slice(&frame[..SPLICE]);
            for _ in 0..frames {
                if self.consumer.slots() >= self.resample.wanted() {
                    self.convert(frame);
                }
            }
            splice(&head, frame);
        }
    }

    fn convert(&mut self, frame: &mut Frame) {
        let wanted = self.resample.wanted();
        self.scratch.clear();
        for _ in 0..wanted {
            self.scratch.push(self.consumer.pop().unwrap_or(0.0));
        }
        if self.resample.run(&self.scratch, frame) != FRAME {
            *frame = SILENCE;
        }
    }

    /// Milliseconds between the air and the engine, as far as known.
    pub(crate) fn delay_ms(&self) -> f32 {
        self.buffered_ms() + self.gauge.device_delay_ms()
    }

    fn buffered_ms(&self) -> f32 {
        self.consumer.slots() as f32 / self.per_ms
    }

    pub(crate) fn health(&self, role: Role) -> LineHealth {
        self.gauge.health(role, self.buffered_ms())
    }
}

/// Frames per callback we ask for: 10 ms at the device's rate.
pub(crate) fn period(rate: u32) -> u32 {
    rate / (SAMPLE_RATE / FRAME as u32)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    fn constant(value: f32) -> Frame {
        [value; FRAME]
    }

    #[test]
    fn sound_passes_to_all_channels_and_a_dry_ring_fades() {
        let (mut feed, mut end) = playout(SAMPLE_RATE).expect("48 kHz");
        for _ in 0..3 {
            feed.push(&constant(0.5));
        }
        let mut out = vec![0.0_f32; 960 * 2];
        end.fill(30_000, &mut out, 2, |sample| sample);
        let last = &out[960 * 2 - 2..];
        assert!((last[0] - 0.5).abs() < 0.01 && last[0] == last[1], "both channels carry the sample: {last:?}");
        let mut rest = vec![1.0_f32; 2000];
        end.fill(60_000, &mut rest, 1, |sample| sample);
        assert!(rest[1999].abs() < 0.001, "a dry ring ends in silence, not in a stuck level");
        assert_eq!(end.gauge.faults(), 1, "and is counted");
    }

    #[test]
    fn flushing_silences_what_is_queued() {
        let (mut feed, mut end) = playout(SAMPLE_RATE).expect("48 kHz");
        for _ in 0..3 {
            feed.push(&constant(0.5));
        }
        feed.flush();
        let mut out = vec![1.0_f32; 480];
        end.fill(30_000, &mut out, 1, |sample| sample);
        assert!(out.iter().all(|sample| sample.abs() < 0.001), "nothing queued before the flush is heard");
    }

    /// Runs a device of a skewed clock against the engine for ten minutes of
    /// simulated time; both are late at random by up to `late` milliseconds.
    fn playout_delay_with_skew(ppm: f64, late: f64) -> (f32, u32) {
        let (mut feed, mut end) = playout(SAMPLE_RATE).expect("48 kHz");
        let period = 0.010 / (1.0 + ppm * 1.0e-6);
        let mut seed = 1_u32;
        let mut random = move || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from(seed >> 8) / 16_777_216.0
        };
        let micros = |time: f64| (time * 1.0e6) as u64;
        let mut device = 0.003;
        let mut device_at = device;
        let mut out = vec![0.0_f32; 480];
        let mut settled = 0;
        let mut worst = 0.0_f32;
        for tick in 0..60_000 {
            let engine_at = f64::from(tick) * 0.010 + random() * late / 1_000.0;
            while device_at < engine_at {
                end.fill(micros(device_at), &mut out, 1, |sample| sample);
                device += period;
                device_at = device + random() * late / 1_000.0;
            }
            feed.push_at(micros(engine_at), &constant(0.1));
            if tick == 2_000 {
                settled = end.gauge.faults();
            }
            if tick > 2_000 {
                worst = worst.max(feed.delay_ms());
            }
        }
        (worst, end.gauge.faults() - settled)
    }

    #[test]
    fn clocks_that_drift_apart_lose_nothing_and_stay_short() {
        for (ppm, late) in [(-300.0, 0.0), (0.0, 0.0), (300.0, 0.0), (-300.0, 2.0), (300.0, 2.0), (20.0, 5.0)] {
            let (worst, faults) = playout_delay_with_skew(ppm, late);
            println!("{ppm} ppm, up to {late} ms late: longest delay in the ring {worst:.1} ms, {faults} drop-outs");
            assert_eq!(faults, 0, "no drop-out at {ppm} ppm, {late} ms late");
            assert!(worst < 32.0, "the ring stays short at {ppm} ppm, {late} ms late: {worst} ms");
        }
    }

    #[test]
    fn a_stalled_engine_end_catches_up_in_capture() {
        let (mut end, mut feed) = capture(SAMPLE_RATE).expect("48 kHz");
        let mut frame = SILENCE;
        for _ in 0..30 {
            end.take(0, &[0.25_f32; 480], 1, |sample| sample);
        }
        for tick in 0..200 {
            end.take(tick * 10_000, &[0.25_f32; 480], 1, |sample| sample);
            feed.pull_at(tick * 10_000 + 2_000, &mut frame);
        }
        assert!(feed.delay_ms() < 60.0, "300 ms of backlog are skipped within two seconds: {}", feed.delay_ms());
        assert!((frame[240] - 0.25).abs() < 0.01, "and the sound is whole");
    }

    #[test]
    fn capture_averages_channels_and_says_silence_when_dry() {
        let (mut end, mut feed) = capture(SAMPLE_RATE).expect("48 kHz");
        let stereo: Vec<f32> = (0..1920).map(|index| if index % 2 == 0 { 0.4 } else { 0.2 }).collect();
        end.take(0, &stereo, 2, |sample| sample);
        let mut frame = SILENCE;
        feed.pull(&mut frame);
        assert!((frame[300] - 0.3).abs() < 0.01, "left and right are averaged: {}", frame[300]);
        feed.pull(&mut frame);
        feed.pull(&mut frame);
        assert_eq!(frame, SILENCE, "nothing heard gives silence");
    }
}
