//! What led to a page.

use std::borrow::Cow;

/// How somebody came to a page (docs/api.md, "Referrers").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Referrer {
    /// Of what sort.
    pub kind: ReferrerKind,
    /// Which of that sort, where the list has a name for it: `Google`.
    pub name: Option<Cow<'static, str>>,
}

/// Sorts of what leads to a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReferrerKind {
    /// A search engine.
    Search,
    /// A social network, a forum, a messenger.
    Social,
    /// Mail, by a mail program in the browser or by a campaign that says so.
    Mail,
    /// An assistant that answers with links.
    Assistant,
    /// Something that was paid for.
    Ads,
    /// A link that was marked.
    Campaign,
    /// Another page of the same site.
    Internal,
    /// Nothing: it was typed, or what led there says nothing.
    Direct,
    /// Any other page.
    Other,
}

impl ReferrerKind {
    const ALL: [Self; 9] = [
        Self::Search,
        Self::Social,
        Self::Mail,
        Self::Assistant,
        Self::Ads,
        Self::Campaign,
        Self::Internal,
        Self::Direct,
        Self::Other,
    ];

    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Search => "search",
            Self::Social => "social",
            Self::Mail => "mail",
            Self::Assistant => "assistant",
            Self::Ads => "ads",
            Self::Campaign => "campaign",
            Self::Internal => "internal",
            Self::Direct => "direct",
            Self::Other => "other",
        }
    }

    /// The sort of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

impl Referrer {
    /// As history has it.
    #[must_use]
    pub fn read(kind: Option<&str>, name: Option<&str>) -> Option<Self> {
        let kind = ReferrerKind::named(kind?)?;
        Some(Self { kind, name: name.map(|name| Cow::Owned(name.to_owned())) })
    }
}
