//! The query of lists: pages, order, members, and filters of sessions.

use std::cmp::Ordering;

use serde_json::{Map, Value, json};

use super::Asked;
use crate::moment::iso_time;
use crate::twin24::state::Session;
use crate::twin24::world::{Refused, World};

/// Without `limit`.
const USUAL: usize = 50;

/// What a list request asks for beside its filters.
pub(super) struct ListQuery {
    limit: usize,
    offset: usize,
    /// Members to sort by; true is downwards.
    sort: Vec<(String, bool)>,
    fields: Vec<String>,
    without_count: bool,
    without_items: bool,
    /// Items after that value of that member, in the list's order.
    after: Option<(String, String)>,
}

impl ListQuery {
    pub fn read(query: &[(String, String)], most: usize) -> Result<Self, Refused> {
        let get = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let number = |name: &str| match get(name).filter(|value| !value.is_empty()) {
            None => Ok(None),
            Some(value) => match value.parse::<usize>() {
                Ok(number) => Ok(Some(number)),
                Err(_) => Err(Refused::invalid(json!({ name: ["invalid"] }))),
            },
        };
        let flag = |name: &str| get(name).is_some_and(|value| value == "true" || value == "1");
        let list = |name: &str| -> Vec<String> {
            let parts = get(name).unwrap_or_default().split(',').map(str::trim);
            parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
        };
        let limit = number("limit")?.unwrap_or(USUAL).min(most);
        let offset = match (number("offset")?, number("page")?) {
            (Some(offset), _) => offset,
            (None, Some(page)) => page.saturating_sub(1).saturating_mul(limit),
            (None, None) => 0,
        };
        let sort = list("sort").into_iter().map(|name| match name.strip_prefix('-') {
            Some(name) => (name.to_owned(), true),
            None => (name, false),
        });
        let after = get("offsetField").zip(get("offsetValue"));
        Ok(Self {
            limit,
            offset,
            sort: sort.collect(),
            fields: list("fields"),
            without_count: flag("withoutCount"),
            without_items: flag("withoutItems"),
            after: after.map(|(field, value)| (field.to_owned(), value.to_owned())),
        })
    }

    /// The page of ready values.
    pub fn page(&self, items: Vec<Value>) -> Value {
        self.page_of(items, |item| item)
    }

    /// The page; items are written only as far as they are needed.
    pub fn page_of<T>(&self, items: Vec<T>, write: impl Fn(T) -> Value) -> Value {
        let mut answer = Map::new();
        if self.sort.is_empty() && self.after.is_none() {
            let count = items.len();
            let page: Vec<Value> = items.into_iter().skip(self.offset).take(self.limit).map(write).collect();
            self.fill(&mut answer, count, page);
        } else {
            let mut items: Vec<Value> = items.into_iter().map(write).collect();
            // Downwards those of the same time come downwards, too, as from an index that is walked backwards.
            if self.sort.iter().any(|(_, down)| *down) {
                items.reverse();
            }
            items.sort_by(|a, b| self.order(a, b));
            items.retain(|item| self.is_after(item));
            let count = items.len();
            self.fill(&mut answer, count, items.into_iter().skip(self.offset).take(self.limit).collect());
        }
        Value::Object(answer)
    }

    fn fill(&self, answer: &mut Map<String, Value>, count: usize, page: Vec<Value>) {
        if !self.without_count {
            answer.insert("count".to_owned(), json!(count));
        }
        if !self.without_items {
            let page: Vec<Value> = page.into_iter().map(|item| self.chosen(item)).collect();
            answer.insert("items".to_owned(), json!(page));
        }
    }

    fn order(&self, a: &Value, b: &Value) -> Ordering {
        let mut order = self.sort.iter().map(|(name, down)| {
            let order = compare(&a[name], &b[name]);
            if *down { order.reverse() } else { order }
        });
        order.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    }

    fn is_after(&self, item: &Value) -> bool {
        let Some((field, value)) = &self.after else { return true };
        let down = self.sort.iter().any(|(name, down)| name == field && *down);
        let wanted = if down { Ordering::Less } else { Ordering::Greater };
        let value = match item[field] {
            Value::Number(_) => value.parse().map_or(Value::Null, |number: f64| json!(number)),
            _ => json!(value),
        };
        compare(&item[field], &value) == wanted
    }

