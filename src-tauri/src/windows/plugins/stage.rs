//! Plugins' views over the panel's page. All of it on the main thread.
//!
//! The panel's web view lies in an overlay, and the plugins' views upon it,
//! hidden where nobody looks. They belong to us and not to the panel's window:
//! when it is destroyed they leave it first, and come back with the next one.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Instant;

use gtk::glib;
use gtk::prelude::*;
use trunkline_model::PluginId;
use trunkline_plugins::{FrameNews, FrameSink, FrameSpec, Posted};
use trunkline_rpc::schema::PluginArea;
use webkit2gtk::{WebView, WebViewExt};

use super::bounds::Bounds;
use super::files::Embedded;
use super::priority::Behind;
use super::processes::Processes;
use super::pulse::TICK;
use super::teller::Teller;
use super::view::PluginView;

thread_local! {
    static STAGE: RefCell<Stage> = RefCell::default();
}

#[derive(Default)]
struct Stage {
    views: BTreeMap<PluginId, PluginView>,
    places: BTreeMap<PluginId, PluginArea>,
    panel: Option<Panel>,
    ticking: bool,
    processes: Processes,
}

/// The panel's window while there is one.
struct Panel {
    overlay: gtk::Overlay,
    page: WebView,
}

/// Puts the panel's page below an overlay for plugins, for as long as the window lives.
pub(super) fn attach(window: &impl IsA<gtk::Widget>, column: &gtk::Box) {
    let Some(page) = column.children().into_iter().find_map(|child| child.downcast::<WebView>().ok()) else {
        tracing::error!("the panel's page is not where plugins could lie over it");
        return;
    };
    let overlay = gtk::Overlay::new();
    column.remove(&page);
    overlay.add(&page);
    column.pack_start(&overlay, true, true, 0);
    overlay.show();
    // Before the window takes everything in it along.
    window.connect_destroy(|_| detach());
    STAGE.with_borrow_mut(|stage| {
        stage.panel = Some(Panel { overlay, page });
        for plugin in stage.views.values() {
            stage.put_on(&plugin.view);
        }
        stage.arrange();
    });
}

/// The plugins leave the panel's window and live on.
fn detach() {
    STAGE.with_borrow_mut(|stage| {
        if let Some(panel) = stage.panel.take() {
            for plugin in stage.views.values() {
                plugin.view.hide();
                panel.overlay.remove(&plugin.view);
            }
        }
    });
}

/// Loads a plugin, out of sight.
pub(super) fn open(spec: &FrameSpec, embedded: Embedded, sink: FrameSink) {
    let teller = Teller::new(spec.plugin.clone(), sink, Instant::now());
    let Some(bounds) = Bounds::of(spec) else {
        teller.tell(FrameNews::LoadFailed("the page's address is not one of a plugin".to_owned()));
        return;
    };
    close_view(&spec.plugin);
    let behind = Behind::begin();
    let plugin = PluginView::open(spec, bounds, embedded, teller);
    drop(behind);
    STAGE.with_borrow_mut(|stage| {
        stage.processes.look_again();
        stage.put_on(&plugin.view);
        stage.views.insert(spec.plugin.clone(), plugin);
        stage.arrange();
        if !std::mem::replace(&mut stage.ticking, true) {
            glib::timeout_add_local(TICK, tick);
        }
    });
}

/// Posts into a plugin's page.
pub(super) fn post(plugin: &PluginId, message: &Posted) {
    STAGE.with_borrow(|stage| {
        if let Some(plugin) = stage.views.get(plugin) {
            plugin.post(message);
        }
    });
}

/// Which plugins are seen, and where.
pub(super) fn arrange(places: BTreeMap<PluginId, PluginArea>) {
    STAGE.with_borrow_mut(|stage| {
        stage.places = places;
        stage.arrange();
    });
}

/// Unloads a plugin.
pub(super) fn close(plugin: &PluginId) {
    STAGE.with_borrow_mut(|stage| stage.places.remove(plugin));
    close_view(plugin);
}

/// No plugin is loaded.
pub(super) fn is_empty() -> bool {
    STAGE.with_borrow(|stage| stage.views.is_empty())
}

