//! Windows from outside: found and clicked by xdotool, kept as pictures.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use x11rb::protocol::xproto::{ClientMessageEvent, ConnectionExt as _, EventMask};
use x11rb::wrapper::ConnectionExt as _;

use super::desktop::Desktop;
use super::processes::wait_for;

/// Visible windows whose title matches, by X id.
pub fn find(desktop: &Desktop, title: &str) -> Vec<String> {
    // xdotool exits 1 when nothing matches.
    let found = desktop.output("xdotool", &["search", "--onlyvisible", "--name", title]).unwrap_or_default();
    found.lines().map(str::to_owned).collect()
}

/// Waits until a window is visible.
pub fn wait(desktop: &Desktop, title: &str, limit: Duration) -> Result<String> {
    wait_for(title, limit, || find(desktop, title).into_iter().next())
}

/// Waits until no such window is visible.
pub fn wait_gone(desktop: &Desktop, title: &str, limit: Duration) -> Result<()> {
    wait_for(title, limit, || find(desktop, title).is_empty().then_some(()))
}

/// Asks a window to close, as a window manager does when its button is pressed
/// (ICCCM 4.2.8.1).
pub fn close(desktop: &Desktop, id: &str) -> Result<()> {
    let (connection, _) = x11rb::connect(Some(desktop.variable("DISPLAY")))?;
    let atom = |name: &str| anyhow::Ok(connection.intern_atom(false, name.as_bytes())?.reply()?.atom);
    let window: u32 = id.parse()?;
    let data = [atom("WM_DELETE_WINDOW")?, x11rb::CURRENT_TIME, 0, 0, 0];
    let message = ClientMessageEvent::new(32, window, atom("WM_PROTOCOLS")?, data);
    connection.send_event(false, window, EventMask::NO_EVENT, message)?;
    // Answered once the message has gone on.
    connection.sync()?;
    Ok(())
}

/// Colour of what is seen at the middle of a window, be it the window or
/// another over it: `#RRGGBB`.
pub fn colour_seen_at(desktop: &Desktop, id: &str) -> Result<String> {
    let geometry = desktop.output("xdotool", &["getwindowgeometry", "--shell", id])?;
    let of = |key: &str| {
        let value = geometry.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='))?;
        value.parse::<i64>().ok()
    };
    let of = |key: &str| of(key).with_context(|| format!("no {key} in {geometry:?}"));
    let spot = format!("1x1+{}+{}", of("X")? + of("WIDTH")? / 2, of("Y")? + of("HEIGHT")? / 2);
    let text = desktop.output("import", &["-window", "root", "-crop", &spot, "-depth", "8", "txt:-"])?;
    let colour = text.split_whitespace().find(|word| word.starts_with('#') && word.len() == 7);
    colour.map(str::to_owned).with_context(|| format!("no colour in {text:?}"))
}

/// The whole screen as a PNG.
pub fn screenshot(desktop: &Desktop, to: &Path) -> Result<()> {
    desktop.output("import", &["-window", "root", &to.display().to_string()]).map(drop)
}
