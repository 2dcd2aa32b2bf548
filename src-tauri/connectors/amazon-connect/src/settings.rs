//! Everything about the platform that is a guess, a figure or a path, in one
//! place. Each member can be overridden by a key of the same name in the
//! account's settings, so a change at the platform needs no rebuild.
//!
//! | key | kind | default | provenance (docs/connectors/amazon-connect*.md) |
//! | --- | --- | --- | --- |
//! | `address` | address | required | instance, `https://NAME.my.connect.aws` |
//! | `login_address` | address | the CCP page | SAML start page, 10.1 |
//! | `secondary_address` | address | none | 7.11: a second instance that stands in for the first |
//! | `disaster_recovery` | bool | true | 7.11: with a second instance, asks which one is to serve |
//! | `discovery_every_ms` | milliseconds | 60000 | 7.11 |
//! | `leave_limit_ms` | milliseconds | 3000 | ours: contacts that do not end in that time stay behind |
//! | `global_sign_in` | bool | false | 7.11: `login_address` signs in at both, and leaves a cookie |
//! | `global_sign_in_cookie` | text | `lily-agent-config` | 3.1 |
//! | `login_width`, `login_height` | pixels | as left last, else 480 x 720 | ours: the vendor's own client has 433 x 578 |
//! | `login_left`, `login_top` | pixels | as left last, else the middle | ours: the vendor's own client has 0, 0 |
//! | `login_stays_open` | bool | false | ours: the vendor's own client leaves it open (`loginPopupAutoClose` false) |
//! | `api_path`, `authorize_path`, `logout_path`, `ccp_path` | path | by domain | 2.3, 2.6, 3.1, 10.2 |
//! | `done_paths` | list | the CCP page | 10.2, guess |
//! | `token_cookie` | text | `lily-auth-token` | 2.1, guess: a token put in by hand renews itself as a cookie of this name |
//! | `transport` | `auto`, `direct`, `page` | `auto` | 10.2, 10.6: for an administrator |
//! | `transport_refusals` | count | 3 | ours: so many refusals in a row that look like a gate, and the other way is taken |
//! | `transport_again_ms`, `transport_pause_ms` | milliseconds | 200, 15000 | ours: next try after a refusal of one way, of both |
//! | `quiet_paths` | list | `/favicon.ico`, `/robots.txt` | guess: pages of the instance on which nothing starts by itself |
//! | `send_origin` | bool | true | 3.2, guess |
//! | `user_agent_text` | text | `aws-sdk-js/2.1589.0` | 3.2, guess |
//! | `..._ms` | milliseconds | below | 7.1, softphone timers |
//! | `poll_offline_failures`, `poll_offline_ms` | count, milliseconds | 3, 10000 | ours: so many failed polls in a row, or the first so long ago, and the account is offline |
//! | `deep_heartbeat` | bool | true | chat document 3.3: `aws/ping` with each heartbeat |
//! | `whatsapp_subtype` | text | `connect:WhatsApp` | guess: named like the others |
//! | `most_parties` | count | 6 | guess: the administrator guide's limit of a multi-party call, the agent included |
//! | `endpoints_of_contact_queue` | bool | true | 4.3, guess: a contact's directory is that of its queue |
//! | `outbound_right` | text | `outboundCall` | 4.3 |
//! | `languages` | list | en_US ... | 4.3: what the vendor's client lists |
//! | `confirm_every_ms` | milliseconds | 1000 | ours: rounds of the configuration while a change of it is not shown yet |
//! | `task_schedule_days` | days | 6 | StartTaskContact's documented limit; that it holds here too is a guess |
//! | `issue_codes` | texts | `AUDIO_ISSUE` ... | 4.3, guess: free text; what the vendor's people look for is not known |
//! | `task_templates_path` | path | by domain | 4.6 |
//! | `task_templates_status` | text | `active` | taskjs' manual; the public API has `ACTIVE` |
//! | `task_templates_most` | count | 100 | a page of the list; the public API's limit |
//! | `task_send_invisible` | bool | true | guess: defaults of fields that agents do not see are sent along |
//! | `task_edit_untemplated` | bool | true | guess: taskjs' manual has updateContact for tasks made from a template |
//! | `ring_seconds` | seconds | 20 | guess: the administrator guide's ring time |
//! | `standby_ms` | milliseconds | 60000 | softphone document 10; 0: no connection is made ahead |
//! | `standby_retry_ms` | milliseconds | 30000 | ours: pause after one that could not be made |
//! | `persistent_connection` | bool | true | ours: false leaves the agent's `softphonePersistentConnection` unused |
//! | `extended_persistent_connection` | bool | false | softphone document 10; what the service does with it is not known |
//! | `inactivity_ms` | milliseconds | 600000 | guess: `inactivityDuration`, where the service gives none |
//! | chats | | | `chat/settings.rs` |
//! | `customer_name_attributes` | list | customerName ... | guess: flows name it freely |

