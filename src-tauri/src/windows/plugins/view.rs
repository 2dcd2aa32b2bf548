//! The web view of one plugin: its own web process, its own storage, and no way
//! into this program but the relay.

use std::cell::{Cell, RefCell};
use std::fs;
use std::rc::Rc;
use std::time::{Duration, Instant};

use gtk::prelude::*;
use javascriptcore::ValueExt as _;
use trunkline_plugins::{FrameNews, FrameSpec, Posted, Refused};
use webkit2gtk::{
    CacheModel, CookieAcceptPolicy, CookieManagerExt, CookiePersistentStorage, HardwareAccelerationPolicy, LoadEvent,
    MemoryPressureSettings, SecurityManagerExt, SettingsExt, UserContentInjectedFrames, UserContentManager,
    UserContentManagerExt, UserScript, UserScriptInjectionTime, WebContext, WebContextExt, WebView, WebViewExt,
    WebsiteDataManager, WebsiteDataManagerExt, WebsitePolicies,
};

use super::bounds::Bounds;
use super::files::{Embedded, Files, PLUGIN};
use super::pulse::{Act, Pulse};
use super::relay::{HANDLER, WORLD, host_page, log_script, post_script, relay_script, told};
use super::teller::Teller;
use super::{guard, serve};

/// A web process of more than this ends, MiB. The panel's own takes about 100.
const MEMORY_LIMIT: u32 = 512;
/// Longest wait for a plugin's page.
const LOAD_LIMIT: Duration = Duration::from_secs(30);
/// Posts that a page has not taken yet. More are dropped: it does not keep up.
const POSTS_OPEN: u32 = 256;

/// A plugin's view, on the main thread.
pub(super) struct PluginView {
    pub view: WebView,
    pub state: Rc<State>,
}

/// What the view's signals share.
pub(super) struct State {
    pub teller: Teller,
    pub bounds: Bounds,
    pub page: String,
    pulse: RefCell<Pulse>,
    posts_open: Cell<u32>,
    /// Why we ended its process.
    pub ended_for: Cell<&'static str>,
    /// The page could not be had, and the frame is about to say that it has loaded something.
    pub failed: Cell<bool>,
    /// A page of the plugin's own has arrived, and its frame has not said so yet.
    pub arrived: Cell<bool>,
    /// Nothing has arrived in the frame so far.
    first: Cell<bool>,
    /// Until when something must have.
    load_until: Cell<Option<Instant>>,
}

impl State {
    /// The page could not be had.
    pub fn fail(&self, cause: &str) {
        self.load_until.set(None);
        if !self.failed.replace(true) {
            self.teller.tell(FrameNews::LoadFailed(cause.to_owned()));
        }
    }

    /// Something has arrived in the frame. True when it is the first.
    pub fn arrives(&self) -> bool {
        self.load_until.set(None);
        self.first.take()
    }

    /// The page tried what it may not.
    pub fn refuse(&self, what: Refused, to: &str) {
        self.teller.refuse(what, to, Instant::now());
    }

    fn told(&self, text: &str) {
        match told(text) {
            // A frame says that it has loaded also when it was kept from going elsewhere.
            Some(FrameNews::Loaded) if !self.arrived.take() | self.failed.take() => {}
            Some(news) => {
                if news == FrameNews::Loaded {
                    self.load_until.set(None);
                }
                self.teller.tell(news);
            }
            None => tracing::warn!("a plugin's relay told something unknown"),
        }
    }
}

impl PluginView {
    /// Builds it and begins to load the page.
    pub fn open(spec: &FrameSpec, bounds: Bounds, embedded: Embedded, teller: Teller) -> Self {
        let state = Rc::new(State {
            teller,
            bounds,
            page: spec.page.to_string(),
            pulse: RefCell::new(Pulse::new(Instant::now())),
            posts_open: Cell::new(0),
            ended_for: Cell::new(""),
            failed: Cell::new(false),
            arrived: Cell::new(false),
            first: Cell::new(true),
            load_until: Cell::new(Some(Instant::now() + LOAD_LIMIT)),
        });
        let context = context(spec);
        let holder = host_page(&spec.page);
        serve::plugin_files(&context, Files::new(spec, embedded), holder.clone(), &state);
        let content = content(&state);
        let mut builder = WebView::builder()
            .web_context(&context)
            .user_content_manager(&content)
            .website_policies(&WebsitePolicies::builder().autoplay(webkit2gtk::AutoplayPolicy::Deny).build());
        if spec.page.scheme() != PLUGIN {
            // Our headers do not reach pages of other servers.
            builder = builder.default_content_security_policy(state.bounds.web_policy());
        }
        let view = builder.build();
        restrict(&view);
        guard::watch(&view, &context, &state);
        // `show_all` of the window must not show plugins that are out of sight.
        view.set_no_show_all(true);
        if spec.page.scheme() == PLUGIN {
            view.load_uri(state.bounds.host_page());
        } else {
            view.load_html(&holder, Some(state.bounds.host_page()));
        }
        Self { view, state }
    }

    /// Posts into the page.
    pub fn post(&self, message: &Posted) {
        let state = &self.state;
        if state.pulse.borrow().frozen() || state.posts_open.get() >= POSTS_OPEN {
            tracing::debug!("a plugin's page does not take its messages");
            return;
        }
        state.posts_open.set(state.posts_open.get() + 1);
        let taken = Rc::clone(state);
        self.view.evaluate_javascript(
            &post_script(message),
            Some(WORLD),
            None,
            gtk::gio::Cancellable::NONE,
            move |done| {
                taken.posts_open.set(taken.posts_open.get().saturating_sub(1));
                if let Err(error) = done {
                    tracing::debug!(%error, "a message could not be posted into a plugin's page");
                }
            },
        );
    }

