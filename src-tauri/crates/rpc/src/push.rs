//! What the core sends to the UI by itself, over one ordered channel.

use serde::{Deserialize, Serialize};
use trunkline_desk::{DeskPatch, DeskSnapshot, Offer};
use ts_rs::TS;

use crate::schema::{PluginDesk, PluginPopup};

/// Levels for meters while somebody looks: in a call what is sent alone, in steps of 6 dB, held and falling; while the
/// microphone is tested all of them, in steps of 3 dB, ten times a second. None while nothing changes. Root mean square,
/// 0 to 1 of full scale; absent when that stream is not open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct Levels {
    /// What the microphone hears, before mute.
    pub microphone: Option<f32>,
    /// What is sent to the customer, after mute.
    pub sent: Option<f32>,
    /// What is played to the agent.
    pub speaker: Option<f32>,
    /// What is played at the ringer.
    pub ringer: Option<f32>,
}

/// One push.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", tag = "kind", content = "value")]
pub enum Push {
    /// Everything: first thing after subscribing, and after an overflow.
    Snapshot(Box<DeskSnapshot>),
    /// Changes since the last revision.
    Patch(DeskPatch),
    /// Meters.
    Levels(Levels),
    /// Offers that ring now, most recent last (the incoming window shows these).
    Offers(Vec<Offer>),
    /// Go to a place in the panel (`settings/audio`, `contact/ACCOUNT/ID`).
    Show(String),
    /// All plugins, when anything about them has changed.
    Plugins(PluginDesk),
    /// A short message of a plugin.
    Popup(PluginPopup),
}
