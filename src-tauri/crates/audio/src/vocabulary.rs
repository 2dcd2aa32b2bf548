//! The words this crate shares with its users: roles, choices, calls, events.

use serde::{Deserialize, Serialize};

/// Samples a second of everything inside the engine.
pub const SAMPLE_RATE: u32 = 48_000;
/// Samples of one frame: 10 ms, mono.
pub const FRAME: usize = 480;
/// 10 ms of mono sound, nominally within -1.0..=1.0.
pub type Frame = [f32; FRAME];
/// A frame of digital silence.
pub const SILENCE: Frame = [0.0; FRAME];

/// Where the customer's speech comes from.
pub trait CallSource: Send {
    /// Fills the next 10 ms. Called by the engine's thread every 10 ms from
    /// [`attach_call`](crate::AudioEngine::attach_call) on, whether or not the
    /// call is live; must not block. Silence is written, never skipped.
    fn pull(&mut self, frame: &mut Frame);
}

/// Where the agent's speech goes.
pub trait CallSink: Send {
    /// Takes the next 10 ms that are sent to the customer. Called by the
    /// engine's thread every 10 ms, silence included; must not block.
    fn push(&mut self, frame: &Frame);
}

/// What a device is used for. Each role is chosen separately.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The agent's voice.
    Microphone,
    /// The customer's voice and test sounds.
    Speaker,
    /// Ringtones and call-waiting tones.
    Ringer,
}

impl Role {
    /// All of them.
    pub const ALL: [Role; 3] = [Role::Microphone, Role::Speaker, Role::Ringer];
}

/// Which device a role should use.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// Whatever the operating system calls its default, also when that changes.
    #[default]
    SystemDefault,
    /// The device of this name, as [`DeviceInfo::name`] gives it. The sound
    /// server's own identifier (PulseAudio: the sink's or source's name) is
    /// understood too. Another device serves while it is missing.
    Named(String),
}

/// What the engine starts with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AudioConfig {
    /// Choice for the microphone.
    pub microphone: Choice,
    /// Choice for the speaker.
    pub speaker: Choice,
    /// Choice for the ringer.
    pub ringer: Choice,
    /// Echo cancelling and gain control on the microphone, and noise suppression
    /// where it is wanted.
    pub processing: bool,
    /// Noise suppression, while there is processing.
    pub noise_suppression: bool,
}

impl Default for AudioConfig {
    fn default() -> Self {
        Self {
            microphone: Choice::SystemDefault,
            speaker: Choice::SystemDefault,
            ringer: Choice::SystemDefault,
            processing: true,
            noise_suppression: true,
        }
    }
}

/// A call the engine serves; the caller's own number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId(pub u64);

/// A ring the engine plays; the caller's own number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RingId(pub u64);

/// One device as the agent sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceInfo {
    /// Shown name; unique within its list, so it can be chosen by it.
    pub name: String,
    /// The operating system's default.
    pub is_default: bool,
}

/// How a role is served.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RoleUse {
    /// What the agent wants.
    pub choice: Choice,
    /// The device that serves now, or would if sound were needed now.
    /// `None`: there is no device for this role.
    pub serving: Option<String>,
    /// The wanted device is missing or failed, another one serves.
    pub fallback: bool,
    /// The device is open right now.
    pub open: bool,
}

/// Devices and what serves each role.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AudioSnapshot {
    /// Microphones. Monitors of outputs are left out.
    pub inputs: Vec<DeviceInfo>,
    /// Speakers and headphones.
    pub outputs: Vec<DeviceInfo>,
    /// The microphone role.
    pub microphone: RoleUse,
    /// The speaker role.
    pub speaker: RoleUse,
    /// The ringer role.
    pub ringer: RoleUse,
    /// Echo cancelling and gain control are on, and noise suppression where it is wanted.
    pub processing: bool,
    /// Noise suppression is wanted, while there is processing.
    pub noise_suppression: bool,
    /// A ring is being played.
    pub ringing: bool,
}

impl AudioSnapshot {
    /// The use of one role.
    #[must_use]
    pub fn role(&self, role: Role) -> &RoleUse {
        match role {
            Role::Microphone => &self.microphone,
            Role::Speaker => &self.speaker,
            Role::Ringer => &self.ringer,
        }
    }

    pub(crate) fn role_mut(&mut self, role: Role) -> &mut RoleUse {
        match role {
            Role::Microphone => &mut self.microphone,
            Role::Speaker => &mut self.speaker,
            Role::Ringer => &mut self.ringer,
        }
    }
}

/// How one open device is doing, for diagnostics.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LineHealth {
    /// What the device is used for.
    pub role: Role,
    /// Times it ran dry or over since it was opened: each is a short gap.
    pub drop_outs: u32,
    /// Sound waiting between the engine and the device's callback, milliseconds.
    pub buffered_ms: f32,
    /// Delay in the device and the sound server as they state it, milliseconds.
    pub device_ms: f32,
}

/// What really is sent to the customer, read off the frames given to the sink.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SendingNow {
    /// Frames with sound in them.
    Sound,
    /// Frames of zeros, because the call is muted.
    Muted,
    /// Frames of zeros for more than a second though the call is not muted:
    /// no microphone, a dead one, or another call has it.
    Silence,
}

/// News from the engine.
#[derive(Clone, Debug, PartialEq)]
pub enum AudioEvent {
    /// Devices came or went, or a choice, an open state or the ringing changed.
    Changed(AudioSnapshot),
    /// The device that served vanished or failed while it was open. Another one
    /// is tried at once.
    Lost {
        /// Role it served.
        role: Role,
        /// Its name.
        name: String,
        /// A call was using it.
        in_call: bool,
    },
    /// The wanted device is missing, another serves.
    Fallback {
        /// Role.
        role: Role,
        /// The agent's choice.
        wanted: String,
        /// What is used instead.
        serving: String,
    },
    /// The wanted device serves again.
    Back {
        /// Role.
        role: Role,
        /// Its name.
        name: String,
    },
    /// There is no device at all for this role.
    None {
        /// Role.
        role: Role,
    },
    /// Loudness (root mean square, 0.0..=1.0) about 15 times a second while
    /// metering is on. `None`: not open.
    Levels {
        /// The microphone, before the mute gate.
        microphone: Option<f32>,
        /// What the live call's sink was given.
        sent: Option<f32>,
        /// What was given to the speaker.
        speaker: Option<f32>,
        /// What was given to the ringer.
        ringer: Option<f32>,
    },
    /// What a live call sends has changed.
    Sending {
        /// Which call.
        call: CallId,
        /// Read off the frames.
        sending: SendingNow,
    },
    /// The first frame with sound of this call was handed to the open speaker
    /// after [`go_live`](crate::AudioEngine::go_live).
    FirstHeard {
        /// Which call.
        call: CallId,
    },
}

/// Why the engine could not start.
#[derive(Debug, thiserror::Error)]
pub enum AudioError {
    /// The operating system gave no thread.
    #[error("the audio thread could not be started: {0}")]
    Thread(#[source] std::io::Error),
}

impl AudioError {
    /// Whether trying again later can help.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Thread(_) => true,
        }
    }
}
