//! Bad weather, for tests.

use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::{Value, json};

use super::error::ExpertflowError;
use super::sim::ExpertflowSim;

impl ExpertflowSim {
    /// Cuts all connections, sockets among them.
    pub fn drop_sockets(&self) {
        self.hub().doors.cut_all();
    }

    /// Answers so many attempts to open a socket with 503.
    pub fn refuse_dials(&self, times: usize) {
        self.hub().set_faults(|faults| faults.refuse_dials = times);
    }

    /// Sockets hear nothing any more, not even pings, and stay open; new ones get no answer.
    pub fn silence(&self, silent: bool) {
        self.hub().doors.silent.store(silent, Ordering::SeqCst);
    }

    /// Every event and every answer is that late from now on.
    pub fn slow_down(&self, delay: Duration) {
        self.hub().set_faults(|faults| faults.delay = delay);
    }

    /// REST is answered with that status, so many times.
    pub fn fail_rest(&self, status: u16, times: usize) {
        self.fail_path("/", status, times);
    }

    /// REST is answered with that status, so many times, where the path contains that text.
    pub fn fail_path(&self, part: &str, status: u16, times: usize) {
        self.hub().set_faults(|faults| faults.rest = Some((part.to_owned(), status, times)));
    }

    /// Acknowledgements of clients are lost on the way.
    pub fn lose_acks(&self, lose: bool) {
        self.hub().set_faults(|faults| faults.lose_acks = lose);
    }

    /// So many messages of agents are taken, but their authors never hear of it.
    pub fn lose_echoes(&self, times: usize) {
        self.hub().set_faults(|faults| faults.lose_echoes = times);
    }

    /// So many events of clients are not heard at all.
    pub fn ignore_events(&self, times: usize) {
        self.hub().set_faults(|faults| faults.deaf = times);
    }

    /// Every event arrives twice.
    pub fn duplicate_events(&self, twice: bool) {
        self.hub().set_faults(|faults| faults.duplicate = twice);
    }

    /// Any event with any argument, to the agent's socket.
    ///
    /// # Errors
    /// [`ExpertflowError::UnknownAgent`].
    pub fn raw_event(&self, agent: &str, name: &str, payload: Value) -> Result<(), ExpertflowError> {
        let id = self.agent_id(agent)?;
        self.hub().push(&id, name, payload);
        Ok(())
    }

    /// An event that nobody knows, of so many bytes, to the agent's socket.
    ///
    /// # Errors
    /// [`ExpertflowError::UnknownAgent`].
    pub fn big_frame(&self, agent: &str, bytes: usize) -> Result<(), ExpertflowError> {
        self.raw_event(agent, "onBigThing", json!("x".repeat(bytes)))
    }

    /// The server's clock is so many seconds ahead from now on.
    pub fn skew_clock(&self, seconds: f64) {
        self.hub().act(|world| world.skew = (seconds * 1000.0) as i64);
    }

    /// Away for that long, with what it knew kept.
    pub async fn restart(&self, down: Duration) {
        self.hub().doors.down.store(true, Ordering::SeqCst);
        self.drop_sockets();
        tokio::time::sleep(down).await;
        self.hub().doors.down.store(false, Ordering::SeqCst);
    }

    /// Log-ins are refused with that status (403, 404, 408, 412, 500), or taken again.
    pub fn refuse_logins(&self, status: Option<u16>) {
        self.hub().set_faults(|faults| faults.logins = status);
    }

    /// Sockets are refused for the licence with that `licStatus`, or taken again.
    pub fn refuse_licence(&self, status: Option<&str>) {
        self.hub().set_faults(|faults| faults.licence = status.map(str::to_owned));
    }

    /// Sockets are refused with `login-failed`, or taken again.
    pub fn refuse_sockets(&self, refuse: bool) {
        self.hub().set_faults(|faults| faults.not_authorised = refuse);
    }

    /// So many uploads are refused with that status.
    pub fn fail_uploads(&self, status: u16, times: usize) {
        self.hub().set_faults(|faults| faults.refuse_uploads = Some((status, times)));
    }

    /// So many uploads break off half way.
    pub fn break_uploads(&self, times: usize) {
        self.hub().set_faults(|faults| faults.break_uploads = times);
    }

    /// No access token made so far is taken any more; with `refresh` no refresh token either.
    pub fn expire_tokens(&self, refresh: bool) {
        self.hub().mint.expire(refresh);
    }

    /// How long an offer waits for one agent, from now on.
    pub fn set_accept_timeout(&self, time: Duration) {
        self.hub().act(|world| world.options.accept_timeout = time);
    }

    /// So many changes of state are answered with AGENT_STATE_UNCHANGED.
    pub fn refuse_state_changes(&self, times: usize) {
        self.hub().act(|world| world.refuse_states = times);
    }
}
