//! The calls the engine serves, and what each is sent.
//!
//! Inputs, all by the desk: attach, prepare, go live, mute, detach.
//!
//! | state \ input | attach | prepare | go live | detach |
//! | --- | --- | --- | --- | --- |
//! | unknown | waiting | prepared | live | gone |
//! | waiting (silence, no device) | new ends | prepared | live | gone |
//! | prepared (devices open, silence) | new ends | - | live | gone |
//! | live | new ends | - | gets the microphone | gone |
//! | gone | waiting | - | - | - |
//!
//! Mute is beside these: it is kept from the moment it is set until detach.

use std::collections::{BTreeMap, VecDeque};

use crate::mixer::{self, Gate};
use crate::vocabulary::{CallId, CallSink, CallSource, Frame, SILENCE, SendingNow};

/// Frames of zeros before a call that is not muted counts as silent: 1 s.
const SILENT_FRAMES: u32 = 100;
/// Calls remembered as over, so that a late command does not open a microphone.
const REMEMBERED: usize = 64;

#[derive(Default)]
struct Call {
    ends: Option<(Box<dyn CallSource>, Box<dyn CallSink>)>,
    prepared: bool,
    /// Order of going live.
    live: Option<u64>,
    muted: bool,
    gate: Option<Gate>,
    sending: Option<SendingNow>,
    zeros: u32,
    heard: bool,
}

/// News of a tick.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum CallNews {
    Sending(CallId, SendingNow),
    FirstHeard(CallId),
}

#[derive(Default)]
pub(super) struct Calls {
    calls: BTreeMap<CallId, Call>,
    gone: VecDeque<CallId>,
    lives: u64,
}

impl Calls {
    pub(super) fn attach(&mut self, id: CallId, source: Box<dyn CallSource>, sink: Box<dyn CallSink>) {
        self.gone.retain(|gone| *gone != id);
        self.calls.entry(id).or_default().ends = Some((source, sink));
    }

    fn known(&mut self, id: CallId) -> Option<&mut Call> {
        if self.gone.contains(&id) {
            return None;
        }
        Some(self.calls.entry(id).or_default())
    }

    pub(super) fn prepare(&mut self, id: CallId) {
        if let Some(call) = self.known(id) {
            call.prepared = true;
        }
    }

    pub(super) fn go_live(&mut self, id: CallId) {
        self.lives += 1;
        let order = self.lives;
        if let Some(call) = self.known(id) {
            call.live = Some(order);
        }
    }

    pub(super) fn mute(&mut self, id: CallId, muted: bool) {
        if let Some(call) = self.known(id) {
            call.muted = muted;
        }
    }

    pub(super) fn detach(&mut self, id: CallId) {
        self.calls.remove(&id);
        if !self.gone.contains(&id) {
            self.gone.push_back(id);
        }
        if self.gone.len() > REMEMBERED {
            self.gone.pop_front();
        }
    }

    /// Some call has media: the clock must run.
    pub(super) fn any_attached(&self) -> bool {
        self.calls.values().any(|call| call.ends.is_some())
    }

    /// Some call needs microphone and speaker.
    pub(super) fn need_devices(&self) -> bool {
        self.calls.values().any(|call| call.prepared || call.live.is_some())
    }

    /// The call that has the microphone.
    fn holder(&self) -> Option<CallId> {
        self.calls.iter().filter_map(|(id, call)| call.live.map(|order| (order, *id))).max().map(|(_, id)| id)
    }

    /// Takes 10 ms from every call and adds up the live ones.
    pub(super) fn hear(&mut self, speaker_open: bool, news: &mut Vec<CallNews>) -> Frame {
        let mut mix = SILENCE;
        for (id, call) in &mut self.calls {
            let Some((source, _)) = &mut call.ends else { continue };
            let mut frame = SILENCE;
            source.pull(&mut frame);
            if call.live.is_none() {
                continue;
            }
            if speaker_open && !call.heard && mixer::is_audible(&frame) {
                call.heard = true;
                news.push(CallNews::FirstHeard(*id));
            }
            mixer::add(&mut mix, &frame);
        }
        mix
    }

