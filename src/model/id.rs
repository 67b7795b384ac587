//! Ids: opaque strings, each kind a type of its own so that they cannot be mixed up.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::sync::Arc;

use uuid::Uuid;

/// Longest id that is taken from outside, in bytes (docs/wire.md §3.1). Longer ones are refused,
/// since an id that is cut is somebody else's.
pub const ID_BYTES_MAX: usize = 128;

/// An id of one kind of thing. Compares by text; cheap to clone.
pub struct Id<Kind>(Arc<str>, PhantomData<fn() -> Kind>);

/// Marks the ids of profiles.
pub enum ProfileKind {}
/// Marks the ids of sessions.
pub enum SessionKind {}
/// Marks the ids of events.
pub enum EventKind {}
/// Marks the ids of event sources.
pub enum SourceKind {}

/// Whose: one per person, given by Kith (UUIDv7) unless the source brings its own.
pub type ProfileId = Id<ProfileKind>;
/// One visit, named by the client or drawn by Kith.
pub type SessionId = Id<SessionKind>;
/// One event, named by the client or drawn by Kith.
pub type EventId = Id<EventKind>;
/// One event source.
pub type SourceId = Id<SourceKind>;

/// Whether a text is a UUID as Kith draws and writes them, whatever its letters: it is nothing else by chance, wherever
/// it stands.
#[must_use]
pub fn is_uuid(text: &str) -> bool {
    // Other lengths are other ways to write one.
    text.len() == uuid::fmt::Hyphenated::LENGTH && Uuid::try_parse(text).is_ok()
}

impl<Kind> Id<Kind> {
    /// An id of this text.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into(), PhantomData)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<Kind> From<Uuid> for Id<Kind> {
    fn from(drawn: Uuid) -> Self {
        let mut text = Uuid::encode_buffer();
        Self::new(&*drawn.hyphenated().encode_lower(&mut text))
    }
}

impl<Kind> Clone for Id<Kind> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0), PhantomData)
    }
}

impl<Kind> PartialEq for Id<Kind> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<Kind> Eq for Id<Kind> {}

impl<Kind> Hash for Id<Kind> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<Kind> PartialOrd for Id<Kind> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<Kind> Ord for Id<Kind> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}

/// Lets a map keyed by id be asked by text.
impl<Kind> std::borrow::Borrow<str> for Id<Kind> {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl<Kind> fmt::Debug for Id<Kind> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.as_str())
    }
}

impl<Kind> fmt::Display for Id<Kind> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
