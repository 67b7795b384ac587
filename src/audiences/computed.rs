//! Computed traits as administrators write them: what is counted for one, and how it is read.

use std::time::Duration;

use super::check::{Unfit, is_told};
use super::covered;
use super::formula::Formula;
use super::leaf::Leaf;
use super::rules::Rules;
use crate::conditions::{
    Around, Invalid, Language, Place, Tree, check_counted, counted, key, parse_of_counted, place,
};
use crate::model::{
    Keep, Marks, Masking, Measure, MeasureOf, OfPlace, Path, Profile, SIGHTINGS_MAX, Tally, Time,
};

/// In so many parts a window is summed up.
const PARTS_OF_WINDOW: u64 = 64;
/// The shortest of them, in seconds.
const PART_SECONDS_MIN: u64 = 60;
/// Longest window, and longest time in which something halves, in seconds: ten years.
const WITHIN_SECONDS_MAX: u64 = 10 * 366 * 86_400;
/// Most marks of one kind: from 1 to 9.
const MARKS_MAX: usize = 8;
/// The greatest mark of how often.
const FREQUENCY_MAX: u64 = 1_000_000_000;

/// A trait, ready to be worked out.
#[derive(Clone, Debug, PartialEq)]
pub struct Computed {
    /// Its name.
    pub id: String,
    /// What is counted for it; nothing for a formula.
    pub leaf: Option<Leaf>,
    pub(super) function: MeasureOf,
    pub(super) within: Option<Duration>,
    pub(super) half_life: Duration,
    pub(super) marks: Option<Marks>,
    pub(super) formula: Option<Formula>,
}

impl Computed {
    /// Reads what somebody has written.
    ///
    /// # Errors
    /// [`Unfit`], with the place.
    pub(super) fn read(id: &str, measure: &Measure) -> Result<Self, Unfit> {
        check(measure)?;
        let formula = measure.formula.as_deref().map(Formula::read).transpose();
        let formula = formula.map_err(Unfit::unreadable("formula"))?;
        let leaf = if formula.is_some() { None } else { Some(leaf(measure)?) };
        Ok(Self {
            id: id.to_owned(),
            leaf,
            function: measure.function,
            within: measure.within_seconds.map(Duration::from_secs),
            half_life: Duration::from_secs(measure.half_life_seconds.unwrap_or_default()),
            marks: measure.marks.clone(),
            formula,
        })
    }

    /// Whether it is a moment, and not what an event says.
    #[must_use]
    pub fn is_a_moment(&self) -> bool {
        matches!(self.function, MeasureOf::FirstAt | MeasureOf::LastAt)
    }

    /// The other traits that it is worked out of.
    pub(super) fn names(&self) -> Vec<String> {
        self.formula.as_ref().map(Formula::computed).unwrap_or_default()
    }

    /// Those of them that are measured.
    pub(super) fn others<'a>(&self, rules: &'a Rules) -> impl Iterator<Item = &'a Self> + use<'a> {
        self.names().into_iter().filter_map(|name| rules.measured(&name))
    }

    /// Whether it is worked out of what is hidden.
    pub(super) fn is_covered_by(&self, rules: &Rules, masking: &Masking) -> bool {
        let mut is_covered = false;
        let mut look = |place: &Place| is_covered |= covered::is_covered(place, masking);
        if let Some(leaf) = &self.leaf {
            leaf.of.iter().for_each(|(place, _)| look(place));
            covered::each_place(&leaf.filter.tree, &mut look);
        }
        self.formula.iter().flat_map(Formula::places).for_each(&mut look);
        is_covered || self.others(rules).any(|other| other.is_covered_by(rules, masking))
    }

    /// Whether nothing of it is a guess.
    #[must_use]
    pub fn is_exact(&self, rules: &Rules, profile: &Profile) -> bool {
        let tally = self.leaf.as_ref().and_then(|leaf| profile.tallies.get(&leaf.key));
        let is_known = |tally: &Tally| !self.function.halves() || super::halving::is_exact(tally);
        tally.is_none_or(|tally| tally.is_exact() && is_known(tally))
            && self.others(rules).all(|other| other.is_exact(rules, profile))
    }
}

/// What each function needs, and what it has no use for.
fn check(measure: &Measure) -> Result<(), Unfit> {
    let Measure { function, half_life_seconds, marks, formula, .. } = measure;
    let is_formula = *function == MeasureOf::Formula;
    for (place, is_said, is_wanted) in [
        ("formula", formula.is_some(), is_formula),
        ("event_type", !measure.event_type.is_empty(), !is_formula),
        ("half_life", half_life_seconds.is_some(), function.halves()),
        ("marks", marks.is_some(), *function == MeasureOf::Rfm),
    ] {
        if is_wanted && !is_said {
            return Err(Unfit::new(place, "must not be empty"));
        }
        if is_said && !is_wanted {
            return Err(Unfit::new(place, &format!("is not for {}", function.as_str())));
        }
    }
    let has_window = measure.within_seconds.is_some() || measure.since.is_some();
    if has_window && (is_formula || function.halves()) {
        return Err(Unfit::new("within", "is not for formulas and for what halves"));
    }
    for (place, seconds) in [("within", measure.within_seconds), ("half_life", *half_life_seconds)]
    {
        if seconds.is_some_and(|seconds| seconds > WITHIN_SECONDS_MAX) {
            return Err(Unfit::new(place, "must be ten years at most"));
        }
    }
    marks.as_ref().map_or(Ok(()), check_marks)
}

