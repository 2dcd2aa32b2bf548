//! Expertflow CX: chats, tasks and supervision over Socket.IO and REST
//! (docs/connectors/expertflow.md).
//!
//! `cim` (messages and events of conversations), `user`, `presence` (the agent's
//! states), `rest` (requests and answers), `customers` (their records), `lists`
//! (pull-mode lists), `reports` (what supervisors see), `talk` (one conversation) and `session`
//! (all of it together) do no I/O; `driver` is the only part that does. Guesses are
//! in `settings` alone.

pub mod cim;
pub mod customers;
mod driver;
pub mod lists;
pub mod presence;
pub mod reports;
pub mod rest;
pub mod session;
mod settings;
pub mod talk;
pub mod user;

use std::collections::BTreeSet;

use async_trait::async_trait;
use trunkline_connector::{
    AccountSettings, BuildError, Capability, Connector, Context, Descriptor, Ended, FieldKind, LoginField, LoginWay,
    Registration,
};
use trunkline_model::PlatformId;

pub use settings::{Encode, ExpertflowSettings};

/// The secret's name in the vault.
pub const PASSWORD: &str = "password";

/// This connector's line in the table of connectors.
pub fn registration() -> Registration {
    Registration { descriptor, build, read_events: None }
}

fn descriptor() -> Descriptor {
    let field = |key, label_key, kind| LoginField { key, label_key, kind, required: true, part_key: None };
    Descriptor {
        id: PlatformId::new("expertflow"),
        name: "Expertflow CX",
        login: vec![LoginWay::Form],
        fields: vec![
            field("address", "field_expertflow_address", FieldKind::Address),
            field("username", "field_expertflow_username", FieldKind::Text),
            field(PASSWORD, "field_expertflow_password", FieldKind::Secret),
        ],
        capabilities: BTreeSet::from([
            Capability::AgentState,
            Capability::MediaStates,
            Capability::Offers,
            Capability::WrapUp,
            Capability::WrapUpCodes,
            Capability::Monitoring,
            Capability::Supervision,
            Capability::WorkLists,
            Capability::Customers,
            Capability::CannedMessages,
            Capability::HandoverNotes,
            Capability::Announcements,
            Capability::Endpoints,
            Capability::Messages,
            Capability::Whispers,
            Capability::Consult,
            Capability::Attachments,
        ]),
    }
}

fn build(settings: &AccountSettings) -> Result<Box<dyn Connector>, BuildError> {
    Ok(Box::new(Expertflow { settings: ExpertflowSettings::read(settings)? }))
}

struct Expertflow {
    settings: ExpertflowSettings,
}

#[async_trait]
impl Connector for Expertflow {
    async fn run(self: Box<Self>, context: Context) -> Ended {
        driver::run(self.settings, context).await
    }
}
