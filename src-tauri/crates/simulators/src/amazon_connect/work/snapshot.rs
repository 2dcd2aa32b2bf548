//! A task or an e-mail as the snapshot tells it; members follow the fixtures.

use serde_json::{Map, Value, json};

use super::contact::{EmailAddress, OfferEmail, OfferTask, WorkOffer, WorkRecord};
use crate::amazon_connect::call::Initiation;
use crate::amazon_connect::options::AgentOptions;
use crate::amazon_connect::snapshot::{address, queue, time};

pub(crate) fn contact(record: &WorkRecord, agent: &AgentOptions, now: f64, skew: f64) -> Value {
    let work = &record.work;
    let present = work.present();
    let transferred = work.contact_id != work.initial_contact_id;
    let (kind, offered, attributes, auto) = match &present {
        WorkOffer::Task(task) => ("task", &task.queue, &task.attributes, agent.task_auto_accept),
        WorkOffer::Email(email) => ("email", &email.queue, &email.attributes, agent.email_auto_accept),
    };
    let attributes: Map<String, Value> =
        attributes.iter().map(|(name, value)| (name.clone(), json!({ "name": name, "value": value }))).collect();
    let mut value = json!({
        "contactId": work.contact_id,
        "initialContactId": work.initial_contact_id,
        "relatedContactId": null,
        "contactAssociationId": work.initial_contact_id,
        "type": kind,
        "state": { "type": record.state, "timestamp": time(record.since + skew) },
        "queue": queue(offered),
        "queueTimestamp": time(record.began - 4.0 + skew),
        "connections": [leg(record, skew)],
        "attributes": attributes,
        "contactDuration": format!("{}", (now - record.began).max(0.0) as u64),
        "name": null,
        "description": null,
        "references": null,
        "initiationMethod": work.initiation.wire_name(),
        "contactFeatures": null,
        "channelContext": null,
        "customerEndpoint": null,
        "connectSystemEndpoint": null,
        "languageCode": null,
        "emailRecipients": null,
    });
    if auto {
        value["agentContactHandlingConfig"] = json!({ "autoAccept": true });
    }
    match &present {
        WorkOffer::Task(task) => task_members(&mut value, task, transferred, work.initiation),
        WorkOffer::Email(email) => email_members(&mut value, email),
    }
    value
}

fn task_members(value: &mut Value, task: &OfferTask, transferred: bool, initiation: Initiation) {
    if !transferred {
        value["initialContactId"] = Value::Null;
    }
    if initiation == Initiation::Inbound {
        value["initiationMethod"] = json!("api");
    }
    let references: Map<String, Value> = task
        .references
        .iter()
        .map(|r| {
            let held = json!({ "type": r.kind, "value": r.value, "arn": null, "status": null, "statusReason": null });
            (r.name.clone(), held)
        })
        .collect();
    value["relatedContactId"] = json!(task.related);
    value["name"] = json!(task.name);
    value["description"] = json!((!task.description.is_empty()).then_some(&task.description));
    value["references"] = Value::Object(references);
    value["channelContext"] = json!({
        "scheduledTime": task.scheduled,
        "taskTemplateId": task.template.as_ref().map(|t| &t.0),
        "taskTemplateVersion": task.template.as_ref().map(|t| t.1),
    });
    value["segmentAttributes"] = json!({ "connect:Subtype": { "ValueString": "connect:Task" } });
}

fn email_members(value: &mut Value, email: &OfferEmail) {
    let listed = |a: &EmailAddress| json!({ "address": a.address, "displayName": a.name });
    let all = |list: &[EmailAddress]| list.iter().map(listed).collect::<Vec<_>>();
    value["segmentAttributes"] = json!({
        "connect:Subtype": { "ValueString": "connect:Email" },
        "connect:Direction": { "ValueString": "INBOUND" },
        "connect:EmailSubject": { "ValueString": email.subject },
    });
    value["customerEndpoint"] = endpoint(&email.from);
    value["connectSystemEndpoint"] = email.to.first().map_or(Value::Null, endpoint);
    value["languageCode"] = json!("en_US");
    value["emailRecipients"] =
        json!({ "toList": all(&email.to), "ccList": all(&email.cc), "fromRecipient": listed(&email.from) });
}

fn endpoint(of: &EmailAddress) -> Value {
    let mut value = address("email_address", None);
    value["emailAddress"] = json!(of.address);
    value["displayName"] = json!(of.name);
    value
}

fn leg(record: &WorkRecord, skew: f64) -> Value {
    json!({
        "connectionId": record.work.agent_connection,
        "endpoint": null,
        "state": { "type": record.leg.state, "timestamp": time(record.leg.since + skew) },
        "type": "agent",
        "initial": true,
        "softphoneMediaInfo": null,
        "chatMediaInfo": null,
        "monitoringInfo": null,
        "mute": null,
        "forcedMute": null,
        "quickConnectName": null,
        "monitorCapabilities": null,
        "monitorStatus": null,
        "capabilities": null,
    })
}