fn check_marks(marks: &Marks) -> Result<(), Unfit> {
    let Marks { recency, frequency, monetary } = marks;
    let rise = recency.is_sorted_by(|one, other| one < other)
        && frequency.is_sorted_by(|one, other| one < other)
        && monetary.is_sorted_by(|one, other| one < other);
    let most = [recency.len(), frequency.len(), monetary.len()].into_iter().max();
    if rise && most.is_some_and(|most| most <= MARKS_MAX) {
        return Ok(());
    }
    let wanted = format!("must be three lists of at most {MARKS_MAX}, each of them rising");
    Err(Unfit::new("marks", &wanted))
}

/// What is asked of a measure before it is stored, and of none that was: what people do, places that are meant and that
/// are still known when events are folded again, and marks that may be reached.
///
/// # Errors
/// [`Unfit`].
pub fn check_written(measure: &Measure) -> Result<(), Unfit> {
    if is_told(&measure.event_type) {
        let wanted = "must be what people do: what tells of audiences is not counted";
        return Err(Unfit::new("event_type", wanted));
    }
    let of = measure.of.as_deref().map_or(Ok(()), Path::meant);
    of.map_err(|why| Unfit::new("of", &format!("must be a place as it is meant: {why}")))?;
    let of = read_of(measure)?.map_or(Ok(()), |place| check_counted(&place));
    of.map_err(|why| Unfit::new("of", &format!("must be a place that is counted: {why}")))?;
    let Some(Marks { recency, frequency, monetary }) = &measure.marks else { return Ok(()) };
    if measure.of.is_none() && !monetary.is_empty() {
        return Err(Unfit::new("of", "must say of which place marks.monetary are"));
    }
    if recency.iter().any(|seconds| *seconds > WITHIN_SECONDS_MAX) {
        return Err(Unfit::new("marks.recency", "must be ten years at most"));
    }
    if frequency.iter().any(|many| *many > FREQUENCY_MAX) {
        return Err(Unfit::new("marks.frequency", &format!("must be at most {FREQUENCY_MAX}")));
    }
    Ok(())
}

/// Refuses a formula of places that there are not; `is_written` says to which of a person rules write.
///
/// # Errors
/// [`Unfit`], with the one that was meant.
pub fn check_formula(formula: &str, is_written: &dyn Fn(&Path) -> bool) -> Result<(), Unfit> {
    let Ok(formula) = Formula::read(formula) else { return Ok(()) };
    let around = Around { of_people: true, is_written };
    let checked = formula.places().into_iter().try_for_each(|place| around.check(place));
    checked.map_err(|why| Unfit::new("formula", &format!("must be of what can be there: {why}")))
}

fn leaf(measure: &Measure) -> Result<Leaf, Unfit> {
    let kind = &measure.event_type;
    let filter = read_filter(&measure.filter).map_err(Unfit::unreadable("where"))?;
    let of = read_of(measure)?.map(|place| (place, measure.function.counts()));
    let range = measure.since.map(|since| (since, Time::END));
    let keep = keep(measure.function, measure.within_seconds);
    let of_text = of.as_ref().map(|(place, counts)| (place.path.to_string(), counts));
    let text = format!("{} of {of_text:?}", counted(kind, &filter, range));
    let leaf = Leaf::new(kind, filter, key(keep, &text));
    Ok(Leaf { range, of, ..leaf })
}

fn read_of(measure: &Measure) -> Result<Option<Place>, Unfit> {
    let Some(path) = &measure.of else {
        return if measure.function.of_place() == OfPlace::Must {
            Err(Unfit::new("of", "must say which place of an event it is of"))
        } else {
            Ok(None)
        };
    };
    if measure.function.of_place() == OfPlace::Never {
        return Err(Unfit::new("of", "is not for what counts the events themselves"));
    }
    let place = place(Language::Rules, &format!("event@{path}"));
    let place = place.map_err(Unfit::unreadable("of"))?;
    if !place.may_say() {
        let wanted =
            "must be a place where an event says a number or a text, such as properties.total";
        return Err(Unfit::new("of", wanted));
    }
    Ok(Some(place))
}

/// As a condition of events; the words of audiences mean nothing there.
fn read_filter(filter: &str) -> Result<Tree, Invalid> {
    if filter.trim().is_empty() { Ok(Tree::All(Vec::new())) } else { parse_of_counted(filter) }
}

/// Which sightings tell it.
fn keep(function: MeasureOf, within_seconds: Option<u64>) -> Keep {
    let part =
        within_seconds.map_or(0, |seconds| (seconds / PARTS_OF_WINDOW).max(PART_SECONDS_MIN));
    let sums = Keep::Sums(u32::try_from(part).unwrap_or(u32::MAX));
    match (function, within_seconds) {
        (MeasureOf::Last | MeasureOf::LastAt, _) => Keep::Latest(1),
        (MeasureOf::Distinct | MeasureOf::Values, _) => Keep::Values,
        (MeasureOf::Halving | MeasureOf::Interests, _) => {
            Keep::Latest(u16::try_from(SIGHTINGS_MAX).unwrap_or(u16::MAX))
        }
        (MeasureOf::First | MeasureOf::FirstAt, None) => Keep::Earliest,
        (MeasureOf::Least, None) => Keep::Least,
        (MeasureOf::Greatest, None) => Keep::Greatest,
        (
            MeasureOf::Count
            | MeasureOf::Sum
            | MeasureOf::Average
            | MeasureOf::Least
            | MeasureOf::Greatest
            | MeasureOf::First
            | MeasureOf::FirstAt
            | MeasureOf::MostFrequent
            | MeasureOf::Rfm
            | MeasureOf::Formula,
            _,
        ) => sums,
    }
}
