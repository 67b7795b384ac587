//! The audiences that somebody is in, while it is being found out.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::{Membership, Profile, mark};

/// Those that the profile says, and what has changed since. Nothing of the profile is copied: most looks change
/// nothing.
#[derive(Clone, Debug)]
pub(super) struct Memberships<'a> {
    before: Option<&'a BTreeMap<Arc<str>, Membership>>,
    changed: BTreeMap<Arc<str>, bool>,
    /// The segments, where they are others by now than the profile says.
    segments: Option<Vec<String>>,
}

impl<'a> Memberships<'a> {
    /// None.
    pub(super) const fn none() -> Self {
        Self { before: None, changed: BTreeMap::new(), segments: None }
    }

    /// As the profile says.
    pub(super) fn of(profile: &'a Profile) -> Self {
        Self { before: Some(&profile.audiences), ..Self::none() }
    }

    pub(super) fn contains(&self, audience: &str) -> bool {
        let changed = self.changed.get(audience).copied();
        changed.unwrap_or_else(|| self.before.is_some_and(|before| before.contains_key(audience)))
    }

    /// Somebody is in it from here on, or is not.
    pub(super) fn put(&mut self, audience: &Arc<str>, is_in: bool) {
        self.changed.insert(Arc::clone(audience), is_in);
    }

    /// The same of an audience that stands among the segments of `profile`.
    pub(super) fn mark(&mut self, audience: &Arc<str>, is_in: bool, profile: &Profile) {
        let segments = self.segments.get_or_insert_with(|| profile.segments.clone());
        mark(segments, audience, is_in);
    }

    /// The segments, where they are others by now than the profile says.
    pub(super) fn segments(&self) -> Option<&[String]> {
        self.segments.as_deref()
    }

    /// All of them.
    pub(super) fn all(&self) -> impl Iterator<Item = &Arc<str>> {
        let before = self.before.into_iter().flat_map(BTreeMap::keys);
        let before = before.filter(|audience| !self.changed.contains_key(*audience));
        before.chain(self.changed.iter().filter(|(_, is_in)| **is_in).map(|(audience, _)| audience))
    }
}
