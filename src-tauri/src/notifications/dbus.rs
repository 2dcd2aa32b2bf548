//! The `org.freedesktop.Notifications` server over the session bus
//! (Desktop Notifications Specification 1.2).
//!
//! Spoken directly: notify-rust adds its signal match only after Notify was
//! answered and makes a new message stream for every signal, so a quick press
//! can be lost, and it opens one bus connection a notification.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use tokio::sync::mpsc;
use trunkline_core::SubjectKey;
use trunkline_model::ContactKey;
use zbus::zvariant::Value;
use zbus::{Connection, Proxy};

use super::board::{Abilities, Act, Board};
use super::text::Text;
use super::{News, Order};

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";
/// Between tries to reach a session bus that is not there.
const RETRY: Duration = Duration::from_secs(30);
/// A server that takes longer to say what it can do counts as absent.
const SLOW: Duration = Duration::from_secs(5);

/// Answers to calls that run beside the loop, so that a slow server delays only itself.
enum Answer {
    Abilities(Option<Abilities>),
    Arrived(ContactKey, Option<u32>),
    /// A message about this.
    Said(SubjectKey, Option<u32>),
}

/// Runs until the orders end.
pub async fn run(mut orders: mpsc::UnboundedReceiver<Order>, news: impl Fn(News) + Send + Sync + 'static) {
    let mut board = Board::default();
    loop {
        match connected(&mut orders, &mut board, &news).await {
            Ok(()) => return,
            Err(error) => tracing::warn!(%error, "no notifications: the session bus cannot be used"),
        }
        for act in board.server_down() {
            if let Act::Limit(key, lacking) = act {
                news(News::Limit(key, lacking));
            }
        }
        let again = tokio::time::sleep(RETRY);
        tokio::pin!(again);
        loop {
            tokio::select! {
                () = &mut again => break,
                order = orders.recv() => match order {
                    Some(order) => drop(ordered(&mut board, order)),
                    None => return,
                },
            }
        }
    }
}

fn ordered(board: &mut Board, order: Order) -> Vec<Act> {
    match order {
        Order::Show(offer) => board.offer(*offer),
        Order::Withdraw(key) => board.withdraw(&key),
        Order::Say(text, about) => board.say(text, about),
        Order::Speak(language) => {
            board.speak(language);
            Vec::new()
        }
    }
}

async fn connected(
    orders: &mut mpsc::UnboundedReceiver<Order>,
    board: &mut Board,
    news: &(impl Fn(News) + Send + Sync + 'static),
) -> zbus::Result<()> {
    let connection = Connection::session().await?;
    let server = Arc::new(Proxy::new(&connection, NAME, PATH, NAME).await?);
    let bus = zbus::fdo::DBusProxy::new(&connection).await?;
    // Before the first Notify, so that no press can be missed.
    let mut pressed = server.receive_signal("ActionInvoked").await?;
    let mut closed = server.receive_signal("NotificationClosed").await?;
    let mut owners = bus.receive_name_owner_changed_with_args(&[(0, NAME)]).await?;
    let (answer, mut answers) = mpsc::unbounded_channel();
    ask_abilities(&server, &answer);
    loop {
        let acts = tokio::select! {
            order = orders.recv() => match order {
                Some(order) => ordered(board, order),
                None => return Ok(()),
            },
            Some(answer) = answers.recv() => match answer {
                Answer::Abilities(Some(abilities)) => board.server_up(abilities),
                Answer::Abilities(None) => board.server_down(),
                Answer::Arrived(key, id) => board.arrived(&key, id),
                Answer::Said(key, id) => board.said(key, id),
            },
            signal = pressed.next() => {
                let Some(signal) = signal else { return Err(zbus::Error::InvalidReply) };
                match signal.body().deserialize::<(u32, String)>() {
                    Ok((id, action)) => board.pressed(id, &action),
                    Err(_) => Vec::new(),
                }
            },
            signal = closed.next() => {
                let Some(signal) = signal else { return Err(zbus::Error::InvalidReply) };
                if let Ok((id, _reason)) = signal.body().deserialize::<(u32, u32)>() {
                    board.closed(id);
                }
                Vec::new()
            },
            change = owners.next() => {
                if change.is_none() {
                    return Err(zbus::Error::InvalidReply);
                }
                // Gone or new: the call starts a server that the bus can start.
                ask_abilities(&server, &answer);
                Vec::new()
            },
        };
        for act in acts {
            carry_out(act, &server, &answer, news);
        }
    }
}

fn ask_abilities(server: &Arc<Proxy<'static>>, answer: &mpsc::UnboundedSender<Answer>) {
    let (server, answer) = (Arc::clone(server), answer.clone());
    tokio::spawn(async move {
        let asked = server.call::<_, _, Vec<String>>("GetCapabilities", &());
        let abilities = match tokio::time::timeout(SLOW, asked).await {
            Ok(Ok(list)) => Some(Abilities {
                actions: list.iter().any(|ability| ability == "actions"),
                markup: list.iter().any(|ability| ability == "body-markup"),
            }),
            Ok(Err(error)) => {
                tracing::info!(%error, "no notification server");
                None
            }
            Err(_) => None,
        };
        // The loop ended: nobody to tell.
        let _ = answer.send(Answer::Abilities(abilities));
    });
}

fn carry_out(
    act: Act,
    server: &Arc<Proxy<'static>>,
    answer: &mpsc::UnboundedSender<Answer>,
    news: &(impl Fn(News) + Send + Sync + 'static),
) {
    match act {
        Act::Press(press) => news(News::Press(press)),
        Act::Limit(key, lacking) => news(News::Limit(key, lacking)),
        Act::Close(id) => {
            let server = Arc::clone(server);
            tokio::spawn(async move {
                if let Err(error) = server.call::<_, _, ()>("CloseNotification", &(id,)).await {
                    tracing::debug!(%error, "notification could not be closed");
                }
            });
        }
        Act::Notify { contact, about, replaces, text, actions } => {
            let (server, answer) = (Arc::clone(server), answer.clone());
            tokio::spawn(async move {
                let id = notify(&server, contact.is_some(), replaces, &text, &actions).await;
                if let Err(error) = &id {
                    tracing::warn!(%error, "notification was refused");
                }
                if let Some(contact) = contact {
                    let _ = answer.send(Answer::Arrived(contact, id.ok()));
                } else if let Some(about) = about {
                    let _ = answer.send(Answer::Said(about, id.ok()));
                }
            });
        }
    }
}

async fn notify(server: &Proxy<'_>, ringing: bool, replaces: u32, text: &Text, actions: &[&str]) -> zbus::Result<u32> {
    let mut hints: HashMap<&str, Value<'_>> = HashMap::from([("desktop-entry", Value::from("trunkline"))]);
    let expires = if ringing {
        hints.insert("urgency", Value::U8(2));
        hints.insert("category", Value::from("call.incoming"));
        // The ringtone is ours, on the device the agent chose.
        hints.insert("suppress-sound", Value::Bool(true));
        0
    } else {
        -1
    };
    server
        .call(
            "Notify",
            &(crate::words::NAME, replaces, "trunkline", &text.summary, &text.body, actions, hints, expires),
        )
        .await
}
