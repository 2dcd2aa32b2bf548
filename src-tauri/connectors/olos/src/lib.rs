//! Olos AgentHub: what happens to an agent on the Olos platform, live, and who
//! is online (docs/connectors/olos-agenthub.md). It takes no commands that are
//! public, so everything here is shown and nothing is done.
//!
//! `token` (claims and where a token comes from), `event` and `fields` (the
//! platform's events), `kinds` (their sorts and names), `status` and `live` (the
//! agent's state and call), `roster` and `session` (all of it together over
//! Phoenix channels) do no I/O; `driver` is the only part that does. Guesses are
//! in `settings` alone.

mod driver;
pub mod event;
pub mod fields;
pub mod kinds;
pub mod live;
pub mod roster;
pub mod session;
mod settings;
pub mod status;
pub mod token;

use std::collections::BTreeSet;

use async_trait::async_trait;
use trunkline_connector::{
    AccountSettings, BuildError, Capability, Connector, Context, Descriptor, Ended, FieldKind, LoginField, LoginWay,
    Registration,
};
use trunkline_model::PlatformId;

pub use settings::OlosSettings;

/// This connector's line in the table of connectors.
pub fn registration() -> Registration {
    Registration { descriptor, build, read_events: Some(event::pasted) }
}

fn descriptor() -> Descriptor {
    let field = |key, label_key, kind, required| LoginField { key, label_key, kind, required, part_key: None };
    let service = |key, label_key, kind| LoginField {
        part_key: Some("field_olos_token_service"),
        ..field(key, label_key, kind, false)
    };
    Descriptor {
        id: PlatformId::new("olos"),
        name: "Olos AgentHub",
        login: vec![LoginWay::Form],
        fields: vec![
            field("address", "field_olos_address", FieldKind::Address, true),
            field(token::TOKEN_SECRET, "field_olos_token", FieldKind::Secret, false),
            service("token_url", "field_olos_token_url", FieldKind::Address),
            service(token::SERVICE_SECRET, "field_olos_token_service_key", FieldKind::Secret),
            service("token_command", "field_olos_token_command", FieldKind::Text),
        ],
        capabilities: BTreeSet::from([Capability::PlatformEvents, Capability::Roster]),
    }
}

fn build(settings: &AccountSettings) -> Result<Box<dyn Connector>, BuildError> {
    Ok(Box::new(Olos { settings: OlosSettings::read(settings)? }))
}

struct Olos {
    settings: OlosSettings,
}

#[async_trait]
impl Connector for Olos {
    async fn run(self: Box<Self>, context: Context) -> Ended {
        driver::run(self.settings, context).await
    }
}
