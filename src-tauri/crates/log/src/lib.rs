//! The program's log: what is written, how long it is kept, and how it is read
//! again and given to support.
//!
//! An entry is one line of JSON ([`Entry`]). Private values are replaced before
//! the line is written, by a mark with a digest, so that a file of the log is
//! as harmless as an export of it. Files are small and few ([`Limits`]): the
//! oldest goes first. [`Log`] is the handle: levels can be changed while the
//! program runs, a page can be read ([`Log::read`]), and exactly what a page
//! was read from can be written out ([`Log::export`]).

mod digest;
mod entry;
mod files;
mod levels;
mod read;
mod recorder;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tracing_appender::non_blocking::{ErrorCounter, NonBlockingBuilder};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Filter, Layer};
use tracing_subscriber::registry::Registry;
use trunkline_connector::ports::WallClock;
use trunkline_net::Redacting;

pub use entry::{Entry, Level};
pub use files::Limits;
pub use levels::{Levels, Override};
pub use read::{Page, Position, Query, Written};
pub use tracing_appender::non_blocking::WorkerGuard;

use digest::Digests;
use files::{RollingFiles, Troubles};
use levels::Filters;
use recorder::Recorder;

/// Lines that wait for the disk; beyond that they are dropped and counted: a
/// full disk or a flood of lines must never hold a call up.
const WAITING: usize = 16_384;

/// Layers for the program's one subscriber.
pub type Layers = Vec<Box<dyn Layer<Registry> + Send + Sync>>;

/// Where the log goes and what is in it.
pub struct LogConfig<E> {
    /// Folder of its files. Created when absent.
    pub folder: PathBuf,
    /// Size and age of the files.
    pub limits: Limits,
    /// Levels until [`Log::set_levels`] is called.
    pub levels: Levels,
    /// A filter from the environment: it decides what is written, whatever the levels say.
    pub filter: Option<Override>,
    /// Where entries are echoed, one redacted line of text each (standard error).
    pub echo: E,
    /// Time of the entries.
    pub clock: Arc<dyn WallClock>,
}

/// The log at work. Clones share it.
#[derive(Clone)]
pub struct Log(Arc<Inner>);

struct Inner {
    folder: PathBuf,
    limits: Limits,
    filters: Filters,
    levels: Mutex<Levels>,
    dropped: ErrorCounter,
    troubles: Arc<Troubles>,
}

impl std::fmt::Debug for Log {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Log({})", self.0.folder.display())
    }
}

/// What can be said about the log itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// Levels as chosen.
    pub levels: Levels,
    /// Name of the environment variable that decides what is written instead.
    pub overridden_by: Option<String>,
    /// Bytes that its files take now.
    pub bytes: u64,
    /// Size and age of the files.
    pub limits: Limits,
    /// Entries of this run that could not be written: too many at once, or the disk refused them.
    pub lost: u64,
    /// The system's words for why, while it lasts.
    pub trouble: Option<String>,
}

/// Begins a log: its handle, the layers that write it, and a guard that writes
/// what is left when it is dropped.
pub fn begin<E>(config: LogConfig<E>) -> (Log, Layers, WorkerGuard)
where
    E: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let LogConfig { folder, limits, levels, filter, echo, clock } = config;
    let troubles = Arc::new(Troubles::default());
    let files = RollingFiles::open(folder.clone(), limits, Arc::clone(&clock), Arc::clone(&troubles));
    let digests = Digests::of(&folder);
    let (writer, guard) =
        NonBlockingBuilder::default().lossy(true).buffered_lines_limit(WAITING).thread_name("log").finish(files);
    let dropped = writer.error_counter();
    let (filters, written, echoed) = Filters::new(levels, filter);
    let recorder = Recorder::new(writer, digests, clock);
    // No colours: their codes would stand between a name and its value, and hide a secret from redaction.
    let echo = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(RedactedEcho(echo));
    let layers: Layers = vec![filtered(recorder, written), filtered(echo, echoed)];
    let inner = Inner { folder, limits, filters, levels: Mutex::new(levels), dropped, troubles };
    (Log(Arc::new(inner)), layers, guard)
}

fn filtered<L, F>(layer: L, filter: F) -> Box<dyn Layer<Registry> + Send + Sync>
where
    L: Layer<Registry> + Send + Sync + 'static,
    F: Filter<Registry> + Send + Sync + 'static,
{
    layer.with_filter(filter).boxed()
}

impl Log {
    /// Folder of the files.
    pub fn folder(&self) -> &Path {
        &self.0.folder
    }

    /// How it stands.
    pub fn status(&self) -> Status {
        let (failed, trouble) = self.0.troubles.told();
        Status {
            levels: *self.0.levels.lock().unwrap_or_else(PoisonError::into_inner),
            overridden_by: self.0.filters.overridden_by().map(str::to_owned),
            bytes: files::bytes(&self.0.folder),
            limits: self.0.limits,
            lost: failed.saturating_add(self.0.dropped.dropped_lines() as u64),
            trouble,
        }
    }

    /// Changes what is written and echoed, from now on.
    pub fn set_levels(&self, levels: Levels) {
        *self.0.levels.lock().unwrap_or_else(PoisonError::into_inner) = levels;
        self.0.filters.apply(levels);
    }

    /// Reads at most `limit` entries that fit, newest first. Blocks on the disk.
    ///
    /// `end` is [`Page::end`] of an earlier page: later entries are left out, so
    /// that pages fit together. `before` is [`Page::more`] of the page before.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn read(
        &self,
        query: &Query,
        end: Option<&Position>,
        before: Option<&Position>,
        limit: usize,
    ) -> io::Result<Page> {
        read::page(&self.0.folder, query, end, before, limit)
    }

    /// Writes everything that fits as lines of JSON, oldest first, one entry at
    /// a time. Blocks on the disk.
    ///
    /// # Errors
    /// A file cannot be read, or `to` cannot be written.
    pub fn export(&self, query: &Query, end: &Position, to: &mut dyn io::Write) -> io::Result<Written> {
        read::export(&self.0.folder, query, end, to)
    }
}

/// Redacts what the layer writes to the echo.
struct RedactedEcho<E>(E);

impl<'w, E: MakeWriter<'w>> MakeWriter<'w> for RedactedEcho<E> {
    type Writer = Redacting<E::Writer>;

    fn make_writer(&'w self) -> Self::Writer {
        Redacting::new(self.0.make_writer())
    }
}
