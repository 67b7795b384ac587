//! A question that somebody wrote in SQL.

use super::Question;
use crate::lake::{Format, Lake, LakeError, Moment, ScratchFile, Span};

/// Any question, and nothing but a question: see [`Moment::question`].
#[derive(Clone, Debug)]
pub struct Sql {
    /// One `SELECT` over `events`, `profiles` and `sessions`.
    pub text: String,
    /// How the answer is to be written.
    pub format: Format,
    /// At most so many rows of it.
    pub rows_max: usize,
}

/// The answer to [`Sql`].
#[derive(Debug)]
pub struct Answered {
    /// The rows.
    pub file: ScratchFile,
    /// How many they are.
    pub rows: usize,
}

impl Question for Sql {
    type Answer = Answered;

    /// Nobody knows what it is about.
    fn span(&self) -> Span {
        Span::ALWAYS
    }

    fn answer(self, lake: &Lake, moment: &Moment) -> Result<Answered, LakeError> {
        let sql = moment.question(&self.text)?;
        let file = lake.scratch_file(self.format.ending());
        let rows = moment.write(&sql, self.format, self.rows_max, file.path())?;
        Ok(Answered { file, rows })
    }
}
