//! Who is there on one channel, kept from `presence_state` and `presence_diff`.

use std::collections::{BTreeMap, HashSet};

use serde_json::{Map, Value};
use thiserror::Error;

const STATE: &str = "presence_state";
const DIFF: &str = "presence_diff";

/// More changes than this before a state: something is wrong, and it is asked anew.
const MOST_WAITING: usize = 10_000;

/// All appearances under one key.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Entry {
    /// One a device or window, oldest first; each with a `phx_ref`.
    pub metas: Vec<Map<String, Value>>,
    /// Members beside the metas.
    pub rest: Map<String, Value>,
}

/// One change, as phoenix.js tells it with onJoin and onLeave.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Somebody came, or a meta was replaced.
    Join {
        /// Key of the server's choice, usually the user's id.
        key: String,
        /// What was there before.
        before: Option<Entry>,
        /// What came.
        joined: Entry,
    },
    /// Somebody went, at least on one device.
    Leave {
        /// Key.
        key: String,
        /// What is still there; no metas: all gone.
        remaining: Entry,
        /// What went.
        left: Entry,
    },
}

/// What a presence message did.
#[derive(Clone, Debug, PartialEq)]
pub enum Synced {
    /// The list is as the server has it, after these changes.
    Now(Vec<Change>),
    /// A change that waits for the state it belongs to.
    Later,
    /// Not a presence message.
    Other,
}

/// A presence message cannot be used.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum PresenceError {
    /// Not of the form.
    #[error("not of the form of a presence message")]
    Form,
    /// So many changes without a state: the channel should be joined anew.
    #[error("too many changes came without a state")]
    TooManyWaiting,
}

type List = BTreeMap<String, Entry>;

/// Who is there. After a reconnect the old list stays until the new state comes.
#[derive(Clone, Debug, Default)]
pub struct Presence {
    list: List,
    /// The join that the list belongs to.
    join_ref: Option<String>,
    /// Changes of a join whose state has not come yet, with that join.
    waiting: Vec<(String, List, List)>,
}

impl Presence {
    /// Everybody, by key.
    pub fn list(&self) -> &BTreeMap<String, Entry> {
        &self.list
    }

    /// Takes a message of the channel's, whose present join is `join_ref`.
    pub fn receive(&mut self, join_ref: &str, event: &str, payload: &Value) -> Result<Synced, PresenceError> {
        match event {
            STATE => {
                let state = read_list(payload)?;
                self.join_ref = Some(join_ref.to_owned());
                let mut changes = self.sync_state(state);
                for (of, joins, leaves) in std::mem::take(&mut self.waiting) {
                    // Changes of an earlier join are part of this state already.
                    if of == join_ref {
                        changes.extend(self.sync_diff(joins, leaves));
                    }
                }
                Ok(Synced::Now(changes))
            }
            DIFF => {
                let part = |name: &str| payload.get(name).map_or(Ok(List::new()), read_list);
                let (joins, leaves) = (part("joins")?, part("leaves")?);
                if self.join_ref.as_deref() == Some(join_ref) {
                    return Ok(Synced::Now(self.sync_diff(joins, leaves)));
                }
                if self.waiting.len() >= MOST_WAITING {
                    self.waiting = Vec::new();
                    return Err(PresenceError::TooManyWaiting);
                }
                self.waiting.push((join_ref.to_owned(), joins, leaves));
                Ok(Synced::Later)
            }
            _ => Ok(Synced::Other),
        }
    }

    /// Empties the list; gives everybody who was there.
    pub fn clear(&mut self) -> Vec<Change> {
        self.join_ref = None;
        self.waiting = Vec::new();
        let list = std::mem::take(&mut self.list);
        list.into_iter().map(|(key, left)| Change::Leave { key, remaining: Entry::default(), left }).collect()
    }

    fn sync_state(&mut self, state: List) -> Vec<Change> {
        let (mut joins, mut leaves) = (List::new(), List::new());
        for (key, entry) in &self.list {
            if !state.contains_key(key) {
                leaves.insert(key.clone(), entry.clone());
            }
        }
        for (key, new) in state {
            let Some(known) = self.list.get(&key) else {
                joins.insert(key, new);
                continue;
            };
            let (new_refs, known_refs) = (references(&new.metas), references(&known.metas));
            let left = without(&known.metas, &new_refs);
            let joined = without(&new.metas, &known_refs);
            if !left.is_empty() {
                leaves.insert(key.clone(), Entry { metas: left, rest: known.rest.clone() });
            }
            if !joined.is_empty() {
                joins.insert(key, Entry { metas: joined, rest: new.rest });
            }
        }
        self.sync_diff(joins, leaves)
    }

    fn sync_diff(&mut self, joins: List, leaves: List) -> Vec<Change> {
        let mut changes = Vec::with_capacity(joins.len() + leaves.len());
        for (key, joined) in joins {
            let before = self.list.remove(&key);
            let mut entry = joined.clone();
            if let Some(before) = &before {
                // What stays is older, so it comes first.
                let mut metas = without(&before.metas, &references(&joined.metas));
                metas.append(&mut entry.metas);
                entry.metas = metas;
            }
            self.list.insert(key.clone(), entry);
            changes.push(Change::Join { key, before, joined });
        }
        for (key, left) in leaves {
            let Some(entry) = self.list.get_mut(&key) else { continue };
            entry.metas = without(&entry.metas, &references(&left.metas));
            let remaining = entry.clone();
            if remaining.metas.is_empty() {
                self.list.remove(&key);
            }
            changes.push(Change::Leave { key, remaining, left });
        }
        changes
    }
}

fn references(metas: &[Map<String, Value>]) -> HashSet<&str> {
    metas.iter().map(reference).collect()
}

fn without(metas: &[Map<String, Value>], references: &HashSet<&str>) -> Vec<Map<String, Value>> {
    metas.iter().filter(|meta| !references.contains(reference(meta))).cloned().collect()
}

/// A meta without one is like every other without one, as `undefined` is in phoenix.js.
fn reference(meta: &Map<String, Value>) -> &str {
    meta.get("phx_ref").and_then(Value::as_str).unwrap_or_default()
}

fn read_list(value: &Value) -> Result<List, PresenceError> {
    let members = value.as_object().ok_or(PresenceError::Form)?;
    members.iter().map(|(key, entry)| Ok((key.clone(), read_entry(entry)?))).collect()
}

fn read_entry(value: &Value) -> Result<Entry, PresenceError> {
    let mut rest = value.as_object().ok_or(PresenceError::Form)?.clone();
    let Some(Value::Array(metas)) = rest.remove("metas") else { return Err(PresenceError::Form) };
    let as_object = |meta| match meta {
        Value::Object(members) => Ok(members),
        _ => Err(PresenceError::Form),
    };
    Ok(Entry { metas: metas.into_iter().map(as_object).collect::<Result<_, _>>()?, rest })
}