/// The process of this view has ended: it is of no use any more.
pub(super) fn forget(view: &WebView) {
    let view = view.clone();
    // Not inside the signal: WebKit is still taking the old process down.
    glib::idle_add_local_once(move || {
        let plugin = STAGE
            .with_borrow(|stage| stage.views.iter().find(|(_, plugin)| plugin.view == view).map(|(id, _)| id.clone()));
        if let Some(plugin) = plugin {
            close_view(&plugin);
        }
    });
}

fn close_view(plugin: &PluginId) {
    let removed = STAGE.with_borrow_mut(|stage| {
        let plugin = stage.views.remove(plugin)?;
        if let Some(panel) = &stage.panel {
            stage.give_keyboard_back(&plugin.view);
            panel.overlay.remove(&plugin.view);
        }
        Some(plugin)
    });
    // Outside: what it is made of may ask for the stage while it goes.
    drop(removed);
}

fn tick() -> glib::ControlFlow {
    STAGE.with_borrow_mut(|stage| {
        let now = Instant::now();
        for plugin in stage.views.values() {
            plugin.tick(now);
        }
        stage.processes.look(now);
        stage.ticking = !stage.views.is_empty();
        if stage.ticking { glib::ControlFlow::Continue } else { glib::ControlFlow::Break }
    })
}

impl Stage {
    fn put_on(&self, view: &WebView) {
        if let Some(panel) = &self.panel {
            // Placed by its margins, from the overlay's upper left corner.
            view.set_halign(gtk::Align::Start);
            view.set_valign(gtk::Align::Start);
            panel.overlay.add_overlay(view);
        }
    }

    fn arrange(&self) {
        let Some(panel) = &self.panel else { return };
        let zoom = panel.page.zoom_level();
        for (id, plugin) in &self.views {
            let view = &plugin.view;
            match self.places.get(id).and_then(|area| Box::of(area, zoom)) {
                Some(place) => {
                    view.set_margin_start(place.x);
                    view.set_margin_top(place.y);
                    view.set_size_request(place.width, place.height);
                    view.show();
                }
                None => {
                    self.give_keyboard_back(view);
                    view.hide();
                }
            }
        }
    }

    /// What the agent types next is for the panel, not for nobody.
    fn give_keyboard_back(&self, view: &WebView) {
        if let Some(panel) = self.panel.as_ref().filter(|_| view.has_focus()) {
            panel.page.grab_focus();
        }
    }
}

/// An area in GTK's pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Box {
    x: i32,
    y: i32,
    width: i32,
    height: i32,
}

impl Box {
    /// Nothing for an area of which nothing is seen.
    fn of(area: &PluginArea, zoom: f64) -> Option<Self> {
        // `as` ends at the limits of the type; NaN becomes 0.
        #[allow(clippy::cast_possible_truncation, reason = "rounded, and no screen is that large")]
        let pixels = |length: f64| (length * zoom).round().clamp(0.0, 32_000.0) as i32;
        let place = Self {
            x: pixels(area.x),
            y: pixels(area.y),
            width: pixels(area.x + area.width) - pixels(area.x),
            height: pixels(area.y + area.height) - pixels(area.y),
        };
        (place.width > 0 && place.height > 0).then_some(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_become_pixels_without_gaps_and_nonsense_becomes_nothing() {
        let area = |x, y, width, height| PluginArea { x, y, width, height };
        let place = Box { x: 400, y: 50, width: 380, height: 600 };
        assert_eq!(Box::of(&area(400.4, 49.6, 380.0, 600.4), 1.0), Some(place), "edges are rounded, not lengths");
        let zoomed = Box { x: 600, y: 75, width: 570, height: 900 };
        assert_eq!(Box::of(&area(400.0, 50.0, 380.0, 600.0), 1.5), Some(zoomed), "a zoomed page has larger pixels");
        for nothing in [
            area(0.0, 0.0, 0.0, 100.0),
            area(0.0, 0.0, 100.0, -1.0),
            area(f64::NAN, 0.0, f64::NAN, f64::NAN),
            area(-500.0, 0.0, 400.0, 100.0),
            area(1e9, 0.0, 100.0, 100.0),
        ] {
            assert_eq!(Box::of(&nothing, 1.0), None, "{nothing:?} is seen nowhere");
        }
    }
}
