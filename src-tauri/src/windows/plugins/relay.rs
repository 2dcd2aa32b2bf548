//! The two scripts in a plugin's view, the page that holds its frame, and what
//! the relay tells.

use serde_json::{Value, json};
use tauri::Url;
use trunkline_plugins::{FrameLog, FrameNews, Posted, Refused};

use super::bounds::{Bounds, SANDBOX};

/// Script world of the relay, and the name under which it reaches the program.
pub(super) const WORLD: &str = "trunkline-relay";
pub(super) const HANDLER: &str = "trunkline";

/// Longest message of a page, bytes as JSON.
const MESSAGE_LIMIT: usize = 64 * 1024;
/// Longest line of a page, bytes.
const LINE_LIMIT: usize = 2 * 1024;
/// Coarse: whoever reads the messages has a limit of its own. This one keeps the main thread free.
const MESSAGES_PER_SECOND: u32 = 200;
const MESSAGES_AT_ONCE: u32 = 400;
const LINES_PER_SECOND: u32 = 20;
const LINES_AT_ONCE: u32 = 40;

/// The page with the one frame.
pub(super) fn host_page(page: &Url) -> String {
    format!(
        "<!doctype html><meta charset=\"utf-8\"><style>html,body{{margin:0;height:100%;overflow:hidden}}\
         iframe{{display:block;border:0;width:100%;height:100%}}</style>\
         <iframe sandbox=\"{SANDBOX}\" referrerpolicy=\"no-referrer\" src=\"{}\"></iframe>",
        attribute(page.as_str())
    )
}

/// Text in a quoted attribute.
fn attribute(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;")
}

/// The script of the host page's own world.
pub(super) fn relay_script(bounds: &Bounds) -> String {
    let config = json!({
        "handler": HANDLER,
        "origin": bounds.own(),
        "limit": MESSAGE_LIMIT,
        "rate": MESSAGES_PER_SECOND,
        "burst": MESSAGES_AT_ONCE,
        "lineLimit": LINE_LIMIT,
        "lineRate": LINES_PER_SECOND,
        "lineBurst": LINES_AT_ONCE,
        "levels": ["info", "warn", "error", "refused", "popup", "dialog"],
    });
    called(include_str!("relay.js"), &config)
}

/// The script that reports a page's errors and lines.
pub(super) fn log_script(bounds: &Bounds) -> String {
    called(include_str!("page_log.js"), &json!({ "origin": bounds.own(), "lineLimit": LINE_LIMIT }))
}

fn called(function: &str, config: &Value) -> String {
    // The file ends with the function's closing bracket.
    format!("{}({config});", function.trim_end())
}

/// The script that posts a message, to be run in the relay's world.
pub(super) fn post_script(message: &Posted) -> String {
    match message {
        Posted::Text(text) => format!("trunklinePost({})", Value::from(text.as_str())),
        // As text first: what is no JSON is an error there, and never a script.
        Posted::Object(text) => format!("trunklinePost(JSON.parse({}))", Value::from(text.as_str())),
    }
}

/// What the relay told. Nothing when it is not the relay's way of telling.
pub(super) fn told(text: &str) -> Option<FrameNews> {
    let (kind, rest) = text.split_once('\n')?;
    match kind {
        "message" if rest.len() <= MESSAGE_LIMIT + 64 => Some(FrameNews::Message(rest.to_owned())),
        "message" => Some(FrameNews::Dropped { messages: 0, too_large: 1 }),
        "loaded" => Some(FrameNews::Loaded),
        "dropped" => {
            let (messages, too_large) = serde_json::from_str(rest).ok()?;
            Some(FrameNews::Dropped { messages, too_large })
        }
        "line" => {
            let (level, text) = rest.split_once('\n')?;
            let text = cut(text, LINE_LIMIT).to_owned();
            Some(match level {
                "refused" => FrameNews::Refused { what: Refused::Request, to: text },
                "popup" => FrameNews::Refused { what: Refused::Popup, to: text },
                "dialog" => FrameNews::Refused { what: Refused::Dialog, to: text },
                "error" => FrameNews::Log { level: FrameLog::Error, text },
                "warn" => FrameNews::Log { level: FrameLog::Warn, text },
                _ => FrameNews::Log { level: FrameLog::Info, text },
            })
        }
        "kept" => Some(FrameNews::Refused { what: Refused::Navigation, to: cut(rest, LINE_LIMIT).to_owned() }),
        "left-out" => {
            let lines: u32 = rest.parse().ok()?;
            Some(FrameNews::Log { level: FrameLog::Warn, text: format!("{lines} more lines left out") })
        }
        _ => None,
    }
}

