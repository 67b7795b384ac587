//! Audiences and computed traits.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Entity, Misfit, Reference, Snapshot};
use crate::audiences::{Unfit, check_condition, check_measure, traits_of};
use crate::model::{Audience, ComputedTrait, Marks, Measure, MeasureOf, Segment, Time};
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
        check_condition(&self.condition)?;
        let mut seen = BTreeSet::new();
        if self.leads_to(&self.id, known, &mut seen) {
            return Err(Misfit::new("condition", "must not lead back to this audience"));
        }
        Ok(())
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

    fn to_body(&self) -> AudienceBody {
        AudienceBody {
            name: self.name.clone(),
            description: self.description.clone(),
            condition: self.condition.clone(),
            live: self.live.clone(),
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
            sticky: body.sticky,
            enabled: !body.off,
            segment: body.segment.map(Segment::from),
            created: body.created,
            changed: body.changed,
        }
    }
}

impl Audience {
    /// Whether the audience names that one, or one that names it.
    fn leads_to(&self, id: &str, known: &Snapshot, seen: &mut BTreeSet<String>) -> bool {
        let Ok([names, _]) = check_condition(&self.condition) else { return false };
        names.into_iter().any(|name| {
            let is_it = name == id;
            let next = known.get::<Self>(&name).filter(|_| seen.insert(name));
            is_it || next.is_some_and(|next| next.entity.leads_to(id, known, seen))
        })
    }
}

impl Entity for ComputedTrait {
    const KIND: &'static str = "computed_trait";

    type Body = ComputedTraitBody;

    fn id(&self) -> &str {
        &self.id
    }

    fn check(&self, known: &Snapshot) -> Result<(), Misfit> {
        check_id::<Self>(&self.id, known)?;
        check_texts("", &self.description)?;
        check_measure(&self.id, &self.measure)?;
        self.check_formula(known)
    }

    fn refers_to(&self) -> Vec<Reference> {
        let measures = self.live.iter().chain([&self.measure]);
        let names = measures.flat_map(traits_of);
        names.map(|name| Reference::to::<Self>(name, "formula")).collect()
    }

    fn to_body(&self) -> ComputedTraitBody {
        ComputedTraitBody {
            description: self.description.clone(),
            measure: MeasureBody::from(&self.measure),
            live: self.live.as_ref().map(MeasureBody::from),
            created: self.created,
            changed: self.changed,
        }
    }

    fn from_body(id: String, body: ComputedTraitBody) -> Self {
        Self {
            id,
            description: body.description,
            measure: body.measure.into(),
            live: body.live.map(Measure::from),
            created: body.created,
            changed: body.changed,
        }
    }
}

impl ComputedTrait {
    /// A formula is of what is counted: not of formulas, and not of what is another one at every moment.
    fn check_formula(&self, known: &Snapshot) -> Result<(), Misfit> {
        let is_base = |one: &Self| {
            let function = one.measure.function;
            function != MeasureOf::Formula && !function.halves()
        };
        let wanted = "must be of traits that are no formulas and do not halve";
        let names = traits_of(&self.measure);
        let mut others = names.iter().filter_map(|name| known.get::<Self>(name));
        if names.contains(&self.id) || !others.all(|other| is_base(other.entity.as_ref())) {
            return Err(Misfit::new("formula", wanted));
        }
        let uses = |other: &Self| traits_of(&other.measure).contains(&self.id);
        let is_used = known.all::<Self>().iter().any(|other| uses(other.entity.as_ref()));
        if is_used && !is_base(self) {
            return Err(Misfit::new(
                "function",
                "must stay what a formula can be of: one is of it",
            ));
        }
        Ok(())
    }
}

impl From<Unfit> for Misfit {
    fn from(unfit: Unfit) -> Self {
        Self::new(unfit.place, unfit.wanted)
    }
}

/// Its id, and whether there is room for one more.
fn check_id<T: Entity>(id: &str, known: &Snapshot) -> Result<(), Misfit> {
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

fn check_texts(name: &str, description: &str) -> Result<(), Misfit> {
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

/// The body of a `config` row of kind `computed_trait`.
#[derive(Debug, Serialize, Deserialize)]
pub struct ComputedTraitBody {
    #[serde(default)]
    description: String,
    measure: MeasureBody,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    live: Option<MeasureBody>,
    #[serde(with = "moment")]
    created: Time,
    #[serde(with = "moment")]
    changed: Time,
}

#[derive(Debug, Serialize, Deserialize)]
struct MeasureBody {
    function: String,
    event_type: String,
    #[serde(default, rename = "where")]
    filter: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    of: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    within_seconds: Option<u64>,
    /// Microseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    since: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    half_life_seconds: Option<u64>,
    /// Recency in seconds, frequency, money in millionths.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    marks: Option<(Vec<u64>, Vec<u64>, Vec<i64>)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    formula: Option<String>,
}

impl From<&Measure> for MeasureBody {
    fn from(measure: &Measure) -> Self {
        Self {
            function: measure.function.as_str().to_owned(),
            event_type: measure.event_type.clone(),
            filter: measure.filter.clone(),
            of: measure.of.clone(),
            within_seconds: measure.within_seconds,
            since: measure.since.map(Time::micros),
            half_life_seconds: measure.half_life_seconds,
            marks: measure.marks.clone().map(|marks| {
                let Marks { recency, frequency, monetary } = marks;
                (recency, frequency, monetary)
            }),
            formula: measure.formula.clone(),
        }
    }
}

/// What a newer node has written and this one does not know counts events.
impl From<MeasureBody> for Measure {
    fn from(body: MeasureBody) -> Self {
        Self {
            function: MeasureOf::named(&body.function).unwrap_or(MeasureOf::Count),
            event_type: body.event_type,
            filter: body.filter,
            of: body.of,
            within_seconds: body.within_seconds,
            since: body.since.map(Time::from_micros),
            half_life_seconds: body.half_life_seconds,
            marks: body.marks.map(|(recency, frequency, monetary)| Marks {
                recency,
                frequency,
                monetary,
            }),
            formula: body.formula,
        }
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
        one.enabled = false;
        one.segment = Some(Segment {
            id: "s".to_owned(),
            event_types: vec!["order".to_owned()],
            condition: "profile@id EXISTS".to_owned(),
            is_live: true,
        });
        let text = serde_json::to_string(&one.to_body()).unwrap();
        assert_eq!(Audience::from_body("vip".into(), serde_json::from_str(&text).unwrap()), one);
        let measure = Measure {
            function: MeasureOf::Sum,
            event_type: "order".to_owned(),
            filter: "event@properties.paid = true".to_owned(),
            of: Some("properties.total".to_owned()),
            within_seconds: Some(86_400),
            since: Some(Time::from_micros(7)),
            ..Measure::default()
        };
        let one = ComputedTrait {
            id: "spent".to_owned(),
            description: String::new(),
            live: Some(measure.clone()),
            measure,
            created: Time::from_micros(1),
            changed: Time::from_micros(2),
        };
        assert_eq!(one.check(&Snapshot::default()), Ok(()));
        let text = serde_json::to_string(&one.to_body()).unwrap();
        assert_eq!(
            ComputedTrait::from_body("spent".into(), serde_json::from_str(&text).unwrap()),
            one
        );
    }
}
