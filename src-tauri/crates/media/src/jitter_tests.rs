#![allow(clippy::unwrap_used)]
use super::*;
use proptest::prelude::*;

/// A packet on its way: when it arrives, in milliseconds, and its number.
type Flight = (f64, u32);

struct Simulated {
    /// Delay added to an undelayed packet, by play time in ms.
    delays: Vec<(f64, f64)>,
    played: u64,
    concealed: u64,
    recovered: u64,
    gaps: u64,
    stretches: u64,
    counters: JitterCounters,
}

impl Simulated {
    fn concealed_share(&self) -> f64 {
        self.concealed as f64 / self.played as f64
    }

    fn mean_delay(&self, from: f64, to: f64) -> f64 {
        let inside: Vec<f64> =
            self.delays.iter().filter(|(at, _)| (from..to).contains(at)).map(|&(_, delay)| delay).collect();
        inside.iter().sum::<f64>() / inside.len().max(1) as f64
    }

    fn spread(&self, from: f64, to: f64) -> (f64, f64) {
        self.delays
            .iter()
            .filter(|(at, _)| (from..to).contains(at))
            .fold((f64::MAX, 0.0), |(least, most), &(_, d)| (least.min(d), most.max(d)))
    }
}

/// Plays a list of arrivals for so many milliseconds by the sound card's clock,
/// which runs `skew` faster than the sender's.
fn simulate(mut flights: Vec<Flight>, millis: f64, skew: f64) -> Simulated {
    flights.sort_by(|a, b| a.0.total_cmp(&b.0));
    let zero = Instant::now();
    let at = |ms: f64| zero + Duration::from_nanos((ms * 1e6) as u64);
    let mut buffer = JitterBuffer::new(JitterConfig::default());
    let mut flights = flights.into_iter().peekable();
    let mut out = Simulated {
        delays: Vec::new(),
        played: 0,
        concealed: 0,
        recovered: 0,
        gaps: 0,
        stretches: 0,
        counters: JitterCounters::default(),
    };
    let mut ready = 0_i64;
    let mut now = 0.0;
    let mut last = i64::MIN;
    while now < millis {
        while let Some((arrival, number)) = flights.next_if(|&(arrival, _)| arrival <= now) {
            buffer.insert(packet(number, at(arrival)));
        }
        while ready < 480 {
            match buffer.pull(at(now), usize::try_from(ready).unwrap()) {
                Action::Decode { sequence, stretch, .. } => {
                    assert!(sequence > last, "packets are played in order");
                    last = sequence;
                    let sent = (sequence - 65_000) as f64 * 20.0;
                    out.delays.push((now, now + ready as f64 / 48.0 - sent));
                    let change = match stretch {
                        Stretch::Keep => 0,
                        Stretch::Shorten | Stretch::ShortenNow => -288,
                        Stretch::Lengthen => 288,
                    };
                    out.stretches += u64::from(change != 0);
                    buffer.stretched(change);
                    ready += 960 + change;
                }
                Action::Fec { samples, .. } => {
                    out.recovered += u64::from(samples);
                    ready += i64::from(samples);
                }
                Action::Conceal { samples, begins } => {
                    out.concealed += u64::from(samples);
                    out.gaps += u64::from(begins);
                    ready += i64::from(samples);
                }
                Action::Silence { samples } => ready += i64::from(samples),
            }
        }
        ready -= 480;
        out.played += 480;
        now += 10.0 * (1.0 - skew);
    }
    out.counters = buffer.counters();
    out
}

fn packet(number: u32, arrival: Instant) -> Arrived {
    Arrived {
        ssrc: 7,
        // Both wrap within the first seconds.
        sequence: 65_000_u32.wrapping_add(number) as u16,
        timestamp: (u32::MAX - 100_000).wrapping_add(number.wrapping_mul(960)),
        clock_rate: 48_000,
        payload_type: 111,
        duration: 960,
        arrival,
        payload: Bytes::from_static(&[0x78, 0xFF]),
        redundancy: true,
        discontinuous: false,
    }
}

/// Uniform, 0 to 1, the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as f64 / (1_u64 << 31) as f64
    }
}

fn path(seconds: u32, mut delay: impl FnMut(u32) -> Option<f64>) -> Vec<Flight> {
    (0..seconds * 50).filter_map(|number| Some((f64::from(number) * 20.0 + delay(number)?, number))).collect()
}

