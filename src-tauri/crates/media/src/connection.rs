//! One peer connection of the WebRTC crate, with the settings that a call needs.
//!
//! With the crate's defaults a call takes seconds to set up, dies at an ICE
//! restart with fresh credentials, and loses its relay when nonces are short;
//! docs/media/webrtc.md has the measurements behind every setting here.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use rtc::ice::mdns::MulticastDnsMode;
use rtc::interceptor::Slot;
use rtc::peer_connection::configuration::RTCOfferOptions;
use rtc::rtp_transceiver::rtp_sender::{
    RTCRtpCodec, RTCRtpCodecParameters, RTCRtpCodingParameters, RTCRtpEncodingParameters, RtpCodecKind,
};
use secrecy::ExposeSecret;
use tokio::sync::{mpsc, watch};
use trunkline_connector::ports::IceServer;
use webrtc::error::Result;
use webrtc::media_stream::MediaStreamTrack;
use webrtc::media_stream::track_local::static_rtp::TrackLocalStaticRTP;
use webrtc::media_stream::track_remote::{TrackRemote, TrackRemoteEvent};
use webrtc::peer_connection::{
    MediaEngine, PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler, RTCConfiguration,
    RTCConfigurationBuilder, RTCIceCandidateInit, RTCIceCandidateType, RTCIceGatheringState, RTCIceServer,
    RTCIceTransportPolicy, RTCPeerConnectionIceErrorEvent, RTCPeerConnectionIceEvent, RTCPeerConnectionState,
    RTCSessionDescription, RTCStatsReportEntry, Registry, SettingEngine, SettingEngineBuilder, StatsSelector,
    configure_nack, configure_rtcp_reports,
};
use webrtc::rtp_transceiver::RtpSender;

use crate::jitter::Arrived;
use crate::opus_packet;
use crate::receiver::{Inbox, OPUS, PCMU};
use crate::reports::{ReportReader, SharedView};
use crate::sender::Codec;

const TELEPHONE_EVENT: u8 = 110;

/// What the peer connection tells by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathState {
    /// ICE and DTLS are up.
    Connected,
    /// Checks go unanswered.
    Disconnected,
    /// Given up.
    Failed,
    /// Anything before or between.
    Other,
}

/// How far gathering has come since it was last reset.
#[derive(Clone, Debug, Default)]
pub struct Gathering {
    /// Ports of relay candidates of component 1.
    pub relayed: Vec<u16>,
    /// Nothing more will come.
    pub complete: bool,
}

/// A peer connection. Must be closed: no drop replaces it.
pub struct Connection {
    peer: Arc<dyn PeerConnection>,
    sender: Arc<dyn RtpSender>,
    /// Our stream.
    pub track: Arc<TrackLocalStaticRTP>,
    /// Its source.
    pub ssrc: u32,
}

/// What a connection reports to.
#[derive(Clone)]
pub struct Reports {
    /// State of the path.
    pub path: mpsc::UnboundedSender<PathState>,
    /// Progress of gathering.
    pub gathering: watch::Sender<Gathering>,
    /// Received packets.
    pub inbox: Arc<Inbox>,
    /// What the peer says of our stream.
    pub remote: SharedView,
}

impl Connection {
    /// Builds it, with one audio track to be offered.
    pub async fn build(servers: &[IceServer], bind: Vec<String>, reports: Reports) -> Result<Self> {
        let ssrc = rand::random::<u32>().max(1);
        let mut media = MediaEngine::default();
        for codec in codecs() {
            media.register_codec(codec, RtpCodecKind::Audio)?;
        }
        // Not the default interceptors: they offer transport-wide congestion control, to which
        // browsers answer with packets of padding. One audio stream has no use for it.
        let registry = configure_rtcp_reports(configure_nack(Registry::new(), &mut media))
            .with(Slot::from(500), ReportReader::new(ssrc, Arc::clone(&reports.remote)));
        let peer: Arc<dyn PeerConnection> = Arc::new(
            PeerConnectionBuilder::new()
                .with_configuration(configuration(servers))
                .with_media_engine(media)
                .with_setting_engine(settings())
                .with_interceptor_registry(registry)
                .with_handler(Arc::new(Handler { reports }))
                .with_udp_addrs(bind)
                .build()
                .await?,
        );
        match Self::with_track(&peer, ssrc).await {
            Ok((track, sender)) => Ok(Self { peer, sender, track, ssrc }),
            Err(error) => {
                let _ = peer.close().await;
                Err(error)
            }
        }
    }

