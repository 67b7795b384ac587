//! Who is in an audience now: read from the database while DuckDB asks, for questions of ours.

use std::sync::Arc;

use duckdb::core::{DataChunkHandle, Inserter as _, LogicalTypeHandle, LogicalTypeId};
use duckdb::vtab::{BindInfo, InitInfo, TableFunctionInfo, VTab};

use super::people::{Failure, Place, Registered, Source, source};

/// `kith_members(number, audience)`: `(profile_id, since)` of everybody who is in it, `since` in microseconds, as text.
pub(super) struct Members;

/// The name under which questions know it: `kith.members(audience)`.
pub(super) fn named(registered: &Registered) -> String {
    let number = registered.number();
    format!(
        "CREATE MACRO kith.members(audience) AS TABLE \
         SELECT profile_id, make_timestamptz(CAST(since AS BIGINT)) AS since FROM kith_members({number}, audience);"
    )
}

/// Of which audience.
pub(super) struct Which {
    source: Arc<Source>,
    audience: String,
}

impl VTab for Members {
    type InitData = Place;
    type BindData = Which;

    fn bind(bind: &BindInfo) -> Result<Which, Failure> {
        bind.add_result_column("profile_id", LogicalTypeHandle::from(LogicalTypeId::Varchar));
        bind.add_result_column("since", LogicalTypeHandle::from(LogicalTypeId::Varchar));
        let number = u64::try_from(bind.get_parameter(0).to_int64())?;
        Ok(Which { source: source(number)?, audience: bind.get_parameter(1).to_string() })
    }

    fn init(_: &InitInfo) -> Result<Place, Failure> {
        Ok(Place::at_the_beginning())
    }

    fn func(
        function: &TableFunctionInfo<Self>,
        output: &mut DataChunkHandle,
    ) -> Result<(), Failure> {
        let (which, place) = (function.get_bind_data(), function.get_init_data());
        let (profile, since) = (output.flat_vector(0), output.flat_vector(1));
        let Which { source, audience } = which;
        let ask = |last: &str, room| source.storage.audience_members(audience, last, room);
        let rows = place.next(profile.capacity(), ask, |row| row.profile.as_str())?;
        for (at, row) in rows.iter().enumerate() {
            profile.insert(at, row.profile.as_str());
            since.insert(at, row.since.micros().to_string().as_str());
        }
        output.set_len(rows.len());
        Ok(())
    }

    fn parameters() -> Option<Vec<LogicalTypeHandle>> {
        Some(vec![
            LogicalTypeHandle::from(LogicalTypeId::Bigint),
            LogicalTypeHandle::from(LogicalTypeId::Varchar),
        ])
    }
}
