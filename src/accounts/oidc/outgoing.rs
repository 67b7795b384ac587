//! Requests to the provider: bounded in time and in size. How many there are is bounded by who may sign in at one time.

use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::{Map, Value};

use super::OidcError;

/// Longest time until a connection stands.
const CONNECT_TIME_MAX: Duration = Duration::from_secs(5);
/// Longest time that an answer may take.
const TIME_MAX: Duration = Duration::from_secs(10);
/// Largest answer, in bytes.
const BYTES_MAX: usize = 256 * 1024;

/// The way to the provider.
#[derive(Debug)]
pub(super) struct Outgoing {
    client: Client,
}

impl Outgoing {
    pub(super) fn new() -> Result<Self, String> {
        // Somebody else in the process may have chosen a cryptography.
        drop(rustls::crypto::ring::default_provider().install_default());
        // An answer that leads elsewhere leads nowhere: secrets go where the settings say.
        let client = Client::builder()
            .connect_timeout(CONNECT_TIME_MAX)
            .timeout(TIME_MAX)
            .redirect(Policy::none())
            .build();
        let client = client.map_err(|error| format!("TLS: {error}"))?;
        Ok(Self { client })
    }

    /// What is at an address.
    pub(super) async fn get(
        &self,
        url: &str,
        bearer: Option<&str>,
    ) -> Result<Map<String, Value>, OidcError> {
        let mut request = self.client.get(url);
        if let Some(bearer) = bearer {
            request = request.header(AUTHORIZATION, format!("Bearer {bearer}"));
        }
        self.send(request).await
    }

    /// What a form is answered with.
    pub(super) async fn post(
        &self,
        url: &str,
        form: String,
        authorization: Option<String>,
    ) -> Result<Map<String, Value>, OidcError> {
        let request = self.client.post(url).body(form);
        let mut request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(authorization) = authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        self.send(request).await
    }

    async fn send(&self, request: RequestBuilder) -> Result<Map<String, Value>, OidcError> {
        let fault = |error: reqwest::Error| OidcError::Provider(error.without_url().to_string());
        let sent = request.header(ACCEPT, "application/json").send().await;
        let mut response = sent.map_err(fault)?;
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(fault)? {
            if bytes.len() + chunk.len() > BYTES_MAX {
                return Err(OidcError::Provider("its answer is too large".to_owned()));
            }
            bytes.extend_from_slice(&chunk);
        }
        let status = response.status();
        if status == StatusCode::BAD_REQUEST {
            return Err(OidcError::Refused("the provider does not take what the browser brings"));
        }
        if !status.is_success() {
            return Err(OidcError::Provider(format!("it answered {status}")));
        }
        let what = |_| OidcError::Provider("its answer is no JSON object".to_owned());
        serde_json::from_slice(&bytes).map_err(what)
    }
}
