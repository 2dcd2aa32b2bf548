#![allow(clippy::unwrap_used, clippy::expect_used)]
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use rstest::rstest;
use serde_json::{Value, json};
use std::time::Duration;
use trunkline_connector::ports::{HttpFailure, HttpResponse, LoginCookie, LoginFailure, LoginLook};
use trunkline_connector::{Command, CommandCode, EndpointList, FetchedFile};
use trunkline_model::{AgentStateId, ContactState, LinkState, TaskTemplate, TaskTemplateEntry, UnixMillis};

use super::*;
use crate::auth::AuthState;
use crate::fixture;
use crate::wire::WireFrame;

pub(super) const CTI: &str = "amazon-connect";
pub(super) const CONTACT: &str = "6f0c2b1e-8f43-4c0f-9d5d-2f5b7a3c1e90";

/// The session with a platform that is played by hand.
pub(super) struct Bench {
    session: Session,
    pub(super) start: Instant,
    pub(super) at: Duration,
    pub(super) wall: UnixMillis,
    /// Requests without an answer: id, operation, body.
    open: Vec<(RequestId, String, Value)>,
    pub(super) events: Vec<Event>,
    pub(super) replies: Vec<(CommandId, Result<(), CommandError>)>,
    pub(super) answers: Vec<(LookupId, Result<EndpointList, CommandError>)>,
    frames: Vec<String>,
    /// Every request: operation or path, headers, body.
    pub(super) requests: Vec<(String, HeaderMap, Bytes)>,
    pub(super) files: Vec<(LookupId, Result<FetchedFile, CommandError>)>,
    pub(super) templates: Vec<(LookupId, Result<TaskTemplate, CommandError>)>,
    pub(super) lists: Vec<(LookupId, Result<Vec<TaskTemplateEntry>, CommandError>)>,
    pub(super) cancelled: Vec<RequestId>,
    pub(super) other: Vec<String>,
    /// How login windows were to be.
    pub(super) looks: Vec<trunkline_connector::ports::LoginLook>,
    pub(super) ended: Option<Ended>,
}

pub(super) fn stored() -> Stored {
    Stored { token: Some("EXAMPLE-AUTH-TOKEN".to_owned().into()), ..Stored::default() }
}

pub(super) fn fixture_body(name: &str) -> Value {
    fixture::json(CTI, &format!("{name}.json"))
}

pub(super) fn response(status: u16, body: &Value) -> HttpResponse {
    let body = Bytes::from(body.to_string());
    HttpResponse { status: StatusCode::from_u16(status).unwrap(), headers: HeaderMap::new(), body }
}

pub(super) fn exception(status: u16, name: &str) -> HttpResponse {
    response(status, &json!({"__type": format!("com.amazonaws.connect.cti#{name}"), "message": "text of the service"}))
}

impl Bench {
    pub(super) fn new() -> Self {
        Self::with(&json!({"address": "https://example.my.connect.aws"}))
    }

    pub(super) fn with(settings: &Value) -> Self {
        let mut settings = settings.as_object().unwrap().clone();
        // Its requests would come between those that a test looks at.
        settings.entry("standby_ms").or_insert(json!(0));
        let settings = AmazonConnectSettings::read(&settings).unwrap();
        let start = Instant::now();
        // The fixtures' clock, so that there is no skew.
        let wall = UnixMillis(1_786_200_030_000);
        let session =
            Session::new(AccountId::from("account-one"), &settings, Start::default(), Now { at: start, wall }).unwrap();
        Self {
            session,
            start,
            at: Duration::ZERO,
            wall,
            open: Vec::new(),
            events: Vec::new(),
            replies: Vec::new(),
            answers: Vec::new(),
            frames: Vec::new(),
            requests: Vec::new(),
            files: Vec::new(),
            templates: Vec::new(),
            lists: Vec::new(),
            cancelled: Vec::new(),
            other: Vec::new(),
            looks: Vec::new(),
            ended: None,
        }
    }

