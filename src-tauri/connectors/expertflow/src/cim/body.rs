//! Bodies of messages (docs/connectors/expertflow.md, 7.3). All text stays text.

use serde_json::Value;
use trunkline_model::{Attribute, Choice, ContactCard, EmailHead, MessageBody, Party, Place, WrapUpCode};

use super::{
    customer, files, html,
    look::{MOST, at, constant, fields, first, lines, list, words},
    text,
};

/// Lists of cards within cards go no deeper than this.
const DEEPEST: usize = 4;
/// Characters of an [`excerpt`].
const EXCERPT: usize = 140;

/// A body, and whether its words came in base64.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Read {
    pub(super) body: MessageBody,
    pub(super) encoded: bool,
}

/// Name of the body's kind, in capitals; empty: not told.
pub(super) fn kind(body: &Value) -> String {
    constant(body, &["type"]).unwrap_or_default()
}

/// Reads a body. `is_encoded`: the header says that its words are base64. Words
/// that are not after all are taken as they are.
pub(super) fn read(body: &Value, is_encoded: bool) -> Read {
    if let Value::String(text) = body {
        return Read { body: MessageBody::Text { text: text::cut(text) }, encoded: false };
    }
    let written = match at(body, &["markdownText"]) {
        Value::String(text) => text.as_str(),
        _ => "",
    };
    let decoded = if is_encoded { text::decode(written) } else { None };
    let encoded = decoded.is_some();
    let words = text::cut(decoded.as_deref().unwrap_or(written));
    let body = known(body, &kind(body), words);
    Read { body, encoded }
}

fn known(body: &Value, kind: &str, words: String) -> MessageBody {
    let told = Some(words.as_str()).filter(|words| !words.trim().is_empty());
    let found = match kind {
        "PLAIN" => Some(MessageBody::Text { text: words.clone() }),
        "IMAGE" | "VIDEO" | "AUDIO" | "FILE" | "STICKER" => attachments(body, kind, told),
        "LOCATION" => location(body),
        "CONTACT" => contacts(body),
        "URL" => link(body, told),
        "BUTTON" | "QUICK_REPLIES" => buttons(body, told),
        "CAROUSEL" => carousel(body, told),
        "TEMPLATE" => template(body, told),
        "FORM_DATA" => form(body, told),
        "EMAIL" => Some(email(body, told)),
        "COMMENT" => Some(comment(body, told)),
        "WRAPUP" => wrap_up(body),
        // Old releases leave the kind of plain words out.
        "" => told.map(|words| MessageBody::Text { text: words.to_owned() }),
        _ => None,
    };
    found.unwrap_or_else(|| unknown(body, kind, told))
}

fn unknown(body: &Value, kind: &str, words: Option<&str>) -> MessageBody {
    let rest = lines(body, &["type", "markdownText"]);
    let text = match words {
        Some(words) if rest.is_empty() => words.to_owned(),
        Some(words) => text::cut(&format!("{words}\n{rest}")),
        None => rest,
    };
    MessageBody::Unknown { content_type: kind.to_owned(), text }
}

fn attachments(body: &Value, kind: &str, told: Option<&str>) -> Option<MessageBody> {
    let files = files::read(body, kind);
    let name = &files.first()?.name;
    // An agent's program puts the name of the file there.
    let caption = words(body, &["caption"]).map(|caption| text::cut(&caption));
    let caption = caption.or_else(|| told.map(str::to_owned)).filter(|caption| caption.trim() != name);
    Some(MessageBody::Attachments { files, caption })
}

fn location(body: &Value) -> Option<MessageBody> {
    let degrees = |name: &str| words(body, &["location", name]).map(|degrees| text::short(degrees.trim()));
    let more = |name: &str| words(body, &["additionalDetails", name]).map(|words| text::short(&words));
    let place = Place {
        latitude: degrees("latitude")?,
        longitude: degrees("longitude")?,
        name: more("name"),
        address: more("address"),
    };
    Some(MessageBody::Location { place })
}

fn contacts(body: &Value) -> Option<MessageBody> {
    let cards: Vec<ContactCard> = list(body, &["contacts"]).filter_map(card).collect();
    (!cards.is_empty()).then_some(MessageBody::Contacts { cards })
}

