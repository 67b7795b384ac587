//! Facts that many conditions ask for: each is looked up once.

use std::cell::OnceCell;

use super::{Fact, Facts, Place};
use crate::conditions::Root;
use crate::model::Time;

/// Facts, and what was found where somebody has looked already. To find one property of an event its text is
/// read; a hundred conditions of one property must not read it a hundred times.
#[derive(Debug)]
pub struct Remembering<'a, F> {
    facts: &'a F,
    found: Vec<OnceCell<Fact<'a>>>,
}

impl<'a, F: Facts> Remembering<'a, F> {
    /// With room for that many places, see [`Slot`](crate::conditions::Slot). A place that has no number, or a
    /// greater one, is looked up each time.
    pub fn new(facts: &'a F, places: usize) -> Self {
        Self { facts, found: std::iter::repeat_with(OnceCell::new).take(places).collect() }
    }
}

impl<F: Facts> Facts for Remembering<'_, F> {
    fn at<'b>(&'b self, place: &Place) -> Fact<'b> {
        match place.slot.0.and_then(|slot| self.found.get(slot)) {
            Some(found) => found.get_or_init(|| self.facts.at(place)).again(),
            None => self.facts.at(place),
        }
    }

    fn now(&self) -> Time {
        self.facts.now()
    }

    fn is_said(&self, place: &Place) -> bool {
        // Of a person nothing has to be read to be found.
        match place.root {
            Root::Profile => self.facts.is_said(place),
            Root::Event | Root::Session | Root::Payload => !matches!(self.at(place), Fact::Missing),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::conditions::{Language, Slot, place};

    /// Says how often it was asked.
    struct Asked(Cell<i64>);

    impl Facts for Asked {
        fn at<'a>(&'a self, _: &Place) -> Fact<'a> {
            self.0.set(self.0.get() + 1);
            Fact::from(Time::from_micros(self.0.get()))
        }

        fn now(&self) -> Time {
            Time::default()
        }
    }

    #[test]
    fn what_has_a_number_is_looked_up_once() {
        let place = |slot| Place {
            slot: Slot(slot),
            ..place(Language::Rules, "event@properties.name").unwrap()
        };
        let asked = Asked(Cell::new(0));
        let facts = Remembering::new(&asked, 2);
        for slot in [Some(0), Some(1), Some(0), Some(1), Some(0)] {
            facts.at(&place(slot));
        }
        assert_eq!(asked.0.get(), 2);
        for slot in [None, None, Some(7)] {
            facts.at(&place(slot));
        }
        assert_eq!(asked.0.get(), 5);
    }
}
