//! Files of bounded size and number.
//!
//! `trunkline.000001.jsonl`, `trunkline.000002.jsonl`, ...: numbers and no
//! dates, so that a clock that is set back does not mix them up. A new one is
//! begun when one is full, and each day, so that old entries go by their age too.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use trunkline_connector::ports::WallClock;

const PREFIX: &str = "trunkline.";
const SUFFIX: &str = ".jsonl";
/// What earlier versions wrote: a day's text each, not redacted.
const OLD_SUFFIX: &str = ".log";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Size and age of the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one file.
    pub file: u64,
    /// Bytes of all files together.
    pub total: u64,
    /// Days after which a file goes.
    pub days: u32,
}

impl Default for Limits {
    /// 4 MiB a file, 32 MiB altogether, a week.
    fn default() -> Self {
        Self { file: 4 << 20, total: 32 << 20, days: 7 }
    }
}

/// What went wrong with writing.
#[derive(Debug, Default)]
pub(crate) struct Troubles(Mutex<(u64, Option<String>)>);

impl Troubles {
    /// Entries lost, and why, while it lasts.
    pub(crate) fn told(&self) -> (u64, Option<String>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, error: &io::Error) {
        let mut troubles = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        troubles.0 += 1;
        troubles.1 = Some(error.to_string());
    }

    fn over(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1 = None;
    }
}

/// Opens files that nobody else on this computer may read.
pub(crate) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// A file of the log by its number.
pub(crate) fn path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{PREFIX}{number:06}{SUFFIX}"))
}

/// Numbers of the files that are there, the oldest first. No folder: none.
///
/// # Errors
/// The folder is there and cannot be read.
pub(crate) fn numbers(folder: &Path) -> io::Result<Vec<u64>> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut numbers: Vec<u64> = entries
        .filter_map(|entry| {
            let name = entry.ok()?.file_name();
            name.to_str()?.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?.parse().ok()
        })
        .collect();
    numbers.sort_unstable();
    Ok(numbers)
}

/// Bytes of all files together.
pub(crate) fn bytes(folder: &Path) -> u64 {
    let numbers = numbers(folder).unwrap_or_default();
    numbers.into_iter().map(|number| size(&path(folder, number))).sum()
}

fn size(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |there| there.len())
}

/// Takes whole lines. Never fails for the one who writes: what cannot be kept is counted.
pub(crate) struct RollingFiles {
    folder: PathBuf,
    limits: Limits,
    clock: Arc<dyn WallClock>,
    troubles: Arc<Troubles>,
    open: Option<Open>,
}

struct Open {
    file: File,
    /// Bytes that are in it.
    written: u64,
    /// Days since 1970 when it was begun or found.
    day: u64,
}

impl RollingFiles {
    /// Goes on with the newest file that is there. When that is not possible it is
    /// tried again with every line.
    pub(crate) fn open(folder: PathBuf, limits: Limits, clock: Arc<dyn WallClock>, troubles: Arc<Troubles>) -> Self {
        let mut files = Self { folder, limits, clock, troubles, open: None };
        if let Err(error) = files.go_on() {
            files.troubles.note(&error);
        }
        files
    }

    fn now(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.clock.now().0).unwrap_or(0))
    }

    fn today(&self) -> u64 {
        self.now().as_secs() / DAY.as_secs()
    }

    fn go_on(&mut self) -> io::Result<()> {
        std::fs::create_dir_all(&self.folder)?;
        let newest = numbers(&self.folder)?.last().copied();
        self.prune();
        let number = match newest {
            Some(number) if self.fits(&path(&self.folder, number)) => number,
            Some(number) => number + 1,
            None => 1,
        };
        self.open = Some(self.begin(number)?);
        Ok(())
    }

    /// There is room in it, and it is of today.
    fn fits(&self, path: &Path) -> bool {
        let Ok(there) = std::fs::metadata(path) else { return false };
        let day = there.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        there.len() < self.limits.file && day.is_some_and(|at| at.as_secs() / DAY.as_secs() == self.today())
    }

    fn begin(&self, number: u64) -> io::Result<Open> {
        let mut file = private().create(true).read(true).append(true).open(path(&self.folder, number))?;
        let mut written = file.metadata()?.len();
        if written > 0 {
            // A line that a crash cut off must not take the next one with it.
            let mut last = [0];
            file.seek(SeekFrom::End(-1))?;
            file.read_exact(&mut last)?;
            if last != *b"\n" {
                file.write_all(b"\n")?;
                written += 1;
            }
        }
        Ok(Open { file, written, day: self.today() })
    }

    fn roll(&mut self) -> io::Result<()> {
        self.open = None;
        let next = numbers(&self.folder)?.last().map_or(1, |newest| newest + 1);
        self.prune();
        self.open = Some(self.begin(next)?);
        Ok(())
    }

    /// Removes what is too old, and the oldest while all together are too much
    /// with the file that is written next.
    fn prune(&self) {
        let oldest = UNIX_EPOCH + self.now().saturating_sub(DAY * self.limits.days);
        remove_old_texts(&self.folder, oldest);
        let Ok(numbers) = numbers(&self.folder) else { return };
        let mut left: u64 = numbers.iter().map(|number| size(&path(&self.folder, *number))).sum();
        let room = self.limits.total.saturating_sub(self.limits.file);
        for number in numbers {
            let path = path(&self.folder, number);
            let too_old = is_older(&path, oldest);
            if !too_old && left <= room {
                break;
            }
            let bytes = size(&path);
            // What cannot be removed is tried again with the next file.
            if std::fs::remove_file(&path).is_ok() {
                left = left.saturating_sub(bytes);
            }
        }
    }

    fn keep(&mut self, line: &[u8]) -> io::Result<()> {
        let today = self.today();
        match &self.open {
            None => self.go_on()?,
            Some(open)
                if open.written > 0 && (open.written + line.len() as u64 > self.limits.file || open.day != today) =>
            {
                self.roll()?;
            }
            Some(_) => {}
        }
        let Some(open) = &mut self.open else { return Ok(()) };
        match open.file.write_all(line) {
            Ok(()) => {
                open.written += line.len() as u64;
                Ok(())
            }
            Err(error) => {
                // Half a line would spoil the next one.
                let _ = open.file.set_len(open.written);
                Err(error)
            }
        }
    }
}

