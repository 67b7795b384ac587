//! All tallies of somebody as stored: packed, or listed one by one.
//!
//! Listed is how versions before 0.2 have stored them, and how it is where nodes of these may be beside this one.
//! Packed takes a seventh of that and is written ten times as fast: most tallies of a person know the same few
//! events, which stand there once.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::tally::StoredTally;
use crate::model::{Tallies, TallyKey};

/// As it is written; read from either.
#[derive(Debug)]
enum Form {
    Packed(String),
    Listed(BTreeMap<String, StoredTally>),
}

/// See the module. Written in one form, and read from both.
#[derive(Debug, Default)]
pub(super) struct StoredTallies(pub(super) Tallies, Option<Form>);

impl StoredTallies {
    pub(super) fn packed(tallies: &Tallies) -> Self {
        let form = (!tallies.is_empty())
            .then(|| Form::Packed(BASE64_STANDARD_NO_PAD.encode(tallies.packed())));
        Self(Tallies::default(), form)
    }

    pub(super) fn listed(tallies: &Tallies) -> Self {
        let listed = || {
            let all = tallies.iter();
            all.map(|(key, tally)| (key.to_string(), StoredTally::from(tally))).collect()
        };
        Self(Tallies::default(), (!tallies.is_empty()).then(|| Form::Listed(listed())))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.1.is_none()
    }
}

impl Serialize for StoredTallies {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.1 {
            Some(Form::Packed(text)) => serializer.serialize_str(text),
            Some(Form::Listed(all)) => all.serialize(serializer),
            None => serializer.serialize_map(Some(0)).and_then(serde::ser::SerializeMap::end),
        }
    }
}

impl<'de> Deserialize<'de> for StoredTallies {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Either).map(|tallies| Self(tallies, None))
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
        serde_json::from_str::<StoredTallies>(text).unwrap().0
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
