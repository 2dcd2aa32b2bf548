//! How packets arrive: counters that wrap, and the delay of the path with its
//! spread. The jitter buffer's memory; without I/O and without a clock.

use std::collections::VecDeque;

/// Milliseconds as samples at 48 kHz.
pub(crate) const fn samples(millis: i64) -> i64 {
    millis * 48
}

/// Extends a counter that wraps.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unwrapped {
    bits: u32,
    last: Option<i64>,
}

impl Unwrapped {
    pub(crate) fn new(bits: u32) -> Self {
        Self { bits, last: None }
    }

    /// The extended value nearest to the last one accepted.
    pub(crate) fn peek(&self, value: u32) -> i64 {
        let value = i64::from(value);
        let Some(last) = self.last else { return value };
        let span = 1_i64 << self.bits;
        let difference = (value - last).rem_euclid(span);
        if difference >= span / 2 { last + difference - span } else { last + difference }
    }

    pub(crate) fn accept(&mut self, value: u32) {
        self.last = Some(self.peek(value));
    }
}

/// What the path does to packets: its least delay, and the spread above it.
#[derive(Debug)]
pub(crate) struct PathDelay {
    /// Least transit of each half second, newest last.
    minima: VecDeque<(i64, i64)>,
    base: i64,
    /// Share of packets by delay above the base, 5 ms a bin.
    histogram: [f64; BINS],
    observed: u32,
    start: i64,
    packet: i64,
    last_arrival: Option<i64>,
    last_delay: i64,
}

const BINS: usize = 60;
const BIN: i64 = samples(5);
/// Weight of the newest packet. Over 6 s its weight falls to a third.
const FORGET: f64 = 0.997;

impl PathDelay {
    pub(crate) fn new(start: i64) -> Self {
        Self {
            minima: VecDeque::new(),
            base: 0,
            histogram: [0.0; BINS],
            observed: 0,
            start,
            packet: samples(20),
            last_arrival: None,
            last_delay: 0,
        }
    }

    pub(crate) fn forget_base(&mut self) {
        self.minima.clear();
        self.last_arrival = None;
    }

    pub(crate) fn base(&self) -> i64 {
        self.base
    }

    pub(crate) fn packet(&self) -> i64 {
        self.packet
    }

    pub(crate) fn set_packet(&mut self, duration: i64) {
        self.packet = duration.clamp(120, samples(120));
    }

    pub(crate) fn observe(&mut self, arrival: i64, transit: i64) {
        let slot = arrival.div_euclid(samples(500));
        match self.minima.back_mut() {
            Some((last, least)) if *last == slot => *least = (*least).min(transit),
            _ => self.minima.push_back((slot, transit)),
        }
        // Three seconds: long against jitter, short against the drift of two clocks
        // (200 parts in a million are 0.6 ms).
        while self.minima.front().is_some_and(|&(oldest, _)| oldest + 6 < slot) {
            self.minima.pop_front();
        }
        let base = self.minima.iter().map(|&(_, least)| least).min().unwrap_or(transit);
        let before = std::mem::replace(&mut self.base, base);
        self.rise(base - before);
        let delay = transit - self.base;
        // Packets that were held up together arrive together, each one less late than the one
        // before: that is one event, not many, and only the first counts.
        let bunched = self.last_arrival.is_some_and(|last| arrival - last < samples(4))
            && delay < self.last_delay
            && self.last_delay > samples(100);
        self.last_arrival = Some(arrival);
        self.last_delay = delay;
        if bunched {
            return;
        }
        let bin = usize::try_from(delay / BIN).unwrap_or(0).min(BINS - 1);
        self.observed = self.observed.saturating_add(1);
        // At first every packet counts the same, so the estimate is right after some twenty.
        let keep = FORGET.min(1.0 - 1.0 / f64::from(self.observed.max(1)));
        for share in &mut self.histogram {
            *share *= keep;
        }
        self.histogram[bin] += 1.0 - keep;
    }

    /// The path became longer for good: what looked like lateness was the new
    /// distance, so the spread is counted from there.
    fn rise(&mut self, by: i64) {
        let bins = usize::try_from(by / BIN).unwrap_or(0).min(BINS);
        if bins == 0 || self.observed == 0 {
            return;
        }
        let below: f64 = self.histogram[..bins].iter().sum();
        self.histogram.copy_within(bins.., 0);
        self.histogram[BINS - bins..].fill(0.0);
        self.histogram[0] += below;
    }

    /// Delay above the base that this share of packets stays below, plus the
    /// playing side's own unevenness of half a packet.
    pub(crate) fn quantile(&self, share: f64) -> i64 {
        if self.observed < 15 {
            return self.start;
        }
        let mut sum = 0.0;
        for (bin, part) in self.histogram.iter().enumerate() {
            sum += part;
            if sum >= share {
                return i64::try_from(bin + 1).unwrap_or(0) * BIN + samples(10);
            }
        }
        i64::try_from(BINS).unwrap_or(0) * BIN
    }
}
