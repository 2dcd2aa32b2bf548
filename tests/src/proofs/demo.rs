//! `cargo xtask run` where there is no display: demo mode under Xvfb.

use std::time::Duration;

use anyhow::{Context, Result};

use crate::harness::app::{binary, start, top};
use crate::harness::checks::Checks;
use crate::harness::desktop::{Desktop, Furniture, devices};
use crate::harness::processes::wait_for;
use crate::harness::sound::{Recorder, level};
use crate::harness::window;

/// Answers the first call by itself, and leaves a picture and a recording.
pub async fn run() -> Result<bool> {
    let mut checks = Checks::new("demo");
    let folder = top().join("target/demo");
    std::fs::create_dir_all(&folder)?;
    let desktop = Desktop::start(Furniture { keyring: false, dunst: true })?;
    let speaker = Recorder::start(&desktop, devices::SPEAKER)?;
    let program = binary(false)?;
    let _app = start(&desktop, &program, &["--demo"])?;
    let opened = window::wait(&desktop, "Trunkline", Duration::from_secs(30));
    checks.require(opened, "the panel's window is open")?;
    let offered = wait_for("a call", Duration::from_secs(20), || {
        let count = desktop.output("dunstctl", &["count", "displayed"]).ok()?;
        (count.trim() != "0").then_some(())
    });
    checks.require(offered, "a call arrives and is notified")?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    window::screenshot(&desktop, &folder.join("offer.png"))?;
    let before = speaker.so_far()?.len();
    desktop.output("dunstctl", &["action"]).context("the notification's button")?;
    checks.step("the call is answered; listening for ten seconds");
    tokio::time::sleep(Duration::from_secs(10)).await;
    window::screenshot(&desktop, &folder.join("call.png"))?;
    let heard = speaker.save(&folder.join("heard.wav"))?;
    let voice = level(&heard[before.min(heard.len())..]);
    checks.check(voice > 0.005, "a voice is heard", format!("level {voice:.3}"));
    println!("screenshots: {} and {}", folder.join("offer.png").display(), folder.join("call.png").display());
    println!("recording of what the agent would have heard: {}", folder.join("heard.wav").display());
    Ok(checks.finish())
}
