#![allow(clippy::unwrap_used, clippy::expect_used)]
use std::time::Duration;

use super::*;
use crate::capture::{Encoder, PACKET};
use crate::jitter::Arrived;
use crate::playout::FRAME;
use crate::receiver::OPUS;
use crate::sender::Codec;

/// A loud packet of the far end.
fn packet(encoder: &mut Encoder, number: u16, arrival: Instant) -> Arrived {
    let sound: Vec<f32> = (0..PACKET).map(|at| (at as f32 * 0.06 + f32::from(number)).sin() * 0.8).collect();
    Arrived {
        ssrc: 7,
        sequence: number,
        timestamp: u32::from(number) * 960,
        clock_rate: 48_000,
        payload_type: OPUS,
        duration: 960,
        arrival,
        payload: encoder.encode(Codec::Opus, &sound).unwrap(),
        redundancy: false,
        discontinuous: false,
    }
}

fn loudest(playout: &mut Playout, start: Instant, frames: u64) -> f32 {
    let mut loudest = 0.0_f32;
    for number in 0..frames {
        let mut frame = [0.0; FRAME];
        playout.pull_at(start + Duration::from_millis(10 * number), &mut frame);
        loudest = frame.iter().fold(loudest, |most, sample| most.max(sample.abs()));
    }
    loudest
}

#[test]
fn nothing_of_the_last_call_is_heard_or_counted_in_the_next() {
    let (frames, _sent) = mpsc::channel(8);
    let (ends, mut encoder, start) = (Ends::new(frames), Encoder::new().unwrap(), Instant::now());
    let (mut first, capture) = ends.fresh().unwrap();
    for number in 0..50 {
        ends.inbox.put(packet(&mut encoder, number, start + Duration::from_millis(20 * u64::from(number))));
    }
    assert!(loudest(&mut first, start, 30) > 0.1, "the first call is heard");
    ends.outgoing.packets.store(500, Ordering::Relaxed);
    locked(&ends.remote).lost = 9;
    let before = ends.sample();
    assert_eq!((before.received.packets, before.sent.packets), (50, 500), "and counted");
    // What came after its end and was played by nobody.
    for number in 50..90 {
        ends.inbox.put(packet(&mut encoder, number, start + Duration::from_millis(20 * u64::from(number))));
    }
    drop((first, capture));
    let (mut second, _capture) = ends.fresh().unwrap();
    let silence = loudest(&mut second, start + Duration::from_secs(2), 100);
    assert!(silence == 0.0, "not one sample of the first call comes out in the second: {silence}");
    let after = ends.sample();
    assert_eq!((after.received.packets, after.received.packets_lost), (0, 0), "received: from zero");
    assert_eq!((after.sent.packets, after.sent.packets_lost), (0, 0), "sent, by us and by the peer's count: from zero");
    locked(&ends.remote).lost = 11;
    assert_eq!(ends.sample().sent.packets_lost, 2, "losses of the second call are its own");
    for number in 90..140 {
        let arrival = start + Duration::from_millis(4_000 + 20 * u64::from(number - 90));
        ends.inbox.put(packet(&mut encoder, number, arrival));
    }
    assert!(loudest(&mut second, start + Duration::from_secs(4), 60) > 0.1, "and the second call is heard");
    assert_eq!(ends.sample().received.packets_lost, 0, "the numbers in between were nobody's loss");
}

#[test]
fn each_contact_has_a_ledger_of_its_own() {
    let ledgers = Ledgers::new(Instant::now(), UnixMillis(1_000_000));
    let first = ledgers.join(Instant::now(), UnixMillis(1_000_000));
    ledgers.note(|ledger, now| {
        ledger.connected(now);
        ledger.path_lost();
    });
    ledgers.leave(&first);
    let second = ledgers.join(Instant::now(), UnixMillis(1_060_000));
    ledgers.note(|ledger, _| ledger.failed(MediaFailure::PathLost));
    assert_eq!(first.summary().path_losses, 1, "what happened in its time");
    assert_eq!(first.summary().failure, None, "what came after is not the first call's");
    assert_eq!(second.summary().path_losses, 0, "what was before is not the second call's");
    assert_eq!(second.summary().failure, Some(MediaFailure::PathLost), "but this is");
    assert_eq!(second.summary().setup_ms, Some(0), "and it waited for no connection");
}
