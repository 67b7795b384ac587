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
    marks(json).any(|at| !is_plain(token(json, at)))
}

/// Where a digit is followed by a point or the sign of an exponent. Few places are such, and most bytes of an event go by
/// here, so many are looked at together, without a branch for each.
fn marks(json: &[u8]) -> impl Iterator<Item = usize> {
    let behind = json.get(1..).unwrap_or_default();
    let (digits, marks) = (json.as_chunks::<TOGETHER>().0, behind.as_chunks::<TOGETHER>().0);
    let has_one = |digits: &[u8; TOGETHER], marks: &[u8; TOGETHER]| {
        digits.iter().zip(marks).fold(false, |any, (digit, mark)| any | is_mark(*digit, *mark))
    };
    let chunks = digits.iter().zip(marks).enumerate();
    let chunks = chunks.filter(move |(_, (digits, marks))| has_one(digits, marks));
    let begins = chunks.map(|(chunk, _)| chunk * TOGETHER);
    let begins = begins.chain([behind.len() / TOGETHER * TOGETHER]);
    begins.flat_map(move |begin| {
        let digits = json.iter().skip(begin).take(TOGETHER);
        let pairs = (begin + 1..).zip(digits.zip(behind.iter().skip(begin)));
        pairs.filter(|(_, (digit, mark))| is_mark(**digit, **mark)).map(|(at, _)| at)
    })
}

const fn is_mark(digit: u8, mark: u8) -> bool {
    digit.is_ascii_digit() & ((mark == b'.') | (mark | 0x20 == b'e'))
}

/// The number around this place; nothing where it is part of something else.
fn token(json: &[u8], at: usize) -> &[u8] {
    let is_part =
        |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E');
    let (before, after) = json.split_at(at);
    let begin = before.iter().rposition(|byte| !is_part(byte)).map_or(0, |last| last + 1);
    let end = at + after.iter().position(|byte| !is_part(byte)).unwrap_or(after.len());
    let is_value =
        |byte: Option<&u8>| matches!(byte, Some(b':' | b',' | b'[' | b'{' | b'}' | b']'));
    let stands_alone = begin > 0 && is_value(json.get(begin - 1)) && is_value(json.get(end));
    if stands_alone { json.get(begin..end).unwrap_or_default() } else { &[] }
}

/// Whether a reader with floats writes it just so.
fn is_plain(number: &[u8]) -> bool {
    let number = number.strip_prefix(b"-").unwrap_or(number);
    let Some(point) = memchr::memchr(b'.', number) else { return number.is_empty() };
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
        #[test]
        fn marks_are_found_wherever_they_stand(text in "[ 1.eE]{0,100}") {
            let pairs = text.as_bytes().windows(2).enumerate();
            let is_mark = |pair: &[u8]| pair[0] == b'1' && [b'.', b'e', b'E'].contains(&pair[1]);
            let all = pairs.filter(|(_, pair)| is_mark(pair)).map(|(at, _)| at + 1);
            prop_assert_eq!(marks(text.as_bytes()).collect::<Vec<_>>(), all.collect::<Vec<_>>());
        }
    }

    #[test]
    fn what_a_float_has_is_not_lost() {
        for json in [
            r#"{"a":1.5,"b":[0.001,-9.99,10.0],"c":89490200001234567890}"#,
            r#"{"agent":"Chrome/125.0.0.0 Mobile","address":"192.168.1.10","url":"https://a1.example/1e5"}"#,
            r#"{"e5":1,"x":"1.10","version":"7.0e"}"#,
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
