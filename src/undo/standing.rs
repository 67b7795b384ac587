//! In which audiences people are who are taken apart, until somebody has looked at them.
//!
//! Both are in what they were in together, so that whoever leaves is told of it. Whether one is, who was not by
//! themselves, is in doubt.

use std::sync::Arc;

use crate::model::{Membership, Profile, Watching, mark};

/// In all that they were in together, and among the segments where these stand there. It is not in doubt where
/// `is_kept` says so.
pub(super) fn stand_as_whole(
    person: &mut Profile,
    whole: &Profile,
    watching: &dyn Watching,
    is_kept: &dyn Fn(&Membership) -> bool,
) {
    let own = std::mem::take(&mut person.audiences);
    for (audience, together) in &whole.audiences {
        let in_doubt = together.in_doubt || !is_kept(together);
        let doubted = || Membership { in_doubt, ..together.clone() };
        let membership = own.get(audience).cloned().unwrap_or_else(doubted);
        person.audiences.insert(Arc::clone(audience), membership);
        if marks(watching, audience) {
            mark(&mut person.segments, audience, true);
        }
    }
}

/// Without the segments that stand there since `whole` is in an audience: they go with where each stands, and are not
/// told, or left to the older one, by themselves.
pub(super) fn without(
    person: &Profile,
    whole: &Profile,
    watching: Option<&dyn Watching>,
) -> Profile {
    let mut person = person.clone();
    let stands = |name: &str| {
        let is_one = |watching: &dyn Watching| marks(watching, name);
        whole.audiences.contains_key(name) && watching.is_some_and(is_one)
    };
    person.segments.retain(|name| !stands(name));
    person
}

/// Whether an audience stands among the segments of those who are in it.
fn marks(watching: &dyn Watching, audience: &str) -> bool {
    watching.audience(audience).is_some_and(|(_, marks)| marks)
}
