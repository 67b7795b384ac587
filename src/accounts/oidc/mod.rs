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
    /// As many wait for the provider as may: try again.
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
            add(&mut claims, more);
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
        if !claims.get("email_verified").is_none_or(is_true) {
            return Err(OidcError::Refused("the provider has not verified the e-mail address"));
        }
        let account = Account::address(email);
        let account = account.ok_or(OidcError::Refused("the e-mail address is none"))?;
        Ok(Identity {
            account,
            name: text("name").map(str::to_owned),
            roles: self.setup.roles(claims),
        })
    }
}

/// What the provider says beside the token. That an address is verified is believed of the one that it is said of.
fn add(claims: &mut Map<String, Value>, mut more: Map<String, Value>) {
    match claims.get("email") {
        Some(email) if more.get("email").is_some_and(|other| other != email) => {
            more.remove("email_verified");
        }
        Some(_) => {}
        None if more.contains_key("email_verified")
            || claims.get("email_verified").is_some_and(is_true) =>
        {
            claims.remove("email_verified");
        }
        None => {}
    }
    for (name, value) in more {
        claims.entry(name).or_insert(value);
    }
}

/// Some write it as a text. Whatever else is there is not true: a provider that says more than nothing must say it.
fn is_true(verified: &Value) -> bool {
    match verified {
        Value::Bool(is_it) => *is_it,
        Value::String(text) => text.eq_ignore_ascii_case("true"),
        Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => false,
    }
}

/// Compares without telling by the clock how much is alike.
fn is_same(one: &str, other: &str) -> bool {
    let differ = one.bytes().zip(other.bytes()).fold(0, |all, (a, b)| all | (a ^ b));
    one.len() == other.len() && differ == 0
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Whom the provider's claims tell of.
    fn whom(claims: &Value) -> Result<String, OidcError> {
        let config = OidcConfig {
            issuer: "https://id.example".to_owned(),
            client_id: "kith".to_owned(),
            client_secret: String::new(),
            redirect_url: "https://kith.example/user/oidc/callback".to_owned(),
            scopes: "openid email".to_owned(),
            roles_claim: "groups".to_owned(),
            roles: "admins=admin".to_owned(),
            return_path: "/".to_owned(),
        };
        let oidc = Oidc::new(&config).unwrap().unwrap();
        let identity = oidc.identity(claims.as_object().unwrap())?;
        Ok(identity.account.as_str().to_owned())
    }

    #[test]
    fn an_address_that_is_not_said_to_be_verified_is_nobodys() {
        let with = |verified: Value| json!({"email": "ann@x.example", "email_verified": verified});
        assert_eq!(whom(&json!({"email": "Ann@x.example"})).unwrap(), "ann@x.example");
        for verified in [json!(true), json!("true"), json!("True")] {
            assert_eq!(whom(&with(verified)).unwrap(), "ann@x.example");
        }
        for not in [false.into(), "false".into(), "False".into(), "no".into(), "".into()] {
            assert!(whom(&with(not)).is_err());
        }
        for not in [json!(0), json!(1), json!("1"), Value::Null, json!([true]), json!({})] {
            assert!(whom(&with(not)).is_err());
        }
    }

    #[test]
    fn an_address_that_only_looks_like_somebodys_is_another() {
        let said = whom(&json!({"email": "admin@\u{212a}ith.local"})).unwrap();
        assert_ne!(said, "admin@kith.local");
        for none in ["@", "ann@", "ann", "ann@x.example\nadmin@kith.local"] {
            assert!(whom(&json!({"email": none})).is_err(), "{none:?}");
        }
    }

    #[test]
    fn who_says_an_address_says_whether_it_is_verified() {
        let added = |token: Value, more: Value| {
            let mut claims = token.as_object().unwrap().clone();
            add(&mut claims, more.as_object().unwrap().clone());
            whom(&Value::Object(claims))
        };
        let (verified, not) = (json!({"email_verified": true}), json!({"email_verified": false}));
        let ann = |verified: bool| json!({"email": "ann@x.example", "email_verified": verified});
        assert!(added(verified.clone(), ann(false)).is_err());
        assert!(added(not, ann(true)).is_ok());
        assert!(added(ann(false), verified).is_err());
        let another = json!({"email": "bob@x.example", "email_verified": false});
        assert_eq!(added(ann(true), another).unwrap(), "ann@x.example");
    }
}
