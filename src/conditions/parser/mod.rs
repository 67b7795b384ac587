//! From a text to a tree.

mod test;
mod did;
mod steps;
mod values;

pub use did::check_counted;
pub use values::{duration, moment};

use super::words::{Placed, Word, split};
use super::{Condition, Invalid, Language, OnList, Operand, Tree};

/// Longest condition, in bytes.
const TEXT_BYTES_MAX: usize = 8 << 10;
/// Deepest nesting.
const DEPTH_MAX: usize = 32;

/// The condition that `text` means. An empty filter picks everything; an empty rule is refused.
///
/// ```text
/// type = "page-view" AND (properties.price >= 10 OR utm.source EXISTS)
/// ```
///
/// # Errors
/// [`Invalid`], with the place and what was wanted there.
pub fn parse(language: Language, text: &str) -> Result<Condition, Invalid> {
    read(language, text, false)
}

/// The condition about people that `text` means: a rule that may also say what they did.
///
/// # Errors
/// [`Invalid`], with the place and what was wanted there.
pub fn parse_of_people(text: &str) -> Result<Condition, Invalid> {
    read(Language::Rules, text, true)
}

/// The condition about one event that `text` means: what somebody did is counted by it.
///
/// # Errors
/// [`Invalid`], with the place and what was wanted there, or what no event is counted by.
pub fn parse_of_counted(text: &str) -> Result<Tree, Invalid> {
    let tree = parse(Language::Rules, text)?.tree;
    did::check(&tree)?;
    Ok(tree)
}

fn read(language: Language, text: &str, is_of_people: bool) -> Result<Condition, Invalid> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(Invalid(format!("a filter has at most {TEXT_BYTES_MAX} bytes")));
    }
    let words = split(text)?;
    if words.is_empty() && language == Language::History {
        return Ok(Condition { language, tree: Tree::All(Vec::new()) });
    }
    let mut parser = Parser { language, words, at: 0, end: text.len(), depth: 0, is_of_people };
    let tree = parser.any()?;
    if parser.at < parser.words.len() {
        return Err(parser.wanted("AND, OR or the end"));
    }
    Ok(Condition { language, tree })
}

struct Parser {
    language: Language,
    words: Vec<Placed>,
    at: usize,
    end: usize,
    depth: usize,
    /// Whether it may say what somebody did.
    is_of_people: bool,
}

impl Parser {
    /// `a OR b`.
    fn any(&mut self) -> Result<Tree, Invalid> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(too_deep());
        }
        let mut parts = vec![self.all()?];
        while self.keyword("or") {
            parts.push(self.all()?);
        }
        self.depth -= 1;
        Ok(any_of(parts))
    }

    /// `a AND b`: binds closer than OR.
    fn all(&mut self) -> Result<Tree, Invalid> {
        let mut parts = vec![self.one()?];
        while self.keyword("and") {
            parts.push(self.one()?);
        }
        Ok(all_of(parts))
    }

    fn one(&mut self) -> Result<Tree, Invalid> {
        if self.keyword("not") {
            self.depth += 1;
            if self.depth > DEPTH_MAX {
                return Err(too_deep());
            }
            let tree = self.one()?;
            self.depth -= 1;
            return Ok(Tree::Not(Box::new(tree)));
        }
        if self.sign("(") {
            let tree = self.any()?;
            self.must(")")?;
            return Ok(tree);
        }
        if self.is_of_people && self.keyword("did") {
            return self.did();
        }
        if self.is_of_people && self.keywords(&["in", "audience"]) {
            return self.quoted("the id of an audience in quotes").map(Tree::In);
        }
        if self.is_of_people && self.keywords(&["in", "list"]) {
            let id = self.quoted("the id of a list in quotes")?;
            return Ok(Tree::Listed(OnList::of(id)));
        }
        self.test()
    }

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

    /// The fact of that name.
    fn operand(&self, name: &str) -> Result<Operand, Invalid> {
        Ok(Operand { function: None, place: super::place(self.language, name)? })
    }
}

fn too_deep() -> Invalid {
    Invalid(format!("a filter nests at most {DEPTH_MAX} deep"))
}

/// Any of these. One of one is that one, and any of any are any: so equal conditions are equal trees.
#[must_use]
pub fn any_of(mut parts: Vec<Tree>) -> Tree {
    if parts.len() == 1 {
        return parts.pop().unwrap_or(Tree::Any(Vec::new()));
    }
    let flat = parts.into_iter().flat_map(|part| match part {
        Tree::Any(parts) => parts,
        one @ (Tree::All(_)
        | Tree::Not(_)
        | Tree::Test(_)
        | Tree::Did(_)
        | Tree::In(_)
        | Tree::Listed(_)) => {
            vec![one]
        }
    });
    Tree::Any(flat.collect())
}

/// All of these, in the same way.
#[must_use]
pub fn all_of(mut parts: Vec<Tree>) -> Tree {
    if parts.len() == 1 {
        return parts.pop().unwrap_or(Tree::All(Vec::new()));
    }
    let flat = parts.into_iter().flat_map(|part| match part {
        Tree::All(parts) => parts,
        one @ (Tree::Any(_)
        | Tree::Not(_)
        | Tree::Test(_)
        | Tree::Did(_)
        | Tree::In(_)
        | Tree::Listed(_)) => {
            vec![one]
        }
    });
    Tree::All(flat.collect())
}
