//! Session descriptions: what is changed in the copy of the offer that is sent,
//! and what is made of an answer. Pure functions over text, with golden files.
//!
//! The offer is never changed before it is set as the local description: the
//! WebRTC crate refuses a text other than the one that it made. Only the copy
//! that travels is rewritten, the way Amazon's own client does it
//! (docs/connectors/amazon-connect-softphone.md, section 7).

use std::collections::HashSet;
use std::fmt::Write as _;

use trunkline_connector::ports::CandidateInit;
use trunkline_model::MediaFailure;

/// Parameters of Opus that the sent offer states. 20 ms packets, redundancy for
/// lost packets, no discontinuous transmission (it costs quality).
const OPUS_PARAMETERS: &str = "minptime=20;useinbandfec=1;usedtx=0";

/// The copy of the offer that is sent: no candidates in the text (they travel
/// beside it), Opus parameters right after its `rtpmap`, packet time at the end.
pub fn sent_offer(local: &str) -> String {
    let opus = lines(local).find_map(|line| {
        let (payload_type, codec) = line.strip_prefix("a=rtpmap:")?.split_once(' ')?;
        codec.to_ascii_lowercase().starts_with("opus/").then(|| payload_type.to_owned())
    });
    let mut sent = String::with_capacity(local.len() + 128);
    for line in lines(local) {
        if line.starts_with("a=candidate:") || line.starts_with("a=end-of-candidates") {
            continue;
        }
        if line.starts_with("a=ptime:") || line.starts_with("a=maxptime:") {
            continue;
        }
        if let Some(opus) = &opus {
            if line.starts_with(&format!("a=fmtp:{opus} ")) {
                continue;
            }
            if line.starts_with(&format!("a=rtpmap:{opus} ")) {
                let _ = write!(sent, "{line}\r\na=fmtp:{opus} {OPUS_PARAMETERS}\r\n");
                continue;
            }
        }
        sent.push_str(line);
        sent.push_str("\r\n");
    }
    sent.push_str("a=ptime:20\r\na=maxptime:20\r\n");
    sent
}

/// The relay candidates of component 1 in an offer's text, in their JSON form,
/// without those of `known_ports`: after an ICE restart the text still lists
/// the candidates of the generation before, and only the port tells them apart.
pub fn relay_candidates(local: &str, known_ports: &HashSet<u16>) -> Vec<CandidateInit> {
    let fragment = attribute(local, "ice-ufrag").map(str::to_owned);
    let mut seen = HashSet::new();
    lines(local)
        .filter_map(|line| line.strip_prefix("a="))
        .filter(|text| text.starts_with("candidate:"))
        .filter_map(|text| Some((text, Candidate::parse(text)?)))
        .filter(|(_, candidate)| candidate.component == 1 && candidate.kind == "relay")
        .filter(|(_, candidate)| !known_ports.contains(&candidate.port))
        .filter(|(_, candidate)| seen.insert((candidate.address.to_owned(), candidate.port)))
        .map(|(text, _)| CandidateInit {
            candidate: without_local_address(text.trim_end()),
            sdp_mid: Some("0".to_owned()),
            sdp_m_line_index: Some(0),
            username_fragment: fragment.clone(),
        })
        .collect()
}

/// The related address of a relay candidate is this computer's own; browsers
/// with a relay-only policy write zeros there, and so do we.
fn without_local_address(candidate: &str) -> String {
    let mut words: Vec<&str> = candidate.split_ascii_whitespace().collect();
    for (name, zero) in [("raddr", "0.0.0.0"), ("rport", "0")] {
        if let Some(at) = words.iter().position(|word| *word == name)
            && let Some(value) = words.get_mut(at + 1)
        {
            *value = zero;
        }
    }
    words.join(" ")
}

/// The port of a candidate in its JSON form.
pub fn candidate_port(candidate: &CandidateInit) -> Option<u16> {
    Candidate::parse(&candidate.candidate).map(|parsed| parsed.port)
}

/// The type of a candidate: `host`, `srflx`, `prflx` or `relay`.
pub fn candidate_kind(candidate: &str) -> Option<&str> {
    Candidate::parse(candidate).map(|parsed| parsed.kind)
}

/// An answer that can be applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its text in the form that our own offer asks for: CRLF, `a=mid:0`, a
    /// definite DTLS role, no candidates.
    pub sdp: String,
    /// The peer's candidates, from the list and from the text, each once:
    /// `candidate:...` of component 1 over UDP with a plain address.
    pub candidates: Vec<String>,
}

impl Answer {
    /// Reads an answer leniently. The service's real answers are not published,
    /// so anything that can be understood is.
    ///
    /// # Errors
    /// [`MediaFailure::InvalidRemoteDescription`] for an empty text or one
    /// without an accepted audio section, ICE credentials and fingerprint;
    /// [`MediaFailure::NoRemoteCandidate`] when neither the list nor the text
    /// holds a usable candidate.
    pub fn parse(text: &str, listed: &[CandidateInit]) -> Result<Self, MediaFailure> {
        let text = unescaped(text);
        let all: Vec<&str> = lines(&text).collect();
        if !all.iter().any(|line| line.starts_with("v=")) {
            return Err(MediaFailure::InvalidRemoteDescription);
        }
        let audio = all.iter().find(|line| line.starts_with("m=audio ")).copied();
        let port = audio.and_then(|line| line.split(' ').nth(1));
        let usable = port.is_some_and(|port| port != "0")
            && attribute(&text, "ice-ufrag").is_some()
            && attribute(&text, "ice-pwd").is_some()
            && attribute(&text, "fingerprint").is_some();
        if !usable {
            return Err(MediaFailure::InvalidRemoteDescription);
        }
        let candidates = usable_candidates(&all, listed);
        if candidates.is_empty() {
            return Err(MediaFailure::NoRemoteCandidate);
        }
        Ok(Self { sdp: normalised(&all), candidates })
    }
}

