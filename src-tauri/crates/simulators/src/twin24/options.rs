//! Who works there, and what the vendor has not published.

use std::path::PathBuf;
use std::time::Duration;

use crate::centrifugo::{CentrifugoGeneration, ConnectRefusal, EndpointOptions};

/// Somebody who can sign in.
#[derive(Clone, Debug)]
pub struct Twin24Operator {
    /// A number; some places write it as text.
    pub id: u64,
    /// Log-in name.
    pub email: String,
    /// Random in each run.
    pub password: String,
    /// First name.
    pub first_name: String,
    /// Last name, may be empty.
    pub last_name: String,
    /// Groups, by id.
    pub groups: Vec<u64>,
    /// Companies; with several, a log-in has to name one.
    pub companies: Vec<u64>,
    /// Sessions at a time that routing gives.
    pub max_sessions: usize,
    /// Nobody signs in: the simulator plays this operator, who is always active.
    pub played: bool,
}

impl Twin24Operator {
    /// An operator of the first group.
    #[must_use]
    pub fn named(id: u64, email: &str, first_name: &str, last_name: &str) -> Self {
        Self {
            id,
            email: email.to_owned(),
            password: format!("pw-{}", uuid::Uuid::new_v4().simple()),
            first_name: first_name.to_owned(),
            last_name: last_name.to_owned(),
            groups: vec![3],
            companies: vec![7],
            max_sessions: 5,
            played: false,
        }
    }

    /// In those groups.
    #[must_use]
    pub fn in_groups(mut self, groups: &[u64]) -> Self {
        self.groups = groups.to_vec();
        self
    }

    /// Played by the simulator.
    #[must_use]
    pub fn played(mut self) -> Self {
        self.played = true;
        self
    }

    /// First and last name.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name).trim().to_owned()
    }
}

/// A group of operators.
#[derive(Clone, Debug)]
pub struct Twin24Group {
    /// Id.
    pub id: u64,
    /// Name.
    pub name: String,
    /// Target for the first answer, in seconds.
    pub first_answer: u64,
    /// Target for the next answers, in seconds.
    pub next_answers: u64,
}

impl Twin24Group {
    /// A group with the targets 60 s and 120 s.
    #[must_use]
    pub fn named(id: u64, name: &str) -> Self {
        Self { id, name: name.to_owned(), first_answer: 60, next_answers: 120 }
    }
}

/// State of an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperatorStatus {
    /// Not signed in, or put out.
    Offline,
    /// Signed in; no new sessions.
    Pause,
    /// Receives sessions.
    Online,
    /// Banned on the platform.
    Blocked,
}

impl OperatorStatus {
    /// As the services write it.
    #[must_use]
    pub fn wire(self) -> &'static str {
        match self {
            Self::Offline => "offline",
            Self::Pause => "pause",
            Self::Online => "online",
            Self::Blocked => "blocked",
        }
    }
}

/// Verbs that nobody has published. Any other one is answered with 405.
#[derive(Clone, Debug)]
pub struct Verbs {
    /// `/users/me/activate`.
    pub activate: String,
    /// `/users/me/pause`.
    pub pause: String,
    /// `/clients/{id}/ban`.
    pub ban: String,
    /// `/clients/{id}/unban`.
    pub unban: String,
    /// `/sessions/{id}/operators/messages`.
    pub send: String,
    /// `/auth/refresh`.
    pub refresh: String,
}

impl Default for Verbs {
    fn default() -> Self {
        let [patch, post] = ["PATCH", "POST"].map(str::to_owned);
        Self {
            activate: patch.clone(),
            pause: patch.clone(),
            ban: patch.clone(),
            unban: patch,
            send: post.clone(),
            refresh: post,
        }
    }
}

/// Where the members of an event are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventForm {
    /// Beside `event`.
    Flat,
    /// In an object `data`.
    Data,
    /// In an object `payload`.
    Payload,
}

