//! One-time codes (RFC 6238): what is shown beside a password, and counts once.
//!
//! See docs/decisions/0020-one-time-codes.md.

use ring::hmac;

use super::Role;
use crate::hashing::Hashing;
use crate::ids::Ids;
use crate::model::Time;
use crate::storage::{StoredTotp, StoredUser};

/// How long a code is valid, in seconds; with [`DIGITS`] what every app takes without being told.
const STEP_SECONDS: i64 = 30;
const DIGITS: u32 = 6;
/// Steps before and after this one whose codes are taken too: clocks differ, and people type.
const STEPS_AROUND: i64 = 1;
/// The codes for whoever has lost the device.
const RECOVERY_CODES: usize = 10;
/// Bytes of a secret, as RFC 4226 (4) recommends.
const SECRET_BYTES: usize = 20;
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The roles whose passwords alone are not enough.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Required(Vec<Role>);

impl Required {
    /// Of role names with spaces between.
    ///
    /// # Errors
    /// Which name is no role.
    pub fn parse(names: &str) -> Result<Self, String> {
        let role = |name| Role::named(name).ok_or_else(|| format!("there is no role {name}"));
        names.split_whitespace().map(role).collect::<Result<_, _>>().map(Self)
    }

    /// Whether a user has one of the roles and no codes yet. Whoever has no password signs in with a
    /// provider, which asks for what it wants.
    #[must_use]
    pub fn lacks(&self, user: &StoredUser) -> bool {
        let is_asked = |role: &Role| user.roles.iter().any(|name| name == role.as_str());
        !user.asks_for_codes() && !user.password_hash.is_empty() && self.0.iter().any(is_asked)
    }
}

/// A new secret for an app, which counts as soon as a code of it was shown.
#[must_use]
pub fn begin(ids: &Ids) -> StoredTotp {
    StoredTotp { secret: base32(&ids.bytes::<SECRET_BYTES>()), ..StoredTotp::default() }
}

/// What apps read from a picture: whose secret it is, and of which installation.
#[must_use]
pub fn uri(secret: &str, email: &str) -> String {
    let encoded: String = form_urlencoded::byte_serialize(email.as_bytes()).collect();
    format!("otpauth://totp/Kith:{encoded}?secret={secret}&issuer=Kith")
}

/// Takes what was typed, which then counts no more: a code of a step that is later than any taken
/// before, or a recovery code. False when it does not count.
pub fn take(totp: &mut StoredTotp, typed: &str, hashing: &Hashing, now: Time) -> bool {
    let typed: String = typed.chars().filter(char::is_ascii_alphanumeric).collect();
    let steps = step_at(now) - STEPS_AROUND..=step_at(now) + STEPS_AROUND;
    let is_shown = |step: &i64| code_of(&totp.secret, *step).is_some_and(|code| code == typed);
    if let Some(step) = steps.filter(|step| *step > totp.last_step).find(is_shown) {
        totp.last_step = step;
        return true;
    }
    let (hash, before) = (hashing.recovery_code(&typed.to_lowercase()), totp.recovery_codes.len());
    totp.recovery_codes.retain(|one| *one != hash);
    totp.recovery_codes.len() < before
}

/// Codes for whoever has lost the device: as they are shown, and what is kept of each.
#[must_use]
pub fn new_recovery_codes(ids: &Ids, hashing: &Hashing) -> (Vec<String>, Vec<String>) {
    let draw = || ids.secret().chars().take(16).collect::<String>();
    let codes: Vec<String> = std::iter::repeat_with(draw).take(RECOVERY_CODES).collect();
    let hashes = codes.iter().map(|code| hashing.recovery_code(code)).collect();
    (codes.iter().map(|code| in_fours(code)).collect(), hashes)
}

/// The code that an app shows for a secret at this time.
#[must_use]
pub fn code_at(secret: &str, now: Time) -> Option<String> {
    code_of(secret, step_at(now))
}

fn step_at(now: Time) -> i64 {
    now.micros().div_euclid(1_000_000 * STEP_SECONDS)
}

