//! What the commands do, step by step. Each step is announced, and shows the
//! output of the tool it runs.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread::JoinHandle;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::{deps_check, fuzz, setup};

/// Announces a step.
pub fn say(text: &str) {
    println!("==> {text}");
}

/// Everything runs from the top of the repository, wherever it is called.
pub fn go_to_top() -> Result<()> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    std::env::set_current_dir(&top).with_context(|| format!("{} is gone", top.display()))
}

/// A program that does not see what cargo tells `xtask` about itself. Build
/// scripts such as ring's look at these names and would be run anew, and with
/// them half of the dependencies compiled, at each change between
/// `cargo xtask test` and `cargo test`.
fn command(program: &str) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        let told = name.to_string_lossy();
        if told.starts_with("CARGO_PKG_") || told.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}

/// A program's standard output.
pub fn output(program: &str, arguments: &[&str]) -> Result<String> {
    let output = command(program)
        .args(arguments)
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("{program} cannot be started"))?;
    if !output.status.success() {
        bail!("{program} {} failed", arguments.join(" "));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs a program with its output shown, and says how long it took.
pub fn run_in(folder: &Path, program: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Result<()> {
    let started = Instant::now();
    let status = command(program)
        .args(arguments)
        .envs(environment.iter().copied())
        .current_dir(folder)
        .status()
        .with_context(|| format!("{program} cannot be started"))?;
    let line = format!("{program} {}", arguments.join(" "));
    if !status.success() {
        bail!("{line} failed");
    }
    println!("    {line}: {:.0} s", started.elapsed().as_secs_f32());
    Ok(())
}

/// A program that runs beside others.
struct Beside {
    line: String,
    ended: JoinHandle<std::io::Result<Output>>,
    started: Instant,
}

impl Beside {
    /// Starts it, with the lowest priority where the system has a word for that.
    fn start(folder: &Path, program: &str, arguments: &[&str]) -> Self {
        let mut command = if cfg!(unix) {
            let mut nice = command("nice");
            nice.args(["-n", "19", program]);
            nice
        } else {
            command(program)
        };
        command.args(arguments).current_dir(folder).stdin(Stdio::null());
        Self {
            line: format!("{program} {}", arguments.join(" ")),
            ended: std::thread::spawn(move || command.output()),
            started: Instant::now(),
        }
    }

    /// Waits for it, and shows what it wrote.
    fn finish(self) -> Result<()> {
        let Ok(ended) = self.ended.join() else { bail!("{} was lost", self.line) };
        let took = self.started.elapsed();
        let output = ended.with_context(|| format!("{} cannot be started", self.line))?;
        std::io::stdout().write_all(&output.stdout)?;
        std::io::stderr().write_all(&output.stderr)?;
        if !output.status.success() {
            bail!("{} failed", self.line);
        }
        println!("    {}: done after {:.0} s beside other work", self.line, took.as_secs_f32());
        Ok(())
    }
}

fn cargo(arguments: &[&str]) -> Result<()> {
    run_in(Path::new("."), "cargo", arguments, &[])
}

fn build_ui() -> Result<()> {
    say("building the UI");
    run_in(Path::new("ui"), "npm", &["run", "build"], &[])
}

/// Selected everywhere as the tests are, so that nothing is compiled again with other features.
const SELECTION: [&str; 3] = ["--workspace", "--features", "trunkline/demo"];

fn build_prove() -> Result<()> {
    cargo(&[&["build"][..], &SELECTION, &["--bin", "prove"]].concat())
}

/// The panel in demo mode.
pub fn run(rest: &[&str]) -> Result<()> {
    setup::for_run()?;
    build_ui()?;
    say("building the panel (the first time takes some minutes)");
    cargo(&["build", "--features", "demo"])?;
    let display = cfg!(not(target_os = "linux"))
        || ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()));
    if display {
        say("opening the panel in demo mode: a call arrives within ten seconds");
        let mut arguments = vec!["--demo"];
        arguments.extend(rest);
        return run_in(Path::new("."), "target/debug/trunkline", &arguments, &[]);
    }
    say("there is no display here: running the same under Xvfb, answering the first call by itself");
    cargo(&["build", "-p", "trunkline-tests", "--bin", "prove"])?;
    run_in(Path::new("."), "target/debug/prove", &["demo"], &[])
}

