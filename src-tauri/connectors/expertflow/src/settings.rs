//! An account's settings. The form fills in address and user name; everything else
//! has a default and can be overridden in the settings file. Guesses are here alone.
//!
//! | setting | unit or shape | default | from |
//! | --- | --- | --- | --- |
//! | `agent_manager`, `unified_admin`, `routing_engine`, `conversation_manager`, `customers`, `file_engine`, `reports`, `announcements`, `desk` | address | the host's paths | 1, 10 |
//! | `socket` | address | as `agent_manager` | 1, 3 |
//! | `socket_path` | path below it | `socket.io` | 3 |
//! | `realm` | name | none | 2.3 |
//! | `login_limit_ms`, `rest_limit_ms`, `upload_limit_ms` | ms | 20 s, 10 s, 10 min | 2.1; ours |
//! | `refresh_field` | member of the refresh request | `refreshToken` | 2.2, guess |
//! | `refresh_share` | share of a token's life after which it is renewed | 0.8 | 2.2 |
//! | `accept_timeout_ms` | ms an offer stands (not sent by the platform) | 60 s | 1 |
//! | `reconcile_ms` | ms that a picture after a reconnect may take | 5 s | 12 |
//! | `state_confirm_ms` | ms | 5 s | 4.1 |
//! | `message_confirm_ms` | ms until the echo of a message | 10 s | 7.2, guess |
//! | `typing_every_ms`, `typing_shown_ms` | ms | 3 s, 5 s | 7.4 |
//! | `wrap_up_form` | id | the platform's constant | 1 |
//! | `wrap_up_most` | codes at once where several are allowed | 5 | 7.3 |
//! | `wrap_up_ms_above` | a duration above this is taken as ms | 3600 | 8.6, guess |
//! | `voice_domains` | ids of media whose calls another program carries | CX_VOICE, CISCO_CC | 1, 5 |
//! | `auto_answer` | absent: the desk's own setting | absent | 5 |
//! | `encode_outgoing` | `off`, `on`, `mirror` | `mirror` | 7.2, guess |
//! | `pause_s` | seconds that a conversation is laid aside | 300 | 8.7 |
//! | `largest_file` | bytes | 5,000,000 | 1 |
//! | `file_types` | endings | the desk's | 10 |
//! | `longest_text` | bytes | 16 KiB | ours |
//! | `upload_field` | second field of an upload | `conversationId` | 10, guess |
//! | `customers_page`, `past_page` | entries a page | 25 | 10 |
//! | `find_name`, `find_number`, `find_mail` | fields that customers are looked for by | `firstName`, `phoneNumber`, `email` | 10, guess |
//! | `report_queues` | queues of supervisors' reports; none: all | none | 10, guess |
//! | `canned_path` | path of the canned messages on the desk's host | the desk's | 10 |
//! | `longest_message` | bytes of one frame | 64 MiB | ours |
//! | `first_wait_ms`, `longest_wait_ms` | ms between attempts to connect | 0.3 s, 5 s | 1 |
//! | `dial_limit_ms` | ms | 10 s | ours |

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};
use trunkline_connector::{AccountSettings, BuildError, web_address};
use trunkline_wire::socketio::Timing;
use url::Url;

/// When texts go out in base64.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encode {
    /// Never.
    Off,
    /// Always.
    On,
    /// Once a message of the conversation came so.
    #[default]
    Mirror,
}

/// See the module.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "the table above is their documentation")]
pub struct ExpertflowSettings {
    pub address: String,
    pub username: String,
    pub agent_manager: Option<String>,
    pub unified_admin: Option<String>,
    pub routing_engine: Option<String>,
    pub conversation_manager: Option<String>,
    pub customers: Option<String>,
    pub file_engine: Option<String>,
    pub reports: Option<String>,
    pub announcements: Option<String>,
    pub desk: Option<String>,
    pub socket: Option<String>,
    pub socket_path: String,
    pub realm: Option<String>,
    pub login_limit_ms: u64,
    pub rest_limit_ms: u64,
    pub upload_limit_ms: u64,
    pub refresh_field: String,
    pub refresh_share: f64,
    pub accept_timeout_ms: u64,
    pub reconcile_ms: u64,
    pub state_confirm_ms: u64,
    pub message_confirm_ms: u64,
    pub typing_every_ms: u64,
    pub typing_shown_ms: u64,
    pub wrap_up_form: String,
    pub wrap_up_most: u32,
    pub wrap_up_ms_above: u64,
    pub voice_domains: Vec<String>,
    pub auto_answer: Option<bool>,
    pub encode_outgoing: Encode,
    pub pause_s: u64,
    pub largest_file: u64,
    pub file_types: Vec<String>,
    pub longest_text: u32,
    pub upload_field: String,
    pub customers_page: u32,
    pub past_page: u32,
    pub find_name: String,
    pub find_number: String,
    pub find_mail: String,
    pub report_queues: Vec<String>,
    pub canned_path: String,
    pub longest_message: usize,
    pub first_wait_ms: u64,
    pub longest_wait_ms: u64,
    pub dial_limit_ms: u64,
}

