//! Values that are the same as far as they can be.

use std::fmt::{self, Debug, Write};

use serde_json::Value;

/// The same, but for the last digits of fractions: what JSON's reader here takes
/// them for may be off by the smallest step there is.
pub fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .zip(other)
                    .all(|((name, one), (other_name, other))| name == other_name && same(one, other))
        }
        (Value::Number(a), Value::Number(b)) if a.is_f64() || b.is_f64() => match (a.as_f64(), b.as_f64()) {
            (Some(a), Some(b)) => a == b || (a - b).abs() <= a.abs().max(b.abs()) * 1e-12,
            _ => false,
        },
        _ => one == other,
    }
}

/// How many times longer than what came in, written out with all names of its
/// members, what came of it may be. Far above what a sane reader needs: what grows
/// by the square of its input, or doubles with each level, is beyond it all the same.
const GROWTH: usize = 256;
/// What comes of nothing.
const LEAST: usize = 64 * 1024;

/// Panics when what came of an input is out of all proportion to it.
pub fn bounded(input: usize, output: &impl Debug) {
    let mut room = Room(LEAST + GROWTH * input);
    assert!(write!(room, "{output:?}").is_ok(), "more than {} bytes came of {input}", LEAST + GROWTH * input);
}

/// How many bytes more may be written. Nothing is kept of them.
struct Room(usize);

impl Write for Room {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 = self.0.checked_sub(text.len()).ok_or(fmt::Error)?;
        Ok(())
    }
}
