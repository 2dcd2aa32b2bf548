//! One scripted day of an agent, at the vendor's own client and at our
//! connector, each on a simulator of its own: what the two tell is compared
//! event by event, and what differs must stand in the kept list with its reason.

use std::collections::BTreeMap;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use trunkline_simulators::amazon_connect::{AmazonConnectSim, WebSocketScheme};

pub(super) mod compare;
mod day;
mod diary;
mod ours;
pub(super) mod seat;
pub(super) mod vendor;
mod vocabulary;

use compare::{Comparison, Difference, Explanations, Only, Record, Verdict, compare};
use day::Recording;
use seat::Seat;

/// Differences that are meant.
const KEPT: &str = include_str!("streams_crosscheck/differences.toml");

/// Runs both days and compares them. False when a difference is unexplained,
/// an explanation is stale, or the comparison would not have noticed.
pub async fn run() -> Result<bool> {
    println!("--- streams-crosscheck");
    let kept = Explanations::read(KEPT).context("differences.toml")?;
    let started = Instant::now();
    let (vendor, ours) = tokio::join!(vendors_day(), our_day());
    for (who, failed) in [("the vendor's client", vendor.as_ref().err()), ("our connector", ours.as_ref().err())] {
        if let Some(error) = failed {
            println!("FAIL  the day of {who} did not end: {error:#}");
        }
    }
    let (vendor, ours) = (vendor.context("the vendor's client")?, ours.context("our connector")?);
    day::is_whole(&vendor).context("the vendor's day")?;
    day::is_whole(&ours).context("our day")?;
    println!(
        "the day: {} contacts, {} acts; the vendor's client told {} events, ours {}; {:.0} s",
        vendor.contacts,
        vendor.acts,
        vendor.records.len(),
        ours.records.len(),
        started.elapsed().as_secs_f32()
    );
    let comparison = compare(&vendor.records, &ours.records);
    let verdict = kept.judge(&comparison);
    print(&vendor.records, &comparison, &verdict);
    let notices = notices_what_is_wrong(&kept, &vendor.records, &ours.records, &verdict);
    println!(
        "streams-crosscheck: {} unexplained differences in {} events",
        verdict.unexplained.len(),
        comparison.events()
    );
    Ok(verdict.is_clean() && notices)
}

async fn vendors_day() -> Result<Recording> {
    let sim = AmazonConnectSim::start(day::options(WebSocketScheme::Wss)).await?;
    let seat = vendor::VendorSeat::open(&sim, day::AGENT).await?;
    let recording = worked(day::work(&sim, &seat).await, &seat)?;
    ensure!(recording.renewals == 0, "the vendor's refused token was renewed {} times", recording.renewals);
    Ok(recording)
}

async fn our_day() -> Result<Recording> {
    let sim = AmazonConnectSim::start(day::options(WebSocketScheme::Ws)).await?;
    let seat = ours::OurSeat::open(&sim, day::AGENT).await?;
    let recording = worked(day::work(&sim, &seat).await, &seat)?;
    // It must not go on with a token that was refused.
    ensure!(recording.renewals == 1, "our refused token was renewed {} times", recording.renewals);
    Ok(recording)
}

fn worked(recording: Result<Recording>, seat: &dyn Seat) -> Result<Recording> {
    for trouble in seat.troubles() {
        println!("        refused: {trouble}");
    }
    recording
}

fn print(vendor: &[Record], comparison: &Comparison, verdict: &Verdict) {
    let mut lanes: BTreeMap<&str, usize> = BTreeMap::new();
    for record in vendor {
        let kind = record.lane.split(' ').next().unwrap_or_default();
        *lanes.entry(kind).or_default() += 1;
    }
    println!("{} events are the same; of the vendor's, by lane: {lanes:?}", comparison.same);
    for (explanation, times) in &verdict.explained {
        println!("meant  {explanation}  ({times} times)\n       {}", explanation.reason);
    }
    for (explanation, times) in &verdict.stale {
        println!("FAIL  stale: {explanation}: met {times} times");
    }
    for Difference { only, record, after } in &verdict.unexplained {
        let told = match only {
            Only::Vendor => "only the vendor tells",
            Only::Ours => "only we tell",
        };
        let after = after.as_ref().map_or_else(|| "(the beginning)".to_owned(), ToString::to_string);
        println!("FAIL  [{}] {told}: {record}\n      after: {after}", record.lane);
    }
}

/// The comparison can fail: with any one event left out, told twice, or changed
/// there is something to complain about that was not there before.
fn notices_what_is_wrong(kept: &Explanations, vendor: &[Record], ours: &[Record], verdict: &Verdict) -> bool {
    let complaints = |verdict: &Verdict| format!("{:?} {:?}", verdict.unexplained, verdict.stale);
    let before = complaints(verdict);
    let step = (ours.len() / 40).max(1);
    let mut tried = 0;
    let mut unnoticed = 0;
    for at in (0..ours.len()).step_by(step) {
        let mut left_out = ours.to_vec();
        left_out.remove(at);
        let mut twice = ours.to_vec();
        twice.insert(at, ours[at].clone());
        let mut changed = ours.to_vec();
        changed[at].event.push_str(" (changed)");
        for (what, wrong) in [("left out", left_out), ("told twice", twice), ("changed", changed)] {
            tried += 1;
            if complaints(&kept.judge(&compare(vendor, &wrong))) == before {
                unnoticed += 1;
                println!("FAIL  unnoticed: [{}] {} {what}", ours[at].lane, ours[at]);
            }
        }
    }
    println!("of {tried} events left out, told twice or changed in a copy, {unnoticed} went unnoticed");
    tried > 0 && unnoticed == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kept_list_can_be_read_and_every_entry_has_its_reason() {
        Explanations::read(KEPT).unwrap();
    }
}
