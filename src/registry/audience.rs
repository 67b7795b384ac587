//! Audiences: people of whom a condition holds.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Entity, Misfit, Reference, Snapshot, Written};
use crate::audiences::{Unfit, check_condition, lists_of, segments_named};
use crate::model::{Audience, ComputedTrait, CountedSince, Segment, Time};
use crate::storage::moment;

/// Most audiences, and most computed traits: each payload may be held against all of them.
const EACH_MAX: usize = 500;
/// Longest id, in bytes.
const ID_BYTES_MAX: usize = 64;
/// Longest name, in bytes.
const NAME_BYTES_MAX: usize = 200;
/// Longest description, in bytes.
const DESCRIPTION_BYTES_MAX: usize = 4096;

impl Entity for Audience {
    const KIND: &'static str = "audience";

    type Body = AudienceBody;

    fn id(&self) -> &str {
        &self.id
    }

    fn check(&self, known: &Snapshot) -> Result<(), Misfit> {
        check_id::<Self>(&self.id, known)?;
        check_texts(&self.name, &self.description)?;
        if self.name.is_empty() {
            return Err(Misfit::new("name", "must not be empty"));
        }
        Self::check_condition((&self.id, &self.condition), self.is_live_segment(), known)
    }

    fn condition(&self) -> Option<Written<'_>> {
        Some(Written { place: "condition", text: &self.condition, of_people: true })
    }

    fn refers_to(&self) -> Vec<Reference> {
        let mut references = Vec::new();
        for text in self.live.iter().chain([&self.condition]) {
            let Ok([audiences, traits]) = check_condition(text) else { continue };
            references
                .extend(audiences.into_iter().map(|id| Reference::to::<Self>(id, "condition")));
            let traits = traits.into_iter();
            references.extend(traits.map(|id| Reference::to::<ComputedTrait>(id, "condition")));
        }
        references
    }

    fn lists(&self) -> BTreeSet<String> {
        self.live.iter().chain([&self.condition]).flat_map(|text| lists_of(text)).collect()
    }

    fn written(&self) -> Option<i64> {
        self.written
    }

    /// What was counted counts on; what was not counted meanwhile is asked of history, as that of a new one.
    fn written_in(self, version: i64, before: Option<&Self>) -> Self {
        let live = before.and_then(|before| before.live.clone()).filter(|_| self.enabled);
        let before = before.filter(|before| before.enabled);
        let counted = before.map_or(CountedSince::from(version), |before| {
            let is_live = before.live.as_ref() == Some(&self.condition);
            before.counted.again(version, [before.condition == self.condition, is_live])
        });
        Self { live, counted, ..self }
    }

    fn named(&self) -> Option<Value> {
        Some(json!({"condition": self.condition}))
    }

    fn to_body(&self) -> AudienceBody {
        AudienceBody {
            name: self.name.clone(),
            description: self.description.clone(),
            condition: self.condition.clone(),
            live: self.live.clone(),
            written: self.written,
            counted: self.counted.into(),
            sticky: self.sticky,
            off: !self.enabled,
            segment: self.segment.as_ref().map(SegmentBody::from),
            created: self.created,
            changed: self.changed,
        }
    }

    fn from_body(id: String, body: AudienceBody) -> Self {
        Self {
            id,
            name: body.name,
            description: body.description,
            condition: body.condition,
            live: body.live,
            written: body.written,
            counted: body.counted.into(),
            sticky: body.sticky,
            enabled: !body.off,
            segment: body.segment.map(Segment::from),
            created: body.created,
            changed: body.changed,
        }
    }
}

impl Audience {
    /// Whether this can be the condition of the audience of this id: it can be read, and nobody is in the audience
    /// because they are in it.
    ///
    /// # Errors
    /// The place, and a sentence.
    pub fn check_condition(
        (id, condition): (&str, &str),
        is_live_segment: bool,
        known: &Snapshot,
    ) -> Result<(), Misfit> {
        check_condition(condition)?;
        if is_live_segment && segments_named(condition).contains(id) {
            let wanted = "must not ask for this segment itself in profile@segments";
            return Err(Misfit::new("condition", wanted));
        }
        if leads_to(condition, (id, is_live_segment), known, &mut BTreeSet::new()) {
            return Err(Misfit::new("condition", "must not lead back to this audience"));
        }
        Ok(())
    }

    /// Whether its name leaves the segments of whoever leaves it.
    #[must_use]
    pub fn is_live_segment(&self) -> bool {
        self.segment.as_ref().is_some_and(|segment| segment.is_live)
    }
}

/// Whether a condition names the audience of this id, or one whose condition does: by `IN AUDIENCE`, or among the
/// segments, where its name leaves these with whoever leaves it. Two that name each other so would change for ever.
fn leads_to(
    condition: &str,
    (id, is_live_segment): (&str, bool),
    known: &Snapshot,
    seen: &mut BTreeSet<String>,
) -> bool {
    let Ok([names, _]) = check_condition(condition) else { return false };
    let is_live = |name: &String| {
        let other = || known.get::<Audience>(name).is_some_and(|one| one.entity.is_live_segment());
        if name == id { is_live_segment } else { other() }
    };
    let segments = segments_named(condition).into_iter().filter(is_live);
    names.into_iter().chain(segments).any(|name| {
        let is_it = name == id;
        let next = known.get::<Audience>(&name).filter(|_| seen.insert(name));
        let of = (id, is_live_segment);
        is_it || next.is_some_and(|next| leads_to(&next.entity.condition, of, known, seen))
    })
}

