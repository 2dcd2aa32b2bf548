//! The engine: a cheap handle, and the one thread that ticks every 10 ms.

mod calls;
#[cfg(test)]
mod tests;
mod thread;

use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::device::Host;
use crate::patchbay::{Choices, LineNews, Order, Patchbay, Shared};
use crate::sound::Sound;
use crate::vocabulary::{
    AudioConfig, AudioError, AudioEvent, AudioSnapshot, CallId, CallSink, CallSource, Choice, LineHealth, RingId, Role,
    RoleUse,
};

/// What the handle asks of the engine's thread.
enum Command {
    Processing(bool),
    NoiseSuppression(bool),
    StartRinging(RingId, Arc<Sound>, f32),
    StopRinging(RingId),
    PlayOnce(Role, Arc<Sound>, f32),
    Attach(CallId, Box<dyn CallSource>, Box<dyn CallSink>),
    Prepare(CallId),
    GoLive(CallId),
    Mute(CallId, bool),
    Detach(CallId),
    TestMicrophone(bool),
    HoldMicrophone(bool),
    Metering(bool),
    Line(LineNews),
    /// The last handle is gone.
    Quit,
}

/// A handle on the running engine. Clones share it; when the last one is dropped
/// every device is closed and the threads end. No method waits for a device.
#[derive(Clone)]
pub struct AudioEngine {
    shared: Arc<Shared>,
    orders: Sender<Order>,
    lifeline: Arc<Lifeline>,
}

impl std::fmt::Debug for AudioEngine {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("AudioEngine").finish_non_exhaustive()
    }
}

/// Ends the threads when the last handle goes: the patchbay holds a sender of its
/// own, so closing channels alone would not.
struct Lifeline {
    commands: Sender<Command>,
}

impl Drop for Lifeline {
    fn drop(&mut self) {
        let _ = self.commands.send(Command::Quit);
    }
}

impl AudioEngine {
    /// Starts on the operating system's devices. No device at all is no error: see
    /// [`AudioEvent::None`]. Nothing is opened yet.
    ///
    /// # Errors
    /// [`AudioError::Thread`] when the operating system gives no thread.
    pub fn start(config: AudioConfig) -> Result<(AudioEngine, UnboundedReceiver<AudioEvent>), AudioError> {
        Self::start_on(Host::system(), config)
    }

