//! The frames of plugins: a web view each, over the panel's page.
//!
//! On Linux alone so far. Elsewhere [`PluginFrames`] says so to whoever opens one.

#[cfg(target_os = "linux")]
mod bounds;
#[cfg(target_os = "linux")]
mod files;
#[cfg(target_os = "linux")]
mod guard;
#[cfg(target_os = "linux")]
mod priority;
#[cfg(target_os = "linux")]
mod processes;
#[cfg(target_os = "linux")]
mod pulse;
#[cfg(target_os = "linux")]
mod relay;
#[cfg(target_os = "linux")]
mod serve;
#[cfg(target_os = "linux")]
mod stage;
#[cfg(target_os = "linux")]
mod teller;
#[cfg(target_os = "linux")]
mod view;
mod width;

use std::collections::BTreeMap;

use tauri::{AppHandle, Manager, Runtime, WebviewWindow};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, watch};
use trunkline_model::PluginId;
#[cfg(not(target_os = "linux"))]
use trunkline_plugins::FrameNews;
use trunkline_plugins::{FrameSink, FrameSpec, Frames, Posted};
use trunkline_rpc::schema::PluginArea;

use crate::shell::on_main;

/// Plugins' folders and our scripts for them, in the embedded UI.
const BUILT_IN: &str = "plugins/";
const MANIFEST: &str = "/plugin.json";

/// Shows plugins once the app is up. What is asked for earlier is done then, in order.
pub struct PluginFrames<R: Runtime> {
    app: watch::Receiver<Option<AppHandle<R>>>,
    orders: mpsc::UnboundedSender<Order>,
}

/// What is to be done on the main thread.
enum Order {
    Listen(FrameSink),
    Open(Box<FrameSpec>),
    Post(PluginId, Posted),
    Arrange(BTreeMap<PluginId, PluginArea>),
    Widen(bool),
    Close(PluginId),
}

impl<R: Runtime> PluginFrames<R> {
    /// Waits for the app on the given channel.
    pub fn new(runtime: &Handle, app: watch::Receiver<Option<AppHandle<R>>>) -> Self {
        let (orders, mut given) = mpsc::unbounded_channel();
        let mut later = app.clone();
        runtime.spawn(async move {
            let Ok(app) = later.wait_for(Option::is_some).await.map(|app| app.clone()) else { return };
            let Some(app) = app else { return };
            let mut listener = None;
            while let Some(order) = given.recv().await {
                if let Order::Listen(sink) = order {
                    listener = Some(sink);
                    continue;
                }
                let (handle, listener) = (app.clone(), listener.clone());
                on_main(&app, move || carry_out(&handle, order, listener));
            }
        });
        Self { app, orders }
    }

    fn order(&self, order: Order) {
        // Nobody takes them any more: the program ends.
        let _ = self.orders.send(order);
    }
}

impl<R: Runtime> Frames for PluginFrames<R> {
    fn listen(&self, sink: FrameSink) {
        self.order(Order::Listen(sink));
    }

    fn supported(&self) -> bool {
        cfg!(target_os = "linux")
    }

    fn built_in(&self) -> Vec<(String, String)> {
        let Some(app) = self.app.borrow().clone() else { return Vec::new() };
        let paths = embedded_paths(&app);
        let names = paths.iter().filter_map(|path| path.strip_prefix(BUILT_IN)?.strip_suffix(MANIFEST));
        let named = names.filter(|name| !name.contains('/'));
        let manifest = |name: &str| {
            let file = app.asset_resolver().get_for_scheme(format!("{BUILT_IN}{name}{MANIFEST}"), false)?;
            Some((name.to_owned(), String::from_utf8(file.bytes).ok()?))
        };
        named.filter_map(manifest).collect()
    }

    fn open(&self, spec: FrameSpec) {
        self.order(Order::Open(Box::new(spec)));
    }

    fn post(&self, plugin: &PluginId, message: Posted) {
        self.order(Order::Post(plugin.clone(), message));
    }

    fn arrange(&self, places: BTreeMap<PluginId, PluginArea>) {
        self.order(Order::Arrange(places));
    }

    fn widen(&self, wide: bool) {
        self.order(Order::Widen(wide));
    }

    fn close(&self, plugin: &PluginId) {
        self.order(Order::Close(plugin.clone()));
    }
}

/// On the main thread. Nothing is opened for nobody.
fn carry_out<R: Runtime>(app: &AppHandle<R>, order: Order, listener: Option<FrameSink>) {
    match (order, listener) {
        (Order::Widen(wide), _) => width::want(app.get_webview_window(super::PANEL).as_ref(), wide),
        (Order::Open(spec), Some(sink)) => open(app, *spec, sink),
        (Order::Open(spec), None) => tracing::error!(plugin = %spec.plugin, "nobody listens to a plugin"),
        #[cfg(target_os = "linux")]
        (Order::Post(plugin, message), _) => stage::post(&plugin, &message),
        #[cfg(target_os = "linux")]
        (Order::Arrange(places), _) => stage::arrange(places),
        #[cfg(target_os = "linux")]
        (Order::Close(plugin), _) => {
            stage::close(&plugin);
            super::end_helpers_later(app);
        }
        // Nothing is ever open there.
        #[cfg(not(target_os = "linux"))]
        (Order::Post(..) | Order::Arrange(_) | Order::Close(_), _) => {}
        // Heard before the main thread.
        (Order::Listen(_), _) => {}
    }
}

#[cfg(target_os = "linux")]
fn open<R: Runtime>(app: &AppHandle<R>, spec: FrameSpec, sink: FrameSink) {
    stage::open(&spec, embedded(app), sink);
}

#[cfg(not(target_os = "linux"))]
fn open<R: Runtime>(_: &AppHandle<R>, spec: FrameSpec, sink: FrameSink) {
    let cause = "plugins cannot be shown on this system yet".to_owned();
    // A full channel has its reader behind; there is nothing else to tell.
    let _ = sink.try_send((spec.plugin, FrameNews::LoadFailed(cause)));
}

/// The panel's window is built, and not shown yet: plugins come to lie over its page.
pub(super) fn attach<R: Runtime>(panel: &WebviewWindow<R>) {
    width::renew(panel);
    #[cfg(target_os = "linux")]
    match (panel.gtk_window(), panel.default_vbox()) {
        (Ok(window), Ok(column)) => stage::attach(&window, &column),
        (Err(error), _) | (_, Err(error)) => tracing::error!(%error, "plugins cannot be shown over the panel"),
    }
}

/// No plugin is loaded, so that none needs WebKit's helpers. On the main thread.
#[cfg(target_os = "linux")]
pub(super) fn none_loaded() -> bool {
    stage::is_empty()
}

fn embedded_paths<R: Runtime>(app: &AppHandle<R>) -> std::collections::BTreeSet<String> {
    app.asset_resolver().iter().map(|(path, _)| path.trim_start_matches('/').to_owned()).collect()
}

/// Reads files of the embedded UI. A path that is not there is no file: the resolver itself
/// would answer with the panel's own page.
#[cfg(target_os = "linux")]
fn embedded<R: Runtime>(app: &AppHandle<R>) -> files::Embedded {
    let (app, paths) = (app.clone(), embedded_paths(app));
    std::sync::Arc::new(move |path: &str| {
        let found = paths.contains(path).then(|| app.asset_resolver().get_for_scheme(path.to_owned(), false));
        found.flatten().map(|file| file.bytes)
    })
}
