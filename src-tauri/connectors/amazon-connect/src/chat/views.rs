//! Views of step-by-step guides that a message shows: the message names one by a
//! token, and the service describes it.
//!
//! | state | input | next |
//! | --- | --- | --- |
//! | - | a message with a token | Asked; the message is shown by what it says itself |
//! | Asked | the view | Described: the message is told again with the view's name, words and fields |
//! | Asked | no answer, tried less than three times | Waiting |
//! | Asked | refused, or tried three times | Given up: the message stays as it is |
//! | Waiting | its time | Asked |
//!
//! How a view's template looks inside is not documented: what reads like words
//! for people is taken, wherever it stands.

use std::collections::BTreeMap;

use serde_json::Value;
use tokio::time::Instant;
use trunkline_connector::ports::HttpResponse;
use trunkline_model::{Choice, Message, MessageBody, MessageId};

use super::{Chat, ChatAction, Failure, Work, interactive};
use crate::session::Now;
use crate::wire::{Item, ParticipantCall, Private, View, ViewReply, decode};

/// Views of one conversation that are kept.
const MOST_VIEWS: usize = 200;
/// Words and fields of one view.
const MOST_WORDS: usize = 60;
const DEEPEST: usize = 12;
const TRIES: u32 = 3;

/// Views by the message that shows them.
#[derive(Debug, Default)]
pub(super) struct Views {
    known: BTreeMap<MessageId, Shown>,
}

#[derive(Debug)]
struct Shown {
    token: Private,
    /// Template's own data: names in the view stand for its members.
    data: Value,
    tries: u32,
    again_at: Option<Instant>,
    body: Option<MessageBody>,
}

impl Views {
    pub(super) fn next_deadline(&self) -> Option<Instant> {
        self.known.values().filter_map(|shown| shown.again_at).min()
    }
}

impl Chat {
    /// What the item is with its view, when that is known; asked for when it is not.
    pub(super) fn with_view(&mut self, item: &Item, message: &mut Message) {
        if !matches!(message.body, MessageBody::Interactive { .. }) {
            return;
        }
        if let Some(shown) = self.views.known.get(&message.id) {
            if let Some(body) = &shown.body {
                message.body = body.clone();
            }
            return;
        }
        let Some((token, data)) = item.content.as_ref().and_then(|content| view_of(content.expose())) else {
            return;
        };
        if self.views.known.len() < MOST_VIEWS {
            let shown = Shown { token, data, tries: 0, again_at: None, body: None };
            self.views.known.insert(message.id.clone(), shown);
            self.ask_for_view(&message.id);
        }
    }

    fn ask_for_view(&mut self, id: &MessageId) {
        if let Some(shown) = self.views.known.get_mut(id) {
            shown.tries += 1;
            shown.again_at = None;
            let call = ParticipantCall::DescribeView { token: shown.token.clone() };
            self.ask(Work::View(id.clone()), call);
        }
    }

    pub(super) fn tick_views(&mut self, now: Now) {
        let due = |shown: &Shown| shown.again_at.is_some_and(|at| now.at >= at);
        let ids: Vec<MessageId> =
            self.views.known.iter().filter(|(_, shown)| due(shown)).map(|(id, _)| id.clone()).collect();
        for id in ids {
            self.ask_for_view(&id);
        }
    }

    pub(super) fn on_view(&mut self, id: &MessageId, result: Result<HttpResponse, Failure>, now: Now) {
        let Some(shown) = self.views.known.get_mut(id) else {
            return;
        };
        let view = result.and_then(|response| decode::<ViewReply>(&response.body).map_err(|_| Failure::Malformed));
        match view {
            Ok(ViewReply { view }) => {
                let body = describe(&view, &shown.data);
                shown.body = Some(body.clone());
                if let Some(message) = self.timeline.find(id).cloned() {
                    let told = self.timeline.take(Message { body, ..message }, None, None);
                    self.out.extend(told.map(|message| ChatAction::Tell(Box::new(message))));
                }
            }
            Err(failure) if failure.is_passing() && shown.tries < TRIES && !self.ended => {
                shown.again_at = Some(now.at + self.settings.retry(shown.tries));
            }
            Err(failure) => tracing::warn!(?failure, "a view of a guide cannot be had"),
        }
    }
}

