//! An offer as the text of a notification.

use trunkline_core::Arrived;
use trunkline_desk::Offer;
use trunkline_model::{MessageBody, Party, PlatformEvent};

use crate::words::Language;

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
pub fn of_offer(offer: &Offer, words: Language) -> Text {
    let summary = format!("{}: {}", words.offer_headline(&offer.channel), caller(&offer.customer, words));
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
        lines.push(words.while_busy().to_owned());
    }
    lines.retain(|line| !line.is_empty());
    Text { summary, body: lines.join("\n") }
}

/// Words for a message that the agent has not seen.
pub fn of_message(arrived: &Arrived, words: Language) -> Text {
    let name = arrived.author.name.as_deref().map(clean).filter(|name| !name.is_empty());
    let summary = words.message_from(name.as_deref());
    let body = match arrived.body.as_ref() {
        MessageBody::Text { text } | MessageBody::Markdown { text } | MessageBody::Answer { text, .. } => clean(text),
        MessageBody::Attachments { files, .. } => match files.first() {
            Some(file) => words.file_sent(&clean(&file.name)),
            None => String::new(),
        },
        MessageBody::Interactive { title, .. } => clean(title),
        MessageBody::Location { place } => {
            let named = place.name.as_deref().or(place.address.as_deref()).map(clean);
            named.unwrap_or_else(|| format!("{}, {}", clean(&place.latitude), clean(&place.longitude)))
        }
        MessageBody::Contacts { cards } => cards.first().map(|card| clean(&card.name)).unwrap_or_default(),
        MessageBody::Link { address, text } => clean(text.as_deref().unwrap_or(address)),
        MessageBody::Email { subject, .. } => clean(subject),
        MessageBody::Comment { text, .. } => text.as_deref().map(clean).unwrap_or_default(),
        MessageBody::Event { .. } | MessageBody::Removed | MessageBody::WrapUp { .. } | MessageBody::Unknown { .. } => {
            String::new()
        }
    };
    let more = words.more_unread(arrived.unread.saturating_sub(1));
    let body = [body, more].into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
    Text { summary, body }
}

/// Words for an event of a platform's own.
pub fn of_event(event: &PlatformEvent, account_name: &str, more: u32, words: Language) -> Text {
    let customer = known(&event.customer);
    let about = customer.clone().unwrap_or_else(|| clean(&event.kind));
    let summary = format!("{}: {about}", words.event_headline(event.sort));
    let mut lines = Vec::new();
    if event.customer.name.is_some()
        && let Some(address) = &event.customer.address
    {
        lines.push(clean(address));
    }
    let campaign = event.campaign.as_deref().map(clean).map(|campaign| words.campaign(&campaign));
    lines.push(campaign.into_iter().chain([clean(account_name)]).collect::<Vec<_>>().join(" · "));
    if customer.is_none() {
        let fields = event.fields.iter().take(ATTRIBUTES);
        lines.extend(fields.map(|field| format!("{}: {}", clean(&field.name), clean(&field.value))));
    }
    lines.push(words.more_events(more));
    lines.retain(|line| !line.is_empty());
    Text { summary, body: lines.join("\n") }
}

/// The customer's name, else number, else words for neither.
pub fn caller(customer: &Party, words: Language) -> String {
    known(customer).unwrap_or_else(|| words.unknown_caller().to_owned())
}

fn known(customer: &Party) -> Option<String> {
    let texts = [&customer.name, &customer.address].into_iter().flatten();
    texts.map(|text| clean(text)).find(|text| !text.is_empty())
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
    use trunkline_model::{Attribute, EventSort};

    use crate::fixtures::{event, offer};

    #[test]
    fn a_hostile_name_stays_one_plain_line() {
        let mut hostile = offer("one");
        hostile.customer.name = Some("\u{202e}<b>Mallory</b>\nAccept now\u{0007}".to_owned());
        let text = of_offer(&hostile, Language::English);
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
        assert_eq!(
            caller(&hostile.customer, Language::English).chars().count(),
            LONGEST + 1,
            "an endless name is cut, with an ellipsis"
        );
    }

    #[test]
    fn an_event_is_named_by_its_customer_or_by_its_type_and_first_fields() {
        let mut event = event("ScreenPopVoice", EventSort::ScreenPop);
        event.customer = Party { name: Some("Ana <b>".to_owned()), address: Some("+12025550147".to_owned()) };
        event.campaign = Some("22".to_owned());
        let text = of_event(&event, "Olos", 0, Language::English);
        assert_eq!(text.summary, "Screen pop: Ana <b>");
        assert_eq!(text.body, "+12025550147\nCampaign 22 · Olos");
        assert_eq!(
            of_event(&event, "Olos", 3, Language::English).body.lines().last(),
            Some("and 3 more events before it")
        );

        event.customer = Party::default();
        event.campaign = None;
        event.sort = EventSort::ThirdParty;
        event.kind = "ThirdPartyEvent".to_owned();
        let field = |name: &str, value: &str| Attribute { name: name.to_owned(), value: value.to_owned() };
        event.fields = vec![field("ticket", "T-1\nEnd"), field("a", "b"), field("c", "d"), field("secret", "x")];
        let text = of_event(&event, "Olos", 0, Language::English);
        assert_eq!(text.summary, "Partner system: ThirdPartyEvent");
        assert_eq!(text.body, "Olos\nticket: T-1 End\na: b\nc: d", "the first three fields, each on one line");
    }

    #[test]
    fn the_caller_is_named_by_what_there_is() {
        let mut nameless = offer("one");
        nameless.customer.name = Some("  ".to_owned());
        nameless.customer.address = Some("+15550100".to_owned());
        assert_eq!(caller(&nameless.customer, Language::English), "+15550100", "a blank name gives way to the number");
        nameless.customer.address = None;
        assert_eq!(caller(&nameless.customer, Language::English), "Unknown caller", "with neither there are words");
    }

    #[test]
    fn the_body_tells_queue_account_attributes_and_business() {
        let mut busy = offer("one");
        busy.while_busy = true;
        assert_eq!(
            of_offer(&busy, Language::English).body,
            "+15550101\nOrders · Account one\nOrder: 4711\nYou are already on a contact.",
            "number, queue with account, attributes, and that the agent is busy"
        );
    }
}