fn run(name: &str, flights: Vec<Flight>, seconds: u32, skew: f64) -> Simulated {
    let simulated = simulate(flights, f64::from(seconds) * 1_000.0, skew);
    let end = f64::from(seconds) * 1_000.0;
    let (least, most) = simulated.spread(5_000.0, end);
    println!(
        "{name:34} delay mean {:6.1} ms ({least:5.1} to {most:5.1}), concealed {:5.2} %, recovered {:5.2} %, gaps {:4}, stretched {:4}, late {:3}, discarded {:3}",
        simulated.mean_delay(5_000.0, end),
        simulated.concealed_share() * 100.0,
        simulated.recovered as f64 / simulated.played as f64 * 100.0,
        simulated.gaps,
        simulated.stretches,
        simulated.counters.late,
        simulated.counters.discarded,
    );
    simulated
}

#[test]
fn profiles_of_networks() {
    let mut dice = Dice(1);
    let clean = run("clean", path(60, |_| Some(20.0)), 60, 0.0);
    assert!(clean.concealed_share() < 0.001 && clean.stretches < 20, "a clean path is left alone");
    assert!(clean.mean_delay(5_000.0, 60_000.0) < 20.0 + 35.0, "and adds at most 35 ms");
    for (loss, most) in [(0.05, 0.02), (0.10, 0.035), (0.20, 0.08)] {
        let lossy = run(
            &format!("{:.0} % random loss", loss * 100.0),
            path(60, |_| (dice.roll() > loss).then_some(20.0)),
            60,
            0.0,
        );
        assert!(lossy.concealed_share() < most, "most lost packets are rebuilt from the next one");
        assert!(lossy.mean_delay(5_000.0, 60_000.0) < 20.0 + 60.0, "at a small price in delay");
    }
    let mut until = 0;
    let bursts = run(
        "bursts of 5 lost packets, 5 %",
        path(60, |number| {
            if dice.roll() < 0.01 {
                until = number + 5;
            }
            (number >= until).then_some(20.0)
        }),
        60,
        0.0,
    );
    assert!(bursts.concealed_share() < 0.06, "a burst costs its own length and no more");
    let mut last = 0.0_f64;
    let jitter60 = run(
        "0 to 60 ms jitter, in order",
        path(60, |number| {
            let sent = f64::from(number) * 20.0;
            last = last.max(sent + 20.0 + dice.roll() * 60.0);
            Some(last - sent)
        }),
        60,
        0.0,
    );
    assert!(jitter60.concealed_share() < 0.02, "jitter of a bad wireless link is absorbed");
    let jitter200 = run("0 to 200 ms jitter, reordering", path(60, |_| Some(20.0 + dice.roll() * 200.0)), 60, 0.0);
    assert!(jitter200.concealed_share() < 0.08, "even this stays intelligible");
    assert!(jitter200.spread(5_000.0, 60_000.0).1 < 20.0 + 300.0, "and the delay stays bounded");
}

#[test]
fn profiles_of_clocks() {
    for parts in [50.0, 200.0, -200.0] {
        let drift = run(&format!("drift of {parts} ppm, 30 min"), path(1_800, |_| Some(20.0)), 1_800, parts / 1e6);
        assert!(drift.concealed_share() < 0.001, "no drop-out by drift");
        let (least, most) = drift.spread(10_000.0, 1_790_000.0);
        let middle = f64::midpoint(least, most);
        assert!(most - middle <= 15.0, "delay stays within 15 ms: {least} to {most}");
    }
}

#[test]
fn profiles_of_a_spike_and_of_a_longer_path() {
    // Everything sent in half a second arrives at its end.
    let spike = |number: u32| {
        let sent = f64::from(number) * 20.0;
        Some(if (10_000.0..10_500.0).contains(&sent) { (10_500.0 - sent) + 20.0 } else { 20.0 })
    };
    let spiked = run("500 ms spike at 10 s", path(30, spike), 30, 0.0);
    let before = spiked.mean_delay(5_000.0, 10_000.0);
    let after = spiked.delays.iter().find(|&&(at, delay)| at > 10_600.0 && delay < before + 20.0).unwrap().0;
    println!("    back within 20 ms of the old delay {:.1} s after the spike", (after - 10_500.0) / 1_000.0);
    assert!(after < 15_500.0, "back within five seconds");
    let late = spiked.spread(after, 30_000.0);
    assert!(late.1 < before + 25.0, "and it stays there: {late:?}");
    let longer = |number: u32| Some(if number < 500 { 20.0 } else { 110.0 });
    let moved = run("path 90 ms longer from 10 s on", path(30, longer), 30, 0.0);
    let end = moved.mean_delay(25_000.0, 30_000.0);
    assert!(end < 110.0 + 60.0, "the longer path is not paid for twice: {end}");
    let shorter = |number: u32| Some(if number < 500 { 110.0 } else { 20.0 });
    let moved = run("path 90 ms shorter from 10 s on", path(30, shorter), 30, 0.0);
    let end = moved.mean_delay(25_000.0, 30_000.0);
    assert!(end < 20.0 + 60.0, "a shorter path is used: {end}");
}

