//! The microphone while it rings: opened ahead of the answer only where the
//! agent wants that, and for no longer than something rings.
//!
//! | input | does |
//! | --- | --- |
//! | `rings` | holds the microphone, when it is wanted |
//! | `over` (not taken, its devices are open, its media is gone) | lets go, unless another one rings |
//! | `want(false)` | lets go at once |
//! | `want(true)` | from the next offer on |

use std::collections::BTreeSet;

use trunkline_model::ContactKey;

/// Whom the microphone is held for. Each input gives what is to be done: hold
/// (`true`), let go (`false`), or nothing.
#[derive(Debug, Default)]
pub(crate) struct EarlyMicrophone {
    wanted: bool,
    held_for: BTreeSet<ContactKey>,
}

impl EarlyMicrophone {
    pub(crate) fn new(wanted: bool) -> Self {
        Self { wanted, held_for: BTreeSet::new() }
    }

    pub(crate) fn is_wanted(&self) -> bool {
        self.wanted
    }

    /// The agent's choice.
    pub(crate) fn want(&mut self, wanted: bool) -> Option<bool> {
        self.wanted = wanted;
        if wanted || self.held_for.is_empty() {
            return None;
        }
        self.held_for.clear();
        Some(false)
    }

    /// A call rings whose speech would run through this computer.
    pub(crate) fn rings(&mut self, contact: &ContactKey) -> Option<bool> {
        if !self.wanted {
            return None;
        }
        let first = self.held_for.is_empty();
        self.held_for.insert(contact.clone());
        first.then_some(true)
    }

    /// It need not be held for this one any more.
    pub(crate) fn over(&mut self, contact: &ContactKey) -> Option<bool> {
        (self.held_for.remove(contact) && self.held_for.is_empty()).then_some(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(contact: &str) -> ContactKey {
        ContactKey::new("one".into(), contact.into())
    }

    #[test]
    fn unless_the_agent_wants_it_no_ring_opens_the_microphone() {
        let mut early = EarlyMicrophone::new(false);
        assert_eq!(early.rings(&key("a")), None, "as it comes");
        assert_eq!(early.want(true), None, "wanted now, what rings already stays as it is");
        assert_eq!(early.over(&key("a")), None, "and there is nothing to let go of");
        assert_eq!(early.rings(&key("b")), Some(true), "the next one opens it");
    }

    #[test]
    fn it_is_let_go_with_the_last_offer_once() {
        let mut early = EarlyMicrophone::new(true);
        assert_eq!(early.rings(&key("a")), Some(true), "opened for the first");
        assert_eq!(early.rings(&key("a")), None, "the offer was shown anew");
        assert_eq!(early.rings(&key("b")), None, "it is open already");
        assert_eq!(early.over(&key("a")), None, "another one rings");
        assert_eq!(early.over(&key("b")), Some(false), "nobody rings any more");
        assert_eq!(early.over(&key("b")), None, "withdrawn and released: once is enough");
    }

    #[test]
    fn switched_off_it_closes_at_once() {
        let mut early = EarlyMicrophone::new(true);
        early.rings(&key("a"));
        assert_eq!(early.want(false), Some(false), "while it rings");
        assert_eq!(early.over(&key("a")), None, "nothing is left to do when it ends");
        assert_eq!(early.rings(&key("b")), None, "and the next one opens nothing");
    }
}
