//! Agents come, go and change their state.
//!
//! | state of a domain | becomes | when |
//! | --- | --- | --- |
//! | NOT_READY | READY, ACTIVE, BUSY | asked for, and the agent is READY: by the number of tasks |
//! | READY, ACTIVE, BUSY | each other | tasks begin and end |
//! | READY, ACTIVE, BUSY | NOT_READY | asked for, or the agent becomes NOT_READY, without tasks |
//! | READY, ACTIVE, BUSY | PENDING_NOT_READY | the same with tasks |
//! | PENDING_NOT_READY | NOT_READY | the last task ends |
//! | any | LOGOUT | the agent logs out |

use serde_json::{Value, json};

use super::options::Resync;
use super::shapes;
use super::world::{Effect, Stage, Timer, World};

const WORKING: [&str; 3] = ["READY", "ACTIVE", "BUSY"];

impl World {
    /// A client has come in with that socket.
    pub fn arrive(&mut self, agent: &str, socket: u64) {
        let now = self.now();
        let Some(one) = self.agents.get_mut(agent) else { return };
        let old = one.socket.replace(socket);
        one.absence += 1;
        one.sockets_seen += 1;
        let first = !one.logged_in;
        if first {
            one.logged_in = true;
            one.login_at = now;
            one.state = "NOT_READY";
            one.reason = Value::Null;
            one.since = now;
            for mrd in &mut one.mrds {
                (mrd.previous, mrd.state, mrd.since) = (Some(mrd.state), "NOT_READY", now);
            }
        }
        if let Some(old) = old {
            self.effects.push(Effect::Replaced { agent: agent.to_owned(), socket: old });
        }
        self.emit(agent, "onChannelTypes", json!(shapes::channel_types()));
        self.presence(agent, true, first, &[]);
        self.greet_with_lists(agent);
        self.greet_with_work(agent);
    }

    fn greet_with_work(&mut self, agent: &str) {
        let mine: Vec<String> =
            self.tasks.iter().filter(|t| t.agent() == Some(agent)).map(|task| task.id.clone()).collect();
        for id in mine {
            let Some(task) = self.task(&id) else { continue };
            let conversation = task.conversation.clone();
            match task.stage.clone() {
                Stage::Reserved { .. } => self.tell_offer(&id),
                Stage::Active { .. } if self.options.resync == Resync::TaskRequest => self.tell_offer(&id),
                Stage::Active { .. } => self.send_topic(agent, &conversation),
                Stage::WrapUp { until, .. } => {
                    self.send_topic(agent, &conversation);
                    let left = (until - self.now()).max(0) / 1000;
                    self.tell_wrap_up(agent, &conversation, u64::try_from(left).unwrap_or(0));
                }
                Stage::Queued | Stage::Closed(_) => {}
            }
        }
        // Who listens in or pulled a request has no task of their own.
        let others: Vec<(String, String)> = self
            .conversations
            .values()
            .filter_map(|c| c.participant(agent).filter(|p| p.task.is_none()).map(|p| (c.id.clone(), p.role.clone())))
            .collect();
        for (conversation, role) in others {
            if self.options.resync == Resync::TopicData || role != "SILENT_MONITOR" {
                self.send_topic(agent, &conversation);
            } else {
                self.tell_monitoring(agent, &conversation);
            }
        }
    }

    /// A socket is gone.
    pub fn depart(&mut self, agent: &str, socket: u64) {
        let time = self.options.socket_disconnect_time;
        let Some(one) = self.agents.get_mut(agent).filter(|one| one.socket == Some(socket)) else { return };
        one.socket = None;
        one.absence += 1;
        if one.logged_in {
            let absence = one.absence;
            self.later(time, Timer::Gone { agent: agent.to_owned(), absence });
        }
    }

    /// Nobody came back.
    pub fn gone(&mut self, agent: &str, absence: u64) {
        if self.agents.get(agent).is_some_and(|one| one.absence == absence && one.socket.is_none()) {
            self.log_out(agent, Value::Null);
        }
    }

