//! Who may see every field, and what others see.

use serde_json::Value;

use super::{ApiError, Code, SignedIn};
use crate::accounts::Role;
use crate::app::App;
use crate::audiences::{Rules, hidden_in, is_of_hidden};
use crate::model::{ComputedTrait, HIDDEN, Masking, Measure};
use crate::registry::{Entity, said};

/// Those who see what `masking.fields` hides from others, the public included; `docs/api.md` says the
/// same.
const MAY_SEE: [Role; 2] = [Role::Admin, Role::Maintainer];

/// Why something is refused.
const UNSEEN: &str = "which is hidden from you";

/// What is hidden from this user.
pub(super) fn from(app: &App, user: &SignedIn) -> Masking {
    if may_see(user) { Masking::default() } else { app.masking.clone() }
}

/// Whether nothing is hidden from this user.
pub(super) fn may_see(user: &SignedIn) -> bool {
    user.roles.iter().any(|role| MAY_SEE.contains(role))
}

/// Refuses a condition that looks at what is hidden from this user: by its answers one would find it.
pub(super) fn refuse(
    app: &App,
    user: &SignedIn,
    code: Code,
    (place, condition): (&str, &str),
) -> Result<(), ApiError> {
    refuse_unsaid(app, user, code, &Value::from(condition))?;
    let masking = from(app, user);
    let hidden = traits(app).iter().find_map(|rules| hidden_in(condition, rules, &masking));
    hidden.map_or(Ok(()), |hidden| {
        Err(ApiError::new(code, format!("{place} looks at {hidden}, {UNSEEN}")))
    })
}

/// Refuses what says `***` where this user was shown that something is hidden: stored, it would stand in its place.
fn refuse_unsaid(app: &App, user: &SignedIn, code: Code, rule: &Value) -> Result<(), ApiError> {
    // What a function is tried with is put back or refused where it is posted, and may hold it as it was kept.
    let tells = |(key, value): (&String, &Value)| key != "tests" && says_hidden(value);
    let says = rule.as_object().map_or_else(|| says_hidden(rule), |map| map.iter().any(tells));
    if from(app, user) == Masking::default() || !says {
        return Ok(());
    }
    let message = format!(
        "{HIDDEN} stands where something is hidden from you, and is nothing that can be stored"
    );
    Err(ApiError::new(code, message))
}

fn says_hidden(rule: &Value) -> bool {
    match rule {
        Value::String(text) => text.trim() == HIDDEN,
        Value::Array(all) => all.iter().any(says_hidden),
        Value::Object(map) => map.values().any(says_hidden),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Puts what is kept where this user posts what they were shown in its place, and refuses `***` anywhere else.
pub(super) fn put_back(
    app: &App,
    user: &SignedIn,
    code: Code,
    posted: &mut Value,
    (shown, kept): (&Value, &Value),
) -> Result<(), ApiError> {
    match (&mut *posted, shown, kept) {
        (Value::Object(posted), Value::Object(shown), Value::Object(kept)) => {
            posted.iter_mut().try_for_each(|(key, value)| {
                let known =
                    shown.get(key).zip(kept.get(key)).unwrap_or((&Value::Null, &Value::Null));
                put_back(app, user, code, value, known)
            })
        }
        (posted, shown, kept) if *posted == *shown => {
            posted.clone_from(kept);
            Ok(())
        }
        // Within a list, so that what it says is read to the end, whatever its keys are called.
        (posted, ..) => refuse_unsaid(app, user, code, &Value::Array(vec![posted.clone()])),
    }
}

/// Refuses what is set up where it names what is hidden from this user, or says `***`: every kind of it, stored or only
/// tried.
pub(super) fn refuse_entity<T: Entity>(
    app: &App,
    user: &SignedIn,
    code: Code,
    entity: &T,
) -> Result<(), ApiError> {
    if from(app, user) == Masking::default() {
        return Ok(());
    }
    let Some(named) = entity.named() else { return Ok(()) };
    refuse_unsaid(app, user, code, &said(entity))?;
    refuse_rule(app, user, code, &named)
}

/// Refuses a rule that names what is hidden from this user: it would be copied to where it is not, or told of by what
/// the rule does.
fn refuse_rule(app: &App, user: &SignedIn, code: Code, rule: &Value) -> Result<(), ApiError> {
    if let Some(hidden) = from(app, user).named_in(rule) {
        return Err(ApiError::new(code, format!("The rule names {hidden}, {UNSEEN}")));
    }
    refuse_conditions(app, user, code, rule)
}

/// The same of conditions within a rule, read as they will be: however a place is written, it is that place.
fn refuse_conditions(app: &App, user: &SignedIn, code: Code, rule: &Value) -> Result<(), ApiError> {
    match rule {
        Value::Object(map) => map.iter().try_for_each(|(key, value)| match value.as_str() {
            Some(text) if key == "condition" => refuse(app, user, code, ("condition", text)),
            _ => refuse_conditions(app, user, code, value),
        }),
        Value::Array(all) => all.iter().try_for_each(|one| refuse_conditions(app, user, code, one)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
    }
}

/// The same of a trait that would be worked out of it.
pub(super) fn refuse_trait(
    app: &App,
    user: &SignedIn,
    code: Code,
    measure: &Measure,
) -> Result<(), ApiError> {
    let masking = from(app, user);
    if traits(app).iter().any(|rules| is_of_hidden(measure, rules, &masking)) {
        return Err(ApiError::new(code, format!("The trait is worked out of a field, {UNSEEN}")));
    }
    Ok(())
}

/// Computed traits as they count, and as they will once history was asked for them.
pub(super) fn traits(app: &App) -> [Rules; 2] {
    let snapshot = app.registry.now();
    let known: Vec<ComputedTrait> = snapshot
        .all::<ComputedTrait>()
        .iter()
        .map(|one| ComputedTrait::clone(&one.entity))
        .collect();
    let then: Vec<ComputedTrait> = known
        .iter()
        .map(|one| ComputedTrait { live: Some(one.measure.clone()), ..one.clone() })
        .collect();
    [known, then].map(|all| {
        let all: Vec<&ComputedTrait> = all.iter().collect();
        Rules::new(&[], &all).unwrap_or_default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANUAL: &str = include_str!("../../docs/api.md");

    #[test]
    fn the_manual_says_who_sees_everything() {
        let roles = MAY_SEE.map(|role| format!("`{}`", role.as_str())).join(", ");
        assert!(MANUAL.contains(&format!("| every field | {roles} |")), "{roles}");
    }
}
