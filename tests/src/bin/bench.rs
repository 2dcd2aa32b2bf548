//! Measures: `bench call`.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    trunkline_tests::prepare();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match trunkline_tests::measure::run(&words).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
