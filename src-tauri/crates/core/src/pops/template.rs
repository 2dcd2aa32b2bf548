//! From the template of an address to an address that may be opened.
//!
//! The template is the agent's or the administrator's; the values come from
//! outside and are hostile. So scheme and host stand in the template itself,
//! each value is percent-encoded to the last character that could mean
//! anything in an address, and what comes out is looked at once more.

use std::fmt::Write as _;

use url::Url;

/// Longest template and address, bytes: what browsers take.
const LONGEST: usize = 8 << 10;

/// Why an address cannot be opened, or not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// Not an address, or its brackets do not pair.
    Malformed,
    /// Scheme other than `https` (or `http`, where that is allowed).
    NotHttps,
    /// A place-holder stands before the first `/` behind the host.
    HostNotFixed,
    /// The host is not on the list.
    DomainNotAllowed(String),
    /// The contact has no such value, or it is empty.
    Missing(String),
    /// A value would lead to another page of the site.
    OtherPage,
    /// Too long for a browser.
    TooLong,
    /// No browser could be started.
    NoBrowser,
    /// It could not be written down that it was opened, so it was not.
    NotKept,
}

impl Flaw {
    /// Last part of the message keys.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::NotHttps => "not_https",
            Self::HostNotFixed => "host_not_fixed",
            Self::DomainNotAllowed(_) => "domain_not_allowed",
            Self::Missing(_) => "missing",
            Self::OtherPage => "other_page",
            Self::TooLong => "too_long",
            Self::NoBrowser => "no_browser",
            Self::NotKept => "not_kept",
        }
    }

    /// Field or host it is about.
    pub(crate) fn about(&self) -> Option<&str> {
        match self {
            Self::DomainNotAllowed(about) | Self::Missing(about) => Some(about),
            _ => None,
        }
    }
}

/// What may be opened.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rules {
    /// Hosts, `*.` in front for everything below; empty: any.
    pub(crate) domains: Vec<String>,
    /// `http`, too.
    pub(crate) http: bool,
}

impl Rules {
    fn allow(&self, host: &str) -> bool {
        let allowed = |rule: &String| {
            let rule = rule.trim();
            match rule.strip_prefix("*.") {
                Some(above) => domain(above).is_some_and(|above| {
                    host.strip_suffix(above.as_str()).is_some_and(|below| below.len() > 1 && below.ends_with('.'))
                }),
                None => domain(rule).is_some_and(|rule| rule == host),
            }
        };
        self.domains.is_empty() || self.domains.iter().any(allowed)
    }
}

/// A host as addresses have it; `None` when it is none.
pub(crate) fn domain(written: &str) -> Option<String> {
    let written = written.trim();
    if written.is_empty() || written.contains(['/', '?', '#', '@', '\\', ':']) {
        return None;
    }
    let address = Url::parse(&format!("https://{written}/")).ok()?;
    address.host_str().map(bare)
}

fn bare(host: &str) -> String {
    host.strip_suffix('.').unwrap_or(host).to_owned()
}

enum Part {
    Words(String),
    Field(String),
}

/// A template that is in order and may be opened.
pub(crate) struct Template {
    parts: Vec<Part>,
    /// Scheme, host and port, and nothing else.
    origin: Url,
}

impl Template {
    pub(crate) fn parse(written: &str, rules: &Rules) -> Result<Self, Flaw> {
        let written = written.trim();
        if written.len() > LONGEST {
            return Err(Flaw::TooLong);
        }
        let parts = parts(written)?;
        let origin = origin(written)?;
        let https = origin.scheme() == "https" || rules.http && origin.scheme() == "http";
        if !https {
            return Err(Flaw::NotHttps);
        }
        let host = origin.host_str().map(bare).filter(|host| !host.is_empty()).ok_or(Flaw::Malformed)?;
        if !origin.username().is_empty() || origin.password().is_some() {
            return Err(Flaw::Malformed);
        }
        if !rules.allow(&host) {
            return Err(Flaw::DomainNotAllowed(host));
        }
        let template = Self { parts, origin };
        // Dots of the template's own: with harmless values it must stand.
        template.fill(|_| Some("x".to_owned())).map_err(|flaw| match flaw {
            Flaw::OtherPage => Flaw::Malformed,
            other => other,
        })?;
        Ok(template)
    }

    /// Names of the place-holders, in order, each once.
    pub(crate) fn fields(&self) -> Vec<&str> {
        let mut fields: Vec<&str> = Vec::new();
        for part in &self.parts {
            if let Part::Field(name) = part
                && !fields.contains(&name.as_str())
            {
                fields.push(name);
            }
        }
        fields
    }

