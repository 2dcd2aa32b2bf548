//! Where a plugin's frames may go, and what its pages may load.
//!
//! The page that holds the plugin's frame has the plugin's own origin: WebKit keeps what
//! pages of another origin store only until the process ends. So the page can reach what
//! is around its frame, where there is nothing but more of itself: the relay lives in a
//! script world of its own, and the sandbox comes with the policy of every page, so that
//! no frame gets out of it by changing the one it is in.

use tauri::Url;
use trunkline_plugins::FrameSpec;

use super::files::{PLUGIN, RESERVED};

/// Scheme, host and port. (The `url` crate calls the origin of `plugin:` opaque.)
#[derive(Clone, Debug, PartialEq, Eq)]
struct Origin(String);

impl Origin {
    fn of(url: &Url) -> Option<Self> {
        let host = url.host_str().filter(|host| !host.is_empty())?;
        if !matches!(url.scheme(), PLUGIN | "https" | "http") {
            return None;
        }
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        Some(Self(format!("{}://{host}{port}", url.scheme())))
    }

    /// The same for web sockets, which a policy names apart.
    fn socket(&self) -> Option<String> {
        self.0.strip_prefix("http").map(|rest| format!("ws{rest}"))
    }
}

/// Where the page that holds a frame of a web server claims to be; it is never asked for there.
const HOST_PATH: &str = ".trunkline";

/// No windows, dialogs or downloads, and no way to lead the whole view elsewhere.
pub(super) const SANDBOX: &str = "allow-scripts allow-forms allow-same-origin";

/// What one plugin may reach.
#[derive(Clone, Debug)]
pub(super) struct Bounds {
    id: String,
    own: Origin,
    further: Vec<Origin>,
    host_page: String,
}

impl Bounds {
    /// Nothing for a page that has no origin. Further origins that are none are left out.
    pub fn of(spec: &FrameSpec) -> Option<Self> {
        let own = Origin::of(&spec.page)?;
        let on_web = |origin: &Origin| origin.0.starts_with("http");
        let further = spec.origins.iter().filter_map(|text| Origin::of(&Url::parse(text).ok()?)).filter(on_web);
        let path = if spec.page.scheme() == PLUGIN { RESERVED } else { HOST_PATH };
        let host_page = format!("{}/{path}", own.0);
        Some(Self { id: spec.plugin.as_str().to_owned(), own, further: further.collect(), host_page })
    }

    /// The origin of the plugin's page, as scripts see it.
    pub fn own(&self) -> &str {
        &self.own.0
    }

    /// A frame may go there.
    pub fn frame_may_show(&self, address: &str) -> bool {
        if matches!(address, "about:blank" | "about:srcdoc") {
            // Pages made by the plugin's own page, under the plugin's own origin and policy.
            return true;
        }
        let Some(origin) = Url::parse(address).ok().and_then(|url| Origin::of(&url)) else { return false };
        origin == self.own || self.further.contains(&origin)
    }

    /// A page of the plugin's own, and not one that it only shows.
    pub fn is_own(&self, address: &str) -> bool {
        Url::parse(address).ok().and_then(|url| Origin::of(&url)).is_some_and(|origin| origin == self.own)
    }

    /// The page that holds the plugin's frame. The view itself shows no other.
    pub fn host_page(&self) -> &str {
        &self.host_page
    }

    /// The policy for pages of `plugin:`, from a folder or from the program.
    pub fn policy(&self) -> String {
        let own = &self.own.0;
        let further = self.list(false);
        let talk = self.list(true);
        format!(
            "sandbox {SANDBOX}; default-src {own}; script-src {own}; style-src {own} 'unsafe-inline'; \
             img-src {own} data: blob:{further}; font-src {own} data:; media-src {own} blob:{further}; \
             connect-src {own}{talk}; frame-src {own}{further}; worker-src {own}; object-src 'none'; base-uri 'none'; \
             form-action {own}{further}"
        )
    }

    /// The policy for everything in the view of a page on the web, in addition to its own.
    /// Workers are of the page's making only: a service worker would stand outside of all this.
    pub fn web_policy(&self) -> String {
        let (own, id) = (&self.own.0, &self.id);
        let further = self.list(false);
        let talk = self.list(true);
        let own_socket = self.own.socket().map(|socket| format!(" {socket}")).unwrap_or_default();
        let from = format!("{own} {PLUGIN}://{id}{further}");
        format!(
            "sandbox {SANDBOX}; default-src {from} data: blob: 'unsafe-inline' 'unsafe-eval'; \
             connect-src {own}{own_socket}{talk} data: blob:; frame-src {own}{further}; worker-src blob:; object-src 'none'; \
             form-action {own}{further}"
        )
    }

    /// The policy of the page that holds the frame. Where its frame goes is decided in the
    /// program and told there, so the policy says nothing about frames.
    pub fn host_policy() -> String {
        format!(
            "sandbox {SANDBOX}; script-src 'none'; style-src 'unsafe-inline'; connect-src 'none'; img-src 'none'; \
             font-src 'none'; media-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'; \
             frame-ancestors 'none'"
        )
    }

