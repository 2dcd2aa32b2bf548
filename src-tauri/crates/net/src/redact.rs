//! Keeps secrets and people out of the log.
//!
//! This is the second line: the first is not to log such values at all. It
//! works on text by shape, so it errs on the side of hiding too much.

use std::io;
use std::ops::Range;

/// What a stretch of text seems to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PrivateKind {
    /// A token, password, cookie or key.
    Token,
    /// A telephone number.
    Phone,
    /// An e-mail address.
    Email,
}

impl PrivateKind {
    /// What stands in its place: `secret`, `number` or `email`.
    pub fn label(self) -> &'static str {
        match self {
            Self::Token => "secret",
            Self::Phone => "number",
            Self::Email => "email",
        }
    }
}

/// Something private in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub kind: PrivateKind,
    /// Where, in bytes.
    pub range: Range<usize>,
}

/// Names whose value is a secret, compared without case, `-` and `_`, at the
/// end of the name (`lily-auth-token`, `X-Amz-Signature`, `wsAuthToken`).
const SECRET_NAMES: [&str; 14] = [
    "token",
    "secret",
    "password",
    "passwd",
    "authorization",
    "cookie",
    "credential",
    "credentials",
    "signature",
    "apikey",
    "sessionid",
    "securitytoken",
    "bearer",
    "privatekey",
];

/// Shortest opaque text that counts as a token. A UUID has 36 characters but
/// only hexadecimal digits and is left alone.
const OPAQUE: usize = 32;

/// Digits of a digest in a mark. Fewer than a telephone number has, so that a
/// mark is never taken for one.
const DIGEST: usize = 8;

/// The text with everything private replaced by `[secret]`, `[number]` or `[email]`.
pub fn redact(text: &str) -> String {
    redact_with(text, |_, _| String::new())
}

/// Likewise, with a digest in each mark: `[secret 3fa91b02]`. `digest` gives
/// eight hexadecimal digits for a value, or nothing; anything else is left out.
pub fn redact_with(text: &str, mut digest: impl FnMut(PrivateKind, &str) -> String) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut end = 0;
    for finding in find_private(text) {
        clean.push_str(&text[end..finding.range.start]);
        clean.push_str(&mark(finding.kind, &digest(finding.kind, &text[finding.range.clone()])));
        end = finding.range.end;
    }
    clean.push_str(&text[end..]);
    clean
}

/// What stands in the place of something private: `[secret]`, `[secret 3fa91b02]`.
pub fn mark(kind: PrivateKind, digest: &str) -> String {
    let fits = digest.len() == DIGEST && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
    if fits { format!("[{} {digest}]", kind.label()) } else { format!("[{}]", kind.label()) }
}

/// Whether the value under this name is a secret, whatever it looks like
/// (`lily-auth-token`, `X-Amz-Signature`, `password`).
pub fn is_secret_name(name: &str) -> bool {
    let folded = folded(name);
    SECRET_NAMES.iter().any(|secret| folded.ends_with(secret))
}