    fn chosen(&self, item: Value) -> Value {
        match item {
            Value::Object(members) if !self.fields.is_empty() => {
                Value::Object(members.into_iter().filter(|(name, _)| self.fields.contains(name)).collect())
            }
            item => item,
        }
    }
}

fn compare(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64().partial_cmp(&b.as_f64()).unwrap_or(Ordering::Equal),
        (Value::String(a), Value::String(b)) => a.cmp(b),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Null, _) => Ordering::Less,
        (_, Value::Null) => Ordering::Greater,
        _ => Ordering::Equal,
    }
}

/// Whether a time, in milliseconds, is between `from` and `to`.
pub(super) fn from_to(asked: &Asked) -> Result<impl Fn(i64) -> bool + use<>, Refused> {
    let bound = |name: &str| match asked.value(name).filter(|value| !value.is_empty()) {
        None => Ok(None),
        Some(value) => comparable(value).map(Some).ok_or_else(|| Refused::invalid(json!({ name: ["invalid"] }))),
    };
    let (from, to) = (bound("from")?, bound("to")?);
    Ok(move |millis: i64| {
        let at: String = iso_time(millis as f64 / 1000.0).chars().take(19).collect();
        from.as_ref().is_none_or(|from| *from <= at) && to.as_ref().is_none_or(|to| at <= *to)
    })
}

/// A time in UTC or a number of seconds, as text that sorts: `2026-11-21T08:00:00`.
fn comparable(text: &str) -> Option<String> {
    if let Ok(seconds) = text.parse::<f64>() {
        return Some(iso_time(seconds).chars().take(19).collect());
    }
    let (start, end) = (text.get(..19)?.replace(' ', "T"), text.get(19..)?);
    let fraction = end.strip_prefix('.').map(|rest| rest.trim_start_matches(|digit: char| digit.is_ascii_digit()));
    matches!(fraction.unwrap_or(end), "" | "Z" | "+00:00" | "+0000").then_some(start)
}

/// The filters of `/sessions`.
pub(super) fn session_filter(asked: &Asked) -> Result<impl Fn(&World, &Session) -> bool + use<>, Refused> {
    let within = from_to(asked)?;
    let text = |name: &str| asked.value(name).filter(|value| !value.is_empty()).map(str::to_lowercase);
    let flag = |name: &str| text(name).map(|value| value == "true" || value == "1");
    let (id, operator, chat) = (text("sessionId"), text("operatorId"), text("chatId"));
    let (status, bot, name) = (text("status"), text("botStatus"), text("name"));
    let (tags, keyword) = (text("tags"), text("keyword"));
    let (spam, banned) = (flag("markedAsSpam"), flag("clientBanned"));
    let of_type = text("operatorType");
    Ok(move |world: &World, found: &Session| {
        let is = |wanted: &Option<String>, value: &str| wanted.as_ref().is_none_or(|wanted| wanted == value);
        let has = |wanted: &Option<String>, value: &str| {
            wanted.as_ref().is_none_or(|wanted| value.to_lowercase().contains(wanted))
        };
        let said = |word: &String| {
            found.name.to_lowercase().contains(word)
                || found.messages.iter().any(|message| message.body.to_lowercase().contains(word))
        };
        within(found.started)
            && is(&id, &found.id.to_lowercase())
            && operator.as_ref().is_none_or(|wanted| found.operators.iter().any(|(id, _)| id.to_string() == *wanted))
            && is(&chat, &format!("chat-{}", found.group))
            && is(&status, if found.closed.is_some() { "closed" } else { "active" })
            && is(&bot, if found.with_bot { "active" } else { "stopped" })
            && of_type.as_ref().is_none_or(|wanted| wanted == "operator" && !found.operators.is_empty())
            && has(&name, &found.name)
            && has(&tags, &found.tags)
            && keyword.as_ref().is_none_or(said)
            && spam.is_none_or(|wanted| wanted == found.spam)
            && banned.is_none_or(|wanted| wanted == world.is_banned(&found.client))
    })
}
