//! What a script does about agents.

use std::time::Duration;

use serde_json::{Value, json};

use super::error::ExpertflowError;
use super::options::MRD_CHAT;
use super::shapes;
use super::sim::ExpertflowSim;
use super::world::Effect;

impl ExpertflowSim {
    /// The agent's global state: LOGOUT, NOT_READY or READY.
    #[must_use]
    pub fn state(&self, agent: &str) -> &'static str {
        self.hub().read(|world| world.agent_named(agent).map_or("LOGOUT", |agent| agent.state))
    }

    /// The state of one of the agent's domains, by id.
    #[must_use]
    pub fn mrd_state(&self, agent: &str, mrd: &str) -> &'static str {
        self.hub().read(|world| world.agent_named(agent).and_then(|a| a.mrd(mrd)).map_or("UNKNOWN", |mrd| mrd.state))
    }

    /// The state of the agent's chat domain.
    #[must_use]
    pub fn chat_state(&self, agent: &str) -> &'static str {
        self.mrd_state(agent, MRD_CHAT)
    }

    /// The reason of the agent's state, null without one.
    #[must_use]
    pub fn reason(&self, agent: &str) -> Value {
        self.hub().read(|world| world.agent_named(agent).map(|agent| agent.reason.clone()).unwrap_or_default())
    }

    /// The agent's presence as REST gives it.
    #[must_use]
    pub fn presence(&self, agent: &str) -> Value {
        self.hub().read(|world| world.agent_named(agent).map(shapes::presence).unwrap_or_default())
    }

    /// The agent has a socket at present.
    #[must_use]
    pub fn is_online(&self, agent: &str) -> bool {
        self.hub().read(|world| world.agent_named(agent).is_some_and(|agent| agent.socket.is_some()))
    }

    /// How many sockets the agent has had.
    #[must_use]
    pub fn sockets_of(&self, agent: &str) -> u64 {
        self.hub().read(|world| world.agent_named(agent).map_or(0, |agent| agent.sockets_seen))
    }

    /// Ids of the pull lists that the agent watches.
    #[must_use]
    pub fn lists_of(&self, agent: &str) -> Vec<String> {
        let lists = |agent: &super::world::Agent| agent.lists.iter().cloned().collect();
        self.hub().read(|world| world.agent_named(agent).map(lists).unwrap_or_default())
    }

    /// Waits until the agent has a socket.
    ///
    /// # Errors
    /// [`ExpertflowError::Expected`] when that does not happen in time.
    pub async fn expect_online(&self, agent: &str, within: Duration) -> Result<(), ExpertflowError> {
        self.expect("the agent to be online", within, |sim| sim.is_online(agent).then_some(())).await
    }

    /// Waits until the agent has had one more socket than that number.
    ///
    /// # Errors
    /// [`ExpertflowError::Expected`] when that does not happen in time.
    pub async fn expect_back(&self, agent: &str, before: u64, within: Duration) -> Result<(), ExpertflowError> {
        let back = |sim: &Self| (sim.sockets_of(agent) > before && sim.is_online(agent)).then_some(());
        self.expect("the agent to be back", within, back).await
    }

    /// Waits for a global state.
    ///
    /// # Errors
    /// [`ExpertflowError::Expected`] when that does not happen in time.
    pub async fn expect_state(&self, agent: &str, state: &str, within: Duration) -> Result<(), ExpertflowError> {
        self.expect(state, within, |sim| (sim.state(agent) == state).then_some(())).await
    }

    /// Waits for a state of the chat domain.
    ///
    /// # Errors
    /// [`ExpertflowError::Expected`] when that does not happen in time.
    pub async fn expect_chat_state(&self, agent: &str, state: &str, within: Duration) -> Result<(), ExpertflowError> {
        self.expect(state, within, |sim| (sim.chat_state(agent) == state).then_some(())).await
    }

    /// Sets the agent READY in both, as if they had done it.
    ///
    /// # Errors
    /// [`ExpertflowError::UnknownAgent`].
    pub fn set_ready(&self, agent: &str) -> Result<(), ExpertflowError> {
        let id = self.agent_id(agent)?;
        self.hub().act(|world| {
            let global = json!({ "action": "agentState", "state": { "name": "READY", "reasonCode": null } });
            let chat = json!({ "action": "agentMRDState", "state": "READY", "mrdId": MRD_CHAT });
            world.change_state(&id, &global);
            world.change_state(&id, &chat);
        });
        Ok(())
    }

    /// A supervisor logs the agent out: chats go back to their queues.
    ///
    /// # Errors
    /// [`ExpertflowError::UnknownAgent`].
    pub fn force_logout(&self, agent: &str) -> Result<(), ExpertflowError> {
        let id = self.agent_id(agent)?;
        let reason = json!({
            "name": "FORCED_LOGOUT_BY_SUPERVISOR", "description": "supervisor logout", "type": "LOGOUT", "code": 9,
            "id": "62ffc95cf12b6ccf1594d934",
        });
        self.hub().act(|world| world.log_out(&id, reason));
        Ok(())
    }

    /// The server takes the agent's socket out of the namespace (`io server disconnect`).
    ///
    /// # Errors
    /// [`ExpertflowError::UnknownAgent`].
    pub fn kick(&self, agent: &str) -> Result<(), ExpertflowError> {
        let id = self.agent_id(agent)?;
        self.hub().kick(&id);
        Ok(())
    }

    /// The agent has opened another console: `socketSessionRemoved`, then the end of the socket.
    ///
    /// # Errors
    /// [`ExpertflowError::UnknownAgent`], [`ExpertflowError::NotPossible`] without a socket.
    pub fn remove_session(&self, agent: &str) -> Result<(), ExpertflowError> {
        let id = self.agent_id(agent)?;
        let socket = self.hub().read(|world| world.agents.get(&id).and_then(|agent| agent.socket));
        let socket = socket.ok_or_else(|| ExpertflowError::NotPossible("the agent has no socket".to_owned()))?;
        self.hub().act(|world| world.effects.push(Effect::Replaced { agent: id, socket }));
        Ok(())
    }
}
