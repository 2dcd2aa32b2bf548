//! One who takes part in a conversation: an agent's client, the customer, or a
//! third party that the simulator plays.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::call::lock;
use super::facts::{self, Facts};
use super::options::{Speech, SpeechStart};
use super::recording::{Gates, Recorder, Recording};
use super::speaker::Speaker;
use crate::Moment;

/// Everything that has happened to one party of a call, each with its moment.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct PartyFacts {
    /// The party began to ring; for a caller, the call was made.
    pub dialled: Option<Moment>,
    /// The party answered; for a caller, the agent did.
    pub connected: Option<Moment>,
    /// The party was put on hold, once for each hold.
    pub holds: Vec<Moment>,
    /// The party was taken from hold, once for each.
    pub resumes: Vec<Moment>,
    /// All digits sent to this party in order.
    pub digits: String,
    /// The party began to speak.
    pub speech_started: Option<Moment>,
    /// The party is gone: has left, was dropped, was busy or declined.
    pub ended: Option<Moment>,
}

impl PartyFacts {
    /// True between a hold and its end.
    #[must_use]
    pub fn is_on_hold(&self) -> bool {
        self.holds.len() > self.resumes.len()
    }
}

impl Facts for PartyFacts {
    fn summary(&self) -> String {
        let told = [
            (self.dialled.is_some(), "rang"),
            (self.connected.is_some(), "connected"),
            (!self.holds.is_empty(), "held"),
            (!self.resumes.is_empty(), "resumed"),
            (!self.digits.is_empty(), "digits received"),
            (self.ended.is_some(), "gone"),
        ];
        facts::in_words("the party", &told)
    }
}

/// Where the member's voice comes from.
enum Voice {
    /// A client over WebRTC; what it sent is recorded.
    Client(Arc<Mutex<Recorder>>),
    /// Speech played by the simulator.
    Played(Mutex<Speaker>),
}

#[derive(Default)]
struct Standing {
    /// Whoever leads the conversation lets the member take part.
    admitted: bool,
    /// The member's own contact takes part.
    joined: bool,
    /// By the member's own contact.
    muted: bool,
    /// Muted by whoever leads the conversation.
    silenced: bool,
    gone: bool,
    was_present: bool,
    ringing: bool,
    speak_at: Option<Instant>,
    /// When the member hears.
    ears: Gates,
    /// When the member is heard by those who hear.
    mouth: Gates,
}

impl Standing {
    fn is_present(&self) -> bool {
        self.admitted && self.joined && !self.gone
    }

    fn is_audible(&self) -> bool {
        self.is_present() && !self.muted && !self.silenced
    }

    fn update(&mut self) {
        let at = Moment::now();
        self.was_present |= self.is_present();
        self.ears.set(at, self.is_present());
        self.mouth.set(at, self.is_audible());
    }
}

pub(crate) struct Member {
    voice: Voice,
    start: SpeechStart,
    standing: Mutex<Standing>,
    pub facts: watch::Sender<PartyFacts>,
}

impl Member {
    fn new(voice: Voice, start: SpeechStart) -> Arc<Self> {
        Arc::new(Self {
            voice,
            start,
            standing: Mutex::new(Standing { joined: true, ..Standing::default() }),
            facts: watch::Sender::new(PartyFacts::default()),
        })
    }

    /// An agent whose client sends to `recorder`.
    pub(crate) fn client(recorder: Arc<Mutex<Recorder>>) -> Arc<Self> {
        Self::new(Voice::Client(recorder), SpeechStart::AtAccept)
    }

    /// A person played by the simulator.
    pub(crate) fn played(speech: Speech, start: SpeechStart) -> Arc<Self> {
        Self::new(Voice::Played(Mutex::new(Speaker::new(speech))), start)
    }

    fn change(&self, change: impl FnOnce(&mut Standing)) {
        let mut standing = lock(&self.standing);
        change(&mut standing);
        standing.update();
    }

    pub(crate) fn admit(&self, admitted: bool) {
        self.change(|s| s.admitted = admitted);
    }

    pub(crate) fn join(&self, joined: bool) {
        self.change(|s| s.joined = joined);
    }

    pub(crate) fn mute(&self, muted: bool) {
        self.change(|s| s.muted = muted);
    }

    pub(crate) fn silence(&self, silenced: bool) {
        self.change(|s| s.silenced = silenced);
    }