    async fn with_track(
        peer: &Arc<dyn PeerConnection>,
        ssrc: u32,
    ) -> Result<(Arc<TrackLocalStaticRTP>, Arc<dyn RtpSender>)> {
        let track = Arc::new(TrackLocalStaticRTP::new(MediaStreamTrack::new(
            "trunkline".to_owned(),
            "microphone".to_owned(),
            "microphone".to_owned(),
            RtpCodecKind::Audio,
            vec![RTCRtpEncodingParameters {
                rtp_coding_parameters: RTCRtpCodingParameters { ssrc: Some(ssrc), ..Default::default() },
                active: true,
                codec: opus().rtp_codec,
                ..Default::default()
            }],
        )));
        let sender = peer.add_track(Arc::clone(&track) as _).await?;
        // A track of one codec offers that codec only; the rest has to be asked for.
        if let Some(transceiver) = peer.get_transceivers().await.first() {
            transceiver.set_codec_preferences(codecs()).await?;
        }
        Ok((track, sender))
    }

    /// Makes an offer. Its text must be set unchanged.
    pub async fn create_offer(&self, restart: bool) -> Result<RTCSessionDescription> {
        self.peer.create_offer(Some(RTCOfferOptions { ice_restart: restart })).await
    }

    /// Sets an offer, which begins gathering.
    pub async fn set_offer(&self, offer: RTCSessionDescription) -> Result<()> {
        self.peer.set_local_description(offer).await
    }

    /// The text of our side, with the candidates gathered so far.
    pub async fn local_text(&self) -> Option<String> {
        self.peer.local_description().await.map(|description| description.sdp)
    }

    /// Uses other servers from the next restart on.
    pub async fn set_servers(&self, servers: &[IceServer]) -> Result<()> {
        self.peer.set_configuration(configuration(servers)).await
    }

    /// Applies an answer, then the peer's candidates (the other order is refused).
    pub async fn set_answer(&self, sdp: String, candidates: &[String]) -> Result<()> {
        self.peer.set_remote_description(RTCSessionDescription::answer(sdp)?).await?;
        let mut last = Ok(());
        let mut taken = 0;
        for candidate in candidates {
            let candidate = RTCIceCandidateInit {
                candidate: candidate.clone(),
                sdp_mid: Some("0".to_owned()),
                sdp_mline_index: Some(0),
                username_fragment: None,
                url: None,
            };
            match self.peer.add_ice_candidate(candidate).await {
                Ok(()) => taken += 1,
                Err(error) => last = Err(error),
            }
        }
        if taken > 0 { Ok(()) } else { last }
    }

    /// The codec that was agreed for our stream.
    pub async fn agreed(&self) -> Option<Codec> {
        let parameters = self.sender.get_parameters().await.ok()?;
        parameters.rtp_parameters.codecs.iter().find_map(|codec| match codec.payload_type {
            OPUS => Some(Codec::Opus),
            PCMU => Some(Codec::Pcmu),
            _ => None,
        })
    }

    /// Type of the peer's candidate in the pair that was chosen, if the crate's
    /// statistics know it (they lack candidates that were found by a check).
    pub async fn remote_kind(&self) -> Option<String> {
        let report = self.peer.get_stats(Instant::now(), StatsSelector::None).await;
        let pair = report.candidate_pairs().find(|pair| pair.nominated)?;
        report.iter().find_map(|entry| match entry {
            RTCStatsReportEntry::RemoteCandidate(candidate) if entry.id().ends_with(&pair.remote_candidate_id) => {
                Some(candidate.candidate_type.to_string())
            }
            _ => None,
        })
    }

