//! The audio engine's owner: devices and ringtone as the agent chose them,
//! ringing by contact, and the engine's news as desk inputs and messages.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::mpsc;
use trunkline_audio::{AudioConfig, AudioEngine, AudioEvent, AudioSnapshot, Choice, RingId, Role, RoleUse, Sound};
use trunkline_desk::{
    AudioDevice, AudioNews, AudioView, DeviceChoice, DeviceRole, DeviceUse, Input, RingtoneView, SoundView,
};
use trunkline_model::{ContactKey, Notice, NoticeAction, NoticeLevel, SoundKind, VoiceEnhancement};
use trunkline_rpc::{Levels, Push};
use trunkline_store::{AudioSettings, RingtoneSetting};

use crate::calls::Calls;
use crate::desk::SharedDesk;
use crate::early::EarlyMicrophone;

/// Served when the agent's own file cannot be used.
const FALLBACK_TONE: &str = "classic";
/// Call-waiting tones must not cover the customer's voice.
const CALL_WAITING_VOLUME: f32 = 0.35;

pub(crate) struct AudioDesk {
    desk: Arc<SharedDesk>,
    engine: Option<AudioEngine>,
    ring: Mutex<Ring>,
    early: Mutex<EarlyMicrophone>,
    next_ring: AtomicU64,
    testing_microphone: AtomicBool,
    metered: Mutex<Metered>,
    calls: OnceLock<Weak<Calls>>,
    data_folder: PathBuf,
}

/// What the meters show.
#[derive(Default)]
struct Metered {
    shown: Option<Levels>,
    /// What was sent, held and falling.
    held: f32,
    /// Of the wall clock, in which the meter last moved.
    second: u64,
}

impl Metered {
    /// A reading, and the wall clock's time since 1970; what a window is to be told of it.
    ///
    /// Painting costs a window more than the call itself: WebKitGTK runs its
    /// display clock, 60 times a second, for a third of a second after each
    /// change. While the microphone is tested everything is shown as it is; in a
    /// call only what the customer gets, as a peak meter does: up at once when
    /// the agent begins to speak, else when a second begins, with which timers and
    /// statistics change too, and down slowly, so that it rests while somebody speaks.
    fn take(&mut self, levels: Levels, testing: bool, now: Duration) -> Option<Levels> {
        let shown = if testing {
            Levels {
                microphone: levels.microphone.map(|level| on_step(level, 3.0)),
                sent: levels.sent.map(|level| on_step(level, 3.0)),
                speaker: levels.speaker.map(|level| on_step(level, 3.0)),
                ringer: levels.ringer.map(|level| on_step(level, 3.0)),
            }
        } else {
            self.held = held(self.held, levels.sent.unwrap_or_default());
            Levels { sent: levels.sent.map(|_| on_step(self.held, 6.0)), ..Levels::default() }
        };
        let before = self.shown.unwrap_or_default();
        let at_once = testing || starts_or_stops(before.sent, shown.sent);
        if self.shown == Some(shown) || !(at_once || now.as_secs() != self.second) {
            return None;
        }
        self.shown = Some(shown);
        self.second = now.as_secs();
        Some(shown)
    }
}

struct Ring {
    playing: BTreeMap<ContactKey, RingId>,
    tones: Tones,
}

/// One tone, ready to play.
struct Tone {
    sound: Arc<Sound>,
    setting: RingtoneSetting,
    problem: Option<String>,
}

impl Tone {
    /// A file that cannot be used is replaced, and why is kept for the agent.
    fn load(setting: &RingtoneSetting, data_folder: &Path) -> Result<Self, trunkline_audio::SoundError> {
        let (sound, problem) = load_tone(setting, data_folder)?;
        Ok(Self { sound, setting: setting.clone(), problem })
    }

    fn volume(&self) -> f32 {
        f32::from(self.setting.volume) / 100.0
    }

    fn view(&self) -> RingtoneView {
        RingtoneView {
            builtin: self.setting.builtin.clone(),
            file_name: self.setting.file_name.clone(),
            volume: self.setting.volume,
            available: Sound::ringtone_ids().iter().map(|id| (*id).to_owned()).collect(),
            problem: self.problem.clone(),
        }
    }
}