use std::ops::RangeInclusive;
use std::time::Duration;

use serde::Deserialize;
use trunkline_connector::ports::LoginLook;
use trunkline_connector::{AccountSettings, BuildError};
use trunkline_model::IssueKind;
use url::{Host, Url};

use crate::chat::ChatSettings;
pub use crate::session::resilience::Instance;
pub use crate::session::ways::Transport;

/// Smallest and largest side of a login window that is taken for meant, pixels.
const LOGIN_SIDES: RangeInclusive<u32> = 240..=8_000;
/// Farthest place of one on screens beside each other, pixels.
const LOGIN_PLACES: RangeInclusive<i32> = -32_000..=32_000;

/// One account's settings with every overridable guess.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "the table above and the comments in `default` say what each is")]
pub struct AmazonConnectSettings {
    pub address: String,
    pub login_address: Option<String>,
    pub secondary_address: Option<String>,
    pub disaster_recovery: bool,
    pub discovery_every_ms: u64,
    pub leave_limit_ms: u64,
    pub global_sign_in: bool,
    pub global_sign_in_cookie: String,
    pub login_width: Option<u32>,
    pub login_height: Option<u32>,
    pub login_left: Option<i32>,
    pub login_top: Option<i32>,
    pub login_stays_open: bool,
    pub api_path: Option<String>,
    pub authorize_path: Option<String>,
    pub logout_path: Option<String>,
    pub ccp_path: Option<String>,
    pub done_paths: Option<Vec<String>>,
    pub token_cookie: String,
    pub transport: Transport,
    pub transport_refusals: u32,
    pub transport_again_ms: u64,
    pub transport_pause_ms: u64,
    pub quiet_paths: Vec<String>,
    pub send_origin: bool,
    pub user_agent_text: String,

    pub poll_ask_ms: u64,
    pub poll_limit_ms: u64,
    pub poll_pause_ms: u64,
    pub poll_quick_ms: u64,
    pub poll_quick_count: u32,
    pub poll_quick_pause_ms: u64,
    pub retry_ms: Vec<u64>,
    pub poll_offline_failures: u32,
    pub poll_offline_ms: u64,
    pub call_limit_ms: u64,
    pub configuration_every_ms: u64,
    pub page_size: u32,
    pub unauthorized_limit: u32,
    pub access_denied_limit: u32,

    pub renew_before_ms: i64,
    pub renew_at_least_every_ms: u64,
    pub authorize_tries: u32,
    pub authorize_retry_ms: u64,
    pub authorize_backoff_ms: u64,
    pub authorize_backoff_max_ms: u64,
    pub wake_jump_ms: i64,

    pub socket_min_life_ms: u64,
    pub socket_rollover_margin_ms: u64,
    pub socket_url_valid_ms: u64,
    pub socket_dial_limit_ms: u64,
    pub socket_redial_ms: u64,
    pub socket_retry_ms: u64,
    pub socket_retry_max_ms: u64,
    pub heartbeat_ms: u64,
    pub deep_heartbeat: bool,
    pub subscribe_silence_ms: u64,
    pub subscribe_silence_count: u32,
    pub subscribe_retry_ms: u64,
    pub subscribe_failures: u32,

