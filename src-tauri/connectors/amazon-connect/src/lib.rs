//! Amazon Connect: agent state, voice contacts, chats and tasks.
//!
//! `wire` (the platform's JSON), `diff` (which events a snapshot means), `map`
//! (into the shared vocabulary), `auth` (the token), `softphone` (signalling of
//! a call's media leg), `chat` (one chat) and `session` (all of it together) do
//! no I/O; `driver` is the only part that does. Guesses are in `settings` alone.

pub mod auth;
pub mod chat;
pub mod diff;
mod driver;
#[cfg(test)]
mod fixture;
pub mod map;
pub mod session;
mod settings;
pub mod softphone;
pub mod wire;

use std::collections::BTreeSet;

use async_trait::async_trait;
use tokio::time::Instant;
use trunkline_connector::{
    AccountSettings, BuildError, Capability, Connector, Context, Descriptor, Ended, FieldKind, LoginField, LoginWay,
    Registration,
};
use trunkline_model::PlatformId;

pub use settings::{Addresses, AmazonConnectSettings};

/// This connector's line in the table of connectors.
pub fn registration() -> Registration {
    Registration { descriptor, build, read_events: None }
}

fn descriptor() -> Descriptor {
    let field = |key, label_key, kind, required| LoginField { key, label_key, kind, required, part_key: None };
    let window = |key, label_key, kind| LoginField {
        part_key: Some("field_amazon_connect_login_window"),
        ..field(key, label_key, kind, false)
    };
    let second = |key, label_key, kind| LoginField {
        part_key: Some("field_amazon_connect_second"),
        ..field(key, label_key, kind, false)
    };
    Descriptor {
        id: PlatformId::new("amazon-connect"),
        name: "Amazon Connect",
        login: vec![LoginWay::Form, LoginWay::Window],
        fields: vec![
            field("address", "field_amazon_connect_address", FieldKind::Address, true),
            field(auth::TOKEN_SECRET, "field_amazon_connect_token", FieldKind::Secret, false),
            field("login_address", "field_amazon_connect_login_address", FieldKind::Address, false),
            window("login_width", "field_amazon_connect_login_width", FieldKind::Number),
            window("login_height", "field_amazon_connect_login_height", FieldKind::Number),
            window("login_left", "field_amazon_connect_login_left", FieldKind::Number),
            window("login_top", "field_amazon_connect_login_top", FieldKind::Number),
            window("login_stays_open", "field_amazon_connect_login_stays_open", FieldKind::Switch),
            second("secondary_address", "field_amazon_connect_second_address", FieldKind::Address),
            second(auth::SECOND_TOKEN_SECRET, "field_amazon_connect_second_token", FieldKind::Secret),
            second("global_sign_in", "field_amazon_connect_global_sign_in", FieldKind::Switch),
        ],
        capabilities: BTreeSet::from([
            Capability::AgentState,
            Capability::Offers,
            Capability::Voice,
            Capability::Hold,
            Capability::Digits,
            Capability::NextState,
            Capability::Reject,
            Capability::WrapUp,
            Capability::Dial,
            Capability::Parties,
            Capability::Endpoints,
            Capability::Messages,
            Capability::Attachments,
            Capability::CreateTask,
            Capability::TaskTemplates,
            Capability::Preferences,
            Capability::Monitoring,
            Capability::ReportIssue,
            Capability::PlatformPanel,
        ]),
    }
}

fn build(settings: &AccountSettings) -> Result<Box<dyn Connector>, BuildError> {
    Ok(Box::new(AmazonConnect { settings: AmazonConnectSettings::read(settings)? }))
}

struct AmazonConnect {
    settings: AmazonConnectSettings,
}

#[async_trait]
impl Connector for AmazonConnect {
    async fn run(self: Box<Self>, mut context: Context) -> Ended {
        let mut start = session::resilience::Start::default();
        loop {
            let now = session::Now { at: Instant::now(), wall: context.clock.now() };
            let session = match session::Session::new(context.account.clone(), &self.settings, start, now) {
                Ok(session) => session,
                Err(error) => return Ended::BadSettings(error.message_key),
            };
            match driver::run(session, &mut context).await {
                driver::Outcome::Ended(ended) => return ended,
                driver::Outcome::Moved(next) => start = next,
            }
        }
    }
}
