//! The log from an event of the program to what support gets.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use trunkline_connector::ports::WallClock;
use trunkline_log::{Entry, Level, Levels, Limits, Log, LogConfig, Override, Position, Query, begin};
use trunkline_model::UnixMillis;

/// 2026-11-21T10:00:00Z, and a second later with every look at it.
struct Clock(AtomicI64);

impl WallClock for Clock {
    fn now(&self) -> UnixMillis {
        UnixMillis(self.0.fetch_add(1000, Ordering::SeqCst))
    }
}

const START: i64 = 1_795_255_200_000;

#[derive(Clone, Default)]
struct Echo(Arc<Mutex<Vec<u8>>>);

impl Echo {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Echo {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Echo {
    type Writer = Self;
    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}

struct Bench {
    folder: tempfile::TempDir,
    echo: Echo,
}

impl Bench {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), echo: Echo::default() }
    }

    /// Runs it with this log as the subscriber; afterwards everything is on disk.
    fn with(&self, levels: Levels, filter: Option<&str>, run: impl FnOnce(&Log)) -> Log {
        let filter = filter
            .map(|directives| Override { variable: "TRUNKLINE_LOG".to_owned(), directives: directives.to_owned() });
        let (log, layers, guard) = begin(LogConfig {
            folder: self.folder.path().to_owned(),
            limits: Limits::default(),
            levels,
            filter,
            echo: self.echo.clone(),
            clock: Arc::new(Clock(AtomicI64::new(START))),
        });
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layers), || run(&log));
        drop(guard);
        log
    }

    fn text(&self) -> String {
        let mut files: Vec<_> =
            std::fs::read_dir(self.folder.path()).unwrap().map(|file| file.unwrap().path()).collect();
        files.retain(|file| file.extension().is_some_and(|extension| extension == "jsonl"));
        files.sort();
        files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect()
    }
}

fn everything() -> Query {
    Query { since: None, level: Level::Trace, text: String::new() }
}

fn messages(log: &Log) -> Vec<String> {
    let page = log.read(&everything(), None, None, 1000).unwrap();
    page.entries.into_iter().rev().map(|(_, entry)| entry.message).collect()
}

