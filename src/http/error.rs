//! Errors become statuses, here and nowhere else: the catalogue of everything we may refuse.

use std::time::Duration;

use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::intake::Problem;
use crate::admission::Refusal;
use crate::committer::Unavailable;
use crate::storage::StorageError;

/// Why a request was refused. Never holds anything of the request.
#[derive(Clone, Debug)]
pub struct ApiError {
    status: StatusCode,
    /// Stable, for programs.
    pub code: &'static str,
    message: String,
    /// What the reference has at `detail`: a text, or the list of a 422.
    detail: Option<Value>,
    retry_after: Option<Duration>,
    challenge: bool,
}

impl ApiError {
    /// A refusal with this status, code and sentence.
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { status, code, message, detail: None, retry_after: None, challenge: false }
    }

    /// The caller's data does not fit.
    pub fn unprocessable(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, message)
    }

    /// What was asked for does not exist: `null`, as the reference answers (spec §7.2).
    #[must_use]
    pub fn not_found() -> Self {
        let mut error = Self::new(StatusCode::NOT_FOUND, "not_found", "");
        error.detail = Some(Value::Null);
        error
    }

    /// There is no such path.
    #[must_use]
    pub fn no_such_address() -> Self {
        Self::new(StatusCode::NOT_FOUND, "no_such_address", "Not Found")
    }

    /// No or no good token.
    #[must_use]
    pub fn unauthenticated(code: &'static str, detail: &str) -> Self {
        let mut error = Self::new(StatusCode::UNAUTHORIZED, code, detail);
        error.challenge = true;
        error
    }

    /// Payload too large.
    #[must_use]
    pub fn too_large(message: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", message)
    }

    /// Not now; ask again after `wait`.
    #[must_use]
    pub fn unavailable(code: &'static str, message: &str, wait: Duration) -> Self {
        let mut error = Self::new(StatusCode::SERVICE_UNAVAILABLE, code, message);
        error.retry_after = Some(wait);
        error
    }

    /// Too many requests; ask again after `wait`.
    #[must_use]
    pub fn too_many(code: &'static str, message: &str, wait: Duration) -> Self {
        let mut error = Self::new(StatusCode::TOO_MANY_REQUESTS, code, message);
        error.retry_after = Some(wait);
        error
    }

    fn with_detail(mut self, detail: impl Into<Value>) -> Self {
        self.detail = Some(detail.into());
        self
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = match (self.detail, self.status) {
            (Some(Value::Null), StatusCode::NOT_FOUND) => Value::Null,
            (detail, _) => {
                let detail = detail.unwrap_or_else(|| json!(self.message));
                json!({"detail": detail, "code": self.code, "message": self.message})
            }
        };
        let mut response = (self.status, Json(body)).into_response();
        let headers = response.headers_mut();
        if let Some(wait) = self.retry_after {
            // Whole seconds, and never 0: that would ask for a storm.
            let seconds = wait.as_secs_f64().ceil().max(1.0);
            headers.insert(header::RETRY_AFTER, number(seconds));
        }
        if self.challenge {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        headers.insert(HeaderName::from_static("x-kith-code"), HeaderValue::from_static(self.code));
        response
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, at least 1")]
fn number(seconds: f64) -> HeaderValue {
    HeaderValue::from(seconds as u64)
}

/// Refusals of the layers and extractors around the handlers.
impl From<StatusCode> for ApiError {
    fn from(status: StatusCode) -> Self {
        let (code, message) = match status {
            StatusCode::REQUEST_TIMEOUT => (
                "too_slow",
                "The request took too long. It may have been kept; send it again, with the same ids.",
            ),
            StatusCode::PAYLOAD_TOO_LARGE => ("body_too_large", "The body is too large."),
            _ => ("request_invalid", "The address or its parameters cannot be read."),
        };
        Self::new(status, code, message)
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        // The integration page's word for all of them; the code tells them apart.
        let unauthorized = |code, message: &str| {
            Self::new(StatusCode::UNAUTHORIZED, code, message).with_detail("Unauthorized Access")
        };
        match refusal {
            Refusal::UnknownSource => {
                unauthorized("source_unknown", "No event source has this id.")
            }
            Refusal::DisabledSource => {
                unauthorized("source_disabled", "This event source is disabled.")
            }
            Refusal::WrongBridge => unauthorized(
                "source_wrong_bridge",
                "This event source is of a type that may not send to this endpoint.",
            ),
            Refusal::OriginNotAllowed => unauthorized(
                "origin_not_allowed",
                "This event source takes nothing from the page or backend that sent this.",
            ),
            Refusal::Bot => Self::new(
                StatusCode::UNAUTHORIZED,
                "bot_refused",
                "Traffic from bot is not allowed.",
            ),
            Refusal::ProfileIdRequired => Self::unprocessable(
                "profile_id_required",
                "This event source brings profile ids of its own; the payload has no profile.id.",
            ),
            Refusal::TooMany(wait) => Self::too_many(
                "source_rate_exceeded",
                "This event source sends more than it may.",
                wait,
            ),
        }
    }
}

impl From<Unavailable> for ApiError {
    fn from(why: Unavailable) -> Self {
        let seconds = match why {
            Unavailable::Overloaded | Unavailable::Contended => 1,
            Unavailable::Stopping => 2,
            Unavailable::Full | Unavailable::Storage => 5,
        };
        // A commit that failed may yet be on disk, so this does not say that nothing was kept.
        let message = format!("Not acknowledged: {why}. Send it again later, with the same ids.");
        let mut error = Self::new(StatusCode::SERVICE_UNAVAILABLE, why.code(), message);
        error.retry_after = Some(Duration::from_secs(seconds));
        error
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
        let detail = serde_json::to_value(&problems).unwrap_or_default();
        let message = "The payload does not fit; detail says where and why.";
        Self::unprocessable("payload_invalid", message).with_detail(detail)
    }
}