    pub(crate) fn ringing(&self, ringing: bool) {
        self.change(|s| s.ringing = ringing);
    }

    /// The member is gone for good.
    pub(crate) fn leave(&self) {
        self.change(|s| s.gone = true);
        self.note(|f| {
            f.ended.get_or_insert_with(Moment::now);
        });
    }

    pub(crate) fn note(&self, change: impl FnOnce(&mut PartyFacts)) {
        self.facts.send_modify(change);
    }

    pub(crate) fn is_gone(&self) -> bool {
        lock(&self.standing).gone
    }

    pub(crate) fn is_present(&self) -> bool {
        lock(&self.standing).is_present()
    }

    pub(crate) fn is_ringing(&self) -> bool {
        let standing = lock(&self.standing);
        standing.ringing && !standing.gone
    }

    /// Takes part and is not muted.
    pub(crate) fn is_audible(&self) -> bool {
        lock(&self.standing).is_audible()
    }

    /// Speaks although nobody has accepted yet, as was asked for.
    pub(crate) fn is_early(&self) -> bool {
        let standing = lock(&self.standing);
        self.start == SpeechStart::AtMediaConnected && !standing.was_present && !standing.gone
    }

    pub(crate) fn was_present(&self) -> bool {
        lock(&self.standing).was_present
    }

    pub(crate) fn is_client(&self) -> bool {
        matches!(self.voice, Voice::Client(_))
    }

    /// Changes what a played member says; an agent's client is not changed.
    pub(crate) fn say(&self, speech: Speech) {
        if let Voice::Played(speaker) = &self.voice {
            lock(speaker).say(speech);
        }
    }

    /// The next 20 ms of a played member, silence while it does not take part.
    pub(crate) fn speak(&self, frame: &mut [f32], now: Instant) {
        let Voice::Played(speaker) = &self.voice else {
            return;
        };
        let speaking = self.is_speaking(now);
        lock(speaker).fill(frame, speaking, Moment::at(now));
    }

    fn is_speaking(&self, now: Instant) -> bool {
        if !self.is_present() && !self.is_early() {
            return false;
        }
        let delay = match self.start {
            SpeechStart::AfterAccept(delay) => delay,
            SpeechStart::AtAccept | SpeechStart::AtMediaConnected => Duration::ZERO,
        };
        let begin = *lock(&self.standing).speak_at.get_or_insert(now + delay);
        if begin > now {
            return false;
        }
        if self.facts.borrow().speech_started.is_none() {
            self.note(|f| f.speech_started = Some(Moment::at(now)));
        }
        true
    }

    /// Everything the member has said or sent.
    pub(crate) fn sound(&self) -> Recording {
        match &self.voice {
            Voice::Client(recorder) => lock(recorder).all(),
            Voice::Played(speaker) => lock(speaker).sent(),
        }
    }

    /// What others could hear of it.
    pub(crate) fn audible_sound(&self) -> Recording {
        let mut sound = self.sound();
        lock(&self.standing).mouth.keep(&mut sound);
        sound
    }

    /// Silences `sound` wherever the member did not hear.
    pub(crate) fn limit_to_heard(&self, sound: &mut Recording) {
        lock(&self.standing).ears.keep(sound);
    }

    /// Marks packets of an agent's client as heard by the customer or not.
    pub(crate) fn gate_packets(&self, customer_hears: bool) {
        if let Voice::Client(recorder) = &self.voice {
            let open = customer_hears && self.is_audible();
            lock(recorder).gate(Moment::now(), open);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_takes_part_when_both_sides_want_it() {
        let member = Member::played(Speech::tone(440.0), SpeechStart::AtAccept);
        let mut frame = [0.0; 960];
        member.speak(&mut frame, Instant::now());
        assert!(frame.iter().all(|s| *s == 0.0), "not admitted: silent");
        member.admit(true);
        member.speak(&mut frame, Instant::now());
        assert!(frame.iter().any(|s| *s != 0.0), "admitted: speaks");
        member.mute(true);
        assert!(member.is_present() && !member.is_audible(), "muted: hears");
        member.join(false);
        assert!(!member.is_present(), "its own contact holds the others");
        member.join(true);
        member.leave();
        assert!(!member.is_present(), "gone is for good");
        assert!(member.facts.borrow().ended.is_some(), "and noted");
    }
}
