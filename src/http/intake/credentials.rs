//! What of a payload's `request` is not kept: headers that would let whoever reads them in.

use serde_json::Value;

use crate::model::{Json, Map};

/// Headers that prove who somebody is, in lower case. The reference leaves out the first two.
const CREDENTIALS: [&str; 11] = [
    "authorization",
    "cookie",
    "proxy-authorization",
    "set-cookie",
    "authentication",
    "api-key",
    "x-api-key",
    "x-auth-token",
    "x-access-token",
    "x-csrf-token",
    "x-xsrf-token",
];

/// `request` without the credentials among its `headers`; headers that are no object, and so cannot
/// be told apart, are left out as a whole.
pub(super) fn left_out_of(request: Json) -> Json {
    // Most name no headers, and taking one apart costs. An escape may stand for any letter.
    let may_name_headers =
        request.as_str().contains("\"headers\"") || request.as_str().contains('\\');
    if !may_name_headers {
        return request;
    }
    match request.read().remove("headers") {
        None | Some(Value::Null) => request,
        Some(Value::Object(headers)) => with_safe(request, headers),
        Some(_) => request.without("headers"),
    }
}

fn with_safe(request: Json, mut headers: Map) -> Json {
    let sent = headers.len();
    headers.retain(|name, _| !CREDENTIALS.contains(&name.trim().to_ascii_lowercase().as_str()));
    if headers.len() == sent {
        return request;
    }
    let mut safe = Map::new();
    safe.insert("headers".to_owned(), Value::Object(headers));
    request.merged(&Json::from_map(&safe))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sent: &str, kept: &str) {
        let sent = Json::compact(sent, 10).unwrap();
        assert_eq!(left_out_of(sent).as_str(), kept);
    }

    #[test]
    fn credentials_are_left_out_however_they_are_written() {
        check(r#"{"headers": {"Cookie": "a=b", "x": "y"}}"#, r#"{"headers":{"x":"y"}}"#);
        check(
            r#"{"headers": {" AUTHORIZATION ": "Basic x"}, "n": 1.10}"#,
            r#"{"headers":{},"n":1.10}"#,
        );
        check(r#"{"\u0068eaders": {"c\u006fokie": "a=b", "x": "y"}}"#, r#"{"headers":{"x":"y"}}"#);
        check(r#"{"headers": [["cookie", "a=b"]], "n": 1}"#, r#"{"n":1}"#);
        check(r#"{"headers": "cookie: a=b"}"#, "{}");
    }

    #[test]
    fn everything_else_stays_as_it_was_sent() {
        for sent in [
            "{}",
            r#"{"cookie":"is no header"}"#,
            r#"{"headers":{"user-agent":"x"},"n":1.10}"#,
            r#"{"headers":null}"#,
        ] {
            check(sent, sent);
        }
    }
}
