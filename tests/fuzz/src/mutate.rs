//! Mutations that know lines and JSON. Bytes alone break the syntax nearly each
//! time, and what lies behind a parser is never reached.

use std::sync::OnceLock;

use serde_json::{Map, Value};

/// Names a file with words that the readers look for: a JSON array of texts.
const WORDS: &str = "FUZZ_WORDS";
/// Text that readers stumble over.
const SHARP: [&str; 14] =
    ["", " ", "\0", "\u{202e}", "\u{fffd}", "😀", "é", "…", "<", "&#x41;", "</", "-1", "1e400", "9007199254740993"];

/// Numbers without a source of their own: the same for the same seed.
struct Dice(u64);

impl Dice {
    fn new(seed: u32) -> Self {
        Self(u64::from(seed) << 1 | 1)
    }

    /// Below `end`, which is not zero.
    fn below(&mut self, end: usize) -> usize {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % end.max(1)
    }

    fn of<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        list.get(self.below(list.len()))
    }
}

/// One mutation of the first `size` bytes; gives the new size.
pub fn mutate(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    let mut dice = Dice::new(seed);
    // The usual mutations, with their dictionary, have their share.
    if dice.below(3) == 0 {
        return libfuzzer_sys::fuzzer_mutate(data, size, max_size);
    }
    let mut lines: Vec<Vec<u8>> = data[..size].split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    let rounds = 1 + dice.below(3);
    for _ in 0..rounds {
        if lines.len() > 1 && dice.below(3) == 0 {
            mutate_lines(&mut lines, &mut dice);
        } else {
            let at = dice.below(lines.len());
            if let Some(line) = lines.get_mut(at)
                && let Some(other) = mutate_json(line, &mut dice)
            {
                *line = other;
            }
        }
    }
    let new = lines.join(&b'\n');
    if new.len() > max_size || new == data[..size] {
        return libfuzzer_sys::fuzzer_mutate(data, size, max_size);
    }
    data[..new.len()].copy_from_slice(&new);
    new.len()
}

fn mutate_lines(lines: &mut Vec<Vec<u8>>, dice: &mut Dice) {
    let (at, other) = (dice.below(lines.len()), dice.below(lines.len()));
    match dice.below(5) {
        0 => drop(lines.remove(at)),
        1 => {
            let line = lines[at].clone();
            lines.insert(other, line);
        }
        2 => lines.swap(at, other),
        3 => {
            // The same steps once more.
            let (from, to) = (at.min(other), at.max(other));
            let again = lines[from..=to].to_vec();
            lines.splice(to + 1..to + 1, again);
        }
        _ => lines.truncate(at.max(1)),
    }
}

/// The JSON in a line, which may have a few letters before it, changed in one place.
fn mutate_json(line: &[u8], dice: &mut Dice) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(line).ok()?;
    let start = text.find(['{', '[', '"'])?;
    let (before, json) = text.split_at(start);
    let mut value: Value = serde_json::from_str(json).ok()?;
    let donor = pick(&value, dice).clone();
    let mut place = dice.below(count(&value));
    change(&mut value, &mut place, &donor, dice);
    let mut new = before.as_bytes().to_vec();
    serde_json::to_writer(&mut new, &value).ok()?;
    Some(new)
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(entries) => entries.iter().map(count).sum(),
        Value::Object(members) => members.values().map(count).sum(),
        _ => 0,
    }
}

fn pick<'v>(value: &'v Value, dice: &mut Dice) -> &'v Value {
    fn walk<'v>(value: &'v Value, place: &mut usize) -> Option<&'v Value> {
        if *place == 0 {
            return Some(value);
        }
        *place -= 1;
        match value {
            Value::Array(entries) => entries.iter().find_map(|entry| walk(entry, place)),
            Value::Object(members) => members.values().find_map(|member| walk(member, place)),
            _ => None,
        }
    }
    let mut place = dice.below(count(value));
    walk(value, &mut place).unwrap_or(value)
}

/// Goes to the place and changes what is there; true when it was reached.
fn change(value: &mut Value, place: &mut usize, donor: &Value, dice: &mut Dice) -> bool {
    if *place > 0 {
        *place -= 1;
        return match value {
            Value::Array(entries) => entries.iter_mut().any(|entry| change(entry, place, donor, dice)),
            Value::Object(members) => members.iter_mut().any(|(_, member)| change(member, place, donor, dice)),
            _ => false,
        };
    }
    match dice.below(4) {
        0 => *value = other(dice),
        1 => *value = donor.clone(),
        // Kept, but as something else around it or within it.
        2 => match value {
            Value::String(text) if dice.below(2) == 0 => {
                *value = serde_json::from_str(text).unwrap_or_else(|_| Value::from(vec![text.clone()]));
            }
            _ if dice.below(2) == 0 => *value = Value::from(value.to_string()),
            _ => *value = Value::Array(vec![value.take()]),
        },
        _ => match value {
            Value::Array(entries) => change_list(entries, donor, dice),
            Value::Object(members) => change_members(members, donor, dice),
            Value::String(text) => {
                let at = text.floor_char_boundary(dice.below(text.len() + 1));
                match dice.below(3) {
                    0 => text.truncate(at),
                    1 => text.insert_str(at, dice.of(&SHARP).copied().unwrap_or_default()),
                    _ => *text = text.repeat(1 + dice.below(9)),
                }
            }
            Value::Number(number) => {
                let near = number.as_i64().unwrap_or_default().wrapping_add(dice.below(5) as i64 - 2);
                *value = Value::from(near);
            }
            _ => *value = other(dice),
        },
    }
    true
}

fn change_list(entries: &mut Vec<Value>, donor: &Value, dice: &mut Dice) {
    let at = dice.below(entries.len() + 1);
    match dice.below(4) {
        0 if at < entries.len() => drop(entries.remove(at)),
        1 if at < entries.len() => {
            let entry = entries[at].clone();
            entries.extend(std::iter::repeat_n(entry, 1 + dice.below(12)));
        }
        2 => entries.reverse(),
        _ => entries.insert(at, donor.clone()),
    }
}

fn change_members(members: &mut Map<String, Value>, donor: &Value, dice: &mut Dice) {
    let names: Vec<String> = members.keys().cloned().collect();
    let name = dice.of(&names).cloned();
    match (dice.below(3), name) {
        (0, Some(name)) => drop(members.remove(&name)),
        (1, Some(name)) => {
            let moved = members.remove(&name).unwrap_or_default();
            members.insert(word(dice), moved);
        }
        _ => drop(members.insert(word(dice), donor.clone())),
    }
}

/// A value of any sort.
fn other(dice: &mut Dice) -> Value {
    match dice.below(12) {
        0 => Value::Null,
        1 => Value::from(dice.below(2) == 0),
        2 => Value::from(dice.below(4)),
        3 => Value::from(i64::MIN),
        4 => Value::from(u64::MAX),
        5 => Value::from(-0.5),
        6 => Value::from(1e300),
        7 => Value::Array(Vec::new()),
        8 => Value::Object(Map::new()),
        9 => Value::from(dice.of(&SHARP).copied()),
        _ => Value::from(word(dice)),
    }
}

/// One that the readers look for.
fn word(dice: &mut Dice) -> String {
    static LIST: OnceLock<Vec<String>> = OnceLock::new();
    let list = LIST.get_or_init(|| {
        let file = std::env::var_os(WORDS).and_then(|path| std::fs::read(path).ok());
        file.and_then(|words| serde_json::from_slice(&words).ok()).unwrap_or_default()
    });
    dice.of(list).cloned().unwrap_or_default()
}
