//! Accounts: link, agent, and the resynchronisation of their contacts.
//!
//! | input | without a resync | during a resync |
//! | --- | --- | --- |
//! | `ResyncStart` | begin: nothing repeated yet | begin anew |
//! | `Contact` | upsert | upsert, and it counts as repeated |
//! | `ResyncEnd` | nothing | contacts not repeated are gone |
//! | `Link(SignedOut, Refused)` | contacts gone: no connector is left to speak of them | the same, and the resync is over |
//! | `Link` otherwise | kept; agent and contacts stay as they were | the same |
//! | `Route`, `WorkLists` | kept until signed out | the same |
//! | `AccountRemoved` | everything of the account goes | the same |

use std::collections::BTreeSet;

use trunkline_model::{
    AccountId, Agent, Challenge, ContactId, ContactKey, Link, LinkState, Notice, NoticeAction, NoticeLevel, Route,
    Serving, UnixMillis, WorkList,
};

use crate::notices::{params, sign_in_id};
use crate::{AccountView, Desk, Effect};

/// One account and what the UI need not see of it.
#[derive(Clone, Debug)]
pub(crate) struct AccountEntry {
    pub(crate) view: AccountView,
    /// Contacts repeated since `ResyncStart`; `None` outside of a resync.
    pub(crate) repeated: Option<BTreeSet<ContactId>>,
}

impl Desk {
    /// A new account, or new names and place for one that is there.
    pub(crate) fn add_account(&mut self, mut view: AccountView) {
        if let Some(entry) = self.accounts.get_mut(&view.id) {
            view.link = entry.view.link.clone();
            view.route = entry.view.route;
            view.serving = entry.view.serving.take();
            view.agent = entry.view.agent.take();
            view.challenge = entry.view.challenge.take();
            view.work_lists = std::mem::take(&mut entry.view.work_lists);
            entry.view = view;
        } else {
            self.accounts.insert(view.id.clone(), AccountEntry { view, repeated: None });
        }
    }

    pub(crate) fn remove_account(&mut self, id: &AccountId, now: UnixMillis, effects: &mut Vec<Effect>) {
        if !self.accounts.contains_key(id) {
            return;
        }
        self.drop_contacts_of(id, now, effects);
        self.forget_annotations_without_contact(id, effects);
        self.conversations.retain(|key, _| key.account != *id);
        self.accounts.remove(id);
        self.forget_told(id);
        self.legs.retain(|key, _| key.account != *id);
        self.commands.retain(|_, command| command.account != *id);
        self.departed.retain(|entry| entry.key.account != *id);
        self.notices.retain(|notice| notice.account.as_ref() != Some(id));
        effects.push(Effect::ForgetAccount(id.clone()));
    }

    fn drop_contacts_of(&mut self, id: &AccountId, now: UnixMillis, effects: &mut Vec<Effect>) {
        let keys: Vec<_> = self.contacts.keys().filter(|key| key.account == *id).cloned().collect();
        for key in keys {
            self.contact_gone(&key, None, now, effects);
        }
    }

    pub(crate) fn on_link(&mut self, id: &AccountId, link: Link, now: UnixMillis, effects: &mut Vec<Effect>) {
        let Some(entry) = self.accounts.get_mut(id) else {
            return;
        };
        let before = entry.view.link.state;
        let state = link.state;
        entry.view.link = link;
        if state == LinkState::SignedOut {
            entry.view.agent = None;
            entry.view.route = None;
            entry.view.serving = None;
            entry.view.work_lists.clear();
        }
        if matches!(state, LinkState::SignedOut | LinkState::Refused) {
            entry.repeated = None;
            self.on_roster(id, Vec::new());
            // Refused, the contacts may be there still, and come back with the
            // next sign-in: what the agent wrote waits for them.
            let written = (state == LinkState::Refused).then(|| self.put_conversations_aside(id));
            let annotations = (state == LinkState::Refused).then(|| self.annotations.clone());
            self.drop_contacts_of(id, now, effects);
            self.conversations.extend(written.unwrap_or_default());
            for (key, kept) in annotations.into_iter().flatten().filter(|(key, _)| key.account == *id) {
                self.annotate(&key, kept, effects);
            }
        }
        match state {
            // Raised on the way in only: once put away it stays away.
            LinkState::NeedsSignIn | LinkState::Refused if before != state => {
                if let Some(notice) = self.sign_in_needed(id, now) {
                    self.raise(notice);
                }
            }
            LinkState::Online | LinkState::SignedOut => self.withdraw(&sign_in_id(id)),
            LinkState::NeedsSignIn
            | LinkState::Refused
            | LinkState::Connecting
            | LinkState::Degraded
            | LinkState::Offline => {}
        }
    }

    fn sign_in_needed(&self, id: &AccountId, now: UnixMillis) -> Option<Notice> {
        let view = self.account(id)?;
        let reason = view.link.reason.clone().unwrap_or_default();
        Some(Notice {
            id: sign_in_id(id),
            level: NoticeLevel::Error,
            message_key: "notice_sign_in_needed".to_owned(),
            params: params([("account", view.name.clone()), ("reason", reason)]),
            account: Some(id.clone()),
            contact: None,
            action: Some(NoticeAction::SignIn),
            at: now,
        })
    }

    pub(crate) fn on_agent(&mut self, id: &AccountId, agent: Agent) {
        if let Some(entry) = self.accounts.get_mut(id) {
            entry.view.agent = Some(agent);
        }
    }

    pub(crate) fn on_route(&mut self, id: &AccountId, route: Route) {
        if let Some(entry) = self.accounts.get_mut(id) {
            entry.view.route = Some(route);
        }
    }

    pub(crate) fn on_serving(&mut self, id: &AccountId, serving: Serving) {
        if let Some(entry) = self.accounts.get_mut(id) {
            entry.view.serving = Some(serving);
        }
    }

    pub(crate) fn on_challenge(&mut self, id: &AccountId, challenge: Option<Box<Challenge>>) {
        if let Some(entry) = self.accounts.get_mut(id) {
            entry.view.challenge = challenge.map(|challenge| *challenge);
        }
    }

    pub(crate) fn on_work_lists(&mut self, id: &AccountId, lists: Vec<WorkList>) {
        if let Some(entry) = self.accounts.get_mut(id) {
            entry.view.work_lists = lists;
        }
    }

    pub(crate) fn on_resync_start(&mut self, id: &AccountId) {
        if let Some(entry) = self.accounts.get_mut(id) {
            entry.repeated = Some(BTreeSet::new());
        }
    }

    pub(crate) fn on_resync_end(&mut self, id: &AccountId, now: UnixMillis, effects: &mut Vec<Effect>) {
        let Some(repeated) = self.accounts.get_mut(id).and_then(|entry| entry.repeated.take()) else {
            return;
        };
        let dropped: Vec<ContactKey> = self
            .contacts
            .keys()
            .filter(|key| key.account == *id && !repeated.contains(&key.contact))
            .cloned()
            .collect();
        for key in dropped {
            self.contact_gone(&key, None, now, effects);
        }
        self.forget_conversations_without_contact(id, now, effects);
        self.forget_annotations_without_contact(id, effects);
    }
}