    /// `agentPresence` to the agent.
    pub fn presence(&mut self, agent: &str, accepted: bool, state_changed: bool, mrds: &[String]) {
        let Some(one) = self.agents.get(agent) else { return };
        let action = if accepted { "AGENT_STATE_CHANGED" } else { "AGENT_STATE_UNCHANGED" };
        let payload = json!({
            "action": action, "agentPresence": shapes::presence(one), "agentStateChanged": state_changed,
            "mrdStateChanges": mrds, "correlationId": super::world::new_id(),
        });
        self.emit(agent, "agentPresence", payload);
    }

    /// `changeAgentState` by `by`, of the same agent or of one of their team.
    pub fn change_state(&mut self, by: &str, body: &Value) {
        let agent = body["agentId"].as_str().unwrap_or(by).to_owned();
        if agent != by && !self.supervises(by, &agent) {
            return self.refuse(by, "changeAgentState", "agent is not in a supervised team");
        }
        if !self.agents.get(&agent).is_some_and(|one| one.logged_in) {
            return self.refuse(by, "changeAgentState", "agent is not logged in");
        }
        if self.refuse_states > 0 {
            self.refuse_states -= 1;
            return self.presence(&agent, false, false, &[]);
        }
        match body["action"].as_str() {
            Some("agentState") => {
                let reason = body["state"]["reasonCode"].clone();
                match body["state"]["name"].as_str() {
                    Some("READY") => self.set_ready(&agent),
                    Some("NOT_READY") => self.set_not_ready(&agent, reason),
                    Some("LOGOUT") => self.log_out(&agent, reason),
                    _ => self.presence(&agent, false, false, &[]),
                }
            }
            Some("agentMRDState") => {
                let mrd = body["mrdId"].as_str().unwrap_or_default().to_owned();
                match body["state"].as_str() {
                    Some("READY") => self.mrd_ready(&agent, &mrd),
                    Some("NOT_READY") => self.mrd_not_ready(&agent, &mrd),
                    _ => self.presence(&agent, false, false, &[]),
                }
            }
            _ => self.refuse(by, "changeAgentState", "unknown action"),
        }
        self.route();
    }

    fn set_ready(&mut self, agent: &str) {
        let now = self.now();
        let Some(one) = self.agents.get_mut(agent) else { return };
        if one.state == "READY" {
            return self.presence(agent, false, false, &[]);
        }
        one.state = "READY";
        one.reason = Value::Null;
        one.since = now;
        self.presence(agent, true, true, &[]);
        if self.options.ready_takes_chat {
            self.mrd_ready(agent, super::options::MRD_CHAT);
        }
    }

    pub fn set_not_ready(&mut self, agent: &str, reason: Value) {
        let now = self.now();
        let Some(one) = self.agents.get_mut(agent) else { return };
        one.state = "NOT_READY";
        one.reason = reason;
        one.since = now;
        let working: Vec<String> =
            one.mrds.iter().filter(|mrd| WORKING.contains(&mrd.state)).map(|mrd| mrd.id.clone()).collect();
        for mrd in &working {
            let state = if self.tasks_in(agent, mrd) > 0 { "PENDING_NOT_READY" } else { "NOT_READY" };
            self.set_mrd(agent, mrd, state);
        }
        self.presence(agent, true, true, &working);
    }

    fn mrd_ready(&mut self, agent: &str, mrd: &str) {
        let possible = self.agents.get(agent).is_some_and(|one| {
            one.state == "READY" && one.mrd(mrd).is_some_and(|mrd| mrd.max > 0 && !WORKING.contains(&mrd.state))
        });
        if !possible {
            return self.presence(agent, false, false, &[]);
        }
        self.set_mrd(agent, mrd, "READY");
        let turn = self.next();
        let now = self.now();
        if let Some(one) = self.agents.get_mut(agent) {
            one.turn = turn;
            if let Some(mrd) = one.mrds.iter_mut().find(|have| have.id == mrd) {
                mrd.ready_since = now;
            }
        }
        let state = self.state_by_load(agent, mrd);
        self.set_mrd(agent, mrd, state);
        self.presence(agent, true, false, &[mrd.to_owned()]);
    }

