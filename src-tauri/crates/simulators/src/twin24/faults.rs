//! Bad weather of the services, as the handle sets it, and what they were asked.

use std::time::Duration;

use serde_json::Value;

use crate::Moment;

/// How a request fails.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// Nothing is done; that status, with an error body.
    Status(u16),
    /// Nothing is done; that status and any body, as JSON by its header.
    Answer(u16, String),
    /// Nothing is done; 200 and something that is no JSON.
    Garbage,
    /// Nothing is done; the connection ends without an answer.
    Drop,
    /// It is done, that much later.
    Late(Duration),
    /// It is done; the connection ends without an answer.
    LoseAnswer,
    /// It is done; the status says that it was not.
    DoneBut(u16),
    /// It is done; the answer breaks off in the middle.
    CutAnswer,
}

/// What is wrong at present.
#[derive(Clone, Debug, Default)]
pub(super) struct Faults {
    /// Failures, where `METHOD PATH` contains the text, so many times.
    pub rest: Vec<(String, Failure, usize)>,
    /// Every answer of the services is that late.
    pub delay: Duration,
    /// Log-ins are refused with that status.
    pub logins: Option<u16>,
    /// Refreshes are refused with that status.
    pub refreshes: Option<u16>,
}

impl Faults {
    /// What befalls that request.
    pub fn take(&mut self, request: &str) -> Option<Failure> {
        let (_, failure, left) =
            self.rest.iter_mut().find(|(part, _, left)| *left > 0 && request.contains(part.as_str()))?;
        *left -= 1;
        Some(failure.clone())
    }
}

/// Which service was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// Log-in, profile, files.
    Iam,
    /// The rest.
    Chat,
    /// Downloads.
    Storage,
    /// A real Centrifugo's connect proxy.
    Proxy,
}

/// One request.
#[derive(Clone, Debug, PartialEq)]
pub struct Heard {
    /// When.
    pub at: Moment,
    /// Which service.
    pub service: Service,
    /// Method.
    pub method: String,
    /// Path below the service's address, as it was sent.
    pub path: String,
    /// The query's pairs, decoded.
    pub query: Vec<(String, String)>,
    /// The `Authorization` header.
    pub authorization: Option<String>,
    /// The body; null without, and for anything but JSON.
    pub body: Value,
    /// What was answered; none while it has not been, or when the connection was ended instead.
    pub status: Option<u16>,
}

impl Heard {
    /// Method and path, such as `PATCH /users/me/pause`.
    #[must_use]
    pub fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// A value of the query.
    #[must_use]
    pub fn asked(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}
