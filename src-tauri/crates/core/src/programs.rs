//! Programs that an administrator has named in an account's settings.

use std::process::Stdio;
use std::time::Duration;

use async_trait::async_trait;
use tokio::io::AsyncReadExt;
use tokio::process::Command;
use trunkline_connector::ports::{ProgramFailure, Programs, Secret};

/// More than any token needs.
const LONGEST: usize = 64 * 1024;

/// The computer's own programs.
pub(crate) struct SystemPrograms;

#[async_trait]
impl Programs for SystemPrograms {
    async fn output(&self, line: &[String], limit: Duration) -> Result<Secret, ProgramFailure> {
        let (program, arguments) = line.split_first().ok_or(ProgramFailure::NotStarted)?;
        let run = async {
            let mut child = Command::new(program)
                .args(arguments)
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .kill_on_drop(true)
                .spawn()
                .map_err(|error| {
                    tracing::warn!(program, kind = ?error.kind(), "a program of the settings cannot be started");
                    ProgramFailure::NotStarted
                })?;
            let mut output = Vec::new();
            if let Some(stdout) = child.stdout.take() {
                let mut most = stdout.take(LONGEST as u64 + 1);
                most.read_to_end(&mut output).await.map_err(|_| ProgramFailure::Output)?;
            }
            if output.len() > LONGEST {
                return Err(ProgramFailure::Output);
            }
            let status = child.wait().await.map_err(|_| ProgramFailure::Failed(None))?;
            if !status.success() {
                return Err(ProgramFailure::Failed(status.code()));
            }
            String::from_utf8(output).map(Secret::from).map_err(|_| ProgramFailure::Output)
        };
        // Dropped, it is killed.
        tokio::time::timeout(limit, run).await.unwrap_or(Err(ProgramFailure::Timeout))
    }
}

#[cfg(all(test, unix))]
mod tests {
    #![allow(clippy::unwrap_used)]

    use secrecy::ExposeSecret;

    use super::*;

    async fn run(line: &[&str], limit: Duration) -> Result<String, ProgramFailure> {
        let line: Vec<String> = line.iter().map(|word| (*word).to_owned()).collect();
        SystemPrograms.output(&line, limit).await.map(|text| text.expose_secret().to_owned())
    }

    #[tokio::test]
    async fn a_program_is_run_without_a_shell_and_told_apart_when_it_fails() {
        let long = Duration::from_secs(20);
        assert_eq!(run(&["echo", "$HOME; ls"], long).await.unwrap(), "$HOME; ls\n", "arguments are arguments");
        assert_eq!(run(&["sh", "-c", "exit 3"], long).await, Err(ProgramFailure::Failed(Some(3))));
        assert_eq!(run(&["/no/such/program"], long).await, Err(ProgramFailure::NotStarted));
        assert_eq!(run(&[], long).await, Err(ProgramFailure::NotStarted));
        assert_eq!(run(&["cat"], long).await.unwrap(), "", "there is no input to wait for");
        assert_eq!(run(&["head", "-c", "100000", "/dev/zero"], long).await, Err(ProgramFailure::Output), "too much");
        let short = Duration::from_millis(200);
        assert_eq!(run(&["sleep", "20"], short).await, Err(ProgramFailure::Timeout), "killed in time");
    }
}