    fn mrd_not_ready(&mut self, agent: &str, mrd: &str) {
        let working =
            self.agents.get(agent).and_then(|one| one.mrd(mrd)).is_some_and(|mrd| WORKING.contains(&mrd.state));
        if !working {
            return self.presence(agent, false, false, &[]);
        }
        let state = if self.tasks_in(agent, mrd) > 0 { "PENDING_NOT_READY" } else { "NOT_READY" };
        self.set_mrd(agent, mrd, state);
        self.presence(agent, true, false, &[mrd.to_owned()]);
    }

    fn set_mrd(&mut self, agent: &str, mrd: &str, state: &'static str) {
        let now = self.now();
        let found = self.agents.get_mut(agent).and_then(|one| one.mrds.iter_mut().find(|have| have.id == mrd));
        if let Some(found) = found.filter(|found| found.state != state) {
            found.previous = Some(found.state);
            found.state = state;
            found.since = now;
        }
    }

    /// Tasks that are open with the agent, an offer not among them.
    pub fn tasks_in(&self, agent: &str, mrd: &str) -> usize {
        let busy = |stage: &Stage| matches!(stage, Stage::Active { .. } | Stage::WrapUp { .. });
        self.tasks.iter().filter(|t| t.mrd == mrd && t.agent() == Some(agent) && busy(&t.stage)).count()
    }

    fn state_by_load(&self, agent: &str, mrd: &str) -> &'static str {
        let max = self.agents.get(agent).and_then(|one| one.mrd(mrd)).map_or(0, |mrd| mrd.max as usize);
        match self.tasks_in(agent, mrd) {
            0 => "READY",
            count if count >= max => "BUSY",
            _ => "ACTIVE",
        }
    }

    /// Tasks of the agent have begun or ended.
    pub fn load_changed(&mut self, agent: &str, mrd: &str) {
        let Some(now) = self.agents.get(agent).and_then(|one| one.mrd(mrd)).map(|mrd| mrd.state) else { return };
        let next = match now {
            "READY" | "ACTIVE" | "BUSY" => self.state_by_load(agent, mrd),
            "PENDING_NOT_READY" if self.tasks_in(agent, mrd) == 0 => "NOT_READY",
            same => same,
        };
        if next != now {
            self.set_mrd(agent, mrd, next);
            self.presence(agent, true, false, &[mrd.to_owned()]);
        }
    }

    /// The agent is logged out, by whatever reason: work goes back to the queue.
    pub fn log_out(&mut self, agent: &str, reason: Value) {
        let now = self.now();
        let Some(one) = self.agents.get_mut(agent).filter(|one| one.logged_in) else { return };
        one.logged_in = false;
        one.state = "LOGOUT";
        one.reason = reason;
        one.since = now;
        one.lists.clear();
        let mut changed = Vec::new();
        for mrd in &mut one.mrds {
            (mrd.previous, mrd.state, mrd.since) = (Some(mrd.state), "LOGOUT", now);
            changed.push(mrd.id.clone());
        }
        self.abandon_all(agent);
        self.presence(agent, true, true, &changed);
        self.route();
    }

    /// Whether `by` is a supervisor of the agent's team.
    pub fn supervises(&self, by: &str, agent: &str) -> bool {
        let team = self.agents.get(agent).map(|one| one.profile.team.as_str());
        let teams = self.agents.get(by).map(|one| one.profile.supervises.as_slice()).unwrap_or_default();
        team.is_some_and(|team| teams.iter().any(|have| have == team))
    }
}
