//! What the agent may do with a contact, and who hears touch tones.

use std::collections::BTreeSet;

use trunkline_model::{ContactAction, ContactState, Direction};

use super::{direction, work};
use crate::settings::AmazonConnectSettings;
use crate::wire::{self, ConnectionStateType, ContactType};

/// What may be done with the parties of a connected call, as the vendor's panel
/// has it: nothing while one is being called, a further one up to the limit of
/// the contact, changing over with one talking and one on hold, bringing
/// together with somebody on hold.
fn party_actions(contact: &wire::Contact, settings: &AmazonConnectSettings) -> BTreeSet<ContactAction> {
    let mut allowed = BTreeSet::new();
    let in_state = |state: &ConnectionStateType| contact.parties().filter(|leg| leg.state.kind == *state).count();
    let (held, talking) = (in_state(&ConnectionStateType::Hold), in_state(&ConnectionStateType::Connected));
    let own = contact.agent_connection().map(|leg| &leg.state.kind);
    let agent_is_in = matches!(own, Some(ConnectionStateType::Connected | ConnectionStateType::Hold));
    if !agent_is_in || in_state(&ConnectionStateType::Connecting) > 0 {
        return allowed;
    }
    let parties = held + talking;
    let multi = contact.contact_features.as_ref().and_then(|features| features.multi_party_conference_enabled);
    // The agent is one of them.
    let most = if multi == Some(true) { settings.most_parties.saturating_sub(1) } else { 2 };
    if (1..most).contains(&parties) {
        allowed.insert(ContactAction::AddParty);
    }
    if parties > 1 && held > 0 {
        allowed.insert(ContactAction::Conference);
    }
    if held > 0 && talking > 0 && own == Some(&ConnectionStateType::Connected) {
        allowed.insert(ContactAction::Swap);
    }
    allowed
}

/// A task's text can be changed (4.6). Of one without a template that is a guess.
fn edit(contact: &wire::Contact, settings: &AmazonConnectSettings) -> Option<ContactAction> {
    let task = contact.kind == ContactType::Task;
    (task && (settings.task_edit_untemplated || work::template(contact).is_some())).then_some(ContactAction::Edit)
}

pub(super) fn allowed(
    contact: &wire::Contact,
    state: &ContactState,
    softphone: bool,
    on_hold: bool,
    settings: &AmazonConnectSettings,
) -> BTreeSet<ContactAction> {
    let mut allowed = BTreeSet::new();
    let voice = contact.kind.is_voice();
    let monitoring = direction(contact) == Direction::Monitoring;
    match state {
        ContactState::Offered => allowed.extend([ContactAction::Accept, ContactAction::Reject]),
        ContactState::Connecting => {
            allowed.insert(ContactAction::End);
        }
        ContactState::Connected => {
            allowed.insert(ContactAction::End);
            let handed_over = matches!(contact.kind, ContactType::Chat | ContactType::Task | ContactType::Email);
            // An e-mail of the agent's own is a draft until it is sent: those stay (9).
            let draft = contact.kind == ContactType::Email && direction(contact) == Direction::Outbound;
            if handed_over && !monitoring && !draft {
                allowed.insert(ContactAction::Transfer);
            }
            if contact.kind == ContactType::Task && !monitoring {
                allowed.insert(ContactAction::Pause);
                allowed.extend(edit(contact, settings));
            }
            if voice && softphone && !monitoring {
                allowed.insert(ContactAction::Mute);
            }
            if voice && !monitoring {
                let main = contact.main_party().map(|leg| &leg.state.kind);
                if on_hold {
                    allowed.insert(ContactAction::Resume);
                } else if main == Some(&ConnectionStateType::Connected) {
                    allowed.insert(ContactAction::Hold);
                }
                if digits_leg(contact).is_some() {
                    allowed.insert(ContactAction::SendDigits);
                }
                allowed.extend(party_actions(contact, settings));
            }
            allowed.extend(work::supervisor_actions(contact, voice && softphone));
        }
        ContactState::Paused => {
            allowed.extend([ContactAction::End, ContactAction::Unpause]);
            allowed.extend(edit(contact, settings));
        }
        ContactState::Ended | ContactState::Missed | ContactState::Rejected | ContactState::Failed => {
            allowed.insert(ContactAction::Clear);
        }
        // A state we do not know must not trap the agent.
        ContactState::Unknown(_) => allowed.extend([ContactAction::End, ContactAction::Clear]),
        ContactState::Init => {}
    }
    allowed
}

/// Who hears touch tones when no leg is named: the customer, or who is talked
/// to while the customer is on hold.
pub fn digits_leg(contact: &wire::Contact) -> Option<&wire::Connection> {
    let mut talking = contact.parties().filter(|leg| leg.state.kind == ConnectionStateType::Connected);
    let main = contact.main_party().filter(|leg| leg.state.kind == ConnectionStateType::Connected);
    main.or_else(|| talking.next())
}
