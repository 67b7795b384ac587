//! What holds for every namespace: whom to believe, and how much one person may unite.

/// How far a source is believed when it says who somebody is. In rising order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trust {
    /// A page: whoever can open it can send what it sends.
    Public,
    /// A page whose server signs what it says of its visitors.
    Signed,
    /// A server: it may name anybody.
    Trusted,
}

/// What a public source may do with an identifier that is somebody else's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PublicMode {
    /// Unite both, as the reference does.
    Merge,
    /// Send events to the one who is known; nothing else.
    #[default]
    Link,
    /// Keep the events with the visitor, and let somebody decide.
    Ask,
}

/// Which profile ids in links are believed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Links {
    /// Those with a signature of ours that has not run out.
    #[default]
    Signed,
    /// Any, as in the reference.
    Any,
}

/// What holds for all namespaces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IdentitySettings {
    /// What public sources may do, unless a namespace says otherwise.
    pub public: PublicMode,
    /// Which ids in links are believed.
    pub links: Links,
    /// How much one person may unite.
    pub guards: Guards,
}

/// How much one person may unite before somebody is asked (docs/decisions/0014-trusted-identity.md
/// says where the defaults come from).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guards {
    /// Ids that may lead to one person.
    pub ids_max: u64,
    /// Mergers of one person in a day (UTC).
    pub merges_a_day_max: u64,
}

impl Default for Guards {
    fn default() -> Self {
        Self { ids_max: 500, merges_a_day_max: 20 }
    }
}

impl Trust {
    const NAMED: [(&str, Self); 3] =
        [("public", Self::Public), ("signed", Self::Signed), ("trusted", Self::Trusted)];

    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        name_of(&Self::NAMED, &self)
    }

    /// The trust of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        named(&Self::NAMED, name)
    }
}

impl PublicMode {
    const NAMED: [(&str, Self); 3] =
        [("merge", Self::Merge), ("link", Self::Link), ("ask", Self::Ask)];

    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        name_of(&Self::NAMED, &self)
    }

    /// The mode of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        named(&Self::NAMED, name)
    }
}

impl Links {
    const NAMED: [(&str, Self); 2] = [("signed", Self::Signed), ("any", Self::Any)];

    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        name_of(&Self::NAMED, &self)
    }

    /// Those of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        named(&Self::NAMED, name)
    }
}

fn named<T: Copy>(all: &[(&str, T)], name: &str) -> Option<T> {
    all.iter().find(|(known, _)| *known == name).map(|(_, one)| *one)
}

fn name_of<T: PartialEq>(all: &[(&'static str, T)], one: &T) -> &'static str {
    all.iter().find(|(_, known)| known == one).map_or("", |(name, _)| name)
}
