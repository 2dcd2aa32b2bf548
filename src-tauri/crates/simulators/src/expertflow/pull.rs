//! Pull lists: requests that wait until an agent takes one.
//!
//! | status | becomes | when |
//! | --- | --- | --- |
//! | CREATED | JOINED | `joinPullModeRequest` of somebody who is subscribed |
//! | JOINED | CREATED | no primary agent is left and the customer is there |
//! | CREATED, JOINED | closing | `deletePullModeRequest`, or the customer leaves |

use serde_json::{Value, json};

use super::assist::conversation_of;
use super::facts::PullFact;
use super::world::{PullRequest, Stage, World, new_id, object_id};
use crate::Moment;

/// Waits.
pub(super) const CREATED: &str = "CREATED";
/// Somebody is at it.
pub(super) const JOINED: &str = "JOINED";
/// Over.
pub(super) const CLOSING: &str = "closing";

impl World {
    fn list_row(&self, id: &str) -> Option<Value> {
        let list = self.options.pull_lists.iter().find(|list| list.id == id || list.name == id)?;
        Some(json!({ "id": list.id, "name": list.name, "description": null }))
    }

    /// A list's id by its id or name.
    pub fn list_id(&self, name: &str) -> Option<String> {
        self.list_row(name)?["id"].as_str().map(str::to_owned)
    }

    fn request_row(&self, request: &PullRequest) -> Value {
        let conversation = self.conversations.get(&request.conversation);
        json!({
            "id": request.id, "channelSession": conversation.and_then(|c| c.session()).map(|s| s.value.clone()),
            "status": request.status, "listId": request.list, "time": request.time,
        })
    }

    fn rows_of(&self, list: &str) -> Vec<Value> {
        let open = self.pulls.iter().filter(|request| request.list == list && request.status != CLOSING);
        open.map(|request| self.request_row(request)).collect()
    }

    /// What a client that comes in is sent.
    pub fn greet_with_lists(&mut self, agent: &str) {
        let lists = self.agents.get(agent).map(|one| one.lists.clone()).unwrap_or_default();
        let requests: Vec<Value> = lists.iter().flat_map(|list| self.rows_of(list)).collect();
        self.emit(agent, "pullModeSubscribedListRequests", json!(requests));
        self.tell_lists(agent);
    }

    fn tell_lists(&mut self, agent: &str) {
        let lists = self.agents.get(agent).map(|one| one.lists.clone()).unwrap_or_default();
        let rows: Vec<Value> = lists.iter().filter_map(|list| self.list_row(list)).collect();
        self.emit(agent, "onPullModeSubscribedList", json!(rows));
    }

    /// The list that an event is about: the participant, the member and the list all name it.
    fn named_list(&self, body: &Value) -> Option<String> {
        let id = body["listId"].as_str()?;
        let agree = body["topicParticipant"]["conversationId"] == id && body["list"]["id"] == id;
        self.options.pull_lists.iter().find(|list| list.id == id && agree).map(|list| list.id.clone())
    }

    /// `subscribePullModeList`.
    pub fn subscribe_list(&mut self, agent: &str, body: &Value) {
        let Some(list) = self.named_list(body) else {
            return self.refuse(agent, "subscribePullModeList", "there is no such list");
        };
        if let Some(one) = self.agents.get_mut(agent) {
            one.lists.insert(list.clone());
        }
        self.tell_lists(agent);
        let rows = self.rows_of(&list);
        self.emit(agent, "addPullModeSubscribedListRequests", json!(rows));
    }

    /// `unsubscribePullModeList`.
    pub fn unsubscribe_list(&mut self, agent: &str, body: &Value) {
        let list = self.named_list(body);
        let removed = list.filter(|list| self.agents.get_mut(agent).is_some_and(|one| one.lists.remove(list)));
        let Some(list) = removed else {
            return self.refuse(agent, "unsubscribePullModeList", "the agent is not subscribed to the list");
        };
        self.tell_lists(agent);
        self.emit(agent, "removePullModeSubscribedListRequests", json!(list));
    }

    /// A conversation waits in a list; gives the request's id.
    pub fn add_pull(&mut self, list: &str, conversation: &str) -> Option<String> {
        let list = self.list_id(list)?;
        let request = PullRequest {
            id: object_id(),
            list,
            conversation: conversation.to_owned(),
            status: CREATED,
            time: self.now(),
        };
        let id = request.id.clone();
        if let Some(found) = self.conversations.get_mut(conversation) {
            found.pull_request = Some(id.clone());
        }
        self.pulls.push(request);
        self.note_pull(&id, None);
        self.tell_pull(&id, "PULL_MODE_LIST_REQUEST_RECEIVED");
        Some(id)
    }

    fn note_pull(&mut self, id: &str, by: Option<&str>) {
        let agent = by.map(|agent| self.username(agent));
        let Some(request) = self.pulls.iter().find(|request| request.id == id).cloned() else { return };
        let fact = PullFact { status: request.status.to_owned(), agent, at: Moment::now() };
        self.with_facts(&request.conversation, |facts| facts.pulls.push(fact));
    }

