//! Whose fault it is that a question was not answered: its own, or that of a file that cannot be read.
//!
//! DuckDB's reader of Parquet says of what cannot be in a file whatever comes first, and in words that a question may
//! lead to as well. So the files that were asked are looked at before one of them is called damaged.

use super::{LakeError, Moment, whole};

/// How DuckDB begins to say what is no error of its own, such as most of what its reader finds in what cannot be.
const OF_NO_KIND: &str = "Invalid Error: ";
/// How it begins otherwise, and what it says then.
const OF_INPUT: &str = "Invalid Input Error: ";
const OF_A_FILE: [&str; 5] =
    ["Failed to read file", "No magic bytes", "Parquet", "orrupt", "Invalid unicode"];

/// Whether DuckDB may say this of a file that is not as it was written.
pub(super) fn may_be_of_a_file(said: &str) -> bool {
    let of_input = said.strip_prefix(OF_INPUT);
    said.starts_with(OF_NO_KIND)
        || of_input.is_some_and(|said| OF_A_FILE.iter().any(|of_a_file| said.contains(of_a_file)))
}

impl Moment {
    /// The error of a question that was asked of this moment, which is the question's unless a file cannot be read.
    #[must_use]
    pub fn blame(&self, error: LakeError) -> LakeError {
        let LakeError::Disk(said) = error else { return error };
        if !may_be_of_a_file(&said) {
            return LakeError::Disk(said);
        }
        match self.damaged() {
            Some(why) => LakeError::Disk(why),
            None => LakeError::Question(said),
        }
    }

    /// What is wrong with the first of its files that cannot be read. Where nobody can tell, none is.
    fn damaged(&self) -> Option<String> {
        let connection = self.connection.try_clone().ok()?;
        self.files.paths().iter().find_map(|path| {
            let error = connection.execute_batch(&whole::reading(path)).err()?;
            Some(format!("{}: {error}", path.display()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_reader_says_of_a_file_is_told_from_what_a_question_leads_to() {
        for (said, may_be) in [
            ("Invalid Error: TProtocolException: Invalid data", true),
            ("Invalid Input Error: Failed to read file \"x\": ZSTD Decompression failure", true),
            ("Invalid Input Error: Invalid JSON found in Parquet file: Malformed JSON", true),
            ("Invalid Input Error: Invalid type specifier \"d\"", false),
            ("Binder Error: Invalid Error: ", false),
        ] {
            assert_eq!(may_be_of_a_file(said), may_be, "{said}");
        }
    }
}
