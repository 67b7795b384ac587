//! Who is asking: the user behind the bearer token, or the API key (docs/wire.md §8.1).

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;

use super::Group;
use crate::accounts::{self, Caller, Role};
use crate::app::App;
use crate::http::{ApiError, Code};
use crate::storage::{StorageError, StoredKey};

/// Whom the layer around a group has let in. A handler names it to know who asks; it is never what
/// protects the handler.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The user: whoever has signed in, or has made the key. Empty for a key of the command line.
    pub email: String,
    /// What they are; roles that this version does not know are left out. Where a key asks, those
    /// that it has and that whoever made it could give it.
    pub roles: Vec<Role>,
    /// The key that asks, where one does.
    pub key: Option<Arc<KeyAsks>>,
    /// The address that they ask from.
    address: Option<String>,
    /// They, or whoever made the key, must have one-time codes and have none yet.
    lacks_totp: bool,
    /// What they ask says who people are, whatever its address is: the audit log has it so.
    looks_at_people: Arc<AtomicBool>,
}

/// Somebody as the audit log has them.
#[derive(Clone, Debug)]
pub struct Who {
    /// A user's e-mail address, or what else does something.
    pub name: String,
    /// Where from.
    pub address: Option<String>,
}

impl Who {
    /// What has no address.
    pub fn named(name: &str) -> Self {
        Self { name: name.to_owned(), address: None }
    }
}

/// A key that asks.
#[derive(Clone, Debug)]
pub struct KeyAsks {
    id: String,
    name: String,
    roles: Vec<Role>,
    scopes: Vec<String>,
    /// What whoever made it may do now; none for the command line, which may everything.
    maker: Option<Vec<Role>>,
}

impl SignedIn {
    /// Whoever the token or the key among these headers proves.
    pub(in crate::http) async fn of(
        app: &Arc<App>,
        headers: &HeaderMap,
        peer: Option<SocketAddr>,
    ) -> Result<Self, ApiError> {
        let token = bearer(headers).ok_or(Code::NotAuthenticated)?;
        let address = app.client_address(headers, peer);
        let (app, now) = (Arc::clone(app), app.clock.now());
        let work = move || {
            let storage = app.storage.as_ref();
            let caller: Option<Caller> =
                accounts::authenticate(storage, &app.hashing, now, &token)?;
            if let Some(Caller::Key(key, _)) = &caller {
                note_use(&app, key);
            }
            let user = caller.as_ref().and_then(Caller::user);
            let lacks_totp = user.is_some_and(|user| app.totp.lacks(user));
            Ok::<_, StorageError>(caller.map(|caller| Self {
                address,
                lacks_totp,
                ..caller.into()
            }))
        };
        let caller = tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| StorageError::Failed(error.to_string()))??;
        Ok(caller.ok_or(Code::TokenInvalid)?)
    }

    /// Whether they may use the routes of a group. A key never may more than whoever made it.
    #[must_use]
    pub fn may(&self, group: Group) -> bool {
        if self.lacks_totp && (self.key.is_some() || group != Group::Own) {
            return false;
        }
        let Some(key) = &self.key else { return group.admits(&self.roles) };
        let maker_may = key.maker.as_ref().is_none_or(|roles| group.admits(roles));
        maker_may && group.admits_key(&key.roles, &key.scopes)
    }

    /// Refuses those who may not read people, and has the audit log say that people were looked at: for
    /// answers that show them at an address which otherwise shows none.
    ///
    /// # Errors
    /// 403, with what is missing.
    pub(in crate::http) fn looks_at_people(&self) -> Result<(), ApiError> {
        self.looks_at_people.store(true, Ordering::Relaxed);
        if self.may(Group::Profiles) {
            return Ok(());
        }
        let sentence = format!("This shows people, and needs {} as well.", Group::Profiles.name());
        Err(ApiError::new(Code::RoleMissing, sentence))
    }

    /// Whether [`Self::looks_at_people`] was asked, from now on: of this request.
    pub(in crate::http) fn has_looked_at_people(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.looks_at_people)
    }

    /// Who it is, as the audit log has it.
    #[must_use]
    pub fn who(&self) -> Who {
        let maker = if self.email.is_empty() { "command line" } else { &self.email };
        let name = match &self.key {
            Some(key) => format!("{maker} by key {} ({})", key.name, key.id),
            None => self.email.clone(),
        };
        Who { name, address: self.address.clone() }
    }

    /// Whose it is what they make: the user's, by whatever key; that of a key with nobody behind it is its own.
    #[must_use]
    pub fn owner(&self) -> String {
        if self.email.is_empty() { self.who().name } else { self.email.clone() }
    }

    pub(super) fn lacks_a_role(&self) -> ApiError {
        if self.lacks_totp {
            return Code::TotpNeeded.into();
        }
        let key = "The key has no role or scope that allows this, or whoever made it may not.";
        let sentence = if self.key.is_some() { key } else { Code::RoleMissing.sentence() };
        ApiError::new(Code::RoleMissing, sentence)
    }
}