    /// Ends it and gives the relay back. At most some 100 ms.
    pub async fn close(&self) {
        if let Err(error) = self.peer.close().await {
            tracing::warn!(%error, "closing the peer connection");
        }
    }
}

fn settings() -> SettingEngine {
    SettingEngineBuilder::new()
        // ICE holds a relayed pair back for 2 s in the hope of a better one; there is none.
        .with_relay_acceptance_min_wait(Some(Duration::ZERO))
        // A pair that has answered is only chosen at the next check: RFC 8445's pace (section 14.2) instead
        // of the crate's 200 ms. As many more of them, so that checks go on as long.
        .with_ice_connection_attempts(Some(Duration::from_millis(50)), Some(28))
        // As browsers write it, and the service was built for browsers.
        .with_sdp_media_level_fingerprints(true)
        // Nothing here may ask the local network for names.
        .with_multicast_dns_mode(MulticastDnsMode::Disabled)
        // Fresh credentials at the same address would otherwise re-sign the old allocation, which
        // servers refuse (441, RFC 8656 section 7.3), and the call is dead.
        .with_discard_local_candidates_during_ice_restart(true)
        // A refused refresh (438, stale nonce) is only repeated at the next period; at the default
        // period, half the life time, that is too late.
        .with_turn_allocation_refresh_interval_cap(Duration::from_secs(60))
        .build()
}

fn configuration(servers: &[IceServer]) -> RTCConfiguration {
    RTCConfigurationBuilder::default()
        .with_ice_servers(usable_servers(servers))
        .with_ice_transport_policy(RTCIceTransportPolicy::Relay)
        .build()
}

/// Only TURN over UDP; host names without the dot that ends them in DNS, which
/// the crate cannot resolve.
fn usable_servers(servers: &[IceServer]) -> Vec<RTCIceServer> {
    servers
        .iter()
        .filter_map(|server| {
            let urls: Vec<String> = server
                .urls
                .iter()
                .filter_map(|url| {
                    let usable = url.starts_with("turn:") && !url.contains("transport=tcp");
                    if !usable {
                        tracing::warn!(url, "left out a relay that is not reached over UDP");
                    }
                    usable.then(|| url.replacen(".:", ":", 1).replacen(".?", "?", 1).trim_end_matches('.').to_owned())
                })
                .collect();
            (!urls.is_empty()).then(|| RTCIceServer {
                urls,
                username: server.username.clone(),
                credential: server.credential.expose_secret().to_owned(),
            })
        })
        .collect()
}

fn codec(mime: &str, clock_rate: u32, channels: u16, fmtp: &str, payload_type: u8) -> RTCRtpCodecParameters {
    RTCRtpCodecParameters {
        rtp_codec: RTCRtpCodec {
            mime_type: mime.to_owned(),
            clock_rate,
            channels,
            sdp_fmtp_line: fmtp.to_owned(),
            ..Default::default()
        },
        payload_type,
    }
}

/// Without parameters on purpose: the crate takes a codec of the answer for
/// ours only when no parameter differs, and the peer states its own. The sent
/// copy of the offer has them ([`crate::sdp::sent_offer`]).
fn opus() -> RTCRtpCodecParameters {
    codec("audio/opus", 48_000, 2, "", OPUS)
}

/// One telephone-event only: the crate takes a second one, of another clock
/// rate, for the same codec and writes the first one's line twice.
fn codecs() -> Vec<RTCRtpCodecParameters> {
    vec![
        opus(),
        codec("audio/PCMU", 8_000, 0, "", PCMU),
        codec("audio/telephone-event", 48_000, 0, "0-16", TELEPHONE_EVENT),
    ]
}

struct Handler {
    reports: Reports,
}

#[async_trait]
impl PeerConnectionEventHandler for Handler {
    async fn on_ice_candidate(&self, event: RTCPeerConnectionIceEvent) {
        let candidate = event.candidate;
        if candidate.typ == RTCIceCandidateType::Relay && candidate.component == 1 {
            self.reports.gathering.send_modify(|gathering| gathering.relayed.push(candidate.port));
        }
    }