fn folded(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// Where a mark that begins at `at` ends.
fn mark_end(text: &str, at: usize) -> Option<usize> {
    let rest = text.get(at..)?.strip_prefix('[')?;
    let kinds = [PrivateKind::Token, PrivateKind::Phone, PrivateKind::Email];
    let after = kinds.iter().find_map(|kind| rest.strip_prefix(kind.label()))?;
    let closed = after.strip_prefix(']').or_else(|| {
        let (digest, closed) = after.strip_prefix(' ')?.split_at_checked(DIGEST)?;
        digest.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(())?;
        closed.strip_prefix(']')
    })?;
    Some(text.len() - closed.len())
}

/// Everything private in a text, in order and without overlaps.
pub fn find_private(text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut at = 0;
    while at < text.len() {
        if let Some(end) = mark_end(text, at) {
            at = end;
            continue;
        }
        let found = named_secret(text, at)
            .or_else(|| opaque_token(text, at))
            .or_else(|| email(text, at))
            .or_else(|| phone(text, at));
        match found {
            Some(finding) => {
                at = finding.range.end.max(at + 1);
                findings.push(finding);
            }
            None => at = next_word(text, at),
        }
    }
    findings
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-') || byte >= 0x80
}

/// The next place where something can begin: after a word, or the next character.
fn next_word(text: &str, at: usize) -> usize {
    let bytes = text.as_bytes();
    let mut next = at + 1;
    if is_word(bytes[at]) {
        while next < bytes.len() && is_word(bytes[next]) {
            next += 1;
        }
    }
    while !text.is_char_boundary(next) {
        next += 1;
    }
    next
}

fn run(text: &str, at: usize, belongs: impl Fn(u8) -> bool) -> usize {
    at + text.as_bytes()[at..].iter().take_while(|byte| belongs(**byte)).count()
}

/// `NAME=VALUE`, `NAME: VALUE`, `"NAME":"VALUE"` with a secret name, and
/// `Bearer VALUE` / `Basic VALUE`.
fn named_secret(text: &str, at: usize) -> Option<Finding> {
    let name_end = run(text, at, is_word);
    if name_end == at {
        return None;
    }
    let bytes = text.as_bytes();
    let folded = folded(&text[at..name_end]);
    let mut value = name_end;
    let scheme = matches!(folded.as_str(), "bearer" | "basic");
    if scheme && bytes.get(value) == Some(&b' ') {
        let end = value_end(text, value + 1, false);
        // "a basic idea": a word of a sentence is no credential.
        return (end - value > 8).then(|| secret(value + 1..end));
    }
    if !SECRET_NAMES.iter().any(|name| folded.ends_with(name)) {
        return None;
    }
    // Escaped quotes: JSON within JSON.
    value = run(text, value, |byte| matches!(byte, b'"' | b'\'' | b'\\'));
    if !matches!(bytes.get(value), Some(b'=' | b':')) {
        return None;
    }
    value += 1;
    // `token::Kind` is a path, not a pair.
    if matches!(bytes.get(value), Some(b':' | b'=')) {
        return None;
    }
    value = run(text, value, |byte| byte == b' ');
    let quoted_from = value;
    value = run(text, value, |byte| matches!(byte, b'"' | b'\'' | b'\\'));
    let whole_line = folded.ends_with("cookie") || folded.ends_with("authorization");
    let end = if value > quoted_from {
        quoted_end(text, value)
    } else if whole_line {
        run(text, value, |byte| !matches!(byte, b'\r' | b'\n' | b'"' | b'}'))
    } else {
        value_end(text, value, true)
    };
    let shown = &text[value..end];
    let harmless =
        shown.is_empty() || matches!(shown, "null" | "None" | "true" | "false") || is_marked(text, value, end);
    (!harmless).then(|| secret(value..end))
}

/// The value is a mark already (one without quotes seems to end at the mark's blank).
fn is_marked(text: &str, value: usize, end: usize) -> bool {
    mark_end(text, value).is_some_and(|marked| marked >= end)
}

fn secret(range: Range<usize>) -> Finding {
    Finding { kind: PrivateKind::Token, range }
}

fn quoted_end(text: &str, at: usize) -> usize {
    run(text, at, |byte| !matches!(byte, b'"' | b'\'' | b'\\' | b'\n'))
}

fn value_end(text: &str, at: usize, stop_at_comma: bool) -> usize {
    run(text, at, |byte| {
        let closes = matches!(byte, b'"' | b'\'' | b'&' | b';' | b'}' | b']' | b')' | b'>');
        !(byte.is_ascii_whitespace() || closes || stop_at_comma && byte == b',')
    })
}

/// A JSON web token, or any long text of mixed letters and digits.
fn opaque_token(text: &str, at: usize) -> Option<Finding> {
    let end = run(text, at, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+' | b'='));
    let word = &text[at..end];
    if word.starts_with("eyJ") && word.len() > 8 {
        let whole = run(text, at, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'='));
        return Some(secret(at..whole));
    }
    let has = |test: fn(&u8) -> bool| word.bytes().any(|byte| test(&byte));
    let hexadecimal = word.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    let mixed = has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit);
    (word.len() >= OPAQUE && mixed && !hexadecimal).then(|| secret(at..end))
}

