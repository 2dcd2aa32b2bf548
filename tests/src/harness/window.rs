//! Windows from outside: found and clicked by xdotool, kept as pictures.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;

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

/// The whole screen as a PNG.
pub fn screenshot(desktop: &Desktop, to: &Path) -> Result<()> {
    desktop.output("import", &["-window", "root", &to.display().to_string()]).map(drop)
}
