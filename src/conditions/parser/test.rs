//! One test of one fact: what stands before, at and after the sign.

use super::super::words::Word;
use super::super::{Affix, Invalid, Language, Operand, Sign, Test, Text, Tree, Value, place};
use super::values::{Right, of_pieces, of_word};
use super::{Parser, all_of, any_of};

/// What a bare value without a field is looked for in.
const ANYWHERE: [&str; 5] = ["type", "name", "id", "session_id", "profile_id"];

impl Parser {
    pub(super) fn test(&mut self) -> Result<Tree, Invalid> {
        let start = self.at;
        let is_alone = self.language == Language::History && !self.leads_on();
        match self.take() {
            Some(Word::Text(pieces)) if self.language == Language::History => {
                anywhere(&of_pieces(pieces, self.language))
            }
            Some(Word::Bare(word)) if is_alone => anywhere(&of_word(&word, self.language)),
            Some(Word::Bare(name)) if self.peek() == Some(&Word::Sign("(")) => {
                let left = self.function(&name)?;
                if let Value::Operand(left) = left {
                    self.operator(left)
                } else {
                    self.turned(left)
                }
            }
            Some(Word::Bare(name)) => {
                let left = self.operand(&name)?;
                self.operator(left)
            }
            _ => {
                self.at = start;
                Err(self.wanted("a field"))
            }
        }
    }

    /// Whether what stands here is followed by something that is done with it.
    fn leads_on(&self) -> bool {
        const SPELLED: [&str; 9] =
            ["exists", "is", "not", "empty", "between", "in", "contains", "starts", "ends"];
        match self.words.get(self.at + 1) {
            Some((_, Word::Sign(sign))) => {
                ["=", "!=", "<", ">", "<=", ">=", ":", "("].contains(sign)
            }
            Some((_, Word::Bare(word))) => SPELLED.iter().any(|one| word.eq_ignore_ascii_case(one)),
            Some((_, Word::Text(_))) | None => false,
        }
    }

    /// `now() > field`.
    fn turned(&mut self, left: Value) -> Result<Tree, Invalid> {
        let sign = self.comparison().ok_or_else(|| self.wanted("a comparison"))?;
        match self.value()? {
            Right::One(Value::Operand(operand)) => {
                Ok(leaf(Test::Compare { left: operand, sign: sign.turned(), right: left }))
            }
            Right::One(_) | Right::List(_) => Err(self.wanted("a field")),
        }
    }

    fn comparison(&mut self) -> Option<Sign> {
        Sign::ALL.into_iter().find_map(|(sign, text)| self.sign(text).then_some(sign))
    }

    fn operator(&mut self, left: Operand) -> Result<Tree, Invalid> {
        if self.language == Language::History && self.sign(":") {
            return self.lucene(left);
        }
        if let Some(sign) = self.comparison() {
            let right = self.value()?;
            return compare(left, sign, right);
        }
        let is = |test| Ok(Tree::Test(test));
        if self.keyword("exists") {
            is(Test::Exists(left))
        } else if self.keyword("empty") {
            is(Test::Empty(left))
        } else if self.keywords(&["is", "not", "null"]) {
            Ok(not(Tree::Test(Test::Null(left))))
        } else if self.keywords(&["is", "null"]) {
            is(Test::Null(left))
        } else if self.keywords(&["not", "exists"]) {
            Ok(not(Tree::Test(Test::Exists(left))))
        } else if self.keywords(&["not", "empty"]) {
            Ok(not(Tree::Test(Test::Empty(left))))
        } else if self.keyword("not") {
            Ok(not(self.spelled(left)?))
        } else {
            self.spelled(left)
        }
    }

    fn spelled(&mut self, left: Operand) -> Result<Tree, Invalid> {
        if self.keyword("between") {
            return self.range(left, "and", "AND");
        }
        if self.keyword("in") {
            let list = self.value()?;
            return compare(left, Sign::Equal, list);
        }
        if self.keyword("contains") {
            let value = self.scalar()?;
            return Ok(leaf(Test::Contains(left, value)));
        }
        for (words, affix) in [(["starts", "with"], Affix::Start), (["ends", "with"], Affix::End)] {
            if self.keywords(&words) {
                let value = self.scalar()?;
                let text = value.within_texts(self.language);
                let text = text.ok_or_else(|| self.wanted("a text"))?.into_owned();
                return Ok(leaf(Test::Affix(left, affix, Text::new(text))));
            }
        }
        Err(self.wanted("a comparison"))
    }

    /// `field:value`, `field:[a TO b]`.
    fn lucene(&mut self, left: Operand) -> Result<Tree, Invalid> {
        if self.sign("[") {
            let tree = self.range(left, "to", "TO")?;
            self.must("]")?;
            return Ok(tree);
        }
        let value = self.value()?;
        compare(left, Sign::Equal, value)
    }

    /// `a AND b` behind BETWEEN, `a TO b` in brackets: both ends belong to it.
    fn range(&mut self, left: Operand, word: &str, shown: &str) -> Result<Tree, Invalid> {
        let low = self.value()?;
        if !self.keyword(word) {
            return Err(self.wanted(shown));
        }
        let high = self.value()?;
        let low = compare(left.clone(), Sign::GreaterOrEqual, low)?;
        Ok(all_of(vec![low, compare(left, Sign::LessOrEqual, high)?]))
    }

    /// A text, a number or a truth.
    fn scalar(&mut self) -> Result<Value, Invalid> {
        match self.value()? {
            Right::One(Value::Pattern(pattern)) => {
                Ok(Value::Text(Text::new(pattern.pieces().join("*"))))
            }
            Right::One(value @ (Value::Text(_) | Value::Number(_) | Value::Truth(_))) => Ok(value),
            Right::One(Value::Null | Value::Moment(_) | Value::Now(_) | Value::Operand(_))
            | Right::List(_) => Err(self.wanted("a text")),
        }
    }
}

/// A test, of what is kept in a form with what is in it.
fn leaf(test: Test) -> Tree {
    Tree::Test(test.in_form())
}

fn not(tree: Tree) -> Tree {
    Tree::Not(Box::new(tree))
}

/// `left sign right`.
fn compare(left: Operand, sign: Sign, right: Right) -> Result<Tree, Invalid> {
    let is_ordered = !matches!(sign, Sign::Equal | Sign::Unequal);
    let right = match right {
        Right::One(Value::Null) | Right::List(_) if is_ordered => {
            let said = "only numbers, texts and times come before and after others";
            return Err(Invalid(said.to_owned()));
        }
        Right::One(Value::Null) => return Ok(maybe_not(sign, Test::Null(left))),
        Right::List(list) => return Ok(maybe_not(sign, Test::Among(left, list))),
        // In an order a star is a letter.
        Right::One(Value::Pattern(pattern)) if is_ordered => {
            Value::Text(Text::new(pattern.pieces().join("*")))
        }
        Right::One(value) => value,
    };
    Ok(leaf(Test::Compare { left, sign, right }))
}

fn maybe_not(sign: Sign, test: Test) -> Tree {
    if sign == Sign::Unequal { not(leaf(test)) } else { leaf(test) }
}

fn anywhere(value: &Value) -> Result<Tree, Invalid> {
    let tests = ANYWHERE.iter().map(|name| {
        let left = Operand { function: None, place: place(Language::History, name)? };
        Ok(leaf(Test::Compare { left, sign: Sign::Equal, right: value.clone() }))
    });
    Ok(any_of(tests.collect::<Result<_, Invalid>>()?))
}
