//! Two instances that stand in for each other: which one is to serve.
//!
//! An instance hands out a pre-signed address (CreateTransport
//! `agent_discovery`); what is read there names the instance that is to serve
//! and says whether contacts end at once. A real address is the same service in
//! every region, so each simulator answers for itself and a test tells both.
//!
//! The agents, queues and states of every simulated instance have the same
//! names; a second instance has another ARN in front of them.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::AmazonConnectSim;
use super::call::lock;
use super::shared::Shared;
use super::snapshot::INSTANCE;

/// ARN of a second instance, in another region.
pub const SECOND_INSTANCE: &str =
    "arn:aws:connect:eu-west-2:111122223333:instance/0a1b2c3d-2222-4222-8333-444455556666";

/// What the discovery service says.
#[derive(Debug, Default)]
pub(crate) struct Discovery {
    /// The serving instance; this one while nothing was said.
    active: Option<String>,
    terminate: bool,
    /// Addresses given out before are no longer good.
    generation: u32,
}

#[derive(Deserialize)]
pub(crate) struct Signed {
    signature: Option<String>,
}

fn signature(generation: u32) -> String {
    format!("EXAMPLE-SIGNATURE-{generation}")
}

/// CreateTransport `agent_discovery`.
pub(crate) fn transport(shared: &Shared) -> Value {
    let generation = lock(&shared.discovery).generation;
    let url = format!("http://{}/agent-discovery?signature={}", shared.http, signature(generation));
    json!({ "agentDiscoveryTransport": { "presignedUrl": url } })
}

/// GET of the pre-signed address.
pub(crate) async fn discover(State(shared): State<Arc<Shared>>, Query(signed): Query<Signed>) -> Response {
    let note = shared.note_request("agent-discovery", None);
    shared.weather().await;
    let fault = lock(&shared.faults).take("agent-discovery");
    let response = match fault {
        Some(fault) => super::cti::faulty(fault).await,
        None => {
            let discovery = lock(&shared.discovery);
            if signed.signature == Some(signature(discovery.generation)) {
                let active = discovery.active.as_ref().unwrap_or(&shared.options.instance);
                axum::Json(json!({ "InstanceArn": active, "TerminateActiveContacts": discovery.terminate }))
                    .into_response()
            } else {
                (StatusCode::FORBIDDEN, "Request has expired").into_response()
            }
        }
    };
    shared.note_status(note, response.status().as_u16());
    response
}

/// A client's body in the words of the one instance that is simulated.
pub(crate) fn inward(shared: &Shared, body: &[u8]) -> Vec<u8> {
    if shared.options.instance == INSTANCE {
        return body.to_vec();
    }
    String::from_utf8_lossy(body).replace(&shared.options.instance, INSTANCE).into_bytes()
}

/// An answer in the words of this instance.
pub(crate) fn outward(shared: &Shared, body: String) -> String {
    if shared.options.instance == INSTANCE { body } else { body.replace(INSTANCE, &shared.options.instance) }
}

impl AmazonConnectSim {
    /// This instance's ARN.
    #[must_use]
    pub fn instance_arn(&self) -> String {
        self.shared.options.instance.clone()
    }

    /// From now on the discovery service names this instance. `terminate`:
    /// contacts end at once, else the voice contact is waited for.
    pub fn set_active_instance(&self, arn: &str, terminate: bool) {
        let mut discovery = lock(&self.shared.discovery);
        discovery.active = Some(arn.to_owned());
        discovery.terminate = terminate;
    }

    /// Addresses of the discovery service that were given out are refused (403).
    pub fn expire_discovery(&self) {
        lock(&self.shared.discovery).generation += 1;
    }
}
