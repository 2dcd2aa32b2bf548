//! The Streams surface: pages that were written for Amazon Connect Streams, on
//! contacts of every platform. Pure; the messages are in docs/plugins/streams.md.
//!
//! A page speaks through `streams.js`, the vendor's own library with the panel
//! in place of the CCP. It is given pictures in the shape of Amazon's CTI
//! service, finds out by itself what is new in them, and asks for that
//! service's operations.

mod agent;
mod calls;
mod contact;
mod names;
mod snapshot;
mod watch;

#[cfg(test)]
mod testing;

use serde_json::{Map, Value, json};
use trunkline_model::UnixMillis;
use trunkline_rpc::schema::PluginPermission;
use trunkline_rpc::{RpcCode, RpcError};

pub use calls::{Act, answer, plan};
pub use snapshot::{Rights, snapshot};
pub use watch::Watch;

/// `source` of what pages say.
const PAGE: &str = "trunkline-streams";
/// `source` of what the panel says.
const PANEL: &str = "trunkline";
/// Version of the messages.
const VERSION: u64 = 1;

/// Why something is not done. The kinds are the vendor's names where it has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Which kind, as pages get it.
    pub kind: &'static str,
    /// For the page's developer.
    pub message: String,
}

impl Refusal {
    /// With words for the page's developer.
    pub fn new(kind: &'static str, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    /// The page has not been allowed to do it.
    pub fn not_allowed(permission: PluginPermission) -> Self {
        let name = serde_json::to_value(permission).unwrap_or_default();
        Self::new("AccessDeniedException", format!("It needs the permission {name}."))
    }

    /// The agent was asked and said no.
    pub fn declined() -> Self {
        Self::new("AccessDeniedException", "The agent said no.")
    }

    fn not_here(what: &str) -> Self {
        Self::new("NotImplementedException", what)
    }

    fn invalid(what: &str) -> Self {
        Self::new("ValidationException", what)
    }

    fn state(what: &str) -> Self {
        Self::new("InvalidStateException", what)
    }
}

/// Keys of errors about whom to call.
const WRONG_TARGET: [&str; 3] = ["error_bad_target", "error_number_invalid", "error_number_unusable"];

impl From<&RpcError> for Refusal {
    /// What the core did not do, under the vendor's names.
    fn from(error: &RpcError) -> Self {
        let kind = match error.code {
            RpcCode::NotPossible => "InvalidStateException",
            RpcCode::NotAllowed | RpcCode::UnknownCommand => "AccessDeniedException",
            RpcCode::Invalid if WRONG_TARGET.contains(&error.message_key.as_str()) => "BadEndpointException",
            RpcCode::Invalid => "ValidationException",
            RpcCode::NotSignedIn => "UnauthorizedException",
            RpcCode::Unavailable => "ThrottlingException",
            RpcCode::Failed => "InternalServiceError",
        };
        Self::new(kind, error.detail.clone().unwrap_or_else(|| error.message_key.clone()))
    }
}

/// What a page asks.
#[derive(Clone, Debug, PartialEq)]
pub enum Asked {
    /// To be let in.
    Init {
        /// Version of the vendor's library.
        version: String,
    },
    /// To do something.
    Call {
        /// An operation of the CTI service, or one of ours.
        method: String,
        /// Its members.
        params: Map<String, Value>,
    },
}

/// A question of a page, with the name that its answer carries.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// Names it.
    pub id: String,
    /// What.
    pub asked: Asked,
}

impl Question {
    /// Reads what a page posted. `None`: not for this surface. A question that
    /// cannot be read but has a name is refused under it.
    pub fn read(data: &Value) -> Option<Result<Self, (String, Refusal)>> {
        let members = data.as_object()?;
        let text = |key: &str| members.get(key).and_then(Value::as_str);
        if text("source") != Some(PAGE) {
            return None;
        }
        let id = text("id").filter(|id| !id.is_empty() && id.len() <= 128)?.to_owned();
        if members.get("v").and_then(Value::as_u64) != Some(VERSION) {
            return Some(Err((id, Refusal::not_here("The panel speaks version 1."))));
        }
        let asked = match text("op") {
            Some("init") => Asked::Init { version: text("version").unwrap_or_default().to_owned() },
            Some("call") => {
                let Some(method) = text("method") else {
                    return Some(Err((id, Refusal::invalid("method: text is wanted"))));
                };
                let params = members.get("params").and_then(Value::as_object).cloned().unwrap_or_default();
                Asked::Call { method: method.to_owned(), params }
            }
            _ => return Some(Err((id, Refusal::not_here("op: init or call is wanted")))),
        };
        Some(Ok(Self { id, asked }))
    }
}

