//! Hosts, devices and streams: PulseAudio's (`pulse.rs`) and cpal's.
//!
//! PulseAudio's protocol comes first on Linux (PipeWire answers it too), ALSA is
//! the fallback. Every stream is asked for a fixed buffer of 10 ms: with the
//! default size a sound server may queue seconds.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{
    BufferSize, Data, DeviceDirection, ErrorKind, FromSample, Sample, SampleFormat, StreamConfig, SupportedBufferSize,
    SupportedStreamConfig, SupportedStreamConfigRange,
};

use crate::line::{self, CaptureEnd, CaptureFeed, PlayoutEnd, PlayoutFeed};
#[cfg(target_os = "linux")]
use crate::pulse;
use crate::vocabulary::SAMPLE_RATE;

/// How long a sound system may take to make a stream.
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
    #[cfg(target_os = "linux")]
    #[error("the sound server: {0}")]
    Server(#[from] pulse::ServerError),
}

type Make = dyn Fn() -> cpal::Host + Send + Sync;

/// Where devices come from.
#[derive(Clone)]
pub struct Host {
    /// `None`: the operating system.
    make: Option<Arc<Make>>,
}

impl fmt::Debug for Host {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.make.is_none() { "Host(system)" } else { "Host(given)" })
    }
}

impl Host {
    /// The operating system's devices. On Linux PulseAudio (or PipeWire through
    /// its Pulse server, found as `PULSE_SERVER` or in `XDG_RUNTIME_DIR`), else ALSA.
    #[must_use]
    pub fn system() -> Self {
        Self { make: None }
    }

    /// Any cpal host, for instance one of made-up devices for tests. Called again
    /// whenever the last host stopped answering.
    #[must_use]
    pub fn given(make: impl Fn() -> cpal::Host + Send + Sync + 'static) -> Self {
        Self { make: Some(Arc::new(make)) }
    }

    pub(crate) fn open(&self) -> OpenHost {
        match &self.make {
            Some(make) => OpenHost { system: false, backend: Backend::Cpal(make()) },
            None => OpenHost { system: true, backend: system() },
        }
    }
}

/// A sound server is there to be spoken to without cpal. Only Linux has them.
fn server_is_there() -> bool {
    #[cfg(target_os = "linux")]
    return pulse::Server::is_there();
    #[cfg(not(target_os = "linux"))]
    return false;
}

fn system() -> Backend {
    #[cfg(target_os = "linux")]
    if server_is_there() {
        match pulse::Server::connect() {
            Ok(server) => return Backend::Pulse(server),
            Err(error) => tracing::warn!(%error, "the sound server cannot be used"),
        }
    }
    Backend::Cpal(cpal::default_host())
}

enum Backend {
    Cpal(cpal::Host),
    #[cfg(target_os = "linux")]
    Pulse(pulse::Server),
}

/// A host that answered.
pub(crate) struct OpenHost {
    backend: Backend,
    system: bool,
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
    device: Device,
}

#[derive(Clone)]
enum Device {
    Cpal(cpal::Device),
    #[cfg(target_os = "linux")]
    Pulse(pulse::Device),
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
        self.system && matches!(self.backend, Backend::Cpal(_)) && server_is_there()
    }

    pub(crate) fn list(&self) -> Result<Listing, DeviceError> {
        let mut listing = match &self.backend {
            Backend::Cpal(host) => list_of(host)?,
            #[cfg(target_os = "linux")]
            Backend::Pulse(server) => list_of_server(server)?,
        };
        tell_apart(&mut listing.inputs);
        tell_apart(&mut listing.outputs);
        Ok(listing)
    }
}

#[cfg(target_os = "linux")]
fn list_of_server(server: &pulse::Server) -> Result<Listing, DeviceError> {
    let mut listing = Listing::default();
    for device in server.devices()? {
        let list = if device.input { &mut listing.inputs } else { &mut listing.outputs };
        list.push(Found {
            name: device.name.clone(),
            monitor: is_monitor(device.input, &device.id),
            id: device.id.clone(),
            is_default: device.is_default,
            device: Device::Pulse(device),
        });
    }
    Ok(listing)
}

fn is_monitor(input: bool, id: &str) -> bool {
    input && id.ends_with(".monitor")
}

