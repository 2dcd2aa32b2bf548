//! The interface's message catalogue, as far as the shell shows it.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde_json::Value;

use super::Language;

/// Begins the keys that are the shell's alone.
const OWN: &str = "native_";
/// Keys that the panel shows as well.
const SHARED: [&str; 17] = [
    "dial_tab_connects",
    "error_contact_gone",
    "error_event_gone",
    "error_number_unusable",
    "event_campaign_named",
    "new_task",
    "offer_accept",
    "offer_accept_named",
    "offer_decline",
    "offer_decline_named",
    "offer_title_chat",
    "offer_title_email",
    "offer_title_other",
    "offer_title_task",
    "offer_title_voice",
    "offer_while_busy",
    "wrap_up_title",
];

static ENGLISH: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::read(include_str!("../../../ui/messages/en.json")).unwrap_or_default());
static RUSSIAN: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::read(include_str!("../../../ui/messages/ru.json")).unwrap_or_default());

/// Messages of one language by their keys.
#[derive(Debug, Default)]
pub(super) struct Catalogue(HashMap<String, Message>);

#[derive(Debug)]
enum Message {
    Plain(String),
    /// By the category of [`plural`].
    Counted(HashMap<String, String>),
}

impl Message {
    /// As the message format writes it: a text, or `[{"match": {"plural=one": "..."}}]`.
    fn read(written: &Value) -> Option<Self> {
        if let Some(text) = written.as_str() {
            return Some(Self::Plain(text.to_owned()));
        }
        let forms = written.get(0)?.get("match")?.as_object()?.iter();
        let forms =
            forms.map(|(when, text)| Some((when.strip_prefix("plural=")?.to_owned(), text.as_str()?.to_owned())));
        forms.collect::<Option<_>>().map(Self::Counted)
    }
}

impl Catalogue {
    /// That of a language.
    pub(super) fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &ENGLISH,
            Language::Russian => &RUSSIAN,
        }
    }

    fn read(json: &str) -> serde_json::Result<Self> {
        let written: HashMap<String, Value> = serde_json::from_str(json)?;
        let shown = written.into_iter().filter(|(key, _)| key.starts_with(OWN) || SHARED.contains(&key.as_str()));
        Ok(Self(shown.filter_map(|(key, message)| Some((key, Message::read(&message)?))).collect()))
    }

    /// A message without values.
    pub(super) fn text<'a>(&'a self, key: &'a str) -> &'a str {
        match self.0.get(key) {
            Some(Message::Plain(text)) => text,
            // Never: a test asks for every message in every language.
            _ => key,
        }
    }

    /// The form of a message that goes with a category of [`plural`].
    pub(super) fn form<'a>(&'a self, key: &'a str, category: &str) -> &'a str {
        match self.0.get(key) {
            Some(Message::Counted(forms)) => forms.get(category).map_or(key, String::as_str),
            _ => key,
        }
    }
}

/// Category of a whole number (Unicode CLDR, plural rules).
pub(super) fn plural(language: Language, count: u32) -> &'static str {
    match (language, count % 10, count % 100) {
        (Language::English, ..) => {
            if count == 1 {
                "one"
            } else {
                "other"
            }
        }
        (Language::Russian, _, 11..=14) => "many",
        (Language::Russian, 1, _) => "one",
        (Language::Russian, 2..=4, _) => "few",
        (Language::Russian, ..) => "many",
    }
}

/// Puts values in the places of their names. A value is text: braces in it are no places.
pub(super) fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((name, after)) = after.split_once('}') else {
            filled.push('{');
            rest = after;
            continue;
        };
        let value = values.iter().find(|(known, _)| *known == name);
        filled.push_str(value.map_or("…", |(_, value)| value));
        rest = after;
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn both_files_are_read_and_hold_every_shared_key() {
        for language in [Language::English, Language::Russian] {
            let catalogue = Catalogue::of(language);
            for key in SHARED {
                assert_ne!(catalogue.text(key), key, "{key} is a plain message in {language:?}");
            }
        }
        let keys = |language| {
            let mut keys: Vec<&String> = Catalogue::of(language).0.keys().collect();
            keys.sort();
            keys
        };
        assert_eq!(keys(Language::English), keys(Language::Russian), "both languages have the same messages");
        assert!(
            Catalogue::of(Language::English).0.len() < 100,
            "what the panel alone shows is not kept in the shell's memory"
        );
    }

    #[test]
    fn plural_follows_the_language() {
        let russian = [1, 2, 5, 11, 12, 14, 21, 22, 25, 101, 111, 112, 121, 0].map(|n| plural(Language::Russian, n));
        assert_eq!(
            russian,
            ["one", "few", "many", "many", "many", "many", "one", "few", "many", "one", "many", "many", "one", "many"],
            "as the Unicode CLDR has it for Russian"
        );
        assert_eq!([0, 1, 2, 21].map(|n| plural(Language::English, n)), ["other", "one", "other", "other"]);
    }

    #[test]
    fn a_value_is_text_whatever_is_in_it() {
        assert_eq!(fill("{a} and {b}", &[("a", "{b}"), ("b", "}{")]), "{b} and }{", "braces of a value stay");
        assert_eq!(fill("{a}", &[]), "…", "a value that did not come is left out");
        assert_eq!(fill("open {", &[]), "open {", "what is no place stays");
    }
}
