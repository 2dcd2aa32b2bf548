//! One channel, as the client keeps it.

use std::collections::VecDeque;
use std::time::Instant;

use serde_json::Value;

use super::event::PushId;

/// Where a channel stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelState {
    /// The join is on its way, or waits for the socket.
    Joining,
    /// Messages come.
    Joined,
    /// Refused, timed out, crashed or cut off; will be joined again.
    Errored,
    /// We said we leave.
    Leaving,
}

#[derive(Debug)]
pub(super) struct Channel {
    /// Place among the channels of the socket.
    pub made: u64,
    /// Evaluated at each join.
    pub params: Value,
    pub state: ChannelState,
    /// `reference` of the join under way or done; none between two joins, and
    /// then every message that names a join is of an old one.
    pub join_ref: Option<String>,
    /// Of the join or leave under way.
    pub answer_by: Option<Instant>,
    pub leave_ref: Option<String>,
    pub rejoin_at: Option<Instant>,
    pub rejoin_tries: usize,
    /// Pushes that wait for the join.
    pub waiting: VecDeque<PushId>,
}

impl Channel {
    pub fn new(params: Value, made: u64) -> Self {
        Self {
            made,
            params,
            state: ChannelState::Joining,
            join_ref: None,
            answer_by: None,
            leave_ref: None,
            rejoin_at: None,
            rejoin_tries: 0,
            waiting: VecDeque::new(),
        }
    }

    /// As after the socket opened or a join succeeded.
    pub fn reset_tries(&mut self) {
        self.rejoin_tries = 0;
        self.rejoin_at = None;
    }

    /// Messages of an earlier join are not for this one.
    pub fn takes(&self, join_ref: Option<&str>) -> bool {
        join_ref.is_none_or(|join_ref| self.join_ref.as_deref() == Some(join_ref))
    }

    pub fn deadline(&self) -> Option<Instant> {
        [self.answer_by, self.rejoin_at].into_iter().flatten().min()
    }
}
