//! `POST /sql`: any question in SQL, and nothing but questions.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::Response;
use serde::Deserialize;

use super::between::Between;
use super::file;
use super::scope::{Filters, PostedScope};
use crate::app::App;
use crate::http::ask::{history, unknown_key};
use crate::http::{ApiError, Code, SignedIn, body, objects};
use crate::lake::Format;
use crate::lake::ask::{Account, Accounted, Sql};

/// How the answer is to be written.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct Parameters {
    /// `json` (one list of objects; the default), `jsonl` (an object a line), `csv`, `arrow`
    /// (Arrow's stream format) or `parquet`. An `Accept` header with the media type does the same.
    format: Option<String>,
    /// `true`: texts of a `csv` are as they are. Unless said, a quote stands before those that begin
    /// with `=`, `+`, `-`, `@`, a tab or the end of a line, and before names of columns that do, since programs
    /// that show tables would work them out.
    raw: Option<bool>,
}

/// A question as JSON; it may also be the body itself.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Question {
    /// One `SELECT` over `events`, `profiles` and `sessions`.
    query: String,
    /// The table `events` has only these, whatever the question says.
    #[serde(default)]
    scope: PostedScope,
}

/// Answers one question in SQL (DuckDB's dialect) over the tables `events`, `profiles` and
/// `sessions`. Nothing can be changed, and nothing else can be reached.
///
/// # Errors
/// 401 without a token, 422 when it is no question or cannot be answered, 408 when it takes too
/// long, 503 when too many are being answered.
#[utoipa::path(
    post, path = "/sql", tag = "history", params(Parameters, Between),
    request_body(content = Question),
    responses(
        (
            status = 200,
            description = "The rows, in the format asked for. `x-kith-rows-read`: how many events were looked at. `x-kith-rows-cut-off: true` when there are more than `query.rows_max`",
            content(
                (Vec<BTreeMap<String, Value>> = "application/json"),
                (String = "application/x-ndjson"),
                (String = "text/csv"),
                (String = "application/vnd.apache.arrow.stream"),
                (String = "application/vnd.apache.parquet"),
            ),
        ),
        (status = 408, description = "It took too long and was stopped"),
        (status = 422, description = "It is no question, or cannot be answered; `message` says why"),
        (status = 503, description = "Too many questions at one time; see `Retry-After`"),
    ),
)]
pub(in crate::http) async fn ask(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Query(parameters): Query<Parameters>,
    Query(between): Query<Between>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let format = format(&parameters, &headers)?;
    let body = body::read(&headers, body, &app).await?;
    let rows_max = app.config.query.rows_max;
    let file = app.lake.scratch_file(format.ending());
    let to = file.path().to_owned();
    let marks_formulas = !parameters.raw.unwrap_or(false);
    let Question { query: text, scope } = question(&body)?;
    let scope = between.within(Filters::from(scope).scope(&app).await?, &app)?;
    let asked = Sql { text, scope, format, marks_formulas, rows_max, to };
    let Account { answer: rows, rows_read } = history(&app, &user, Accounted(asked)).await?;
    let mut response = file::send(file, media(format)).await?;
    let name = HeaderName::from_static("x-kith-rows-read");
    response.headers_mut().insert(name, HeaderValue::from(rows_read));
    if rows >= rows_max {
        let name = HeaderName::from_static("x-kith-rows-cut-off");
        response.headers_mut().insert(name, HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// A JSON object, or the SQL as the whole body.
fn question(body: &[u8]) -> Result<Question, ApiError> {
    let refuse = |said: &str| ApiError::new(Code::QuestionInvalid, said);
    let text = std::str::from_utf8(body).map_err(|_| refuse("The body is not UTF-8."))?;
    if text.trim_start().starts_with('{') {
        let no_question = || {
            refuse("The body is no object with the SQL at `query`, and filters at `scope` if any.")
        };
        return objects::posted(body)
            .map_err(|error| unknown_key(&error).map_or_else(no_question, ApiError::from));
    }
    Ok(Question { query: text.to_owned(), ..Question::default() })
}

fn format(parameters: &Parameters, headers: &HeaderMap) -> Result<Format, ApiError> {
    let accepted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("");
    let of_accept = FORMATS.iter().find(|(_, media)| accepted.contains(media));
    match &parameters.format {
        None => Ok(of_accept.map_or(Format::Json, |(format, ..)| *format)),
        Some(name) => {
            let named = FORMATS.iter().find(|(format, _)| format.ending() == name);
            named.map(|(format, ..)| *format).ok_or_else(|| {
                let said = "format is one of json, jsonl, csv, arrow and parquet";
                ApiError::new(Code::QuestionInvalid, said)
            })
        }
    }
}

/// Each format with its media type; `json` is last, since most accept it beside others.
const FORMATS: [(Format, &str); 5] = [
    (Format::Csv, "text/csv"),
    (Format::JsonLines, "application/x-ndjson"),
    (Format::Arrow, "application/vnd.apache.arrow.stream"),
    (Format::Parquet, "application/vnd.apache.parquet"),
    (Format::Json, "application/json"),
];

fn media(format: Format) -> &'static str {
    let found = FORMATS.iter().find(|(one, _)| *one == format);
    found.map_or("application/json", |(_, media)| *media)
}
