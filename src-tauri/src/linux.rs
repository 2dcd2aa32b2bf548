//! What WebKitGTK and GTK need on Linux before the first thread exists.

/// Sets WebKitGTK's environment variables, unless the user did.
///
/// # Safety
/// Must be called before any other thread exists: the C library's environment
/// is not safe to change while another thread may read it.
#[allow(unsafe_code, reason = "std::env::set_var is unsafe since Rust 2024; see Safety")]
pub unsafe fn prepare_environment() {
    let set = |name: &str, value: &str| {
        if std::env::var_os(name).is_none() {
            // SAFETY: the caller promises that this is the only thread.
            unsafe { std::env::set_var(name, value) };
        }
    };
    // The DMA-BUF renderer shows an empty window or crashes with NVIDIA's driver
    // (https://github.com/tauri-apps/tauri/issues/9304); a panel needs no GPU.
    set("WEBKIT_DISABLE_DMABUF_RENDERER", "1");
    // The accessibility bus is started by the desktop where one is used; without
    // it GTK would wait for a D-Bus activation at every start.
    if std::env::var_os("AT_SPI_BUS_ADDRESS").is_none() && std::env::var_os("DBUS_SESSION_BUS_ADDRESS").is_none() {
        set("NO_AT_BRIDGE", "1");
    }
}

/// Makes a web view of ours as small as a page of text and buttons allows.
///
/// Without a GPU WebKitGTK draws through Mesa's llvmpipe, which costs 20 MB of
/// LLVM in each process (measured, WebKitGTK 2.50), so drawing stays on the CPU.
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

/// A window can be shown at all: X11 or Wayland is there.
pub fn has_display() -> bool {
    ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}
