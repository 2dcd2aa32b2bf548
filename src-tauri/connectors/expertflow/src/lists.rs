//! Pull-mode lists: work that waits until an agent takes it. Pure: what the
//! platform tells goes in, the lists for the panel come out.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use trunkline_model::{ContactId, Party, WorkItem, WorkItemId, WorkList, WorkListId};

use crate::cim::{self, ChannelSession, Customer, trimmed};
use crate::talk::masked;

/// Requests of one list that are kept; more are no help to anybody.
const MOST: usize = 500;

#[derive(Clone, Debug, PartialEq)]
struct Row {
    id: String,
    name: String,
    description: Value,
}

#[derive(Clone, Debug, PartialEq)]
struct Request {
    id: String,
    list: String,
    status: String,
    session: Value,
    at: Option<trunkline_model::UnixMillis>,
}

/// See the module.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lists {
    known: Vec<Row>,
    subscribed: BTreeSet<String>,
    requests: Vec<Request>,
}

/// What is needed for taking a request.
#[derive(Clone, Debug, PartialEq)]
pub struct Taking {
    /// The conversation that it becomes.
    pub conversation: String,
    /// To be echoed.
    pub session: Value,
}

fn rows(raw: &Value) -> Vec<Row> {
    let row = |row: &Value| {
        let id = trimmed(&row["id"])?;
        let name = trimmed(&row["name"]).unwrap_or_else(|| id.clone());
        Some(Row { id, name, description: row["description"].clone() })
    };
    let mut found: Vec<Row> = Vec::new();
    for one in each(raw).iter().filter_map(row) {
        if !found.iter().any(|known| known.id == one.id) {
            found.push(one);
        }
    }
    found
}

/// Several, or one that stands alone.
fn each(raw: &Value) -> Vec<Value> {
    match raw {
        Value::Array(rows) => rows.clone(),
        Value::Null => Vec::new(),
        one => vec![one.clone()],
    }
}

fn request(raw: &Value) -> Option<Request> {
    Some(Request {
        id: trimmed(&raw["id"])?,
        list: trimmed(&raw["listId"])?,
        status: trimmed(&raw["status"]).unwrap_or_default().to_uppercase(),
        session: raw["channelSession"].clone(),
        at: cim::time(&raw["time"]),
    })
}

impl Lists {
    /// All lists that there are (`/unified-admin/pull-mode-list`).
    pub fn set_known(&mut self, raw: &Value) {
        self.known = rows(raw);
    }

    /// Those that the agent is subscribed to (`onPullModeSubscribedList`).
    pub fn set_subscribed(&mut self, raw: &Value) {
        let told = rows(raw);
        self.subscribed = told.iter().map(|row| row.id.clone()).collect();
        for row in told {
            if !self.known.iter().any(|known| known.id == row.id) {
                self.known.push(row);
            }
        }
        let subscribed = &self.subscribed;
        self.requests.retain(|request| subscribed.contains(&request.list));
    }

    /// What waits in all of them (`pullModeSubscribedListRequests`).
    pub fn set_requests(&mut self, raw: &Value) {
        self.requests.clear();
        self.add_requests(raw);
    }

    /// What waits in a list that was just subscribed to (`addPullModeSubscribedListRequests`).
    pub fn add_requests(&mut self, raw: &Value) {
        for one in each(raw).iter().filter_map(request) {
            self.put(one);
        }
    }

    /// A list is subscribed to no longer (`removePullModeSubscribedListRequests`).
    pub fn remove(&mut self, list: &str) {
        self.requests.retain(|request| request.list != list);
    }

    /// One request is new or has changed (`onPullModeSubscribedListRequest`); false
    /// when that cannot be read.
    pub fn happened(&mut self, raw: &Value) -> bool {
        let parsed;
        let told = match &raw["pullModeEvent"] {
            Value::String(json) => {
                parsed = serde_json::from_str(json).unwrap_or(Value::Null);
                &parsed
            }
            other => other,
        };
        match request(told) {
            Some(one) => self.put(one),
            None => return false,
        }
        true
    }

    fn put(&mut self, one: Request) {
        let known = self.requests.iter().position(|request| request.id == one.id);
        if one.status == "CLOSING" || one.status == "CLOSED" {
            if let Some(index) = known {
                self.requests.remove(index);
            }
            return;
        }
        match known {
            Some(index) => self.requests[index] = one,
            None if self.requests.iter().filter(|request| request.list == one.list).count() < MOST => {
                self.requests.push(one);
            }
            None => tracing::warn!(list = one.list, "a request beyond the limit of a list is left out"),
        }
    }

    /// The agent is subscribed to it.
    pub fn is_subscribed(&self, list: &str) -> bool {
        self.subscribed.contains(list)
    }

    /// The request is there.
    pub fn has(&self, item: &WorkItemId) -> bool {
        self.requests.iter().any(|request| request.id == item.as_str())
    }

    /// The list as requests name it; `None`: there is no such list.
    pub fn as_named(&self, list: &WorkListId) -> Option<Value> {
        let row = self.known.iter().find(|row| row.id == list.as_str())?;
        Some(json!({ "id": row.id, "name": row.name, "description": row.description }))
    }

