//! What the panel says, from its own catalogue: a proof names the message, and
//! the catalogue has the words.

use anyhow::{Context, Result};
use serde_json::Value;

use super::app::top;

/// The words of `ui/messages/en.json`.
pub struct Messages(Value);

impl Messages {
    /// Reads the catalogue.
    pub fn read() -> Result<Self> {
        let file = top().join("ui/messages/en.json");
        let text = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        Ok(Self(serde_json::from_str(&text)?))
    }

    /// A message with its place-holders filled in. An unknown key is a mistake
    /// of the proof.
    pub fn say(&self, key: &str, params: &[(&str, &str)]) -> Result<String> {
        let mut text = self.0[key].as_str().with_context(|| format!("no message {key}"))?.to_owned();
        for (name, value) in params {
            text = text.replace(&format!("{{{name}}}"), value);
        }
        anyhow::ensure!(!text.contains('{'), "{key}: a place-holder has no value in {text:?}");
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::Messages;
    use serde_json::json;

    #[test]
    fn place_holders_are_filled_in_and_none_is_forgotten() {
        let messages = Messages(json!({ "hello": "Hello {name}, {name} of {place}" }));
        let said = messages.say("hello", &[("name", "Ana"), ("place", "Example")]).unwrap();
        assert_eq!(said, "Hello Ana, Ana of Example", "every place is filled");
        assert!(messages.say("hello", &[("name", "Ana")]).is_err(), "a forgotten place-holder is told");
        assert!(messages.say("bye", &[]).is_err(), "an unknown key is told");
    }
}
