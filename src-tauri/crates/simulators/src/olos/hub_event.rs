//! What happens to an agent.

use serde_json::{Map, Value, json};

/// One event, before it has an id, an agent and a time.
#[derive(Clone, Debug)]
pub struct HubEvent {
    /// `eventType`, and the Phoenix event unless [`Self::wire_name`] says otherwise.
    pub kind: String,
    /// `campaignId`.
    pub campaign: Option<i64>,
    /// `channelType`.
    pub channel_type: String,
    /// `channel`.
    pub channel: Option<String>,
    /// `eventData`; absent where the type has none.
    pub data: Option<Value>,
    /// `eventId`; one is made where none is given.
    pub id: Option<String>,
    /// Name of the Phoenix event.
    pub wire_name: Option<String>,
}

impl HubEvent {
    /// A voice event of campaign 22.
    #[must_use]
    pub fn voice(kind: &str, data: Value) -> Self {
        Self {
            kind: kind.to_owned(),
            campaign: Some(22),
            channel_type: "Voice".to_owned(),
            channel: Some("Outbound".to_owned()),
            data: (!data.is_null()).then_some(data),
            id: None,
            wire_name: None,
        }
    }

    /// A chat event of campaign 8.
    #[must_use]
    pub fn chat(kind: &str, data: Value) -> Self {
        let channel = Some("WebChat".to_owned());
        Self { campaign: Some(8), channel_type: "Chat".to_owned(), channel, ..Self::voice(kind, data) }
    }

    /// A call with its data.
    #[must_use]
    pub fn screen_pop(call: i64, number: &str, customer: &str) -> Self {
        Self::voice(
            "ScreenPopVoice",
            json!({
                "callId": call, "campaignId": 22, "phoneNumber": number,
                "campaignData": format!("<Nome>{customer}</Nome>"), "customerId": call.to_string(),
                "agentIdOrigin": 0, "campaignIdOrigin": 0, "readOnly": false, "campaignCode": "", "tableName": "DEMO",
                "priorityCampaign": false, "phoneNumberList": [number], "previewCall": false,
                "automaticPreviewCall": false,
            }),
        )
    }

    /// The agent's status by its number.
    #[must_use]
    pub fn status(number: i64, reason: i64) -> Self {
        Self::voice("ChangeStatusVoice", json!({ "agentStatusId": number, "reasonId": reason }))
    }

    /// Under this id instead of a new one.
    #[must_use]
    pub fn with_id(mut self, id: &str) -> Self {
        self.id = Some(id.to_owned());
        self
    }

    /// As it stands on the wire.
    pub(super) fn payload(&self, id: &str, agent: &str, millis: i64) -> Value {
        let mut members = Map::new();
        members.insert("eventId".to_owned(), json!(id));
        members.insert("eventType".to_owned(), json!(self.kind));
        members.insert("agentId".to_owned(), json!(agent));
        members.insert("campaignId".to_owned(), json!(self.campaign));
        members.insert("channelType".to_owned(), json!(self.channel_type));
        if let Some(channel) = &self.channel {
            members.insert("channel".to_owned(), json!(channel));
        }
        members.insert("timestamp".to_owned(), json!(millis));
        if let Some(data) = &self.data {
            let mut data = data.clone();
            if let Some(members) = data.as_object_mut()
                && self.kind.contains("Status")
            {
                members.insert("agentId".to_owned(), json!(agent));
            }
            members.insert("eventData".to_owned(), data);
        }
        Value::Object(members)
    }
}
