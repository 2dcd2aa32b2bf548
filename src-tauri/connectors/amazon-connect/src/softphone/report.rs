//! Statistics and the call report: softphone document, section 11.

use std::time::Duration;

use trunkline_model::{CallSummary, MediaFailure, MediaStats};

use crate::map::Skew;
use crate::wire::{CallReport, StreamStatistics, StreamType};

/// The second's growth per direction, never negative; the first sample is the
/// absolute value.
pub(super) fn growth(stats: &MediaStats, before: Option<MediaStats>, timestamp: f64) -> [StreamStatistics; 2] {
    let last = before.unwrap_or_default();
    let growth = |now: i64, before: i64| now.saturating_sub(before).max(0);
    let packets = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let shared = |kind, now: &trunkline_model::StreamStats, before: &trunkline_model::StreamStats| StreamStatistics {
        softphone_stream_type: kind,
        timestamp,
        packets_lost: Some(growth(now.packets_lost, before.packets_lost)),
        packet_count: Some(growth(packets(now.packets), packets(before.packets))),
        audio_level: Some(audio_level(now.level)),
        jitter_buffer_millis: Some((stats.jitter_buffer_delay_total_s * 1000.0) as i64),
        round_trip_time_millis: stats.round_trip_ms.map(|millis| millis as i64),
    };
    [
        shared(StreamType::AudioInput, &stats.received, &last.received),
        shared(StreamType::AudioOutput, &stats.sent, &last.sent),
    ]
}

fn audio_level(level: f32) -> i64 {
    (f64::from(level.clamp(0.0, 1.0)) * 32768.0).floor() as i64
}

/// The call report with the model's names (section 11).
pub(super) fn report(
    summary: &CallSummary,
    signalling_waited: Option<Duration>,
    cleanup: Option<Duration>,
    skew: Skew,
) -> CallReport {
    let failed = |failure: MediaFailure| summary.failure == Some(failure);
    let millis = |duration: Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
    let total = |kind, stream: &trunkline_model::StreamStats| StreamStatistics {
        softphone_stream_type: kind,
        timestamp: skew.service_seconds(summary.ended),
        packets_lost: Some(stream.packets_lost),
        packet_count: i64::try_from(stream.packets).ok(),
        audio_level: Some(audio_level(stream.level)),
        jitter_buffer_millis: None,
        round_trip_time_millis: None,
    };
    CallReport {
        call_start_time: skew.service_seconds(summary.started),
        call_end_time: skew.service_seconds(summary.ended),
        softphone_stream_statistics: vec![
            total(StreamType::AudioInput, &summary.last.received),
            total(StreamType::AudioOutput, &summary.last.sent),
        ],
        gum_time_millis: None,
        initialization_time_millis: summary.initialization_ms.map(i64::from),
        ice_collection_time_millis: summary.ice_gathering_ms.map(i64::from),
        signalling_connect_time_millis: signalling_waited.map(millis),
        handshake_time_millis: summary.handshake_ms.map(i64::from),
        pre_talk_time_millis: summary.setup_ms.map(i64::from),
        talk_time_millis: i64::try_from(summary.talk_ms).ok(),
        cleanup_time_millis: cleanup.map(millis),
        ice_collection_failure: failed(MediaFailure::IceGatheringTimeout),
        signalling_connection_failure: failed(MediaFailure::SignallingConnect),
        handshake_failure: failed(MediaFailure::SignallingHandshake),
        gum_other_failure: false,
        gum_timeout_failure: false,
        create_offer_failure: failed(MediaFailure::Offer),
        set_local_description_failure: false,
        user_busy_failure: failed(MediaFailure::UserBusy),
        invalid_remote_sdp_failure: failed(MediaFailure::InvalidRemoteDescription),
        no_remote_ice_candidate_failure: failed(MediaFailure::NoRemoteCandidate),
        set_remote_description_failure: false,
    }
}
