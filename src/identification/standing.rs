//! Where two who become one stand: what they did, and which audiences they are in.

use std::sync::Arc;

use crate::model::{Entering, Membership, Profile, ProfileId};

/// What either did, and every audience that either is in: whoever looks next decides whether they still are.
pub(super) fn unite(merged: &mut Profile, loser: &Profile) {
    merged.tallies.unite(&loser.tallies);
    let id = merged.id.clone();
    for (audience, theirs) in &loser.audiences {
        let told_of = theirs.entering.ids(&loser.id).iter().cloned();
        let theirs = Membership { entering: Entering::of(told_of, &id), ..theirs.clone() };
        let both = match merged.audiences.remove(audience) {
            Some(ours) => one_of(ours, theirs, &id),
            None => theirs,
        };
        merged.audiences.insert(Arc::clone(audience), both);
    }
    merged.due = merged.due.into_iter().chain(loser.due).min();
    merged.woken = merged.woken.or(loser.woken);
}

/// The one that has lasted longer, told of all whom either is told of. It is in doubt, and untold, where both are.
fn one_of(ours: Membership, theirs: Membership, person: &ProfileId) -> Membership {
    let (in_doubt, fades) = (ours.in_doubt && theirs.in_doubt, ours.fades || theirs.fades);
    let (older, other) = if theirs.since < ours.since { (theirs, ours) } else { (ours, theirs) };
    let told_of = [&older, &other].into_iter().flat_map(|one| one.entering.ids(person));
    let entering = Entering::of(told_of.cloned(), person);
    Membership { in_doubt, entering, fades, ..older }
}

#[cfg(test)]
mod tests {
    use super::super::merge;
    use super::*;
    use crate::model::Time;

    #[test]
    fn who_was_in_it_each_by_themselves_is_in_it_once_and_told_of_each() {
        let since = |id: &str, at: i64, entering: Entering| {
            let mut profile = Profile::new(ProfileId::new(id), Time::from_micros(1));
            let since = Time::from_micros(at);
            let fades = id == "b";
            let one = Membership { since, event: None, in_doubt: false, entering, fades };
            profile.audiences.insert("vip".into(), one);
            profile
        };
        let (ann, bob) = (since("a", 5, Entering::Own), since("b", 3, Entering::Own));
        let eve = since("c", 4, Entering::Untold);
        let standing = |both: &Profile| {
            let one = &both.audiences["vip"];
            (one.since.micros(), one.entering.ids(&both.id).to_vec())
        };
        let [a, b] = ["a", "b"].map(ProfileId::new);
        assert!(
            merge(&ann, &bob).audiences["vip"].fades && merge(&bob, &ann).audiences["vip"].fades
        );
        assert_eq!(standing(&merge(&ann, &bob)), (3, vec![b.clone(), a.clone()]));
        assert_eq!(standing(&merge(&eve, &ann)), (4, vec![a.clone()]));
        assert_eq!(standing(&merge(&merge(&eve, &ann), &bob)), (3, vec![b, a]));
        assert_eq!(standing(&merge(&eve, &eve)), (4, vec![]));
    }
}
