//! What Kith gives out and knows again without having kept it: pseudonyms, and passes in links.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac::{self, HMAC_SHA256};

use super::{ID_BYTES_MAX, ProfileId, SessionId, SourceId, Time, lower_case};

/// How long an id in a link is believed after the answer that gave it.
pub const PASS_SECONDS_MAX: u64 = 3600;
/// What pseudonyms begin with, so that other ids are not tried.
const PSEUDONYM: &str = "p1-";
/// What begins what stands where something is concealed, and how much of a hash follows, in bytes.
const CONCEALED: &str = "h1-";
const CONCEALED_BYTES: usize = 18;
/// The same, in letters.
const CONCEALED_LETTERS: usize = CONCEALED_BYTES * 4 / 3;

/// The keys of an installation for what it gives out. Cheap to clone.
#[derive(Clone)]
pub struct Seals(Arc<Keys>);

struct Keys {
    /// None when a key of the right length is none, which cannot be.
    pseudonyms: Option<LessSafeKey>,
    nonces: hmac::Key,
    passes: hmac::Key,
    fields: hmac::Key,
}

impl std::fmt::Debug for Seals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seals")
    }
}

impl Seals {
    /// Of the installation's key, each use with a key of its own.
    #[must_use]
    pub fn new(key: [u8; 32]) -> Self {
        let root = hmac::Key::new(HMAC_SHA256, &key);
        let of = |name: &str| hmac::sign(&root, name.as_bytes());
        let of_hmac = |name: &str| hmac::Key::new(HMAC_SHA256, of(name).as_ref());
        let pseudonyms = UnboundKey::new(&AES_256_GCM, of("pseudonyms").as_ref()).ok();
        Self(Arc::new(Keys {
            pseudonyms: pseudonyms.map(LessSafeKey::new),
            nonces: of_hmac("nonces of pseudonyms"),
            passes: of_hmac("passes"),
            fields: of_hmac("fields of events"),
        }))
    }

    /// An id that leads to `person` for collecting only, and tells nobody who that is. Of one session
    /// always the same. None when the person's own id is too long to be hidden in one.
    #[must_use]
    pub fn pseudonym(&self, person: &ProfileId, session: Option<&SessionId>) -> Option<ProfileId> {
        let session = session.map_or("", SessionId::as_str);
        let drawn = hmac::sign(&self.0.nonces, format!("{person}\0{session}").as_bytes());
        let nonce: [u8; NONCE_LEN] = drawn.as_ref().get(..NONCE_LEN)?.try_into().ok()?;
        let mut hidden = person.as_str().as_bytes().to_vec();
        let key = self.0.pseudonyms.as_ref()?;
        let sealing = Nonce::assume_unique_for_key(nonce);
        key.seal_in_place_append_tag(sealing, Aad::empty(), &mut hidden).ok()?;
        let all = [nonce.as_slice(), &hidden].concat();
        let id = format!("{PSEUDONYM}{}", URL_SAFE_NO_PAD.encode(all));
        (id.len() <= ID_BYTES_MAX).then(|| ProfileId::new(id))
    }

    /// Whom a pseudonym leads to; none when it is none of ours.
    #[must_use]
    pub fn behind(&self, id: &str) -> Option<ProfileId> {
        let mut all = URL_SAFE_NO_PAD.decode(id.strip_prefix(PSEUDONYM)?).ok()?;
        let (nonce, hidden) = all.split_at_mut_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let key = self.0.pseudonyms.as_ref()?;
        let person = key.open_in_place(nonce, Aad::empty(), hidden).ok()?;
        Some(ProfileId::new(std::str::from_utf8(person).ok()?))
    }

    /// What stands in an event in place of a value that may not be kept: of one value always the same, and
    /// nobody who lacks the key finds the value by trying.
    #[must_use]
    pub fn concealed(&self, value: &str) -> String {
        let hash = hmac::sign(&self.0.fields, value.as_bytes());
        let part = hash.as_ref().get(..CONCEALED_BYTES).unwrap_or_default();
        format!("{CONCEALED}{}", URL_SAFE_NO_PAD.encode(part))
    }

