//! The engine's thread: commands between ticks, 10 ms of sound in each.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use super::Command;
use super::calls::{CallNews, Calls};
use crate::filter::{EchoFilter, WebRtcFilter};
use crate::line::{CaptureFeed, PlayoutFeed};
use crate::mixer::{self, HighPass, Level, Limiter};
use crate::patchbay::{Feed, LineNews, Needs, Order, Shared};
use crate::ring::{Once, Rings};
use crate::vocabulary::{AudioEvent, Frame, Role, SILENCE};

const TICK: Duration = Duration::from_millis(10);
/// Later than this the missed time is given up instead of caught up (sleep of the
/// computer, a stopped process).
const GIVE_UP: Duration = Duration::from_millis(200);
/// Ticks between two level events: ten a second.
const METER_TICKS: u32 = 10;
/// Ticks between two looks at the devices' health.
const HEALTH_TICKS: u32 = 25;
/// Speech begins above this, Hz.
const RUMBLE: f64 = 80.0;

#[derive(Default)]
struct Levels {
    microphone: Level,
    sent: Level,
    speaker: Level,
    ringer: Level,
    ticks: u32,
}

pub(super) struct Engine {
    shared: Arc<Shared>,
    orders: Sender<Order>,
    calls: Calls,
    rings: Rings,
    once_speaker: Once,
    once_ringer: Once,
    microphone: Option<Box<CaptureFeed>>,
    speaker: Option<Box<PlayoutFeed>>,
    ringer: Option<Box<PlayoutFeed>>,
    processing: bool,
    noise_suppression: bool,
    filter: Option<Box<dyn EchoFilter>>,
    // Ids of the microphone and the speaker that `filter` has learnt.
    learnt: [String; 2],
    high_pass: HighPass,
    speaker_limiter: Limiter,
    ringer_limiter: Limiter,
    testing: bool,
    holding: bool,
    metering: bool,
    levels: Levels,
    needs: Needs,
    news: Vec<CallNews>,
    since_health: u32,
}

impl Engine {
    pub(super) fn new(shared: Arc<Shared>, orders: Sender<Order>, processing: bool, noise_suppression: bool) -> Self {
        Self {
            shared,
            orders,
            calls: Calls::default(),
            rings: Rings::default(),
            once_speaker: Once::default(),
            once_ringer: Once::default(),
            microphone: None,
            speaker: None,
            ringer: None,
            processing,
            noise_suppression,
            filter: None,
            learnt: Default::default(),
            high_pass: HighPass::new(RUMBLE),
            speaker_limiter: Limiter::new(),
            ringer_limiter: Limiter::new(),
            testing: false,
            holding: false,
            metering: false,
            levels: Levels::default(),
            needs: Needs::default(),
            news: Vec::new(),
            since_health: 0,
        }
    }

    /// Works until the last handle is gone. Waits without a clock while there is
    /// nothing to play, to record or to feed.
    pub(super) fn run(mut self, inbox: &Receiver<Command>) {
        let mut next: Option<Instant> = None;
        loop {
            let command = match next {
                None => match inbox.recv() {
                    Ok(command) => Some(command),
                    Err(_) => break,
                },
                Some(at) => match inbox.recv_timeout(at.saturating_duration_since(Instant::now())) {
                    Ok(command) => Some(command),
                    Err(RecvTimeoutError::Timeout) => None,
                    Err(RecvTimeoutError::Disconnected) => break,
                },
            };
            if let Some(command) = command {
                let opened = matches!(command, Command::Line(LineNews::Open(..)));
                if !self.take(command) {
                    break;
                }
                if opened && !self.calls.any_attached() {
                    // A ring should not wait for the next tick; a call must not be hurried.
                    next = next.map(|_| Instant::now());
                }
            }
            self.ask_for_devices();
            if !self.calls.any_attached() && !self.needs.any() {
                if next.take().is_some() {
                    self.show_health();
                }
                continue;
            }
            let now = Instant::now();
            let mut at = next.unwrap_or(now);
            if now.saturating_duration_since(at) > GIVE_UP {
                at = now;
            }
            while at <= now {
                self.tick();
                at += TICK;
            }
            next = Some(at);
            self.ask_for_devices();
        }
        let _ = self.orders.send(Order::Quit);
    }

    /// Obeys; false at the end.
    fn take(&mut self, command: Command) -> bool {
        match command {
            Command::Processing(on) => {
                self.processing = on;
                self.filter = None;
                self.shared.update(|snapshot| snapshot.processing = on);
            }
            Command::NoiseSuppression(on) => {
                self.noise_suppression = on;
                if let Some(filter) = &mut self.filter {
                    filter.suppress_noise(on);
                }
                self.shared.update(|snapshot| snapshot.noise_suppression = on);
            }
            Command::StartRinging(id, sound, volume) => {
                self.rings.start(id, sound, volume);
                self.show_ringing();
            }
            Command::StopRinging(id) => {
                if self.rings.stop(id)
                    && let Some(ringer) = &self.ringer
                {
                    ringer.flush();
                }
                self.show_ringing();
            }
            Command::PlayOnce(Role::Ringer, sound, volume) => self.once_ringer.start(sound, volume),
            Command::PlayOnce(_, sound, volume) => self.once_speaker.start(sound, volume),
            Command::Attach(id, source, sink) => self.calls.attach(id, source, sink),
            Command::Prepare(id) => self.calls.prepare(id),
            Command::GoLive(id) => self.calls.go_live(id),
            Command::Mute(id, muted) => self.calls.mute(id, muted),
            Command::Detach(id) => self.calls.detach(id),
            Command::TestMicrophone(on) => self.testing = on,
            Command::HoldMicrophone(on) => self.holding = on,
            Command::Metering(on) => {
                self.metering = on;
                self.levels = Levels::default();
            }
            Command::Line(news) => self.patch(news),
            Command::Quit => return false,
        }
        true
    }

