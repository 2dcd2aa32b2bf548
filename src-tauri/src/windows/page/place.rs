//! Where the view of a quiet page is. Pure.
//!
//! Inputs, by origin: us (`wanted`, `tick`), WebKit (`began`, `loaded`, `died`,
//! `closed`).
//!
//! | place | input | next | done |
//! | --- | --- | --- | --- |
//! | Idle | wanted | Loading the first address | go there |
//! | Loading n | loaded: on our origin, not a page to avoid | There | |
//! | Loading n | loaded elsewhere, or time is over | Loading n + 1, after the last one Nowhere | go there |
//! | There | began to load anything | Loading 1: what was under way is lost | |
//! | Loading, There | its process ended | Loading 1, after a pause that grows | go there |
//! | Nowhere | wanted, half a minute later | Loading the first address | go there |
//! | any | closed | Closed | |

use std::time::{Duration, Instant};

use tauri::Url;
use trunkline_connector::ports::QuietPage;

/// Longest wait for one address.
const LOAD_LIMIT: Duration = Duration::from_secs(8);
/// An address list that led nowhere is tried again after this.
const AGAIN_AFTER: Duration = Duration::from_secs(30);
/// Between the death of the process and the next one, doubling.
const MEND_AFTER: Duration = Duration::from_millis(200);
const MEND_AT_MOST: Duration = Duration::from_secs(10);

/// Where the view is, as whoever fetches must know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// At `about:blank`.
    Idle,
    /// On its way.
    Loading,
    /// On the quiet page. The number tells one stay from the next.
    There(u64),
    /// No address leads to a page that will do.
    Nowhere,
    /// The view is gone for good.
    Closed,
}

/// The machine.
#[derive(Debug)]
pub struct Keeper {
    quiet: QuietPage,
    place: Place,
    index: usize,
    stays: u64,
    deaths: u32,
    /// When to do what `due` says.
    due: Option<(Instant, Due)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Due {
    GiveUp,
    Mend,
    TryAgain,
}

impl Keeper {
    /// At `about:blank`.
    pub fn new(quiet: QuietPage) -> Self {
        Self { quiet, place: Place::Idle, index: 0, stays: 0, deaths: 0, due: None }
    }

    /// Where it is.
    pub fn place(&self) -> Place {
        self.place
    }

    /// When to call [`Keeper::tick`].
    pub fn next_deadline(&self) -> Option<Instant> {
        self.due.map(|(at, _)| at)
    }

    /// Somebody wants to fetch. The address to go to, when there is one.
    pub fn wanted(&mut self, now: Instant) -> Option<Url> {
        match (self.place, self.due) {
            (Place::Idle, _) => self.go(0, now),
            (Place::Nowhere, Some((at, _))) if now >= at => self.go(0, now),
            _ => None,
        }
    }

    fn go(&mut self, index: usize, now: Instant) -> Option<Url> {
        self.index = index;
        let address = self.quiet.addresses.get(index).cloned();
        (self.place, self.due) = match &address {
            Some(_) => (Place::Loading, Some((now + LOAD_LIMIT, Due::GiveUp))),
            None => (Place::Nowhere, Some((now + AGAIN_AFTER, Due::TryAgain))),
        };
        address
    }

    /// A load began.
    pub fn began(&mut self, now: Instant) {
        if matches!(self.place, Place::There(_)) {
            self.place = Place::Loading;
            self.due = Some((now + LOAD_LIMIT, Due::GiveUp));
        }
    }

    /// A load finished at this address. The next address to go to, when it will not do.
    pub fn loaded(&mut self, at: &Url, now: Instant) -> Option<Url> {
        if self.place != Place::Loading || at.as_str() == "about:blank" {
            return None;
        }
        if !will_do(&self.quiet, at) {
            return self.go(self.index + 1, now);
        }
        self.stays += 1;
        self.place = Place::There(self.stays);
        self.due = None;
        None
    }

    /// The view's process ended.
    pub fn died(&mut self, now: Instant) {
        if matches!(self.place, Place::Loading | Place::There(_)) {
            let pause = MEND_AFTER.saturating_mul(1 << self.deaths.min(6)).min(MEND_AT_MOST);
            self.deaths += 1;
            self.place = Place::Loading;
            self.due = Some((now + pause, Due::Mend));
        }
    }

    /// Something was fetched: whatever killed the process before is over.
    pub fn fetched(&mut self) {
        self.deaths = 0;
    }

    /// The view is gone.
    pub fn closed(&mut self) {
        (self.place, self.due) = (Place::Closed, None);
    }

