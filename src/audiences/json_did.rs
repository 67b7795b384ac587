//! What somebody did, as JSON: `{"did": "order", "at_least": 3, "within": "30d"}`.

use serde_json::Value;

use super::json::{NotACondition, Object, Read, only, text};
use crate::conditions::{
    Did, Moment, Sign, Span, Step, Tree, Which, With, check_names, duration, moment,
    parse_of_counted, times_of,
};
use crate::model::{TallyKey, kept_type};

const KEYS: [&str; 12] = [
    "did", "first", "last", "where", "with", "at_least", "at_most", "exactly", "then", "within",
    "from", "to",
];
/// Of each of these, one is said.
const EXCLUDING: [&[&str]; 3] =
    [&["first", "last"], &["at_least", "at_most", "exactly"], &["within", "from"]];

/// The part with `did`.
pub(super) fn did(object: &Object) -> Read<Tree> {
    only(object, "did", &KEYS)?;
    let which = which(object)?;
    EXCLUDING.iter().try_for_each(|keys| one_of(object, keys))?;
    let (sign, times) = times(object)?;
    let with = filter(object, "with")?;
    let did = Did {
        kind: kind(object, "did")?,
        filter: filter(object, "where")?.unwrap_or(Tree::All(Vec::new())),
        which,
        with: with.map(|filter| With { filter, key: TallyKey::default() }),
        then: then(object)?,
        sign,
        times,
        span: span(object)?,
        key: TallyKey::default(),
    };
    Ok(Tree::Did(Box::new(did.checked()?)))
}

fn one_of(object: &Object, keys: &[&str]) -> Read<()> {
    let is_said = |key: &&&str| object.get(**key).is_some_and(|value| *value != Value::Bool(false));
    let mut said = keys.iter().filter(is_said);
    match (said.next(), said.next()) {
        (Some(one), Some(other)) => {
            Err(NotACondition::new(format!("{one} and {other} exclude each other")))
        }
        _ => Ok(()),
    }
}

fn which(object: &Object) -> Read<Which> {
    let is = |key| match object.get(key) {
        None => Ok(false),
        Some(Value::Bool(is)) => Ok(*is),
        Some(_) => Err(NotACondition::new("true or false is wanted").within(key)),
    };
    Ok(match (is("first")?, is("last")?) {
        (true, _) => Which::First,
        (_, true) => Which::Last,
        _ => Which::Any,
    })
}

fn times(object: &Object) -> Read<(Sign, u16)> {
    let signs = [
        ("at_least", Sign::GreaterOrEqual),
        ("at_most", Sign::LessOrEqual),
        ("exactly", Sign::Equal),
    ];
    let said = signs.into_iter().find_map(|(key, sign)| Some((key, sign, object.get(key)?)));
    let Some((key, sign, value)) = said else { return Ok((Sign::GreaterOrEqual, 1)) };
    let known = times_of(sign);
    let times = value.as_u64().and_then(|times| u16::try_from(times).ok());
    let wanted = || format!("a number from {} to {} is wanted", known.start(), known.end());
    let wrong = || NotACondition::new(wanted()).within(key);
    Ok((sign, times.filter(|times| known.contains(times)).ok_or_else(wrong)?))
}

/// The type of an event, as it is kept.
fn kind(object: &Object, key: &str) -> Read<String> {
    Ok(kept_type(text(object, key)?))
}

fn filter(object: &Object, key: &str) -> Read<Option<Tree>> {
    if !object.contains_key(key) {
        return Ok(None);
    }
    let text = text(object, key)?;
    let tree = parse_of_counted(text).and_then(|tree| check_names(text).map(|()| tree));
    tree.map(Some).map_err(|why| NotACondition::from(why).within(key))
}

/// What followed: a list of objects with `did` or `did_not`, `where` and `within`.
fn then(object: &Object) -> Read<Vec<Step>> {
    let Some(steps) = object.get("then") else { return Ok(Vec::new()) };
    let steps = steps.as_array().filter(|steps| !steps.is_empty());
    let wrong = || NotACondition::new("objects with did or did_not are wanted, one at least");
    let steps = steps.ok_or_else(|| wrong().within("then"))?;
    let one = |(at, json)| step(json).map_err(|why| why.within(at).within("then"));
    steps.iter().enumerate().map(one).collect()
}

fn step(json: &Value) -> Read<Step> {
    let wrong = || NotACondition::new("an object with did or did_not is wanted");
    let object = json.as_object().ok_or_else(wrong)?;
    let (key, is_not) = match (object.contains_key("did"), object.contains_key("did_not")) {
        (true, false) => ("did", false),
        (false, true) => ("did_not", true),
        _ => return Err(wrong()),
    };
    only(object, key, &[key, "where", "within"])?;
    Ok(Step {
        is_not,
        within_seconds: within(object)?,
        kind: kind(object, key)?,
        filter: filter(object, "where")?.unwrap_or(Tree::All(Vec::new())),
        key: TallyKey::default(),
    })
}

fn within(object: &Object) -> Read<Option<u64>> {
    let Some(within) = object.get("within") else { return Ok(None) };
    let seconds = within.as_str().and_then(duration);
    let wrong = || NotACondition::new("a time such as 30d is wanted").within("within");
    seconds.map(Some).ok_or_else(wrong)
}

fn span(object: &Object) -> Read<Span> {
    if let Some(seconds) = within(object)? {
        return Ok(Span::Within(seconds));
    }
    match (object.contains_key("from"), object.contains_key("to")) {
        (false, false) => Ok(Span::Ever),
        (true, true) => Ok(Span::Between(at(object, "from")?, at(object, "to")?)),
        _ => Err(NotACondition::new("from and to go together")),
    }
}

fn at(object: &Object, key: &str) -> Read<Moment> {
    let wrong = || NotACondition::new("a time such as 2026-01-05T10:00:00Z is wanted").within(key);
    moment(text(object, key)?).ok_or_else(wrong)
}
