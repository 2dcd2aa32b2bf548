//! Pull lists: requests that wait until an agent takes one.

use serde_json::{Value, json};

use super::world::{PullRequest, World, new_id, object_id};

impl World {
    fn list_row(&self, id: &str) -> Option<Value> {
        let list = self.options.pull_lists.iter().find(|list| list.id == id || list.name == id)?;
        Some(json!({ "id": list.id, "name": list.name, "description": null }))
    }

    fn request_row(&self, request: &PullRequest) -> Value {
        let conversation = self.conversations.get(&request.conversation);
        json!({
            "id": request.id, "channelSession": conversation.and_then(|c| c.session()).map(|s| s.value.clone()),
            "status": request.status, "listId": request.list, "time": request.time,
        })
    }

    fn rows_of(&self, list: &str) -> Vec<Value> {
        let open = self.pulls.iter().filter(|request| request.list == list && request.status != "closing");
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

    /// `subscribePullModeList`.
    pub fn subscribe_list(&mut self, agent: &str, body: &Value) {
        let list = body["listId"].as_str().or(body["list"]["id"].as_str()).unwrap_or_default().to_owned();
        if self.list_row(&list).is_none() {
            return self.refuse(agent, "subscribePullModeList", "there is no such list");
        }
        if let Some(one) = self.agents.get_mut(agent) {
            one.lists.insert(list.clone());
        }
        self.tell_lists(agent);
        let rows = self.rows_of(&list);
        self.emit(agent, "addPullModeSubscribedListRequests", json!(rows));
    }

    /// `unsubscribePullModeList`.
    pub fn unsubscribe_list(&mut self, agent: &str, body: &Value) {
        let list = body["listId"].as_str().or(body["list"]["id"].as_str()).unwrap_or_default().to_owned();
        if let Some(one) = self.agents.get_mut(agent) {
            one.lists.remove(&list);
        }
        self.tell_lists(agent);
        self.emit(agent, "removePullModeSubscribedListRequests", json!(list));
    }

    /// A conversation waits in a list; gives the request's id.
    pub fn add_pull(&mut self, list: &str, conversation: &str) -> Option<String> {
        let list = self.list_row(list)?["id"].as_str()?.to_owned();
        let request = PullRequest {
            id: object_id(),
            list,
            conversation: conversation.to_owned(),
            status: "CREATED",
            time: self.now(),
        };
        let id = request.id.clone();
        if let Some(found) = self.conversations.get_mut(conversation) {
            found.pull_request = Some(id.clone());
        }
        self.pulls.push(request);
        self.tell_pull(&id, "PULL_MODE_LIST_REQUEST_RECEIVED");
        Some(id)
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

    fn pull_status(&mut self, id: &str, status: &'static str) {
        if let Some(request) = self.pulls.iter_mut().find(|request| request.id == id && request.status != status) {
            request.status = status;
            self.tell_pull(id, "PULL_MODE_LIST_REQUEST_STATE_CHANGED");
        }
    }

    /// `joinPullModeRequest`.
    pub fn join_pull(&mut self, agent: &str, body: &Value) {
        let id = body["requestId"].as_str().unwrap_or_default().to_owned();
        let request = self.pulls.iter().find(|request| request.id == id && request.status != "closing").cloned();
        let Some(request) = request else {
            return self.refuse(agent, "joinPullModeRequest", "the request is gone");
        };
        let inside = self.conversations.get(&request.conversation).is_some_and(|c| c.participant(agent).is_some());
        if inside || self.is_full(&request.conversation) {
            return self.refuse(agent, "joinPullModeRequest", super::options::REFUSED);
        }
        let participant = body["topicParticipant"]["id"].as_str().map_or_else(new_id, str::to_owned);
        self.join(agent, &request.conversation, "PRIMARY", participant, None);
        self.pull_status(&id, "JOINED");
    }

    /// `deletePullModeRequest`.
    pub fn delete_pull(&mut self, agent: &str, body: &Value) {
        let id = body.as_str().unwrap_or_default().to_owned();
        if !self.pulls.iter().any(|request| request.id == id && request.status != "closing") {
            return self.refuse(agent, "deletePullModeRequest", "the request is gone");
        }
        self.pull_status(&id, "closing");
    }

    /// The customer of a request has gone.
    pub fn pull_over(&mut self, conversation: &str) {
        let id = self.conversations.get(conversation).and_then(|c| c.pull_request.clone());
        if let Some(id) = id {
            self.pull_status(&id, "closing");
        }
    }
}
