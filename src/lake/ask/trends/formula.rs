//! A formula over series: `A / B`, `100 * (A - B) / A`; read once, printed as SQL.

use serde::{Deserialize, Serialize};

use super::NAMES;
use crate::lake::ask::Invalid;

/// Longest formula, in bytes; so deep it nests at most.
const LENGTH_MAX: usize = 200;
/// Most operators: each stands within the next, and of a statement that nests deeper nobody could ask in SQL.
const OPERATORS_MAX: usize = 40;

/// What is reckoned of series.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Formula {
    /// As it was written.
    pub text: String,
    /// Over columns that are called as the series.
    pub(super) sql: String,
    /// The series that it names, by number.
    pub(super) series: Vec<usize>,
}

impl Formula {
    /// What `text` says of so many series.
    ///
    /// # Errors
    /// [`Invalid`], with the place and what was wanted there.
    pub fn read(text: &str, series: usize) -> Result<Self, Invalid> {
        if text.len() > LENGTH_MAX {
            return Err(Invalid(format!("a formula has at most {LENGTH_MAX} letters")));
        }
        if text.bytes().filter(|byte| b"+-*/".contains(byte)).count() > OPERATORS_MAX {
            return Err(Invalid(format!("a formula has at most {OPERATORS_MAX} operators")));
        }
        let mut reader = Reader { text: text.as_bytes(), at: 0, series, named: Vec::new() };
        let sql = reader.sum()?;
        if reader.next().is_some() {
            return Err(reader.wants("an operator: + - * /"));
        }
        if reader.named.is_empty() {
            return Err(reader.wants("a series somewhere in it, such as A"));
        }
        Ok(Self { text: text.trim().to_owned(), sql, series: reader.named })
    }
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    series: usize,
    named: Vec<usize>,
}

impl Reader<'_> {
    /// The next letter that is no space.
    fn next(&mut self) -> Option<u8> {
        while self.text.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
        self.text.get(self.at).copied()
    }

    fn sum(&mut self) -> Result<String, Invalid> {
        let mut left = self.product()?;
        while let Some(sign @ (b'+' | b'-')) = self.next() {
            self.at += 1;
            left = format!("({left} {} {})", char::from(sign), self.product()?);
        }
        Ok(left)
    }

    fn product(&mut self) -> Result<String, Invalid> {
        let mut left = self.factor()?;
        while let Some(sign @ (b'*' | b'/')) = self.next() {
            self.at += 1;
            let right = self.factor()?;
            // What is parted by nothing is no number.
            left = match sign {
                b'*' => format!("({left} * {right})"),
                _ => format!("({left} / nullif({right}, 0))"),
            };
        }
        Ok(left)
    }

    fn factor(&mut self) -> Result<String, Invalid> {
        match self.next() {
            Some(b'(') => {
                self.at += 1;
                let inner = self.sum()?;
                if self.next() != Some(b')') {
                    return Err(self.wants("a closing parenthesis"));
                }
                self.at += 1;
                Ok(inner)
            }
            Some(b'-') => {
                self.at += 1;
                Ok(format!("(-{})", self.factor()?))
            }
            Some(digit) if digit.is_ascii_digit() => self.number(),
            Some(_) => self.name(),
            None => Err(self.wants("a series, a number or a parenthesis")),
        }
    }

    fn number(&mut self) -> Result<String, Invalid> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let length = rest.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count();
        let text = String::from_utf8_lossy(rest.get(..length).unwrap_or_default()).into_owned();
        if text.ends_with('.') || text.parse::<f64>().is_err() {
            return Err(self.wants("a number"));
        }
        self.at += length;
        Ok(format!("CAST({text} AS DOUBLE)"))
    }

    fn name(&mut self) -> Result<String, Invalid> {
        let letter = self.text.get(self.at).map(u8::to_ascii_uppercase);
        let known = NAMES.iter().take(self.series);
        let found = known.enumerate().find(|(_, name)| name.bytes().next() == letter);
        let Some((number, name)) = found else { return Err(self.wants("a series that there is")) };
        self.at += 1;
        if !self.named.contains(&number) {
            self.named.push(number);
        }
        Ok(format!("\"{name}\""))
    }

    fn wants(&self, what: &str) -> Invalid {
        Invalid(format!("the formula wants {what} at place {}", self.at + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_is_read_as_mathematicians_do() {
        let sql = |text| Formula::read(text, 3).map(|formula| formula.sql);
        assert_eq!(sql("a/B").unwrap(), "(\"A\" / nullif(\"B\", 0))");
        assert_eq!(sql(" 1.5 * A + B ").unwrap(), "((CAST(1.5 AS DOUBLE) * \"A\") + \"B\")");
        assert_eq!(sql("A - B - C").unwrap(), "((\"A\" - \"B\") - \"C\")");
        assert_eq!(sql("-(A+B)*C").unwrap(), "((-(\"A\" + \"B\")) * \"C\")");
        assert_eq!(Formula::read("B/A*B", 3).unwrap().series, [1, 0]);
    }

    #[test]
    fn a_formula_nests_no_deeper_than_may_be_asked_in_sql() {
        let sums = |many| Formula::read(&format!("A{}", "+A".repeat(many)), 1);
        assert!(sums(OPERATORS_MAX).is_ok());
        let why = sums(OPERATORS_MAX + 1).unwrap_err();
        assert!(why.0.contains("40 operators"), "{why:?}");
    }

    #[test]
    fn what_is_no_formula_says_where() {
        for text in ["", "1", "A/", "A B", "(A", "D", "A;DROP", "A+1.", "1..2*A", "é"] {
            let told = Formula::read(text, 3);
            assert!(told.as_ref().is_err_and(|why| why.0.contains("place")), "{text} {told:?}");
        }
        assert!(Formula::read(&"(".repeat(300), 1).is_err());
    }
}
