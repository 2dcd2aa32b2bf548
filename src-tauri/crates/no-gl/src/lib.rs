//! An EGL driver without drawing.
//!
//! WebKitGTK's web process opens an EGL display before it reads the setting that
//! says that nothing is to be drawn with it (WebKitGTK 2.50,
//! `WebPage::updateAfterDrawingAreaCreation`), and ends itself where there is
//! none. Mesa's display brings LLVM: 24 MB a web process, 10 of them written to
//! (measured, Mesa 22.3). This display brings nothing. It can be opened, asked
//! for its strings and closed; whatever would draw is refused.
//!
//! libEGL (libglvnd) loads it when `__EGL_VENDOR_LIBRARY_FILENAMES` names a file
//! that names it. The interface is libglvnd's `include/glvnd/libeglabi.h`, major
//! version 0; numbers are those of `EGL/egl.h` and `EGL/eglext.h`.
//!
//! No function keeps a state or a pointer that it is given.
#![allow(unsafe_code, reason = "a C interface; each function says what it relies on")]

use std::ffi::{CStr, c_char, c_int, c_uint, c_void};
use std::ptr;

type Display = *mut c_void;
type Function = unsafe extern "C" fn() -> usize;

const FALSE: c_uint = 0;
const TRUE: c_uint = 1;
const BAD_ALLOC: c_int = 0x3003;
const VENDOR: c_int = 0x3053;
const VERSION: c_int = 0x3054;
const EXTENSIONS: c_int = 0x3055;
const CLIENT_APIS: c_int = 0x308D;

/// That displays are asked for by platform: `eglGetPlatformDisplayEXT`.
const CLIENT: &CStr = c"EGL_EXT_client_extensions EGL_EXT_platform_base EGL_MESA_platform_surfaceless";
/// The platforms whose displays there are: the one that shows nothing.
const PLATFORMS: &CStr = c"EGL_MESA_platform_surfaceless";
const NAME: &CStr = c"Trunkline, without drawing";
const EGL_1_4: &CStr = c"1.4 without drawing";

/// The handle of the one display: its address alone counts.
static DISPLAY: u8 = 0;

/// The functions that libEGL needs, the first six of `__EGLapiImports`. The
/// others may be left out.
#[repr(C)]
#[derive(Debug)]
pub struct Imports {
    get_platform_display: unsafe extern "C" fn(c_uint, *mut c_void, *const isize) -> Display,
    get_supports_api: unsafe extern "C" fn(c_uint) -> c_uint,
    get_vendor_string: unsafe extern "C" fn(c_int) -> *const c_char,
    get_proc_address: unsafe extern "C" fn(*const c_char) -> *const c_void,
    get_dispatch_address: unsafe extern "C" fn(*const c_char) -> *const c_void,
    set_dispatch_index: unsafe extern "C" fn(*const c_char, c_int),
}

/// Called by libEGL when it has loaded this library. True when it can be used.
///
/// # Safety
/// `imports` is null or has room for [`Imports`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __egl_Main(
    version: u32,
    _exports: *const c_void,
    _vendor: *mut c_void,
    imports: *mut Imports,
) -> c_uint {
    // The major version, which changes when the functions do.
    if version >> 16 != 0 || imports.is_null() {
        return FALSE;
    }
    let ours = Imports {
        get_platform_display,
        get_supports_api,
        get_vendor_string,
        get_proc_address,
        get_dispatch_address,
        set_dispatch_index,
    };
    // SAFETY: not null, and the caller promises the room.
    unsafe { imports.write(ours) };
    TRUE
}

extern "C" fn get_platform_display(_platform: c_uint, _native: *mut c_void, _attributes: *const isize) -> Display {
    ptr::from_ref(&DISPLAY).cast_mut().cast()
}

extern "C" fn get_supports_api(_api: c_uint) -> c_uint {
    TRUE
}

extern "C" fn get_vendor_string(name: c_int) -> *const c_char {
    // __EGL_VENDOR_STRING_PLATFORM_EXTENSIONS
    if name == 0 { PLATFORMS.as_ptr() } else { ptr::null() }
}

/// The function of this name: each of EGL's, none of OpenGL's.
unsafe extern "C" fn get_proc_address(name: *const c_char) -> *const c_void {
    if name.is_null() {
        return ptr::null();
    }
    // SAFETY: libEGL gives a C string.
    let name = unsafe { CStr::from_ptr(name) };
    match name.to_bytes() {
        b"eglInitialize" => initialize as *const c_void,
        b"eglQueryString" => query_string as *const c_void,
        b"eglGetError" => get_error as *const c_void,
        b"eglTerminate" | b"eglReleaseThread" | b"eglBindAPI" => succeed as Function as *const c_void,
        name if name.starts_with(b"egl") => refuse as Function as *const c_void,
        _ => ptr::null(),
    }
}

