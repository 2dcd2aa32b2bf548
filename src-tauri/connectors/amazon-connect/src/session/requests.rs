//! How a session asks the platform.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, header};
use secrecy::ExposeSecret;
use trunkline_connector::ports::{HttpRequest, Transfer};
use url::Url;

use super::{Action, Now, Purpose, RequestId, Session};
use crate::settings::ms;
use crate::wire::Operation;

impl Session {
    /// Sends a long poll. Exactly one is in flight.
    pub(super) fn send_poll(&mut self, now: Now) {
        let operation = Operation::GetAgentSnapshot {
            next_token: self.poll.next_token.clone(),
            timeout_ms: self.settings.poll_ask_ms,
        };
        self.poll.at = None;
        self.poll.sent_at = Some(now.at);
        self.poll.in_flight = self.call(Purpose::Poll, &operation);
    }

    /// The present state at once: a poll without a token answers immediately.
    pub(super) fn refetch(&mut self, now: Now) {
        if let Some(id) = self.poll.in_flight.take() {
            self.requests.remove(&id);
            self.out.push(Action::CancelHttp(id));
        }
        self.poll.next_token = None;
        self.poll.at = Some(now.at);
    }

    pub(super) fn next_request(&mut self, purpose: Purpose) -> RequestId {
        self.last_request += 1;
        let id = RequestId(self.last_request);
        self.requests.insert(id, purpose);
        id
    }

    /// One call of the CTI service (section 3.2). `None` without a token.
    pub(super) fn call(&mut self, purpose: Purpose, operation: &Operation) -> Option<RequestId> {
        let token = self.auth.token()?.expose_secret().to_owned();
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-amz-json-1.0"));
        let target = format!("AmazonConnectCTIService.{}", operation.name());
        for (name, value) in [("x-amz-target", target.as_str()), ("x-amz-user-agent", &self.settings.user_agent_text)] {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        }
        if let Ok(mut bearer) = HeaderValue::from_str(&token) {
            bearer.set_sensitive(true);
            headers.insert("x-amz-bearer", bearer);
        }
        if self.settings.send_origin
            && let Ok(origin) = HeaderValue::from_str(&self.addresses.origin)
        {
            headers.insert(header::ORIGIN, origin);
        }
        let limit = match purpose {
            Purpose::Poll => self.settings.poll_limit_ms,
            // The agent waits for it: the sign-out must not hang.
            Purpose::GoOffline | Purpose::LeaveInstance => self.settings.call_limit_ms.min(3_000),
            _ => self.settings.call_limit_ms,
        };
        let request = HttpRequest {
            method: Method::POST,
            url: self.addresses.api.clone(),
            headers,
            body: Bytes::from(operation.body(&token).to_string()),
            timeout: ms(limit),
            transfer: Transfer::default(),
        };
        let id = self.next_request(purpose);
        self.dispatch(id, request);
        Some(id)
    }

    /// GET with cookies alone.
    pub(super) fn get(&mut self, purpose: Purpose, url: Url, limit: Duration) {
        let id = self.next_request(purpose);
        let request = HttpRequest {
            method: Method::GET,
            url,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            timeout: limit,
            transfer: Transfer::default(),
        };
        self.dispatch(id, request);
    }
}
