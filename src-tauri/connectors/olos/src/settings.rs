//! Everything about the platform that is a guess, a figure or a path, in one
//! place. Each member can be overridden by a key of the same name in the
//! account's settings, so a recorded session of a real AgentHub needs no rebuild.
//!
//! | key | kind | default | provenance (docs/connectors/olos-agenthub.md) |
//! | --- | --- | --- | --- |
//! | `address` | address | required | readme: `https://agenthub.api.olos.live` |
//! | `socket_path` | path | `/socket` | 3, guess |
//! | `token_param` | text | `token` | 3, guess |
//! | `token_as_subprotocol` | bool | false | 3, guess: as phoenix.js 1.8 can |
//! | `agent_topic`, `admin_topic` | text | `agents:{sub}`, `admin:{tid}` | 3, guess; `{sub}`, `{tid}`, `{username}` |
//! | `agent_join_params`, `admin_join_params` | table | empty | 3, guess |
//! | `last_event_id_param` | text | none | 4, guess: join parameter with the last event's id |
//! | `admin_role` | text | `admin` | readme |
//! | `roster_event` | text | `presence` | 3, guess; another name: a list pushed with that event |
//! | `event_wrappers` | list | `event`, `data` | 4, guess: members that an event may be wrapped in |
//! | `token_command` | text or list | none | ours: program and arguments that print a token |
//! | `token_url` | address | none | ours: the company's token service |
//! | `token_url_method`, `token_url_body`, `token_url_content_type` | text | `GET`, none, `application/json` | ours |
//! | `token_url_scheme` | text | `Bearer` | ours: before the key in `Authorization` |
//! | `token_field` | text | `access_token` | ours: OAuth2's name of the token in an answer |
//! | `token_limit_ms` | milliseconds | 20000 | ours |
//! | `token_algorithms` | list | `RS256` | readme; others of the RS and ES families are taken with a warning |
//! | `token_leeway_ms` | milliseconds | 30000 | 2, guess: clocks may differ by this |
//! | `token_renew_before_ms` | milliseconds | 60000 | 1, guess |
//! | `refused_statuses` | list | 401, 403 | phoenix document 1: without a reason |
//! | `refusals` | count | 5 | phoenix document 5, ours: so many in a row ask for sign-in |
//! | `heartbeat_ms`, `heartbeat_answer_ms`, `answer_ms`, `reconnect_ms`, `rejoin_ms` | milliseconds | phoenix.js's | phoenix document 4 |
//! | `spread` | share | 0.2 | ours |
//! | `closed_again_ms` | milliseconds | 10000 | ours: a channel that the server closed is asked for again |
//! | `dial_limit_ms` | milliseconds | 15000 | ours |
//! | `longest_message` | bytes | 16777216 | ours: a roster of 10,000 has more than 1 MiB |
//! | `roster_every_ms` | milliseconds | 250 | ours: a busy roster is told this often at most |
//! | `remembered_events` | count | 20000 | ours: ids by which a repeated event is known |
//! | `verbose` | bool | false | readme: members of each event in the log, without their values |

use std::time::Duration;

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use trunkline_connector::{AccountSettings, BuildError, web_address};
use trunkline_wire::phoenix::Timing;
use url::Url;

use crate::token::Source;

/// One account's settings with every overridable guess.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "the table above says what each is")]
pub struct OlosSettings {
    pub address: String,
    pub socket_path: String,
    pub token_param: String,
    pub token_as_subprotocol: bool,
    pub agent_topic: String,
    pub admin_topic: String,
    pub agent_join_params: Map<String, Value>,
    pub admin_join_params: Map<String, Value>,
    pub last_event_id_param: Option<String>,
    pub admin_role: String,
    pub roster_event: String,
    pub event_wrappers: Vec<String>,

    #[serde(deserialize_with = "command_line")]
    pub token_command: Vec<String>,
    pub token_url: Option<String>,
    pub token_url_method: String,
    pub token_url_body: Option<String>,
    pub token_url_content_type: String,
    pub token_url_scheme: String,
    pub token_field: String,
    pub token_limit_ms: u64,
    pub token_algorithms: Vec<String>,
    pub token_leeway_ms: i64,
    pub token_renew_before_ms: i64,
    pub refused_statuses: Vec<u16>,
    pub refusals: u32,

