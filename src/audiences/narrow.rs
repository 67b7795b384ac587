//! Which of many conditions may hold of an event: of most, one thing that must be so is not.
//!
//! Hundreds of audiences are about what an event is of: a category, a page, a price. Of each condition one such test is
//! taken out, and those that look at one place are asked together: a text is looked up once for all that want a text,
//! and bounds of numbers lie beside each other. This decides nothing: it leaves out what cannot hold, and what is left
//! is held against the event as it stands.

use std::collections::HashMap;

use crate::conditions::{Affix, Fact, Facts, Place, Sign, Test, Tree, Value};
use crate::model::Bits;

/// See the module. Conditions have the numbers in which they were given.
#[derive(Clone, Debug, Default)]
pub(super) struct Narrow {
    /// Those of which nothing is asked here.
    others: Bits,
    places: Vec<OfPlace>,
}

/// What must be so in one place.
#[derive(Clone, Debug)]
struct OfPlace {
    place: Place,
    between: Vec<([f64; 2], usize)>,
    begins: Vec<(String, usize)>,
    equal: HashMap<String, Vec<usize>>,
}

/// What must be so of a fact.
#[derive(Clone, Debug, PartialEq)]
enum Must {
    /// It is one of these texts.
    Equal(Vec<String>),
    /// It begins with this text.
    Begin(String),
    /// If it is a number, it is not below the one nor above the other, as floats: these keep the order of longer numbers.
    Between([f64; 2]),
}

impl Narrow {
    /// Of these conditions, as rules read them: in history a text also equals the number that it writes.
    pub(super) fn of<'a>(conditions: impl Iterator<Item = &'a Tree>) -> Self {
        let mut all = Self::default();
        for (at, condition) in conditions.enumerate() {
            match must(condition) {
                Some((place, must)) => all.of_place(place).put(must, at),
                None => all.others.insert(at),
            }
        }
        all
    }

    /// The numbers of those that may hold, sorted.
    pub(super) fn may_hold<F: Facts>(&self, facts: &F) -> impl Iterator<Item = usize> + use<F> {
        let mut all = self.others.clone();
        self.places.iter().for_each(|place| place.mark(&facts.at(&place.place), &mut all));
        all.into_numbers()
    }

    fn of_place(&mut self, place: &Place) -> &mut OfPlace {
        let known = self.places.iter().position(|known| known.place == *place);
        let at = known.unwrap_or(self.places.len());
        if known.is_none() {
            let (between, begins, equal) = (Vec::new(), Vec::new(), HashMap::new());
            self.places.push(OfPlace { place: place.clone(), between, begins, equal });
        }
        &mut self.places[at]
    }
}

impl OfPlace {
    fn put(&mut self, must: Must, at: usize) {
        match must {
            Must::Equal(texts) => {
                texts.into_iter().for_each(|text| self.equal.entry(text).or_default().push(at));
            }
            Must::Begin(text) => self.begins.push((text, at)),
            Must::Between(bounds) => self.between.push((bounds, at)),
        }
    }

    /// Marks those that may hold when this is there.
    fn mark(&self, fact: &Fact<'_>, all: &mut Bits) {
        match fact {
            Fact::Missing | Fact::Null => {}
            Fact::Number(number) => {
                let number = number.float();
                for ([from, to], at) in &self.between {
                    // What is no number is neither below nor above.
                    if !(number < *from || number > *to) {
                        all.insert(*at);
                    }
                }
            }
            Fact::Text(text) => {
                let equal = self.equal.get(text.as_ref());
                equal.into_iter().flatten().for_each(|at| all.insert(*at));
                let begin = self.begins.iter().filter(|(begin, _)| text.starts_with(begin));
                begin.for_each(|(_, at)| all.insert(*at));
            }
            Fact::Truth(_)
            | Fact::Moment(_)
            | Fact::List(_)
            | Fact::Texts(_)
            | Fact::Object { .. } => {
                let equal = self.equal.values().flatten();
                let begin = self.begins.iter().map(|(_, at)| at);
                let between = self.between.iter().map(|(_, at)| at);
                equal.chain(begin).chain(between).for_each(|at| all.insert(*at));
            }
        }
    }
}

/// The one thing that leaves out most.
fn must(tree: &Tree) -> Option<(&Place, Must)> {
    let mut all: Vec<(&Place, Must)> = Vec::new();
    each_must(tree, &mut |place, must| {
        let same = all.iter_mut().find(|(known, _)| *known == place);
        match (same, must) {
            (Some((_, Must::Between(known))), Must::Between(more)) => {
                *known = [known[0].max(more[0]), known[1].min(more[1])];
            }
            (_, must) => all.push((place, must)),
        }
    });
    all.into_iter().min_by_key(|(_, must)| must.breadth())
}

impl Must {
    /// The less, the fewer events there are of which it is so.
    fn breadth(&self) -> u8 {
        match self {
            Self::Equal(_) => 0,
            Self::Between([from, to]) if from.is_finite() && to.is_finite() => 1,
            Self::Begin(_) => 2,
            Self::Between(_) => 3,
        }
    }
}

fn each_must<'a>(tree: &'a Tree, see: &mut impl FnMut(&'a Place, Must)) {
    match tree {
        Tree::All(parts) => parts.iter().for_each(|part| each_must(part, see)),
        Tree::Test(test) if test.left().function.is_none() => {
            of_test(test).into_iter().for_each(|must| see(&test.left().place, must));
        }
        Tree::Test(_)
        | Tree::Any(_)
        | Tree::Not(_)
        | Tree::Did(_)
        | Tree::In(_)
        | Tree::Listed(_) => {}
    }
}

