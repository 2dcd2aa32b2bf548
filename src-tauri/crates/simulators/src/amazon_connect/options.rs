//! What a simulator and a call are started with.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use super::directory::QuickConnect;
use super::extras::Extras;
use super::gate::Gate;
use super::snapshot::INSTANCE;
use super::work::TaskTemplate;
use crate::speech;

/// Settings of [`super::AmazonConnectSim::start`].
#[derive(Clone, Debug)]
pub struct SimOptions {
    /// TCP port of the plain HTTP listener on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// The agents that exist.
    pub agents: Vec<AgentOptions>,
    /// ARN of the instance: [`super::SECOND_INSTANCE`] for one that stands in for the first.
    pub instance: String,
    /// Which TURN server is started.
    pub turn: TurnKind,
    /// How long the service lets a call ring before it counts as missed.
    pub ring: Duration,
    /// Wrap-up ends by itself after this time; `None` waits for ClearContact.
    pub wrap_up: Option<Duration>,
    /// Who may call the service.
    pub gate: Gate,
    /// Added before every HTTP answer.
    pub latency: Duration,
    /// What CreateTransport `web_socket` hands out.
    pub web_socket: WebSocketScheme,
    /// Address of the customer's WebRTC peer.
    pub peer_address: IpAddr,
    /// Form of the answer to `invite`.
    pub answer: AnswerForm,
    /// What the peer sends before the contact is accepted.
    pub before_accept: BeforeAccept,
    /// What the snapshot shows when the customer leaves while it rings.
    pub abandoned: Abandoned,
    /// Life of an access token.
    pub token_life: Duration,
    /// `transportLifeTimeInSeconds` of CreateTransport `web_socket`. The vendor's
    /// client refuses less than 300.
    pub socket_life: Duration,
    /// The service closes an agent WebSocket by itself (code 1001) that long
    /// after it was opened; `None` leaves that to the client.
    pub socket_closes_after: Option<Duration>,
    /// Life of a chat's connection token.
    pub chat_token_life: Duration,
    /// Characters of the longest chat message.
    pub chat_message_limit: usize,
    /// How long the check of an attachment takes.
    pub attachment_check: Duration,
    /// The quick connects that GetEndpoints lists, in that order.
    pub directory: Vec<QuickConnect>,
    /// Most quick connects in one page of GetEndpoints.
    pub directory_page: usize,
    /// The templates that tasks can be made from.
    pub task_templates: Vec<TaskTemplate>,
    /// More than one third party in a call, six participants in all
    /// (`multiPartyConferenceEnabled`).
    pub multi_party: bool,
    /// The agent hears a ringing tone while a dialled number rings.
    pub ring_back: bool,
    /// `inactivityDuration` of a persistent peer connection.
    pub inactivity: Duration,
}

impl Default for SimOptions {
    fn default() -> Self {
        Self {
            port: 0,
            agents: vec![AgentOptions::one(), AgentOptions::two()],
            instance: INSTANCE.to_owned(),
            turn: TurnKind::Auto,
            ring: Duration::from_secs(20),
            wrap_up: None,
            gate: Gate::Open,
            latency: Duration::ZERO,
            web_socket: WebSocketScheme::Ws,
            peer_address: IpAddr::from([127, 0, 0, 1]),
            answer: AnswerForm::MediaCluster,
            before_accept: BeforeAccept::Silence,
            abandoned: Abandoned::Vanishes,
            token_life: Duration::from_secs(3600),
            socket_life: Duration::from_secs(3869),
            socket_closes_after: None,
            chat_token_life: Duration::from_secs(86_400),
            chat_message_limit: 16_384,
            attachment_check: Duration::from_millis(100),
            directory: QuickConnect::one_of_each(),
            directory_page: 500,
            task_templates: vec![TaskTemplate::returned_goods(), TaskTemplate::address_change()],
            multi_party: false,
            ring_back: false,
            inactivity: Duration::from_secs(600),
        }
    }
}

/// One agent of the simulated instance.
#[derive(Clone)]
pub struct AgentOptions {
    /// Login name; also the key of every `agent` argument of the handle.
    pub login: String,
    /// Display name.
    pub name: String,
    /// Password of the login page.
    pub password: String,
    /// The access token the agent can start with, without the login page.
    pub token: String,
    /// Name of the state at start, one of `states`.
    pub state: String,
    /// States the agent may choose.
    pub states: Vec<StateOption>,
    /// The service accepts calls for the agent as soon as media connects.
    pub auto_accept: bool,
    /// Voice contacts at once (VOICE of channelConcurrencyMap).
    pub voice_concurrency: u32,
    /// Chats at once (CHAT of channelConcurrencyMap), those not yet cleared
    /// among them.
    pub chat_concurrency: u32,
    /// The service accepts chats for the agent.
    pub chat_auto_accept: bool,
    /// Tasks at once (TASK of channelConcurrencyMap), those not yet cleared
    /// among them.
    pub task_concurrency: u32,
    /// The service accepts tasks for the agent.
    pub task_auto_accept: bool,
    /// E-mails at once, those not yet cleared among them.
    pub email_concurrency: u32,
    /// The service accepts e-mails for the agent.
    pub email_auto_accept: bool,
    /// Permission `outboundCall`: without it CreateOutboundContact is refused.
    pub may_call_out: bool,
    /// Peer connections that outlive a call.
    pub persistent: PersistentConnection,
    /// The simulator plays this agent in transfers, like a person on the
    /// telephone; `None` offers the transfer to the agent's own client as a
    /// contact of its own.
    pub played: Option<OutboundBehaviour>,
}

