//! What supervisors see of their teams, out of the rows of the platform's live
//! reports (docs/connectors/expertflow.md, section 10). The nesting of the rows is
//! in part inferred, so everything may be missing.

use std::collections::BTreeMap;

use serde_json::Value;
use trunkline_model::{
    AgentState, AuthorRole, ContactId, Listening, MediaStateKind, Party, QueueId, Subtype, SupervisedAgent,
    SupervisedContact, SupervisedMedium, SupervisedPart, SupervisedQueue, Supervision, Team, UnixMillis,
    WaitingContact,
};

use crate::cim::{self, ChannelSession};
use crate::presence;
use crate::talk::masked;
use crate::user::User;

/// Rows of one list that are read.
const MOST: usize = 2_000;

/// What rows are read with.
#[derive(Clone, Copy)]
pub struct Around<'a> {
    /// The supervisor.
    pub user: &'a User,
    /// Milliseconds that the platform's clock is ahead of this computer's.
    pub ahead: i64,
    /// This computer's clock.
    pub wall: UnixMillis,
}

fn text(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then(|| cim::cut(&text))
}

fn rows<'v>(value: &'v Value, inside: &str) -> impl Iterator<Item = &'v Value> + use<'v> {
    let list = value.as_array().or_else(|| value[inside].as_array()).or_else(|| value["data"].as_array());
    list.map(Vec::as_slice).unwrap_or_default().iter().take(MOST)
}

/// Reads into a picture, team by team.
pub struct Reading<'a> {
    /// What has been read so far.
    pub picture: &'a mut Supervision,
    /// What rows are read with.
    pub around: Around<'a>,
}