    /// Whether something was concealed there.
    #[must_use]
    pub fn is_concealed(text: &str) -> bool {
        let is_of_hash = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        text.strip_prefix(CONCEALED)
            .is_some_and(|rest| rest.len() == CONCEALED_LETTERS && rest.bytes().all(is_of_hash))
    }

    /// What shows in a link that this id was given to a visitor of this source, and until when.
    #[must_use]
    pub fn pass(&self, profile: &str, source: &SourceId, now: Time) -> String {
        let expires = seconds(now.plus(Duration::from_secs(PASS_SECONDS_MAX)));
        let sign = hmac::sign(&self.0.passes, &said(profile, source.as_str(), expires));
        format!("{expires}.{}", URL_SAFE_NO_PAD.encode(sign))
    }

    /// Whether it shows that.
    #[must_use]
    pub fn is_pass(&self, pass: &str, profile: &str, source: &str, now: Time) -> bool {
        let Some((expires, sign)) = pass.split_once('.') else { return false };
        let Ok(expires) = expires.parse::<i64>() else { return false };
        let Ok(sign) = URL_SAFE_NO_PAD.decode(sign) else { return false };
        let is_signed =
            hmac::verify(&self.0.passes, &said(profile, source, expires), &sign).is_ok();
        is_signed && seconds(now) < expires
    }
}

fn seconds(time: Time) -> i64 {
    time.micros() / 1_000_000
}

/// What is signed; no id holds a null character.
fn said(profile: &str, source: &str, expires: i64) -> Vec<u8> {
    format!("{expires}\0{}\0{profile}", lower_case(source)).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::BEGINNING;

    #[test]
    fn a_pseudonym_leads_to_whom_it_hides_and_no_other_id_does() {
        let (seals, other) = (Seals::new([7; 32]), Seals::new([8; 32]));
        let ann = ProfileId::new("019b8d99-6900-724d-aa41-3b159584c122");
        let session = SessionId::new("s");
        let hidden = seals.pseudonym(&ann, Some(&session)).unwrap();
        assert!(!hidden.as_str().contains("019b8d99") && hidden.as_str().len() <= ID_BYTES_MAX);
        assert_eq!(seals.behind(hidden.as_str()), Some(ann.clone()));
        assert_eq!(seals.pseudonym(&ann, Some(&session)), Some(hidden.clone()));
        assert_ne!(seals.pseudonym(&ann, None), Some(hidden.clone()));
        assert_eq!(other.behind(hidden.as_str()), None);
        for id in ["p1-", "p1-AAAA", "p1-%", ann.as_str(), "", &hidden.as_str()[..60]] {
            assert_eq!(seals.behind(id), None, "{id}");
        }
        let long = ProfileId::new("x".repeat(100));
        assert_eq!(seals.pseudonym(&long, None), None);
    }

    #[test]
    fn a_pass_is_for_one_id_of_one_source_and_runs_out() {
        let seals = Seals::new([7; 32]);
        let pass = seals.pass("ann", &SourceId::new("shop"), NOW);
        let later = |seconds| NOW.plus(Duration::from_secs(seconds));
        assert!(seals.is_pass(&pass, "ann", "Shop", later(PASS_SECONDS_MAX - 1)));
        assert!(!seals.is_pass(&pass, "ann", "shop", later(PASS_SECONDS_MAX)));
        assert!(!seals.is_pass(&pass, "bob", "shop", NOW));
        assert!(!seals.is_pass(&pass, "ann", "blog", NOW));
        assert!(!Seals::new([8; 32]).is_pass(&pass, "ann", "shop", NOW));
        let (_, sign) = pass.split_once('.').unwrap();
        assert!(!seals.is_pass(&format!("9999999999.{sign}"), "ann", "shop", NOW));
        for other in ["", ".", "1.", "x.y", "1767610800"] {
            assert!(!seals.is_pass(other, "ann", "shop", NOW), "{other}");
        }
    }
}
