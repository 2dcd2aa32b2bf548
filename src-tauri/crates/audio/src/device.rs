//! The one file that knows cpal: hosts, devices, streams.
//!
//! PulseAudio comes first on Linux (cpal's pure-Rust client, which PipeWire's
//! Pulse server answers too), ALSA is the fallback. Every stream is asked for a
//! fixed buffer of 10 ms: with the default size a sound server may queue seconds.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{
    BufferSize, Data, DeviceDirection, ErrorKind, FromSample, Sample, SampleFormat, StreamConfig, SupportedBufferSize,
    SupportedStreamConfig, SupportedStreamConfigRange,
};

use crate::line::{self, CaptureEnd, CaptureFeed, PlayoutEnd, PlayoutFeed};
use crate::vocabulary::SAMPLE_RATE;

/// How long a sound server may take to make a stream.
const OPEN_TIMEOUT: Duration = Duration::from_secs(2);

/// What went wrong with a host or a device. Shown in the log only: the agent is
/// told through events what serves instead.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DeviceError {
    #[error("the sound system does not answer: {0}")]
    Host(cpal::Error),
    #[error("the device cannot be opened: {0}")]
    Open(cpal::Error),
    #[error("the device offers no format that can be used")]
    Format,
}

type Make = dyn Fn() -> Result<cpal::Host, cpal::Error> + Send + Sync;

/// Where devices come from.
#[derive(Clone)]
pub struct Host {
    make: Arc<Make>,
    system: bool,
}

impl fmt::Debug for Host {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.system { "Host(system)" } else { "Host(given)" })
    }
}

impl Host {
    /// The operating system's devices. On Linux PulseAudio (or PipeWire through
    /// its Pulse server, found as `PULSE_SERVER` or in `XDG_RUNTIME_DIR`), else ALSA.
    #[must_use]
    pub fn system() -> Self {
        Self { make: Arc::new(|| Ok(cpal::default_host())), system: true }
    }

    /// Any cpal host, for instance one of made-up devices for tests. Called again
    /// whenever the last host stopped answering.
    #[must_use]
    pub fn given(make: impl Fn() -> cpal::Host + Send + Sync + 'static) -> Self {
        Self { make: Arc::new(move || Ok(make())), system: false }
    }

    pub(crate) fn open(&self) -> Result<OpenHost, DeviceError> {
        Ok(OpenHost {
            host: (self.make)().map_err(DeviceError::Host)?,
            system: self.system,
            make: Arc::clone(&self.make),
        })
    }
}

/// A host that answered.
pub(crate) struct OpenHost {
    host: cpal::Host,
    system: bool,
    make: Arc<Make>,
}

/// One device found.
#[derive(Clone)]
pub(crate) struct Found {
    /// Shown name, unique in its list.
    pub name: String,
    /// The sound server's own name for it.
    pub id: String,
    pub is_default: bool,
    /// Records what an output plays. Never chosen by itself: the customer would
    /// hear their own voice.
    pub monitor: bool,
    device: cpal::Device,
    /// Set where every output needs a connection of its own.
    connect: Option<Arc<Make>>,
}

/// All devices at one moment.
#[derive(Clone, Default)]
pub(crate) struct Listing {
    pub inputs: Vec<Found>,
    pub outputs: Vec<Found>,
}

impl OpenHost {
    /// A better host has come up meanwhile (the sound server started after us).
    pub(crate) fn outdated(&self) -> bool {
        #[cfg(target_os = "linux")]
        {
            self.system
                && self.host.id() != cpal::HostId::PulseAudio
                && cpal::available_hosts().contains(&cpal::HostId::PulseAudio)
        }
        #[cfg(not(target_os = "linux"))]
        {
            let _ = self.system;
            false
        }
    }

    /// cpal 0.18 gives every PulseAudio playback stream the same `sync_id`, and
    /// the server refuses streams of one client that share it but not the sink
    /// (`PA_ERR_INVALID`, protocol-native.c). The ringer could then not sound
    /// beside the speaker, so each output is opened by a client of its own.
    fn connection_per_output(&self) -> Option<Arc<Make>> {
        #[cfg(target_os = "linux")]
        if self.system && self.host.id() == cpal::HostId::PulseAudio {
            return Some(Arc::clone(&self.make));
        }
        None
    }