extern "C" fn get_dispatch_address(_name: *const c_char) -> *const c_void {
    ptr::null()
}

extern "C" fn set_dispatch_index(_name: *const c_char, _index: c_int) {}

/// `eglInitialize`: EGL 1.4.
unsafe extern "C" fn initialize(_display: Display, major: *mut c_int, minor: *mut c_int) -> c_uint {
    for (place, number) in [(major, 1), (minor, 4)] {
        if !place.is_null() {
            // SAFETY: where it is not null there is room for a number (EGL 1.5, 3.2).
            unsafe { place.write(number) };
        }
    }
    TRUE
}

extern "C" fn query_string(display: Display, name: c_int) -> *const c_char {
    match (display.is_null(), name) {
        (true, EXTENSIONS) => CLIENT.as_ptr(),
        (false, EXTENSIONS | CLIENT_APIS) => c"".as_ptr(),
        (false, VENDOR) => NAME.as_ptr(),
        (false, VERSION) => EGL_1_4.as_ptr(),
        _ => ptr::null(),
    }
}

/// `eglGetError`, which is asked for after a refusal.
extern "C" fn get_error() -> c_int {
    BAD_ALLOC
}

/// Any function that has nothing to do. What it is called with stays with the
/// caller, as C functions have it.
extern "C" fn succeed() -> usize {
    1
}

/// Any function that would draw: `EGL_FALSE`, or none of what it makes.
extern "C" fn refuse() -> usize {
    0
}

#[cfg(test)]
mod tests {
    use std::mem::MaybeUninit;

    use super::*;

    fn loaded() -> Imports {
        let mut imports = MaybeUninit::<Imports>::uninit();
        // SAFETY: there is room.
        let done = unsafe { __egl_Main(2, ptr::null(), ptr::null_mut(), imports.as_mut_ptr()) };
        assert_eq!(done, TRUE, "version 0.2 is known");
        // SAFETY: it said that it has written.
        unsafe { imports.assume_init() }
    }

    #[test]
    fn another_interface_is_not_spoken() {
        let mut imports = MaybeUninit::<Imports>::uninit();
        // SAFETY: there is room.
        let done = unsafe { __egl_Main(1 << 16, ptr::null(), ptr::null_mut(), imports.as_mut_ptr()) };
        assert_eq!(done, FALSE);
        // SAFETY: null is allowed.
        assert_eq!(unsafe { __egl_Main(2, ptr::null(), ptr::null_mut(), ptr::null_mut()) }, FALSE);
    }

    #[test]
    fn the_display_opens_and_says_that_it_can_do_nothing() {
        let imports = loaded();
        // SAFETY: our own functions, called as they are written.
        unsafe {
            assert!(!(imports.get_platform_display)(0x31DD, ptr::null_mut(), ptr::null()).is_null());
            let (mut major, mut minor) = (0, 0);
            assert_eq!(initialize(ptr::null_mut(), &raw mut major, &raw mut minor), TRUE);
            assert_eq!(initialize(ptr::null_mut(), ptr::null_mut(), ptr::null_mut()), TRUE, "who does not care for it");
            assert_eq!((major, minor), (1, 4));
            let display = get_platform_display(0, ptr::null_mut(), ptr::null());
            assert_eq!(CStr::from_ptr(query_string(display, EXTENSIONS)), c"", "no extension, so nothing is tried");
            assert_eq!(CStr::from_ptr(query_string(ptr::null_mut(), EXTENSIONS)), CLIENT);
            assert!(query_string(ptr::null_mut(), VENDOR).is_null(), "without a display there are extensions only");
        }
    }

    #[test]
    fn every_function_of_egl_is_there_and_none_of_opengl() {
        let imports = loaded();
        // SAFETY: C strings.
        let find = |name: &CStr| unsafe { (imports.get_proc_address)(name.as_ptr()) };
        for name in [c"eglCreateContext", c"eglMakeCurrent", c"eglSwapBuffers", c"eglWaitClient", c"eglCreateImage"] {
            assert_eq!(find(name), refuse as Function as *const c_void, "{name:?}");
        }
        assert!(find(c"glClear").is_null());
        assert_eq!(find(c"eglInitialize"), initialize as *const c_void);
    }
}
