//! What a merger's row holds: why, and both as they were; without whoever is gone.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::identification::Evidence;
use crate::model::{IdentifierKey, Namespace, Profile, ProfileId, SourceId, Time};
use crate::storage::sql::rows;
use crate::storage::{MergeRecord, StorageError, StoredProfile};

/// The body of a `merge` row.
#[derive(Serialize, Deserialize)]
pub(super) struct Body {
    evidence: serde_json::Value,
    pub(super) event: Option<String>,
    #[serde(default)]
    pub(super) source: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) came_with: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) rules: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) believed: Option<String>,
    pub(super) before: [StoredProfile; 2],
    /// Who ended when it was written, where that is another one than is said to have ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) named: Option<String>,
}

impl Body {
    pub(super) fn read(text: &str) -> Result<Self, StorageError> {
        serde_json::from_str(text).map_err(rows::damaged("merge"))
    }

    /// None when it is something that only a newer Kith knows.
    pub(super) fn evidence(&self) -> Option<Evidence> {
        StoredEvidence::deserialize(&self.evidence).ok().map(Evidence::from)
    }
}

/// What showed it, as it is stored.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum StoredEvidence {
    Identifier { namespace: String, hash: String },
    Passed { source_id: String },
    Decided { namespace: String, hash: String, by: String },
}

impl From<&Evidence> for StoredEvidence {
    fn from(evidence: &Evidence) -> Self {
        match evidence {
            Evidence::Identifier(key) => Self::Identifier {
                namespace: key.namespace.as_str().to_owned(),
                hash: key.hash.clone(),
            },
            Evidence::Passed(source) => Self::Passed { source_id: source.to_string() },
            Evidence::Decided { key, by } => Self::Decided {
                namespace: key.namespace.as_str().to_owned(),
                hash: key.hash.clone(),
                by: by.clone(),
            },
        }
    }
}

impl From<StoredEvidence> for Evidence {
    fn from(stored: StoredEvidence) -> Self {
        match stored {
            StoredEvidence::Identifier { namespace, hash } => {
                Self::Identifier(IdentifierKey { namespace: Namespace::new(namespace), hash })
            }
            StoredEvidence::Passed { source_id } => Self::Passed(SourceId::new(source_id)),
            StoredEvidence::Decided { namespace, hash, by } => {
                let key = IdentifierKey { namespace: Namespace::new(namespace), hash };
                Self::Decided { key, by }
            }
        }
    }
}

/// What is kept of a merger: why, and both as they were.
pub(in crate::storage) fn body(merge: &MergeRecord) -> Result<String, StorageError> {
    let failed = |error: serde_json::Error| StorageError::Failed(error.to_string());
    rows::to_json(&Body {
        evidence: serde_json::to_value(StoredEvidence::from(&merge.evidence)).map_err(failed)?,
        event: merge.event.as_ref().map(ToString::to_string),
        source: Some(merge.source.to_string()),
        came_with: merge.came_with.as_ref().map(ToString::to_string),
        rules: Some(merge.rules),
        believed: merge.believed.map(|trust| trust.as_str().to_owned()),
        before: merge.before.each_ref().map(|profile| StoredProfile::from(profile.as_ref())),
        named: None,
    })
}

/// The body with both as they would have been. It keeps its name.
pub(super) fn written_anew(
    body: &str,
    named: &ProfileId,
    before: &[Arc<Profile>; 2],
) -> Result<String, StorageError> {
    let mut body = Body::read(body)?;
    body.named = (before[1].id != *named).then(|| named.to_string());
    body.before = before.each_ref().map(|profile| StoredProfile::from(profile.as_ref()));
    rows::to_json(&body)
}

/// What a merger's row says beside its body: whose id leads to whose, and when it was written.
pub(in crate::storage) struct Columns {
    pub(in crate::storage) loser: String,
    pub(in crate::storage) winner: String,
    pub(in crate::storage) merged: Time,
}

/// The body without a word of these people; none where it says none. Where somebody was one with them by then, nobody
/// can tell what was whose: nothing is left of that side but whose ids the others are. That two are one stays, and
/// why: history is read by it, and it can be taken back.
pub(in crate::storage) fn without(
    body: &str,
    columns: &Columns,
    gone: &[ProfileId],
) -> Result<Option<String>, StorageError> {
    let mut says_any = false;
    for id in gone {
        says_any |= body.contains(&rows::to_json(&id.as_str())?);
    }
    if !says_any {
        return Ok(None);
    }
    let mut body = Body::read(body)?;
    let is_gone = |id: &String| gone.iter().any(|one| one.as_str() == id);
    body.named = body.named.filter(|id| !is_gone(id));
    if body.came_with.as_ref().is_some_and(is_gone) {
        (body.came_with, body.event) = (None, None);
    }
    let [winner, loser] = &mut body.before;
    for (side, column) in [(winner, &columns.winner), (loser, &columns.loser)] {
        side.forget_apart(gone);
        if let Some(bare) = without_those(side, column, columns, gone) {
            *side = StoredProfile::from(&bare);
        }
    }
    rows::to_json(&body).map(Some)
}

