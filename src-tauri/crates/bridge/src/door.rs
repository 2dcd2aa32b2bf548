//! Who may come in.

use axum::http::HeaderMap;
use axum::http::header::ORIGIN;

/// No origin (not a browser), or a page that a server on this computer gave.
/// `null` is the origin of a sandboxed frame or a file: anybody's.
pub(crate) fn is_from_here(headers: &HeaderMap) -> bool {
    let mut origins = headers.get_all(ORIGIN).iter();
    let Some(origin) = origins.next() else { return true };
    origins.next().is_none() && origin.to_str().is_ok_and(is_loopback)
}

fn is_loopback(origin: &str) -> bool {
    let Some(rest) = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://")) else { return false };
    ["127.0.0.1", "localhost", "[::1]"].iter().any(|host| {
        rest.strip_prefix(host).is_some_and(|port| {
            port.is_empty() || port.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok())
        })
    })
}

/// Compares in a time that does not tell how much of it was right.
pub(crate) fn same_secret(given: &str, wanted: &str) -> bool {
    let (given, wanted) = (given.as_bytes(), wanted.as_bytes());
    // The length is public: every token has the same one.
    given.len() == wanted.len()
        && given.iter().zip(wanted).fold(0_u8, |different, (a, b)| std::hint::black_box(different | (a ^ b))) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_of_this_computer_only() {
        for good in ["http://127.0.0.1:5173", "http://localhost:1", "http://[::1]:80", "https://localhost"] {
            assert!(is_loopback(good), "{good} is here");
        }
        for bad in [
            "null",
            "",
            "http://example.com",
            "http://127.0.0.1.example.com",
            "http://localhost.example.com:80",
            "http://127.0.0.1:80@example.com",
            "file://",
            "http://localhost:",
            "http://10.0.0.1",
        ] {
            assert!(!is_loopback(bad), "{bad} is elsewhere");
        }
    }

    #[test]
    fn secrets_are_the_same_only_when_whole() {
        assert!(same_secret("abc", "abc"), "the same");
        for other in ["", "ab", "abcd", "abd", "Abc"] {
            assert!(!same_secret(other, "abc"), "{other:?} is not");
        }
    }
}
