//! Identifiers: what a person is recognised by across profiles.

use std::fmt;
use std::sync::Arc;

/// A kind of key by which people are known: `email`, `phone`, `id`, `pk`, or what the rules name
/// besides. Two people may have the same value in different ones. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Namespace(Arc<str>);

impl Namespace {
    /// The namespace of this name.
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        Self(name.into())
    }

    /// Its name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.as_str())
    }
}

impl fmt::Display for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What an event says the person is known by, in its namespace's form, not yet hashed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identifier {
    /// What kind of key it is.
    pub namespace: Namespace,
    /// In the form of its namespace.
    pub value: String,
}

/// An identifier as it is kept: its value hashed with the installation's key, so that the table
/// alone tells nobody's address.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IdentifierKey {
    /// As in [`Identifier::namespace`].
    pub namespace: Namespace,
    /// 32 hexadecimal digits (the first half of an HMAC-SHA-256).
    pub hash: String,
}

/// By which a repeated event is known: a keyed hash of source and event id. 128 bits are its own
/// proof: among 10^12 events, the chance that any two share one is less than 10^-14.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Mark(pub u128);

impl Mark {
    /// As databases hold it.
    #[must_use]
    pub fn halves(self) -> [i64; 2] {
        let half = |bits: u128| u64::try_from(bits).unwrap_or_default().cast_signed();
        [half(self.0 & u128::from(u64::MAX)), half(self.0 >> 64)]
    }

    /// From what databases hold.
    #[must_use]
    pub fn of([low, high]: [i64; 2]) -> Self {
        Self(u128::from(low.cast_unsigned()) | u128::from(high.cast_unsigned()) << 64)
    }
}