    pub signalling_limit_ms: u64,
    pub invite_limit_ms: u64,
    pub bye_limit_ms: u64,
    pub path_lost_grace_ms: u64,
    pub restart_invites: u32,
    pub restart_invite_pause_ms: u64,
    pub restart_again_ms: u64,
    pub media_rebuilds: u32,
    pub media_rebuild_ms: u64,
    pub metrics_every_ms: u64,

    pub standby_ms: u64,
    pub standby_retry_ms: u64,
    pub persistent_connection: bool,
    pub extended_persistent_connection: bool,
    pub inactivity_ms: u64,

    pub endpoints_kept_ms: u64,
    pub endpoints_failed_kept_ms: u64,
    pub endpoints_of_contact_queue: bool,
    pub outbound_right: String,
    pub most_parties: usize,
    pub party_shows_within_ms: u64,

    pub languages: Vec<String>,
    pub confirm_every_ms: u64,
    pub task_schedule_days: u32,
    pub issue_codes: IssueCodes,
    pub task_templates_path: Option<String>,
    pub task_templates_status: String,
    pub task_templates_most: u32,
    pub task_send_invisible: bool,
    pub task_edit_untemplated: bool,
    pub ring_seconds: u32,
    pub skew_tolerance_ms: i64,
    pub customer_name_attributes: Vec<String>,
    pub whatsapp_subtype: String,

    #[serde(flatten)]
    pub chat: ChatSettings,
}

impl Default for AmazonConnectSettings {
    fn default() -> Self {
        Self {
            address: String::new(),
            login_address: None,
            secondary_address: None,
            disaster_recovery: true,
            discovery_every_ms: 60_000,
            leave_limit_ms: 3_000,
            global_sign_in: false,
            global_sign_in_cookie: "lily-agent-config".to_owned(),
            login_width: None,
            login_height: None,
            login_left: None,
            login_top: None,
            login_stays_open: false,
            api_path: None,
            authorize_path: None,
            logout_path: None,
            ccp_path: None,
            done_paths: None,
            token_cookie: "lily-auth-token".to_owned(),
            transport: Transport::Auto,
            transport_refusals: 3,
            transport_again_ms: 200,
            transport_pause_ms: 15_000,
            quiet_paths: ["/favicon.ico", "/robots.txt"].map(str::to_owned).to_vec(),
            send_origin: true,
            user_agent_text: "aws-sdk-js/2.1589.0".to_owned(),
            // 7.1: the long poll asks for 30 s; 11: 40 s limit on our side.
            poll_ask_ms: 30_000,
            poll_limit_ms: 40_000,
            poll_pause_ms: 100,
            // 7.3, ours: slow down when the service ignores `timeout`.
            poll_quick_ms: 300,
            poll_quick_count: 5,
            poll_quick_pause_ms: 1_000,
            // 7.3, ours: the last one repeats, with jitter.
            retry_ms: vec![1_000, 2_000, 5_000],
            // Ours: what passes by itself within that is `Degraded`, what does not is `Offline`.
            poll_offline_failures: 3,
            poll_offline_ms: 10_000,
            call_limit_ms: 15_000,
            configuration_every_ms: 30_000,
            page_size: 500,
            // 2.5.
            unauthorized_limit: 20,
            access_denied_limit: 10,
            // 2.4: renew with less than 30 min left; never more often than this.
            renew_before_ms: 30 * 60_000,
            renew_at_least_every_ms: 60_000,
            // 2.3, 2.4.
            authorize_tries: 5,
            authorize_retry_ms: 2_000,
            authorize_backoff_ms: 10_000,
            authorize_backoff_max_ms: 300_000,
            // Ours: wall clock and timer disagree by this much after a sleep.
            wake_jump_ms: 20_000,
            // Chat document 3.1, 3.3.
            socket_min_life_ms: 300_000,
            socket_rollover_margin_ms: 60_000,
            socket_url_valid_ms: 85_000,
            socket_dial_limit_ms: 10_000,
            socket_redial_ms: 1_000,
            socket_retry_ms: 2_000,
            socket_retry_max_ms: 30_000,
            heartbeat_ms: 10_000,
            deep_heartbeat: true,
            subscribe_silence_ms: 1_000,
            subscribe_silence_count: 3,
            subscribe_retry_ms: 500,
            subscribe_failures: 5,
            // Softphone document 5.4, 6, 9.
            signalling_limit_ms: 10_000,
            invite_limit_ms: 5_000,
            bye_limit_ms: 2_000,
            path_lost_grace_ms: 3_000,
            restart_invites: 3,
            restart_invite_pause_ms: 1_000,
            // Ours: a path that stays lost is mended again and again.
            restart_again_ms: 10_000,
            // Ours: a leg that failed for a passing reason is built anew.
            media_rebuilds: 2,
            media_rebuild_ms: 2_000,
            metrics_every_ms: 30_000,
            // Softphone document 10.
            standby_ms: 60_000,
            standby_retry_ms: 30_000,
            persistent_connection: true,
            extended_persistent_connection: false,
            inactivity_ms: 600_000,
            // Ours: the directory changes by an administrator's hand, typing in its search does not reload it.
            endpoints_kept_ms: 60_000,
            endpoints_failed_kept_ms: 3_000,
            endpoints_of_contact_queue: true,
            outbound_right: "outboundCall".to_owned(),
            most_parties: 6,
            // Ours: a party that was asked for shows up in a snapshot, or is taken for failed.
            party_shows_within_ms: 5_000,
            languages: ["en_US", "de_DE", "es_ES", "fr_FR", "ja_JP", "it_IT", "ko_KR", "pt_BR", "zh_CN", "zh_TW"]
                .map(str::to_owned)
                .to_vec(),
            confirm_every_ms: 1_000,
            task_schedule_days: 6,
            issue_codes: IssueCodes::default(),
            task_templates_path: None,
            task_templates_status: "active".to_owned(),
            task_templates_most: 100,
            task_send_invisible: true,
            task_edit_untemplated: true,
            ring_seconds: 20,
            // Ours: smaller changes of the measured skew are network delay.
            skew_tolerance_ms: 1_000,
            customer_name_attributes: ["customerName", "CustomerName", "customer_name", "Customer Name"]
                .map(str::to_owned)
                .to_vec(),
            whatsapp_subtype: "connect:WhatsApp".to_owned(),
            chat: ChatSettings::default(),
        }
    }
}

