//! What a page's server has signed of its visitor: a JSON Web Token with whom it vouches for.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac::{self, HMAC_SHA256};
use serde_json::Value;

use super::Intake;
use crate::http::objects;
use crate::model::{
    Identifier, IdentifierKey, Json, Map, Namespace, Options, Source, Time, Trust, Vouched,
    Warning, said,
};
use crate::processing::text_at;

/// Longest token, in bytes.
const TOKEN_BYTES_MAX: usize = 4096;
/// Longest time that a token may be good for, in seconds: a page that was opened in the morning.
const TOKEN_SECONDS_MAX: i64 = 86_400;
/// So much the clock of a page's server may be ahead of ours.
const CLOCKS_APART_MAX: Duration = Duration::from_secs(60);
/// Most values that one token vouches for.
const VALUES_MAX: usize = 20;
/// Where it stands in a context.
pub(super) const TOKEN: &str = "identity.token";

/// A context without the token, which is nobody else's business, and the token.
pub(super) fn taken_out_of(context: Json, facts: &mut Map) -> (Json, Option<String>) {
    let token = text_at(facts, TOKEN).map(std::borrow::Cow::into_owned);
    if facts.remove("identity").is_none() {
        return (context, None);
    }
    (context.without("identity"), token)
}

/// The same of an event's own context; most have none.
pub(super) fn taken_out_of_own(context: Json) -> (Json, Option<String>) {
    if !context.as_str().contains("\"identity\"") {
        return (context, None);
    }
    let mut facts = context.pick(&[TOKEN]);
    taken_out_of(context, &mut facts)
}

impl Intake<'_> {
    /// Which identifiers of a payload with these tokens are believed as a server's own.
    pub(super) fn vouched(
        &self,
        source: &Source,
        options: &Options,
        tokens: &[String],
        warnings: &mut Vec<Warning>,
    ) -> Vouched {
        let is_trusted = self.is_vouched || source.trust == Trust::Trusted;
        // History has ids of its own, too; whoever sent it is believed no more for that.
        let has_own_ids =
            source.static_profile_id || (options.static_profile_id && !options.adds_nothing);
        if is_trusted || has_own_ids {
            return Vouched::All;
        }
        let Some(secret) = self.secret(source) else { return Vouched::none() };
        let mut keys = Vec::new();
        for token in tokens {
            match self.read(token, &secret) {
                Ok(claims) => keys.extend(self.keys(&claims)),
                Err(why) => warnings.push(Warning::new("identifier_not_trusted", why)),
            }
        }
        Vouched::These(keys)
    }

    /// The key with which the source's server signs; none where the source signs nothing.
    fn secret(&self, source: &Source) -> Option<String> {
        let salt = source.secret.as_ref()?;
        Some(self.app.hashing.source_secret(source.id.as_str(), salt))
    }

    fn read(&self, token: &str, secret: &str) -> Result<Map, &'static str> {
        const NONE: &str = "the context's identity.token is no token; it was not looked at";
        let (said, sign) =
            token.rsplit_once('.').filter(|_| token.len() <= TOKEN_BYTES_MAX).ok_or(NONE)?;
        let (head, body) = said.split_once('.').ok_or(NONE)?;
        let head: Map = json(head).ok_or(NONE)?;
        if head.get("alg").and_then(Value::as_str) != Some("HS256") {
            return Err("the context's identity.token must be signed with HS256");
        }
        // What whoever reads it must understand (RFC 7515 §4.1.11): we understand nothing of the kind.
        if head.contains_key("crit") {
            return Err("the context's identity.token has a crit, of which nothing is understood");
        }
        let sign = URL_SAFE_NO_PAD.decode(sign).map_err(|_| NONE)?;
        let key = hmac::Key::new(HMAC_SHA256, secret.as_bytes());
        hmac::verify(&key, said.as_bytes(), &sign)
            .map_err(|_| "the context's identity.token is not signed with the source's secret")?;
        let claims: Map = json(body).ok_or(NONE)?;
        let expires = claims.get("exp").and_then(Value::as_i64);
        let expires = expires.ok_or("the context's identity.token has no exp")?;
        let now = self.received_at.micros() / 1_000_000;
        let left = expires.saturating_sub(now);
        if left <= 0 {
            return Err("the context's identity.token has run out");
        }
        // Seconds, of which there may be parts (RFC 7519 §2).
        let begins = claims.get("nbf").filter(|begins| !begins.is_null());
        let begins = begins.map_or(Some(Time::BEGINNING), |begins| {
            Time::read_number(&begins.as_number()?.to_string())
        });
        let begins = begins.ok_or("the context's identity.token has an nbf that is no time")?;
        if begins > self.received_at.plus(CLOCKS_APART_MAX) {
            return Err("the context's identity.token is not valid yet");
        }
        if left > TOKEN_SECONDS_MAX {
            return Err("the context's identity.token is good for more than a day");
        }
        Ok(claims)
    }

    /// The identifiers that the claims name: by namespace a value, or a list of them.
    fn keys(&self, claims: &Map) -> Vec<IdentifierKey> {
        let mut keys = Vec::new();
        for (name, claim) in claims {
            let namespace = Namespace::new(name.as_str());
            let Some(rules) = self.known.identity().of(&namespace) else { continue };
            let values = claim.as_array().map_or(std::slice::from_ref(claim), Vec::as_slice);
            for value in values.iter().take(VALUES_MAX) {
                let Some(value) = said(value).and_then(|said| rules.value(&said)) else { continue };
                let namespace = namespace.clone();
                keys.push(self.app.hashing.identifier(&Identifier { namespace, value }));
            }
        }
        keys
    }
}

fn json<T: serde::de::DeserializeOwned>(part: &str) -> Option<T> {
    objects::read(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}
