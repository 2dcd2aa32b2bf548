//! What is done with events of the platforms' own: rules as the settings have
//! them, changed, and tried out.

use serde_json::Value;
use trunkline_desk::Input;
use trunkline_model::{EventAct, EventRule};
use trunkline_rpc::schema::{EventRules, SaveEventRules, TriedEvent, TryEventRules};
use trunkline_rpc::{RpcCode, RpcError};

use crate::{Parts, pops, rpc_error};

/// More rules than anybody keeps in mind.
const MOST: usize = 100;
/// Longest text that is tried, bytes: the longest event there is.
const LONGEST: usize = 16 << 20;
/// Events that are tried together.
const TRIED: usize = 50;

pub(crate) fn all(parts: &Parts) -> EventRules {
    EventRules { rules: parts.settings.get().events.rules, fixed: parts.settings.is_enforced("events.rules") }
}

pub(crate) fn save(parts: &Parts, request: SaveEventRules) -> Result<EventRules, RpcError> {
    if request.rules.len() > MOST {
        return Err(rpc_error::field("rules", "error_invalid"));
    }
    let rules: Vec<EventRule> = request.rules.into_iter().map(tidy).collect();
    let settings = parts.settings.get();
    for (at, rule) in rules.iter().enumerate() {
        let there = |page: &String| settings.screen_pops.templates.iter().any(|known| known.identity() == page);
        // One that was saved before its page went stays, and opens nothing.
        let old = settings.events.rules.contains(rule);
        if !old && rule.page.as_ref().is_some_and(|page| !there(page)) {
            return Err(rpc_error::field(&format!("rules.{at}.page"), "error_screen_pop_gone"));
        }
    }
    let kept = parts.settings.commit(move |settings| settings.events.rules = rules)?;
    parts.desk.apply(Input::EventRules(kept.events.rules));
    Ok(all(parts))
}

/// Without blanks around words, and without words that are none.
fn tidy(rule: EventRule) -> EventRule {
    let words = |words: Vec<String>| -> Vec<String> {
        words.iter().map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()).collect()
    };
    EventRule {
        name: rule.name.trim().to_owned(),
        kinds: words(rule.kinds),
        campaigns: words(rule.campaigns),
        channels: words(rule.channels),
        page: rule.page.filter(|_| rule.acts.contains(&EventAct::OpenPage)),
        ..rule
    }
}

/// Reads what was pasted as the account's platform would be read, and says what
/// the rules would do. Nothing is done.
pub(crate) fn dry_run(parts: &Parts, request: &TryEventRules) -> Result<Vec<TriedEvent>, RpcError> {
    let (platform, settings) = parts
        .accounts
        .settings_of(&request.account)
        .ok_or_else(|| RpcError::new(RpcCode::NotPossible, "error_account_gone"))?;
    let read = parts.accounts.registry().find(&platform).and_then(|registration| registration.read_events);
    let read = read.ok_or_else(|| rpc_error::field("account", "error_event_no_platform"))?;
    if request.pasted.len() > LONGEST {
        return Err(rpc_error::field("pasted", "error_event_too_long"));
    }
    let pasted: Value =
        serde_json::from_str(request.pasted.trim()).map_err(|_| rpc_error::field("pasted", "error_event_no_json"))?;
    let mut events = read(&settings, &pasted, parts.desk.now());
    if events.is_empty() || events.iter().all(|event| event.kind.is_empty()) {
        return Err(rpc_error::field("pasted", "error_event_none"));
    }
    events.truncate(TRIED);
    let rules: Vec<EventRule> = request.rules.iter().cloned().map(tidy).collect();
    let tried = events.into_iter().map(|event| {
        let at = EventRule::first(&rules, &request.account, &event);
        let rule = at.map(|at| &rules[at]);
        let acts = rule.map(|rule| rule.acts.clone()).unwrap_or_default();
        let page = rule.and_then(|rule| rule.page.as_deref());
        let opens = acts.contains(&EventAct::OpenPage);
        TriedEvent {
            pages: if opens { pops::tried(parts, &request.account, &event, page) } else { Vec::new() },
            rule: at.and_then(|at| u32::try_from(at).ok()),
            unread: rule.map_or(event.sort.is_news(), |rule| !rule.acts.is_empty()),
            acts,
            event,
        }
    });
    Ok(tried.collect())
}
