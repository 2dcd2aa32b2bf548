//! The members of the vendor's interface that apply to a page, and how many of
//! them agree.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, ensure};

use crate::proofs::streams_crosscheck::compare::{Record, Verdict};

/// One member a line; what follows `#` tells why something is not there.
const MEMBERS: &str = include_str!("members.txt");

/// Members that are counted.
fn listed() -> Result<Vec<&'static str>> {
    let lines = MEMBERS.lines().map(|line| line.split('#').next().unwrap_or_default());
    let members: Vec<&str> = lines.flat_map(str::split_whitespace).collect();
    let once: BTreeSet<&str> = members.iter().copied().collect();
    ensure!(once.len() == members.len(), "a member stands in the list twice");
    Ok(members)
}

/// How many members there are, and how many of them agree.
pub struct Count {
    /// Whose facts agree, or differ with a reason.
    pub work: usize,
    /// That apply.
    pub all: usize,
    lacking: BTreeMap<&'static str, &'static str>,
    unlisted: Vec<String>,
}

impl Count {
    /// Puts each fact to its member.
    pub fn of(vendor: &[Record], ours: &[Record], verdict: &Verdict) -> Result<Self> {
        let members = listed()?;
        let seen = |records: &[Record]| -> BTreeSet<String> { records.iter().map(|r| r.event.clone()).collect() };
        let (at_vendor, at_ours) = (seen(vendor), seen(ours));
        let disputed: BTreeSet<&str> = verdict.unexplained.iter().map(|d| d.record.event.as_str()).collect();
        let mut lacking = BTreeMap::new();
        for member in &members {
            let why = match (at_vendor.contains(*member), at_ours.contains(*member)) {
                (false, _) => "was not tried at the vendor's library",
                (_, false) => "was not tried in the panel",
                _ if disputed.contains(member) => "differs without a reason",
                _ => continue,
            };
            lacking.insert(*member, why);
        }
        let known: BTreeSet<&str> = members.iter().copied().collect();
        let unlisted = at_vendor.union(&at_ours).filter(|event| !known.contains(event.as_str())).cloned().collect();
        Ok(Self { work: members.len() - lacking.len(), all: members.len(), lacking, unlisted })
    }

    /// What is wrong with members.
    pub fn told(&self) -> Vec<String> {
        let lacking = self.lacking.iter().map(|(member, why)| format!("{member} {why}"));
        lacking.chain(self.unlisted.iter().map(|event| format!("{event} is not in the list"))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_names_each_member_once() {
        assert!(listed().unwrap().len() > 250, "all that a page can call is there");
    }
}
