//! Computed traits: what is worked out of what people did.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::audience::{CountedBody, check_id, check_texts};
use super::{Entity, Misfit, Reference, Snapshot, Written};
use crate::audiences::{check_measure, check_written, traits_of};
use crate::model::{ComputedTrait, CountedSince, Marks, Measure, MeasureOf, Time};
use crate::storage::moment;

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

    fn condition(&self) -> Option<Written<'_>> {
        Some(Written { place: "where", text: &self.measure.filter, of_people: false })
    }

    fn formula(&self) -> Option<&str> {
        self.measure.formula.as_deref()
    }

    fn refers_to(&self) -> Vec<Reference> {
        let measures = self.live.iter().chain([&self.measure]);
        let names = measures.flat_map(traits_of);
        names.map(|name| Reference::to::<Self>(name, "formula")).collect()
    }

    fn written(&self) -> Option<i64> {
        self.written
    }

    /// What was counted counts on.
    fn written_in(self, version: i64, before: Option<&Self>) -> Self {
        let live = before.and_then(|before| before.live.clone());
        let counted = before.map_or(CountedSince::from(version), |before| {
            let is_live = before.live.as_ref() == Some(&self.measure);
            before.counted.again(version, [before.measure == self.measure, is_live])
        });
        Self { live, counted, ..self }
    }

    fn check_new(&self, before: Option<&Self>) -> Result<(), Misfit> {
        if before.is_some_and(|before| before.measure == self.measure) {
            return Ok(());
        }
        Ok(check_written(&self.measure)?)
    }

    /// What other traits are worked out of is looked for where it is posted.
    fn named(&self) -> Option<Value> {
        let Measure { filter, of, formula, .. } = &self.measure;
        Some(json!({"condition": filter, "of": of, "formula": formula}))
    }

    fn to_body(&self) -> ComputedTraitBody {
        ComputedTraitBody {
            description: self.description.clone(),
            measure: MeasureBody::from(&self.measure),
            live: self.live.as_ref().map(MeasureBody::from),
            written: self.written,
            counted: self.counted.into(),
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
            written: body.written,
            counted: body.counted.into(),
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

/// The body of a `config` row of kind `computed_trait`.
#[derive(Debug, Serialize, Deserialize)]
pub struct ComputedTraitBody {
    #[serde(default)]
    description: String,
    measure: MeasureBody,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    live: Option<MeasureBody>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    written: Option<i64>,
    #[serde(default, skip_serializing_if = "CountedBody::is_unknown")]
    counted: CountedBody,
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

    #[test]
    fn what_is_stored_is_read_back() {
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
            written: Some(7),
            counted: CountedSince { live: 3, written: 5 },
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
