//! The small window for incoming contacts: always on top, at the bottom right,
//! without taking the keyboard from what the agent types in.
//!
//! Built at the first offer and kept hidden afterwards, for as long as the panel
//! has a web view too: it lives in the same web process.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tauri::{AppHandle, LogicalPosition, Manager, Runtime, WebviewWindow};

use super::{INCOMING, own, set_visible, watchdog};
use crate::shell::{Shell, on_main};
use crate::words::Language;

const WIDTH: f64 = 380.0;
const HEIGHT: f64 = 300.0;
/// Distance from the edges of the work area.
const MARGIN: f64 = 16.0;
/// A page that says nothing is shown all the same after this time.
const SHOW_ANYWAY: Duration = Duration::from_millis(400);

/// An offer is there. Whoever asks last wins over a build that is under way.
static WANTED: AtomicBool = AtomicBool::new(false);

/// Shows the window, building it when it is not there.
pub fn show<R: Runtime>(app: &AppHandle<R>) {
    if Shell::of(app).is_quitting() {
        return;
    }
    WANTED.store(true, Ordering::SeqCst);
    let handle = app.clone();
    on_main(app, move || {
        if let Some(window) = handle.get_webview_window(INCOMING) {
            reveal(&window);
        } else if let Err(error) = build(&handle) {
            tracing::error!(%error, "the window for incoming contacts could not be opened");
        }
    });
}

/// Hides it: nothing rings, or the agent closed it.
pub fn hide<R: Runtime>(app: &AppHandle<R>) {
    WANTED.store(false, Ordering::SeqCst);
    let handle = app.clone();
    on_main(app, move || {
        if let Some(window) = handle.get_webview_window(INCOMING) {
            set_visible(&window, false);
        }
    });
    let shell = Shell::of(app);
    let after = shell.drop_view_after;
    let app = app.clone();
    shell.runtime.spawn(async move {
        tokio::time::sleep(after).await;
        let handle = app.clone();
        on_main(&app, move || {
            let panel = handle.get_webview_window(super::PANEL).is_some();
            if !panel && Shell::of(&handle).settings().drop_view_in_tray {
                drop_view(&handle);
            }
        });
    });
}

/// Its title is in this language from now on.
pub fn speak<R: Runtime>(app: &AppHandle<R>, language: Language) {
    let handle = app.clone();
    on_main(app, move || {
        if let Some(window) = handle.get_webview_window(INCOMING)
            && let Err(error) = window.set_title(language.incoming())
        {
            tracing::debug!(%error, "the window's title stays as it was");
        }
    });
}

fn build<R: Runtime>(app: &AppHandle<R>) -> tauri::Result<()> {
    let window = own(app, INCOMING, "incoming.html")
        .title(Shell::of(app).language().incoming())
        .inner_size(WIDTH, HEIGHT)
        // Not `resizable(false)`: GTK then takes the page's natural size instead.
        .min_inner_size(WIDTH, HEIGHT)
        .max_inner_size(WIDTH, HEIGHT)
        .minimizable(false)
        .maximizable(false)
        .always_on_top(true)
        .visible_on_all_workspaces(true)
        .skip_taskbar(true)
        // Keystrokes meant for another program must never hit Accept.
        .focused(false);
    // In the panel's web process where there is one: 70 MB less, and quicker.
    // When that process is frozen or dead the notification and the tray serve.
    let window = watchdog::beside_panel(window).build()?;
    watchdog::watch(&window);
    let app = app.clone();
    Shell::of(&app).runtime.clone().spawn(async move {
        tokio::time::sleep(SHOW_ANYWAY).await;
        filled(&app);
    });
    Ok(())
}

/// The page has what it shows, or takes too long about it.
pub(super) fn filled<R: Runtime>(app: &AppHandle<R>) {
    let handle = app.clone();
    on_main(app, move || {
        if let Some(window) = handle.get_webview_window(INCOMING) {
            reveal(&window);
        }
    });
}

fn reveal<R: Runtime>(window: &WebviewWindow<R>) {
    if !WANTED.load(Ordering::SeqCst) || window.is_visible().unwrap_or(false) {
        return;
    }
    // The work area may have changed since the last contact.
    if let Ok(Some(monitor)) = window.primary_monitor().map(|m| m.or(window.current_monitor().ok().flatten())) {
        let scale = monitor.scale_factor();
        let area = monitor.work_area();
        let corner = area.position.to_logical::<f64>(scale);
        let size = area.size.to_logical::<f64>(scale);
        let place = corner_place((corner.x, corner.y), (size.width, size.height));
        if let Err(error) = window.set_position(LogicalPosition::new(place.0, place.1)) {
            tracing::debug!(%error, "the desktop chooses the place of the incoming window");
        }
    }
    set_visible(window, true);
}

/// Bottom right of the work area, but never off its top left.
fn corner_place(corner: (f64, f64), size: (f64, f64)) -> (f64, f64) {
    let along = |start: f64, length: f64, own: f64| (start + length - own - MARGIN).max(start);
    // The title bar is the window manager's; leave room for a usual one.
    (along(corner.0, size.0, WIDTH), along(corner.1, size.1, HEIGHT + 32.0))
}

/// Drops the web view, unless an offer is there. On the main thread.
pub(super) fn drop_view<R: Runtime>(app: &AppHandle<R>) {
    if WANTED.load(Ordering::SeqCst) {
        return;
    }
    if let Some(window) = app.get_webview_window(INCOMING)
        && let Err(error) = window.destroy()
    {
        tracing::warn!(%error, "the incoming window's web view could not be dropped");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_stands_in_the_corner_and_always_on_the_screen() {
        assert_eq!(
            corner_place((0.0, 24.0), (1920.0, 1056.0)),
            (1920.0 - WIDTH - MARGIN, 24.0 + 1056.0 - HEIGHT - 32.0 - MARGIN),
            "bottom right, inside the work area"
        );
        assert_eq!(corner_place((100.0, 50.0), (300.0, 200.0)), (100.0, 50.0), "on a tiny screen its top left is seen");
    }
}
