//! The filter language (spec §8.3, and what consoles send, §7.4): a text becomes a condition of SQL.

mod compare;
mod words;
#[cfg(test)]
mod tests;

use super::{Field, Invalid, field};
use crate::events::Kind;
use crate::lake::engine::literal;
use crate::model::Time;
use compare::{Value, anywhere, compare, offset, plain};
use words::{Placed, Word, split};

/// Longest filter, in bytes.
const TEXT_BYTES_MAX: usize = 8 << 10;
/// Deepest nesting.
const DEPTH_MAX: usize = 32;

/// The condition that `text` means. Empty: all events. `now` is what its functions call now.
///
/// ```text
/// type = "page-view" AND (properties.price >= 10 OR utm.source EXISTS)
/// ```
///
/// # Errors
/// [`Invalid`], with the place and what was wanted there.
pub fn condition(text: &str, now: Time) -> Result<String, Invalid> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(Invalid(format!("a filter has at most {TEXT_BYTES_MAX} bytes")));
    }
    let words = split(text)?;
    if words.is_empty() {
        return Ok("true".to_owned());
    }
    let mut parser = Parser { words, at: 0, end: text.len(), now, depth: 0 };
    let sql = parser.any()?;
    if parser.at < parser.words.len() {
        return Err(parser.wanted("AND, OR or the end"));
    }
    Ok(sql)
}

struct Parser {
    words: Vec<Placed>,
    at: usize,
    end: usize,
    now: Time,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Word> {
        self.words.get(self.at).map(|(_, word)| word)
    }

    fn take(&mut self) -> Option<Word> {
        let word = self.peek().cloned();
        self.at += 1;
        word
    }

    fn wanted(&self, what: &str) -> Invalid {
        let at = self.words.get(self.at).map_or(self.end, |(at, _)| *at);
        Invalid(format!("{what} is wanted at {at}"))
    }

    fn sign(&mut self, sign: &'static str) -> bool {
        let is_it = self.peek() == Some(&Word::Sign(sign));
        self.at += usize::from(is_it);
        is_it
    }

    /// A keyword, in any case.
    fn keyword(&mut self, word: &str) -> bool {
        let is_it =
            matches!(self.peek(), Some(Word::Bare(bare)) if bare.eq_ignore_ascii_case(word));
        self.at += usize::from(is_it);
        is_it
    }

    fn keywords(&mut self, words: &[&str]) -> bool {
        let start = self.at;
        let all = words.iter().all(|word| self.keyword(word));
        if !all {
            self.at = start;
        }
        all
    }

    fn must(&mut self, sign: &'static str) -> Result<(), Invalid> {
        if self.sign(sign) { Ok(()) } else { Err(self.wanted(sign)) }
    }

