//! The agent's status by its number (section 6): a base activity, and what is to
//! come after it.

use trunkline_model::{AgentActivity, AgentState, AgentStateKind, UnixMillis};

/// Names by number, 0 to 63.
const NAMES: [&str; 64] = [
    "Nothing",
    "Idle",
    "Talking",
    "Wrap",
    "Pause",
    "Ending",
    "TalkingWithPause",
    "WrapWithPause",
    "TalkingWithEnding",
    "WrapWithEnding",
    "Consulting",
    "InChat",
    "InChatWithPause",
    "InChatWithEnding",
    "ConsultingWithPause",
    "ConsultingWithEnding",
    "Transfer",
    "Holding",
    "HoldingWithPause",
    "HoldingWithEnding",
    "ManualCall",
    "TalkingWithManualCall",
    "WrapWithManualCall",
    "ConsultingWithManualCall",
    "HoldingWithManualCall",
    "Redial",
    "PrivateCallback",
    "TalkingWithPrivateCallback",
    "WrapWithPrivateCallback",
    "ManualcallWithPrivateCallback",
    "ConsultingWithPrivateCallback",
    "HoldingWithPrivateCallback",
    "ThirdPartyCampaign",
    "PersonalCall",
    "TalkingWithPersonalCall",
    "WrapWithPersonalCall",
    "ManualcallWithPersonalCall",
    "ConsultingWithPersonalCall",
    "HoldingWithPersonalCall",
    "PersonalCallWithPause",
    "PersonalCallWithEnding",
    "Analyzing",
    "Attempting",
    "Waiting",
    "AnalyzingWithPause",
    "AnalyzingWithEnding",
    "AnalyzingWithPrivateCallback",
    "AnalyzingWithPersonalCall",
    "AttemptingWithPause",
    "AttemptingWithEnding",
    "AttemptingWithPersonalCall",
    "AttemptingWithPrivateCallback",
    "AfterAttempting",
    "AfterAttemptWithPersonalCall",
    "RedialWithPersonalCall",
    "InConference",
    "InConferenceWithPause",
    "InConferenceWithEnding",
    "InConferenceWithManualCall",
    "InConferenceWithPrivateCallback",
    "InConferenceWithPersonalCall",
    "Reading",
    "Pausing",
    "RedialWithPrivateCallback",
];

/// What a status says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The base activity, by the platform's name.
    pub base: String,
    /// What follows it, where the status says.
    pub intent: Option<String>,
}

impl Status {
    /// By its number or its name; a number that nobody knows keeps itself as its name.
    pub fn read(text: &str) -> Self {
        let text = text.trim();
        let number = text.parse::<usize>().ok();
        let name = number.and_then(|number| NAMES.get(number).copied()).unwrap_or(text);
        let (base, intent) = match name.split_once("With") {
            Some((base, intent)) if !base.is_empty() && !intent.is_empty() => (base, Some(intent.to_owned())),
            _ => (name, None),
        };
        Self { base: base.to_owned(), intent }
    }

    /// The call is over, or there is none.
    pub fn without_call(&self) -> bool {
        matches!(self.base.as_str(), "Nothing" | "Idle" | "Pause" | "Pausing" | "Ending" | "Waiting" | "Reading")
    }

    /// The call is over, and its after-contact work goes on.
    pub fn wrapping(&self) -> bool {
        matches!(self.base.as_str(), "Wrap" | "AfterAttempting" | "AfterAttempt")
    }

    /// The call is at work.
    pub fn talking(&self) -> bool {
        matches!(self.base.as_str(), "Talking" | "Consulting" | "Holding" | "InConference" | "Transfer")
    }

    /// The customer waits.
    pub fn holding(&self) -> bool {
        self.base == "Holding"
    }

    /// As the present state of the agent; `reason` is the name of the pause.
    pub fn state(&self, reason: Option<&str>, since: UnixMillis) -> AgentState {
        let (kind, activity) = meaning(&self.base);
        let name = reason.filter(|_| self.base == "Pause").unwrap_or(&self.base).to_owned();
        AgentState { id: None, kind, name, activity, since: Some(since) }
    }

    /// As the state that follows.
    pub fn next(&self) -> Option<AgentState> {
        let intent = self.intent.as_deref()?;
        let (kind, activity) = match intent {
            "Ending" => (AgentStateKind::Offline, AgentActivity::Named),
            other => meaning(other),
        };
        Some(AgentState { id: None, kind, name: intent.to_owned(), activity, since: None })
    }
}

fn meaning(base: &str) -> (AgentStateKind, AgentActivity) {
    use AgentActivity::{AfterContactWork, Busy, Calling, Named, Unknown};
    use AgentStateKind::{NotRoutable, Routable, System};
    match base {
        "Idle" | "Waiting" => (Routable, Named),
        "Pause" | "Reading" | "Ending" => (NotRoutable, Named),
        "Talking" | "Consulting" | "InChat" | "Transfer" | "Holding" | "ThirdPartyCampaign" | "PersonalCall"
        | "InConference" | "Analyzing" => (System, Busy),
        "Wrap" | "AfterAttempting" | "AfterAttempt" => (System, AfterContactWork),
        "ManualCall" | "Manualcall" | "Redial" | "PrivateCallback" | "Attempting" => (System, Calling),
        "Pausing" => (System, Named),
        "Nothing" => (AgentStateKind::Init, Named),
        _ => (AgentStateKind::Unknown, Unknown),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::Value;

    use super::*;

    #[test]
    fn the_names_are_those_of_the_enumeration() {
        let described: Value =
            serde_json::from_str(include_str!("../tests/fixtures/olos-agenthub/enums.json")).unwrap();
        let described = described["agent_status"].as_array().cloned().map_or_else(
            || described["agent_status"].as_object().unwrap().clone().into_iter().collect::<Vec<_>>(),
            |rows| rows.iter().map(|row| (row[0].as_str().unwrap().to_owned(), row[1].clone())).collect(),
        );
        assert_eq!(described.len(), NAMES.len(), "all of them");
        for (number, name) in described {
            assert_eq!(NAMES[number.parse::<usize>().unwrap()], name, "status {number}");
        }
    }

    #[test]
    fn a_status_is_an_activity_and_what_follows() {
        let read = |text: &str| {
            let status = Status::read(text);
            (status.base, status.intent)
        };
        assert_eq!(read("6"), ("Talking".to_owned(), Some("Pause".to_owned())));
        assert_eq!(read("57"), ("InConference".to_owned(), Some("Ending".to_owned())));
        assert_eq!(read("Talking"), ("Talking".to_owned(), None), "older sources give the name");
        assert_eq!(read("99"), ("99".to_owned(), None), "a number nobody knows");
        let state = Status::read("6").state(None, UnixMillis(5));
        assert_eq!((state.kind, state.activity), (AgentStateKind::System, AgentActivity::Busy));
        let next = Status::read("8").next().unwrap();
        assert_eq!(next.kind, AgentStateKind::Offline, "about to sign out");
        let pause = Status::read("4").state(Some("Lunch"), UnixMillis(5));
        assert_eq!((pause.name.as_str(), pause.kind), ("Lunch", AgentStateKind::NotRoutable), "by its reason");
        let odd = Status::read("99").state(None, UnixMillis(5));
        assert_eq!((odd.name.as_str(), odd.kind), ("99", AgentStateKind::Unknown), "shown as it is");
    }

    #[test]
    fn every_status_but_nothing_known_has_a_meaning() {
        for name in NAMES {
            let (kind, _) = meaning(&Status::read(name).base);
            assert_ne!(kind, AgentStateKind::Unknown, "{name}");
        }
    }
}
