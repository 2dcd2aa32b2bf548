//! What is lost, doubled or out of order among words that were numbered.

use std::collections::BTreeMap;
use std::fmt;

/// What is wrong with a list of words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    lost: usize,
    doubled: usize,
    out_of_order: usize,
    /// Words that nobody has said.
    strange: usize,
}

impl Tally {
    /// Compares what is there with what was said.
    pub fn of(said: &[String], there: &[String]) -> Self {
        let places: BTreeMap<&str, usize> =
            said.iter().enumerate().map(|(place, text)| (text.as_str(), place)).collect();
        let mut times = vec![0_usize; said.len()];
        let mut tally = Self::default();
        let mut last = None;
        for text in there {
            let Some(&place) = places.get(text.as_str()) else {
                tally.strange += 1;
                continue;
            };
            times[place] += 1;
            tally.out_of_order += usize::from(last.is_some_and(|last| place < last));
            last = Some(place);
        }
        tally.lost = times.iter().filter(|times| **times == 0).count();
        tally.doubled = times.iter().filter(|times| **times > 1).count();
        tally
    }

    /// Nothing is wrong.
    pub fn is_clean(&self) -> bool {
        *self == Self::default()
    }

    /// Both together.
    pub fn and(self, other: &Self) -> Self {
        Self {
            lost: self.lost + other.lost,
            doubled: self.doubled + other.doubled,
            out_of_order: self.out_of_order + other.out_of_order,
            strange: self.strange + other.strange,
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} lost, {} doubled, {} out of order", self.lost, self.doubled, self.out_of_order)?;
        if self.strange > 0 {
            write!(f, ", {} that nobody has said", self.strange)?;
        }
        Ok(())
    }
}

/// `n samples, p50, p95 and the longest`, of milliseconds.
pub fn percentiles(mut times: Vec<f64>) -> String {
    times.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let place = ((times.len() as f64 * share).ceil() as usize).clamp(1, times.len().max(1)) - 1;
        times.get(place).copied().unwrap_or(f64::NAN)
    };
    format!("p50 {:.0} ms, p95 {:.0} ms, longest {:.0} ms ({} samples)", at(0.5), at(0.95), at(1.0), times.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(list: &[&str]) -> Vec<String> {
        list.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn each_fault_is_counted_as_what_it_is() {
        let said = words(&["a", "b", "c", "d"]);
        assert!(Tally::of(&said, &said).is_clean(), "all, once, in order");
        let tally = Tally::of(&said, &words(&["a", "c", "b", "b", "x"]));
        let wanted = Tally { lost: 1, doubled: 1, out_of_order: 1, strange: 1 };
        assert_eq!(tally, wanted, "d is lost, b is doubled and comes after c, x is nobody's");
        assert_eq!(tally.and(&tally).to_string(), "2 lost, 2 doubled, 2 out of order, 2 that nobody has said");
    }

    #[test]
    fn percentiles_are_of_the_sorted_times() {
        let told = percentiles((1..=100).rev().map(f64::from).collect());
        assert_eq!(told, "p50 50 ms, p95 95 ms, longest 100 ms (100 samples)");
        assert_eq!(percentiles(Vec::new()), "p50 NaN ms, p95 NaN ms, longest NaN ms (0 samples)");
    }
}
