//! All tallies of somebody as stored: packed, or listed one by one.
//!
//! Listed is how versions before 0.2 have stored them, and how it is where nodes of these may be beside this one.
//! Packed takes a seventh of that and is written ten times as fast: most tallies of a person know the same few
//! events, which stand there once.

mod pack;
mod unpack;

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
        let form = (!tallies.0.is_empty())
            .then(|| Form::Packed(BASE64_STANDARD_NO_PAD.encode(pack::pack(tallies))));
        Self(Tallies::default(), form)
    }

    pub(super) fn listed(tallies: &Tallies) -> Self {
        let listed = || {
            let all = tallies.0.iter();
            all.map(|(key, tally)| (key.to_string(), StoredTally::from(tally))).collect()
        };
        Self(Tallies::default(), (!tallies.0.is_empty()).then(|| Form::Listed(listed())))
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
        unpack::unpack(&bytes).ok_or_else(|| E::custom("packed tallies are damaged"))
    }

    /// What a newer build has stored and this one does not know is left out.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tallies, A::Error> {
        let mut tallies = Tallies::default();
        while let Some((key, tally)) = map.next_entry::<String, StoredTally>()? {
            let known = TallyKey::parse(&key).zip(tally.read());
            tallies.0.extend(known);
        }
        Ok(tallies)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::{Fixed, Keep, Sighting, Sums, Time, Worth};

    fn worth() -> impl Strategy<Value = Worth> {
        prop_oneof![
            Just(Worth::Nothing),
            any::<i128>().prop_map(|number| Worth::Number(Fixed::of_millionths(number))),
            "[a-zž\"\\\\]{0,5}".prop_map(Worth::Text),
        ]
    }

    fn keep() -> impl Strategy<Value = Keep> {
        prop_oneof![
            any::<u16>().prop_map(Keep::Latest),
            any::<u32>().prop_map(Keep::Sums),
            Just(Keep::Earliest),
            Just(Keep::Least),
            Just(Keep::Greatest),
            Just(Keep::Values),
            Just(Keep::Words),
        ]
    }

    fn tallies() -> impl Strategy<Value = Tallies> {
        let sighting = (-9..9_i64, 0..3_u32, worth());
        let sums = (any::<i64>(), any::<u64>(), any::<i128>());
        let tally = (
            (keep(), any::<u64>()),
            prop::collection::vec(sighting, 0..6),
            prop::collection::vec(sums, 0..3),
            prop::option::of(any::<i64>()),
        );
        prop::collection::vec(tally, 0..8).prop_map(|all| {
            let mut tallies = Tallies::default();
            for ((keep, hash), sightings, sums, through) in all {
                let key = TallyKey { keep, hash };
                for (at, event, worth) in sightings {
                    let at = Time::from_micros(1_767_607_200_000_000 + at);
                    tallies.add(key, Sighting { at, event, worth });
                }
                let Some(tally) = tallies.0.get_mut(&key) else { continue };
                tally.through = through.map(Time::from_micros);
                tally.before.extend(sums.into_iter().map(|(begin, count, sum)| {
                    let [sum, least, greatest] = [sum, -1, i128::MAX].map(Fixed::of_millionths);
                    (begin, Sums { count, sum, least, greatest })
                }));
            }
            tallies
        })
    }

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

        #[test]
        fn what_is_damaged_is_refused_and_nobody_falls(
            tallies in tallies(), at in any::<prop::sample::Index>(), byte in any::<u8>(),
        ) {
            let mut bytes = pack::pack(&tallies);
            let at = at.index(bytes.len());
            bytes[at] = byte;
            drop(unpack::unpack(&bytes));
            bytes.truncate(at);
            prop_assert_eq!(unpack::unpack(&bytes), None);
        }
    }
}
