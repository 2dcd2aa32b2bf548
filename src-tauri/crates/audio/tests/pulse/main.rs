//! The engine against a real PulseAudio server, recorded from outside.
//!
//! Each test starts a server of its own in a temporary folder and then runs itself
//! again as a child process with `PULSE_SERVER` pointing there: the sound server
//! is found through the environment, which a test must not change for its own
//! process. Without `pulseaudio`, `pactl` and `parec` the tests fail, because a
//! green run has to mean that sound was recorded.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod analysis;
mod bench;

use std::sync::Arc;
use std::time::{Duration, Instant};

use analysis::{chirps, find_chirps, percentile};
use bench::{Bench, CALL, Customer, Recording, ms};
use trunkline_audio::{AudioConfig, AudioEvent, Choice, RingId, Role, SAMPLE_RATE, SILENCE, SendingNow, Sound};

fn named(name: &str) -> Choice {
    Choice::Named(name.to_owned())
}

/// Devices of the agent: see `bench::DEVICES`.
fn chosen(processing: bool) -> AudioConfig {
    AudioConfig {
        microphone: named("Headset"),
        speaker: named("Headset out"),
        ringer: named("Desk"),
        processing,
        noise_suppression: true,
    }
}

#[test]
fn the_ringtone_is_at_the_ringer_only_and_only_while_ringing() {
    bench::with_server("the_ringtone_is_at_the_ringer_only_and_only_while_ringing", || {
        let bench = Bench::new(chosen(true));
        let desk = Recording::start("desk.monitor");
        let others = [Recording::start("headset_out.monitor"), Recording::start("spare.monitor")];
        let sound = Arc::new(Sound::builtin("classic").unwrap());
        let (mut starts, mut stops) = (Vec::new(), Vec::new());
        for round in 0..8 {
            std::thread::sleep(Duration::from_millis(300));
            let begun = desk.now();
            bench.engine.start_ringing(RingId(round), Arc::clone(&sound), 1.0);
            std::thread::sleep(Duration::from_millis(600));
            let ended = desk.now();
            bench.engine.stop_ringing(RingId(round));
            std::thread::sleep(Duration::from_millis(300));
            let heard = desk.samples();
            let first = analysis::first_loud(&heard, begun).expect("the ring is heard");
            let last = analysis::last_loud(&heard).unwrap();
            // The recorder is itself some milliseconds late: that much is added to
            // the start and taken from the end.
            starts.push((first as f32 - begun as f32) / 48.0);
            stops.push((last as f32 - ended as f32) / 48.0);
        }
        println!("start_ringing -> first sample at the sink, ms: {}", analysis::summary(&starts));
        println!("stop_ringing -> last sample at the sink, ms: {}", analysis::summary(&stops));
        assert!(percentile(&starts, 95) < 150.0, "the ring begins at once (gate of the whole way: 150 ms)");
        assert!(percentile(&stops, 95) < 200.0, "the ring ends at once (gate: 200 ms)");
        for other in &others {
            assert_eq!(analysis::first_loud(&other.samples(), 0), None, "no ringtone on {}", other.name);
        }
        assert!(!bench.seen(|event| matches!(event, AudioEvent::None { .. } | AudioEvent::Fallback { .. })));
    });
}

