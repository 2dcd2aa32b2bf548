//! Figures and guesses of chats. Keys of the account's settings, like all others.
//!
//! | key | kind | default | provenance (docs/connectors/amazon-connect-chat.md) |
//! | --- | --- | --- | --- |
//! | `participant_address` | address | by region; on this computer the instance itself | 5; `{region}` stands for the region |
//! | `participant_path` | path | `/participant` | 5 |
//! | `chat_longest` | bytes | 1024 | 5, guess: the older limit for text; the newer page says 16384 |
//! | `chat_largest_file`, `chat_file_types` | bytes, endings | 20 MiB, 18 endings | 5 |
//! | `chat_largest_download` | bytes | 30 MiB | ours |
//! | `chat_receipts` | bool | true | 7 |
//! | `chat_page`, `chat_gap_page` | items | 15, 100 | 5, 3.3 |
//! | `chat_token_margin_ms`, `chat_token_life_ms` | milliseconds | 60 s, 12 h | 4 |
//! | `chat_typing_every_ms`, `chat_typing_shown_ms` | milliseconds | 10 s, 12 s | 7; the second is ours |
//! | `chat_delivered_hold_ms`, `chat_receipts_every_ms` | milliseconds | 300, 5000 | 7 |
//! | `chat_retry_ms`, `chat_broken_after` | milliseconds, count | 1, 2, 5, 10 s; 3 | ours |
//! | `chat_call_limit_ms`, `chat_file_limit_ms` | milliseconds | 15 s, 5 min | ours |
//! | `chat_file_shows_ms` | milliseconds | 3 s | ours: a file we sent shows on the socket, or the transcript is read |
//! | `chat_transfer_operation`, `email_transfer_operation` | name | CreateAdditionalConnection, TransferContact | main document 4.3 and 9, the first a guess |

use std::time::Duration;

use serde::Deserialize;

/// Everything about chats that can be overridden.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "the table above says what each is")]
pub struct ChatSettings {
    pub participant_address: Option<String>,
    pub participant_path: String,
    pub chat_longest: u32,
    pub chat_largest_file: u64,
    pub chat_file_types: Vec<String>,
    pub chat_largest_download: usize,
    pub chat_receipts: bool,
    pub chat_page: u32,
    pub chat_gap_page: u32,
    pub chat_token_margin_ms: u64,
    pub chat_token_life_ms: u64,
    pub chat_typing_every_ms: u64,
    pub chat_typing_shown_ms: u64,
    pub chat_delivered_hold_ms: u64,
    pub chat_receipts_every_ms: u64,
    pub chat_retry_ms: Vec<u64>,
    pub chat_broken_after: u32,
    pub chat_call_limit_ms: u64,
    pub chat_file_limit_ms: u64,
    pub chat_file_shows_ms: u64,
    pub chat_transfer_operation: String,
    pub email_transfer_operation: String,
}

const FILE_TYPES: [&str; 18] = [
    "csv", "doc", "docx", "heic", "jfif", "jpeg", "jpg", "mov", "mp4", "pdf", "png", "ppt", "pptx", "rtf", "txt",
    "wav", "xls", "xlsx",
];

impl Default for ChatSettings {
    fn default() -> Self {
        Self {
            participant_address: None,
            participant_path: "/participant".to_owned(),
            chat_longest: 1024,
            chat_largest_file: 20 << 20,
            chat_file_types: FILE_TYPES.map(str::to_owned).to_vec(),
            chat_largest_download: 30 << 20,
            chat_receipts: true,
            chat_page: 15,
            chat_gap_page: 100,
            chat_token_margin_ms: 60_000,
            chat_token_life_ms: 43_200_000,
            chat_typing_every_ms: 10_000,
            chat_typing_shown_ms: 12_000,
            chat_delivered_hold_ms: 300,
            chat_receipts_every_ms: 5_000,
            chat_retry_ms: vec![1_000, 2_000, 5_000, 10_000],
            chat_broken_after: 3,
            chat_call_limit_ms: 15_000,
            chat_file_limit_ms: 300_000,
            chat_file_shows_ms: 3_000,
            chat_transfer_operation: "CreateAdditionalConnection".to_owned(),
            email_transfer_operation: "TransferContact".to_owned(),
        }
    }
}

impl ChatSettings {
    /// Pause after the `failures`th failure in a row.
    pub fn retry(&self, failures: u32) -> Duration {
        let index = (failures.saturating_sub(1) as usize).min(self.chat_retry_ms.len().saturating_sub(1));
        Duration::from_millis(self.chat_retry_ms.get(index).copied().unwrap_or(10_000))
    }
}
