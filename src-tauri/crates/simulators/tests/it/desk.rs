//! A desk of a few lines: log-in by hand-written HTTP, and Socket.IO by
//! hand-written frames over a WebSocket. Nothing of the program's own client.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::BufReader;
use tokio::sync::mpsc;
use tokio::time::timeout;
use trunkline_simulators::expertflow::{ExpertflowSim, MRD_CHAT};

use crate::wire::{Answer, Socket, read_frame, request, write_frame};

pub const SOON: Duration = Duration::from_secs(10);

/// What came, by the event's name; `closed` and `disconnect` are the connection's own.
type Told = (String, Value);

pub struct Desk {
    pub base: String,
    pub id: String,
    pub username: String,
    pub token: String,
    write: mpsc::UnboundedSender<String>,
    told: mpsc::UnboundedReceiver<Told>,
    kept: Vec<Told>,
}

/// A REST call with a token.
pub async fn rest(base: &str, method: &str, path: &str, token: &str, body: &Value) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers = [("Content-Type", "application/json"), ("Authorization", bearer.as_str())];
    let text = if body.is_null() { String::new() } else { body.to_string() };
    request(base, method, path, &headers, &text).await.expect("an answer")
}

/// The `data` of a log-in.
pub async fn log_in(sim: &ExpertflowSim, username: &str) -> Value {
    let body = json!({ "username": username, "password": sim.options().password(username) });
    let answer = rest(&sim.base_url(), "POST", "/agent-manager/agent/login", "", &body).await;
    assert_eq!(answer.status, 200, "logged in: {}", answer.body);
    answer.json()["data"].clone()
}

impl Desk {
    pub async fn open(sim: &ExpertflowSim, username: &str) -> Self {
        Self::dial(sim, username, true).await
    }

    /// Without acknowledging `onTopicData`.
    pub async fn without_acks(sim: &ExpertflowSim, username: &str) -> Self {
        Self::dial(sim, username, false).await
    }

    async fn dial(sim: &ExpertflowSim, username: &str, acks: bool) -> Self {
        let data = log_in(sim, username).await;
        let user = &data["keycloak_User"];
        let auth = json!({ "agent": user.to_string(), "fcm": { "desktopFcmKey": null, "mobileFcmKey": null } });
        let mut desk = Self::shake(sim, username, &auth, acks).await.expect("let in");
        desk.id = user["id"].as_str().unwrap().to_owned();
        desk.token = data["token"].as_str().unwrap().to_owned();
        desk
    }

    /// With that auth object; the payload of CONNECT_ERROR where it is refused.
    pub async fn shake(sim: &ExpertflowSim, username: &str, auth: &Value, acks: bool) -> Result<Self, Value> {
        let base = sim.base_url();
        let url = format!(
            "{}/agent-manager/socket.io/?EIO=4&transport=websocket&username={username}",
            base.replace("http://", "ws://")
        );
        let (read, mut out) = Socket::open(&url).await.expect("a socket").into_stream().into_split();
        let mut read = BufReader::new(read);
        let (write, mut outbox) = mpsc::unbounded_channel::<String>();
        tokio::spawn(async move {
            while let Some(text) = outbox.recv().await {
                write_frame(&mut out, &text).await;
            }
        });
        let open = read_frame(&mut read).await.expect("the open packet");
        assert!(open.starts_with("0{"), "an open packet: {open}");
        write.send(format!("40{auth}")).unwrap();
        let connected = loop {
            match timeout(SOON, read_frame(&mut read)).await.expect("in time").expect("an answer") {
                ping if ping == "2" => write.send("3".to_owned()).unwrap(),
                answer => break answer,
            }
        };
        if let Some(refused) = connected.strip_prefix("44") {
            return Err(serde_json::from_str(refused).unwrap());
        }
        assert!(connected.starts_with("40{"), "connected: {connected}");
        let (tell, told) = mpsc::unbounded_channel();
        let answers = write.clone();
        tokio::spawn(async move {
            while let Some(frame) = read_frame(&mut read).await {
                if let Some(event) = hear(&frame, acks, &answers) {
                    let _ = tell.send(event);
                }
            }
            let _ = tell.send(("closed".to_owned(), Value::Null));
        });
        let (id, token) = (String::new(), String::new());
        Ok(Self { base, id, username: username.to_owned(), token, write, told, kept: Vec::new() })
    }