impl std::fmt::Debug for AgentOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AgentOptions").field("login", &self.login).field("state", &self.state).finish_non_exhaustive()
    }
}

impl AgentOptions {
    /// An agent that is Available, with the four standard states.
    #[must_use]
    pub fn named(login: &str, name: &str) -> Self {
        Self {
            login: login.to_owned(),
            name: name.to_owned(),
            password: format!("{login}-password"),
            token: format!("{login}-access-token"),
            state: "Available".to_owned(),
            states: StateOption::standard(),
            auto_accept: false,
            voice_concurrency: 1,
            chat_concurrency: 3,
            chat_auto_accept: false,
            task_concurrency: 5,
            task_auto_accept: false,
            email_concurrency: 5,
            email_auto_accept: false,
            may_call_out: true,
            persistent: PersistentConnection::Off,
            played: None,
        }
    }

    /// Agent one of the fixed cast.
    #[must_use]
    pub fn one() -> Self {
        Self::named("agent.one", "Agent One")
    }

    /// Agent two of the fixed cast.
    #[must_use]
    pub fn two() -> Self {
        Self::named("agent.two", "Agent Two")
    }
}

/// Whether an agent's peer connection is kept between calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum PersistentConnection {
    /// The configuration says no.
    #[default]
    Off,
    /// The configuration says yes, but the service does not allow it: no
    /// peerConnectionId in the answer to a persistent invite.
    NotAllowed,
    /// Configured and allowed.
    Allowed,
}

/// A state that an agent may choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateOption {
    /// `routable`, `not_routable` or `offline`.
    pub kind: String,
    /// Name shown to the agent.
    pub name: String,
}

impl StateOption {
    /// A state of that kind and name.
    #[must_use]
    pub fn new(kind: &str, name: &str) -> Self {
        Self { kind: kind.to_owned(), name: name.to_owned() }
    }

    /// Available, Offline, Lunch and Break, as in the recorded instance.
    #[must_use]
    pub fn standard() -> Vec<Self> {
        vec![
            Self::new("routable", "Available"),
            Self::new("offline", "Offline"),
            Self::new("not_routable", "Lunch"),
            Self::new("not_routable", "Break"),
        ]
    }
}

/// Which TURN server relays the media.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum TurnKind {
    /// coturn where `turnserver` is installed, else the embedded one.
    #[default]
    Auto,
    /// coturn as a child process; an error when it is not installed.
    Coturn,
    /// A TURN server inside this process.
    Embedded,
    /// An address where nothing answers.
    Unreachable,
}

/// Scheme of the agent WebSocket's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum WebSocketScheme {
    /// `ws://127.0.0.1:PORT`.
    #[default]
    Ws,
    /// `wss://127.0.0.1:PORT` with a self-signed certificate; the only form
    /// that amazon-connect-streams takes.
    Wss,
}

/// Form of the answer to `invite` (two server paths are known).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum AnswerForm {
    /// With peerConnectionId and peerConnectionToken: ICE restart is possible.
    #[default]
    MediaCluster,
    /// The older path: SDP names AmazonConnect and silenceSupp, no token.
    Legacy,
}

/// What the peer sends between media connected and accept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum BeforeAccept {
    /// Encoded silence, 50 packets a second.
    #[default]
    Silence,
    /// No packet.
    Nothing,
}

/// What the snapshot shows when the customer hangs up while it rings. The real
/// service's answer is unknown, so both are offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Abandoned {
    /// The contact is gone and the agent is back in the chosen state.
    #[default]
    Vanishes,
    /// The contact is in state `error` and the agent in MissedCallAgent.
    Missed,
}

/// What the customer says, at 48 kHz mono.
#[derive(Clone, Default)]
pub enum Speech {
    /// Silence.
    #[default]
    Silent,
    /// These samples once.
    Once(Vec<f32>),
    /// These samples over and over.
    Loop(Vec<f32>),
}

impl std::fmt::Debug for Speech {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Silent => f.write_str("Silent"),
            Self::Once(samples) => write!(f, "Once({} samples)", samples.len()),
            Self::Loop(samples) => write!(f, "Loop({} samples)", samples.len()),
        }
    }
}

