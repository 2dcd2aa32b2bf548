//! Writes the UI's types.

use std::path::Path;

use ts_rs::{Config, ExportError, TS};

use crate::schema::Commands;
use crate::{Push, RpcError};

/// Writes one file a type below `folder` (`ui/src/lib/rpc/gen`): the table of
/// commands, the pushes, the error, and all they use.
pub fn export(folder: &Path) -> Result<(), ExportError> {
    let config = Config::new().with_out_dir(folder);
    Commands::export_all(&config)?;
    Push::export_all(&config)?;
    RpcError::export_all(&config)
}