    pub(crate) fn list(&self) -> Result<Listing, DeviceError> {
        let default_input = self.host.default_input_device().and_then(|device| id_of(&device));
        let default_output = self.host.default_output_device().and_then(|device| id_of(&device));
        let mut listing = Listing::default();
        for device in self.host.devices().map_err(DeviceError::Host)? {
            let Some(id) = id_of(&device) else { continue };
            let Ok(description) = device.description() else { continue };
            let (input, output) = match description.direction() {
                DeviceDirection::Input => (true, false),
                DeviceDirection::Output => (false, true),
                DeviceDirection::Duplex => (true, true),
                _ => (device.supports_input(), device.supports_output()),
            };
            let found = Found {
                name: description.name().to_owned(),
                monitor: input && id.ends_with(".monitor"),
                id,
                is_default: false,
                device,
                connect: self.connection_per_output(),
            };
            if input {
                let is_default = default_input.as_ref() == Some(&found.id);
                listing.inputs.push(Found { is_default, ..found.clone() });
            }
            if output {
                let is_default = default_output.as_ref() == Some(&found.id);
                listing.outputs.push(Found { is_default, ..found });
            }
        }
        tell_apart(&mut listing.inputs);
        tell_apart(&mut listing.outputs);
        Ok(listing)
    }
}

fn id_of(device: &cpal::Device) -> Option<String> {
    device.id().ok().map(|id| id.id().to_owned())
}

/// Two headsets of one make have one description: the server's name is added.
fn tell_apart(found: &mut [Found]) {
    let names: Vec<String> = found.iter().map(|device| device.name.clone()).collect();
    for device in found {
        if names.iter().filter(|name| **name == device.name).count() > 1 {
            device.name = format!("{} ({})", device.name, device.id);
        }
    }
}

/// A running stream; dropping it closes the device. Dropping may wait for the
/// sound server, so it is done on a thread of its own.
pub(crate) struct OpenStream {
    stream: Option<cpal::Stream>,
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        let stream = self.stream.take();
        // Should there be no thread, the closure is dropped here, and the stream with it.
        let _ = std::thread::Builder::new().name("audio-close".to_owned()).spawn(move || drop(stream));
    }
}

impl Found {
    /// The device as a stream is to be opened on it.
    fn for_output(&self) -> Result<cpal::Device, DeviceError> {
        let Some(connect) = &self.connect else { return Ok(self.device.clone()) };
        let host = connect().map_err(DeviceError::Host)?;
        let mut devices = host.devices().map_err(DeviceError::Host)?;
        let same = devices.find(|device| id_of(device).as_ref() == Some(&self.id));
        same.ok_or_else(|| DeviceError::Open(cpal::Error::new(ErrorKind::DeviceNotAvailable)))
    }

    /// Opens for playing. `on_loss` is called, on a thread of the sound system,
    /// when the stream is no longer of use.
    pub(crate) fn open_output(
        &self,
        on_loss: impl FnMut(String) + Send + 'static,
    ) -> Result<(OpenStream, PlayoutFeed), DeviceError> {
        let device = self.for_output()?;
        let ranges = device.supported_output_configs().map(Iterator::collect).unwrap_or_default();
        let chosen = choose_config(ranges, || device.default_output_config())?;
        let (feed, end) = line::playout(chosen.sample_rate()).ok_or(DeviceError::Format)?;
        let channels = usize::from(chosen.channels());
        // The end can only be given away once, yet a fixed buffer may be refused.
        let mut end = Some(end);
        let mut on_loss = Some(on_loss);
        let stream = with_buffer(&chosen, |config| {
            let (Some(end), Some(on_loss)) = (end.take(), on_loss.take()) else {
                return Err(cpal::Error::new(ErrorKind::UnsupportedConfig));
            };
            device.build_output_stream_raw(
                config,
                chosen.sample_format(),
                play(end, channels),
                report(on_loss),
                Some(OPEN_TIMEOUT),
            )
        })?;
        stream.play().map_err(DeviceError::Open)?;
        Ok((OpenStream { stream: Some(stream) }, feed))
    }

    /// Opens for recording; see [`open_output`](Self::open_output).
    pub(crate) fn open_input(
        &self,
        on_loss: impl FnMut(String) + Send + 'static,
    ) -> Result<(OpenStream, CaptureFeed), DeviceError> {
        let ranges = self.device.supported_input_configs().map(Iterator::collect).unwrap_or_default();
        let chosen = choose_config(ranges, || self.device.default_input_config())?;
        let (end, feed) = line::capture(chosen.sample_rate()).ok_or(DeviceError::Format)?;
        let channels = usize::from(chosen.channels());
        let mut end = Some(end);
        let mut on_loss = Some(on_loss);
        let stream = with_buffer(&chosen, |config| {
            let (Some(end), Some(on_loss)) = (end.take(), on_loss.take()) else {
                return Err(cpal::Error::new(ErrorKind::UnsupportedConfig));
            };
            self.device.build_input_stream_raw(
                config,
                chosen.sample_format(),
                record(end, channels),
                report(on_loss),
                Some(OPEN_TIMEOUT),
            )
        })?;
        stream.play().map_err(DeviceError::Open)?;
        Ok((OpenStream { stream: Some(stream) }, feed))
    }
}