fn list_of(host: &cpal::Host) -> Result<Listing, DeviceError> {
    let default_input = host.default_input_device().and_then(|device| id_of(&device));
    let default_output = host.default_output_device().and_then(|device| id_of(&device));
    let mut listing = Listing::default();
    for device in host.devices().map_err(DeviceError::Host)? {
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
            monitor: is_monitor(input, &id),
            id,
            is_default: false,
            device: Device::Cpal(device),
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
    Ok(listing)
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

/// A running stream; dropping it closes the device.
pub(crate) struct OpenStream(Running);

enum Running {
    Cpal(#[allow(dead_code, reason = "held to be dropped")] CpalStream),
    #[cfg(target_os = "linux")]
    Pulse(pulse::Stream),
}

impl OpenStream {
    /// Looks again how long the device itself takes, where that has to be asked for.
    pub(crate) fn ask_delay(&self) {
        match &self.0 {
            Running::Cpal(_) => {}
            #[cfg(target_os = "linux")]
            Running::Pulse(stream) => stream.ask_delay(),
        }
    }
}

/// Dropping cpal's stream may wait for the sound system, so it is done on a
/// thread of its own.
struct CpalStream(Option<cpal::Stream>);

impl Drop for CpalStream {
    fn drop(&mut self) {
        let stream = self.0.take();
        // Should there be no thread, the closure is dropped here, and the stream with it.
        let _ = std::thread::Builder::new().name("audio-close".to_owned()).spawn(move || drop(stream));
    }
}

impl Found {
    /// Opens for playing. `on_loss` is called, on a thread of the sound system,
    /// when the stream is no longer of use.
    pub(crate) fn open_output(
        &self,
        on_loss: impl FnMut(String) + Send + 'static,
    ) -> Result<(OpenStream, PlayoutFeed), DeviceError> {
        match &self.device {
            Device::Cpal(device) => {
                open_output(device, on_loss).map(|(stream, feed)| (OpenStream(Running::Cpal(stream)), feed))
            }
            #[cfg(target_os = "linux")]
            Device::Pulse(device) => {
                let (stream, feed) = device.open_output(on_loss)?;
                Ok((OpenStream(Running::Pulse(stream)), feed))
            }
        }
    }

    /// Opens for recording; see [`open_output`](Self::open_output).
    pub(crate) fn open_input(
        &self,
        on_loss: impl FnMut(String) + Send + 'static,
    ) -> Result<(OpenStream, CaptureFeed), DeviceError> {
        match &self.device {
            Device::Cpal(device) => {
                open_input(device, on_loss).map(|(stream, feed)| (OpenStream(Running::Cpal(stream)), feed))
            }
            #[cfg(target_os = "linux")]
            Device::Pulse(device) => {
                let (stream, feed) = device.open_input(on_loss)?;
                Ok((OpenStream(Running::Pulse(stream)), feed))
            }
        }
    }
}

fn open_output(
    device: &cpal::Device,
    on_loss: impl FnMut(String) + Send + 'static,
) -> Result<(CpalStream, PlayoutFeed), DeviceError> {
    let ranges = device.supported_output_configs().map(Iterator::collect).unwrap_or_default();
    let chosen = choose_config(ranges, || device.default_output_config())?;
    let (feed, end) = line::playout(chosen.sample_rate()).ok_or(DeviceError::Format)?;
    let channels = usize::from(chosen.channels());
    let stream = device
        .build_output_stream_raw(
            with_buffer(&chosen),
            chosen.sample_format(),
            play(end, channels),
            report(on_loss),
            Some(OPEN_TIMEOUT),
        )
        .map_err(DeviceError::Open)?;
    stream.play().map_err(DeviceError::Open)?;
    Ok((CpalStream(Some(stream)), feed))
}

fn open_input(
    device: &cpal::Device,
    on_loss: impl FnMut(String) + Send + 'static,
) -> Result<(CpalStream, CaptureFeed), DeviceError> {
    let ranges = device.supported_input_configs().map(Iterator::collect).unwrap_or_default();
    let chosen = choose_config(ranges, || device.default_input_config())?;
    let (end, feed) = line::capture(chosen.sample_rate()).ok_or(DeviceError::Format)?;
    let channels = usize::from(chosen.channels());
    let stream = device
        .build_input_stream_raw(
            with_buffer(&chosen),
            chosen.sample_format(),
            record(end, channels),
            report(on_loss),
            Some(OPEN_TIMEOUT),
        )
        .map_err(DeviceError::Open)?;
    stream.play().map_err(DeviceError::Open)?;
    Ok((CpalStream(Some(stream)), feed))
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

/// A buffer of 10 ms, or as near as the device allows.
fn with_buffer(chosen: &SupportedStreamConfig) -> StreamConfig {
    let wanted = line::period(chosen.sample_rate()).max(1);
    let buffer_size = match chosen.buffer_size() {
        SupportedBufferSize::Range { min, max } if *max > 0 => BufferSize::Fixed(wanted.clamp(*min, (*max).max(*min))),
        // Nothing is known: a fixed size may be refused outright.
        _ => BufferSize::Default,
    };
    StreamConfig { buffer_size, ..chosen.config() }
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
