//! What counts as a number to call, and what does not.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use proptest::prelude::*;
use trunkline_model::{FEWEST_DIGITS, MOST_DIGITS, e164};

#[test]
fn numbers_are_read_however_they_are_written() {
    for (typed, number) in [
        ("+12025550188", "+12025550188"),
        ("  +1 (202) 555-0188 ", "+12025550188"),
        ("+1.202.555.0188", "+12025550188"),
        ("(+49) 30 12 34 56", "+4930123456"),
        ("+44 (0)20 7946 0000", "+442079460000"),
        ("+44 20\u{a0}7946\u{2009}0000", "+442079460000"),
        ("+49\u{2011}30\u{2013}123456", "+4930123456"),
        ("\u{202a}+49 30 123456\u{202c}", "+4930123456"),
        ("tel:+49-30-123456", "+4930123456"),
        ("TEL:+49-30-123456;ext=12;phone-context=example.com", "+4930123456"),
        ("+49 30 123456;ext=12", "+4930123456"),
        ("+12345678", "+12345678"),
        ("+123456789012345", "+123456789012345"),
    ] {
        assert_eq!(e164(typed).as_deref(), Ok(number), "{typed:?}");
    }
}

#[test]
fn what_is_no_international_number_is_refused() {
    for typed in [
        "",
        "+",
        "   ",
        "tel:",
        "12025550188",
        "0012025550188",
        "030 123456",
        "+0123456789",
        "+(0)123456789x",
        "+1234567",
        "+1234567890123456",
        "+1-800-FLOWERS",
        "+4930123456 ext 12",
        "+4930123456,,12",
        "+49+30123456",
        "++4930123456",
        "sip:+4930123456@example.com",
        "+49/30/123456",
        "+\u{661}\u{662}\u{663}\u{664}\u{665}\u{666}\u{667}\u{668}",
        "+4930123456\u{0}",
        "*67+4930123456",
    ] {
        assert!(e164(typed).is_err(), "{typed:?} is not dialled");
    }
}

proptest! {
    #[test]
    fn whatever_is_typed_what_comes_out_is_a_number(typed in any::<String>()) {
        if let Ok(number) = e164(&typed) {
            let digits = number.strip_prefix('+').expect("it begins with a plus");
            prop_assert!(digits.bytes().all(|digit| digit.is_ascii_digit()) && !digits.starts_with('0'), "{number}");
            prop_assert!((FEWEST_DIGITS..=MOST_DIGITS).contains(&digits.len()), "{number}");
            prop_assert_eq!(e164(&number), Ok(number.clone()), "a number is itself");
        }
    }

    #[test]
    fn every_number_survives_being_written_for_people(
        digits in "[1-9][0-9]{7,14}",
        breaks in prop::collection::vec((1..15_usize, prop::sample::select(vec![" ", "-", ".", "(", ")", "\u{a0}"])), 0..6),
    ) {
        let mut typed = format!("+{digits}");
        for (at, sign) in breaks {
            let at = at.min(typed.chars().count());
            let byte = typed.char_indices().nth(at).map_or(typed.len(), |(byte, _)| byte);
            typed.insert_str(byte, sign);
        }
        // A trunk zero in brackets is left out on purpose.
        prop_assume!(!typed.contains("(0)"));
        prop_assert_eq!(e164(&typed), Ok(format!("+{digits}")), "{}", typed);
    }
}