impl From<Caller> for SignedIn {
    fn from(caller: Caller) -> Self {
        let known = |names: &[String]| names.iter().filter_map(|name| Role::named(name)).collect();
        match caller {
            Caller::User(user) => Self {
                roles: known(&user.roles),
                email: user.email,
                key: None,
                address: None,
                lacks_totp: false,
                looks_at_people: Arc::default(),
            },
            Caller::Key(key, maker) => {
                let maker: Option<Vec<Role>> = maker.map(|user| known(&user.roles));
                let roles: Vec<Role> = known(&key.roles);
                let gives = |role: &&Role| {
                    let has = |maker: &Vec<Role>| {
                        maker.iter().any(|one| one == *role || *one == Role::Admin)
                    };
                    maker.as_ref().is_none_or(has)
                };
                let given = roles.iter().filter(gives).copied().collect();
                let asks = KeyAsks { id: key.id, name: key.name, roles, scopes: key.scopes, maker };
                let (email, key) = (key.owner, Some(Arc::new(asks)));
                let looks_at_people = Arc::default();
                Self { email, roles: given, key, address: None, lacks_totp: false, looks_at_people }
            }
        }
    }
}

/// Writes down that a key was used. Whoever asks does not fail for it: the disk may be full.
fn note_use(app: &App, key: &StoredKey) {
    let now = app.clock.now();
    let Some(since) = app.key_uses.is_due(key, now) else { return };
    if let Err(error) = app.storage.key_used(&key.id, now, since) {
        tracing::warn!(%error, "the use of a key was not noted");
    }
}

impl<State: Sync> FromRequestParts<State> for SignedIn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &State) -> Result<Self, ApiError> {
        // Only a handler of the open group can miss it, and such a handler is a mistake of ours.
        Ok(parts.extensions.get::<Self>().cloned().ok_or(Code::Defect)?)
    }
}

/// The token after `Bearer`, in any case.
fn bearer(headers: &HeaderMap) -> Option<String> {
    let header = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = header.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::StoredUser;

    #[track_caller]
    fn check(maker: Option<&[&str]>, expected: &[Role]) {
        let names = |roles: &[&str]| roles.iter().map(|role| (*role).to_owned()).collect();
        let key = StoredKey { roles: names(&["developer", "marketer"]), ..StoredKey::default() };
        let maker = maker.map(|roles| StoredUser { roles: names(roles), ..StoredUser::default() });
        assert_eq!(SignedIn::from(Caller::Key(key, maker)).roles, expected);
    }

    #[test]
    fn a_key_is_nothing_that_whoever_made_it_is_not() {
        check(None, &[Role::Developer, Role::Marketer]);
        check(Some(&["admin"]), &[Role::Developer, Role::Marketer]);
        check(Some(&["marketer", "maintainer"]), &[Role::Marketer]);
        check(Some(&[]), &[]);
    }
}
