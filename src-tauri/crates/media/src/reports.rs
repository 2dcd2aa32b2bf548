//! Reads the peer's reports on our stream off the wire.
//!
//! The WebRTC crate reads the report blocks of bare receiver reports only, and
//! a peer that sends audio puts them into its sender reports; its round trip is
//! a constant 0. So this interceptor looks at both. It sits next to the wire,
//! where it also sees our own sender reports leave: the round trip is the time
//! from one's departure to the block that quotes it, less the time that the
//! peer held it (RFC 3550, section 6.4.1). No wall clock is needed.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use rtc::interceptor::{Interceptor, Packet, StreamInfo, TaggedPacket};
use rtc::rtcp::receiver_report::ReceiverReport;
use rtc::rtcp::reception_report::ReceptionReport;
use rtc::rtcp::sender_report::SenderReport;
use rtc::sansio::Protocol;
use rtc::shared::error::Error;

/// What the peer says about our stream.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RemoteView {
    /// Packets lost so far. Duplicates can make it negative.
    pub lost: i64,
    /// Inter-arrival jitter, milliseconds.
    pub jitter_ms: f32,
    /// Round trip, milliseconds.
    pub round_trip_ms: Option<f32>,
    /// Report blocks read.
    pub reports: u64,
}

/// Shared between the interceptor and the session.
pub type SharedView = Arc<Mutex<RemoteView>>;

/// How many of our own sender reports are remembered: one a second, and a peer
/// quotes the last it has seen.
const REMEMBERED: usize = 16;

/// The interceptor.
pub struct ReportReader {
    ssrc: u32,
    clock_rate: f32,
    view: SharedView,
    sent: VecDeque<(u32, Instant)>,
    reading: VecDeque<TaggedPacket>,
    writing: VecDeque<TaggedPacket>,
}

impl ReportReader {
    /// Reads the reports on the stream `ssrc`.
    pub fn new(ssrc: u32, view: SharedView) -> Self {
        Self {
            ssrc,
            clock_rate: 48_000.0,
            view,
            sent: VecDeque::new(),
            reading: VecDeque::new(),
            writing: VecDeque::new(),
        }
    }

    fn departed(&mut self, report: &SenderReport, now: Instant) {
        if report.ssrc != self.ssrc {
            return;
        }
        // The middle 32 bits of the NTP time are what a peer quotes.
        self.sent.push_back(((report.ntp_time >> 16) as u32, now));
        if self.sent.len() > REMEMBERED {
            self.sent.pop_front();
        }
    }

    fn arrived(&mut self, block: &ReceptionReport, now: Instant) {
        if block.ssrc != self.ssrc {
            return;
        }
        let held = f64::from(block.delay) / 65_536.0;
        let round_trip = self
            .sent
            .iter()
            .find(|(quoted, _)| block.last_sender_report != 0 && *quoted == block.last_sender_report)
            .map(|(_, departed)| (now.saturating_duration_since(*departed).as_secs_f64() - held).max(0.0));
        let mut view = self.view.lock().unwrap_or_else(PoisonError::into_inner);
        // 24 bits, signed.
        view.lost = i64::from((block.total_lost << 8) as i32 >> 8);
        view.jitter_ms = block.jitter as f32 * 1_000.0 / self.clock_rate;
        if let Some(seconds) = round_trip {
            view.round_trip_ms = Some((seconds * 1_000.0) as f32);
        }
        view.reports += 1;
    }
}

impl Protocol<TaggedPacket, TaggedPacket, ()> for ReportReader {
    type Rout = TaggedPacket;
    type Wout = TaggedPacket;
    type Eout = ();
    type Error = Error;
    type Time = Instant;

    fn handle_read(&mut self, packet: TaggedPacket) -> Result<(), Error> {
        if let Packet::Rtcp(parts) = &packet.message.packet {
            for part in parts {
                let part = part.as_any();
                let blocks = match (part.downcast_ref::<SenderReport>(), part.downcast_ref::<ReceiverReport>()) {
                    (Some(report), _) => report.reports.clone(),
                    (None, Some(report)) => report.reports.clone(),
                    (None, None) => continue,
                };
                for block in &blocks {
                    self.arrived(block, packet.now);
                }
            }
        }
        self.reading.push_back(packet);
        Ok(())
    }

    fn poll_read(&mut self) -> Option<TaggedPacket> {
        self.reading.pop_front()
    }

    fn handle_write(&mut self, packet: TaggedPacket) -> Result<(), Error> {
        if let Packet::Rtcp(parts) = &packet.message.packet {
            for part in parts {
                if let Some(report) = part.as_any().downcast_ref::<SenderReport>() {
                    self.departed(report, packet.now);
                }
            }
        }
        self.writing.push_back(packet);
        Ok(())
    }

    fn poll_write(&mut self) -> Option<TaggedPacket> {
        self.writing.pop_front()
    }
}

impl Interceptor for ReportReader {
    fn bind_local_stream(&mut self, info: &StreamInfo) {
        if info.ssrc == self.ssrc && info.clock_rate > 0 {
            self.clock_rate = info.clock_rate as f32;
        }
    }

    fn unbind_local_stream(&mut self, _info: &StreamInfo) {}

    fn bind_remote_stream(&mut self, _info: &StreamInfo) {}

    fn unbind_remote_stream(&mut self, _info: &StreamInfo) {}
}

#[cfg(test)]
#[path = "reports_tests.rs"]
mod tests;
