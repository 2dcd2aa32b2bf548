//! The settings' types with their built-in values.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use trunkline_model::{AccountId, EventAct, EventRule, EventSort, PlatformId, ScreenPop, SoundKind, VoiceEnhancement};

/// Version of the file's form that this program writes.
pub const VERSION: u32 = 1;

/// Everything that is kept. Keys of a newer version, or of an administrator's
/// own, stay in the file when it is written back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Form of the file.
    pub version: u32,
    /// Devices and ringtone.
    pub audio: AudioSettings,
    /// The panel itself.
    pub panel: PanelSettingsRecord,
    /// Pages that open for a contact.
    pub screen_pops: ScreenPopSettings,
    /// What is done when a platform tells an event of its own.
    pub events: EventSettings,
    /// Plugins.
    pub plugins: PluginSettings,
    /// The log.
    pub log: LogSettingsRecord,
    /// Accounts, in the order shown.
    pub accounts: Vec<AccountRecord>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            version: VERSION,
            audio: AudioSettings::default(),
            panel: PanelSettingsRecord::default(),
            screen_pops: ScreenPopSettings::default(),
            events: EventSettings::default(),
            plugins: PluginSettings::default(),
            log: LogSettingsRecord::default(),
            accounts: Vec::new(),
        }
    }
}

/// Pages that open for a contact.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ScreenPopSettings {
    /// Hosts that may be opened (`crm.example.com`, `*.example.com`); empty: whichever a template names.
    pub allowed_domains: Vec<String>,
    /// `http` addresses, too: what stands in them can be read on the way.
    pub allow_http: bool,
    /// The pages, in the order shown.
    pub templates: Vec<ScreenPop>,
}

/// What is done when a platform tells an event of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct EventSettings {
    /// The first that fits wins.
    pub rules: Vec<EventRule>,
}

impl Default for EventSettings {
    /// Screen pops and words of a supervisor are told; the rest is listed.
    fn default() -> Self {
        let screen_pops = EventRule {
            sorts: [EventSort::ScreenPop].into(),
            acts: [EventAct::Notify, EventAct::Ring, EventAct::OpenPage].into(),
            ..EventRule::default()
        };
        let supervisor = EventRule {
            kinds: vec!["NewMsgFromSupervisor".to_owned(), "ANNOUNCEMENT_CREATED".to_owned()],
            acts: [EventAct::Notify, EventAct::Ring].into(),
            ..EventRule::default()
        };
        Self { rules: vec![screen_pops, supervisor] }
    }
}

/// Plugins.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PluginSettings {
    /// The company's id, for plugins that ask; absent: the first account's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company_id: Option<String>,
    /// By the id of their manifest.
    pub list: BTreeMap<String, PluginRecord>,
}

/// One plugin.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PluginRecord {
    /// `builtin:NAME`, an absolute path of a folder, or the address of a manifest.
    pub source: String,
    /// Switched on.
    pub enabled: bool,
    /// What it may do, by the right's name; one that is absent has not been asked for yet.
    pub rights: BTreeMap<String, bool>,
    /// Need not ask before it moves a call.
    pub trusted: bool,
    /// What was set, by the manifest's keys.
    pub values: BTreeMap<String, String>,
    /// To be seen in its place; absent: as its manifest says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shown: Option<bool>,
}

/// One account. No secrets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccountRecord {
    /// Our id.
    pub id: AccountId,
    /// Connector.
    pub platform: PlatformId,
    /// Name the agent gave it.
    pub name: String,
    /// The connector's own keys: the form's fields and an administrator's overrides.
    #[serde(default)]
    pub settings: serde_json::Map<String, serde_json::Value>,
}

