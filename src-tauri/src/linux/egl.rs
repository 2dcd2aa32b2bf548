//! Keeps Mesa out of processes that draw with the processor.

use std::ffi::{c_char, c_int, c_void};
use std::fs::File;
use std::io::{self, Seek as _, Write as _};
use std::os::fd::AsRawFd as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rustix::fs::MemfdFlags;

/// Files that name the drivers, for libEGL (libglvnd).
const DRIVERS: &str = "__EGL_VENDOR_LIBRARY_FILENAMES";
/// `trunkline-no-gl`.
const LIBRARY: &str = "libtrunkline_no_gl.so";
/// What WebKitGTK's package brings along.
const MESA: &str = "libEGL_mesa.so.0";
/// Minor versions of WebKitGTK 2 whose web process was seen to open an EGL display and
/// to do nothing with it. Later ones may draw with it all the same.
const KNOWN: &[u32] = &[50];

/// The file without a name that names the web processes' driver.
static LIST: Mutex<Option<File>> = Mutex::new(None);

/// Lets this process find no EGL driver, and its web processes one that brings nothing.
/// Gives the name of the variable that stays set for them.
///
/// WebKitGTK asks for EGL before it starts a web process, only to learn that there is
/// shared memory too. Mesa brings LLVM, which is 20 MB of memory (measured, Mesa 22.3)
/// for nothing drawn. The dispatch library looks for drivers once a process, so that web
/// processes, which do not start without EGL, find theirs.
///
/// # Safety
/// Must be called before any other thread exists, as for
/// [`prepare_environment`](super::prepare_environment).
#[allow(unsafe_code, reason = "the environment, and one function of a C library; see the comments")]
pub(super) unsafe fn leave_drivers_out() -> Option<&'static str> {
    /// `EGL_EXTENSIONS`, egl.h.
    const EXTENSIONS: c_int = 0x3055;
    type QueryString = unsafe extern "C" fn(*mut c_void, c_int) -> *const c_char;
    if std::env::var_os(DRIVERS).is_some() {
        return None;
    }
    // SAFETY: libEGL has no constructors that touch anything of ours.
    let egl = unsafe { libloading::Library::new("libEGL.so.1") }.ok()?;
    // SAFETY: the caller promises that this is the only thread.
    unsafe { std::env::set_var(DRIVERS, "/dev/null") };
    // SAFETY: the type is the function's, egl.h.
    if let Ok(query) = unsafe { egl.get::<QueryString>(b"eglQueryString\0") } {
        // SAFETY: EGL_NO_DISPLAY with EGL_EXTENSIONS is allowed at any time (EGL 1.5, 3.3).
        unsafe { query(std::ptr::null_mut(), EXTENSIONS) };
    }
    // What it has found out must stay.
    std::mem::forget(egl);
    let list = is_known().then(library).flatten().and_then(|library| list(&library).ok());
    // SAFETY: the caller promises that this is the only thread.
    unsafe {
        match &list {
            // Others open it through us.
            Some(list) => std::env::set_var(DRIVERS, through_us(list)),
            None => std::env::remove_var(DRIVERS),
        }
    }
    let set = list.is_some();
    *LIST.lock().unwrap_or_else(PoisonError::into_inner) = list;
    set.then_some(DRIVERS)
}

/// A web process ended before its page was there, which may be our driver's doing: those
/// that follow get Mesa's.
pub(crate) fn bring_drivers_back() {
    let Some(mut list) = LIST.lock().unwrap_or_else(PoisonError::into_inner).take() else { return };
    tracing::warn!("web processes get the system's graphics driver");
    if let Err(error) = name(&mut list, Path::new(MESA)) {
        tracing::error!(%error, "web processes do not get the system's graphics driver");
    }
    // It is read for as long as there are web processes.
    std::mem::forget(list);
}

#[allow(unsafe_code, reason = "two functions of a C library that give numbers")]
fn is_known() -> bool {
    // SAFETY: they take nothing and need nothing.
    let version = unsafe { (webkit2gtk::ffi::webkit_get_major_version(), webkit2gtk::ffi::webkit_get_minor_version()) };
    version.0 == 2 && KNOWN.contains(&version.1)
}

/// Where the driver is, if it can be loaded: a web process that finds none ends.
#[allow(unsafe_code, reason = "loading a library of our own")]
fn library() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?;
    let path = places(&program)?.into_iter().find(|path| path.is_file())?;
    // SAFETY: it has no constructors.
    unsafe { libloading::Library::new(&path).ok()?.get::<*const c_void>(b"__egl_Main\0").ok()? };
    Some(path)
}

/// Installed, and where Cargo leaves it.
fn places(program: &Path) -> Option<[PathBuf; 3]> {
    let folder = program.parent()?;
    Some([
        folder.parent()?.join("lib/trunkline").join(LIBRARY),
        folder.join("deps").join(LIBRARY),
        folder.join(LIBRARY),
    ])
}

/// A file that names the driver, for as long as it is kept.
fn list(library: &Path) -> io::Result<File> {
    let mut file = File::from(rustix::fs::memfd_create("trunkline-drivers", MemfdFlags::CLOEXEC)?);
    name(&mut file, library)?;
    Ok(file)
}

fn name(list: &mut File, library: &Path) -> io::Result<()> {
    let library = library.to_str().ok_or(io::ErrorKind::InvalidInput)?;
    let text = serde_json::json!({ "file_format_version": "1.0.0", "ICD": { "library_path": library } });
    list.set_len(0)?;
    list.rewind()?;
    list.write_all(text.to_string().as_bytes())
}

/// What other processes open it by.
fn through_us(list: &File) -> String {
    format!("/proc/{}/fd/{}", std::process::id(), list.as_raw_fd())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_by_another(list: &File) -> io::Result<serde_json::Value> {
        let output = std::process::Command::new("cat").arg(through_us(list)).output()?;
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    #[test]
    fn the_list_can_be_read_by_others_and_names_one_library() -> io::Result<()> {
        let mut list = list(Path::new("/opt/a \"b\"/x.so"))?;
        assert_eq!(read_by_another(&list)?["ICD"]["library_path"], "/opt/a \"b\"/x.so", "as it is");
        name(&mut list, Path::new(MESA))?;
        assert_eq!(read_by_another(&list)?["ICD"]["library_path"], MESA, "and nothing of what was there before");
        Ok(())
    }

    #[test]
    fn it_is_looked_for_where_it_is_installed_first() {
        let found = places(Path::new("/usr/bin/trunkline"));
        let first = found.as_ref().map(|places| places[0].as_path());
        assert_eq!(first, Some(Path::new("/usr/lib/trunkline/libtrunkline_no_gl.so")));
    }
}
