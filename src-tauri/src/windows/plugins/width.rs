//! The panel's width while plugins have a second column.
//!
//! Inputs by origin: the panel's page (`want`), a new window (`renew`), the agent, who
//! resizes the window whenever it pleases them.
//!
//! | wanted | window | done |
//! | --- | --- | --- |
//! | wide | narrower than two columns | remember its width, and grow |
//! | wide | wide enough | nothing |
//! | as before | as wide as it was made | back to what it was |
//! | as before | resized meanwhile | nothing |
//!
//! A run that ends with a wide window leaves a mark, so that the next one, whose window is
//! restored as wide, knows what to go back to.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use tauri::{LogicalSize, Manager as _, Runtime, WebviewWindow};

use crate::shell::Shell;
use crate::windows::panel::SMALLEST;

/// Two columns.
const WIDE: f64 = 780.0;
/// Two columns at the least.
const SMALLEST_WIDE: f64 = 700.0;
/// Sizes come back rounded.
const SAME: f64 = 2.0;

/// Below the folder of marks.
const MARK: &str = "panel-grown";

static WIDTH: Mutex<Width> = Mutex::new(Width { wide: false, grown: None, marked: None });

/// CSS pixels.
#[derive(Debug)]
struct Width {
    wide: bool,
    /// From which width it was made how wide.
    grown: Option<(f64, f64)>,
    /// `grown` as it is on disk; `None` before it was read.
    marked: Option<Option<(f64, f64)>>,
}

impl Width {
    /// The width to give a window of the width `now` where the screen has `room`.
    fn next(&mut self, wide: bool, now: f64, room: f64) -> Option<f64> {
        self.wide = wide;
        if wide {
            let target = WIDE.min(room);
            if now + SAME >= target {
                return None;
            }
            // A window that was built anew may come with another width; what counts is the first.
            let before = self.grown.map_or(now, |(before, _)| before);
            self.grown = Some((before, target));
            return Some(target);
        }
        let (before, target) = self.grown.take()?;
        ((now - target).abs() <= SAME).then_some(before)
    }

    /// Takes over what the last run left.
    fn recall(&mut self, mark: &Path) {
        if self.marked.is_none() {
            let left = std::fs::read_to_string(mark).ok();
            self.grown = left.and_then(|text| {
                let (before, made) = text.split_once(' ')?;
                let (before, made) = (before.parse().ok()?, made.parse().ok()?);
                (SMALLEST.0..made).contains(&before).then_some((before, made))
            });
            self.marked = Some(self.grown);
        }
    }

    /// Leaves for the next run what has changed.
    fn keep(&mut self, mark: &Path) -> std::io::Result<()> {
        if self.marked != Some(self.grown) {
            match self.grown {
                Some((before, made)) => std::fs::write(mark, format!("{before} {made}"))?,
                None => std::fs::remove_file(mark)?,
            }
            self.marked = Some(self.grown);
        }
        Ok(())
    }

    fn smallest(&self, room: f64) -> f64 {
        if self.wide { SMALLEST_WIDE.min(room).max(SMALLEST.0) } else { SMALLEST.0 }
    }
}

/// Makes the window wide, or as it was. Without one it is done with the next.
pub(super) fn want<R: Runtime>(panel: Option<&WebviewWindow<R>>, wide: bool) {
    let mut width = WIDTH.lock().unwrap_or_else(PoisonError::into_inner);
    match panel {
        Some(panel) => apply(&mut width, panel, wide),
        None => width.wide = wide,
    }
}

/// A new window gets what was wanted of the last one.
pub(super) fn renew<R: Runtime>(panel: &WebviewWindow<R>) {
    let mut width = WIDTH.lock().unwrap_or_else(PoisonError::into_inner);
    width.recall(&mark(panel));
    if width.wide || width.grown.is_some() {
        let wide = width.wide;
        apply(&mut width, panel, wide);
    }
}

fn mark<R: Runtime>(panel: &WebviewWindow<R>) -> std::path::PathBuf {
    Shell::of(panel.app_handle()).folders.state.join(MARK)
}

