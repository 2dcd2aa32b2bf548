//! The endpoints and events of the vendor's page, and what has shown each.

use std::collections::BTreeMap;

use trunkline_simulators::twin24::Heard;

/// The vendor's list, in its order: purpose, verb, and the path with `*` for a part.
pub const ENDPOINTS: [(&str, &str, &str); 18] = [
    ("information on the current operator", "GET", "/users/me"),
    ("server time", "GET", "/timestamp"),
    ("operator able to receive sessions", "PATCH", "/users/me/activate"),
    ("pause", "PATCH", "/users/me/pause"),
    ("list of sessions, also finished ones", "GET", "/sessions"),
    ("hand a session to another operator", "PATCH", "/sessions/*/operators/*"),
    ("hand a session to a group", "PATCH", "/sessions/*/groupoperators/*"),
    ("rename a session", "PATCH", "/sessions/*/names/*"),
    ("messages by session", "GET", "/sessions/*/messages"),
    ("messages by client", "GET", "/clients/*/messages"),
    ("send a message", "POST", "/sessions/*/operators/messages"),
    ("edit a message", "PUT", "/sessions/*/operators/messages/*"),
    ("delete a message", "DELETE", "/sessions/*/operators/messages/*"),
    ("list of operators", "GET", "/users"),
    ("list of operator groups", "GET", "/groups"),
    ("end a session", "DELETE", "/sessions/*"),
    ("block a client", "PATCH", "/clients/*/ban"),
    ("unblock a client", "PATCH", "/clients/*/unban"),
];

/// The vendor's events.
pub const EVENTS: [&str; 15] = [
    "chatSessionStarted",
    "operatorNotFound",
    "chatSessionAdded",
    "chatMessageCreated",
    "chatMessageEdited",
    "chatMessageRead",
    "chatSessionDeleted",
    "chatSessionSwitchedFromBotToOperator",
    "sessionClosedByClient",
    "operatorBlocked",
    "chatUserExists",
    "typing",
    "operatorLoggedOut",
    "clientOnline",
    "clientOffline",
];

/// What has been shown so far.
#[derive(Default)]
pub struct Table {
    events: BTreeMap<&'static str, &'static str>,
}

impl Table {
    /// An event had the effect that it should have.
    pub fn event(&mut self, name: &'static str, shown: &'static str) {
        self.events.insert(name, shown);
    }

    /// Prints both tables; gives how many rows were shown.
    pub fn print(&self, heard: &[Heard]) -> (usize, usize) {
        println!("--- endpoints of the vendor's list");
        let used: Vec<Option<usize>> = ENDPOINTS.iter().map(|(_, verb, path)| times(heard, verb, path)).collect();
        for ((what, verb, path), times) in ENDPOINTS.iter().zip(&used) {
            let shown = times.map_or("NOT USED".to_owned(), |times| format!("answered {times} times in this day"));
            println!("  {verb:6} {path:36} {what:40} {shown}");
        }
        println!("--- events of the vendor's list");
        for name in EVENTS {
            println!("  {name:38} {}", self.events.get(name).copied().unwrap_or("NOT SHOWN"));
        }
        let events = EVENTS.iter().filter(|name| self.events.contains_key(*name)).count();
        (used.iter().flatten().count(), events)
    }
}

/// How often it was answered well.
fn times(heard: &[Heard], verb: &str, path: &str) -> Option<usize> {
    let fits = |one: &&Heard| {
        let good = one.status.is_some_and(|status| (200..300).contains(&status));
        good && one.method == verb && matches(&one.path, path)
    };
    Some(heard.iter().filter(fits).count()).filter(|times| *times > 0)
}

fn matches(path: &str, pattern: &str) -> bool {
    let (parts, wanted): (Vec<&str>, Vec<&str>) = (path.split('/').collect(), pattern.split('/').collect());
    parts.len() == wanted.len() && parts.iter().zip(wanted).all(|(part, wanted)| wanted == "*" || *part == wanted)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn paths_fit_part_by_part() {
        assert!(matches("/sessions/a/names/b", "/sessions/*/names/*"));
        assert!(!matches("/sessions/a/operators/messages", "/sessions/*"));
        assert!(!matches("/sessions", "/sessions/*"));
    }
}
