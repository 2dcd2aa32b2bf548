//! Phoenix channels against what phoenix.js itself writes, reads and decides,
//! and 300 forced drops on virtual time. The tests of `trunkline-wire` show it;
//! here the files that they compare with are made anew, and they are run.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use crate::harness::app::top;
use crate::harness::checks::Checks;
use crate::harness::runner::{self, Outcome};

/// Writes the golden files with the unmodified npm packages.
const MAKER: &str = "src-tauri/crates/wire/tests/golden/make.mjs";
/// Where they are kept.
const KEPT: &str = "src-tauri/crates/wire/tests/fixtures";
/// The version of today, and the one of older servers.
const VERSIONS: [&str; 2] = ["1.8.16", "1.6.16"];
/// The program that tests the codec and the client.
const TESTS: &str = "trunkline-wire::it ";
/// The one that has to be among its tests, whatever else is.
const DROPS: &str = "trunkline-wire::it drops::three_hundred_drops_come_back_by_the_table";

/// Runs it.
pub async fn run() -> Result<bool> {
    tokio::task::spawn_blocking(|| {
        let mut checks = Checks::new("phoenix");
        for version in VERSIONS {
            let made = golden(version);
            checks.check(
                made.is_ok(),
                &format!("phoenix.js {version} writes and decides today what the kept file says"),
                made.unwrap_or_else(|error| format!("{error:#}")),
            );
        }
        let ran = ours();
        for (test, outcome) in checks.require(ran, "the tests of codec, client and Presence run")? {
            let name = test.trim_start_matches(TESTS).replace("::", ": ").replace('_', " ");
            checks.check(outcome == Some(Outcome::Passed), &name, format!("{outcome:?}"));
        }
        Ok(checks.finish())
    })
    .await?
}

/// Makes one of the files anew and compares; gives what is in it.
fn golden(version: &str) -> Result<String> {
    let folder = tempfile::tempdir()?;
    let made = Command::new("node").arg(MAKER).arg(folder.path()).current_dir(top()).output().context("node")?;
    ensure!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let read = |folder: &Path| {
        let path = folder.join(format!("golden-{version}.json"));
        std::fs::read(&path).with_context(|| path.display().to_string())
    };
    let (new, kept) = (read(folder.path())?, read(&top().join(KEPT))?);
    if new != kept {
        bail!("the kept file is another one: {} bytes, now {}", kept.len(), new.len());
    }
    let content: Value = serde_json::from_slice(&new)?;
    let count = |name: &str| content[name].as_array().map_or(0, Vec::len);
    let frames = count("encoded") + count("binary") + count("sent");
    Ok(format!(
        "{frames} frames, {} steps of Presence, {} waits",
        count("presence"),
        count("reconnect") + count("rejoin")
    ))
}

/// Runs the tests; each with how it ended.
fn ours() -> Result<Vec<(String, Option<Outcome>)>> {
    let listing = runner::list(&top())?;
    let tests: BTreeSet<String> = listing.of(TESTS);
    ensure!(tests.contains(DROPS), "the test of the drops is not there any more");
    let outcomes = runner::run(&top(), &listing, &tests)?;
    let ended = |test: String| {
        let outcome = outcomes.get(&test).copied();
        (test, outcome)
    };
    Ok(tests.into_iter().map(ended).collect())
}
