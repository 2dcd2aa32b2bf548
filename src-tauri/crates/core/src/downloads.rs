//! Fetches files out of conversations into the agent's downloads folder.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use trunkline_connector::ports::Progress;
use trunkline_connector::{CommandCode, FetchedFile};
use trunkline_desk::{Download, Input};
use trunkline_model::ContactKey;

use crate::Parts;

/// For one file: 25 MB over a slow line.
const LIMIT: Duration = Duration::from_secs(15 * 60);
/// How often progress is told.
const PROGRESS: Duration = Duration::from_millis(200);
/// Longest file name, bytes; file systems take 255.
const LONGEST_NAME: usize = 150;
/// Copies of one name tried: `name (2).pdf` ...
const COPIES: u32 = 1000;

/// Files under way, by contact and attachment.
#[derive(Default)]
pub(crate) struct Downloads(Mutex<BTreeMap<(ContactKey, String), CancellationToken>>);

/// Begins to fetch; a second press on the same file is one.
pub(crate) fn begin(parts: &Arc<Parts>, contact: ContactKey, attachment: String) {
    let cancel = parts.stop.child_token();
    {
        let mut under_way = parts.downloads.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (contact.clone(), attachment.clone());
        if under_way.contains_key(&key) {
            return;
        }
        under_way.insert(key, cancel.clone());
    }
    let parts = Arc::clone(parts);
    tokio::spawn(async move {
        let begun = Download { attachment: attachment.clone(), received: 0, saved: None, failed: None };
        tell(&parts, &contact, begun.clone());
        let ended = tokio::select! {
            () = cancel.cancelled() => None,
            ended = fetch(&parts, &contact, &begun) => Some(ended),
        };
        parts.downloads.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&(contact.clone(), attachment.clone()));
        match ended {
            Some(Ok((path, size))) => {
                let saved = Some(path.display().to_string());
                tell(&parts, &contact, Download { received: size, saved, ..begun });
            }
            Some(Err(key)) => tell(&parts, &contact, Download { failed: Some(key.to_owned()), ..begun }),
            None => parts.desk.apply(Input::DownloadGone { contact, attachment }),
        }
    });
}

/// Ends the fetching, or puts its mark away.
pub(crate) fn cancel(parts: &Parts, contact: ContactKey, attachment: String) {
    let key = (contact, attachment);
    let under_way = parts.downloads.0.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
    match under_way {
        Some(cancel) => cancel.cancel(),
        None => parts.desk.apply(Input::DownloadGone { contact: key.0, attachment: key.1 }),
    }
}

fn tell(parts: &Parts, contact: &ContactKey, download: Download) {
    parts.desk.apply(Input::Download { contact: contact.clone(), download });
}

/// Message key of what went wrong.
async fn fetch(parts: &Arc<Parts>, contact: &ContactKey, begun: &Download) -> Result<(PathBuf, u64), &'static str> {
    let (progress, mut moved) = Progress::new();
    let file = parts.accounts.attachment(&contact.account, &contact.contact, &begun.attachment, progress, LIMIT);
    tokio::pin!(file);
    let file: FetchedFile = loop {
        tokio::select! {
            file = &mut file => break file.map_err(|error| {
                tracing::info!(code = ?error.code, "a file could not be fetched");
                match error.code {
                    CommandCode::NotAllowed => "error_not_allowed",
                    CommandCode::Invalid | CommandCode::BadTarget | CommandCode::NotPossible => "error_file_gone",
                    CommandCode::LimitReached => "error_file_too_large",
                    _ => "error_unavailable",
                }
            })?,
            Ok(()) = moved.changed() => {
                let received = *moved.borrow_and_update();
                tell(parts, contact, Download { received, ..begun.clone() });
                tokio::time::sleep(PROGRESS).await;
            }
        }
    };
    let name = parts.desk.look(|desk| desk.attachment_name(contact, &begun.attachment).map(str::to_owned));
    let name = safe_name(&name.unwrap_or(file.name));
    let folder = parts.download_folder.clone();
    let size = file.bytes.len() as u64;
    let written = tokio::task::spawn_blocking(move || write(&folder, &name, &file.bytes)).await;
    match written {
        Ok(Ok(path)) => Ok((path, size)),
        Ok(Err(error)) => {
            tracing::warn!(%error, "a fetched file could not be written");
            Err("error_file_not_written")
        }
        Err(_) => Err("error_file_not_written"),
    }
}