/// 48 kHz in the plainest format where offered, else what the device prefers.
fn choose_config(
    ranges: Vec<SupportedStreamConfigRange>,
    preferred: impl Fn() -> Result<SupportedStreamConfig, cpal::Error>,
) -> Result<SupportedStreamConfig, DeviceError> {
    let best = ranges
        .iter()
        .filter(|range| range.contains_rate(SAMPLE_RATE) && rank(range.sample_format()).is_some())
        .min_by_key(|range| (rank(range.sample_format()), range.channels()));
    if let Some(range) = best.and_then(|range| (*range).try_with_sample_rate(SAMPLE_RATE)) {
        return Ok(range);
    }
    let default = preferred().map_err(DeviceError::Open)?;
    if rank(default.sample_format()).is_none() { Err(DeviceError::Format) } else { Ok(default) }
}

/// Formats we can convert, best first.
fn rank(format: SampleFormat) -> Option<u8> {
    match format {
        SampleFormat::F32 => Some(0),
        SampleFormat::I16 => Some(1),
        SampleFormat::I32 => Some(2),
        SampleFormat::U16 => Some(3),
        SampleFormat::U8 => Some(4),
        _ => None,
    }
}

/// Builds with a buffer of 10 ms, or as near as the device allows.
fn with_buffer(
    chosen: &SupportedStreamConfig,
    build: impl FnOnce(StreamConfig) -> Result<cpal::Stream, cpal::Error>,
) -> Result<cpal::Stream, DeviceError> {
    let wanted = line::period(chosen.sample_rate()).max(1);
    let buffer_size = match chosen.buffer_size() {
        SupportedBufferSize::Range { min, max } if *max > 0 => BufferSize::Fixed(wanted.clamp(*min, (*max).max(*min))),
        // Nothing is known: a fixed size may be refused outright.
        _ => BufferSize::Default,
    };
    build(StreamConfig { buffer_size, ..chosen.config() }).map_err(DeviceError::Open)
}

/// The stream's error callback. Some errors are only news.
fn report(mut on_loss: impl FnMut(String) + Send + 'static) -> impl FnMut(cpal::Error) + Send + 'static {
    move |error| match error.kind() {
        ErrorKind::Xrun | ErrorKind::RealtimeDenied | ErrorKind::DeviceChanged => {}
        _ => on_loss(error.to_string()),
    }
}

fn play(mut end: PlayoutEnd, channels: usize) -> impl FnMut(&mut Data, &cpal::OutputCallbackInfo) + Send + 'static {
    fn fill<T: Copy + cpal::SizedSample + FromSample<f32>>(end: &mut PlayoutEnd, data: &mut Data, channels: usize) {
        if let Some(out) = data.as_slice_mut::<T>() {
            let now = end.gauge.now();
            end.fill(now, out, channels, |sample| T::from_sample(sample.clamp(-1.0, 1.0)));
        }
    }
    move |data, info| {
        let stamp = info.timestamp();
        let delay = stamp.playback.saturating_duration_since(stamp.callback);
        end.gauge.set_device_delay(u32::try_from(delay.as_micros()).unwrap_or(u32::MAX));
        match data.sample_format() {
            SampleFormat::F32 => fill::<f32>(&mut end, data, channels),
            SampleFormat::I16 => fill::<i16>(&mut end, data, channels),
            SampleFormat::I32 => fill::<i32>(&mut end, data, channels),
            SampleFormat::U16 => fill::<u16>(&mut end, data, channels),
            SampleFormat::U8 => fill::<u8>(&mut end, data, channels),
            _ => {}
        }
    }
}

fn record(mut end: CaptureEnd, channels: usize) -> impl FnMut(&Data, &cpal::InputCallbackInfo) + Send + 'static {
    fn take<T: Copy + cpal::SizedSample>(end: &mut CaptureEnd, data: &Data, channels: usize)
    where
        f32: FromSample<T>,
    {
        if let Some(heard) = data.as_slice::<T>() {
            let now = end.gauge.now();
            end.take(now, heard, channels, |sample| f32::from_sample(sample));
        }
    }
    move |data, info| {
        let stamp = info.timestamp();
        let delay = stamp.callback.saturating_duration_since(stamp.capture);
        end.gauge.set_device_delay(u32::try_from(delay.as_micros()).unwrap_or(u32::MAX));
        match data.sample_format() {
            SampleFormat::F32 => take::<f32>(&mut end, data, channels),
            SampleFormat::I16 => take::<i16>(&mut end, data, channels),
            SampleFormat::I32 => take::<i32>(&mut end, data, channels),
            SampleFormat::U16 => take::<u16>(&mut end, data, channels),
            SampleFormat::U8 => take::<u8>(&mut end, data, channels),
            _ => {}
        }
    }
}
