//! Signs of life of the web views. A view that shows itself reports every
//! two seconds (`ui_alive`); one that stops while it is visible is dead or frozen.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Silence after which a visible view is taken for frozen.
pub const FROZEN_AFTER: Duration = Duration::from_secs(10);
/// Silence after which a view gets no more pushes until it has a new snapshot:
/// what is sent to a stopped process piles up in our own memory.
pub const SILENT_AFTER: Duration = Duration::from_secs(5);

#[derive(Clone, Copy, Debug)]
struct Life {
    /// Nothing before the first: a view that is still loading owes none.
    last: Option<Instant>,
    visible: bool,
}

impl Life {
    fn is_silent(&self, for_long: Duration, now: Instant) -> bool {
        self.visible && self.last.is_some_and(|last| now.saturating_duration_since(last) >= for_long)
    }
}

/// The last sign of each view since it was loaded.
#[derive(Debug, Default)]
pub struct LifeSigns {
    views: Mutex<HashMap<String, Life>>,
}

impl LifeSigns {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Life>> {
        self.views.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The view has spoken.
    pub fn sign(&self, label: &str, now: Instant) {
        self.lock().entry(label.to_owned()).or_insert(Life { last: None, visible: true }).last = Some(now);
    }

    /// The view was shown or hidden. A hidden view owes no sign; a shown one
    /// has its time from now on. One that is hidden before it has spoken may
    /// still say that it is there, and then nothing more.
    pub fn visible(&self, label: &str, visible: bool, now: Instant) {
        let mut views = self.lock();
        let life = views.entry(label.to_owned()).or_insert(Life { last: None, visible });
        life.visible = visible;
        life.last = life.last.map(|_| now);
    }

    /// The view is being loaded or is gone: nothing is owed until its next sign.
    pub fn forget(&self, label: &str) {
        self.lock().remove(label);
    }

    /// Views that are visible and have been silent too long.
    pub fn frozen(&self, now: Instant) -> Vec<String> {
        self.lock()
            .iter()
            .filter(|(_, life)| life.is_silent(FROZEN_AFTER, now))
            .map(|(label, _)| label.clone())
            .collect()
    }

    /// Pushes should wait: the view is visible and silent.
    pub fn silent(&self, label: &str, now: Instant) -> bool {
        self.lock().get(label).is_some_and(|life| life.is_silent(SILENT_AFTER, now))
    }

    /// The view is known to be hidden.
    pub fn hidden(&self, label: &str) -> bool {
        self.lock().get(label).is_some_and(|life| !life.visible)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_visible_view_that_has_spoken_can_be_frozen() {
        let signs = LifeSigns::default();
        let start = Instant::now();
        let late = start + FROZEN_AFTER;
        assert!(signs.frozen(late).is_empty(), "a view that is still loading owes nothing");
        signs.sign("panel", start);
        assert!(signs.frozen(late - Duration::from_millis(1)).is_empty(), "short silence is no death");
        assert_eq!(signs.frozen(late), ["panel"], "long silence while visible is");
        signs.visible("panel", false, start);
        assert!(signs.frozen(late).is_empty(), "a hidden view may be silent");
        signs.visible("panel", true, late);
        assert!(signs.frozen(late + SILENT_AFTER).is_empty(), "shown again, its time starts anew");
        signs.forget("panel");
        assert!(
            signs.frozen(late + FROZEN_AFTER * 2).is_empty(),
            "a view that is reloaded owes nothing until its next sign"
        );
    }

    #[test]
    fn a_view_that_is_hidden_before_its_first_sign_is_not_taken_for_frozen() {
        let signs = LifeSigns::default();
        let start = Instant::now();
        signs.visible("incoming", true, start);
        signs.visible("incoming", false, start);
        signs.sign("incoming", start);
        let late = start + FROZEN_AFTER;
        assert!(signs.frozen(late).is_empty(), "its first sign, on its way while it was hidden, does not show it");
        signs.visible("incoming", true, late);
        assert_eq!(signs.frozen(late + FROZEN_AFTER), ["incoming"], "shown again, it owes signs as any other");
    }

    #[test]
    fn a_silent_view_gets_no_pushes_until_it_speaks() {
        let signs = LifeSigns::default();
        let start = Instant::now();
        signs.sign("panel", start);
        assert!(signs.silent("panel", start + SILENT_AFTER), "pushes wait for a silent view");
        signs.sign("panel", start + SILENT_AFTER);
        assert!(!signs.silent("panel", start + SILENT_AFTER), "and go on when it speaks");
        assert!(!signs.silent("incoming", start + SILENT_AFTER), "a view that has not spoken yet is served");
    }
}