    pub(super) fn give(&mut self, input: Input) {
        let now = Now { at: self.start + self.at, wall: self.wall };
        for action in self.session.handle(now, input) {
            match action {
                Action::Http { id, request } => {
                    let operation = match request.headers.get("x-amz-target") {
                        Some(target) => target.to_str().unwrap().split('.').next_back().unwrap().to_owned(),
                        None => request.url.path().to_owned(),
                    };
                    let body = serde_json::from_slice(&request.body).unwrap_or(Value::Null);
                    self.requests.push((operation.clone(), request.headers.clone(), request.body.clone()));
                    self.open.push((id, operation, body));
                }
                Action::PageHttp { id, request } => {
                    let operation = match request.headers.get("x-amz-target") {
                        Some(target) => target.to_str().unwrap().split('.').next_back().unwrap().to_owned(),
                        None => request.url.path().to_owned(),
                    };
                    let body = serde_json::from_slice(&request.body).unwrap_or(Value::Null);
                    self.open.push((id, format!("page {operation}"), body));
                }
                Action::Park(quiet) => self.other.push(format!("park {}", quiet.addresses[0])),
                Action::OpenPanel(_, panel) => {
                    self.other.push(format!("panel {} {} cookies", panel.start, panel.cookies.len()));
                }
                Action::CancelHttp(id) => {
                    self.cancelled.push(id);
                    self.open.retain(|(open, ..)| *open != id);
                }
                Action::File(id, answer) => self.files.push((id, answer)),
                Action::TaskTemplates(id, answer) => self.lists.push((id, answer)),
                Action::TaskTemplate(id, answer) => self.templates.push((id, *answer)),
                Action::Emit(event) => self.events.push(event),
                Action::Reply(id, answer) => self.replies.push((id, answer)),
                Action::Endpoints(id, answer) => self.answers.push((id, answer)),
                Action::SendFrame(_, text) => self.frames.push(text),
                Action::OpenLeg(leg, _) => self.other.push(format!("open leg {}", leg.0)),
                Action::GoLive(leg) => self.other.push(format!("live {}", leg.0)),
                Action::MaySpeak(leg, allowed) => self.other.push(format!("may speak {} {allowed}", leg.0)),
                Action::CloseLeg(leg) => self.other.push(format!("close leg {}", leg.0)),
                Action::OpenSocket(id, ..) => self.other.push(format!("open socket {}", id.0)),
                Action::OpenLoginWindow(page) => {
                    self.other.push(format!("window {} {:?}", page.start, page.done_paths));
                    self.looks.push(page.look);
                }
                Action::ReadVault => self.other.push("read vault".to_owned()),
                Action::StoreCookies(..) => self.other.push("store cookies".to_owned()),
                Action::Forget => self.other.push("forget".to_owned()),
                Action::End(ended) => self.ended = Some(ended),
                _ => {}
            }
        }
    }

    pub(super) fn wait(&mut self, millis: u64) {
        self.at += Duration::from_millis(millis);
        self.wall = self.wall.shifted(millis as i64);
        self.give(Input::Tick);
        // The platform answers heartbeats.
        self.give(Input::SocketFrame(SocketId(1), WireFrame::heartbeat()));
    }

    pub(super) fn waiting(&self, operation: &str) -> usize {
        self.open.iter().filter(|(_, name, _)| name == operation).count()
    }

    pub(super) fn take(&mut self, operation: &str) -> (RequestId, Value) {
        let index = self.open.iter().position(|(_, name, _)| name == operation);
        let names: Vec<_> = self.open.iter().map(|(_, name, _)| name).collect();
        let index = index.unwrap_or_else(|| panic!("no {operation} is under way: {names:?}"));
        let (id, _, body) = self.open.remove(index);
        (id, body)
    }

    pub(super) fn answer(&mut self, operation: &str, response: HttpResponse) -> Value {
        let (id, body) = self.take(operation);
        self.give(Input::Http { id, outcome: Ok(response) });
        body
    }

    pub(super) fn fail(&mut self, operation: &str, failure: HttpFailure) {
        let (id, _) = self.take(operation);
        self.give(Input::Http { id, outcome: Err(failure) });
    }

    pub(super) fn snapshot(&mut self, name: &str) -> Value {
        if self.waiting("GetAgentSnapshot") == 0 {
            self.wait(100);
        }
        self.answer("GetAgentSnapshot", response(200, &fixture_body(&format!("snapshot.{name}"))))
    }

    pub(super) fn configure(&mut self) {
        self.answer("GetAgentConfiguration", response(200, &fixture_body("get-agent-configuration.response")));
        self.answer("GetAgentPermissions", response(200, &fixture_body("get-agent-permissions.response")));
        self.answer("GetAgentStates", response(200, &fixture_body("get-agent-states.response")));
        self.answer("GetDialableCountryCodes", response(200, &fixture_body("get-dialable-country-codes.response")));
        self.answer(
            "GetRoutingProfileQueues",
            response(200, &fixture_body("get-routing-profile-queues.page2.response")),
        );
    }

