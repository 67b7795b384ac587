//! Functions of a company's own, ready to be called: which ones for which events, and in what order.

use std::sync::Arc;

use super::condition_of_event;
use crate::conditions::{Condition, Documents};
use crate::model::{Function, Map, SourceId, Time};

/// Every function that is on, in the order in which they are called.
#[derive(Debug, Default)]
pub struct Scripts(Vec<Script>);

/// A function that is on.
#[derive(Debug)]
pub struct Script {
    /// Its id.
    pub id: Arc<str>,
    /// What it says.
    pub code: Arc<str>,
    event_type: Option<String>,
    source: Option<SourceId>,
    when: Option<Condition>,
}

impl Scripts {
    /// Of those that are on. What a newer node has stored and this one cannot read is left out.
    #[must_use]
    pub fn of<'a>(all: impl IntoIterator<Item = &'a Function>) -> Self {
        let mut enabled: Vec<_> = all.into_iter().filter(|one| one.enabled).collect();
        enabled.sort_by_key(|one| (one.order, &one.id));
        let scripts = enabled.into_iter().filter_map(|one| {
            let script = Script::of(one);
            if script.is_none() {
                tracing::warn!(rule = one.id, "a function cannot be read; it is left out");
            }
            script
        });
        Self(scripts.collect())
    }

    /// Those that may be for events of this source.
    pub fn for_source<'a>(&'a self, source: &'a SourceId) -> impl Iterator<Item = &'a Script> {
        self.0.iter().filter(move |one| one.source.as_ref().is_none_or(|own| own == source))
    }
}

impl Script {
    fn of(one: &Function) -> Option<Self> {
        Some(Self {
            id: one.id.as_str().into(),
            code: one.code.as_str().into(),
            event_type: one.event_type.clone(),
            source: one.source.clone(),
            when: condition_of_event(&one.condition).ok()?,
        })
    }

    /// Whether it may be for events of this type.
    #[must_use]
    pub fn is_for(&self, kind: &str) -> bool {
        self.event_type.as_ref().is_none_or(|own| own == kind)
    }

    /// Whether its condition holds for an event, given as a document.
    #[must_use]
    pub fn holds(&self, event: &Map, now: Time) -> bool {
        let facts = Documents { event: Some(event), now, ..Documents::default() };
        self.when.as_ref().is_none_or(|when| when.holds(&facts))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::About;

    fn function(id: &str, change: impl FnOnce(&mut Function)) -> Function {
        let mut one = Function {
            id: id.into(),
            about: About::default(),
            enabled: true,
            order: 0,
            event_type: Some("order".into()),
            source: None,
            condition: String::new(),
            code: String::new(),
            samples: Vec::new(),
            tags: Vec::new(),
        };
        change(&mut one);
        one
    }

    #[test]
    fn those_that_are_on_are_called_in_order_for_what_they_are_for() {
        let all = [
            function("c", |one| one.order = -1),
            function("b", |one| one.source = Some(SourceId::new("other"))),
            function("a", |one| one.condition = "event@properties.x = 1".into()),
            function("off", |one| one.enabled = false),
            function("broken", |one| one.condition = "event@".into()),
        ];
        let scripts = Scripts::of(&all);
        let shop = SourceId::new("shop");
        let found: Vec<_> = scripts.for_source(&shop).map(|one| one.id.as_ref()).collect();
        assert_eq!(found, ["c", "a"]);
        let a = scripts.for_source(&shop).last().unwrap();
        assert!(a.is_for("order") && !a.is_for("page-view"));
        let event =
            |x: i64| -> Map { json!({"properties": {"x": x}}).as_object().cloned().unwrap() };
        assert!(a.holds(&event(1), Time::default()) && !a.holds(&event(2), Time::default()));
    }
}
