//! Looking into JSON whose members may be missing or of another type than agreed.

use serde_json::Value;
use trunkline_model::Attribute;

use super::text;

/// More buttons, files, people or fields than this are no help to anybody.
pub(super) const MOST: usize = 200;
/// Nesting deeper than this is of no message known.
const DEEPEST: usize = 8;

static NOTHING: Value = Value::Null;

/// What stands at a path of members; `null` when there is nothing.
pub(super) fn at<'v>(value: &'v Value, path: &[&str]) -> &'v Value {
    path.iter().try_fold(value, |value, name| value.get(*name)).unwrap_or(&NOTHING)
}

/// Words that stand there: text or a number, not blank.
pub(super) fn words(value: &Value, path: &[&str]) -> Option<String> {
    scalar(at(value, path))
}

/// Text that stands there, not blank, without blanks around it.
pub fn trimmed(value: &Value) -> Option<String> {
    value.as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// The first of several members that has words.
pub(super) fn first(value: &Value, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| words(value, &[name]))
}

/// The platform's constant that stands there, in capitals.
pub(super) fn constant(value: &Value, path: &[&str]) -> Option<String> {
    words(value, path).map(|text| text::short(text.trim()).to_uppercase())
}

/// A constant that is either bare text or the `name` of an object.
pub(super) fn state(value: &Value, path: &[&str]) -> Option<String> {
    match at(value, path) {
        object @ Value::Object(_) => constant(object, &["name"]),
        bare => constant(bare, &[]),
    }
}

/// Yes or no, as such or as text.
pub(super) fn flag(value: &Value, path: &[&str]) -> Option<bool> {
    match at(value, path) {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) if text.trim().eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.trim().eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// A whole number that is not negative, as such or as text.
pub(super) fn count(value: &Value, path: &[&str]) -> Option<u64> {
    match at(value, path) {
        Value::Number(number) => number.as_u64().or_else(|| {
            let number = number.as_f64()?;
            (number.is_finite() && (0.0..9.0e15).contains(&number)).then_some(number as u64)
        }),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// The entries of a list, at most [`MOST`]. An entry that stands alone is a list of one.
pub(super) fn list<'v>(value: &'v Value, path: &[&str]) -> impl Iterator<Item = &'v Value> + use<'v> {
    let found = at(value, path);
    let entries = match found {
        Value::Array(entries) => entries.as_slice(),
        Value::Null => &[],
        single => std::slice::from_ref(single),
    };
    entries.iter().take(MOST)
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Everything that is said in a value, by name, readable. Names of members within
/// members have a stroke between; entries that are `key` and `value` are named by their key.
pub(super) fn fields(value: &Value, leave_out: &[&str]) -> Vec<Attribute> {
    let mut found = Vec::new();
    match value {
        Value::Object(members) => {
            for (name, member) in members.iter().filter(|(name, _)| !leave_out.contains(&name.as_str())) {
                take_apart(&text::readable(name), member, 0, &mut found);
            }
        }
        other => take_apart("", other, 0, &mut found),
    }
    found
}

fn take_apart(name: &str, value: &Value, depth: usize, found: &mut Vec<Attribute>) {
    if found.len() >= MOST || depth > DEEPEST {
        return;
    }
    let mut put = |value: String| found.push(Attribute { name: name.to_owned(), value: text::field(&value) });
    match value {
        Value::Null => {}
        Value::Bool(flag) => put(flag.to_string()),
        Value::Number(_) | Value::String(_) => scalar(value).into_iter().for_each(put),
        Value::Array(entries) if entries.iter().all(|entry| !entry.is_array() && !entry.is_object()) => {
            let words: Vec<String> = entries.iter().take(MOST).filter_map(scalar).collect();
            if !words.is_empty() {
                put(words.join(", "));
            }
        }
        Value::Array(entries) => {
            for entry in entries.iter().take(MOST) {
                take_apart(name, entry, depth + 1, found);
            }
        }
        Value::Object(members) => {
            // A form's field, an attribute of a channel: {key, type, value}.
            let key = first(value, &["key", "name", "label"]).filter(|_| members.contains_key("value"));
            if let Some(key) = key {
                return take_apart(&text::readable(&key), at(value, &["value"]), depth + 1, found);
            }
            for (member, value) in members {
                let member = text::readable(member);
                let name = if name.is_empty() { member } else { text::short(&format!("{name} / {member}")) };
                take_apart(&name, value, depth + 1, found);
            }
        }
    }
}

/// The same as lines, `name: value`.
pub(super) fn lines(value: &Value, leave_out: &[&str]) -> String {
    let mut lines = String::new();
    for field in fields(value, leave_out) {
        if !lines.is_empty() {
            lines.push('\n');
        }
        if !field.name.is_empty() {
            lines.push_str(&field.name);
            lines.push_str(": ");
        }
        lines.push_str(&field.value);
        if lines.len() > text::LONGEST {
            break;
        }
    }
    text::cut(&lines)
}

/// A map of texts by its own names, sorted by them.
pub(super) fn map(value: &Value) -> Vec<Attribute> {
    let mut found: Vec<Attribute> = Vec::new();
    for (name, member) in value.as_object().into_iter().flatten().take(MOST) {
        found.push(Attribute { name: text::short(name), value: lines(member, &[]) });
    }
    found.sort_by(|one, other| one.name.cmp(&other.name));
    found
}
