//! What the agent may change of the own configuration (section 4.3,
//! updateAgentConfiguration): softphone or desk phone, its number, language.
//!
//! | state | input | next |
//! | --- | --- | --- |
//! | none | the platform took the change | Confirming: a round of the configuration loop at once |
//! | Confirming | a round shows what was wanted | none; the command is answered |
//! | Confirming | a round shows something else, or fails | Confirming: another round after a second |
//! | Confirming | the command's deadline | none; `Timeout` |

use serde_json::{Value, json};
use trunkline_connector::{Command, CommandCode, CommandError};
use trunkline_model::{CommandId, e164};

use super::{Now, Purpose, Session};
use crate::settings::ms;
use crate::wire::{Configuration, Private};

/// Characters of an address `sip:USER@HOST`.
const LONGEST_SIP: usize = 255;

/// A change that the platform has taken and does not show yet.
#[derive(Debug)]
pub(super) struct Confirming {
    command: CommandId,
    softphone: bool,
    extension: String,
    language: Option<String>,
}

impl Confirming {
    fn is_shown(&self, configuration: &Configuration) -> bool {
        let extension = configuration.extension.as_ref().map(Private::expose).unwrap_or_default();
        let language = self.language.as_ref();
        configuration.softphone_enabled == self.softphone
            && extension.trim() == self.extension
            && language.is_none_or(|wanted| configuration.language() == Some(wanted.as_str()))
    }
}

fn invalid(detail: &str) -> CommandError {
    CommandError::new(CommandCode::Invalid, detail)
}

/// The number of a desk phone as the platform takes it: E.164 is what is
/// documented; an address of a telephone system is passed on.
fn extension_text(extension: &str) -> Result<String, CommandError> {
    let extension = extension.trim();
    let Some(address) = extension.strip_prefix("sip:") else {
        return e164(extension).map_err(|_| invalid("the desk phone's number is neither E.164 nor a SIP address"));
    };
    let plain = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_graphic() && !"@<>\"".contains(c));
    match address.split_once('@') {
        Some((user, host)) if plain(user) && plain(host) && extension.len() <= LONGEST_SIP => Ok(extension.to_owned()),
        _ => Err(invalid("the desk phone's SIP address is not USER@HOST")),
    }
}

impl Session {
    /// The configuration to send: all that the service demands, with the changes.
    pub(super) fn preferences(
        &self,
        softphone: bool,
        extension: Option<&str>,
        language: Option<&str>,
    ) -> Result<Value, CommandError> {
        let extension = extension.filter(|text| !text.trim().is_empty()).map(extension_text).transpose()?;
        if !softphone && extension.is_none() {
            return Err(invalid("without the softphone a desk phone's number is needed"));
        }
        if language.is_some_and(|language| !self.settings.languages.iter().any(|known| known == language)) {
            return Err(invalid("not a language of the platform"));
        }
        let configuration = self.configuration.value.as_ref().map(|configuration| &configuration.base);
        let base = configuration
            .ok_or_else(|| CommandError::new(CommandCode::NotPossible, "the configuration has not been read yet"))?;
        let mut preferences = base.agent_preferences.clone();
        if let Some(language) = language.or(base.language()).map(str::to_owned) {
            // The service answers LANGUAGE but wants `locale` (4.3).
            preferences.insert("LANGUAGE".to_owned(), language.clone());
            preferences.insert("locale".to_owned(), language);
        }
        let profile = &base.routing_profile;
        let queue = profile.default_outbound_queue.as_ref();
        let mut value = json!({
            "name": base.name,
            "softphoneEnabled": softphone,
            "softphoneAutoAccept": base.softphone_auto_accept,
            "extension": extension.unwrap_or_default(),
            "routingProfile": {"name": profile.name, "routingProfileARN": profile.arn},
            "agentPreferences": preferences,
        });
        if let Some(queue) = queue {
            value["routingProfile"]["defaultOutboundQueue"] = json!({"queueARN": queue.arn, "name": queue.name});
        }
        if let Some(mode) = base.unknown.get("voiceEnhancementMode").filter(|mode| !mode.is_null()) {
            value["voiceEnhancementMode"] = mode.clone();
        }
        Ok(value)
    }

    /// The platform took it: the command is answered when it shows.
    pub(super) fn confirm(&mut self, id: &CommandId, command: &Command, now: Now) {
        let Command::SetAgentPreferences { softphone, extension, language } = command else {
            return;
        };
        let extension = extension.as_deref().and_then(|text| extension_text(text).ok()).unwrap_or_default();
        self.confirming =
            Some(Confirming { command: id.clone(), softphone: *softphone, extension, language: language.clone() });
        // A round that began before the change may show the old values.
        self.requests.retain(|_, purpose| !matches!(purpose, Purpose::Base | Purpose::Page(_)));
        self.configuration.round = None;
        self.configuration.at = Some(now.at);
    }

    pub(super) fn configuration_arrived(&mut self, now: Now) {
        let shown = self.confirming.take_if(|wanted| {
            let configuration = self.configuration.value.as_ref();
            configuration.is_some_and(|configuration| wanted.is_shown(&configuration.base))
        });
        match shown {
            Some(done) => self.answer(&done.command, Ok(())),
            None => self.hurry_confirmation(now),
        }
    }

    /// While somebody waits for it the next round comes soon.
    pub(super) fn hurry_confirmation(&mut self, now: Now) {
        if self.confirming.is_some() && self.auth.is_live() {
            let soon = now.at + ms(self.settings.confirm_every_ms);
            self.configuration.at = Some(self.configuration.at.map_or(soon, |at| at.min(soon)));
        }
    }

    pub(super) fn stop_confirming(&mut self, id: &CommandId) {
        self.confirming.take_if(|confirming| confirming.command == *id);
    }
}