/// The token of the view that a message shows, and the message's own data.
fn view_of(json: &str) -> Option<(Private, Value)> {
    let template: Value = serde_json::from_str(json).ok()?;
    let data = template.get("data").unwrap_or(&template);
    let content = interactive::content(&template);
    let token = ["viewToken", "ViewToken"].iter().find_map(|name| {
        let places = [content, data, &template];
        places.iter().find_map(|place| place.get(*name)?.as_str())
    })?;
    (!token.is_empty()).then(|| (Private::new(token), content.clone()))
}

/// A view as a message: its name, its words, what can be filled in or pressed.
fn describe(view: &View, data: &Value) -> MessageBody {
    let template = view.content.template.as_ref().and_then(parsed);
    let schema = view.content.input_schema.as_ref().and_then(parsed);
    let mut reading = Reading { data, words: Vec::new(), choices: Vec::new() };
    if let Some(template) = &template {
        reading.read(template, 0);
    }
    if let Some(schema) = &schema {
        reading.fields(schema);
    }
    for action in view.content.actions.iter().take(MOST_WORDS) {
        reading.choose(action.clone(), None);
    }
    let name = view.name.clone().filter(|name| !name.trim().is_empty());
    let mut words = reading.words;
    let title = name.or_else(|| (!words.is_empty()).then(|| words.remove(0))).unwrap_or_else(|| view.id.clone());
    words.retain(|word| *word != title);
    let subtitle = (!words.is_empty()).then(|| words.join("\n"));
    MessageBody::Interactive { title, subtitle, choices: reading.choices }
}

/// Template and schema are JSON, as text or as it is.
fn parsed(value: &Value) -> Option<Value> {
    match value {
        Value::String(text) => serde_json::from_str(text).ok(),
        Value::Null => None,
        other => Some(other.clone()),
    }
}

struct Reading<'a> {
    data: &'a Value,
    words: Vec<String>,
    choices: Vec<Choice>,
}