fn apply<R: Runtime>(width: &mut Width, panel: &WebviewWindow<R>, wide: bool) {
    if let Err(error) = try_apply(width, panel, wide) {
        tracing::debug!(%error, "the panel keeps its width");
    }
    if let Err(error) = width.keep(&mark(panel)) {
        tracing::debug!(%error, "the next run will not know which width to go back to");
    }
}

fn try_apply<R: Runtime>(width: &mut Width, panel: &WebviewWindow<R>, wide: bool) -> tauri::Result<()> {
    let scale = panel.scale_factor()?;
    let size = panel.inner_size()?.to_logical::<f64>(scale);
    let monitor = panel.current_monitor()?;
    let room =
        monitor.map_or(f64::MAX, |monitor| monitor.work_area().size.to_logical::<f64>(monitor.scale_factor()).width);
    // A window that fills the screen is as wide as it gets, and back it goes by itself.
    let now = if panel.is_maximized()? || panel.is_fullscreen()? { f64::MAX } else { size.width };
    let next = width.next(wide, now, room);
    panel.set_min_size(Some(LogicalSize::new(width.smallest(room), SMALLEST.1)))?;
    match next {
        Some(next) => panel.set_size(LogicalSize::new(next, size.height)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn narrow() -> Width {
        Width { wide: false, grown: None, marked: None }
    }

    #[test]
    fn the_window_grows_for_two_columns_and_goes_back() {
        let mut width = narrow();
        assert_eq!(width.next(true, 400.0, 1920.0), Some(WIDE), "too narrow for two columns");
        assert_eq!(width.next(true, WIDE, 1920.0), None, "wide enough the second time");
        assert_eq!(width.next(false, WIDE + 1.0, 1920.0), Some(400.0), "back to what it was, though rounded");
        assert_eq!(width.next(false, 400.0, 1920.0), None, "and nothing more to go back to");
    }

    #[test]
    fn what_the_agent_resized_stays() {
        let mut width = narrow();
        assert_eq!(width.next(true, 900.0, 1920.0), None, "wide enough by the agent's own choice");
        assert_eq!(width.next(false, 900.0, 1920.0), None, "which is not taken back");
        let mut width = narrow();
        assert_eq!(width.next(true, 400.0, 1920.0), Some(WIDE), "made wide by us");
        assert_eq!(width.next(false, 850.0, 1920.0), None, "but resized since: left alone");
        assert_eq!(width.next(false, WIDE, 1920.0), None, "and the old width is forgotten");
    }

    #[test]
    fn a_small_screen_and_a_new_window_do_not_confuse_it() {
        let mut width = narrow();
        assert_eq!(width.next(true, 400.0, 640.0), Some(640.0), "no wider than the screen");
        assert!((width.smallest(640.0) - 640.0).abs() < 0.1, "nor is it kept from fitting there");
        assert_eq!(width.next(true, 500.0, 1920.0), Some(WIDE), "a new window on a larger screen grows as well");
        assert_eq!(width.next(false, WIDE, 1920.0), Some(400.0), "and goes back to the first width");
        assert!((width.smallest(1920.0) - SMALLEST.0).abs() < 0.1, "as small as it may be at other times");
    }

    #[test]
    fn the_next_run_goes_back_to_what_it_was_before() {
        let folder = tempfile::tempdir().unwrap();
        let mark = folder.path().join(MARK);
        let mut width = narrow();
        width.recall(&mark);
        assert_eq!(width.next(true, 400.0, 1920.0), Some(WIDE));
        width.keep(&mark).unwrap();
        let mut next = narrow();
        next.recall(&mark);
        assert_eq!(next.next(false, WIDE, 1920.0), Some(400.0), "restored as wide, it goes back");
        next.keep(&mark).unwrap();
        assert!(!mark.exists(), "once");
        for nonsense in ["", "400", "x y", "900 780", "NaN 780", "10 780"] {
            std::fs::write(&mark, nonsense).unwrap();
            let mut third = narrow();
            third.recall(&mark);
            assert_eq!(third.next(false, WIDE, 1920.0), None, "{nonsense:?} is no width");
        }
    }
}