    fn list(&self, sockets: bool) -> String {
        let mut text = String::new();
        for origin in &self.further {
            text.push(' ');
            text.push_str(&origin.0);
            if let Some(socket) = origin.socket().filter(|_| sockets) {
                text.push(' ');
                text.push_str(&socket);
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::BTreeMap;
    use std::path::PathBuf;

    use trunkline_model::PluginId;
    use trunkline_plugins::FrameFiles;

    use super::*;

    fn bounds(page: &str, origins: &[&str]) -> Bounds {
        Bounds::of(&FrameSpec {
            plugin: PluginId::new("crm-card"),
            page: Url::parse(page).unwrap(),
            files: FrameFiles::Web,
            facades: BTreeMap::new(),
            origins: origins.iter().map(|&text| text.to_owned()).collect(),
            storage: PathBuf::new(),
        })
        .unwrap()
    }

    /// The sources of one directive.
    fn directive<'a>(policy: &'a str, name: &str) -> Vec<&'a str> {
        let found = policy.split("; ").find_map(|part| part.strip_prefix(name)?.strip_prefix(' '));
        found.map(|sources| sources.split(' ').collect()).unwrap_or_default()
    }

    #[test]
    fn frames_stay_with_the_plugin_and_its_origins() {
        let bounds = bounds("plugin://crm-card/index.html", &["https://crm.example.com", "https://b.example:8443"]);
        for address in [
            "plugin://crm-card/other.html?x#y",
            "https://crm.example.com/customers/1",
            "https://crm.example.com:443/",
            "https://b.example:8443/",
            "about:blank",
            "about:srcdoc",
        ] {
            assert!(bounds.frame_may_show(address), "{address} is the plugin's");
        }
        for address in [
            "plugin://other/index.html",
            "http://crm.example.com/",
            "https://crm.example.com:8443/",
            "https://crm.example.com.evil.example/",
            "https://crm.example.com@evil.example/",
            "https://evil.example/?https://crm.example.com/",
            "https://b.example/",
            "file:///etc/passwd",
            "tauri://localhost/index.html",
            "ipc://localhost/rpc",
            "data:text/html,x",
            "blob:plugin://crm-card/1",
            "javascript:1",
            "about:config",
            "",
        ] {
            assert!(!bounds.frame_may_show(address), "{address} is not");
        }
        assert!(!bounds.is_own("https://crm.example.com/"), "what it may show speaks for the plugin no more");
    }

    #[test]
    fn the_policy_of_files_names_what_the_plugin_may_reach_and_no_more() {
        let policy = bounds("plugin://crm-card/index.html", &["https://crm.example.com"]).policy();
        assert_eq!(directive(&policy, "script-src"), ["plugin://crm-card"], "scripts are files of the plugin");
        let talk = ["plugin://crm-card", "https://crm.example.com", "wss://crm.example.com"];
        assert_eq!(directive(&policy, "connect-src"), talk, "it talks to its origins");
        assert_eq!(directive(&policy, "frame-src"), ["plugin://crm-card", "https://crm.example.com"], "and shows them");
        assert_eq!(directive(&policy, "object-src"), ["'none'"], "nothing is embedded");
        assert_eq!(directive(&policy, "base-uri"), ["'none'"], "addresses mean what they say");
        let sandbox = ["allow-scripts", "allow-forms", "allow-same-origin"];
        assert_eq!(directive(&policy, "sandbox"), sandbox, "no windows, dialogs, downloads, and no way to the top");
        let alone = bounds("plugin://crm-card/index.html", &[]).policy();
        assert_eq!(directive(&alone, "connect-src"), ["plugin://crm-card"], "without origins it talks to nobody");
    }

    #[test]
    fn what_is_no_origin_never_gets_into_a_policy() {
        let hostile =
            ["*", "https:", "'unsafe-inline'", "javascript:1", "file:///", "plugin://other", "https://a.example; x"];
        let bounds = bounds("plugin://crm-card/index.html", &hostile);
        assert_eq!(
            directive(&bounds.policy(), "connect-src"),
            ["plugin://crm-card"],
            "none of {hostile:?} is an origin"
        );
        assert!(!bounds.frame_may_show("plugin://other/index.html"), "another plugin is nobody's origin");
    }

    #[test]
    fn a_page_on_the_web_gets_a_policy_on_top_of_its_own() {
        let bounds = bounds("https://crm.example.com/card?x=1", &["https://idp.example.com"]);
        let policy = bounds.web_policy();
        let talk = directive(&policy, "connect-src");
        assert_eq!(talk[..2], ["https://crm.example.com", "wss://crm.example.com"], "its own server, sockets too");
        assert!(talk.contains(&"https://idp.example.com"), "and the origins it named");
        assert!(!talk.contains(&"*") && !talk.contains(&"https:"), "but not everybody");
        assert!(directive(&policy, "default-src").contains(&"plugin://crm-card"), "our scripts may be loaded");
        assert_eq!(directive(&policy, "worker-src"), ["blob:"], "no service worker stands outside of the policy");
        assert!(policy.starts_with("sandbox allow-scripts "), "it is in the sandbox whatever it does to its frame");
        assert_eq!(bounds.host_page(), "https://crm.example.com/.trunkline", "held by a page of the same origin");
        assert_eq!(bounds.own(), "https://crm.example.com", "which is what messages are checked against");
    }

    #[test]
    fn a_page_without_an_origin_has_no_bounds() {
        for page in ["file:///etc/passwd", "data:text/html,x", "tauri://localhost/"] {
            let spec = FrameSpec {
                plugin: PluginId::new("crm-card"),
                page: Url::parse(page).unwrap(),
                files: FrameFiles::Web,
                facades: BTreeMap::new(),
                origins: Vec::new(),
                storage: PathBuf::new(),
            };
            assert!(Bounds::of(&spec).is_none(), "{page} cannot be a plugin's page");
        }
    }
}
