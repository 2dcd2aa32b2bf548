//! Documents of the services, read leniently (docs/connectors/twin24.md, section 4).

use serde_json::Value;
use trunkline_model::{
    Attachment, AttachmentState, Author, AuthorRole, Choice, Delivery, Endpoint, EndpointId, EndpointKind, Message,
    MessageBody, MessageId, Quote, Subtype, UnixMillis,
};

use crate::look::{at, count, cut, entries, first, flag, time, words};
use crate::settings::{Twin24Settings, is_one_of};

/// More buttons, files or operators than this are no help to anybody.
const MOST: usize = 200;
/// Characters of a quoted message.
const QUOTED: usize = 140;
/// Between two times that mean the same moment, ms.
const SAME_MS: i64 = 1_500;

/// The operator who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Me {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// State in the platform's word; absent: not told.
    pub state: Option<String>,
    /// Names of the groups.
    pub groups: Vec<String>,
}

impl Me {
    /// Reads one; `None` without an id.
    pub fn read(value: &Value, settings: &Twin24Settings) -> Option<Self> {
        let value = if at(value, "data").is_object() { at(value, "data") } else { value };
        let id = first(value, &["id", "userId"])?;
        let groups = at(value, "groups").as_array().into_iter().flatten().take(MOST);
        Some(Self {
            name: person(value).unwrap_or_else(|| id.clone()),
            state: first(value, &settings.state_fields),
            groups: groups.filter_map(|group| first(group, &["name"]).or_else(|| words(group))).collect(),
            id,
        })
    }
}

/// A person's name: as such, else first and last name, else the address.
fn person(value: &Value) -> Option<String> {
    let both = [first(value, &["firstName"]), first(value, &["lastName"])].into_iter().flatten();
    let both = both.collect::<Vec<_>>().join(" ");
    first(value, &["name", "fullName"])
        .or_else(|| Some(both).filter(|both| !both.is_empty()))
        .or_else(|| first(value, &["email"]))
}

/// A chat session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "named as the platform names them")]
pub struct SessionDoc {
    pub id: String,
    pub name: Option<String>,
    /// Who has it, and who else is in it; each once.
    pub operators: Vec<String>,
    pub operator: Option<String>,
    pub operator_name: Option<String>,
    pub assigned_at: Option<UnixMillis>,
    pub messenger: Option<String>,
    pub status: Option<String>,
    pub bot_status: Option<String>,
    pub started_at: Option<UnixMillis>,
    pub online_at: Option<UnixMillis>,
    pub offline_at: Option<UnixMillis>,
    pub last_at: Option<UnixMillis>,
    pub last_words: Option<String>,
    pub client: Option<String>,
    pub banned: bool,
    pub referer: Option<String>,
    pub tags: Option<String>,
    pub first_answer_s: Option<u64>,
    pub next_answers_s: Option<u64>,
    pub last_operator_at: Option<UnixMillis>,
    pub waiting_since: Option<UnixMillis>,
}

impl SessionDoc {
    /// Reads one; `None` without an id.
    pub fn read(value: &Value) -> Option<Self> {
        let value = if value["session"].is_object() { &value["session"] } else { value };
        let operator = words(&value["operatorId"]);
        let mut operators: Vec<String> = operator.iter().cloned().collect();
        for one in value["operators"].as_array().into_iter().flatten().take(MOST) {
            let id = words(&one["id"]).or_else(|| words(one));
            if let Some(id) = id.filter(|id| !operators.contains(id)) {
                operators.push(id);
            }
        }
        Some(Self {
            id: words(&value["id"])?,
            name: words(&value["name"]),
            operators,
            operator,
            operator_name: words(&value["operatorName"]),
            assigned_at: time(&value["operatorAssignedAt"]),
            messenger: words(&value["messengerType"]),
            status: words(&value["status"]),
            bot_status: words(&value["botStatus"]),
            started_at: time(&value["startedAt"]),
            online_at: time(&value["clientOnlineAt"]),
            offline_at: time(&value["clientOfflineAt"]),
            last_at: time(&value["lastMessageCreatedAt"]).or_else(|| time(&value["lastMessage"]["createdAt"])),
            last_words: words(&value["lastMessage"]["body"]),
            client: words(&value["clientId"]).or_else(|| words(&value["clientId"]["id"])),
            banned: flag(&value["clientBanned"]),
            referer: words(&value["referer"]),
            tags: words(&value["tags"]),
            first_answer_s: count(&value["timerFirstAnswer"]),
            next_answers_s: count(&value["timerNextAnswers"]),
            last_operator_at: time(&value["lastOperatorMessage"]),
            waiting_since: time(&value["firstClientMessageAfterLastOperatorMessage"]),
        })
    }