    /// What is needed for taking a request.
    pub fn taking(&self, item: &WorkItemId) -> Option<Taking> {
        let found = self.requests.iter().find(|request| request.id == item.as_str())?;
        let conversation = trimmed(&found.session["conversationId"])?;
        Some(Taking { conversation, session: found.session.clone() })
    }

    /// The lists as the panel shows them.
    pub fn shown(&self, sees_personal_data: bool, ahead: i64) -> Vec<WorkList> {
        let item = |request: &Request| {
            let session = ChannelSession::read(&request.session);
            let address = session.as_ref().and_then(|session| session.customer_identifier.clone());
            let address = address.map(|address| if sees_personal_data { address } else { masked(&address) });
            WorkItem {
                id: WorkItemId::new(request.id.as_str()),
                contact: trimmed(&request.session["conversationId"]).map(ContactId::new),
                customer: Party { name: Customer::read(&request.session["customer"]).name, address },
                kind: session.map(|session| session.kind()),
                since: request.at.map(|at| at.shifted(-ahead)),
                taken: !matches!(request.status.as_str(), "" | "CREATED" | "QUEUED" | "WAITING"),
            }
        };
        let list = |row: &Row| {
            let mut items: Vec<WorkItem> =
                self.requests.iter().filter(|request| request.list == row.id).map(item).collect();
            items.sort_by(|a, b| (a.since, &a.id).cmp(&(b.since, &b.id)));
            WorkList {
                id: WorkListId::new(row.id.as_str()),
                name: row.name.clone(),
                description: trimmed(&row.description),
                subscribed: self.subscribed.contains(&row.id),
                fixed: false,
                items,
            }
        };
        self.known.iter().map(list).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn fixture(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    const LIST: &str = "68a10000000000000000ab01";

    fn greeted() -> Lists {
        let mut lists = Lists::default();
        lists.set_known(&fixture(include_str!("../tests/fixtures/expertflow/rest/pull_mode_list.json")));
        lists.set_subscribed(&fixture(include_str!(
            "../tests/fixtures/expertflow/socket-in/onPullModeSubscribedList.json"
        )));
        lists.set_requests(&fixture(include_str!(
            "../tests/fixtures/expertflow/socket-in/pullModeSubscribedListRequests.json"
        )));
        lists
    }

    #[test]
    fn a_list_and_what_waits_in_it_are_read() {
        let lists = greeted();
        let shown = lists.shown(true, 0);
        assert_eq!((shown.len(), shown[0].name.as_str(), shown[0].subscribed), (1, "L1", true));
        let item = &shown[0].items[0];
        assert_eq!(item.contact.as_ref().map(ContactId::as_str), Some("68a100000000000000000c01"));
        assert!(!item.taken && item.since.is_some() && item.kind.is_some(), "{item:?}");
        assert_eq!(item.customer.address.as_deref(), Some("15550100"));
        assert_eq!(lists.shown(false, 0)[0].items[0].customer.address.as_deref(), Some("•••••100"));
        assert_eq!(lists.taking(&item.id).unwrap().conversation, "68a100000000000000000c01");
    }

    #[test]
    fn a_request_is_taken_by_somebody_and_then_over() {
        let mut lists = greeted();
        let id = lists.shown(true, 0)[0].items[0].id.clone();
        let mut event =
            fixture(include_str!("../tests/fixtures/expertflow/socket-in/onPullModeSubscribedListRequest.json"));
        let mut told: Value = serde_json::from_str(event["pullModeEvent"].as_str().unwrap()).unwrap();
        told["status"] = json!("JOINED");
        event["pullModeEvent"] = json!(told.to_string());
        assert!(lists.happened(&event));
        assert!(lists.shown(true, 0)[0].items[0].taken);
        told["status"] = json!("closing");
        // As an object in place of text, too.
        event["pullModeEvent"] = told;
        assert!(lists.happened(&event));
        assert!(!lists.has(&id) && lists.taking(&id).is_none());
    }

    #[test]
    fn a_list_that_is_left_is_known_and_empty() {
        let mut lists = greeted();
        lists.set_subscribed(&json!([]));
        lists.remove(LIST);
        let shown = lists.shown(true, 0);
        assert!(!shown[0].subscribed && shown[0].items.is_empty());
        assert!(lists.as_named(&WorkListId::new(LIST)).is_some());
        lists.set_subscribed(&json!({ "id": LIST, "name": "L1" }));
        assert!(lists.is_subscribed(LIST), "one that stands alone");
    }

    #[test]
    fn nonsense_is_left_out_and_lists_are_bounded() {
        let mut lists = greeted();
        for raw in [json!(null), json!({}), json!({ "pullModeEvent": "{" }), json!({ "pullModeEvent": 7 }), json!([1])]
        {
            assert!(!lists.happened(&raw), "{raw}");
        }
        let many: Vec<Value> = (0..600).map(|i| json!({ "id": format!("r{i}"), "listId": LIST })).collect();
        lists.add_requests(&json!(many));
        assert_eq!(lists.shown(true, 0)[0].items.len(), MOST);
        lists.set_known(&json!([{ "id": "a" }, { "id": "a" }, { "name": "x" }, 3]));
        assert_eq!(lists.shown(true, 0).len(), 1);
    }
}
