//! Made-up devices, for tests: they can be plugged, unplugged, made to fail, spoken
//! into, and what they were given can be heard. They run in real time, 10 ms a
//! callback, at a rate of their own.
//!
//! ```
//! # use trunkline_audio::{testing::MadeUpDevices, AudioConfig, AudioEngine};
//! let devices = MadeUpDevices::new();
//! devices.add_output("Desk speaker", 48_000);
//! devices.add_input("Headset microphone", 16_000);
//! let (engine, events) = AudioEngine::start_on(devices.host(), AudioConfig::default())?;
//! # Ok::<(), trunkline_audio::AudioError>(())
//! ```

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{
    Data, DeviceDescription, DeviceDescriptionBuilder, DeviceDirection, DeviceId, Error, ErrorKind, HostId,
    InputCallbackInfo, InputStreamTimestamp, OutputCallbackInfo, OutputStreamTimestamp, SampleFormat, StreamConfig,
    StreamInstant, SupportedBufferSize, SupportedStreamConfig, SupportedStreamConfigRange,
};

use crate::device::Host;

/// A set of made-up devices. Clones share it.
#[derive(Clone, Default)]
pub struct MadeUpDevices {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    devices: Vec<MadeUp>,
    default_input: Option<String>,
    default_output: Option<String>,
}

