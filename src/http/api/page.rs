//! Which part of a list, as its address says.

use serde::Deserialize;

use crate::http::limit;
use crate::lake::ask::{Invalid, Part};

/// Rows of one answer, unless fewer are asked for.
const LIMIT_DEFAULT: usize = 20;
/// Most rows of one answer.
const LIMIT_MAX: usize = 1000;

/// Which part of a list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct Page {
    /// At most so many; 20 unless said, 1000 at most.
    limit: Option<usize>,
    /// The `next` of the answer before.
    cursor: Option<String>,
}

/// How much of a list that is told at once: what comes first is most of what there is to know.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct Most {
    /// At most so many; 20 unless said, 1000 at most.
    limit: Option<usize>,
}

impl Most {
    pub(super) fn limit(&self) -> usize {
        limit(self.limit)
    }
}

impl Page {
    /// As history understands it.
    pub(super) fn part(&self) -> Result<Part, Invalid> {
        part(self.limit, self.cursor.as_deref())
    }
}

fn limit(said: Option<usize>) -> usize {
    limit::rows(said, (LIMIT_DEFAULT, LIMIT_MAX))
}

/// The part of a list that is asked for, wherever that was said.
pub(super) fn part(said: Option<usize>, cursor: Option<&str>) -> Result<Part, Invalid> {
    Ok(Part { after: cursor.map(str::parse).transpose()?, limit: limit(said) })
}
