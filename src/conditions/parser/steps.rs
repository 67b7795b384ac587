//! The first and the last, and what followed: `FIRST "visit" WITH (…)`, `"cart" THEN NOT WITHIN 1h "order"`.

use super::super::words::Word;
use super::super::{Invalid, Step, Tree, Which, With};
use super::Parser;
use super::values::duration;
use crate::model::TallyKey;

impl Parser {
    pub(super) fn which(&mut self) -> Which {
        if self.keyword("first") {
            Which::First
        } else if self.keyword("last") {
            Which::Last
        } else {
            Which::Any
        }
    }

    /// What must hold of the first or the last.
    pub(super) fn with(&mut self) -> Result<Option<With>, Invalid> {
        let filter = self.filter("with")?;
        let is_said = filter != Tree::All(Vec::new());
        Ok(is_said.then(|| With { filter, key: TallyKey::default() }))
    }

    /// What followed, one after the other.
    pub(super) fn then(&mut self) -> Result<Vec<Step>, Invalid> {
        let mut steps: Vec<Step> = Vec::new();
        while self.keyword("then") {
            steps.push(self.step()?);
        }
        Ok(steps)
    }

    fn step(&mut self) -> Result<Step, Invalid> {
        let is_not = self.keyword("not");
        let within_seconds = self.after()?;
        let (kind, filter) = (self.kind()?, self.filter("where")?);
        Ok(Step { is_not, within_seconds, kind, filter, key: TallyKey::default() })
    }

    /// Within which time: of now, or of what was before it.
    pub(super) fn after(&mut self) -> Result<Option<u64>, Invalid> {
        if !self.keyword("within") {
            return Ok(None);
        }
        let what = "a time such as 30d";
        let Some(Word::Bare(word)) = self.peek() else { return Err(self.wanted(what)) };
        let seconds = duration(word).ok_or_else(|| self.wanted(what))?;
        self.at += 1;
        Ok(Some(seconds))
    }
}