    /// Time has passed.
    pub fn tick(&self, now: Instant) {
        self.state.teller.again();
        if self.state.load_until.get().is_some_and(|until| now >= until) {
            self.state.fail("nothing has arrived");
        }
        let act = self.state.pulse.borrow_mut().tick(now);
        match act {
            Act::Nothing => {}
            Act::Ask => {
                let state = Rc::clone(&self.state);
                self.view.evaluate_javascript("1", Some(WORLD), None, gtk::gio::Cancellable::NONE, move |answer| {
                    // An error is the end of the process, which is told by itself.
                    if answer.is_ok() && state.pulse.borrow_mut().answered(Instant::now()) {
                        state.teller.tell(FrameNews::Answers);
                    }
                });
            }
            Act::TellFrozen => self.state.teller.tell(FrameNews::Frozen),
            Act::End => {
                self.state.ended_for.set("it did not answer, and was ended");
                self.view.terminate_web_process();
            }
        }
    }
}

/// Network, storage and processes of its own.
fn context(spec: &FrameSpec) -> WebContext {
    let (data, cache) = (spec.storage.join("data"), spec.storage.join("cache"));
    for folder in [&data, &cache] {
        if let Err(error) = fs::create_dir_all(folder) {
            tracing::warn!(%error, plugin = %spec.plugin, "what the plugin keeps is lost at its end");
        }
    }
    let storage = WebsiteDataManager::builder()
        .base_data_directory(data.to_string_lossy().as_ref())
        .base_cache_directory(cache.to_string_lossy().as_ref())
        .build();
    storage.set_itp_enabled(false);
    storage.set_persistent_credential_storage_enabled(false);
    let mut memory = MemoryPressureSettings::new();
    memory.set_memory_limit(MEMORY_LIMIT);
    memory.set_kill_threshold(1.0);
    memory.set_poll_interval(2.0);
    let context = WebContext::builder().website_data_manager(&storage).memory_pressure_settings(&memory).build();
    context.set_cache_model(CacheModel::DocumentViewer);
    if let Some(cookies) = context.cookie_manager() {
        // A page that signs in elsewhere shows a frame of another origin.
        cookies.set_accept_policy(CookieAcceptPolicy::Always);
        cookies.set_persistent_storage(&data.join("cookies.sqlite").to_string_lossy(), CookiePersistentStorage::Sqlite);
    }
    if let Some(security) = context.security_manager() {
        security.register_uri_scheme_as_secure(PLUGIN);
        security.register_uri_scheme_as_cors_enabled(PLUGIN);
    }
    context
}

/// The two scripts, and the relay's way to us.
fn content(state: &Rc<State>) -> UserContentManager {
    let content = UserContentManager::new();
    let shared = Rc::downgrade(state);
    content.connect_script_message_received(Some(HANDLER), move |_, message| {
        if let (Some(state), Some(value)) = (shared.upgrade(), message.js_value()) {
            state.told(value.to_str().as_str());
        }
    });
    if !content.register_script_message_handler_in_world(HANDLER, WORLD) {
        tracing::error!("a plugin's messages cannot be received");
    }
    content.add_script(&UserScript::for_world(
        &relay_script(&state.bounds),
        UserContentInjectedFrames::TopFrame,
        UserScriptInjectionTime::Start,
        WORLD,
        &[],
        &[],
    ));
    content.add_script(&UserScript::new(
        &log_script(&state.bounds),
        UserContentInjectedFrames::AllFrames,
        UserScriptInjectionTime::Start,
        &[],
        &[],
    ));
    content
}

/// Nothing that a card or a form beside a call does not need.
fn restrict(view: &WebView) {
    let Some(settings) = WebViewExt::settings(view) else { return };
    settings.set_hardware_acceleration_policy(HardwareAccelerationPolicy::Never);
    settings.set_enable_webgl(false);
    settings.set_enable_webaudio(false);
    settings.set_enable_media_stream(false);
    settings.set_enable_webrtc(false);
    settings.set_enable_encrypted_media(false);
    settings.set_enable_page_cache(false);
    settings.set_enable_fullscreen(false);
    settings.set_enable_dns_prefetching(false);
    settings.set_enable_developer_extras(false);
    settings.set_enable_write_console_messages_to_stdout(false);
    settings.set_javascript_can_open_windows_automatically(false);
    settings.set_javascript_can_access_clipboard(false);
    settings.set_allow_modal_dialogs(false);
    settings.set_allow_file_access_from_file_urls(false);
    settings.set_allow_universal_access_from_file_urls(false);
    settings.set_allow_top_navigation_to_data_urls(false);
    settings.set_media_playback_requires_user_gesture(true);
}

/// The view is where it belongs, or its process ends.
pub(super) fn keep_in_place(view: &WebView, event: LoadEvent, state: &State) {
    if event != LoadEvent::Committed {
        return;
    }
    let at = view.uri().unwrap_or_default();
    if at != state.bounds.host_page() {
        state.refuse(Refused::Navigation, &at);
        state.ended_for.set("it left its place, and was ended");
        view.terminate_web_process();
    }
}
