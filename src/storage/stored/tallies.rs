//! All tallies of somebody as stored: packed, or listed one by one.
//!
//! Listed is how formats before 15 have them, and how it is where nodes of these may be beside this one. Packed
//! takes a quarter of that: most tallies of a person know the same few events, which stand there once.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::tally::StoredTally;
use crate::model::{Tallies, TallyKey};

/// See the module. Written in one form, and read from both.
#[derive(Debug)]
pub(super) enum StoredTallies {
    Packed(String),
    Listed(BTreeMap<String, StoredTally>),
    /// As they were read from either.
    Read(Tallies),
}

impl StoredTallies {
    pub(super) fn packed(tallies: &Tallies) -> Self {
        if tallies.is_empty() {
            return Self::default();
        }
        Self::Packed(BASE64_STANDARD_NO_PAD.encode(tallies.packed()))
    }

    pub(super) fn listed(tallies: &Tallies) -> Self {
        let all = tallies.iter();
        Self::Listed(all.map(|(key, tally)| (key.to_string(), tally.into())).collect())
    }

    /// Of nothing there is nothing to write.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Packed(_) => false,
            Self::Listed(all) => all.is_empty(),
            Self::Read(tallies) => tallies.is_empty(),
        }
    }

    pub(super) fn into_tallies(self) -> Tallies {
        if let Self::Read(tallies) = self { tallies } else { Tallies::default() }
    }
}

impl Default for StoredTallies {
    fn default() -> Self {
        Self::Read(Tallies::default())
    }
}

impl Serialize for StoredTallies {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Packed(text) => serializer.serialize_str(text),
            Self::Listed(all) => all.serialize(serializer),
            Self::Read(tallies) => Self::listed(tallies).serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for StoredTallies {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Either).map(Self::Read)
    }
}

struct Either;

impl<'de> Visitor<'de> for Either {
    type Value = Tallies;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("tallies")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Tallies, E> {
        let bytes = BASE64_STANDARD_NO_PAD.decode(text).map_err(E::custom)?;
        Tallies::of_packed(&bytes).ok_or_else(|| E::custom("packed tallies are damaged"))
    }

    /// What a newer build has stored and this one does not know is left out.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tallies, A::Error> {
        let mut tallies = Tallies::default();
        while let Some((key, tally)) = map.next_entry::<String, StoredTally>()? {
            if let Some((key, tally)) = TallyKey::parse(&key).zip(tally.read()) {
                tallies.put(key, tally);
            }
        }
        Ok(tallies)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::tests_of_tallies::tallies;

    fn read(text: &str) -> Tallies {
        serde_json::from_str::<StoredTallies>(text).unwrap().into_tallies()
    }

    proptest! {
        #[test]
        fn either_form_is_read_back(tallies in tallies()) {
            for form in [StoredTallies::packed(&tallies), StoredTallies::listed(&tallies)] {
                prop_assert_eq!(&read(&serde_json::to_string(&form).unwrap()), &tallies);
            }
        }
    }
}
