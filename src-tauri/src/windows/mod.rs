//! The windows: the panel, the one for incoming contacts, and login windows.

mod incoming;
pub mod login;
mod page;
mod panel;
mod place;
pub mod plugins;
mod watchdog;

use std::time::Instant;

use tauri::webview::PageLoadEvent;
use tauri::{AppHandle, Manager, Runtime, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder, WindowEvent};

pub use incoming::{hide as hide_incoming, show as show_incoming, speak};
pub use panel::show as show_panel;
pub use watchdog::watch_for_frozen_views;

use crate::shell::{Shell, on_main};

/// Time that the last web view gets to say goodbye to WebKit's helpers.
#[cfg(target_os = "linux")]
const HELPERS_AFTER: std::time::Duration = std::time::Duration::from_secs(2);

/// Label of the panel window.
pub const PANEL: &str = "panel";
/// Label of the window for incoming contacts.
pub const INCOMING: &str = "incoming";

/// The page has been given the desk's state: the window may be shown without a
/// flash of nothing. (A hidden page paints no frame, so it cannot say so itself.)
pub fn filled<R: Runtime>(app: &AppHandle<R>, label: &str) {
    match label {
        PANEL => panel::filled(app),
        INCOMING => incoming::filled(app),
        _ => {}
    }
}

/// The page is visible and speaks.
pub fn painted<R: Runtime>(app: &AppHandle<R>, label: &str) {
    if label == PANEL {
        panel::painted(app);
    }
}

/// One of our own windows: only our own pages, watched, and hidden until filled.
fn own<'a, R: Runtime>(app: &'a AppHandle<R>, label: &'a str, page: &str) -> WebviewWindowBuilder<'a, R, AppHandle<R>> {
    let view = Shell::of(app).folders.view.clone();
    WebviewWindowBuilder::new(app, label, WebviewUrl::App(page.into()))
        .visible(false)
        .data_directory(view)
        .disable_drag_drop_handler()
        .on_navigation(is_ours)
        .on_page_load(|window, load| {
            if load.event() == PageLoadEvent::Started {
                let shell = Shell::of(window.app_handle());
                // The page that owned them is gone.
                shell.streams.end(window.label());
                shell.life.forget(window.label());
            }
        })
}

/// Our own pages alone; a link to anywhere else goes nowhere.
fn is_ours(url: &Url) -> bool {
    // `http://tauri.localhost` is the same on Windows.
    url.scheme() == "tauri" || (url.scheme() == "http" && url.host_str() == Some("tauri.localhost"))
}

/// After the last web view is gone, WebKit's helpers go too.
#[cfg(target_os = "linux")]
fn end_helpers_later<R: Runtime>(app: &AppHandle<R>) {
    let app = app.clone();
    Shell::of(&app).runtime.clone().spawn(async move {
        tokio::time::sleep(HELPERS_AFTER).await;
        let handle = app.clone();
        // Views are made on the main thread: none comes between look and deed.
        on_main(&app, move || {
            if handle.webview_windows().is_empty() && plugins::none_loaded() {
                crate::linux::end_network_processes();
            }
        });
    });
}

/// Window events of every window.
pub fn on_event<R: Runtime>(app: &AppHandle<R>, label: &str, event: &WindowEvent) {
    match (label, event) {
        (PANEL, WindowEvent::CloseRequested { api, .. }) if !Shell::of(app).is_quitting() => {
            api.prevent_close();
            panel::close_requested(app);
        }
        (INCOMING, WindowEvent::CloseRequested { api, .. }) => {
            // Closing is not declining: it goes on ringing.
            api.prevent_close();
            incoming::hide(app);
        }
        (PANEL | INCOMING, WindowEvent::Destroyed) => {
            let shell = Shell::of(app);
            shell.streams.end(label);
            shell.life.forget(label);
            if label == PANEL {
                // It held the web process for both.
                incoming::drop_view(app);
            }
        }
        _ => {}
    }
    #[cfg(target_os = "linux")]
    if matches!(event, WindowEvent::Destroyed) {
        end_helpers_later(app);
    }
}

/// Nothing is shown any more; the way offline goes on without windows.
pub fn hide_all<R: Runtime>(app: &AppHandle<R>) {
    let handle = app.clone();
    on_main(app, move || {
        for window in handle.webview_windows().values() {
            set_visible(window, false);
        }
    });
}

fn set_visible<R: Runtime>(window: &WebviewWindow<R>, visible: bool) {
    let done = if visible { window.show() } else { window.hide() };
    if let Err(error) = done {
        tracing::warn!(window = window.label(), %error, "window could not be shown or hidden");
    }
    Shell::of(window.app_handle()).life.visible(window.label(), visible, Instant::now());
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_our_own_pages_open_in_our_windows() {
        let ours = |text: &str| is_ours(&Url::parse(text).unwrap());
        assert!(ours("tauri://localhost/index.html"), "our own page opens");
        for stranger in
            ["https://example.com/", "file:///etc/passwd", "data:text/html,x", "http://tauri.localhost.example.com/"]
        {
            assert!(!ours(stranger), "{stranger} does not");
        }
    }

    #[test]
    fn labels_are_those_the_router_knows() {
        use trunkline_rpc::Window;
        assert_eq!(Window::from_label(PANEL), Some(Window::Panel), "the panel may call what the panel may call");
        assert_eq!(Window::from_label(INCOMING), Some(Window::Incoming), "and the incoming window its own short list");
        for stranger in ["login-1", "", "panel2", "Panel"] {
            assert_eq!(Window::from_label(stranger), None, "a window labelled {stranger:?} gets nothing");
        }
    }
}