    /// The address with the values that `value` gives by name.
    pub(crate) fn fill(&self, value: impl Fn(&str) -> Option<String>) -> Result<Url, Flaw> {
        let mut filled = String::new();
        for part in &self.parts {
            match part {
                Part::Words(words) => filled.push_str(words),
                Part::Field(name) => {
                    let value = value(name).unwrap_or_default();
                    let value = value.trim();
                    if value.is_empty() {
                        return Err(Flaw::Missing(name.clone()));
                    }
                    encode(value, &mut filled);
                }
            }
            if filled.len() > LONGEST {
                return Err(Flaw::TooLong);
            }
        }
        if climbs(&filled) {
            return Err(Flaw::OtherPage);
        }
        let address = Url::parse(&filled).map_err(|_| Flaw::Malformed)?;
        // Cannot happen, and nothing must be opened if it did.
        let same = address.scheme() == self.origin.scheme()
            && address.host_str() == self.origin.host_str()
            && address.port() == self.origin.port()
            && address.username().is_empty()
            && address.password().is_none();
        if same { Ok(address) } else { Err(Flaw::Malformed) }
    }
}

fn parts(written: &str) -> Result<Vec<Part>, Flaw> {
    let mut parts = Vec::new();
    let mut rest = written;
    while let Some((words, after)) = rest.split_once("{{") {
        let (name, after) = after.split_once("}}").ok_or(Flaw::Malformed)?;
        let name = name.trim();
        if name.is_empty() || name.contains(['{', '}']) || !is_plain(words) {
            return Err(Flaw::Malformed);
        }
        parts.push(Part::Words(words.to_owned()));
        parts.push(Part::Field(name.to_owned()));
        rest = after;
    }
    if !is_plain(rest) {
        return Err(Flaw::Malformed);
    }
    parts.push(Part::Words(rest.to_owned()));
    Ok(parts)
}

/// Nothing that parsers of addresses skip, or read as something else (`\` as `/`).
fn is_plain(words: &str) -> bool {
    !words.contains(|c: char| c.is_control() || c.is_whitespace() || matches!(c, '{' | '}' | '\\'))
}

/// Scheme and host, which must be whole before the first place-holder.
fn origin(written: &str) -> Result<Url, Flaw> {
    let literal = written.split_once("{{").map_or(written, |(literal, _)| literal);
    let whole = literal.len() == written.len();
    let Some((scheme, after)) = literal.split_once("://") else {
        return Err(if whole { Flaw::Malformed } else { Flaw::HostNotFixed });
    };
    let end = match after.find(['/', '?', '#']) {
        Some(end) => end,
        None if whole => after.len(),
        None => return Err(Flaw::HostNotFixed),
    };
    Url::parse(&format!("{scheme}://{}/", &after[..end])).map_err(|_| Flaw::Malformed)
}

/// Only what means nothing in an address stays as it is.
fn encode(value: &str, into: &mut String) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            into.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(into, "%{byte:02X}");
        }
    }
}

