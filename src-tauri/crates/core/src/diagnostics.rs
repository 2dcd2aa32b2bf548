//! The log as the agent sees it: how much is written, what is in it, and a file
//! of it for support.

use std::io::{self, BufWriter, Write as _};
use std::path::Path;

use jiff::Timestamp;
use trunkline_log::{Entry, Level, Levels, Log, Position, Query};
use trunkline_rpc::schema::{
    Empty, ExportLog, LogExport, LogField, LogLevel, LogLine, LogPage, LogQuery, LogSettings, ReadLog, SaveLogSettings,
};
use trunkline_rpc::{RpcCode, RpcError};
use trunkline_store::LogSettingsRecord;

use crate::effects::ShellEvent;
use crate::{Parts, downloads, rpc_error};

/// Entries of one page.
const MOST: usize = 500;

/// As the settings have them; a word that is no level counts as the default.
pub(crate) fn levels(record: &LogSettingsRecord) -> Levels {
    let usual = Levels::default();
    Levels {
        written: Level::by_name(&record.written).unwrap_or(usual.written),
        echoed: Level::by_name(&record.echoed).unwrap_or(usual.echoed),
    }
}

fn shown(level: Level) -> LogLevel {
    match level {
        Level::Error => LogLevel::Error,
        Level::Warn => LogLevel::Warn,
        Level::Info => LogLevel::Info,
        Level::Debug => LogLevel::Debug,
        Level::Trace => LogLevel::Trace,
    }
}

fn chosen(level: LogLevel) -> Level {
    match level {
        LogLevel::Error => Level::Error,
        LogLevel::Warn => Level::Warn,
        LogLevel::Info => Level::Info,
        LogLevel::Debug => Level::Debug,
        LogLevel::Trace => Level::Trace,
    }
}

fn query(query: LogQuery) -> Query {
    Query { since: query.since, level: chosen(query.level), text: query.text }
}

fn position(field: &str, text: &str) -> Result<Position, RpcError> {
    Position::parse(text).ok_or_else(|| rpc_error::field(field, "error_invalid"))
}

fn log(parts: &Parts) -> Result<Log, RpcError> {
    parts.log.clone().ok_or_else(|| RpcError::new(RpcCode::NotPossible, "error_log_none"))
}

/// The disk is waited for elsewhere.
async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(io::Error::other(error)))
}

pub(crate) async fn settings(parts: &Parts) -> LogSettings {
    let levels = levels(&parts.settings.get().log);
    let fixed = ["written", "echoed"].into_iter().filter(|name| parts.settings.is_enforced(&format!("log.{name}")));
    let none = LogSettings {
        written: shown(levels.written),
        echoed: shown(levels.echoed),
        overridden_by: None,
        fixed: fixed.map(str::to_owned).collect(),
        folder: None,
        bytes: 0,
        most_bytes: 0,
        days: 0,
        lost: 0,
        trouble: None,
    };
    let Some(log) = parts.log.clone() else { return none };
    let folder = Some(log.folder().display().to_string());
    let Ok(status) = off_thread(move || Ok(log.status())).await else { return LogSettings { folder, ..none } };
    LogSettings {
        overridden_by: status.overridden_by,
        folder,
        bytes: status.bytes,
        most_bytes: status.limits.total,
        days: status.limits.days,
        lost: status.lost,
        trouble: status.trouble,
        ..none
    }
}

pub(crate) async fn save(parts: &Parts, request: SaveLogSettings) -> Result<LogSettings, RpcError> {
    let (written, echoed) = (chosen(request.written), chosen(request.echoed));
    let kept = parts.settings.commit(move |settings| {
        written.name().clone_into(&mut settings.log.written);
        echoed.name().clone_into(&mut settings.log.echoed);
    })?;
    if let Some(log) = &parts.log {
        log.set_levels(levels(&kept.log));
    }
    Ok(settings(parts).await)
}

