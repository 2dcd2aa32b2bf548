//! Whether the page is seen: its web view lies over the panel's page, which
//! WebDriver knows nothing of.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::harness::stage::{PATIENCE, Stage};
use crate::harness::window;

/// Background of `index.html`.
const PAGE_COLOUR: &str = "#CFE8D5";
const PANEL: &str = "Trunkline";

/// A place on the screen.
pub type Spot = (i64, i64);

/// Where the lower left corner of the page in front is: the window of an incoming call leaves it free.
pub async fn spot_of_page(stage: &Stage) -> Result<Spot> {
    let script = "const box = document.querySelector(arguments[0]).getBoundingClientRect();
        return [Math.round(box.left + 8), Math.round(box.bottom - 12)];";
    let at = stage.script(script, vec![json!("[data-testid='plugin-box']")]).await?;
    let panel = window::find(&stage.desktop, PANEL).into_iter().next().context("the panel's window")?;
    let geometry = stage.desktop.output("xdotool", &["getwindowgeometry", "--shell", &panel])?;
    let corner = |key: &str| {
        let value = geometry.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
        value.and_then(|text| text.parse::<i64>().ok()).with_context(|| format!("no {key} in {geometry:?}"))
    };
    let inside = |at: &Value| at.as_i64().with_context(|| format!("no place: {at}"));
    Ok((corner("X")? + inside(&at[0])?, corner("Y")? + inside(&at[1])?))
}

/// Waits until the page is seen there, or is not.
pub async fn wait_colour(stage: &Stage, (x, y): Spot, seen: bool) -> Result<()> {
    let spot = format!("1x1+{x}+{y}");
    let end = Instant::now() + PATIENCE;
    loop {
        let text = stage.desktop.output("import", &["-window", "root", "-crop", &spot, "-depth", "8", "txt:-"])?;
        let colour = text.split_whitespace().find(|word| word.starts_with('#') && word.len() == 7);
        if (colour == Some(PAGE_COLOUR)) == seen {
            return Ok(());
        }
        ensure!(Instant::now() < end, "at {x}, {y} is {colour:?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
