//! Signing in with an OpenID provider: authorization code, PKCE, discovery, roles from a claim.
//!
//! Nothing is kept between the two halves of a sign-in: the browser holds a drawn attempt in a cookie,
//! and `state`, `nonce` and the verifier are keyed hashes of it. So any node may answer the second half.

mod id_token;
mod outgoing;
mod provider;
mod setup;

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::Account;
use crate::config::OidcConfig;
use crate::hashing::Hashing;
use crate::ids::Ids;
use crate::model::Time;
use id_token::Expected;
use outgoing::Outgoing;
use provider::Provider;
pub(crate) use setup::Setup;

/// How long somebody may take at the provider.
pub const ATTEMPT_TIME_MAX: Duration = Duration::from_secs(600);

/// Why nobody was let in, for the log; whoever tried is told less.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OidcError {
    /// As many requests to the provider are on their way as may be: try again.
    #[error("too many sign in at this moment")]
    Busy,
    /// The provider cannot be reached, or does not answer as one does: try again.
    #[error("the provider: {0}")]
    Provider(String),
    /// Whoever comes is not let in.
    #[error("{0}")]
    Refused(&'static str),
}

/// What the provider says of somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Their e-mail address.
    pub account: Account,
    /// For people.
    pub name: Option<String>,
    /// What the claim's values stand for; may be nothing.
    pub roles: Vec<String>,
}

/// The sign-in with a provider, as the settings have it.
#[derive(Debug)]
pub struct Oidc {
    setup: Setup,
    outgoing: Outgoing,
    provider: Provider,
}

impl Oidc {
    /// As the settings have it; none where they name no provider.
    ///
    /// # Errors
    /// What does not fit, as a sentence.
    pub fn new(config: &OidcConfig) -> Result<Option<Self>, String> {
        let Some(setup) = Setup::read(config)? else { return Ok(None) };
        Ok(Some(Self { setup, outgoing: Outgoing::new()?, provider: Provider::default() }))
    }

    /// Whether cookies may go over TLS only.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.setup.redirect_url.starts_with("https:")
    }

    /// Where a browser goes when it is signed in: a path on the same origin.
    #[must_use]
    pub fn return_path(&self) -> &str {
        &self.setup.return_path
    }

    /// Begins: what the browser keeps, and where it goes.
    ///
    /// # Errors
    /// See [`OidcError`].
    pub async fn begin(
        &self,
        ids: &Ids,
        hashing: &Hashing,
        now: Time,
    ) -> Result<(String, String), OidcError> {
        let known = self.provider.known(&self.setup, &self.outgoing, now).await?;
        let attempt = format!("{}.{}", ids.secret(), now.micros() / 1_000_000);
        let verifier = hashing.oidc("verifier", &attempt);
        let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
        let mut query = form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.setup.client_id)
            .append_pair("redirect_uri", &self.setup.redirect_url)
            .append_pair("scope", &self.setup.scopes)
            .append_pair("state", &hashing.oidc("state", &attempt))
            .append_pair("nonce", &hashing.oidc("nonce", &attempt))
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        let endpoint = &known.authorization_endpoint;
        let joint = if endpoint.contains('?') { '&' } else { '?' };
        Ok((attempt, format!("{endpoint}{joint}{}", query.finish())))
    }

    /// Whether the browser that comes with `state` is the one that has begun `attempt`, not too long ago.
    #[must_use]
    pub fn is_begun(hashing: &Hashing, attempt: &str, state: &str, now: Time) -> bool {
        let begun = attempt.rsplit_once('.').and_then(|(_, text)| text.parse::<i64>().ok());
        let age = begun.map(|begun| (now.micros() / 1_000_000).saturating_sub(begun));
        let max = i64::try_from(ATTEMPT_TIME_MAX.as_secs()).unwrap_or(i64::MAX);
        let expected = hashing.oidc("state", attempt);
        age.is_some_and(|age| (0..=max).contains(&age)) && is_same(&expected, state)
    }

    /// Ends: whom the provider has sent with `code`.
    ///
    /// # Errors
    /// See [`OidcError`].
    pub async fn end(
        &self,
        hashing: &Hashing,
        attempt: &str,
        code: &str,
        now: Time,
    ) -> Result<Identity, OidcError> {
        let known = self.provider.known(&self.setup, &self.outgoing, now).await?;
        let verifier = hashing.oidc("verifier", attempt);
        let tokens =
            provider::exchange(&self.setup, &self.outgoing, &known, (code, &verifier)).await?;
        let keys =
            self.provider.keys_for(&self.setup, &self.outgoing, &tokens.id_token, now).await?;
        let nonce = hashing.oidc("nonce", attempt);
        let expected = Expected {
            issuer: &self.setup.issuer,
            client_id: &self.setup.client_id,
            nonce: &nonce,
            now,
        };
        let mut claims = id_token::verify(&tokens.id_token, &keys, &expected)?;
        if !self.has_all(&claims) {
            let more = provider::userinfo(&self.outgoing, &known, &tokens, &claims).await?;
            for (name, value) in more {
                claims.entry(name).or_insert(value);
            }
        }
        self.identity(&claims)
    }

    /// Whether the token tells who it is and what they are; else the provider is asked for more.
    fn has_all(&self, claims: &Map<String, Value>) -> bool {
        claims.contains_key("email") && self.setup.roles_claim(claims).is_some()
    }

    fn identity(&self, claims: &Map<String, Value>) -> Result<Identity, OidcError> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let email =
            text("email").ok_or(OidcError::Refused("the provider tells no e-mail address"))?;
        let unverified = Some(&Value::Bool(false));
        if claims.get("email_verified") == unverified || text("email_verified") == Some("false") {
            return Err(OidcError::Refused("the provider has not verified the e-mail address"));
        }
        let account = Account::named(email).filter(|account| account.as_str().contains('@'));
        let account = account.ok_or(OidcError::Refused("the e-mail address is none"))?;
        Ok(Identity {
            account,
            name: text("name").map(str::to_owned),
            roles: self.setup.roles(claims),
        })
    }
}

/// Compares without telling by the clock how much is alike.
fn is_same(one: &str, other: &str) -> bool {
    let differ = one.bytes().zip(other.bytes()).fold(0, |all, (a, b)| all | (a ^ b));
    one.len() == other.len() && differ == 0
}
