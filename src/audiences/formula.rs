//! Formulas over traits: numbers, `+ - * /`, brackets and a few functions. What is missing makes nothing of it.

use super::facts::{OfPerson, computed_name};
use crate::conditions::{Fact, Facts as _, Invalid, Language, Moment, Place, Root, place};
use crate::model::Time;

/// Longest formula, in bytes, and deepest nesting.
const TEXT_BYTES_MAX: usize = 1_000;
const DEPTH_MAX: usize = 16;
/// Of what a formula is worked out at the most.
const PLACES_MAX: usize = 20;
pub(super) const DAY_MICROS: i64 = 86_400_000_000;

/// A formula, read.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Formula {
    Number(f64),
    Place(Place),
    Of(Sign, Box<[Self; 2]>),
    Call(Function, Vec<Self>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    Plus,
    Minus,
    Times,
    Over,
}

/// What can be done with values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    /// The least.
    Min,
    /// The greatest.
    Max,
    /// To whole numbers.
    Round,
    /// The first that is there.
    Coalesce,
    /// Whole days since a moment.
    DaysSince,
}

impl Function {
    const NAMED: [(&str, Self); 5] = [
        ("min", Self::Min),
        ("max", Self::Max),
        ("round", Self::Round),
        ("coalesce", Self::Coalesce),
        ("days_since", Self::DaysSince),
    ];
}

impl Formula {
    /// Reads `computed.spent / max(computed.orders, 1)`.
    pub(super) fn read(text: &str) -> Result<Self, Invalid> {
        if text.len() > TEXT_BYTES_MAX {
            return Err(Invalid(format!("a formula has at most {TEXT_BYTES_MAX} bytes")));
        }
        let mut reader = Reader { rest: text.trim(), depth: 0 };
        let formula = reader.sum()?;
        if !reader.rest.is_empty() {
            return Err(reader.wanted("+, -, *, / or the end"));
        }
        if formula.places().len() > PLACES_MAX {
            return Err(Invalid(format!("a formula is of at most {PLACES_MAX} traits")));
        }
        Ok(formula)
    }

    /// What it comes to.
    pub(super) fn of(&self, person: &OfPerson<'_>) -> Option<f64> {
        let value = match self {
            Self::Number(number) => Some(*number),
            Self::Place(place) => {
                let fact = fact(place, person);
                if let Fact::Number(number) = fact { Some(number.float()) } else { None }
            }
            Self::Of(sign, sides) => {
                let (left, right) = (sides[0].of(person)?, sides[1].of(person)?);
                match sign {
                    Sign::Plus => Some(left + right),
                    Sign::Minus => Some(left - right),
                    Sign::Times => Some(left * right),
                    Sign::Over => Some(left / right),
                }
            }
            Self::Call(function, parts) => called(*function, parts, person),
        };
        value.filter(|value| value.is_finite())
    }

    /// Every fact that it looks at.
    pub(super) fn places(&self) -> Vec<&Place> {
        match self {
            Self::Number(_) => Vec::new(),
            Self::Place(place) => vec![place],
            Self::Of(_, sides) => sides.iter().flat_map(Self::places).collect(),
            Self::Call(_, parts) => parts.iter().flat_map(Self::places).collect(),
        }
    }

    /// The computed traits that it is of.
    pub(super) fn computed(&self) -> Vec<String> {
        self.places().into_iter().filter_map(computed_name).map(str::to_owned).collect()
    }

    /// When a day more has gone by since something that it counts days from.
    pub(super) fn next_day(&self, person: &OfPerson<'_>) -> Option<Time> {
        match self {
            Self::Number(_) | Self::Place(_) => None,
            Self::Of(_, sides) => sides.iter().filter_map(|side| side.next_day(person)).min(),
            Self::Call(Function::DaysSince, parts) => {
                let (at, days) = days_since(parts.first()?, person)?;
                Some(Time::from_micros(at.saturating_add((days + 1).saturating_mul(DAY_MICROS))))
            }
            Self::Call(_, parts) => parts.iter().filter_map(|part| part.next_day(person)).min(),
        }
    }
}