impl Reading<'_> {
    /// Words as they are, or what the message says for a name such as `$.Heading`.
    fn words_of(&self, value: &Value) -> Option<String> {
        let text = value.as_str()?.trim();
        let text = match text.strip_prefix("$.") {
            Some(path) => {
                path.split('.').try_fold(self.data, |place, name| place.get(name))?.as_str()?.trim().to_owned()
            }
            None => text.to_owned(),
        };
        (!text.is_empty()).then_some(text)
    }

    fn say(&mut self, value: &Value) {
        if let Some(text) = self.words_of(value)
            && self.words.len() < MOST_WORDS
            && !self.words.contains(&text)
        {
            self.words.push(text);
        }
    }

    fn choose(&mut self, title: String, subtitle: Option<String>) {
        let known = self.choices.iter().any(|choice| choice.title == title);
        if !known && self.choices.len() < MOST_WORDS && !title.trim().is_empty() {
            self.choices.push(Choice { title, subtitle });
        }
    }

    fn read(&mut self, value: &Value, depth: usize) {
        if depth > DEEPEST {
            return;
        }
        match value {
            Value::Array(parts) => parts.iter().for_each(|part| match part {
                Value::String(_) => self.say(part),
                part => self.read(part, depth + 1),
            }),
            Value::Object(members) => {
                let props = members.get("Props").unwrap_or(&Value::Null);
                for name in ["Heading", "Title", "SubHeading", "SubTitle", "Description", "Text"] {
                    self.say(props.get(name).unwrap_or(&Value::Null));
                }
                let label = props.get("Label").or_else(|| props.get("label"));
                if let Some(label) = label.and_then(|label| self.words_of(label)) {
                    let help = props.get("HelperText").and_then(|help| self.words_of(help));
                    self.choose(label, help);
                }
                for name in ["Body", "Content", "Sections", "Items"] {
                    if let Some(part) = members.get(name).or_else(|| props.get(name)) {
                        self.read(part, depth + 1);
                    }
                }
            }
            _ => {}
        }
    }

    /// JSON Schema: what the view wants to be given.
    fn fields(&mut self, schema: &Value) {
        let properties = schema.get("properties").and_then(Value::as_object);
        for (_, property) in properties.into_iter().flatten().take(MOST_WORDS) {
            if let Some(title) = property.get("title").and_then(|title| self.words_of(title)) {
                let help = property.get("description").and_then(|text| self.words_of(text));
                self.choose(title, help);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    fn view(content: &Value) -> View {
        decode::<ViewReply>(&serde_json::to_vec(&json!({ "View": content })).unwrap()).unwrap().view
    }

    #[test]
    fn a_view_is_its_name_its_words_and_what_can_be_filled_in() {
        let template = json!({
            "Head": {"Title": "not for people"},
            "Body": [
                {"_id": "a", "Type": "Header", "Props": {"Heading": "$.Heading"}, "Content": []},
                {"_id": "b", "Type": "Text", "Props": {}, "Content": ["Tell us where it went.", "$.Nothing"]},
                {"_id": "c", "Type": "FormInput", "Props": {"Label": "Street", "HelperText": "as on the parcel"}},
                {"_id": "d", "Type": "Button", "Props": {"Label": "Send", "Action": "ActionSelected"}},
            ]
        });
        let view = view(&json!({
            "Id": "v-1", "Arn": "arn:aws:connect:x:view/v-1", "Name": "Lost parcel", "Version": 3,
            "Content": {"Template": template.to_string(), "Actions": ["Back", "Send"],
                        "InputSchema": json!({"properties": {"heading": {"title": "Reference number"}}}).to_string()}
        }));
        let MessageBody::Interactive { title, subtitle, choices } =
            describe(&view, &json!({"viewToken": "secret", "Heading": "Hello Nikki"}))
        else {
            unreachable!()
        };
        assert_eq!(title, "Lost parcel", "the view's name");
        assert_eq!(subtitle.unwrap(), "Hello Nikki\nTell us where it went.", "names stand for the message's own data");
        let titles: Vec<_> = choices.iter().map(|choice| choice.title.as_str()).collect();
        assert_eq!(titles, ["Street", "Send", "Reference number", "Back"], "fields and actions, each once");
        assert_eq!(choices[0].subtitle.as_deref(), Some("as on the parcel"));
    }

    #[test]
    fn a_view_of_another_shape_is_at_least_named() {
        let view = view(&json!({"Id": "v-2", "Content": {"Template": "<not json>", "Actions": [7, "Close"]}}));
        let MessageBody::Interactive { title, choices, .. } = describe(&view, &Value::Null) else { unreachable!() };
        assert_eq!((title.as_str(), choices.len()), ("v-2", 1), "what can be read is shown");
    }

    #[test]
    fn what_lies_too_deep_is_left_out() {
        let deep = |depth: usize| format!("{}\"end\"{}", "{\"Content\":[".repeat(depth), "]}".repeat(depth));
        let words = |depth: usize| {
            let template: Value = serde_json::from_str(&deep(depth)).unwrap();
            let mut reading = Reading { data: &Value::Null, words: Vec::new(), choices: Vec::new() };
            reading.read(&template, 0);
            reading.words
        };
        assert_eq!(words(3), ["end"], "as deep as templates are");
        assert!(words(60).is_empty(), "deeper than any of them");
    }

    #[test]
    fn a_token_is_found_where_clients_have_seen_it() {
        let message = json!({"templateType": "ViewResource", "version": "1.0",
                             "data": {"content": {"viewToken": "EXAMPLE-VIEW-TOKEN"}}});
        assert_eq!(view_of(&message.to_string()).unwrap().0.expose(), "EXAMPLE-VIEW-TOKEN");
        assert!(view_of(r#"{"templateType": "ListPicker", "data": {"content": {}}}"#).is_none());
        assert!(view_of("{").is_none());
    }
}