    /// Time has passed. The address to go to, when there is one.
    pub fn tick(&mut self, now: Instant) -> Option<Url> {
        let (at, due) = self.due?;
        if now < at {
            return None;
        }
        match due {
            Due::GiveUp => self.go(self.index + 1, now),
            Due::Mend => self.go(0, now),
            // Whoever wants to fetch next begins it.
            Due::TryAgain => {
                (self.place, self.due) = (Place::Idle, None);
                None
            }
        }
    }
}

/// A page that may be fetched from: of the origin, and not the platform's panel.
pub fn will_do(quiet: &QuietPage, at: &Url) -> bool {
    quiet.addresses.first().is_some_and(|own| own.origin() == at.origin())
        && !quiet.never.iter().any(|path| {
            let below = at.path().strip_prefix(path.trim_end_matches('/'));
            below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn keeper() -> Keeper {
        Keeper::new(QuietPage {
            title: String::new(),
            addresses: vec![url("https://one.example/favicon.ico"), url("https://one.example/robots.txt")],
            never: vec!["/ccp-v2".to_owned()],
            cookies: Vec::new(),
        })
    }

    #[test]
    fn the_page_is_opened_when_it_is_first_needed() {
        let (mut keeper, now) = (keeper(), Instant::now());
        assert_eq!(keeper.place(), Place::Idle, "until then it is nowhere");
        assert_eq!(keeper.wanted(now), Some(url("https://one.example/favicon.ico")), "the first address");
        assert_eq!(keeper.wanted(now), None, "once");
        assert_eq!(keeper.loaded(&url("about:blank"), now), None, "what was there before does not count");
        assert_eq!(keeper.place(), Place::Loading, "still");
        keeper.loaded(&url("https://one.example/favicon.ico"), now);
        assert_eq!(keeper.place(), Place::There(1), "there");
    }

    #[test]
    fn a_page_that_will_not_do_is_left_for_the_next() {
        let (mut keeper, now) = (keeper(), Instant::now());
        keeper.wanted(now);
        let next = keeper.loaded(&url("https://one.example/ccp-v2/softphone"), now);
        assert_eq!(next, Some(url("https://one.example/robots.txt")), "the platform's panel would answer calls");
        assert_eq!(keeper.loaded(&url("https://idp.example/login"), now), None, "and there is no third");
        assert_eq!(keeper.place(), Place::Nowhere, "so it is nowhere");
        assert_eq!(keeper.wanted(now), None, "for a while");
        assert!(keeper.wanted(now + AGAIN_AFTER).is_some(), "then it is tried again");
    }

    #[test]
    fn silence_is_given_up() {
        let (mut keeper, now) = (keeper(), Instant::now());
        keeper.wanted(now);
        assert_eq!(keeper.tick(now + LOAD_LIMIT / 2), None, "patience");
        assert_eq!(keeper.tick(now + LOAD_LIMIT), Some(url("https://one.example/robots.txt")), "the next address");
        assert_eq!(keeper.tick(now + LOAD_LIMIT * 2), None, "and none after it");
        assert_eq!(keeper.place(), Place::Nowhere, "nowhere");
    }

    #[test]
    fn a_dead_process_is_mended_with_growing_pauses() {
        let (mut keeper, now) = (keeper(), Instant::now());
        keeper.wanted(now);
        keeper.loaded(&url("https://one.example/favicon.ico"), now);
        keeper.died(now);
        assert_eq!(keeper.place(), Place::Loading, "what was under way is lost");
        assert_eq!(keeper.tick(now), None, "WebKit is still taking it down");
        assert!(keeper.tick(now + MEND_AFTER).is_some(), "then a new one");
        keeper.died(now);
        assert_eq!(keeper.tick(now + MEND_AFTER), None, "the second time it takes longer");
        assert!(keeper.tick(now + MEND_AFTER * 2).is_some(), "but it comes");
        keeper.loaded(&url("https://one.example/favicon.ico"), now);
        assert_eq!(keeper.place(), Place::There(2), "another stay, so that nobody waits for the first one's answers");
    }

    #[test]
    fn a_page_that_leaves_is_noticed() {
        let (mut keeper, now) = (keeper(), Instant::now());
        keeper.wanted(now);
        keeper.loaded(&url("https://one.example/favicon.ico"), now);
        keeper.began(now);
        assert_eq!(keeper.place(), Place::Loading, "reloading, or on its way to somewhere");
        keeper.loaded(&url("https://one.example/login"), now);
        assert_eq!(keeper.place(), Place::There(2), "another page of the origin will do");
    }
}