/// A name from outside as a file name of every system: no path, no hidden file,
/// no control or direction-changing characters (they show an ending that is not
/// the real one), no name that a system keeps for devices.
fn safe_name(given: &str) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last
        .chars()
        .map(|character| match character {
            '<' | '>' | ':' | '"' | '|' | '?' | '*' => '_',
            other => other,
        })
        .filter(|character| {
            !character.is_control()
                && !matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
        })
        .collect();
    let trimmed = kept.trim().trim_start_matches('.').trim_end_matches(['.', ' ']);
    let (stem, ending) = split(trimmed);
    let device = ["con", "prn", "aux", "nul"].contains(&stem.to_ascii_lowercase().as_str())
        || (stem.len() == 4
            && ["com", "lpt"].iter().any(|name| stem.to_ascii_lowercase().starts_with(name))
            && stem.ends_with(|last: char| last.is_ascii_digit()));
    let stem = if stem.is_empty() || device { format!("file{stem}") } else { stem.to_owned() };
    let ending: String = if ending.len() <= 20 { ending.to_owned() } else { String::new() };
    let mut stem: String = stem;
    while stem.len() + ending.len() > LONGEST_NAME {
        stem.pop();
    }
    format!("{stem}{ending}")
}

/// Name and ending, the dot with the ending.
fn split(name: &str) -> (&str, &str) {
    match name.rfind('.') {
        Some(dot) if dot > 0 => name.split_at(dot),
        _ => (name, ""),
    }
}

/// Writes under a free name: nothing of the agent's is ever replaced.
fn write(folder: &Path, name: &str, bytes: &[u8]) -> std::io::Result<PathBuf> {
    write_with(folder, name, |file| file.write_all(bytes)).map(|(path, ())| path)
}

/// Likewise, with what `fill` puts into it; gives its path and what `fill` gave.
/// When that fails there is no file.
pub(crate) fn write_with<T>(
    folder: &Path,
    name: &str,
    fill: impl FnOnce(&mut std::fs::File) -> std::io::Result<T>,
) -> std::io::Result<(PathBuf, T)> {
    std::fs::create_dir_all(folder)?;
    let (stem, ending) = split(name);
    for copy in 1..=COPIES {
        let name = if copy == 1 { name.to_owned() } else { format!("{stem} ({copy}){ending}") };
        let path = folder.join(name);
        match std::fs::OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(mut file) => {
                let filled = fill(&mut file).and_then(|filled| file.sync_all().map(|()| filled));
                if filled.is_err() {
                    // Half a file under its name would be taken for a whole one.
                    let _ = std::fs::remove_file(&path);
                }
                return filled.map(|filled| (path, filled));
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(std::io::Error::from(std::io::ErrorKind::AlreadyExists))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn a_name_from_outside_is_never_a_path_or_a_trick() {
        for (given, safe) in [
            ("invoice.pdf", "invoice.pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Windows\\system32\\evil.exe", "evil.exe"),
            ("..", "file"),
            (".bashrc", "bashrc"),
            ("", "file"),
            ("a\u{0}b\nc.txt", "abc.txt"),
            ("invoice\u{202e}fdp.exe", "invoicefdp.exe"),
            ("CON.txt", "fileCON.txt"),
            ("com1", "filecom1"),
            ("what? <b>.txt", "what_ _b_.txt"),
            ("trailing. ", "trailing"),
            ("Ärger über Öl.docx", "Ärger über Öl.docx"),
        ] {
            assert_eq!(safe_name(given), safe, "{given:?}");
        }
        let long = format!("{}.pdf", "ö".repeat(400));
        let safe = safe_name(&long);
        assert!(safe.len() <= LONGEST_NAME && safe.ends_with(".pdf"), "cut in front of its ending: {safe}");
        assert!(safe_name(&format!("a.{}", "x".repeat(500))).len() <= LONGEST_NAME, "an ending may be long too");
    }

    #[test]
    fn nothing_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("not there yet");
        let first = write(&folder, "a.txt", b"one").unwrap();
        let second = write(&folder, "a.txt", b"two").unwrap();
        assert_eq!(std::fs::read(&first).unwrap(), b"one", "the first is as it was");
        assert_eq!(second.file_name().unwrap(), "a (2).txt", "the second has a name of its own");
        assert_eq!(std::fs::read(&second).unwrap(), b"two", "and its content");
    }
}
