//! Brings dead and frozen web views back.
//!
//! Inputs by origin: WebKit (`web-process-terminated`), the page (signs of
//! life, see [`crate::life`]), time.
//!
//! | view | input | done |
//! | --- | --- | --- |
//! | any | its process ended | load the page again, at once |
//! | visible | silent for ten seconds | end its process (and so the line above) |
//! | any | its process ended five times in a minute | wait ten seconds first |

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tauri::{AppHandle, Manager, Runtime, WebviewWindow, WebviewWindowBuilder};

use crate::shell::Shell;

/// Between looks for frozen views.
const LOOK: Duration = Duration::from_secs(1);
/// So many deaths within [`CRASH_WINDOW`] are a crash loop.
const CRASHES: usize = 5;
const CRASH_WINDOW: Duration = Duration::from_secs(60);
const CRASH_PAUSE: Duration = Duration::from_secs(10);

static DEATHS: LazyLock<Mutex<HashMap<String, Deaths>>> = LazyLock::new(Mutex::default);

#[cfg(target_os = "linux")]
thread_local! {
    /// The panel's view, on the main thread.
    static PANEL_VIEW: std::cell::RefCell<Option<glib::WeakRef<webkit2gtk::WebView>>> = const { std::cell::RefCell::new(None) };
}

/// When a view's process ended lately.
#[derive(Debug, Default)]
struct Deaths(VecDeque<Instant>);

impl Deaths {
    /// Counts one; tells how long to wait before loading the page again.
    fn count(&mut self, now: Instant) -> Duration {
        self.0.push_back(now);
        while self.0.front().is_some_and(|first| now.saturating_duration_since(*first) > CRASH_WINDOW) {
            self.0.pop_front();
        }
        if self.0.len() >= CRASHES { CRASH_PAUSE } else { Duration::ZERO }
    }
}

/// Pages that have reported that they show something.
static SPOKEN: LazyLock<Mutex<HashSet<String>>> = LazyLock::new(Mutex::default);

/// True once for each page that was loaded.
pub(super) fn first_sign(label: &str) -> bool {
    SPOKEN.lock().unwrap_or_else(PoisonError::into_inner).insert(label.to_owned())
}

#[cfg(target_os = "linux")]
fn has_spoken(label: &str) -> bool {
    SPOKEN.lock().unwrap_or_else(PoisonError::into_inner).contains(label)
}

fn page_is_new(label: &str) {
    SPOKEN.lock().unwrap_or_else(PoisonError::into_inner).remove(label);
}

/// Watches a new window's web process, and keeps it small.
pub(super) fn watch<R: Runtime>(window: &WebviewWindow<R>) {
    page_is_new(window.label());
    #[cfg(target_os = "linux")]
    {
        use glib::object::ObjectExt;
        use webkit2gtk::WebViewExt;
        let (app, label) = (window.app_handle().clone(), window.label().to_owned());
        let connected = window.with_webview(move |view| {
            crate::linux::make_frugal(&view.inner());
            if label == super::PANEL {
                PANEL_VIEW.set(Some(view.inner().downgrade()));
            }
            let start = view.inner().uri();
            view.inner().connect_web_process_terminated(move |view, reason| {
                tracing::warn!(window = label, ?reason, "web process ended");
                let spoke = has_spoken(&label);
                if !spoke {
                    crate::linux::egl::bring_drivers_back();
                }
                // A page that was never there cannot be loaded again.
                ended(&app, &label, view.clone(), start.clone().filter(|_| !spoke));
            });
        });
        if let Err(error) = connected {
            tracing::error!(window = window.label(), %error, "the web process cannot be watched");
        }
    }
}

/// The window's view in the web process of the panel, when there is a panel.
/// On the main thread.
pub(super) fn beside_panel<'a, R: Runtime>(
    window: WebviewWindowBuilder<'a, R, AppHandle<R>>,
) -> WebviewWindowBuilder<'a, R, AppHandle<R>> {
    #[cfg(target_os = "linux")]
    if let Some(panel) = PANEL_VIEW.with_borrow(|view| view.as_ref().and_then(glib::WeakRef::upgrade)) {
        return window.with_related_view(panel);
    }
    window
}

#[cfg(target_os = "linux")]
fn ended<R: Runtime>(app: &AppHandle<R>, label: &str, view: webkit2gtk::WebView, start: Option<glib::GString>) {
    use webkit2gtk::WebViewExt;
    let shell = Shell::of(app);
    shell.streams.end(label);
    shell.life.forget(label);
    page_is_new(label);
    if shell.is_quitting() {
        return;
    }
    let mut deaths = DEATHS.lock().unwrap_or_else(PoisonError::into_inner);
    let pause = deaths.entry(label.to_owned()).or_default().count(Instant::now());
    // Not inside the signal: WebKit is still taking the old process down.
    glib::timeout_add_local_once(pause, move || match start {
        Some(start) => view.load_uri(&start),
        None => view.reload(),
    });
}

/// Looks for frozen views until the program ends.
pub async fn watch_for_frozen_views<R: Runtime>(app: AppHandle<R>) {
    loop {
        tokio::time::sleep(LOOK).await;
        for label in Shell::of(&app).life.frozen(Instant::now()) {
            tracing::warn!(window = label, "web view is frozen; ending its process");
            Shell::of(&app).life.forget(&label);
            if let Some(window) = app.get_webview_window(&label) {
                end_process(&window);
            }
        }
    }
}

fn end_process<R: Runtime>(window: &WebviewWindow<R>) {
    #[cfg(target_os = "linux")]
    let ended = window.with_webview(|view| {
        use webkit2gtk::WebViewExt;
        view.inner().terminate_web_process();
    });
    #[cfg(not(target_os = "linux"))]
    let ended = window.reload();
    if let Err(error) = ended {
        tracing::error!(window = window.label(), %error, "the frozen view could not be ended");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crash_loop_is_slowed_and_a_single_death_is_not() {
        let mut deaths = Deaths::default();
        let start = Instant::now();
        for n in 1..CRASHES {
            assert_eq!(deaths.count(start), Duration::ZERO, "death {n} is mended at once");
        }
        assert_eq!(deaths.count(start), CRASH_PAUSE, "a loop of deaths is slowed down");
        assert_eq!(
            deaths.count(start + CRASH_WINDOW * 2),
            Duration::ZERO,
            "a minute of peace later a death is mended at once again"
        );
    }
}
