//! The profiles of those whom a question has found: asked for by their ids, a few thousand at once.
//!
//! The table `profiles` is read from its beginning to its end, whomever one wants of it. Of ten million
//! people, a number has a few hundred behind it.

use arrow::array::AsArray as _;
use duckdb::Connection;
use duckdb::core::{DataChunkHandle, Inserter as _, LogicalTypeHandle, LogicalTypeId};
use duckdb::vscalar::{ScalarFunctionSignature, VScalar};
use duckdb::vtab::arrow::{WritableVector, data_chunk_to_arrow};

use super::masked;
use super::people::{self, Failure, Registered};
use crate::model::Masking;

/// Its name in SQL: `(id)`, the stored profile of somebody who lives, or NULL. No question that somebody
/// writes may call it: it shows what is hidden.
pub(super) const PROFILE: &str = "kith_profile";

/// A query for the table `profiles`, of those only whose `id` a table has, as `hidden` shows them.
pub(super) fn profiles(table: &str, hidden: Option<&Masking>) -> String {
    let all = people::profiles(&format!("(SELECT {PROFILE}(id) AS body FROM {table})"));
    match hidden {
        Some(masking) => masked::profiles(&all, masking),
        None => all,
    }
}

/// Gives DuckDB the function that finds.
pub(super) fn register(
    connection: &Connection,
    registered: &Registered,
) -> Result<(), duckdb::Error> {
    connection.register_scalar_function_with_state::<Profile>(PROFILE, &registered.number())
}

struct Profile;

impl VScalar for Profile {
    /// What leads to the storage.
    type State = u64;

    fn invoke(
        number: &u64,
        input: &mut DataChunkHandle,
        output: &mut dyn WritableVector,
    ) -> Result<(), Failure> {
        let input = data_chunk_to_arrow(input)?;
        let ids = input.columns().first().and_then(|ids| ids.as_string_opt::<i32>());
        let ids: Vec<Option<&str>> = ids.ok_or("texts")?.iter().collect();
        let wanted: Vec<&str> = ids.iter().copied().flatten().collect();
        let bodies = people::source(*number)?.storage.profile_bodies(&wanted)?;
        let mut found = output.flat_vector();
        for (at, id) in ids.into_iter().enumerate() {
            match id.and_then(|id| bodies.get(id)) {
                Some(body) => found.insert(at, body.as_str()),
                None => found.set_null(at),
            }
        }
        Ok(())
    }

    fn signatures() -> Vec<ScalarFunctionSignature> {
        let text = || LogicalTypeHandle::from(LogicalTypeId::Varchar);
        vec![ScalarFunctionSignature::exact(vec![text()], text())]
    }

    /// People change meanwhile.
    fn volatile() -> bool {
        true
    }
}
