//! Signs of life of the web views. A view that shows itself reports once a
//! second (`ui_alive`); one that stops while it is visible is dead or frozen.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Silence after which a visible view is taken for frozen.
pub const FROZEN_AFTER: Duration = Duration::from_secs(10);
/// Silence after which a view gets no more pushes until it has a new snapshot:
/// what is sent to a stopped process piles up in our own memory.
pub const SILENT_AFTER: Duration = Duration::from_secs(4);

#[derive(Clone, Copy, Debug)]
struct Life {
    last: Instant,
    visible: bool,
}

/// The last sign of each view that has given one since it was loaded.
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
        self.lock()
            .entry(label.to_owned())
            .and_modify(|life| life.last = now)
            .or_insert(Life { last: now, visible: true });
    }

    /// The view was shown or hidden. A hidden view owes no sign; a shown one
    /// has its time from now on.
    pub fn visible(&self, label: &str, visible: bool, now: Instant) {
        if let Some(life) = self.lock().get_mut(label) {
            *life = Life { last: now, visible };
        }
    }

    /// The view is being loaded or is gone: nothing is owed until its next sign.
    pub fn forget(&self, label: &str) {
        self.lock().remove(label);
    }

    /// Views that are visible and have been silent too long.
    pub fn frozen(&self, now: Instant) -> Vec<String> {
        self.lock()
            .iter()
            .filter(|(_, life)| life.visible && now.saturating_duration_since(life.last) >= FROZEN_AFTER)
            .map(|(label, _)| label.clone())
            .collect()
    }

    /// Pushes should wait: the view is visible and silent.
    pub fn silent(&self, label: &str, now: Instant) -> bool {
        self.lock()
            .get(label)
            .is_some_and(|life| life.visible && now.saturating_duration_since(life.last) >= SILENT_AFTER)
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
