//! What sounds of its own there are.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Channel;

/// What a sound is played for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SoundKind {
    /// A call that is offered.
    Voice,
    /// A chat that is offered, and its messages.
    Chat,
    /// A task that is offered.
    Task,
    /// An e-mail that is offered.
    Email,
    /// A contact that the platform accepts by itself.
    AutoAccept,
    /// An event of a platform's own.
    Event,
}

impl SoundKind {
    /// In the order shown.
    pub const ALL: [Self; 6] = [Self::Voice, Self::Chat, Self::Task, Self::Email, Self::AutoAccept, Self::Event];

    /// For an offer of this medium; one that has no sound of its own rings like a call.
    pub fn of(channel: &Channel) -> Self {
        match channel {
            Channel::Chat => Self::Chat,
            Channel::Task => Self::Task,
            Channel::Email => Self::Email,
            Channel::Voice | Channel::Unknown(_) => Self::Voice,
        }
    }

    /// As settings and file names have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Voice => "voice",
            Self::Chat => "chat",
            Self::Task => "task",
            Self::Email => "email",
            Self::AutoAccept => "auto_accept",
            Self::Event => "event",
        }
    }
}

/// What is done to the agent's voice beside echo cancelling and gain. The
/// platforms' names for it are theirs; a mode that this program cannot do is not here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum VoiceEnhancement {
    /// The room is heard as it is.
    None,
    /// Even noise (fans, a hall, keys from afar) is taken out.
    #[default]
    NoiseSuppression,
}
