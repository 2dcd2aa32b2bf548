//! What is done to the agent's voice: only what this program can do, told to
//! every window, and remembered.

use std::path::Path;
use std::time::Duration;

use crate::config::config;
use serde_json::{Value, json};
use trunkline_core::{Core, PushStream};
use trunkline_desk::Change;
use trunkline_model::VoiceEnhancement;
use trunkline_rpc::{Push, RpcCode, RpcError, Window};

async fn start(folder: &Path) -> Core {
    Core::start(config(folder)).await.expect("the core starts")
}

async fn choose(core: &Core, mode: &str) -> Result<Value, RpcError> {
    core.router().call(Window::Panel, "audio_enhancement", json!({ "mode": mode })).await
}

/// Waits until a window has been told of a mode.
async fn told(window: &mut PushStream, wanted: VoiceEnhancement) {
    let told = async {
        loop {
            match window.next().await.expect("the core runs") {
                Push::Snapshot(desk) if desk.audio.enhancement == wanted => return,
                Push::Patch(patch) => {
                    let says = |change: &Change| matches!(change, Change::Audio(view) if view.enhancement == wanted);
                    if patch.changes.iter().any(says) {
                        return;
                    }
                }
                _ => {}
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(10), told).await.expect("the window is told in time");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mode_that_is_not_there_is_refused_and_one_that_is_goes_to_every_window_and_lasts() {
    let folder = tempfile::tempdir().unwrap();
    let core = start(folder.path()).await;
    let (mut one, mut other) = (core.subscribe(), core.subscribe());
    told(&mut one, VoiceEnhancement::NoiseSuppression).await;
    told(&mut other, VoiceEnhancement::NoiseSuppression).await;

    for mode in ["voice_isolation", "VOICE_ISOLATION", "", "none "] {
        let refused = choose(&core, mode).await.expect_err("it is not offered");
        assert_eq!(refused.code, RpcCode::Invalid, "{mode:?} is refused, not taken for something near it");
    }
    assert_eq!(core.snapshot().audio.enhancement, VoiceEnhancement::NoiseSuppression, "nothing has changed");

    choose(&core, "none").await.expect("it can be chosen");
    told(&mut one, VoiceEnhancement::None).await;
    told(&mut other, VoiceEnhancement::None).await;
    core.shut_down().await;

    let core = start(folder.path()).await;
    told(&mut core.subscribe(), VoiceEnhancement::None).await;
    choose(&core, "noise_suppression").await.expect("and back");
    told(&mut core.subscribe(), VoiceEnhancement::NoiseSuppression).await;
    core.shut_down().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_administrator_has_fixed_stays() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("policy.toml"), "[enforced.audio]\nenhancement = \"none\"\n").unwrap();
    let core = start(folder.path()).await;
    told(&mut core.subscribe(), VoiceEnhancement::None).await;
    let refused = choose(&core, "noise_suppression").await.expect_err("the administrator's word holds");
    assert_eq!((refused.code, refused.message_key.as_str()), (RpcCode::NotAllowed, "error_enforced"), "and why");
    assert_eq!(core.snapshot().audio.enhancement, VoiceEnhancement::None, "as before");
    core.shut_down().await;
}
