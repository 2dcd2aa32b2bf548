//! From an event of the program to a line of the log.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::{Debug, Write as _};
use std::io::Write as _;
use std::sync::Arc;

use serde_json::Value;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_appender::non_blocking::NonBlocking;
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;
use trunkline_connector::ports::WallClock;

use crate::digest::Digests;
use crate::entry::Entry;

/// Longest text of a message, a field or a cause, bytes. An answer that a server
/// wrote must not fill the disk by way of an error's words.
const LONGEST: usize = 4096;
/// Fields and causes of one entry.
const MOST: usize = 32;
/// Name of the field with the account.
const ACCOUNT: &str = "account";
/// Target of events that came by way of the `log` crate, and the names of their fields.
const FROM_LOG: &str = "log";

/// Writes each event as one line. Private values are replaced here, before the
/// line goes anywhere.
pub(crate) struct Recorder {
    writer: NonBlocking,
    digests: Digests,
    clock: Arc<dyn WallClock>,
}

/// The account that a span is about, redacted.
struct AccountOf(String);

impl Recorder {
    pub(crate) fn new(writer: NonBlocking, digests: Digests, clock: Arc<dyn WallClock>) -> Self {
        Self { writer, digests, clock }
    }

    fn clean(&self, text: &str) -> String {
        shown(&self.digests.redact(text))
    }

    fn value(&self, name: &str, value: Found) -> Value {
        match value {
            Found::Text(text) => Value::String(shown(&self.digests.redact_field(name, &text))),
            Found::Plain(value) => {
                // A telephone number may be kept as a number.
                let text = value.to_string();
                let clean = self.digests.redact_field(name, &text);
                if clean == text { value } else { Value::String(clean) }
            }
        }
    }

    fn entry<S>(&self, event: &Event<'_>, context: &Context<'_, S>) -> Entry
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let mut seen = Seen::default();
        event.record(&mut seen);
        let metadata = event.metadata();
        let mut target = metadata.target().to_owned();
        if target == FROM_LOG {
            if let Some(Found::Text(told)) = seen.fields.remove("log.target") {
                target = told;
            }
            seen.fields.retain(|name, _| !name.starts_with("log."));
        }
        let account = match seen.fields.remove(ACCOUNT) {
            Some(found) => Some(self.clean(&found.into_text())),
            None => account_of_spans(event, context),
        };
        let fields = seen.fields.into_iter().take(MOST);
        Entry {
            time: self.clock.now(),
            level: (*metadata.level()).into(),
            target: self.clean(&target),
            account,
            message: self.clean(&seen.message),
            fields: fields.map(|(name, value)| (name.to_owned(), self.value(name, value))).collect(),
            causes: seen.causes.iter().take(MOST).map(|cause| self.clean(cause)).collect(),
        }
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Recorder {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut seen = Seen::default();
        attributes.record(&mut seen);
        self.note_account(seen, id, &context);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let mut seen = Seen::default();
        values.record(&mut seen);
        self.note_account(seen, id, &context);
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        // An entry that has no JSON form does not exist; a line that is not taken is counted by the writer.
        if let Some(line) = self.entry(event, &context).line() {
            let _ = self.writer.clone().write_all(&line);
        }
    }
}

impl Recorder {
    fn note_account<S>(&self, mut seen: Seen, id: &Id, context: &Context<'_, S>)
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        if let (Some(account), Some(span)) = (seen.fields.remove(ACCOUNT), context.span(id)) {
            span.extensions_mut().replace(AccountOf(self.clean(&account.into_text())));
        }
    }
}

/// The nearest span that is about an account.
fn account_of_spans<S>(event: &Event<'_>, context: &Context<'_, S>) -> Option<String>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let mut spans = context.event_scope(event)?;
    spans.find_map(|span| span.extensions().get::<AccountOf>().map(|account| account.0.clone()))
}

/// Shortened, and with control characters written out: a line that is shown in a
/// terminal or a window must not do anything there.
fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len().min(LONGEST));
    for (at, character) in text.char_indices() {
        if shown.len() >= LONGEST {
            // Writing to a string cannot fail.
            let _ = write!(shown, "… ({} more bytes)", text.len() - at);
            break;
        }
        match character {
            '\n' | '\t' => shown.push(character),
            other if other.is_control() || turns(other) => shown.extend(other.escape_unicode()),
            other => shown.push(other),
        }
    }
    shown
}

/// Changes the direction or the order in which text is shown.
fn turns(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

enum Found {
    Text(String),
    Plain(Value),
}

impl Found {
    fn into_text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Plain(value) => value.to_string(),
        }
    }
}

/// What an event or a span says, before it is redacted.
#[derive(Default)]
struct Seen {
    message: String,
    fields: BTreeMap<&'static str, Found>,
    causes: Vec<String>,
}

impl Seen {
    fn text(&mut self, field: &Field, text: String) {
        if field.name() == "message" {
            self.message = text;
        } else {
            self.fields.insert(field.name(), Found::Text(text));
        }
    }

    fn plain(&mut self, field: &Field, value: Value) {
        self.fields.insert(field.name(), Found::Plain(value));
    }
}

impl Visit for Seen {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.text(field, format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field, value.to_owned());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.plain(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.plain(field, value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.plain(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.plain(field, value.into());
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.text(field, value.to_string());
        let mut cause = value.source();
        while let Some(error) = cause {
            self.causes.push(error.to_string());
            cause = error.source();
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn a_text_is_shortened_and_does_nothing_where_it_is_shown() {
        assert_eq!(shown("a\nb\tc <b>"), "a\nb\tc <b>", "lines stay lines");
        assert_eq!(shown("\u{1b}[31mred\u{9b}0m\u{202e}x\r"), "\\u{1b}[31mred\\u{9b}0m\\u{202e}x\\u{d}");
        let long = shown(&"ä".repeat(LONGEST));
        assert!(long.len() < LONGEST + 40 && long.ends_with("(4096 more bytes)"), "{} bytes", long.len());
    }
}