impl Reading<'_> {
    /// `agent-activity/detail` of one team.
    pub fn agents(&mut self, raw: &Value, team: &Team) {
        for row in rows(raw, "agentDetails") {
            let Some(id) = text(&row["id"]) else { continue };
            if self.picture.agents.iter().any(|known| known.id == id) {
                continue;
            }
            let medium = |row: &Value| {
                let state = text(&row["state"]).unwrap_or_default().to_uppercase();
                Some(SupervisedMedium { name: text(&row["name"])?, state: presence::kind(&state) })
            };
            let media: Vec<SupervisedMedium> =
                row["mrds"].as_array().map(|rows| rows.iter().filter_map(medium).collect()).unwrap_or_default();
            let since = cim::time(&row["stateChangeTime"]).map(|at| at.shifted(-self.around.ahead));
            let state = text(&row["state"]).unwrap_or_default().to_uppercase();
            self.picture.agents.push(SupervisedAgent {
                name: text(&row["name"]).unwrap_or_else(|| id.clone()),
                id,
                team: Some(team.id.clone()),
                state: AgentState { since, ..presence::by_name(&state) },
                media: media.into_iter().filter(|medium| medium.state != MediaStateKind::Unknown).collect(),
                contacts: row["activeChatsCount"].as_u64().and_then(|count| u32::try_from(count).ok()).unwrap_or(0),
            });
        }
        self.picture.agents.sort_by_cached_key(|agent| (agent.name.to_lowercase(), agent.id.clone()));
    }

    fn queue(&mut self, row: &Value) -> Option<&mut SupervisedQueue> {
        let name = text(&row["queueName"]).or_else(|| text(&row["queueId"]))?;
        let id = QueueId::new(text(&row["queueId"]).unwrap_or_else(|| name.clone()));
        let queues = &mut self.picture.queues;
        let index = queues.iter().position(|queue| queue.id == id).unwrap_or_else(|| {
            queues.push(SupervisedQueue { id, name, waiting: Vec::new(), active: 0 });
            queues.len() - 1
        });
        queues.get_mut(index)
    }

    /// Seconds that something has lasted, as its beginning.
    fn since(&self, seconds: &Value) -> Option<UnixMillis> {
        let seconds = seconds.as_f64().or_else(|| seconds.as_str()?.trim().parse().ok())?;
        let lasts = (0.0..1.0e8).contains(&seconds).then_some((seconds * 1_000.0) as i64)?;
        Some(self.around.wall.shifted(-lasts))
    }

    fn address(&self, value: &Value) -> Option<String> {
        text(value).map(|address| if self.around.user.sees_personal_data() { address } else { masked(&address) })
    }

    /// `queued-chats/detail` of one team. A chat that several teams see waits once.
    pub fn waiting(&mut self, raw: &Value, seen: &mut Vec<String>) {
        for row in rows(raw, "queues") {
            let mut waiting = Vec::new();
            for chat in rows(&row["chats"], "docs") {
                if let Some(id) = text(&chat["conversationId"]) {
                    if seen.contains(&id) {
                        continue;
                    }
                    seen.push(id);
                }
                waiting.push(WaitingContact {
                    customer: Party {
                        name: text(&chat["customerName"]),
                        address: self.address(&chat["channelIdentity"]),
                    },
                    kind: cim::subtype(chat["channelType"].as_str().unwrap_or_default()),
                    since: self.since(&chat["waitingSince"]),
                    labels: labels(&chat["customerLabels"]),
                });
            }
            if let Some(queue) = self.queue(row) {
                queue.waiting.extend(waiting);
                queue.waiting.sort_by_key(|waiting| waiting.since);
            }
        }
    }

    /// `queue-active-chats/detail` of one team. Keeps each chat's first session for
    /// joining it.
    pub fn contacts(&mut self, raw: &Value, sessions: &mut BTreeMap<ContactId, Value>) {
        for row in rows(raw, "queues") {
            let queue = text(&row["queueName"]);
            let mut count = 0;
            for chat in rows(&row["chats"], "docs") {
                let Some(id) = text(&chat["conversationId"]).map(ContactId::new) else { continue };
                if self.picture.contacts.iter().any(|known| known.id == id) {
                    continue;
                }
                let contact = self.contact(&id, chat, queue.clone());
                if let Some(first) = chat["activeChannelSessions"].as_array().and_then(|list| list.first()) {
                    sessions.insert(id, first.clone());
                }
                self.picture.contacts.push(contact);
                count += 1;
            }
            if let Some(queue) = self.queue(row) {
                queue.active += count;
            }
        }
        self.picture.contacts.sort_by(|a, b| (a.since, &a.id).cmp(&(b.since, &b.id)));
    }

    fn contact(&self, id: &ContactId, chat: &Value, queue: Option<String>) -> SupervisedContact {
        let raw = chat["activeChannelSessions"].as_array().map(Vec::as_slice).unwrap_or_default();
        let sessions: Vec<ChannelSession> = raw.iter().filter_map(ChannelSession::read).collect();
        let mut kinds: Vec<Subtype> = Vec::new();
        for kind in sessions.iter().map(ChannelSession::kind) {
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
        if kinds.is_empty() {
            kinds.push(cim::subtype(chat["channelType"].as_str().unwrap_or("CHAT")));
        }
        let rows = chat["conversationParticipantDetails"].as_array().map(Vec::as_slice).unwrap_or_default();
        let role = |row: &Value| text(&row["role"]).unwrap_or_default().to_uppercase();
        let person = |row: &Value| {
            let listens = matches!(role(row).as_str(), "SILENT_MONITOR" | "WHISPER");
            let role = if listens { AuthorRole::Supervisor } else { AuthorRole::Agent };
            Some(SupervisedPart { name: text(&row["agentName"]).or_else(|| text(&row["agentUsername"]))?, role })
        };
        let me = self.around.user;
        let mine = |row: &Value| {
            text(&row["agentId"])
                .map_or_else(|| text(&row["agentUsername"]).is_some_and(|name| name == me.username), |id| id == me.id)
        };
        let state = text(&chat["conversationState"]).unwrap_or_default().to_uppercase();
        let outbound = chat["direction"].as_str().is_some_and(|way| way.trim().eq_ignore_ascii_case("OUTBOUND"));
        let listening = if rows.iter().any(mine) {
            Listening::Mine
        } else if sessions.iter().any(ChannelSession::is_voice) {
            Listening::Telephone
        } else if rows.iter().any(|row| role(row) == "SILENT_MONITOR") {
            Listening::Taken
        } else if outbound || raw.is_empty() || !matches!(state.as_str(), "" | "ACTIVE" | "ON_HOLD") {
            Listening::Impossible
        } else {
            Listening::Possible
        };
        SupervisedContact {
            id: id.clone(),
            customer: Party { name: text(&chat["customerName"]), address: self.address(&chat["channelIdentity"]) },
            kinds,
            queue,
            since: self.since(&chat["activeSince"]),
            people: rows.iter().filter_map(person).collect(),
            listening,
        }
    }
}

