//! Coverage-guided fuzzing with libFuzzer, on the same stable Rust as everything else
//! (tests/fuzz/README.md). The compiler's coverage instrumentation is asked for by
//! flags of LLVM; sanitizers, for which a nightly compiler would be needed, are left
//! out: what is fuzzed here has no unsafe code.

mod seeds;

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::steps::{output, run_in, say};

const FOLDER: &str = "tests/fuzz";
/// As cargo-fuzz asks for it: counters at every edge, the table of their places, and
/// what is compared with what.
const INSTRUMENTATION: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1 --cfg fuzzing";
/// Seconds for each target where nothing else is said.
const SECONDS: u32 = 20;
/// Seconds after which one input counts as hanging.
const HANGING: u32 = 10;
/// For making an input that was found smaller.
const SMALLER: u32 = 30;

/// One target.
pub struct Target {
    name: &'static str,
    /// Longest input.
    most: usize,
    seeds: fn() -> Result<seeds::Seeds>,
}

const fn target(name: &'static str, most: usize, seeds: fn() -> Result<seeds::Seeds>) -> Target {
    Target { name, most, seeds }
}

const TARGETS: &[Target] = &[
    target("socketio_packet", 8_192, seeds::socketio_packet),
    target("socketio_client", 8_192, seeds::socketio_client),
    target("socketio_recovery", 512, seeds::socketio_recovery),
    target("phoenix_frame", 4_096, seeds::phoenix_frame),
    target("phoenix_client", 8_192, seeds::phoenix_client),
    target("expertflow_cim", 16_384, seeds::expertflow_cim),
    target("expertflow_session", 32_768, seeds::expertflow_session),
    target("expertflow_html", 4_096, seeds::expertflow_html),
    target("amazon_wire", 32_768, seeds::amazon_wire),
    target("olos_events", 16_384, seeds::olos_events),
];

/// `fuzz [NAME] [--seconds N | --runs N]`, and `fuzz NAME INPUT`, which repeats one input.
pub fn run(words: &[&str]) -> Result<()> {
    let mut limit = Limit::Seconds(SECONDS);
    let mut rest = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if !matches!(*word, "--seconds" | "--runs") {
            rest.push(*word);
            continue;
        }
        let given = words.next().with_context(|| format!("{word} wants a number"))?;
        let number = given.parse().with_context(|| format!("{word} {given}: not a number"))?;
        limit = if *word == "--runs" { Limit::Runs(number) } else { Limit::Seconds(number) };
    }
    let chosen = match rest.first() {
        None => TARGETS,
        Some(name) => {
            let known = || TARGETS.iter().map(|target| target.name).collect::<Vec<_>>().join(", ");
            let target = TARGETS.iter().find(|target| target.name == *name);
            std::slice::from_ref(target.with_context(|| format!("no target {name}: {}", known()))?)
        }
    };
    let built = build(chosen)?;
    match (rest.as_slice(), chosen) {
        ([_, input], [target]) => run_in(Path::new("."), &built.program(target).display().to_string(), &[input], &[]),
        ([] | [_], _) => report(chosen.iter().map(|target| built.fuzz(target, limit)).collect()),
        _ => bail!("fuzz takes a target and an input"),
    }
}

/// The targets' own code, as a reviewer would have it looked at.
pub fn lint() -> Result<()> {
    let built = Built::prepare()?;
    let folder = Path::new(FOLDER);
    run_in(folder, "cargo", &["fmt", "--check"], &[])?;
    let target = built.folder.join("check").display().to_string();
    run_in(folder, "cargo", &["clippy", "--all-targets", "--target-dir", &target, "--", "-D", "warnings"], &[])
}

/// How long a target runs.
#[derive(Clone, Copy)]
enum Limit {
    /// With what earlier runs found as well, and kept for later ones.
    Seconds(u32),
    /// So many inputs, from the seeds alone.
    Runs(u32),
}

/// What one target came to.
struct Outcome {
    target: &'static str,
    crash: Option<String>,
}

fn report(outcomes: Vec<Result<Outcome>>) -> Result<()> {
    let outcomes = outcomes.into_iter().collect::<Result<Vec<_>>>()?;
    let crashes: Vec<&Outcome> = outcomes.iter().filter(|outcome| outcome.crash.is_some()).collect();
    if crashes.is_empty() {
        say(&format!("fuzz: {} of {} targets, no crash", outcomes.len(), outcomes.len()));
        return Ok(());
    }
    for Outcome { target, crash } in &crashes {
        println!("    {target}: {}", crash.as_deref().unwrap_or_default());
    }
    bail!("fuzz: {} of {} targets crashed", crashes.len(), outcomes.len())
}

/// Where everything of fuzzing lies: programs, seeds, what was found.
struct Built {
    folder: PathBuf,
    /// Named with `--target` so that build scripts and macros stay without instrumentation.
    host: String,
}

fn build(targets: &[Target]) -> Result<Built> {
    let built = Built::prepare()?;
    say("fuzz: building (the first time takes some minutes)");
    let folder = built.folder.display().to_string();
    let mut arguments = vec!["build", "--quiet", "--release", "--target", &built.host, "--target-dir", &folder];
    arguments.extend(targets.iter().flat_map(|target| ["--bin", target.name]));
    run_in(Path::new(FOLDER), "cargo", &arguments, &[("RUSTFLAGS", INSTRUMENTATION)])?;
    Ok(built)
}

