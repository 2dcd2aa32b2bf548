//! One entry of the log.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use trunkline_model::UnixMillis;

/// How much an entry matters, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Something was lost or does not work.
    Error,
    /// Something was not as it should be.
    Warn,
    /// What happened.
    Info,
    /// How it happened.
    Debug,
    /// Every step.
    Trace,
}

impl Level {
    /// All of them, the worst first.
    pub const ALL: [Self; 5] = [Self::Error, Self::Warn, Self::Info, Self::Debug, Self::Trace];

    /// As it is written: `error`, `warn`, `info`, `debug`, `trace`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }

    /// By that name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.name() == name)
    }
}

impl From<tracing::Level> for Level {
    fn from(level: tracing::Level) -> Self {
        match level {
            tracing::Level::ERROR => Self::Error,
            tracing::Level::WARN => Self::Warn,
            tracing::Level::INFO => Self::Info,
            tracing::Level::DEBUG => Self::Debug,
            tracing::Level::TRACE => Self::Trace,
        }
    }
}

/// One entry, as one line of JSON. Everything in it is redacted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// When, by this computer's clock: `2026-11-21T10:00:00.123Z`.
    #[serde(with = "as_text")]
    pub time: UnixMillis,
    /// How much it matters.
    pub level: Level,
    /// Part of the program that wrote it: a module's path.
    pub target: String,
    /// Account it is about, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// What happened.
    pub message: String,
    /// Further values by name: texts, numbers and truth values.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, Value>,
    /// Why an error came about, the nearest cause first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<String>,
}

impl Entry {
    /// One line, ended. JSON escapes control characters, so no value can begin another.
    pub(crate) fn line(&self) -> Option<Vec<u8>> {
        let mut line = serde_json::to_vec(self).ok()?;
        line.push(b'\n');
        Some(line)
    }

    /// Whether any text of it has this one in it; `text` in lower case.
    pub(crate) fn mentions(&self, text: &str) -> bool {
        let within = |other: &str| other.to_lowercase().contains(text);
        within(&self.message)
            || within(&self.target)
            || self.account.as_deref().is_some_and(within)
            || self.causes.iter().any(|cause| within(cause))
            || self.fields.iter().any(|(name, value)| {
                within(name)
                    || match value {
                        Value::String(value) => within(value),
                        other => within(&other.to_string()),
                    }
            })
    }
}

mod as_text {
    use super::{Deserialize, Deserializer, Serializer, Timestamp, UnixMillis};

    pub(super) fn serialize<S: Serializer>(time: &UnixMillis, serializer: S) -> Result<S::Ok, S::Error> {
        let time = Timestamp::from_millisecond(time.0).map_err(serde::ser::Error::custom)?;
        serializer.collect_str(&format_args!("{time:.3}"))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<UnixMillis, D::Error> {
        let text = String::deserialize(deserializer)?;
        let time: Timestamp = text.parse().map_err(serde::de::Error::custom)?;
        Ok(UnixMillis(time.as_millisecond()))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn an_entry_is_one_line_and_comes_back_as_it_was() {
        let entry = Entry {
            time: UnixMillis(1_795_255_200_123),
            level: Level::Warn,
            target: "trunkline_core::calls".to_owned(),
            account: Some("account-one".to_owned()),
            message: "a\nb \u{1b}[31mred\u{1b}[0m <b>&</b> \u{2028}".to_owned(),
            fields: [("bytes".to_owned(), Value::from(7)), ("why".to_owned(), "\r\n".into())].into(),
            causes: vec!["no route".to_owned()],
        };
        let line = entry.line().unwrap();
        let inner = &line[..line.len() - 1];
        assert!(!inner.iter().any(|byte| byte.is_ascii_control()), "no line or colour begins inside: {line:?}");
        assert!(String::from_utf8_lossy(&line).contains(r#""time":"2026-11-21T10:00:00.123Z""#), "{line:?}");
        assert_eq!(serde_json::from_slice::<Entry>(&line).unwrap(), entry, "nothing is lost");
        assert!(entry.mentions("no route") && entry.mentions("bytes") && !entry.mentions("missing"), "search");
    }
}
