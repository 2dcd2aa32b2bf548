//! Bad weather on demand.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::sync::watch;

use crate::Moment;

/// What the next call of an operation gets instead of its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// That status with the exception name that belongs to it.
    Status(u16),
    /// 429 with ThrottlingException.
    Throttle,
    /// 200 with a body that is not whole JSON.
    Malformed,
    /// 502 with an HTML page, as a load balancer sends it.
    Html502,
    /// The connection stays open and nothing is sent.
    Silence,
    /// The named exception with status 400.
    Exception(&'static str),
    /// The request is carried out, then the connection is cut before any
    /// answer.
    LoseAnswer,
    /// The connection is cut, and nothing is done.
    LoseRequest,
    /// It is carried out that much later.
    Slow(Duration),
}

/// What happens to the next frame of `aws/chat` to an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameFault {
    /// It is not sent.
    Lost,
    /// The agent's sockets are cut instead.
    CutBefore,
    /// It is sent, then the agent's sockets are cut.
    CutAfter,
    /// It is sent two times.
    Twice,
    /// It is sent that much later, so that others overtake it.
    Late(Duration),
    /// A frame that is not JSON comes before it.
    NotJson,
    /// A frame whose content is not JSON comes before it.
    ContentNotJson,
    /// A message of two megabytes comes before it.
    Oversized,
}

/// What the next signalling request gets instead of its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignallingFault {
    /// A JSON-RPC error with that code, 400 to 500.
    Error(u16),
    /// No answer.
    Silence,
}

/// Content a client has to survive, put into the next snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SnapshotTwist {
    /// Members nobody knows, at every level.
    UnknownMembers,
    /// A contact of unknown type and state beside the real ones.
    UnknownContact,
    /// An agent state of unknown type.
    UnknownAgentState,
    /// No `state`, which is a required member.
    MissingState,
    /// `contacts` is text.
    WrongTypes,
    /// The body ends in the middle.
    Malformed,
    /// Two megabytes of text in an unknown member.
    Oversized,
}

/// One request the simulator has received.
#[derive(Clone, Debug)]
pub struct RequestNote {
    /// When it arrived.
    pub at: Moment,
    /// Operation (`AcceptContact`, `SendMessage`), or `authorize`, `login`,
    /// `logout`, `websocket`, or `signalling NAME`.
    pub operation: String,
    /// Login of the agent, when the credentials told it.
    pub agent: Option<String>,
    /// Status of the answer; 0 when none was sent. For signalling the JSON-RPC
    /// error code, or 200.
    pub status: u16,
}

pub(crate) struct Faults {
    pub next: Vec<(String, Fault, usize)>,
    pub signalling: Vec<(String, SignallingFault, usize)>,
    pub frames: Vec<(String, FrameFault, usize)>,
    pub twists: Vec<(String, VecDeque<SnapshotTwist>)>,
    /// Pages of GetEndpoints, each once.
    pub endpoint_pages: Vec<(usize, Fault)>,
    pub refuse_sockets: bool,
    pub duplicate: bool,
    pub skew: f64,
    pub slow: Duration,
    pub silent: watch::Sender<bool>,
}

impl Default for Faults {
    fn default() -> Self {
        Self {
            next: Vec::new(),
            signalling: Vec::new(),
            frames: Vec::new(),
            twists: Vec::new(),
            endpoint_pages: Vec::new(),
            refuse_sockets: false,
            duplicate: false,
            skew: 0.0,
            slow: Duration::ZERO,
            silent: watch::Sender::new(false),
        }
    }
}

fn take<F: Copy>(list: &mut Vec<(String, F, usize)>, name: &str) -> Option<F> {
    let index = list.iter().position(|(key, _, left)| *left > 0 && (key == name || key == "*"))?;
    let (_, fault, left) = &mut list[index];
    let fault = *fault;
    *left -= 1;
    if *left == 0 {
        list.remove(index);
    }
    Some(fault)
}

impl Faults {
    pub(crate) fn take(&mut self, operation: &str) -> Option<Fault> {
        take(&mut self.next, operation)
    }

    pub(crate) fn take_endpoint_page(&mut self, page: usize) -> Option<Fault> {
        let index = self.endpoint_pages.iter().position(|(n, _)| *n == page)?;
        Some(self.endpoint_pages.remove(index).1)
    }

    pub(crate) fn take_signalling(&mut self, method: &str) -> Option<SignallingFault> {
        take(&mut self.signalling, method)
    }

    pub(crate) fn take_frame(&mut self) -> Option<FrameFault> {
        take(&mut self.frames, "aws/chat")
    }

    pub(crate) fn twist(&mut self, agent: &str, twist: SnapshotTwist) {
        match self.twists.iter_mut().find(|(name, _)| name == agent) {
            Some((_, list)) => list.push_back(twist),
            None => self.twists.push((agent.to_owned(), VecDeque::from([twist]))),
        }
    }

    pub(crate) fn take_twist(&mut self, agent: &str) -> Option<SnapshotTwist> {
        self.twists.iter_mut().find(|(name, _)| name == agent).and_then(|(_, list)| list.pop_front())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_hits_its_operation_as_often_as_asked() {
        let mut faults = Faults::default();
        faults.next.push(("AcceptContact".to_owned(), Fault::Throttle, 2));
        assert_eq!(faults.take("GetAgentSnapshot"), None, "others are spared");
        assert_eq!(faults.take("AcceptContact"), Some(Fault::Throttle));
        assert_eq!(faults.take("AcceptContact"), Some(Fault::Throttle));
        assert_eq!(faults.take("AcceptContact"), None, "two times, not three");
    }
}
