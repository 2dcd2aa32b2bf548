use std::fmt::Write;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Every log line of the thread, at every level, and the texts that must not
/// be in one.
#[derive(Clone, Debug, Default)]
pub struct LogLines {
    lines: Arc<Mutex<Vec<String>>>,
    secrets: Arc<Mutex<Vec<String>>>,
    spans: Arc<AtomicU64>,
    /// A connector was started, so there is something to look at.
    at_work: Arc<AtomicBool>,
}

impl LogLines {
    /// Catches this thread's lines until the guard is dropped.
    pub fn install(&self) -> tracing::subscriber::DefaultGuard {
        tracing::subscriber::set_default(self.clone())
    }

    /// Adds texts that must not appear.
    pub fn forbid(&self, secrets: Vec<String>) {
        self.at_work.store(true, Ordering::Relaxed);
        self.secrets.lock().expect("log").extend(secrets.into_iter().filter(|secret| !secret.is_empty()));
    }

    /// One of the lines is so.
    pub fn any(&self, wanted: impl Fn(&str) -> bool) -> bool {
        self.lines.lock().expect("log").iter().any(|line| wanted(line))
    }

    /// Panics when one of them did.
    pub fn assert_no_secret(&self) {
        if !self.at_work.load(Ordering::Relaxed) {
            return;
        }
        let secrets = self.secrets.lock().expect("log");
        let lines = self.lines.lock().expect("log");
        assert!(!lines.is_empty(), "the connector logged nothing: the check would prove nothing");
        for line in lines.iter() {
            for secret in secrets.iter() {
                assert!(
                    !line.contains(secret.as_str()),
                    "a secret is in a log line: {}",
                    line.replace(secret, "[SECRET]")
                );
            }
        }
    }

    fn note(&self, metadata: &Metadata<'_>, fields: Fields) {
        self.lines.lock().expect("log").push(format!("{} {}: {}", metadata.level(), metadata.target(), fields.0));
    }
}

#[derive(Default)]
struct Fields(String);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let _ = write!(self.0, "{}={value:?} ", field.name());
    }
}

impl Subscriber for LogLines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        // Libraries' own lines at trace level never reach a file; the project's all count.
        metadata.target().starts_with("trunkline") || *metadata.level() <= tracing::Level::DEBUG
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut fields = Fields::default();
        span.record(&mut fields);
        self.note(span.metadata(), fields);
        Id::from_u64(self.spans.fetch_add(1, Ordering::Relaxed) + 1)
    }

    fn record(&self, _span: &Id, values: &Record<'_>) {
        let mut fields = Fields::default();
        values.record(&mut fields);
        self.lines.lock().expect("log").push(fields.0);
    }

    fn record_follows_from(&self, _span: &Id, _follows: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        self.note(event.metadata(), fields);
    }

    fn enter(&self, _span: &Id) {}

    fn exit(&self, _span: &Id) {}
}
