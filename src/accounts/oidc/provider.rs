//! The provider: what it says about itself, its keys, and what it gives for a code.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use serde_json::{Map, Value};
use tokio::sync::Mutex;

use super::id_token::{self, Keys};
use super::setup::is_safe;
use super::{OidcError, Outgoing, Setup};
use crate::model::Time;

/// How long what the provider says about itself is believed.
const KNOWN_FOR: Duration = Duration::from_secs(3600);
/// How soon its keys are asked for again when a token was signed with another.
const ASKED_AGAIN: Duration = Duration::from_secs(60);

/// What the provider says about itself, as far as it is needed (OpenID Connect Discovery §3).
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Known {
    issuer: String,
    pub(super) authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    userinfo_endpoint: Option<String>,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
}

/// What it gives for a code.
#[derive(Deserialize)]
pub(super) struct Tokens {
    pub(super) id_token: String,
    access_token: String,
}

/// A provider, asked when it is needed.
#[derive(Debug, Default)]
pub(super) struct Provider {
    known: Mutex<Option<(Arc<Known>, Time)>>,
    keys: Mutex<Option<(Arc<Keys>, Time)>>,
}

impl Provider {
    /// What it says about itself.
    pub(super) async fn known(
        &self,
        setup: &Setup,
        outgoing: &Outgoing,
        now: Time,
    ) -> Result<Arc<Known>, OidcError> {
        let mut known = self.known.lock().await;
        if let Some((known, at)) = &*known
            && now < at.plus(KNOWN_FOR)
        {
            return Ok(Arc::clone(known));
        }
        let base = setup.issuer.trim_end_matches('/');
        let url = format!("{base}/.well-known/openid-configuration");
        let found: Known = understood(outgoing.get(&url, None).await?, "description")?;
        if found.issuer != setup.issuer {
            return Err(wrong("it is another issuer than `accounts.oidc.issuer`"));
        }
        let urls = [&found.authorization_endpoint, &found.token_endpoint, &found.jwks_uri];
        if !urls.into_iter().chain(&found.userinfo_endpoint).all(|url| is_safe(url)) {
            return Err(wrong("it names an address without TLS"));
        }
        let found = Arc::new(found);
        *known = Some((Arc::clone(&found), now));
        Ok(found)
    }

    /// Its keys; asked for anew when none of them has signed this token.
    pub(super) async fn keys_for(
        &self,
        setup: &Setup,
        outgoing: &Outgoing,
        id_token: &str,
        now: Time,
    ) -> Result<Arc<Keys>, OidcError> {
        let known = self.known(setup, outgoing, now).await?;
        let mut keys = self.keys.lock().await;
        if let Some((keys, at)) = &*keys {
            let is_fresh = now < at.plus(KNOWN_FOR) && id_token::has_key(keys, id_token);
            if is_fresh || now < at.plus(ASKED_AGAIN) {
                return Ok(Arc::clone(keys));
            }
        }
        let found: Keys = understood(outgoing.get(&known.jwks_uri, None).await?, "list of keys")?;
        let found = Arc::new(found);
        *keys = Some((Arc::clone(&found), now));
        Ok(found)
    }
}

/// What the provider gives for a code (RFC 6749 §4.1.3, RFC 7636 §4.5).
pub(super) async fn exchange(
    setup: &Setup,
    outgoing: &Outgoing,
    known: &Known,
    (code, verifier): (&str, &str),
) -> Result<Tokens, OidcError> {
    let methods = &known.token_endpoint_auth_methods_supported;
    let takes = |name: &str| methods.iter().any(|method| method == name);
    let is_basic = !setup.client_secret.is_empty()
        && (takes("client_secret_basic") || !takes("client_secret_post"));
    let authorization = is_basic.then(|| basic(setup));
    let form = form(setup, (code, verifier), is_basic);
    let answer = outgoing.post(&known.token_endpoint, form, authorization).await?;
    understood(answer, "answer to a code")
}

fn form(setup: &Setup, (code, verifier): (&str, &str), is_basic: bool) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("grant_type", "authorization_code")
        .append_pair("code", code)
        .append_pair("redirect_uri", &setup.redirect_url)
        .append_pair("code_verifier", verifier);
    if !is_basic {
        form.append_pair("client_id", &setup.client_id);
        if !setup.client_secret.is_empty() {
            form.append_pair("client_secret", &setup.client_secret);
        }
    }
    form.finish()
}

/// What else it tells of whoever the token is about.
pub(super) async fn userinfo(
    outgoing: &Outgoing,
    known: &Known,
    tokens: &Tokens,
    claims: &Map<String, Value>,
) -> Result<Map<String, Value>, OidcError> {
    let Some(url) = &known.userinfo_endpoint else { return Ok(Map::new()) };
    let told = outgoing.get(url, Some(&tokens.access_token)).await?;
    if told.get("sub") != claims.get("sub") {
        return Err(OidcError::Refused("the provider tells of somebody else"));
    }
    Ok(told)
}

/// Both parts are encoded as in forms first (RFC 6749 §2.3.1).
fn basic(setup: &Setup) -> String {
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = format!("{}:{}", encoded(&setup.client_id), encoded(&setup.client_secret));
    format!("Basic {}", BASE64_STANDARD.encode(pair))
}

fn understood<T: serde::de::DeserializeOwned>(
    answer: Map<String, Value>,
    what: &str,
) -> Result<T, OidcError> {
    // The parser's own words may hold what was answered.
    serde_json::from_value(Value::Object(answer)).map_err(|_| wrong(&format!("its {what} is none")))
}

fn wrong(sentence: &str) -> OidcError {
    OidcError::Provider(sentence.to_owned())
}
