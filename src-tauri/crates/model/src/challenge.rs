//! What a platform asks for besides name and password when somebody signs in.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What is asked for.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum ChallengeKind {
    /// A code: out of an app, or sent to the agent.
    Code,
    /// The app that makes codes is to be set up first, then a code.
    RegisterApp {
        /// To be typed into the app. A secret until the app has it.
        secret: Option<String>,
        /// The same to be scanned: a picture as `data:image/...`.
        picture: Option<String>,
    },
    /// The number that codes are sent to: 7 to 15 digits, with country code.
    Phone,
}

impl std::fmt::Debug for ChallengeKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Code => "Code",
            Self::RegisterApp { .. } => "RegisterApp",
            Self::Phone => "Phone",
        })
    }
}

/// One question of a sign-in under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Challenge {
    /// What is asked for.
    #[serde(flatten)]
    pub what: ChallengeKind,
    /// Where the code was sent, as far as the platform shows it.
    pub sent_to: Option<String>,
    /// It can be sent once more.
    pub can_resend: bool,
    /// The last answer was wrong.
    pub wrong: bool,
    /// The platform's own words. Text from outside.
    pub words: Option<String>,
}