    pub(super) fn socket(&mut self) {
        let name = "create-transport.web-socket.response";
        self.answer("CreateTransport", response(200, &fixture_body(name)));
        let id = SocketId(1);
        self.give(Input::SocketOpened(id));
        self.give(Input::SocketFrame(id, WireFrame::heartbeat()));
        let granted = fixture::text("amazon-connect-softphone", "ws-subscribe.success.json");
        self.give(Input::SocketFrame(id, granted));
        let chats = fixture::text("amazon-connect-chat", "ws-subscribe.success.json");
        self.give(Input::SocketFrame(id, chats));
    }

    /// Signed in, configured, socket up, idle.
    pub(super) fn online() -> Self {
        Self::new().go_online()
    }

    pub(super) fn go_online(self) -> Self {
        let mut bench = self;
        bench.give(Input::Start(stored()));
        bench.take("/auth/authorize");
        bench.configure();
        bench.snapshot("idle");
        bench.socket();
        assert_eq!(bench.link().state, LinkState::Online, "all parts work");
        bench
    }

    pub(super) fn link(&self) -> Link {
        let links = self.events.iter().rev();
        let link = links.filter_map(|event| if let Event::Link(link) = event { Some(link.clone()) } else { None });
        link.into_iter().next().expect("a link was told")
    }

    pub(super) fn reason(&self) -> Option<String> {
        self.link().reason
    }

    pub(super) fn contact(&self) -> Option<trunkline_model::Contact> {
        self.events.iter().rev().find_map(|event| match event {
            Event::Contact(contact) => Some((**contact).clone()),
            _ => None,
        })
    }

    pub(super) fn command(&mut self, id: &str, command: Command) {
        let deadline = self.start + self.at + Duration::from_secs(10);
        self.give(Input::Command { id: CommandId::from(id), deadline, command });
    }

    pub(super) fn reply(&self, id: &str) -> Option<Result<(), CommandCode>> {
        let reply = self.replies.iter().find(|(command, _)| command.as_str() == id)?;
        Some(reply.1.clone().map_err(|error| error.code))
    }
}

fn accept() -> Command {
    Command::Accept { contact: ContactId::from(CONTACT) }
}

#[test]
fn it_starts_everything_at_once_and_shows_one_whole_picture() {
    let mut bench = Bench::new();
    bench.give(Input::Start(stored()));
    for operation in ["GetAgentSnapshot", "GetAgentConfiguration", "CreateTransport", "/auth/authorize"] {
        assert_eq!(bench.waiting(operation), 1, "{operation} begins without waiting for the others");
    }
    let first = bench.snapshot("idle");
    assert_eq!(first, fixture_body("get-agent-snapshot.first.request"), "the first poll has the recorded form");
    assert!(!bench.events.contains(&Event::ResyncStart), "an agent without its states is not shown");
    bench.configure();
    let kinds: Vec<_> = bench
        .events
        .iter()
        .filter(|event| matches!(event, Event::ResyncStart | Event::Agent(_) | Event::ResyncEnd))
        .map(std::mem::discriminant)
        .collect();
    assert_eq!(kinds.len(), 3, "start, agent, end");
    bench.socket();
    assert_eq!(bench.link().state, LinkState::Online, "then all is well");
    bench.wait(100);
    assert_eq!(bench.waiting("GetAgentSnapshot"), 1, "the next poll goes out after 100 ms");
}

#[test]
fn a_contact_rings_without_socket_or_fresh_configuration() {
    let mut bench = Bench::new();
    bench.give(Input::Start(stored()));
    bench.fail("CreateTransport", HttpFailure::Connect);
    bench.answer("GetAgentConfiguration", exception(500, "InternalServiceError"));
    bench.snapshot("voice-incoming");
    assert_eq!(bench.contact().unwrap().state, ContactState::Offered, "polling does not wait for the socket");
    assert_eq!(bench.link().state, LinkState::Degraded, "but the agent is told");
    assert_eq!(bench.reason().as_deref(), Some("link_reason_socket_lost"), "what is missing");
}

