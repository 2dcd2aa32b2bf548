//! Starts the program's log.

use std::path::Path;
use std::sync::Arc;

use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use trunkline_log::{Levels, Limits, Log, LogConfig, Override, WorkerGuard};
use trunkline_net::SystemClock;

/// Environment variables that say what is written, whatever the settings say; the first that is set counts.
const VARIABLES: [&str; 2] = ["TRUNKLINE_LOG", "RUST_LOG"];

/// Starts logging to `folder` and, in short, to standard error. The guard
/// writes what is left when it is dropped. When the folder cannot be written,
/// the log says so of itself and goes on trying.
pub fn start(folder: &Path) -> (Log, WorkerGuard) {
    let (log, layers, guard) = trunkline_log::begin(LogConfig {
        folder: folder.to_owned(),
        limits: Limits::default(),
        levels: Levels::default(),
        filter: forced(|name| std::env::var(name).ok()),
        echo: std::io::stderr,
        clock: Arc::new(SystemClock),
    });
    let started = tracing_subscriber::registry().with(layers).try_init();
    if let Some(trouble) = log.status().trouble {
        tracing::warn!(trouble, "no log files can be written");
    }
    if started.is_err() {
        tracing::warn!("logging was started already");
    }
    std::panic::set_hook(Box::new(|panic| {
        // The message may hold what a customer said: only its place is logged.
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(%place, "a task panicked");
    }));
    (log, guard)
}

fn forced(environment: impl Fn(&str) -> Option<String>) -> Option<Override> {
    let named = |name: &str| Some((name.to_owned(), environment(name).filter(|value| !value.trim().is_empty())?));
    let (variable, directives) = VARIABLES.into_iter().find_map(named)?;
    Some(Override { variable, directives })
}

#[cfg(test)]
mod tests {
    use super::forced;

    #[test]
    fn our_own_variable_goes_first_and_an_empty_one_is_none() {
        let both = forced(|name| Some(format!("{name}=info"))).map(|forced| forced.variable);
        assert_eq!(both.as_deref(), Some("TRUNKLINE_LOG"));
        let other = forced(|name| Some(if name == "RUST_LOG" { "info".to_owned() } else { " ".to_owned() }));
        assert_eq!(other.map(|forced| forced.variable).as_deref(), Some("RUST_LOG"));
        assert_eq!(forced(|_| None), None);
    }
}
