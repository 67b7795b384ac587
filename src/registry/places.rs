//! Whether a condition can hold at all: asked of what people write, before it is stored.
//!
//! A condition that is stored counts as it always did, whatever is asked of new ones: it is read without
//! this, and may be stored again as it is.

use super::{Entity, Misfit, Snapshot, Written};
use crate::audiences::check_formula;
use crate::model::{EventToProfile, Path, Step};
use crate::rules;

impl Snapshot {
    /// Refuses what is new in it and does not fit, and a condition that can never hold, unless it was the same `before`.
    ///
    /// # Errors
    /// As [`Self::check_written`].
    pub fn check_changed<T: Entity>(&self, entity: &T, before: Option<&T>) -> Result<(), Misfit> {
        entity.check_new(before)?;
        let formula = entity.formula().filter(|text| before.and_then(T::formula) != Some(*text));
        if let Some(formula) = formula {
            check_formula(formula, &|path: &Path| self.is_written(path))?;
        }
        let before = before.and_then(T::condition);
        let changed = entity.condition().filter(|written| before != Some(*written));
        changed.map_or(Ok(()), |written| self.check_written(written))
    }

    /// Refuses a condition that looks at places that there are not, at no time, or at nothing between two ends.
    ///
    /// # Errors
    /// [`Misfit`], with the place, and the one that was meant.
    pub fn check_written(&self, written: Written<'_>) -> Result<(), Misfit> {
        let Written { place, text, of_people } = written;
        let is_written = |path: &Path| self.is_written(path);
        rules::check_written(text, of_people, &is_written)
            .map_err(|why| Misfit::new(place, format!("must be one that can hold: {why}")))
    }

    /// Whether a mapping writes to this place of a person, to what is above it, or to what is in it.
    fn is_written(&self, path: &Path) -> bool {
        let key = |step: &Step| step.key().to_owned();
        let wanted: Vec<String> = path.steps().iter().map(key).collect();
        let meets = |place: &str| {
            Path::parse(place).is_ok_and(|place| {
                place.steps().iter().zip(&wanted).all(|(step, wanted)| step.key() == wanted)
            })
        };
        let mut all = self.all::<EventToProfile>().into_iter();
        all.any(|one| one.entity.changes.iter().any(|change| meets(&change.to.place)))
    }
}
