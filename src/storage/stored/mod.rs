//! The stored shapes: JSON bodies whose keys are a promise to those who read the tables.

mod consent;
mod orders;
mod profile;
mod session;
mod tallies;
mod tally;

pub use profile::StoredProfile;
pub use session::StoredSession;

use serde::{Deserialize, Deserializer, Serializer};

use crate::model::Time;

/// Reads and writes a [`Time`] as RFC 3339 text.
pub(crate) mod moment {
    use super::{Deserialize, Deserializer, Serializer, Time};

    pub(crate) fn serialize<S: Serializer>(time: &Time, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(time)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Time, D::Error> {
        let text = String::deserialize(deserializer)?;
        Time::parse(&text).ok_or_else(|| serde::de::Error::custom("not a time"))
    }
}

/// The same for a time that may be absent.
mod maybe_moment {
    use super::{Deserialize, Deserializer, Serializer, Time};

    #[expect(clippy::ref_option, reason = "serde's signature")]
    pub(super) fn serialize<S: Serializer>(
        time: &Option<Time>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match time {
            Some(time) => serializer.collect_str(time),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Time>, D::Error> {
        Ok(Option::<String>::deserialize(deserializer)?.as_deref().and_then(Time::parse))
    }
}
