//! An account's form: what the agent types as text, and what the settings file
//! and the connector have of it.

use serde_json::Value;
use trunkline_connector::{FieldKind, LoginField};
use trunkline_rpc::RpcError;
use trunkline_rpc::schema::FormField;

use crate::rpc_error;

/// What a switch that is on says.
const ON: &str = "true";

/// A field as the panel shows it.
pub(crate) fn field(field: LoginField) -> FormField {
    let kind = match field.kind {
        FieldKind::Text => "text",
        FieldKind::Address => "address",
        FieldKind::Secret => "secret",
        FieldKind::Number => "number",
        FieldKind::Switch => "switch",
    };
    FormField {
        key: field.key.to_owned(),
        label_key: field.label_key.to_owned(),
        kind: kind.to_owned(),
        required: field.required,
        part_key: field.part_key.map(str::to_owned),
    }
}

/// What is kept of what the agent typed; `None`: nothing is set.
pub(crate) fn kept(fields: &[LoginField], key: &str, text: &str) -> Result<Option<Value>, RpcError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    match fields.iter().find(|field| field.key == key).map(|field| field.kind) {
        Some(FieldKind::Number) => match text.parse::<i64>() {
            Ok(number) => Ok(Some(number.into())),
            Err(_) => Err(rpc_error::field(key, "error_number_needed")),
        },
        Some(FieldKind::Switch) => Ok((text == ON).then_some(Value::Bool(true))),
        _ => Ok(Some(text.into())),
    }
}

/// A setting in the form; `None`: no text can stand for it.
pub(crate) fn shown(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(on) => Some(if *on { ON.to_owned() } else { String::new() }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use serde_json::json;
    use trunkline_rpc::{RpcCode, Window};

    use super::*;
    use crate::{Core, CoreConfig};

    /// Saves an account with these of the form's fields; gives the answer.
    async fn save(core: &Core, settings: Value) -> Result<Value, RpcError> {
        let account = json!({
            "account": null, "platform": "amazon-connect", "name": "Sales", "secrets": {}, "settings": settings,
        });
        core.router().call(Window::Panel, "account_save", account).await
    }

    #[tokio::test]
    async fn what_is_no_number_is_marked_at_its_field_and_nothing_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let core = Core::start(CoreConfig::in_folder(folder.path())).await.unwrap();
        for (typed, field, key) in [
            ("wide", "login_width", "error_number_needed"),
            ("480.5", "login_width", "error_number_needed"),
            ("99999999999999999999", "login_width", "error_number_needed"),
            ("12", "login_width", "error_setting_window_size"),
            ("1000000", "login_left", "error_setting_window_place"),
        ] {
            let settings = json!({ "address": "http://127.0.0.1:9", field: typed });
            let refused = save(&core, settings).await.expect_err("it is refused");
            assert_eq!(refused.code, RpcCode::Invalid, "{typed}: the agent can mend it");
            assert_eq!((refused.field.as_deref(), refused.message_key.as_str()), (Some(field), key), "{typed}");
        }
        assert!(core.parts.settings.get().accounts.is_empty(), "no account came of it");
        core.shut_down().await;
    }

    #[tokio::test]
    async fn the_login_window_is_kept_as_numbers_and_shown_as_typed() {
        let folder = tempfile::tempdir().unwrap();
        let core = Core::start(CoreConfig::in_folder(folder.path())).await.unwrap();
        let typed = json!({
            "address": "http://127.0.0.1:9", "login_width": " 433 ", "login_height": "578", "login_left": "-1280",
            "login_top": "", "login_stays_open": "true",
        });
        let form = save(&core, typed).await.unwrap();
        assert_eq!(form["settings"]["login_width"], "433", "as it was typed");
        assert_eq!(form["settings"]["login_stays_open"], "true", "and switched on");
        let record = core.parts.settings.get().accounts[0].clone();
        let kept = json!({
            "address": "http://127.0.0.1:9", "login_width": 433, "login_height": 578, "login_left": -1280,
            "login_stays_open": true,
        });
        assert_eq!(Value::Object(record.settings), kept, "the connector reads numbers; what is empty is not there");

        let less = json!({
            "account": record.id, "platform": "amazon-connect", "name": "Sales", "secrets": {},
            "settings": { "address": "http://127.0.0.1:9", "login_width": "", "login_stays_open": "" },
        });
        let form = core.router().call(Window::Panel, "account_save", less).await.unwrap();
        assert_eq!(form["settings"]["login_width"], Value::Null, "taken back, the shell chooses again");
        assert_eq!(form["settings"]["login_stays_open"], Value::Null, "and the window closes by itself");
        assert_eq!(form["settings"]["login_height"], "578", "what was not in the form stays");
        core.shut_down().await;
    }
}