fn is_older(path: &Path, than: SystemTime) -> bool {
    std::fs::metadata(path).and_then(|there| there.modified()).is_ok_and(|at| at < than)
}

fn remove_old_texts(folder: &Path, than: SystemTime) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let old = name.to_str().is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(OLD_SUFFIX));
        if old && is_older(&entry.path(), than) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

impl Write for RollingFiles {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        match self.keep(line) {
            Ok(()) => self.troubles.over(),
            Err(error) => self.troubles.note(&error),
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        // Each line is given to the system as it comes.
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use std::sync::atomic::{AtomicI64, Ordering};

    use trunkline_model::UnixMillis;

    use super::*;

    struct Clock(AtomicI64);

    impl WallClock for Clock {
        fn now(&self) -> UnixMillis {
            UnixMillis(self.0.load(Ordering::SeqCst))
        }
    }

    struct Bench {
        folder: tempfile::TempDir,
        clock: Arc<Clock>,
        troubles: Arc<Troubles>,
    }

    impl Bench {
        fn new() -> Self {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
            let clock = Arc::new(Clock(AtomicI64::new(i64::try_from(now).unwrap())));
            Self { folder: tempfile::tempdir().unwrap(), clock, troubles: Arc::default() }
        }

        fn open(&self, limits: Limits) -> RollingFiles {
            let clock: Arc<dyn WallClock> = Arc::clone(&self.clock) as _;
            RollingFiles::open(self.folder.path().to_owned(), limits, clock, Arc::clone(&self.troubles))
        }

        fn numbers(&self) -> Vec<u64> {
            numbers(self.folder.path()).unwrap()
        }
    }

    const SMALL: Limits = Limits { file: 100, total: 350, days: 7 };

    #[test]
    fn the_disk_is_never_taken_beyond_the_limit_and_the_newest_lines_stay() {
        let bench = Bench::new();
        let mut files = bench.open(SMALL);
        for line in 0..1000 {
            files.write_all(format!("{line:09}\n").as_bytes()).unwrap();
            assert!(bytes(bench.folder.path()) <= SMALL.total, "after line {line}");
        }
        let numbers = bench.numbers();
        let text: String =
            numbers.iter().map(|number| std::fs::read_to_string(path(bench.folder.path(), *number)).unwrap()).collect();
        assert!(text.ends_with("000000999\n"), "the newest line is there");
        assert!(text.lines().count() >= 20, "and those before it, as far as there is room: {}", text.lines().count());
    }

    #[test]
    fn the_next_run_goes_on_behind_a_line_that_was_cut_off() {
        let bench = Bench::new();
        bench.open(SMALL).write_all(b"{\"half").unwrap();
        bench.open(SMALL).write_all(b"whole\n").unwrap();
        assert_eq!(bench.numbers(), [1], "in the same file");
        let text = std::fs::read_to_string(path(bench.folder.path(), 1)).unwrap();
        assert_eq!(text, "{\"half\nwhole\n", "the new line is a line of its own");
    }

    #[test]
    fn entries_go_by_their_age_and_so_do_texts_of_earlier_versions() {
        let bench = Bench::new();
        let old = bench.folder.path().join("trunkline.2026-11-01.log");
        let others = bench.folder.path().join("notes.log");
        std::fs::write(&old, "a").unwrap();
        std::fs::write(&others, "b").unwrap();
        let mut files = bench.open(SMALL);
        files.write_all(b"one\n").unwrap();
        bench.clock.0.fetch_add(24 * 60 * 60 * 1000, Ordering::SeqCst);
        files.write_all(b"two\n").unwrap();
        assert_eq!(bench.numbers(), [1, 2], "each day has a file of its own");
        bench.clock.0.fetch_add(8 * 24 * 60 * 60 * 1000, Ordering::SeqCst);
        files.write_all(b"three\n").unwrap();
        assert_eq!(bench.numbers(), [3], "what is older than a week is gone");
        assert!(!old.exists() && others.exists(), "old texts of ours too, and nothing of anybody else's");
    }

    #[test]
    fn what_cannot_be_written_is_counted_and_told_until_it_can_be() {
        let bench = Bench::new();
        let folder = bench.folder.path().join("logs");
        // A file in the folder's place fails for every user, root included.
        std::fs::write(&folder, "").unwrap();
        let clock: Arc<dyn WallClock> = Arc::clone(&bench.clock) as _;
        let mut files = RollingFiles::open(folder.clone(), SMALL, clock, Arc::clone(&bench.troubles));
        files.write_all(b"lost\n").unwrap();
        let (lost, why) = bench.troubles.told();
        assert!(lost >= 1 && why.is_some(), "{lost} lost: {why:?}");
        std::fs::remove_file(&folder).unwrap();
        files.write_all(b"kept\n").unwrap();
        assert_eq!(bench.troubles.told(), (lost, None), "the trouble is over, what was lost is not forgotten");
        assert_eq!(std::fs::read_to_string(path(&folder, 1)).unwrap(), "kept\n");
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_on_the_computer_can_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let bench = Bench::new();
        bench.open(SMALL).write_all(b"one\n").unwrap();
        let mode = std::fs::metadata(path(bench.folder.path(), 1)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