/// Marks on a customer: words, or objects that are named.
pub fn labels(raw: &Value) -> Vec<String> {
    let label = |label: &Value| text(label).or_else(|| text(&label["name"])).or_else(|| text(&label["label"]));
    raw.as_array().map(|list| list.iter().take(50).filter_map(label).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;
    use trunkline_model::{AgentStateKind, TeamId};

    use super::*;

    fn fixture(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    fn supervisor() -> User {
        let login = fixture(include_str!("../tests/fixtures/expertflow/rest/login_response_supervisor.json"));
        User::read(&login["data"]["keycloak_User"]).unwrap()
    }

    fn read(agents: &Value, waiting: &Value, contacts: &Value) -> (Supervision, BTreeMap<ContactId, Value>) {
        let (user, mut picture, mut sessions) = (supervisor(), Supervision::default(), BTreeMap::new());
        let around = Around { user: &user, ahead: 0, wall: UnixMillis(1_000_000) };
        let mut reading = Reading { picture: &mut picture, around };
        reading.agents(agents, &Team { id: TeamId::new("t"), name: "T".to_owned() });
        reading.waiting(waiting, &mut Vec::new());
        reading.contacts(contacts, &mut sessions);
        (picture, sessions)
    }

    #[test]
    fn the_rows_of_the_reports_become_a_picture() {
        let (picture, sessions) = read(
            &fixture(include_str!("../tests/fixtures/expertflow/rest/active_agents_detail.json")),
            &fixture(include_str!("../tests/fixtures/expertflow/rest/queued_chats_detail.json")),
            &fixture(include_str!("../tests/fixtures/expertflow/rest/active_chats_detail.json")),
        );
        let agent = &picture.agents[0];
        assert_eq!((agent.name.as_str(), agent.state.kind, agent.contacts), ("a.demo", AgentStateKind::Routable, 1));
        assert_eq!((agent.media[0].name.as_str(), agent.media[0].state), ("CHAT", MediaStateKind::Active));
        let queue = &picture.queues[0];
        assert_eq!((picture.queues.len(), queue.name.as_str(), queue.active), (1, "Web Care", 1));
        assert_eq!(queue.waiting[0].since, Some(UnixMillis(1_000_000 - 42_000)));
        assert_eq!(queue.waiting[0].customer.address.as_deref(), Some("•••••100"), "this one may not see it");
        let chat = &picture.contacts[0];
        assert_eq!((chat.since, chat.listening), (Some(UnixMillis(870_000)), Listening::Possible));
        assert_eq!(chat.people, [SupervisedPart { name: "Ana Demo".to_owned(), role: AuthorRole::Agent }]);
        assert_eq!(sessions[&chat.id]["id"], "68a100000000000000000c51");
    }

    #[test]
    fn listening_is_told_by_who_is_there_and_by_medium() {
        let chats = fixture(include_str!("../tests/fixtures/expertflow/rest/active_chats_detail.json"));
        let with = |change: &dyn Fn(&mut Value)| {
            let mut chats = chats.clone();
            change(&mut chats[0]["chats"][0]);
            read(&json!([]), &json!([]), &chats).0.contacts[0].listening
        };
        let user = supervisor();
        assert_eq!(
            with(&|chat| chat["conversationParticipantDetails"] = json!([{ "agentUsername": user.username }])),
            Listening::Mine
        );
        let other = json!([{ "agentName": "X", "agentId": "x", "role": "SILENT_MONITOR" }]);
        assert_eq!(with(&|chat| chat["conversationParticipantDetails"] = other.clone()), Listening::Taken);
        assert_eq!(with(&|chat| chat["direction"] = json!("OUTBOUND")), Listening::Impossible);
        assert_eq!(with(&|chat| chat["activeChannelSessions"] = json!([])), Listening::Impossible);
        assert_eq!(
            with(&|chat| chat["activeChannelSessions"][0]["channel"]["channelType"]["name"] = json!("CX_VOICE")),
            Listening::Telephone
        );
    }

    #[test]
    fn nonsense_gives_nothing_and_nothing_is_counted_twice() {
        for raw in [json!(null), json!(7), json!([1, "x", {}]), json!({ "data": [{}] }), json!([{ "chats": 3 }])] {
            let (picture, _) = read(&raw, &raw, &raw);
            assert!(picture.agents.is_empty() && picture.contacts.is_empty(), "{raw}");
        }
        let chats = fixture(include_str!("../tests/fixtures/expertflow/rest/active_chats_detail.json"));
        let twice = json!([chats[0], chats[0]]);
        let (picture, _) = read(&json!([]), &json!([]), &twice);
        assert_eq!((picture.contacts.len(), picture.queues[0].active), (1, 1));
        assert_eq!(labels(&json!(["a", { "name": "b" }, {}, 3])), ["a", "b", "3"]);
    }
}
