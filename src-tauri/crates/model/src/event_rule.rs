//! What is done when a platform tells an event: rules, the first that fits wins.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{AccountId, EventSort, PlatformEvent};

/// Something done for an event. Whatever is done, the event is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum EventAct {
    /// A notification of the desktop.
    Notify,
    /// A short sound.
    Ring,
    /// Pages open in the browser.
    OpenPage,
    /// The panel comes to the front, with the event's card.
    BringToFront,
}

/// One rule. A condition that is empty is fulfilled by every event.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct EventRule {
    /// What the administrator calls it; may be empty.
    pub name: String,
    /// Only events of this account; absent: of any.
    pub account: Option<AccountId>,
    /// Types as the platform names them; case does not matter, `*` at the end
    /// stands for anything.
    pub kinds: Vec<String>,
    /// Sorts.
    pub sorts: BTreeSet<EventSort>,
    /// Campaigns as the platform names them; case does not matter.
    pub campaigns: Vec<String>,
    /// Media or ways as the platform names them (`Voice`, `Outbound`); case does not matter.
    pub channels: Vec<String>,
    /// What is done; nothing: the event is ignored, which is to say that it is
    /// listed as read.
    pub acts: BTreeSet<EventAct>,
    /// For `OpenPage`: the page by [`crate::ScreenPop::identity`]; absent:
    /// every page that opens with an offer of its account and campaign.
    pub page: Option<String>,
}

impl EventSort {
    /// Without a rule, one that somebody may have to act upon.
    pub fn is_news(self) -> bool {
        matches!(self, Self::ScreenPop | Self::ThirdParty | Self::Message)
    }
}

impl EventRule {
    /// All conditions are fulfilled.
    pub fn fits(&self, account: &AccountId, event: &PlatformEvent) -> bool {
        let channel =
            |wanted: &String| [&event.channel, &event.way].into_iter().flatten().any(|name| same(name, wanted));
        let campaign = |wanted: &String| event.campaign.as_deref().is_some_and(|name| same(name, wanted));
        self.account.as_ref().is_none_or(|wanted| wanted == account)
            && any_or_none(&self.kinds, |wanted| is_kind(&event.kind, wanted))
            && (self.sorts.is_empty() || self.sorts.contains(&event.sort))
            && any_or_none(&self.campaigns, campaign)
            && any_or_none(&self.channels, channel)
    }

    /// The place of the first that fits.
    pub fn first(rules: &[Self], account: &AccountId, event: &PlatformEvent) -> Option<usize> {
        rules.iter().position(|rule| rule.fits(account, event))
    }
}

fn any_or_none<T>(wanted: &[T], fits: impl Fn(&T) -> bool) -> bool {
    wanted.is_empty() || wanted.iter().any(fits)
}

fn same(a: &str, b: &str) -> bool {
    a.trim().to_lowercase() == b.trim().to_lowercase()
}

fn is_kind(kind: &str, wanted: &str) -> bool {
    match wanted.trim().strip_suffix('*') {
        Some(start) => kind.trim().to_lowercase().starts_with(&start.to_lowercase()),
        None => same(kind, wanted),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Party, PlatformEventId, UnixMillis};

    fn event(kind: &str, sort: EventSort) -> PlatformEvent {
        PlatformEvent {
            id: PlatformEventId::new("1-0"),
            kind: kind.to_owned(),
            sort,
            at: UnixMillis(0),
            campaign: Some("22".to_owned()),
            channel: Some("Voice".to_owned()),
            way: Some("Outbound".to_owned()),
            customer: Party::default(),
            fields: Vec::new(),
        }
    }

    fn rule(change: impl FnOnce(&mut EventRule)) -> EventRule {
        let mut rule = EventRule::default();
        change(&mut rule);
        rule
    }

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn every_condition_narrows_and_an_empty_one_does_not() {
        let (account, pop) = (AccountId::new("a"), event("ScreenPopVoice", EventSort::ScreenPop));
        let fits = |rule: &EventRule| rule.fits(&account, &pop);
        assert!(fits(&EventRule::default()), "no condition: every event");
        assert!(fits(&rule(|r| r.kinds = words(&["Typing", " screenpopvoice "]))), "one of the types, in any case");
        assert!(fits(&rule(|r| r.kinds = words(&["ScreenPop*"]))), "by its beginning");
        assert!(!fits(&rule(|r| r.kinds = words(&["ScreenPop"]))), "but not without the star");
        assert!(fits(&rule(|r| r.sorts = BTreeSet::from([EventSort::ScreenPop]))));
        assert!(!fits(&rule(|r| r.sorts = BTreeSet::from([EventSort::Call]))));
        assert!(fits(&rule(|r| r.campaigns = words(&["7", "22"]))));
        assert!(!fits(&rule(|r| r.campaigns = words(&["2"]))));
        assert!(fits(&rule(|r| r.channels = words(&["voice"]))), "the medium");
        assert!(fits(&rule(|r| r.channels = words(&["OUTBOUND"]))), "or the way");
        assert!(!fits(&rule(|r| r.channels = words(&["Chat"]))));
        assert!(!fits(&rule(|r| r.account = Some(AccountId::new("b")))));
        let both = rule(|r| {
            r.kinds = words(&["*"]);
            r.campaigns = words(&["7"]);
        });
        assert!(!fits(&both), "all of them together");
    }

    #[test]
    fn the_first_that_fits_wins() {
        let (account, pop) = (AccountId::new("a"), event("ScreenPopVoice", EventSort::ScreenPop));
        let never = rule(|r| r.campaigns = words(&["7"]));
        let always = EventRule::default();
        assert_eq!(EventRule::first(&[never.clone(), always.clone(), always], &account, &pop), Some(1));
        assert_eq!(EventRule::first(&[never], &account, &pop), None, "none may fit");
    }
}
