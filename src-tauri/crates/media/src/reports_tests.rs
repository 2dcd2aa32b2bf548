#![allow(clippy::unwrap_used)]
use std::time::Duration;

use rtc::interceptor::AttributedPacket;
use rtc::shared::TransportContext;

use super::*;

const OURS: u32 = 77;

fn tagged(part: Box<dyn rtc::rtcp::Packet>, now: Instant) -> TaggedPacket {
    TaggedPacket {
        now,
        transport: TransportContext::default(),
        message: AttributedPacket::new(Packet::Rtcp(vec![part])),
    }
}

fn block(quoted: u32, held: Duration) -> ReceptionReport {
    ReceptionReport {
        ssrc: OURS,
        total_lost: 12,
        jitter: 480,
        last_sender_report: quoted,
        delay: (held.as_secs_f64() * 65_536.0) as u32,
        ..ReceptionReport::default()
    }
}

#[test]
fn blocks_in_sender_reports_and_receiver_reports_give_loss_jitter_and_round_trip() {
    let zero = Instant::now();
    let at = |ms: u64| zero + Duration::from_millis(ms);
    let ntp = 0x1234_5678_9ABC_DEF0_u64;
    for in_sender_report in [true, false] {
        let view = SharedView::default();
        let mut reader = ReportReader::new(OURS, Arc::clone(&view));
        let own = SenderReport { ssrc: OURS, ntp_time: ntp, ..SenderReport::default() };
        reader.handle_write(tagged(Box::new(own), at(0))).unwrap();
        assert!(reader.poll_write().is_some(), "what leaves is passed on");
        let reports = vec![
            ReceptionReport { ssrc: 5, total_lost: 99, ..block(0, Duration::ZERO) },
            block(0x5678_9ABC, Duration::from_millis(500)),
        ];
        let theirs: Box<dyn rtc::rtcp::Packet> = if in_sender_report {
            Box::new(SenderReport { ssrc: 9, reports, ..SenderReport::default() })
        } else {
            Box::new(ReceiverReport { ssrc: 9, reports, ..ReceiverReport::default() })
        };
        reader.handle_read(tagged(theirs, at(585))).unwrap();
        assert!(reader.poll_read().is_some(), "what comes is passed on");
        let seen = *view.lock().unwrap();
        assert_eq!((seen.lost, seen.reports), (12, 1), "our own block and no other");
        assert!((seen.jitter_ms - 10.0).abs() < 0.01, "480 ticks of 48 kHz: {seen:?}");
        assert!((seen.round_trip_ms.unwrap() - 85.0).abs() < 0.1, "585 ms less the 500 it was held: {seen:?}");
    }
}

#[test]
fn a_block_that_quotes_nothing_known_gives_no_round_trip_and_negative_loss_stays_negative() {
    let view = SharedView::default();
    let mut reader = ReportReader::new(OURS, Arc::clone(&view));
    let report = ReceiverReport {
        ssrc: 9,
        reports: vec![ReceptionReport { total_lost: 0x00FF_FFFE, ..block(0, Duration::ZERO) }],
        ..ReceiverReport::default()
    };
    reader.handle_read(tagged(Box::new(report), Instant::now())).unwrap();
    let seen = *view.lock().unwrap();
    assert_eq!((seen.lost, seen.round_trip_ms), (-2, None), "duplicates make it negative: {seen:?}");
}
