#![allow(clippy::unwrap_used)]
use std::time::Duration;

use bytes::Bytes;

use super::*;

fn packet(sequence: u16, timestamp: u32, arrival: Instant) -> Arrived {
    Arrived {
        ssrc: 1,
        sequence,
        timestamp,
        clock_rate: 48_000,
        payload_type: 111,
        duration: 960,
        arrival,
        payload: Bytes::from_static(&[0]),
        redundancy: false,
        discontinuous: false,
    }
}

#[test]
fn loss_counts_sequence_gaps_over_wraps_and_new_sources() {
    let zero = Instant::now();
    let mut inbound = Inbound::default();
    for (index, sequence) in [65_533, 65_534, 0, 1, 3, 2, 7_u16].into_iter().enumerate() {
        let arrival = zero + Duration::from_millis(20 * index as u64);
        inbound.observe(&packet(sequence, u32::from(sequence) * 960, arrival));
    }
    assert_eq!((inbound.received(), inbound.lost()), (7, 4), "65535, 4, 5 and 6 are missing; 2 only came late");
    for sequence in [500_u16, 502] {
        inbound.observe(&Arrived { ssrc: 2, ..packet(sequence, 0, zero) });
    }
    assert_eq!((inbound.received(), inbound.lost()), (9, 5), "a new source adds its own");
}

#[test]
fn jitter_is_that_of_rfc_3550_also_where_time_stamps_wrap() {
    let zero = Instant::now();
    let mut inbound = Inbound::default();
    let mut expected = 0.0;
    let mut before: Option<f64> = None;
    for number in 0..400_u32 {
        let wobble = f64::from((number * 7) % 11);
        let arrival = zero + Duration::from_micros((f64::from(number) * 20_000.0 + wobble * 1_000.0) as u64);
        inbound.observe(&packet(number as u16, (u32::MAX - 96_000).wrapping_add(number * 960), arrival));
        if let Some(before) = before {
            expected += ((wobble - before).abs() - expected) / 16.0;
        }
        before = Some(wobble);
    }
    assert!((f64::from(inbound.jitter_ms()) - expected).abs() < 0.05, "{} for {expected}", inbound.jitter_ms());
}

#[test]
fn a_sample_is_of_the_second_and_its_totals_of_the_call() {
    let playout = PlayoutMeter::default();
    let mut inbound = Inbound::default();
    let mut sampler = Sampler::default();
    let remote = RemoteView { lost: 0, jitter_ms: 2.0, round_trip_ms: Some(40.0), reports: 1 };
    let add = |counter: &AtomicU64, value: u64| counter.fetch_add(value, Ordering::Relaxed);
    inbound.observe(&packet(1, 0, Instant::now()));
    for second in 0..3_u64 {
        add(&playout.emitted, 48_000);
        add(&playout.waited_us, 48_000 * 30_000);
        add(&playout.played, 48_000);
        add(&playout.concealed, if second == 2 { 4_800 } else { 0 });
        playout.level.add(&[0.5; 480]);
        let lost = if second == 1 { 10 } else { 0 };
        let remote = RemoteView { lost: remote.lost + lost, ..remote };
        let stats = sampler.sample(&Readings {
            inbound: &inbound,
            playout: &playout,
            sent_level: 0.1,
            sent: 50 * (second + 1),
            remote,
        });
        assert!((stats.jitter_buffer_ms - 30.0).abs() < 0.01, "mean delay of this second");
        assert!((stats.jitter_buffer_delay_total_s - (second + 1) as f64 * 1_440.0).abs() < 0.01, "sum of the call");
        assert_eq!(stats.jitter_buffer_emitted, 48_000 * (second + 1));
        assert!((stats.received.level - 0.5).abs() < 0.001, "level of this second");
        let expected = if second == 2 { 0.1 } else { 0.0 };
        assert!((stats.concealed - expected).abs() < 1e-6, "made-up sound of this second");
        // R of the worse direction: ten of fifty packets lost on the way out in the second second.
        let worse = match second {
            0 => Line { round_trip_ms: 40.0, buffer_ms: 30.0, lost: 0.0 },
            1 => Line { round_trip_ms: 40.0, buffer_ms: 24.0, lost: 0.2 },
            _ => Line { round_trip_ms: 40.0, buffer_ms: 30.0, lost: 0.1 },
        };
        let mos = stats.mos.unwrap();
        assert!((mos - worse.estimate().mos).abs() < 0.01, "second {second}: {mos}");
    }
}