fn email(text: &str, at: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let local = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'+' | b'%');
    let sign = run(text, at, local);
    if sign == at || bytes.get(sign) != Some(&b'@') {
        return None;
    }
    let mut end = run(text, sign + 1, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    while matches!(bytes[end - 1], b'.' | b'-') {
        end -= 1;
    }
    let domain = text.get(sign + 1..end)?;
    // `user@host` without a dot is more often a process or a version than a person.
    domain.contains('.').then_some(Finding { kind: PrivateKind::Email, range: at..end })
}

/// `+` with 7 to 15 digits (E.164), separators allowed; or 9 to 15 digits in
/// one piece that do not look like a time in seconds or milliseconds.
fn phone(text: &str, at: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let before = at.checked_sub(1).map(|before| bytes[before]);
    if before.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_')) {
        return None;
    }
    let found = |end| Some(Finding { kind: PrivateKind::Phone, range: at..end });
    if text[at..].starts_with('+') || text[at..].starts_with("%2B") {
        let start = at + if bytes[at] == b'+' { 1 } else { 3 };
        let mut end = start;
        let mut digits = 0;
        let mut next = start;
        while next < bytes.len() && digits < 15 {
            match bytes[next] {
                b'0'..=b'9' => {
                    digits += 1;
                    end = next + 1;
                }
                b' ' | b'-' | b'(' | b')' | b'.' => {}
                _ => break,
            }
            next += 1;
        }
        return if digits >= 7 { found(end) } else { None };
    }
    let end = run(text, at, |byte| byte.is_ascii_digit());
    let digits = &text[at..end];
    // Part of an identifier, a decimal fraction, a dated name or an address.
    let part = |byte: Option<u8>| byte.is_some_and(|byte| is_word(byte) || matches!(byte, b'.' | b'/'));
    if !(9..=15).contains(&digits.len()) || part(before) || bytes.get(end).is_some_and(|byte| is_word(*byte)) {
        return None;
    }
    // No number plan has area codes that begin with 1, but all times from 2020 to 2033 do.
    let time = match digits.len() {
        10 => {
            digits.starts_with("16") || digits.starts_with("17") || digits.starts_with("18") || digits.starts_with("19")
        }
        13 => digits.starts_with('1'),
        _ => false,
    };
    if time { None } else { found(end) }
}

/// Writes redacted text to the writer below. Give it whole lines: what is
/// split over two writes is not recognised. `tracing_subscriber`'s layers
/// write each event at once: `.with_writer(move || Redacting::new(file.clone()))`.
#[derive(Debug)]
pub struct Redacting<W> {
    below: W,
}

impl<W> Redacting<W> {
    /// On top of `below`.
    pub fn new(below: W) -> Self {
        Self { below }
    }
}