    /// Starts on the devices of `host`.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn start_on(
        host: Host,
        config: AudioConfig,
    ) -> Result<(AudioEngine, UnboundedReceiver<AudioEvent>), AudioError> {
        let (events, heard) = unbounded_channel();
        let not_known = |choice: &Choice| RoleUse { choice: choice.clone(), ..RoleUse::default() };
        let snapshot = AudioSnapshot {
            microphone: not_known(&config.microphone),
            speaker: not_known(&config.speaker),
            ringer: not_known(&config.ringer),
            processing: config.processing,
            noise_suppression: config.noise_suppression,
            ..AudioSnapshot::default()
        };
        let shared = Shared::new(snapshot, events);
        let (commands, inbox) = channel();
        let (orders, order_box) = channel();
        let choices = Choices { microphone: config.microphone, speaker: config.speaker, ringer: config.ringer };

        let news = commands.clone();
        let patchbay = Patchbay::new(host, choices, Arc::clone(&shared), orders.clone(), move |line| {
            let _ = news.send(Command::Line(line));
        });
        std::thread::Builder::new()
            .name("audio-devices".to_owned())
            .spawn(move || patchbay.run(&order_box))
            .map_err(AudioError::Thread)?;

        let engine =
            thread::Engine::new(Arc::clone(&shared), orders.clone(), config.processing, config.noise_suppression);
        let spawned = std::thread::Builder::new().name("audio-engine".to_owned()).spawn(move || engine.run(&inbox));
        if let Err(error) = spawned {
            let _ = orders.send(Order::Quit);
            return Err(AudioError::Thread(error));
        }
        Ok((AudioEngine { shared, orders, lifeline: Arc::new(Lifeline { commands }) }, heard))
    }

    fn send(&self, command: Command) {
        // The thread ends only after the last handle; a failure means it is gone
        // with the process.
        let _ = self.lifeline.commands.send(command);
    }

    /// Chooses a device for a role, also during a call.
    pub fn choose(&self, role: Role, choice: Choice) {
        let _ = self.orders.send(Order::Choose(role, choice));
    }

    /// Looks for devices that came or went. Needed only while nothing is open:
    /// with a device open the engine looks by itself. A difference is told as
    /// [`AudioEvent::Changed`].
    pub fn refresh(&self) {
        let _ = self.orders.send(Order::Refresh);
    }

    /// Echo cancelling, noise suppression and gain control on or off.
    pub fn set_processing(&self, on: bool) {
        self.send(Command::Processing(on));
    }

    /// Noise suppression on or off, while there is processing; also during a
    /// call, which keeps what is known of its echo.
    pub fn set_noise_suppression(&self, on: bool) {
        self.send(Command::NoiseSuppression(on));
    }

    /// Rings on the ringer until [`stop_ringing`](Self::stop_ringing). `volume`
    /// 0.0..=1.0. A ring that rings already goes on unchanged. With several rings
    /// the oldest is heard.
    pub fn start_ringing(&self, ring: RingId, sound: Arc<Sound>, volume: f32) {
        self.send(Command::StartRinging(ring, sound, volume));
    }

    /// Stops a ring at once, also what is buffered on its way to the device.
    pub fn stop_ringing(&self, ring: RingId) {
        self.send(Command::StopRinging(ring));
    }

    /// Plays a sound once. On [`Role::Ringer`] the ringer is used, otherwise the
    /// speaker. `volume` 0.0..=1.0.
    pub fn play_once(&self, role: Role, sound: Arc<Sound>, volume: f32) {
        self.send(Command::PlayOnce(role, sound, volume));
    }

    /// A call's media exists. From now on `sink` is given a frame and `source` is
    /// asked for one every 10 ms: silence and discarded until
    /// [`go_live`](Self::go_live). No device is opened.
    pub fn attach_call(&self, call: CallId, source: Box<dyn CallSource>, sink: Box<dyn CallSink>) {
        self.send(Command::Attach(call, source, sink));
    }

    /// The agent accepts: opens microphone and speaker now; still silence both
    /// ways. May come before [`attach_call`](Self::attach_call).
    pub fn prepare_call(&self, call: CallId) {
        self.send(Command::Prepare(call));
    }

    /// Speech flows both ways. The call that went live last has the microphone;
    /// all live calls are heard.
    pub fn go_live(&self, call: CallId) {
        self.send(Command::GoLive(call));
    }

    /// Mutes or un-mutes. Muted, the sink is given exact zeros, whatever happens
    /// to devices, hold or other calls, until this is called again.
    pub fn set_mute(&self, call: CallId, muted: bool) {
        self.send(Command::Mute(call, muted));
    }

    /// The call is over: its ends are dropped, and the devices closed when nobody
    /// else needs them. Later commands for this call are ignored, except attaching
    /// it anew.
    pub fn detach_call(&self, call: CallId) {
        self.send(Command::Detach(call));
    }

    /// Opens the microphone to show its level, without a call.
    pub fn test_microphone(&self, on: bool) {
        self.send(Command::TestMicrophone(on));
    }

    /// Keeps the microphone open ahead of a call, so that going live waits for no
    /// device. Nothing of it goes anywhere before [`go_live`](Self::go_live).
    pub fn hold_microphone(&self, on: bool) {
        self.send(Command::HoldMicrophone(on));
    }

    /// Sends [`AudioEvent::Levels`] about 15 times a second while sound is flowing.
    /// Opens nothing.
    pub fn set_metering(&self, on: bool) {
        self.send(Command::Metering(on));
    }

    /// Devices and what serves each role, as last known. Never waits; also asks
    /// for a fresh look, see [`refresh`](Self::refresh).
    #[must_use]
    pub fn snapshot(&self) -> AudioSnapshot {
        self.refresh();
        self.shared.snapshot()
    }

    /// How the open devices are doing, at most a quarter of a second old. Empty
    /// while nothing is open.
    #[must_use]
    pub fn health(&self) -> Vec<LineHealth> {
        self.shared.health()
    }
}