/// How `/timestamp` answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimestampForm {
    /// A bare number of seconds.
    Seconds,
    /// A bare number of milliseconds.
    Millis,
    /// `{"timestamp": seconds}`.
    Object,
    /// `{"serverTime": "2026-11-21T08:00:00+00:00"}`.
    Text,
}

/// How a token is refused that is not good any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenRefusal {
    /// 401 `Token is expired.`
    Expired,
    /// 403.
    Forbidden,
}

/// What live events go through.
#[derive(Clone, Debug)]
pub enum EventsThrough {
    /// The simulator's own Centrifugo endpoint.
    Own(EndpointOptions),
    /// A real Centrifugo that runs already, whose connect proxy is [`crate::twin24::Twin24Sim::connect_proxy_url`].
    Running {
        /// Prefix of its server API, such as `http://127.0.0.1:8000/api`.
        api_url: String,
        /// Its key.
        api_key: String,
        /// Address of its WebSocket.
        events_url: String,
    },
    /// A real Centrifugo that is started.
    Program {
        /// The program.
        program: PathBuf,
        /// Its generation.
        generation: CentrifugoGeneration,
    },
}

/// A simulated company.
#[derive(Clone, Debug)]
pub struct Twin24Options {
    /// Port of the services on 127.0.0.1; 0 is any. That of the events is in `events`.
    pub port: u16,
    /// Live events.
    pub events: EventsThrough,
    /// Who can sign in, and who is played.
    pub operators: Vec<Twin24Operator>,
    /// Groups; the first takes sessions that ask for none.
    pub groups: Vec<Twin24Group>,
    /// Verbs that are guesses.
    pub verbs: Verbs,
    /// An operator's channel; `{id}` is the operator's id.
    pub channel: String,
    /// Channels that every operator hears as well, without history.
    pub more_channels: Vec<String>,
    /// Operators' channels keep publications, so that clients can recover.
    pub recoverable: bool,
    /// Where the members of an event are.
    pub event_form: EventForm,
    /// How `/timestamp` answers.
    pub timestamp_form: TimestampForm,
    /// `/users` and `/groups` answer with a bare list.
    pub bare_lists: bool,
    /// Times have milliseconds.
    pub fractional_times: bool,
    /// How long a token lasts at most, whatever `ttl` asks for.
    pub token_life: Option<Duration>,
    /// How a token is refused that has come to its end.
    pub token_refusal: TokenRefusal,
    /// How the live events turn a token down.
    pub events_refusal: ConnectRefusal,
    /// `/auth/refresh` wants the old token without the word Bearer.
    pub refresh_wants_bare_token: bool,
    /// State right after signing in, for who was offline.
    pub status_after_login: OperatorStatus,
    /// `PUT /sessions/{id}/operators/{user}` on a session in help makes that operator the one who has it.
    pub adding_assigns: bool,
    /// Who loses a session to a colleague is told with `chatSessionDeleted`.
    pub tell_former_operator: bool,
    /// A second log-in is told to the operator's sittings with `chatUserExists`.
    pub announce_second_login: bool,
    /// Characters of a message.
    pub message_limit: usize,
    /// Bytes of a file.
    pub file_limit: usize,
    /// Items of a page at most, and without `limit`.
    pub page_limit: usize,
}

