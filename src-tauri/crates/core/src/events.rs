//! Events of the platforms' own: acted upon as the rules say, kept in the
//! database, and found there.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;
use trunkline_desk::{EventKey, Input};
use trunkline_model::{
    AccountId, ContactId, ContactKey, EventAct, EventRule, Notice, NoticeAction, NoticeLevel, PlatformEvent, SoundKind,
    UnixMillis,
};
use trunkline_rpc::schema::{FindEvents, FoundEvent};
use trunkline_rpc::{RpcCode, RpcError};
use trunkline_store::{Database, EventRow};

use crate::effects::{ShellEvent, play_cue, tell};
use crate::pops::{self, Subject};
use crate::{Parts, places, rpc_error};

/// Events that wait for the disk.
const WAITING: usize = 1024;
/// Written together.
const BATCH: usize = 256;
/// Largest page.
const PAGE: u32 = 200;

/// Between two announcements of one account: of a flood, the last one of each
/// such time is announced.
const ANNOUNCED_EVERY: Duration = Duration::from_secs(2);
/// Events of one account for which pages open by themselves, in a minute. More
/// calls than that nobody takes; a flood must not fill the screen.
const OPENED_IN_A_MINUTE: usize = 10;

/// What is announced, and the events before it that were not.
#[derive(Clone, Debug, PartialEq)]
struct Announcement {
    event: PlatformEvent,
    acts: BTreeSet<EventAct>,
    more: u32,
}

/// When each account last spoke.
#[derive(Default)]
pub(crate) struct Pace(Mutex<BTreeMap<AccountId, Turn>>);

#[derive(Default)]
struct Turn {
    announced: Option<Instant>,
    waiting: Option<Announcement>,
    opened: VecDeque<Instant>,
}

/// When an announcement may be made.
#[derive(Debug, PartialEq)]
enum When {
    Now(Box<Announcement>),
    /// Somebody has to come back for what waits.
    At(Instant),
    /// Somebody will already.
    Later,
}

impl Pace {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<AccountId, Turn>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn announce(&self, account: &AccountId, event: PlatformEvent, mut acts: BTreeSet<EventAct>) -> When {
        let now = Instant::now();
        let mut turns = self.lock();
        let turn = turns.entry(account.clone()).or_default();
        let next = turn.announced.map(|last| last + ANNOUNCED_EVERY).filter(|next| *next > now);
        match (next, turn.waiting.take()) {
            (None, None) => {
                turn.announced = Some(now);
                When::Now(Box::new(Announcement { event, acts, more: 0 }))
            }
            // Whoever was sent for the one before takes this one instead.
            (_, Some(before)) => {
                acts.extend(before.acts);
                turn.waiting = Some(Announcement { event, acts, more: before.more.saturating_add(1) });
                When::Later
            }
            (Some(next), None) => {
                turn.waiting = Some(Announcement { event, acts, more: 0 });
                When::At(next)
            }
        }
    }

    /// What waits, whose time has come.
    fn take(&self, account: &AccountId) -> Option<Announcement> {
        let mut turns = self.lock();
        let turn = turns.get_mut(account)?;
        turn.announced = Some(Instant::now());
        turn.waiting.take()
    }

    fn may_open(&self, account: &AccountId) -> bool {
        let now = Instant::now();
        let mut turns = self.lock();
        let opened = &mut turns.entry(account.clone()).or_default().opened;
        opened.retain(|at| now.duration_since(*at) < Duration::from_secs(60));
        let free = opened.len() < OPENED_IN_A_MINUTE;
        if free {
            opened.push_back(now);
        }
        free
    }
}

/// A platform told an event; the rule that fits says what is done.
pub(crate) fn arrived(parts: &Arc<Parts>, account: AccountId, event: PlatformEvent, rule: Option<EventRule>) {
    let EventRule { mut acts, page, .. } = rule.unwrap_or_default();
    tracing::info!(%account, kind = event.kind, sort = ?event.sort, ?acts, "event of the platform");
    if acts.remove(&EventAct::OpenPage) {
        if parts.event_pace.may_open(&account) {
            pops::for_event(parts, account.clone(), event.clone(), page);
        } else {
            tell_pages_held(parts, &account);
        }
    }
    if acts.is_empty() {
        return;
    }
    match parts.event_pace.announce(&account, event, acts) {
        When::Now(announcement) => announce(parts, &account, *announcement),
        When::Later => {}
        When::At(time) => {
            let parts = Arc::clone(parts);
            tokio::spawn(async move {
                tokio::time::sleep_until(time).await;
                if let Some(announcement) = parts.event_pace.take(&account) {
                    announce(&parts, &account, announcement);
                }
            });
        }
    }
}

fn announce(parts: &Arc<Parts>, account: &AccountId, announcement: Announcement) {
    let Announcement { event, acts, more } = announcement;
    let Some(account_name) = parts.desk.look(|desk| desk.account(account).map(|view| view.name.clone())) else {
        return;
    };
    let key = EventKey { account: account.clone(), event: event.id.clone() };
    if acts.contains(&EventAct::Ring) {
        // For the ringer each sound belongs to something; a call that rings is louder.
        let sounding = ContactKey::new(account.clone(), ContactId::new(format!("event:{}", event.id)));
        play_cue(parts, sounding, SoundKind::Event, false);
    }
    if acts.contains(&EventAct::BringToFront)
        && let Err(error) = places::show_event(parts, &key)
    {
        tracing::debug!(%error, "an event of an account that has just gone");
    }
    if acts.contains(&EventAct::Notify) {
        tell(&parts.shell, ShellEvent::EventArrived { key, event: Box::new(event), account_name, more });
    }
}

