//! A condition as text again: the same text for the same tree, and read back it is that tree.

use std::fmt;

use super::{
    Affix, Condition, Did, Function, Language, Operand, Sign, Span, Step, Test, Tree, Value, Which,
};

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Printer { language: self.language }.tree(&self.tree, f)
    }
}

struct Printer {
    language: Language,
}

impl Printer {
    fn tree(&self, tree: &Tree, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match tree {
            Tree::All(parts) => self.joined(parts, " AND ", f),
            Tree::Any(parts) => self.joined(parts, " OR ", f),
            Tree::Not(tree) => {
                f.write_str("NOT ")?;
                self.part(tree, f)
            }
            Tree::Test(test) => self.test(test, f),
            Tree::Did(did) => self.did(did, f),
            Tree::In(audience) => {
                f.write_str("IN AUDIENCE ")?;
                self.text(&[audience], f)
            }
            Tree::Listed(list) => {
                f.write_str("IN LIST ")?;
                self.text(&[&list.id], f)
            }
        }
    }

    fn did(&self, did: &Did, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match did.which {
            Which::Any => "DID ",
            Which::First => "DID FIRST ",
            Which::Last => "DID LAST ",
        })?;
        self.text(&[&did.kind], f)?;
        self.filter(" WHERE (", &did.filter, f)?;
        if let Some(with) = &did.with {
            self.filter(" WITH (", &with.filter, f)?;
        }
        match (did.sign, did.times) {
            (Sign::GreaterOrEqual, 1) => {}
            (Sign::LessOrEqual, times) => write!(f, " AT MOST {times} TIMES")?,
            (Sign::Equal, times) => write!(f, " EXACTLY {times} TIMES")?,
            (_, times) => write!(f, " AT LEAST {times} TIMES")?,
        }
        did.then.iter().try_for_each(|step| self.step(step, f))?;
        match did.span {
            Span::Ever => Ok(()),
            Span::Within(seconds) => write!(f, " WITHIN {}", super::written(seconds)),
            Span::Between(from, to) => {
                write!(f, " BETWEEN datetime(\"{from}\") AND datetime(\"{to}\")")
            }
        }
    }

    fn filter(&self, word: &str, filter: &Tree, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *filter == Tree::All(Vec::new()) {
            return Ok(());
        }
        f.write_str(word)?;
        self.tree(filter, f)?;
        f.write_str(")")
    }

    fn step(&self, step: &Step, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if step.is_not { " THEN NOT " } else { " THEN " })?;
        if let Some(seconds) = step.within_seconds {
            write!(f, "WITHIN {} ", super::written(seconds))?;
        }
        self.text(&[&step.kind], f)?;
        self.filter(" WHERE (", &step.filter, f)
    }

    fn joined(&self, parts: &[Tree], word: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, part) in parts.iter().enumerate() {
            if at > 0 {
                f.write_str(word)?;
            }
            self.part(part, f)?;
        }
        Ok(())
    }

    /// In parentheses where it has parts itself.
    fn part(&self, tree: &Tree, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if matches!(
            tree,
            Tree::Test(_) | Tree::Not(_) | Tree::Did(_) | Tree::In(_) | Tree::Listed(_)
        ) {
            return self.tree(tree, f);
        }
        f.write_str("(")?;
        self.tree(tree, f)?;
        f.write_str(")")
    }

    fn test(&self, test: &Test, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.operand(test.left(), f)?;
        match test {
            Test::Compare { sign, right, .. } => self.compared(*sign, right, f),
            Test::Among(_, list) => self.list(list, f),
            Test::Contains(_, value) => {
                f.write_str(" CONTAINS ")?;
                self.value(value, f)
            }
            Test::Affix(_, affix, text) => {
                f.write_str(match affix {
                    Affix::Start => " STARTS WITH ",
                    Affix::End => " ENDS WITH ",
                })?;
                self.text(&[text.as_str()], f)
            }
            Test::Exists(_) => f.write_str(" EXISTS"),
            Test::Null(_) => f.write_str(" IS NULL"),
            Test::Empty(_) => f.write_str(" EMPTY"),
        }
    }

    fn compared(&self, sign: Sign, right: &Value, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, " {} ", sign.as_str())?;
        self.value(right, f)
    }

    fn list(&self, list: &[Value], f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(" IN [")?;
        for (at, value) in list.iter().enumerate() {
            if at > 0 {
                f.write_str(", ")?;
            }
            self.value(value, f)?;
        }
        f.write_str("]")
    }

    fn operand(&self, operand: &Operand, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(function) = operand.function else {
            return operand.place.print(self.language, f);
        };
        if let Function::Datetime(more) = function
            && more != 0
        {
            f.write_str("datetime.offset(")?;
            operand.place.print(self.language, f)?;
            return write!(f, ", \"{}s\")", more / 1_000_000);
        }
        let name = Function::ALL.iter().find(|(known, _)| *known == function);
        write!(f, "{}(", name.map_or("", |(_, name)| name))?;
        operand.place.print(self.language, f)?;
        f.write_str(")")
    }

    fn value(&self, value: &Value, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match value {
            Value::Null => f.write_str("null"),
            Value::Truth(truth) => write!(f, "{truth}"),
            Value::Number(number) => write!(f, "{number}"),
            Value::Text(text) => self.text(&[text.as_str()], f),
            Value::Pattern(pattern) => self.text(pattern.pieces(), f),
            Value::Moment(moment) => write!(f, "datetime(\"{moment}\")"),
            Value::Now(0) => f.write_str("now()"),
            Value::Now(micros) => write!(f, "now.offset(\"{}s\")", micros / 1_000_000),
            Value::Operand(operand) => self.operand(operand, f),
        }
    }

    /// In quotes, with stars between the pieces.
    fn text(&self, pieces: &[impl AsRef<str>], f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        for (at, piece) in pieces.iter().enumerate() {
            if at > 0 {
                f.write_str("*")?;
            }
            for letter in piece.as_ref().chars() {
                let is_star = letter == '*' && self.language == Language::History;
                if is_star || letter == '"' || letter == '\\' {
                    f.write_str("\\")?;
                }
                write!(f, "{letter}")?;
            }
        }
        f.write_str("\"")
    }
}