impl Default for Twin24Options {
    fn default() -> Self {
        let endpoint =
            EndpointOptions { path: "/centrifugo/connection/websocket".to_owned(), ..EndpointOptions::default() };
        Self {
            port: 0,
            events: EventsThrough::Own(endpoint),
            operators: vec![
                Twin24Operator::named(42, "anna@example.com", "Anna", "Petrova").in_groups(&[3, 4]),
                Twin24Operator::named(43, "boris@example.com", "Boris", ""),
                Twin24Operator::named(44, "vera@example.com", "Vera", "Sidorova").in_groups(&[4]),
            ],
            groups: vec![Twin24Group::named(3, "Support"), Twin24Group::named(4, "Billing")],
            verbs: Verbs::default(),
            channel: "notifications:#{id}".to_owned(),
            more_channels: Vec::new(),
            recoverable: true,
            event_form: EventForm::Flat,
            timestamp_form: TimestampForm::Seconds,
            bare_lists: false,
            fractional_times: false,
            token_life: None,
            token_refusal: TokenRefusal::Expired,
            events_refusal: ConnectRefusal::close(4501, "unauthorized"),
            refresh_wants_bare_token: true,
            status_after_login: OperatorStatus::Pause,
            adding_assigns: true,
            tell_former_operator: false,
            announce_second_login: false,
            message_limit: 4096,
            file_limit: 20 << 20,
            page_limit: 500,
        }
    }
}

impl Twin24Options {
    /// The password of an operator, empty for somebody unknown.
    #[must_use]
    pub fn password(&self, email: &str) -> String {
        self.operators.iter().find(|one| one.email == email).map(|one| one.password.clone()).unwrap_or_default()
    }

    /// With other settings of the simulator's own endpoint.
    #[must_use]
    pub fn with_endpoint(mut self, change: impl FnOnce(&mut EndpointOptions)) -> Self {
        if let EventsThrough::Own(endpoint) = &mut self.events {
            change(endpoint);
        }
        self
    }

    /// An operator's channel.
    #[must_use]
    pub fn channel_of(&self, operator: u64) -> String {
        self.channel.replace("{id}", &operator.to_string())
    }
}

/// A client who begins a session.
#[derive(Clone, Debug)]
pub struct ClientOffer {
    /// The client's name, which the session gets.
    pub name: String,
    /// Whom the client wants, by the group's name; the first group without.
    pub group: Option<String>,
    /// What the client writes first.
    pub words: Vec<String>,
    /// The session is with the bot, which says this first.
    pub bot_words: Option<String>,
    /// `channel`, such as `messenger` or `widget`.
    pub channel: String,
    /// `messengerType`, such as `telegram`.
    pub messenger: Option<String>,
    /// The page that the client came from.
    pub referer: Option<String>,
    /// Text of tags.
    pub tags: String,
    /// The client has been there before: the id of that client.
    pub client: Option<String>,
    /// The operator who gets it whatever routing says, by e-mail.
    pub operator: Option<String>,
    /// Nobody is asked: the session is in help at once.
    pub in_help: bool,
}

impl ClientOffer {
    /// A client in a messenger.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            group: None,
            words: Vec::new(),
            bot_words: None,
            channel: "messenger".to_owned(),
            messenger: Some("telegram".to_owned()),
            referer: None,
            tags: String::new(),
            client: None,
            operator: None,
            in_help: false,
        }
    }

    /// Who writes that, first or next.
    #[must_use]
    pub fn saying(mut self, words: &str) -> Self {
        self.words.push(words.to_owned());
        self
    }

    /// For that group, by name.
    #[must_use]
    pub fn to_group(mut self, group: &str) -> Self {
        self.group = Some(group.to_owned());
        self
    }

    /// For that operator, by e-mail.
    #[must_use]
    pub fn to_operator(mut self, email: &str) -> Self {
        self.operator = Some(email.to_owned());
        self
    }

    /// In help at once.
    #[must_use]
    pub fn in_help(mut self) -> Self {
        self.in_help = true;
        self
    }

    /// With the bot, which greets like that.
    #[must_use]
    pub fn with_bot(mut self, words: &str) -> Self {
        self.bot_words = Some(words.to_owned());
        self
    }

    /// Through another messenger, or through a site with none.
    #[must_use]
    pub fn through(mut self, channel: &str, messenger: Option<&str>) -> Self {
        self.channel = channel.to_owned();
        self.messenger = messenger.map(str::to_owned);
        self
    }
}
