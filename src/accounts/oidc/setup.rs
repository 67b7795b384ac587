//! The settings of the sign-in with a provider, understood.

use serde_json::{Map, Value};

use crate::accounts::Role;
use crate::config::OidcConfig;

/// What must hold once for every sign-in.
#[derive(Debug)]
pub(crate) struct Setup {
    pub(super) issuer: String,
    pub(super) client_id: String,
    /// Empty for a public client, which has PKCE alone.
    pub(super) client_secret: String,
    pub(super) redirect_url: String,
    pub(super) scopes: String,
    claim: Vec<String>,
    map: Vec<(String, Role)>,
    pub(super) return_path: String,
}

impl Setup {
    /// None where the settings name no provider.
    pub(super) fn read(config: &OidcConfig) -> Result<Option<Self>, String> {
        if config.issuer.is_empty() {
            return Ok(None);
        }
        for (key, url) in [("issuer", &config.issuer), ("redirect_url", &config.redirect_url)] {
            if !is_safe(url) {
                return Err(format!("`accounts.oidc.{key}` must be a URL with https"));
            }
        }
        if config.client_id.is_empty() {
            return Err("`accounts.oidc.client_id` must be set".to_owned());
        }
        if !config.scopes.split_whitespace().any(|scope| scope == "openid") {
            let why = "without it no provider says who somebody is";
            return Err(format!("`accounts.oidc.scopes` must have openid: {why}"));
        }
        let path = &config.return_path;
        if !path.starts_with('/') || path.starts_with("//") || path.contains(['\\', '\r', '\n']) {
            return Err("`accounts.oidc.return_path` must be a path of this server".to_owned());
        }
        Ok(Some(Self {
            issuer: config.issuer.clone(),
            client_id: config.client_id.clone(),
            client_secret: config.client_secret.clone(),
            redirect_url: config.redirect_url.clone(),
            scopes: config.scopes.clone(),
            claim: config.roles_claim.split('.').map(str::to_owned).collect(),
            map: map(&config.roles)?,
            return_path: path.clone(),
        }))
    }

    /// What the claim says, wherever it is.
    pub(super) fn roles_claim<'a>(&self, claims: &'a Map<String, Value>) -> Option<&'a Value> {
        let whole = self.claim.join(".");
        // A name may have dots of its own, such as `https://shop.example/roles`.
        claims.get(&whole).or_else(|| {
            let (first, rest) = self.claim.split_first()?;
            rest.iter().try_fold(claims.get(first)?, |value, name| value.get(name))
        })
    }

    /// The roles that the claim's values stand for, each once, in the order of the table.
    pub(super) fn roles(&self, claims: &Map<String, Value>) -> Vec<String> {
        let said: Vec<&str> = match self.roles_claim(claims) {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let has = |role: &Role| {
            self.map.iter().any(|(value, given)| given == role && said.contains(&value.as_str()))
        };
        Role::ALL.into_iter().filter(has).map(|role| role.as_str().to_owned()).collect()
    }
}

/// `value=role, value=role`.
fn map(text: &str) -> Result<Vec<(String, Role)>, String> {
    let pairs = text.split(',').map(str::trim).filter(|pair| !pair.is_empty());
    let each = pairs.map(|pair| {
        let known = Role::ALL.map(Role::as_str).join(", ");
        let wrong = || format!("`accounts.oidc.roles` has `{pair}`; roles are {known}");
        let (value, role) = pair.rsplit_once('=').ok_or_else(wrong)?;
        let role = Role::named(role.trim()).ok_or_else(wrong)?;
        Ok((value.trim().to_owned(), role))
    });
    each.collect()
}

/// Whether what is sent there is nobody else's to read: TLS, or it stays on this machine.
pub(super) fn is_safe(url: &str) -> bool {
    let local = |rest: &str| {
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
        ["127.0.0.1", "localhost", "[::1]"].contains(&host)
    };
    match url.split_once("://") {
        Some(("https", rest)) => !rest.is_empty(),
        Some(("http", rest)) => local(rest),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn config() -> OidcConfig {
        OidcConfig {
            issuer: "https://id.example".to_owned(),
            client_id: "kith".to_owned(),
            client_secret: String::new(),
            redirect_url: "https://kith.example/user/oidc/callback".to_owned(),
            scopes: "openid email".to_owned(),
            roles_claim: "realm.roles".to_owned(),
            roles: "kith-admins=admin, a=b=marketer,ops=admin".to_owned(),
            return_path: "/".to_owned(),
        }
    }

    #[track_caller]
    fn check(claims: &Value, expected: &[&str]) {
        let setup = Setup::read(&config()).unwrap().unwrap();
        assert_eq!(setup.roles(claims.as_object().unwrap()), expected);
    }

    #[test]
    fn values_of_the_claim_stand_for_roles() {
        check(
            &json!({"realm": {"roles": ["a=b", "x", "ops", "kith-admins"]}}),
            &["admin", "marketer"],
        );
        check(&json!({"realm.roles": "ops"}), &["admin"]);
        check(&json!({"realm": {"roles": ["admin"]}}), &[]);
        check(&json!({"realm": "ops", "roles": ["ops"]}), &[]);
    }

    #[test]
    fn settings_that_would_give_secrets_away_are_refused() {
        let refused = |change: fn(&mut OidcConfig)| {
            let mut config = config();
            change(&mut config);
            Setup::read(&config).unwrap_err()
        };
        assert!(refused(|c| c.issuer = "http://id.example".to_owned()).contains("issuer"));
        assert!(
            refused(|c| c.redirect_url = "http://localhost.evil.example".to_owned())
                .contains("redirect_url")
        );
        assert!(refused(|c| c.return_path = "//evil.example".to_owned()).contains("return_path"));
        assert!(refused(|c| c.roles = "ops=king".to_owned()).contains("ops=king"));
        assert!(refused(|c| c.client_id = String::new()).contains("client_id"));
        assert!(refused(|c| c.scopes = "email profile".to_owned()).contains("must have openid"));
        assert!(is_safe("http://127.0.0.1:9000/x") && is_safe("http://[::1]:9000"));
        let off = OidcConfig { issuer: String::new(), ..config() };
        assert!(Setup::read(&off).unwrap().is_none());
    }
}