#[test]
fn speech_goes_both_ways_and_the_delay_is_known() {
    bench::with_server("speech_goes_both_ways_and_the_delay_is_known", || {
        for processing in [false, true] {
            let mut bench = Bench::new(chosen(processing));
            let (customer, agent) = bench.attach();
            bench.engine.prepare_call(CALL);
            bench.engine.go_live(CALL);
            bench.until("the agent's microphone is open", |bench| bench.engine.snapshot().microphone.open);
            std::thread::sleep(Duration::from_millis(1_500));

            // The agent speaks: chirps into the microphone's sink, recorded there
            // as well, so that both ends are on one clock.
            let reference = Recording::start("headset_in.monitor");
            std::thread::sleep(Duration::from_millis(300));
            let (sound, chirp) = chirps(8, 0.5);
            bench::play("headset_in", &sound);
            let spoken = find_chirps(&reference.samples(), &chirp);
            let sent = find_chirps(&agent.samples(), &chirp);
            println!(
                "processing {processing}: {:?}; chirps {} sent {}",
                bench.engine.health(),
                spoken.len(),
                sent.len()
            );
            let least = if bench::machine_is_busy() { 4 } else { 8 };
            assert!(spoken.len() >= least, "the stimulus was played: {}", spoken.len());
            assert!(sent.len() >= least, "the chirps reached the customer: {}", sent.len());
            let delays = analysis::delays(
                &spoken.iter().map(|at| reference.time_of(*at)).collect::<Vec<_>>(),
                &sent.iter().map(|at| agent.time_of(*at)).collect::<Vec<_>>(),
            );
            println!("processing {processing}: microphone sink -> CallSink, ms: {}", analysis::summary(&delays));
            let limit = if bench::machine_is_busy() { 150.0 } else { 50.0 };
            assert!(percentile(&delays, 50) < limit, "the capture half is short");

            // The customer speaks.
            let ear = Recording::start("headset_out.monitor");
            std::thread::sleep(Duration::from_millis(300));
            let said = customer.say(&sound);
            std::thread::sleep(Duration::from_millis(sound.len() as u64 / 48 + 500));
            let given: Vec<f32> = find_chirps(&sound, &chirp).iter().map(|at| said.time_of(*at)).collect();
            let heard: Vec<f32> = find_chirps(&ear.samples(), &chirp).iter().map(|at| ear.time_of(*at)).collect();
            assert!(heard.len() >= least, "the customer's chirps were heard: {}", heard.len());
            let delays = analysis::delays(&given, &heard);
            println!("processing {processing}: {:?}", bench.engine.health());
            println!("processing {processing}: CallSource -> speaker sink, ms: {}", analysis::summary(&delays));
            let limit = if bench::machine_is_busy() { 150.0 } else { 60.0 };
            assert!(percentile(&delays, 50) < limit, "the playout half is short");
            bench.until("first heard is told", |bench| {
                bench.seen(|event| *event == AudioEvent::FirstHeard { call: CALL })
            });
        }
    });
}

#[test]
fn the_loop_is_short_on_one_clock() {
    bench::with_server("the_loop_is_short_on_one_clock", || {
        let mut bench = Bench::new(AudioConfig {
            microphone: named("Loop microphone"),
            speaker: named("Loop speaker"),
            ringer: Choice::SystemDefault,
            // The far end below sends straight back, which is what a canceller
            // exists to remove; its own delay is measured in filter.rs.
            processing: false,
            noise_suppression: false,
        });
        bench.attach_echo();
        bench.engine.go_live(CALL);
        bench.until("open", |bench| {
            let snapshot = bench.engine.snapshot();
            snapshot.microphone.open && snapshot.speaker.open
        });
        std::thread::sleep(Duration::from_millis(2_000));
        let bus = Recording::stereo("bus.monitor");
        std::thread::sleep(Duration::from_millis(300));
        let (sound, chirp) = chirps(12, 0.5);
        bench::play("loop_in", &sound);
        let (left, right) = bus.channels();
        let said = find_chirps(&left, &chirp);
        let heard = find_chirps(&right, &chirp);
        let delays: Vec<f32> = said
            .iter()
            .filter_map(|from| heard.iter().find(|to| *to > from && **to - from < 14_400).map(|to| ms(to - from)))
            .collect();
        println!("mouth to ear without network, ms: {}; {:?}", analysis::summary(&delays), bench.engine.health());
        let least = if bench::machine_is_busy() { said.len() / 2 } else { said.len() - 1 };
        assert!(said.len() >= 8 && delays.len() >= least, "chirps come round: {} of {}", delays.len(), said.len());
        let limit = if bench::machine_is_busy() { 200.0 } else { 90.0 };
        assert!(percentile(&delays, 50) < limit, "row 1's gate leaves room for network and jitter buffer");
    });
}