/// The side without those who are gone, if they were in it. Which of two is the older one stays as it is told.
fn without_those(
    side: &StoredProfile,
    column: &str,
    columns: &Columns,
    gone: &[ProfileId],
) -> Option<Profile> {
    let (id, all, created) = side.whose();
    let is_gone = |id: &str| gone.iter().any(|one| one.as_str() == id);
    if !all.iter().any(|id| is_gone(id)) {
        return None;
    }
    let mut ids: Vec<&str> = all.iter().map(String::as_str).filter(|id| !is_gone(id)).collect();
    if ids.is_empty() {
        ids.push(column);
    }
    let is_theirs = |id: &&str| ids.contains(id);
    let told = [columns.winner.as_str(), columns.loser.as_str()].into_iter().find(is_theirs);
    let living = [Some(id).filter(is_theirs), told, ids.first().copied()];
    let living = living.into_iter().flatten().next().unwrap_or(column);
    // Whoever had come first may be gone: the others came by then, at the latest.
    let is_younger = living != id && living != columns.winner;
    let created = if is_younger { columns.merged } else { created };
    let mut bare = Profile::new(ProfileId::new(living), created);
    bare.ids = ids.into_iter().map(ProfileId::new).collect();
    Some(bare)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_record_of_older_builds_says_less_and_is_read() {
        let body = r#"{"evidence":{"identifier":{"namespace":"email","hash":"ab"}},"event":"e",
            "before":[{"id":"a","ids":["a"],"created":"2026-01-05T10:00:00Z"},
                      {"id":"b","ids":["b"],"created":"2026-01-05T10:00:01Z"}]}"#;
        let body: Body = serde_json::from_str(body).unwrap();
        assert_eq!((body.rules, body.believed, body.source, body.came_with), Default::default());
        assert_eq!(body.before.map(Profile::from)[1].id, ProfileId::new("b"));
    }

    fn columns(loser: &str, winner: &str) -> Columns {
        Columns { loser: loser.into(), winner: winner.into(), merged: Time::from_micros(5) }
    }

    /// What is left of both once `gone` are: who they are, whose ids, when they came, and what they did.
    fn left(before: &serde_json::Value, columns: &Columns, gone: &str) -> Vec<serde_json::Value> {
        let body = json!({"evidence": {}, "event": "e", "came_with": gone, "named": gone, "before": before});
        let gone = [ProfileId::new(gone)];
        let left = without(&body.to_string(), columns, &gone).unwrap().unwrap();
        assert_eq!(without(&left, columns, &gone).unwrap(), None, "{left}");
        let body = Body::read(&left).unwrap();
        assert_eq!((body.named, body.came_with, body.event), Default::default());
        let micros = |profile: &Profile| profile.created.micros();
        let sides = body.before.map(Profile::from);
        sides.map(|one| json!([one.id.as_str(), one.ids.len(), micros(&one), one.traits])).into()
    }

    #[test]
    fn nothing_is_left_of_whoever_is_gone_nor_of_what_cannot_be_told_from_them() {
        let side = |id: &str, ids: &[&str]| json!({"id": id, "ids": ids, "created": "1970-01-01T00:00:00.000001Z", "traits": {"sum": 1}});
        let both = json!([side("x", &["x", "y", "v"]), side("z", &["z"])]);
        let all = json!({"sum": 1});
        assert_eq!(
            left(&both, &columns("y", "z"), "x"),
            [json!(["y", 2, 5, {}]), json!(["z", 1, 1, all])],
            "who came after the other one stays so"
        );
        assert_eq!(
            left(&both, &columns("z", "y"), "x"),
            [json!(["y", 2, 1, {}]), json!(["z", 1, 1, all])],
        );
        assert_eq!(left(&both, &columns("y", "x"), "z")[1], json!(["y", 1, 5, {}]));
        let other = json!([side("a", &["a"]), side("b", &["b"])]);
        let body = json!({"evidence": {}, "event": "e", "before": other});
        let gone = [ProfileId::new("x")];
        assert_eq!(without(&body.to_string(), &columns("b", "a"), &gone).unwrap(), None);
    }
}
