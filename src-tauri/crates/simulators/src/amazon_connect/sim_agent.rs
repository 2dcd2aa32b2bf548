//! The handle of one agent.

use std::sync::Arc;
use std::time::Duration;

use super::call::lock;
use super::error::SimError;
use super::faults::SnapshotTwist;
use super::shared::Shared;

/// One agent of the simulated instance.
#[derive(Clone)]
pub struct SimAgent {
    pub(crate) shared: Arc<Shared>,
    pub(crate) login: String,
}

impl SimAgent {
    /// Name of the present state, system states included; empty when there is
    /// no such agent.
    #[must_use]
    pub fn state(&self) -> String {
        self.with(|a| a.state.name.clone())
    }

    /// Name of the queued next state.
    #[must_use]
    pub fn next_state(&self) -> Option<String> {
        self.with(|a| a.next.as_ref().map(|s| s.name.clone()))
    }

    /// True once the agent has asked for a snapshot.
    #[must_use]
    pub fn has_polled(&self) -> bool {
        self.with(|a| a.polled)
    }

    /// Contacts in the snapshot, calls first: contact id and state.
    #[must_use]
    pub fn contacts(&self) -> Vec<(String, String)> {
        self.with(|a| {
            let calls = a.contacts.iter().map(|c| (c.call.contact_id.clone(), c.state.to_owned()));
            let chats = a.chats.iter().map(|c| (c.chat.contact_id.clone(), c.state.to_owned()));
            let works = a.works.iter().map(|w| (w.work.contact_id.clone(), w.state.to_owned()));
            calls.chain(chats).chain(works).collect()
        })
    }

    fn with<T: Default>(&self, read: impl FnOnce(&super::records::AgentRecord) -> T) -> T {
        lock(&self.shared.world).agent(&self.login).map(read).unwrap_or_default()
    }

    /// Waits until the agent is in that state.
    ///
    /// # Errors
    /// [`SimError::Expected`] when that does not happen in time.
    pub async fn expect_state(&self, name: &str, timeout: Duration) -> Result<(), SimError> {
        self.shared
            .expect(
                &format!("agent state {name}"),
                timeout,
                || self.state() == name,
                || format!("the state is {}", self.state()),
            )
            .await
    }

    /// Waits until that next state is queued; `None` for no next state.
    ///
    /// # Errors
    /// [`SimError::Expected`] when that does not happen in time.
    pub async fn expect_next_state(&self, name: Option<&str>, timeout: Duration) -> Result<(), SimError> {
        self.shared
            .expect(
                &format!("next state {name:?}"),
                timeout,
                || self.next_state().as_deref() == name,
                || format!("the next state is {:?}", self.next_state()),
            )
            .await
    }

    /// Waits for the agent's first GetAgentSnapshot.
    ///
    /// # Errors
    /// [`SimError::Expected`] when that does not happen in time.
    pub async fn expect_polled(&self, timeout: Duration) -> Result<(), SimError> {
        self.shared
            .expect("a snapshot poll", timeout, || self.has_polled(), || "no snapshot was asked for".to_owned())
            .await
    }

    /// A supervisor (or another window) sets the agent's state.
    ///
    /// # Errors
    /// [`SimError::NotPossible`] when the service would refuse it.
    pub fn set_state(&self, name: &str) -> Result<(), SimError> {
        self.shared.act(|world| world.put_state(&self.login, None, name, false)).map_err(SimError::from)
    }

    /// The service accepts contacts of every channel for the agent from now on,
    /// or no longer; calls as soon as media connects.
    pub fn set_auto_accept(&self, on: bool) {
        if let Ok(agent) = lock(&self.shared.world).agent_mut(&self.login) {
            let options = &mut agent.options;
            options.auto_accept = on;
            options.chat_auto_accept = on;
            options.task_auto_accept = on;
            options.email_auto_accept = on;
        }
    }

    /// The next snapshot of this agent has that content, sent at once.
    pub fn push_unknown(&self, twist: SnapshotTwist) {
        lock(&self.shared.faults).twist(&self.login, twist);
        lock(&self.shared.world).touch(&self.login);
        self.shared.announce();
    }
}