/// Every test.
pub fn test() -> Result<()> {
    let started = Instant::now();
    setup::all()?;
    say("dependencies point down");
    deps_check::check()?;
    build_ui()?;
    say("building the Rust tests (the first time takes some minutes)");
    cargo(&[&["test", "--no-run"][..], &SELECTION].concat())?;
    say(
        "Rust tests, which wait more than they compute; beside them the UI's checks and tests, shown when they are done",
    );
    let ui = Beside::start(Path::new("ui"), "npm", &["run", "check"]);
    let rust = rust_tests();
    say("the UI's checks and tests");
    ui.finish()?;
    rust?;
    // What the tests were built with is there already; a release build takes as long again.
    say("the real window, short form: the development build (with the release build: cargo xtask prove all)");
    cargo(&[&["build"][..], &SELECTION, &["--bin", "trunkline", "--bin", "prove"]].concat())?;
    run_in(Path::new("."), "target/debug/prove", &["all"], &[("TRUNKLINE_PANEL", "target/debug/trunkline")])?;
    say(&format!("all tests passed in {:.0} min", started.elapsed().as_secs_f32() / 60.0));
    Ok(())
}

/// One test program after the other. Several of them measure sound and time;
/// on a machine with other work they get a second try, alone and one test at a
/// time. A second failure is a failure, and a second try is said.
fn rust_tests() -> Result<()> {
    let nextest = command("cargo").args(["nextest", "--version"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    if nextest.is_ok_and(|status| status.success()) {
        // One process a test; how many at once, and how often: .config/nextest.toml.
        return cargo(&[&["nextest", "run"][..], &SELECTION].concat());
    }
    let arguments = [&["test"][..], &SELECTION].concat();
    let built = output("cargo", &[&arguments[..], &["--no-run", "--message-format", "json", "--quiet"]].concat())?;
    let mut second_tries = Vec::new();
    for line in built.lines() {
        let Ok(message) = serde_json::from_str::<serde_json::Value>(line) else { continue };
        let (Some(program), true) = (message["executable"].as_str(), message["profile"]["test"] == true) else {
            continue;
        };
        let manifest = Path::new(message["manifest_path"].as_str().unwrap_or("Cargo.toml"));
        let folder = manifest.parent().unwrap_or(Path::new("."));
        let name = message["target"]["name"].as_str().unwrap_or(program);
        say(&format!("tests of {name}"));
        let home = folder.display().to_string();
        let environment = [("CARGO_MANIFEST_DIR", home.as_str())];
        if run_in(folder, program, &[], &environment).is_err() {
            say(&format!("tests of {name}: second try, one at a time"));
            run_in(folder, program, &["--test-threads=1"], &environment)?;
            second_tries.push(name.to_owned());
        }
    }
    if !second_tries.is_empty() {
        say(&format!("needed a second try: {}", second_tries.join(", ")));
    }
    cargo(&[&arguments[..], &["--doc"]].concat())
}

/// One proof, with the release build of the real app.
pub fn prove(words: &[&str]) -> Result<()> {
    if words != ["--list"] {
        setup::all()?;
        build_ui()?;
        say("release build of the panel");
        cargo(&["build", "--release", "-p", "trunkline"])?;
    }
    build_prove()?;
    run_in(Path::new("."), "target/debug/prove", words, &[])
}

/// Measurements, with release builds of both sides.
pub fn bench(words: &[&str]) -> Result<()> {
    setup::all()?;
    build_ui()?;
    say("release builds of the panel and of the measuring side");
    // One after the other: together, the simulators' features would get into the panel.
    cargo(&["build", "--release", "-p", "trunkline"])?;
    cargo(&["build", "--release", "-p", "trunkline-tests", "--bin", "bench"])?;
    run_in(Path::new("."), "target/release/bench", words, &[])
}

/// The UI's types.
pub fn bindings() -> Result<()> {
    let written = ["--example", "bindings", "--", "ui/src/lib/rpc/gen"];
    cargo(&[&["run", "--quiet"][..], &SELECTION, &written].concat())
}

/// What a reviewer would run.
pub fn lint() -> Result<()> {
    setup::all()?;
    deps_check::check()?;
    cargo(&["fmt", "--all", "--check"])?;
    cargo(&[&["clippy", "--all-targets"][..], &SELECTION, &["--", "-D", "warnings"]].concat())?;
    fuzz::lint()?;
    run_in(Path::new("ui"), "npm", &["run", "check"], &[])
}

/// The Debian package.
pub fn package() -> Result<()> {
    setup::for_run()?;
    let packaging = Path::new("src-tauri/packaging");
    setup::npm(packaging)?;
    // Builds the UI and the panel as well.
    let tauri = packaging.join("node_modules/.bin/tauri").display().to_string();
    run_in(Path::new("."), &tauri, &["build", "--bundles", "deb"], &[])?;
    for entry in std::fs::read_dir("target/release/bundle/deb")? {
        let entry = entry?;
        if entry.path().extension().is_some_and(|extension| extension == "deb") {
            println!("    {}: {:.1} MB", entry.path().display(), entry.metadata()?.len() as f64 / 1e6);
        }
    }
    Ok(())
}