impl Speech {
    /// Sentence `n` of [`crate::speech`], once.
    #[must_use]
    pub fn sentence(n: usize) -> Self {
        Self::Once(speech::sample(n))
    }

    /// Sentence `n` of [`crate::speech`] with two seconds of silence, repeated.
    #[must_use]
    pub fn repeated_sentence(n: usize) -> Self {
        let mut samples = speech::sample(n);
        samples.extend(std::iter::repeat_n(0.0, 2 * speech::RATE as usize));
        Self::Loop(samples)
    }

    /// A lasting tone of `hertz`.
    #[must_use]
    pub fn tone(hertz: f32) -> Self {
        // A whole number of periods, so that the loop has no click.
        let periods = hertz.round().max(1.0);
        Self::Loop(speech::tone(periods, 1.0))
    }
}

/// When the customer begins to speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum SpeechStart {
    /// As soon as the agent has accepted and media is connected.
    #[default]
    AtAccept,
    /// That long after both.
    AfterAccept(Duration),
    /// As soon as media is connected, even while it rings.
    AtMediaConnected,
}

/// One inbound call.
#[derive(Clone)]
pub struct OfferCall {
    /// Login of the agent who gets it.
    pub agent: String,
    /// The customer's number in E.164 form.
    pub customer_number: String,
    /// Put into the attribute `customerName`.
    pub customer_name: String,
    /// Queue name; one of Sales and Support, or any other.
    pub queue: String,
    /// Further contact attributes.
    pub attributes: BTreeMap<String, String>,
    /// What the customer says.
    pub speech: Speech,
    /// When the customer begins to speak.
    pub speech_start: SpeechStart,
    /// Ring time of this call instead of [`SimOptions::ring`].
    pub ring: Option<Duration>,
    /// Send callConfigJson with `&quot;` for quotes, as some instances do.
    pub html_escape_call_config: bool,
    /// Offer it although agent state or concurrency forbid it.
    pub force: bool,
    /// Further members of the contact.
    pub extras: Extras,
}

impl std::fmt::Debug for OfferCall {
    /// Without the customer's name, number and attributes.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OfferCall")
            .field("agent", &self.agent)
            .field("queue", &self.queue)
            .field("speech", &self.speech)
            .field("speech_start", &self.speech_start)
            .finish_non_exhaustive()
    }
}

impl Default for OfferCall {
    fn default() -> Self {
        Self {
            agent: "agent.one".to_owned(),
            customer_number: "+12025550123".to_owned(),
            customer_name: "Customer One".to_owned(),
            queue: "Sales".to_owned(),
            attributes: BTreeMap::new(),
            speech: Speech::repeated_sentence(0),
            speech_start: SpeechStart::AtAccept,
            ring: None,
            html_escape_call_config: false,
            force: false,
            extras: Extras::default(),
        }
    }
}

impl OfferCall {
    /// A call for that agent, everything else as by default.
    #[must_use]
    pub fn to(agent: &str) -> Self {
        Self { agent: agent.to_owned(), ..Self::default() }
    }
}

/// How somebody reacts to being called: a dialled customer, or a third party.
#[derive(Clone, Debug)]
pub struct OutboundBehaviour {
    /// Whether and when the person answers.
    pub answer: OutboundAnswer,
    /// What the person says then.
    pub speech: Speech,
}

impl Default for OutboundBehaviour {
    /// A customer who answers after a second.
    fn default() -> Self {
        Self { answer: OutboundAnswer::After(Duration::from_secs(1)), speech: Speech::repeated_sentence(1) }
    }
}

impl OutboundBehaviour {
    /// A third party who answers after a second, with another sentence than
    /// the customers of [`Self::default`] and [`OfferCall::default`].
    #[must_use]
    pub fn third_party() -> Self {
        let answer = OutboundAnswer::After(Duration::from_secs(1));
        Self { answer, speech: Speech::repeated_sentence(2) }
    }

    /// The sentences are made once, which takes a while in a debug build: not
    /// something to do while everybody waits for the lock.
    pub(crate) fn prepare() {
        let _ = (Self::default(), Self::third_party());
    }
}

/// Whether a dialled person answers. Agent states are those after an outbound
/// call; a third party's connection is disconnected in either failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutboundAnswer {
    /// The person answers after that time.
    After(Duration),
    /// It is given up after that time (FailedConnectCustomer).
    Fails(Duration),
    /// The line is found busy after that time (LineEngagedCustomer).
    Busy(Duration),
    /// It rings until the handle decides.
    Never,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_holds_no_number_name_or_secret() {
        let offer = OfferCall::default();
        let text = format!("{offer:?} {:?}", SimOptions::default());
        for secret in ["+1202", "Customer One", "-password", "-access-token"] {
            assert!(!text.contains(secret), "{secret} is not in {text}");
        }
    }
}