impl Built {
    fn prepare() -> Result<Self> {
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
        fs::create_dir_all(target.join("fuzz"))?;
        let folder = target.join("fuzz").canonicalize()?;
        // What is fuzzed has the same dependencies as what is shipped.
        let (shipped, lock) = (fs::read("Cargo.lock")?, Path::new(FOLDER).join("Cargo.lock"));
        let taken = folder.join("Cargo.lock.taken");
        if !lock.exists() || fs::read(&taken).ok().as_ref() != Some(&shipped) {
            fs::write(&lock, &shipped)?;
            fs::write(&taken, &shipped)?;
        }
        let version = output("rustc", &["-vV"])?;
        let host = version.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names no host")?;
        Ok(Self { folder, host: host.to_owned() })
    }

    fn program(&self, target: &Target) -> PathBuf {
        self.folder.join(&self.host).join("release").join(target.name)
    }

    /// An empty folder.
    fn fresh(&self, kind: &str, target: &Target) -> Result<PathBuf> {
        let folder = self.folder.join(kind).join(target.name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        Ok(folder)
    }

    fn fuzz(&self, target: &'static Target, limit: Limit) -> Result<Outcome> {
        let given = self.fresh("seeds", target)?;
        let seeds = (target.seeds)().with_context(|| format!("seeds of {}", target.name))?;
        let (words, dictionary) = seeds.write(&given, &self.folder, target.name)?;
        let found = self.folder.join("crashes").join(target.name);
        fs::create_dir_all(&found)?;
        let corpus = match limit {
            Limit::Seconds(_) => self.folder.join("corpus").join(target.name),
            Limit::Runs(_) => self.fresh("passing", target)?,
        };
        fs::create_dir_all(&corpus)?;
        let mut folders = vec![corpus, given];
        let broke = Path::new(FOLDER).join("regressions").join(target.name);
        if broke.is_dir() {
            folders.push(broke);
        }
        let log = self.folder.join(format!("{}.log", target.name));
        let mut arguments = vec![
            format!("-artifact_prefix={}/", found.display()),
            format!("-max_len={}", target.most),
            format!("-timeout={HANGING}"),
            "-print_final_stats=1".to_owned(),
        ];
        arguments.extend(dictionary.map(|path| format!("-dict={}", path.display())));
        match limit {
            Limit::Seconds(seconds) => arguments.push(format!("-max_total_time={seconds}")),
            Limit::Runs(runs) => arguments.extend([format!("-runs={runs}"), "-seed=1".to_owned()]),
        }
        let status = self
            .start(target, &words, &log)?
            .args(&arguments)
            .args(&folders)
            .status()
            .with_context(|| format!("{} cannot be started", target.name))?;
        let told = fs::read(&log).map(|told| String::from_utf8_lossy(&told).into_owned())?;
        println!("    {:20} {}", target.name, figures(&told));
        if status.success() {
            return Ok(Outcome { target: target.name, crash: None });
        }
        print!("{}", reason(&told));
        let Some(input) = told.lines().find_map(|line| line.split_once("Test unit written to ")).map(|(_, path)| path)
        else {
            bail!("{} ended without an input: {}", target.name, log.display());
        };
        let input = self.smaller(target, Path::new(input.trim()))?;
        let input = input.display();
        let crash = format!("{input}\n        again: cargo xtask fuzz {} {input}", target.name);
        Ok(Outcome { target: target.name, crash: Some(crash) })
    }

    fn start(&self, target: &Target, words: &Path, log: &Path) -> Result<Command> {
        let log = File::create(log).with_context(|| log.display().to_string())?;
        let mut command = Command::new(self.program(target));
        command.env("FUZZ_WORDS", words).env("RUST_BACKTRACE", "1").stdout(Stdio::null()).stderr(log);
        Ok(command)
    }

    /// The same crash by as small an input as can be found in some seconds.
    fn smaller(&self, target: &Target, input: &Path) -> Result<PathBuf> {
        let small = input.with_extension("small");
        let log = self.folder.join(format!("{}.smaller.log", target.name));
        let arguments = [
            "-minimize_crash=1".to_owned(),
            format!("-max_total_time={SMALLER}"),
            format!("-timeout={HANGING}"),
            format!("-exact_artifact_path={}", small.display()),
        ];
        // It ends with an error as soon as nothing smaller does it.
        self.start(target, Path::new(""), &log)?.args(&arguments).arg(input).status()?;
        Ok(if small.exists() { small } else { input.to_owned() })
    }
}

/// Runs, runs a second, edges that were reached, inputs that are kept.
fn figures(told: &str) -> String {
    let statistic = |name: &str| {
        let line = told.lines().rev().find_map(|line| line.strip_prefix(name));
        line.map_or("?", |number| number.trim().trim_start_matches(':').trim())
    };
    // `#123 DONE cov: 1 ft: 2 corp: 3/4b ...`
    let status = told.lines().rev().find(|line| line.starts_with('#') && line.contains(" cov: ")).unwrap_or_default();
    let after = |name: &str| status.split_whitespace().skip_while(|word| *word != name).nth(1).unwrap_or("?");
    format!(
        "{:>10} runs {:>8} runs/s {:>7} edges {:>7} inputs kept",
        statistic("stat::number_of_executed_units"),
        statistic("stat::average_exec_per_sec"),
        after("cov:"),
        after("corp:").split('/').next().unwrap_or("?"),
    )
}

/// What the program said of its end.
fn reason(told: &str) -> String {
    let begins = |line: &&str| line.contains("panicked at") || line.contains("ERROR: libFuzzer");
    let lines = told.lines().skip_while(|line| !begins(line)).take_while(|line| !line.starts_with("NOTE: libFuzzer"));
    lines.take(40).map(|line| format!("        {line}\n")).collect()
}

/// A file of a stored fixture, by the end of its name.
fn is_json(path: &Path) -> bool {
    path.extension() == Some(OsStr::new("json"))
}
