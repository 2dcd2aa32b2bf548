//! The two commands that a window may call.

use std::time::{Duration, Instant};

use serde_json::Value;
use tauri::ipc::Channel;
use tauri::{AppHandle, Manager, Runtime, Webview};
use trunkline_rpc::{Push, RpcCode, RpcError, Window};

use crate::backend::{Backend, Pushes};
use crate::frames::{FRAME, join};
use crate::shell::Shell;
use crate::windows;

/// The one command: name and payload go to the router, which knows what this
/// window may call. A window with an unknown label gets nothing.
#[tauri::command]
pub async fn rpc<R: Runtime>(webview: Webview<R>, name: String, payload: Value) -> Result<Value, RpcError> {
    let window = Window::from_label(webview.label()).ok_or_else(not_ours)?;
    let shell = Shell::of(webview.app_handle());
    if name == "ui_alive" {
        shell.life.sign(webview.label(), Instant::now());
        windows::painted(webview.app_handle(), webview.label());
    }
    shell.backend().await.ok_or_else(starting)?.router().call(window, &name, payload).await
}

/// Opens this window's channel: a snapshot, then every change. A second call
/// (the page was loaded anew) takes the place of the first.
#[tauri::command]
pub async fn subscribe<R: Runtime>(webview: Webview<R>, channel: Channel<Push>) -> Result<(), RpcError> {
    Window::from_label(webview.label()).ok_or_else(not_ours)?;
    let app = webview.app_handle().clone();
    let shell = Shell::of(&app);
    let backend = shell.backend().await.ok_or_else(starting)?;
    let label = webview.label().to_owned();
    let task = tokio::spawn(forward(app.clone(), label.clone(), backend, channel));
    shell.streams.replace(&label, task.abort_handle());
    Ok(())
}

fn not_ours() -> RpcError {
    RpcError::new(RpcCode::UnknownCommand, "error_unknown_command")
}

fn starting() -> RpcError {
    RpcError::new(RpcCode::Unavailable, "error_core_not_started")
}

/// How a window's stream goes on after a batch.
enum Next {
    /// Nothing is amiss.
    On,
    /// The window is silent: wait, then begin again with a snapshot.
    Wait,
    /// The window is gone.
    End,
}

async fn forward<R: Runtime>(
    app: AppHandle<R>,
    label: String,
    backend: std::sync::Arc<dyn Backend>,
    channel: Channel<Push>,
) {
    let shell = Shell::of(&app);
    let mut filled = false;
    loop {
        let mut pushes = backend.subscribe();
        let mut listens = false;
        loop {
            let Some(batch) = frame(pushes.as_mut()).await else { return };
            match send(shell.inner(), &label, &channel, batch) {
                Next::On => {
                    if !filled {
                        filled = true;
                        windows::filled(&app, &label);
                    }
                    if !listens {
                        listens = true;
                        shell.listens(&label, &*backend);
                    }
                }
                Next::Wait => break,
                Next::End => return,
            }
        }
        drop(pushes);
        shell.streams.deaf(&label);
        while shell.life.silent(&label, Instant::now()) {
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    }
}

/// The pushes of one frame, beginning with the first.
async fn frame(pushes: &mut dyn Pushes) -> Option<Vec<Push>> {
    let mut batch = vec![pushes.next().await?];
    let end = tokio::time::sleep(FRAME);
    tokio::pin!(end);
    loop {
        tokio::select! {
            () = &mut end => return Some(join(batch)),
            push = pushes.next() => batch.push(push?),
        }
    }
}

fn send(shell: &Shell, label: &str, channel: &Channel<Push>, batch: Vec<Push>) -> Next {
    let hidden = shell.life.hidden(label);
    if !hidden && shell.life.silent(label, Instant::now()) {
        return Next::Wait;
    }
    for push in batch {
        if (hidden && matches!(push, Push::Levels(_))) || !concerns(label, &push) {
            continue;
        }
        if let Err(error) = channel.send(push) {
            tracing::info!(window = label, %error, "window is gone");
            return Next::End;
        }
    }
    Next::On
}

/// The incoming window shows offers and nothing else: the rest would only wake
/// its page, hidden as it is during a call.
fn concerns(label: &str, push: &Push) -> bool {
    label != windows::INCOMING || matches!(push, Push::Snapshot(_) | Push::Offers(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_incoming_window_is_woken_for_offers_only() {
        let levels = Push::Levels(trunkline_rpc::Levels::default());
        assert!(!concerns(windows::INCOMING, &levels), "a meter moves in the panel");
        assert!(concerns(windows::PANEL, &levels), "where it is shown");
        assert!(concerns(windows::INCOMING, &Push::Offers(Vec::new())), "an offer that is gone concerns it");
    }
}