fn card(contact: &Value) -> Option<ContactCard> {
    let name = at(contact, &["name"]);
    let phones = list(contact, &["phones"]).filter_map(|phone| words(phone, &["phone"]).or_else(|| words(phone, &[])));
    let phones: Vec<String> = phones.map(|phone| text::short(&phone)).collect();
    let details = at(contact, &["additionalContactDetails"]);
    let emails = list(details, &["emails"]).filter_map(|email| words(email, &["email"]).or_else(|| words(email, &[])));
    let mut more: Vec<Attribute> =
        emails.map(|email| Attribute { name: "E-mail".to_owned(), value: text::cut(&email) }).collect();
    more.extend(if details.is_object() { fields(details, &["emails"]) } else { Vec::new() });
    more.truncate(MOST);
    let name = words(name, &["formattedName"])
        .or_else(|| words(name, &[]))
        .or_else(|| customer::name(at(name, &["additionalNameDetails"])))
        .or_else(|| phones.first().cloned())?;
    Some(ContactCard { name: text::short(&name), phones, more })
}

fn link(body: &Value, told: Option<&str>) -> Option<MessageBody> {
    let address = files::address(body).or_else(|| files::address(at(body, &["attachment"])))?;
    let text = told.filter(|words| words.trim() != address.trim()).map(str::to_owned);
    Some(MessageBody::Link { address: text::cut(&address), text })
}

/// Title and explanation of something to choose.
fn choice(entry: &Value) -> Option<Choice> {
    let title = words(entry, &[]).or_else(|| first(entry, &["title", "text", "name", "label"]));
    let subtitle = first(entry, &["subtitle", "description"])
        .or_else(|| words(entry, &["additionalButtonDetails", "description"]));
    Some(Choice { title: text::short(&title?), subtitle: subtitle.map(|words| text::cut(&words)) })
}

fn interactive(title: Option<String>, subtitle: Option<String>, choices: Vec<Choice>) -> Option<MessageBody> {
    if title.is_none() && choices.is_empty() {
        return None;
    }
    let subtitle = subtitle.filter(|subtitle| Some(subtitle) != title.as_ref());
    let cut = |words: String| text::cut(&words);
    Some(MessageBody::Interactive { title: title.map(cut).unwrap_or_default(), subtitle: subtitle.map(cut), choices })
}

fn buttons(body: &Value, told: Option<&str>) -> Option<MessageBody> {
    let menu = at(body, &["additionalDetails", "interactive"]);
    let part = |name: &str| words(menu, &[name, "text"]);
    let choices = list(body, &["buttons"]).filter_map(choice).collect();
    let title = told.map(str::to_owned).or_else(|| part("header")).or_else(|| part("body"));
    interactive(title, part("body").or_else(|| part("footer")), choices)
}

fn carousel(body: &Value, told: Option<&str>) -> Option<MessageBody> {
    let mut choices = Vec::new();
    for name in ["elements", "data"] {
        collect(at(body, &[name]), 0, &mut choices);
    }
    interactive(told.map(str::to_owned).or_else(|| words(body, &["title"])), words(body, &["subtitle"]), choices)
}

/// Cards with their buttons, in order.
fn collect(entries: &Value, depth: usize, choices: &mut Vec<Choice>) {
    if depth > DEEPEST {
        return;
    }
    for entry in list(entries, &[]) {
        if choices.len() >= MOST {
            return;
        }
        choices.extend(choice(entry));
        for name in ["elements", "data", "buttons"] {
            collect(at(entry, &[name]), depth + 1, choices);
        }
    }
    choices.truncate(MOST);
}

fn template(body: &Value, told: Option<&str>) -> Option<MessageBody> {
    let mut said = Vec::new();
    let mut choices = Vec::new();
    for component in list(body, &["components"]) {
        said.extend(words(component, &["text"]));
        said.extend(list(component, &["parameters"]).filter_map(|parameter| words(parameter, &["text"])));
        choices.extend(list(component, &["buttons"]).filter_map(choice));
    }
    said.truncate(MOST);
    choices.truncate(MOST);
    let said = (!said.is_empty()).then(|| said.join("\n"));
    interactive(told.map(str::to_owned).or_else(|| words(body, &["name"])), said, choices)
}

fn form(body: &Value, told: Option<&str>) -> Option<MessageBody> {
    let attributes = [at(body, &["formData", "attributes"]), at(body, &["attributes"])];
    let filled = attributes.into_iter().find(|attributes| attributes.is_array());
    let fields = match filled {
        Some(attributes) => fields(attributes, &[]),
        None => fields(body, &["type", "markdownText"]),
    };
    if fields.is_empty() && told.is_none() {
        return None;
    }
    Some(MessageBody::Answer { text: told.map(str::to_owned).unwrap_or_default(), fields })
}

fn email(body: &Value, told: Option<&str>) -> MessageBody {
    let marked = words(body, &["htmlBody"]).map(|html| html::to_text(&html)).filter(|text| !text.is_empty());
    let mut text = marked.or_else(|| told.map(str::to_owned)).unwrap_or_default();
    // The mails below are messages of their own; only their number is told.
    let thread = at(body, &["emailThreads"]).as_array().map_or(0, Vec::len);
    if thread > 0 {
        text.push_str(&format!("\n\n[+{thread}]"));
    }
    let head = EmailHead {
        from: parties(body, "from").into_iter().next(),
        to: parties(body, "recipientsTo"),
        cc: parties(body, "recipientsCc"),
    };
    MessageBody::Email {
        head: Box::new(head),
        subject: words(body, &["subject"]).map(|subject| text::short(&subject)).unwrap_or_default(),
        text: text.trim_start().to_owned(),
        files: files::read(body, "EMAIL"),
    }
}