    pub heartbeat_ms: u64,
    pub heartbeat_answer_ms: u64,
    pub answer_ms: u64,
    pub reconnect_ms: Vec<u64>,
    pub rejoin_ms: Vec<u64>,
    pub spread: f64,
    pub closed_again_ms: u64,
    pub dial_limit_ms: u64,
    pub longest_message: usize,
    pub roster_every_ms: u64,
    pub remembered_events: usize,
    pub verbose: bool,
}

impl Default for OlosSettings {
    fn default() -> Self {
        let timing = Timing::default();
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        Self {
            address: String::new(),
            socket_path: "/socket".to_owned(),
            token_param: "token".to_owned(),
            token_as_subprotocol: false,
            agent_topic: "agents:{sub}".to_owned(),
            admin_topic: "admin:{tid}".to_owned(),
            agent_join_params: Map::new(),
            admin_join_params: Map::new(),
            last_event_id_param: None,
            admin_role: "admin".to_owned(),
            roster_event: PRESENCE.to_owned(),
            event_wrappers: ["event", "data"].map(str::to_owned).to_vec(),
            token_command: Vec::new(),
            token_url: None,
            token_url_method: "GET".to_owned(),
            token_url_body: None,
            token_url_content_type: "application/json".to_owned(),
            token_url_scheme: "Bearer".to_owned(),
            token_field: "access_token".to_owned(),
            token_limit_ms: 20_000,
            token_algorithms: vec!["RS256".to_owned()],
            token_leeway_ms: 30_000,
            token_renew_before_ms: 60_000,
            refused_statuses: vec![401, 403],
            refusals: 5,
            heartbeat_ms: millis(timing.heartbeat),
            heartbeat_answer_ms: millis(timing.heartbeat_answer),
            answer_ms: millis(timing.answer),
            reconnect_ms: timing.reconnect.iter().copied().map(millis).collect(),
            rejoin_ms: timing.rejoin.iter().copied().map(millis).collect(),
            spread: timing.spread,
            closed_again_ms: 10_000,
            dial_limit_ms: 15_000,
            longest_message: 16 << 20,
            roster_every_ms: 250,
            remembered_events: 20_000,
            verbose: false,
        }
    }
}

/// `roster_event`: the roster is the Presence of the administrators' topic.
pub const PRESENCE: &str = "presence";

/// A list of words, or one line with words in quotes where they hold spaces.
fn command_line<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Given {
        Words(Vec<String>),
        Line(String),
    }
    Ok(match Given::deserialize(deserializer)? {
        Given::Words(words) => words,
        Given::Line(line) => words(&line),
    })
}

fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted, mut begun) = (Vec::new(), String::new(), false, false);
    for character in line.chars() {
        match character {
            '"' => (quoted, begun) = (!quoted, true),
            space if space.is_whitespace() && !quoted => {
                if std::mem::take(&mut begun) {
                    words.push(std::mem::take(&mut word));
                }
            }
            other => {
                begun = true;
                word.push(other);
            }
        }
    }
    if begun {
        words.push(word);
    }
    words
}

impl OlosSettings {
    /// Reads and checks the account's table.
    pub fn read(settings: &AccountSettings) -> Result<Self, BuildError> {
        let given: Map<String, Value> =
            settings.iter().filter(|(_, value)| !value.is_null()).map(|(k, v)| (k.clone(), v.clone())).collect();
        let read: Self = serde_json::from_value(Value::Object(given))
            .map_err(|error| problem("settings", error.to_string(), "error_setting_value_unreadable"))?;
        read.base()?;
        read.token_source()?;
        if read.token_url_method.parse::<http::Method>().is_err() {
            return Err(problem("token_url_method", "no HTTP method", "error_setting_value_unreadable"));
        }
        Ok(read)
    }

    /// The address of AgentHub.
    pub fn base(&self) -> Result<Url, BuildError> {
        web_address("address", &self.address)
    }

    /// Where tokens come from: the command if there is one, else the address,
    /// else the vault.
    pub fn token_source(&self) -> Result<Source, BuildError> {
        if !self.token_command.is_empty() {
            return Ok(Source::Command(self.token_command.clone()));
        }
        match self.token_url.as_deref().filter(|text| !text.trim().is_empty()) {
            Some(text) => Ok(Source::Service(web_address("token_url", text)?)),
            None => Ok(Source::Vault),
        }
    }

