//! Messages to the agent: one per cause, withdrawn with the cause.
//!
//! | input | does |
//! | --- | --- |
//! | connector's `Notice`, `NoticeGone` | raise, withdraw, under the account's name |
//! | core's `Notice`, `NoticeGone` | raise, withdraw as they are |
//! | `NoticeDismissed` | withdraw |
//! | the contact goes | its notices go, except how its offer ended |
//! | the account is removed | its notices go |
//! | `Tick` | information that is over 30 s old goes, except how an offer ended |

use std::collections::BTreeMap;

use trunkline_model::{AccountId, Contact, ContactKey, Notice, NoticeLevel, Outcome, UnixMillis};

use crate::{CommandKind, Desk};

/// At most this many; beyond it the oldest of the least level goes.
pub const NOTICES_KEPT: usize = 50;
/// Information is shown this long.
const INFO_SHOWN_MS: i64 = 30_000;

const MISSED: &str = "notice_missed";
const HUNG_UP: &str = "notice_customer_hung_up_while_ringing";
const CONTACT_FAILED: &str = "notice_contact_failed";

/// Every message key that the desk itself raises, so that a catalogue can be checked.
pub fn message_keys() -> Vec<String> {
    use trunkline_model::MediaFailure as Failure;
    let mut keys: Vec<String> = [
        "notice_sign_in_needed",
        "notice_path_lost",
        "notice_path_restored",
        "notice_unsent",
        "notice_unsent_earlier",
        MISSED,
        HUNG_UP,
        CONTACT_FAILED,
    ]
    .map(str::to_owned)
    .into();
    for kind in CommandKind::ALL {
        keys.push(format!("notice_command_failed_{}", kind.name()));
        keys.push(format!("notice_command_unconfirmed_{}", kind.name()));
    }
    let told = |why: &str, kind: CommandKind| format!("notice_command_{why}_{}", kind.name());
    for kind in CommandKind::ALL.into_iter().filter(|kind| kind.brings_somebody()) {
        keys.extend(["bad_target", "not_allowed", "limit_reached"].map(|why| told(why, kind)));
    }
    keys.extend(CommandKind::ALL.into_iter().filter(|kind| kind.sets_state()).map(|kind| told("not_possible", kind)));
    let failures = [
        Failure::IceGatheringTimeout,
        Failure::SignallingConnect,
        Failure::SignallingHandshake,
        Failure::UserBusy,
        Failure::CallNotFound,
        Failure::InvalidRemoteDescription,
        Failure::NoRemoteCandidate,
        Failure::Offer,
        Failure::PathLost,
        Failure::TooManySessions,
    ];
    keys.extend(failures.map(|failure| format!("notice_media_{}", crate::media::failure_name(failure))));
    let with_address = failures.into_iter().filter(|failure| crate::media::has_address(*failure));
    keys.extend(with_address.map(|failure| format!("notice_media_{}_at", crate::media::failure_name(failure))));
    keys
}

/// Two accounts on one platform name the same causes: each gets its own.
pub(crate) fn scoped(account: &AccountId, id: &str) -> String {
    format!("{account}:{id}")
}

pub(crate) fn sign_in_id(account: &AccountId) -> String {
    format!("sign-in:{account}")
}

pub(crate) fn params<const N: usize>(pairs: [(&str, String); N]) -> BTreeMap<String, String> {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The best name there is for the customer.
pub(crate) fn customer_name(contact: &Contact) -> String {
    let queue = contact.queue.as_ref().and_then(|queue| queue.name.as_ref());
    let name = contact.customer.name.as_ref().or(contact.customer.address.as_ref()).or(queue);
    name.cloned().unwrap_or_else(|| "?".to_owned())
}

fn says_how_an_offer_ended(notice: &Notice) -> bool {
    [MISSED, HUNG_UP, CONTACT_FAILED].contains(&notice.message_key.as_str())
}

/// A `Tick` will take it away some day.
pub(crate) fn goes_by_itself(notice: &Notice) -> bool {
    notice.level == NoticeLevel::Info && !says_how_an_offer_ended(notice)
}

impl Desk {
    /// Shows a notice in the place of the one with the same id, or last.
    pub(crate) fn raise(&mut self, notice: Notice) {
        if let Some(place) = self.notices.iter_mut().find(|other| other.id == notice.id) {
            *place = notice;
            return;
        }
        self.notices.push(notice);
        if self.notices.len() > NOTICES_KEPT {
            let least = self.notices.iter().map(|notice| notice.level).min();
            if let Some(place) = self.notices.iter().position(|notice| Some(notice.level) == least) {
                self.notices.remove(place);
            }
        }
    }

    /// A connector's notice.
    pub(crate) fn raise_for(&mut self, account: &AccountId, mut notice: Notice) {
        notice.id = scoped(account, &notice.id);
        notice.account = Some(account.clone());
        self.raise(notice);
    }

    pub(crate) fn withdraw(&mut self, id: &str) {
        self.notices.retain(|notice| notice.id != id);
    }

    pub(crate) fn withdraw_of_contact(&mut self, key: &ContactKey) {
        self.notices.retain(|notice| {
            let of_contact =
                notice.account.as_ref() == Some(&key.account) && notice.contact.as_ref() == Some(&key.contact);
            !of_contact || says_how_an_offer_ended(notice)
        });
    }

    pub(crate) fn raise_outcome(&mut self, key: &ContactKey, outcome: Outcome, now: UnixMillis) {
        let (level, message_key) = match outcome {
            Outcome::Missed => (NoticeLevel::Info, MISSED),
            Outcome::Abandoned => (NoticeLevel::Info, HUNG_UP),
            Outcome::Failed => (NoticeLevel::Error, CONTACT_FAILED),
            Outcome::Handled
            | Outcome::EndedByAgent
            | Outcome::EndedByCustomer
            | Outcome::Declined
            | Outcome::Transferred
            | Outcome::Busy
            | Outcome::NoAnswer
            | Outcome::BadAddress => return,
        };
        let Some(view) = self.contact(key) else {
            return;
        };
        let notice = Notice {
            id: format!("offer-ended:{key}"),
            level,
            message_key: message_key.to_owned(),
            params: params([("customer", customer_name(&view.contact))]),
            account: Some(key.account.clone()),
            contact: Some(key.contact.clone()),
            action: None,
            at: now,
        };
        self.raise(notice);
    }

    pub(crate) fn forget_old_infos(&mut self, now: UnixMillis) {
        self.notices.retain(|notice| !goes_by_itself(notice) || now.since(notice.at) < INFO_SHOWN_MS);
    }
}
