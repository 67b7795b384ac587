//! How far audiences and computed traits that are new have come, as documents say it.

use std::sync::Arc;

use serde::Serialize;

use super::ask;
use crate::app::App;
use crate::http::ApiError;
use crate::warming::{Done, Progress};

/// How far it has come: all rules that are new are worked on together.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Progress)]
pub(in crate::http) struct ProgressDocument {
    /// `history` while people are given what lists, then history say of them; of an audience that is live, `members`
    /// while everybody is held against rules that have changed.
    step: &'static str,
    /// So many people are done.
    people: u64,
    /// So many there were when it began.
    of: u64,
}

/// What is under way.
pub(super) async fn progress(app: &Arc<App>) -> Result<Progress, ApiError> {
    Ok(Progress::of(&ask(app, |storage| storage.warmth()).await?, &app.registry.now()))
}

/// Of a rule that is not live yet.
pub(super) fn of_history(progress: Progress) -> Option<ProgressDocument> {
    document("history", progress.history)
}

/// Of an audience that is.
pub(super) fn of_members(progress: Progress) -> Option<ProgressDocument> {
    document("members", progress.members)
}

fn document(step: &'static str, done: Option<Done>) -> Option<ProgressDocument> {
    done.map(|Done { people, of }| ProgressDocument { step, people, of })
}