#[test]
fn a_service_that_ignores_the_waiting_time_is_asked_less_often() {
    let mut bench = Bench::online();
    for _ in 0..5 {
        bench.wait(100);
        bench.answer("GetAgentSnapshot", response(200, &fixture_body("snapshot.idle")));
    }
    bench.wait(999);
    assert_eq!(bench.waiting("GetAgentSnapshot"), 0, "five quick answers without change: a second between");
    bench.wait(1);
    assert_eq!(bench.waiting("GetAgentSnapshot"), 1, "then on");
}

#[test]
fn a_refused_token_is_renewed_in_the_middle_of_a_poll() {
    let mut bench = Bench::online();
    bench.wait(100);
    bench.answer("GetAgentSnapshot", exception(401, "UnauthorizedException"));
    assert_eq!(bench.link().state, LinkState::Online, "a renewal takes an instant and is no news");
    assert_eq!(bench.waiting("GetAgentSnapshot"), 0, "no call goes out with a refused token");
    // The call at the start never got its answer; this one serves both.
    bench.session.auth.unavailable(Now { at: bench.start, wall: bench.wall }, &AmazonConnectSettings::default());
    bench.wait(3_000);
    bench.answer("/auth/authorize", response(200, &fixture_body("authorize.response")));
    assert_eq!(bench.waiting("GetAgentSnapshot"), 1, "at once with the new one");
    let (_, body) = bench.take("GetAgentSnapshot");
    assert_eq!(body["authentication"]["authToken"], "EXAMPLE-AUTH-TOKEN-2", "which is used");
}

#[test]
fn a_token_refused_for_good_asks_for_sign_in_and_keeps_the_call() {
    let mut bench = Bench::new();
    bench.give(Input::Start(stored()));
    bench.answer("/auth/authorize", response(401, &json!({})));
    bench.configure();
    bench.snapshot("voice-connected");
    bench.socket();
    bench.wait(100);
    bench.answer("GetAgentSnapshot", exception(401, "UnauthorizedException"));
    bench.answer("/auth/authorize", response(401, &json!({})));
    assert_eq!(bench.link().state, LinkState::NeedsSignIn, "the agent must sign in");
    assert_eq!(bench.reason().as_deref(), Some("link_reason_token_expired"), "for it worked until now");
    assert!(!bench.other.iter().any(|action| action.starts_with("close leg")), "the call's audio goes on");
    bench.command("late", Command::Disconnect { contact: ContactId::from(CONTACT), connection: None });
    assert_eq!(bench.reply("late"), Some(Err(CommandCode::NotSignedIn)), "commands say why");
}

#[test]
fn twenty_refusals_in_spite_of_new_tokens_end_in_sign_in() {
    let direct = json!({"address": "https://example.my.connect.aws", "transport": "direct"});
    let mut bench = Bench::with(&direct);
    bench.give(Input::Start(stored()));
    bench.answer("/auth/authorize", response(200, &fixture_body("authorize.response")));
    let mut refusals = 0;
    while !matches!(bench.session.auth.state(), AuthState::SignedOut(_)) {
        bench.answer("GetAgentSnapshot", exception(401, "UnauthorizedException"));
        refusals += 1;
        if bench.waiting("/auth/authorize") > 0 {
            bench.answer("/auth/authorize", response(200, &fixture_body("authorize.response")));
        }
        bench.wait(5_000);
        assert!(refusals < 100, "it ends");
    }
    assert_eq!(refusals, 21, "twenty are tolerated (section 2.5)");
    assert_eq!(bench.reason().as_deref(), Some("link_reason_token_refused"), "with a reason of its own");
}

#[test]
fn ten_denials_end_it_for_good() {
    let mut bench = Bench::online();
    bench.wait(100);
    for _ in 0..9 {
        bench.answer("GetAgentSnapshot", exception(403, "AccessDeniedException"));
        assert_eq!(bench.ended, None, "tolerated");
        bench.wait(6_000);
    }
    bench.answer("GetAgentSnapshot", exception(403, "AccessDeniedException"));
    assert_eq!(bench.ended, Some(Ended::Refused("link_reason_access_denied".to_owned())), "the tenth is final");
    assert_eq!(bench.link().state, LinkState::Refused, "and shown");
}

