//! What a contact has besides: members that most tests do not look at.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// A customer's signing in within a chat, as `connect:CustomerAuthentication` tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authentication {
    /// `AUTHENTICATED`, `FAILED` or `TIMEOUT`.
    pub status: String,
    /// `AssociatedCustomerId`.
    pub customer: String,
    /// `IdentityProvider`.
    pub provider: String,
}

/// Further members of a contact; the default changes nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extras {
    /// `initiationMethod` instead of the usual one.
    pub initiation: Option<String>,
    /// `initialContactId`: the contact that this one continues.
    pub initial: Option<String>,
    /// `relatedContactId`.
    pub related: Option<String>,
    /// `connect:Subtype` instead of the usual one.
    pub subtype: Option<String>,
    /// Further segment attributes, plain ones.
    pub segment: BTreeMap<String, String>,
    /// `contactMetadata`.
    pub metadata: BTreeMap<String, String>,
    /// `connect:CustomerAuthentication`.
    pub authentication: Option<Authentication>,
    /// `contactFeatures.screenRecordingEnabled`.
    pub screen_recorded: bool,
    /// The customer can send video (`capabilities` of the leg), and the call's
    /// type is `audio_video`.
    pub customer_video: bool,
    /// The customer can share a screen.
    pub customer_screen: bool,
}

impl Extras {
    /// Puts them into a contact of the snapshot.
    pub(crate) fn put_into(&self, contact: &mut Value) {
        let texts = [
            ("initiationMethod", &self.initiation),
            ("initialContactId", &self.initial),
            ("relatedContactId", &self.related),
        ];
        for (name, value) in texts {
            if let Some(value) = value {
                contact[name] = json!(value);
            }
        }
        if let Some(subtype) = &self.subtype {
            contact["segmentAttributes"]["connect:Subtype"] = json!({ "ValueString": subtype });
        }
        for (name, value) in &self.segment {
            contact["segmentAttributes"][name] = json!({ "ValueString": value });
        }
        if let Some(seen) = &self.authentication {
            contact["segmentAttributes"]["connect:CustomerAuthentication"] = json!({ "ValueMap": {
                "Status": { "ValueString": seen.status },
                "AssociatedCustomerId": { "ValueString": seen.customer },
                "IdentityProvider": { "ValueString": seen.provider },
                "AuthenticationMethod": { "ValueString": "CONNECT" },
            }});
        }
        if !self.metadata.is_empty() {
            contact["contactMetadata"] = json!(self.metadata);
        }
        if self.screen_recorded {
            contact["contactFeatures"]["screenRecordingEnabled"] = json!(true);
        }
        let customer = contact["connections"]
            .as_array_mut()
            .and_then(|legs| legs.iter_mut().find(|leg| leg["type"] != "agent" && leg["initial"] == true));
        if let Some(customer) = customer {
            if self.customer_video {
                customer["capabilities"]["Video"] = json!("SEND");
            }
            if self.customer_screen {
                customer["capabilities"]["ScreenShare"] = json!("SEND");
            }
        }
        if self.customer_video && !contact["connections"][0]["softphoneMediaInfo"].is_null() {
            contact["connections"][0]["softphoneMediaInfo"]["callType"] = json!("audio_video");
        }
    }
}
