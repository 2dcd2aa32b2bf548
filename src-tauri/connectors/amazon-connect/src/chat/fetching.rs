//! Files of the conversation: an address first, then the content from there.

use std::collections::BTreeMap;

use trunkline_connector::ports::{HttpResponse, Progress};
use trunkline_connector::{CommandCode, CommandError, FetchedFile};

use super::{Chat, ChatAction, Failure, Work};
use crate::chat::outgoing::signed_address;
use crate::session::{LookupId, Now};
use crate::wire::{AttachmentReply, ParticipantCall, decode};

/// Files on their way here.
pub(super) type Fetches = BTreeMap<LookupId, Fetch>;

/// One of them.
#[derive(Debug)]
pub(super) struct Fetch {
    attachment: String,
    progress: Progress,
}

impl Chat {
    /// Somebody wants a file.
    pub fn fetch(&mut self, lookup: LookupId, attachment: String, progress: Progress, now: Now) {
        self.fetches.insert(lookup, Fetch { attachment: attachment.clone(), progress });
        if self.ended && !self.has_token() {
            self.fetched(lookup, Err(super::not_possible("the conversation is over")));
        } else {
            self.ask(Work::FileAddress(lookup), ParticipantCall::GetAttachment { attachment });
        }
        self.settle(now);
    }

    /// Nobody waits for it any more.
    pub fn drop_fetch(&mut self, lookup: LookupId) {
        if self.fetches.remove(&lookup).is_some() {
            let of_it = |work: &Work| matches!(work, Work::FileAddress(id) | Work::FileContent(id) if *id == lookup);
            self.give_up(of_it);
        }
    }

    fn fetched(&mut self, lookup: LookupId, answer: Result<FetchedFile, CommandError>) {
        if self.fetches.remove(&lookup).is_some() {
            self.out.push(ChatAction::Fetched(lookup, answer));
        }
    }

    pub(super) fn on_file_address(&mut self, lookup: LookupId, result: Result<HttpResponse, Failure>) {
        let Some(fetch) = self.fetches.get(&lookup) else {
            return;
        };
        let progress = fetch.progress.clone();
        let address = result.and_then(|response| {
            let reply = decode::<AttachmentReply>(&response.body).map_err(|_| Failure::Malformed)?;
            signed_address(&reply.url).ok_or(Failure::Malformed)
        });
        match address {
            Ok(url) => {
                let id = self.register(Work::FileContent(lookup));
                self.out.push(ChatAction::Get { id, url, progress });
            }
            Err(failure) => self.fetched(lookup, Err(failure.command_error())),
        }
    }

    pub(super) fn on_file_content(&mut self, lookup: LookupId, result: Result<HttpResponse, Failure>) {
        let Some(fetch) = self.fetches.get(&lookup) else {
            return;
        };
        let name = self.timeline.file_name(&fetch.attachment).unwrap_or_else(|| fetch.attachment.clone());
        let answer = match result {
            Ok(response) => Ok(FetchedFile { name, bytes: response.body }),
            // The address is over: asked for again, there is another.
            Err(failure) if failure.is_denied() => {
                Err(CommandError::new(CommandCode::Unavailable, "the file's address was not taken"))
            }
            Err(failure) => Err(failure.command_error()),
        };
        self.fetched(lookup, answer);
    }
}
