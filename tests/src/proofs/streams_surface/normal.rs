//! Makes two recordings comparable: names for ids, one word for addresses.

use crate::proofs::streams_crosscheck::compare::Record;
use crate::proofs::streams_crosscheck::seat::Names;

/// Groups of hexadecimal digits in an id of the platform's.
const GROUPS: [usize; 5] = [8, 4, 4, 4, 12];

/// The records with the script's names, no other ids, and no addresses of this run.
pub fn normal(records: &[Record], names: &Names, platform: &str) -> Vec<Record> {
    let worded = |text: &str| {
        let host = platform.trim_start_matches("http://");
        let mut text = text.replace(platform, "PLATFORM").replace(host, "PLATFORM");
        for (id, name) in names.all() {
            text = text.replace(id, name);
        }
        without_ids(&text)
    };
    records.iter().map(|r| Record::new(worded(&r.lane), r.event.clone(), worded(&r.detail))).collect()
}

fn without_ids(text: &str) -> String {
    let mut left = text;
    let mut kept = String::with_capacity(text.len());
    while let Some(first) = left.chars().next() {
        if let Some(rest) = after_id(left) {
            kept.push_str("<id>");
            left = rest;
        } else {
            kept.push(first);
            left = &left[first.len_utf8()..];
        }
    }
    kept
}

/// What follows the id that the text begins with.
fn after_id(text: &str) -> Option<&str> {
    let mut left = text;
    for (number, length) in GROUPS.into_iter().enumerate() {
        if number > 0 {
            left = left.strip_prefix('-')?;
        }
        let group = left.get(..length)?;
        if !group.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        left = &left[length..];
    }
    Some(left)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_ids_get_their_names_and_others_are_only_ids() {
        let mut names = Names::default();
        names.name("11111111-2222-3333-4444-555555555555", "call");
        let told = r#"at http://127.0.0.1:4711: "11111111-2222-3333-4444-555555555555", "aaaaaaaa-2222-3333-4444-555555555555-x ü""#;
        let record = Record::new("a", "b", told);
        let normal = normal(&[record], &names, "http://127.0.0.1:4711");
        assert_eq!(normal[0].detail, r#"at PLATFORM: "call", "<id>-x ü""#, "names first, then the rest");
    }

    #[test]
    fn what_only_looks_like_an_id_stays() {
        for text in ["", "11111111-2222-3333-4444-55555555555", "1111111g-2222-3333-4444-555555555555", "12025550188"] {
            assert_eq!(without_ids(text), text, "no id in {text:?}");
        }
    }
}
