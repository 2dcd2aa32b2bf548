//! Looking into JSON whose members may be missing or of another type than agreed.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use serde_json::Value;
use trunkline_model::UnixMillis;

/// Bytes of a text that are kept; what is longer is cut.
const LONGEST: usize = 256 * 1024;
/// Beyond 2^53 ms a JavaScript number loses precision.
const LATEST: i64 = 9_000_000_000_000_000;
/// Numbers above this are milliseconds (docs/connectors/twin24.md, section 3).
const SECONDS_UP_TO: f64 = 1e11;

static NOTHING: Value = Value::Null;

/// What stands at a path of names with full stops between; `null` when there is nothing.
pub fn at<'v>(value: &'v Value, path: &str) -> &'v Value {
    path.split('.').try_fold(value, |value, name| value.get(name)).unwrap_or(&NOTHING)
}

/// Text or a number as text, not blank. Ids are numbers in one place and text in another.
pub fn words(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(cut(text)),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The first of several places that has words.
pub fn first<S: AsRef<str>>(value: &Value, paths: &[S]) -> Option<String> {
    paths.iter().find_map(|path| words(at(value, path.as_ref())))
}

/// Yes or no; what cannot be read is no.
pub fn flag(value: &Value) -> bool {
    match value {
        Value::Bool(flag) => *flag,
        Value::Number(number) => number.as_f64() == Some(1.0),
        Value::String(text) => text.eq_ignore_ascii_case("true") || text == "1",
        _ => false,
    }
}

/// A whole number that is not negative, as such or as text.
pub fn count(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// The entries of a list, which may stand alone or inside `{count, items}`.
pub fn entries(value: &Value) -> Option<&[Value]> {
    let list = value.as_array().or_else(|| value["items"].as_array()).or_else(|| value["data"].as_array());
    list.map(Vec::as_slice)
}

/// The text, or its beginning and a mark that there was more.
pub fn cut(text: &str) -> String {
    if text.len() <= LONGEST {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(LONGEST);
    format!("{}…", text.get(..end).unwrap_or_default())
}

/// An instant: RFC 3339, a date and time without a zone (UTC), or a number of seconds
/// or milliseconds.
pub fn time(value: &Value) -> Option<UnixMillis> {
    let millis = match value {
        Value::Number(number) => {
            let number = number.as_f64().filter(|number| number.is_finite())?;
            (if number.abs() <= SECONDS_UP_TO { number * 1_000.0 } else { number }) as i64
        }
        Value::String(text) => {
            let text = text.trim();
            let zoned = text.parse::<Timestamp>().ok();
            let bare = || text.parse::<DateTime>().ok().and_then(|at| at.to_zoned(TimeZone::UTC).ok());
            match zoned.or_else(|| bare().map(|at| at.timestamp())) {
                Some(at) => at.as_millisecond(),
                None => return time(&Value::from(text.parse::<f64>().ok()?)),
            }
        }
        _ => return None,
    };
    (millis > 0 && millis <= LATEST).then_some(UnixMillis(millis))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    #[test]
    fn times_are_read_in_every_way_they_come() {
        let at = Some(UnixMillis(1_763_712_000_000));
        for value in [
            json!("2025-11-21T08:00:00+00:00"),
            json!("2025-11-21T11:00:00+03:00"),
            json!("2025-11-21 08:00:00"),
            json!(1_763_712_000),
            json!(1_763_712_000_000_i64),
            json!("1763712000"),
        ] {
            assert_eq!(time(&value), at, "{value}");
        }
        for value in [json!(null), json!("soon"), json!(-1), json!(1e300), json!({}), json!("")] {
            assert_eq!(time(&value), None, "{value}");
        }
    }

    #[test]
    fn ids_are_text_however_they_are_written() {
        assert_eq!(
            (words(&json!(42)), words(&json!("42")), words(&json!(" "))),
            (Some("42".into()), Some("42".into()), None)
        );
        assert_eq!(first(&json!({ "message": { "id": 7 } }), &["messageId", "message.id"]), Some("7".into()));
    }
}
