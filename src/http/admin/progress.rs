//! How far audiences and computed traits that are new have come, as documents say it.

use std::sync::Arc;

use serde::Serialize;

use super::ask;
use crate::app::App;
use crate::http::ApiError;
use crate::warming::{Progress, Step};

/// How far it has come: all that are new are worked on together.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Progress)]
pub(in crate::http) struct ProgressDocument {
    /// `history` while people are given what history says of them, then, of audiences, `members` while it is looked at
    /// who is in it.
    step: &'static str,
    /// So many people are done.
    people: u64,
    /// So many there were when it began.
    of: u64,
}

/// What is under way.
pub(super) async fn progress(app: &Arc<App>) -> Result<Option<Progress>, ApiError> {
    Ok(Progress::of(&ask(app, |storage| storage.warmth()).await?))
}

/// As it concerns one that waits for this step.
pub(super) fn of_step(progress: Option<Progress>, step: Step) -> Option<ProgressDocument> {
    let Progress { people, of, .. } = progress.filter(|progress| progress.step == step)?;
    let step = match step {
        Step::History => "history",
        Step::Members => "members",
    };
    Some(ProgressDocument { step, people, of })
}
