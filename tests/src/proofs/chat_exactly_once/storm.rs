//! The bad weather over a chat, spread evenly over its messages.

use std::fmt;
use std::time::{Duration, Instant};

use trunkline_simulators::amazon_connect::{AmazonConnectSim, Fault, FrameFault};

use crate::harness::stage::AGENT;

/// How much of it.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Messages each way.
    pub each: usize,
    /// Sockets cut.
    pub drops: usize,
    /// Sendings answered with 5xx.
    pub errors: usize,
    /// Sendings that are done, but whose answer is lost.
    pub lost: usize,
    /// Kills of the program.
    pub kills: usize,
}

impl Plan {
    /// All of it.
    pub fn full() -> Self {
        Self { each: 2_000, drops: 200, errors: 40, lost: 25, kills: 2 }
    }

    /// As one of many proofs.
    pub fn short() -> Self {
        Self { each: 200, drops: 20, errors: 8, lost: 5, kills: 1 }
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { each, drops, errors, lost, kills } = self;
        write!(f, "{each} messages each way, {drops} drops, {errors} times 5xx, {lost} lost answers, {kills} kills")
    }
}

/// What of it has been.
pub struct Storm {
    plan: Plan,
    errors: usize,
    lost: usize,
    cuts: usize,
    /// The last cut, and how many sockets there had been till then.
    last_cut: Option<(Instant, usize)>,
    /// Of the cuts, those in the middle of a message's delivery.
    pub around: usize,
}

impl Storm {
    /// Calm so far.
    pub fn new(plan: Plan) -> Self {
        Self { plan, errors: 0, lost: 0, cuts: 0, last_cut: None, around: 0 }
    }

    /// What is due when so many messages of the agent have arrived.
    pub async fn blow(&mut self, sim: &AmazonConnectSim, arrived: usize, kills: usize) {
        // A little early: what is due last must still find messages.
        let due = |wanted: usize| (arrived * (wanted + wanted / 20 + 1)).div_ceil(self.plan.each.max(1));
        let (errors, lost, drops) = (due(self.plan.errors), due(self.plan.lost), due(self.plan.drops));
        while self.errors < errors {
            let faults = [Fault::Status(503), Fault::Status(500), Fault::Html502];
            sim.fail_next("SendMessage", faults[self.errors % faults.len()], 1);
            self.errors += 1;
        }
        while self.lost < lost {
            sim.fail_next("SendMessage", Fault::LoseAnswer, 1);
            self.lost += 1;
        }
        let sockets = sim.requests_of("websocket").len();
        let dropped = sockets.saturating_sub(1 + kills);
        // One cut at a time; a cut around a message waits for one, but not for ever.
        let over = self.last_cut.is_none_or(|(at, before)| sockets > before || at.elapsed() > Duration::from_secs(1));
        if dropped < drops && over && sim.expect_topic(AGENT, "aws/chat", Duration::from_millis(1)).await.is_ok() {
            self.last_cut = Some((Instant::now(), sockets));
            self.cut(sim);
        }
    }

    fn cut(&mut self, sim: &AmazonConnectSim) {
        match self.cuts % 4 {
            0 => sim.drop_sockets(),
            1 => sim.close_sockets(AGENT, 1001),
            // The next message is lost with the line, or comes just before its end.
            2 => sim.fail_next_frames(FrameFault::CutBefore, 1),
            _ => sim.fail_next_frames(FrameFault::CutAfter, 1),
        }
        self.around += usize::from(self.cuts % 4 >= 2);
        match self.cuts % 20 {
            7 => sim.fail_next("GetTranscript", Fault::Status(503), 1),
            13 => sim.fail_next("CreateTransport", Fault::Status(500), 1),
            17 => sim.fail_next("SendEvent", Fault::Status(503), 1),
            _ => {}
        }
        self.cuts += 1;
    }
}

/// The next words arrive without an answer, and what follows does not arrive
/// until the failures are used up.
pub fn fail_for_a_while(sim: &AmazonConnectSim) {
    sim.fail_next("SendMessage", Fault::LoseAnswer, 1);
    sim.fail_next("SendMessage", Fault::Status(503), 3);
}
