//! Phone numbers in one form.

use unicode_normalization::UnicodeNormalization as _;

use super::Country;
use super::nobody::is_invisible;

/// Digits of a phone number with its country's; the longest is E.164's bound.
const PHONE_DIGITS_MIN: usize = 7;
const PHONE_DIGITS_MAX: usize = 15;
/// Signs that phone numbers are written with, for people.
const PHONE_SIGNS: [char; 10] =
    [' ', '-', '.', '/', '(', ')', '\u{2010}', '\u{2012}', '\u{2013}', '\u{2212}'];
/// Before a number that was copied from a link.
const SCHEME: &str = "tel:";
/// So many digits, two by turns, are typed and not given; eight of them are given in Denmark.
const BY_TURNS_MIN: usize = 10;
/// So many zeros are where a keyboard was held down.
const ZEROS: &str = "00000000";
/// Years of dates that people write.
const YEARS: std::ops::Range<u16> = 1900..2100;

/// The parser sees digits only, after at most one plus: whatever else was written is gone by then.
pub(super) fn phone(value: &str, country: Option<Country>) -> Option<String> {
    let plain = plain(value);
    let plain = as_whole(&plain);
    let (has_plus, rest) = plain.strip_prefix('+').map_or((false, plain), |rest| (true, rest));
    let digits: String = rest.chars().filter(|sign| !PHONE_SIGNS.contains(sign)).collect();
    let is_long_enough = (PHONE_DIGITS_MIN..=PHONE_DIGITS_MAX + 3).contains(&digits.len());
    let is_one = is_long_enough && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_one || is_typed(&digits) || !has_plus && is_date(rest) {
        return None;
    }
    let abroad = digits.strip_prefix("00").filter(|_| !has_plus && country.is_none());
    let international = match (has_plus, abroad) {
        (true, _) => format!("+{digits}"),
        (false, Some(rest)) => format!("+{rest}"),
        (false, None) if country.is_some() => digits,
        (false, None) => return (digits.len() <= PHONE_DIGITS_MAX).then_some(digits),
    };
    let number = phonenumber::parse(country.map(|country| country.id()), international).ok()?;
    let written = number.format().mode(phonenumber::Mode::E164).to_string();
    let count = written.bytes().filter(u8::is_ascii_digit).count();
    let is_one = (PHONE_DIGITS_MIN..=PHONE_DIGITS_MAX).contains(&count);
    // Behind a prefix, one digit again and again may be a number that somebody has paid for.
    let is_counted = is_counted(&number.national().value().to_string());
    (is_one && !is_counted).then_some(written)
}

/// In plain digits and signs, whatever keyboard they are from, and without what cannot be seen.
fn plain(value: &str) -> String {
    let start = value.get(..SCHEME.len()).filter(|start| start.eq_ignore_ascii_case(SCHEME));
    let bare = value.get(start.map_or(0, str::len)..).unwrap_or(value);
    bare.nfkc().filter(|c| !is_invisible(*c)).collect()
}

/// Without the tenths that programs give a number of which they know only that it is one: `48600100200.0`.
fn as_whole(written: &str) -> &str {
    let is_whole = |whole: &&str| whole.bytes().all(|byte| byte.is_ascii_digit());
    written.strip_suffix(".0").filter(is_whole).unwrap_or(written)
}

/// What people type who do not want to be called.
fn is_typed(digits: &str) -> bool {
    let repeats =
        |every: usize| digits.bytes().zip(digits.bytes().skip(every)).all(|(a, b)| a == b);
    let ends_with_nothing = digits.ends_with(ZEROS);
    repeats(1)
        || digits.len() >= BY_TURNS_MIN && repeats(2)
        || is_counted(digits)
        || ends_with_nothing
}

/// One digit after the other, up or down, 0 being after 9.
fn is_counted(digits: &str) -> bool {
    let pairs = || digits.bytes().zip(digits.bytes().skip(1));
    let goes = |by: u8| pairs().all(|(a, b)| (a - b'0' + by) % 10 == b - b'0');
    digits.len() >= PHONE_DIGITS_MIN && (goes(1) || goes(9))
}

