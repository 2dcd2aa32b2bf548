//! Two recordings of the same day, compared event by event, and the kept list
//! of differences that are meant.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use anyhow::{Result, ensure};
use serde::Deserialize;

/// One thing that a client told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// What it belongs to; order counts within a lane.
    pub lane: String,
    /// What happened.
    pub event: String,
    /// To what, or how it is now.
    pub detail: String,
}

impl Record {
    /// One event.
    pub fn new(lane: impl Into<String>, event: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { lane: lane.into(), event: event.into(), detail: detail.into() }
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}  {}", self.event, self.detail)
    }
}

/// Who alone told something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Only {
    /// The vendor's client: we are missing it.
    Vendor,
    /// We: it is too much.
    Ours,
}

/// An event that one of the two told and the other did not, or not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Who told it.
    pub only: Only,
    /// What was told.
    pub record: Record,
    /// What both told last before it in the same lane.
    pub after: Option<Record>,
}

/// What the comparison found.
#[derive(Debug, Default)]
pub struct Comparison {
    /// Events that both told in the same order.
    pub same: usize,
    /// In the order of the lanes.
    pub differences: Vec<Difference>,
}

impl Comparison {
    /// Events compared: a pair counts once.
    pub fn events(&self) -> usize {
        self.same + self.differences.len()
    }
}

/// Compares lane by lane; a swapped pair is one too much and one missing.
pub fn compare(vendor: &[Record], ours: &[Record]) -> Comparison {
    let lanes: BTreeSet<&str> = vendor.iter().chain(ours).map(|record| record.lane.as_str()).collect();
    let mut found = Comparison::default();
    for lane in lanes {
        let of = |records: &[Record]| -> Vec<Record> {
            records.iter().filter(|record| record.lane == lane).cloned().collect()
        };
        align(&of(vendor), &of(ours), &mut found);
    }
    found
}

/// Longest common subsequence: what is not in it is a difference.
fn align(vendor: &[Record], ours: &[Record], found: &mut Comparison) {
    let width = ours.len() + 1;
    // common[v * width + o]: how much the rests from there have in common.
    let mut common = vec![0_usize; (vendor.len() + 1) * width];
    for v in (0..vendor.len()).rev() {
        for o in (0..ours.len()).rev() {
            common[v * width + o] = if vendor[v] == ours[o] {
                common[(v + 1) * width + o + 1] + 1
            } else {
                common[(v + 1) * width + o].max(common[v * width + o + 1])
            };
        }
    }
    let (mut v, mut o) = (0, 0);
    let mut after = None;
    while v < vendor.len() || o < ours.len() {
        if v < vendor.len() && o < ours.len() && vendor[v] == ours[o] {
            after = Some(vendor[v].clone());
            found.same += 1;
            (v, o) = (v + 1, o + 1);
            continue;
        }
        let vendor_next =
            o == ours.len() || (v < vendor.len() && common[(v + 1) * width + o] >= common[v * width + o + 1]);
        let (only, record) = if vendor_next {
            v += 1;
            (Only::Vendor, vendor[v - 1].clone())
        } else {
            o += 1;
            (Only::Ours, ours[o - 1].clone())
        };
        found.differences.push(Difference { only, record, after: after.clone() });
    }
}

/// A difference that is meant, with its reason. `*` stands for any text.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Explanation {
    only: Only,
    lane: String,
    event: String,
    #[serde(default)]
    detail: Option<String>,
    /// How often in the day.
    times: usize,
    /// Why it is meant.
    pub reason: String,
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let who = match self.only {
            Only::Vendor => "vendor",
            Only::Ours => "ours",
        };
        write!(f, "{who} only, {}: {}  {}", self.lane, self.event, self.detail.as_deref().unwrap_or("*"))
    }
}

impl Explanation {
    /// What it speaks of.
    pub fn event(&self) -> &str {
        &self.event
    }

    fn explains(&self, difference: &Difference) -> bool {
        let record = &difference.record;
        self.only == difference.only
            && matches(&self.lane, &record.lane)
            && matches(&self.event, &record.event)
            && self.detail.as_deref().is_none_or(|detail| matches(detail, &record.detail))
    }
}

fn matches(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(text) = text.strip_prefix(head) else {
        return false;
    };
    text.char_indices().map(|(at, _)| at).chain([text.len()]).any(|at| matches(rest, &text[at..]))
}

/// The kept list.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Explanations {
    #[serde(default)]
    difference: Vec<Explanation>,
}

/// What the kept list leaves over.
#[derive(Debug, Default)]
pub struct Verdict {
    /// Nobody has explained them.
    pub unexplained: Vec<Difference>,
    /// Explanations, and how often each was met.
    pub explained: Vec<(Explanation, usize)>,
    /// Explanations that were met more or less often than they say.
    pub stale: Vec<(Explanation, usize)>,
}

impl Explanations {
    /// Reads the kept list.
    pub fn read(text: &str) -> Result<Self> {
        let read: Self = toml::from_str(text)?;
        for one in &read.difference {
            ensure!(one.reason.split_whitespace().count() >= 5, "{one}: a reason is a sentence");
            ensure!(one.times > 0, "{one}: it happens at least once");
        }
        Ok(read)
    }

    /// Puts each difference to the first explanation that fits.
    pub fn judge(&self, comparison: &Comparison) -> Verdict {
        let mut verdict = Verdict::default();
        let mut met: BTreeMap<usize, usize> = BTreeMap::new();
        for difference in &comparison.differences {
            match self.difference.iter().position(|one| one.explains(difference)) {
                Some(one) => *met.entry(one).or_default() += 1,
                None => verdict.unexplained.push(difference.clone()),
            }
        }
        for (number, one) in self.difference.iter().enumerate() {
            let times = met.get(&number).copied().unwrap_or_default();
            let kept = if times == one.times { &mut verdict.explained } else { &mut verdict.stale };
            kept.push((one.clone(), times));
        }
        verdict
    }
}