/// What is played for what.
struct Tones {
    ringtone: Tone,
    own: BTreeMap<SoundKind, Tone>,
    off: BTreeSet<SoundKind>,
}

impl Tones {
    fn load(settings: &AudioSettings, data_folder: &Path) -> Result<Self, trunkline_audio::SoundError> {
        let mut own = BTreeMap::new();
        for kind in SoundKind::ALL {
            // Calls have the ringtone itself.
            let tone = settings.sounds.get(kind).tone.as_ref().filter(|_| kind != SoundKind::Voice);
            if let Some(setting) = tone {
                own.insert(kind, Tone::load(setting, data_folder)?);
            }
        }
        let off = SoundKind::ALL.into_iter().filter(|kind| settings.sounds.get(*kind).off).collect();
        Ok(Self { ringtone: Tone::load(&settings.ringtone, data_folder)?, own, off })
    }

    /// Sound and volume; `None`: nothing is to be heard. `quiet`: a soft knock
    /// instead, beside a call.
    fn pick(&self, kind: SoundKind, quiet: bool) -> Option<(Arc<Sound>, f32)> {
        let own = self.own.get(&kind);
        let tone = own.unwrap_or(&self.ringtone);
        if self.off.contains(&kind) || tone.setting.volume == 0 {
            return None;
        }
        let knock = quiet || kind == SoundKind::AutoAccept && own.is_none();
        match Sound::builtin("call_waiting") {
            Some(waiting) if knock => Some((Arc::new(waiting), tone.volume() * CALL_WAITING_VOLUME)),
            _ => Some((Arc::clone(&tone.sound), tone.volume())),
        }
    }

    fn views(&self) -> Vec<SoundView> {
        let view = |kind| SoundView { kind, off: self.off.contains(&kind), tone: self.own.get(&kind).map(Tone::view) };
        SoundKind::ALL.into_iter().map(view).collect()
    }
}

impl AudioDesk {
    /// Starts the engine. Without one (no sound system at all) everything else
    /// works, and the agent is told that calls will be silent.
    pub(crate) fn start(
        desk: Arc<SharedDesk>,
        settings: &AudioSettings,
        data_folder: PathBuf,
    ) -> Result<Arc<Self>, trunkline_audio::SoundError> {
        let config = AudioConfig {
            microphone: choice(settings.microphone.as_deref()),
            speaker: choice(settings.speaker.as_deref()),
            ringer: choice(settings.ringer.as_deref()),
            processing: settings.processing,
            noise_suppression: suppresses(settings.enhancement),
        };
        let (engine, events) = match AudioEngine::start(config) {
            Ok((engine, events)) => (Some(engine), Some(events)),
            Err(error) => {
                tracing::error!(%error, "no audio");
                desk.apply(Input::Limit { key: "limit_audio_absent".to_owned(), present: true });
                (None, None)
            }
        };
        let ring = Ring { playing: BTreeMap::new(), tones: Tones::load(settings, &data_folder)? };
        let audio = Arc::new(Self {
            desk,
            engine,
            ring: Mutex::new(ring),
            early: Mutex::new(EarlyMicrophone::new(settings.early_microphone)),
            next_ring: AtomicU64::new(1),
            testing_microphone: AtomicBool::new(false),
            metered: Mutex::default(),
            calls: OnceLock::new(),
            data_folder,
        });
        audio.show();
        if let Some(events) = events {
            tokio::spawn(listen(Arc::downgrade(&audio), events));
        }
        Ok(audio)
    }

    /// The calls are made after the audio desk; their engine news goes there.
    pub(crate) fn set_calls(&self, calls: &Arc<Calls>) {
        // Set once at start.
        let _ = self.calls.set(Arc::downgrade(calls));
    }