fn playing() -> (JitterBuffer, Instant) {
    let zero = Instant::now();
    let mut buffer = JitterBuffer::new(JitterConfig::default());
    for number in 0..4 {
        buffer.insert(packet(number, zero + Duration::from_millis(20 * u64::from(number))));
    }
    let action = buffer.pull(zero + Duration::from_millis(80), 0);
    assert!(matches!(action, Action::Decode { .. }), "it plays: {action:?}");
    (buffer, zero)
}

#[test]
fn doubles_and_late_packets_are_counted_and_not_played() {
    let (mut buffer, zero) = playing();
    let now = zero + Duration::from_millis(80);
    let held = buffer.held();
    buffer.insert(packet(3, now));
    buffer.insert(packet(0, now));
    assert_eq!(buffer.held(), held, "nothing was taken");
    assert_eq!(buffer.counters().duplicate + buffer.counters().late, 2, "both were counted");
}

#[test]
fn a_new_source_begins_a_fresh_time_line() {
    let (mut buffer, zero) = playing();
    for number in 0..5_u32 {
        let arrival = zero + Duration::from_millis(100 + 20 * u64::from(number));
        buffer.insert(Arrived { ssrc: 8, timestamp: 5 + number * 960, sequence: number as u16, ..packet(0, arrival) });
    }
    let mut fresh = false;
    for tick in 0..20 {
        if let Action::Decode { fresh: is, sequence, .. } =
            buffer.pull(zero + Duration::from_millis(180 + 20 * tick), 0)
        {
            fresh |= is;
            assert!(sequence < 10, "only the new source is played");
        }
    }
    assert!(fresh, "the decoder is told");
}

#[test]
fn a_restarted_sender_is_followed() {
    let (mut buffer, zero) = playing();
    for number in 0..20_u32 {
        let arrival = zero + Duration::from_millis(100 + 20 * u64::from(number));
        let timestamp = 3_000_000_000 + number * 960;
        buffer.insert(Arrived { timestamp, sequence: 9 + number as u16, ..packet(0, arrival) });
    }
    let decoded = (0..40)
        .filter(|tick| matches!(buffer.pull(zero + Duration::from_millis(180 + 10 * tick), 0), Action::Decode { .. }))
        .count();
    assert!(decoded >= 8, "the new numbers are played: {decoded}");
}

#[test]
fn silence_on_purpose_is_not_a_loss() {
    let zero = Instant::now();
    let mut buffer = JitterBuffer::new(JitterConfig::default());
    let at = |ms: u64| zero + Duration::from_millis(ms);
    // Speech, then one packet that says "silence", then nothing for 300 ms (as Opus' DTX does).
    for number in 0..10_u32 {
        buffer.insert(Arrived { discontinuous: number == 9, ..packet(number, at(20 * u64::from(number))) });
    }
    for number in 25..35_u32 {
        let sequence = 65_010_u32.wrapping_add(number - 25) as u16;
        buffer.insert(Arrived { sequence, ..packet(number, at(20 * u64::from(number))) });
    }
    let mut counts = (0, 0, 0);
    let mut ready = 0_usize;
    for tick in 0..68 {
        while ready < 480 {
            ready += match buffer.pull(at(40 + 10 * tick), ready) {
                Action::Decode { .. } => {
                    counts.0 += 1;
                    960
                }
                Action::Silence { samples } => {
                    counts.1 += 1;
                    samples as usize
                }
                Action::Conceal { samples, .. } | Action::Fec { samples, .. } => {
                    counts.2 += 1;
                    samples as usize
                }
            };
        }
        ready -= 480;
    }
    assert_eq!(counts.2, 0, "nothing is made up");
    assert!(counts.0 >= 19 && counts.1 > 20, "and all packets are played around the silence: {counts:?}");
}

