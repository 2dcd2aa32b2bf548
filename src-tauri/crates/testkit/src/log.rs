use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;
use trunkline_net::{PrivateKind, find_private};

use crate::locked;

/// Collects every log line of every level, spans' fields included, and looks
/// for secrets in them. Clones share the lines.
#[derive(Clone, Debug, Default)]
pub struct LogCapture(Arc<Mutex<Vec<String>>>);

/// Takes log lines of the current thread while it lives.
pub struct LogGuard(#[allow(dead_code, reason = "held for its end")] tracing::subscriber::DefaultGuard);

impl LogCapture {
    /// Empty.
    pub fn new() -> Self {
        Self::default()
    }

    /// Captures on the current thread. In a `#[tokio::test]` (one thread) this
    /// covers all tasks; with several threads use [`Self::layer`] in a global subscriber.
    pub fn install(&self) -> LogGuard {
        let subscriber = tracing_subscriber::registry().with(self.layer());
        LogGuard(tracing::subscriber::set_default(subscriber))
    }

    /// As a layer of a subscriber.
    pub fn layer(&self) -> Self {
        self.clone()
    }

    /// Lines so far: `LEVEL target: message field=value ...`, with the fields of new spans.
    pub fn lines(&self) -> Vec<String> {
        locked(&self.0).clone()
    }

    /// Whether a line has this text.
    pub fn contains(&self, text: &str) -> bool {
        locked(&self.0).iter().any(|line| line.contains(text))
    }

    /// Panics when any of the secrets is in any line.
    pub fn assert_no_secret(&self, secrets: &[&str]) {
        for line in self.lines() {
            for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
                assert!(!line.contains(secret), "a secret of {} characters is in a log line: {}", secret.len(), {
                    line.replace(secret, "[SECRET]")
                });
            }
        }
    }

    /// Panics when any line of this program holds what looks like a token, a
    /// telephone number or an e-mail address. `allowed` names texts that only look so.
    pub fn assert_nothing_private(&self, allowed: &[&str]) {
        for line in self.lines() {
            // Libraries log what they log at trace level; their lines never reach a file.
            if !line.contains(" trunkline") {
                continue;
            }
            let found =
                find_private(&line).into_iter().find(|finding| !allowed.contains(&&line[finding.range.clone()]));
            if let Some(finding) = found {
                let what = match finding.kind {
                    PrivateKind::Token => "a token",
                    PrivateKind::Phone => "a telephone number",
                    PrivateKind::Email => "an e-mail address",
                };
                panic!("a log line holds {what} at {:?}: {line}", finding.range);
            }
        }
    }

    fn note(&self, level: &tracing::Level, target: &str, fields: &str) {
        locked(&self.0).push(format!("{level} {target}: {fields}"));
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for LogCapture {
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        self.note(event.metadata().level(), event.metadata().target(), &fields.0);
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, _id: &Id, _context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let metadata = attributes.metadata();
        self.note(metadata.level(), metadata.target(), &format!("span {} {}", metadata.name(), fields.0));
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        values.record(&mut fields);
        if let Some(span) = context.span(id) {
            let metadata = span.metadata();
            self.note(metadata.level(), metadata.target(), &format!("span {} {}", metadata.name(), fields.0));
        }
    }
}

#[derive(Default)]
struct Fields(String);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if !self.0.is_empty() {
            self.0.push(' ');
        }
        let written = if field.name() == "message" {
            write!(self.0, "{value:?}")
        } else {
            write!(self.0, "{}={value:?}", field.name())
        };
        written.expect("writing to a string works");
    }
}
