//! A question that somebody wrote in SQL.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Asker, Question, Scope};
use crate::lake::{Format, LakeError, Moment, Span};

/// Any question, and nothing but a question: see [`Moment::question`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sql {
    /// One `SELECT` over `events`, `profiles` and `sessions`.
    pub text: String,
    /// The events that there are for it.
    pub scope: Scope,
    /// How the answer is to be written.
    pub format: Format,
    /// In a table of `Format::Csv`, texts that begin like formulas are marked as texts.
    pub marks_formulas: bool,
    /// At most so many rows of it.
    pub rows_max: usize,
    /// The file that the rows go into. It is not there yet.
    pub to: PathBuf,
}

impl Question for Sql {
    /// How many rows there are.
    type Answer = usize;

    const ASKER: Asker = Asker::Writer;

    /// Nobody knows what it is about, but for what it may see.
    fn span(&self) -> Span {
        self.scope.span()
    }

    fn answer(self, moment: &Moment) -> Result<usize, LakeError> {
        moment.confine(&self.scope)?;
        let asked = moment.question(&self.text)?;
        let written = self.written(moment, &asked);
        written.map_err(|error| moment.as_of(&asked, error))
    }
}

impl Sql {
    fn written(&self, moment: &Moment, asked: &str) -> Result<usize, LakeError> {
        let marks_formulas = self.marks_formulas && self.format == Format::Csv;
        let sql = if marks_formulas { moment.without_formulas(asked)? } else { asked.to_owned() };
        moment.write(&sql, self.format, self.rows_max, &self.to)
    }
}
