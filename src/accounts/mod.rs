//! Who may administer: passwords, tokens, keys, and how often somebody may try.

mod account;
mod checks;
mod forwarded;
mod keys;
mod ledger;
mod logins;
mod network;
mod oidc;
mod password;
mod role;
mod tokens;
pub mod totp;
mod tries;

pub use account::Account;
pub use checks::Place;
pub use forwarded::forwarded;
pub use keys::{Uses, new_key};
pub use logins::{Attempt, Logins, Turned};
pub use network::Network;
pub use oidc::{ATTEMPT_TIME_MAX, Identity, Oidc, OidcError};
pub use password::{hash, is_strong, verify};
pub use role::Role;
pub use tokens::{Caller, authenticate, new_link, new_token};
