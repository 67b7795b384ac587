//! All mergers that a value has caused, taken back person by person.

use std::collections::VecDeque;
use std::sync::Arc;

use super::{MERGES_AT_ONCE_MAX, NotUndone, Undone, read, undo};
use crate::app::App;
use crate::model::{Identifier, IdentifierKey, Namespace};
use crate::storage::MergeId;

/// Most mergers that are taken back at a time.
const MERGES_OF_VALUE_MAX: usize = 500;

/// What came of taking back all mergers of an identifier.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllUndone {
    /// One for each person, and one more for whoever has many.
    pub undone: Vec<Undone>,
    /// Mergers that cannot be taken back: see [`NotUndone::OfRemoved`].
    pub left: Vec<MergeId>,
    /// Whether others are left.
    pub more: bool,
}

/// Takes back the mergers that a value has caused, at most 500 of them.
///
/// # Errors
/// See [`NotUndone`]; some of them may have been taken back then.
pub async fn all_by(app: &Arc<App>, namespace: &str, value: &str) -> Result<AllUndone, NotUndone> {
    let keys = keys(app, namespace, value);
    let mut rows = read(app, move |storage| {
        let of_each = keys.iter().map(|key| storage.merges_by(key));
        of_each.collect::<Result<Vec<_>, _>>().map(|all| all.concat())
    })
    .await??;
    let mut all = AllUndone { more: rows.len() > MERGES_OF_VALUE_MAX, ..AllUndone::default() };
    rows.truncate(MERGES_OF_VALUE_MAX);
    if rows.is_empty() {
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
    // Those that are left are found again.
    all.more &= !all.undone.is_empty();
    Ok(all)
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
