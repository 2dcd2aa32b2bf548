//! Who works there, what they work on, and what the vendor has not published.

use std::time::Duration;

use serde_json::{Value, json};

/// Media routing domain of chats, the same in every installation.
pub const MRD_CHAT: &str = "6305de07166ba1099d11d8e6";
/// Media routing domain of voice.
pub const MRD_CX_VOICE: &str = "62f9e360ea5311eda05b0242";
/// The wrap-up form that every installation has.
pub const WRAP_UP_FORM: &str = "62d07f4f0980a50a91210bef";

/// Somebody who can log in.
#[derive(Clone, Debug)]
pub struct ExpertflowAgent {
    /// Keycloak's id, which is the agent's id everywhere.
    pub id: String,
    /// Log-in name.
    pub username: String,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Random in each run.
    pub password: String,
    /// The team that the agent is in, by name.
    pub team: String,
    /// Teams that the agent supervises, by name.
    pub supervises: Vec<String>,
    /// Queues that offer the agent work, by name.
    pub queues: Vec<String>,
    /// Chats at a time.
    pub max_chats: u32,
    /// SIP extension.
    pub extension: Option<String>,
    /// Further permission scopes: resource and scope.
    pub extra_scopes: Vec<(String, String)>,
    /// Permission scopes that are missing: resource and scope.
    pub without_scopes: Vec<(String, String)>,
    /// Nobody logs in: the simulator plays this agent, who is always ready and takes what comes.
    pub played: bool,
}

impl ExpertflowAgent {
    /// An agent of team Support who works on both queues.
    #[must_use]
    pub fn named(number: u32, username: &str, first_name: &str, last_name: &str) -> Self {
        Self {
            id: format!("5b0c2f1e-7d34-4a92-9a51-{number:012}"),
            username: username.to_owned(),
            first_name: first_name.to_owned(),
            last_name: last_name.to_owned(),
            password: format!("pw-{}", uuid::Uuid::new_v4().simple()),
            team: "Support".to_owned(),
            supervises: Vec::new(),
            queues: vec!["Web Care".to_owned(), "Billing".to_owned()],
            max_chats: 5,
            extension: Some(format!("7{number:03}")),
            extra_scopes: Vec::new(),
            without_scopes: Vec::new(),
            played: false,
        }
    }

    /// A supervisor of that team, whom no queue offers work.
    #[must_use]
    pub fn supervising(mut self, team: &str) -> Self {
        self.supervises.push(team.to_owned());
        self.queues.clear();
        self
    }

    /// Played by the simulator.
    #[must_use]
    pub fn played(mut self) -> Self {
        self.played = true;
        self
    }

    /// Works on that queue alone.
    #[must_use]
    pub fn only_queue(mut self, queue: &str) -> Self {
        self.queues = vec![queue.to_owned()];
        self
    }
}

/// A precision queue.
#[derive(Clone, Debug)]
pub struct ExpertflowQueue {
    /// Id.
    pub id: String,
    /// Name, by which requests call it.
    pub name: String,
}

/// A list of work that agents pull from.
#[derive(Clone, Debug)]
pub struct PullList {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
}

/// What the second factor asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecondFactor {
    /// None.
    Off,
    /// An authenticator application; `registered` tells whether the agent has one.
    App {
        /// Without, the answer brings a secret and a picture of it.
        registered: bool,
    },
    /// A text message.
    Sms {
        /// Without, a number has to be given first.
        registered: bool,
    },
}

/// When the agent who transfers a chat leaves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransferLeaves {
    /// As soon as the request is placed.
    AtOnce,
    /// When the other one has taken it.
    WhenTaken,
}

/// What a client that comes back is sent for the work it still has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resync {
    /// `taskRequest` with state STARTED: the client subscribes.
    TaskRequest,
    /// `onTopicData` at once.
    TopicData,
}

/// How an `errors` event is worded; the vendor has not published any.
pub(super) const REFUSED: &str = "request could not be placed";