fn called(function: Function, parts: &[Formula], person: &OfPerson<'_>) -> Option<f64> {
    let values = || parts.iter().map(|part| part.of(person));
    match function {
        Function::Min => values().collect::<Option<Vec<_>>>()?.into_iter().reduce(f64::min),
        Function::Max => values().collect::<Option<Vec<_>>>()?.into_iter().reduce(f64::max),
        Function::Round => values().next()?.map(f64::round),
        Function::Coalesce => values().flatten().next(),
        #[expect(clippy::cast_precision_loss, reason = "days are few")]
        Function::DaysSince => days_since(parts.first()?, person).map(|(_, days)| days as f64),
    }
}

/// A moment in microseconds, and the whole days since.
fn days_since(of: &Formula, person: &OfPerson<'_>) -> Option<(i64, i64)> {
    let Formula::Place(place) = of else { return None };
    let fact = fact(place, person);
    let told = if let Fact::Text(text) = &fact { Moment::parse(text) } else { None };
    let at = if let Fact::Moment(moment) = fact { moment } else { told? }.micros();
    Some((at, person.now().micros().saturating_sub(at).div_euclid(DAY_MICROS)))
}

/// What stands there. Formulas are of no formulas, whatever somebody has stored: no circle has an end.
fn fact<'a>(place: &Place, person: &'a OfPerson<'_>) -> Fact<'a> {
    match computed_name(place) {
        Some(name) if person.rules.measured(name).is_none() => Fact::Missing,
        _ => person.at(place),
    }
}

struct Reader<'t> {
    rest: &'t str,
    depth: usize,
}

