//! The database's URL: what the client library understands of it, and what it leaves to us.

use std::path::PathBuf;

use tokio_postgres::Config;
use tokio_postgres::config::SslMode;

use crate::storage::StorageError;

/// How sure the connection must be of whom it speaks to, as `sslmode` says (PostgreSQL's manual,
/// "SSL Mode Descriptions").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trust {
    /// TLS or not, and whoever answers.
    Anybody,
    /// A certificate that a known authority has signed.
    Signed,
    /// The same, and made out for this host.
    Named,
}

/// What stands between Kith and the database, as the parameter `pooler` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pooler {
    /// Nothing, or what keeps a connection for as long as its client does.
    None,
    /// What gives a connection to each transaction anew, such as `pool_mode = transaction`.
    Transaction,
}

/// Where the database is and how to speak to it.
#[derive(Clone, Debug)]
pub(super) struct Address {
    pub(super) config: Config,
    pub(super) trust: Trust,
    /// Authorities to trust instead of the system's.
    pub(super) root_certificates: Option<PathBuf>,
    pub(super) pooler: Pooler,
}

impl Address {
    /// Reads `postgres://user:password@host:port/database?sslmode=…&sslrootcert=…&pooler=…`.
    pub(super) fn read(url: &str) -> Result<Self, StorageError> {
        let (place, query) = url.split_once('?').unwrap_or((url, ""));
        let is_url = place.starts_with("postgres://") || place.starts_with("postgresql://");
        if !is_url {
            return Err(unreadable("it must begin with postgres://"));
        }
        let (mut rest, mut mode, mut root_certificates) = (String::new(), None, None);
        let mut pooler = Pooler::None;
        let mut others = form_urlencoded::Serializer::new(&mut rest);
        for (key, value) in form_urlencoded::parse(query.as_bytes()) {
            match key.as_ref() {
                "sslmode" => mode = Some(value.into_owned()),
                "sslrootcert" if value == "system" => {}
                "sslrootcert" => root_certificates = Some(PathBuf::from(value.into_owned())),
                "pooler" if value == "transaction" => pooler = Pooler::Transaction,
                "pooler" => return Err(unreadable("pooler can be transaction, or be left out")),
                _ => drop(others.append_pair(&key, &value)),
            }
        }
        // A blank is a `+` in forms only; whatever is a plus is written otherwise here.
        let rest = rest.replace('+', "%20");
        let text = if rest.is_empty() { place.to_owned() } else { format!("{place}?{rest}") };
        // The library's error does not say which, and no value is told of: the password is one.
        let mut config: Config = text.parse().map_err(|error: tokio_postgres::Error| {
            let named = unknown(&rest)
                .map(|key| format!("it has a parameter that is not known or not well: {key}"));
            unreadable(&named.unwrap_or_else(|| error.to_string()))
        })?;
        let (ssl, trust) = ssl(mode.as_deref(), root_certificates.is_some())?;
        config.ssl_mode(ssl).application_name("kith");
        Ok(Self { config, trust, root_certificates, pooler })
    }
}

/// The first parameter that the client library does not take, if it looks like one: what stands behind a `?` in a
/// password does not.
fn unknown(query: &str) -> Option<String> {
    let taken = |pair: &&str| format!("postgres://k@h/d?{pair}").parse::<Config>().is_ok();
    let wrong = query.split('&').find(|pair| !taken(pair))?;
    let (key, _) = wrong.split_once('=')?;
    let is_name = key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    is_name.then(|| key.to_owned())
}

/// A root certificate makes `require` mean what `verify-ca` does, as in PostgreSQL's own client.
fn ssl(mode: Option<&str>, has_root: bool) -> Result<(SslMode, Trust), StorageError> {
    Ok(match mode {
        Some("disable") => (SslMode::Disable, Trust::Anybody),
        None | Some("prefer" | "allow") => (SslMode::Prefer, Trust::Anybody),
        Some("require") if has_root => (SslMode::Require, Trust::Signed),
        Some("require") => (SslMode::Require, Trust::Anybody),
        Some("verify-ca") => (SslMode::Require, Trust::Signed),
        Some("verify-full") => (SslMode::Require, Trust::Named),
        Some(_) => {
            let known = "disable, allow, prefer, require, verify-ca or verify-full";
            return Err(unreadable(&format!("sslmode must be {known}")));
        }
    })
}

fn unreadable(why: &str) -> StorageError {
    StorageError::Failed(format!("database_url cannot be read: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> (SslMode, Trust) {
        let address = Address::read(&format!("postgres://k:p%40@db.example:5433/kith{query}"));
        let address = address.unwrap();
        (address.config.get_ssl_mode(), address.trust)
    }

    #[test]
    fn sslmode_means_what_it_means_to_others() {
        assert_eq!(read(""), (SslMode::Prefer, Trust::Anybody));
        assert_eq!(read("?sslmode=disable"), (SslMode::Disable, Trust::Anybody));
        assert_eq!(read("?sslmode=require"), (SslMode::Require, Trust::Anybody));
        assert_eq!(read("?sslmode=require&sslrootcert=/r.pem"), (SslMode::Require, Trust::Signed));
        assert_eq!(read("?sslmode=verify-ca"), (SslMode::Require, Trust::Signed));
        assert_eq!(
            read("?sslmode=verify-full&sslrootcert=system"),
            (SslMode::Require, Trust::Named)
        );
    }

    #[test]
    fn the_rest_is_left_to_the_library() {
        let address = Address::read("postgresql://k@db/kith?connect_timeout=7").unwrap();
        assert_eq!(address.config.get_dbname(), Some("kith"));
        assert_eq!(address.config.get_connect_timeout().map(std::time::Duration::as_secs), Some(7));
    }

    #[test]
    fn blanks_stay_blanks() {
        let address = Address::read("postgres://k@db/kith?options=-c%20search_path%3Da%2Bb");
        assert_eq!(address.unwrap().config.get_options(), Some("-c search_path=a+b"));
    }

    #[test]
    fn a_pooler_is_ours_to_know() {
        let address = Address::read("postgres://k@db/kith?pooler=transaction&connect_timeout=7");
        assert_eq!(address.unwrap().pooler, Pooler::Transaction);
        assert_eq!(Address::read("postgres://k@db/kith").unwrap().pooler, Pooler::None);
    }

    #[test]
    fn what_is_wrong_is_said_without_the_password() {
        for url in [
            "mysql://k:secret@db/x",
            "postgres://k:secret@db/x?sslmode=maybe",
            "postgres://k:secret@db:port/x",
            "postgres://k:secret@db/x?nonsense=secret",
            "postgres://k:secret@db/x?pooler=statement",
            "postgres://k:se?secret@db/x",
        ] {
            let error = Address::read(url).unwrap_err().to_string();
            assert!(error.contains("database_url") && !error.contains("secret"), "{error}");
        }
        let error = Address::read("postgres://k@db/x?connect_timeout=7&sslcert=/c.pem");
        assert!(error.unwrap_err().to_string().ends_with(": sslcert"));
    }
}