#[test]
fn a_failed_configuration_keeps_the_old_one() {
    let mut bench = Bench::online();
    for _ in 0..2 {
        bench.wait(30_000);
        bench.answer("GetAgentConfiguration", response(200, &fixture_body("get-agent-configuration.response")));
        bench.answer("GetAgentStates", exception(500, "InternalServiceError"));
        // The other lists of a dropped round count no more, whatever they bring.
        for list in ["GetAgentPermissions", "GetDialableCountryCodes", "GetRoutingProfileQueues"] {
            bench.fail(list, HttpFailure::Broken);
        }
    }
    assert_eq!(bench.reason().as_deref(), Some("link_reason_configuration_failed"), "twice in a row is told");
    bench.command("lunch", Command::SetAgentState { state: AgentStateId::from("nobody's"), when_free: false });
    assert_eq!(bench.reply("lunch"), Some(Err(CommandCode::Invalid)), "the old states still count");
    bench.wait(30_000);
    bench.configure();
    assert_ne!(bench.reason().as_deref(), Some("link_reason_configuration_failed"), "and it is mended");
}

#[test]
fn a_contact_that_cannot_be_read_stays_as_it_was() {
    let mut bench = Bench::online();
    bench.snapshot("voice-connected");
    let mut broken = fixture_body("snapshot.voice-connected");
    broken["snapshot"]["contacts"][0].as_object_mut().unwrap().remove("type");
    bench.wait(100);
    let before = bench.events.len();
    bench.answer("GetAgentSnapshot", response(200, &broken));
    let news: Vec<_> = bench.events[before..].iter().collect();
    assert!(
        matches!(&news[..], [Event::Notice(notice)] if notice.message_key == "notice_contact_unreadable"),
        "a message, and nothing else: {news:?}"
    );
    bench.snapshot("voice-connected");
    assert!(matches!(bench.events.last(), Some(Event::NoticeGone(_))), "which goes when it is over");
}

#[test]
fn accepting_stops_the_ringing_at_once_and_enlivens_the_call() {
    let mut bench = Bench::online();
    bench.snapshot("voice-incoming");
    assert_eq!(bench.other.last().unwrap(), "open leg 1", "media is built while it rings");
    bench.give(Input::LegOpened(LegId(1), Ok(())));
    bench.command("accept", accept());
    let body = bench.answer("AcceptContact", response(200, &json!({})));
    assert_eq!(body["contactId"], CONTACT, "the right one");
    assert_eq!(bench.reply("accept"), Some(Ok(())), "told");
    assert_eq!(bench.contact().unwrap().state, ContactState::Connecting, "before the next snapshot");
    assert!(bench.other.contains(&"live 1".to_owned()), "and audio flows");
    bench.snapshot("voice-connected");
    assert_eq!(bench.contact().unwrap().state, ContactState::Connected, "which then agrees");
    assert_eq!(bench.other.iter().filter(|action| *action == "live 1").count(), 1, "once is enough");
    bench.snapshot("voice-acw");
    assert!(bench.other.contains(&"close leg 1".to_owned()), "the leg ends with the contact");
}

#[test]
fn a_call_that_another_client_answered_is_left_to_it() {
    let mut bench = Bench::online();
    bench.snapshot("voice-connected");
    assert!(!bench.other.iter().any(|action| action.starts_with("open leg")), "it never rang here");
    let mut restarted = Bench::new();
    restarted.give(Input::Start(stored()));
    restarted.snapshot("voice-connected");
    assert!(restarted.other.contains(&"open leg 1".to_owned()), "after our own restart the call is taken up again");
}

#[test]
fn a_desk_phone_call_builds_no_media() {
    let mut bench = Bench::online();
    bench.snapshot("voice-deskphone-incoming");
    assert!(!bench.other.iter().any(|action| action.starts_with("open leg")), "its speech runs elsewhere");
}

#[rstest]
#[case(exception(403, "AccessDeniedException"), CommandCode::NotAllowed)]
#[case(exception(400, "InvalidStateException"), CommandCode::NotPossible)]
#[case(exception(400, "BadEndpointException"), CommandCode::BadTarget)]
#[case(exception(400, "QuotaExceededException"), CommandCode::LimitReached)]
#[case(exception(429, "ThrottlingException"), CommandCode::Unavailable)]
#[case(exception(500, "InternalServiceError"), CommandCode::Unavailable)]
#[case(exception(400, "SomethingNewException"), CommandCode::NotPossible)]
fn refusals_are_told_in_the_agents_terms(#[case] answer: HttpResponse, #[case] code: CommandCode) {
    let mut bench = Bench::online();
    bench.snapshot("voice-incoming");
    bench.command("accept", accept());
    bench.answer("AcceptContact", answer);
    assert_eq!(bench.reply("accept"), Some(Err(code)), "section 3.5");
    assert_eq!(bench.waiting("AcceptContact"), 0, "and it is not sent again blindly");
}