impl Default for ExpertflowSettings {
    fn default() -> Self {
        let endings = ["txt", "png", "jpg", "jpeg", "pdf", "ppt", "xlsx", "xls", "doc", "docx", "rtf", "mp4", "mp3"];
        Self {
            address: String::new(),
            username: String::new(),
            agent_manager: None,
            unified_admin: None,
            routing_engine: None,
            conversation_manager: None,
            customers: None,
            file_engine: None,
            reports: None,
            announcements: None,
            desk: None,
            socket: None,
            socket_path: "socket.io".to_owned(),
            realm: None,
            login_limit_ms: 20_000,
            rest_limit_ms: 10_000,
            upload_limit_ms: 600_000,
            refresh_field: "refreshToken".to_owned(),
            refresh_share: 0.8,
            accept_timeout_ms: 60_000,
            reconcile_ms: 5_000,
            state_confirm_ms: 5_000,
            message_confirm_ms: 10_000,
            typing_every_ms: 3_000,
            typing_shown_ms: 5_000,
            wrap_up_form: "62d07f4f0980a50a91210bef".to_owned(),
            wrap_up_most: 5,
            wrap_up_ms_above: 3_600,
            voice_domains: vec!["62f9e360ea5311eda05b0242".to_owned(), "20316843be924c8ab4f57a7a".to_owned()],
            auto_answer: None,
            encode_outgoing: Encode::default(),
            pause_s: 300,
            largest_file: 5_000_000,
            file_types: endings.into_iter().map(str::to_owned).collect(),
            longest_text: 16 * 1024,
            upload_field: "conversationId".to_owned(),
            customers_page: 25,
            past_page: 25,
            find_name: "firstName".to_owned(),
            find_number: "phoneNumber".to_owned(),
            find_mail: "email".to_owned(),
            report_queues: Vec::new(),
            canned_path: "assets/canned-messages/canned-messages.json".to_owned(),
            longest_message: 64 << 20,
            first_wait_ms: 300,
            longest_wait_ms: 5_000,
            dial_limit_ms: 10_000,
        }
    }
}

/// Where each service of the platform is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "named as the platform names them")]
pub struct Addresses {
    pub agent_manager: Url,
    pub unified_admin: Url,
    pub routing_engine: Url,
    pub file_engine: Url,
    pub conversation_manager: Url,
    pub customers: Url,
    pub reports: Url,
    pub announcements: Url,
    pub desk: Url,
    pub socket: Url,
}

impl ExpertflowSettings {
    /// Reads and checks the account's table.
    pub fn read(settings: &AccountSettings) -> Result<Self, BuildError> {
        let given: Map<String, Value> = settings
            .iter()
            .filter(|(_, value)| !value.is_null() && value.as_str() != Some(""))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        let read: Self = serde_json::from_value(Value::Object(given))
            .map_err(|error| problem("settings", error.to_string(), "error_setting_value_unreadable"))?;
        if read.username.trim().is_empty() {
            return Err(problem("username", "empty", "error_field_missing"));
        }
        read.addresses()?;
        Ok(read)
    }

    /// The services, each from its own setting or below the host.
    pub fn addresses(&self) -> Result<Addresses, BuildError> {
        let base = web_address("address", &self.address)?;
        let service = |field: &str, given: &Option<String>, path: &str| match given {
            Some(text) => web_address(field, text),
            None => Ok(below(&base, path)),
        };
        let agent_manager = service("agent_manager", &self.agent_manager, "agent-manager")?;
        Ok(Addresses {
            unified_admin: service("unified_admin", &self.unified_admin, "unified-admin")?,
            routing_engine: service("routing_engine", &self.routing_engine, "routing-engine")?,
            file_engine: service("file_engine", &self.file_engine, "file-engine")?,
            conversation_manager: service("conversation_manager", &self.conversation_manager, "conversation-manager")?,
            customers: service("customers", &self.customers, "cim-customer")?,
            reports: service("reports", &self.reports, "realtime-reports")?,
            announcements: service("announcements", &self.announcements, "team-announcement")?,
            desk: service("desk", &self.desk, "")?,
            socket: match &self.socket {
                Some(text) => web_address("socket", text)?,
                None => agent_manager.clone(),
            },
            agent_manager,
        })
    }

    /// Figures of the Socket.IO client.
    pub fn timing(&self) -> Timing {
        Timing { first_wait: ms(self.first_wait_ms), longest_wait: ms(self.longest_wait_ms), ..Timing::default() }
    }

    /// The platform takes files with this ending.
    pub fn takes_file(&self, name: &str) -> bool {
        let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default();
        self.file_types.is_empty() || self.file_types.contains(&ending)
    }

    /// Calls of this medium run through another program.
    pub fn is_voice(&self, domain: Option<&str>) -> bool {
        domain.is_some_and(|domain| self.voice_domains.iter().any(|known| known == domain))
    }
}

/// A path below an address.
pub(crate) fn below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    let joined = format!("{}/{}", base.path().trim_end_matches('/'), path.trim_start_matches('/'));
    url.set_path(&joined);
    url
}

/// Milliseconds of a setting as a duration.
pub(crate) fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn problem(field: &str, problem: impl Into<String>, message_key: &str) -> BuildError {
    BuildError { field: field.to_owned(), problem: problem.into(), message_key: message_key.to_owned() }
}