/// Addresses made from the settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// Origin of the instance.
    pub origin: String,
    /// CTI service.
    pub api: Url,
    /// Authorize service.
    pub authorize: Url,
    /// Log-out page.
    pub logout: Url,
    /// Task-template service.
    pub task_templates: Url,
    /// CCP page.
    pub ccp: Url,
    /// Where signing in begins.
    pub login: Url,
    /// Signing in is complete under these paths.
    pub done_paths: Vec<String>,
    /// Pages of the instance to fetch from, in the order they are tried.
    pub quiet: Vec<Url>,
}

/// What a reported problem is called at the platform.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "named as the kinds are")]
pub struct IssueCodes {
    pub sound: String,
    pub connection: String,
    pub messages: String,
    pub details: String,
    pub other: String,
}

impl Default for IssueCodes {
    fn default() -> Self {
        Self {
            sound: "AUDIO_ISSUE".to_owned(),
            connection: "CONNECTION_ISSUE".to_owned(),
            messages: "MESSAGE_ISSUE".to_owned(),
            details: "CONTACT_DETAILS_ISSUE".to_owned(),
            other: "OTHER".to_owned(),
        }
    }
}

impl IssueCodes {
    /// Of one kind.
    pub fn of(&self, kind: IssueKind) -> &str {
        match kind {
            IssueKind::Sound => &self.sound,
            IssueKind::Connection => &self.connection,
            IssueKind::Messages => &self.messages,
            IssueKind::Details => &self.details,
            IssueKind::Other => &self.other,
        }
    }
}