#[test]
fn not_possible_fetches_the_truth_at_once() {
    let mut bench = Bench::online();
    bench.snapshot("voice-incoming");
    bench.wait(100);
    assert_eq!(bench.waiting("GetAgentSnapshot"), 1, "a long poll is under way");
    bench.command("accept", accept());
    bench.answer("AcceptContact", exception(400, "InvalidStateException"));
    bench.wait(0);
    assert_eq!(bench.waiting("GetAgentSnapshot"), 1, "still exactly one");
    let (_, poll) = bench.take("GetAgentSnapshot");
    assert!(poll.get("nextToken").is_none(), "but one that answers at once");
}

#[test]
fn a_command_with_a_refused_token_is_repeated_once() {
    let mut bench = Bench::new();
    bench.give(Input::Start(stored()));
    bench.answer("/auth/authorize", response(200, &fixture_body("authorize.response")));
    bench.configure();
    bench.snapshot("voice-incoming");
    bench.command("accept", accept());
    bench.answer("AcceptContact", exception(401, "UnauthorizedException"));
    assert_eq!(bench.reply("accept"), None, "not answered yet");
    bench.answer("/auth/authorize", response(200, &fixture_body("authorize.response")));
    bench.answer("AcceptContact", exception(401, "UnauthorizedException"));
    assert_eq!(bench.reply("accept"), Some(Err(CommandCode::NotSignedIn)), "the second refusal is told");
}

#[test]
fn commands_of_one_contact_wait_for_each_other_and_those_of_others_do_not() {
    let mut bench = Bench::online();
    bench.snapshot("voice-connected");
    let contact = ContactId::from(CONTACT);
    let digits =
        |digits: &str| Command::SendDigits { contact: contact.clone(), connection: None, digits: digits.to_owned() };
    bench.command("one", digits("1"));
    bench.command("two", digits("2"));
    let state = fixture_body("get-agent-states.response")["states"][2]["agentStateARN"].as_str().unwrap().to_owned();
    bench.command("lunch", Command::SetAgentState { state: AgentStateId::new(state), when_free: true });
    assert_eq!(bench.waiting("SendDigits"), 1, "one digit at a time, or they might change places");
    let body = bench.answer("PutAgentState", response(200, &json!({})));
    assert_eq!(body, fixture_body("put-agent-state.enqueue.request"), "beside them, in the recorded form");
    assert_eq!(bench.answer("SendDigits", response(200, &json!({})))["digits"], "1", "first");
    assert_eq!(bench.answer("SendDigits", response(200, &json!({})))["digits"], "2", "then the second");
}

#[test]
fn a_command_is_answered_by_its_deadline_and_once_only() {
    let mut bench = Bench::online();
    bench.snapshot("voice-incoming");
    bench.command("accept", accept());
    bench.wait(10_000);
    assert_eq!(bench.reply("accept"), Some(Err(CommandCode::Timeout)), "at its deadline");
    bench.answer("AcceptContact", response(200, &json!({})));
    assert_eq!(bench.replies.len(), 1, "a late answer is not a second one");
    bench.command("accept", accept());
    assert_eq!(bench.waiting("AcceptContact"), 0, "the same id is not carried out again");
    assert_eq!(bench.replies.len(), 2, "but answered again");
}

#[test]
fn sign_in_uses_a_new_token_or_opens_the_window() {
    let mut bench = Bench::new();
    bench.give(Input::Start(Stored::default()));
    assert_eq!(bench.link().state, LinkState::NeedsSignIn, "nothing is stored");
    assert_eq!(bench.reason().as_deref(), Some("link_reason_not_signed_in"), "and that is why");
    bench.command("sign-in", Command::SignIn);
    assert_eq!(bench.other.last().unwrap(), "read vault", "a form may have put a token there");
    bench.give(Input::Stored(Stored::default()));
    assert_eq!(
        bench.other.last().unwrap(),
        r#"window https://example.my.connect.aws/ccp-v2 ["/ccp-v2"]"#,
        "else the page"
    );
    assert_eq!(bench.looks, [LoginLook::default()], "it closes by itself, and where it stands is the shell's choice");
    assert_eq!(bench.reply("sign-in"), Some(Ok(())), "signing in has begun");
    bench.give(Input::LoginDone(Err(LoginFailure::Closed)));
    assert_eq!(bench.reason().as_deref(), Some("link_reason_login_closed"), "closed by the agent");
    bench.command("again", Command::SignIn);
    bench.give(Input::Stored(Stored::default()));
    let cookie = LoginCookie { name: "lily-auth-prod-fra".to_owned(), value: "EXAMPLE".to_owned().into() };
    bench.give(Input::LoginDone(Ok(vec![cookie])));
    assert!(bench.other.contains(&"store cookies".to_owned()), "kept for the next start");
    bench.answer("/auth/authorize", response(200, &fixture_body("authorize.response")));
    assert_eq!(bench.waiting("GetAgentSnapshot"), 1, "and work begins");
}

