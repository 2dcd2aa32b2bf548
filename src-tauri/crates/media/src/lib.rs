//! WebRTC voice sessions: SDP, Opus, jitter buffer, statistics, call summary.
