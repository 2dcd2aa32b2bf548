//! The tray's menu and tooltip as plain data, from the state of desk and offers.

use trunkline_desk::{Offer, TrayState};
use trunkline_model::{ContactKey, Party};

use crate::notifications::{caller, clean};
use crate::words::{Language, NAME};

/// What the tray is drawn from.
#[derive(Clone, Debug, PartialEq)]
pub struct TrayView {
    /// Icon.
    pub state: TrayState,
    /// Mute of the live call; `None` without one.
    pub live_muted: Option<bool>,
    /// Account and agent state names.
    pub agents: Vec<(String, String)>,
    /// Offers that ring, oldest first.
    pub offers: Vec<Offer>,
    /// The contact that the agent works on.
    pub contact: Option<(ContactKey, Party)>,
    /// Of the words.
    pub language: Language,
}

impl Default for TrayView {
    fn default() -> Self {
        Self {
            state: TrayState::Offline,
            live_muted: None,
            agents: Vec::new(),
            offers: Vec::new(),
            contact: None,
            language: Language::default(),
        }
    }
}

/// What an item does; the text is its id in the menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Takes the contact that has rung longest.
    Accept,
    /// Declines it.
    Decline,
    /// Mutes or un-mutes.
    Mute,
    /// Shows the contact that the agent works on.
    Contact,
    /// Opens the number pad.
    NumberPad,
    /// Opens the directory.
    QuickConnects,
    /// Opens a new task.
    NewTask,
    /// Shows the panel.
    Show,
    /// Goes offline and ends.
    Quit,
}

impl Choice {
    /// All, in the menu's order.
    pub const ALL: [Self; 9] = [
        Self::Accept,
        Self::Decline,
        Self::Mute,
        Self::Contact,
        Self::NumberPad,
        Self::QuickConnects,
        Self::NewTask,
        Self::Show,
        Self::Quit,
    ];

    /// Id of the menu item.
    pub fn id(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Decline => "decline",
            Self::Mute => "mute",
            Self::Contact => "contact",
            Self::NumberPad => "number-pad",
            Self::QuickConnects => "quick-connects",
            Self::NewTask => "new-task",
            Self::Show => "show",
            Self::Quit => "quit",
        }
    }

    /// By the menu item's id.
    pub fn of_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.id() == id)
    }
}

/// One line that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it does.
    pub choice: Choice,
    /// Words.
    pub text: String,
    /// Can be chosen now.
    pub enabled: bool,
}

/// The whole menu: lines that only tell, then lines that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrayMenu {
    /// The state, then one line an account.
    pub told: Vec<String>,
    /// In the order of [`Choice::ALL`].
    pub lines: Vec<Line>,
}

impl TrayMenu {
    /// The menu for a state of things.
    pub fn of(view: &TrayView) -> Self {
        let words = view.language;
        let mut told = vec![words.tray_state(view.state).to_owned()];
        told.extend(view.agents.iter().map(|(account, state)| {
            let (account, state) = (clean(account), clean(state));
            if state.is_empty() { account } else { format!("{account}: {state}") }
        }));
        let offer = view.offers.first();
        let customer = offer.map(|offer| caller(&offer.customer, words));
        let lines = Choice::ALL
            .into_iter()
            .map(|choice| match choice {
                Choice::Accept => {
                    let text = customer.as_deref().map(|customer| words.accept_named(customer));
                    let text = text.unwrap_or_else(|| words.accept().to_owned());
                    Line { choice, text, enabled: offer.is_some() }
                }
                Choice::Decline => {
                    let text = customer.as_deref().map(|customer| words.decline_named(customer));
                    let text = text.unwrap_or_else(|| words.decline().to_owned());
                    Line { choice, text, enabled: offer.is_some_and(|offer| offer.can_reject) }
                }
                Choice::Mute => {
                    let text = if view.live_muted == Some(true) { words.unmute() } else { words.mute() };
                    Line { choice, text: text.to_owned(), enabled: view.live_muted.is_some() }
                }
                Choice::Contact => {
                    let customer = view.contact.as_ref().map(|(_, customer)| caller(customer, words));
                    let text = words.show_contact(customer.as_deref());
                    Line { choice, text, enabled: view.contact.is_some() }
                }
                // The panel says what is missing where it cannot be had.
                Choice::NumberPad => Line { choice, text: words.number_pad().to_owned(), enabled: true },
                Choice::QuickConnects => Line { choice, text: words.quick_connects().to_owned(), enabled: true },
                Choice::NewTask => Line { choice, text: words.new_task().to_owned(), enabled: true },
                Choice::Show => Line { choice, text: words.open().to_owned(), enabled: true },
                Choice::Quit => Line { choice, text: words.quit().to_owned(), enabled: true },
            })
            .map(|line| Line { text: label(&line.text), ..line })
            .collect();
        Self { told: told.iter().map(|line| label(line)).collect(), lines }
    }
}

