//! `POST /api/questions/paths`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Told, told};
use crate::app::App;
use crate::http::api::scope::{Filters, PostedScope, filter};
use crate::http::ask::Asked;
use crate::http::{ApiError, SignedIn, limit};
use crate::lake::ask::{self as asked, LinkRow, PathRow, Ways, WaysAnswer, field};

/// Unless said, points are types,
const POINT: &str = "type";
/// a path has so many of them,
const DEPTH: usize = 5;
/// and so many paths are told; at most so many.
const LIMIT: usize = 50;
const LIMIT_MAX: usize = 1000;

/// What follows what within a session.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PathsQuestion)]
pub(in crate::http) struct Posted {
    /// Which events are points at all.
    #[serde(default)]
    scope: PostedScope,
    /// What a point is called: a field; `type` unless said. Events without it are passed over.
    point: Option<String>,
    /// Paths begin with the first of these in a session, in the filter language; with the session unless said.
    start: Option<String>,
    /// Paths end with the first of these, after the start if there is one.
    end: Option<String>,
    /// Points that are passed over, by what they are called in the end; 20 at most.
    #[serde(default)]
    leave_out: Vec<String>,
    /// What changes the names of points, one rule after the other; 20 at most.
    #[serde(default)]
    replace: Vec<Replace>,
    /// `true`: the same point several times in a row is one.
    #[serde(default)]
    collapse: bool,
    /// Points of a path, 2 to 12; 5 unless said. The first ones; the last ones where only an end is said; where
    /// both are, longer paths are left out.
    depth: Option<usize>,
    /// So many paths; 50 unless said, 1000 at most.
    limit: Option<usize>,
}

/// A rule that changes names.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PathsRule)]
pub(in crate::http) struct Replace {
    /// A regular expression (RE2): `[0-9]+`.
    pattern: String,
    /// What stands in place of all that it finds.
    with: String,
}

/// Paths, and what leads to what.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct PathsAnswer {
    /// The most frequent paths. A visit of one point is one, too.
    paths: Vec<PathRow>,
    /// The most frequent connections, of all paths; 300 at most.
    links: Vec<LinkRow>,
}

impl Posted {
    /// As history understands it.
    pub(super) async fn read(self, app: &Arc<App>) -> Result<Ways, ApiError> {
        let said = |text: Option<String>| {
            let text = text.filter(|text| !text.trim().is_empty());
            text.map(|text| filter(app, Some(&text))).transpose()
        };
        let rule = |Replace { pattern, with }| asked::Replace { pattern, with };
        Ok(Ways {
            scope: Filters::from(self.scope).scope(app).await?,
            point: field(self.point.as_deref().unwrap_or(POINT))?,
            start: said(self.start)?,
            end: said(self.end)?,
            leave_out: self.leave_out,
            replace: self.replace.into_iter().map(rule).collect(),
            collapse: self.collapse,
            depth: self.depth.unwrap_or(DEPTH),
            limit: limit::rows(self.limit, (LIMIT, LIMIT_MAX)),
        })
    }
}

/// What people do one after the other, within a session.
///
/// # Errors
/// 401 without a token, 422 for a question that cannot be read.
#[utoipa::path(
    post, path = "/api/questions/paths", tag = "history", request_body(content = Posted),
    responses((status = 200, description = "The most frequent first; the statement is for the paths", body = Told<PathsAnswer>)),
)]
pub(in crate::http) async fn ask(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Asked(posted): Asked<Posted>,
) -> Result<Json<Told<PathsAnswer>>, ApiError> {
    let question = posted.read(&app).await?;
    let sql = question.sql()?;
    let Json(told) = told(&app, &user, question, sql).await?;
    Ok(Json(told.map(|WaysAnswer { paths, links }| PathsAnswer { paths, links })))
}
