//! The words of any HTML mail.
#![no_main]

use trunkline_expertflow::cim::{LONGEST, to_text};
use trunkline_fuzz::fuzz;

fuzz!(|data: &[u8]| {
    let html = String::from_utf8_lossy(data);
    let text = to_text(&html);
    assert!(text.len() <= (html.len() * 4 + 16).min(LONGEST + 4), "{} bytes came of {}", text.len(), html.len());
    let unseen = text.chars().find(|letter| letter.is_control() && *letter != '\n');
    assert_eq!(unseen, None, "only letters that can be seen");
    assert_eq!(text.trim(), text, "nothing around the words");
    assert_eq!(text, to_text(&html), "the same each time");
});