fn usable_candidates(all: &[&str], listed: &[CandidateInit]) -> Vec<String> {
    let in_text = all.iter().filter_map(|line| line.strip_prefix("a=")).filter(|a| a.starts_with("candidate:"));
    // The index of the media section decides before its name, and one that names another section
    // than our only one cannot be for us. A name alone decides nothing: it may be `audio` or `0`.
    let in_list = listed
        .iter()
        .filter(|candidate| candidate.sdp_m_line_index.unwrap_or(0) == 0)
        .map(|candidate| candidate.candidate.as_str());
    let mut seen = HashSet::new();
    let mut usable = Vec::new();
    for text in in_list.chain(in_text) {
        let text = text.trim();
        let text = text.strip_prefix("a=").unwrap_or(text);
        let text = if text.starts_with("candidate:") { text.to_owned() } else { format!("candidate:{text}") };
        let Some(parsed) = Candidate::parse(&text) else { continue };
        // Names of local machines (mDNS) are unknown to a relay; TCP candidates are out of reach for it.
        let reachable = parsed.component == 1
            && parsed.transport.eq_ignore_ascii_case("udp")
            && !parsed.address.ends_with(".local");
        if !reachable {
            tracing::debug!(kind = parsed.kind, "left out a candidate that the relay cannot reach");
            continue;
        }
        if seen.insert((parsed.address.to_owned(), parsed.port)) {
            usable.push(text);
        }
    }
    usable
}

fn normalised(all: &[&str]) -> String {
    let mut sdp = String::new();
    let mut in_media = false;
    let mut media = MediaSection::default();
    let session_setup =
        all.iter().take_while(|line| !line.starts_with("m=")).find_map(|line| line.strip_prefix("a=setup:")).map(role);
    for line in all {
        if line.starts_with("m=") {
            if in_media {
                break;
            }
            in_media = true;
        }
        if line.starts_with("a=candidate:") || line.starts_with("a=end-of-candidates") {
            continue;
        }
        if let Some(asked) = line.strip_prefix("a=setup:") {
            media.setup = true;
            let _ = write!(sdp, "a=setup:{}\r\n", role(asked));
            continue;
        }
        if line.starts_with("a=mid:") {
            continue;
        }
        // The group names the section, which is renamed below.
        if line.starts_with("a=group:BUNDLE") {
            sdp.push_str("a=group:BUNDLE 0\r\n");
            continue;
        }
        media.rtcp_mux |= in_media && *line == "a=rtcp-mux";
        sdp.push_str(line);
        sdp.push_str("\r\n");
    }
    sdp.push_str("a=mid:0\r\n");
    if !media.setup && session_setup.is_none() {
        sdp.push_str("a=setup:active\r\n");
    }
    if !media.rtcp_mux {
        sdp.push_str("a=rtcp-mux\r\n");
    }
    sdp
}

#[derive(Default)]
struct MediaSection {
    setup: bool,
    rtcp_mux: bool,
}

/// `actpass` is not an answer; a peer that writes it leaves the choice to us,
/// and the usual one is that the answerer opens the connection.
fn role(asked: &str) -> &'static str {
    if asked.trim().eq_ignore_ascii_case("passive") { "passive" } else { "active" }
}

/// Some senders escape a text twice, so that line ends come as backslashes and letters.
fn unescaped(text: &str) -> String {
    if text.contains('\n') || text.contains('\r') {
        text.to_owned()
    } else {
        text.replace("\\r\\n", "\r\n").replace("\\n", "\n")
    }
}

/// Lines whatever their ends are, without empty ones and without blanks at the end.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split(['\r', '\n']).map(str::trim_end).filter(|line| !line.trim().is_empty())
}

fn attribute<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    lines(text).find_map(|line| line.strip_prefix("a=")?.strip_prefix(name)?.strip_prefix(':')).map(str::trim)
}

/// The parts of a candidate line that we look at (RFC 8839, section 5.1).
struct Candidate<'a> {
    component: u16,
    transport: &'a str,
    address: &'a str,
    port: u16,
    kind: &'a str,
}

impl<'a> Candidate<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let mut words = text.strip_prefix("candidate:")?.split_ascii_whitespace();
        let _foundation = words.next()?;
        let component = words.next()?.parse().ok()?;
        let transport = words.next()?;
        let _priority: u32 = words.next()?.parse().ok()?;
        let address = words.next()?;
        let port = words.next()?.parse().ok()?;
        let kind = (words.next()? == "typ").then(|| words.next()).flatten()?;
        Some(Self { component, transport, address, port, kind })
    }
}

#[cfg(test)]
#[path = "sdp_tests.rs"]
mod tests;
