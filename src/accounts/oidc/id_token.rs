//! ID tokens: whose signature, for whom, by whom, until when (OpenID Connect Core §3.1.3.7).

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ring::signature::{self, RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::OidcError;
use crate::model::Time;

/// How far clocks may differ, in seconds.
const LEEWAY: i64 = 60;

/// A provider's keys (RFC 7517). Others than we can use are passed over.
#[derive(Debug, Deserialize)]
pub(super) struct Keys {
    keys: Vec<Key>,
}

#[derive(Debug, Deserialize)]
struct Key {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    /// What whoever reads it must understand (RFC 7515 §4.1.11): we understand nothing of the kind.
    crit: Option<Value>,
}

/// What a token must say.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    pub(super) nonce: &'a str,
    pub(super) now: Time,
}

/// Whether one of the keys has signed the token. That one of them has the name which the token says is not enough:
/// some providers give their keys no names, and then their new one is not known by it.
pub(super) fn has_signed(keys: &Keys, token: &str) -> bool {
    header(token).is_some_and(|header| signed(token, &header, keys).is_ok())
}

/// What was signed, by one of the keys.
fn signed<'a>(token: &'a str, header: &Header, keys: &Keys) -> Result<&'a str, OidcError> {
    let refused = OidcError::Refused;
    let (signed, signature) = token.rsplit_once('.').ok_or(refused("the ID token is none"))?;
    let signature = decoded(signature).ok_or(refused("the ID token is none"))?;
    let mut fitting = keys.keys.iter().filter(|key| key.fits(header));
    let is_theirs = fitting.any(|key| key.has_signed(&header.alg, signed.as_bytes(), &signature));
    is_theirs
        .then_some(signed)
        .ok_or(refused("none of the provider's keys has signed the ID token"))
}

/// The claims of a token, which is the provider's, for us, and of this sign-in.
pub(super) fn verify(
    token: &str,
    keys: &Keys,
    expected: &Expected<'_>,
) -> Result<Map<String, Value>, OidcError> {
    let refused = OidcError::Refused;
    let header = header(token).ok_or(refused("the ID token is none"))?;
    if header.crit.is_some() {
        return Err(refused("the ID token has a crit, of which nothing is understood"));
    }
    let signed = signed(token, &header, keys)?;
    let claims = signed.split_once('.').and_then(|(_, claims)| decoded(claims));
    let claims = claims.and_then(|claims| serde_json::from_slice(&claims).ok());
    let claims: Map<String, Value> = claims.ok_or(refused("the ID token is none"))?;
    match expected.missed_by(&claims) {
        None => Ok(claims),
        Some(sentence) => Err(refused(sentence)),
    }
}

impl Expected<'_> {
    fn missed_by(&self, claims: &Map<String, Value>) -> Option<&'static str> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let time = |name: &str| claims.get(name).and_then(Value::as_f64);
        let audience = match claims.get("aud") {
            Some(Value::String(one)) => vec![one.as_str()],
            Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let now = self.now.seconds_since(Time::default());
        #[expect(clippy::cast_precision_loss, reason = "a minute")]
        let leeway = LEEWAY as f64;
        let party = text("azp");
        let rules = [
            (text("iss") == Some(self.issuer), "the ID token is another issuer's"),
            (audience.contains(&self.client_id), "the ID token is for somebody else"),
            (audience.len() < 2 || party.is_some(), "the ID token is for several"),
            (party.is_none_or(|party| party == self.client_id), "the ID token is for another"),
            (text("nonce") == Some(self.nonce), "the ID token is of another sign-in"),
            (time("exp").is_some_and(|exp| now < exp + leeway), "the ID token has expired"),
            (time("nbf").is_none_or(|nbf| nbf - leeway <= now), "the ID token is not valid yet"),
            (text("sub").is_some_and(|sub| !sub.is_empty()), "the ID token is about nobody"),
        ];
        rules.into_iter().find(|(holds, _)| !holds).map(|(_, sentence)| sentence)
    }
}

impl Key {
    fn fits(&self, header: &Header) -> bool {
        let is_named = header.kid.is_none() || self.kid.is_none() || self.kid == header.kid;
        let signs = self.purpose.as_deref().is_none_or(|purpose| purpose == "sig");
        is_named && signs && self.alg.as_ref().is_none_or(|alg| *alg == header.alg)
    }

    /// The algorithm must be one of this kind of key: a token never chooses that for itself.
    fn has_signed(&self, alg: &str, message: &[u8], signature: &[u8]) -> bool {
        let curve = self.crv.as_deref().unwrap_or_default();
        match (self.kty.as_str(), alg, curve) {
            ("RSA", _, _) => self.rsa(alg, message, signature).is_some(),
            ("EC", "ES256", "P-256") => {
                self.point(&signature::ECDSA_P256_SHA256_FIXED, message, signature).is_some()
            }
            ("EC", "ES384", "P-384") => {
                self.point(&signature::ECDSA_P384_SHA384_FIXED, message, signature).is_some()
            }
            ("OKP", "EdDSA", "Ed25519") => self.edwards(message, signature).is_some(),
            _ => false,
        }
    }

    fn rsa(&self, alg: &str, message: &[u8], signature: &[u8]) -> Option<()> {
        let parameters: &RsaParameters = match alg {
            "RS256" => &signature::RSA_PKCS1_2048_8192_SHA256,
            "RS384" => &signature::RSA_PKCS1_2048_8192_SHA384,
            "RS512" => &signature::RSA_PKCS1_2048_8192_SHA512,
            "PS256" => &signature::RSA_PSS_2048_8192_SHA256,
            "PS384" => &signature::RSA_PSS_2048_8192_SHA384,
            "PS512" => &signature::RSA_PSS_2048_8192_SHA512,
            _ => return None,
        };
        let (n, e) = (decoded(self.n.as_ref()?)?, decoded(self.e.as_ref()?)?);
        RsaPublicKeyComponents { n, e }.verify(parameters, message, signature).ok()
    }