fn parties(body: &Value, name: &str) -> Vec<Party> {
    let mut found = Vec::new();
    for entry in list(body, &[name]) {
        match entry {
            Value::String(text) => found.extend(split_addresses(text).filter_map(party)),
            other => {
                let address = first(other, &["address", "email", "emailAddress", "value"]);
                let name = first(other, &["name", "displayName"]);
                let short = |words: Option<String>| words.map(|words| text::short(words.trim()));
                if address.is_some() || name.is_some() {
                    found.push(Party { name: short(name), address: short(address) });
                }
            }
        }
    }
    found.truncate(MOST);
    found
}

/// Splits at commas and semicolons that are not within quotes.
fn split_addresses(text: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    text.split(move |letter| {
        quoted ^= letter == '"';
        !quoted && (letter == ',' || letter == ';')
    })
    .take(MOST)
}

fn party(text: &str) -> Option<Party> {
    let text = text.trim();
    let bracketed = text.strip_suffix('>').and_then(|text| text.rsplit_once('<'));
    let (name, address) = bracketed.unwrap_or(("", text));
    let name = name.trim().trim_matches('"').trim();
    let told = |words: &str| (!words.is_empty()).then(|| text::short(words));
    let party = Party { name: told(name), address: told(address.trim()) };
    (party != Party::default()).then_some(party)
}

fn comment(body: &Value, told: Option<&str>) -> MessageBody {
    MessageBody::Comment {
        act: constant(body, &["itemType"]).unwrap_or_else(|| "TEXT".to_owned()),
        text: told.map(str::to_owned),
        post: words(body, &["postId"]).map(|post| text::short(&post)),
        files: files::read(body, "COMMENT"),
    }
}

fn wrap_up(body: &Value) -> Option<MessageBody> {
    let mut codes = Vec::new();
    for entry in list(body, &["wrapups"]) {
        let category = first(entry, &["categoryName", "category"]).map(|name| text::short(&name)).unwrap_or_default();
        let values = list(entry, &["value"]).filter_map(|value| words(value, &[]));
        codes.extend(values.map(|value| WrapUpCode { category: category.clone(), value: text::short(&value) }));
    }
    codes.truncate(MOST);
    let note = words(body, &["note"]).map(|note| text::cut(&note));
    (note.is_some() || !codes.is_empty()).then_some(MessageBody::WrapUp { codes, note })
}

/// A body's beginning on one line of at most 140 characters, for quoting it.
pub fn excerpt(body: &MessageBody) -> String {
    let joined = |words: Vec<&str>| words.join(", ");
    let words = match body {
        MessageBody::Text { text } | MessageBody::Markdown { text } | MessageBody::Unknown { text, .. } => text.clone(),
        MessageBody::Attachments { files, caption } => {
            caption.clone().unwrap_or_else(|| joined(files.iter().map(|file| file.name.as_str()).collect()))
        }
        MessageBody::Location { place } => match place.name.as_ref().or(place.address.as_ref()) {
            Some(name) => name.clone(),
            None => joined(vec![&place.latitude, &place.longitude]),
        },
        MessageBody::Contacts { cards } => joined(cards.iter().map(|card| card.name.as_str()).collect()),
        MessageBody::Link { address, text } => text.as_ref().unwrap_or(address).clone(),
        MessageBody::Email { subject, text, .. } => if subject.is_empty() { text } else { subject }.clone(),
        MessageBody::Comment { act, text, .. } => text.as_ref().unwrap_or(act).clone(),
        MessageBody::WrapUp { codes, note } if codes.is_empty() => note.clone().unwrap_or_default(),
        MessageBody::WrapUp { codes, .. } => joined(codes.iter().map(|code| code.value.as_str()).collect()),
        MessageBody::Interactive { title, choices, .. } if title.is_empty() => {
            joined(choices.iter().map(|choice| choice.title.as_str()).collect())
        }
        MessageBody::Interactive { title, .. } => title.clone(),
        MessageBody::Answer { text, fields } if text.is_empty() => {
            joined(fields.iter().map(|field| field.value.as_str()).collect())
        }
        MessageBody::Answer { text, .. } => text.clone(),
        MessageBody::Event { .. } | MessageBody::Removed => String::new(),
    };
    text::one_line(&words, EXCERPT)
}
