//! Developer commands. `cargo xtask help` lists them.
//!
//! Only the standard library and two small crates: this program is what
//! installs everything else, so it has to build on a bare machine.

mod deps_check;
mod fuzz;
mod setup;
mod steps;

use std::process::ExitCode;

use anyhow::{Result, bail};

const HELP: &str = "\
cargo xtask COMMAND

  run                 install what is missing, build, and open the panel in demo mode
  test                install what is missing and run every test, the real-window ones too
  prove --list        name every proof
  prove NAME          run one proof (main-job, ...); its last line counts the checks
  bench call          measure calls: table and JSON
  fuzz                feed parsers and protocols anything: [NAME] [--seconds N | --runs N],
                      20 s each where nothing is said; NAME INPUT repeats one input
  bindings            write the UI's types from the Rust schema
  deps-check          fail when a dependency points up (docs/ARCHITECTURE.md, section 4)
  lint                rustfmt, clippy and the UI's checks
  package             build the .deb and print its size
  setup               only install what is missing
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match command(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn command(words: &[&str]) -> Result<()> {
    steps::go_to_top()?;
    match words {
        [] | ["help" | "--help" | "-h"] => {
            print!("{HELP}");
            Ok(())
        }
        ["run", rest @ ..] => steps::run(rest),
        ["test"] => steps::test(),
        ["prove", "--list"] => steps::prove(&["--list"]),
        ["prove", rest @ ..] if !rest.is_empty() => steps::prove(rest),
        ["bench", rest @ ..] if !rest.is_empty() => steps::bench(rest),
        ["fuzz", rest @ ..] => fuzz::run(rest),
        ["bindings"] => steps::bindings(),
        ["deps-check"] => deps_check::check(),
        ["lint"] => steps::lint(),
        ["package"] => steps::package(),
        ["setup"] => setup::all(),
        _ => {
            eprint!("{HELP}");
            bail!("no such command: {}", words.join(" "))
        }
    }
}
