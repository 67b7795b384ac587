//! Numbers that a reader with floats would write otherwise than they were sent.

/// A float has every decimal of so many digits.
const FLOAT_DIGITS: usize = 15;
/// With more zeros behind its point, a number is written with an exponent.
const ZEROS_MAX: usize = 3;
/// Bytes that a processor compares at once, about.
const TOGETHER: usize = 32;

/// Whether compact JSON holds such a number: one with an exponent, with more digits than a float has, or with
/// a zero at the end that says nothing (`1.10`). Whole numbers are none, since DuckDB keeps their digits. A
/// text that looks as if it held one is taken for one.
pub(super) fn would_be_lost(json: &[u8]) -> bool {
    begins(json).any(|at| !is_plain(number(json, at)))
}

/// Where a number begins, behind what may stand in front of one. Few places are such, and most bytes of an event go by
/// here, so many are looked at together, without a branch for each. The last may be told of twice.
fn begins(json: &[u8]) -> impl Iterator<Item = usize> {
    let last = json.len().saturating_sub(TOGETHER + 1);
    let windows = (0..json.len()).step_by(TOGETHER).map(move |from| from.min(last));
    let windows = windows.filter_map(|from| json.get(from..)?.first_chunk().map(|w| (from, w)));
    let long = windows.filter(|(_, window)| any_begins(window));
    let long = long.flat_map(|(from, window)| (from..).zip(pairs(window)));
    let short = if json.len() > TOGETHER { &[] } else { json };
    let found = long.chain((0..).zip(pairs(short)));
    found.filter(|(_, (before, first))| is_begin(*before, *first)).map(|(at, _)| at + 1)
}

fn pairs(bytes: &[u8]) -> impl Iterator<Item = (u8, u8)> {
    bytes.iter().copied().zip(bytes.iter().copied().skip(1))
}

fn any_begins(window: &[u8; TOGETHER + 1]) -> bool {
    let (before, first) = (&window[..TOGETHER], &window[1..]);
    let pairs = before.iter().zip(first);
    pairs.fold(false, |any, (before, first)| any | is_begin(*before, *first))
}

const fn is_begin(before: u8, first: u8) -> bool {
    ((before == b':') | (before == b',') | (before == b'['))
        & (first.is_ascii_digit() | (first == b'-'))
}

/// The number that begins there; nothing where it is part of something else.
fn number(json: &[u8], at: usize) -> &[u8] {
    let rest = json.get(at..).unwrap_or_default();
    let is_part =
        |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E');
    let end = rest.iter().position(|byte| !is_part(byte)).unwrap_or(rest.len());
    let (number, behind) = rest.split_at(end);
    if matches!(behind.first(), Some(b',' | b'}' | b']')) { number } else { &[] }
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
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn numbers_are_found_wherever_they_begin(text in "[ 1:,\\[-]{0,100}") {
            let is_begin = |pair: &[u8]| b":,[".contains(&pair[0]) && b"1-".contains(&pair[1]);
            let pairs = text.as_bytes().windows(2).enumerate();
            let all = pairs.filter(|(_, pair)| is_begin(pair)).map(|(at, _)| at + 1);
            let found: BTreeSet<usize> = begins(text.as_bytes()).collect();
            prop_assert_eq!(found, all.collect::<BTreeSet<_>>());
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
