//! What the drivers of connectors do alike: bringing events and answers to the desk
//! in one order, and keeping who waits for the answer to a question.

use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::{CommandCode, CommandError, Event, EventSink};

/// What the desk is told: events and answers to commands on one way, so that an answer
/// comes after the events that it rests on.
#[derive(Debug)]
pub enum Told {
    /// Something happened.
    Event(Box<Event>),
    /// A command is answered.
    Reply(oneshot::Sender<Result<(), CommandError>>, Result<(), CommandError>),
}

/// Brings it to the desk in its order, until there is no more. In a task of its own: a
/// connection that must answer pings cannot wait for the desk.
pub async fn tell(events: EventSink, mut telling: mpsc::UnboundedReceiver<Told>, cancel: CancellationToken) {
    while let Some(told) = telling.recv().await {
        match told {
            Told::Reply(reply, answer) => drop(reply.send(answer)),
            Told::Event(event) => tokio::select! {
                sent = events.send(*event) => if sent.is_err() { return },
                // The desk does not listen any more; whoever waits for an answer gets it.
                () = cancel.cancelled() => {}
            },
        }
    }
}

/// Somebody who waits for the answer to a question, whatever kind of answer that is.
/// `F`: every kind of answer there is.
pub trait Waiting<F>: Send {
    /// Nobody waits any more.
    fn is_closed(&self) -> bool;
    /// The answer.
    fn answer(self: Box<Self>, answer: Result<F, CommandError>);
}

/// One who waits for an answer of kind `T`.
pub struct Asked<T, F> {
    /// Where it goes.
    pub reply: oneshot::Sender<Result<T, CommandError>>,
    /// Takes it out; `None` where it is of another kind, which is a fault of ours.
    pub out: fn(F) -> Option<T>,
}

impl<T: Send, F: Send> Waiting<F> for Asked<T, F> {
    fn is_closed(&self) -> bool {
        self.reply.is_closed()
    }

    fn answer(self: Box<Self>, answer: Result<F, CommandError>) {
        let other = || CommandError::new(CommandCode::Unavailable, "an answer to another question");
        let _ = self.reply.send(answer.and_then(|found| (self.out)(found).ok_or_else(other)));
    }
}

/// Who waits for the answer of that name: `asked!(reply, Found::Past(page) => page)`.
#[macro_export]
macro_rules! asked {
    ($reply:ident, $found:pat => $value:expr) => {
        ::std::boxed::Box::new($crate::driving::Asked {
            reply: $reply,
            out: |found| match found {
                $found => ::std::option::Option::Some($value),
                _ => ::std::option::Option::None,
            },
        })
    };
}
