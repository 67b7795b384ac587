//! A profile as stored. Parts at their defaults are left out, so that most rows are short.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{maybe_moment, moment};
use crate::model::{
    EventId, FieldChange, Map, MergesOfDay, Namespace, Profile, ProfileId, Time, Visits,
};

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
}

impl From<&Profile> for StoredProfile {
    fn from(profile: &Profile) -> Self {
        let visits = profile.visits.clone();
        let changes = profile.fields.iter().map(|(path, change)| {
            (path.clone(), StoredChange { at: change.at, event: change.event.to_string() })
        });
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
            aux: profile.aux.clone(),
            data: profile.data.clone(),
            fields: changes.collect(),
            identifiers: identifiers.collect(),
            merges: (profile.merges.count > 0)
                .then_some((profile.merges.day, profile.merges.count)),
        }
    }
}

impl From<StoredProfile> for Profile {
    fn from(stored: StoredProfile) -> Self {
        let changes = stored.fields.into_iter().map(|(path, change)| {
            (path, FieldChange { at: change.at, event: EventId::new(change.event) })
        });
        let identifiers = stored.identifiers.into_iter();
        let identifiers = identifiers.map(|(name, values)| (Namespace::new(name), values));
        Self {
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
            aux: stored.aux,
            data: stored.data,
            fields: changes.collect(),
            identifiers: identifiers.collect(),
            merges: stored
                .merges
                .map_or_else(MergesOfDay::default, |(day, count)| MergesOfDay { day, count }),
        }
    }
}

fn texts(ids: &[ProfileId]) -> Vec<String> {
    ids.iter().map(ToString::to_string).collect()
}

fn ids(texts: Vec<String>) -> Vec<ProfileId> {
    texts.into_iter().map(ProfileId::new).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

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
        profile.consents.insert("c".into(), json!({"revoke": null}));
        profile.aux.insert("x".into(), json!(null));
        profile.data.insert("d".into(), json!(true));
        let change = FieldChange { at: Time::from_micros(6), event: EventId::new("e") };
        profile.fields.insert("data.d".into(), change);
        profile.identifiers.insert(Namespace::new("pk"), vec!["ab".into()]);
        profile.merges = MergesOfDay { day: 20_458, count: 3 };
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
    }
}
