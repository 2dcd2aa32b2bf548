//! What WebKitGTK and GTK need on Linux before the first thread exists.

pub(crate) mod egl;

use std::ffi::{OsStr, c_int};
use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::Stdio;
use std::sync::OnceLock;

/// The variables that [`prepare_environment`] has set.
static OURS: OnceLock<Vec<&'static str>> = OnceLock::new();

/// Sets WebKitGTK's and GTK's environment variables, unless the user did.
///
/// # Safety
/// Must be called before any other thread exists: the C library's environment
/// is not safe to change while another thread may read it.
#[allow(unsafe_code, reason = "std::env::set_var is unsafe since Rust 2024; see Safety")]
pub unsafe fn prepare_environment() {
    #[cfg(target_env = "gnu")]
    give_large_blocks_back();
    let mut ours = Vec::new();
    let mut set = |name: &'static str, value: &str| {
        let unset = std::env::var_os(name).is_none();
        if unset {
            // SAFETY: the caller promises that this is the only thread.
            unsafe { std::env::set_var(name, value) };
            ours.push(name);
        }
        unset
    };
    // The DMA-BUF renderer shows an empty window or crashes with NVIDIA's driver
    // (https://github.com/tauri-apps/tauri/issues/9304); a panel needs no GPU.
    let no_gpu = set("WEBKIT_DISABLE_DMABUF_RENDERER", "1");
    // The login windows' pages too are drawn with the processor.
    let no_layers = set("WEBKIT_DISABLE_COMPOSITING_MODE", "1");
    // GTK looks for OpenGL when it opens the display, which nothing of ours draws with.
    let no_gl = set("GDK_GL", "disable");
    // A panel computes next to nothing: without the compilers its web process is
    // 11 MB smaller and starts no later (measured, WebKitGTK 2.50), and no memory
    // is both writable and executable.
    set("JSC_useJIT", "0");
    // JavaScriptCore lets a page's garbage grow to 32 MB before the amount counts. A panel's page lives
    // in 12: tidied at 8 it is 3 MB smaller after 76 calls, and takes no more of the processor (measured).
    set("JSC_largeHeapSize", "8000000");
    // The accessibility bus is started by the desktop where one is used; without
    // it GTK would wait for a D-Bus activation at every start.
    if std::env::var_os("AT_SPI_BUS_ADDRESS").is_none() && std::env::var_os("DBUS_SESSION_BUS_ADDRESS").is_none() {
        set("NO_AT_BRIDGE", "1");
    }
    if no_gpu && no_layers && no_gl {
        // SAFETY: the caller promises that this is the only thread.
        ours.extend(unsafe { egl::leave_drivers_out() });
    }
    // Only the first call counts, and there is one.
    let _ = OURS.set(ours);
}

/// A conversation can come in one frame of ten megabytes. Once such a block was
/// freed, glibc keeps the next ones among the small, where they stay (25 MB for
/// each conversation of 5,000 messages, measured); with a fixed threshold
/// (mallopt(3)) every large block goes back to the system by itself.
#[allow(unsafe_code, reason = "two settings of the C library's")]
#[cfg(target_env = "gnu")]
fn give_large_blocks_back() {
    const LARGE: c_int = 1 << 20;
    for setting in [libc::M_MMAP_THRESHOLD, libc::M_TRIM_THRESHOLD] {
        // SAFETY: numbers alone. What the library does not take it leaves as it is, and
        // there is no log yet that could say so.
        unsafe { libc::mallopt(setting, LARGE) };
    }
}

/// Opens an address or a folder in the program the desktop has for it. That program does
/// not get our variables: a browser may want its GPU and its compilers.
///
/// # Errors
/// None of the ways known to the desktops could be started.
pub fn open_outside(address: impl AsRef<OsStr>) -> io::Result<()> {
    let mut failure = io::Error::from(io::ErrorKind::NotFound);
    for mut command in open::commands(address) {
        for name in OURS.get().into_iter().flatten() {
            command.env_remove(name);
        }
        // A group of its own: it outlives us.
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        match command.spawn() {
            Ok(mut child) => {
                let waiting = move || match child.wait() {
                    Ok(status) if !status.success() => tracing::warn!(%status, "opening an address may have failed"),
                    Ok(_) => {}
                    Err(error) => tracing::warn!(%error, "what became of opening an address is unknown"),
                };
                return std::thread::Builder::new().name("opening".to_owned()).spawn(waiting).map(drop);
            }
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

/// Makes a web view of ours as small as a page of text and buttons allows.
///
/// Without a GPU WebKitGTK draws through Mesa's llvmpipe, which costs memory and
/// processor (measured, WebKitGTK 2.50), so drawing stays on the CPU.
pub fn make_frugal(view: &webkit2gtk::WebView) {
    use webkit2gtk::{CacheModel, HardwareAccelerationPolicy, SettingsExt, WebContextExt, WebViewExt};
    if let Some(settings) = WebViewExt::settings(view) {
        settings.set_hardware_acceleration_policy(HardwareAccelerationPolicy::Never);
        settings.set_enable_webgl(false);
        settings.set_enable_webaudio(false);
        settings.set_enable_page_cache(false);
    }
    if let Some(context) = view.context() {
        context.set_cache_model(CacheModel::DocumentViewer);
    }
}

/// Ends WebKit's network processes. WebKitGTK keeps them, at 25 MB each, after
/// the last web view is gone, and starts a new one when a view needs it.
/// Only to be called while there is no web view.
pub fn end_network_processes() {
    for pid in children_named("WebKitNetworkPr") {
        if let Err(error) = rustix::process::kill_process(pid, rustix::process::Signal::TERM) {
            tracing::debug!(%error, "a left-over network process could not be ended");
        }
    }
}

/// Our own child processes with this name (the kernel keeps 15 bytes of it, proc(5)).
fn children_named(name: &str) -> Vec<rustix::process::Pid> {
    let own = std::process::id();
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    let pids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    pids.filter(|pid| {
        std::fs::read_to_string(format!("/proc/{pid}/stat"))
            .ok()
            .is_some_and(|stat| child_of(&stat) == Some((name, own)))
    })
    .filter_map(rustix::process::Pid::from_raw)
    .collect()
}

/// Name and parent in a line of `/proc/PID/stat`. The name may hold brackets and blanks.
fn child_of(stat: &str) -> Option<(&str, u32)> {
    let (start, end) = (stat.find('(')?, stat.rfind(')')?);
    let parent = stat.get(end + 1..)?.split_whitespace().nth(1)?.parse().ok()?;
    Some((stat.get(start + 1..end)?, parent))
}

/// A window can be shown at all: X11 or Wayland is there.
pub fn has_display() -> bool {
    ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_and_parent_are_read_whatever_the_name() {
        assert_eq!(child_of("42 (WebKitNetworkPr) S 7 42 42 0 -1"), Some(("WebKitNetworkPr", 7)), "a plain name");
        assert_eq!(child_of("42 (a) S 9 (b) R 7 1 2"), Some(("a) S 9 (b", 7)), "a name made to look like more");
        assert_eq!(child_of("nonsense"), None, "nonsense is nobody's child");
    }
}