    /// `a OR b`.
    fn any(&mut self) -> Result<String, Invalid> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(Invalid(format!("a filter nests at most {DEPTH_MAX} deep")));
        }
        let mut sql = self.all()?;
        while self.keyword("or") {
            sql = format!("{sql} OR {}", self.all()?);
        }
        self.depth -= 1;
        Ok(sql)
    }

    /// `a AND b`: binds closer than OR.
    fn all(&mut self) -> Result<String, Invalid> {
        let mut sql = self.one()?;
        while self.keyword("and") {
            sql = format!("{sql} AND {}", self.one()?);
        }
        Ok(sql)
    }

    fn one(&mut self) -> Result<String, Invalid> {
        if self.keyword("not") {
            self.depth += 1;
            let sql =
                if self.depth > DEPTH_MAX { Err(self.wanted("less nesting")) } else { self.one() };
            self.depth -= 1;
            return Ok(format!("(({}) IS NOT TRUE)", sql?));
        }
        if self.sign("(") {
            let sql = self.any()?;
            self.must(")")?;
            return Ok(format!("({sql})"));
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Result<String, Invalid> {
        let start = self.at;
        let is_alone = !matches!(
            self.words.get(start + 1),
            Some((_, Word::Sign("=" | "!=" | "<" | ">" | "<=" | ">=" | ":" | "(")))
        ) && !self.words.get(start + 1).is_some_and(|(_, word)| is_operator(word));
        match self.take() {
            Some(Word::Text(text)) => Ok(anywhere(&text)),
            Some(Word::Bare(text)) if is_alone => Ok(anywhere(&text)),
            Some(Word::Bare(name)) => {
                let left = self.left(&name)?;
                self.operator(&left)
            }
            _ => {
                self.at = start;
                Err(self.wanted("a field"))
            }
        }
    }

    /// A field, or a function of one.
    fn left(&mut self, name: &str) -> Result<Field, Invalid> {
        let function =
            ["lowercase", "uppercase"].into_iter().find(|f| name.eq_ignore_ascii_case(f));
        let Some(function) = function.filter(|_| self.sign("(")) else { return field(name) };
        let Some(Word::Bare(inner)) = self.take() else { return Err(self.wanted("a field")) };
        let inner = field(&inner)?;
        self.must(")")?;
        let sql = if function == "lowercase" { "lower" } else { "upper" };
        Ok(Field { sql: format!("{sql}({})", inner.text()), kind: Kind::Text })
    }

    fn operator(&mut self, left: &Field) -> Result<String, Invalid> {
        if self.sign(":") {
            return self.lucene(left);
        }
        for sign in ["=", "!=", "<=", ">=", "<", ">"] {
            if self.sign(sign) {
                let right = self.value()?;
                return compare(left, sign, &right);
            }
        }
        let present = format!("{} IS NOT NULL", left.sql);
        let empty = format!("coalesce({}, '') IN ('', '[]', '{{}}', 'null')", left.text());
        let fixed: [(&[&str], String); 6] = [
            (&["not", "exists"], format!("{} IS NULL", left.sql)),
            (&["exists"], present.clone()),
            (&["is", "not", "null"], present),
            (&["is", "null"], format!("{} IS NULL", left.sql)),
            (&["not", "empty"], format!("NOT {empty}")),
            (&["empty"], empty),
        ];
        for (words, sql) in fixed {
            if self.keywords(words) {
                return Ok(sql);
            }
        }
        self.spelled(left)
    }

    fn spelled(&mut self, left: &Field) -> Result<String, Invalid> {
        if self.keyword("between") {
            let low = self.value()?;
            if !self.keyword("and") {
                return Err(self.wanted("AND"));
            }
            let high = self.value()?;
            return Ok(format!(
                "({} AND {})",
                compare(left, ">=", &low)?,
                compare(left, "<=", &high)?
            ));
        }
        if self.keyword("in") {
            let list = self.value()?;
            return compare(left, "=", &list);
        }
        for (words, function) in [
            (&["contains"][..], "contains"),
            (&["starts", "with"], "starts_with"),
            (&["ends", "with"], "ends_with"),
        ] {
            if self.keywords(words) {
                let text = self.value()?.text().ok_or_else(|| self.wanted("a text"))?;
                if left.kind == Kind::Texts && function == "contains" {
                    return Ok(format!("list_contains({}, {})", left.sql, literal(&text)));
                }
                return Ok(format!("{function}({}, {})", left.text(), literal(&text)));
            }
        }
        Err(self.wanted("a comparison"))
    }

    /// `field:value`, `field:[a TO b]`.
    fn lucene(&mut self, left: &Field) -> Result<String, Invalid> {
        if !self.sign("[") {
            let value = self.value()?;
            return compare(left, "=", &value);
        }
        let low = self.value()?;
        if !self.keyword("to") {
            return Err(self.wanted("TO"));
        }
        let high = self.value()?;
        self.must("]")?;
        Ok(format!("({} AND {})", compare(left, ">=", &low)?, compare(left, "<=", &high)?))
    }

    fn value(&mut self) -> Result<Value, Invalid> {
        let start = self.at;
        match self.take() {
            Some(Word::Text(text)) => Ok(Value::Text(text)),
            Some(Word::Sign("[")) => self.list(),
            Some(Word::Bare(word)) if self.peek() == Some(&Word::Sign("(")) => self.function(&word),
            Some(Word::Bare(word)) => Ok(plain(&word)),
            _ => {
                self.at = start;
                Err(self.wanted("a value"))
            }
        }
    }

    fn list(&mut self) -> Result<Value, Invalid> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(self.wanted("less nesting"));
        }
        let mut list = Vec::new();
        while !self.sign("]") {
            list.push(self.value()?);
            if !self.sign(",") {
                self.must("]")?;
                break;
            }
        }
        self.depth -= 1;
        Ok(Value::List(list))
    }

    /// `now()`, `now.offset("-1d")`, `datetime("…")`.
    fn function(&mut self, name: &str) -> Result<Value, Invalid> {
        self.must("(")?;
        let argument = if let Some(Word::Text(text)) = self.peek().cloned() {
            self.at += 1;
            text
        } else {
            String::new()
        };
        self.must(")")?;
        match name.to_ascii_lowercase().as_str() {
            "now" => Ok(Value::Moment(self.now)),
            "now.offset" => {
                let micros =
                    offset(&argument).ok_or_else(|| self.wanted("an offset such as -1d"))?;
                Ok(Value::Moment(Time::from_micros(self.now.micros().saturating_add(micros))))
            }
            "datetime" => Ok(Value::Text(argument)),
            _ => Err(Invalid(format!("there is no function {name}"))),
        }
    }
}

fn is_operator(word: &Word) -> bool {
    const SPELLED: [&str; 9] =
        ["exists", "is", "not", "empty", "between", "in", "contains", "starts", "ends"];
    matches!(word, Word::Bare(word) if SPELLED.iter().any(|one| word.eq_ignore_ascii_case(one)))
}
