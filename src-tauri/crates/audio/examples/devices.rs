//! Lists the devices of this computer and rings for a moment at the speaker's
//! choice: for support, when nothing is heard.

use std::sync::Arc;
use std::time::Duration;

use trunkline_audio::{AudioConfig, AudioEngine, Choice, Role, Sound};

fn main() {
    let named = std::env::args().nth(1);
    let choice = named.map_or(Choice::SystemDefault, Choice::Named);
    let config = AudioConfig {
        microphone: Choice::SystemDefault,
        speaker: choice,
        ringer: Choice::SystemDefault,
        processing: true,
        noise_suppression: true,
    };
    match AudioEngine::start(config) {
        Ok((engine, mut events)) => {
            println!("{:#?}", engine.snapshot());
            if let Some(sound) = Sound::builtin("test") {
                engine.play_once(Role::Speaker, Arc::new(sound), 0.5);
            }
            std::thread::sleep(Duration::from_secs(2));
            while let Ok(event) = events.try_recv() {
                println!("{event:?}");
            }
        }
        Err(error) => println!("no audio: {error}"),
    }
}