impl MadeUpDevices {
    /// No devices.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The host to start an engine on.
    #[must_use]
    pub fn host(&self) -> Host {
        let devices = self.clone();
        Host::given(move || cpal::Host::from(cpal::platform::CustomHost::from_host(devices.clone())))
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Plugs in a speaker; the first one is the default. Plugging in a known name
    /// brings that device back.
    pub fn add_output(&self, name: &str, rate: u32) {
        let mut inner = self.lock();
        inner.default_output.get_or_insert_with(|| name.to_owned());
        Self::add(&mut inner, name, rate, false);
    }

    /// Plugs in a microphone; the first one is the default.
    pub fn add_input(&self, name: &str, rate: u32) {
        let mut inner = self.lock();
        inner.default_input.get_or_insert_with(|| name.to_owned());
        Self::add(&mut inner, name, rate, true);
    }

    fn add(inner: &mut Inner, name: &str, rate: u32, input: bool) {
        if let Some(known) = inner.devices.iter().find(|device| device.0.name == name) {
            known.0.plugged.store(true, Ordering::Release);
            return;
        }
        inner.devices.push(MadeUp(Arc::new(Controls {
            name: name.to_owned(),
            rate,
            input,
            plugged: AtomicBool::new(true),
            broken: AtomicBool::new(false),
            refusing: AtomicBool::new(false),
            open: AtomicUsize::new(0),
            openings: AtomicUsize::new(0),
            level: AtomicU32::new(0),
            hum: AtomicU32::new(0),
            air: Mutex::new(None),
            heard: Mutex::new(Vec::new()),
        })));
    }

    /// Names the default devices.
    pub fn set_defaults(&self, input: Option<&str>, output: Option<&str>) {
        let mut inner = self.lock();
        inner.default_input = input.map(str::to_owned);
        inner.default_output = output.map(str::to_owned);
    }

    fn with<T: Default>(&self, name: &str, act: impl FnOnce(&Controls) -> T) -> T {
        let device = self.lock().devices.iter().find(|device| device.0.name == name).cloned();
        device.map(|device| act(&device.0)).unwrap_or_default()
    }

    /// Pulls the plug: gone from the list, its streams fail.
    pub fn unplug(&self, name: &str) {
        self.with(name, |device| device.plugged.store(false, Ordering::Release));
    }

    /// Its running streams fail once, though the device stays.
    pub fn break_streams(&self, name: &str) {
        self.with(name, |device| device.broken.store(true, Ordering::Release));
    }

    /// From now on it can, or cannot, be opened.
    pub fn refuse(&self, name: &str, refusing: bool) {
        self.with(name, |device| device.refusing.store(refusing, Ordering::Release));
    }

    /// What the microphone hears from now on: a 440 Hz tone of this peak.
    pub fn speak(&self, name: &str, peak: f32) {
        self.with(name, |device| device.level.store(peak.to_bits(), Ordering::Release));
    }

    /// From now on the microphone hears, beside what it is spoken to, what this
    /// speaker plays: 40 ms later and at this part of its loudness (0: not any
    /// more). Both at the same rate.
    pub fn let_hear(&self, microphone: &str, speaker: &str, part: f32) {
        let speaker = self.lock().devices.iter().find(|device| device.0.name == speaker).cloned();
        let air = speaker.filter(|_| part > 0.0).map(|speaker| Air { speaker, part, at: None });
        self.with(microphone, |device| *device.air.lock().unwrap_or_else(PoisonError::into_inner) = air);
    }

    /// From now on the room around the microphone hums: noise of about this loudness (RMS).
    pub fn hum(&self, name: &str, level: f32) {
        self.with(name, |device| device.hum.store(level.to_bits(), Ordering::Release));
    }

    /// What a speaker was given so far, first channel.
    #[must_use]
    pub fn heard(&self, name: &str) -> Vec<f32> {
        self.with(name, |device| device.heard.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    /// Streams open on it now.
    #[must_use]
    pub fn open(&self, name: &str) -> usize {
        self.with(name, |device| device.open.load(Ordering::Acquire))
    }

    /// Streams opened on it so far.
    #[must_use]
    pub fn openings(&self, name: &str) -> usize {
        self.with(name, |device| device.openings.load(Ordering::Acquire))
    }
}

struct Controls {
    name: String,
    rate: u32,
    input: bool,
    plugged: AtomicBool,
    broken: AtomicBool,
    refusing: AtomicBool,
    open: AtomicUsize,
    openings: AtomicUsize,
    level: AtomicU32,
    hum: AtomicU32,
    air: Mutex<Option<Air>>,
    heard: Mutex<Vec<f32>>,
}

/// The way from a speaker to a microphone.
struct Air {
    speaker: MadeUp,
    part: f32,
    /// Next sample of what the speaker played.
    at: Option<usize>,
}

impl Air {
    /// Adds what arrives of the speaker to a mono buffer.
    fn add(&mut self, buffer: &mut [f32], rate: u32) {
        let heard = self.speaker.0.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let late = (rate / 25) as usize;
        let at = self.at.get_or_insert_with(|| heard.len().saturating_sub(late));
        // Without a jump: two devices' callbacks never come evenly.
        for (sample, played) in buffer.iter_mut().zip(heard.get(*at..).unwrap_or_default()) {
            *sample += played * self.part;
            *at += 1;
        }
    }
}

#[derive(Clone)]
struct MadeUp(Arc<Controls>);

impl PartialEq for MadeUp {
    fn eq(&self, other: &Self) -> bool {
        self.0.name == other.0.name
    }
}

impl Eq for MadeUp {}

impl std::hash::Hash for MadeUp {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.name.hash(state);
    }
}

impl fmt::Debug for MadeUp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.name)
    }
}

impl fmt::Display for MadeUp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.name)
    }
}

impl HostTrait for MadeUpDevices {
    type Devices = std::vec::IntoIter<MadeUpDevice>;
    type Device = MadeUpDevice;

    fn is_available() -> bool {
        true
    }

    fn devices(&self) -> Result<Self::Devices, Error> {
        let plugged = |device: &&MadeUp| device.0.plugged.load(Ordering::Acquire);
        Ok(self.lock().devices.iter().filter(plugged).cloned().map(MadeUpDevice).collect::<Vec<_>>().into_iter())
    }

    fn default_input_device(&self) -> Option<Self::Device> {
        let name = self.lock().default_input.clone()?;
        self.devices().ok()?.find(|device| device.0.0.name == name)
    }

    fn default_output_device(&self) -> Option<Self::Device> {
        let name = self.lock().default_output.clone()?;
        self.devices().ok()?.find(|device| device.0.0.name == name)
    }
}