    fn ring(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something with the engine, when there is one.
    pub(crate) fn with(&self, act: impl FnOnce(&AudioEngine)) {
        if let Some(engine) = &self.engine {
            act(engine);
        }
    }

    /// Rings for a contact, unless that sound is off.
    pub(crate) fn start_ringing(&self, contact: &ContactKey, kind: SoundKind, quiet: bool) {
        let mut ring = self.ring();
        if ring.playing.contains_key(contact) {
            return;
        }
        let Some((sound, volume)) = ring.tones.pick(kind, quiet) else { return };
        let id = RingId(self.next_ring.fetch_add(1, Ordering::Relaxed));
        ring.playing.insert(contact.clone(), id);
        self.with(|engine| engine.start_ringing(id, sound, volume));
    }

    pub(crate) fn stop_ringing(&self, contact: &ContactKey) {
        if let Some(id) = self.ring().playing.remove(contact) {
            self.with(|engine| engine.stop_ringing(id));
        }
    }

    /// Applies devices and processing after a change of the settings.
    pub(crate) fn choose(&self, settings: &AudioSettings, role: DeviceRole) {
        let (role, name) = match role {
            DeviceRole::Microphone => (Role::Microphone, &settings.microphone),
            DeviceRole::Speaker => (Role::Speaker, &settings.speaker),
            DeviceRole::Ringer => (Role::Ringer, &settings.ringer),
        };
        self.with(|engine| engine.choose(role, choice(name.as_deref())));
    }

    pub(crate) fn set_processing(&self, on: bool) {
        self.with(|engine| engine.set_processing(on));
    }

    /// The engine's own news of it goes to every window.
    pub(crate) fn set_enhancement(&self, mode: VoiceEnhancement) {
        self.with(|engine| engine.set_noise_suppression(suppresses(mode)));
    }

    /// Whether the microphone opens while it rings, from the next offer on.
    pub(crate) fn set_early_microphone(&self, on: bool) {
        self.early(|early| early.want(on));
        self.show();
    }

    /// A call rings that would be spoken through this computer.
    pub(crate) fn call_rings(&self, contact: &ContactKey) {
        self.early(|early| early.rings(contact));
    }

    /// It was not taken, or its devices are open.
    pub(crate) fn call_rings_no_more(&self, contact: &ContactKey) {
        self.early(|early| early.over(contact));
    }

    fn early(&self, change: impl FnOnce(&mut EarlyMicrophone) -> Option<bool>) {
        // The engine is told under the lock: the last word is the newest.
        let mut early = self.early.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(hold) = change(&mut early) {
            self.with(|engine| engine.hold_microphone(hold));
        }
    }

    /// Loads ringtone and sounds; a file that cannot be used is reported and replaced.
    pub(crate) fn set_sounds(&self, settings: &AudioSettings) {
        match Tones::load(settings, &self.data_folder) {
            Ok(tones) => self.ring().tones = tones,
            Err(error) => tracing::error!(%error, "no ringtone could be made"),
        }
        self.show();
    }

    /// Plays the test sound on the speaker, or the chosen ringtone once on the ringer.
    pub(crate) fn test_sound(&self, role: DeviceRole) {
        let (tone, volume) = {
            let ring = self.ring();
            (Arc::clone(&ring.tones.ringtone.sound), ring.tones.ringtone.volume())
        };
        self.with(|engine| match role {
            DeviceRole::Ringer => engine.play_once(Role::Ringer, tone, volume),
            DeviceRole::Speaker | DeviceRole::Microphone => {
                if let Some(sound) = Sound::builtin("test") {
                    engine.play_once(Role::Speaker, Arc::new(sound), 0.7);
                }
            }
        });
    }

    /// Plays a sound once as it would be heard: not at all when it is off.
    pub(crate) fn try_sound(&self, kind: SoundKind) {
        let picked = self.ring().tones.pick(kind, false);
        if let Some((sound, volume)) = picked {
            self.with(|engine| engine.play_once(Role::Ringer, sound, volume));
        }
    }

    pub(crate) fn test_microphone(&self, on: bool) {
        self.testing_microphone.store(on, Ordering::Release);
        self.with(|engine| engine.test_microphone(on));
        self.refresh_metering();
    }

    /// Meters run only while a window listens and there is something to see.
    pub(crate) fn refresh_metering(&self) {
        let live = self.calls.get().and_then(Weak::upgrade).is_some_and(|calls| calls.any_live());
        *self.metered() = Metered::default();
        let wanted = self.desk.listeners() > 0 && (live || self.testing_microphone.load(Ordering::Acquire));
        self.with(|engine| engine.set_metering(wanted));
    }

    fn meter(&self, levels: Levels) {
        let testing = self.testing_microphone.load(Ordering::Acquire);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        if let Some(shown) = self.metered().take(levels, testing, now) {
            self.desk.push(Push::Levels(shown));
        }
    }

    fn metered(&self) -> MutexGuard<'_, Metered> {
        self.metered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends the whole picture to the desk.
    fn show(&self) {
        let snapshot = self.engine.as_ref().map(AudioEngine::snapshot);
        self.show_snapshot(snapshot);
    }

    fn show_snapshot(&self, snapshot: Option<AudioSnapshot>) {
        let (ringtone, sounds) = {
            let ring = self.ring();
            (ring.tones.ringtone.view(), ring.tones.views())
        };
        let early_microphone = self.early.lock().unwrap_or_else(PoisonError::into_inner).is_wanted();
        let view = match snapshot {
            Some(snapshot) => AudioView {
                inputs: snapshot.inputs.into_iter().map(device).collect(),
                outputs: snapshot.outputs.into_iter().map(device).collect(),
                microphone: role_use(snapshot.microphone),
                speaker: role_use(snapshot.speaker),
                ringer: role_use(snapshot.ringer),
                ringtone,
                sounds,
                ringing: snapshot.ringing,
                processing: snapshot.processing,
                enhancement: enhancement(snapshot.noise_suppression),
                early_microphone,
            },
            None => AudioView {
                inputs: Vec::new(),
                outputs: Vec::new(),
                microphone: DeviceUse::default(),
                speaker: DeviceUse::default(),
                ringer: DeviceUse::default(),
                ringtone,
                sounds,
                ringing: false,
                processing: false,
                enhancement: VoiceEnhancement::default(),
                early_microphone,
            },
        };
        self.desk.apply(Input::Audio(AudioNews::View(Box::new(view))));
    }

    fn on_event(&self, event: AudioEvent) {
        match event {
            AudioEvent::Changed(snapshot) => self.show_snapshot(Some(snapshot)),
            AudioEvent::Lost { role, name, in_call } => {
                let level = if in_call { NoticeLevel::Error } else { NoticeLevel::Warning };
                self.tell(role, "lost", level, &[("device", name)]);
            }
            AudioEvent::Fallback { role, wanted, serving } => {
                self.tell(role, "fallback", NoticeLevel::Warning, &[("wanted", wanted), ("serving", serving)]);
            }
            AudioEvent::Back { role, name } => self.tell(role, "back", NoticeLevel::Info, &[("device", name)]),
            AudioEvent::None { role } => self.tell(role, "none", NoticeLevel::Error, &[]),
            AudioEvent::Levels { microphone, sent, speaker, ringer } => {
                self.meter(Levels { microphone, sent, speaker, ringer });
            }
            AudioEvent::Sending { call, sending } => {
                if let Some(calls) = self.calls.get().and_then(Weak::upgrade) {
                    calls.sending(call, sending);
                }
            }
            AudioEvent::FirstHeard { call } => {
                if let Some(calls) = self.calls.get().and_then(Weak::upgrade) {
                    calls.first_heard(call);
                }
            }
        }
    }

    /// One message a role: the newest replaces the older.
    fn tell(&self, role: Role, what: &str, level: NoticeLevel, params: &[(&str, String)]) {
        let role = match role {
            Role::Microphone => "microphone",
            Role::Speaker => "speaker",
            Role::Ringer => "ringer",
        };
        let action = (level != NoticeLevel::Info).then_some(NoticeAction::AudioSettings);
        self.desk.apply(Input::Notice(Notice {
            id: format!("audio-{role}"),
            level,
            message_key: format!("notice_{role}_{what}"),
            params: params.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect(),
            account: None,
            contact: None,
            action,
            at: self.desk.now(),
        }));
    }
}

async fn listen(audio: Weak<AudioDesk>, mut events: mpsc::UnboundedReceiver<AudioEvent>) {
    while let Some(event) = events.recv().await {
        let Some(audio) = audio.upgrade() else { return };
        audio.on_event(event);
    }
}

fn choice(name: Option<&str>) -> Choice {
    name.map_or(Choice::SystemDefault, |name| Choice::Named(name.to_owned()))
}

fn suppresses(mode: VoiceEnhancement) -> bool {
    mode == VoiceEnhancement::NoiseSuppression
}

fn enhancement(suppresses: bool) -> VoiceEnhancement {
    if suppresses { VoiceEnhancement::NoiseSuppression } else { VoiceEnhancement::None }
}

fn device(info: trunkline_audio::DeviceInfo) -> AudioDevice {
    AudioDevice { name: info.name, is_default: info.is_default }
}

fn role_use(role: RoleUse) -> DeviceUse {
    let choice = match role.choice {
        Choice::SystemDefault => DeviceChoice::SystemDefault,
        Choice::Named(name) => DeviceChoice::Named { name },
    };
    DeviceUse { choice, serving: role.serving, fallback: role.fallback, open: role.open }
}

/// The tone of a setting, or the fallback with the message key of what is wrong.
fn load_tone(
    setting: &RingtoneSetting,
    data_folder: &Path,
) -> Result<(Arc<Sound>, Option<String>), trunkline_audio::SoundError> {
    if let Some(file) = &setting.file {
        let read = std::fs::read(data_folder.join(file)).map_err(|error| error.to_string());
        let decoded = read.and_then(|bytes| Sound::decode(file, &bytes).map_err(|error| error.to_string()));
        match decoded {
            Ok(sound) => return Ok((Arc::new(sound), None)),
            Err(error) => {
                tracing::warn!(%error, "the agent's ringtone cannot be used");
                return fallback_tone().map(|tone| (tone, Some("notice_ringtone_unreadable".to_owned())));
            }
        }
    }
    let id = setting.builtin.as_deref().unwrap_or(FALLBACK_TONE);
    match Sound::builtin(id) {
        Some(sound) => Ok((Arc::new(sound), None)),
        None => fallback_tone().map(|tone| (tone, None)),
    }
}

fn fallback_tone() -> Result<Arc<Sound>, trunkline_audio::SoundError> {
    Sound::builtin(FALLBACK_TONE).map(Arc::new).ok_or(trunkline_audio::SoundError::UnknownBuiltin)
}

/// The agent begins to speak (four times the level), or nothing is sent any more.
fn starts_or_stops(before: Option<f32>, now: Option<f32>) -> bool {
    let (before, now) = (before.unwrap_or_default(), now.unwrap_or_default());
    now > before * 3.9 || (now == 0.0) != (before == 0.0)
}

/// A peak meter's ballistics: it falls by 12 dB a second.
/// What is really nothing (muted, no call) shows as nothing at once.
fn held(before: f32, level: f32) -> f32 {
    const FALL: f32 = 0.871;
    if level == 0.0 { 0.0 } else { level.max(before * FALL) }
}

/// The nearest step of so many dB; below -60 dB nothing.
fn on_step(level: f32, step: f32) -> f32 {
    let decibel = 20.0 * level.max(1e-6).log10();
    if decibel < -60.0 { 0.0 } else { 10.0_f32.powf((decibel / step).round() * step / 20.0) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use std::path::Path;
    use std::sync::Arc;
    use std::time::Duration;

    use trunkline_audio::Sound;
    use trunkline_model::{Channel, SoundKind};
    use trunkline_store::{AudioSettings, RingtoneSetting, SoundSetting};

    use super::{CALL_WAITING_VOLUME, Levels, Metered, Tones, held, on_step, starts_or_stops};

    fn tones(change: impl FnOnce(&mut AudioSettings)) -> Tones {
        let mut settings = AudioSettings::default();
        change(&mut settings);
        Tones::load(&settings, Path::new("/nonexistent")).unwrap()
    }

    fn own(id: &str, volume: u8) -> Option<RingtoneSetting> {
        Some(RingtoneSetting { builtin: Some(id.to_owned()), volume, ..RingtoneSetting::default() })
    }

    #[test]
    fn every_medium_rings_with_the_ringtone_until_it_has_a_tone_of_its_own() {
        let ids = Sound::ringtone_ids();
        let (first, other) = (ids[0], ids[1]);
        let tones = tones(|settings| {
            settings.ringtone = own(first, 80).unwrap();
            settings.sounds.chat = SoundSetting { off: false, tone: own(other, 50) };
        });
        for channel in [Channel::Voice, Channel::Task, Channel::Email, Channel::Unknown("fax".to_owned())] {
            let (sound, volume) = tones.pick(SoundKind::of(&channel), false).expect("it rings");
            assert!(Arc::ptr_eq(&sound, &tones.ringtone.sound), "{channel:?} has the ringtone");
            assert!((volume - 0.8).abs() < 1e-6, "{channel:?} as loud as it");
        }
        let (sound, volume) = tones.pick(SoundKind::Chat, false).expect("it rings");
        assert!(Arc::ptr_eq(&sound, &tones.own[&SoundKind::Chat].sound), "a chat has its own");
        assert!((volume - 0.5).abs() < 1e-6, "with its own volume");
        let (_, beside_a_call) = tones.pick(SoundKind::Chat, true).expect("it knocks");
        assert!((beside_a_call - 0.5 * CALL_WAITING_VOLUME).abs() < 1e-6, "beside a call it only knocks");
    }

    #[test]
    fn a_sound_that_is_off_is_not_played_beside_a_call_neither_and_the_others_are() {
        for off in SoundKind::ALL {
            let tones = tones(|settings| settings.sounds.get_mut(off).off = true);
            for kind in SoundKind::ALL {
                for quiet in [false, true] {
                    assert_eq!(tones.pick(kind, quiet).is_none(), kind == off, "{kind:?} with {off:?} off");
                }
            }
            let shown: Vec<_> = tones.views().into_iter().filter(|view| view.off).map(|view| view.kind).collect();
            assert_eq!(shown, [off], "and the settings show it");
        }
        let silent = tones(|settings| settings.ringtone.volume = 0);
        assert!(silent.pick(SoundKind::Voice, false).is_none(), "at volume 0 nothing plays either");
    }

    #[test]
    fn a_contact_accepted_by_itself_knocks_softly_or_has_a_tone_of_its_own() {
        let (_, knock) = tones(|_| {}).pick(SoundKind::AutoAccept, false).expect("it knocks");
        assert!(knock < 0.8 * 0.5, "softer than a ring");
        let tones = tones(|settings| settings.sounds.auto_accept.tone = own(Sound::ringtone_ids()[1], 60));
        let (sound, volume) = tones.pick(SoundKind::AutoAccept, false).expect("it plays");
        assert!(Arc::ptr_eq(&sound, &tones.own[&SoundKind::AutoAccept].sound), "the tone that was chosen");
        assert!((volume - 0.6).abs() < 1e-6, "as loud as chosen");
    }

    #[test]
    fn meters_move_in_steps() {
        assert_eq!(on_step(0.0, 3.0), 0.0, "silence stays silence");
        assert_eq!(on_step(0.0009, 3.0), 0.0, "so does what nobody hears");
        assert_eq!(on_step(0.100, 3.0), on_step(0.096, 3.0), "a little louder is the same step");
        assert!((on_step(1.0, 6.0) - 1.0).abs() < 1e-6, "full scale is full scale");
        assert!(on_step(0.15, 3.0) > on_step(0.1, 3.0), "twice the power is another");
    }

    #[test]
    fn a_meter_rests_while_somebody_speaks_and_falls_when_they_stop() {
        // Syllables: loud and soft readings in turn.
        let speech = [0.2, 0.08, 0.19, 0.1, 0.21, 0.09];
        let mut meter = Metered::default();
        let mut now = Duration::from_millis(1_700_000_000_730);
        let mut reading = |sent: f32| {
            // As the engine measures.
            now += Duration::from_millis(100);
            meter.take(Levels { sent: Some(sent), ..Levels::default() }, false, now)
        };
        assert!(reading(0.2).is_some(), "the first word shows at once");
        let moves = speech.into_iter().cycle().take(60).filter(|sent| reading(*sent).is_some()).count();
        assert!(moves <= 6, "then once a second at most, not ten times: {moves} in six seconds");
        assert_eq!(reading(0.0).and_then(|levels| levels.sent), Some(0.0), "muted it shows nothing at once");
        let mut level = 0.2;
        let mut falls = 0;
        while level > 0.01 {
            level = held(level, 0.001);
            falls += 1;
        }
        assert!((15..30).contains(&falls), "down by 26 dB in about two seconds: {falls} readings");
        assert_eq!(held(0.2, 0.0), 0.0, "muted it shows nothing at once");
        assert!(starts_or_stops(Some(0.0), Some(0.01)), "the first sound is shown at once");
        assert!(starts_or_stops(Some(0.25), None), "so is the end of the call");
        assert!(!starts_or_stops(Some(0.25), Some(0.5)), "a little louder can wait");
    }
}