pub(crate) async fn read(parts: &Parts, request: ReadLog) -> Result<LogPage, RpcError> {
    let log = log(parts)?;
    let end = request.end.as_deref().map(|end| position("end", end)).transpose()?;
    let before = request.before.as_deref().map(|before| position("before", before)).transpose()?;
    let (query, limit) = (query(request.query), (request.limit as usize).clamp(1, MOST));
    let page = off_thread(move || log.read(&query, end.as_ref(), before.as_ref(), limit)).await;
    let page = page.map_err(|error| {
        tracing::warn!(error = &error as &(dyn std::error::Error + 'static), "the log cannot be read");
        RpcError { detail: Some(error.to_string()), ..RpcError::new(RpcCode::Failed, "error_log_not_read") }
    })?;
    Ok(LogPage {
        entries: page.entries.into_iter().map(|(at, entry)| line(at, entry)).collect(),
        total: page.total,
        broken: page.broken,
        end: page.end.text(),
        more: page.more.map(Position::text),
    })
}

fn line(at: Position, entry: Entry) -> LogLine {
    let fields = entry.fields.into_iter().map(|(name, value)| {
        let value = match value {
            serde_json::Value::String(text) => text,
            other => other.to_string(),
        };
        LogField { name, value }
    });
    LogLine {
        id: at.text(),
        time: entry.time,
        level: shown(entry.level),
        target: entry.target,
        account: entry.account.as_deref().map(Into::into),
        message: entry.message,
        fields: fields.collect(),
        causes: entry.causes,
    }
}

pub(crate) async fn export(parts: &Parts, request: ExportLog) -> Result<LogExport, RpcError> {
    let log = log(parts)?;
    let end = position("end", &request.end)?;
    let query = query(request.query);
    let (folder, name) = (parts.download_folder.clone(), file_name(parts.desk.now().0));
    let written = off_thread(move || {
        downloads::write_with(&folder, &name, |file| {
            let mut file = BufWriter::new(file);
            let written = log.export(&query, &end, &mut file)?;
            file.flush()?;
            Ok(written)
        })
    });
    let (path, written) = written.await.map_err(|error| not_exported(&error, &parts.download_folder))?;
    tracing::info!(entries = written.entries, broken = written.broken, "the log was exported");
    Ok(LogExport { path: path.display().to_string(), entries: written.entries })
}

/// `trunkline-log-20261121T100000Z.jsonl`: no colon, which some systems refuse.
fn file_name(now: i64) -> String {
    let now = Timestamp::from_millisecond(now).unwrap_or_default();
    format!("trunkline-log-{}.jsonl", now.strftime("%Y%m%dT%H%M%SZ"))
}

fn not_exported(error: &io::Error, folder: &Path) -> RpcError {
    tracing::warn!(error = error as &(dyn std::error::Error + 'static), "the log could not be exported");
    let key = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "error_log_no_room",
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => "error_log_not_allowed",
        _ => "error_log_not_exported",
    };
    let detail = Some(format!("{}: {error}", folder.display()));
    RpcError { detail, ..RpcError::new(RpcCode::Failed, key) }
}

pub(crate) fn open_downloads(parts: &Parts) -> Result<Empty, RpcError> {
    // Without a shell (bridge, tests) there is nobody to open it.
    match parts.shell.send(ShellEvent::OpenFolder(parts.download_folder.clone())) {
        Ok(_) => Ok(Empty {}),
        Err(_) => Err(RpcError::new(RpcCode::NotPossible, "error_folder_not_opened")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_of_an_export_has_words_of_its_own_and_names_the_folder() {
        for (kind, key) in [
            (io::ErrorKind::StorageFull, "error_log_no_room"),
            (io::ErrorKind::QuotaExceeded, "error_log_no_room"),
            (io::ErrorKind::PermissionDenied, "error_log_not_allowed"),
            (io::ErrorKind::ReadOnlyFilesystem, "error_log_not_allowed"),
            (io::ErrorKind::NotADirectory, "error_log_not_exported"),
        ] {
            let error = not_exported(&io::Error::from(kind), Path::new("/home/agent-one/Downloads"));
            assert_eq!(error.message_key, key, "{kind:?}");
            assert!(error.detail.is_some_and(|detail| detail.contains("/home/agent-one/Downloads")), "{kind:?}");
        }
    }

    #[test]
    fn a_word_that_is_no_level_is_as_none() {
        let record = LogSettingsRecord { written: "everything".to_owned(), echoed: "error".to_owned() };
        assert_eq!(levels(&record), Levels { written: Level::Info, echoed: Level::Error });
        assert_eq!(levels(&LogSettingsRecord::default()), Levels::default(), "both know the same defaults");
    }

    #[test]
    fn the_file_is_named_by_the_time() {
        assert_eq!(file_name(1_795_255_200_123), "trunkline-log-20261121T100000Z.jsonl");
    }
}
