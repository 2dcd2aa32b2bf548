//! Tokens: for a password, and for a refresh token.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};
use serde_json::{Map, Value, json};

use super::Asked;
use crate::twin24::hub::Hub;
use crate::twin24::options::{OperatorStatus, Twin24Operator};
use crate::twin24::token::Worth;
use crate::twin24::world::Refused;

/// Without `ttl` a token lasts a week.
const WEEK: i64 = 7 * 86_400;

pub(super) fn login(hub: &Hub, asked: &Asked) -> Result<Response, Refused> {
    if let Some(status) = hub.set_faults(|faults| faults.logins) {
        return Err(Refused::new(status, "Sign-in is not possible."));
    }
    let body = asked.json();
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    let (email, password) = (text("email"), text("password"));
    let mut wrong = Map::new();
    if !email.contains('@') {
        wrong.insert("email".to_owned(), json!(["invalid"]));
    }
    if password.is_empty() {
        wrong.insert("password".to_owned(), json!(["required"]));
    }
    let ttl = ttl(&body, &mut wrong);
    if !wrong.is_empty() {
        return Err(Refused::invalid(Value::Object(wrong)));
    }
    let right = |one: &&Twin24Operator| one.email == email && one.password == password;
    let Some(operator) = hub.options.operators.iter().find(right) else {
        return Err(Refused::new(401, "Wrong email or password."));
    };
    let company = company(operator, &body["companyId"])?;
    let blocked = |status| status == OperatorStatus::Blocked;
    if hub.read(|world| world.operator(operator.id).is_some_and(|one| blocked(one.status))) {
        return Err(Refused::new(403, "User is blocked."));
    }
    let (first, announce) = (hub.options.status_after_login, hub.options.announce_second_login);
    hub.act(|world| {
        let offline = world.operator(operator.id).is_some_and(|one| one.status == OperatorStatus::Offline);
        if offline {
            world.set_status(operator.id, first);
        } else if announce {
            world.tell_operator(operator.id, "chatUserExists", "");
        }
    });
    Ok(tokens(hub, operator.id, company, ttl))
}

fn ttl(body: &Value, wrong: &mut Map<String, Value>) -> i64 {
    match &body["ttl"] {
        Value::Null => WEEK,
        ttl => ttl.as_i64().filter(|ttl| *ttl > 0).unwrap_or_else(|| {
            wrong.insert("ttl".to_owned(), json!(["invalid"]));
            WEEK
        }),
    }
}

/// The company that is meant: who has several names one.
fn company(operator: &Twin24Operator, asked: &Value) -> Result<u64, Refused> {
    let invalid = || Refused::invalid(json!({ "companyId": ["invalid"] }));
    match asked {
        Value::Null if operator.companies.len() > 1 => Err(Refused::invalid(json!({ "companyId": ["required"] }))),
        Value::Null => operator.companies.first().copied().ok_or_else(invalid),
        asked => asked.as_u64().filter(|id| operator.companies.contains(id)).ok_or_else(invalid),
    }
}

/// Bodies of both calls, and the cookies that come along.
fn tokens(hub: &Hub, operator: u64, company: u64, ttl: i64) -> Response {
    let longest = hub.options.token_life.map_or(i64::MAX, |life| i64::try_from(life.as_secs()).unwrap_or(i64::MAX));
    let now = hub.seconds();
    let token = hub.mint.access(operator, company, now, now + ttl.min(longest).min(10 * 365 * 86_400));
    let refresh = hub.mint.refresh(operator, company);
    let mut response = axum::Json(json!({ "token": token, "refreshToken": refresh })).into_response();
    for (name, value) in [("token", &token), ("refresh_token", &refresh)] {
        if let Ok(cookie) = HeaderValue::from_str(&format!("{name}={value}; Path=/; HttpOnly")) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
    response
}

pub(super) fn refresh(hub: &Hub, asked: &Asked) -> Result<Response, Refused> {
    if let Some(status) = hub.set_faults(|faults| faults.refreshes) {
        return Err(Refused::new(status, "Refresh is not possible."));
    }
    let given = asked.authorization().unwrap_or_default();
    let old = if hub.options.refresh_wants_bare_token { Some(given) } else { given.strip_prefix("Bearer ") };
    let known = match hub.mint.check(old.unwrap_or_default(), hub.seconds()) {
        Worth::Good(operator) | Worth::Over(operator) | Worth::Forbidden(operator) => Some(operator),
        Worth::Nothing => None,
    };
    let body = asked.json();
    let mut wrong = Map::new();
    let ttl = ttl(&body, &mut wrong);
    let token = body["refreshToken"].as_str().unwrap_or_default();
    if token.is_empty() {
        wrong.insert("refreshToken".to_owned(), json!(["required"]));
    }
    if !wrong.is_empty() {
        return Err(Refused::invalid(Value::Object(wrong)));
    }
    let refused = || Refused::new(401, "Refresh token is not valid.");
    let (operator, company, number) = hub.mint.check_refresh(token).ok_or_else(refused)?;
    if known != Some(operator) {
        return Err(Refused::new(401, "Unauthorized."));
    }
    // A refresh token is good once.
    let fresh = hub.act(|world| {
        let fresh = !world.used_refreshes.contains(&number);
        world.used_refreshes.push(number);
        fresh && world.operator(operator).is_some_and(|one| one.status != OperatorStatus::Blocked)
    });
    if fresh { Ok(tokens(hub, operator, company, ttl)) } else { Err(refused()) }
}
