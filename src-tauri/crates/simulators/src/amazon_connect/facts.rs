//! What has happened to a contact or to a party of it, to be waited for.

use std::time::Duration;

use tokio::sync::watch;

use super::error::SimError;

/// A record of moments, filled as they come.
pub(crate) trait Facts {
    /// What has happened so far as one line, without numbers, names, tokens or text.
    fn summary(&self) -> String;
}

/// The parts that have happened, in the order given.
pub(crate) fn in_words(of_what: &str, told: &[(bool, &str)]) -> String {
    let parts: Vec<&str> = told.iter().filter_map(|(happened, name)| happened.then_some(*name)).collect();
    if parts.is_empty() {
        format!("nothing has happened to {of_what} yet")
    } else {
        format!("so far: {}", parts.join(", "))
    }
}

/// Waits until `fact` finds what it looks for.
///
/// # Errors
/// [`SimError::Expected`] with what has happened instead.
pub(crate) async fn expect<F: Facts, T>(
    facts: &watch::Sender<F>,
    what: &str,
    timeout: Duration,
    fact: impl Fn(&F) -> Option<T>,
) -> Result<T, SimError> {
    let mut changes = facts.subscribe();
    let seen = changes.wait_for(|now| fact(now).is_some());
    let found = match tokio::time::timeout(timeout, seen).await {
        Ok(Ok(now)) => fact(&now),
        _ => None,
    };
    found.ok_or_else(|| not_seen(facts, what, timeout))
}

/// The error of a wait that was in vain.
pub(crate) fn not_seen<F: Facts>(facts: &watch::Sender<F>, what: &str, waited: Duration) -> SimError {
    SimError::Expected { what: what.to_owned(), waited, seen: facts.borrow().summary() }
}
