//! Spans as OpenTelemetry's protocol has them in JSON.
//!
//! OTLP 1, "JSON Protobuf Encoding": ids in hexadecimal digits, numbers of 64 bits as texts.

use serde::Serialize;

use super::span::{Ended, Value};

/// What OpenTelemetry calls an error.
const ERROR: u8 = 2;

/// Who sends: the same in every request.
pub(super) struct Resource([(&'static str, String); 3]);

impl Resource {
    /// `instance` tells nodes apart that have one name; it says nothing of the machine.
    pub(super) fn new(service: &str, instance: &[u8; 16]) -> Self {
        Self([
            ("service.name", service.to_owned()),
            ("service.version", env!("CARGO_PKG_VERSION").to_owned()),
            ("service.instance.id", hex(instance)),
        ])
    }
}

/// The body of a request.
pub(super) fn body(resource: &Resource, spans: &[Ended]) -> Vec<u8> {
    let scope = Scope { name: "kith", version: env!("CARGO_PKG_VERSION") };
    let spans = spans.iter().map(Span::of).collect();
    let spans = [ScopeSpans { scope, spans }];
    let of =
        resource.0.iter().map(|(key, value)| Attribute { key, value: Any::StringValue(value) });
    let resource = Sender { attributes: of.collect() };
    let all = Request { resource_spans: [ResourceSpans { resource, scope_spans: spans }] };
    // Nothing in it can fail; nothing would be sent if it did.
    serde_json::to_vec(&all).unwrap_or_default()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    resource_spans: [ResourceSpans<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResourceSpans<'a> {
    resource: Sender<'a>,
    scope_spans: [ScopeSpans<'a>; 1],
}

#[derive(Serialize)]
struct Sender<'a> {
    attributes: Vec<Attribute<'a>>,
}

#[derive(Serialize)]
struct ScopeSpans<'a> {
    scope: Scope,
    spans: Vec<Span<'a>>,
}

#[derive(Serialize)]
struct Scope {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Span<'a> {
    trace_id: String,
    span_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_span_id: Option<String>,
    name: &'a str,
    kind: u8,
    start_time_unix_nano: String,
    end_time_unix_nano: String,
    attributes: Vec<Attribute<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
}

#[derive(Serialize)]
struct Status {
    code: u8,
}

#[derive(Serialize)]
struct Attribute<'a> {
    key: &'static str,
    value: Any<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Any<'a> {
    StringValue(&'a str),
    IntValue(String),
}

impl<'a> Span<'a> {
    fn of(ended: &'a Ended) -> Self {
        let attributes = ended.attributes.iter().map(|(key, value)| {
            let value = match value {
                Value::Text(text) => Any::StringValue(text),
                Value::Number(number) => Any::IntValue(number.to_string()),
            };
            Attribute { key, value }
        });
        Self {
            trace_id: hex(&ended.trace),
            span_id: hex(&ended.id),
            parent_span_id: ended.parent.as_ref().map(|id| hex(id)),
            name: &ended.name,
            kind: ended.kind as u8,
            start_time_unix_nano: ended.times[0].to_string(),
            end_time_unix_nano: ended.times[1].to_string(),
            attributes: attributes.collect(),
            status: ended.is_failed.then_some(Status { code: ERROR }),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
