//! Numbers that a reader with floats would write otherwise than they were sent.

/// A float has every decimal of so many digits.
const FLOAT_DIGITS: usize = 15;
/// With more zeros behind its point, a number is written with an exponent.
const ZEROS_MAX: usize = 3;
/// Bytes that a processor compares at once.
const TOGETHER: usize = 16;

/// Whether compact JSON holds such a number: one with an exponent, with more digits than a float has, or with
/// a zero at the end that says nothing (`1.10`). Whole numbers are none, since DuckDB keeps their digits. A
/// text that looks as if it held one is taken for one.
///
/// Such a number has a digit before a point or before the letter of its exponent. Few places are such, and most bytes
/// of an event go by here, so many are looked at together, without a branch for each.
pub(super) fn would_be_lost(json: &[u8]) -> bool {
    let last = json.len().saturating_sub(TOGETHER + 1);
    let windows = (0..json.len()).step_by(TOGETHER).map(|from| from.min(last));
    let mut windows = windows.filter_map(|from| Some((from, json.get(from..)?)));
    windows.any(|(from, rest)| match rest.first_chunk() {
        Some(window) => any_splits(window) && any_is_lost(json, from, window),
        None => any_is_lost(json, from, rest),
    })
}

fn any_splits(window: &[u8; TOGETHER + 1]) -> bool {
    let pairs = window[..TOGETHER].iter().zip(&window[1..]);
    pairs.fold(false, |any, (digit, sign)| any | is_split(*digit, *sign))
}

const fn is_split(digit: u8, sign: u8) -> bool {
    digit.is_ascii_digit() & ((sign == b'.') | (sign | 0x20 == b'e'))
}

/// The same of the numbers that `window` splits, which begins at `from`.
fn any_is_lost(json: &[u8], from: usize, window: &[u8]) -> bool {
    let pairs = window.iter().zip(window.iter().skip(1)).zip(from..);
    let mut splits = pairs.filter(|((digit, sign), _)| is_split(**digit, **sign));
    splits.any(|(_, at)| !is_plain(number(json, at)))
}

/// The number that has a digit there; nothing where it is part of something else.
fn number(json: &[u8], at: usize) -> &[u8] {
    let is_part =
        |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E');
    let (before, rest) = json.split_at(at);
    let begin = before.iter().rposition(|byte| !is_part(byte)).map_or(0, |at| at + 1);
    let length = rest.iter().position(|byte| !is_part(byte)).unwrap_or(rest.len());
    let stands = |byte: Option<&u8>, among: [u8; 3]| byte.is_some_and(|byte| among.contains(byte));
    let is_one = stands(before[..begin].last(), *b":,[") && stands(rest.get(length), *b",}]");
    if is_one { &json[begin..at + length] } else { &[] }
}

/// Whether a reader with floats writes it just so.
fn is_plain(number: &[u8]) -> bool {
    let number = number.strip_prefix(b"-").unwrap_or(number);
    let Some(point) = memchr::memchr(b'.', number) else {
        return memchr::memchr2(b'e', b'E', number).is_none();
    };
    let (whole, fraction) = (&number[..point], &number[point + 1..]);
    let digits = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
    let zeros = fraction.iter().take_while(|digit| **digit == b'0').count();
    digits(whole)
        && digits(fraction)
        && whole.len() + fraction.len() <= FLOAT_DIGITS
        && (fraction == b"0" || !fraction.ends_with(b"0"))
        && (whole != b"0" || zeros <= ZEROS_MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Letter by letter, as the rule says it.
        #[test]
        fn numbers_are_found_wherever_they_stand(text in "[ 10.eE:,\\[}x-]{0,100}") {
            let is_part = |letter: char| "0123456789-+.eE".contains(letter);
            let numbers = text.split(|letter| !is_part(letter)).map(|number| {
                let from = number.as_ptr().addr() - text.as_ptr().addr();
                (text[..from].chars().last(), number, text[from + number.len()..].chars().next())
            });
            let mut lost = numbers.filter(|(before, number, after)| {
                let stands = before.is_some_and(|letter| ":,[".contains(letter))
                    && after.is_some_and(|letter| ",}]".contains(letter));
                let is_split = number.as_bytes().windows(2).any(|pair| is_split(pair[0], pair[1]));
                stands && is_split && !is_plain(number.as_bytes())
            });
            prop_assert_eq!(would_be_lost(text.as_bytes()), lost.next().is_some());
        }
    }

    #[test]
    fn what_a_float_has_is_not_lost() {
        for json in [
            r#"{"a":1.5,"b":[0.001,-9.99,10.0],"c":89490200001234567890}"#,
            r#"{"agent":"Chrome/125.0.0.0 Mobile","address":"192.168.1.10","url":"https://a1.example/1e5"}"#,
            r#"{"e5":1,"x":"1.10","version":"7.0e"}"#,
            r#"{"a":12,"b":-7,"time":"2026-01-01T10:10:10.10Z","c":[1,2.5],"d":"a,2026-01-01,b"}"#,
            "{}",
        ] {
            assert!(!would_be_lost(json.as_bytes()), "{json}");
        }
    }

    #[test]
    fn what_a_float_has_not_is_lost() {
        for number in
            ["1.10", "1e2", "1E-2", "0.12345678901234567", "1234567890123456.5", "0.00001", "-1.50"]
        {
            for json in [format!("{{\"a\":{number}}}"), format!("{{\"a\":[1,{number},2]}}")] {
                assert!(would_be_lost(json.as_bytes()), "{json}");
            }
        }
    }
}
