//! PulseAudio and PipeWire: the one file that speaks their protocol.
//!
//! Everything goes over one connection: listing, the microphone, the speaker and
//! the ringer beside it. Streams are 48 kHz mono, whatever the device is: the
//! server converts. Nothing here wakes up except for sound; how long the device
//! itself takes is asked for by [`Stream::ask_delay`], now and then.
//!
//! | input | origin | then |
//! | --- | --- | --- |
//! | data wanted, data there | server | callback |
//! | stream killed, connection lost | server | the callback is dropped: [`Watch`] tells the loss |
//! | stream dropped | patchbay | deleted at the server, nothing is told |

use std::ffi::CStr;
use std::pin::pin;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::{Duration, Instant};

use pulseaudio::protocol::stream::{BufferAttr, StreamFlags};
use pulseaudio::protocol::{
    ChannelMap, ChannelPosition, PlaybackStreamParams, RecordStreamParams, SampleFormat, SampleSpec,
};
use pulseaudio::{AsPlaybackSource as _, Client, ClientError, PlaybackStream, RecordStream};

use crate::line::{self, CaptureEnd, CaptureFeed, Gauge, PlayoutEnd, PlayoutFeed};
use crate::vocabulary::SAMPLE_RATE;

/// Shown by the desktop's volume control.
const NAME: &CStr = c"Trunkline";
/// How long the server may take to answer, or to deliver the first sound.
const PATIENCE: Duration = Duration::from_secs(2);
const SAMPLE: u32 = size_of::<f32>() as u32;

/// What went wrong at the server.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServerError {
    #[error(transparent)]
    Refused(#[from] ClientError),
    #[error("no answer within {} s", PATIENCE.as_secs())]
    Silent,
    #[error("the stream ended at once")]
    Ended,
}

/// A connection to the sound server. Clones share it.
#[derive(Clone)]
pub(crate) struct Server {
    client: Client,
    /// Outputs of one connection that share a number must share the sink, too
    /// (`PA_ERR_INVALID`, protocol-native.c): each has its own.
    outputs: Arc<AtomicU32>,
}

/// A sink or a source.
#[derive(Clone)]
pub(crate) struct Device {
    server: Server,
    index: u32,
    /// The server's name for it.
    pub id: String,
    /// The name that is shown.
    pub name: String,
    pub is_default: bool,
    pub input: bool,
}

impl Server {
    /// There is a socket to connect to.
    pub(crate) fn is_there() -> bool {
        pulseaudio::socket_path_from_env().is_some()
    }

    /// Connects to the server that the environment names.
    pub(crate) fn connect() -> Result<Self, ServerError> {
        let (done, result) = mpsc::sync_channel(1);
        // The crate's handshake waits without a limit, and its thread takes this one's name.
        let _ = std::thread::Builder::new().name("audio-server".to_owned()).spawn(move || {
            let _ = done.send(Client::from_env(NAME));
        });
        match result.recv_timeout(PATIENCE) {
            Ok(client) => Ok(Self { client: client?, outputs: Arc::default() }),
            Err(_) => Err(ServerError::Silent),
        }
    }

    /// All sinks and sources.
    pub(crate) fn devices(&self) -> Result<Vec<Device>, ServerError> {
        let info = answer(self.client.server_info())?;
        let text = |name: &CStr| name.to_string_lossy().into_owned();
        let device = |index, name: &CStr, description: Option<&CStr>, default: Option<&CStr>, input| Device {
            server: self.clone(),
            index,
            id: text(name),
            name: text(description.unwrap_or(name)),
            is_default: default == Some(name),
            input,
        };
        let sinks = answer(self.client.list_sinks())?;
        let sources = answer(self.client.list_sources())?;
        let (speaker, microphone) = (info.default_sink_name.as_deref(), info.default_source_name.as_deref());
        let outputs =
            sinks.iter().map(|sink| device(sink.index, &sink.name, sink.description.as_deref(), speaker, false));
        let inputs = sources
            .iter()
            .map(|source| device(source.index, &source.name, source.description.as_deref(), microphone, true));
        Ok(outputs.chain(inputs).collect())
    }
}

/// An open stream; dropping it closes it without waiting.
pub(crate) struct Stream {
    kind: Kind,
    gauge: Arc<Gauge>,
    life: Arc<AtomicU8>,
}

