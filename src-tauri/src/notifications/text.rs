//! An offer as the text of a notification.

use trunkline_core::Arrived;
use trunkline_desk::Offer;
use trunkline_model::{MessageBody, Party};

use crate::words;

/// Longest piece of text from outside, in characters.
const LONGEST: usize = 80;
/// Attributes that are shown.
const ATTRIBUTES: usize = 3;

/// Summary and body, plain text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// One line.
    pub summary: String,
    /// A few lines.
    pub body: String,
}

/// Words for one offer.
pub fn of_offer(offer: &Offer) -> Text {
    let summary = format!("{}: {}", words::offer_headline(&offer.channel), caller(&offer.customer));
    let mut lines = Vec::new();
    if offer.customer.name.is_some()
        && let Some(address) = &offer.customer.address
    {
        lines.push(clean(address));
    }
    lines.extend(offer.subject.as_deref().map(clean));
    let queue = offer.queue.as_ref().and_then(|queue| queue.name.as_deref()).map(clean);
    lines.push(match queue {
        Some(queue) => format!("{queue} · {}", clean(&offer.account_name)),
        None => clean(&offer.account_name),
    });
    for attribute in offer.attributes.iter().take(ATTRIBUTES) {
        lines.push(format!("{}: {}", clean(&attribute.name), clean(&attribute.value)));
    }
    if offer.while_busy {
        lines.push(words::WHILE_BUSY.to_owned());
    }
    lines.retain(|line| !line.is_empty());
    Text { summary, body: lines.join("\n") }
}

/// Words for a message that the agent has not seen.
pub fn of_message(arrived: &Arrived) -> Text {
    let name = arrived.author.name.as_deref().map(clean).filter(|name| !name.is_empty());
    let summary = words::message_from(name.as_deref());
    let body = match arrived.body.as_ref() {
        MessageBody::Text { text } | MessageBody::Markdown { text } | MessageBody::Answer { text, .. } => clean(text),
        MessageBody::Attachments { files } => match files.first() {
            Some(file) => words::file_sent(&clean(&file.name)),
            None => String::new(),
        },
        MessageBody::Interactive { title, .. } => clean(title),
        MessageBody::Event { .. } | MessageBody::Unknown { .. } => String::new(),
    };
    let more = words::more_unread(arrived.unread.saturating_sub(1));
    let body = [body, more].into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
    Text { summary, body }
}

/// The customer's name, else number, else words for neither.
pub fn caller(customer: &Party) -> String {
    [&customer.name, &customer.address]
        .into_iter()
        .flatten()
        .map(|text| clean(text))
        .find(|text| !text.is_empty())
        .unwrap_or_else(|| words::UNKNOWN_CALLER.to_owned())
}

/// Text from outside on one line: no control characters, no direction
/// overrides (a name could show itself backwards), not endless.
pub fn clean(text: &str) -> String {
    let one_line: String = text
        .chars()
        .map(|c| if c.is_control() || c == '\u{2028}' || c == '\u{2029}' { ' ' } else { c })
        .filter(|c| !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
        .collect();
    let trimmed = one_line.trim();
    match trimmed.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &trimmed[..end]),
        None => trimmed.to_owned(),
    }
}

/// For servers with `body-markup` (Desktop Notifications Specification 1.2,
/// section 3): the body is a small XML there, and text from outside must not be.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// For servers without `body-markup`: some read tags all the same (dunst with its
/// default settings does), so none must be there.
pub fn without_tags(text: &str) -> String {
    text.replace('<', "‹").replace('>', "›")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::offer;

    #[test]
    fn a_hostile_name_stays_one_plain_line() {
        let mut hostile = offer("one");
        hostile.customer.name = Some("\u{202e}<b>Mallory</b>\nAccept now\u{0007}".to_owned());
        let text = of_offer(&hostile);
        assert_eq!(
            text.summary, "Incoming call: <b>Mallory</b> Accept now",
            "no line break, bell or direction override reaches the notification server"
        );
        assert_eq!(
            escape("<b>&\"'"),
            "&lt;b&gt;&amp;&quot;&#39;",
            "mark-up is shown as text where the body is mark-up"
        );
        assert_eq!(
            without_tags("<b>x</b>"),
            "‹b›x‹/b›",
            "where it is not, no tag is left that could be one all the same"
        );
        hostile.customer.name = Some("n".repeat(5_000));
        assert_eq!(caller(&hostile.customer).chars().count(), LONGEST + 1, "an endless name is cut, with an ellipsis");
    }

    #[test]
    fn the_caller_is_named_by_what_there_is() {
        let mut nameless = offer("one");
        nameless.customer.name = Some("  ".to_owned());
        nameless.customer.address = Some("+15550100".to_owned());
        assert_eq!(caller(&nameless.customer), "+15550100", "a blank name gives way to the number");
        nameless.customer.address = None;
        assert_eq!(caller(&nameless.customer), words::UNKNOWN_CALLER, "with neither there are words");
    }

    #[test]
    fn the_body_tells_queue_account_attributes_and_business() {
        let mut busy = offer("one");
        busy.while_busy = true;
        assert_eq!(
            of_offer(&busy).body,
            "+15550101\nOrders · Account one\nOrder: 4711\nYou are on another contact.",
            "number, queue with account, attributes, and that the agent is busy"
        );
    }
}