/// A simulated installation.
#[derive(Clone, Debug)]
pub struct ExpertflowOptions {
    /// On 127.0.0.1; 0 is any.
    pub port: u16,
    /// Who can log in, and who is played.
    pub agents: Vec<ExpertflowAgent>,
    /// Precision queues.
    pub queues: Vec<ExpertflowQueue>,
    /// Pull lists.
    pub pull_lists: Vec<PullList>,
    /// Rows of `unified-admin/reasons`.
    pub reasons: Vec<Value>,
    /// The wrap-up form.
    pub wrap_up_form: Value,
    /// `unified-admin/agent-desk-settings`, the first element.
    pub desk_settings: Value,
    /// `{language: {category: [text]}}`.
    pub canned_messages: Value,
    /// `cim-customer/customerSchema`.
    pub customer_schema: Value,
    /// Customer documents that are known from the beginning.
    pub customers: Vec<Value>,
    /// `cim-customer/label`.
    pub labels: Vec<Value>,
    /// How many past activities every customer has whose document has `customerSince`.
    pub past_activities: usize,
    /// How long an offer waits for one agent.
    pub accept_timeout: Duration,
    /// How long a request looks for an agent.
    pub request_ttl: Duration,
    /// When nobody else is there, the same agent is asked again after this.
    pub rona_pause: Duration,
    /// An agent whose offer ran out becomes NOT_READY.
    pub rona_sets_not_ready: bool,
    /// READY takes the chat domain along; without it the client has to ask for that too.
    pub ready_takes_chat: bool,
    /// An agent without a socket is logged out after this.
    pub socket_disconnect_time: Duration,
    /// Wrap-up after leaving, with its time; none: leaving is the end.
    pub wrap_up: Option<Duration>,
    /// `duration` of `wrapupTimerStarted` as a text of milliseconds.
    pub wrap_up_in_millis: bool,
    /// Engine.IO: between two pings.
    pub ping_interval: Duration,
    /// Engine.IO: how long a pong may take.
    pub ping_timeout: Duration,
    /// How long the acknowledgement of `onTopicData` may take.
    pub ack_timeout: Duration,
    /// All REST except the log-in wants an access token.
    pub require_bearer: bool,
    /// How long an access token lasts.
    pub token_life: Duration,
    /// Name of the member in the body of `refresh-token`.
    pub refresh_field: String,
    /// Second factor of all agents.
    pub second_factor: SecondFactor,
    /// The right code.
    pub otp: String,
    /// Log-ins are answered with that status: 403, 404, 408, 412 or another.
    pub login_refusal: Option<u16>,
    /// Sockets are refused for the licence with that `licStatus`.
    pub licence_refusal: Option<String>,
    /// Texts of messages reach agents in base64.
    pub encode_messages: bool,
    /// `cimEvent` as an object, as old documents show it, instead of a text.
    pub cim_event_as_object: bool,
    /// When a transfer takes the requester out.
    pub transfer_leaves: TransferLeaves,
    /// What a client that comes back gets.
    pub resync: Resync,
    /// `onTopicData` is sent once more when it is not acknowledged in time.
    pub repeat_unacknowledged: bool,
    /// Size of uploads that is refused, in bytes.
    pub upload_limit: usize,
}

