//! What is written and what is echoed, changeable while the program runs.

use std::sync::Arc;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::{FilterExt as _, LevelFilter};
use tracing_subscriber::layer::Filter;
use tracing_subscriber::registry::Registry;
use tracing_subscriber::reload;

use crate::Level;

/// Libraries that talk too much, with what is taken from them at most; of every
/// other library it is [`LIBRARIES`]. Two report as errors what happens in every
/// healthy call (a statistic of the agent's own track, a closed connection to
/// the sound server); a device or call that is lost is told by our own code.
const QUIET: [(&str, Option<Level>); 9] = [
    ("zbus", Some(Level::Warn)),
    ("rtc", Some(Level::Warn)),
    ("rtc_dtls", Some(Level::Error)),
    ("webrtc", Some(Level::Warn)),
    ("webrtc::peer_connection::driver", None),
    ("pulseaudio", Some(Level::Warn)),
    ("pulseaudio::client::reactor", None),
    ("tao", Some(Level::Warn)),
    ("wry", Some(Level::Warn)),
];

/// Whatever level is chosen: below this a library writes what it sends and
/// receives, and with it what people say.
const LIBRARIES: Level = Level::Info;

/// Our own modules.
const OURS: &str = "trunkline";

/// What is written and echoed: entries of a level and worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Levels {
    /// To the files.
    pub written: Level,
    /// To standard error.
    pub echoed: Level,
}

impl Default for Levels {
    fn default() -> Self {
        Self { written: Level::Info, echoed: Level::Warn }
    }
}

/// A filter from an environment variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// The variable.
    pub variable: String,
    /// `info,trunkline_media=debug`
    pub directives: String,
}

type FilterHandle = reload::Handle<EnvFilter, Registry>;

pub(crate) struct Filters {
    forced: Option<Override>,
    written: FilterHandle,
    echoed: FilterHandle,
    echo_limit: reload::Handle<LevelFilter, Registry>,
}

type Shared = Arc<dyn Filter<Registry> + Send + Sync>;

impl Filters {
    /// With the filters of the two layers.
    pub(crate) fn new(levels: Levels, forced: Option<Override>) -> (Self, Shared, Shared) {
        let forced = forced.filter(|forced| EnvFilter::try_new(&forced.directives).is_ok());
        let (written, written_handle) = reload::Layer::new(filter(levels.written, forced.as_ref()));
        let (echoed, echoed_handle) = reload::Layer::new(filter(levels.echoed, forced.as_ref()));
        let (limit, echo_limit) = reload::Layer::new(limit(levels.echoed));
        let filters = Self { forced, written: written_handle, echoed: echoed_handle, echo_limit };
        (filters, Arc::new(written), Arc::new(echoed.and(limit)))
    }

    pub(crate) fn overridden_by(&self) -> Option<&str> {
        self.forced.as_ref().map(|forced| forced.variable.as_str())
    }

    pub(crate) fn apply(&self, levels: Levels) {
        // They can fail only when the subscriber is gone, and then there is no log.
        let _ = self.written.reload(filter(levels.written, self.forced.as_ref()));
        let _ = self.echoed.reload(filter(levels.echoed, self.forced.as_ref()));
        let _ = self.echo_limit.reload(limit(levels.echoed));
    }
}

fn filter(level: Level, forced: Option<&Override>) -> EnvFilter {
    match forced {
        Some(forced) => EnvFilter::new(&forced.directives),
        None => EnvFilter::new(directives(level)),
    }
}

/// Of our own modules that level, of libraries no more than they may write.
fn directives(level: Level) -> String {
    let mut text = format!("{},{OURS}={}", level.min(LIBRARIES).name(), level.name());
    for (library, most) in QUIET {
        let taken = most.map_or("off", |most| most.min(level).name());
        text.push_str(&format!(",{library}={taken}"));
    }
    text
}

fn limit(level: Level) -> LevelFilter {
    match level {
        Level::Error => LevelFilter::ERROR,
        Level::Warn => LevelFilter::WARN,
        Level::Info => LevelFilter::INFO,
        Level::Debug => LevelFilter::DEBUG,
        Level::Trace => LevelFilter::TRACE,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn libraries_never_write_what_they_send_and_receive() {
        for level in Level::ALL {
            let text = directives(level);
            EnvFilter::try_new(&text).expect("it can be read");
            for directive in text.split(',').filter(|directive| !directive.starts_with("trunkline=")) {
                let taken = directive.rsplit('=').next().unwrap();
                assert!(!matches!(taken, "debug" | "trace"), "{level:?}: {directive}");
            }
            assert!(text.contains(&format!("trunkline={}", level.name())), "our own as chosen: {text}");
        }
        assert!(directives(Level::Error).contains("zbus=error"), "nor more than was chosen");
    }
}
