//! A plugin's own log: what it did, and what was refused, for its developer.

use std::collections::VecDeque;

use trunkline_model::UnixMillis;
use trunkline_rpc::schema::{PluginLogLevel, PluginLogLine};

/// Lines kept.
const KEPT: usize = 500;
/// Longest line, characters.
const LONGEST: usize = 500;

#[derive(Clone, Debug, Default)]
pub(crate) struct PluginLog(VecDeque<PluginLogLine>);

impl PluginLog {
    pub(crate) fn write(&mut self, at: UnixMillis, level: PluginLogLevel, text: impl Into<String>) {
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        let text: String = text.into();
        let text = match text.char_indices().nth(LONGEST) {
            Some((end, _)) => format!("{}…", &text[..end]),
            None => text,
        };
        self.0.push_back(PluginLogLine { at, level, text });
    }

    pub(crate) fn lines(&self) -> Vec<PluginLogLine> {
        self.0.iter().cloned().collect()
    }
}
