//! The quick connects of the instance, and how GetEndpoints hands them out.

use serde_json::{Value, json};

use super::options::{OutboundAnswer, OutboundBehaviour, Speech};
use super::snapshot::{INSTANCE, QUEUES, queue, queue_arn};
use super::state::Refusal;

/// Where a quick connect leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QuickConnectTarget {
    /// A telephone number in E.164 form.
    Phone(String),
    /// An agent, by login.
    Agent(String),
    /// A queue, by name: the first other agent who can take a call.
    Queue(String),
}

/// One entry of the directory.
#[derive(Clone)]
pub struct QuickConnect {
    /// Name shown to agents; also `quickConnectName` of the connection.
    pub name: String,
    /// Where it leads.
    pub target: QuickConnectTarget,
    /// Queues whose agents see it, by name; empty for all.
    pub queues: Vec<String>,
    /// How the person at a telephone number reacts; `None` answers after a
    /// second and speaks.
    pub behaviour: Option<OutboundBehaviour>,
}

impl std::fmt::Debug for QuickConnect {
    /// Without name, number and login.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = match self.target {
            QuickConnectTarget::Phone(_) => "phone",
            QuickConnectTarget::Agent(_) => "agent",
            QuickConnectTarget::Queue(_) => "queue",
        };
        f.debug_struct("QuickConnect").field("kind", &kind).field("queues", &self.queues).finish_non_exhaustive()
    }
}

impl QuickConnect {
    fn new(name: &str, target: QuickConnectTarget) -> Self {
        Self { name: name.to_owned(), target, queues: Vec::new(), behaviour: None }
    }

    /// A telephone number; somebody answers after a second.
    #[must_use]
    pub fn phone(name: &str, number: &str) -> Self {
        Self::new(name, QuickConnectTarget::Phone(number.to_owned()))
    }

    /// An agent, by login.
    #[must_use]
    pub fn agent(name: &str, login: &str) -> Self {
        Self::new(name, QuickConnectTarget::Agent(login.to_owned()))
    }

    /// A queue, by name.
    #[must_use]
    pub fn queue(name: &str, queue: &str) -> Self {
        Self::new(name, QuickConnectTarget::Queue(queue.to_owned()))
    }

    /// Agent Two, the support queue and a head office.
    #[must_use]
    pub fn one_of_each() -> Vec<Self> {
        vec![
            Self::agent("Agent Two", "agent.two"),
            Self::queue("Support queue", QUEUES[1]),
            Self::phone("Head office", "+12025550188"),
        ]
    }

    /// A directory of `count` branches, numbered from 1, each with a number of
    /// its own.
    #[must_use]
    pub fn branches(count: usize) -> Vec<Self> {
        (1..=count).map(|n| Self::phone(&format!("Branch {n:05}"), &format!("+1202555{n:07}"))).collect()
    }

    /// The person who is called, with what they say and how they react.
    #[must_use]
    pub fn answering(mut self, answer: OutboundAnswer, speech: Speech) -> Self {
        self.behaviour = Some(OutboundBehaviour { answer, speech });
        self
    }

    /// The endpoint as GetEndpoints tells it; `index` is the position in the
    /// directory.
    pub(crate) fn endpoint(&self, index: usize) -> Value {
        let mut value = json!({
            "agentLogin": null,
            "endpointARN": arn(index),
            "name": self.name,
            "phoneNumber": null,
            "queue": null,
        });
        let (kind, member, content) = match &self.target {
            QuickConnectTarget::Phone(number) => ("phone_number", "phoneNumber", json!(number)),
            QuickConnectTarget::Agent(login) => ("agent", "agentLogin", json!(login)),
            QuickConnectTarget::Queue(name) => ("queue", "queue", queue(name)),
        };
        value["type"] = json!(kind);
        value[member] = content;
        value
    }

    fn is_seen_from(&self, queues: &[&str]) -> bool {
        self.queues.is_empty() || self.queues.iter().any(|q| queues.contains(&queue_arn(q).as_str()))
    }
}

fn arn(index: usize) -> String {
    let n = index + 1;
    format!("{INSTANCE}/transfer-destination/aa{n:06}-0000-4000-8000-{n:012}")
}

