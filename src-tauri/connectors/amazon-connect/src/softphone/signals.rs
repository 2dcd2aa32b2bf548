use trunkline_connector::ports::{CandidateInit, MediaError, MediaEvent, MediaOffer};
use trunkline_model::{CallSummary, MediaFailure};

use crate::wire::{CallReport, IceServerEntry, Incoming, Keep, Peer, Private, StreamStatistics};

/// What the contact brings, decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallFacts {
    /// Contact.
    pub contact_id: String,
    /// Agent connection id first seen: the address of all messages (section 2).
    pub connection_id: String,
    /// Goes into invite and bye.
    pub call_context_token: Option<Private>,
    /// The contact's own TURN servers; empty: ask CreateTransport.
    pub ice_servers: Vec<IceServerEntry>,
    /// Whether its peer connection shall be kept for later calls.
    pub keep: Keep,
    /// The kept peer connection that is up and healthy, when there is one.
    pub kept: Option<Peer>,
}

/// What reaches the machine.
#[derive(Debug)]
pub enum CallInput {
    /// The leg exists or could not be made.
    Opened(Result<(), MediaError>),
    /// The offer, of the first negotiation or of a restart.
    Offered(Result<MediaOffer, MediaError>),
    /// The answer was applied or not.
    Answered(Result<(), MediaError>),
    /// The leg by itself.
    Media(MediaEvent),
    /// A leg is closed: the present one, or one that was replaced.
    Closed {
        /// How it was.
        summary: Box<CallSummary>,
        /// The present one.
        current: bool,
    },
    /// The signalling channel came up or went.
    Signalling(bool),
    /// A message of the service.
    Rpc(Incoming),
    /// Credentials from CreateTransport.
    IceServers(Result<Vec<IceServerEntry>, MediaFailure>),
    /// The agent and the platform agreed: speech may flow.
    Live,
    /// Whether the agent may be heard at all; a silent supervisor may not.
    MaySpeak(bool),
    /// The contact is over.
    Over,
}

/// What the machine wants done.
#[derive(Clone, Debug, PartialEq)]
pub enum CallAction {
    /// A leg of its own: on the standby connection if there is one and this is
    /// not a second try, else on a new one.
    Open {
        /// Relays of a new one.
        servers: Vec<IceServerEntry>,
        /// The standby connection may be used.
        standby: bool,
    },
    /// `MediaLine::attach` on the kept connection.
    Join,
    /// The service allows to keep the present leg's connection, or has renewed its names.
    Keep {
        /// Names.
        peer: Peer,
        /// `inactivityDuration`, milliseconds.
        inactivity_ms: Option<u64>,
    },
    /// The kept connection under the present leg is of no use any more.
    Forsake {
        /// The service is to be told: it has not ended it itself.
        bye: bool,
    },
    /// `MediaLeg::offer`.
    Offer,
    /// `MediaLeg::answer`.
    Answer {
        /// Session description.
        sdp: String,
        /// Candidates.
        candidates: Vec<CandidateInit>,
    },
    /// `MediaLeg::restart`.
    Restart(Vec<IceServerEntry>),
    /// `MediaLeg::go_live`.
    GoLive,
    /// `MediaLeg::may_speak`.
    MaySpeak(bool),
    /// `MediaLeg::fail`: the desk tells the agent.
    Fail(MediaFailure),
    /// `MediaLeg::close`.
    Close,
    /// A frame for the agent socket.
    Send(String),
    /// CreateTransport `softphone`.
    FetchIceServers,
    /// SendSoftphoneCallMetrics.
    Metrics(Vec<StreamStatistics>),
    /// SendSoftphoneCallReport.
    Report(Box<CallReport>),
    /// Tell the agent, where there is no leg that could fail.
    Tell(MediaFailure),
    /// What was told is over.
    Withdraw,
}
