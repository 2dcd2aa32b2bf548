//! Joins pushes of one frame, so that a busy desk wakes the web view 60 times a
//! second at most.

use std::collections::HashMap;
use std::mem;
use std::time::Duration;

use trunkline_desk::{Change, DeskPatch};
use trunkline_rpc::Push;

/// Length of a frame.
pub const FRAME: Duration = Duration::from_millis(16);

/// The pushes of one frame, in order, joined where that loses nothing.
pub fn join(pushes: Vec<Push>) -> Vec<Push> {
    let mut joined: Vec<Push> = Vec::with_capacity(pushes.len());
    for push in pushes {
        match push {
            Push::Snapshot(snapshot) => {
                // Everything before it is in it, but for a place to go to, and what is no part of the desk.
                joined.retain(|earlier| matches!(earlier, Push::Show(_) | Push::Plugins(_) | Push::Popup(_)));
                joined.push(Push::Snapshot(snapshot));
            }
            Push::Patch(patch) => match joined.iter_mut().rev().find_map(patch_of) {
                Some(earlier) if earlier.to == patch.from => {
                    earlier.to = patch.to;
                    earlier.changes.extend(patch.changes);
                }
                _ => joined.push(Push::Patch(patch)),
            },
            Push::Levels(levels) => {
                joined.retain(|earlier| !matches!(earlier, Push::Levels(_)));
                joined.push(Push::Levels(levels));
            }
            Push::Offers(offers) => {
                joined.retain(|earlier| !matches!(earlier, Push::Offers(_)));
                joined.push(Push::Offers(offers));
            }
            Push::Plugins(plugins) => {
                joined.retain(|earlier| !matches!(earlier, Push::Plugins(_)));
                joined.push(Push::Plugins(plugins));
            }
            Push::Show(_) | Push::Popup(_) => joined.push(push),
        }
    }
    for push in &mut joined {
        if let Push::Patch(patch) = push {
            patch.changes = last_of_each(mem::take(&mut patch.changes));
        }
    }
    joined
}

fn patch_of(push: &mut Push) -> Option<&mut DeskPatch> {
    match push {
        Push::Patch(patch) => Some(patch),
        _ => None,
    }
}

/// Changes are whole values: of several to one thing only the last matters.
fn last_of_each(changes: Vec<Change>) -> Vec<Change> {
    let mut last: HashMap<String, usize> = HashMap::new();
    for (position, change) in changes.iter().enumerate() {
        last.insert(thing(change), position);
    }
    changes
        .into_iter()
        .enumerate()
        .filter(|(position, change)| last.get(&thing(change)) == Some(position))
        .map(|(_, change)| change)
        .collect()
}

fn thing(change: &Change) -> String {
    match change {
        Change::Account(account) => format!("account {}", account.id),
        // Takes events along, so it stands even when the account comes back in the same frame.
        Change::AccountGone(id) => format!("account {id} gone"),
        Change::Contact(contact) => format!("contact {}", contact.key),
        // Takes messages along, so it stands even when the contact comes back in the same frame.
        Change::ContactGone(key) => format!("contact {key} gone"),
        Change::Conversation(view) => format!("conversation {}", view.key),
        Change::Message(placed) => format!("message {} {}", placed.contact, placed.message.id),
        Change::Event(view) => format!("event {} {}", view.account, view.event.id),
        // One that comes again goes to the end, so its going stands.
        Change::EventGone(key) => format!("event {} {} gone", key.account, key.event),
        Change::Roster(view) => format!("roster {}", view.account),
        Change::Audio(_) => "audio".to_owned(),
        Change::Notice(notice) => format!("notice {}", notice.id),
        Change::NoticeGone(id) => format!("notice {id}"),
        Change::Limits(_) => "limits".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{key, offer};
    use trunkline_rpc::Levels;

    fn patch(from: u64, changes: Vec<Change>) -> Push {
        Push::Patch(DeskPatch { from, to: from + 1, changes })
    }

    #[test]
    fn patches_in_a_row_become_one_without_a_gap() {
        let joined = join(vec![
            patch(4, vec![Change::Limits(["limit_a".to_owned()].into())]),
            Push::Levels(Levels { speaker: Some(0.1), ..Levels::default() }),
            patch(5, vec![Change::ContactGone(key("one"))]),
            patch(6, vec![Change::Limits(["limit_b".to_owned()].into())]),
            Push::Levels(Levels { speaker: Some(0.2), ..Levels::default() }),
        ]);
        assert_eq!(
            joined,
            vec![
                Push::Patch(DeskPatch {
                    from: 4,
                    to: 7,
                    changes: vec![Change::ContactGone(key("one")), Change::Limits(["limit_b".to_owned()].into())],
                }),
                Push::Levels(Levels { speaker: Some(0.2), ..Levels::default() }),
            ],
            "one patch over all revisions, with the last value of each thing, and the last levels"
        );
    }

    #[test]
    fn a_gap_is_kept_so_that_the_window_sees_it() {
        let joined = join(vec![patch(4, Vec::new()), patch(8, Vec::new())]);
        assert_eq!(joined.len(), 2, "patches that do not follow each other are not joined into a false whole");
    }

    #[test]
    fn a_place_to_go_to_is_never_lost() {
        let joined =
            join(vec![Push::Show("settings/audio".to_owned()), Push::Offers(vec![offer("one")]), Push::Offers(vec![])]);
        assert_eq!(
            joined,
            vec![Push::Show("settings/audio".to_owned()), Push::Offers(vec![])],
            "the place stays, of the offers the last picture"
        );
    }
}
