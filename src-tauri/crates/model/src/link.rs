//! The tie between this program and one platform account.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::UnixMillis;

/// How an account's connection stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum LinkState {
    /// Not started, or signed out by the agent.
    #[default]
    SignedOut,
    /// Waiting for the agent to sign in (login form or window).
    NeedsSignIn,
    /// Signing in or building the first picture.
    Connecting,
    /// All parts work.
    Online,
    /// Contacts still arrive, but a part is broken (see `reason`), and is being mended.
    Degraded,
    /// Nothing arrives at present; being mended by itself.
    Offline,
    /// Ended by the platform for good (no right, agent deleted); not retried.
    Refused,
}

/// How calls reach a platform that was made for a browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Route {
    /// From this program's own HTTP client.
    Direct,
    /// Through the page that the agent signed in on, kept out of sight.
    Page,
}

/// Which of two instances of a contact centre serves the agent, where one can
/// stand in for the other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Serving {
    /// The platform's name of the region it is in, once known (`eu-central-1`).
    pub region: Option<String>,
    /// It is the second one.
    pub second: bool,
    /// The other one takes over as soon as the call at hand is over.
    pub moving: bool,
}

/// An account's connection, with its reason and next step in words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Link {
    /// How it stands.
    pub state: LinkState,
    /// Message key of the reason (catalogue of the UI), absent when all is well.
    pub reason: Option<String>,
    /// Since when.
    pub since: UnixMillis,
    /// Next try at this time, when one is planned.
    pub retry_at: Option<UnixMillis>,
}