fn code_of(secret: &str, step: i64) -> Option<String> {
    let number = truncated(&bytes_of(secret)?, u64::try_from(step).ok()?)?;
    let (number, width) = (number % 10_u32.pow(DIGITS), DIGITS as usize);
    Some(format!("{number:0width$}"))
}

/// RFC 4226 (5.3): four bytes from where the last one says, without the sign.
fn truncated(key: &[u8], counter: u64) -> Option<u32> {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key);
    let tag = hmac::sign(&key, &counter.to_be_bytes());
    let at = usize::from(tag.as_ref().last()? & 0x0f);
    let four: [u8; 4] = tag.as_ref().get(at..at + 4)?.try_into().ok()?;
    Some(u32::from_be_bytes(four) & 0x7fff_ffff)
}

/// RFC 4648 (6), of lengths that need no padding.
fn base32(bytes: &[u8]) -> String {
    let letter = |value: u64| char::from(BASE32[usize::try_from(value % 32).unwrap_or(0)]);
    let five = |chunk: &[u8]| chunk.iter().fold(0_u64, |all, byte| all << 8 | u64::from(*byte));
    let eight = |all: u64| (0..8).rev().map(move |place| letter(all >> (5 * place)));
    bytes.chunks(5).flat_map(|chunk| eight(five(chunk))).collect()
}

/// The bytes of a secret.
fn bytes_of(secret: &str) -> Option<Vec<u8>> {
    let value = |letter: &u8| BASE32.iter().position(|known| known == letter);
    let values: Option<Vec<usize>> = secret.as_bytes().iter().map(value).collect();
    let eight = |chunk: &[usize]| chunk.iter().fold(0_u64, |all, value| all << 5 | *value as u64);
    let all = values?;
    Some(all.chunks(8).flat_map(|chunk| eight(chunk).to_be_bytes().into_iter().skip(3)).collect())
}

fn in_fours(code: &str) -> String {
    let letters: Vec<char> = code.chars().collect();
    letters.chunks(4).map(String::from_iter).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of the RFCs' tests.
    const SECRET: &[u8; 20] = b"12345678901234567890";

    fn at(seconds: i64) -> Time {
        Time::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn codes_are_those_of_the_rfc() {
        let secret = base32(SECRET);
        assert_eq!(secret, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(bytes_of(&secret).unwrap(), SECRET);
        // RFC 6238, appendix B, which has eight digits.
        for (seconds, code) in [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ] {
            assert_eq!(code_at(&secret, at(seconds)).unwrap(), &code[2..], "{seconds}");
        }
    }

    #[test]
    fn a_code_counts_once_and_none_before_it_afterwards() {
        let hashing = Hashing::new([7; 32]);
        let mut totp = begin(&Ids::seeded(1));
        let code = |seconds| code_at(&totp.secret, at(seconds)).unwrap();
        let (early, now, late) = (code(970), code(1000), code(1030));
        let (before, after) = (code(940), code(1060));
        let mut take = |typed: &str| take(&mut totp, typed, &hashing, at(1000));
        assert!(!take(&before) && !take(&after) && !take("") && !take("000000"));
        assert!(take(&format!("{} {}", &early[..3], &early[3..])));
        assert!(!take(&early));
        assert!(take(&late));
        assert!(!take(&now), "what somebody saw over a shoulder");
    }

    #[test]
    fn a_recovery_code_counts_once_however_it_is_typed() {
        let (ids, hashing) = (Ids::seeded(1), Hashing::new([7; 32]));
        let (shown, recovery_codes) = new_recovery_codes(&ids, &hashing);
        let mut totp = StoredTotp { recovery_codes, ..begin(&ids) };
        assert_eq!(shown.len(), 10);
        let typed = shown[3].to_uppercase().replace('-', " ");
        assert_eq!(typed.len(), 19);
        assert!(take(&mut totp, &typed, &hashing, at(0)));
        assert!(!take(&mut totp, &shown[3], &hashing, at(0)));
        assert_eq!(totp.recovery_codes.len(), 9);
    }

    #[test]
    fn apps_read_whose_it_is() {
        let uri = uri("ABC", "ann+x@example.com");
        assert_eq!(uri, "otpauth://totp/Kith:ann%2Bx%40example.com?secret=ABC&issuer=Kith");
    }
}
