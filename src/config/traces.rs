//! Where traces go, and what goes with them.

use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};

/// Below an address that names only the receiver.
const PATH: &str = "/v1/traces";

/// `default.toml` says what each means.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "default.toml documents each key")]
pub struct TracesConfig {
    pub endpoint: String,
    pub ratio: f64,
    pub headers: String,
    pub service_name: String,
}

/// Without the headers, which may be secrets.
impl std::fmt::Debug for TracesConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TracesConfig").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

impl TracesConfig {
    /// Why these are of no use, with the key.
    pub(super) fn check(&self) -> Result<(), String> {
        if !self.endpoint.is_empty() && self.url().is_none() {
            let text = "must be empty or an address as http://collector:4318";
            return Err(format!("`telemetry.traces.endpoint` {text}"));
        }
        if !(0.0..=1.0).contains(&self.ratio) {
            return Err("`telemetry.traces.ratio` must be from 0.0 to 1.0".to_owned());
        }
        if self.service_name.is_empty() {
            return Err("`telemetry.traces.service_name` must not be empty".to_owned());
        }
        self.headers().map(drop)
    }

    /// The address that spans are posted to; none where nobody collects them.
    #[must_use]
    pub fn url(&self) -> Option<Url> {
        let mut url = Url::parse(&self.endpoint).ok()?;
        if !["http", "https"].contains(&url.scheme()) || !url.has_host() {
            return None;
        }
        if !url.path().ends_with(PATH) {
            let path = format!("{}{PATH}", url.path().trim_end_matches('/'));
            url.set_path(&path);
        }
        Some(url)
    }

    /// What goes with them, as OpenTelemetry's own variables write it.
    ///
    /// # Errors
    /// What is none, without its value.
    pub fn headers(&self) -> Result<HeaderMap, String> {
        let mut headers = HeaderMap::new();
        for pair in self.headers.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let read = HeaderName::from_bytes(name.trim().as_bytes()).ok();
            let read = read.zip(HeaderValue::from_str(value.trim()).ok());
            let Some((name, mut value)) = read.filter(|(_, value)| !value.is_empty()) else {
                let text = "must be as \"authorization=Bearer KEY, x-scope=shop\"";
                return Err(format!("`telemetry.traces.headers` {text}"));
            };
            value.set_sensitive(true);
            headers.insert(name, value);
        }
        Ok(headers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn traces(endpoint: &str, headers: &str) -> TracesConfig {
        let [endpoint, headers] = [endpoint, headers].map(str::to_owned);
        TracesConfig { endpoint, ratio: 1.0, headers, service_name: "kith".to_owned() }
    }

    #[test]
    fn an_address_leads_to_the_receivers_path() {
        for (said, read) in [
            ("", None),
            ("http://c:4318", Some("http://c:4318/v1/traces")),
            ("https://c/otlp/", Some("https://c/otlp/v1/traces")),
            ("http://c:4318/v1/traces", Some("http://c:4318/v1/traces")),
            ("c:4318", None),
            ("file:///v1/traces", None),
        ] {
            let url = traces(said, "").url().map(String::from);
            assert_eq!(url.as_deref(), read, "{said}");
            assert_eq!(traces(said, "").check().is_ok(), said.is_empty() || read.is_some());
        }
    }

    #[test]
    fn headers_are_read_and_never_shown() {
        let good = traces("http://c", "authorization=Bearer a=b, x-scope = shop");
        let headers = good.headers().unwrap();
        assert_eq!(headers["authorization"], "Bearer a=b");
        assert_eq!(headers["x-scope"], "shop");
        assert!(!format!("{good:?} {headers:?}").contains("Bearer"));
        let said = traces("http://c", "author ization=hush").check().unwrap_err();
        assert!(said.contains("telemetry.traces.headers") && !said.contains("hush"), "{said}");
    }
}