impl Reader<'_> {
    fn sum(&mut self) -> Result<Formula, Invalid> {
        self.deeper()?;
        let mut left = self.product()?;
        while let Some(sign) = self.sign(&[("+", Sign::Plus), ("-", Sign::Minus)]) {
            left = Formula::Of(sign, Box::new([left, self.product()?]));
        }
        self.depth -= 1;
        Ok(left)
    }

    fn product(&mut self) -> Result<Formula, Invalid> {
        let mut left = self.one()?;
        while let Some(sign) = self.sign(&[("*", Sign::Times), ("/", Sign::Over)]) {
            left = Formula::Of(sign, Box::new([left, self.one()?]));
        }
        Ok(left)
    }

    fn one(&mut self) -> Result<Formula, Invalid> {
        if self.take("(") {
            let inner = self.sum()?;
            return self.must(")").map(|()| inner);
        }
        if self.take("-") {
            return self.less_than_nothing();
        }
        let is_of_word = |letter: char| letter.is_alphanumeric() || "._@\"[]-".contains(letter);
        let is_number = self.rest.starts_with(|letter: char| letter.is_ascii_digit());
        let end = self.rest.find(|letter: char| {
            if is_number { !letter.is_ascii_digit() && letter != '.' } else { !is_of_word(letter) }
        });
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        if word.is_empty() {
            return Err(self.wanted("a number, a trait or a bracket"));
        }
        self.rest = rest.trim_start();
        if is_number {
            let number = word.parse().map_err(|_| self.wanted("a number"))?;
            return Ok(Formula::Number(number));
        }
        if self.take("(") {
            return self.call(word);
        }
        let name = word.trim_start_matches("profile@");
        let place = place(Language::Rules, &format!("{}@{name}", Root::Profile.as_str()))?;
        Ok(Formula::Place(place))
    }

    /// What has a minus before it.
    fn less_than_nothing(&mut self) -> Result<Formula, Invalid> {
        self.deeper()?;
        let one = self.one()?;
        self.depth -= 1;
        Ok(Formula::Of(Sign::Minus, Box::new([Formula::Number(0.0), one])))
    }

    fn deeper(&mut self) -> Result<(), Invalid> {
        self.depth += 1;
        let is_too_deep = self.depth > DEPTH_MAX;
        let wanted = || Invalid(format!("a formula nests at most {DEPTH_MAX} deep"));
        if is_too_deep { Err(wanted()) } else { Ok(()) }
    }

    fn call(&mut self, name: &str) -> Result<Formula, Invalid> {
        let found = Function::NAMED.into_iter().find(|(known, _)| *known == name);
        let unknown = || {
            let names = Function::NAMED.map(|(name, _)| name).join(", ");
            Invalid(format!("there is no function {name}: there are {names}"))
        };
        let (_, function) = found.ok_or_else(unknown)?;
        let mut parts = vec![self.sum()?];
        while self.take(",") {
            parts.push(self.sum()?);
        }
        let is_one = matches!(function, Function::Round | Function::DaysSince);
        let is_place = matches!(parts.first(), Some(Formula::Place(_)));
        if (is_one && parts.len() > 1) || (function == Function::DaysSince && !is_place) {
            return Err(Invalid(format!("{name} is of one trait")));
        }
        self.must(")").map(|()| Formula::Call(function, parts))
    }

    fn sign(&mut self, known: &[(&'static str, Sign)]) -> Option<Sign> {
        known.iter().find(|(text, _)| self.take(text)).map(|(_, sign)| *sign)
    }

    fn take(&mut self, text: &str) -> bool {
        let Some(rest) = self.rest.strip_prefix(text) else { return false };
        self.rest = rest.trim_start();
        true
    }

    fn must(&mut self, text: &str) -> Result<(), Invalid> {
        if self.take(text) { Ok(()) } else { Err(self.wanted(text)) }
    }

    fn wanted(&self, what: &str) -> Invalid {
        const LETTERS_MAX: usize = 20;
        let rest: String = self.rest.chars().take(LETTERS_MAX).collect();
        Invalid(format!("{what} is wanted before \"{rest}\""))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::audiences::Rules;
    use crate::audiences::memberships::Memberships;
    use crate::model::{Profile, ProfileId};

    /// Of somebody who has `traits.n` 8 and `traits.since` two days and a bit ago.
    #[track_caller]
    fn check(text: &str, expected: Option<f64>) {
        let now = Time::from_micros(3 * DAY_MICROS);
        let mut profile = Profile::new(ProfileId::new("ann"), now);
        profile.traits.insert("n".to_owned(), json!(8));
        profile.traits.insert("since".to_owned(), json!("1970-01-01T12:00:00Z"));
        let (rules, audiences) = (Rules::default(), Memberships::none());
        let person = OfPerson { rules: &rules, profile: &profile, audiences: &audiences, now };
        assert_eq!(Formula::read(text).unwrap().of(&person), expected, "{text}");
    }

    #[test]
    fn formulas_are_worked_out_as_everybody_reads_them() {
        check("1 + 2 * 3 - 4 / 2", Some(5.0));
        check("(1 + 2) * 3", Some(9.0));
        check("traits.n / 2 - 1", Some(3.0));
        check("max(1, traits.n, 3) + min(4, 2)", Some(10.0));
        check("round(traits.n / 3)", Some(3.0));
        check("coalesce(traits.none, traits.n)", Some(8.0));
        check("days_since(traits.since)", Some(2.0));
        check("-3 + 5", Some(2.0));
        check("2 * -3", Some(-6.0));
        check("3 - -2", Some(5.0));
        check("round(-2.5)", Some(-3.0));
        check("-traits.n - -(1 + 1)", Some(-6.0));
        for nothing in ["traits.none + 1", "traits.n / 0", "traits.since * 2", "computed.x"] {
            check(nothing, None);
        }
    }

    #[test]
    fn what_is_no_formula_is_refused() {
        let deep = "(".repeat(100);
        let long = "1 + ".repeat(300);
        for text in [
            "",
            "1 +",
            "1 2",
            "(1",
            "sqrt(1)",
            "round(1, 2)",
            "1..2",
            "-",
            "1 -",
            &"-".repeat(100),
            "days_since(2)",
            &deep,
            &long,
        ] {
            assert!(Formula::read(text).is_err(), "{text}");
        }
    }
}
