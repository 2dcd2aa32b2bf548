//! What a hostile page tries by itself, and how it must come out.

use std::collections::BTreeMap;

/// How an attack must come out.
pub enum Must {
    /// The page gets nothing, or an exception.
    GetNothing,
    /// Each of its questions is answered with one of these.
    BeAnswered(&'static str),
}

/// One attack of `hostile.js`.
pub struct Attack {
    /// Its name there.
    pub name: &'static str,
    /// What is tried.
    pub tried: &'static str,
    /// How it must come out.
    pub must: Must,
    /// What the plugin's log must say of it.
    pub log: Option<&'static str>,
    /// A page on the web tries it, too.
    pub on_web: bool,
}

const fn attack(name: &'static str, tried: &'static str) -> Attack {
    Attack { name, tried, must: Must::GetNothing, log: None, on_web: false }
}

impl Attack {
    /// The log says so.
    const fn logged(self, log: &'static str) -> Self {
        Self { log: Some(log), ..self }
    }

    const fn answered(self, answer: &'static str) -> Self {
        Self { must: Must::BeAnswered(answer), ..self }
    }

    const fn also_on_web(self) -> Self {
        Self { on_web: true, ..self }
    }

    /// Whether it came out as it must.
    pub fn failed(&self, came: &str) -> bool {
        match self.must {
            Must::GetNothing => came == "nothing" || came.starts_with("threw "),
            Must::BeAnswered(wanted) => {
                let answers = came.strip_prefix("got ").and_then(|text| serde_json::from_str(text).ok());
                let answers: BTreeMap<String, String> = answers.unwrap_or_default();
                answers.len() > 1
                    && answers
                        .iter()
                        .all(|(question, answer)| question == "init" || wanted.split('|').any(|one| one == answer))
                    && answers.get("init").is_none_or(|picture| picture == "sees nobody")
            }
        }
    }
}

/// All of them, one after the other, while a call goes on.
pub const ATTACKS: &[Attack] = &[
    attack("other-fetch", "another plugin's page, by fetch").logged("refused: loading plugin://witness"),
    attack("other-frame", "another plugin's page, in a frame"),
    attack("other-script", "another plugin's script, as a script"),
    attack("other-import", "another plugin's script, as a module"),
    attack("other-escape", "files above its own folder"),
    attack("file-fetch", "file:///etc/passwd by fetch").also_on_web(),
    attack("file-frame", "file:///etc/passwd in a frame").also_on_web(),
    attack("tauri-fetch", "the panel's page (tauri:) by fetch").also_on_web(),
    attack("tauri-frame", "the panel's page in a frame").also_on_web(),
    attack("elsewhere-fetch", "a server that is not its own, by fetch").logged("refused: loading http").also_on_web(),
    attack("elsewhere-load", "the same by picture, style, prefetch and beacon").also_on_web(),
    attack("elsewhere-socket", "the same by web socket").also_on_web(),
    attack("inline-script", "scripts made at run time: inline, eval"),
    attack("globals", "__TAURI__ and its kin, in every window it reaches").also_on_web(),
    attack("handlers", "webkit.messageHandlers, in every window it reaches").also_on_web(),
    attack("ipc-fetch", "ipc://localhost/rpc with desk_snapshot").also_on_web(),
    attack("ipc-frame", "the same address in a frame").also_on_web(),
    attack("top", "anything of the panel in window.top").also_on_web(),
    attack("top-script", "a script put into the page around its frame"),
    attack("out-of-sandbox", "a frame of its own without a sandbox, beside its frame"),
    attack("window-open", "window.open").logged("refused: opening a window").also_on_web(),
    attack("fresh-open", "window.open of a fresh frame, and of the parent").also_on_web(),
    attack("blank-link", "a link with target=_blank").logged("refused: opening a window").also_on_web(),
    attack("location", "leaving for another server by location").logged("refused: going to http").also_on_web(),
    attack("other-location", "leaving for another plugin's page").logged("refused: going to plugin://witness"),
    attack("top-location", "top.location").also_on_web(),
    attack("parent-location", "parent.location").also_on_web(),
    attack("top-link", "links with target=_top, and in the parent's page").also_on_web(),
    attack("meta-refresh", "meta refresh, in its own page and the parent's")
        .logged("refused: going to http")
        .also_on_web(),
    attack("form-submit", "forms sent to another server").also_on_web(),
    attack("script-address", "javascript: addresses, for itself and the parent"),
    attack("dialogs", "alert, confirm, prompt and print, patched or not").logged("refused: a dialogue").also_on_web(),
    attack("download", "files saved by link and by header").logged("refused: saving a file"),
    attack("camera-and-microphone", "getUserMedia").also_on_web(),
    attack("screen", "getDisplayMedia"),
    attack("position", "geolocation").also_on_web(),
    attack("notification", "notifications of the system").also_on_web(),
    attack("service-worker", "a service worker").also_on_web(),
    attack("clipboard", "reading the clipboard"),
    attack("fullscreen", "full screen"),
    attack("storage", "localStorage, sessionStorage, IndexedDB, cookies of others").also_on_web(),
    attack("cookies", "cookies of others at a server that all talk to").also_on_web(),
    attack("broadcast", "BroadcastChannel and storage events to others"),
    attack("forged-id", "messages in another plugin's name, and as the panel").logged("get_user: not_allowed"),
    attack("forged-event", "an event made by script, of another origin").also_on_web(),
    attack("forged-origin", "document.domain, and a frame without an origin"),
    attack("inner-frame", "a frame within its frame speaks to the panel"),
    attack("nested-frame", "a frame of another origin speaks to the panel").also_on_web(),
    attack("made-frames", "data:, srcdoc and blob: frames speak to the panel"),
    attack("log-lines", "2000 forged lines of the log, 36 KB each").logged("more lines left out"),
    attack("no-rights", "every message for which it has no permission").answered("not_allowed"),
    attack("no-rights-streams", "the same by the Streams surface")
        .answered("AccessDeniedException|ValidationException|InvalidStateException"),
    attack("core-commands", "the core's own commands as messages").answered("unknown_event"),
    attack("garbage", "garbage in every shape, then an honest message"),
];