    /// Nobody can write in it any more.
    pub fn is_over(&self, settings: &Twin24Settings) -> bool {
        self.status.as_deref().is_some_and(|status| is_one_of(&settings.closed_statuses, status))
    }

    /// A bot answers.
    pub fn is_with_bot(&self, settings: &Twin24Settings) -> bool {
        self.operators.is_empty()
            && self.bot_status.as_deref().is_some_and(|status| is_one_of(&settings.bot_statuses, status))
    }

    /// Open, without an operator or a bot: it waits for help.
    pub fn wants_help(&self, settings: &Twin24Settings) -> bool {
        self.operators.is_empty() && !self.is_over(settings) && !self.is_with_bot(settings)
    }

    /// This operator takes part in it.
    pub fn is_of(&self, operator: &str) -> bool {
        self.operators.iter().any(|id| id == operator)
    }

    /// The client has the chat open; absent: not told.
    pub fn client_online(&self) -> Option<bool> {
        match (self.online_at, self.offline_at) {
            (None, None) => None,
            (online, offline) => Some(online > offline),
        }
    }

    /// When the client is to be answered, by the platform's clock; none when they wait for nothing.
    pub fn answer_due(&self) -> Option<UnixMillis> {
        let (since, seconds) = match self.last_operator_at {
            None => (self.waiting_since.or(self.assigned_at).or(self.started_at), self.first_answer_s),
            Some(_) => (self.waiting_since, self.next_answers_s),
        };
        let seconds = seconds.filter(|seconds| *seconds > 0)?;
        Some(since?.shifted(i64::try_from(seconds).ok()?.saturating_mul(1_000)))
    }

    /// On which way the client writes.
    pub fn kind(&self) -> Subtype {
        match self.messenger.as_deref().unwrap_or_default().to_lowercase().as_str() {
            "" | "widget" | "web" | "site" => Subtype::Chat,
            "whatsapp" | "waba" | "whats_app" => Subtype::Whatsapp,
            "sms" => Subtype::Sms,
            other => Subtype::Unknown(shown(other)),
        }
    }
}

/// What a messenger is called when one speaks of it.
fn shown(messenger: &str) -> String {
    let known = match messenger {
        "telegram" => "Telegram",
        "viber" => "Viber",
        "vk" | "vkontakte" => "VK",
        "facebook" => "Facebook",
        "instagram" => "Instagram",
        "ok" | "odnoklassniki" => "OK",
        "avito" => "Avito",
        other => {
            let mut letters = other.chars();
            let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
            return first + letters.as_str();
        }
    };
    known.to_owned()
}

/// A message, with what is needed for keeping it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageDoc {
    /// For the panel. Its author's role is right for the operator who reads.
    pub message: Message,
    /// Written by the client.
    pub of_client: bool,
    /// When it was read.
    pub read_at: Option<UnixMillis>,
    /// In which session.
    pub session: Option<String>,
}

impl MessageDoc {
    /// Reads one; `None` without an id.
    pub fn read(value: &Value, me: &str, settings: &Twin24Settings) -> Option<Self> {
        let id = words(&value["id"])?;
        let kind = words(&value["authorType"]).unwrap_or_default();
        let author_id = words(&value["authorId"]);
        let is = |names: &[String]| is_one_of(names, &kind);
        let of_client = is(&settings.client_authors);
        let role = if of_client {
            AuthorRole::Customer
        } else if is(&settings.bot_authors) {
            AuthorRole::Bot
        } else if author_id.as_deref() == Some(me) {
            AuthorRole::Me
        } else if is(&settings.operator_authors) {
            AuthorRole::Agent
        } else {
            AuthorRole::System
        };
        let created = time(&value["createdAt"]);
        let read_at = time(&value["readAt"]);
        let updated = time(&value["updatedAt"]);
        let apart = |other: Option<UnixMillis>| {
            other.is_none_or(|other| updated.is_some_and(|updated| updated.since(other).abs() > SAME_MS))
        };
        let delivery = (role == AuthorRole::Me).then_some(match read_at {
            Some(_) => Delivery::Read,
            None => Delivery::Sent,
        });
        let message = Message {
            id: MessageId::new(id),
            token: None,
            at: created.or(updated).unwrap_or_default(),
            order: 0,
            author: Author { role, name: words(&value["authorName"]) },
            body: body(value),
            delivery,
            partial: false,
            internal: false,
            // That it was read may count as a change there.
            edited: updated.is_some() && apart(created) && apart(read_at),
            reply_to: quote(&value["replyTo"], me, settings),
            line: None,
            suggestions: Vec::new(),
        };
        Some(Self { message, of_client, read_at, session: words(&value["sessionId"]) })
    }
}

