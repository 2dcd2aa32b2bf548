//! The connector's own diff, event by event, from what it logs: nothing is
//! computed here a second time.

use std::fmt::Debug;

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer};

use super::compare::Record;

/// Where the connector logs its diff.
const TARGET: &str = "trunkline_amazon_connect::session::picture";

/// Hands on each event of the diff but the refreshes.
pub struct DiffDiary<W> {
    write: W,
}

impl<W: Fn(Record) + 'static> DiffDiary<W> {
    /// To `write`.
    pub fn new(write: W) -> Self {
        Self { write }
    }
}

#[derive(Default)]
struct Line {
    event: Option<String>,
    contact: Option<String>,
    old: Option<String>,
    new: Option<String>,
}

impl Line {
    fn take(&mut self, name: &str, value: String) {
        match name {
            "event" => self.event = Some(value),
            "contact" => self.contact = Some(value),
            "old" => self.old = Some(value),
            "new" => self.new = Some(value),
            _ => {}
        }
    }
}

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.take(field.name(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.take(field.name(), format!("{value:?}"));
    }
}

impl<S: Subscriber, W: Fn(Record) + 'static> Layer<S> for DiffDiary<W> {
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        if event.metadata().target() != TARGET {
            return;
        }
        let mut line = Line::default();
        event.record(&mut line);
        let Some(name) = line.event else {
            return;
        };
        let detail = match (line.contact, line.old.zip(line.new)) {
            (Some(contact), _) => contact,
            (None, Some((old, new))) => format!("{old} to {new}"),
            (None, None) => String::new(),
        };
        (self.write)(Record::new("diff", name, detail));
    }
}
