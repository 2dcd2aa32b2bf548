//! Events of the platforms' own: kept in the database, and found there.

use tokio::sync::mpsc;
use trunkline_model::{AccountId, PlatformEvent, UnixMillis};
use trunkline_rpc::RpcError;
use trunkline_rpc::schema::{FindEvents, FoundEvent};
use trunkline_store::{Database, EventRow};

use crate::{Parts, rpc_error};

/// Events that wait for the disk.
const WAITING: usize = 1024;
/// Written together.
const BATCH: usize = 256;
/// Largest page.
const PAGE: u32 = 200;

/// A task that writes what it is sent, many at once when there are many. It ends
/// when nobody sends any more.
pub(crate) fn keep(database: Database) -> mpsc::Sender<EventRow> {
    let (sender, mut rows) = mpsc::channel(WAITING);
    tokio::spawn(async move {
        let mut batch = Vec::with_capacity(BATCH);
        while rows.recv_many(&mut batch, BATCH).await > 0 {
            if let Err(error) = database.keep_events(std::mem::take(&mut batch)).await {
                tracing::warn!(%error, "events could not be kept");
            }
        }
    });
    sender
}

/// What is kept of an event.
pub(crate) fn row(account: &AccountId, event: &PlatformEvent, arrived: UnixMillis) -> EventRow {
    let mut words = vec![event.kind.as_str()];
    words.extend([&event.campaign, &event.channel, &event.way].into_iter().flatten().map(String::as_str));
    words.extend(event.fields.iter().map(|field| field.value.as_str()));
    EventRow {
        account: account.clone(),
        event: event.id.clone(),
        arrived,
        words: words.join(" "),
        document: serde_json::to_value(event).unwrap_or_default(),
    }
}

/// A page of what was kept.
pub(crate) async fn find(parts: &Parts, request: FindEvents) -> Result<Vec<FoundEvent>, RpcError> {
    let FindEvents { words, limit, offset } = request;
    let found = parts.database.find_events(&words, limit.min(PAGE), offset).await;
    let rows = found.map_err(|error| rpc_error::internal("events", &error))?;
    let read = |row: EventRow| match serde_json::from_value(row.document) {
        Ok(event) => Some(FoundEvent { account: row.account, arrived: row.arrived, event }),
        Err(error) => {
            tracing::warn!(%error, "event of another version left out");
            None
        }
    };
    Ok(rows.into_iter().filter_map(read).collect())
}
