#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::*;
use crate::mixer;
use crate::testing::MadeUpDevices;
use crate::vocabulary::{FRAME, Frame, SILENCE, SendingNow};

struct Tone(f32);
impl CallSource for Tone {
    fn pull(&mut self, frame: &mut Frame) {
        *frame = std::array::from_fn(|index| self.0 * (std::f32::consts::TAU * index as f32 / 48.0).sin());
    }
}

#[derive(Clone, Default)]
struct Tape(Arc<Mutex<Vec<(Instant, Frame)>>>);
impl CallSink for Tape {
    fn push(&mut self, frame: &Frame) {
        self.0.lock().unwrap().push((Instant::now(), *frame));
    }
}
impl Tape {
    fn since(&self, instant: Instant) -> Vec<Frame> {
        self.0.lock().unwrap().iter().filter(|(at, _)| *at > instant).map(|(_, frame)| *frame).collect()
    }
    fn last_is_sound(&self) -> bool {
        self.0.lock().unwrap().last().is_some_and(|(_, frame)| mixer::is_audible(frame))
    }
}

struct Bench {
    devices: MadeUpDevices,
    engine: AudioEngine,
    events: UnboundedReceiver<AudioEvent>,
    seen: Vec<AudioEvent>,
}

const CALL: CallId = CallId(1);
const PATIENCE: Duration = Duration::from_secs(5);

impl Bench {
    fn new(config: AudioConfig) -> Self {
        let devices = MadeUpDevices::new();
        devices.add_output("desk", 48_000);
        devices.add_output("headset", 48_000);
        devices.add_input("desk mic", 48_000);
        devices.add_input("headset mic", 16_000);
        devices.speak("desk mic", 0.2);
        devices.speak("headset mic", 0.4);
        Self::on(devices, config)
    }

    fn on(devices: MadeUpDevices, config: AudioConfig) -> Self {
        let (engine, events) = AudioEngine::start_on(devices.host(), config).unwrap();
        Self { devices, engine, events, seen: Vec::new() }
    }

    fn call(&self) -> Tape {
        let tape = Tape::default();
        self.engine.attach_call(CALL, Box::new(Tone(0.5)), Box::new(tape.clone()));
        tape
    }

    fn collect(&mut self) {
        while let Ok(event) = self.events.try_recv() {
            self.seen.push(event);
        }
    }