/// One line of words for the icon.
pub fn tooltip(view: &TrayView) -> String {
    let words = view.language;
    match view.offers.first() {
        Some(offer) => format!("{}: {}", words.offer_headline(&offer.channel), caller(&offer.customer, words)),
        None => format!("{NAME} · {}", words.tray_state(view.state)),
    }
}

/// In menu labels `&` marks the access key (muda doubles it to mean itself).
fn label(text: &str) -> String {
    text.replace('&', "&&")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use crate::fixtures::offer;

    fn line(menu: &TrayMenu, choice: Choice) -> &Line {
        menu.lines.iter().find(|line| line.choice == choice).unwrap()
    }

    #[test]
    fn idle_nothing_that_needs_a_contact_can_be_chosen() {
        let menu = TrayMenu::of(&TrayView::default());
        let enabled: Vec<_> = menu.lines.iter().filter(|line| line.enabled).map(|line| line.choice).collect();
        let without = [Choice::NumberPad, Choice::QuickConnects, Choice::NewTask, Choice::Show, Choice::Quit];
        assert_eq!(enabled, without, "without contact and call there is nothing else to press");
    }

    #[test]
    fn the_contact_that_is_worked_on_is_named_and_can_be_shown() {
        let mut customer = offer("one").customer;
        customer.name = Some("Smith & Sons\nQuit".to_owned());
        let view = TrayView { contact: Some((crate::fixtures::key("one"), customer)), ..TrayView::default() };
        let menu = TrayMenu::of(&view);
        assert_eq!(line(&menu, Choice::Contact).text, "Show Smith && Sons Quit", "one line of text, whatever the name");
        assert!(line(&menu, Choice::Contact).enabled, "and it leads there");
        assert_eq!(line(&TrayMenu::of(&TrayView::default()), Choice::Contact).text, "Show contact", "nobody is there");
    }

    #[test]
    fn a_ringing_contact_is_named_and_can_be_taken_or_declined() {
        let mut ringing = offer("one");
        ringing.customer.name = Some("Smith & Sons".to_owned());
        let mut view = TrayView { state: TrayState::Ringing, offers: vec![ringing], ..TrayView::default() };
        let menu = TrayMenu::of(&view);
        assert_eq!(line(&menu, Choice::Accept).text, "Accept Smith && Sons", "the caller is named, & is no access key");
        assert!(line(&menu, Choice::Accept).enabled, "the contact can be taken");
        assert!(line(&menu, Choice::Decline).enabled, "and declined");
        assert_eq!(tooltip(&view), "Incoming call: Smith & Sons", "the tooltip names the caller too");
        view.offers[0].can_reject = false;
        let menu = TrayMenu::of(&view);
        assert!(!line(&menu, Choice::Decline).enabled, "what the platform does not allow cannot be chosen");
    }

    #[test]
    fn mute_says_what_it_will_do() {
        let mut view = TrayView { live_muted: Some(false), ..TrayView::default() };
        assert_eq!(line(&TrayMenu::of(&view), Choice::Mute).text, "Mute", "an open microphone can be muted");
        view.live_muted = Some(true);
        assert_eq!(line(&TrayMenu::of(&view), Choice::Mute).text, "Unmute", "a muted one un-muted");
    }

    #[test]
    fn the_menu_speaks_the_agents_language() {
        let view = TrayView {
            state: TrayState::Ringing,
            offers: vec![offer("one")],
            language: Language::Russian,
            ..TrayView::default()
        };
        let menu = TrayMenu::of(&view);
        assert_eq!(menu.told, ["Поступает обращение"], "the state");
        assert_eq!(line(&menu, Choice::Accept).text, "Принять: Customer One", "what can be chosen");
        assert_eq!(tooltip(&view), "Входящий звонок: Customer One", "and the tooltip");
    }

    #[test]
    fn every_account_has_its_line() {
        let view = TrayView {
            agents: vec![("One".to_owned(), "Available".to_owned()), ("Two".to_owned(), String::new())],
            ..TrayView::default()
        };
        assert_eq!(
            TrayMenu::of(&view).told,
            ["Signed out", "One: Available", "Two"],
            "the state comes first, then each account with its agent's state"
        );
    }

    #[test]
    fn every_choice_is_found_by_its_id() {
        for choice in Choice::ALL {
            assert_eq!(Choice::of_id(choice.id()), Some(choice), "an item's id leads back to what it does");
        }
        assert_eq!(Choice::of_id("else"), None, "an unknown id does nothing");
    }
}