#[test]
fn a_call_costs_little() {
    bench::with_server("a_call_costs_little", || {
        for processing in [false, true] {
            let mut bench = Bench::new(chosen(processing));
            let (customer, _agent) = bench.attach();
            bench.engine.go_live(CALL);
            bench.until("open", |bench| bench.engine.snapshot().microphone.open);
            customer.say(&analysis::tone(7.0));
            let _voice = bench::play_in_background("headset_in", &analysis::tone(7.0));
            std::thread::sleep(Duration::from_millis(500));
            let (before, total, begun) = (bench::cpu_by_thread(), bench::cpu_seconds(), Instant::now());
            std::thread::sleep(Duration::from_secs(5));
            let seconds = begun.elapsed().as_secs_f64();
            let used = (bench::cpu_seconds() - total) / seconds * 100.0;
            println!(
                "processing {processing}: a call uses {used:.1} % of a core in this build (busy machine: {})",
                bench::machine_is_busy()
            );
            for (name, after) in bench::cpu_by_thread() {
                let share = (after - before.get(&name).copied().unwrap_or_default()) / seconds / 10.0;
                if share > 0.05 {
                    println!("    {name}: {share:.2} %");
                }
            }
            assert!(used < 30.0, "nothing spins: {used} %");
        }
    });
}

#[test]
fn mute_silences_what_is_sent_within_20_ms() {
    bench::with_server("mute_silences_what_is_sent_within_20_ms", || {
        let mut bench = Bench::new(chosen(false));
        let (_customer, agent) = bench.attach();
        bench.engine.go_live(CALL);
        let tone = bench::play_in_background("headset_in", &analysis::tone(8.0));
        bench.until("the agent is sent", |_| agent.sounding());
        let mut worst: f32 = 0.0;
        for _ in 0..10 {
            let muted = Instant::now();
            bench.engine.set_mute(CALL, true);
            std::thread::sleep(Duration::from_millis(150));
            let frames = agent.frames_since(muted);
            assert!(frames.len() >= 10, "frames go on while muted: {}", frames.len());
            let last = frames.iter().rev().find(|(_, frame)| *frame != SILENCE);
            worst = worst.max(last.map_or(0.0, |(at, _)| at.duration_since(muted).as_secs_f32() * 1_000.0));
            bench.engine.set_mute(CALL, false);
            bench.until("sound again", |_| agent.sounding());
        }
        println!("set_mute -> last frame that was not all zero: worst {worst:.1} ms");
        assert!(worst <= 20.0, "row 13's goal: {worst} ms");
        bench.until("muted was told from the frames", |bench| {
            bench.seen(|event| *event == AudioEvent::Sending { call: CALL, sending: SendingNow::Muted })
        });
        drop(tone);
    });
}

#[test]
fn an_unplugged_speaker_is_replaced_in_the_call_and_comes_back() {
    bench::with_server("an_unplugged_speaker_is_replaced_in_the_call_and_comes_back", || {
        let mut bench = Bench::new(chosen(false));
        let (customer, _agent) = bench.attach();
        bench.engine.go_live(CALL);
        let spare = Recording::start("spare.monitor");
        customer.say(&analysis::tone(12.0));
        bench.until("heard at the headset", |bench| bench.seen(|event| matches!(event, AudioEvent::FirstHeard { .. })));
        std::thread::sleep(Duration::from_millis(500));
        let unplugged = spare.now();
        bench::unload("headset_out");
        bench.until("the fallback is told", |bench| {
            bench.seen(|event| {
                matches!(event, AudioEvent::Fallback { role: Role::Speaker, serving, .. } if serving == "Spare")
            })
        });
        std::thread::sleep(Duration::from_millis(700));
        let first = analysis::first_loud(&spare.samples(), unplugged).expect("the call goes on at the default");
        println!("speaker unplugged -> sound at the next one: {:.0} ms", ms(first - unplugged));
        assert!(ms(first - unplugged) < 1_500.0, "row 23's gate");
        assert!(bench.seen(|event| matches!(event, AudioEvent::Lost { role: Role::Speaker, in_call: true, .. })));

        let begun = Instant::now();
        bench::load_sink("headset_out", "Headset out");
        bench.until("the headset serves again", |bench| {
            bench.seen(|event| matches!(event, AudioEvent::Back { role: Role::Speaker, .. }))
        });
        let again = Recording::start("headset_out.monitor");
        bench.until("and is heard", |_| analysis::first_loud(&again.samples(), 0).is_some());
        println!("headset plugged in -> heard there: {} ms (recorder's start included)", begun.elapsed().as_millis());
        assert!(begun.elapsed() < Duration::from_secs(2), "row 24's gate");
    });
}