    /// Gives 10 ms to every call; returns what the microphone's holder was sent.
    pub(super) fn speak(&mut self, microphone: &Frame, news: &mut Vec<CallNews>) -> Option<Frame> {
        let holder = self.holder();
        let mut sent = None;
        for (id, call) in &mut self.calls {
            let Some((_, sink)) = &mut call.ends else { continue };
            let open = holder == Some(*id) && !call.muted;
            let frame = call.gate.get_or_insert_with(Gate::new).pass(microphone, open);
            sink.push(&frame);
            if holder == Some(*id) {
                sent = Some(frame);
            }
            // From here on only the frame that was pushed counts.
            let now = if !mixer::is_zero(&frame) {
                call.zeros = 0;
                Some(SendingNow::Sound)
            } else {
                if call.muted {
                    call.zeros = 0;
                    Some(SendingNow::Muted)
                } else if call.zeros >= SILENT_FRAMES {
                    Some(SendingNow::Silence)
                } else {
                    call.zeros += 1;
                    // A pause between words; but no longer muted.
                    call.sending.filter(|before| *before != SendingNow::Muted)
                }
            };
            // Before a call is live there is nothing to say about it but mute.
            let worth = call.live.is_some() || now == Some(SendingNow::Muted);
            if now != call.sending && worth {
                call.sending = now;
                if let Some(now) = now {
                    news.push(CallNews::Sending(*id, now));
                }
            }
        }
        sent
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::vocabulary::FRAME;

    struct Tone(f32);
    impl CallSource for Tone {
        fn pull(&mut self, frame: &mut Frame) {
            *frame = [self.0; FRAME];
        }
    }

    #[derive(Clone, Default)]
    struct Tape(Arc<Mutex<Vec<Frame>>>);
    impl CallSink for Tape {
        fn push(&mut self, frame: &Frame) {
            self.0.lock().unwrap().push(*frame);
        }
    }
    impl Tape {
        fn last(&self) -> Frame {
            *self.0.lock().unwrap().last().unwrap()
        }
    }

    const ONE: CallId = CallId(1);
    const TWO: CallId = CallId(2);
    const VOICE: Frame = [0.25; FRAME];

    fn attached(calls: &mut Calls, id: CallId, level: f32) -> Tape {
        let tape = Tape::default();
        calls.attach(id, Box::new(Tone(level)), Box::new(tape.clone()));
        tape
    }

    #[test]
    fn an_attached_call_gets_silence_and_needs_no_device() {
        let mut calls = Calls::default();
        let mut news = Vec::new();
        let tape = attached(&mut calls, ONE, 0.5);
        assert!(!calls.need_devices(), "media while ringing opens no device");
        assert_eq!(calls.hear(true, &mut news), SILENCE, "the customer is not heard before the answer");
        calls.speak(&VOICE, &mut news);
        assert_eq!(tape.last(), SILENCE, "nor the agent");
        calls.prepare(ONE);
        assert!(calls.need_devices(), "accepting opens the devices");
        calls.speak(&VOICE, &mut news);
        assert_eq!(tape.last(), SILENCE, "still silent until live");
        assert!(news.is_empty(), "and nothing is claimed about sending");
    }

    #[test]
    fn the_latest_live_call_has_the_microphone_and_all_are_heard() {
        let mut calls = Calls::default();
        let mut news = Vec::new();
        let (first, second) = (attached(&mut calls, ONE, 0.1), attached(&mut calls, TWO, 0.2));
        calls.go_live(ONE);
        calls.go_live(TWO);
        assert!((calls.hear(true, &mut news)[0] - 0.3).abs() < 1.0e-6, "both customers are heard");
        calls.speak(&VOICE, &mut news);
        calls.speak(&VOICE, &mut news);
        assert_eq!((first.last(), second.last()), (SILENCE, VOICE), "the second call has the microphone");
        calls.go_live(ONE);
        calls.speak(&VOICE, &mut news);
        calls.speak(&VOICE, &mut news);
        assert_eq!((first.last(), second.last()), (VOICE, SILENCE), "back to the first, not both");
        calls.detach(ONE);
        calls.speak(&VOICE, &mut news);
        calls.speak(&VOICE, &mut news);
        assert_eq!(second.last(), VOICE, "when it ends the other has it again");
    }

    #[test]
    fn mute_is_zero_at_once_survives_everything_and_is_told_from_the_frames() {
        let mut calls = Calls::default();
        let mut news = Vec::new();
        calls.mute(ONE, true);
        let tape = attached(&mut calls, ONE, 0.1);
        calls.go_live(ONE);
        calls.speak(&VOICE, &mut news);
        assert_eq!(tape.last(), SILENCE, "muted before it began stays muted when live");
        assert_eq!(news, [CallNews::Sending(ONE, SendingNow::Muted)], "and is shown so");
        news.clear();
        let tape = attached(&mut calls, ONE, 0.1);
        calls.go_live(ONE);
        calls.speak(&VOICE, &mut news);
        assert_eq!(tape.last(), SILENCE, "new media or going live again does not un-mute");
        assert!(news.is_empty(), "nothing changed, nothing is said");
        calls.mute(ONE, false);
        calls.speak(&VOICE, &mut news);
        assert_eq!(news, [CallNews::Sending(ONE, SendingNow::Sound)], "sound is claimed when sound was pushed");
    }

    #[test]
    fn a_dead_microphone_is_told_after_a_second() {
        let mut calls = Calls::default();
        let mut news = Vec::new();
        attached(&mut calls, ONE, 0.1);
        calls.go_live(ONE);
        for _ in 0..SILENT_FRAMES {
            calls.speak(&SILENCE, &mut news);
        }
        assert!(news.is_empty(), "a pause between words is no news");
        calls.speak(&SILENCE, &mut news);
        assert_eq!(news, [CallNews::Sending(ONE, SendingNow::Silence)], "a second of zeros is");
    }

    #[test]
    fn first_heard_once_and_only_with_a_speaker() {
        let mut calls = Calls::default();
        let mut news = Vec::new();
        attached(&mut calls, ONE, 0.1);
        calls.hear(true, &mut news);
        calls.go_live(ONE);
        calls.hear(false, &mut news);
        assert!(news.is_empty(), "not before live, not without a speaker");
        calls.hear(true, &mut news);
        calls.hear(true, &mut news);
        assert_eq!(news, [CallNews::FirstHeard(ONE)], "once");
    }

    #[test]
    fn a_command_after_the_end_opens_nothing() {
        let mut calls = Calls::default();
        attached(&mut calls, ONE, 0.1);
        calls.detach(ONE);
        calls.prepare(ONE);
        calls.go_live(ONE);
        assert!(!calls.need_devices(), "a late answer does not leave a microphone open");
        attached(&mut calls, ONE, 0.1);
        calls.go_live(ONE);
        assert!(calls.need_devices(), "a number used anew works");
    }
}