    async fn on_ice_candidate_error(&self, event: RTCPeerConnectionIceErrorEvent) {
        tracing::warn!(url = event.url, code = event.error_code, text = event.error_text, "relay refused");
    }

    async fn on_ice_gathering_state_change(&self, state: RTCIceGatheringState) {
        if state == RTCIceGatheringState::Complete {
            self.reports.gathering.send_modify(|gathering| gathering.complete = true);
        }
    }

    async fn on_connection_state_change(&self, state: RTCPeerConnectionState) {
        let state = match state {
            RTCPeerConnectionState::Connected => PathState::Connected,
            RTCPeerConnectionState::Disconnected => PathState::Disconnected,
            RTCPeerConnectionState::Failed => PathState::Failed,
            _ => PathState::Other,
        };
        let _ = self.reports.path.send(state);
    }

    async fn on_track(&self, track: Arc<dyn TrackRemote>) {
        // Ends when the connection is closed: poll gives nothing then.
        tokio::spawn(receive(track, Arc::clone(&self.reports.inbox)));
    }
}

async fn receive(track: Arc<dyn TrackRemote>, inbox: Arc<Inbox>) {
    while let Some(event) = track.poll().await {
        let TrackRemoteEvent::OnRtpPacket(packet) = event else { continue };
        let header = packet.header;
        let (clock_rate, duration, redundancy, discontinuous) = match header.payload_type {
            OPUS => (
                48_000,
                opus_packet::duration(&packet.payload).unwrap_or(0),
                opus_packet::has_redundancy(&packet.payload),
                opus_packet::is_discontinuous(&packet.payload),
            ),
            PCMU => (8_000, u32::try_from(packet.payload.len() * 6).unwrap_or(0), false, false),
            // Digits and what else a peer may send: nothing to hear.
            _ => continue,
        };
        inbox.put(Arrived {
            ssrc: header.ssrc,
            sequence: header.sequence_number,
            timestamp: header.timestamp,
            clock_rate,
            payload_type: header.payload_type,
            duration,
            arrival: Instant::now(),
            payload: packet.payload,
            redundancy,
            discontinuous,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_without_which_calls_break_are_set() {
        let settings = settings();
        assert_eq!(
            settings.turn_allocation_refresh_interval_cap(),
            Some(Duration::from_secs(60)),
            "a refresh refused for a stale nonce is repeated before the allocation ends"
        );
        assert!(
            settings.discard_local_candidates_during_ice_restart(),
            "a restart allocates anew with the fresh credentials"
        );
        assert_eq!(settings.multicast_dns().mode, MulticastDnsMode::Disabled, "no names of the local network");
    }

    #[test]
    fn opus_is_registered_without_parameters_so_that_any_answer_fits() {
        assert_eq!(opus().rtp_codec.sdp_fmtp_line, "");
        let numbers: Vec<u8> = codecs().iter().map(|codec| codec.payload_type).collect();
        assert_eq!(numbers, [OPUS, PCMU, TELEPHONE_EVENT], "Opus is preferred");
    }

    #[test]
    fn only_relays_over_udp_are_used_and_the_dot_of_dns_is_cut() {
        let server = IceServer {
            urls: [
                "turn:relay-1.example.com.:3478?transport=udp",
                "turn:relay-2.example.com.",
                "turn:relay-3.example.com:3478?transport=tcp",
                "turns:relay-4.example.com:443",
                "turn:192.0.2.9:3478",
            ]
            .map(str::to_owned)
            .to_vec(),
            username: "name".to_owned(),
            credential: "word".to_owned().into(),
        };
        let used = usable_servers(&[server]);
        assert_eq!(
            used[0].urls,
            ["turn:relay-1.example.com:3478?transport=udp", "turn:relay-2.example.com", "turn:192.0.2.9:3478"]
        );
    }
}
