//! An own notification service: stamps every call, and can press buttons.
//! dunst is the real one; this one is for exact times.

#![expect(missing_docs, reason = "zbus::interface writes a trait of its own for signals")]

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use anyhow::Result;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::OwnedValue;

/// One `Notify` call.
#[derive(Clone, Debug)]
pub struct Shown {
    /// When it arrived.
    pub at: SystemTime,
    /// Id given.
    pub id: u32,
    /// Title.
    pub summary: String,
    /// Text.
    pub body: String,
    /// Action keys and labels, alternating.
    pub actions: Vec<String>,
}

#[derive(Default)]
struct Book {
    next: u32,
    shown: Vec<Shown>,
    closed: Vec<(SystemTime, u32)>,
}

struct Server {
    book: Arc<Mutex<Book>>,
}

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Server {
    #[allow(clippy::too_many_arguments, reason = "the interface of the Desktop Notifications Specification 1.2")]
    fn notify(
        &self,
        _app_name: String,
        replaces_id: u32,
        _icon: String,
        summary: String,
        body: String,
        actions: Vec<String>,
        _hints: HashMap<String, OwnedValue>,
        _timeout: i32,
    ) -> u32 {
        let at = SystemTime::now();
        let mut book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        let id = if replaces_id > 0 {
            replaces_id
        } else {
            book.next += 1;
            book.next
        };
        book.shown.push(Shown { at, id, summary, body, actions });
        id
    }

    async fn close_notification(
        &self,
        id: u32,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> zbus::fdo::Result<()> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner).closed.push((SystemTime::now(), id));
        // 3: closed by a call to CloseNotification.
        Self::notification_closed(&emitter, id, 3).await?;
        Ok(())
    }

    fn get_capabilities(&self) -> Vec<String> {
        ["actions", "body", "persistence"].map(str::to_owned).to_vec()
    }

    fn get_server_information(&self) -> (String, String, String, String) {
        ("proof".to_owned(), "trunkline".to_owned(), "1".to_owned(), "1.2".to_owned())
    }

    #[zbus(signal)]
    async fn action_invoked(emitter: &SignalEmitter<'_>, id: u32, action_key: &str) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn notification_closed(emitter: &SignalEmitter<'_>, id: u32, reason: u32) -> zbus::Result<()>;
}

/// The running service.
pub struct Notifications {
    connection: zbus::Connection,
    book: Arc<Mutex<Book>>,
}

const PATH: &str = "/org/freedesktop/Notifications";

impl Notifications {
    /// Takes the well-known name on a bus.
    pub async fn start(bus: &str) -> Result<Self> {
        let book = Arc::new(Mutex::new(Book::default()));
        let connection = zbus::connection::Builder::address(bus)?
            .serve_at(PATH, Server { book: Arc::clone(&book) })?
            .name("org.freedesktop.Notifications")?
            .build()
            .await?;
        Ok(Self { connection, book })
    }

    /// All calls so far.
    pub fn shown(&self) -> Vec<Shown> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner).shown.clone()
    }

    /// All withdrawals so far.
    pub fn closed(&self) -> Vec<(SystemTime, u32)> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner).closed.clone()
    }

    /// Presses a button.
    pub async fn press(&self, id: u32, action_key: &str) -> Result<()> {
        let server = self.connection.object_server().interface::<_, Server>(PATH).await?;
        Server::action_invoked(server.signal_emitter(), id, action_key).await?;
        Server::notification_closed(server.signal_emitter(), id, 2).await?;
        Ok(())
    }
}
