//! Telephone numbers as an agent types or pastes them.

use std::fmt;

/// Fewest digits of a number that is dialled.
pub const FEWEST_DIGITS: usize = 8;
/// Most digits of an international number (ITU-T E.164, section 6).
pub const MOST_DIGITS: usize = 15;

/// The text is not an international telephone number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotANumber;

impl fmt::Display for NotANumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an E.164 number")
    }
}

impl std::error::Error for NotANumber {}

/// The E.164 form (`+` and 8 to 15 digits, the first not 0) of what was typed
/// or pasted. Blanks, brackets, dots and hyphens are left out, and so are a
/// trunk zero in brackets, a leading `tel:` and the parameters behind the number (`;ext=12`, RFC 3966):
/// the extension is not part of what the platform dials.
///
/// Letters, a national number without `+` and anything else are refused:
/// guessing a country would call a stranger.
pub fn e164(text: &str) -> Result<String, NotANumber> {
    let text = text.trim();
    let text = match text.get(..4) {
        Some(scheme) if scheme.eq_ignore_ascii_case("tel:") => &text[4..],
        _ => text,
    };
    // "+44 (0)20": the trunk zero is for callers inside the country, and dialled from outside it is wrong.
    let number = text.split(';').next().unwrap_or_default().replace("(0)", "");
    let mut digits = String::with_capacity(MOST_DIGITS + 1);
    for character in number.chars() {
        match character {
            '+' if digits.is_empty() => digits.push('+'),
            '0'..='9' if !digits.is_empty() => digits.push(character),
            // The hyphens that word processors put in place of the plain one, too.
            '(' | ')' | '[' | ']' | '.' | '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' => {}
            // Pasted from a page, a number may carry the marks of its writing direction.
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
            blank if blank.is_whitespace() => {}
            _ => return Err(NotANumber),
        }
    }
    let length = digits.len().saturating_sub(1);
    if (FEWEST_DIGITS..=MOST_DIGITS).contains(&length) && !digits.starts_with("+0") {
        Ok(digits)
    } else {
        Err(NotANumber)
    }
}
