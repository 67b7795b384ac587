//! E-mail addresses in one form.

use url::Host;

use super::normal::plain;

/// Longest e-mail address, and its part before the sign (RFC 5321 §4.5.3.1).
const EMAIL_BYTES_MAX: usize = 254;
const EMAIL_LOCAL_BYTES_MAX: usize = 64;
const EMAIL_LABEL_BYTES_MAX: usize = 63;
/// Before an address that was copied from a link.
const SCHEME: &str = "mailto:";

/// What mail can be sent to: a name, and a domain of at least two labels. Quoted names and addresses
/// of hosts exist in the standard only.
pub(super) fn email(value: &str) -> Option<String> {
    let lower = plain(value);
    let (local, domain) = lower.strip_prefix(SCHEME).unwrap_or(&lower).rsplit_once('@')?;
    let of_name = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    let is_name = !local.is_empty()
        && local.len() <= EMAIL_LOCAL_BYTES_MAX
        && local.chars().all(of_name)
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..");
    if !is_name {
        return None;
    }
    let address = format!("{local}@{}", self::domain(domain)?);
    (address.len() <= EMAIL_BYTES_MAX).then_some(address)
}

/// As the network knows it, so that `bücher.example` and `xn--bcher-kva.example` are one.
fn domain(written: &str) -> Option<String> {
    let domain = if written.is_ascii() {
        written.to_owned()
    } else {
        // What is escaped would be read as something else.
        Host::parse(Some(written).filter(|written| !written.contains('%'))?).ok()?.to_string()
    };
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= EMAIL_LABEL_BYTES_MAX
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let (_, top) = domain.rsplit_once('.')?;
    // One of digits is the end of an address of a host.
    let is_name = domain.split('.').all(is_label) && !top.bytes().all(|byte| byte.is_ascii_digit());
    is_name.then_some(domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_a_name_and_a_domain() {
        for (value, form) in [
            ("Ann@Example.com", Some("ann@example.com")),
            ("o'neil+news@mail.example.co.uk", Some("o'neil+news@mail.example.co.uk")),
            ("ann", None),
            ("ann@localhost", None),
            ("ann@@example.com", None),
            ("ann smith@example.com", None),
            ("ann@example..com", None),
            ("ann@-example.com", None),
            (".ann@example.com", None),
            ("@example.com", None),
            ("ann@", None),
            ("a@1.2", None),
            ("a@127.0.0.1", None),
            ("ann@example.7", None),
            ("ann@7.example", Some("ann@7.example")),
        ] {
            assert_eq!(email(value).as_deref(), form, "{value}");
        }
    }

    #[test]
    fn two_spellings_of_an_address_are_one() {
        for (value, form) in [
            ("ann@bücher.example", "ann@xn--bcher-kva.example"),
            ("ann@bu\u{308}cher.example", "ann@xn--bcher-kva.example"),
            ("ann@BÜCHER.example", "ann@xn--bcher-kva.example"),
            ("ann@xn--bcher-kva.example", "ann@xn--bcher-kva.example"),
            ("jose\u{301}@example.com", "josé@example.com"),
            ("josé@example.com", "josé@example.com"),
            ("mailto:ann@example.com", "ann@example.com"),
            ("MailTo:Ann@example.com", "ann@example.com"),
            // The network has one name for both domains, and nobody has one mailbox for both names.
            ("kate@\u{212a}shop.example", "kate@kshop.example"),
            ("\u{212a}ate@shop.example", "\u{212a}ate@shop.example"),
        ] {
            assert_eq!(email(value).as_deref(), Some(form), "{value}");
        }
        for none in [
            "ann@bü%41.example",
            "ann@bü cher.example",
            "ann@ü",
            "mailto:ann",
            "a\u{1fef}@x.example",
        ] {
            assert_eq!(email(none), None, "{none}");
        }
    }
}