impl From<Unfit> for Misfit {
    fn from(unfit: Unfit) -> Self {
        Self::new(unfit.place, unfit.wanted)
    }
}

/// Its id, and whether there is room for one more.
pub(super) fn check_id<T: Entity>(id: &str, known: &Snapshot) -> Result<(), Misfit> {
    let is_of_id = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-');
    if !(1..=ID_BYTES_MAX).contains(&id.len()) || !id.bytes().all(is_of_id) {
        let wanted = format!("must have 1 to {ID_BYTES_MAX} of a-z, 0-9, _ and -");
        return Err(Misfit::new("id", wanted));
    }
    if known.get::<T>(id).is_none() && known.all::<T>().len() >= EACH_MAX {
        return Err(Misfit::new(
            "id",
            format!("must be one of {EACH_MAX} at most: there are as many"),
        ));
    }
    Ok(())
}

pub(super) fn check_texts(name: &str, description: &str) -> Result<(), Misfit> {
    for (place, text, most) in
        [("name", name, NAME_BYTES_MAX), ("description", description, DESCRIPTION_BYTES_MAX)]
    {
        if text.len() > most {
            return Err(Misfit::new(place, format!("must have at most {most} bytes")));
        }
    }
    Ok(())
}

/// The body of a `config` row of kind `audience`.
#[derive(Debug, Serialize, Deserialize)]
pub struct AudienceBody {
    name: String,
    #[serde(default)]
    description: String,
    condition: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    live: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    written: Option<i64>,
    #[serde(default, skip_serializing_if = "CountedBody::is_unknown")]
    counted: CountedBody,
    #[serde(default)]
    sticky: bool,
    #[serde(default, skip_serializing_if = "is_no")]
    off: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    segment: Option<SegmentBody>,
    #[serde(with = "moment")]
    created: Time,
    #[serde(with = "moment")]
    changed: Time,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde asks")]
fn is_no(is: &bool) -> bool {
    !*is
}

/// Of what counts, and of what was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct CountedBody(i64, i64);

impl CountedBody {
    pub(super) fn is_unknown(&self) -> bool {
        *self == Self::default()
    }
}

impl From<CountedSince> for CountedBody {
    fn from(counted: CountedSince) -> Self {
        Self(counted.live, counted.written)
    }
}

impl From<CountedBody> for CountedSince {
    fn from(CountedBody(live, written): CountedBody) -> Self {
        Self { live, written }
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct SegmentBody {
    id: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    event_types: Vec<String>,
    condition: String,
    #[serde(default, rename = "live")]
    is_live: bool,
}

impl From<&Segment> for SegmentBody {
    fn from(segment: &Segment) -> Self {
        let Segment { id, event_types, condition, is_live } = segment.clone();
        Self { id, event_types, condition, is_live }
    }
}

impl From<SegmentBody> for Segment {
    fn from(body: SegmentBody) -> Self {
        let SegmentBody { id, event_types, condition, is_live } = body;
        Self { id, event_types, condition, is_live }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn audience(condition: &str) -> Audience {
        let now = Time::from_micros(1);
        Audience {
            id: "vip".to_owned(),
            name: "VIP".to_owned(),
            description: String::new(),
            condition: condition.to_owned(),
            live: None,
            written: None,
            counted: CountedSince { live: 3, written: 5 },
            sticky: false,
            enabled: true,
            segment: None,
            created: now,
            changed: now,
        }
    }

    #[test]
    fn what_an_audience_names_is_known_to_the_registry() {
        let one = audience("IN AUDIENCE \"staff\" OR profile@computed.orders >= 3");
        let named: Vec<_> = one.refers_to().into_iter().map(|one| (one.kind, one.id)).collect();
        assert_eq!(named, [("audience", "staff".into()), ("computed_trait", "orders".into())]);
        assert_eq!(
            one.check(&Snapshot::default()),
            Ok(()),
            "what is not there is looked for apart"
        );
        let itself = audience("NOT IN AUDIENCE \"vip\"").check(&Snapshot::default());
        assert_eq!(itself.map_err(|misfit| misfit.place), Err("condition"));
    }

    #[test]
    fn what_is_stored_is_read_back() {
        let mut one = audience("DID \"order\" AT LEAST 3 TIMES WITHIN 30d");
        (one.live, one.sticky) = (Some("DID \"order\"".to_owned()), true);
        one.written = Some(7);
        one.enabled = false;
        one.segment = Some(Segment {
            id: "s".to_owned(),
            event_types: vec!["order".to_owned()],
            condition: "profile@id EXISTS".to_owned(),
            is_live: true,
        });
        let text = serde_json::to_string(&one.to_body()).unwrap();
        assert_eq!(Audience::from_body("vip".into(), serde_json::from_str(&text).unwrap()), one);
    }
}
