//! One page, written for the vendor's library: at the unmodified library in
//! Chromium and as a plugin in the panel's window, each against a simulator of
//! its own with the same script. What the page sees is compared member by
//! member; what differs must stand in the kept list with its reason. Then the
//! page works on a chat of two other platforms.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use trunkline_simulators::amazon_connect::AmazonConnectSim;

use crate::harness::app::top;
use crate::harness::checks::Checks;
use crate::harness::desktop::Furniture;
use crate::harness::stage::{AGENT, Stage};
use crate::proofs::streams_crosscheck::compare::{Difference, Explanations, Only, Record, Verdict, compare};

mod collector;
mod members;
mod normal;
mod others;
mod places;
mod script;

use members::Count;
use places::{AtVendor, InPanel};
use script::{Sound, options, play};

/// Differences that are meant.
const KEPT: &str = include_str!("streams_surface/differences.toml");

/// Runs all of it. The last line counts members and unexplained differences.
pub async fn run() -> Result<bool> {
    let mut checks = Checks::new("streams-surface");
    let kept = Explanations::read(KEPT).context("differences.toml")?;
    let (vendor, ours) = tokio::join!(at_vendor(), in_panel(&mut checks));
    let Ok(vendor) = checks.require(vendor, "the script ran at the vendor's own library in Chromium") else {
        return Ok(checks.finish());
    };
    let Ok(ours) = checks.require(ours, "the same page ran the same script inside the panel") else {
        return Ok(checks.finish());
    };
    for (name, records) in [("vendor", &vendor), ("panel", &ours)] {
        let lines: Vec<String> = records.iter().map(|record| format!("[{}] {record}", record.lane)).collect();
        std::fs::write(top().join("target/proofs/streams-surface").join(format!("{name}.txt")), lines.join("\n"))?;
    }
    let comparison = compare(&vendor, &ours);
    let verdict = kept.judge(&comparison);
    print(&verdict);
    let count = Count::of(&vendor, &ours, &verdict)?;
    for line in count.told() {
        println!("FAIL  {line}");
    }
    let figure = format!("{} and {} facts, {} the same", vendor.len(), ours.len(), comparison.same);
    checks.check(comparison.same > 1000, "enough was seen at both to compare", figure);
    let unexplained = verdict.unexplained.len();
    checks.check(unexplained == 0, "every difference stands in the kept list with its reason", unexplained);
    checks.check(verdict.stale.is_empty(), "and nothing stands there that is not so", verdict.stale.len());
    checks.check(
        count.work == count.all,
        "every member that applies agrees",
        format!("{} of {}", count.work, count.all),
    );
    checks.check(notices(&kept, &vendor, &ours, &verdict), "a changed fact would have been noticed", "tried");
    let elsewhere = others::run(&mut checks).await;
    if let Err(error) = elsewhere {
        checks.check(false, "the other platforms went through to their end", format!("{error:#}"));
    }
    let passed = checks.finish();
    println!("streams-surface: {} of {} members, {unexplained} unexplained differences", count.work, count.all);
    Ok(passed)
}

async fn at_vendor() -> Result<Vec<Record>> {
    let sim = AmazonConnectSim::start(options(Sound::Played)).await?;
    let place = AtVendor::open(&sim, AGENT).await?;
    play(&sim, &place.page, Sound::Played).await
}

async fn in_panel(checks: &mut Checks) -> Result<Vec<Record>> {
    let furniture = Furniture { keyring: true, dunst: true };
    let mut stage = Stage::set("streams-surface", furniture, options(Sound::Real)).await?;
    let told = seen_in_panel(&mut stage, checks).await;
    if told.is_err() {
        stage.picture("where-it-stopped");
        for line in InPanel::log(&stage).await {
            println!("        the plugin's log: {line}");
        }
    }
    stage.keep_logs();
    told
}

async fn seen_in_panel(stage: &mut Stage, checks: &mut Checks) -> Result<Vec<Record>> {
    let opened = stage.open().await;
    checks.require(opened, "the panel's window is open")?;
    let signed_in = stage.sign_in().await;
    checks.require(signed_in, "the agent is signed in")?;
    let place = InPanel::open(stage).await;
    let place = checks.require(place, "the page is a plugin of the panel's, and allowed")?;
    let told = play(&stage.sim, &place.page, Sound::Real).await;
    stage.picture("afterwards");
    told
}

fn print(verdict: &Verdict) {
    for (explanation, times) in &verdict.explained {
        println!("meant  {explanation:.160}  ({times} times)\n       {}", explanation.reason);
    }
    for (explanation, times) in &verdict.stale {
        println!("FAIL  stale: {explanation:.160}: met {times} times");
    }
    for Difference { only, record, .. } in &verdict.unexplained {
        let who = match only {
            Only::Vendor => "only the vendor's library",
            Only::Ours => "only the panel",
        };
        println!("FAIL  [{}] {who}: {record:.1500}", record.lane);
    }
}

/// The comparison can fail: a fact that is left out or changed is complained about.
fn notices(kept: &Explanations, vendor: &[Record], ours: &[Record], verdict: &Verdict) -> bool {
    let complaints = |verdict: &Verdict| format!("{:?} {:?}", verdict.unexplained, verdict.stale);
    let before = complaints(verdict);
    let explained: BTreeSet<&str> = verdict.explained.iter().map(|(one, _)| one.event()).collect();
    let step = (ours.len() / 25).max(1);
    let tried: Vec<usize> =
        (0..ours.len()).step_by(step).filter(|at| !explained.contains(ours[*at].event.as_str())).collect();
    let noticed = tried.iter().all(|at| {
        let mut left_out = ours.to_vec();
        left_out.remove(*at);
        let mut changed = ours.to_vec();
        changed[*at].detail.push_str(" (changed)");
        [left_out, changed].iter().all(|wrong| complaints(&kept.judge(&compare(vendor, wrong))) != before)
    });
    tried.len() > 10 && noticed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kept_list_can_be_read_and_every_entry_has_its_reason() {
        Explanations::read(KEPT).unwrap();
    }
}
