//! Log files: one a day, a week's worth.

use std::path::Path;

use tracing_appender::non_blocking::WorkerGuard;
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

/// Days that are kept.
const KEPT: usize = 7;

/// What is written without `TRUNKLINE_LOG`. Two libraries report as errors what
/// happens in every healthy call (a statistic of the agent's own track, a closed
/// connection to the sound server); a device or call that is lost is told by our
/// own code.
const QUIET: &str = "info,zbus=warn,rtc=warn,rtc_ice=warn,rtc_dtls=error,webrtc=warn,webrtc::peer_connection::driver=off,\
    pulseaudio=warn,pulseaudio::client::reactor=off,tao=warn,wry=warn";

/// Starts logging to `folder` and, for warnings and worse, to standard error.
/// The guard writes what is left when it is dropped. `None` when the folder
/// cannot be written: then only standard error is left.
pub fn start(folder: &Path) -> Option<WorkerGuard> {
    let filter = || {
        EnvFilter::try_from_env("TRUNKLINE_LOG")
            .or_else(|_| EnvFilter::try_from_default_env())
            .unwrap_or_else(|_| EnvFilter::new(QUIET))
    };
    let appender = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("trunkline")
        .filename_suffix("log")
        .max_log_files(KEPT)
        .build(folder);
    let (file, guard, problem) = match appender {
        Ok(appender) => {
            // Lossy: a full disk or a log flood must never hold a call up.
            let (writer, guard) = tracing_appender::non_blocking(appender);
            (Some(tracing_subscriber::fmt::layer().with_ansi(false).with_writer(writer)), Some(guard), None)
        }
        Err(error) => (None, None, Some(error)),
    };
    let stderr = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_filter(tracing::level_filters::LevelFilter::WARN);
    let started = tracing_subscriber::registry().with(filter()).with(file).with(stderr).try_init();
    if let Some(error) = problem {
        tracing::warn!(%error, "no log files can be written");
    }
    if started.is_err() {
        tracing::warn!("logging was started already");
    }
    std::panic::set_hook(Box::new(|panic| {
        // The message may hold what a customer said: only its place is logged.
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(%place, "a task panicked");
    }));
    guard
}
