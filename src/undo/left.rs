//! Who is left of those of whom mergers were written: all ids of the person taken apart are theirs, and no others.

use std::collections::HashSet;
use std::sync::Arc;

use crate::model::{Profile, ProfileId};

/// What `whole` becomes, whoever keeps its id first. Ids that came in by a merger that nobody knows of any more stay
/// with that one, as all that no event tells, and ids that are not the whole's are nobody's. None where nobody keeps
/// the id, or somebody would be another: then it has changed since it was read, or somebody of whom a merger was
/// written was removed.
pub(super) fn of_whole(
    mut people: Vec<Arc<Profile>>,
    whole: &Profile,
) -> Option<Vec<Arc<Profile>>> {
    people.sort_by(|one, other| one.seniority().cmp(&other.seniority()));
    let theirs: HashSet<&ProfileId> = whole.ids.iter().collect();
    let is_theirs = |id: &ProfileId| theirs.contains(id);
    if !people.iter().all(|one| is_theirs(&one.id)) {
        return None;
    }
    for one in people.iter_mut().filter(|one| !one.ids.iter().all(is_theirs)) {
        let one = Arc::make_mut(one);
        one.ids.retain(is_theirs);
        one.ended.retain(is_theirs);
    }
    let known: HashSet<ProfileId> = people.iter().flat_map(|one| one.ids.clone()).collect();
    let older = people.first_mut().filter(|older| older.id == whole.id)?;
    let untold = |id: &&ProfileId| !known.contains(*id);
    if whole.ids.iter().any(|id| untold(&id)) {
        let older = Arc::make_mut(older);
        older.ids.extend(whole.ids.iter().filter(untold).cloned());
        older.ended.extend(whole.ended.iter().filter(untold).cloned());
    }
    Some(people)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Time;

    fn of(created: i64, ids: &[&str]) -> Arc<Profile> {
        let mut profile = Profile::new(ProfileId::new(ids[0]), Time::from_micros(created));
        profile.ids = ids.iter().copied().map(ProfileId::new).collect();
        profile.ended = profile.ids[1..].to_vec();
        Arc::new(profile)
    }

    #[test]
    fn all_ids_are_somebodys_and_whose_is_not_told_is_the_older_ones() {
        let whole = of(1, &["ann", "bob", "eve"]);
        let left = of_whole(vec![of(2, &["bob"]), of(1, &["ann"])], &whole).unwrap();
        assert_eq!(left, [of(1, &["ann", "eve"]), of(2, &["bob"])]);
        let left = of_whole(vec![of(2, &["bob"]), of(1, &["ann", "eve"])], &whole).unwrap();
        assert_eq!(left, [of(1, &["ann", "eve"]), of(2, &["bob"])]);
    }

    #[test]
    fn nobody_is_left_where_somebody_else_would_be() {
        let whole = of(1, &["ann", "bob"]);
        assert_eq!(of_whole(vec![], &whole), None);
        assert_eq!(of_whole(vec![of(0, &["gone", "ann"]), of(2, &["bob"])], &whole), None);
        assert_eq!(of_whole(vec![of(1, &["ann"]), of(2, &["gone", "bob"])], &whole), None);
        let left = of_whole(vec![of(1, &["ann", "gone"]), of(2, &["bob"])], &whole).unwrap();
        assert_eq!(left, [of(1, &["ann"]), of(2, &["bob"])]);
    }
}
