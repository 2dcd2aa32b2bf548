use async_trait::async_trait;
use secrecy::SecretString;
use thiserror::Error;
use tokio::sync::mpsc;
use trunkline_model::{CallSummary, ContactKey, MediaFailure, MediaStats};

/// A TURN server with credentials.
#[derive(Clone, Debug)]
pub struct IceServer {
    /// `turn:HOST:PORT?transport=udp`; a dot at the end of the host is tolerated.
    pub urls: Vec<String>,
    /// User name.
    pub username: String,
    /// Password: a secret.
    pub credential: SecretString,
}

/// A candidate in the browser's JSON form (W3C `RTCIceCandidateInit`).
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CandidateInit {
    /// `candidate:...`
    pub candidate: String,
    /// Media section by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sdp_mid: Option<String>,
    /// Media section by index.
    #[serde(default, rename = "sdpMLineIndex", skip_serializing_if = "Option::is_none")]
    pub sdp_m_line_index: Option<u16>,
    /// ICE user fragment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username_fragment: Option<String>,
}

/// A media leg to build.
#[derive(Clone, Debug)]
pub struct MediaRequest {
    /// Contact it belongs to.
    pub contact: ContactKey,
    /// Relays; the only way packets travel.
    pub ice_servers: Vec<IceServer>,
}

/// Our side of the negotiation: no trickle, all candidates beside the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaOffer {
    /// Session description without candidate lines, as `amazon-connect-softphone.md` section 7 asks.
    pub sdp: String,
    /// Relay candidates, component 1.
    pub candidates: Vec<CandidateInit>,
}

/// What happens on the media leg by itself. The desk and the UI get these from
/// the media port's owner; the connector gets them to signal with.
#[derive(Clone, Debug, PartialEq)]
pub enum MediaEvent {
    /// Packets can flow (ICE and DTLS are up).
    Connected,
    /// The path is lost; still so after 3 s, the connector should restart ICE.
    PathLost,
    /// The path is back.
    PathRestored,
    /// A second's statistics.
    Stats(Box<MediaStats>),
    /// The leg is over for good.
    Failed(MediaFailure),
}

/// Why a step failed.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum MediaError {
    /// As the platform's call report names it.
    #[error("media session failed: {0:?}")]
    Failed(MediaFailure),
    /// The leg was closed meanwhile.
    #[error("the media session is closed")]
    Closed,
}

/// Builds media legs.
#[async_trait]
pub trait MediaPort: Send + Sync + 'static {
    /// A new leg, not yet negotiated. The port shows its state on the desk by
    /// itself. A leg that exists for the same contact is closed first.
    async fn open(&self, request: MediaRequest) -> Result<Box<dyn MediaLeg>, MediaError>;
    /// A peer connection without a contact: made ahead of one, or kept between
    /// several. Nothing of it is shown and no device opens for it.
    async fn line(&self, ice_servers: Vec<IceServer>) -> Result<Box<dyn MediaLine>, MediaError>;
}

/// A peer connection that belongs to no contact. Contacts come to it with
/// [`MediaLine::attach`] and leave it when their leg is closed; several may be
/// there at once and share one stream each way, and then also the microphone's
/// mute. A line that is dropped ends with its last leg.
#[async_trait]
pub trait MediaLine: Send + Sync + 'static {
    /// Makes the offer and gathers ahead, so that the first leg's
    /// [`MediaLeg::offer`] is answered at once. Errors as there.
    async fn prepare(&self) -> Result<(), MediaError>;
    /// A contact's leg on this connection. Nothing that was heard or said before
    /// reaches it. When packets flow already, `Connected` is its first event.
    /// Its negotiation is the connection's: one that is up needs none. A leg that
    /// exists for the same contact is closed first.
    async fn attach(&self, contact: ContactKey) -> Result<Box<dyn MediaLeg>, MediaError>;
    /// Takes the stream of what happens to the path, without statistics; `None`
    /// the second time.
    fn events(&self) -> Option<mpsc::Receiver<MediaEvent>>;
    /// Ends the connection with all its legs and releases the relay.
    async fn close(&self);
}

/// One voice contact's media leg. Nothing is sent or heard until
/// [`MediaLeg::go_live`]: before it, silence is sent and what comes in is discarded.
/// While [`MediaLeg::may_speak`] says no, the microphone is never sent.
#[async_trait]
pub trait MediaLeg: Send + Sync + 'static {
    /// Makes the offer and gathers; ends at the first relay candidate, or with
    /// `IceGatheringTimeout` after 8 s without one.
    async fn offer(&self) -> Result<MediaOffer, MediaError>;
    /// Takes the answer. An empty text is `InvalidRemoteDescription`; no
    /// candidate in list or text is `NoRemoteCandidate`.
    async fn answer(&self, sdp: &str, candidates: &[CandidateInit]) -> Result<(), MediaError>;
    /// A new offer with fresh credentials after the path was lost.
    async fn restart(&self, ice_servers: Vec<IceServer>) -> Result<MediaOffer, MediaError>;
    /// Speech flows from now on: the agent has accepted and the platform has agreed.
    async fn go_live(&self);
    /// Whether the microphone may be sent at all; it may until this says no. While
    /// not, silence is sent whatever the agent's own mute says. It stands for a
    /// leg that is not live yet as well, and comes before whatever is asked later.
    fn may_speak(&self, allowed: bool);
    /// Takes the leg's event stream; `None` the second time.
    fn events(&self) -> Option<mpsc::Receiver<MediaEvent>>;
    /// Negotiation failed at the signalling level: shown to the agent, noted in the summary.
    /// `address`: what could not be reached or did not answer, without anything secret.
    fn fail(&self, failure: MediaFailure, address: Option<String>);
    /// Ends the leg, releases the relay and the devices, and tells how it was.
    async fn close(&self) -> CallSummary;
}
