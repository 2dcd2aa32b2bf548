//! Finished contacts, as the panel reads them.

use trunkline_desk::HistoryEntry;
use trunkline_rpc::RpcError;
use trunkline_rpc::schema::ReadHistory;

use crate::Parts;
use crate::rpc_error;

/// A page is full while there is more: entries that cannot be read are made up for.
pub(crate) async fn read(parts: &Parts, request: ReadHistory) -> Result<Vec<HistoryEntry>, RpcError> {
    let limit = request.limit.clamp(1, 200);
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut offset = request.offset;
    let mut entries = Vec::new();
    while entries.len() < wanted {
        let rows = parts.database.page(limit, offset).await.map_err(|error| rpc_error::internal("history", &error))?;
        let last = rows.len() < wanted;
        offset = offset.saturating_add(limit);
        entries.extend(rows.into_iter().filter_map(|row| match serde_json::from_value(row.document) {
            Ok(entry) => Some(entry),
            Err(error) => {
                tracing::warn!(%error, "history entry of another version left out");
                None
            }
        }));
        if last {
            break;
        }
    }
    entries.truncate(wanted);
    Ok(entries)
}
