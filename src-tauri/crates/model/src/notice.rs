//! Messages to the agent about something that went wrong, or back to right.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{AccountId, ContactId, UnixMillis};

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum NoticeLevel {
    /// Good to know; goes away by itself.
    Info,
    /// Something is impaired; work goes on.
    Warning,
    /// Something the agent wanted did not happen, or calls cannot be taken.
    Error,
}

/// What the agent can do about it, as a button.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum NoticeAction {
    /// Sign in again.
    SignIn,
    /// Open the audio settings.
    AudioSettings,
    /// Open the account settings.
    AccountSettings,
    /// Open the platform's own panel in a window.
    PlatformPanel,
    /// Open the settings of the pages that open for a contact.
    ScreenPops,
}

/// One message. `id` names the cause: a newer notice with the same id replaces
/// the older, and the cause's end withdraws it, so messages never pile up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Notice {
    /// The cause, for example `media-failed:CONTACT`.
    pub id: String,
    /// How much it matters.
    pub level: NoticeLevel,
    /// Key in the UI's message catalogue (`notice_...`).
    pub message_key: String,
    /// Values for the message's place-holders. Text from outside: shown as text.
    pub params: BTreeMap<String, String>,
    /// Account it belongs to.
    pub account: Option<AccountId>,
    /// Contact it belongs to.
    pub contact: Option<ContactId>,
    /// Button.
    pub action: Option<NoticeAction>,
    /// When.
    pub at: UnixMillis,
}
