//! What is reported about a call: shapes of section 4.2, meaning in the
//! softphone document, section 11.

use serde::Serialize;

/// Direction, named from the client's point of view but the wrong way round:
/// `audio_input` is what the agent hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StreamType {
    /// Server to client.
    AudioInput,
    /// Client to server.
    AudioOutput,
}

/// SoftphoneStreamStatistics. Null members are left out.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StreamStatistics {
    /// Direction.
    pub softphone_stream_type: StreamType,
    /// Seconds since 1970 by the service's clock.
    pub timestamp: f64,
    /// Packets lost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub packets_lost: Option<i64>,
    /// Packets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub packet_count: Option<i64>,
    /// Level x 32768.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audio_level: Option<i64>,
    /// `jitterBufferDelay` x 1000: cumulative, as the vendor's client sends it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jitter_buffer_millis: Option<i64>,
    /// Round trip.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub round_trip_time_millis: Option<i64>,
}

/// CallReport, with the model's names (the vendor's client renames some).
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CallReport {
    /// Seconds since 1970 by the service's clock.
    pub call_start_time: f64,
    /// Seconds since 1970 by the service's clock.
    pub call_end_time: f64,
    /// Totals of both directions.
    pub softphone_stream_statistics: Vec<StreamStatistics>,
    /// Opening the microphone. Left out: ours opens on accept, not before the offer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gum_time_millis: Option<i64>,
    /// Start to local description set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initialization_time_millis: Option<i64>,
    /// Gathering.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ice_collection_time_millis: Option<i64>,
    /// Waiting for the signalling channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signalling_connect_time_millis: Option<i64>,
    /// Invite to handshaked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handshake_time_millis: Option<i64>,
    /// Start to talking.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pre_talk_time_millis: Option<i64>,
    /// Talking.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub talk_time_millis: Option<i64>,
    /// Closing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cleanup_time_millis: Option<i64>,
    /// No relay candidate.
    pub ice_collection_failure: bool,
    /// Signalling channel not open.
    pub signalling_connection_failure: bool,
    /// Invitation refused or unanswered.
    pub handshake_failure: bool,
    /// Microphone refused.
    pub gum_other_failure: bool,
    /// Microphone not open in time.
    pub gum_timeout_failure: bool,
    /// Offer not made.
    pub create_offer_failure: bool,
    /// Local description refused.
    pub set_local_description_failure: bool,
    /// Another client answers for the agent.
    pub user_busy_failure: bool,
    /// Answer without description.
    #[serde(rename = "invalidRemoteSDPFailure")]
    pub invalid_remote_sdp_failure: bool,
    /// Answer without candidate.
    pub no_remote_ice_candidate_failure: bool,
    /// Answer not usable.
    pub set_remote_description_failure: bool,
}