fn of_test(test: &Test) -> Option<Must> {
    match test {
        Test::Compare { sign: Sign::Equal, right: Value::Text(text), .. } => {
            Some(Must::Equal(vec![text.as_str().to_owned()]))
        }
        Test::Compare { sign, right: Value::Number(number), .. } => {
            let number = number.float();
            let bounds = match sign {
                Sign::Equal => [number, number],
                Sign::Less | Sign::LessOrEqual => [f64::NEG_INFINITY, number],
                Sign::Greater | Sign::GreaterOrEqual => [number, f64::INFINITY],
                Sign::Unequal => return None,
            };
            Some(Must::Between(bounds))
        }
        // A list of nothing is in a list of nothing.
        Test::Among(_, values) if !values.is_empty() => {
            let text = |value: &Value| {
                if let Value::Text(text) = value { Some(text.as_str().to_owned()) } else { None }
            };
            values.iter().map(text).collect::<Option<Vec<_>>>().map(Must::Equal)
        }
        Test::Affix(_, Affix::Start, text) => Some(Must::Begin(text.as_str().to_owned())),
        Test::Compare { .. }
        | Test::Among(..)
        | Test::Affix(..)
        | Test::Contains(..)
        | Test::Exists(_)
        | Test::Null(_)
        | Test::Empty(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::conditions::{Condition, Documents, Language, parse};

    fn value() -> impl Strategy<Value = Json> {
        prop_oneof![
            (-3..4_i64).prop_map(Json::from),
            (-3..4_i64).prop_map(|half| json!(half as f64 / 2.0)),
            (0..3_i64).prop_map(|more| json!(9_007_199_254_740_992 + more)),
            "[ab1]{0,2}".prop_map(Json::from),
            any::<bool>().prop_map(Json::from),
            Just(Json::Null),
            Just(json!(["a", "b"])),
            Just(json!([])),
            Just(json!({"a": 1})),
        ]
    }

    fn test() -> impl Strategy<Value = String> {
        let place = prop_oneof![Just("properties.x"), Just("properties.y"), Just("context.z")];
        let sign = prop::sample::select(vec!["=", "!=", "<", "<=", ">", ">="]);
        let plain = prop_oneof![
            (-3..4_i64).prop_map(|it| it.to_string()),
            (0..3_i64).prop_map(|more| (9_007_199_254_740_992 + more).to_string()),
            "[ab1]{0,2}".prop_map(|text| format!("\"{text}\"")),
        ];
        let many = prop::collection::vec(plain.clone(), 0..3).prop_map(|all| all.join(", "));
        let test = prop_oneof![
            (sign, plain).prop_map(|(sign, value)| format!("{sign} {value}")),
            many.prop_map(|all| format!("IN [{all}]")),
            "[ab1]{0,2}".prop_map(|text| format!("STARTS WITH \"{text}\"")),
            Just("EXISTS".to_owned()),
        ];
        (place, test).prop_map(|(place, test)| format!("event@{place} {test}"))
    }

    fn condition() -> impl Strategy<Value = Condition> {
        let all = prop::collection::vec(test(), 1..4);
        let either = (test(), test()).prop_map(|(one, other)| format!("({one} OR {other})"));
        let text = prop_oneof![all.prop_map(|all| all.join(" AND ")), either];
        text.prop_map(|text| parse(Language::Rules, &text).unwrap_or_else(|_| panic!("{text}")))
    }

    proptest! {
        #[test]
        fn what_is_left_out_does_not_hold(
            conditions in prop::collection::vec(condition(), 0..90),
            events in prop::collection::vec((prop::option::of(value()), value(), value()), 1..9),
        ) {
            let narrow = Narrow::of(conditions.iter().map(|one| &one.tree));
            for (x, y, z) in events {
                let mut event = json!({"properties": {"y": y}, "context": {"z": z}});
                x.into_iter().for_each(|x| event["properties"]["x"] = x);
                let facts = Documents { event: event.as_object(), ..Documents::default() };
                let left: Vec<usize> = narrow.may_hold(&facts).collect();
                prop_assert!(left.is_sorted() && left.last().is_none_or(|last| *last < conditions.len()));
                for (at, condition) in conditions.iter().enumerate() {
                    prop_assert!(left.contains(&at) || !condition.holds(&facts), "{condition:?} {event}");
                }
            }
        }
    }

    #[test]
    fn what_cannot_hold_is_left_out() {
        let conditions = [
            "event@properties.brand = \"a\"",
            "event@properties.brand IN [\"b\", \"c\"] AND event@properties.price > 3",
            "event@properties.price >= 10 AND event@properties.price < 20",
            "event@properties.price = 5 OR event@properties.price = 6",
            "event@properties.url STARTS WITH \"/shoes\"",
        ];
        let parsed = conditions.map(|text| parse(Language::Rules, text).unwrap());
        let narrow = Narrow::of(parsed.iter().map(|one| &one.tree));
        let left = |properties: Json| {
            let event = json!({ "properties": properties });
            let facts = Documents { event: event.as_object(), ..Documents::default() };
            narrow.may_hold(&facts).collect::<Vec<_>>()
        };
        assert_eq!(left(json!({})), [3]);
        assert_eq!(left(json!({"brand": "a", "price": 4})), [0, 3]);
        assert_eq!(left(json!({"brand": "c", "price": 19.5})), [1, 2, 3]);
        assert_eq!(left(json!({"url": "/shoes/1", "price": 21})), [3, 4]);
    }
}
