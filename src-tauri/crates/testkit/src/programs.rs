use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use trunkline_connector::ports::{ProgramFailure, Programs, Secret};

use crate::locked;

/// Programs that write what the test says, one answer a run; the last one stays.
#[derive(Clone, Debug, Default)]
pub struct FakePrograms {
    answers: Arc<Mutex<VecDeque<Result<String, ProgramFailure>>>>,
    lines: Arc<Mutex<Vec<Vec<String>>>>,
}

impl FakePrograms {
    /// The next answer.
    pub fn answer(&self, answer: Result<&str, ProgramFailure>) {
        locked(&self.answers).push_back(answer.map(str::to_owned));
    }

    /// What was run, in order.
    pub fn lines(&self) -> Vec<Vec<String>> {
        locked(&self.lines).clone()
    }
}

#[async_trait]
impl Programs for FakePrograms {
    async fn output(&self, line: &[String], _limit: Duration) -> Result<Secret, ProgramFailure> {
        locked(&self.lines).push(line.to_vec());
        let mut answers = locked(&self.answers);
        let answer = if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() };
        answer.unwrap_or(Err(ProgramFailure::NotStarted)).map(Secret::from)
    }
}
