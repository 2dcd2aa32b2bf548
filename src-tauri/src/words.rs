//! Every word that the shell itself shows (tray, notifications, window titles).
//! The UI has its own catalogue; here the web view may be dead.

use trunkline_desk::TrayState;
use trunkline_model::{Channel, EventSort};

/// Name of the program.
pub const NAME: &str = "Trunkline";
/// Button.
pub const ACCEPT: &str = "Accept";
/// Button.
pub const DECLINE: &str = "Decline";
/// Tray.
pub const MUTE: &str = "Mute";
/// Tray.
pub const UNMUTE: &str = "Unmute";
/// Tray.
pub const SHOW: &str = "Show Trunkline";
/// Tray.
pub const QUIT: &str = "Go offline and quit";
/// Tray, before the customer's name.
pub const SHOW_CONTACT: &str = "Show";
/// Tray, while there is no contact.
pub const SHOW_NO_CONTACT: &str = "Show contact";
/// Tray.
pub const NUMBER_PAD: &str = "Call a number";
/// Tray.
pub const QUICK_CONNECTS: &str = "Quick connects";
/// Tray.
pub const NEW_TASK: &str = "New task";
/// Button of a message.
pub const OPEN_CONTACT: &str = "Show";
/// A link or a command line.
pub const NO_NUMBER: &str = "That is not a number that can be called.";
/// The contact to be shown is gone.
pub const CONTACT_GONE: &str = "That contact is already gone.";
/// The event to be shown belongs to an account that is gone.
pub const EVENT_GONE: &str = "The account of that event is gone.";
/// Window title.
pub const INCOMING: &str = "Incoming contact";
/// Title of a login window that stays.
pub const SIGNED_IN_TITLE: &str = "Signed in";
/// In a login window that stays.
pub const SIGNED_IN: &str = "You are signed in. You can close this window.";
/// The customer has neither name nor number.
pub const UNKNOWN_CALLER: &str = "Unknown caller";
/// Another contact is live.
pub const WHILE_BUSY: &str = "You are on another contact.";
/// Told once, when the panel closes to the tray.
pub const STILL_RUNNING: &str = "Trunkline stays in the tray and keeps ringing. Quit it from the tray menu.";
/// Told once, when there is no tray to close to.
pub const NO_TRAY: &str = "There is no tray on this desktop, so the panel was minimised and keeps ringing.";
/// Before the reason.
pub const CANNOT_START: &str = "Trunkline cannot start:";
/// A link was pressed.
pub const NO_BROWSER: &str = "The link could not be opened: no browser could be started.";
/// A folder was asked for.
pub const NO_FILE_MANAGER: &str = "The folder could not be opened: no file manager could be started.";
/// Accept failed.
pub const ACCEPT_FAILED: &str = "The contact could not be accepted. It may be gone.";
/// Decline failed.
pub const DECLINE_FAILED: &str = "The contact could not be declined.";

/// Why the panel does not go where it was asked to.
pub fn of_place(message_key: &str) -> &'static str {
    match message_key {
        "error_contact_gone" => CONTACT_GONE,
        "error_event_gone" => EVENT_GONE,
        _ => NO_NUMBER,
    }
}

/// Words for the tray's state.
pub fn tray_state(state: TrayState) -> &'static str {
    match state {
        TrayState::Offline => "Signed out",
        TrayState::NotReady => "Not taking contacts",
        TrayState::Ready => "Ready for contacts",
        TrayState::WrapUp => "After-contact work",
        TrayState::InCall => "In a call",
        TrayState::Muted => "In a call, muted",
        TrayState::Trouble => "Needs your attention",
        TrayState::Ringing => "A contact is ringing",
    }
}

/// Headline of a message that the agent has not seen.
pub fn message_from(name: Option<&str>) -> String {
    match name {
        Some(name) => format!("{name} wrote"),
        None => "New message".to_owned(),
    }
}

/// How many messages there are beside the one that is shown; empty: none.
pub fn more_unread(more: u32) -> String {
    match more {
        0 => String::new(),
        1 => "and one more unread".to_owned(),
        more => format!("and {more} more unread"),
    }
}

/// Somebody sent a file.
pub fn file_sent(name: &str) -> String {
    format!("Sent a file: {name}")
}

/// Headline of an event of a platform's own.
pub fn event_headline(sort: EventSort) -> &'static str {
    match sort {
        EventSort::ScreenPop => "Screen pop",
        EventSort::ThirdParty => "Partner system",
        EventSort::Status => "Status",
        EventSort::Call => "Call",
        EventSort::Message => "Message",
        EventSort::Other => "Event",
    }
}

/// Where an event belongs.
pub fn campaign(name: &str) -> String {
    format!("Campaign {name}")
}

/// How many events there were beside the one that is shown; empty: none.
pub fn more_events(more: u32) -> String {
    match more {
        0 => String::new(),
        1 => "and one more event before it".to_owned(),
        more => format!("and {more} more events before it"),
    }
}

/// Headline of an offer.
pub fn offer_headline(channel: &Channel) -> &'static str {
    match channel {
        Channel::Voice => "Incoming call",
        Channel::Chat => "Incoming chat",
        Channel::Task => "Incoming task",
        Channel::Email => "Incoming e-mail",
        Channel::Unknown(_) => INCOMING,
    }
}