impl<W: io::Write> io::Write for Redacting<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.below.write_all(redact(&String::from_utf8_lossy(bytes)).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.below.flush()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::io::Write as _;

    use proptest::prelude::*;

    use super::*;

    const OPAQUE_EXAMPLE: &str = "Zm9vYmFyMTIzNDU2Nzg5MFRoaXNJc0FUb2tlbg";

    #[test]
    fn secrets_people_and_numbers_are_replaced() {
        let cases = [
            ("calling +12025550123 now", "calling [number] now"),
            ("calling +1 (202) 555-0123.", "calling [number]."),
            ("sip:+442071838750@example", "sip:[number]@example"),
            ("from 2025550123", "from [number]"),
            ("to=%2B12025550123&x=1", "to=[number]&x=1"),
            ("mail agent.one@example.com, please", "mail [email], please"),
            ("Authorization: Bearer abcdefgh12345", "Authorization: [secret]"),
            ("got Bearer abcdefgh12345", "got Bearer [secret]"),
            ("wss://h.example/x?authToken=abc123&v=1", "wss://h.example/x?authToken=[secret]&v=1"),
            ("X-Amz-Signature=deadbeef&a", "X-Amz-Signature=[secret]&a"),
            (r#"{"password":"hunter 2","a":1}"#, r#"{"password":"[secret]","a":1}"#),
            (r#"{\"refresh_token\":\"abc\"}"#, r#"{\"refresh_token\":\"[secret]\"}"#),
            ("Cookie: lily-auth=abc; other=def", "Cookie: [secret]"),
            ("saw eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.c2ln end", "saw [secret] end"),
        ];
        for (text, clean) in cases {
            assert_eq!(redact(text), clean, "private parts of {text:?} are hidden, the rest stays");
        }
        assert_eq!(redact(&format!("id {OPAQUE_EXAMPLE} x")), "id [secret] x", "long opaque texts count as tokens");
    }

    #[test]
    fn what_a_reader_of_the_log_needs_stays() {
        for text in [
            "2026-11-21T10:00:00.123456Z INFO trunkline_net::websocket: dialling",
            "contact 3c0f2a1e-9d7b-4c55-8a43-0b2f6c1d9e77 is connected",
            "arn:aws:connect:eu-central-1:instance/3c0f2a1e-9d7b-4c55-8a43-0b2f6c1d9e77",
            "since=1795267200123 seconds=1795267200",
            "took 12.345678901 ms, 1048576 bytes, port 54321",
            "token: null, secret=None, the token is fresh",
            "trunkline_vault::secret::Kind, a basic idea",
            "v1.2.3 at 127.0.0.1:8080",
        ] {
            assert_eq!(redact(text), text, "nothing here is private");
        }
    }

    #[test]
    fn a_writer_redacts_each_line() {
        let mut sink = Vec::new();
        {
            let mut writer = Redacting::new(&mut sink);
            writer.write_all("token=abc Grüße\n".as_bytes()).unwrap();
            writer.flush().unwrap();
        }
        assert_eq!(String::from_utf8(sink).unwrap(), "token=[secret] Grüße\n", "the line reaches the writer clean");
    }

    #[test]
    fn a_digest_stands_in_the_mark_and_is_never_taken_for_something_private_again() {
        let digest = |_: PrivateKind, value: &str| format!("{:08x}", value.len());
        for (text, clean) in [
            ("calling +12025550123 now", "calling [number 0000000c] now"),
            ("token=abc&x=1", "token=[secret 00000003]&x=1"),
            (r#"{"password":"hunter 2","a":1}"#, r#"{"password":"[secret 00000008]","a":1}"#),
            ("Cookie: lily-auth=abc; other=def", "Cookie: [secret 00000018]"),
            ("mail agent.one@example.com", "mail [email 00000015]"),
        ] {
            let once = redact_with(text, digest);
            assert_eq!(once, clean, "{text}");
            assert_eq!(redact_with(&once, |_, _| "ffffffff".to_owned()), once, "a mark is left as it is");
        }
        assert_eq!(redact_with("token=abc", |_, value| value.to_owned()), "token=[secret]", "no digest, no value");
        assert_eq!(redact("token=[secret was here"), "token=[secret] was here", "only a whole mark is one");
        assert!(is_secret_name("X-Amz-Security-Token") && !is_secret_name("token_age"), "by the end of the name");
    }

    proptest! {
        #[test]
        fn any_text_is_taken_and_a_clean_text_stays_clean(text in any::<String>()) {
            let once = redact(&text);
            let twice = redact(&once);
            prop_assert_eq!(twice, once);
        }

        #[test]
        fn a_number_never_survives(before in "[ a-z:=,({\"]{0,12}", digits in "[2-9][0-9]{9,11}", after in "[ ,;)}\"]{0,4}") {
            let number = format!("+{digits}");
            let clean = redact(&format!("{before} {number}{after}"));
            prop_assert!(!clean.contains(&digits), "{}", clean);
        }
    }
}
