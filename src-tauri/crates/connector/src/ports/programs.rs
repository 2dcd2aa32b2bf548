use std::time::Duration;

use async_trait::async_trait;
use thiserror::Error;

use super::Secret;

/// Why a program gave nothing.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum ProgramFailure {
    /// It cannot be started: not there, or not allowed.
    #[error("the program cannot be started")]
    NotStarted,
    /// It ended with this status; none when it was killed.
    #[error("the program failed")]
    Failed(Option<i32>),
    /// Not over in time; it was killed.
    #[error("the program took too long")]
    Timeout,
    /// It wrote more than is taken, or no text.
    #[error("the program's output cannot be read")]
    Output,
}

/// Starts programs that an administrator has named in the settings, such as one
/// that fetches a token.
#[async_trait]
pub trait Programs: Send + Sync + 'static {
    /// Runs one without a shell and without input, and gives what it wrote to
    /// its standard output, at most 64 KiB. What it writes elsewhere is dropped.
    /// `line[0]` is the program.
    async fn output(&self, line: &[String], limit: Duration) -> Result<Secret, ProgramFailure>;
}
