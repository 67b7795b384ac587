//! Roles: what a user may do, by the reference's names (docs/wire.md §8.1).

/// One of a user's roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// May do everything.
    Admin,
    /// Connects what sends and what receives.
    Developer,
    /// Works with people and what they did.
    Marketer,
    /// Keeps the data in order.
    Maintainer,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Admin, Self::Developer, Self::Marketer, Self::Maintainer];

    /// As it is stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Developer => "developer",
            Self::Marketer => "marketer",
            Self::Maintainer => "maintainer",
        }
    }

    /// The role of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }
}
