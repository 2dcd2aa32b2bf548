//! Says no to what a plugin's page asks the system for.

use std::rc::Rc;
use std::time::Instant;

use gtk::prelude::*;
use trunkline_plugins::{FrameNews, Refused};
use webkit2gtk::{
    AuthenticationRequestExt, ColorChooserRequestExt, ContextMenuAction, ContextMenuExt, ContextMenuItemExt,
    DownloadExt, FileChooserRequestExt, NavigationPolicyDecision, NavigationPolicyDecisionExt, PermissionRequestExt,
    PolicyDecision, PolicyDecisionExt, PolicyDecisionType, PolicyError, ResponsePolicyDecision,
    ResponsePolicyDecisionExt, URIRequestExt, URIResponse, URIResponseExt, WebContext, WebContextExt,
    WebProcessTerminationReason, WebResourceExt, WebView, WebViewExt,
};

use super::view::{State, keep_in_place};
use super::{processes, stage};

const TOO_MUCH: &str = "it took too much memory";
const LED_AWAY: &str = "refused: its server leads to another one that it may not show, or sends what is no page";

/// What the menu of the right button may hold.
const IN_MENU: [ContextMenuAction; 5] = [
    ContextMenuAction::Copy,
    ContextMenuAction::Cut,
    ContextMenuAction::Paste,
    ContextMenuAction::Delete,
    ContextMenuAction::SelectAll,
];

/// Takes every decision of this view.
pub(super) fn watch(view: &WebView, context: &WebContext, state: &Rc<State>) {
    navigation(view, state);
    dialogs(view, state);
    loading(view, state);
    let shared = Rc::clone(state);
    view.connect_permission_request(move |_, request| {
        request.deny();
        shared.refuse(Refused::Device, request.type_().name());
        true
    });
    let shared = Rc::clone(state);
    context.connect_download_started(move |_, download| {
        download.cancel();
        let to = download.request().and_then(|request| request.uri()).unwrap_or_default();
        shared.refuse(Refused::Download, &to);
    });
    view.connect_enter_fullscreen(|_| true);
    view.connect_context_menu(|_, menu, _, _| {
        for item in menu.items() {
            if !IN_MENU.contains(&item.stock_action()) {
                menu.remove(&item);
            }
        }
        menu.n_items() == 0
    });
    let shared = Rc::clone(state);
    view.connect_web_process_terminated(move |view, reason| {
        let cause = match reason {
            WebProcessTerminationReason::ExceededMemoryLimit => TOO_MUCH,
            _ if processes::has_ended_one(Instant::now()) => TOO_MUCH,
            WebProcessTerminationReason::TerminatedByApi => shared.ended_for.get(),
            _ => {
                // Somebody else's page: who knows what it draws with.
                crate::linux::egl::bring_drivers_back();
                "its web process ended"
            }
        };
        shared.teller.tell(FrameNews::Crashed(cause.to_owned()));
        stage::forget(view);
    });
}

fn navigation(view: &WebView, state: &Rc<State>) {
    let shared = Rc::clone(state);
    view.connect_decide_policy(move |_, decision, kind| {
        match kind {
            PolicyDecisionType::NavigationAction => {
                let to = address_of(decision);
                if shared.bounds.frame_may_show(&to) {
                    decision.use_();
                } else {
                    decision.ignore();
                    shared.refuse(Refused::Navigation, &to);
                }
            }
            PolicyDecisionType::NewWindowAction => {
                decision.ignore();
                shared.refuse(Refused::Popup, &address_of(decision));
            }
            PolicyDecisionType::Response => response(decision, &shared),
            _ => decision.ignore(),
        }
        true
    });
}

fn address_of(decision: &PolicyDecision) -> String {
    let action =
        decision.downcast_ref::<NavigationPolicyDecision>().and_then(NavigationPolicyDecisionExt::navigation_action);
    action.and_then(|action| action.request()).and_then(|request| request.uri()).unwrap_or_default().into()
}

/// A page that arrives in the view or in a frame of it.
fn response(decision: &PolicyDecision, state: &State) {
    let Some(arrived) = decision.downcast_ref::<ResponsePolicyDecision>() else {
        decision.ignore();
        return;
    };
    if !arrived.is_mime_type_supported() {
        let to = arrived.request().and_then(|request| request.uri()).unwrap_or_default();
        decision.ignore();
        state.refuse(Refused::Download, &to);
        return;
    }
    let from = arrived.request().and_then(|request| request.uri()).unwrap_or_default();
    if from != state.bounds.host_page() {
        // The first page in the frame is the plugin's, wherever its server has led to.
        if (state.arrives() || from == state.page)
            && let Some(cause) = arrived.response().and_then(|response| no_page(&response))
        {
            state.fail(&cause);
        }
        if state.bounds.is_own(&from) {
            state.arrived.set(true);
        }
    }
    decision.use_();
}

/// Why what a server sent is not the page.
fn no_page(response: &URIResponse) -> Option<String> {
    let status = response.status_code();
    if status >= 400 {
        return Some(format!("HTTP {status}"));
    }
    let word = response.http_headers().and_then(|headers| headers.one("X-Frame-Options"))?;
    word.eq_ignore_ascii_case("deny").then(|| "its server lets nobody show it in a frame (X-Frame-Options)".to_owned())
}

fn dialogs(view: &WebView, state: &Rc<State>) {
    let shared = Rc::clone(state);
    view.connect_script_dialog(move |_, _| {
        shared.refuse(Refused::Dialog, "script dialog");
        true
    });
    let shared = Rc::clone(state);
    view.connect_print(move |_, _| {
        shared.refuse(Refused::Dialog, "print");
        true
    });
    let shared = Rc::clone(state);
    view.connect_run_file_chooser(move |_, request| {
        request.cancel();
        shared.refuse(Refused::Dialog, "file chooser");
        true
    });
    let shared = Rc::clone(state);
    view.connect_run_color_chooser(move |_, request| {
        request.cancel();
        shared.refuse(Refused::Dialog, "color chooser");
        true
    });
    let shared = Rc::clone(state);
    view.connect_authenticate(move |_, request| {
        request.cancel();
        shared.refuse(Refused::Dialog, "password");
        true
    });
    let shared = Rc::clone(state);
    view.connect_show_notification(move |_, _| {
        shared.refuse(Refused::Device, "notification");
        true
    });
}

fn loading(view: &WebView, state: &Rc<State>) {
    let shared = Rc::clone(state);
    view.connect_load_changed(move |view, event| keep_in_place(view, event, &shared));
    let shared = Rc::clone(state);
    view.connect_load_failed(move |_, _, _, error| {
        shared.fail(error.message());
        false
    });
    let shared = Rc::clone(state);
    view.connect_resource_load_started(move |_, resource, _| {
        if resource.uri().as_deref() != Some(shared.page.as_str()) {
            return;
        }
        let state = Rc::clone(&shared);
        resource.connect_failed(move |_, error| {
            // WebKit's own words for it tell nobody what to do.
            let led = error.matches(PolicyError::FrameLoadInterruptedByPolicyChange);
            state.fail(if led { LED_AWAY } else { error.message() });
        });
        let state = Rc::clone(&shared);
        resource.connect_failed_with_tls_errors(move |_, _, _| {
            state.fail("the certificate of its server is not trusted");
        });
    });
}