/// The entry with that endpointARN.
pub(crate) fn find<'a>(directory: &'a [QuickConnect], wanted: &str) -> Option<(usize, &'a QuickConnect)> {
    directory.iter().enumerate().find(|(index, _)| arn(*index) == wanted)
}

/// The person who answers a number.
pub(crate) fn person<'a>(directory: &'a [QuickConnect], number: &str) -> Option<&'a OutboundBehaviour> {
    directory
        .iter()
        .find(|q| matches!(&q.target, QuickConnectTarget::Phone(n) if n == number))
        .and_then(|q| q.behaviour.as_ref())
}

/// Number of the page that a request asks for, from 0, and entries in a page.
fn asked(body: &Value, limit: usize) -> Result<(usize, usize), Refusal> {
    let most = body["maxResults"].as_u64().unwrap_or(limit as u64);
    let size = usize::try_from(most).unwrap_or(limit).clamp(1, limit.max(1));
    let page = match body["nextToken"].as_str() {
        None => 0,
        Some(token) => token
            .strip_prefix("sim-endpoints-")
            .and_then(|n| n.parse().ok())
            .ok_or_else(|| Refusal::new(400, "PaginationException", "Invalid token"))?,
    };
    Ok((page, size))
}

/// Number of the page that a GetEndpoints asks for, from 0.
pub(crate) fn page_number(body: &Value, limit: usize) -> usize {
    asked(body, limit).map_or(0, |(page, _)| page)
}

/// The answer to GetEndpoints.
pub(crate) fn page(directory: &[QuickConnect], body: &Value, limit: usize) -> Result<Value, Refusal> {
    let (page, size) = asked(body, limit)?;
    let queues: Vec<&str> =
        body["queueARNs"].as_array().map(|list| list.iter().filter_map(Value::as_str).collect()).unwrap_or_default();
    let seen: Vec<(usize, &QuickConnect)> =
        directory.iter().enumerate().filter(|(_, q)| q.is_seen_from(&queues)).collect();
    let from = page.saturating_mul(size).min(seen.len());
    let until = from.saturating_add(size).min(seen.len());
    let endpoints: Vec<Value> = seen[from..until].iter().map(|(index, q)| q.endpoint(*index)).collect();
    let next = (until < seen.len()).then(|| format!("sim-endpoints-{}", page + 1));
    Ok(json!({ "endpoints": endpoints, "nextToken": next }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_joined_are_the_whole_directory_once() {
        let directory = QuickConnect::branches(2_345);
        let (mut names, mut token, mut pages) = (Vec::new(), Value::Null, 0);
        loop {
            let body = json!({ "queueARNs": [], "maxResults": 100, "nextToken": token });
            assert_eq!(page_number(&body, 500), pages, "pages are counted from 0");
            let Ok(answer) = page(&directory, &body, 500) else { panic!("page {pages} is answered") };
            let list = answer["endpoints"].as_array().cloned().unwrap_or_default();
            names.extend(list.iter().map(|e| e["name"].to_string()));
            pages += 1;
            token = answer["nextToken"].clone();
            if token.is_null() {
                break;
            }
        }
        assert_eq!(pages, 24, "2345 entries, 100 a page");
        assert_eq!(names.len(), 2_345, "all of them");
        names.dedup();
        assert_eq!(names.len(), 2_345, "none twice");
        let bad = page(&directory, &json!({ "nextToken": "other" }), 500);
        assert_eq!(bad.err().map(|r| r.kind), Some("PaginationException"));
    }

    #[test]
    fn a_quick_connect_of_one_queue_is_not_seen_from_another() {
        let mut directory = QuickConnect::one_of_each();
        directory[2].queues = vec!["Support".to_owned()];
        let count = |queue: &str| {
            let body = json!({ "queueARNs": [queue_arn(queue)] });
            page(&directory, &body, 500).map(|a| a["endpoints"].as_array().map_or(0, Vec::len))
        };
        assert_eq!(count("Sales"), Ok(2), "not from Sales");
        assert_eq!(count("Support"), Ok(3), "but from Support");
    }
}
