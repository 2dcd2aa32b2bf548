//! Who gets a session: the active operator of the group with the fewest, or nobody.

use super::facts::OperatorFact;
use super::options::OperatorStatus;
use super::world::World;
use crate::Moment;

impl World {
    /// Sessions that an operator has at present.
    pub fn load(&self, operator: u64) -> usize {
        self.sessions.iter().filter(|one| one.closed.is_none() && one.operator == Some(operator)).count()
    }

    /// The operator whom routing would choose.
    fn choose(&self, group: u64, but: Option<u64>) -> Option<u64> {
        let fit = self.operators.iter().filter(|one| {
            one.status == OperatorStatus::Online
                && one.profile.groups.contains(&group)
                && Some(one.profile.id) != but
                && self.load(one.profile.id) < one.profile.max_sessions
        });
        // Played colleagues are there to be handed something.
        fit.filter(|one| !one.profile.played).min_by_key(|one| self.load(one.profile.id)).map(|one| one.profile.id)
    }

    /// Gives a session to somebody of its group, or leaves it in help. `but` does not get it.
    pub fn route(&mut self, session: &str, but: Option<u64>) {
        let Some(group) = self.session(session).map(|found| found.group) else { return };
        match self.choose(group, but) {
            Some(operator) => self.assign(session, operator, true),
            None => self.drop_into_help(session, true),
        }
    }

    /// The session is that operator's alone.
    pub fn assign(&mut self, session: &str, operator: u64, tell: bool) {
        let (now, mail) = (self.now(), self.mail(operator));
        let deleted_for = self.options.tell_former_operator;
        let Some(found) = self.session_mut(session) else { return };
        let former: Vec<u64> = found.operators.iter().map(|one| one.0).filter(|id| *id != operator).collect();
        found.operator = Some(operator);
        found.assigned = Some(now);
        found.operators = vec![(operator, now)];
        found.with_bot = false;
        found.facts.assigned.push(OperatorFact { operator: mail, at: Moment::now() });
        if deleted_for {
            for one in former {
                self.tell(one, "chatSessionDeleted", serde_json::json!({ "sessionId": session }));
            }
        }
        if tell {
            self.tell_added(session, operator);
        }
    }

    /// The session waits for anyone.
    pub fn drop_into_help(&mut self, session: &str, tell: bool) {
        let Some(found) = self.session_mut(session) else { return };
        found.operator = None;
        found.assigned = None;
        found.operators.clear();
        found.with_bot = false;
        found.facts.help.push(Moment::now());
        if tell {
            self.tell_of(session, "operatorNotFound");
        }
    }
}