#[test]
fn the_login_window_is_as_the_account_has_it() {
    let mut bench = Bench::with(&json!({
        "address": "https://example.my.connect.aws", "login_width": 433, "login_height": 578, "login_stays_open": true,
    }));
    bench.give(Input::Start(Stored::default()));
    bench.command("sign-in", Command::SignIn);
    bench.give(Input::Stored(Stored::default()));
    let look = LoginLook { width: Some(433), height: Some(578), left: None, top: None, stays: true };
    assert_eq!(bench.looks, [look], "size, and that it stays; nothing is said of its place");
}

#[test]
fn signing_out_goes_offline_logs_out_and_forgets() {
    let mut bench = Bench::online();
    bench.snapshot("voice-connected");
    bench.command("out", Command::SignOut { state: None });
    let body = bench.answer("PutAgentState", exception(500, "InternalServiceError"));
    assert_eq!(body["state"]["type"], "offline", "offline first");
    assert_eq!(body["enqueueNextState"], true, "also during a contact");
    bench.fail("/logout", HttpFailure::Timeout);
    assert_eq!(bench.reply("out"), Some(Ok(())), "neither failure keeps the agent here");
    assert!(bench.other.contains(&"forget".to_owned()), "tokens are forgotten");
    assert_eq!(bench.ended, Some(Ended::SignedOut), "and it ends");
}

#[test]
fn signing_out_leaves_the_agent_in_the_state_that_was_chosen() {
    let mut bench = Bench::online();
    let strange = Some(AgentStateId::from("no-such-state"));
    bench.command("strange", Command::SignOut { state: strange });
    assert!(matches!(bench.reply("strange"), Some(Err(_))), "a state that is not there is refused");
    assert_eq!((bench.waiting("PutAgentState"), bench.waiting("/logout")), (0, 0), "and the agent is still at work");
    assert_eq!(bench.ended, None, "nothing has ended");
    let lunch = bench.events.iter().rev().find_map(|event| match event {
        Event::Agent(agent) => agent.selectable_states.iter().find(|state| state.name == "Lunch")?.id.clone(),
        _ => None,
    });
    bench.command("out", Command::SignOut { state: Some(lunch.expect("the fixture has Lunch")) });
    let body = bench.answer("PutAgentState", response(200, &json!({})));
    assert_eq!(body["state"]["name"], "Lunch", "the chosen one instead of offline");
    bench.answer("/logout", response(302, &json!({})));
    assert_eq!(bench.reply("out"), Some(Ok(())), "done");
    assert_eq!(bench.ended, Some(Ended::SignedOut), "and it ends");
}

#[test]
fn waking_up_polls_and_reopens_the_socket() {
    let mut bench = Bench::online();
    bench.wait(100);
    let (_, before) = bench.take("GetAgentSnapshot");
    assert!(before.get("nextToken").is_some(), "an ordinary poll");
    bench.wall = bench.wall.shifted(3_600_000);
    bench.wait(10);
    let (_, after) = bench.take("GetAgentSnapshot");
    assert!(after.get("nextToken").is_none(), "the present state at once");
    assert_eq!(bench.waiting("CreateTransport"), 1, "and a new socket: the old address is too old");
}

#[test]
fn times_do_not_jump_with_each_answers_delay() {
    let mut bench = Bench::online();
    bench.snapshot("voice-connected");
    let before = bench.events.len();
    for delay in [120, 340, 180] {
        bench.wait(delay);
        bench.answer("GetAgentSnapshot", {
            let mut body = fixture_body("snapshot.voice-connected");
            body["nextToken"] = json!(format!("token-{delay}"));
            response(200, &body)
        });
    }
    assert_eq!(bench.events.len(), before, "an unchanged picture is not sent again");
}