/// One of them, as cpal sees it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MadeUpDevice(MadeUp);

impl fmt::Display for MadeUpDevice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

const BUFFER: SupportedBufferSize = SupportedBufferSize::Range { min: 16, max: 48_000 };
const CHANNELS: u16 = 2;

impl MadeUpDevice {
    fn configs(&self, input: bool) -> std::vec::IntoIter<SupportedStreamConfigRange> {
        let rate = self.0.0.rate;
        let range = SupportedStreamConfigRange::new(CHANNELS, rate, rate, BUFFER, SampleFormat::F32);
        if self.0.0.input == input { vec![range] } else { Vec::new() }.into_iter()
    }

    fn config(&self) -> SupportedStreamConfig {
        SupportedStreamConfig::new(CHANNELS, self.0.0.rate, BUFFER, SampleFormat::F32)
    }

    fn start(
        &self,
        config: StreamConfig,
        mut callback: impl FnMut(&Controls, &mut [f32], StreamInstant) + Send + 'static,
        mut on_error: impl FnMut(Error) + Send + 'static,
    ) -> Result<MadeUpStream, Error> {
        let controls = Arc::clone(&self.0.0);
        if controls.refusing.load(Ordering::Acquire) || !controls.plugged.load(Ordering::Acquire) {
            return Err(Error::new(ErrorKind::DeviceNotAvailable));
        }
        controls.broken.store(false, Ordering::Release);
        controls.open.fetch_add(1, Ordering::AcqRel);
        controls.openings.fetch_add(1, Ordering::AcqRel);
        let state = Arc::new(StreamState { playing: AtomicBool::new(false), over: AtomicBool::new(false) });
        let begun = Instant::now();
        let running = Arc::clone(&state);
        let frames = (config.sample_rate / 100) as usize;
        let handle = std::thread::spawn(move || {
            let mut buffer = vec![0.0_f32; frames * usize::from(config.channels)];
            let mut next = Instant::now();
            while !running.over.load(Ordering::Acquire) {
                next += Duration::from_millis(10);
                std::thread::sleep(next.saturating_duration_since(Instant::now()));
                if controls.broken.load(Ordering::Acquire) || !controls.plugged.load(Ordering::Acquire) {
                    on_error(Error::new(ErrorKind::DeviceNotAvailable));
                    break;
                }
                if running.playing.load(Ordering::Acquire) {
                    callback(&controls, &mut buffer, StreamInstant::from_nanos(begun.elapsed().as_nanos() as u64));
                }
            }
            controls.open.fetch_sub(1, Ordering::AcqRel);
        });
        Ok(MadeUpStream { state, begun, handle: Some(handle) })
    }
}

/// cpal's callbacks take a type-erased buffer that only an unsafe function makes.
#[allow(unsafe_code)]
fn erased(buffer: &mut [f32]) -> Data {
    // SAFETY: pointer, length and format describe `buffer`, which outlives the
    // returned value: each caller uses it for one callback and drops it.
    unsafe { Data::from_parts(buffer.as_mut_ptr().cast(), buffer.len(), SampleFormat::F32) }
}

impl DeviceTrait for MadeUpDevice {
    type SupportedInputConfigs = std::vec::IntoIter<SupportedStreamConfigRange>;
    type SupportedOutputConfigs = std::vec::IntoIter<SupportedStreamConfigRange>;
    type Stream = MadeUpStream;

    fn description(&self) -> Result<DeviceDescription, Error> {
        let direction = if self.0.0.input { DeviceDirection::Input } else { DeviceDirection::Output };
        Ok(DeviceDescriptionBuilder::new(&self.0.0.name).direction(direction).build())
    }

    fn id(&self) -> Result<DeviceId, Error> {
        Ok(DeviceId::new(HostId::Custom, &self.0.0.name))
    }

    fn supported_input_configs(&self) -> Result<Self::SupportedInputConfigs, Error> {
        Ok(self.configs(true))
    }