/// At most so many bytes, whole characters.
pub(super) fn cut(text: &str, limit: usize) -> &str {
    &text[..text.floor_char_boundary(limit)]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_the_relay_tells_is_understood() {
        let message = r#"{"text":true,"data":"a\nb"}"#;
        assert_eq!(
            told(&format!("message\n{message}")),
            Some(FrameNews::Message(message.to_owned())),
            "passed on whole"
        );
        assert_eq!(told("loaded\n"), Some(FrameNews::Loaded), "the page is there");
        assert_eq!(told("dropped\n[3,1]"), Some(FrameNews::Dropped { messages: 3, too_large: 1 }), "how many of what");
        let line = |text: &str| told(&format!("line\n{text}"));
        let log = |level, text: &str| Some(FrameNews::Log { level, text: text.to_owned() });
        assert_eq!(line("warn\nfirst\nsecond"), log(FrameLog::Warn, "first\nsecond"), "a line may have several");
        assert_eq!(line("error\n"), log(FrameLog::Error, ""), "or nothing at all");
        let refused = |what, to: &str| Some(FrameNews::Refused { what, to: to.to_owned() });
        assert_eq!(line("dialog\nalert"), refused(Refused::Dialog, "alert"), "the sandbox said no");
        assert_eq!(line("popup\nhttps://x/"), refused(Refused::Popup, "https://x/"), "to a window too");
        assert_eq!(told("kept\nhttps://x/"), refused(Refused::Navigation, "https://x/"), "and to going elsewhere");
        for nonsense in ["", "message", "unknown\nx", "dropped\n[1]", "dropped\n[-1,0]", "left-out\nmany", "line\nwarn"]
        {
            assert_eq!(told(nonsense), None, "{nonsense:?} is not the relay's way");
        }
    }

    #[test]
    fn what_is_too_long_stays_out() {
        let most = format!("message\n{}", "x".repeat(MESSAGE_LIMIT + 64));
        assert!(matches!(told(&most), Some(FrameNews::Message(_))), "the largest message with what is around it");
        let more = format!("{most}x");
        assert_eq!(told(&more), Some(FrameNews::Dropped { messages: 0, too_large: 1 }), "one byte more is dropped");
        let Some(FrameNews::Log { text, .. }) = told(&format!("line\ninfo\n{}", "ж".repeat(2_000))) else {
            panic!("a long line is still a line");
        };
        assert_eq!(text.len(), LINE_LIMIT, "cut to its limit, whole characters");
    }

    #[test]
    fn nothing_that_is_posted_becomes_a_script() {
        let hostile = "\"); alert(1); (\"\u{2028}</script>";
        let text = post_script(&Posted::Text(hostile.to_owned()));
        let literal = text.strip_prefix("trunklinePost(").unwrap().strip_suffix(')').unwrap();
        assert_eq!(serde_json::from_str::<String>(literal).unwrap(), hostile, "one literal, which is the text: {text}");
        let object = post_script(&Posted::Object("{}); alert(1); ({}".to_owned()));
        let literal = object.strip_prefix("trunklinePost(JSON.parse(").unwrap().strip_suffix("))").unwrap();
        assert!(serde_json::from_str::<String>(literal).is_ok(), "what is no JSON is an error of JSON.parse: {object}");
    }

    #[test]
    fn the_page_around_the_frame_holds_the_address_and_nothing_of_it_as_markup() {
        let page = Url::parse("https://crm.example.com/?a=1&b=\"><script>").unwrap();
        let html = host_page(&page);
        assert!(!html.contains("<script"), "no markup comes out of an address: {html}");
        assert!(html.contains("a=1&amp;b="), "the address is all there: {html}");
        assert!(
            html.contains("sandbox=\"allow-scripts allow-forms allow-same-origin\""),
            "its frame is in the sandbox"
        );
    }
}
