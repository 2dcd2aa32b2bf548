//! What the fuzz targets share: how an input is read as a script, how inputs are
//! mutated, and how values are compared.

mod compare;
mod mutate;

pub use compare::{bounded, same};
pub use mutate::mutate;

/// A script: one step a line, its first byte the step's kind, the rest what it
/// carries. Readable, so that an input that was found tells what happens in it.
pub fn steps(script: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    script.split(|byte| *byte == b'\n').filter_map(|line| line.split_first()).map(|(kind, rest)| (*kind, rest))
}

/// Milliseconds out of a step: its digits, a thousand where it has none.
pub fn millis(rest: &[u8]) -> std::time::Duration {
    let digits: String =
        rest.iter().filter(|byte| byte.is_ascii_digit()).take(7).map(|byte| char::from(*byte)).collect();
    std::time::Duration::from_millis(digits.parse().unwrap_or(1_000))
}

/// The target's function under its mutator: `fuzz!(|data| ...)`.
#[macro_export]
macro_rules! fuzz {
    ($run:expr) => {
        libfuzzer_sys::fuzz_target!(|data: &[u8]| $run(data));
        libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
            $crate::mutate(data, size, max_size, seed)
        });
    };
}