enum Kind {
    Playback(PlaybackStream),
    Record(RecordStream),
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.life.store(CLOSED, Ordering::Release);
    }
}

impl Stream {
    fn new(kind: Kind, gauge: Arc<Gauge>, life: Arc<AtomicU8>) -> Result<Self, ServerError> {
        let stream = Self { kind, gauge, life };
        match stream.life.compare_exchange(OPENING, OPEN, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => {
                stream.ask_delay();
                Ok(stream)
            }
            Err(_) => Err(ServerError::Ended),
        }
    }

    /// Asks the server how long sound takes between the callback and the air.
    pub(crate) fn ask_delay(&self) {
        let delay = match &self.kind {
            // What is queued at the server when it asks for more, and the device's own.
            Kind::Playback(stream) => answer(stream.timing_info()).map(|timing| {
                let buffer = stream.buffer_attr();
                let queued = buffer.target_length.saturating_sub(buffer.minimum_request_length);
                u64::from(queued / SAMPLE) * 1_000_000 / u64::from(SAMPLE_RATE) + timing.sink_usec
            }),
            Kind::Record(stream) => answer(stream.timing_info()).map(|timing| timing.source_usec),
        };
        if let Ok(microseconds) = delay {
            self.gauge.set_device_delay(u32::try_from(microseconds).unwrap_or(u32::MAX));
        }
    }
}

// A stream's life.
const OPENING: u8 = 0;
const OPEN: u8 = 1;
const CLOSED: u8 = 2;

/// Lives in a callback: the client drops that when the stream is of no more use.
struct Watch<L: FnMut(String)> {
    life: Arc<AtomicU8>,
    on_loss: L,
}

impl<L: FnMut(String)> Drop for Watch<L> {
    fn drop(&mut self) {
        if self.life.swap(CLOSED, Ordering::AcqRel) == OPEN {
            (self.on_loss)("the sound server ended the stream".to_owned());
        }
    }
}

impl Device {
    /// Opens for playing. `on_loss` is called, on the connection's thread, when
    /// the stream ends by itself.
    pub(crate) fn open_output(
        &self,
        on_loss: impl FnMut(String) + Send + 'static,
    ) -> Result<(Stream, PlayoutFeed), ServerError> {
        let (feed, mut end) = line::playout(SAMPLE_RATE).ok_or(ServerError::Ended)?;
        let (gauge, life) = (Arc::clone(&end.gauge), Arc::new(AtomicU8::new(OPENING)));
        let watch = Watch { life: Arc::clone(&life), on_loss };
        let fill = move |bytes: &mut [u8]| {
            let _watch = &watch;
            play(&mut end, bytes);
            bytes.len()
        };
        let period = line::period(SAMPLE_RATE) * SAMPLE;
        let params = PlaybackStreamParams {
            sink_index: Some(self.index),
            sample_spec: spec(),
            channel_map: ChannelMap::new([ChannelPosition::Mono]),
            buffer_attr: BufferAttr {
                max_length: 2 * period,
                target_length: 2 * period,
                minimum_request_length: period,
                ..BufferAttr::default()
            },
            sync_id: self.server.outputs.fetch_add(1, Ordering::Relaxed),
            flags: StreamFlags { adjust_latency: true, ..StreamFlags::default() },
            ..PlaybackStreamParams::default()
        };
        let stream = wait(self.server.client.create_playback_stream(params, fill.as_playback_source()), None)?;
        Ok((Stream::new(Kind::Playback(stream), gauge, life)?, feed))
    }

    /// Opens for recording; see [`open_output`](Self::open_output). Open means
    /// that the first sound has come.
    pub(crate) fn open_input(
        &self,
        on_loss: impl FnMut(String) + Send + 'static,
    ) -> Result<(Stream, CaptureFeed), ServerError> {
        let (mut end, feed) = line::capture(SAMPLE_RATE).ok_or(ServerError::Ended)?;
        let (gauge, life) = (Arc::clone(&end.gauge), Arc::new(AtomicU8::new(OPENING)));
        let watch = Watch { life: Arc::clone(&life), on_loss };
        let (begins, begun) = mpsc::sync_channel(1);
        let mut begins = Some(begins);
        let take = move |bytes: &[u8]| {
            let _watch = &watch;
            record(&mut end, bytes);
            if let Some(begins) = begins.take() {
                let _ = begins.try_send(());
            }
        };
        let period = line::period(SAMPLE_RATE) * SAMPLE;
        let params = RecordStreamParams {
            source_index: Some(self.index),
            sample_spec: spec(),
            channel_map: ChannelMap::new([ChannelPosition::Mono]),
            buffer_attr: BufferAttr { max_length: period, fragment_size: period, ..BufferAttr::default() },
            flags: StreamFlags { adjust_latency: true, ..StreamFlags::default() },
            ..RecordStreamParams::default()
        };
        let stream = wait(self.server.client.create_record_stream(params, take), None)?;
        begun.recv_timeout(PATIENCE).map_err(|_| ServerError::Silent)?;
        Ok((Stream::new(Kind::Record(stream), gauge, life)?, feed))
    }
}

