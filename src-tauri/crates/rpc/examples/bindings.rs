//! Writes the UI's TypeScript: `cargo run -q -p trunkline-rpc --example bindings -- ui/src/lib/rpc/gen`.

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: bindings FOLDER    (ui/src/lib/rpc/gen)");
        return ExitCode::from(2);
    };
    match trunkline_rpc::export(&folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}: {error}", folder.display());
            ExitCode::FAILURE
        }
    }
}
