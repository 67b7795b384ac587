//! A profile as stored. Parts at their defaults are left out, so that most rows are short.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::consent::{self, StoredWord};
use super::orders::StoredOrders;
use super::tallies::StoredTallies;
use super::tally::{self, StoredMembership};
use super::{maybe_moment, moment};
use crate::model::{
    Because, ConsentLog, EventId, FieldChange, Keeps, Map, MergesOfDay, Namespace, Profile,
    ProfileId, Time, Visits,
};
use crate::storage::Through;

/// The body of a `profile` row.
#[derive(Debug, Serialize, Deserialize)]
pub struct StoredProfile {
    id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    primary_id: Option<String>,
    ids: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    ended: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    apart: Vec<String>,
    #[serde(with = "maybe_moment", default, skip_serializing_if = "Option::is_none")]
    merged_through: Option<Time>,
    #[serde(with = "moment")]
    created: Time,
    #[serde(with = "maybe_moment", default, skip_serializing_if = "Option::is_none")]
    updated: Option<Time>,
    #[serde(default)]
    visit: StoredVisits,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    traits: Map,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    segments: Vec<String>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    interests: Map,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    consents: Map,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    consent_log: Vec<StoredWord>,
    #[serde(default, skip_serializing_if = "StoredOrders::is_empty")]
    orders: StoredOrders,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    aux: Map,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    data: Map,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    fields: BTreeMap<String, StoredChange>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    identifiers: BTreeMap<String, Vec<String>>,
    /// Day and number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    merges: Option<(i64, u64)>,
    #[serde(default, skip_serializing_if = "StoredTallies::is_empty")]
    tallies: StoredTallies,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    audiences: BTreeMap<String, StoredMembership>,
    #[serde(with = "maybe_moment", default, skip_serializing_if = "Option::is_none")]
    due: Option<Time>,
    /// Why they are due, where it is not that time goes by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    woken: Option<String>,
    /// Everything up to this round is counted: its stream and number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    counted: Option<(String, u64)>,
}

impl StoredProfile {
    /// As it is written with a round where rows may be older than what is counted: see
    /// docs/decisions/0026-audiences.md. Of whom nothing is counted, any round may be counted again.
    pub fn written_with(profile: &Profile, at: &Through) -> Self {
        let is_counted = !profile.tallies.is_empty() && !at.stream.is_empty();
        let counted = is_counted.then(|| (at.stream.to_string(), at.seq));
        Self { counted, ..Self::with(profile, StoredTallies::packed(&profile.tallies)) }
    }

    /// Whether the person is kept apart from any of these.
    pub fn is_apart_from_any(&self, others: &[ProfileId]) -> bool {
        self.apart.iter().any(|id| others.iter().any(|other| other.as_str() == id))
    }

    /// The person is kept apart from none of these; false when that was so before.
    pub fn forget_apart(&mut self, others: &[ProfileId]) -> bool {
        let is_one = self.is_apart_from_any(others);
        self.apart.retain(|id| others.iter().all(|other| other.as_str() != id));
        is_one
    }

    /// Who it is, every id of theirs, and when they came.
    pub fn whose(&self) -> (&str, &[String], Time) {
        (&self.id, &self.ids, self.created)
    }