/// A date, with or without something behind it: `2026-01-05`, `12.5.2026`.
fn is_date(written: &str) -> bool {
    ['-', '.', '/'].into_iter().any(|sign| {
        let mut parts = written.split(sign).map(str::trim);
        let (Some(one), Some(two), Some(three)) = (parts.next(), parts.next(), parts.next()) else {
            return false;
        };
        let is_day = |text: &str| {
            text.len() <= 2 && text.parse().is_ok_and(|day: u16| (1..=31).contains(&day))
        };
        let is_year =
            |text: &str| text.len() == 4 && text.parse().is_ok_and(|year| YEARS.contains(&year));
        // What follows a year or a day may be parted from it by a space.
        let three = three.split(' ').next().unwrap_or(three);
        is_day(two) && (is_year(one) && is_day(three) || is_day(one) && is_year(three))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(country: Option<&str>, values: &[(&str, Option<&str>)]) {
        for (value, form) in values {
            let country = country.map(|code| Country::of(code).unwrap());
            assert_eq!(phone(value, country).as_deref(), *form, "{value}");
        }
    }

    #[test]
    fn numbers_with_a_prefix_are_one_however_they_are_written() {
        let same = Some("+48600100200");
        check(
            None,
            &[
                ("+48 600 100 200", same),
                ("0048 600-100-200", same),
                ("+48 (600) 100.200", same),
                ("+48\u{2011}600\u{2011}100\u{2011}200", same),
                ("tel:+48600100200", same),
                ("TEL:+48-600-100-200", same),
                ("＋48 600 100 200", same),
                ("＋４８６００１００２００", same),
                ("+48\u{200b}600\u{200b}100200", same),
                ("600 100 200", Some("600100200")),
                ("+48 600", None),
                ("+999 600 100 200", None),
                ("000 000 000", None),
                ("+1111111111", None),
                ("call me", None),
                ("48600100200.0", Some("48600100200")),
                ("600.100.200", Some("600100200")),
                ("+48 600 100 200 300 400 500", None),
            ],
        );
    }

    #[test]
    fn numbers_without_a_prefix_are_of_the_country() {
        let (poland, britain) = (Some("+48600100200"), Some("+442071838750"));
        check(
            Some("PL"),
            &[("600 100 200", poland), ("0048 600 100 200", poland), ("+44 20 7183 8750", britain)],
        );
        check(Some("GB"), &[("(020) 7183 8750", britain)]);
        assert!(Country::of("pl").is_none() && Country::of("XX").is_none());
    }

    #[test]
    fn what_is_typed_to_be_left_alone_is_no_number() {
        for typed in [
            "1234567",
            "12345678",
            "123 456 789",
            "1234567890",
            "0123456789",
            "9876543210",
            "1212121212",
            "+48 123 456 789",
            "+48 987 654 321",
            "0700000000",
            "+33 600 000 000",
        ] {
            assert_eq!(phone(typed, None), None, "{typed}");
        }
        assert_eq!(phone("20 20 20 20", None).as_deref(), Some("20202020"));
        assert_eq!(phone("+48 777 777 777", None).as_deref(), Some("+48777777777"));
    }

    #[test]
    fn a_date_is_no_number() {
        for date in
            ["2026-01-05", "05.01.2026", "1/5/2026", "12.5.2026.33", "2026-01-05 12", "31-12-1999"]
        {
            assert_eq!(phone(date, None), None, "{date}");
        }
        for (number, form) in [
            ("2026 01 05", "20260105"),
            ("06.12.34.56.78", "0612345678"),
            ("212-555-2026", "2125552026"),
            ("+49 30 12-5-2026", "+49301252026"),
        ] {
            assert_eq!(phone(number, None).as_deref(), Some(form), "{number}");
        }
    }

    #[test]
    fn nothing_that_is_written_as_a_number_breaks_the_parser() {
        for length in 0..24 {
            for digit in '0'..='9' {
                let text = format!("+{}1", digit.to_string().repeat(length));
                for country in [None, Country::of("US"), Country::of("IT")] {
                    drop(phone(&text, country));
                    drop(phone(&text[1..], country));
                }
            }
        }
    }
}
