//! What stands to the right of a sign: values, lists, functions.

use super::super::words::Word;
use super::super::{Function, Invalid, Language, Moment, Operand, Pattern, Text, Value, place};
use super::Parser;
use crate::model::{Number, Zone};

/// What a fact is compared with.
pub(super) enum Right {
    One(Value),
    List(Vec<Value>),
}

/// A text in quotes, with stars between its pieces.
pub(super) fn of_pieces(pieces: Vec<String>, language: Language) -> Value {
    let text = pieces.join("*");
    let pattern = Pattern::new(pieces).filter(|_| language == Language::History);
    pattern.map_or_else(|| Value::Text(Text::new(text)), Value::Pattern)
}

/// A bare word that is no name.
pub(super) fn of_word(word: &str, language: Language) -> Value {
    of_pieces(word.split('*').map(str::to_owned).collect(), language)
}

impl Parser {
    pub(super) fn value(&mut self) -> Result<Right, Invalid> {
        if self.sign("[") {
            return self.list().map(Right::List);
        }
        self.one_value().map(Right::One)
    }

    fn one_value(&mut self) -> Result<Value, Invalid> {
        let start = self.at;
        let value = match self.take() {
            Some(Word::Text(pieces)) => Some(of_pieces(pieces, self.language)),
            Some(Word::Bare(word)) if self.peek() == Some(&Word::Sign("(")) => {
                return self.function(&word);
            }
            Some(Word::Bare(word)) => match self.bare(&word) {
                Some(value) => Some(value),
                None if word.contains('@') => {
                    return Err(place(self.language, &word)
                        .err()
                        .unwrap_or_else(|| self.wanted("a value")));
                }
                None => None,
            },
            Some(Word::Sign(_)) | None => None,
        };
        value.ok_or_else(|| {
            self.at = start;
            self.wanted("a value")
        })
    }

    /// A bare word: null, a truth, a number, a field, or else, in a filter, a text.
    fn bare(&self, word: &str) -> Option<Value> {
        match word.to_ascii_lowercase().as_str() {
            "null" => return Some(Value::Null),
            "true" => return Some(Value::Truth(true)),
            "false" => return Some(Value::Truth(false)),
            _ => {}
        }
        let number = Number::parse(word).or_else(|| word.parse().ok().map(Number::Real));
        if let Some(number) = number.filter(|number| number.float().is_finite()) {
            return Some(Value::Number(number));
        }
        match self.operand(word) {
            Ok(operand) => Some(Value::Operand(operand)),
            Err(_) if self.language == Language::History => Some(of_word(word, self.language)),
            Err(_) => None,
        }
    }

    fn list(&mut self) -> Result<Vec<Value>, Invalid> {
        let mut list = Vec::new();
        while !self.sign("]") {
            list.push(self.one_value()?);
            if !self.sign(",") {
                self.must("]")?;
                break;
            }
        }
        Ok(list)
    }

    /// `name(…)`, the bracket is next.
    pub(super) fn function(&mut self, name: &str) -> Result<Value, Invalid> {
        self.must("(")?;
        let name = name.to_ascii_lowercase();
        let value = match name.as_str() {
            "now" | "utcnow" => Value::Now(0),
            "now.offset" => Value::Now(self.offset()?),
            // A moment is the same in every zone.
            "now.timezone" => {
                self.zone()?;
                Value::Now(0)
            }
            "now.timezone.offset" => {
                self.zone()?;
                self.must(",")?;
                Value::Now(self.offset()?)
            }
            "datetime.from_timestamp" => Value::Moment(self.timestamp()?),
            "datetime" if matches!(self.peek(), Some(Word::Text(_))) => {
                Value::Moment(self.moment()?)
            }
            "datetime.offset" => self.later()?,
            "datetime.timezone" => Value::Moment(self.moment_of_zone()?),
            name => {
                let known = Function::ALL.into_iter().find(|(_, known)| *known == name);
                let unknown = || Invalid(format!("there is no function {name}"));
                Value::Operand(self.applied(known.ok_or_else(unknown)?.0)?)
            }
        };
        self.must(")")?;
        Ok(value)
    }

    /// A function of a field.
    fn applied(&mut self, function: Function) -> Result<Operand, Invalid> {
        let Some(Word::Bare(name)) = self.peek().cloned() else {
            return Err(self.wanted("a field"));
        };
        let operand = self.operand(&name)?;
        self.at += 1;
        Ok(Operand { function: Some(function), ..operand })
    }

