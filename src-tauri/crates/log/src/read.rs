//! Reads the log again: a page at a time, or all of it into an export. One
//! line at a time: the size of the log is not the size of the memory.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;

use trunkline_model::UnixMillis;

use crate::entry::{Entry, Level};
use crate::files;

/// Longest line that is read, bytes; the recorder writes none that long.
const LONGEST_LINE: usize = 1 << 20;

/// Which entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// Not those before.
    pub since: Option<UnixMillis>,
    /// This level and worse.
    pub level: Level,
    /// Those with this text in them, upper and lower case alike; empty: all.
    pub text: String,
}

/// A place in the log, between two lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// File by its number.
    file: u64,
    /// Bytes in front of it.
    offset: u64,
}

impl Position {
    /// As a text that [`Self::parse`] reads.
    pub fn text(self) -> String {
        format!("{}:{}", self.file, self.offset)
    }

    /// `None` when it is not one.
    pub fn parse(text: &str) -> Option<Self> {
        let (file, offset) = text.split_once(':')?;
        Some(Self { file: file.parse().ok()?, offset: offset.parse().ok()? })
    }
}

/// Some entries, newest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// With the place in front of each.
    pub entries: Vec<(Position, Entry)>,
    /// All that fit, on this page and others.
    pub total: u64,
    /// Lines up to `end` that are no entries: cut off by a crash, or written by somebody else.
    pub broken: u64,
    /// Where the log ended when the first page was read.
    pub end: Position,
    /// Where the next page goes on; `None`: there is none.
    pub more: Option<Position>,
}

/// What an export holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Entries.
    pub entries: u64,
    /// Lines left out, as in [`Page::broken`].
    pub broken: u64,
}

struct Wanted<'q> {
    query: &'q Query,
    text: String,
}

impl<'q> Wanted<'q> {
    fn new(query: &'q Query) -> Self {
        Self { query, text: query.text.trim().to_lowercase() }
    }

    fn fits(&self, entry: &Entry) -> bool {
        entry.level <= self.query.level
            && self.query.since.is_none_or(|since| entry.time >= since)
            && (self.text.is_empty() || entry.mentions(&self.text))
    }
}

pub(crate) fn page(
    folder: &Path,
    query: &Query,
    end: Option<&Position>,
    before: Option<&Position>,
    limit: usize,
) -> io::Result<Page> {
    let wanted = Wanted::new(query);
    let limit = limit.max(1);
    // One more than is shown: whether there is another page.
    let mut newest: VecDeque<(Position, Entry)> = VecDeque::with_capacity(limit + 1);
    let mut total = 0;
    let walk = walk(folder, end, |at, entry| {
        if !wanted.fits(&entry) {
            return Ok(());
        }
        total += 1;
        if before.is_none_or(|before| at < *before) {
            newest.push_back((at, entry));
            if newest.len() > limit + 1 {
                newest.pop_front();
            }
        }
        Ok(())
    })?;
    let more = (newest.len() > limit).then(|| newest.pop_front()).flatten();
    let more = more.and_then(|_| newest.front().map(|(at, _)| *at));
    Ok(Page { entries: newest.into_iter().rev().collect(), total, broken: walk.broken, end: walk.end, more })
}

pub(crate) fn export(folder: &Path, query: &Query, end: &Position, to: &mut dyn Write) -> io::Result<Written> {
    let wanted = Wanted::new(query);
    let mut written = Written::default();
    let walk = walk(folder, Some(end), |_, entry| {
        if wanted.fits(&entry) {
            // Made anew from what a page shows, so that nothing else can be in it.
            let line = entry.line().ok_or(io::ErrorKind::InvalidData)?;
            to.write_all(&line)?;
            written.entries += 1;
        }
        Ok(())
    })?;
    written.broken = walk.broken;
    Ok(written)
}

struct Walk {
    broken: u64,
    end: Position,
}

/// Gives every entry in front of `end`, the oldest first.
fn walk(
    folder: &Path,
    end: Option<&Position>,
    mut take: impl FnMut(Position, Entry) -> io::Result<()>,
) -> io::Result<Walk> {
    let mut walk = Walk { broken: 0, end: end.copied().unwrap_or(Position { file: 0, offset: 0 }) };
    let numbers = files::numbers(folder)?;
    let newest = numbers.last().copied();
    let mut line = Vec::new();
    for number in numbers {
        if end.is_some_and(|end| number > end.file) {
            break;
        }
        let file = match File::open(files::path(folder, number)) {
            Ok(file) => file,
            // The oldest goes while we read.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        let mut reader = BufReader::with_capacity(64 << 10, file);
        let mut at = Position { file: number, offset: 0 };
        while end.is_none_or(|end| at < *end) {
            let Some(read) = next_line(&mut reader, &mut line)? else { break };
            if !read.ended && Some(number) == newest {
                // It is being written.
                break;
            }
            match serde_json::from_slice::<Entry>(&line) {
                Ok(entry) if read.ended && !read.too_long => take(at, entry)?,
                _ if line.is_empty() && !read.too_long => {}
                _ => walk.broken += 1,
            }
            at.offset += read.bytes;
        }
        if end.is_none() {
            walk.end = at;
        }
    }
    Ok(walk)
}

struct Read {
    /// Bytes taken, the line's end included.
    bytes: u64,
    /// The line's end was there.
    ended: bool,
    /// Only its beginning is in the buffer.
    too_long: bool,
}

/// The next line without its end; of one that is too long only the beginning is kept.
fn next_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<Option<Read>> {
    line.clear();
    let mut read = Read { bytes: 0, ended: false, too_long: false };
    loop {
        let buffer = reader.fill_buf()?;
        if buffer.is_empty() {
            return Ok((read.bytes > 0).then_some(read));
        }
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let part = &buffer[..end.unwrap_or(buffer.len())];
        if line.len() + part.len() > LONGEST_LINE {
            read.too_long = true;
        } else {
            line.extend_from_slice(part);
        }
        let taken = part.len() + usize::from(end.is_some());
        reader.consume(taken);
        read.bytes += taken as u64;
        if end.is_some() {
            read.ended = true;
            return Ok(Some(read));
        }
    }
}
