//! TWIN24: operator chats over REST and Centrifugo (docs/connectors/twin24.md,
//! docs/connectors/centrifugo.md).
//!
//! `look`, `doc` and `event` read what comes, `rest` writes what goes out, `dialog` is
//! one chat session, `session` all of it together: none of them does I/O. `driver` is
//! the only part that does. Guesses are in `settings` alone.

mod dialog;
mod doc;
mod driver;
mod event;
mod look;
mod rest;
mod session;
mod settings;

use std::collections::BTreeSet;

use async_trait::async_trait;
use trunkline_connector::{
    AccountSettings, BuildError, Capability, Connector, Context, Descriptor, Ended, FieldKind, LoginField, LoginWay,
    Registration,
};
use trunkline_model::PlatformId;

pub use settings::{Call, Calls, EventFields, Twin24Settings};

/// The secret's name in the vault.
pub const PASSWORD: &str = "password";

/// This connector's line in the table of connectors.
pub fn registration() -> Registration {
    Registration { descriptor, build, read_events: None }
}

fn descriptor() -> Descriptor {
    let field = |key, label_key, kind, required| LoginField { key, label_key, kind, required, part_key: None };
    Descriptor {
        id: PlatformId::new("twin24"),
        name: "TWIN24",
        login: vec![LoginWay::Form],
        fields: vec![
            field("email", "field_twin24_email", FieldKind::Text, true),
            field(PASSWORD, "field_twin24_password", FieldKind::Secret, true),
            field("company", "field_twin24_company", FieldKind::Number, false),
            field("iam", "field_twin24_iam", FieldKind::Address, false),
            field("chat", "field_twin24_chat", FieldKind::Address, false),
            field("events", "field_twin24_events", FieldKind::Text, false),
        ],
        capabilities: BTreeSet::from([
            Capability::AgentState,
            Capability::Offers,
            Capability::Endpoints,
            Capability::Messages,
            Capability::Attachments,
            Capability::WorkLists,
            Capability::Archive,
        ]),
    }
}

fn build(settings: &AccountSettings) -> Result<Box<dyn Connector>, BuildError> {
    Ok(Box::new(Twin24 { settings: Twin24Settings::read(settings)? }))
}

struct Twin24 {
    settings: Twin24Settings,
}

#[async_trait]
impl Connector for Twin24 {
    async fn run(self: Box<Self>, context: Context) -> Ended {
        driver::run(self.settings, context).await
    }
}