#[test]
fn an_unplugged_microphone_is_replaced_in_the_call() {
    bench::with_server("an_unplugged_microphone_is_replaced_in_the_call", || {
        let mut bench = Bench::new(chosen(false));
        let (_customer, agent) = bench.attach();
        bench.engine.go_live(CALL);
        let _first = bench::play_in_background("headset_in", &analysis::tone(12.0));
        let _second = bench::play_in_background("room_in", &analysis::tone(12.0));
        bench.until("the agent is sent", |_| agent.sounding());
        std::thread::sleep(Duration::from_millis(500));
        let unplugged = Instant::now();
        bench::unload("headset_in");
        bench.until("the fallback is told", |bench| {
            bench.seen(|event| {
                matches!(event, AudioEvent::Fallback { role: Role::Microphone, serving, .. } if serving == "Room")
            })
        });
        bench.until("the agent is sent again", |_| agent.sounding());
        let gap = agent.longest_gap(unplugged);
        println!("microphone unplugged -> longest silence in what is sent: {gap:.0} ms");
        assert!(gap < 1_500.0, "row 23's gate");
        assert!(bench.seen(|event| matches!(event, AudioEvent::Lost { role: Role::Microphone, in_call: true, .. })));
    });
}

#[test]
fn the_sound_server_may_die_and_return() {
    bench::with_server("the_sound_server_may_die_and_return", || {
        let mut bench = Bench::new(AudioConfig { processing: false, ..AudioConfig::default() });
        let (customer, agent) = bench.attach();
        bench.engine.go_live(CALL);
        customer.say(&analysis::tone(20.0));
        bench.until("heard", |bench| bench.seen(|event| matches!(event, AudioEvent::FirstHeard { .. })));
        bench::restart_server();
        bench.until("the loss is told", |bench| {
            bench.seen(|event| matches!(event, AudioEvent::Lost { role: Role::Speaker, .. }))
        });
        bench.until("the speaker is open again", |bench| bench.engine.snapshot().speaker.open);
        let spare = Recording::start("spare.monitor");
        bench.until("and the customer is heard", |_| analysis::first_loud(&spare.samples(), 0).is_some());
        let before = agent.samples().len();
        bench.until("frames were pushed all the while", |_| agent.samples().len() > before);
    });
}

#[test]
fn nothing_is_open_and_nothing_runs_while_idle() {
    bench::with_server("nothing_is_open_and_nothing_runs_while_idle", || {
        let mut bench = Bench::new(chosen(true));
        let (_customer, _agent) = bench.attach();
        bench.engine.go_live(CALL);
        bench.until("open", |bench| bench.engine.snapshot().microphone.open);
        assert!(bench::streams() >= 2, "a call has two streams at the server");
        bench.engine.detach_call(CALL);
        bench.until("closed at the server", |_| bench::streams() == 0);
        std::thread::sleep(Duration::from_millis(300));
        let before = bench::cpu_seconds();
        std::thread::sleep(Duration::from_secs(3));
        let used = (bench::cpu_seconds() - before) / 3.0 * 100.0;
        println!("idle: {used:.2} % of a core");
        assert!(used < 0.5, "idle costs nothing: {used} %");
        let _ = Customer::default();
        assert_eq!(SAMPLE_RATE, 48_000);
    });
}