    /// A time or a field that tells one, and how much later.
    fn later(&mut self) -> Result<Value, Invalid> {
        let start = self.at;
        if !matches!(self.peek(), Some(Word::Text(_))) {
            let operand = self.applied(Function::Datetime(0))?;
            self.must(",")?;
            let function = Some(Function::Datetime(self.offset()?));
            return Ok(Value::Operand(Operand { function, ..operand }));
        }
        let moment = self.moment()?;
        self.must(",")?;
        let later = moment.plus(self.offset()?).filter(|later| later.is_writable());
        later.map(Value::Moment).ok_or_else(|| {
            self.at = start;
            self.wanted("a time before the year 10000")
        })
    }

    /// A time as it is told in a zone; one that says its offset itself is the same in every zone.
    fn moment_of_zone(&mut self) -> Result<Moment, Invalid> {
        let start = self.at;
        let what = "a time such as 2026-01-05 10:00";
        let text = self.argument(what)?;
        self.must(",")?;
        let moment = Moment::parse_in(&text, &self.zone()?).filter(|moment| moment.is_writable());
        moment.ok_or_else(|| {
            self.at = start;
            self.wanted(what)
        })
    }

    /// A text in quotes.
    pub(super) fn argument(&mut self, what: &str) -> Result<String, Invalid> {
        let Some(Word::Text(pieces)) = self.peek() else { return Err(self.wanted(what)) };
        let text = pieces.join("*");
        self.at += 1;
        Ok(text)
    }

    /// A time zone that there is.
    fn zone(&mut self) -> Result<Zone, Invalid> {
        let what = "a time zone of the IANA list";
        let start = self.at;
        self.argument(what)?.parse().map_err(|_| {
            self.at = start;
            self.wanted(what)
        })
    }

    fn offset(&mut self) -> Result<i64, Invalid> {
        let what = "an offset such as -1d";
        let start = self.at;
        let micros = offset(&self.argument(what)?);
        micros.ok_or_else(|| {
            self.at = start;
            self.wanted(what)
        })
    }

    fn moment(&mut self) -> Result<Moment, Invalid> {
        let what = "a time such as 2026-01-05T10:00:00Z";
        let start = self.at;
        moment(&self.argument(what)?).ok_or_else(|| {
            self.at = start;
            self.wanted(what)
        })
    }

    /// Seconds since 1970.
    #[expect(clippy::cast_possible_truncation, reason = "a time that cannot be written is refused")]
    fn timestamp(&mut self) -> Result<Moment, Invalid> {
        let number = match self.peek() {
            Some(Word::Bare(word)) => Number::parse(word),
            Some(Word::Text(_) | Word::Sign(_)) | None => None,
        };
        let micros = number.map(|number| (number.float() * 1e6).round() as i64);
        let moment = micros.map(Moment::from_micros).filter(|moment| moment.is_writable());
        let moment = moment.ok_or_else(|| self.wanted("seconds since 1970"))?;
        self.at += 1;
        Ok(moment)
    }
}

/// The moment that a text tells, of those that conditions can write.
#[must_use]
pub fn moment(text: &str) -> Option<Moment> {
    Text::new(text.to_owned()).moment().filter(|moment| moment.is_writable())
}

/// `30d`, `1h30m`, `2y`, in seconds; a year has 365 days.
#[must_use]
pub fn duration(text: &str) -> Option<u64> {
    let seconds =
        |text: &str| offset(text).filter(|micros| *micros > 0).map(|micros| micros / 1_000_000);
    let seconds = match text.split_once('y') {
        Some((years, rest)) => {
            let years = years.parse::<i64>().ok()?.checked_mul(365 * 86_400)?;
            let rest = if rest.is_empty() { 0 } else { seconds(rest)? };
            years.checked_add(rest)
        }
        None => seconds(text),
    };
    u64::try_from(seconds?).ok().filter(|seconds| *seconds > 0)
}

/// `-1d`, `1h30m`, in microseconds.
fn offset(text: &str) -> Option<i64> {
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let mut seconds = 0_i64;
    while !rest.is_empty() {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit())?;
        let number: i64 = rest.get(..digits)?.parse().ok()?;
        let unit = rest.get(digits..)?.chars().next()?;
        let length = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            'w' => 604_800,
            _ => return None,
        };
        seconds = seconds.checked_add(number.checked_mul(length)?)?;
        rest = rest.get(digits + unit.len_utf8()..)?;
    }
    seconds.checked_mul(sign * 1_000_000)
}