fn body(value: &Value) -> MessageBody {
    let text = words(&value["body"]);
    let files: Vec<Attachment> =
        value["attachments"].as_array().into_iter().flatten().take(MOST).filter_map(file).collect();
    if !files.is_empty() {
        return MessageBody::Attachments { files, caption: text };
    }
    let buttons = [&value["answers"], &value["keyboard"]].into_iter().filter_map(Value::as_array);
    let choices: Vec<Choice> = buttons.flat_map(|rows| rows.iter().take(MOST)).flat_map(choices).collect();
    match (text, choices.is_empty()) {
        (text, false) => MessageBody::Interactive { title: text.unwrap_or_default(), subtitle: None, choices },
        (Some(text), true) => MessageBody::Text { text },
        (None, true) => {
            let kind = words(&value["type"]).unwrap_or_default();
            MessageBody::Unknown { content_type: kind, text: String::new() }
        }
    }
}

/// A button, or a row of buttons.
fn choices(value: &Value) -> Vec<Choice> {
    if let Some(row) = value.as_array() {
        return row.iter().take(MOST).flat_map(choices).collect();
    }
    let title = first(value, &["text", "title", "name", "body", "label"]).or_else(|| words(value));
    title.map(|title| Choice { title, subtitle: None }).into_iter().collect()
}

fn file(value: &Value) -> Option<Attachment> {
    let address = first(value, &["downloadLink", "url"]);
    let name = first(value, &["name", "baseName"]).or_else(|| address.clone())?;
    let ending = first(value, &["extension", "sugestedExtension", "suggestedExtension"]);
    Some(Attachment {
        // It is fetched by its address; one without cannot be had.
        state: if address.is_some() { AttachmentState::Ready } else { AttachmentState::Refused },
        id: address.or_else(|| words(&value["id"]))?,
        content_type: first(value, &["contentType"]).or(ending).unwrap_or_default(),
        size: count(&value["size"]),
        name,
    })
}

fn quote(value: &Value, me: &str, settings: &Twin24Settings) -> Option<Quote> {
    let id = words(&value["id"])?;
    let quoted = MessageDoc::read(value, me, settings);
    let user = words(&value["userId"]).is_some_and(|user| user == me);
    let author = quoted.map(|quoted| quoted.message.author).map(|author| match author.role {
        AuthorRole::Agent if user => Author { role: AuthorRole::Me, ..author },
        _ => author,
    });
    let text = words(&value["body"]).map(|text| {
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        line.chars().take(QUOTED).collect()
    });
    Some(Quote { message: MessageId::new(id), author, text })
}

/// Operators and groups of the directory.
pub const OPERATOR: &str = "operator:";
/// See [`OPERATOR`].
pub const GROUP: &str = "group:";

/// The operators of a page, without this one.
pub fn operators(value: &Value, me: &str) -> Option<Vec<Endpoint>> {
    Some(
        endpoints(value, OPERATOR, &EndpointKind::Agent)?
            .into_iter()
            .filter(|one| one.id.as_str() != format!("{OPERATOR}{me}"))
            .collect(),
    )
}

/// The groups of a page.
pub fn groups(value: &Value) -> Option<Vec<Endpoint>> {
    endpoints(value, GROUP, &EndpointKind::Queue)
}

fn endpoints(value: &Value, prefix: &str, kind: &EndpointKind) -> Option<Vec<Endpoint>> {
    let one = |row: &Value| {
        let id = words(&row["id"])?;
        let name = person(row).unwrap_or_else(|| id.clone());
        Some(Endpoint {
            id: EndpointId::new(format!("{prefix}{id}")),
            name: cut(&name),
            kind: kind.clone(),
            number: None,
        })
    };
    Some(entries(value)?.iter().filter_map(one).collect())
}

#[cfg(test)]
mod tests;