    /// Figures of the Phoenix client.
    pub fn timing(&self) -> Timing {
        let table = |millis: &[u64]| millis.iter().map(|millis| ms(*millis)).collect();
        Timing {
            heartbeat: ms(self.heartbeat_ms),
            heartbeat_answer: ms(self.heartbeat_answer_ms),
            answer: ms(self.answer_ms),
            reconnect: table(&self.reconnect_ms),
            rejoin: table(&self.rejoin_ms),
            spread: self.spread,
            ..Timing::default()
        }
    }
}

/// Milliseconds of a setting as a duration.
pub(crate) fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn problem(field: &str, problem: impl Into<String>, message_key: &str) -> BuildError {
    BuildError { field: field.to_owned(), problem: problem.into(), message_key: message_key.to_owned() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    fn read(value: Value) -> Result<OlosSettings, BuildError> {
        OlosSettings::read(value.as_object().unwrap())
    }

    #[test]
    fn the_defaults_are_those_of_the_description() {
        let described: Value =
            serde_json::from_str(include_str!("../tests/fixtures/olos-agenthub/config-defaults.json")).unwrap();
        let ours = OlosSettings::default();
        let value = |name: &str| described[name]["value"].clone();
        assert_eq!(json!(ours.socket_path), value("socket_path"));
        assert_eq!(json!(ours.token_param), value("token_param"));
        assert_eq!(json!(ours.token_as_subprotocol), value("token_in_auth_header_subprotocol"));
        assert_eq!(json!(ours.agent_topic), value("agent_topic"));
        assert_eq!(json!(ours.agent_join_params), value("agent_join_params"));
        assert_eq!(json!(ours.admin_topic), value("admin_topic"));
        assert_eq!(json!(ours.admin_role), value("admin_role"));
        assert_eq!(json!(ours.roster_event), value("online_users_event"));
        assert_eq!(ours.last_event_id_param, None, "replay_since_last_event_id is false");
    }

    #[rstest]
    #[case(json!({}), "address", "error_setting_address_missing")]
    #[case(json!({"address": "http://hub.example"}), "address", "error_setting_address_not_secure")]
    #[case(json!({"address": "https://"}), "address", "error_setting_address_unreadable")]
    #[case(json!({"address": "hub.example", "token_url": "http://idp.example"}), "token_url", "error_setting_address_not_secure")]
    #[case(json!({"address": "hub.example", "refusals": "many"}), "settings", "error_setting_value_unreadable")]
    #[case(json!({"address": "hub.example", "token_command": 7}), "settings", "error_setting_value_unreadable")]
    #[case(json!({"address": "hub.example", "token_url_method": "GET IT"}), "token_url_method", "error_setting_value_unreadable")]
    fn a_wrong_setting_has_its_own_message(#[case] given: Value, #[case] field: &str, #[case] key: &str) {
        let error = read(given).unwrap_err();
        assert_eq!((error.field.as_str(), error.message_key.as_str()), (field, key), "{}", error.problem);
    }

    #[test]
    fn a_token_comes_from_the_command_the_service_or_the_vault() {
        let with = |more: Value| {
            let mut given = json!({"address": "hub.example"});
            given.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            read(given).unwrap().token_source().unwrap()
        };
        assert_eq!(with(json!({})), Source::Vault);
        assert_eq!(with(json!({"token_url": "", "token_command": ""})), Source::Vault, "fields left empty");
        let service = Source::Service(Url::parse("https://idp.example/token").unwrap());
        assert_eq!(with(json!({"token_url": "idp.example/token"})), service);
        let words = |words: &[&str]| Source::Command(words.iter().map(|word| (*word).to_owned()).collect());
        let line = json!({"token_command": " /opt/token  --for \"two words\" \"\" ", "token_url": "idp.example"});
        assert_eq!(with(line), words(&["/opt/token", "--for", "two words", ""]), "one line, as in a form");
        assert_eq!(with(json!({"token_command": ["a b", "c"]})), words(&["a b", "c"]), "a list, as in a file");
    }

    #[test]
    fn every_guess_can_be_overridden() {
        let given = json!({"address": "hub.example", "agent_topic": "agent:{tid}:{sub}", "reconnect_ms": [1, 2], "unknown": 1, "admin_role": null});
        let read = read(given).unwrap();
        assert_eq!(read.agent_topic, "agent:{tid}:{sub}", "a topic");
        assert_eq!(read.timing().reconnect, [ms(1), ms(2)], "a table");
        assert_eq!(read.admin_role, "admin", "null is not given");
        assert_eq!(read.timing().heartbeat, Duration::from_secs(30), "the rest keeps its default");
    }
}