    pub async fn get(&self, path: &str) -> Value {
        let answer = rest(&self.base, "GET", path, &self.token, &Value::Null).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.json()
    }

    pub async fn post(&self, path: &str, body: &Value) -> Value {
        let answer = rest(&self.base, "POST", path, &self.token, body).await;
        assert!(answer.status < 300, "{path}: {}", answer.body);
        answer.json()
    }

    pub fn emit(&self, name: &str, payload: &Value) {
        let _ = self.write.send(format!("42{}", json!([name, payload])));
    }

    /// Waits for the first that is wanted, in the order they came; earlier ones stay.
    pub async fn expect(&mut self, what: &str, wanted: impl Fn(&str, &Value) -> bool) -> Value {
        if let Some(at) = self.kept.iter().position(|(name, payload)| wanted(name, payload)) {
            return self.kept.remove(at).1;
        }
        let found = timeout(SOON, async {
            loop {
                let (name, payload) = self.told.recv().await?;
                if wanted(&name, &payload) {
                    return Some(payload);
                }
                self.kept.push((name, payload));
            }
        });
        match found.await {
            Ok(Some(payload)) => payload,
            _ => panic!("{} waited in vain for {what}; kept {:?}", self.username, self.names()),
        }
    }

    fn names(&self) -> Vec<String> {
        let shown = |(name, payload): &Told| match name.as_str() {
            "onCimEvent" => format!("{}", inner(payload)["name"]),
            "errors" => format!("errors {payload}"),
            _ => name.clone(),
        };
        self.kept.iter().map(shown).collect()
    }

    pub async fn event(&mut self, name: &str) -> Value {
        self.expect(name, |have, _| have == name).await
    }

    /// The next CIM event of that name, whole.
    pub async fn cim(&mut self, name: &str) -> Value {
        let payload = self.expect(name, |have, payload| have == "onCimEvent" && inner(payload)["name"] == name).await;
        inner(&payload)
    }

    /// Whether an event of that name comes within that time.
    pub async fn hears(&mut self, name: &str, within: Duration) -> bool {
        if let Some(at) = self.kept.iter().position(|(have, _)| have == name) {
            self.kept.remove(at);
            return true;
        }
        let found = timeout(within, async {
            while let Some((have, payload)) = self.told.recv().await {
                if have == name {
                    return true;
                }
                self.kept.push((have, payload));
            }
            false
        });
        found.await.unwrap_or(false)
    }

    /// Forgets what came so far.
    pub fn forget(&mut self) {
        while let Ok(_told) = self.told.try_recv() {}
        self.kept.clear();
    }

    pub fn global(&self, state: &str, reason: &Value) {
        self.emit(
            "changeAgentState",
            &json!({ "agentId": self.id, "action": "agentState", "state": { "name": state, "reasonCode": reason } }),
        );
    }

    pub fn chat(&self, state: &str) {
        self.emit(
            "changeAgentState",
            &json!({ "agentId": self.id, "action": "agentMRDState", "state": state, "mrdId": MRD_CHAT }),
        );
    }

    /// READY in both, confirmed.
    pub async fn ready(&mut self) {
        self.global("READY", &Value::Null);
        self.expect("READY", |name, p| name == "agentPresence" && p["agentPresence"]["state"]["name"] == "READY").await;
        self.chat("READY");
        self.chat_becomes("READY").await;
    }

    pub async fn chat_becomes(&mut self, state: &str) {
        self.expect(state, |name, payload| name == "agentPresence" && chat_state(payload) == state).await;
    }

