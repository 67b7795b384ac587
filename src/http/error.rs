//! Errors become answers, here and nowhere else; [`Code`] is the catalogue of everything we may refuse.

use std::time::Duration;

use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::intake::Problem;
use super::{Code, parameters};
use crate::admission;
use crate::committer::Unavailable;
use crate::live::Refused;
use crate::model::Time;
use crate::storage::StorageError;

/// The body of every refusal, but for what does not exist, which is `null`.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Refusal {
    code: Code,
    detail: Detail,
    /// A sentence, for people.
    message: String,
}

/// What the reference has at `detail`: the message, its own word for it, or all that is wrong.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = RefusalDetail)]
#[serde(untagged)]
enum Detail {
    Text(String),
    Problems(Vec<Problem>),
}

/// Why a request was refused. Never holds anything of the request.
#[derive(Clone, Debug)]
pub struct ApiError {
    /// Stable, for programs.
    pub code: Code,
    /// The code's own, but for what the layers around the handlers refuse.
    status: StatusCode,
    message: String,
    /// What the reference has at `detail`, where that is not the message.
    detail: Option<Detail>,
    retry_after: Option<Duration>,
    /// Who says to have sent what was refused, where that is known.
    source: Option<Box<str>>,
}

/// So much of a source's name is told, in letters.
const SOURCE_LETTERS_MAX: usize = 128;

impl ApiError {
    /// A refusal with a sentence of its own.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        let (status, message) = (code.status(), message.into());
        Self { code, status, message, detail: None, retry_after: code.wait(), source: None }
    }

    /// What was asked for does not exist: `null`, as the reference answers (docs/wire.md §8.2).
    #[must_use]
    pub fn not_found() -> Self {
        Code::NotFound.into()
    }

    /// The same, to be asked again after so long.
    #[must_use]
    pub fn after(self, wait: Duration) -> Self {
        Self { retry_after: Some(wait), ..self }
    }

    /// What it says to people: the first of its problems with its place, where it has such.
    #[must_use]
    pub fn told(&self) -> String {
        match &self.detail {
            Some(Detail::Problems(problems)) => problems.first().map(Problem::to_string),
            Some(Detail::Text(_)) | None => None,
        }
        .unwrap_or_else(|| self.message.clone())
    }

    /// The same, of somebody who says to be this source.
    #[must_use]
    pub fn sent_by(self, source: &str) -> Self {
        Self { source: Some(source.chars().take(SOURCE_LETTERS_MAX).collect()), ..self }
    }

    /// As those hear of it who look at what happens.
    pub(super) fn shown(&self, at: Time) -> Refused {
        let place = |problem: &Problem| {
            let keys = problem
                .loc
                .iter()
                .map(|key| key.as_str().map_or_else(|| key.to_string(), str::to_owned));
            (keys.collect::<Vec<_>>().join("."), problem.msg.clone())
        };
        let problems = match &self.detail {
            Some(Detail::Problems(problems)) => problems.iter().map(place).collect(),
            Some(Detail::Text(_)) | None => Vec::new(),
        };
        Refused {
            at,
            code: self.code.as_str(),
            status: self.status.as_u16(),
            message: self.message.clone(),
            problems,
            source: self.source.as_deref().unwrap_or_default().to_owned(),
            ..Refused::default()
        }
    }

    /// In the catalogue's own words, with all that is wrong and where.
    pub(super) fn with_problems(code: Code, problems: Vec<Problem>) -> Self {
        Self::from(code).with_detail(Detail::Problems(problems))
    }

    fn with_detail(self, detail: Detail) -> Self {
        Self { detail: Some(detail), ..self }
    }
}

/// In the catalogue's own words.
impl From<Code> for ApiError {
    fn from(code: Code) -> Self {
        Self::new(code, code.sentence())
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (code, message) = (self.code, self.message);
        let detail = self.detail.unwrap_or_else(|| Detail::Text(message.clone()));
        // What does not exist is `null`.
        let body = (code != Code::NotFound).then_some(Refusal { code, detail, message });
        let mut response = (self.status, Json(body)).into_response();
        let headers = response.headers_mut();
        if let Some(wait) = self.retry_after {
            // Whole seconds, and never 0: that would ask for a storm.
            let seconds = wait.as_secs_f64().ceil().max(1.0);
            headers.insert(header::RETRY_AFTER, number(seconds));
        }
        if self.code.asks_for_a_token() {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        let code = HeaderValue::from_static(self.code.as_str());
        headers.insert(HeaderName::from_static("x-kith-code"), code);
        response
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, at least 1")]
fn number(seconds: f64) -> HeaderValue {
    HeaderValue::from(seconds as u64)
}

/// Refusals of the layers and extractors around the handlers, which have chosen the status.
impl From<StatusCode> for ApiError {
    fn from(status: StatusCode) -> Self {
        let code = match status {
            StatusCode::REQUEST_TIMEOUT => Code::TooSlow,
            StatusCode::PAYLOAD_TOO_LARGE => Code::BodyTooLarge,
            _ => Code::RequestInvalid,
        };
        Self { status, ..code.into() }
    }
}

impl ApiError {
    /// The same refusal, with the parameter that an extractor could not read: `text` is its own word.
    pub(super) fn of_an_extractor(status: StatusCode, text: &str) -> Self {
        let error = Self::from(status);
        match parameters::named_in(text) {
            Some(sentence) => Self { message: sentence, ..error },
            None => error,
        }
    }
}

impl From<admission::Refusal> for ApiError {
    fn from(refusal: admission::Refusal) -> Self {
        use admission::Refusal;
        let error = Self::from(Code::from(&refusal));
        match refusal {
            // The word that trackers know for all of them; the code tells them apart.
            Refusal::UnknownSource
            | Refusal::DisabledSource
            | Refusal::WrongBridge
            | Refusal::OriginNotAllowed => {
                error.with_detail(Detail::Text("Unauthorized Access".to_owned()))
            }
            Refusal::Bot | Refusal::ProfileIdRequired => error,
            Refusal::TooMany(wait) => Self { retry_after: Some(wait), ..error },
        }
    }
}

impl From<Unavailable> for ApiError {
    fn from(why: Unavailable) -> Self {
        // A commit that failed may yet be on disk, so this does not say that nothing was kept.
        let message = format!("Not acknowledged: {why}. Send it again later, with the same ids.");
        Self::new(why.into(), message)
    }
}

/// A read failed. What the storage says stays in the log.
impl From<StorageError> for ApiError {
    fn from(error: StorageError) -> Self {
        tracing::error!(%error, "a read failed");
        Unavailable::from(&error).into()
    }
}

impl From<Vec<Problem>> for ApiError {
    fn from(problems: Vec<Problem>) -> Self {
        Self::with_problems(Code::PayloadInvalid, problems)
    }
}