impl Verdict {
    /// Everything is the same or meant.
    pub fn is_clean(&self) -> bool {
        self.unexplained.is_empty() && self.stale.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(words: &str) -> Vec<Record> {
        words.split_whitespace().map(|word| Record::new("diff", word, "call 1")).collect()
    }

    fn found(vendor: &str, ours: &str) -> Vec<(Only, String)> {
        let comparison = compare(&day(vendor), &day(ours));
        comparison.differences.into_iter().map(|d| (d.only, d.record.event)).collect()
    }

    const DAY: &str = "init connecting connected acw ended destroyed";

    #[test]
    fn equal_days_have_no_difference() {
        let comparison = compare(&day(DAY), &day(DAY));
        assert_eq!((comparison.same, comparison.differences.len()), (6, 0), "all six are the same");
        assert_eq!(comparison.events(), 6);
    }

    #[test]
    fn each_event_that_is_missing_is_found() {
        for missing in DAY.split_whitespace() {
            let ours = DAY.replacen(missing, "", 1);
            assert_eq!(found(DAY, &ours), [(Only::Vendor, missing.to_owned())], "without {missing}");
        }
    }

    #[test]
    fn an_event_too_much_is_found_also_when_it_only_comes_twice() {
        let ours = DAY.replace("connected", "connected connected");
        assert_eq!(found(DAY, &ours), [(Only::Ours, "connected".to_owned())]);
        assert_eq!(found("", "init"), [(Only::Ours, "init".to_owned())], "nothing against something");
    }

    #[test]
    fn swapped_events_are_one_missing_and_one_too_much() {
        let ours = DAY.replace("acw ended", "ended acw");
        let found = found(DAY, &ours);
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!(found[0].1, found[1].1, "the same event, at two places: {found:?}");
        assert_ne!(found[0].0, found[1].0);
    }

    #[test]
    fn a_changed_detail_or_lane_is_a_difference() {
        let mut ours = day(DAY);
        ours[2].detail = "call 2".to_owned();
        assert_eq!(compare(&day(DAY), &ours).differences.len(), 2, "of another contact");
        let mut ours = day(DAY);
        ours[2].lane = "agent".to_owned();
        assert_eq!(compare(&day(DAY), &ours).differences.len(), 2, "in another lane");
    }

    #[test]
    fn order_across_lanes_does_not_count_and_within_one_it_does() {
        let (a, b) = (Record::new("a", "x", ""), Record::new("b", "y", ""));
        assert!(compare(&[a.clone(), b.clone()], &[b, a]).differences.is_empty());
    }

    #[test]
    fn a_difference_says_what_came_before_it() {
        let comparison = compare(&day("init connected"), &day("init"));
        assert_eq!(comparison.differences[0].after.as_ref().unwrap().event, "init");
    }

    fn explanations(times: usize) -> Explanations {
        let text = format!(
            r#"
            [[difference]]
            only = "vendor"
            lane = "di*"
            event = "a*w"
            detail = "call *"
            times = {times}
            reason = "This one is there for the test only."
            "#
        );
        Explanations::read(&text).unwrap()
    }

    #[test]
    fn an_explanation_covers_what_it_names_and_nothing_else() {
        let ours = DAY.replace("acw", "");
        let verdict = explanations(1).judge(&compare(&day(DAY), &day(&ours)));
        assert!(verdict.is_clean(), "{verdict:?}");
        assert_eq!(verdict.explained.len(), 1);
        let verdict = explanations(1).judge(&compare(&day(&ours), &day(DAY)));
        assert_eq!(verdict.unexplained.len(), 1, "the other way round it is not meant");
        let ours = ours.replace("ended", "");
        let verdict = explanations(1).judge(&compare(&day(DAY), &day(&ours)));
        assert_eq!(verdict.unexplained.len(), 1, "the other event is not explained: {verdict:?}");
    }

    #[test]
    fn an_explanation_met_too_often_or_never_is_stale() {
        let verdict = explanations(1).judge(&compare(&day(DAY), &day(DAY)));
        assert_eq!(verdict.stale.len(), 1, "nothing to explain");
        let comparison = compare(&day("acw acw"), &day(""));
        assert!(!explanations(1).judge(&comparison).is_clean(), "twice instead of once");
        assert!(explanations(2).judge(&comparison).is_clean());
    }

    #[test]
    fn patterns_stand_for_any_text_and_texts_without_a_star_for_themselves() {
        for (pattern, text, wanted) in [
            ("a*c", "abc", true),
            ("a*c", "ac", true),
            ("a*c", "acb", false),
            ("*", "", true),
            ("*b*", "abc", true),
            ("ab", "abc", false),
            ("ü*", "üä", true),
        ] {
            assert_eq!(matches(pattern, text), wanted, "{pattern} on {text}");
        }
    }

    #[test]
    fn a_list_without_reasons_or_with_unknown_members_is_refused() {
        let entry = |more: &str| format!("[[difference]]\nonly = \"ours\"\nlane = \"a\"\nevent = \"b\"\n{more}");
        assert!(Explanations::read(&entry("times = 1\nreason = \"by design\"")).is_err(), "that is no reason");
        assert!(Explanations::read(&entry("reason = \"A whole sentence stands right here.\"")).is_err(), "how often?");
        let zero = entry("times = 0\nreason = \"A whole sentence stands right here.\"");
        assert!(Explanations::read(&zero).is_err(), "never");
        let unknown = entry("times = 1\nwhy = 2\nreason = \"A whole sentence stands right here.\"");
        assert!(Explanations::read(&unknown).is_err(), "an unknown member");
    }
}