    pub fn participant(&self, conversation: &str, role: &str) -> Value {
        json!({
            "id": format!("participant-of-{}", self.username), "type": "AGENT",
            "participant": { "id": self.id, "participantType": "CCUser", "keycloakUser": {} }, "token": null,
            "conversationId": conversation, "role": role, "userCredentials": null, "state": "SUBSCRIBED",
        })
    }

    /// Subscribes to an offer without waiting.
    pub fn subscribe(&self, offer: &Value, role: &str) {
        let conversation = offer["conversationId"].as_str().unwrap();
        self.emit(
            "topicSubscription",
            &json!({
                "topicParticipant": self.participant(conversation, role), "agentId": self.id,
                "conversationId": conversation, "roomInfo": offer["roomInfo"], "taskId": offer["taskId"],
            }),
        );
    }

    /// Waits for an offer, takes it, gives `onTopicData`.
    pub async fn take(&mut self) -> Value {
        let offer = self.event("taskRequest").await;
        let role = if offer["taskDirection"] == "CONSULT" { "ASSISTANT" } else { "PRIMARY" };
        self.subscribe(&offer, role);
        self.event("onTopicData").await
    }

    /// A message as the vendor's desk builds it; gives its id.
    pub fn say(&self, topic: &Value, name: &str, body: &Value) -> String {
        let id = uuid();
        let sender = json!({
            "id": self.id, "senderName": self.username, "type": "AGENT",
            "additionalDetail": { "firstName": "A", "lastName": "B" },
        });
        let session = &topic["topicData"]["channelSession"];
        let event = json!({
            "id": uuid(), "name": name, "type": "MESSAGE", "conversationId": topic["conversationId"],
            "roomInfo": topic["roomInfo"], "timestamp": 1,
            "data": { "id": id, "header": {
                "timestamp": 1, "sender": sender, "channelData": session["channelData"], "intent": null,
                "conversationId": topic["conversationId"], "roomId": topic["roomInfo"]["id"],
                "channelSessionId": session["id"], "customer": topic["topicData"]["customer"],
            }, "body": body },
            "channelSession": session, "eventEmitter": sender,
        });
        self.publish(topic, &event);
        id
    }

    pub fn publish(&self, topic: &Value, event: &Value) {
        self.emit(
            "publishCimEvent",
            &json!({ "cimEvent": event, "agentId": self.id, "conversationId": topic["conversationId"],
                     "roomInfo": topic["roomInfo"] }),
        );
    }

    pub fn write(&self, topic: &Value, text: &str) -> String {
        self.say(topic, "AGENT_MESSAGE", &json!({ "type": "PLAIN", "markdownText": text }))
    }

    pub fn whisper(&self, topic: &Value, text: &str) -> String {
        self.say(topic, "WHISPER_MESSAGE", &json!({ "type": "PLAIN", "markdownText": text }))
    }

    /// Subscribes to a pull list, or ends that.
    pub fn list(&self, event: &str, id: &str, name: &str) {
        self.emit(
            event,
            &json!({ "topicParticipant": self.participant(id, "PRIMARY"), "agentId": self.id, "listId": id,
                     "list": { "id": id, "name": name, "description": null } }),
        );
    }

    /// Asks for a request of a pull list.
    pub fn take_pulled(&self, request: &Value) {
        let session = &request["channelSession"];
        let conversation = session["conversationId"].as_str().unwrap_or_default();
        self.emit(
            "joinPullModeRequest",
            &json!({ "topicParticipant": self.participant(conversation, "PRIMARY"), "agentId": self.id,
                     "channelSession": session, "requestId": request["id"] }),
        );
    }

    /// The id of the first team that this agent supervises.
    pub async fn supervised(&self) -> String {
        let teams = self.get(&format!("/unified-admin/team/user/{}", self.id)).await;
        teams["supervisedTeams"][0]["teamId"].as_str().expect("a supervisor").to_owned()
    }