fn problem(field: &str, problem: impl Into<String>, key: &str) -> BuildError {
    BuildError { field: field.to_owned(), problem: problem.into(), message_key: key.to_owned() }
}

/// The host is this very computer: plain connections to it leave no wire.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn web_address(field: &str, text: &str) -> Result<Url, BuildError> {
    let text = text.trim();
    let with_scheme = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let url = Url::parse(&with_scheme)
        .map_err(|error| problem(field, error.to_string(), "error_setting_address_unreadable"))?;
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        _ => Err(problem(field, "neither https nor on this computer", "error_setting_address_not_secure")),
    }
}

impl AmazonConnectSettings {
    /// Reads an account's settings. Unknown keys are other people's and stay unread.
    pub fn read(settings: &AccountSettings) -> Result<Self, BuildError> {
        let value = serde_json::Value::Object(settings.clone());
        let mut read: Self = serde_json::from_value(value)
            .map_err(|error| problem("settings", crate::wire::describe(&error), "error_setting_value_unreadable"))?;
        if read.address.trim().is_empty() {
            return Err(problem("address", "missing", "error_setting_address_missing"));
        }
        read.secondary_address = read.secondary_address.filter(|address| !address.trim().is_empty());
        if let Some(second) = &read.secondary_address {
            web_address("secondary_address", second)?;
        }
        if read.global_sign_in && read.login_address.as_ref().is_none_or(|address| address.trim().is_empty()) {
            return Err(problem("login_address", "missing", "error_setting_global_sign_in_page"));
        }
        if read.retry_ms.is_empty() {
            return Err(problem("retry_ms", "empty", "error_setting_value_unreadable"));
        }
        for (field, side) in [("login_width", read.login_width), ("login_height", read.login_height)] {
            if side.is_some_and(|side| !LOGIN_SIDES.contains(&side)) {
                return Err(problem(field, "no size for a window", "error_setting_window_size"));
            }
        }
        for (field, place) in [("login_left", read.login_left), ("login_top", read.login_top)] {
            if place.is_some_and(|place| !LOGIN_PLACES.contains(&place)) {
                return Err(problem(field, "on no screen", "error_setting_window_place"));
            }
        }
        read.addresses()?;
        read.participant(Some("us-east-1"))?;
        Ok(read)
    }

    /// The same account at one of its two instances; `None` when there is no such.
    pub fn of(&self, instance: Instance) -> Option<Self> {
        match instance {
            Instance::First => Some(self.clone()),
            Instance::Second => {
                let second = self.secondary_address.clone()?;
                // A start page of the company's serves the instance it was made for, a global one both.
                let login_address = self.login_address.clone().filter(|_| self.global_sign_in);
                Some(Self { address: second, login_address, ..self.clone() })
            }
        }
    }

    /// The Participant Service (chat document, section 5). An instance on this
    /// computer has its own. `None` while the region is not known.
    pub fn participant(&self, region: Option<&str>) -> Result<Option<Url>, BuildError> {
        const FIELD: &str = "participant_address";
        let base = web_address("address", &self.address)?;
        let given = self.chat.participant_address.as_deref().filter(|text| !text.trim().is_empty());
        let url = match (given, region) {
            (Some(text), _) if !text.contains("{region}") => web_address(FIELD, text)?,
            (None, _) if is_loopback(&base) => base,
            (given, Some(region)) => {
                let template = given.unwrap_or("https://participant.connect.{region}.amazonaws.com");
                web_address(FIELD, &template.replace("{region}", region))?
            }
            (_, None) => return Ok(None),
        };
        let path = format!("{}/", self.chat.participant_path.trim_end_matches('/'));
        let url =
            url.join(&path).map_err(|error| problem(FIELD, error.to_string(), "error_setting_value_unreadable"))?;
        Ok(Some(url))
    }

