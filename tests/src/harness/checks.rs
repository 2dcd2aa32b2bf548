//! Counts what was checked, and prints each line as it happens.

use std::time::Instant;

/// The checks of one proof.
pub struct Checks {
    name: String,
    started: Instant,
    passed: usize,
    failed: Vec<String>,
}

impl Checks {
    /// For one proof.
    pub fn new(name: &str) -> Self {
        println!("--- {name}");
        Self { name: name.to_owned(), started: Instant::now(), passed: 0, failed: Vec::new() }
    }

    /// Notes one check, with the figure it rests on.
    pub fn check(&mut self, ok: bool, what: &str, figure: impl std::fmt::Display) -> bool {
        let mark = if ok { "ok  " } else { "FAIL" };
        println!("{:7.2} s  {mark}  {what}  [{figure}]", self.started.elapsed().as_secs_f32());
        if ok {
            self.passed += 1;
        } else {
            self.failed.push(what.to_owned());
        }
        ok
    }

    /// A step that must work for the rest to make sense.
    pub fn require<T>(&mut self, result: anyhow::Result<T>, what: &str) -> anyhow::Result<T> {
        match result {
            Ok(value) => {
                self.check(true, what, "done");
                Ok(value)
            }
            Err(error) => {
                self.check(false, what, format!("{error:#}"));
                Err(error)
            }
        }
    }

    /// Says what is being done.
    pub fn step(&self, text: &str) {
        println!("{:7.2} s  ....  {text}", self.started.elapsed().as_secs_f32());
    }

    /// How many have failed so far.
    pub fn failures(&self) -> usize {
        self.failed.len()
    }

    /// Prints the last line with something counted in front; true when nothing failed.
    pub fn finish_counting(self, counted: &str) -> bool {
        for what in &self.failed {
            println!("failed: {what}");
        }
        println!("{}: {counted}, {} checks passed, {} failed", self.name, self.passed, self.failed.len());
        self.failed.is_empty()
    }

    /// Prints the last line; true when nothing failed.
    pub fn finish(self) -> bool {
        for what in &self.failed {
            println!("failed: {what}");
        }
        println!("{}: {} checks passed, {} failed", self.name, self.passed, self.failed.len());
        self.failed.is_empty()
    }
}