#[test]
fn padding_advances_the_sequence_without_a_gap() {
    let zero = Instant::now();
    let flights = |number: u32| zero + Duration::from_millis(20 * u64::from(number));
    let mut buffer = JitterBuffer::new(JitterConfig::default());
    let mut sequence = 0_u16;
    for number in 0..50_u32 {
        buffer.insert(Arrived { sequence, ..packet(number, flights(number)) });
        sequence += 1;
        if number % 3 == 0 {
            buffer.insert(Arrived { sequence, payload: Bytes::new(), ..packet(number, flights(number)) });
            sequence += 1;
        }
    }
    let mut ready = 0_usize;
    for tick in 0..90 {
        while ready < 480 {
            ready += match buffer.pull(zero + Duration::from_millis(40 + 10 * tick), ready) {
                Action::Decode { .. } => 960,
                Action::Silence { samples } => samples as usize,
                other => panic!("nothing is lost, yet {other:?}"),
            };
        }
        ready -= 480;
    }
}

#[test]
fn what_piled_up_before_anybody_listened_is_skipped() {
    let zero = Instant::now();
    let mut buffer = JitterBuffer::new(JitterConfig::default());
    for number in 0..100_u32 {
        buffer.insert(packet(number, zero + Duration::from_millis(20 * u64::from(number))));
    }
    let Action::Decode { waited, .. } = buffer.pull(zero + Duration::from_millis(1_990), 0) else {
        panic!("it plays at once");
    };
    assert!(waited < Duration::from_millis(70), "what is said now, not two seconds ago: {waited:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn any_network_is_played_in_order_and_with_bounded_delay(
        fates in proptest::collection::vec((0.0..600.0_f64, 0..20_u8, any::<bool>()), 20..200),
    ) {
        let zero = Instant::now();
        let mut buffer = JitterBuffer::new(JitterConfig::default());
        let mut flights = Vec::new();
        for (number, &(delay, fate, double)) in fates.iter().enumerate() {
            let late = if fate > 15 { delay } else { delay / 20.0 };
            if fate != 3 {
                flights.push((number as f64 * 20.0 + late, number as u32));
            }
            if double {
                flights.push((number as f64 * 20.0 + late + 1.0, number as u32));
            }
        }
        flights.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut flights = flights.into_iter().peekable();
        let (mut last, mut ready) = (i64::MIN, 0_usize);
        for tick in 0..(fates.len() as u64 * 2 + 100) {
            let now = zero + Duration::from_millis(tick * 10);
            while let Some((arrival, number)) = flights.next_if(|&(arrival, _)| arrival <= tick as f64 * 10.0) {
                buffer.insert(packet(number, zero + Duration::from_nanos((arrival * 1e6) as u64)));
            }
            while ready < 480 {
                ready += match buffer.pull(now, ready) {
                    Action::Decode { sequence, waited, .. } => {
                        prop_assert!(sequence > last, "in order");
                        last = sequence;
                        prop_assert!(waited <= Duration::from_millis(330), "bounded: {:?}", waited);
                        960
                    }
                    Action::Fec { samples, .. } | Action::Conceal { samples, .. } | Action::Silence { samples } => {
                        prop_assert!(samples >= 120, "every answer gets on");
                        samples as usize
                    }
                };
            }
            ready -= 480;
        }
    }

    #[test]
    fn nothing_that_comes_from_the_network_can_break_it(
        steps in proptest::collection::vec(
            (any::<u16>(), any::<u32>(), 0..3_u32, 0..9_000_u32, 0..400_u64, 0..4_u8, any::<bool>()),
            1..300,
        ),
    ) {
        let zero = Instant::now();
        let mut buffer = JitterBuffer::new(JitterConfig::default());
        let mut now = zero;
        let mut last = (i64::MIN, 0);
        for (sequence, timestamp, ssrc, duration, pause, kind, flag) in steps {
            let clock_rate = [48_000, 8_000, 0, 96_000][usize::from(kind)];
            let payload = if flag { Bytes::from_static(&[1, 2, 3]) } else { Bytes::new() };
            buffer.insert(Arrived {
                ssrc, sequence, timestamp, clock_rate, payload_type: kind, duration,
                arrival: now, payload, redundancy: flag, discontinuous: kind == 1,
            });
            now += Duration::from_millis(pause);
            for _ in 0..3 {
                match buffer.pull(now, 0) {
                    Action::Decode { sequence, fresh, .. } => {
                        let generation = buffer.counters().restarts;
                        prop_assert!(fresh || generation != last.1 || sequence > last.0, "in order within a source");
                        last = (sequence, generation);
                    }
                    Action::Fec { samples, .. } | Action::Conceal { samples, .. } | Action::Silence { samples } => {
                        prop_assert!((1..=5_760 * 2).contains(&samples), "a sane length: {}", samples);
                    }
                }
            }
            prop_assert!(buffer.held() <= MOST_HELD, "memory is bounded");
        }
    }
}