/// Devices by name; absent is the system's default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AudioSettings {
    /// What the customer hears.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub microphone: Option<String>,
    /// What the agent hears.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub speaker: Option<String>,
    /// Where it rings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ringer: Option<String>,
    /// Echo cancellation, gain control, and what `enhancement` says.
    pub processing: bool,
    /// What else is done to the agent's voice.
    pub enhancement: VoiceEnhancement,
    /// The microphone opens while a call rings.
    pub early_microphone: bool,
    /// What rings.
    pub ringtone: RingtoneSetting,
    /// Sounds that are off, or others than the ringtone.
    pub sounds: SoundSettings,
}

/// Sounds by what they are for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SoundSettings {
    /// Calls; these have the ringtone.
    pub voice: SoundSetting,
    /// Chats.
    pub chat: SoundSetting,
    /// Tasks.
    pub task: SoundSetting,
    /// E-mails.
    pub email: SoundSetting,
    /// Contacts that the platform accepts by itself.
    pub auto_accept: SoundSetting,
    /// Events of the platforms' own.
    pub event: SoundSetting,
}

impl SoundSettings {
    /// One of them.
    pub fn get(&self, kind: SoundKind) -> &SoundSetting {
        match kind {
            SoundKind::Voice => &self.voice,
            SoundKind::Chat => &self.chat,
            SoundKind::Task => &self.task,
            SoundKind::Email => &self.email,
            SoundKind::AutoAccept => &self.auto_accept,
            SoundKind::Event => &self.event,
        }
    }

    /// One of them, to change it.
    pub fn get_mut(&mut self, kind: SoundKind) -> &mut SoundSetting {
        match kind {
            SoundKind::Voice => &mut self.voice,
            SoundKind::Chat => &mut self.chat,
            SoundKind::Task => &mut self.task,
            SoundKind::Email => &mut self.email,
            SoundKind::AutoAccept => &mut self.auto_accept,
            SoundKind::Event => &mut self.event,
        }
    }
}

/// One sound.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SoundSetting {
    /// Nothing is played.
    pub off: bool,
    /// Its own tone; absent: as calls ring, and for `auto_accept` and `event` one soft knock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tone: Option<RingtoneSetting>,
}

impl Default for AudioSettings {
    fn default() -> Self {
        Self {
            microphone: None,
            speaker: None,
            ringer: None,
            processing: true,
            enhancement: VoiceEnhancement::default(),
            early_microphone: false,
            ringtone: RingtoneSetting::default(),
            sounds: SoundSettings::default(),
        }
    }
}

/// One of ours by id, or the agent's own file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RingtoneSetting {
    /// Id of a built-in tone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub builtin: Option<String>,
    /// File below the data folder, by our own name for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The agent's name for that file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
    /// 0 to 100.
    pub volume: u8,
}

impl Default for RingtoneSetting {
    fn default() -> Self {
        Self { builtin: Some("classic".to_owned()), file: None, file_name: None, volume: 80 }
    }
}

/// The log. Levels are `error`, `warn`, `info`, `debug` or `trace`; another word is as none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LogSettingsRecord {
    /// What is written to the files: this level and worse.
    pub written: String,
    /// What is echoed to standard error.
    pub echoed: String,
}

impl Default for LogSettingsRecord {
    fn default() -> Self {
        Self { written: "info".to_owned(), echoed: "warn".to_owned() }
    }
}

/// The panel itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PanelSettingsRecord {
    /// `system`, `light` or `dark`.
    pub theme: String,
    /// `system`, `en` or `ru`.
    pub language: String,
    /// The close button leaves the panel in the tray.
    pub close_to_tray: bool,
    /// The web view is dropped a minute after the panel went to the tray.
    pub drop_view_in_tray: bool,
    /// The small window opens for an incoming contact.
    pub incoming_window: bool,
    /// Desktop notification for an incoming contact.
    pub notifications: bool,
}

impl Default for PanelSettingsRecord {
    fn default() -> Self {
        Self {
            theme: "system".to_owned(),
            language: "system".to_owned(),
            close_to_tray: true,
            drop_view_in_tray: true,
            incoming_window: true,
            notifications: true,
        }
    }
}