    /// Waits for something to become true; the message says what.
    fn until(&mut self, what: &str, mut check: impl FnMut(&mut Self) -> bool) -> Duration {
        let begun = Instant::now();
        loop {
            self.collect();
            if check(self) {
                return begun.elapsed();
            }
            assert!(begun.elapsed() < PATIENCE, "never: {what}; events: {:?}", self.seen);
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    fn saw(&self, event: &AudioEvent) -> bool {
        self.seen.contains(event)
    }

    fn sounds(&self, output: &str) -> bool {
        let heard = self.devices.heard(output);
        heard[heard.len().saturating_sub(480)..].iter().any(|sample| sample.abs() > 0.05)
    }
}

fn named(name: &str) -> Choice {
    Choice::Named(name.to_owned())
}

fn headset() -> AudioConfig {
    AudioConfig {
        microphone: named("headset mic"),
        speaker: named("headset"),
        ringer: named("desk"),
        processing: false,
        noise_suppression: false,
    }
}

#[test]
fn devices_open_on_accept_and_close_after_the_call() {
    let mut bench = Bench::new(headset());
    let tape = bench.call();
    bench.until("silence is pushed while ringing", |_| tape.since(Instant::now() - PATIENCE).len() > 10);
    assert_eq!(bench.devices.openings("headset mic"), 0, "no microphone is opened before the agent accepts");
    bench.engine.prepare_call(CALL);
    bench.until("both devices open", |bench| {
        bench.devices.open("headset mic") == 1 && bench.devices.open("headset") == 1
    });
    assert!(!tape.last_is_sound(), "still silent");
    bench.engine.go_live(CALL);
    bench.until("the agent is sent", |_| tape.last_is_sound());
    bench.until("the customer is heard", |bench| bench.sounds("headset"));
    bench.until("first heard is told", |bench| bench.saw(&AudioEvent::FirstHeard { call: CALL }));
    assert!(
        bench.saw(&AudioEvent::Sending { call: CALL, sending: SendingNow::Sound }),
        "sending is told from the frames"
    );
    bench.engine.detach_call(CALL);
    bench.until("both devices close", |bench| {
        bench.devices.open("headset mic") == 0 && bench.devices.open("headset") == 0
    });
    assert_eq!(bench.devices.openings("desk"), 0, "the ringer's device was never touched");
}

#[test]
fn mute_gives_exact_zeros_within_20_ms_also_across_a_device_change() {
    let mut bench = Bench::new(headset());
    let tape = bench.call();
    bench.engine.go_live(CALL);
    bench.until("the agent is sent", |_| tape.last_is_sound());
    let muted_at = Instant::now();
    bench.engine.set_mute(CALL, true);
    bench.until("some frames pass", |_| tape.since(muted_at).len() > 10);
    let after = tape.since(muted_at + Duration::from_millis(20));
    assert!(after.iter().all(|frame| *frame == SILENCE), "exactly zero from 20 ms on");
    bench.devices.unplug("headset mic");
    bench.until("another microphone serves", |bench| bench.devices.open("desk mic") == 1);
    bench.engine.go_live(CALL);
    let changed = Instant::now();
    bench.until("frames pass on the new microphone", |_| tape.since(changed).len() > 20);
    assert!(tape.since(muted_at + Duration::from_millis(20)).iter().all(|frame| *frame == SILENCE), "still muted");
    bench.engine.set_mute(CALL, false);
    bench.until("un-muted by the agent's act", |_| tape.last_is_sound());
}

#[test]
fn an_unplugged_speaker_falls_back_tells_and_comes_back() {
    let mut bench = Bench::new(headset());
    let _tape = bench.call();
    bench.engine.go_live(CALL);
    bench.until("the customer is heard", |bench| bench.sounds("headset"));
    bench.devices.unplug("headset");
    let gap = bench.until("the customer is heard on the other", |bench| bench.sounds("desk"));
    println!("speaker lost to sound on the next: {} ms", gap.as_millis());
    assert!(gap < Duration::from_millis(400), "goal of row 23: {gap:?}");
    let lost = AudioEvent::Lost { role: Role::Speaker, name: "headset".to_owned(), in_call: true };
    let fallback =
        AudioEvent::Fallback { role: Role::Speaker, wanted: "headset".to_owned(), serving: "desk".to_owned() };
    bench.until("the fallback is told", |bench| bench.saw(&fallback));
    assert!(bench.saw(&lost), "and the loss: {:?}", bench.seen);
    let snapshot = bench.engine.snapshot();
    assert!(snapshot.speaker.fallback && snapshot.speaker.serving.as_deref() == Some("desk"), "{snapshot:?}");

    bench.devices.add_output("headset", 48_000);
    let back = bench.until("the headset is used again", |bench| bench.devices.open("headset") == 1);
    println!("wanted device used again after: {} ms", back.as_millis());
    assert!(back < Duration::from_secs(2), "row 24");
    bench.until("and that is told", |bench| {
        bench.saw(&AudioEvent::Back { role: Role::Speaker, name: "headset".to_owned() })
    });
    bench.until("the other one is closed", |bench| bench.devices.open("desk") == 0);
}

#[test]
fn the_last_speaker_gone_is_told_and_a_new_one_is_used() {
    let devices = MadeUpDevices::new();
    devices.add_output("only", 44_100);
    let mut bench = Bench::on(devices, AudioConfig { processing: false, ..AudioConfig::default() });
    let tape = bench.call();
    bench.engine.go_live(CALL);
    bench.until("heard", |bench| bench.sounds("only"));
    bench.until("no microphone is told", |bench| bench.saw(&AudioEvent::None { role: Role::Microphone }));
    bench.until("silence is told, not faked", |bench| {
        bench.saw(&AudioEvent::Sending { call: CALL, sending: SendingNow::Silence })
    });
    bench.devices.unplug("only");
    bench.until("no speaker is told", |bench| bench.saw(&AudioEvent::None { role: Role::Speaker }));
    let before = tape.since(Instant::now() - PATIENCE).len();
    bench.until("the call's clock goes on", |_| tape.since(Instant::now() - PATIENCE).len() > before + 20);
    bench.devices.add_output("new", 48_000);
    bench.devices.add_input("new mic", 48_000);
    bench.devices.speak("new mic", 0.3);
    bench.until("a new speaker serves", |bench| bench.sounds("new"));
    bench.until("a new microphone serves", |_| tape.last_is_sound());
}

#[test]
fn a_device_that_cannot_be_opened_is_passed_over() {
    let devices = MadeUpDevices::new();
    devices.add_output("refusing", 48_000);
    devices.add_output("spare", 48_000);
    devices.refuse("refusing", true);
    let mut bench = Bench::on(devices, AudioConfig::default());
    bench.engine.start_ringing(RingId(1), Arc::new(Sound::builtin("classic").unwrap()), 1.0);
    bench.until("the spare rings", |bench| bench.sounds("spare"));
    let told = AudioEvent::Fallback { role: Role::Ringer, wanted: "refusing".to_owned(), serving: "spare".to_owned() };
    bench.until("the fallback is told", |bench| bench.saw(&told));
    bench.devices.refuse("refusing", false);
    bench.until("it is tried again after a while", |bench| bench.sounds("refusing"));
}

#[test]
fn a_broken_stream_is_opened_again_at_once() {
    let mut bench = Bench::new(headset());
    let _tape = bench.call();
    bench.engine.go_live(CALL);
    bench.until("heard", |bench| bench.sounds("headset"));
    bench.devices.break_streams("headset");
    bench.until("opened again", |bench| bench.devices.openings("headset") == 2);
    bench.until("and heard", |bench| bench.devices.open("headset") == 1 && bench.sounds("headset"));
    assert_eq!(bench.devices.openings("desk"), 0, "no other device was needed");
}

#[test]
fn the_system_default_is_followed() {
    let mut bench = Bench::new(AudioConfig { processing: false, ..AudioConfig::default() });
    let _tape = bench.call();
    bench.engine.go_live(CALL);
    bench.until("heard on the default", |bench| bench.sounds("desk"));
    bench.devices.set_defaults(Some("headset mic"), Some("headset"));
    bench.until("heard on the new default", |bench| bench.sounds("headset"));
    bench.until("the microphone follows", |bench| bench.devices.open("headset mic") == 1);
    bench.until("the old ones close", |bench| bench.devices.open("desk") == 0 && bench.devices.open("desk mic") == 0);
    assert!(
        !bench.seen.iter().any(|event| matches!(event, AudioEvent::Fallback { .. } | AudioEvent::Lost { .. })),
        "following is no loss: {:?}",
        bench.seen
    );
}

#[test]
fn a_choice_takes_effect_during_the_call() {
    let mut bench = Bench::new(headset());
    let _tape = bench.call();
    bench.engine.go_live(CALL);
    bench.until("heard", |bench| bench.sounds("headset"));
    bench.engine.choose(Role::Speaker, named("desk"));
    bench.until("heard on the chosen one", |bench| bench.sounds("desk"));
    bench.until("the other closes", |bench| bench.devices.open("headset") == 0);
    bench.engine.choose(Role::Speaker, named("nowhere"));
    let told = AudioEvent::Fallback { role: Role::Speaker, wanted: "nowhere".to_owned(), serving: "desk".to_owned() };
    bench.until("a choice that is not there is told", |bench| bench.saw(&told));
}

#[test]
fn a_missing_ringer_rings_at_the_speaker_of_choice() {
    let mut bench = Bench::new(AudioConfig { ringer: named("gone"), ..headset() });
    bench.engine.start_ringing(RingId(1), Arc::new(Sound::builtin("classic").unwrap()), 1.0);
    bench.until("rings at the headset", |bench| bench.sounds("headset"));
    assert_eq!(bench.devices.openings("desk"), 0, "not at the default");
}

#[test]
fn a_ring_stops_within_50_ms_and_opens_nothing_else() {
    let mut bench = Bench::new(headset());
    let begun = Instant::now();
    bench.engine.start_ringing(RingId(1), Arc::new(Sound::builtin("classic").unwrap()), 1.0);
    bench.until("rings", |bench| bench.sounds("desk"));
    println!("start_ringing to sound at a made-up device: {} ms", begun.elapsed().as_millis());
    assert!(bench.engine.snapshot().ringing, "the snapshot says so");
    bench.engine.stop_ringing(RingId(1));
    let stopped = bench.until("the ringer closes", |bench| bench.devices.open("desk") == 0);
    println!("stop_ringing to closed: {} ms", stopped.as_millis());
    assert!(stopped < Duration::from_millis(50), "row 12's goal: {stopped:?}");
    assert!(!bench.engine.snapshot().ringing, "and the snapshot says so");
    assert_eq!(bench.devices.openings("headset") + bench.devices.openings("headset mic"), 0, "ringing is the ringer's");
}

#[test]
fn one_sound_plays_to_its_end_and_lets_go() {
    let mut bench = Bench::new(headset());
    bench.engine.play_once(Role::Speaker, Arc::new(Sound::builtin("test").unwrap()), 0.8);
    bench.until("heard", |bench| bench.sounds("headset"));
    bench.until("the device closes by itself", |bench| bench.devices.open("headset") == 0);
    let heard = bench.devices.heard("headset");
    let loud = heard.iter().filter(|sample| sample.abs() > 0.01).count();
    assert!(loud > 24_000, "most of the sound was played: {loud} loud samples");
}

#[test]
fn levels_are_told_about_15_times_a_second_while_wanted() {
    let mut bench = Bench::new(headset());
    bench.engine.test_microphone(true);
    bench.engine.set_metering(true);
    bench.until("a level near the tone's", |bench| {
        bench.seen.iter().any(|event| {
            matches!(event, AudioEvent::Levels { microphone: Some(level), speaker: None, .. } if (0.2..0.35).contains(level))
        })
    });
    bench.seen.clear();
    let begun = Instant::now();
    bench.until("a second passes", |_| begun.elapsed() > Duration::from_secs(1));
    let told = bench.seen.iter().filter(|event| matches!(event, AudioEvent::Levels { .. })).count();
    assert!((10..=18).contains(&told), "about 15 a second: {told}");
    bench.engine.test_microphone(false);
    bench.until("the microphone closes", |bench| bench.devices.open("headset mic") == 0);
    std::thread::sleep(Duration::from_millis(100));
    bench.collect();
    bench.seen.clear();
    std::thread::sleep(Duration::from_millis(200));
    bench.collect();
    assert!(bench.seen.is_empty(), "nothing runs when nothing is needed: {:?}", bench.seen);
}

#[test]
fn dropping_the_engine_closes_everything() {
    let mut bench = Bench::new(headset());
    let _tape = bench.call();
    bench.engine.go_live(CALL);
    bench.until("open", |bench| bench.devices.open("headset") == 1 && bench.devices.open("headset mic") == 1);
    let devices = bench.devices.clone();
    drop(bench);
    let begun = Instant::now();
    while devices.open("headset") + devices.open("headset mic") > 0 {
        assert!(begun.elapsed() < PATIENCE, "the devices stay open after the engine is gone");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn processing_on_still_sends_the_voice() {
    let devices = MadeUpDevices::new();
    devices.add_output("desk", 48_000);
    devices.add_input("mic", 44_100);
    devices.speak("mic", 0.3);
    let mut bench = Bench::on(devices, AudioConfig::default());
    let tape = bench.call();
    bench.engine.go_live(CALL);
    bench.until("something is sent", |_| tape.last_is_sound());
    bench.engine.set_processing(false);
    bench.until("the change is shown", |bench| !bench.engine.snapshot().processing);
    bench.until("and sound goes on", |_| tape.last_is_sound());
    assert_eq!(tape.0.lock().unwrap()[0].1.len(), FRAME);
}

/// Speech-like noise: bursts, so that the canceller has something to learn.
struct Talk(u32, u32);
impl CallSource for Talk {
    fn pull(&mut self, frame: &mut Frame) {
        self.1 += 1;
        let loud = if self.1 % 40 < 28 { 0.3 } else { 0.0 };
        let mut low = 0.0;
        *frame = std::array::from_fn(|_| {
            self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            low += 0.25 * ((self.0 >> 8) as f32 / 8_388_608.0 - 1.0 - low);
            low * loud
        });
    }
}

impl Tape {
    /// Mean power of what was sent in the last 1.2 seconds, dBFS: three bursts with their pauses.
    fn loudness(&self) -> f32 {
        let frames = self.0.lock().unwrap();
        let last = &frames[frames.len().saturating_sub(120)..];
        let power: f32 = last.iter().flat_map(|(_, frame)| frame).map(|sample| sample * sample).sum();
        10.0 * (power / (last.len() * FRAME) as f32).max(1.0e-12).log10()
    }
}

/// Longest wait for what the filter has to learn first.
const LEARNING: Duration = Duration::from_secs(20);

/// Waits until what is sent has become as loud, or as soft, as it should.
fn settles(tape: &Tape, what: &str, check: impl Fn(f32) -> bool) -> f32 {
    let begun = Instant::now();
    std::thread::sleep(Duration::from_millis(1_300));
    loop {
        let loudness = tape.loudness();
        if check(loudness) {
            println!("{what}: {loudness:.1} dBFS after {} ms", begun.elapsed().as_millis());
            return loudness;
        }
        assert!(begun.elapsed() < LEARNING, "never: {what}; {loudness} dBFS");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// A loudspeaker that the microphone hears at a quarter of its loudness.
fn without_a_headset() -> MadeUpDevices {
    let devices = MadeUpDevices::new();
    devices.add_output("loudspeaker", 48_000);
    devices.add_input("desk mic", 48_000);
    devices.let_hear("desk mic", "loudspeaker", 0.25);
    devices
}

#[test]
fn the_switch_decides_whether_customers_hear_themselves_also_during_the_call() {
    let off = AudioConfig { processing: false, noise_suppression: false, ..AudioConfig::default() };
    let bench = Bench::on(without_a_headset(), off);
    let tape = Tape::default();
    bench.engine.attach_call(CALL, Box::new(Talk(7, 0)), Box::new(tape.clone()));
    bench.engine.go_live(CALL);
    let echo = settles(&tape, "off, the echo goes back", |loudness| loudness > -50.0);
    bench.engine.set_processing(true);
    settles(&tape, "on, it is cancelled", |loudness| loudness < echo - 15.0);
    bench.engine.set_processing(false);
    settles(&tape, "off again, it is back", |loudness| loudness > echo - 3.0);
}

#[test]
fn noise_suppression_is_chosen_apart_from_the_rest_and_in_the_call() {
    let devices = MadeUpDevices::new();
    devices.add_output("headset", 48_000);
    devices.add_input("headset mic", 48_000);
    devices.hum("headset mic", 0.01);
    let mut bench = Bench::on(devices, AudioConfig { noise_suppression: false, ..AudioConfig::default() });
    let tape = bench.call();
    bench.engine.go_live(CALL);
    let room = settles(&tape, "without, the room is heard", |loudness| loudness > -55.0);
    bench.engine.set_noise_suppression(true);
    settles(&tape, "with it, hardly", |loudness| loudness < room - 6.0);
    bench.until("and the change is shown", |bench| bench.engine.snapshot().noise_suppression);
    bench.engine.set_noise_suppression(false);
    settles(&tape, "without, again", |loudness| loudness > room - 3.0);
    assert!(bench.engine.snapshot().processing, "the rest of the processing was on all the time");
}

#[test]
fn a_microphone_held_while_it_rings_sends_nothing_and_is_there_at_once() {
    let mut bench = Bench::new(headset());
    let tape = bench.call();
    bench.engine.hold_microphone(true);
    bench.until("the microphone opens while it rings", |bench| bench.devices.open("headset mic") == 1);
    std::thread::sleep(Duration::from_millis(500));
    let before = tape.since(Instant::now() - PATIENCE);
    assert!(before.len() > 30, "the packets' clock runs: {} frames", before.len());
    assert!(before.iter().all(|frame| *frame == SILENCE), "exact zeros go out, whatever the room says");
    assert_eq!(bench.devices.openings("headset"), 0, "the speaker is not touched");
    bench.collect();
    let told = bench.seen.iter().any(|event| matches!(event, AudioEvent::Sending { .. }));
    assert!(!told, "and nothing is claimed to be sent: {:?}", bench.seen);

    bench.engine.prepare_call(CALL);
    bench.engine.hold_microphone(false);
    bench.engine.go_live(CALL);
    bench.until("accepted, the agent is sent", |_| tape.last_is_sound());
    assert_eq!(bench.devices.openings("headset mic"), 1, "no device was opened for that");
    bench.engine.detach_call(CALL);
    bench.until("after the call it closes", |bench| bench.devices.open("headset mic") == 0);
}

#[test]
fn a_microphone_held_for_an_offer_that_goes_is_released() {
    let mut bench = Bench::new(headset());
    let tape = bench.call();
    bench.engine.hold_microphone(true);
    bench.until("the microphone opens", |bench| bench.devices.open("headset mic") == 1);
    bench.engine.hold_microphone(false);
    bench.until("and closes with the offer", |bench| bench.devices.open("headset mic") == 0);
    assert!(tape.since(Instant::now() - PATIENCE).iter().all(|frame| *frame == SILENCE), "nothing was ever sent");
}