    pub fn leave(&self, topic: &Value) {
        self.emit(
            "topicUnsubscription",
            &json!({ "conversationId": topic["conversationId"], "agentId": self.id, "roomInfo": topic["roomInfo"] }),
        );
    }

    /// A transfer, conference or consult; `to` is a queue's name or an agent's id.
    pub fn ask_for(&self, event: &str, topic: &Value, mode: &str, to: &str) {
        let key = if mode == "agent" { "requestedAgentId" } else { "queueName" };
        self.emit(
            event,
            &json!({
                "channelSession": topic["topicData"]["channelSession"],
                "agentParticipant": topic["topicData"]["topicParticipant"], "mode": mode, key: to,
                "note": "please help", "offerToAgent": true, "conversationId": topic["conversationId"],
            }),
        );
    }

    pub fn monitor(&self, session: &Value) {
        let conversation = session["conversationId"].as_str().unwrap_or_default();
        self.emit(
            "JoinAsSilentMonitor",
            &json!({ "topicParticipant": self.participant(conversation, "SILENT_MONITOR"), "agentId": self.id,
                     "channelSession": session }),
        );
    }

    pub fn change_part(&self, event: &str, topic: &Value) {
        self.emit(
            event,
            &json!({ "participantId": self.id, "conversationId": topic["conversationId"],
                     "roomInfo": topic["roomInfo"] }),
        );
    }
}

fn uuid() -> String {
    use std::sync::atomic::{AtomicU64, Ordering};
    static LAST: AtomicU64 = AtomicU64::new(1);
    format!("00000000-0000-4000-8000-{:012}", LAST.fetch_add(1, Ordering::SeqCst))
}

/// The chat domain's state in an `agentPresence`.
pub fn chat_state(payload: &Value) -> String {
    let rows = payload["agentPresence"]["agentMrdStates"].as_array().cloned().unwrap_or_default();
    let row = rows.into_iter().find(|row| row["mrd"]["id"] == MRD_CHAT).unwrap_or_default();
    row["state"].as_str().unwrap_or_default().to_owned()
}

/// The event inside `onCimEvent`.
pub fn inner(payload: &Value) -> Value {
    match &payload["cimEvent"] {
        Value::String(text) => serde_json::from_str(text).expect("JSON inside"),
        other => other.clone(),
    }
}

/// Every member of the fixture is in the answer, with a value of the same type.
pub fn same_shape(have: &Value, want: &Value, at: &str) {
    match (have, want) {
        (Value::Object(have), Value::Object(want)) => {
            for (name, value) in want {
                let found = have.get(name).unwrap_or_else(|| panic!("{at}.{name} is missing"));
                same_shape(found, value, &format!("{at}.{name}"));
            }
        }
        (Value::Array(have), Value::Array(want)) => {
            if let (Some(first), Some(wanted)) = (have.first(), want.first()) {
                same_shape(first, wanted, &format!("{at}[0]"));
            }
        }
        (_, Value::Null) | (Value::Null, _) => {}
        (have, want) => assert_eq!(
            std::mem::discriminant(have),
            std::mem::discriminant(want),
            "{at}: {have} in the place of {want}"
        ),
    }
}

fn hear(frame: &str, acks: bool, answers: &mpsc::UnboundedSender<String>) -> Option<Told> {
    if frame == "2" {
        let _ = answers.send("3".to_owned());
        return None;
    }
    if frame == "41" {
        return Some(("disconnect".to_owned(), Value::Null));
    }
    let rest = frame.strip_prefix("42")?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (number, list) = rest.split_at(digits);
    let list: Value = serde_json::from_str(list).expect("an event");
    if !number.is_empty() && acks {
        let _ = answers.send(format!("43{number}[{{\"status\":\"ok\"}}]"));
    }
    Some((list[0].as_str()?.to_owned(), list[1].clone()))
}
