//! The tray icon's state, derived from the whole desk.

use serde::Serialize;

/// By urgency, the most urgent last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TrayState {
    /// No account is signed in.
    Offline,
    /// Signed in, but not taking contacts.
    NotReady,
    /// Taking contacts.
    Ready,
    /// After-contact work.
    WrapUp,
    /// On a call.
    InCall,
    /// On a call, muted.
    Muted,
    /// An account is broken and needs the agent, or calls cannot be taken.
    Trouble,
    /// A contact rings.
    Ringing,
}