    fn point(
        &self,
        algorithm: &'static dyn signature::VerificationAlgorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Option<()> {
        // Uncompressed, as SEC 1 writes it.
        let mut point = vec![4];
        point.extend(decoded(self.x.as_ref()?)?);
        point.extend(decoded(self.y.as_ref()?)?);
        UnparsedPublicKey::new(algorithm, point).verify(message, signature).ok()
    }

    fn edwards(&self, message: &[u8], signature: &[u8]) -> Option<()> {
        let point = decoded(self.x.as_ref()?)?;
        UnparsedPublicKey::new(&signature::ED25519, point).verify(message, signature).ok()
    }
}

fn header(token: &str) -> Option<Header> {
    serde_json::from_slice(&decoded(token.split('.').next()?)?).ok()
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    BASE64_URL_SAFE_NO_PAD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use ring::rand::SystemRandom;
    use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_767_607_200;

    fn pair() -> EcdsaKeyPair {
        let (random, algorithm) = (SystemRandom::new(), &ECDSA_P256_SHA256_FIXED_SIGNING);
        let drawn = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        EcdsaKeyPair::from_pkcs8(algorithm, drawn.as_ref(), &random).unwrap()
    }

    fn encoded(bytes: impl AsRef<[u8]>) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    fn keys(pair: &EcdsaKeyPair) -> Keys {
        let point = &pair.public_key().as_ref()[1..];
        let key = json!({
            "kty": "EC", "crv": "P-256", "kid": "1", "x": encoded(&point[..32]), "y": encoded(&point[32..]),
        });
        serde_json::from_value(json!({"keys": [{"kty": "oct", "k": "AA"}, key]})).unwrap()
    }

    fn token(pair: &EcdsaKeyPair, header: &Value, claims: &Value) -> String {
        let signed = format!("{}.{}", encoded(header.to_string()), encoded(claims.to_string()));
        let signature = pair.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", encoded(signature))
    }

    fn claims() -> Value {
        json!({"iss": "https://id.example", "aud": "kith", "sub": "7", "nonce": "n", "exp": NOW + 60})
    }

    fn look(keys: &Keys, token: &str) -> Result<Map<String, Value>, OidcError> {
        let now = Time::from_micros(NOW * 1_000_000);
        let (issuer, client_id) = ("https://id.example", "kith");
        verify(token, keys, &Expected { issuer, client_id, nonce: "n", now })
    }

    #[track_caller]
    fn refused(change: &Value, word: &str) {
        let (pair, mut claims) = (pair(), claims());
        let changes = change.as_object().unwrap().clone();
        claims.as_object_mut().unwrap().extend(changes);
        let token = token(&pair, &json!({"alg": "ES256", "kid": "1"}), &claims);
        let error = look(&keys(&pair), &token).unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
    }

    #[test]
    fn a_token_is_for_us_by_the_issuer_of_this_sign_in_and_not_over() {
        let pair = pair();
        let good = token(&pair, &json!({"alg": "ES256"}), &claims());
        assert_eq!(look(&keys(&pair), &good).unwrap()["sub"], "7");
        refused(&json!({"iss": "https://evil.example"}), "issuer");
        refused(&json!({"aud": "other"}), "somebody else");
        refused(&json!({"aud": ["kith", "other"]}), "several");
        refused(&json!({"aud": ["kith", "other"], "azp": "other"}), "another");
        refused(&json!({"nonce": "m"}), "sign-in");
        refused(&json!({"nonce": null}), "sign-in");
        refused(&json!({"exp": NOW - 61}), "expired");
        refused(&json!({"exp": "soon"}), "expired");
        refused(&json!({"nbf": NOW + 61}), "not valid yet");
        refused(&json!({"sub": ""}), "nobody");
    }

    #[test]
    fn only_a_key_of_the_provider_signs_and_only_as_it_signs() {
        let (own, other) = (pair(), pair());
        let header = json!({"alg": "ES256", "kid": "1"});
        assert!(look(&keys(&own), &token(&own, &header, &claims())).is_ok());
        assert!(look(&keys(&other), &token(&own, &header, &claims())).is_err());
        for header in [
            json!({"alg": "none"}),
            json!({"alg": "HS256", "kid": "1"}),
            json!({"alg": "RS256", "kid": "1"}),
            json!({"alg": "ES256", "kid": "2"}),
        ] {
            assert!(look(&keys(&own), &token(&own, &header, &claims())).is_err(), "{header}");
        }
        let unsigned =
            format!("{}.{}.", encoded(r#"{"alg":"none"}"#), encoded(claims().to_string()));
        for token in ["", "a.b", "a.b.c", &unsigned] {
            assert!(look(&keys(&own), token).is_err());
        }
    }

    #[test]
    fn a_new_key_without_a_name_is_none_of_those_that_are_known() {
        let (known, new) = (pair(), pair());
        for header in [json!({"alg": "ES256"}), json!({"alg": "ES256", "kid": "1"})] {
            assert!(has_signed(&keys(&known), &token(&known, &header, &claims())));
            assert!(!has_signed(&keys(&known), &token(&new, &header, &claims())));
        }
    }
}
