//! Problems that the agent reports.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What a problem with a contact is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum IssueKind {
    /// One side could not hear the other, or not well.
    Sound,
    /// It was cut off, or did not connect.
    Connection,
    /// Messages or files did not arrive.
    Messages,
    /// What is shown of it is wrong or missing.
    Details,
    /// Anything else: in the agent's words.
    Other,
}