fn exported(log: &Log, query: &Query, end: &Position) -> String {
    let mut bytes = Vec::new();
    log.export(query, end, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

const TOKEN: &str = "Zm9vYmFyMTIzNDU2Nzg5MFRoaXNJc0FUb2tlbg";

#[test]
fn no_token_cookie_or_number_is_in_a_file_an_export_or_the_echo() {
    let bench = Bench::new();
    let log = bench.with(Levels { written: Level::Trace, echoed: Level::Trace }, None, |_| {
        tracing::info!(target: "trunkline_x", "Authorization: Bearer {TOKEN}");
        tracing::warn!(target: "trunkline_x", session_token = "short-one", "signed in");
        tracing::warn!(target: "trunkline_x", header = "Cookie: lily-auth=zyxwvu; other=ghijkl", "sent");
        tracing::error!(target: "trunkline_x", number = 12_025_550_123_u64, "calling +12025550123");
        tracing::info!(target: "trunkline_x", "still calling +12025550123 of agent.one@example.com");
        let _span = tracing::info_span!(target: "trunkline_x", "account", account = "agent.two@example.com").entered();
        tracing::info!(target: "trunkline_x", "in a span");
    });
    let end = log.read(&everything(), None, None, 1).unwrap().end;
    let export = exported(&log, &everything(), &end);
    for secret in [TOKEN, "short-one", "zyxwvu", "ghijkl", "2025550123", "agent.one", "agent.two"] {
        assert!(!bench.text().contains(secret), "{secret} is in no file");
        assert!(!export.contains(secret), "{secret} is in no export");
        assert!(!bench.echo.text().contains(secret), "{secret} is not echoed: {}", bench.echo.text());
    }
    let marks: Vec<&str> = export.split("[number ").skip(1).map(|rest| &rest[..8]).collect();
    // As text with a plus twice, and as a number without.
    assert_eq!(marks.len(), 3, "{export}");
    let same = marks.iter().all(|mark| *mark == marks[0]);
    assert!(same, "the same number has the same digest, so that entries can be put together: {marks:?}");
    assert!(export.lines().all(|line| serde_json::from_str::<Entry>(line).is_ok()), "lines of JSON: {export}");
}

#[test]
fn an_entry_with_lines_colours_and_markup_is_one_line_and_stays_text() {
    let bench = Bench::new();
    let log = bench.with(Levels::default(), None, |_| {
        tracing::info!(target: "trunkline_x", why = "<img src=x onerror=alert(1)>", "one\ntwo \u{1b}[31mred\u{1b}[0m");
        tracing::info!(target: "trunkline_x", "next");
    });
    let end = log.read(&everything(), None, None, 1).unwrap().end;
    let export = exported(&log, &everything(), &end);
    assert_eq!(export.lines().count(), 2, "an entry cannot begin a second line: {export}");
    assert!(!export.contains('\u{1b}'), "no control code reaches a terminal");
    let first: Value = serde_json::from_str(export.lines().next().unwrap()).unwrap();
    assert_eq!(first["message"], "one\ntwo \\u{1b}[31mred\\u{1b}[0m", "what was said can still be read");
    assert_eq!(first["fields"]["why"], "<img src=x onerror=alert(1)>", "markup is text like any other");
}

#[test]
fn an_entry_says_who_where_and_why() {
    #[derive(Debug)]
    struct Outer(io::Error);
    impl std::fmt::Display for Outer {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("the call failed")
        }
    }
    impl std::error::Error for Outer {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            Some(&self.0)
        }
    }
    let bench = Bench::new();
    // At this level an information span alone would be gone, and the account with it.
    let log = bench.with(Levels { written: Level::Warn, echoed: Level::Error }, None, |_| {
        let _account = tracing::error_span!(target: "trunkline_x", "account", account = "account-one").entered();
        let _inner = tracing::error_span!(target: "trunkline_x", "inner").entered();
        let error = Outer(io::Error::other("no route"));
        let error: &(dyn std::error::Error + 'static) = &error;
        tracing::warn!(target: "trunkline_x::calls", error, attempt = 2, "again");
        tracing::warn!(target: "trunkline_x", account = "account-two", "told itself");
    });
    let entries = log.read(&everything(), None, None, 10).unwrap().entries;
    let (_, first) = &entries[1];
    assert_eq!(first.account.as_deref(), Some("account-one"), "from the span around it");
    assert_eq!((first.level, first.target.as_str()), (Level::Warn, "trunkline_x::calls"));
    assert_eq!(first.fields["error"], "the call failed");
    assert_eq!(first.fields["attempt"], 2, "numbers stay numbers");
    assert_eq!(first.causes, ["no route"], "the chain of causes");
    assert!(first.time >= UnixMillis(START), "by the clock that was given: {:?}", first.time);
    assert_eq!(entries[0].1.account.as_deref(), Some("account-two"), "its own word goes first");
}

#[test]
fn levels_change_while_it_runs_and_files_and_echo_are_apart() {
    let bench = Bench::new();
    let say = |what: &str| {
        tracing::debug!(target: "trunkline_x", "{what} debug");
        tracing::info!(target: "trunkline_x", "{what} info");
        tracing::warn!(target: "trunkline_x", "{what} warn");
        tracing::debug!(target: "hyper", "{what} library");
    };
    let log = bench.with(Levels::default(), None, |log| {
        say("first");
        log.set_levels(Levels { written: Level::Debug, echoed: Level::Error });
        say("second");
        log.set_levels(Levels { written: Level::Warn, echoed: Level::Info });
        say("third");
    });
    assert_eq!(
        messages(&log),
        ["first info", "first warn", "second debug", "second info", "second warn", "third warn"],
        "as chosen at the time; what libraries send and receive is never written"
    );
    let echoed: Vec<String> =
        bench.echo.text().lines().map(|line| line.rsplit(": ").next().unwrap().to_owned()).collect();
    assert_eq!(echoed, ["first warn", "third info", "third warn"], "the echo has a level of its own");
    assert_eq!(log.status().levels, Levels { written: Level::Warn, echoed: Level::Info });
}

#[test]
fn a_filter_of_the_environment_wins_and_is_told() {
    let bench = Bench::new();
    let log = bench.with(Levels::default(), Some("warn,trunkline_x=debug"), |log| {
        log.set_levels(Levels { written: Level::Error, echoed: Level::Error });
        tracing::debug!(target: "trunkline_x", "by the filter");
        tracing::info!(target: "trunkline_y", "not by the filter");
        tracing::warn!(target: "trunkline_y", "a warning");
    });
    assert_eq!(messages(&log), ["by the filter", "a warning"], "the filter decides, not the level");
    assert_eq!(log.status().overridden_by.as_deref(), Some("TRUNKLINE_LOG"), "and that is said");
    assert_eq!(bench.echo.text(), "", "what is echoed is still no more than was chosen");

    let bench = Bench::new();
    let log = bench.with(Levels::default(), Some("trunkline_x=nonsense"), |_| {
        tracing::info!(target: "trunkline_x", "all the same");
    });
    assert_eq!(messages(&log), ["all the same"], "one that cannot be read is none");
    assert_eq!(log.status().overridden_by, None);
}

/// Writes files as the log has them.
fn fill(folder: &Path, files: u64, lines: u64) {
    for file in 1..=files {
        let path = folder.join(format!("trunkline.{file:06}.jsonl"));
        let mut out = io::BufWriter::new(std::fs::File::create(path).unwrap());
        for line in 0..lines {
            let number = (file - 1) * lines + line;
            let entry = Entry {
                time: UnixMillis(START + i64::try_from(number).unwrap()),
                level: if number.is_multiple_of(10) { Level::Warn } else { Level::Info },
                target: "trunkline_core::calls".to_owned(),
                account: Some("account-one".to_owned()),
                message: format!("entry {number} {}", "and what happened ".repeat(15)),
                fields: Default::default(),
                causes: Vec::new(),
            };
            serde_json::to_writer(&mut out, &entry).unwrap();
            out.write_all(b"\n").unwrap();
        }
        out.flush().unwrap();
    }
}

/// The file that is written now.
fn newest(folder: &Path) -> std::path::PathBuf {
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    files.filter(|file| file.extension().is_some_and(|extension| extension == "jsonl")).max().unwrap()
}

/// A log over files that are there, without anything that writes.
fn over(folder: &Path) -> Log {
    let (log, _, _) = begin(LogConfig {
        folder: folder.to_owned(),
        limits: Limits { file: u64::MAX / 4, total: u64::MAX / 2, days: 36_500 },
        levels: Levels::default(),
        filter: None,
        echo: Echo::default(),
        clock: Arc::new(Clock(AtomicI64::new(START))),
    });
    log
}

/// Bytes of memory in use by this process.
#[cfg(target_os = "linux")]
fn in_memory() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 4096
}