    fn tell_pull(&mut self, id: &str, kind: &str) {
        let Some(request) = self.pulls.iter().find(|request| request.id == id) else { return };
        let payload = json!({
            "pullModeEvent": self.request_row(request).to_string(), "type": kind, "conversationId": request.list,
        });
        let list = request.list.clone();
        let listeners: Vec<String> =
            self.agents.iter().filter(|(_, agent)| agent.lists.contains(&list)).map(|(id, _)| id.clone()).collect();
        for agent in listeners {
            self.emit(&agent, "onPullModeSubscribedListRequest", payload.clone());
        }
    }

    fn pull_status(&mut self, id: &str, status: &'static str, by: Option<&str>) {
        if let Some(request) = self.pulls.iter_mut().find(|request| request.id == id && request.status != status) {
            request.status = status;
            self.note_pull(id, by);
            self.tell_pull(id, "PULL_MODE_LIST_REQUEST_STATE_CHANGED");
        }
    }

    fn is_subscribed(&self, agent: &str, list: &str) -> bool {
        self.agents.get(agent).is_some_and(|one| one.lists.contains(list))
    }

    /// Why an agent cannot take a request, whatever they are subscribed to.
    pub fn not_for(&self, agent: &str, request: &PullRequest) -> Option<&'static str> {
        let inside = self.conversations.get(&request.conversation).is_some_and(|c| c.participant(agent).is_some());
        match request.status {
            CREATED if inside || self.is_full(&request.conversation) => Some(super::options::REFUSED),
            CREATED => None,
            JOINED => Some("somebody else has taken the request"),
            _ => Some("the request is gone"),
        }
    }

    /// `joinPullModeRequest`.
    pub fn join_pull(&mut self, agent: &str, body: &Value) {
        const TASK: &str = "joinPullModeRequest";
        let id = body["requestId"].as_str().unwrap_or_default().to_owned();
        let request = self.pulls.iter().find(|request| request.id == id && request.status != CLOSING).cloned();
        let Some(request) = request else { return self.refuse(agent, TASK, "the request is gone") };
        let session = &body["channelSession"]["id"];
        let found = self.conversations.get(&request.conversation);
        let theirs = conversation_of(body) == request.conversation
            && found.is_some_and(|c| c.sessions.iter().any(|one| *session == one.id));
        let why = if self.is_subscribed(agent, &request.list) {
            self.not_for(agent, &request).or((!theirs).then_some("the request is for another conversation"))
        } else {
            Some("the agent is not subscribed to the list")
        };
        if let Some(why) = why {
            return self.refuse(agent, TASK, why);
        }
        let participant = body["topicParticipant"]["id"].as_str().map_or_else(new_id, str::to_owned);
        self.join(agent, &request.conversation, "PRIMARY", participant, None);
        self.pull_status(&id, JOINED, Some(agent));
    }

    /// `deletePullModeRequest`: one that waits, or one's own.
    pub fn delete_pull(&mut self, agent: &str, body: &Value) {
        const TASK: &str = "deletePullModeRequest";
        let id = body.as_str().unwrap_or_default().to_owned();
        let request = self.pulls.iter().find(|request| request.id == id && request.status != CLOSING).cloned();
        let Some(request) = request else { return self.refuse(agent, TASK, "the request is gone") };
        let inside = self.conversations.get(&request.conversation).is_some_and(|c| c.participant(agent).is_some());
        if !self.is_subscribed(agent, &request.list) {
            return self.refuse(agent, TASK, "the agent is not subscribed to the list");
        }
        if request.status == JOINED && !inside {
            return self.refuse(agent, TASK, "somebody else has taken the request");
        }
        self.pull_status(&id, CLOSING, Some(agent));
    }

    /// Whoever had taken the request is out, and the customer is there: it waits again.
    pub fn pull_again(&mut self, conversation: &str) {
        let Some(found) = self.conversations.get(conversation) else { return };
        let goes_on = found.primaries() > 0 || found.facts.customer_left.is_some() || found.state == "CLOSED";
        let on_its_way = self.tasks.iter().any(|task| {
            task.conversation == conversation
                && task.direction == "DIRECT_TRANSFER"
                && matches!(task.stage, Stage::Queued | Stage::Reserved { .. })
        });
        let Some(id) = found.pull_request.clone().filter(|_| !goes_on && !on_its_way) else { return };
        if self.pulls.iter().any(|request| request.id == id && request.status == JOINED) {
            self.pull_status(&id, CREATED, None);
        }
    }

    /// The customer of a request has gone.
    pub fn pull_over(&mut self, conversation: &str) {
        let id = self.conversations.get(conversation).and_then(|c| c.pull_request.clone());
        if let Some(id) = id {
            self.pull_status(&id, CLOSING, None);
        }
    }
}
