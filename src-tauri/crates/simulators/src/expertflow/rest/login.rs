//! Log-in, second factor and refresh.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use http::StatusCode;
use serde_json::{Value, json};

use super::{Hub, Server};
use crate::expertflow::options::{ExpertflowAgent, SecondFactor};
use crate::expertflow::shapes;

/// A picture of one dot in the place of a real code.
const PICTURE: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

pub(super) fn routes() -> Router<Arc<Hub>> {
    Router::new()
        .route("/agent-manager/agent/login", post(login))
        .route("/agent-manager/agent/register-phone", post(register_phone))
        .route("/agent-manager/agent/send-sms-otp", post(send_code))
        .route("/agent-manager/agent/validate-otp", post(validate))
        .route("/agent-manager/agent/refresh-token", post(refresh))
}

fn refusal(status: u16, message: &str, reason: &str) -> Response {
    let body = match status {
        412 => json!({ "statusCode": 412 }),
        408 => json!({ "statusCode": 408, "msg": reason }),
        400 => json!({ "statusCode": 400, "msg": { "error": { "attribute": "username", "validation": reason } } }),
        _ => json!({ "statusCode": status, "error": {
            "error_message": message, "error_detail": { "status": status, "reason": reason },
        } }),
    };
    let code = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (code, Json(body)).into_response()
}

fn text<'a>(body: &'a Value, names: &[&str]) -> &'a str {
    names.iter().find_map(|name| body[*name].as_str()).unwrap_or_default()
}

/// The agent whose name and password these are.
fn agent<'a>(hub: &'a Hub, body: &Value) -> Option<&'a ExpertflowAgent> {
    let (username, password) = (text(body, &["username"]), text(body, &["password"]));
    hub.options.agents.iter().find(|agent| agent.username == username && agent.password == password && !agent.played)
}

async fn login(State(hub): Server, Json(body): Json<Value>) -> Response {
    if let Some(status) = hub.faults().logins.or(hub.options.login_refusal) {
        let (message, reason) = match status {
            403 => ("Access denied", "Role, team or permission group is missing"),
            404 => ("User not found", "The user does not exist"),
            408 => ("Timed out", "Keycloak cannot be reached"),
            _ => ("Login failed", "The server could not log the user in"),
        };
        return refusal(status, message, reason);
    }
    if text(&body, &["username"]).is_empty() {
        return refusal(400, "", "is required");
    }
    let Some(agent) = agent(&hub, &body) else {
        return refusal(401, "User token could not be issued", "Credentials are not valid");
    };
    let set_up = hub.read(|world| world.registered.contains(&agent.username));
    let answer = match hub.options.second_factor {
        SecondFactor::Off => return session(&hub, agent),
        SecondFactor::App { registered } if registered || set_up => json!({
            "username": agent.username, "is2FARegistered": true, "twoFAChannel": "app", "message": "OTP required",
        }),
        SecondFactor::App { .. } => json!({
            "username": agent.username, "is2FARegistered": false, "twoFAChannel": "app",
            "message": "2FA registration required", "otpSecret": "JBSWY3DPEHPK3PXP", "qrImage": PICTURE,
        }),
        SecondFactor::Sms { registered } if registered || set_up => {
            hub.act(|world| world.codes_sent.push(agent.username.clone()));
            json!({
                "username": agent.username, "is2FARegistered": true, "twoFAChannel": "sms",
                "message": "OTP required", "phoneNumber": "+12025550100",
            })
        }
        SecondFactor::Sms { .. } => json!({
            "username": agent.username, "is2FARegistered": false, "twoFAChannel": "sms",
            "message": "2FA registration required",
        }),
    };
    Json(json!({ "statusCode": 200, "data": answer })).into_response()
}

fn session(hub: &Hub, agent: &ExpertflowAgent) -> Response {
    let now = hub.read(|world| world.now()) / 1000;
    let life = i64::try_from(hub.options.token_life.as_secs().max(1)).unwrap_or(i64::MAX / 2);
    let body = json!({ "statusCode": 200, "data": {
        "token": hub.mint.issue(&agent.id, "Bearer", now, now + life),
        "refresh_token": hub.mint.issue(&agent.id, "Refresh", now, now + 86_400),
        "keycloak_User": shapes::keycloak_user(agent),
    } });
    Json(body).into_response()
}

async fn register_phone(State(hub): Server, Json(body): Json<Value>) -> Response {
    let username = text(&body, &["username"]).to_owned();
    let phone = text(&body, &["phoneNumber", "phone", "phone_number"]);
    let digits = phone.trim_start_matches('+');
    let good = (7..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !good || !hub.options.agents.iter().any(|agent| agent.username == username) {
        return refusal(400, "", "must have 7 to 15 digits");
    }
    let answer = json!({ "statusCode": 200, "data": {
        "username": username, "is2FARegistered": true, "twoFAChannel": "sms", "message": "OTP required",
        "phoneNumber": format!("+{digits}"),
    } });
    hub.act(|world| {
        world.registered.insert(username.clone());
        world.codes_sent.push(username);
    });
    Json(answer).into_response()
}

async fn send_code(State(hub): Server, Json(body): Json<Value>) -> Response {
    let username = text(&body, &["username"]).to_owned();
    if !hub.options.agents.iter().any(|agent| agent.username == username) {
        return refusal(404, "User not found", "The user does not exist");
    }
    hub.act(|world| world.codes_sent.push(username));
    Json(json!({ "statusCode": 200, "data": { "message": "OTP sent" } })).into_response()
}

async fn validate(State(hub): Server, Json(body): Json<Value>) -> Response {
    let Some(agent) = agent(&hub, &body) else {
        return refusal(401, "User token could not be issued", "Credentials are not valid");
    };
    let sms = matches!(hub.options.second_factor, SecondFactor::Sms { .. });
    if text(&body, &["otp", "OTP"]) != hub.options.otp {
        let status = if sms { 404 } else { 401 };
        return refusal(status, "OTP validation failed", "The code is not valid");
    }
    hub.act(|world| world.registered.insert(agent.username.clone()));
    session(&hub, agent)
}

async fn refresh(State(hub): Server, Json(body): Json<Value>) -> Response {
    let given = text(&body, &[hub.options.refresh_field.as_str()]);
    let now = hub.read(|world| world.now()) / 1000;
    let Some(agent) = hub.mint.check(given, "Refresh", now) else {
        let body = json!({ "status": 400, "message": "Refresh token is no longer active" });
        return (StatusCode::BAD_REQUEST, Json(body)).into_response();
    };
    let life = i64::try_from(hub.options.token_life.as_secs().max(1)).unwrap_or(i64::MAX / 2);
    let token = hub.mint.issue(&agent, "Bearer", now, now + life);
    Json(json!({ "status": 200, "access_token": token })).into_response()
}