/// The answer to a question.
pub fn reply(id: &str, result: &Result<Value, Refusal>) -> Value {
    match result {
        Ok(result) => json!({"source": PANEL, "v": VERSION, "id": id, "ok": true, "result": result}),
        Err(Refusal { kind, message }) => {
            let error = json!({"type": kind, "message": message});
            json!({"source": PANEL, "v": VERSION, "id": id, "ok": false, "error": error})
        }
    }
}

/// An event.
fn event(name: &str, data: &Value) -> Value {
    json!({"source": PANEL, "v": VERSION, "event": name, "data": data})
}

/// The service's times: seconds with a fraction.
fn seconds(at: UnixMillis) -> Value {
    json!(at.0 as f64 / 1000.0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn questions_are_read_strictly_and_what_is_not_for_us_is_left_alone() {
        let call = json!({"source": PAGE, "v": 1, "id": "s-2", "op": "call", "method": "acceptContact",
            "params": {"contactId": "c"}});
        let Question { id, asked } = Question::read(&call).unwrap().unwrap();
        assert_eq!(id, "s-2", "the answer carries its name");
        assert!(
            matches!(&asked, Asked::Call { method, params } if method == "acceptContact" && params["contactId"] == "c"),
            "method and members"
        );
        let init = json!({"source": PAGE, "v": 1, "id": "s-1", "op": "init", "version": "2.28.1"});
        assert_eq!(
            Question::read(&init).unwrap().unwrap().asked,
            Asked::Init { version: "2.28.1".to_owned() },
            "to be let in"
        );
        for other in [json!(null), json!("text"), json!({"source": "smartagent-plugin-sdk", "event": "init"})] {
            assert_eq!(Question::read(&other), None, "another surface's: {other}");
        }
        for wrong in [
            json!({"source": PAGE, "v": 2, "id": "s-3", "op": "init"}),
            json!({"source": PAGE, "v": 1, "id": "s-3", "op": "quit"}),
            json!({"source": PAGE, "v": 1, "id": "s-3", "op": "call"}),
        ] {
            let (id, _) = Question::read(&wrong).unwrap().unwrap_err();
            assert_eq!(id, "s-3", "refused under its name: {wrong}");
        }
        let unnamed = json!({"source": PAGE, "v": 1, "op": "init"});
        assert_eq!(Question::read(&unnamed), None, "nobody waits for an answer");
    }

    #[test]
    fn answers_carry_the_name_and_refusals_their_kind() {
        let good = reply("s-1", &Ok(json!({"a": 1})));
        assert_eq!(good, json!({"source": "trunkline", "v": 1, "id": "s-1", "ok": true, "result": {"a": 1}}), "done");
        let bad = reply("s-1", &Err(Refusal::not_allowed(PluginPermission::PlatformEvents)));
        assert_eq!(bad["error"]["type"], "AccessDeniedException", "the vendor's name for it");
        assert_eq!(
            bad["error"]["message"], "It needs the permission \"platform-events\".",
            "by the name that manifests have"
        );
    }

    #[test]
    fn refusals_of_the_core_have_the_vendors_names() {
        let kind = |code, key: &str| Refusal::from(&RpcError::new(code, key)).kind;
        assert_eq!(kind(RpcCode::NotPossible, "error_not_possible"), "InvalidStateException", "state");
        assert_eq!(kind(RpcCode::Invalid, "error_bad_target"), "BadEndpointException", "whom to call");
        assert_eq!(kind(RpcCode::Invalid, "error_number_invalid"), "BadEndpointException", "a number that is none");
        assert_eq!(kind(RpcCode::Invalid, "error_invalid"), "ValidationException", "anything else that is wrong");
        assert_eq!(kind(RpcCode::UnknownCommand, "error_failed"), "AccessDeniedException", "not for plugins");
    }
}
