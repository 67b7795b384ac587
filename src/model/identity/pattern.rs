//! What a value must look like, as administrators write it.

use regex::{Regex, RegexBuilder};

/// Longest pattern, in bytes.
const PATTERN_BYTES_MAX: usize = 512;
/// What a compiled pattern may take, in bytes: repetitions of repetitions grow fast.
const COMPILED_BYTES_MAX: usize = 256 * 1024;

/// A regular expression that a whole value must match. Matching takes time linear in the value.
#[derive(Clone, Debug)]
pub struct Pattern {
    written: String,
    whole: Regex,
}

/// The pattern cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatternUnfit {
    /// It is longer than it may be, or would take too much memory.
    TooLarge,
    /// It is no regular expression.
    Unreadable,
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.written == other.written
    }
}

impl Eq for Pattern {}

impl Pattern {
    /// Of what was written.
    ///
    /// # Errors
    /// See [`PatternUnfit`].
    pub fn new(written: &str) -> Result<Self, PatternUnfit> {
        if written.len() > PATTERN_BYTES_MAX {
            return Err(PatternUnfit::TooLarge);
        }
        // Alone first: `a)|(b` is none, and would be one between the brackets.
        let build = |text: &str| RegexBuilder::new(text).size_limit(COMPILED_BYTES_MAX).build();
        let both = build(written).and_then(|_| build(&format!(r"\A(?:{written})\z")));
        let whole = both.map_err(|error| {
            if matches!(error, regex::Error::CompiledTooBig(_)) {
                PatternUnfit::TooLarge
            } else {
                PatternUnfit::Unreadable
            }
        })?;
        Ok(Self { written: written.to_owned(), whole })
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// Whether all of `value` is as it says.
    #[must_use]
    pub fn fits(&self, value: &str) -> bool {
        self.whole.is_match(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_holds_for_the_whole_value() {
        let pattern = Pattern::new("c-[0-9]+|x").unwrap();
        for (value, fits) in [("c-12", true), ("x", true), ("c-12x", false), ("xx", false)] {
            assert_eq!(pattern.fits(value), fits, "{value}");
        }
        assert!(Pattern::new("(?x) a # comment").is_err(), "what would swallow the bracket");
    }

    #[test]
    fn what_is_too_large_or_no_pattern_is_refused() {
        let why = |text: &str| Pattern::new(text).unwrap_err();
        assert_eq!(why("a)|(b"), PatternUnfit::Unreadable);
        assert_eq!(why(&"a".repeat(513)), PatternUnfit::TooLarge);
        assert_eq!(why("((a{100}){100}){100}"), PatternUnfit::TooLarge);
    }
}
