//! What unites nobody until somebody has decided.

use std::hash::Hasher as _;

use siphasher::sip128::{Hasher128 as _, SipHasher13};

use super::Living;
use crate::model::{IdentifierKey, ProfileId};

/// An identifier by which two people would be one, and why they are not yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// What both are known by.
    pub key: IdentifierKey,
    /// Who holds it.
    pub holder: ProfileId,
    /// Why nobody was united.
    pub reason: Reason,
}

/// Why two people wait for a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// A public source named it, and the settings say that somebody is to be asked.
    Public,
    /// More ids would lead to one person than may.
    Ids,
    /// One person would unite more in a day than may be.
    Merges,
}

impl Reason {
    const NAMED: [(&str, Self); 3] =
        [("public", Self::Public), ("ids_max", Self::Ids), ("merges_a_day_max", Self::Merges)];

    /// Whether it was too much, and not only named by somebody who is not trusted.
    #[must_use]
    pub fn is_of_a_guard(self) -> bool {
        self != Self::Public
    }

    /// The name in the database and on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::NAMED.into_iter().find(|(_, one)| *one == self).map_or("", |(name, _)| name)
    }
}

impl Doubt {
    /// Of whoever holds this.
    #[must_use]
    pub fn of(key: &IdentifierKey, holder: &Living, reason: Reason) -> Self {
        Self { key: key.clone(), holder: holder.id.clone(), reason }
    }

    /// Its number: the same whenever the same visitor and the same holder are named by the same key.
    #[must_use]
    pub fn id(&self, visitor: &ProfileId) -> String {
        let mut hasher = SipHasher13::new();
        let parts = [self.key.namespace.as_str(), &self.key.hash, visitor.as_str()];
        for part in parts.into_iter().chain([self.holder.as_str()]) {
            hasher.write(part.as_bytes());
            hasher.write_u8(0xff);
        }
        format!("{:032x}", hasher.finish128().as_u128())
    }
}
