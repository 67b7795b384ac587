//! What a tracker hears of the person it sends for: audiences and some traits, by name.

use super::Path;

/// Stands for every audience. Only for servers.
pub const EVERY_AUDIENCE: &str = "*";
/// Where a trait that is heard may begin.
pub const HEARD_ROOTS: [&str; 7] =
    ["traits", "computed", "data", "aux", "interests", "consents", "segments"];

/// See the module. Nothing, unless somebody has decided so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfileView {
    /// Ids of audiences: it hears of those that the person is in. [`EVERY_AUDIENCE`] for all of them.
    pub audiences: Vec<String>,
    /// Places of a profile: `traits.plan`, `computed.spent`.
    pub traits: Vec<Path>,
}

impl ProfileView {
    /// Whether there is nothing to hear.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.audiences.is_empty() && self.traits.is_empty()
    }

    /// Whether it hears that somebody is in this audience.
    #[must_use]
    pub fn has(&self, audience: &str) -> bool {
        self.audiences.iter().any(|named| named == audience || named == EVERY_AUDIENCE)
    }
}
