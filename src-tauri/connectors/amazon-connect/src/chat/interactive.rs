//! Messages with things to choose from, and what was chosen: JSON as text, one
//! template for each kind. Templates nest (a carousel holds panels), and any
//! member may be missing.

use serde_json::Value;
use trunkline_model::{Attribute, Choice, MessageBody};

/// More choices or fields than this are no help to anybody.
const MOST: usize = 100;
/// Nesting deeper than this is not of any template.
const DEEPEST: usize = 4;

fn text(value: &Value, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| match value.get(*name)? {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Object(_) => text(value.get(*name)?, &["text", "title"]),
        _ => None,
    })
}

/// `data.content`, or what comes nearest to it.
pub(super) fn content(template: &Value) -> &Value {
    let data = template.get("data").unwrap_or(template);
    data.get("content").filter(|content| content.is_object()).unwrap_or(data)
}

/// A message with things to choose from; `None` when it is none.
pub(super) fn message(json: &str) -> Option<MessageBody> {
    let template: Value = serde_json::from_str(json).ok()?;
    if !template.is_object() {
        return None;
    }
    let content = content(&template);
    let kind = text(&template, &["templateType"]);
    let mut choices = Vec::new();
    collect(content, 0, &mut choices);
    Some(MessageBody::Interactive {
        title: text(content, &["title", "header", "body", "text", "name"]).or(kind)?,
        subtitle: text(content, &["subtitle", "description", "footer"]),
        choices,
    })
}

fn collect(content: &Value, depth: usize, choices: &mut Vec<Choice>) {
    let list = |name: &str| content.get(name).and_then(Value::as_array).into_iter().flatten();
    for element in list("elements").chain(list("options")).chain(list("buttons")).take(MOST) {
        if choices.len() >= MOST {
            return;
        }
        match element {
            Value::String(title) => choices.push(Choice { title: title.clone(), subtitle: None }),
            nested if nested.get("data").is_some() && depth < DEEPEST => {
                let inner = self::content(nested);
                if let Some(title) = text(inner, &["title"]) {
                    choices.push(Choice { title, subtitle: text(inner, &["subtitle", "description"]) });
                }
                collect(inner, depth + 1, choices);
            }
            plain => {
                if let Some(title) = text(plain, &["title", "label", "text", "name"]) {
                    choices.push(Choice { title, subtitle: text(plain, &["subtitle", "description"]) });
                }
            }
        }
    }
    for slot in list("timeslots").take(MOST) {
        if let Some(date) = text(slot, &["date"]) {
            let minutes = slot.get("duration").and_then(Value::as_u64).map(|minutes| format!("{minutes} min"));
            choices.push(Choice { title: date, subtitle: minutes });
        }
    }
    choices.truncate(MOST);
}

/// What was chosen or filled in. Text that is no template is the answer itself.
pub(super) fn answer(json: &str) -> MessageBody {
    let Some(template) = serde_json::from_str::<Value>(json).ok().filter(Value::is_object) else {
        return MessageBody::Answer { text: json.to_owned(), fields: Vec::new() };
    };
    let content = content(&template);
    let mut chosen: Vec<String> = Vec::new();
    let lists = ["elements", "selectedOptions", "selections", "timeslots"];
    for entry in lists.iter().filter_map(|name| content.get(*name)?.as_array()).flatten().take(MOST) {
        match entry {
            Value::String(title) => chosen.push(title.clone()),
            other => chosen.extend(text(other, &["title", "label", "value", "date", "text"])),
        }
    }
    let single = ["selection", "selectedOption", "value", "action", "title", "text"];
    let words = if chosen.is_empty() { text(content, &single) } else { Some(chosen.join(", ")) };
    let mut fields = Vec::new();
    flatten("", content, 0, &mut fields);
    let fallback = || text(&template, &["templateType"]).unwrap_or_else(|| json.to_owned());
    MessageBody::Answer { text: words.unwrap_or_else(fallback), fields }
}

/// Scalars of the filled-in form by their path.
fn flatten(path: &str, value: &Value, depth: usize, fields: &mut Vec<Attribute>) {
    if fields.len() >= MOST || depth > DEEPEST {
        return;
    }
    let mut put = |text: String| fields.push(Attribute { name: path.to_owned(), value: text });
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                flatten(&path, member, depth + 1, fields);
            }
        }
        Value::String(text) if !path.is_empty() => put(text.clone()),
        Value::Number(number) if !path.is_empty() => put(number.to_string()),
        Value::Bool(flag) if !path.is_empty() => put(flag.to_string()),
        _ => {}
    }
}
