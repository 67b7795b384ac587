//! What came back.

use axum::body::Body;
use axum::http::{HeaderMap, Response, StatusCode};
use serde_json::{Value, json};

/// Far more than any answer of ours.
const BODY_BYTES_MAX: usize = 16 << 20;

#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
    pub(crate) text: String,
}

impl Reply {
    pub(crate) async fn read(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, BODY_BYTES_MAX).await.unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Self { status: parts.status, headers: parts.headers, body, text }
    }

    /// The body of a 200.
    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text);
        self
    }

    #[track_caller]
    pub(crate) fn profile(&self) -> String {
        self.body["profile"]["id"].as_str().expect("a profile id").to_owned()
    }

    #[track_caller]
    pub(crate) fn session(&self) -> String {
        self.body["session"]["id"].as_str().expect("a session id").to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn code(&self) -> &str {
        self.header("x-kith-code")
    }

    /// The codes of the warnings.
    pub(crate) fn warnings(&self) -> Vec<&str> {
        let list = self.body["warnings"].as_array().expect("a list of warnings");
        list.iter().map(|warning| warning["code"].as_str().unwrap()).collect()
    }

    /// Status and body, for a snapshot.
    pub(crate) fn shown(&self) -> Value {
        json!({"status": self.status.as_u16(), "body": self.body})
    }
}