fn tell_pages_held(parts: &Parts, account: &AccountId) {
    parts.desk.apply(Input::Notice(Notice {
        id: format!("event-pages-held:{account}"),
        level: NoticeLevel::Warning,
        message_key: "notice_event_pages_held".to_owned(),
        params: BTreeMap::new(),
        account: Some(account.clone()),
        contact: None,
        action: Some(NoticeAction::ScreenPops),
        at: parts.desk.now(),
    }));
}

/// An event that is on the list.
pub(crate) fn listed(parts: &Parts, key: &EventKey) -> Option<Subject> {
    let event = parts.desk.look(|desk| desk.event(key).map(|view| view.event.clone()))?;
    Some(Subject::Event { account: key.account.clone(), event: Box::new(event) })
}

/// An event that is on the list, or was.
pub(crate) async fn subject(parts: &Parts, key: EventKey) -> Result<Subject, RpcError> {
    if let Some(subject) = listed(parts, &key) {
        return Ok(subject);
    }
    let row = parts.database.event(key.account, key.event).await;
    let row = row.map_err(|error| rpc_error::internal("event", &error))?;
    let event = row.and_then(|row| serde_json::from_value(row.document).ok().map(|event| (row.account, event)));
    let (account, event) = event.ok_or_else(|| RpcError::new(RpcCode::NotPossible, "error_event_gone"))?;
    Ok(Subject::Event { account, event: Box::new(event) })
}

/// A task that writes what it is sent, many at once when there are many. It ends
/// when nobody sends any more.
pub(crate) fn keep(database: Database) -> mpsc::Sender<EventRow> {
    let (sender, mut rows) = mpsc::channel(WAITING);
    tokio::spawn(async move {
        let mut batch = Vec::with_capacity(BATCH);
        while rows.recv_many(&mut batch, BATCH).await > 0 {
            if let Err(error) = database.keep_events(std::mem::take(&mut batch)).await {
                tracing::warn!(%error, "events could not be kept");
            }
        }
    });
    sender
}

/// What is kept of an event.
pub(crate) fn row(account: &AccountId, event: &PlatformEvent, arrived: UnixMillis) -> EventRow {
    let mut words = vec![event.kind.as_str()];
    words.extend([&event.campaign, &event.channel, &event.way].into_iter().flatten().map(String::as_str));
    words.extend(event.fields.iter().map(|field| field.value.as_str()));
    EventRow {
        account: account.clone(),
        event: event.id.clone(),
        arrived,
        words: words.join(" "),
        document: serde_json::to_value(event).unwrap_or_default(),
    }
}

/// A page of what was kept.
pub(crate) async fn find(parts: &Parts, request: FindEvents) -> Result<Vec<FoundEvent>, RpcError> {
    let FindEvents { words, limit, offset } = request;
    let found = parts.database.find_events(&words, limit.min(PAGE), offset).await;
    let rows = found.map_err(|error| rpc_error::internal("events", &error))?;
    let read = |row: EventRow| match serde_json::from_value(row.document) {
        Ok(event) => Some(FoundEvent { account: row.account, arrived: row.arrived, event }),
        Err(error) => {
            tracing::warn!(%error, "event of another version left out");
            None
        }
    };
    Ok(rows.into_iter().filter_map(read).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use trunkline_model::{EventSort, Party, PlatformEventId};

    use super::*;

    fn event(id: &str) -> PlatformEvent {
        PlatformEvent {
            id: PlatformEventId::new(id),
            kind: "ScreenPopVoice".to_owned(),
            sort: EventSort::ScreenPop,
            at: UnixMillis(0),
            customer: Party::default(),
            campaign: None,
            channel: None,
            way: None,
            fields: Vec::new(),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn of_a_flood_the_last_is_announced_every_two_seconds_and_none_is_forgotten() {
        let (pace, account) = (Pace::default(), AccountId::new("a"));
        let announce = |id: &str, act| pace.announce(&account, event(id), BTreeSet::from([act]));
        let now = |id: &str, acts: &[EventAct], more| Announcement {
            event: event(id),
            acts: acts.iter().copied().collect(),
            more,
        };
        assert_eq!(
            announce("1", EventAct::Notify),
            When::Now(Box::new(now("1", &[EventAct::Notify], 0))),
            "the first at once"
        );
        let due = Instant::now() + ANNOUNCED_EVERY;
        assert_eq!(announce("2", EventAct::Ring), When::At(due), "the next one when it may");
        assert_eq!(announce("3", EventAct::Notify), When::Later, "and then a later one in its place");
        assert_eq!(pace.announce(&"b".into(), event("9"), BTreeSet::new()), When::Now(Box::new(now("9", &[], 0))));
        tokio::time::advance(ANNOUNCED_EVERY).await;
        assert_eq!(announce("4", EventAct::Notify), When::Later, "also when its time has just come");
        assert_eq!(
            pace.take(&account),
            Some(now("4", &[EventAct::Notify, EventAct::Ring], 2)),
            "with what was to be done for the others, and their number"
        );
        assert_eq!(pace.take(&account), None, "once");
        assert!(matches!(announce("5", EventAct::Notify), When::At(_)), "two seconds later again");
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_opens_ten_pages_in_a_minute() {
        let (pace, account) = (Pace::default(), AccountId::new("a"));
        let opened = (0..1_000).filter(|_| pace.may_open(&account)).count();
        assert_eq!(opened, OPENED_IN_A_MINUTE);
        tokio::time::advance(Duration::from_secs(60)).await;
        assert!(pace.may_open(&account), "a minute later they open again");
    }
}
