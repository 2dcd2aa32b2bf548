//! Addresses that somebody wrote, on their way to the system's browser.

use url::Url;

/// Longest address opened, bytes: what browsers take.
const LONGEST: usize = 8 << 10;

/// The address as it may be opened. `None`: not of the web, or made to look
/// like another one (`https://bank.example@elsewhere.example`).
pub(crate) fn web_address(written: &str) -> Option<Url> {
    if written.len() > LONGEST {
        return None;
    }
    let address = Url::parse(written.trim()).ok()?;
    let of_the_web = matches!(address.scheme(), "http" | "https") && address.has_host();
    let plain = address.username().is_empty() && address.password().is_none();
    (of_the_web && plain).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_addresses_of_the_web_are_opened() {
        for fine in ["https://example.com/a?b=c#d", " http://example.com ", "https://127.0.0.1:8080/"] {
            assert!(web_address(fine).is_some(), "{fine} is a web address");
        }
        for bad in [
            "javascript:alert(1)",
            "file:///etc/passwd",
            "ftp://example.com/",
            "smb://example.com/share",
            "https://bank.example@elsewhere.example/",
            "https://user:word@example.com/",
            "example.com",
            "--help",
            "",
        ] {
            assert_eq!(web_address(bad), None, "{bad} is not opened");
        }
        assert_eq!(web_address(&format!("https://example.com/{}", "a".repeat(9_000))), None, "nor is an endless one");
    }
}
