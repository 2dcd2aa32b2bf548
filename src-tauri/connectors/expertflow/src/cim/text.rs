//! Text and times as the platform writes them.

use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use serde_json::Value;
use trunkline_model::UnixMillis;

/// Bytes of a text that are shown; what is longer is cut.
pub const LONGEST: usize = 256 * 1024;
/// Bytes of a name or heading.
const LONGEST_NAME: usize = 1024;
/// Bytes of one field among many.
const LONGEST_FIELD: usize = 16 * 1024;
/// Stands where text was cut off.
const MARK: char = '…';
/// Beyond 2^53 ms a JavaScript number loses precision.
const LATEST: i64 = 9_000_000_000_000_000;

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The text, or its first [`LONGEST`] bytes and a mark that there was more.
pub fn cut(text: &str) -> String {
    cut_at(text, LONGEST)
}

/// The same for names and headings.
pub(super) fn short(text: &str) -> String {
    cut_at(text, LONGEST_NAME)
}

/// The same for one field among many.
pub(super) fn field(text: &str) -> String {
    cut_at(text, LONGEST_FIELD)
}

fn cut_at(text: &str, longest: usize) -> String {
    if text.len() <= longest {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(longest);
    let mut cut = text.get(..end).unwrap_or_default().to_owned();
    cut.push(MARK);
    cut
}

/// At most so many characters on one line: blanks and line breaks become one blank.
pub(super) fn one_line(text: &str, most: usize) -> String {
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        // One more than fits tells that there is more; all of a huge text is not looked at.
        line.extend(word.chars().take(most + 1));
        if line.chars().nth(most).is_some() {
            let kept: String = line.chars().take(most.saturating_sub(1)).collect();
            line = kept.trim_end().to_owned();
            line.push(MARK);
            break;
        }
    }
    line
}

/// Text out of base64; `None` when it is none or no UTF-8.
pub(super) fn decode(text: &str) -> Option<String> {
    let code: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    String::from_utf8(LENIENT.decode(code).ok()?).ok()
}

/// Text into base64.
pub(super) fn encode(text: &str) -> String {
    LENIENT.encode(text)
}

/// A time: milliseconds since 1970 as a number or digits, or a date with a time.
/// A date without an offset is UTC. Nothing, blank or nonsense: `None`.
pub fn time(value: &Value) -> Option<UnixMillis> {
    let millis = match value {
        Value::Number(number) => number.as_i64().or_else(|| {
            let number = number.as_f64()?;
            number.is_finite().then_some(number as i64)
        })?,
        Value::String(text) => {
            let text = text.trim();
            match text.parse::<i64>() {
                Ok(millis) => millis,
                Err(_) => match text.parse::<Timestamp>() {
                    Ok(time) => time.as_millisecond(),
                    Err(_) => {
                        let date: DateTime = text.parse().ok()?;
                        date.to_zoned(TimeZone::UTC).ok()?.timestamp().as_millisecond()
                    }
                },
            }
        }
        _ => return None,
    };
    // Zero stands where no time was set.
    (1..LATEST).contains(&millis).then_some(UnixMillis(millis))
}

/// A constant or a member's name as words: `BOT_SUBSCRIBED` and `botSubscribed`
/// become `Bot subscribed`.
pub fn readable(name: &str) -> String {
    let name = short(name.trim());
    let shouted = !name.chars().any(char::is_lowercase);
    let mut words = String::with_capacity(name.len());
    let mut before_lower = false;
    for letter in name.chars() {
        if letter == '_' || letter == '-' || letter.is_whitespace() {
            if !words.is_empty() && !words.ends_with(' ') {
                words.push(' ');
            }
            before_lower = false;
            continue;
        }
        if before_lower && letter.is_uppercase() && !words.ends_with(' ') {
            words.push(' ');
        }
        before_lower = letter.is_lowercase();
        if words.is_empty() {
            words.extend(letter.to_uppercase());
        } else if shouted || words.ends_with(' ') {
            words.extend(letter.to_lowercase());
        } else {
            words.push(letter);
        }
    }
    let kept = words.trim_end().len();
    words.truncate(kept);
    words
}