    /// The addresses, by domain (section 3.1) or as overridden.
    pub fn addresses(&self) -> Result<Addresses, BuildError> {
        let base = web_address("address", &self.address)?;
        let legacy = base.host_str().is_some_and(|host| host.ends_with(".awsapps.com"));
        let prefix = if legacy { "/connect" } else { "" };
        let join = |field: &str, given: &Option<String>, default: &str| {
            let path = given.clone().unwrap_or_else(|| format!("{prefix}{default}"));
            base.join(&path).map_err(|error| problem(field, error.to_string(), "error_setting_value_unreadable"))
        };
        let ccp = join("ccp_path", &self.ccp_path, "/ccp-v2")?;
        let login = match self.login_address.as_deref().filter(|text| !text.trim().is_empty()) {
            Some(text) => web_address("login_address", text)?,
            None => ccp.clone(),
        };
        Ok(Addresses {
            origin: base.origin().ascii_serialization(),
            api: join("api_path", &self.api_path, "/api")?,
            authorize: join("authorize_path", &self.authorize_path, "/auth/authorize")?,
            logout: join("logout_path", &self.logout_path, "/logout")?,
            task_templates: join("task_templates_path", &self.task_templates_path, "/task-templates/api/ccp")?,
            done_paths: self.done_paths.clone().unwrap_or_else(|| vec![ccp.path().to_owned()]),
            quiet: self.quiet(&base)?,
            ccp,
            login,
        })
    }

    fn quiet(&self, base: &Url) -> Result<Vec<Url>, BuildError> {
        const FIELD: &str = "quiet_paths";
        let page = |path: &String| {
            let url =
                base.join(path).map_err(|error| problem(FIELD, error.to_string(), "error_setting_value_unreadable"))?;
            // Written as `//HOST/` or in full, a path may lead elsewhere; cookies would go there.
            let own = url.origin() == base.origin();
            if own { Ok(url) } else { Err(problem(FIELD, "not on the instance", "error_setting_value_unreadable")) }
        };
        self.quiet_paths.iter().map(page).collect()
    }

    /// How the login window is to be.
    pub fn login_look(&self) -> LoginLook {
        LoginLook {
            width: self.login_width,
            height: self.login_height,
            left: self.login_left,
            top: self.login_top,
            stays: self.login_stays_open,
        }
    }

    /// Pause after the `failures`th failure in a row, without jitter.
    pub fn retry(&self, failures: u32) -> Duration {
        let index = (failures.saturating_sub(1) as usize).min(self.retry_ms.len().saturating_sub(1));
        Duration::from_millis(self.retry_ms.get(index).copied().unwrap_or(5_000))
    }
}

