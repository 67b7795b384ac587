//! Who may see every field, and what others see.

use super::SignedIn;
use crate::accounts::Role;
use crate::app::App;
use crate::model::Masking;

/// Those who see what `masking.fields` hides from others, the public included; `docs/api.md` says the
/// same.
const MAY_SEE: [Role; 2] = [Role::Admin, Role::Maintainer];

/// What is hidden from this user.
pub(super) fn from(app: &App, user: &SignedIn) -> Masking {
    if may_see(user) { Masking::default() } else { app.masking.clone() }
}

/// Whether nothing is hidden from this user.
pub(super) fn may_see(user: &SignedIn) -> bool {
    user.roles.iter().any(|role| MAY_SEE.contains(role))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANUAL: &str = include_str!("../../docs/api.md");

    #[test]
    fn the_manual_says_who_sees_everything() {
        let roles = MAY_SEE.map(|role| format!("`{}`", role.as_str())).join(", ");
        assert!(MANUAL.contains(&format!("| every field | {roles} |")), "{roles}");
    }
}
