//! Finds tests by name and runs them: with `cargo nextest` where it is
//! installed, else with `cargo test`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

/// Selected as `cargo xtask test` does, so that nothing is compiled twice.
const SELECTION: [&str; 3] = ["--workspace", "--features", "trunkline/demo"];

/// How a test ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Well.
    Passed,
    /// Not so.
    Failed,
    /// It was not run.
    Ignored,
}

/// The tests there are, each as "binary-id name".
pub struct Listing {
    tests: BTreeSet<String>,
    /// Without nextest: the test programs by binary id.
    programs: Option<BTreeMap<String, Program>>,
}

impl Listing {
    /// The tests of a program: its binary id and a blank.
    pub fn of(&self, program: &str) -> BTreeSet<String> {
        self.tests.iter().filter(|test| test.starts_with(program)).cloned().collect()
    }

    /// The tests of a name: itself, or all its cases. None: there is no such test.
    pub fn find(&self, name: &str) -> Vec<String> {
        if self.tests.contains(name) {
            return vec![name.to_owned()];
        }
        let cases = format!("{name}::case_");
        self.tests.iter().filter(|test| test.starts_with(&cases)).cloned().collect()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Listed {
    rust_suites: BTreeMap<String, Suite>,
}

#[derive(Deserialize)]
struct Suite {
    testcases: BTreeMap<String, serde::de::IgnoredAny>,
}

/// Every test there is; builds them where necessary.
pub fn list(top: &Path) -> Result<Listing> {
    let nextest = Command::new("cargo")
        .args(["nextest", "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    let mut tests = BTreeSet::new();
    let programs = if nextest {
        let mut command = cargo(top, &["nextest", "list", "--message-format", "json"]);
        let listed: Listed = serde_json::from_slice(&output(command.args(SELECTION))?).context("the list of tests")?;
        for (binary, suite) in listed.rust_suites {
            tests.extend(suite.testcases.keys().map(|name| format!("{binary} {name}")));
        }
        None
    } else {
        let programs = built(top)?;
        for (binary, program) in &programs {
            let listed = output(program.command().args(["--list", "--format", "terse"]))?;
            let names = String::from_utf8_lossy(&listed).into_owned();
            tests.extend(
                names.lines().filter_map(|line| line.strip_suffix(": test")).map(|name| format!("{binary} {name}")),
            );
        }
        Some(programs)
    };
    ensure!(!tests.is_empty(), "no tests were found at all");
    Ok(Listing { tests, programs })
}

/// Runs exactly these tests. What did not run has no outcome.
pub fn run(top: &Path, listing: &Listing, tests: &BTreeSet<String>) -> Result<BTreeMap<String, Outcome>> {
    if tests.is_empty() {
        return Ok(BTreeMap::new());
    }
    let chosen = by_binary(tests);
    let Some(programs) = &listing.programs else {
        let mut command = cargo(top, &["nextest", "run"]);
        // As in `cargo xtask test`: some listen in real time, on machines that do other work too.
        command.args(SELECTION).args(["--test-threads", "1", "--retries", "2", "--no-fail-fast"]);
        command.args(["--status-level", "retry", "--final-status-level", "fail", "--show-progress", "none"]);
        command.args(["--message-format", "libtest-json-plus", "--filterset", &filter(&chosen)]);
        command.env("NEXTEST_EXPERIMENTAL_LIBTEST_JSON", "1");
        let ran = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).output().context("cargo nextest")?;
        return Ok(json_outcomes(&String::from_utf8_lossy(&ran.stdout)));
    };
    let mut outcomes = BTreeMap::new();
    for (binary, names) in chosen {
        let program = programs.get(binary).with_context(|| format!("there is no program {binary}"))?;
        // A failed test makes this fail too: the lines say which.
        let ran = program.command().args(["--exact", "--test-threads=1"]).args(&names).output()?;
        outcomes.extend(line_outcomes(binary, &String::from_utf8_lossy(&ran.stdout)));
    }
    Ok(outcomes)
}

fn cargo(top: &Path, words: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(top).args(words);
    command
}

fn output(command: &mut Command) -> Result<Vec<u8>> {
    let done = command.stderr(Stdio::inherit()).output().with_context(|| format!("{command:?}"))?;
    if !done.status.success() {
        bail!("{command:?}: {}", done.status);
    }
    Ok(done.stdout)
}

/// A test program that cargo built.
struct Program {
    path: String,
    /// Where its package is: tests read their files from there.
    folder: PathBuf,
}

impl Program {
    fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        command.current_dir(&self.folder).env("CARGO_MANIFEST_DIR", &self.folder).stderr(Stdio::inherit());
        command
    }
}

#[derive(Deserialize)]
struct Artifact {
    package_id: String,
    manifest_path: PathBuf,
    target: Target,
    executable: Option<String>,
    profile: Profile,
}

#[derive(Deserialize)]
struct Target {
    kind: Vec<String>,
    name: String,
}

#[derive(Deserialize)]
struct Profile {
    test: bool,
}

/// The test programs by binary id; selected as the tests are, so that nothing
/// is compiled again with other features.
fn built(top: &Path) -> Result<BTreeMap<String, Program>> {
    let mut command = cargo(top, &["test", "--no-run", "--quiet", "--message-format", "json"]);
    let told = output(command.args(SELECTION))?;
    let artifacts = String::from_utf8_lossy(&told).into_owned();
    let artifacts = artifacts.lines().filter_map(|line| serde_json::from_str::<Artifact>(line).ok());
    let programs = artifacts.filter(|artifact| artifact.profile.test).filter_map(|artifact| {
        let path = artifact.executable?;
        let kind = artifact.target.kind.first()?;
        let binary = binary_id(package(&artifact.package_id), kind, &artifact.target.name);
        Some((binary, Program { path, folder: artifact.manifest_path.parent()?.to_owned() }))
    });
    Ok(programs.collect())
}

/// The name in cargo's package id: "path+file:///p/name#1.0.0" or "path+file:///p/folder#name@1.0.0".
fn package(id: &str) -> &str {
    let (place, version) = id.rsplit_once('#').unwrap_or((id, ""));
    version.split_once('@').map_or_else(|| place.rsplit('/').next().unwrap_or(place), |(name, _)| name)
}

/// As nextest names a test program.
fn binary_id(package: &str, kind: &str, name: &str) -> String {
    match kind {
        "lib" => package.to_owned(),
        "test" => format!("{package}::{name}"),
        kind => format!("{package}::{kind}/{name}"),
    }
}

fn by_binary(tests: &BTreeSet<String>) -> BTreeMap<&str, Vec<&str>> {
    let mut programs: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (binary, name) in tests.iter().filter_map(|test| test.split_once(' ')) {
        programs.entry(binary).or_default().push(name);
    }
    programs
}

fn filter(programs: &BTreeMap<&str, Vec<&str>>) -> String {
    let each = programs.iter().map(|(binary, names)| {
        let names: Vec<String> = names.iter().map(|name| format!("test(={name})")).collect();
        format!("(binary_id(={binary}) & ({}))", names.join(" + "))
    });
    each.collect::<Vec<_>>().join(" + ")
}

#[derive(Deserialize)]
struct Told {
    #[serde(rename = "type")]
    kind: String,
    event: String,
    name: Option<String>,
    nextest: Option<Suited>,
}

#[derive(Deserialize)]
struct Suited {
    #[serde(rename = "crate")]
    package: String,
    test_binary: String,
    kind: String,
}

/// Reads the lines of `libtest-json-plus`. Each program's lines stand between
/// a `suite` line that begins it and one that ends it.
fn json_outcomes(text: &str) -> BTreeMap<String, Outcome> {
    let mut outcomes = BTreeMap::new();
    let mut binary = String::new();
    for told in text.lines().filter_map(|line| serde_json::from_str::<Told>(line).ok()) {
        if let ("suite", Some(program)) = (told.kind.as_str(), &told.nextest) {
            binary = binary_id(&program.package, &program.kind, &program.test_binary);
        }
        let ("test", Some(name)) = (told.kind.as_str(), &told.name) else {
            continue;
        };
        // "package::program$name#attempt"; the last attempt counts.
        let name = name.split_once('$').map_or(name.as_str(), |(_, name)| name);
        let name = name.split_once('#').map_or(name, |(name, _)| name);
        let outcome = match told.event.as_str() {
            "ok" => Outcome::Passed,
            "failed" => Outcome::Failed,
            "ignored" => Outcome::Ignored,
            _ => continue,
        };
        outcomes.insert(format!("{binary} {name}"), outcome);
    }
    outcomes
}

/// Reads the lines "test NAME ... ok" of libtest.
fn line_outcomes(binary: &str, text: &str) -> BTreeMap<String, Outcome> {
    let mut outcomes = BTreeMap::new();
    for line in text.lines() {
        let Some((name, end)) = line.strip_prefix("test ").and_then(|line| line.rsplit_once(" ... ")) else {
            continue;
        };
        let outcome = match end.split([',', ' ']).next().unwrap_or_default() {
            "ok" => Outcome::Passed,
            "ignored" => Outcome::Ignored,
            _ => Outcome::Failed,
        };
        outcomes.insert(format!("{binary} {name}"), outcome);
    }
    outcomes
}