impl Default for ExpertflowOptions {
    fn default() -> Self {
        Self {
            port: 0,
            agents: vec![
                ExpertflowAgent::named(1101, "adams", "Ada", "Adams"),
                ExpertflowAgent::named(1102, "brown", "Ben", "Brown"),
                ExpertflowAgent::named(1200, "clark", "Cleo", "Clark").supervising("Support"),
            ],
            queues: vec![
                ExpertflowQueue { id: "68a10000000000000000aa01".to_owned(), name: "Web Care".to_owned() },
                ExpertflowQueue { id: "68a10000000000000000aa02".to_owned(), name: "Billing".to_owned() },
            ],
            pull_lists: vec![
                PullList { id: "68a10000000000000000ab01".to_owned(), name: "Back office".to_owned() },
                PullList { id: "68a10000000000000000ab02".to_owned(), name: "Social".to_owned() },
            ],
            reasons: super::cast::reasons(),
            wrap_up_form: super::cast::wrap_up_form(),
            desk_settings: json!({
                "isFileSharingEnabled": true, "isEmojisEnabled": true, "isConversationParticipantsEnabled": true,
                "isMessageFormattingEnabled": true, "isOutboundSmsSendandClose": false, "isOutboundSmsEnabled": false,
                "isAutoAnswerEnabled": false, "prefixCode": "45",
            }),
            canned_messages: super::cast::canned_messages(),
            customer_schema: super::people::customer_schema(),
            customers: super::people::customers(),
            labels: super::people::labels(),
            past_activities: 60,
            accept_timeout: Duration::from_secs(60),
            request_ttl: Duration::from_secs(900),
            rona_pause: Duration::from_secs(2),
            rona_sets_not_ready: false,
            ready_takes_chat: false,
            socket_disconnect_time: Duration::from_secs(10),
            wrap_up: None,
            wrap_up_in_millis: false,
            ping_interval: Duration::from_secs(25),
            ping_timeout: Duration::from_secs(20),
            ack_timeout: Duration::from_secs(5),
            require_bearer: true,
            token_life: Duration::from_secs(300),
            refresh_field: "refreshToken".to_owned(),
            second_factor: SecondFactor::Off,
            otp: "123456".to_owned(),
            login_refusal: None,
            licence_refusal: None,
            encode_messages: false,
            cim_event_as_object: false,
            transfer_leaves: TransferLeaves::WhenTaken,
            resync: Resync::TaskRequest,
            repeat_unacknowledged: false,
            upload_limit: 6_291_456,
        }
    }
}

impl ExpertflowOptions {
    /// With agents answering by themselves.
    #[must_use]
    pub fn auto_answer(mut self) -> Self {
        self.desk_settings["isAutoAnswerEnabled"] = json!(true);
        self
    }

    /// With wrap-up of that time.
    #[must_use]
    pub fn with_wrap_up(mut self, time: Duration) -> Self {
        self.wrap_up = Some(time);
        self
    }

    /// The password of an agent, empty for somebody unknown.
    #[must_use]
    pub fn password(&self, username: &str) -> String {
        self.agents.iter().find(|agent| agent.username == username).map(|a| a.password.clone()).unwrap_or_default()
    }

    pub(super) fn queue(&self, name: &str) -> Option<&ExpertflowQueue> {
        self.queues.iter().find(|queue| queue.name == name || queue.id == name)
    }
}

/// A customer who begins to chat.
#[derive(Clone, Debug)]
pub struct CustomerOffer {
    /// The customer's name.
    pub name: String,
    /// The number by which the channel knows the customer.
    pub number: String,
    /// The queue, by name.
    pub queue: String,
    /// Channel type such as WEB or WHATSAPP.
    pub channel_type: String,
    /// What the customer wrote first, before an agent is there.
    pub first_words: Option<String>,
    /// What the bot answered to that.
    pub bot_words: Option<String>,
    /// Values of `conversationData`.
    pub data: Vec<(String, String)>,
    /// 1 to 10.
    pub priority: u32,
    /// Nothing is known of the customer but the number: the document that is made says `isAnonymous`.
    pub anonymous: bool,
    /// The agent gets it without being asked, as a chat that the agent began: state STARTED, by username.
    pub started_for: Option<String>,
}

impl CustomerOffer {
    /// A customer at the web site, for that queue.
    #[must_use]
    pub fn of(name: &str, queue: &str) -> Self {
        Self {
            name: name.to_owned(),
            number: "+12025550123".to_owned(),
            queue: queue.to_owned(),
            channel_type: "WEB".to_owned(),
            first_words: None,
            bot_words: None,
            data: vec![("first_name".to_owned(), name.split(' ').next().unwrap_or(name).to_owned())],
            priority: 1,
            anonymous: false,
            started_for: None,
        }
    }

    /// Through another channel.
    #[must_use]
    pub fn through(mut self, channel_type: &str) -> Self {
        self.channel_type = channel_type.to_owned();
        self
    }

    /// With first words.
    #[must_use]
    pub fn saying(mut self, words: &str) -> Self {
        self.first_words = Some(words.to_owned());
        self
    }

    /// Of whom nothing is known but the number.
    #[must_use]
    pub fn anonymous(mut self) -> Self {
        self.anonymous = true;
        self
    }

    /// With a number.
    #[must_use]
    pub fn number(mut self, number: &str) -> Self {
        self.number = number.to_owned();
        self
    }
}
