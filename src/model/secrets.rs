//! What of an address is a secret: a token, a password, somebody's name.

/// Names of parameters that are secrets, of letters and digits in lower case.
const NAMES: [&str; 57] = [
    "accesscode",
    "accesskey",
    "accesstoken",
    "apikey",
    "apitoken",
    "assertion",
    "auth",
    "authcode",
    "authkey",
    "authorization",
    "authtoken",
    "bearer",
    "cardnumber",
    "ccnumber",
    "clientsecret",
    "code",
    "credential",
    "credentials",
    "csrf",
    "cvc",
    "cvv",
    "email",
    "emailaddress",
    "hmac",
    "iban",
    "idtoken",
    "jsessionid",
    "jwt",
    "key",
    "login",
    "mail",
    "oobcode",
    "otp",
    "pass",
    "passcode",
    "passphrase",
    "passwd",
    "password",
    "phone",
    "phonenumber",
    "phpsessid",
    "pin",
    "privatekey",
    "pwd",
    "refreshtoken",
    "samlresponse",
    "secret",
    "session",
    "sessionid",
    "sid",
    "sig",
    "signature",
    "ssn",
    "tel",
    "telephone",
    "token",
    // Lets whoever follows the link be the visitor that it hands over.
    "trsig",
];
/// The last words of names that are secrets whatever stands before them: `reset_token`.
const ENDS: [&str; 8] =
    ["email", "passwd", "password", "pwd", "secret", "signature", "token", "jwt"];

/// Most names that a source adds or leaves, and longest of them, in bytes.
pub const SECRET_NAMES_MAX: usize = 100;
/// Longest name, in bytes.
pub const SECRET_NAME_BYTES_MAX: usize = 64;

/// What a source's events do not keep of addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UrlSecrets {
    /// Off: everything is kept.
    pub cut: bool,
    /// Names of parameters that are secrets here, beside those that always are.
    pub more: Vec<String>,
    /// Names that are none here.
    pub kept: Vec<String>,
}

impl Default for UrlSecrets {
    fn default() -> Self {
        Self { cut: true, more: Vec::new(), kept: Vec::new() }
    }
}

impl UrlSecrets {
    /// Whether a parameter of this name is one.
    #[must_use]
    pub fn are(&self, name: &str) -> bool {
        let plain = plain(name);
        let is_named = |names: &[String]| names.iter().any(|one| self::plain(one) == plain);
        if plain.is_empty() || is_named(&self.kept) {
            return false;
        }
        NAMES.contains(&plain.as_str()) || ends_as_one(name) || is_named(&self.more)
    }
}

fn ends_as_one(name: &str) -> bool {
    last_word(name).is_some_and(|last| ENDS.contains(&last.to_lowercase().as_str()))
}

/// `token` of `reset_token`, and of `resetToken`.
fn last_word(name: &str) -> Option<&str> {
    let name = name.trim_end_matches(|letter: char| !letter.is_alphanumeric());
    let mut before = name.char_indices().rev().zip(name.char_indices().rev().skip(1));
    let begins = before.find_map(|((at, letter), (_, previous))| {
        let is_word =
            !previous.is_alphanumeric() || (letter.is_uppercase() && !previous.is_uppercase());
        is_word.then_some(at)
    });
    name.get(begins.unwrap_or(0)..).filter(|last| !last.is_empty())
}

/// `access-token`, `access_token` and `accessToken` are one name.
fn plain(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_however_they_are_written() {
        let usual = UrlSecrets::default();
        for name in [
            "token",
            "accessToken",
            "access-token",
            "API_KEY",
            "reset_token",
            "user[password]",
            "e-mail",
            "resetToken",
            "userEmail",
            "user_email",
            "RESET_TOKEN",
            "__tr_sig",
        ] {
            assert!(usual.are(name), "{name}");
        }
        for name in [
            "utm_source",
            "page",
            "zip_code",
            "keyword",
            "emailed",
            "tokenCount",
            "tokens",
            "",
            "__tr_pid",
            "__tr_src",
            "_",
        ] {
            assert!(!usual.are(name), "{name}");
        }
        let own = UrlSecrets {
            cut: true,
            more: vec!["Ticket".into()],
            kept: vec!["code".into(), "reset_token".into()],
        };
        assert!(own.are("ticket") && own.are("token"));
        assert!(!own.are("code") && !own.are("resetToken"));
    }

    #[test]
    fn the_list_is_sorted_and_plain() {
        assert!(NAMES.is_sorted());
        assert!(NAMES.iter().all(|name| plain(name) == *name));
    }
}
