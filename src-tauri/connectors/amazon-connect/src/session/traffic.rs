//! What reaches a session, what it has done, and what its requests are for.

use std::time::Duration;

use tokio::time::Instant;
use trunkline_connector::ports::{
    CandidateInit, HttpFailure, HttpRequest, HttpResponse, IceServer, LoginCookie, LoginFailure, LoginPage, MediaError,
    MediaEvent, MediaOffer, MediaRequest, PlatformPanel, Progress, QuietPage,
};
use trunkline_connector::{Command, CommandError, Ended, EndpointList, Event, FetchedFile};
use trunkline_model::{
    CallSummary, CommandId, ContactId, ContactKey, MediaFailure, Route, TaskTemplate, TaskTemplateEntry,
    TaskTemplateId, UnixMillis,
};
use url::Url;

use super::configuration::List;
use super::directory::LookupId;
use super::resilience::Start;
use super::socket::SocketId;
use crate::auth::Stored;
use crate::chat::CallId;

/// The present, by both clocks.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// For durations.
    pub at: Instant,
    /// For times that are shown or compared with the service's.
    pub wall: UnixMillis,
}

impl Now {
    pub(super) fn wall_at(self, at: Instant) -> UnixMillis {
        let ahead = at.saturating_duration_since(self.at);
        self.wall.shifted(i64::try_from(ahead.as_millis()).unwrap_or(i64::MAX))
    }
}

/// One HTTP request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u64);

/// One media leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LegId(pub u64);

/// One peer connection that is not a single leg's: standby or kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineId(pub u64);

/// What reaches the session.
#[derive(Debug)]
#[allow(missing_docs, reason = "the table in `session` says what each is")]
pub enum Input {
    Start(Stored),
    Stored(Stored),
    LoginDone(Result<Vec<LoginCookie>, LoginFailure>),
    Parked(Result<(), LoginFailure>),
    PageCookies(Vec<LoginCookie>),
    PanelOpened(CommandId, Result<(), LoginFailure>),
    Http { id: RequestId, outcome: Result<HttpResponse, HttpFailure> },
    SocketOpened(SocketId),
    SocketFrame(SocketId, String),
    SocketLost(SocketId),
    LegOpened(LegId, Result<(), MediaError>),
    LegOffered(LegId, Result<MediaOffer, MediaError>),
    LegAnswered(LegId, Result<(), MediaError>),
    Leg(LegId, MediaEvent),
    LegClosed(LegId, Box<CallSummary>),
    LinePrepared(LineId, Result<(), MediaError>),
    Line(LineId, MediaEvent),
    Command { id: CommandId, deadline: Instant, command: Command },
    Abandoned(CommandId),
    Lookup { id: LookupId, deadline: Instant, contact: Option<ContactId> },
    FetchFile { id: LookupId, deadline: Instant, contact: ContactId, attachment: String, progress: Progress },
    FileDropped(LookupId),
    ListTemplates { id: LookupId, deadline: Instant },
    ReadTemplate { id: LookupId, deadline: Instant, template: TaskTemplateId },
    Stop,
    Tick,
}

/// What the driver is to do.
#[allow(missing_docs, reason = "each names a call of a port")]
pub enum Action {
    Http {
        id: RequestId,
        request: HttpRequest,
    },
    PageHttp {
        id: RequestId,
        request: HttpRequest,
    },
    Park(QuietPage),
    Unpark,
    ReadPageCookies,
    OpenPanel(CommandId, PlatformPanel),
    CancelHttp(RequestId),
    OpenSocket(SocketId, Url, Duration),
    SendFrame(SocketId, String),
    CloseSocket(SocketId),
    Emit(Event),
    Reply(CommandId, Result<(), CommandError>),
    Endpoints(LookupId, Result<EndpointList, CommandError>),
    File(LookupId, Result<FetchedFile, CommandError>),
    TaskTemplates(LookupId, Result<Vec<TaskTemplateEntry>, CommandError>),
    TaskTemplate(LookupId, Box<Result<TaskTemplate, CommandError>>),
    OpenLeg(LegId, MediaRequest),
    /// A connection without a contact; gathered ahead when asked to.
    OpenLine {
        line: LineId,
        servers: Vec<IceServer>,
        ahead: bool,
    },
    AttachLeg {
        leg: LegId,
        line: LineId,
        contact: ContactKey,
    },
    CloseLine(LineId),
    OfferLeg(LegId),
    AnswerLeg {
        leg: LegId,
        sdp: String,
        candidates: Vec<CandidateInit>,
    },
    RestartLeg(LegId, Vec<IceServer>),
    GoLive(LegId),
    MaySpeak(LegId, bool),
    /// With what was not reached.
    FailLeg(LegId, MediaFailure, Option<String>),
    CloseLeg(LegId),
    ReadVault,
    StoreCookies(Vec<LoginCookie>, Option<Route>),
    /// Of the other instance.
    StoreOtherCookies(Vec<LoginCookie>),
    Forget,
    PutCookies(Url, Vec<LoginCookie>),
    ClearCookies,
    OpenLoginWindow(LoginPage),
    End(Ended),
    /// The other instance serves from now on.
    Move(Start),
}

/// What a request was for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Purpose {
    Poll,
    Authorize,
    Base,
    Page(List),
    Address(SocketId),
    IceServers(String),
    /// Credentials of the standby connection.
    Standby,
    Command(CommandId),
    /// A page of the directory of these queues.
    Endpoints(Vec<String>),
    /// A call for a chat, or an exchange of one of its files.
    Chat(String, CallId),
    /// The connection token of a chat.
    ChatToken(String),
    /// A question about task templates.
    Templates(LookupId),
    /// A command that the task-template service carries out.
    TaskService(CommandId),
    /// Metrics and reports: a failure is logged only.
    Account(&'static str),
    GoOffline,
    LogOut,
    /// The address of the discovery service.
    Discovery,
    /// Which instance is to serve.
    Active,
    /// Offline, before the other instance takes over.
    LeaveInstance,
}
