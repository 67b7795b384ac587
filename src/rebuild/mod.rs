//! Deciding anew who is one person, as the rules are now: a shadow of everybody, and what differs.
//!
//! A merger is a mapping: everything is kept under the id that it came with. So a rebuild is a
//! difference of who belongs to whom. The shadow folds who has named what, from the beginning of history
//! on, with the same decision as payloads; people differ where it is another than theirs, and only those
//! are folded again. See docs/decisions/0021-rebuilding-people.md.

mod rules;
mod standing;
mod facts;
mod shadow;
mod difference;
mod change;
mod passes;
mod pace;
mod report;

pub use pace::Pace;
pub use passes::{Rebuilt, next, run};
pub use report::{Example, Failure, Figures, Part, Report, examples};
pub use rules::Rules;

use std::sync::Arc;

use crate::app::App;
use crate::committer::Unavailable;
use crate::lake::ask::Telling;
use crate::lake::{LakeError, Sight};
use crate::model::Time;
use crate::storage::{Storage, StorageError};
use crate::undo::NotUndone;
use difference::Difference;
use facts::{Fact, Facts};
use shadow::Shadow;
use standing::{Waiting, Wanted};

/// Most people that a shadow holds: those who were named or merged, about a kilobyte each.
pub const PEOPLE_MAX: usize = 1_000_000;
/// Events that are read at a time, about.
const PAGE_EVENTS: usize = 20_000;

/// How far a shadow goes.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Most people in it.
    pub people_max: usize,
    /// Most events that are looked at; those that came later are left out.
    pub events_max: u64,
    /// Whether it gives way.
    pub pace: Pace,
}

impl Bounds {
    /// All of history.
    pub const ALL: Self = Self { people_max: PEOPLE_MAX, events_max: u64::MAX, pace: Pace::AtOnce };
    /// The same, beside trackers.
    pub const GIVING_WAY: Self = Self { pace: Pace::GivingWay, ..Self::ALL };
    /// For whoever waits for the answer.
    pub const PREVIEW: Self = Self { people_max: 200_000, events_max: 200_000, pace: Pace::AtOnce };
}

/// Why people are not decided on anew; named after what the caller can do.
#[derive(Clone, Debug, thiserror::Error)]
pub enum NotRebuilt {
    /// There are more people than a shadow holds.
    #[error("more than {0} people were named or merged")]
    TooMany(usize),
    /// The rules have changed since the shadow was made.
    #[error("the rules have changed since: begin a new one")]
    OtherRules,
    /// It was thrown away.
    #[error("it was thrown away")]
    Discarded,
    /// People change faster than they can be folded again.
    #[error("people change at this moment")]
    Contended,
    /// One of them could not be folded again.
    #[error(transparent)]
    Undone(#[from] NotUndone),
    /// Nothing can be stored now.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// History failed.
    #[error(transparent)]
    Lake(#[from] LakeError),
}

/// What would be other under these rules, over all that is known. Nothing is changed.
///
/// # Errors
/// See [`NotRebuilt`].
pub async fn preview(app: &Arc<App>, rules: Rules, bounds: Bounds) -> Result<Report, NotRebuilt> {
    let difference = difference(app, &rules, bounds).await?;
    Ok(Report::of(&difference))
}

/// The shadow, held against what stands.
async fn difference(
    app: &Arc<App>,
    rules: &Rules,
    bounds: Bounds,
) -> Result<Difference, NotRebuilt> {
    let mergers = standing::mergers(app).await?;
    let waiting = standing::waiting(app).await?;
    let mut shadow = Shadow::new(rules, &app.hashing, mergers, bounds.people_max);
    meet_the_merged(app, &mut shadow, &waiting).await?;
    let until = app.clock.now();
    let ask = async |after| {
        let question = Telling { kinds: rules.kinds(), after, until, limit: PAGE_EVENTS };
        Ok::<_, NotRebuilt>(app.questions.ask(&question, Sight::Everything).await?)
    };
    let facts = Facts::new(app, rules);
    let mut page = ask(Time::BEGINNING).await?;
    loop {
        go_on(app)?;
        let begun = app.clock.elapsed();
        let last = page.events.last().map(|event| Time::from_micros(event.received_at));
        shadow.events += page.events.len() as u64;
        let page_facts = facts.of(&page.events);
        let is_enough = shadow.events >= bounds.events_max;
        let Some(last) = last.filter(|_| page.more && !is_enough) else {
            fold(app, &mut shadow, page_facts, &waiting).await?;
            shadow.finish();
            return Ok(Difference::of(&shadow, page.more && is_enough));
        };
        // The next page is read while this one is folded.
        let folds = fold(app, &mut shadow, page_facts, &waiting);
        (page, ()) = tokio::try_join!(ask(last), folds)?;
        bounds.pace.rest(app, begun).await;
    }
}

/// # Errors
/// [`Unavailable::Stopping`] where the server ends: what is not done is done after the next start.
fn go_on(app: &App) -> Result<(), NotRebuilt> {
    if app.lake.is_closing() { Err(Unavailable::Stopping.into()) } else { Ok(()) }
}

/// Whoever was merged is there from the beginning: who ended without naming anybody stays, or comes
/// apart, as the rules say of those who brought them together.
async fn meet_the_merged(
    app: &Arc<App>,
    shadow: &mut Shadow<'_>,
    waiting: &Arc<Waiting>,
) -> Result<(), NotRebuilt> {
    let ids = shadow.mergers.ids();
    for some in ids.chunks(PAGE_EVENTS) {
        let wanted = Wanted { ids: some.to_vec(), with_held: true, ..Wanted::default() };
        let page = standing::of(app, wanted, waiting).await?;
        some.iter().try_for_each(|id| shadow.meet(id, &page))?;
    }
    Ok(())
}

async fn fold(
    app: &Arc<App>,
    shadow: &mut Shadow<'_>,
    facts: Vec<Fact>,
    waiting: &Arc<Waiting>,
) -> Result<(), NotRebuilt> {
    let unknown = facts.iter().map(|fact| &fact.kept.under).filter(|id| !shadow.knows(id));
    // A server may say what it will in whatever visit.
    let pages = facts.iter().map(|fact| &fact.kept.payload);
    let pages = pages.filter(|payload| shadow.is_doubted(&payload.source.id));
    let wanted = Wanted {
        ids: unknown.cloned().collect(),
        keys: facts.iter().flat_map(|fact| fact.keys().cloned()).collect(),
        sessions: pages.filter_map(|payload| payload.session.clone()).collect(),
        with_held: false,
    };
    let page = standing::of(app, wanted, waiting).await?;
    facts.into_iter().try_for_each(|fact| shadow.fold(fact, &page))
}

/// Asks the storage on a thread that may wait.
async fn read<T: Send + 'static>(
    app: &Arc<App>,
    ask: impl FnOnce(&dyn Storage) -> Result<T, StorageError> + Send + 'static,
) -> Result<T, NotRebuilt> {
    let storage = Arc::clone(&app.storage);
    let answer = tokio::task::spawn_blocking(move || ask(storage.as_ref())).await;
    Ok(answer.map_err(|error| StorageError::Failed(error.to_string()))??)
}
