//! In which audiences people are who are taken apart, until somebody has looked at them.
//!
//! Both are in what they were in together, and in what history tells of them. Whether one is, who was not by
//! themselves, is in doubt.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::told::Told;
use crate::model::{InSegments, Membership, Profile, Watching, mark};

/// In all that they were in together and in what they were told to have entered, and among the segments where these
/// stand there. What they were in together is not in doubt where `is_kept` says so.
pub(super) fn stand_as_whole(
    person: &mut Profile,
    whole: &Profile,
    told: &Told,
    watching: &dyn Watching,
    is_kept: &dyn Fn(&Membership) -> bool,
) {
    let mut own = std::mem::take(&mut person.audiences);
    // Of audiences that are gone, or were never here, there is nothing to stand in.
    let there_is = |audience: &Arc<str>| watching.audience(audience).is_some();
    let mut all: BTreeMap<&Arc<str>, Membership> =
        told.standing().filter(|(audience, _)| there_is(audience)).collect();
    all.extend(whole.audiences.iter().map(|(audience, together)| {
        let in_doubt = together.in_doubt || !is_kept(together);
        (audience, Membership { in_doubt, ..together.clone() })
    }));
    for (audience, doubted) in all {
        let mut membership = own.remove(audience).unwrap_or(doubted);
        told.tell(audience, &person.id, &mut membership);
        let marks = marks(watching, audience);
        membership.fades |= marks == InSegments::WhileIn;
        person.audiences.insert(Arc::clone(audience), membership);
        if marks != InSegments::Never {
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
        let is_one = |watching: &dyn Watching| marks(watching, name) != InSegments::Never;
        whole.audiences.contains_key(name) && watching.is_some_and(is_one)
    };
    person.segments.retain(|name| !stands(name));
    person
}

/// Whether an audience stands among the segments of those who are in it.
fn marks(watching: &dyn Watching, audience: &str) -> InSegments {
    watching.audience(audience).map_or(InSegments::Never, |(_, marks)| marks)
}
