//! The media leg of a voice contact as the agent and the diagnostics see it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::UnixMillis;

/// Where the media session of a voice contact stands. Separate from the
/// contact's own state: media comes up while the contact still rings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum MediaState {
    /// Gathering candidates or signalling.
    Connecting,
    /// Packets can flow; the agent has not accepted yet, so nothing is sent or heard.
    Ready,
    /// Speech flows.
    Live,
    /// The path is broken and is being mended; the call goes on when it is back.
    Reconnecting,
    /// Could not be built or mended.
    Failed,
    /// Over.
    Closed,
}

/// Why a media session failed. The wire names of Amazon's own client are in
/// docs/connectors/amazon-connect-softphone.md, section 6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum MediaFailure {
    /// No relay candidate within 8 s: TURN server unreachable.
    IceGatheringTimeout,
    /// Signalling channel not open within 10 s.
    SignallingConnect,
    /// No usable answer to the invitation (refused, or none within 5 s).
    SignallingHandshake,
    /// The platform says that another program answers for this agent.
    UserBusy,
    /// The call was gone before it was answered.
    CallNotFound,
    /// The answer's session description cannot be used.
    InvalidRemoteDescription,
    /// The answer held no candidate.
    NoRemoteCandidate,
    /// Our own offer could not be made.
    Offer,
    /// The path was lost and could not be mended.
    PathLost,
    /// Too many softphone sessions of this agent are open.
    TooManySessions,
}

/// What the other side hears of the line, in one word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Quality {
    /// Not measured yet.
    #[default]
    Unknown,
    /// Estimated MOS 4.0 and above.
    Good,
    /// 3.6 to 4.0.
    Fair,
    /// Below 3.6.
    Poor,
}

/// One direction of a call, totals since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct StreamStats {
    /// RTP packets.
    #[ts(type = "number")]
    pub packets: u64,
    /// Packets lost: sequence gaps (in) or as the peer reports (out).
    #[ts(type = "number")]
    pub packets_lost: i64,
    /// Inter-arrival jitter after RFC 3550, milliseconds.
    pub jitter_ms: f32,
    /// Level of the last second, 0 to 1 of full scale (root mean square).
    pub level: f32,
}

/// A second's picture of a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct MediaStats {
    /// What the agent hears.
    pub received: StreamStats,
    /// What the agent says, as sent.
    pub sent: StreamStats,
    /// Round trip in milliseconds, when the peer's reports give it.
    pub round_trip_ms: Option<f32>,
    /// Mean delay that the jitter buffer added in the last second, milliseconds.
    pub jitter_buffer_ms: f32,
    /// Sum over all played samples of their time in the jitter buffer, seconds
    /// (WebRTC's `jitterBufferDelay`).
    pub jitter_buffer_delay_total_s: f64,
    /// Samples played out of the jitter buffer at 48 kHz (`jitterBufferEmittedCount`).
    #[ts(type = "number")]
    pub jitter_buffer_emitted: u64,
    /// Share of samples made up by loss concealment in the last second, 0 to 1.
    pub concealed: f32,
    /// Gaps concealed since the start.
    #[ts(type = "number")]
    pub concealment_events: u64,
    /// E-model estimate, 1 to 4.5; absent before the first second.
    pub mos: Option<f32>,
    /// The estimate in one word.
    pub quality: Quality,
}

/// How packets travel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct IceRoute {
    /// Local candidate type (`relay`).
    pub local: String,
    /// Remote candidate type (`host`, `srflx`, `relay`).
    pub remote: String,
    /// Transport to the relay (`udp`).
    pub protocol: String,
}

/// What one call was like, written when its media session ends. Feeds the
/// history, diagnostics and the platform's own call report.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct CallSummary {
    /// Session began (offer being made).
    pub started: UnixMillis,
    /// Session ended.
    pub ended: UnixMillis,
    /// Offer made and set, ms.
    pub initialization_ms: Option<u32>,
    /// Relay candidates gathered, ms.
    pub ice_gathering_ms: Option<u32>,
    /// Invitation to answer, ms.
    pub handshake_ms: Option<u32>,
    /// From the start of the session to packets able to flow, ms.
    pub setup_ms: Option<u32>,
    /// From the agent's accept to the first received speech played, ms.
    pub accept_to_audio_ms: Option<u32>,
    /// Speech flowed for this long, ms.
    #[ts(type = "number")]
    pub talk_ms: u64,
    /// Route, once known.
    pub route: Option<IceRoute>,
    /// Times the path was lost.
    pub path_losses: u32,
    /// Times the path was mended by an ICE restart.
    pub ice_restarts: u32,
    /// Last totals.
    pub last: MediaStats,
    /// Worst estimate of any second, 1 to 4.5.
    pub worst_mos: Option<f32>,
    /// Why it failed, when it did.
    pub failure: Option<MediaFailure>,
    /// What was not reached then, where that is known: relays or a signalling server.
    #[serde(default)]
    pub failed_address: Option<String>,
    /// The codec that both sides agreed on, by its RTP name (`opus`, `PCMU`).
    #[serde(default)]
    pub codec: Option<String>,
    /// The connection was up before this contact came to it.
    #[serde(default)]
    pub connection_reused: bool,
}