fn spec() -> SampleSpec {
    let format = if cfg!(target_endian = "little") { SampleFormat::Float32Le } else { SampleFormat::Float32Be };
    SampleSpec { format, channels: 1, sample_rate: SAMPLE_RATE }
}

fn play(end: &mut PlayoutEnd, bytes: &mut [u8]) {
    let (samples, rest) = bytes.as_chunks_mut();
    let now = end.gauge.now();
    end.fill(now, samples, 1, |sample| sample.clamp(-1.0, 1.0).to_ne_bytes());
    rest.fill(0);
}

fn record(end: &mut CaptureEnd, bytes: &[u8]) {
    let (samples, _) = bytes.as_chunks();
    let now = end.gauge.now();
    end.take(now, samples, 1, f32::from_ne_bytes);
}

/// The server's answer, within [`PATIENCE`].
fn answer<T>(asked: impl Future<Output = Result<T, ClientError>>) -> Result<T, ServerError> {
    wait(asked, Some(PATIENCE))
}

/// Waits on this thread. A stream that is being made must not be given up: it
/// would stay open at the server.
fn wait<T>(asked: impl Future<Output = Result<T, ClientError>>, limit: Option<Duration>) -> Result<T, ServerError> {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut asked = pin!(asked);
    let from = Instant::now();
    loop {
        if let Poll::Ready(done) = asked.as_mut().poll(&mut context) {
            return done.map_err(ServerError::Refused);
        }
        match limit.map(|limit| limit.saturating_sub(from.elapsed())) {
            None => std::thread::park(),
            Some(Duration::ZERO) => return Err(ServerError::Silent),
            Some(left) => std::thread::park_timeout(left),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;
    use crate::vocabulary::FRAME;

    #[test]
    fn sound_passes_as_the_servers_bytes_both_ways() {
        let (mut feed, mut end) = line::playout(SAMPLE_RATE).expect("48 kHz");
        for _ in 0..3 {
            feed.push(&[0.5; FRAME]);
        }
        let mut bytes = vec![0; 960 * 4];
        play(&mut end, &mut bytes);
        let last = f32::from_ne_bytes(bytes[959 * 4..].try_into().expect("a sample"));
        assert!((last - 0.5).abs() < 0.01, "what was pushed is what the server is given: {last}");

        let (mut end, mut feed) = line::capture(SAMPLE_RATE).expect("48 kHz");
        record(&mut end, &bytes);
        record(&mut end, &bytes);
        let mut frame = [0.0; FRAME];
        for _ in 0..3 {
            feed.pull(&mut frame);
        }
        assert!((frame[FRAME / 2] - 0.5).abs() < 0.01, "and what it gives is what is heard: {}", frame[FRAME / 2]);
    }

    #[test]
    fn a_loss_is_told_once_and_only_of_an_open_stream() {
        for (life, told) in [(OPENING, 0), (OPEN, 1), (CLOSED, 0)] {
            let life = Arc::new(AtomicU8::new(life));
            let (tell, heard) = mpsc::channel();
            drop(Watch { life: Arc::clone(&life), on_loss: move |why| drop(tell.send(why)) });
            assert_eq!(heard.iter().count(), told, "opening fails with an error, closing is our own act");
            assert_eq!(life.load(Ordering::Relaxed), CLOSED, "and it stays ended");
        }
    }

    #[test]
    fn a_server_that_does_not_answer_is_not_waited_for_without_end() {
        let from = Instant::now();
        let result = wait::<()>(std::future::pending(), Some(Duration::from_millis(30)));
        assert!(matches!(result, Err(ServerError::Silent)), "{result:?}");
        assert!(from.elapsed() < Duration::from_secs(1), "took {:?}", from.elapsed());
    }
}
