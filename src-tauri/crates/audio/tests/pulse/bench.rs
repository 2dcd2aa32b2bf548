//! A sound server of one's own, recorders, and a call with a customer in it.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedReceiver;
use trunkline_audio::{AudioConfig, AudioEngine, AudioEvent, CallId, CallSink, CallSource, FRAME, Frame};

pub const CALL: CallId = CallId(7);
const PATIENCE: Duration = Duration::from_secs(12);
const FOLDER: &str = "TRUNKLINE_AUDIO_TEST_FOLDER";

/// Samples as milliseconds.
pub fn ms(samples: usize) -> f32 {
    samples as f32 / 48.0
}

/// The agent's devices. `norewinds`: null sinks otherwise buffer two seconds.
const DEVICES: &str = "
load-module module-null-sink sink_name=spare rate=48000 norewinds=1 sink_properties=device.description=Spare
load-module module-null-sink sink_name=desk rate=48000 norewinds=1 sink_properties=device.description=Desk
load-module module-null-sink sink_name=headset_out rate=48000 norewinds=1 sink_properties=device.description='Headset\\ out'
load-module module-null-sink sink_name=headset_in rate=48000 channels=1 norewinds=1
load-module module-remap-source source_name=headset master=headset_in.monitor source_properties=device.description=Headset
load-module module-null-sink sink_name=room_in rate=48000 channels=1 norewinds=1
load-module module-remap-source source_name=room master=room_in.monitor source_properties=device.description=Room
load-module module-null-sink sink_name=bus channels=2 channel_map=front-left,front-right rate=48000 norewinds=1
load-module module-remap-sink sink_name=loop_in master=bus channels=1 channel_map=mono master_channel_map=front-left remix=no
load-module module-remap-sink sink_name=loop_out master=bus channels=1 channel_map=mono master_channel_map=front-right remix=no sink_properties=device.description='Loop\\ speaker'
load-module module-remap-source source_name=loop_mic master=bus.monitor channels=1 channel_map=mono master_channel_map=front-left remix=no source_properties=device.description='Loop\\ microphone'
set-default-sink spare
set-default-source room
";

