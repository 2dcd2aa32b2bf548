//! Places in the panel that can be asked for from outside a window: by the tray,
//! a notification, another program or a link. Whatever is asked, nothing but
//! what is shown changes: a number goes into the number pad and is called by
//! nobody but the agent.
//!
//! | place | as a window gets it |
//! | --- | --- |
//! | a contact | `contact/ACCOUNT/ID` |
//! | the number pad, with a number in it | `dial`, `dial/NUMBER` |
//! | an event of a platform's own | `event/ACCOUNT/ID` |
//! | quick connects | `connects` |
//! | a new task | `task` |

use trunkline_desk::EventKey;
use trunkline_model::ContactKey;
use trunkline_rpc::schema::PanelView;
use trunkline_rpc::{Push, RpcCode, RpcError};

use crate::effects::ShellEvent;
use crate::{Parts, rpc_error};

/// Longest text that is looked at, bytes: a link may carry anything.
const LONGEST: usize = 256;
/// Digits of a number: E.164 has 15; with a prefix for an outside line and for
/// another country a few more.
const DIGITS: std::ops::RangeInclusive<usize> = 1..=24;

/// Shows a contact in every window; gives its place.
pub(crate) fn show_contact(parts: &Parts, contact: &ContactKey) -> Result<String, RpcError> {
    if parts.desk.contact(contact).is_none() {
        return Err(rpc_error::contact_gone());
    }
    Ok(go(parts, format!("contact/{}/{}", contact.account, contact.contact)))
}

/// Shows an event in every window; gives its place. It may have left the list:
/// the history has it.
pub(crate) fn show_event(parts: &Parts, event: &EventKey) -> Result<String, RpcError> {
    if parts.desk.look(|desk| desk.account(&event.account).is_none()) {
        return Err(RpcError::new(RpcCode::NotPossible, "error_event_gone"));
    }
    Ok(go(parts, format!("event/{}/{}", event.account, event.event)))
}

/// Opens a view in every window; gives its place. `number`: for the number pad,
/// typed or as a `tel:` or `callto:` link.
pub(crate) fn show_view(parts: &Parts, view: PanelView, number: Option<&str>) -> Result<String, RpcError> {
    let place = match (view, number) {
        (PanelView::NumberPad, Some(text)) => match number_in(text) {
            Some(number) => format!("dial/{number}"),
            None => return Err(rpc_error::field("number", "error_number_unusable")),
        },
        (PanelView::NumberPad, None) => "dial".to_owned(),
        (PanelView::QuickConnects, _) => "connects".to_owned(),
        (PanelView::NewTask, _) => "task".to_owned(),
    };
    Ok(go(parts, place))
}

fn go(parts: &Parts, place: String) -> String {
    parts.desk.push(Push::Show(place.clone()));
    // Without a shell (tests, bridge) no window has to be brought to the front.
    let _ = parts.shell.send(ShellEvent::GoTo(place.clone()));
    place
}

/// The number in a text or link (RFC 3966), digits with or without a plus in
/// front; `None` when there is anything in it that is no number. Parameters
/// (`;ext=`, `;postd=`, `?subject=`) are left out: nothing is dialled after the
/// number by itself.
pub(crate) fn number_in(text: &str) -> Option<String> {
    if text.len() > LONGEST {
        return None;
    }
    let text = text.trim_matches(' ');
    let body = ["tel:", "callto:"].into_iter().find_map(|scheme| {
        let (head, rest) = text.split_at_checked(scheme.len())?;
        head.eq_ignore_ascii_case(scheme).then_some(rest)
    });
    let decoded = match body {
        Some(link) => unescaped(link.strip_prefix("//").unwrap_or(link))?,
        None => text.to_owned(),
    };
    let number = decoded.split([';', '?', '&']).next().unwrap_or_default();
    let mut digits = String::new();
    let mut plus = false;
    for c in number.chars() {
        match c {
            '0'..='9' => digits.push(c),
            '+' if digits.is_empty() && !plus => plus = true,
            // How numbers are written, the no-break space of web pages included.
            ' ' | '\u{a0}' | '\u{202f}' | '-' | '\u{2010}' | '\u{2011}' | '.' | '(' | ')' | '/' => {}
            _ => return None,
        }
    }
    let sign = if plus { "+" } else { "" };
    DIGITS.contains(&digits.len()).then(|| format!("{sign}{digits}"))
}

/// Without its percent escapes; `None` when they are broken or make no text.
fn unescaped(link: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(link.len());
    let mut rest = link.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
                digit(rest.next()?)? * 16 + digit(rest.next()?)?
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_number_is_none() {
        let long = format!("tel:{}", "1".repeat(10_000));
        let spaces = format!("tel:+49{}30", " ".repeat(10_000));
        for hostile in [
            "",
            "tel:",
            "tel:+",
            "callto://",
            "tel:+49\u{7}30123456",
            "tel:+49\n30123456",
            "tel:+49%0a30123456",
            "tel:+49%00",
            "tel:%zz30",
            "tel:%4",
            "tel:%ff%fe",
            "tel:%ff\u{fe}",
            "tel:+49,,30",
            "tel:+49p30w1",
            "tel:*31#+4930123456",
            "tel:**21*0900123456%23",
            "tel:4930+123456",
            "tel:++4930123456",
            "tel:1-800-FLOWERS",
            "tel:+49\u{202e}30123456",
            "tel:\u{661}\u{662}\u{663}",
            "tel:;ext=4711",
            "sip:+4930123456@example.com",
            "javascript:alert(1)",
            "file:///etc/passwd",
            "--dial",
            "tel:1234567890123456789012345",
            &long,
            &spaces,
        ] {
            assert_eq!(
                number_in(hostile),
                None,
                "{} is no number",
                hostile.escape_debug().take(60).collect::<String>()
            );
        }
    }

    #[test]
    fn a_number_is_found_as_people_and_links_write_it() {
        for (text, number) in [
            ("+49 30 123456", "+4930123456"),
            ("tel:+49-30-123456", "+4930123456"),
            ("TEL:+49(30)12.34.56", "+4930123456"),
            ("callto://+4930123456", "+4930123456"),
            ("callto:030123456", "030123456"),
            ("tel:%2B49%2030%20123456", "+4930123456"),
            ("tel:+49%C2%A030%C2%A0123456", "+4930123456"),
            ("tel:110", "110"),
        ] {
            assert_eq!(number_in(text).as_deref(), Some(number), "{text}");
        }
    }

    #[test]
    fn nothing_is_dialled_after_the_number() {
        for text in [
            "tel:+4930123456;postd=pp22",
            "tel:+4930123456;ext=4711;isub=1",
            "tel:+4930123456?call=now",
            "tel:+4930123456&x=1",
            "tel:+4930123456%3Bpostd%3D9",
        ] {
            assert_eq!(number_in(text).as_deref(), Some("+4930123456"), "{text}: parameters are left out");
        }
    }
}
