//! Desktop notifications for offers. A convenience beside the incoming window:
//! whatever happens to the notification server, nothing else waits for it.

mod board;
#[cfg(target_os = "linux")]
mod dbus;
mod text;

use tokio::sync::mpsc;
use trunkline_core::SubjectKey;
use trunkline_desk::Offer;
use trunkline_model::ContactKey;

use crate::words::Language;

pub use board::Press;
pub use text::{Text, caller, clean, of_event, of_message};

/// What the shell wants shown.
#[derive(Clone, Debug)]
pub enum Order {
    /// An offer, or its new content.
    Show(Box<Offer>),
    /// It does not ring any more.
    Withdraw(ContactKey),
    /// A plain message; pressed, it shows what it is about.
    Say(Text, Option<SubjectKey>),
    /// What is shown from now on is in this language.
    Speak(Language),
}

/// What comes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// The agent pressed.
    Press(Press),
    /// Something this computer lacks (`limit_...`), or has again.
    Limit(&'static str, bool),
}

/// Starts the notifications; orders are taken until the sender is dropped.
pub fn start(news: impl Fn(News) + Send + Sync + 'static) -> mpsc::UnboundedSender<Order> {
    let (sender, orders) = mpsc::unbounded_channel();
    #[cfg(target_os = "linux")]
    tokio::spawn(dbus::run(orders, news));
    #[cfg(not(target_os = "linux"))]
    {
        drop(orders);
        news(News::Limit("limit_notifications_absent", true));
    }
    sender
}