    fn show_ringing(&self) {
        let ringing = self.rings.any();
        self.shared.update(|snapshot| snapshot.ringing = ringing);
    }

    fn patch(&mut self, news: LineNews) {
        match news {
            LineNews::Open(_, Feed::Capture(feed), id) => {
                self.learn(0, id);
                self.high_pass = HighPass::new(RUMBLE);
                self.microphone = Some(feed);
            }
            LineNews::Open(Role::Ringer, Feed::Playout(feed), _) => self.ringer = Some(feed),
            LineNews::Open(_, Feed::Playout(feed), id) => {
                self.learn(1, id);
                self.speaker = Some(feed);
            }
            LineNews::Closed(Role::Microphone) => {
                self.log_faults("microphone", self.microphone.as_ref().map(|feed| feed.gauge.faults()));
                self.microphone = None;
            }
            LineNews::Closed(Role::Speaker) => {
                self.log_faults("speaker", self.speaker.as_ref().map(|feed| feed.gauge.faults()));
                self.speaker = None;
            }
            LineNews::Closed(Role::Ringer) => {
                self.log_faults("ringer", self.ringer.as_ref().map(|feed| feed.gauge.faults()));
                self.ringer = None;
            }
        }
    }

    /// What the filter knows of echo and noise holds from call to call, so that
    /// the agent's first words are not taken for echo each time; with another
    /// device it is no guide.
    fn learn(&mut self, place: usize, device: String) {
        if self.learnt[place] != device {
            self.filter = None;
            self.learnt[place] = device;
        }
    }

    fn log_faults(&self, line: &str, faults: Option<u32>) {
        if let Some(faults) = faults {
            tracing::debug!(line, faults, "device closed");
        }
    }

    fn ask_for_devices(&mut self) {
        let in_call = self.calls.need_devices();
        let needs = Needs {
            microphone: in_call || self.testing || self.holding,
            speaker: in_call || self.once_speaker.any(),
            ringer: self.rings.any() || self.once_ringer.any(),
            in_call,
        };
        if needs != self.needs {
            self.needs = needs;
            let _ = self.orders.send(Order::Needs(needs));
        }
    }

    fn tick(&mut self) {
        self.play();
        self.record();
        self.ring();
        self.tell();
        self.since_health += 1;
        if self.since_health >= HEALTH_TICKS {
            self.show_health();
        }
    }

    fn show_health(&mut self) {
        self.since_health = 0;
        let microphone = self.microphone.as_ref().map(|feed| feed.health(Role::Microphone));
        let speaker = self.speaker.as_ref().map(|feed| feed.health(Role::Speaker));
        let ringer = self.ringer.as_ref().map(|feed| feed.health(Role::Ringer));
        self.shared.set_health(microphone.into_iter().chain(speaker).chain(ringer));
    }

    /// Customers and single sounds to the speaker.
    fn play(&mut self) {
        let open = self.speaker.is_some();
        let mut mix = self.calls.hear(open, &mut self.news);
        if self.once_speaker.any() {
            mixer::add(&mut mix, &self.once_speaker.next(open));
        }
        self.speaker_limiter.run(&mut mix);
        if let Some(speaker) = &mut self.speaker {
            speaker.push(&mix);
            self.levels.speaker.take(&mix);
        } else {
            mix = SILENCE;
        }
        if let Some(filter) = &mut self.filter {
            filter.render(&mix);
        }
    }

    /// The microphone to the calls.
    fn record(&mut self) {
        let mut frame = SILENCE;
        if let Some(microphone) = &mut self.microphone {
            microphone.pull(&mut frame);
            self.high_pass.run(&mut frame);
            let delay = microphone.delay_ms() + self.speaker.as_ref().map_or(0.0, |speaker| speaker.delay_ms());
            if self.processing {
                let filter = self.filter.get_or_insert_with(|| Box::new(WebRtcFilter::new(self.noise_suppression)));
                filter.capture(&mut frame, delay);
            }
            clip(&mut frame);
            self.levels.microphone.take(&frame);
        }
        if let Some(sent) = self.calls.speak(&frame, &mut self.news) {
            self.levels.sent.take(&sent);
        }
    }

    /// Rings to the ringer.
    fn ring(&mut self) {
        let open = self.ringer.is_some();
        if !self.needs.ringer && !open {
            return;
        }
        let mut mix = if self.once_ringer.any() { self.once_ringer.next(open) } else { SILENCE };
        if let Some(ringer) = &mut self.ringer {
            // A ring begins when it can be heard, not while its device opens.
            mixer::add(&mut mix, &self.rings.next());
            self.ringer_limiter.run(&mut mix);
            ringer.push(&mix);
            self.levels.ringer.take(&mix);
        }
    }

    fn tell(&mut self) {
        for news in self.news.drain(..) {
            self.shared.tell(match news {
                CallNews::Sending(call, sending) => AudioEvent::Sending { call, sending },
                CallNews::FirstHeard(call) => AudioEvent::FirstHeard { call },
            });
        }
        if !self.metering {
            return;
        }
        self.levels.ticks += 1;
        if self.levels.ticks >= METER_TICKS {
            let mut levels = std::mem::take(&mut self.levels);
            self.shared.tell(AudioEvent::Levels {
                microphone: levels.microphone.read(),
                sent: levels.sent.read(),
                speaker: levels.speaker.read(),
                ringer: levels.ringer.read(),
            });
        }
    }
}

fn clip(frame: &mut Frame) {
    for sample in frame {
        *sample = if sample.is_finite() { sample.clamp(-1.0, 1.0) } else { 0.0 };
    }
}
