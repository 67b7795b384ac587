//! The provider: what it says about itself, its keys, and what it gives for a code.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use serde_json::{Map, Value};
use tokio::sync::{Mutex, Semaphore};

use super::id_token::{self, Keys};
use super::setup::is_safe;
use super::{OidcError, Outgoing, Setup};
use crate::model::Time;

/// How long what the provider says about itself is believed.
const KNOWN_FOR: Duration = Duration::from_secs(3600);
/// How soon its keys are asked for again when a token was signed with another.
const ASKED_AGAIN: Duration = Duration::from_secs(60);

/// Those who may wait while it is asked about itself: anybody may begin to sign in, and it may not answer.
const WAITING_MAX: usize = 64;

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
#[derive(Debug)]
pub(super) struct Provider {
    known: Mutex<Asked>,
    /// How often it was asked about itself.
    times: AtomicU64,
    waiting: Semaphore,
    keys: Mutex<Option<(Arc<Keys>, Time)>>,
}

/// What came of asking it about itself.
#[derive(Debug, Default)]
struct Asked {
    known: Option<(Arc<Known>, Time)>,
    /// Why it is not known.
    failed: Option<OidcError>,
}

impl Default for Provider {
    fn default() -> Self {
        let (known, times, keys) = Default::default();
        Self { known, times, waiting: Semaphore::new(WAITING_MAX), keys }
    }
}

impl Provider {
    /// What it says about itself. Whoever waits while somebody else asks hears what they have heard.
    pub(super) async fn known(
        &self,
        setup: &Setup,
        outgoing: &Outgoing,
        now: Time,
    ) -> Result<Arc<Known>, OidcError> {
        let _waits = self.waiting.try_acquire().map_err(|_| OidcError::Busy)?;
        let times = self.times.load(Ordering::Acquire);
        let mut asked = self.known.lock().await;
        if let Some((known, at)) = &asked.known
            && now < at.plus(KNOWN_FOR)
        {
            return Ok(Arc::clone(known));
        }
        if let Some(failed) = &asked.failed
            && self.times.load(Ordering::Acquire) != times
        {
            return Err(failed.clone());
        }
        let found = describe(setup, outgoing).await;
        self.times.fetch_add(1, Ordering::AcqRel);
        asked.failed = found.as_ref().err().cloned();
        let found = found?;
        asked.known = Some((Arc::clone(&found), now));
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
            let is_fresh = now < at.plus(KNOWN_FOR) && id_token::has_signed(keys, id_token);
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

/// Asks it about itself.
async fn describe(setup: &Setup, outgoing: &Outgoing) -> Result<Arc<Known>, OidcError> {
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
    Ok(Arc::new(found))
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

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    use futures_util::FutureExt as _;
    use futures_util::future::join_all;

    use super::*;
    use crate::config::OidcConfig;

    fn setup(issuer: String) -> Setup {
        let config = OidcConfig {
            redirect_url: issuer.clone(),
            issuer,
            client_id: "kith".to_owned(),
            scopes: "openid".to_owned(),
            client_secret: String::new(),
            roles_claim: "groups".to_owned(),
            roles: String::new(),
            return_path: "/".to_owned(),
        };
        Setup::read(&config).unwrap().unwrap()
    }

    /// A provider that is asked, and answers no sooner than it is told to.
    #[test]
    fn of_those_who_wait_for_a_provider_one_asks_and_no_more_than_so_many_wait() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let setup = setup(format!("http://{}", listener.local_addr().unwrap()));
        let (outgoing, provider) = (Outgoing::new().unwrap(), Provider::default());
        let known = || provider.known(&setup, &outgoing, Time::default()).boxed();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let answers = runtime.block_on(async {
            let mut waiting: Vec<_> = (0..WAITING_MAX).map(|_| known()).collect();
            assert!(waiting.iter_mut().all(|one| one.now_or_never().is_none()));
            assert!(matches!(known().await, Err(OidcError::Busy)));
            let answering = tokio::task::spawn_blocking(move || {
                let (mut stream, _) = listener.accept().unwrap();
                let _ = stream.read(&mut [0; 1024]).unwrap();
                stream.write_all(b"HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n").unwrap();
                // Nobody else has come: whoever did would wait for ever.
                listener.set_nonblocking(true).unwrap();
                listener
            });
            let answers = join_all(waiting).await;
            assert!(answering.await.unwrap().accept().is_err());
            answers
        });
        assert_eq!(answers.len(), WAITING_MAX);
        assert!(answers.iter().all(|one| matches!(one, Err(OidcError::Provider(_)))));
    }
}
