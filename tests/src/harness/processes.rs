//! Child processes that end with their owner, and figures of process trees.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// A program that ends when this is dropped: first asked, then killed.
pub struct Program {
    child: Child,
    name: String,
}

impl Program {
    /// Starts one; its output goes to `log`.
    pub fn start(command: &mut Command, log: &Path) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let file = std::fs::File::create(log)?;
        let child = command
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()
            .with_context(|| format!("{name} cannot be started"))?;
        Ok(Self { child, name })
    }

    /// Takes over a child that was started elsewhere.
    pub fn adopt(child: Child, name: &str) -> Self {
        Self { child, name: name.to_owned() }
    }

    /// What it was started as.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// It has ended.
    pub fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// How it ended, when it has by itself.
    pub fn outcome(&mut self) -> Option<std::process::ExitStatus> {
        self.child.try_wait().ok().flatten()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        signal(self.child.id(), "TERM");
        let limit = Instant::now() + Duration::from_secs(4);
        while Instant::now() < limit {
            if self.has_ended() {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        eprintln!("{} did not end when asked", self.name);
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a signal by name to one process.
pub fn signal(pid: u32, name: &str) {
    let _ = Command::new("kill").args([format!("-{name}"), pid.to_string()]).stderr(Stdio::null()).status();
}

/// Children, grandchildren and so on of a process, itself included.
pub fn tree(root: u32) -> Vec<u32> {
    let mut parents = Vec::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        let Ok(stat) = std::fs::read_to_string(entry.path().join("stat")) else { continue };
        // The name may hold spaces and brackets: fields count from the last bracket.
        let Some(parent) = stat.rsplit_once(')').and_then(|(_, rest)| rest.split_whitespace().nth(1)?.parse().ok())
        else {
            continue;
        };
        parents.push((pid, parent));
    }
    let mut found = BTreeSet::from([root]);
    loop {
        let before = found.len();
        found.extend(
            parents.iter().filter(|(_, parent)| found.contains(parent)).map(|(pid, _)| *pid).collect::<Vec<_>>(),
        );
        if found.len() == before {
            return found.into_iter().collect();
        }
    }
}

/// Processes of a tree whose command line contains `text`.
pub fn find_in_tree(root: u32, text: &str) -> Vec<u32> {
    tree(root)
        .into_iter()
        .filter(|pid| {
            let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            String::from_utf8_lossy(&line).contains(text)
        })
        .collect()
}

/// Memory of a tree, proportional set size, bytes.
pub fn pss(root: u32) -> u64 {
    tree(root)
        .into_iter()
        .filter_map(|pid| std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok())
        .filter_map(|text| {
            let line = text.lines().find(|line| line.starts_with("Pss:"))?;
            line.split_whitespace().nth(1)?.parse::<u64>().ok()
        })
        .map(|kib| kib * 1024)
        .sum()
}

/// CPU time of a tree so far, seconds.
pub fn cpu_seconds(root: u32) -> f64 {
    tree(root)
        .into_iter()
        .filter_map(|pid| ticks(&PathBuf::from(format!("/proc/{pid}/stat"))))
        .map(|(_, time)| time)
        .sum()
}

/// CPU time so far of every thread of a tree, seconds, by process and thread name.
pub fn cpu_by_thread(root: u32) -> BTreeMap<String, f64> {
    let mut times = BTreeMap::new();
    for pid in tree(root) {
        let Some((process, _)) = ticks(&PathBuf::from(format!("/proc/{pid}/stat"))) else { continue };
        for task in std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten() {
            if let Some((thread, time)) = ticks(&task.path().join("stat")) {
                *times.entry(format!("{process}: {thread}")).or_default() += time;
            }
        }
    }
    times
}

/// Name and CPU time (seconds) in a `stat` file of proc(5).
fn ticks(file: &Path) -> Option<(String, f64)> {
    // USER_HZ is 100 on every Linux that Rust's std runs on.
    const TICKS: f64 = 100.0;
    let stat = std::fs::read_to_string(file).ok()?;
    let (before, rest) = stat.rsplit_once(')')?;
    let (_, name) = before.split_once('(')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let time: f64 = fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?;
    Some((name.to_owned(), time / TICKS))
}

/// Memory (PSS) of a tree by process and what is mapped, bytes, largest first.
pub fn pss_by_mapping(root: u32) -> Vec<(String, u64)> {
    let mut sums = BTreeMap::<String, u64>::new();
    for pid in tree(root) {
        let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
        let smaps = std::fs::read_to_string(format!("/proc/{pid}/smaps")).unwrap_or_default();
        let mut mapped = String::new();
        for line in smaps.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            match words.as_slice() {
                ["Pss:", kib, ..] => {
                    let bytes = kib.parse::<u64>().unwrap_or_default() * 1024;
                    *sums.entry(format!("{}: {mapped}", name.trim())).or_default() += bytes;
                }
                // "from-to rights offset device inode path"
                [range, _, _, _, _, path @ ..] if range.contains('-') => {
                    mapped = path
                        .join(" ")
                        .rsplit('/')
                        .next()
                        .filter(|path| !path.is_empty())
                        .unwrap_or("anonymous")
                        .to_owned();
                }
                _ => {}
            }
        }
    }
    let mut sorted: Vec<_> = sums.into_iter().collect();
    sorted.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
    sorted
}

/// Waits until `ready` gives something.
pub fn wait_for<T>(what: &str, limit: Duration, mut ready: impl FnMut() -> Option<T>) -> Result<T> {
    let end = Instant::now() + limit;
    loop {
        if let Some(value) = ready() {
            return Ok(value);
        }
        if Instant::now() > end {
            bail!("{what}: not within {:.1} s", limit.as_secs_f32());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}
