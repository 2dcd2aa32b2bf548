//! Plugins' web processes: they get a lower priority, and end when they grow
//! without end.
//!
//! WebKit has a limit of its own, which is looked at between two pieces of a
//! page's work. A page that fills memory in one endless piece would take all
//! the computer has before anybody found that it does not answer.

use std::cell::Cell;
use std::fs;
use std::rc::Rc;
use std::time::{Duration, Instant};

use gtk::{gio, glib};
use rustix::process::{Pid, Signal, kill_process};

use super::priority::{is_behind, lower};

/// Resident size at which a plugin's web process ends, KiB.
const LIMIT: u64 = 1024 * 1024;
/// Between two looks for new processes.
const FIND_EVERY: Duration = Duration::from_secs(3);
/// The end of a process is heard of this soon.
const HEARD_WITHIN: Duration = Duration::from_secs(2);
/// What the kernel keeps of `WebKitWebProcess` (15 bytes, proc(5)).
const NAME: &str = "WebKitWebProces";

thread_local! {
    static ENDED: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// The last end of a web process was our doing.
pub(super) fn has_ended_one(now: Instant) -> bool {
    ENDED.take().is_some_and(|at| now.saturating_duration_since(at) <= HEARD_WITHIN)
}

/// Looks at plugins' web processes, on the main thread.
#[derive(Default)]
pub(super) struct Processes {
    known: Rc<Cell<Vec<i32>>>,
    found: Option<Instant>,
}

impl Processes {
    /// There is a new one.
    pub fn look_again(&mut self) {
        self.found = None;
    }

    /// Time has passed.
    pub fn look(&mut self, now: Instant) {
        let known = self.known.take();
        for pid in &known {
            if size_of(*pid).is_some_and(|size| size > LIMIT) {
                tracing::warn!(pid, "a plugin's web process takes too much memory and is ended");
                ENDED.set(Some(now));
                end(*pid);
            }
        }
        self.known.set(known);
        if self.found.is_none_or(|at| now.saturating_duration_since(at) >= FIND_EVERY) {
            self.found = Some(now);
            let known = Rc::clone(&self.known);
            glib::MainContext::default().spawn_local(async move {
                // Some hundred small files: not here.
                if let Ok(found) = gio::spawn_blocking(plugins).await {
                    let before = known.replace(found.clone());
                    let new = found.into_iter().filter(|pid| !before.contains(pid));
                    new.filter_map(Pid::from_raw).for_each(lower);
                }
            });
        }
    }
}

fn end(pid: i32) {
    if let Some(pid) = Pid::from_raw(pid)
        && let Err(error) = kill_process(pid, Signal::KILL)
    {
        tracing::debug!(%error, "the web process could not be ended");
    }
}

fn plugins() -> Vec<i32> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let pids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    let is_plugin = |pid: &i32| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat"));
        size_of(*pid).is_some() && stat.is_ok_and(|stat| is_behind(&stat))
    };
    pids.filter(is_plugin).collect()
}

/// Resident size of a web process of ours, KiB; nothing for any other process.
fn size_of(pid: i32) -> Option<u64> {
    size_in(&fs::read_to_string(format!("/proc/{pid}/status")).ok()?, std::process::id())
}

/// Reads `/proc/PID/status`.
fn size_in(status: &str, parent: u32) -> Option<u64> {
    let field = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim);
    if field("Name") != Some(NAME) || field("PPid") != Some(parent.to_string().as_str()) {
        return None;
    }
    field("VmRSS")?.strip_suffix("kB")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATUS: &str = "Name:\tWebKitWebProces\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t42\nPid:\t42\n\
                          PPid:\t7\nVmPeak:\t 900000 kB\nVmRSS:\t  157760 kB\n";

    #[test]
    fn only_web_processes_of_ours_have_a_size() {
        assert_eq!(size_in(STATUS, 7), Some(157_760), "a child of ours, KiB");
        assert_eq!(size_in(STATUS, 70), None, "somebody else's child is none of our business");
        let network = STATUS.replace("WebKitWebProces", "WebKitNetworkPr");
        assert_eq!(size_in(&network, 7), None, "the network process holds no page");
        assert_eq!(size_in("Name:\tWebKitWebProces\nPPid:\t7\n", 7), None, "a process that ends has no memory left");
    }
}