/// Milliseconds of a setting as a duration.
pub(crate) fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    fn settings(value: serde_json::Value) -> AccountSettings {
        value.as_object().unwrap().clone()
    }

    #[rstest]
    #[case(
        "https://example.my.connect.aws",
        "https://example.my.connect.aws/api",
        "https://example.my.connect.aws/auth/authorize"
    )]
    #[case(
        "example.my.connect.aws/ccp-v2",
        "https://example.my.connect.aws/api",
        "https://example.my.connect.aws/auth/authorize"
    )]
    #[case(
        "https://example.awsapps.com",
        "https://example.awsapps.com/connect/api",
        "https://example.awsapps.com/connect/auth/authorize"
    )]
    #[case("http://127.0.0.1:8080", "http://127.0.0.1:8080/api", "http://127.0.0.1:8080/auth/authorize")]
    fn addresses_follow_the_domain(#[case] address: &str, #[case] api: &str, #[case] authorize: &str) {
        let read = AmazonConnectSettings::read(&settings(json!({"address": address}))).unwrap();
        let addresses = read.addresses().unwrap();
        assert_eq!(addresses.api.as_str(), api, "section 3.1");
        assert_eq!(addresses.authorize.as_str(), authorize, "section 2.3");
    }

    #[rstest]
    #[case(json!({}), "error_setting_address_missing")]
    #[case(json!({"address": "http://example.com"}), "error_setting_address_not_secure")]
    #[case(json!({"address": "ftp://example.com"}), "error_setting_address_not_secure")]
    #[case(json!({"address": "https://"}), "error_setting_address_unreadable")]
    #[case(json!({"address": "example.com", "ring_seconds": "soon"}), "error_setting_value_unreadable")]
    #[case(json!({"address": "example.com", "login_width": 12}), "error_setting_window_size")]
    #[case(json!({"address": "example.com", "login_height": 100_000}), "error_setting_window_size")]
    #[case(json!({"address": "example.com", "login_width": -480}), "error_setting_value_unreadable")]
    #[case(json!({"address": "example.com", "login_left": 1_000_000}), "error_setting_window_place")]
    #[case(json!({"address": "example.com", "login_top": -1_000_000}), "error_setting_window_place")]
    #[case(json!({"address": "example.com", "login_address": "http://idp.example.com"}), "error_setting_address_not_secure")]
    fn a_wrong_setting_has_its_own_message(#[case] given: serde_json::Value, #[case] key: &str) {
        let error = AmazonConnectSettings::read(&settings(given)).unwrap_err();
        assert_eq!(error.message_key, key, "the agent is told what is wrong");
    }

    #[rstest]
    #[case(json!({"address": "example.com"}), Some("eu-west-2"), Some("https://participant.connect.eu-west-2.amazonaws.com/participant/"))]
    #[case(json!({"address": "example.com"}), None, None)]
    #[case(json!({"address": "http://127.0.0.1:8080"}), None, Some("http://127.0.0.1:8080/participant/"))]
    #[case(json!({"address": "example.com", "participant_address": "https://p.example.com"}), None, Some("https://p.example.com/participant/"))]
    #[case(json!({"address": "example.com", "participant_address": "https://p.{region}.example.com", "participant_path": "/x"}), Some("r1"), Some("https://p.r1.example.com/x/"))]
    fn the_participant_service_is_where_the_region_is(
        #[case] given: serde_json::Value,
        #[case] region: Option<&str>,
        #[case] expected: Option<&str>,
    ) {
        let read = AmazonConnectSettings::read(&settings(given)).unwrap();
        let url = read.participant(region).unwrap();
        assert_eq!(url.as_ref().map(Url::as_str), expected, "chat document, section 5");
    }

    #[test]
    fn the_login_window_is_as_set_or_nothing_is_said_of_it() {
        let read = AmazonConnectSettings::read(&settings(json!({"address": "example.com"}))).unwrap();
        assert_eq!(read.login_look(), LoginLook::default(), "the shell chooses, and closes it");
        let given = json!({
            "address": "example.com", "login_width": 433, "login_height": 578, "login_left": -1280, "login_top": 0,
            "login_stays_open": true,
        });
        let set = AmazonConnectSettings::read(&settings(given)).unwrap().login_look();
        let wanted = LoginLook { width: Some(433), height: Some(578), left: Some(-1280), top: Some(0), stays: true };
        assert_eq!(set, wanted, "a second screen may be on the left");
    }

    #[test]
    fn chats_have_settings_beside_the_others() {
        let given = json!({"address": "example.com", "chat_longest": 16384, "chat_receipts": false});
        let read = AmazonConnectSettings::read(&settings(given)).unwrap();
        assert_eq!((read.chat.chat_longest, read.chat.chat_receipts), (16_384, false), "flat keys");
        assert_eq!(read.chat.chat_page, 15, "the rest keeps its default");
        let plain = json!({"address": "example.com", "participant_address": "http://example.com"});
        let error = AmazonConnectSettings::read(&settings(plain)).unwrap_err();
        assert_eq!(error.message_key, "error_setting_address_not_secure", "no tokens over a plain connection");
    }

    #[test]
    fn every_guess_can_be_overridden_without_a_rebuild() {
        let read = AmazonConnectSettings::read(&settings(json!({
            "address": "https://example.com", "api_path": "/other/api", "poll_pause_ms": 7, "unknown_key": 1
        })))
        .unwrap();
        assert_eq!(read.addresses().unwrap().api.path(), "/other/api", "path");
        assert_eq!(read.poll_pause_ms, 7, "figure");
        assert_eq!(read.heartbeat_ms, 10_000, "the rest keeps its default");
    }
}
