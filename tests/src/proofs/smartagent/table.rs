//! The SDK's events, messages and methods, and what has shown each.

use std::collections::BTreeMap;

/// Events of the SDK's readme, in its order.
pub const EVENTS: [&str; 17] = [
    "incoming_call",
    "contact_updated",
    "call_started",
    "on_hold",
    "off_hold",
    "call_ended",
    "reject_call",
    "outgoing_call",
    "transfer_call",
    "missed_call",
    "add_connection",
    "conference_connections",
    "end_connection",
    "toggle_connections",
    "after_call_work",
    "after_call_work_end",
    "next_status",
];

/// Messages that can be sent.
pub const MESSAGES: [&str; 8] = [
    "update_contact",
    "update_customer",
    "update_quick_connects",
    "transfer_call",
    "end_conference_call",
    "quick_connect",
    "show_notification",
    "show_popup_message",
];

/// Methods of the class; `sendMessage` is also called `send`.
pub const METHODS: [&str; 10] = [
    "init",
    "on",
    "off",
    "showPlugin",
    "hidePlugin",
    "setTitleTag",
    "updateContact",
    "getUser",
    "getCompanyID",
    "sendMessage",
];

/// What has been shown so far: the scenario by the name.
#[derive(Default)]
pub struct Table {
    events: BTreeMap<&'static str, String>,
    messages: BTreeMap<&'static str, String>,
    refusals: BTreeMap<&'static str, String>,
    methods: BTreeMap<&'static str, String>,
}

/// How many rows have been shown, of each part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Events.
    pub events: usize,
    /// Messages: with an effect, and refused when they do not fit.
    pub messages: usize,
    /// Methods.
    pub methods: usize,
}

impl Table {
    /// The page heard it, in this scenario.
    pub fn event(&mut self, name: &'static str, scenario: &str) {
        self.events.entry(name).or_insert_with(|| scenario.to_owned());
    }

    /// It had the effect that it should have.
    pub fn message(&mut self, name: &'static str, scenario: &str) {
        self.messages.entry(name).or_insert_with(|| scenario.to_owned());
    }

    /// It was refused where it should be.
    pub fn refusal(&mut self, name: &'static str, reason: &str) {
        self.refusals.entry(name).or_insert_with(|| reason.to_owned());
    }

    /// It had the effect that it should have.
    pub fn method(&mut self, name: &'static str, scenario: &str) {
        self.methods.entry(name).or_insert_with(|| scenario.to_owned());
    }

    /// Prints all rows.
    pub fn print(&self) -> Shown {
        let row = |name: &str, shown: Option<&String>| {
            println!("  {name:24} {}", shown.map_or("NOT SHOWN", String::as_str));
        };
        println!("--- events");
        EVENTS.iter().for_each(|name| row(name, self.events.get(name)));
        println!("--- messages, and how each is refused");
        for name in MESSAGES {
            row(name, self.messages.get(name));
            row("", self.refusals.get(name));
        }
        println!("--- methods");
        METHODS.iter().for_each(|name| row(name, self.methods.get(name)));
        self.shown()
    }

    /// A row counts that is one of the readme's.
    pub fn shown(&self) -> Shown {
        let whole = |name: &&&str| self.messages.contains_key(**name) && self.refusals.contains_key(**name);
        Shown {
            events: EVENTS.iter().filter(|name| self.events.contains_key(**name)).count(),
            messages: MESSAGES.iter().filter(whole).count(),
            methods: METHODS.iter().filter(|name| self.methods.contains_key(**name)).count(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Shown, Table};

    #[test]
    fn a_row_counts_once_and_only_when_it_is_one_of_the_readmes() {
        let mut table = Table::default();
        table.event("incoming_call", "a call");
        table.event("incoming_call", "another");
        table.event("platform_event", "not of the readme");
        table.message("update_contact", "an attribute");
        table.method("init", "loaded");
        let shown = Shown { events: 1, messages: 0, methods: 1 };
        assert_eq!(table.shown(), shown, "a message counts when it was refused as well");
        table.refusal("update_contact", "a number");
        assert_eq!(table.shown().messages, 1, "now it does");
    }
}
