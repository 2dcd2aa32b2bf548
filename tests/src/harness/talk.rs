//! Customer and agent talk: whether the words of each reach the other.

use std::time::{Duration, Instant, SystemTime};

use anyhow::Result;
use trunkline_simulators::amazon_connect::{SimCall, Speech};
use trunkline_simulators::{Moment, speech};

use super::checks::Checks;
use super::processes::Program;
use super::sound::{self, Recorder, correlate, telling_part, wait_to_hear};
use super::stage::Stage;

/// Correlation that only the same words reach (see the test below).
pub const SAME_WORDS: f32 = 0.5;
/// Louder than this is sound; an idle null sink is exactly zero.
pub const AUDIBLE: f32 = 0.003;

/// Sentences of the simulator: what the customer says, and what the agent says.
const CUSTOMER: usize = 0;
const AGENT_WORDS: usize = 2;
/// Words may take this long to be found, on a busy machine.
const LIMIT: Duration = Duration::from_secs(30);

/// The words of both.
pub struct Talk {
    customer: Vec<f32>,
    agent: Vec<f32>,
}

impl Default for Talk {
    fn default() -> Self {
        Self {
            customer: telling_part(&speech::sample(CUSTOMER), 1.0).to_vec(),
            agent: telling_part(&speech::sample(AGENT_WORDS), 2.0).to_vec(),
        }
    }
}

impl Talk {
    /// What the customer of a call is to say.
    pub fn customer_speech() -> Speech {
        Speech::repeated_sentence(CUSTOMER)
    }

    /// The agent talks into the microphone that a sink feeds, until dropped.
    pub fn speak(stage: &Stage, feed: &str) -> Result<Program> {
        sound::play(&stage.desktop, feed, &speech::sample(AGENT_WORDS).repeat(4))
    }

    /// The agent hears the customer after a moment.
    pub fn check_heard(&self, checks: &mut Checks, speaker: &Recorder, from: SystemTime, when: &str) -> Result<()> {
        let heard = wait_to_hear(speaker, from, &self.customer, SAME_WORDS, LIMIT)?;
        checks.check(
            heard >= SAME_WORDS,
            &format!("the agent hears the customer {when}"),
            format!("correlation {heard:.2}"),
        );
        Ok(())
    }

    /// The customer hears what is said into the microphone that `feed` feeds.
    pub async fn check_said(
        &self,
        stage: &Stage,
        checks: &mut Checks,
        call: &SimCall,
        feed: &str,
        when: &str,
    ) -> Result<()> {
        let (since, end) = (Moment::now(), Instant::now() + LIMIT);
        let mut talking = Self::speak(stage, feed)?;
        let mut said = 0.0_f32;
        while said < SAME_WORDS && Instant::now() < end {
            tokio::time::sleep(Duration::from_millis(400)).await;
            if talking.has_ended() {
                talking = Self::speak(stage, feed)?;
            }
            said = said.max(correlate(call.heard_by_customer().between(since, Moment::now()), &self.agent).0);
        }
        checks.check(
            said >= SAME_WORDS,
            &format!("the customer hears the agent {when}"),
            format!("correlation {said:.2}"),
        );
        Ok(())
    }

    /// Words go both ways, with what the agent hears recorded by the first and
    /// what is said to the second of the pair.
    pub async fn check(
        &self,
        stage: &Stage,
        checks: &mut Checks,
        call: &SimCall,
        (speaker, feed): (&Recorder, &str),
        when: &str,
    ) -> Result<()> {
        let from = SystemTime::now();
        self.check_said(stage, checks, call, feed, when).await?;
        self.check_heard(checks, speaker, from, when)
    }
}

#[cfg(test)]
mod tests {
    use super::{AGENT_WORDS, CUSTOMER, SAME_WORDS, Talk};
    use crate::harness::sound::correlate;
    use trunkline_simulators::speech;

    #[test]
    fn the_threshold_tells_one_sentence_from_every_other() {
        let talk = Talk::default();
        for (wanted, words) in [(CUSTOMER, &talk.customer), (AGENT_WORDS, &talk.agent)] {
            for other in (0..speech::COUNT).filter(|other| *other != wanted) {
                let (score, _) = correlate(&speech::sample(other), words);
                println!("sentence {wanted} in {other}: {score:.2}");
                assert!(score < SAME_WORDS * 0.85, "sentence {other} is not taken for {wanted}: {score}");
            }
            let (same, _) = correlate(&speech::sample(wanted), words);
            assert!(same > 0.95, "the sentence itself is found: {same}");
        }
    }
}
