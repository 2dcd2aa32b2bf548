//! How much of the vendor's public interface works here: the kept table is
//! compared with the members it speaks of, its tests are run, and the rows are
//! counted.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};

use crate::harness::app::top;
use crate::harness::runner::{self, Listing, Outcome};

mod table;

use table::{Row, Status, Table};

/// Where the table is kept.
const TABLE: &str = "docs/connectors/amazon-connect-parity.toml";
/// Whose section 9 names the members.
const DOCUMENT: &str = "docs/connectors/amazon-connect.md";

/// How much is done.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Runs every test that the table names.
    Full,
    /// The tests have just run: it is enough that they exist.
    NamesOnly,
}

/// Counts the rows that work. False when the table has drifted from the
/// document, or a test of it is missing, did not run or failed.
pub async fn run(extent: Extent) -> Result<bool> {
    tokio::task::spawn_blocking(move || count(extent)).await?
}

fn count(extent: Extent) -> Result<bool> {
    println!("--- streams-parity");
    let (table, problems) = kept()?;
    for problem in &problems {
        println!("FAIL  {problem}");
    }
    let listing = runner::list(&top())?;
    let asked = Asked::new(&table, &listing);
    for (row, name) in &asked.missing {
        println!("FAIL  {row}: there is no test {name}");
    }
    let outcomes = match extent {
        Extent::NamesOnly => {
            println!("short form: all tests have just run, so only their names are looked up");
            BTreeMap::new()
        }
        Extent::Full => {
            println!("running {} tests", asked.tests.len());
            runner::run(&top(), &listing, &asked.tests)?
        }
    };
    let mut bad: BTreeSet<&str> = asked.missing.iter().map(|(_, name)| name.as_str()).collect();
    if extent == Extent::Full {
        for test in &asked.tests {
            let told = match outcomes.get(test) {
                Some(Outcome::Passed) => continue,
                Some(Outcome::Failed) => "failed",
                Some(Outcome::Ignored) => "is ignored",
                None => "did not run",
            };
            println!("FAIL  {test} {told}");
            bad.extend(asked.named_by(test));
        }
    }
    let works = |row: &Row| row.status == Status::Works && !row.tests().iter().any(|name| bad.contains(name.as_str()));
    print(&table, works);
    let counted = table.rows.iter().filter(|row| row.status != Status::Out).count();
    let working = table.rows.iter().filter(|row| works(row)).count();
    println!("streams-parity: {working} of {counted} rows work");
    Ok(problems.is_empty() && bad.is_empty())
}

/// The table, and what is wrong with it.
fn kept() -> Result<(Table, Vec<String>)> {
    let read = |path: &str| std::fs::read_to_string(top().join(path)).with_context(|| path.to_owned());
    let members = table::members(&read(DOCUMENT)?);
    ensure!(!members.is_empty(), "no members were found in section 9 of {DOCUMENT}");
    let table = Table::read(&read(TABLE)?).context(TABLE)?;
    let problems = table.problems(&members);
    Ok((table, problems))
}

/// The tests that the table asks for.
struct Asked {
    /// Each once: binary and name.
    tests: BTreeSet<String>,
    /// The table's name of each test: a name stands for all its cases.
    names: BTreeMap<String, BTreeSet<String>>,
    /// Row and name, for names without a test.
    missing: Vec<(String, String)>,
}

impl Asked {
    fn new(table: &Table, listing: &Listing) -> Self {
        let mut asked = Self { tests: BTreeSet::new(), names: BTreeMap::new(), missing: Vec::new() };
        for row in &table.rows {
            for name in row.tests() {
                let found = listing.find(name);
                if found.is_empty() {
                    asked.missing.push((row.title(), name.clone()));
                }
                for test in found {
                    asked.names.entry(test.clone()).or_default().insert(name.clone());
                    asked.tests.insert(test);
                }
            }
        }
        asked
    }

    fn named_by(&self, test: &str) -> impl Iterator<Item = &str> {
        self.names.get(test).into_iter().flatten().map(String::as_str)
    }
}

fn print(table: &Table, works: impl Fn(&Row) -> bool) {
    let mut group = "";
    for row in &table.rows {
        if row.group != group {
            group = &row.group;
            let rows = || table.rows.iter().filter(|row| row.group == group && row.status != Status::Out);
            let (done, of) = (rows().filter(|row| works(row)).count(), rows().count());
            println!("\n{group}: {done} of {of}");
        }
        let why = row.why.as_deref().unwrap_or_default();
        match row.status {
            Status::Works if works(row) => println!("  works    {}: {}", row.member, row.ours),
            Status::Works => println!("  FAIL     {}: its tests are missing or fail", row.member),
            Status::Missing => println!("  missing  {}: {why}", row.member),
            Status::Out => println!("  out      {}: {why}", row.member),
        }
    }
    println!();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kept_table_agrees_with_the_members_of_the_document() {
        let (table, problems) = kept().unwrap();
        assert_eq!(problems, Vec::<String>::new(), "nothing has drifted");
        assert!(table.rows.len() > 100, "all of it is there: {} rows", table.rows.len());
    }
}
