//! Stands in for the audio engine: every 10 ms it pulls and pushes.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use trunkline_media::{Capture, Playout};

pub struct Engine {
    stop: Arc<AtomicBool>,
    heard: Arc<Mutex<Vec<f32>>>,
    thread: Option<JoinHandle<()>>,
}

impl Engine {
    /// Says `speech` over and over (nothing is pushed when it is empty) and records what is heard.
    pub fn start(mut playout: Playout, mut capture: Capture, speech: Vec<f32>) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (stopped, record) = (Arc::clone(&stop), Arc::clone(&heard));
        let thread = std::thread::spawn(move || {
            let begun = Instant::now();
            let mut frames = speech.chunks_exact(480).cycle();
            for tick in 0_u32.. {
                if stopped.load(Ordering::Relaxed) {
                    return;
                }
                let mut frame = [0.0; 480];
                playout.pull(&mut frame);
                record.lock().unwrap().extend_from_slice(&frame);
                if let Some(said) = frames.next() {
                    capture.push(said.try_into().unwrap());
                }
                let due = begun + Duration::from_millis(10) * (tick + 1);
                std::thread::sleep(due.saturating_duration_since(Instant::now()));
            }
        });
        Self { stop, heard, thread: Some(thread) }
    }

    pub fn heard(&self) -> Vec<f32> {
        self.heard.lock().unwrap().clone()
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
