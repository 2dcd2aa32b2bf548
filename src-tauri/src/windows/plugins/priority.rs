//! What plugins compute comes after what the panel computes.
//!
//! A process's own priority can be lowered by anybody and raised again by
//! nobody, but the kernel's class for work in the background can be entered and
//! left, and children inherit it (sched(7)). So the main thread is in it while a
//! plugin's web process is begun. The class keeps that process from displacing
//! the panel when it wakes up, and tells afterwards which processes are
//! plugins': WebKit does not.

use std::marker::PhantomData;

use rustix::process::{Pid, setpriority_process};

/// Of 19: a tenth of the panel's share of a processor that both want.
const NICE: i32 = 10;

/// Processes that this thread begins meanwhile are plugins'.
pub(super) struct Behind {
    /// Of one thread.
    here: PhantomData<*const ()>,
}

impl Behind {
    /// Until it is dropped.
    pub fn begin() -> Self {
        set_class(libc::SCHED_BATCH);
        Self { here: PhantomData }
    }
}

impl Drop for Behind {
    fn drop(&mut self) {
        set_class(libc::SCHED_OTHER);
    }
}

#[allow(unsafe_code, reason = "one call of the kernel's that is in no safe library")]
fn set_class(class: libc::c_int) {
    let none = libc::sched_param { sched_priority: 0 };
    // SAFETY: the pointer is to a whole value that lives during the call; 0 is the calling thread.
    if unsafe { libc::sched_setscheduler(0, class, &raw const none) } != 0 {
        let error = std::io::Error::last_os_error();
        tracing::warn!(%error, class, "plugins compute on a level with the panel");
    }
}

/// Whether `/proc/PID/stat` (proc(5)) is that of a process begun behind.
pub(super) fn is_behind(stat: &str) -> bool {
    // The name may hold anything; after it the third field follows, and the class is the forty-first.
    let fields = stat.rsplit_once(')').map(|(_, fields)| fields.split_ascii_whitespace());
    let class = fields.and_then(|mut fields| fields.nth(41 - 3)?.parse::<libc::c_int>().ok());
    class == Some(libc::SCHED_BATCH)
}

/// Threads that it begins from now on inherit this.
pub(super) fn lower(pid: Pid) {
    if let Err(error) = setpriority_process(Some(pid), NICE) {
        tracing::debug!(%error, "a plugin's web process keeps its priority");
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn what_is_begun_meanwhile_is_behind_and_what_is_begun_after_is_not() -> std::io::Result<()> {
        let begin = || Command::new("sleep").arg("60").spawn();
        let (before, behind) = (begin()?, Behind::begin());
        let meanwhile = begin()?;
        drop(behind);
        let mut classes = Vec::new();
        for mut child in [before, meanwhile, begin()?] {
            let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id()));
            child.kill()?;
            child.wait()?;
            classes.push(is_behind(&stat?));
        }
        assert_eq!(classes, [false, true, false]);
        Ok(())
    }

    #[test]
    fn a_name_with_brackets_and_spaces_does_not_shift_the_fields() {
        let stat = |class: i32| {
            let between = vec!["0"; 37].join(" ");
            format!("42 (a ) (b 3) S {between} {class} 0 0")
        };
        assert!(is_behind(&stat(libc::SCHED_BATCH)));
        assert!(!is_behind(&stat(libc::SCHED_OTHER)));
        assert!(!is_behind("42 (short) S 1"), "a line that ends early is nobody's");
    }
}