    /// The last round of which everything is counted in it, where it says so.
    pub fn counted(&self) -> Option<Through> {
        let (stream, seq) = self.counted.as_ref()?;
        Some(Through { stream: stream.as_str().into(), seq: *seq })
    }
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct StoredVisits {
    #[serde(with = "maybe_moment", default, skip_serializing_if = "Option::is_none")]
    last: Option<Time>,
    #[serde(with = "maybe_moment", default, skip_serializing_if = "Option::is_none")]
    current: Option<Time>,
    #[serde(default)]
    count: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tz: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct StoredChange {
    #[serde(with = "moment")]
    at: Time,
    event: String,
    /// Which of two values is right, where that is not as usual.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    keeps: Option<String>,
}

impl From<&FieldChange> for StoredChange {
    fn from(change: &FieldChange) -> Self {
        let FieldChange { at, event, keeps } = change;
        let keeps = (*keeps != Keeps::Usual).then(|| keeps.as_str().to_owned());
        Self { at: *at, event: event.to_string(), keeps }
    }
}

impl From<StoredChange> for FieldChange {
    fn from(stored: StoredChange) -> Self {
        let keeps = stored.keeps.as_deref().map_or(Keeps::Usual, Keeps::named);
        Self { at: stored.at, event: EventId::new(stored.event), keeps }
    }
}

impl From<&Profile> for StoredProfile {
    fn from(profile: &Profile) -> Self {
        Self::with(profile, StoredTallies::listed(&profile.tallies))
    }
}

impl StoredProfile {
    fn with(profile: &Profile, tallies: StoredTallies) -> Self {
        let visits = profile.visits.clone();
        let changes = profile.fields.iter().map(|(path, change)| (path.clone(), change.into()));
        let identifiers = profile.identifiers.iter();
        let identifiers = identifiers.map(|(name, values)| (name.to_string(), values.clone()));
        Self {
            id: profile.id.to_string(),
            primary_id: profile.primary_id.clone(),
            ids: texts(&profile.ids),
            ended: texts(&profile.ended),
            apart: texts(&profile.apart),
            merged_through: profile.merged_through,
            created: profile.created,
            updated: profile.updated,
            visit: StoredVisits {
                last: visits.last,
                current: visits.current,
                count: visits.count,
                tz: visits.timezone,
            },
            traits: profile.traits.clone(),
            segments: profile.segments.clone(),
            interests: profile.interests.clone(),
            consents: profile.consents.clone(),
            consent_log: consent::stored(&profile.consent_log),
            orders: StoredOrders::from(&profile.orders),
            aux: profile.aux.clone(),
            data: profile.data.clone(),
            fields: changes.collect(),
            identifiers: identifiers.collect(),
            merges: (profile.merges.count > 0)
                .then_some((profile.merges.day, profile.merges.count)),
            tallies,
            audiences: tally::stored_memberships(&profile.audiences),
            due: profile.due,
            counted: None,
            woken: profile.woken.map(|because| because.as_str().to_owned()),
        }
    }
}

impl From<StoredProfile> for Profile {
    fn from(stored: StoredProfile) -> Self {
        let changes = stored.fields.into_iter().map(|(path, change)| (path, change.into()));
        let identifiers = stored.identifiers.into_iter();
        let identifiers = identifiers.map(|(name, values)| (Namespace::new(name), values));
        let fields: BTreeMap<String, FieldChange> = changes.collect();
        Self {
            consent_log: words(stored.consent_log, &stored.consents, &fields),
            id: ProfileId::new(stored.id),
            primary_id: stored.primary_id,
            ids: ids(stored.ids),
            ended: ids(stored.ended),
            apart: ids(stored.apart),
            merged_through: stored.merged_through,
            created: stored.created,
            updated: stored.updated,
            visits: Visits {
                last: stored.visit.last,
                current: stored.visit.current,
                count: stored.visit.count,
                timezone: stored.visit.tz,
            },
            traits: stored.traits,
            segments: stored.segments,
            interests: stored.interests,
            consents: stored.consents,
            orders: stored.orders.into(),
            aux: stored.aux,
            data: stored.data,
            fields,
            identifiers: identifiers.collect(),
            merges: stored
                .merges
                .map_or_else(MergesOfDay::default, |(day, count)| MergesOfDay { day, count }),
            tallies: stored.tallies.into_tallies(),
            audiences: tally::read_memberships(stored.audiences),
            due: stored.due,
            woken: stored.woken.as_deref().and_then(Because::named),
        }
    }
}

fn texts(ids: &[ProfileId]) -> Vec<String> {
    ids.iter().map(ToString::to_string).collect()
}

fn ids(texts: Vec<String>) -> Vec<ProfileId> {
    texts.into_iter().map(ProfileId::new).collect()
}

/// Every word about consents. Older builds kept what is granted and when that last changed.
fn words(
    stored: Vec<StoredWord>,
    granted: &Map,
    fields: &BTreeMap<String, FieldChange>,
) -> ConsentLog {
    match fields.get("consents") {
        Some(last) if stored.is_empty() => ConsentLog::of_older(granted, last),
        _ => consent::read(stored),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{
        ConsentWord, Entering, Fixed, Keep, Membership, ORDERS_MAX, Order, Sighting, SourceId,
        TallyKey, Told, Worth,
    };
    use serde_json::{Value, json};

    fn count_some(profile: &mut Profile) {
        for keep in [Keep::Latest(2), Keep::Sums(3_600)] {
            for at in 0..600_u32 {
                let worths = [
                    Worth::Nothing,
                    Worth::Number(Fixed::of_millionths(-5)),
                    Worth::Text("x".into()),
                ];
                let worth = worths[usize::try_from(at % 3).unwrap()].clone();
                let at = Time::from_micros(i64::from(at) * 1_000_000);
                let key = TallyKey { keep, hash: u64::MAX };
                profile.tallies.add(key, Sighting { at, event: u64::MAX - 7, worth });
            }
        }
    }

    #[test]
    fn what_is_stored_is_read_back() {
        let mut profile = Profile::new(ProfileId::new("p"), Time::from_micros(1_000_001));
        profile.primary_id = Some("crm-1".into());
        profile.ids.push(ProfileId::new("old"));
        profile.ended.push(ProfileId::new("old"));
        profile.apart.push(ProfileId::new("other"));
        profile.merged_through = Some(Time::from_micros(7));
        profile.updated = Some(Time::from_micros(2));
        profile.visits = Visits {
            last: Some(Time::from_micros(3)),
            current: Some(Time::from_micros(4)),
            count: 5,
            timezone: Some("Europe/Warsaw".into()),
        };
        profile.traits.insert("a".into(), json!({"b": [1, 2.5]}));
        profile.segments.push("s".into());
        profile.interests.insert("i".into(), json!(2));
        profile.consent_log.say(vec![ConsentWord {
            at: Time::from_micros(6),
            received: Some(Time::from_micros(7)),
            position: 1,
            event: EventId::new("e"),
            source: Some(SourceId::new("shop")),
            consent: Some("c".into()),
            granted: true,
            revoke: json!("2030-01-01"),
            version: Some("2026-05".into()),
            purposes: vec!["advertising".into()],
        }]);
        profile.consents = profile.consent_log.granted();
        for number in 0..=ORDERS_MAX {
            let at = Time::from_micros(7);
            let (received, event) = (Some(Time::from_micros(9)), EventId::new("e"));
            let told = Told { at: Time::from_micros(8), received, position: 1, event };
            let order = Order { at, told, value: 19_990_000, currency: "EUR".into() };
            profile.orders.take(number.to_string(), order);
        }
        profile.aux.insert("x".into(), json!(null));
        profile.data.insert("d".into(), json!(true));
        let (at, event) = (Time::from_micros(6), EventId::new("e"));
        let change = FieldChange { at, event, keeps: Keeps::Usual };
        profile.fields.insert("data.d".into(), change.clone());
        let counted = FieldChange { keeps: Keeps::Sum, ..change };
        profile.fields.insert("traits.a".into(), counted);
        profile.identifiers.insert(Namespace::new("pk"), vec!["ab".into()]);
        profile.merges = MergesOfDay { day: 20_458, count: 3 };
        profile.wake(Time::from_micros(9), Because::Import);
        let (since, event) = (Time::from_micros(8), Some(EventId::new("e")));
        let of = |ids: &[&str]| Entering::Of(ids.iter().copied().map(ProfileId::new).collect());
        for entering in [Entering::Own, of(&["b"]), of(&["p", "b"]), Entering::Untold] {
            let audience = format!("{entering:?}").to_lowercase().into();
            let event = event.clone();
            let fades = entering == Entering::Own;
            let membership = Membership { since, event, in_doubt: true, entering, fades };
            profile.audiences.insert(audience, membership);
        }
        count_some(&mut profile);
        let text = serde_json::to_string(&StoredProfile::from(&profile)).unwrap();
        let read: StoredProfile = serde_json::from_str(&text).unwrap();
        assert_eq!(Profile::from(read), profile);
    }

    #[test]
    fn what_older_builds_stored_beside_it_is_passed_over() {
        let text = r#"{"id":"p","ids":["p"],"created":"2026-01-05T10:00:00Z",
            "stats":{"views":1},"active":false,"data":{"d":true}}"#;
        let profile = Profile::from(serde_json::from_str::<StoredProfile>(text).unwrap());
        assert_eq!((profile.id.as_str(), &profile.data["d"]), ("p", &json!(true)));
        assert!(profile.consent_log.is_empty());
    }

    #[test]
    fn consents_of_older_builds_read_as_before_and_have_their_words() {
        let text = r#"{"id":"p","ids":["p"],"created":"2026-01-05T10:00:00Z",
            "consents":{"mail":{"revoke":null}},
            "fields":{"consents":{"at":"2026-01-05T11:00:00Z","event":"e"}}}"#;
        let profile = Profile::from(serde_json::from_str::<StoredProfile>(text).unwrap());
        assert_eq!(Value::Object(profile.consents.clone()), json!({"mail": {"revoke": null}}));
        assert_eq!(profile.consent_log.granted(), profile.consents);
        let said = profile.consent_log.words().iter();
        let said: Vec<_> = said.map(|word| (word.consent.as_deref(), word.granted)).collect();
        assert_eq!(said, [(None, false), (Some("mail"), true)]);
    }
}
