//! A long past, read piece by piece. Joining a conversation of thousands of messages,
//! the agent is shown the newest page at once; the rest is read when the panel has had
//! time to show it. What comes out is what reading everything in its order gives: the
//! newest are read a second time, after all before them, and what has happened meanwhile
//! after them.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use trunkline_model::{AuthorRole, UnixMillis};

use super::timeline::{PAGE, Timeline};
use super::{Around, Talk};
use crate::cim::{self, Earlier, Repeated, Told};

/// Up to so many are read at once.
const AT_ONCE: usize = 400;
/// The newest that are read first, unless they make no page.
const NEWEST: usize = 200;
/// Read at a time later: some milliseconds' work.
const PIECE: usize = 250;
/// Until the first such piece: showing the page comes first.
const FIRST_AFTER: Duration = Duration::from_millis(300);
/// Places in the timeline that an event can need: its line's and its message's.
const PLACES: u64 = 2;

/// What is left to be read.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    earlier: Earlier,
    next: usize,
    /// Sees everything in its order, and takes the place of the conversation's in the end.
    timeline: Timeline,
    before: Before,
    /// What has happened since.
    since: Vec<Told>,
    /// When the next piece is due.
    pub(super) at: Instant,
}

/// What earlier events are understood by: as it was when they were told.
#[derive(Clone, Debug)]
struct Before {
    roles: BTreeMap<String, AuthorRole>,
    /// By the platform's clock.
    now: UnixMillis,
    known: Repeated,
    /// The place of the first event.
    places: u64,
}

impl Talk {
    /// Takes in what happened before: all of it, or the newest page with the rest
    /// put aside for [`Self::tick`].
    pub(super) fn take_earlier(&mut self, earlier: Earlier, around: &Around<'_>) {
        // What was put aside of another telling comes before this one.
        self.read_rest(around);
        let mut before = Before {
            roles: self.others.iter().map(|(id, other)| (id.clone(), other.author.role)).collect(),
            now: around.wall.shifted(around.ahead),
            known: Repeated::default(),
            places: self.timeline.places(),
        };
        let all = earlier.len();
        let whole = before.places + PLACES * all as u64;
        if all <= AT_ONCE {
            (0..all).for_each(|number| self.take_one(&earlier, number, &mut before, None, around));
            return self.timeline.place_from(whole);
        }
        let known = self.timeline.clone();
        let mut newest = NEWEST;
        loop {
            (all - newest..all).for_each(|number| self.take_one(&earlier, number, &mut before, None, around));
            // Whatever comes next stands where it will stand.
            self.timeline.place_from(whole);
            if newest == all {
                return;
            }
            if self.timeline.len() >= PAGE {
                break;
            }
            self.timeline = known.clone();
            newest = (newest * 4).min(all);
        }
        let at = around.at + FIRST_AFTER;
        self.reading = Some(Box::new(Reading { earlier, next: 0, timeline: known, before, since: Vec::new(), at }));
    }

    /// One earlier event, into this timeline or the conversation's.
    fn take_one(
        &mut self,
        earlier: &Earlier,
        number: usize,
        before: &mut Before,
        timeline: Option<&mut Timeline>,
        around: &Around<'_>,
    ) {
        let Before { roles, now, known, places } = before;
        let place = *places + PLACES * number as u64;
        let role_of = |user: &str| roles.get(user).copied();
        let me = cim::Me { id: &around.user.id, username: &around.user.username, role_of: &role_of };
        earlier.read(number, known, |event| self.happened_before(event, &me, *now, place, timeline));
    }

    /// The next piece, when it is due.
    pub(super) fn read_on(&mut self, around: &Around<'_>) {
        if self.reading.as_ref().is_some_and(|reading| reading.at <= around.at) {
            self.read_piece(PIECE, around);
        }
    }

    /// Everything that is left, now: something is looked for in it.
    pub fn read_rest(&mut self, around: &Around<'_>) {
        self.read_piece(usize::MAX, around);
    }

    fn read_piece(&mut self, most: usize, around: &Around<'_>) {
        let Some(mut reading) = self.reading.take() else { return };
        let Reading { earlier, next, timeline, before, since, at } = &mut *reading;
        let until = next.saturating_add(most).min(earlier.len());
        for number in *next..until {
            self.take_one(earlier, number, before, Some(timeline), around);
        }
        (*next, *at) = (until, around.at);
        if until < earlier.len() {
            self.reading = Some(reading);
            return;
        }
        timeline.place_from(before.places + PLACES * until as u64);
        for told in std::mem::take(since) {
            self.keep_in(timeline, told);
        }
        self.timeline.become_whole(std::mem::take(timeline));
    }

    /// Something happened while not everything is read.
    pub(super) fn note_since(&mut self, told: &Told) {
        if let Some(reading) = &mut self.reading {
            reading.since.push(told.clone());
        }
    }
}
