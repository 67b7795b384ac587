//! Which sightings a tally keeps, and by what it is known.

use std::fmt;

use super::{TEXT_BYTES_MAX, TEXT_OF_MANY_BYTES_MAX};

/// Which sightings are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Keep {
    /// So many that happened last.
    Latest(u16),
    /// The one that happened first.
    Earliest,
    /// The one of the least worth.
    Least,
    /// The one of the greatest worth.
    Greatest,
    /// The last one of each worth.
    Values,
    /// The last one of each `event`: what is so until the contrary is said of the same.
    Words,
    /// All of them; those beyond [`SIGHTINGS_MAX`] as sums of so many seconds each, 0 for one sum.
    Sums(u32),
}

/// What a tally counts and keeps: of rules that count the same, the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TallyKey {
    /// Which sightings are kept.
    pub keep: Keep,
    /// A hash of what is counted.
    pub hash: u64,
}

/// As it is stored and told: `l3-0123456789abcdef`.
impl fmt::Display for TallyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:016x}", self.keep.code(), self.hash)
    }
}

/// Of nothing, until it is known what is counted.
impl Default for TallyKey {
    fn default() -> Self {
        Self { keep: Keep::Earliest, hash: 0 }
    }
}

impl TallyKey {
    /// The key that is written so.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (code, hash) = text.split_once('-')?;
        Some(Self { keep: Keep::of_code(code)?, hash: u64::from_str_radix(hash, 16).ok()? })
    }
}

impl Keep {
    /// As it is stored, and as it stands in the key of a tally.
    #[must_use]
    pub fn code(self) -> String {
        match self {
            Self::Latest(many) => format!("l{many}"),
            Self::Earliest => "e".to_owned(),
            Self::Least => "n".to_owned(),
            Self::Greatest => "x".to_owned(),
            Self::Values => "v".to_owned(),
            Self::Words => "w".to_owned(),
            Self::Sums(seconds) => format!("s{seconds}"),
        }
    }

    /// Longest text that it keeps whole, in bytes.
    #[must_use]
    pub fn text_bytes_max(self) -> usize {
        match self {
            Self::Latest(1) | Self::Earliest | Self::Least | Self::Greatest => TEXT_BYTES_MAX,
            Self::Latest(_) | Self::Values | Self::Words | Self::Sums(_) => TEXT_OF_MANY_BYTES_MAX,
        }
    }

    /// What that code says.
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        match code.split_at_checked(1)? {
            ("l", many) => many.parse().ok().map(Self::Latest),
            ("e", "") => Some(Self::Earliest),
            ("n", "") => Some(Self::Least),
            ("x", "") => Some(Self::Greatest),
            ("v", "") => Some(Self::Values),
            ("w", "") => Some(Self::Words),
            ("s", seconds) => seconds.parse().ok().map(Self::Sums),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_says_what_is_kept() {
        let all = [Keep::Latest(3), Keep::Earliest, Keep::Least, Keep::Greatest, Keep::Values];
        for keep in all.into_iter().chain([Keep::Words, Keep::Sums(0), Keep::Sums(5_400)]) {
            assert_eq!(Keep::of_code(&keep.code()), Some(keep));
        }
        for code in ["", "l", "q", "ee", "s-1", "ž"] {
            assert_eq!(Keep::of_code(code), None, "{code}");
        }
    }
}