    fn supported_output_configs(&self) -> Result<Self::SupportedOutputConfigs, Error> {
        Ok(self.configs(false))
    }

    fn default_input_config(&self) -> Result<SupportedStreamConfig, Error> {
        Ok(self.config())
    }

    fn default_output_config(&self) -> Result<SupportedStreamConfig, Error> {
        Ok(self.config())
    }

    fn build_input_stream_raw<D, E>(
        &self,
        config: StreamConfig,
        _: SampleFormat,
        mut data_callback: D,
        error_callback: E,
        _: Option<Duration>,
    ) -> Result<Self::Stream, Error>
    where
        D: FnMut(&Data, &InputCallbackInfo) + Send + 'static,
        E: FnMut(Error) + Send + 'static,
    {
        let mut phase = 0.0_f32;
        let step = 440.0 / config.sample_rate as f32;
        let mut seed = 1_u32;
        let mut mono = Vec::new();
        let callback = move |controls: &Controls, buffer: &mut [f32], now| {
            let level = f32::from_bits(controls.level.load(Ordering::Acquire));
            // Even noise from -1 to 1 has a loudness of 0.577.
            let hum = f32::from_bits(controls.hum.load(Ordering::Acquire)) / 0.577;
            let channels = usize::from(config.channels);
            mono.clear();
            mono.extend((0..buffer.len() / channels).map(|_| {
                phase = (phase + step).fract();
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let white = (seed >> 8) as f32 / 8_388_608.0 - 1.0;
                level * (std::f32::consts::TAU * phase).sin() + hum * white
            }));
            if let Some(air) = controls.air.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
                air.add(&mut mono, config.sample_rate);
            }
            for (frame, sample) in buffer.chunks_mut(channels).zip(&mono) {
                frame.fill(*sample);
            }
            let stamp = InputStreamTimestamp { callback: now, capture: now };
            data_callback(&erased(buffer), &InputCallbackInfo::new(stamp));
        };
        self.start(config, callback, error_callback)
    }

    fn build_output_stream_raw<D, E>(
        &self,
        config: StreamConfig,
        _: SampleFormat,
        mut data_callback: D,
        error_callback: E,
        _: Option<Duration>,
    ) -> Result<Self::Stream, Error>
    where
        D: FnMut(&mut Data, &OutputCallbackInfo) + Send + 'static,
        E: FnMut(Error) + Send + 'static,
    {
        let callback = move |controls: &Controls, buffer: &mut [f32], now| {
            let stamp = OutputStreamTimestamp { callback: now, playback: now };
            data_callback(&mut erased(buffer), &OutputCallbackInfo::new(stamp));
            let mut heard = controls.heard.lock().unwrap_or_else(PoisonError::into_inner);
            heard.extend(buffer.chunks(usize::from(config.channels)).map(|frame| frame[0]));
        };
        self.start(config, callback, error_callback)
    }
}

struct StreamState {
    playing: AtomicBool,
    over: AtomicBool,
}

/// A running stream of a made-up device.
pub struct MadeUpStream {
    state: Arc<StreamState>,
    begun: Instant,
    handle: Option<std::thread::JoinHandle<()>>,
}

impl StreamTrait for MadeUpStream {
    fn play(&self) -> Result<(), Error> {
        self.state.playing.store(true, Ordering::Release);
        Ok(())
    }

    fn pause(&self) -> Result<(), Error> {
        self.state.playing.store(false, Ordering::Release);
        Ok(())
    }

    fn now(&self) -> StreamInstant {
        StreamInstant::from_nanos(self.begun.elapsed().as_nanos() as u64)
    }

    fn buffer_size(&self) -> Result<cpal::FrameCount, Error> {
        Ok(480)
    }
}

impl Drop for MadeUpStream {
    fn drop(&mut self) {
        self.state.over.store(true, Ordering::Release);
        if let Some(handle) = self.handle.take() {
            let _ = handle.join();
        }
    }
}
