//! The kept table, and the members it must speak of.

use std::collections::BTreeSet;

use anyhow::Result;
use serde::Deserialize;

/// First columns of the tables that list members; others tell history.
const FIRST_COLUMNS: [&str; 4] = ["option", "member", "function", "part"];
/// The column that says where a member's data comes from.
const SOURCE_COLUMN: &str = "native";
/// Only what the document marks so may be left out of the count.
const OUT_MARKS: [&str; 5] = ["web", "closed", "dead", "out of scope", "see 9.16"];

/// One member, or several that stand in one row of the document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Member {
    /// Heading of its table: "9.4 Agent".
    pub group: String,
    /// First cell.
    pub name: String,
    /// Where its data comes from.
    pub source: String,
}

/// How far a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// All of it that is not out works, and tests show it.
    Works,
    /// Some of it does not work, or no test shows it.
    Missing,
    /// Means nothing to a native client, or its other side is not public.
    Out,
}

/// One entry.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// As in the document.
    pub group: String,
    /// As in the document.
    pub member: String,
    /// As in the document.
    pub source: String,
    /// How far it is.
    pub status: Status,
    /// What does it here, in our words.
    #[serde(default)]
    pub ours: String,
    /// Why it is out or missing; of a working row, what of it is out.
    pub why: Option<String>,
    #[serde(default)]
    test: Vec<String>,
}

impl Row {
    /// Tests that show it: "binary-id name", as nextest prints them; the name
    /// without its `::case_...` stands for all cases.
    pub fn tests(&self) -> &[String] {
        &self.test
    }

    /// Group and member in short.
    pub fn title(&self) -> String {
        format!("{}, {}", self.group.split(' ').next().unwrap_or_default(), self.member)
    }
}

/// All entries.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// In the document's order.
    #[serde(rename = "row")]
    pub rows: Vec<Row>,
}

impl Table {
    /// Reads the kept file.
    pub fn read(text: &str) -> Result<Self> {
        Ok(toml::from_str(text)?)
    }

    /// Where it disagrees with the document or says less than it must.
    pub fn problems(&self, members: &[Member]) -> Vec<String> {
        let mut problems = Vec::new();
        let mut seen = BTreeSet::new();
        for row in &self.rows {
            let title = row.title();
            if !seen.insert((row.group.as_str(), row.member.as_str())) {
                problems.push(format!("{title}: stands in the table twice"));
            }
            match members.iter().find(|member| member.group == row.group && member.name == row.member) {
                None => problems.push(format!("{title}: the document has no such row")),
                Some(member) if member.source != row.source => {
                    problems.push(format!("{title}: the document gives its source as {:?}", member.source));
                }
                Some(_) => {}
            }
            problems.extend(row.problem().map(|what| format!("{title}: {what}")));
        }
        let missing = members.iter().filter(|member| !seen.contains(&(member.group.as_str(), member.name.as_str())));
        problems.extend(missing.map(|member| format!("{}, {}: not in the table", member.group, member.name)));
        problems
    }
}

impl Row {
    fn problem(&self) -> Option<&'static str> {
        let why = self.why.as_deref().is_some_and(|why| !why.trim().is_empty());
        if self.test.iter().any(|name| name.split_once(' ').is_none()) {
            return Some("a test is named by its binary, a blank and its name");
        }
        match self.status {
            Status::Works if self.test.is_empty() => Some("it works, but no test shows it"),
            Status::Works if self.ours.trim().is_empty() => Some("it works, but what does it is not said"),
            Status::Missing if !why => Some("it is missing, and why is not said"),
            Status::Out if !why => Some("it is out, and why is not said"),
            Status::Out if !OUT_MARKS.iter().any(|mark| self.source.contains(mark)) && self.source != "–" => {
                Some("it is out, but the document does not say so")
            }
            _ => None,
        }
    }
}

/// The rows of the tables in section 9 that list members.
pub fn members(document: &str) -> Vec<Member> {
    let mut members = Vec::new();
    let (mut inside, mut group) = (false, String::new());
    let mut columns: Option<Vec<&str>> = None;
    for line in document.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            inside = heading.starts_with("9. ");
        }
        if let Some(heading) = line.strip_prefix("### ") {
            heading.clone_into(&mut group);
        }
        let cells: Option<Vec<&str>> = line
            .trim()
            .strip_prefix('|')
            .and_then(|line| line.strip_suffix('|'))
            .map(|line| line.split('|').map(str::trim).collect());
        let (true, Some(cells)) = (inside, cells) else {
            columns = None;
            continue;
        };
        let Some(columns) = &columns else {
            columns = Some(cells);
            continue;
        };
        let source = columns.iter().position(|column| *column == SOURCE_COLUMN);
        let listing = columns.first().is_some_and(|first| FIRST_COLUMNS.contains(first));
        let rule = cells.iter().all(|cell| cell.chars().all(|letter| matches!(letter, '-' | ':')));
        if let (Some(source), true, false) = (source, listing, rule) {
            let cell = |index: usize| cells.get(index).copied().unwrap_or_default().to_owned();
            members.push(Member { group: group.clone(), name: cell(0), source: cell(source) });
        }
    }
    members
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = "\
## 8. Before
| member | native |
| --- | --- |
| not ours | loc |
## 9. Members
### 9.1 First
| member | since | native |
| --- | --- | --- |
| accept, reject | 1.0 | CTI |
| framed | | web |

| area | then | now |
| --- | --- | --- |
| history | no | yes |
## 10. After
";

    fn table(rows: &str) -> Vec<String> {
        Table::read(rows).unwrap().problems(&members(DOCUMENT))
    }

    fn row(member: &str, source: &str, rest: &str) -> String {
        format!("[[row]]\ngroup = \"9.1 First\"\nmember = \"{member}\"\nsource = \"{source}\"\nours = \"x\"\n{rest}\n")
    }

    const WORKS: &str = "status = \"works\"\ntest = [\"crate::voice it_works\"]";
    const OUT: &str = "status = \"out\"\nwhy = \"for pages\"";

    #[test]
    fn the_members_are_the_rows_with_a_source() {
        let found: Vec<_> = members(DOCUMENT).into_iter().map(|member| (member.name, member.source)).collect();
        let expected = [("accept, reject", "CTI"), ("framed", "web")];
        assert_eq!(found, expected.map(|(name, source)| (name.to_owned(), source.to_owned())), "of section 9 alone");
    }

    #[test]
    fn an_honest_table_has_no_problems() {
        let rows = [row("accept, reject", "CTI", WORKS), row("framed", "web", OUT)].concat();
        assert_eq!(table(&rows), Vec::<String>::new(), "each member once, with its test or its reason");
    }

    #[test]
    fn drift_and_excuses_are_told() {
        let good = row("framed", "web", OUT);
        let accept = |source: &str, rest: &str| [row("accept, reject", source, rest), good.clone()].concat();
        for (rows, told) in [
            (good.clone(), "not in the table"),
            ([accept("CTI", WORKS), good.clone()].concat(), "stands in the table twice"),
            ([accept("CTI", WORKS), row("renamed", "CTI", WORKS)].concat(), "the document has no such row"),
            (accept("loc", WORKS), "the document gives its source as"),
            (accept("CTI", "status = \"works\""), "no test shows it"),
            (accept("CTI", "status = \"works\"\ntest = [\"just_a_name\"]"), "named by its binary"),
            (accept("CTI", "status = \"missing\""), "why is not said"),
            (accept("CTI", OUT), "the document does not say so"),
        ] {
            let problems = table(&rows);
            assert!(problems.iter().any(|problem| problem.contains(told)), "{told}: {problems:?}");
        }
    }
}
