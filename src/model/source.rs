//! An event source: who may send, through which door, and what is kept of it.

use super::{ProfileView, SourceId, Time, Trust};

/// The kind of door a source may use (docs/wire.md §2.1, "bridge").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bridge {
    /// `POST /track`.
    Rest,
    /// `/collect`.
    Webhook,
    /// `/redirect`.
    Redirect,
}

impl Bridge {
    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rest => "rest",
            Self::Webhook => "webhook",
            Self::Redirect => "redirect",
        }
    }

    /// The bridge of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Rest, Self::Webhook, Self::Redirect].into_iter().find(|b| b.as_str() == name)
    }
}

/// Whose events a webhook's are (docs/wire.md §2.3). Unless one of these says so, and without a
/// session in the address, they are nobody's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// Everybody is somebody: known by what the properties say, or new.
    pub generate_profile: bool,
    /// Who is known by what the properties say has one session for good.
    pub sticky_session: bool,
    /// Where in the properties the profile id stands; it is taken as it is.
    pub replace_profile_id: Option<String>,
}

impl Default for Webhook {
    fn default() -> Self {
        Self { generate_profile: false, sticky_session: true, replace_profile_id: None }
    }
}

/// An event source.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the reference's source")]
pub struct Source {
    /// Public: it stands in every page that sends.
    pub id: SourceId,
    /// For people.
    pub name: String,
    /// For people.
    pub description: String,
    /// The doors it may use.
    pub bridges: Vec<Bridge>,
    /// Off: everything it sends is refused.
    pub enabled: bool,
    /// Ephemeral: neither sessions nor events are kept, profiles are (docs/wire.md §1.9).
    pub transitional: bool,
    /// The payload's profile id is taken as it is, also when unknown (docs/wire.md §3.3).
    pub static_profile_id: bool,
    /// How far it is believed when it says who somebody is.
    pub trust: Trust,
    /// What its secret is made of, with the installation's key; none: it has no secret.
    pub secret: Option<String>,
    /// What `/collect` does about people.
    pub webhook: Webhook,
    /// Answers may carry the profile's body when an event asks for it.
    pub returns_profile: bool,
    /// What of the person each answer tells.
    pub profile_view: ProfileView,
    /// Copied to sessions and events.
    pub channel: String,
    /// `Origin`s that may send; empty: any.
    pub allowed_origins: Vec<String>,
    /// Events keep the address they came from. Off unless somebody decides to.
    pub keeps_ip: bool,
    /// Of those that are kept, the last part is left out: a /24 of IPv4, a /48 of IPv6.
    pub cuts_ip: bool,
    /// Events older than this many days are removed; 0: as the settings say.
    pub retention_days: u64,
    /// For grouping in lists.
    pub tags: Vec<String>,
    /// When it was first stored.
    pub created: Time,
}

impl Source {
    /// Servers call webhooks; everything else stands in pages.
    #[must_use]
    pub fn usual_trust(bridges: &[Bridge]) -> Trust {
        let is_a_servers = bridges.iter().all(|bridge| *bridge == Bridge::Webhook);
        if is_a_servers { Trust::Trusted } else { Trust::Public }
    }

    /// A source with the reference's defaults.
    #[must_use]
    pub fn new(id: SourceId, name: &str, bridges: Vec<Bridge>, created: Time) -> Self {
        let trust = Self::usual_trust(&bridges);
        Self {
            id,
            name: name.to_owned(),
            trust,
            secret: None,
            description: String::new(),
            bridges,
            enabled: true,
            transitional: false,
            static_profile_id: false,
            webhook: Webhook::default(),
            returns_profile: false,
            profile_view: ProfileView::default(),
            channel: String::new(),
            allowed_origins: Vec::new(),
            keeps_ip: false,
            cuts_ip: false,
            retention_days: 0,
            tags: vec!["general".to_owned()],
            created,
        }
    }
}
