//! The program: reads the command line and hands over to the shell.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::process::ExitCode;

use trunkline_app::cli;

fn main() -> ExitCode {
    if std::env::args_os().nth(1).is_some_and(|word| word == "plugin") {
        return match trunkline_app::plugin_command::run(std::env::args_os().skip(2)) {
            Ok(said) => {
                print!("{said}");
                ExitCode::SUCCESS
            }
            Err(error) => {
                eprintln!("{error}");
                ExitCode::FAILURE
            }
        };
    }
    let invocation = match cli::parse(std::env::args_os().skip(1), |name| std::env::var_os(name)) {
        Ok(invocation) => invocation,
        Err(error) => {
            eprintln!("trunkline: {error}\n\n{}", cli::USAGE);
            return ExitCode::from(2);
        }
    };
    if invocation.help {
        print!("{}", cli::USAGE);
        return ExitCode::SUCCESS;
    }
    if invocation.version {
        println!("trunkline {}", env!("CARGO_PKG_VERSION"));
        return ExitCode::SUCCESS;
    }
    #[cfg(target_os = "linux")]
    {
        // SAFETY: nothing before this line starts a thread.
        #[allow(unsafe_code, reason = "the one allowed spot: before any thread exists")]
        unsafe {
            trunkline_app::prepare_environment();
        }
    }
    match trunkline_app::run(invocation) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("trunkline: {error:#}");
            ExitCode::FAILURE
        }
    }
}
