//! The panel: one portrait window. Closing it leaves it in the tray where there
//! is one; a minute later its web view is dropped and built anew on demand.
//!
//! Inputs by origin: the agent (`show`, `close_requested`), the page
//! (`filled`), time (`drop_view`), the tray service going away (`show`).
//!
//! | from | input | to |
//! | --- | --- | --- |
//! | none | show | loading |
//! | loading | filled, or a second has passed | visible |
//! | visible | show | visible, in front |
//! | visible | close, tray there and wanted | hidden |
//! | visible | close, wanted but no tray | minimised |
//! | visible | close, not wanted | quitting |
//! | hidden | show | visible |
//! | hidden | a minute has passed | none |

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tauri::{AppHandle, Manager, Runtime};

use super::{PANEL, own, plugins, set_visible, watchdog};
use crate::shell::{Shell, on_main, quit};
use crate::words::NAME;

/// Least width and height of one column.
pub(super) const SMALLEST: (f64, f64) = (320.0, 460.0);
/// A page that says nothing is shown all the same after this time.
const SHOW_ANYWAY: Duration = Duration::from_millis(1_500);

/// Counts shows and hides, so that a drop planned for an earlier hide is not
/// carried out after the panel was shown again.
static TURN: AtomicU64 = AtomicU64::new(0);

/// What closing the panel means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Close {
    ToTray,
    Minimise,
    Quit,
}

fn meaning_of_close(close_to_tray: bool, has_tray: bool) -> Close {
    match (close_to_tray, has_tray) {
        (true, true) => Close::ToTray,
        (true, false) => Close::Minimise,
        (false, _) => Close::Quit,
    }
}

/// Brings the panel to the front, building it when it is not there.
pub fn show<R: Runtime>(app: &AppHandle<R>) {
    if Shell::of(app).is_quitting() {
        return;
    }
    TURN.fetch_add(1, Ordering::Relaxed);
    let handle = app.clone();
    on_main(app, move || {
        if let Some(window) = handle.get_webview_window(PANEL) {
            set_visible(&window, true);
            // Unminimise before focus: a minimised window takes none.
            if let Err(error) = window.unminimize().and_then(|()| window.set_focus()) {
                tracing::debug!(%error, "panel could not be brought to the front");
            }
        } else if let Err(error) = build(&handle) {
            tracing::error!(%error, "the panel could not be opened");
        }
    });
}

fn build<R: Runtime>(app: &AppHandle<R>) -> tauri::Result<()> {
    let window = own(app, PANEL, "index.html")
        .title(NAME)
        .inner_size(400.0, 720.0)
        .min_inner_size(SMALLEST.0, SMALLEST.1)
        .center()
        .build()?;
    watchdog::watch(&window);
    plugins::attach(&window);
    let app = app.clone();
    let turn = TURN.load(Ordering::Relaxed);
    Shell::of(&app).runtime.clone().spawn(async move {
        tokio::time::sleep(SHOW_ANYWAY).await;
        reveal(&app, turn);
    });
    Ok(())
}

/// The page has what it shows.
pub(super) fn filled<R: Runtime>(app: &AppHandle<R>) {
    reveal(app, TURN.load(Ordering::Relaxed));
}

/// The page is visible and speaks: leave a mark with the time of each page's first sign.
pub(super) fn painted<R: Runtime>(app: &AppHandle<R>) {
    if !watchdog::first_sign(PANEL) {
        return;
    }
    let mark = Shell::of(app).folders.state.join("panel-shown");
    if let Err(error) = std::fs::write(mark, b"") {
        tracing::debug!(%error, "no mark of the painted panel");
    }
}

/// Shows the window unless it was hidden since `turn`.
fn reveal<R: Runtime>(app: &AppHandle<R>, turn: u64) {
    let handle = app.clone();
    on_main(app, move || {
        let Some(window) = handle.get_webview_window(PANEL) else { return };
        if TURN.load(Ordering::Relaxed) == turn && !window.is_visible().unwrap_or(true) {
            set_visible(&window, true);
        }
    });
}

/// The agent pressed the window's close button.
pub(super) fn close_requested<R: Runtime>(app: &AppHandle<R>) {
    let shell = Shell::of(app);
    match meaning_of_close(shell.settings().close_to_tray, shell.has_tray()) {
        Close::Quit => quit(app),
        Close::Minimise => {
            shell.say_once("told-no-tray", shell.language().no_tray());
            let handle = app.clone();
            on_main(app, move || {
                if let Some(window) = handle.get_webview_window(PANEL)
                    && let Err(error) = window.minimize()
                {
                    tracing::warn!(%error, "panel could not be minimised");
                }
            });
        }
        Close::ToTray => {
            shell.say_once("told-in-tray", shell.language().still_running());
            hide(app);
        }
    }
}

fn hide<R: Runtime>(app: &AppHandle<R>) {
    let turn = TURN.fetch_add(1, Ordering::Relaxed) + 1;
    let handle = app.clone();
    on_main(app, move || {
        if let Some(window) = handle.get_webview_window(PANEL) {
            set_visible(&window, false);
        }
    });
    let shell = Shell::of(app);
    let after = shell.drop_view_after;
    let app = app.clone();
    shell.runtime.spawn(async move {
        tokio::time::sleep(after).await;
        drop_view(&app, turn);
    });
}

/// Drops the web view, unless the panel was shown since `turn`.
fn drop_view<R: Runtime>(app: &AppHandle<R>, turn: u64) {
    if !Shell::of(app).settings().drop_view_in_tray {
        return;
    }
    let handle = app.clone();
    on_main(app, move || {
        if TURN.load(Ordering::Relaxed) != turn {
            return;
        }
        if let Some(window) = handle.get_webview_window(PANEL)
            && let Err(error) = window.destroy()
        {
            tracing::warn!(%error, "the panel's web view could not be dropped");
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_panel_never_closes_to_where_nobody_finds_it() {
        assert_eq!(meaning_of_close(true, true), Close::ToTray, "wanted and there: to the tray");
        assert_eq!(meaning_of_close(true, false), Close::Minimise, "wanted but not there: still on the task bar");
        assert_eq!(meaning_of_close(false, true), Close::Quit, "not wanted: closing ends the program");
        assert_eq!(meaning_of_close(false, false), Close::Quit, "not wanted: with or without a tray");
    }
}