/// Runs `body` in a child process that finds its own sound server.
pub fn with_server(test: &str, body: impl FnOnce()) {
    if std::env::var_os(FOLDER).is_some() {
        let _afterwards = EndRestarted;
        body();
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let script = format!(
        "load-module module-native-protocol-unix auth-anonymous=1 socket={}/native\n{DEVICES}",
        folder.path().display()
    );
    std::fs::write(folder.path().join("script.pa"), script).unwrap();
    let server = Server::start(folder.path());
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(FOLDER, folder.path())
        .env("PULSE_SERVER", format!("unix:{}/native", folder.path().display()))
        .env("XDG_RUNTIME_DIR", folder.path())
        .env("HOME", folder.path())
        .output()
        .unwrap();
    print!("{}", String::from_utf8_lossy(&output.stdout));
    eprint!("{}", String::from_utf8_lossy(&output.stderr));
    drop(server);
    assert!(output.status.success(), "the test failed against its sound server, see above");
    assert!(
        String::from_utf8_lossy(&output.stdout).contains("1 passed"),
        "the child really ran this test (was it renamed?)"
    );
}

struct Server(Child);

impl Server {
    fn start(folder: &Path) -> Self {
        // A socket left behind by a killed server would look like a live one.
        let _ = std::fs::remove_file(folder.join("native"));
        let child = Command::new("pulseaudio")
            .args(["-n", "-F"])
            .arg(folder.join("script.pa"))
            // Shared memory: as in the proofs (tests/src/harness/desktop.rs).
            .args([
                "--daemonize=no",
                "--exit-idle-time=-1",
                "--use-pid-file=no",
                "--log-level=error",
                "--disable-shm=yes",
            ])
            .env("HOME", folder)
            .env("XDG_RUNTIME_DIR", folder)
            .env_remove("PULSE_SERVER")
            .stdout(Stdio::null())
            // A server that outlives the child must not hold the parent's pipes open.
            .stderr(Stdio::null())
            .spawn()
            .expect("the package pulseaudio is needed");
        std::fs::write(folder.join("pid"), child.id().to_string()).unwrap();
        let server = Self(child);
        let begun = Instant::now();
        loop {
            let answer = Command::new("pactl")
                .env("PULSE_SERVER", format!("unix:{}/native", folder.display()))
                .env("HOME", folder)
                .args(["get-default-source"])
                .stderr(Stdio::null())
                .output()
                .expect("the package pulseaudio-utils is needed");
            if String::from_utf8_lossy(&answer.stdout).trim() == "room" {
                return server;
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "the sound server did not come up");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Kills the server and starts another at the same address.
pub fn restart_server() {
    let folder = std::env::var(FOLDER).unwrap();
    let folder = Path::new(&folder);
    let pid = std::fs::read_to_string(folder.join("pid")).unwrap();
    assert!(Command::new("kill").args(["-9", pid.trim()]).status().unwrap().success());
    std::thread::sleep(Duration::from_millis(300));
    // Lives as long as this child process; ends with it.
    let server = Server::start(folder);
    AFTERWARDS.lock().unwrap().push(server);
}

/// Statics are not dropped at the end of a process, and a panic must not leave a
/// server behind either.
struct EndRestarted;

impl Drop for EndRestarted {
    fn drop(&mut self) {
        AFTERWARDS.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clear();
    }
}

static AFTERWARDS: Mutex<Vec<Server>> = Mutex::new(Vec::new());

fn pactl(args: &[&str]) -> String {
    let output = Command::new("pactl").args(args).output().unwrap();
    assert!(output.status.success(), "pactl {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Unplugs a sink, and what hangs on its monitor.
pub fn unload(sink: &str) {
    let modules = pactl(&["list", "short", "modules"]);
    for line in modules.lines().rev() {
        if line.contains(&format!("sink_name={sink} ")) || line.contains(&format!("master={sink}.monitor")) {
            pactl(&["unload-module", line.split_whitespace().next().unwrap()]);
        }
    }
}

pub fn load_sink(name: &str, description: &str) {
    let description = description.replace(' ', "\\ ");
    pactl(&[
        "load-module",
        "module-null-sink",
        &format!("sink_name={name}"),
        "rate=48000",
        "norewinds=1",
        &format!("sink_properties=device.description='{description}'"),
    ]);
}

/// Streams of this process at the server.
pub fn streams() -> usize {
    let own = format!("application.process.id = \"{}\"", std::process::id());
    ["sink-inputs", "source-outputs"].iter().map(|kind| pactl(&["list", kind]).matches(&own).count()).sum()
}

/// CPU seconds of this process, user and system.
pub fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks: f64 = fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap();
    ticks / 100.0
}

/// CPU milliseconds by thread's name.
pub fn cpu_by_thread() -> std::collections::BTreeMap<String, f64> {
    let mut used = std::collections::BTreeMap::new();
    for task in std::fs::read_dir("/proc/self/task").unwrap().flatten() {
        let Ok(name) = std::fs::read_to_string(task.path().join("comm")) else { continue };
        let Ok(stat) = std::fs::read_to_string(task.path().join("schedstat")) else { continue };
        let nanoseconds: f64 = stat.split_whitespace().next().unwrap().parse().unwrap();
        *used.entry(name.trim().to_owned()).or_default() += nanoseconds / 1.0e6;
    }
    used
}

/// Machine too busy for figures to mean anything: tests then only look for
/// what is plainly wrong.
pub fn machine_is_busy() -> bool {
    let load: f32 = std::fs::read_to_string("/proc/loadavg").unwrap().split(' ').next().unwrap().parse().unwrap();
    let cores = std::thread::available_parallelism().map_or(1.0, |cores| cores.get() as f32);
    load > cores * 0.75
}

fn bytes(sound: &[f32]) -> Vec<u8> {
    sound.iter().flat_map(|sample| sample.to_le_bytes()).collect()
}

fn pacat(sink: &str) -> Command {
    let mut command = Command::new("pacat");
    command.args(["--playback", "--raw", "--format=float32le", "--rate=48000", "--channels=1", "--latency-msec=20"]);
    command.arg(format!("--device={sink}")).stdin(Stdio::piped()).stderr(Stdio::null());
    command
}

/// Plays to a sink until it is over.
pub fn play(sink: &str, sound: &[f32]) {
    let mut child = pacat(sink).spawn().unwrap();
    child.stdin.take().unwrap().write_all(&bytes(sound)).unwrap();
    assert!(child.wait().unwrap().success(), "the stimulus was played to {sink}");
    std::thread::sleep(Duration::from_millis(250));
}

pub struct Player(Child);

impl Drop for Player {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub fn play_in_background(sink: &str, sound: &[f32]) -> Player {
    let mut child = pacat(sink).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let data = bytes(sound);
    std::thread::spawn(move || {
        let _ = stdin.write_all(&data);
    });
    Player(child)
}

/// What a monitor source gives, from outside.
pub struct Recording {
    pub name: String,
    child: Child,
    data: Arc<Mutex<Heard>>,
}

#[derive(Default)]
struct Heard {
    samples: Vec<f32>,
    /// When the end of what is there was read.
    clock: Option<(Instant, usize)>,
}

/// Common zero of all times.
fn epoch() -> Instant {
    static EPOCH: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    *EPOCH.get_or_init(Instant::now)
}

impl Recording {
    pub fn start(source: &str) -> Self {
        Self::open(source, 1)
    }

    pub fn stereo(source: &str) -> Self {
        Self::open(source, 2)
    }

    fn open(source: &str, channels: usize) -> Self {
        epoch();
        let mut child = Command::new("parec")
            .args(["--raw", "--format=float32le", "--rate=48000", "--latency-msec=5"])
            .arg(format!("--channels={channels}"))
            .arg(format!("--device={source}"))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the package pulseaudio-utils is needed");
        let mut stdout = child.stdout.take().unwrap();
        let data: Arc<Mutex<Heard>> = Arc::default();
        let into = Arc::clone(&data);
        std::thread::spawn(move || {
            let mut rest = Vec::new();
            let mut buffer = [0_u8; 4096];
            while let Ok(count @ 1..) = stdout.read(&mut buffer) {
                rest.extend_from_slice(&buffer[..count]);
                let whole = rest.len() / 4 * 4;
                let mut heard = into.lock().unwrap();
                heard.samples.extend(
                    rest[..whole].chunks_exact(4).map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]])),
                );
                // The least delayed reading says best which sample was when.
                let (now, length) = (Instant::now(), heard.samples.len() / channels);
                let ahead = |(at, samples): (Instant, usize)| {
                    length as f64 / 48_000.0 - samples as f64 / 48_000.0 - now.duration_since(at).as_secs_f64()
                };
                if heard.clock.is_none_or(|clock| ahead(clock) > 0.0) {
                    heard.clock = Some((now, length));
                }
                rest.drain(..whole);
            }
        });
        let recording = Self { name: source.to_owned(), child, data };
        let begun = Instant::now();
        while recording.data.lock().unwrap().clock.is_none() {
            assert!(begun.elapsed() < PATIENCE, "nothing is recorded from {source}");
            std::thread::sleep(Duration::from_millis(2));
        }
        // Two more readings, so that the clock is not set by the start alone.
        std::thread::sleep(Duration::from_millis(200));
        recording
    }

    /// The sample that is being recorded now.
    pub fn now(&self) -> usize {
        let (at, samples) = self.data.lock().unwrap().clock.unwrap();
        samples + (at.elapsed().as_secs_f64() * 48_000.0) as usize
    }

    /// When a sample was at the sink, ms.
    pub fn time_of(&self, sample: usize) -> f32 {
        let (at, samples) = self.data.lock().unwrap().clock.unwrap();
        let base = at.duration_since(epoch()).as_secs_f64() * 1_000.0;
        (base + (sample as f64 - samples as f64) / 48.0) as f32
    }

    pub fn samples(&self) -> Vec<f32> {
        self.data.lock().unwrap().samples.clone()
    }

    pub fn channels(&self) -> (Vec<f32>, Vec<f32>) {
        let all = self.samples();
        (all.iter().step_by(2).copied().collect(), all.iter().skip(1).step_by(2).copied().collect())
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The customer: says what is queued.
#[derive(Clone, Default)]
pub struct Customer(Arc<Mutex<Speech>>);

#[derive(Default)]
struct Speech {
    queue: VecDeque<f32>,
    begun: Option<Instant>,
}

/// Something the customer says: tells when each of its samples was given.
pub struct Said(f64);

impl Said {
    pub fn time_of(&self, sample: usize) -> f32 {
        (self.0 + sample as f64 / 48.0) as f32
    }
}

impl Customer {
    /// Queues; returns when the engine has begun to take it.
    pub fn say(&self, sound: &[f32]) -> Said {
        {
            let mut speech = self.0.lock().unwrap();
            speech.queue = sound.iter().copied().collect();
            speech.begun = None;
        }
        let asked = Instant::now();
        loop {
            if let Some(begun) = self.0.lock().unwrap().begun {
                return Said(begun.duration_since(epoch()).as_secs_f64() * 1_000.0);
            }
            assert!(asked.elapsed() < PATIENCE, "the engine does not ask the call for sound");
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

impl CallSource for Customer {
    fn pull(&mut self, frame: &mut Frame) {
        let mut speech = self.0.lock().unwrap();
        if !speech.queue.is_empty() {
            speech.begun.get_or_insert_with(Instant::now);
        }
        *frame = std::array::from_fn(|_| speech.queue.pop_front().unwrap_or(0.0));
    }
}

/// What was sent to the customer.
#[derive(Clone, Default)]
pub struct Sent(Arc<Mutex<Vec<(Instant, Frame)>>>);

impl CallSink for Sent {
    fn push(&mut self, frame: &Frame) {
        self.0.lock().unwrap().push((Instant::now(), *frame));
    }
}

fn loud(frame: &Frame) -> bool {
    frame.iter().any(|sample| sample.abs() > 0.01)
}

impl Sent {
    pub fn samples(&self) -> Vec<f32> {
        self.0.lock().unwrap().iter().flat_map(|(_, frame)| *frame).collect()
    }

    /// When a sample was pushed, ms: the end of its frame.
    pub fn time_of(&self, sample: usize) -> f32 {
        let at = self.0.lock().unwrap()[sample / FRAME].0;
        (at.duration_since(epoch()).as_secs_f64() * 1_000.0) as f32
    }

    pub fn frames_since(&self, instant: Instant) -> Vec<(Instant, Frame)> {
        self.0.lock().unwrap().iter().filter(|(at, _)| *at >= instant).copied().collect()
    }

    pub fn sounding(&self) -> bool {
        self.0.lock().unwrap().last().is_some_and(|(_, frame)| loud(frame))
    }

    /// Longest run of silent frames since, ms.
    pub fn longest_gap(&self, since: Instant) -> f32 {
        let (mut longest, mut run) = (0, 0);
        for (_, frame) in self.frames_since(since) {
            run = if loud(&frame) { 0 } else { run + 1 };
            longest = longest.max(run);
        }
        longest as f32 * 10.0
    }
}

/// The far end sends straight back, 10 ms later.
#[derive(Clone, Default)]
struct Echo(Arc<Mutex<VecDeque<Frame>>>);

impl CallSource for Echo {
    fn pull(&mut self, frame: &mut Frame) {
        *frame = self.0.lock().unwrap().pop_front().unwrap_or([0.0; FRAME]);
    }
}

impl CallSink for Echo {
    fn push(&mut self, frame: &Frame) {
        self.0.lock().unwrap().push_back(*frame);
    }
}

pub struct Bench {
    pub engine: AudioEngine,
    events: Mutex<(UnboundedReceiver<AudioEvent>, Vec<AudioEvent>)>,
}

impl Bench {
    pub fn new(config: AudioConfig) -> Self {
        epoch();
        let (engine, events) = AudioEngine::start(config).unwrap();
        Self { engine, events: Mutex::new((events, Vec::new())) }
    }

    pub fn attach(&self) -> (Customer, Sent) {
        let (customer, sent) = (Customer::default(), Sent::default());
        self.engine.attach_call(CALL, Box::new(customer.clone()), Box::new(sent.clone()));
        (customer, sent)
    }

    pub fn attach_echo(&self) {
        let echo = Echo::default();
        self.engine.attach_call(CALL, Box::new(echo.clone()), Box::new(echo));
    }

    /// An event like this was told.
    pub fn seen(&self, like: impl Fn(&AudioEvent) -> bool) -> bool {
        let mut guard = self.events.lock().unwrap();
        let (events, seen) = &mut *guard;
        while let Ok(event) = events.try_recv() {
            seen.push(event);
        }
        seen.iter().any(like)
    }

    pub fn until(&mut self, what: &str, mut check: impl FnMut(&mut Self) -> bool) {
        let begun = Instant::now();
        while !check(self) {
            if begun.elapsed() > PATIENCE {
                self.seen(|_| false);
                panic!("never: {what}; events: {:?}", self.events.lock().unwrap().1);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}
