//! Every word that the shell itself shows (tray, notifications, window titles),
//! in the panel's language. From the panel's own catalogue, which is compiled in:
//! the web view may be dead.

mod catalogue;

use trunkline_desk::TrayState;
use trunkline_model::{Channel, EventSort};

use catalogue::{Catalogue, fill, plural};

/// Name of the program.
pub const NAME: &str = "Trunkline";

/// A language of the catalogue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// `en`
    #[default]
    English,
    /// `ru`
    Russian,
}

impl Language {
    /// As settings and catalogues name it.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Russian => "ru",
        }
    }

    /// What the agent chose: a language, or else the first of the system's that there is.
    pub fn chosen(choice: &str) -> Self {
        Self::of_choice(choice, sys_locale::get_locales())
    }

    fn of_choice(choice: &str, system: impl Iterator<Item = String>) -> Self {
        Self::of_tag(choice).or_else(|| system.into_iter().find_map(|tag| Self::of_tag(&tag))).unwrap_or_default()
    }

    /// `ru`, `ru-RU`, `ru_RU.UTF-8`.
    fn of_tag(tag: &str) -> Option<Self> {
        match tag.split(['-', '_', '.']).next().map(str::to_ascii_lowercase).as_deref() {
            Some("en") => Some(Self::English),
            Some("ru") => Some(Self::Russian),
            _ => None,
        }
    }

    fn text(self, key: &'static str) -> &'static str {
        Catalogue::of(self).text(key)
    }

    fn filled(self, key: &'static str, values: &[(&str, &str)]) -> String {
        fill(self.text(key), values)
    }

    fn counted(self, key: &'static str, count: u32) -> String {
        fill(Catalogue::of(self).form(key, plural(self, count)), &[("count", &count.to_string())])
    }

    /// Button.
    pub fn accept(self) -> &'static str {
        self.text("offer_accept")
    }

    /// Button.
    pub fn decline(self) -> &'static str {
        self.text("offer_decline")
    }

    /// Tray, while somebody rings.
    pub fn accept_named(self, customer: &str) -> String {
        self.filled("offer_accept_named", &[("customer", customer)])
    }

    /// Tray, while somebody rings.
    pub fn decline_named(self, customer: &str) -> String {
        self.filled("offer_decline_named", &[("customer", customer)])
    }

    /// Tray.
    pub fn mute(self) -> &'static str {
        self.text("native_mute")
    }

    /// Tray.
    pub fn unmute(self) -> &'static str {
        self.text("native_unmute")
    }

    /// Tray.
    pub fn open(self) -> &'static str {
        self.text("native_open")
    }

    /// Tray.
    pub fn quit(self) -> &'static str {
        self.text("native_quit")
    }

    /// Tray: the contact that the agent works on.
    pub fn show_contact(self, customer: Option<&str>) -> String {
        match customer {
            Some(customer) => self.filled("native_show_contact_of", &[("customer", customer)]),
            None => self.text("native_show_contact").to_owned(),
        }
    }

    /// Tray.
    pub fn number_pad(self) -> &'static str {
        self.text("native_number_pad")
    }

    /// Tray.
    pub fn quick_connects(self) -> &'static str {
        self.text("dial_tab_connects")
    }

    /// Tray.
    pub fn new_task(self) -> &'static str {
        self.text("new_task")
    }

    /// Button of a message.
    pub fn show(self) -> &'static str {
        self.text("native_show")
    }

    /// Why the panel does not go where it was asked to.
    pub fn of_place(self, message_key: &str) -> &'static str {
        self.text(match message_key {
            "error_contact_gone" => "error_contact_gone",
            "error_event_gone" => "error_event_gone",
            // A link or a command line.
            _ => "error_number_unusable",
        })
    }

    /// Window title.
    pub fn incoming(self) -> &'static str {
        self.text("offer_title_other")
    }

    /// Title of a login window that stays.
    pub fn signed_in_title(self) -> &'static str {
        self.text("native_signed_in_title")
    }

    /// In a login window that stays.
    pub fn signed_in(self) -> &'static str {
        self.text("native_signed_in")
    }

    /// The customer has neither name nor number.
    pub fn unknown_caller(self) -> &'static str {
        self.text("native_unknown_caller")
    }

    /// Another contact is live.
    pub fn while_busy(self) -> &'static str {
        self.text("offer_while_busy")
    }

    /// Told once, when the panel closes to the tray.
    pub fn still_running(self) -> &'static str {
        self.text("native_still_running")
    }

    /// Told once, when there is no tray to close to.
    pub fn no_tray(self) -> &'static str {
        self.text("native_no_tray")
    }

    /// The core does not start.
    pub fn cannot_start(self, reason: &str) -> String {
        self.filled("native_cannot_start", &[("reason", reason)])
    }

    /// A link was pressed.
    pub fn no_browser(self) -> &'static str {
        self.text("native_no_browser")
    }

    /// A folder was asked for.
    pub fn no_file_manager(self) -> &'static str {
        self.text("native_no_file_manager")
    }

    /// Accept failed.
    pub fn accept_failed(self) -> &'static str {
        self.text("native_accept_failed")
    }

    /// Decline failed.
    pub fn decline_failed(self) -> &'static str {
        self.text("native_decline_failed")
    }

    /// Words for the tray's state.
    pub fn tray_state(self, state: TrayState) -> &'static str {
        self.text(match state {
            TrayState::Offline => "native_state_offline",
            TrayState::NotReady => "native_state_not_ready",
            TrayState::Ready => "native_state_ready",
            TrayState::WrapUp => "wrap_up_title",
            TrayState::InCall => "native_state_in_call",
            TrayState::Muted => "native_state_muted",
            TrayState::Trouble => "native_state_trouble",
            TrayState::Ringing => "native_state_ringing",
        })
    }

    /// Headline of a message that the agent has not seen.
    pub fn message_from(self, name: Option<&str>) -> String {
        match name {
            Some(name) => self.filled("native_message_from", &[("name", name)]),
            None => self.text("native_message").to_owned(),
        }
    }

    /// How many messages there are beside the one that is shown; empty: none.
    pub fn more_unread(self, more: u32) -> String {
        if more == 0 { String::new() } else { self.counted("native_more_unread", more) }
    }

    /// Somebody sent a file.
    pub fn file_sent(self, name: &str) -> String {
        self.filled("native_file_sent", &[("name", name)])
    }

    /// Headline of an event of a platform's own.
    pub fn event_headline(self, sort: EventSort) -> &'static str {
        self.text(match sort {
            EventSort::ScreenPop => "native_event_screen_pop",
            EventSort::ThirdParty => "native_event_third_party",
            EventSort::Status => "native_event_status",
            EventSort::Call => "native_event_call",
            EventSort::Message => "native_event_message",
            EventSort::Other => "native_event_other",
        })
    }

    /// Where an event belongs.
    pub fn campaign(self, name: &str) -> String {
        self.filled("event_campaign_named", &[("campaign", name)])
    }

    /// How many events there were beside the one that is shown; empty: none.
    pub fn more_events(self, more: u32) -> String {
        if more == 0 { String::new() } else { self.counted("native_more_events", more) }
    }

    /// Headline of an offer.
    pub fn offer_headline(self, channel: &Channel) -> &'static str {
        match channel {
            Channel::Voice => self.text("offer_title_voice"),
            Channel::Chat => self.text("offer_title_chat"),
            Channel::Task => self.text("offer_title_task"),
            Channel::Email => self.text("offer_title_email"),
            Channel::Unknown(_) => self.incoming(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_choice_goes_before_the_system_and_english_is_there_always() {
        let system = |tags: &[&str]| tags.iter().map(|&tag| tag.to_owned()).collect::<Vec<_>>().into_iter();
        assert_eq!(Language::of_choice("ru", system(&["en-GB"])), Language::Russian, "what was chosen holds");
        assert_eq!(Language::of_choice("system", system(&["de_DE.UTF-8", "ru_RU.UTF-8", "en"])), Language::Russian);
        assert_eq!(Language::of_choice("system", system(&["de", "C"])), Language::English, "none of the system's");
        assert_eq!(Language::of_choice("kl", system(&[])), Language::English, "of a newer version's settings");
    }

    #[test]
    fn every_word_is_in_the_catalogue_in_both_languages() {
        for language in [Language::English, Language::Russian] {
            let states = [
                TrayState::Offline,
                TrayState::NotReady,
                TrayState::Ready,
                TrayState::WrapUp,
                TrayState::InCall,
                TrayState::Muted,
                TrayState::Trouble,
                TrayState::Ringing,
            ];
            let sorts = [
                EventSort::ScreenPop,
                EventSort::ThirdParty,
                EventSort::Status,
                EventSort::Call,
                EventSort::Message,
                EventSort::Other,
            ];
            let channels =
                [Channel::Voice, Channel::Chat, Channel::Task, Channel::Email, Channel::Unknown("x".to_owned())];
            let mut words = vec![
                language.accept().to_owned(),
                language.decline().to_owned(),
                language.accept_named("X"),
                language.decline_named("X"),
                language.mute().to_owned(),
                language.unmute().to_owned(),
                language.open().to_owned(),
                language.quit().to_owned(),
                language.show_contact(Some("X")),
                language.show_contact(None),
                language.number_pad().to_owned(),
                language.quick_connects().to_owned(),
                language.new_task().to_owned(),
                language.show().to_owned(),
                language.of_place("error_contact_gone").to_owned(),
                language.of_place("error_event_gone").to_owned(),
                language.of_place("error_number_unusable").to_owned(),
                language.signed_in_title().to_owned(),
                language.signed_in().to_owned(),
                language.unknown_caller().to_owned(),
                language.while_busy().to_owned(),
                language.still_running().to_owned(),
                language.no_tray().to_owned(),
                language.cannot_start("X"),
                language.no_browser().to_owned(),
                language.no_file_manager().to_owned(),
                language.accept_failed().to_owned(),
                language.decline_failed().to_owned(),
                language.message_from(Some("X")),
                language.message_from(None),
                language.file_sent("X"),
                language.campaign("X"),
            ];
            words.extend(states.map(|state| language.tray_state(state).to_owned()));
            words.extend(sorts.map(|sort| language.event_headline(sort).to_owned()));
            words.extend(channels.map(|channel| language.offer_headline(&channel).to_owned()));
            words.extend([1, 2, 5].map(|count| language.more_unread(count)));
            words.extend([1, 2, 5].map(|count| language.more_events(count)));
            for word in words {
                assert!(!word.is_empty() && !word.contains(['_', '{', '…']), "no key and no empty place: {word}");
                let cyrillic = word.chars().any(|c| matches!(c, '\u{400}'..='\u{4ff}'));
                assert_eq!(cyrillic, language == Language::Russian, "{word} is in its language");
            }
        }
    }

    #[test]
    fn a_number_decides_the_form_of_the_words_around_it() {
        let russian = [1, 2, 5, 11, 21, 22, 25, 111].map(|count| Language::Russian.more_unread(count));
        assert_eq!(
            russian,
            [
                "и ещё 1 непрочитанное сообщение",
                "и ещё 2 непрочитанных сообщения",
                "и ещё 5 непрочитанных сообщений",
                "и ещё 11 непрочитанных сообщений",
                "и ещё 21 непрочитанное сообщение",
                "и ещё 22 непрочитанных сообщения",
                "и ещё 25 непрочитанных сообщений",
                "и ещё 111 непрочитанных сообщений",
            ]
        );
        assert_eq!(Language::English.more_events(1), "and 1 more event before it");
        assert_eq!(Language::English.more_events(3), "and 3 more events before it");
        assert_eq!(Language::Russian.more_events(0), "", "none beside it: nothing is said");
    }
}