/// A step of the path is `.` or `..`, which browsers resolve, encoded or not.
fn climbs(address: &str) -> bool {
    let after = address.split_once("://").map_or(address, |(_, after)| after);
    let path = after.split(['?', '#']).next().unwrap_or_default();
    path.split('/').skip(1).any(|step| {
        let step = step.to_ascii_lowercase().replace("%2e", ".");
        step == "." || step == ".."
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    fn rules(domains: &[&str]) -> Rules {
        Rules { domains: domains.iter().map(|&domain| domain.to_owned()).collect(), http: false }
    }

    fn flaw(written: &str, rules: &Rules) -> Option<Flaw> {
        Template::parse(written, rules).err()
    }

    fn filled(written: &str, value: &str) -> Result<String, Flaw> {
        Template::parse(written, &Rules::default())?.fill(|_| Some(value.to_owned())).map(Url::into)
    }

    /// Values that mean something to whoever does not encode them.
    const HOSTILE: [&str; 16] = [
        "@evil.example",
        "/../../evil",
        "//evil.example/",
        "\\evil.example",
        "?a=b&admin=true",
        "#fragment",
        "javascript:alert(1)",
        "https://evil.example",
        "%2e%2e%2f",
        "a b\tc\r\nHost: evil",
        "\u{0}\u{7f}",
        "<script>\"'`",
        "{{customer.name}}",
        "ü\u{202e}\u{1f600}",
        ":8080",
        ";$(reboot)|`id`",
    ];

    #[test]
    fn no_value_changes_scheme_host_port_or_the_shape_of_the_address() {
        for value in HOSTILE {
            for (template, path_steps) in [
                ("https://crm.example/search?phone={{x}}", 1),
                ("https://crm.example:8443/people/{{x}}/cases", 3),
                ("https://crm.example/?a={{x}}&b={{x}}#{{x}}", 1),
                ("https://crm.example?{{x}}", 1),
            ] {
                let address = Url::parse(&filled(template, value).unwrap()).unwrap();
                assert_eq!(address.scheme(), "https", "{value:?} in {template}");
                assert_eq!(address.host_str(), Some("crm.example"), "{value:?} in {template}");
                assert_eq!(address.port(), template.contains("8443").then_some(8443), "{value:?} in {template}");
                assert_eq!(address.path_segments().unwrap().count(), path_steps, "{value:?} adds no step: {address}");
                let pairs = address.query().map_or(0, |query| query.split('&').count());
                let meant = template.split_once('?').map_or(0, |(_, query)| query.split('&').count());
                assert_eq!(pairs, meant, "{value:?} adds no parameter: {address}");
            }
        }
    }

    #[test]
    fn a_value_arrives_whole() {
        for value in HOSTILE {
            let address = Url::parse(&filled("https://crm.example/?q={{x}}", value).unwrap()).unwrap();
            let (_, arrived) = address.query_pairs().next().unwrap();
            assert_eq!(arrived, value.trim(), "the site gets what the contact has");
        }
    }

    #[test]
    fn a_value_cannot_climb_out_of_the_path() {
        for value in [".", "..", " .. "] {
            assert_eq!(filled("https://crm.example/a/{{x}}/b", value), Err(Flaw::OtherPage), "{value:?}");
            assert!(filled("https://crm.example/a?x={{x}}", value).is_ok(), "in the query {value:?} is only text");
        }
        assert_eq!(filled("https://crm.example/a/.{{x}}", "."), Err(Flaw::OtherPage), "nor together with the template");
        assert_eq!(filled("https://crm.example/a/%2e{{x}}", "."), Err(Flaw::OtherPage), "nor with an encoded dot");
        assert_eq!(flaw("https://crm.example/../{{x}}", &Rules::default()), Some(Flaw::Malformed), "a template's own");
    }

    #[test]
    fn the_host_must_be_literal_and_the_scheme_https() {
        for bad in [
            "https://{{x}}/",
            "https://{{x}}.example/",
            "https://crm.{{x}}/",
            "https://crm.example{{x}}/",
            "https://crm.example:{{x}}/",
            "https://user{{x}}@crm.example/",
            "{{x}}",
            "{{x}}://crm.example/",
            "http{{x}}://crm.example/",
        ] {
            assert_eq!(flaw(bad, &Rules::default()), Some(Flaw::HostNotFixed), "{bad}");
        }
        let with_http = Rules { http: true, ..Rules::default() };
        for bad in ["http://crm.example/", "ftp://crm.example/", "file:///etc/passwd", "data://text/html,x"] {
            let flaw = flaw(bad, &Rules::default());
            assert!(matches!(flaw, Some(Flaw::NotHttps | Flaw::Malformed)), "{bad}: {flaw:?}");
        }
        assert_eq!(flaw("http://crm.example/", &Rules::default()), Some(Flaw::NotHttps), "by default");
        assert_eq!(flaw("http://crm.example/", &with_http), None, "unless it is allowed");
        assert_eq!(flaw("ftp://crm.example/", &with_http), Some(Flaw::NotHttps), "which is for http alone");
    }

    #[test]
    fn what_is_no_address_is_malformed() {
        for bad in [
            "",
            "crm.example",
            "javascript:alert(1)",
            "https://",
            "https://crm.example/{{x",
            "https://crm.example/x}}",
            "https://crm.example/{{}}",
            "https://crm.example/{{ }}",
            "https://crm.example/{{a{{b}}}}",
            "https://crm.example\\@evil.example/",
            "https://bank.example@evil.example/",
            "https://crm.exa\tmple/",
            "https://crm.example/a b",
        ] {
            assert_eq!(flaw(bad, &Rules::default()), Some(Flaw::Malformed), "{bad:?}");
        }
        let long = format!("https://crm.example/{}", "a".repeat(LONGEST));
        assert_eq!(flaw(&long, &Rules::default()), Some(Flaw::TooLong));
        assert_eq!(filled("https://crm.example/{{x}}", &"ü".repeat(3_000)), Err(Flaw::TooLong), "once filled, too");
    }

    #[test]
    fn only_listed_domains_are_opened() {
        let listed = rules(&["CRM.example", "*.tools.example", "bücher.example"]);
        for fine in [
            "https://crm.example/",
            "https://crm.example./",
            "https://wiki.tools.example/",
            "https://a.b.tools.example:8443/",
            "https://xn--bcher-kva.example/",
            "https://BÜCHER.example/",
        ] {
            assert_eq!(flaw(fine, &listed), None, "{fine}");
        }
        for (bad, host) in [
            ("https://evilcrm.example/", "evilcrm.example"),
            ("https://crm.example.evil/", "crm.example.evil"),
            ("https://sub.crm.example/", "sub.crm.example"),
            ("https://tools.example/", "tools.example"),
            ("https://eviltools.example/", "eviltools.example"),
            ("https://127.0.0.1/", "127.0.0.1"),
        ] {
            assert_eq!(flaw(bad, &listed), Some(Flaw::DomainNotAllowed(host.to_owned())), "{bad}");
        }
        assert!(!rules(&["", "*."]).allow("crm.example"), "a rule that is none allows nothing");
    }

    #[test]
    fn a_missing_or_empty_value_is_named() {
        let template = Template::parse("https://crm.example/?a={{CaseId}}&b={{ customer.name }}", &Rules::default());
        let template = template.unwrap();
        assert_eq!(template.fields(), ["CaseId", "customer.name"]);
        let missing = template.fill(|name| (name == "CaseId").then(|| "7".to_owned()));
        assert_eq!(missing, Err(Flaw::Missing("customer.name".to_owned())));
        assert_eq!(
            template.fill(|_| Some(" \n".to_owned())),
            Err(Flaw::Missing("CaseId".to_owned())),
            "blanks are none"
        );
    }
}