#[cfg(target_os = "linux")]
#[test]
fn a_hundred_thousand_entries_are_exported_in_bounded_memory() {
    struct Weighing {
        bytes: u64,
        lines: u64,
        most: u64,
    }
    impl Write for Weighing {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.bytes += bytes.len() as u64;
            self.lines += bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
            if self.lines.is_multiple_of(5000) {
                self.most = self.most.max(in_memory());
            }
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let folder = tempfile::tempdir().unwrap();
    fill(folder.path(), 10, 10_000);
    let log = over(folder.path());
    let page = log.read(&everything(), None, None, 200).unwrap();
    assert_eq!((page.total, page.entries.len(), page.broken), (100_000, 200, 0), "all are counted, few are held");
    let before = in_memory();
    let mut scales = Weighing { bytes: 0, lines: 0, most: 0 };
    let written = log.export(&everything(), &page.end, &mut scales).unwrap();
    assert_eq!((written.entries, scales.lines), (100_000, 100_000), "every entry is in it");
    assert!(scales.bytes > 30_000_000, "{} bytes are more than may be held", scales.bytes);
    let grown = scales.most.saturating_sub(before);
    assert!(grown < 8 << 20, "memory grew by {grown} bytes");
}

#[test]
fn pages_and_the_export_are_the_same_entries_whatever_is_written_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    fill(folder.path(), 2, 55);
    let log = over(folder.path());
    let query = Query { since: Some(UnixMillis(START + 30)), level: Level::Warn, text: "ENTRY".to_owned() };
    let first = log.read(&query, None, None, 5).unwrap();
    assert_eq!((first.total, first.entries.len()), (8, 5), "30, 40, ... 100 are warnings from then on");
    let mut late = std::fs::OpenOptions::new().append(true).open(newest(folder.path())).unwrap();
    writeln!(late, r#"{{"time":"2026-11-21T10:00:01Z","level":"warn","target":"x","message":"entry later"}}"#).unwrap();

    let second = log.read(&query, Some(&first.end), first.more.as_ref(), 5).unwrap();
    assert_eq!((second.total, second.entries.len(), second.more), (8, 3, None), "the rest, and no later ones");
    let mut shown: Vec<Entry> = first.entries.into_iter().chain(second.entries).map(|(_, entry)| entry).collect();
    shown.reverse();
    let export = exported(&log, &query, &first.end);
    let given: Vec<Entry> = export.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(given, shown, "what is given away is what was looked at");
    assert_eq!(log.read(&query, None, None, 1).unwrap().total, 9, "a new look has the late one, too");
    assert_eq!(Position::parse(&first.end.text()), Some(first.end), "a place survives as text");
}

#[test]
fn lines_that_are_no_entries_are_skipped_and_counted() {
    let folder = tempfile::tempdir().unwrap();
    fill(folder.path(), 1, 3);
    let file = folder.path().join("trunkline.000001.jsonl");
    let mut out = std::fs::OpenOptions::new().append(true).open(&file).unwrap();
    out.write_all(b"{\"time\":\"2026-11-21T10:00:00Z\",\"level\"\n").unwrap();
    out.write_all(b"plain text\n\xff\xfe\n\n").unwrap();
    out.write_all(&[b'x'; 3 << 20]).unwrap();
    out.write_all(b"\n").unwrap();
    out.write_all(b"{\"time\":\"2026-11-21T10:00:09Z\",\"level\":\"info\",\"target\":\"t\",\"message\":\"behind\"}\n")
        .unwrap();
    out.write_all(b"{\"time\":\"2026-11-21T10:00:09Z\",\"lev").unwrap();
    let log = over(folder.path());
    let page = log.read(&everything(), None, None, 10).unwrap();
    assert_eq!(page.entries.len(), 4, "what can be read is there, also behind the broken lines");
    assert_eq!(page.entries[0].1.message, "behind");
    // Cut off, plain text, no text, too long; and the last, which `over` found cut off by a crash.
    assert_eq!(page.broken, 5, "and it is said how many were not");
    let mut out = Vec::new();
    let written = log.export(&everything(), &page.end, &mut out).unwrap();
    assert_eq!((written.entries, written.broken), (4, 5));
}

#[test]
fn an_empty_folder_is_an_empty_log() {
    let folder = tempfile::tempdir().unwrap();
    let log = over(&folder.path().join("not there"));
    let page = log.read(&everything(), None, None, 10).unwrap();
    assert_eq!((page.entries.len(), page.total, page.more), (0, 0, None));
}
