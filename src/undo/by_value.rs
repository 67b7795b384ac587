//! All mergers that a value has caused, taken back person by person.

use std::collections::VecDeque;
use std::sync::Arc;

use super::{MERGES_AT_ONCE_MAX, NotUndone, Undone, read, undo};
use crate::app::App;
use crate::model::{Identifier, IdentifierKey, Namespace, Time};
use crate::storage::{MergeId, MergeRow};

/// Most mergers that are taken back at a time.
const MERGES_OF_VALUE_MAX: usize = 500;

/// What came of taking back all mergers of an identifier.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllUndone {
    /// One for each person, and one more for whoever has many.
    pub undone: Vec<Undone>,
    /// Mergers that cannot be taken back: see [`NotUndone::OfRemoved`].
    pub left: Vec<MergeId>,
    /// Where others are: those that came after this moment.
    pub next: Option<Time>,
}

/// Takes back the mergers that a value has caused, the oldest first, at most 500 of them and others of the same moment:
/// of all, or of those after the `next` of the time before, since of these some may be left for good.
///
/// # Errors
/// See [`NotUndone`]; some of them may have been taken back then.
pub async fn all_by(
    app: &Arc<App>,
    namespace: &str,
    value: &str,
    after: Option<Time>,
) -> Result<AllUndone, NotUndone> {
    let keys = keys(app, namespace, value);
    let rows = read(app, move |storage| {
        let of_each = keys.iter().map(|key| storage.merges_by(key, after));
        of_each.collect::<Result<Vec<_>, _>>().map(|all| all.concat())
    })
    .await??;
    let (mut rows, next) = oldest(rows, MERGES_OF_VALUE_MAX);
    let mut all = AllUndone { next, ..AllUndone::default() };
    if rows.is_empty() && after.is_none() {
        must_be_known(app, namespace)?;
    }
    while let Some(first) = rows.first() {
        let winner = first.winner.clone();
        let person = read(app, move |storage| storage.profile(winner.as_str())).await??;
        let ids = person.map_or_else(|| vec![first.winner.clone()], |person| person.ids);
        let mut theirs: Vec<MergeId> = Vec::new();
        rows.retain(|row| {
            let takes = theirs.len() < MERGES_AT_ONCE_MAX && ids.contains(&row.winner);
            if takes {
                theirs.push(row.id.clone());
            }
            !takes
        });
        take_back(app, theirs, &mut all).await?;
    }
    Ok(all)
}

/// So many of the oldest, and where those that are not among them begin. What is of one moment stays together.
fn oldest(mut rows: Vec<MergeRow>, many: usize) -> (Vec<MergeRow>, Option<Time>) {
    rows.sort_by_key(|row| row.merged);
    let last = rows.iter().take(many).next_back().map(|row| row.merged);
    let end = rows.partition_point(|row| Some(row.merged) <= last);
    let next = last.filter(|_| end < rows.len());
    rows.truncate(end);
    (rows, next)
}

/// Mergers of one person, together. Where one of them cannot be taken back, the others can, each by itself.
async fn take_back(
    app: &Arc<App>,
    mergers: Vec<MergeId>,
    all: &mut AllUndone,
) -> Result<(), NotUndone> {
    let mut waiting = VecDeque::from([mergers]);
    while let Some(some) = waiting.pop_front() {
        match undo(app, &some).await {
            Ok(undone) => all.undone.push(undone),
            // Somebody else was faster.
            Err(NotUndone::Already | NotUndone::NoMerger | NotUndone::NoPerson) => {}
            Err(NotUndone::OfRemoved) if some.len() > 1 => {
                waiting.extend(some.into_iter().map(|one| vec![one]));
            }
            Err(NotUndone::OfRemoved) => all.left.extend(some),
            Err(why) => return Err(why),
        }
    }
    Ok(())
}

/// Refuses a namespace that the rules do not have. One that they had before may have united people all the same.
fn must_be_known(app: &App, namespace: &str) -> Result<(), NotUndone> {
    let snapshot = app.registry.now();
    if snapshot.identity().of(&Namespace::new(namespace)).is_some() {
        return Ok(());
    }
    let known: Vec<&str> = snapshot.identity().all().map(|rules| rules.name.as_str()).collect();
    Err(NotUndone::NoNamespace { said: namespace.to_owned(), known: known.join(", ") })
}

/// The value in its namespace's form, and as it was compared where the rules have found nothing wrong
/// with it yet: what identifies nobody by now may have united people before.
fn keys(app: &App, namespace: &str, value: &str) -> Vec<IdentifierKey> {
    let namespace = Namespace::new(namespace);
    let plain = value.trim().to_lowercase();
    let snapshot = app.registry.now();
    let form = snapshot.identity().of(&namespace).and_then(|rules| rules.value(value));
    let mut values: Vec<String> = form.into_iter().chain([plain]).collect();
    values.dedup();
    let key = |value| Identifier { namespace: namespace.clone(), value };
    values.into_iter().map(|value| app.hashing.identifier(&key(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Profile, ProfileId};
    use crate::storage::Through;

    fn row(merged: i64, loser: &str) -> MergeRow {
        let loser = ProfileId::new(loser);
        let one = || Profile::new(loser.clone(), Time::from_micros(0));
        MergeRow {
            id: MergeId { at: Through { stream: "s".into(), seq: 1 }, loser: loser.clone() },
            loser: loser.clone(),
            winner: loser.clone(),
            merged: Time::from_micros(merged),
            undone: None,
            evidence: None,
            event: None,
            source: None,
            came_with: None,
            rules: None,
            believed: None,
            before: [one(), one()],
        }
    }

    #[test]
    fn the_oldest_are_first_and_those_of_one_moment_are_not_torn_apart() {
        let all = vec![row(3, "d"), row(1, "a"), row(2, "b"), row(2, "c")];
        let part = |many| {
            let (rows, next) = oldest(all.clone(), many);
            let names: String = rows.iter().map(|row| row.loser.as_str()).collect();
            (names, next.map(Time::micros))
        };
        assert_eq!(part(1), ("a".to_owned(), Some(1)));
        assert_eq!(part(2), ("abc".to_owned(), Some(2)));
        assert_eq!(part(4), ("abcd".to_owned(), None));
        assert_eq!(oldest(Vec::new(), 2).1, None);
    }
}
