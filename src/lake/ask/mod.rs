//! The questions that people ask, each with its answer: one file each.
//!
//! A question is plain data: who asks fills it in, and knows neither the tables nor their language.
//! An answer is plain data as well; its rows have the columns' names. So both can be sent to where
//! DuckDB is.
//!
//! Values come from strangers: fields and conditions are built by `fields` and `condition`, and every
//! text is written as a literal.

mod scope;
mod newest;
mod events_page;
mod events_of;
mod event_by_id;
mod selection;
mod calendar;
mod breakdown;
mod accounted;
mod histogram;
mod top;
mod event_types;
mod known_fields;
mod drift;
mod drafted;
mod people;
mod funnel;
mod retention;
mod paths;
mod trends;
mod conversion;
mod ways;
mod stickiness;
mod lifecycle;
mod behind;
mod profiles_page;
mod sessions_page;
mod known_in_history;
mod archive;
mod came_under;
mod telling;
mod seeds;
mod seeds_of;
mod seeds_of_all;
mod seen;
mod growth;
mod sql;
mod fields;
mod looked_up;
mod condition;

pub use crate::conditions::Invalid;
pub use accounted::{Account, Accounted};
pub use archive::{Archive, ArchiveLine};
pub use behind::{Behind, BehindPage, BehindRow, Number};
pub use breakdown::Breakdown;
pub use calendar::Calendar;
pub use came_under::{CameUnder, CameUnderPage, KeptEvent};
pub use condition::{condition, sql};
pub use conversion::{
    Bucket, Conversion, ConversionCell, ConversionRow, ConversionTimes, Instead, InsteadRow, Order,
    Pick, TimesRow,
};
pub use drafted::{Drafted, DraftedAnswer};
pub use drift::{Drift, DriftAnswer, DriftRow};
pub use event_by_id::EventById;
pub use event_types::{EventTypeRow, EventTypes};
pub use events_of::EventsOf;
pub use events_page::EventsPage;
pub use fields::{Field, field};
pub use funnel::{Funnel, FunnelRow};
pub use growth::{Growth, GrowthRow};
pub use histogram::{Histogram, HistogramRow, Interval};
pub use known_fields::{FieldRow, FieldType, FieldsAnswer, KnownFields};
pub use known_in_history::KnownInHistory;
pub use lifecycle::{Lifecycle, LifecycleCell, LifecycleRow, State};
pub use newest::{Cursor, Page, Part};
pub use paths::{PathRow, Paths};
pub use people::{People, PeopleRow};
pub use profiles_page::{ProfileRow, ProfilesPage, Search, ValueAt};
pub use retention::{Retention, RetentionCell, RetentionRow};
pub use scope::{Filter, Scope, in_order};
pub use seeds::{SeedRow, SeedSums, Seeds, SeedsAnswer, SeedsOfFew};
pub use seeds_of::SeedsOf;
pub use seeds_of_all::{Gathered, SeedLine, SeedWorth, SeedsOfAll};
pub use seen::{Seen, SeenRow};
pub use selection::{Selected, Selection};
pub use sessions_page::{SessionRow, SessionsPage};
pub use sql::Sql;
pub use stickiness::{Stickiness, StickinessRow};
pub use telling::{StillThere, Telling, There};
pub use top::{Top, TopRow};
pub use trends::{Formula, Measure, Series, TrendCell, TrendRow, Trends};
pub use ways::{LinkRow, Replace, Ways, WaysAnswer, WaysCell};

use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{History, LakeError, Moment, Sight, Span};

/// A question about history: what it needs, and how it is answered. A trait, since those who ask
/// wait, are bounded and give up in the same way whatever they ask.
pub trait Question: Serialize + DeserializeOwned {
    /// What there is to say.
    type Answer: Serialize + DeserializeOwned;

    /// Who has written it.
    const ASKER: Asker = Asker::Kith;

    /// So long it may take at least, where the settings (`query.seconds_max`) give less: nobody waits for it.
    const SECONDS_MIN: Duration = Duration::ZERO;

    /// How long it waits for its turn, where as many questions are being answered as may be.
    const PATIENCE: Duration = Duration::from_secs(2);

    /// Whether it can be answered at all, before anything is done for it.
    ///
    /// # Errors
    /// [`Invalid`], with what is wrong.
    fn check(&self) -> Result<(), Invalid> {
        Ok(())
    }

    /// Whether an answer about events shows of people what they are now: not all who may read events may
    /// read people.
    fn shows_people(&self) -> bool {
        false
    }

    /// The time that it is about: files that hold nothing of it are not read.
    fn span(&self) -> Span;

    /// The ids that alone it is about: it sees the events that came under them, as kept. So the tail need
    /// not be taken in for it, which beside full load takes longer than the question. None for all.
    fn under(&self) -> Option<&[String]> {
        None
    }

    /// The answer, as history is at the moment.
    ///
    /// # Errors
    /// See [`LakeError`].
    fn answer(self, moment: &Moment) -> Result<Self::Answer, LakeError>;
}

/// Who has written a question, and so what it may turn out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Asker {
    /// We have: a ready question.
    Kith,
    /// We have, and people cannot change as they are to before it is answered.
    Folding,
    /// Somebody who writes SQL.
    Writer,
}

/// The name of a question on its way to another process of the same program.
pub fn name_of<Q: Question>() -> &'static str {
    std::any::type_name::<Q>()
}

/// What kind of question it is, for people: its type's own name, whatever it is wrapped in.
pub fn kind_of<Q: Question>() -> &'static str {
    let name = name_of::<Q>().trim_end_matches('>');
    name.rsplit("::").next().unwrap_or(name)
}

/// Its name, and the function that reads and answers it.
type Named = (fn() -> &'static str, Answering);
type Answering = fn(&History, Sight, &RawValue) -> Result<Box<RawValue>, LakeError>;

/// All questions that can be asked of another process, by name.
const ALL: [Named; 36] = [
    (name_of::<EventsPage>, answer::<EventsPage>),
    (name_of::<EventsOf>, answer::<EventsOf>),
    (name_of::<EventById>, answer::<EventById>),
    (name_of::<Selection>, answer::<Selection>),
    (name_of::<Histogram>, answer::<Histogram>),
    (name_of::<Top>, answer::<Top>),
    (name_of::<EventTypes>, answer::<EventTypes>),
    (name_of::<KnownFields>, answer::<KnownFields>),
    (name_of::<Drift>, answer::<Drift>),
    (name_of::<Drafted>, answer::<Drafted>),
    (name_of::<People>, answer::<People>),
    (name_of::<Funnel>, answer::<Funnel>),
    (name_of::<Retention>, answer::<Retention>),
    (name_of::<Paths>, answer::<Paths>),
    (name_of::<Accounted<Trends>>, answer::<Accounted<Trends>>),
    (name_of::<Accounted<Conversion>>, answer::<Accounted<Conversion>>),
    (name_of::<Accounted<ConversionTimes>>, answer::<Accounted<ConversionTimes>>),
    (name_of::<Accounted<Instead>>, answer::<Accounted<Instead>>),
    (name_of::<Accounted<Retention>>, answer::<Accounted<Retention>>),
    (name_of::<Accounted<Ways>>, answer::<Accounted<Ways>>),
    (name_of::<Accounted<Stickiness>>, answer::<Accounted<Stickiness>>),
    (name_of::<Accounted<Lifecycle>>, answer::<Accounted<Lifecycle>>),
    (name_of::<Behind>, answer::<Behind>),
    (name_of::<ProfilesPage>, answer::<ProfilesPage>),
    (name_of::<SessionsPage>, answer::<SessionsPage>),
    (name_of::<KnownInHistory>, answer::<KnownInHistory>),
    (name_of::<Archive>, answer::<Archive>),
    (name_of::<CameUnder>, answer::<CameUnder>),
    (name_of::<Telling>, answer::<Telling>),
    (name_of::<Seeds>, answer::<Seeds>),
    (name_of::<SeedsOfFew>, answer::<SeedsOfFew>),
    (name_of::<SeedsOfAll>, answer::<SeedsOfAll>),
    (name_of::<Seen>, answer::<Seen>),
    (name_of::<Growth>, answer::<Growth>),
    (name_of::<StillThere>, answer::<StillThere>),
    (name_of::<Accounted<Sql>>, answer::<Accounted<Sql>>),
];

/// Answers the question of this name, as another process of the same program has written it.
///
/// # Errors
/// See [`LakeError`].
pub fn answer_named(
    history: &History,
    sight: Sight,
    name: &str,
    question: &RawValue,
) -> Result<Box<RawValue>, LakeError> {
    let known = ALL.iter().find(|(known, _)| known() == name);
    let (_, answer) = known.ok_or_else(|| LakeError::Defect(format!("nobody knows {name}")))?;
    answer(history, sight, question)
}

fn answer<Q: Question>(
    history: &History,
    sight: Sight,
    said: &RawValue,
) -> Result<Box<RawValue>, LakeError> {
    match answer_once::<Q>(history, sight, said) {
        // An erasure may have taken a file away that this moment has: the next one has another.
        Err(LakeError::Missing(_)) => answer_once::<Q>(history, sight, said),
        answered => answered,
    }
}

fn answer_once<Q: Question>(
    history: &History,
    sight: Sight,
    said: &RawValue,
) -> Result<Box<RawValue>, LakeError> {
    let unreadable = |error: serde_json::Error| LakeError::Defect(error.to_string());
    let question: Q = serde_json::from_str(said.get()).map_err(unreadable)?;
    let moment = match question.under() {
        Some(ids) => history.moment_under(ids, question.span())?,
        None => history.moment_seen(question.span(), sight)?,
    };
    let answer = question.answer(&moment).map_err(|error| moment.blame(error));
    let answer = answer.map_err(|error| match Q::ASKER {
        Asker::Writer => error,
        Asker::Kith | Asker::Folding => without_statement(error),
    })?;
    serde_json::value::to_raw_value(&answer).map_err(unreadable)
}

/// Before the line of a statement that DuckDB shows under what is wrong with it.
const STATEMENT: &str = "\n\nLINE ";

/// What is wrong with a question, without the statement that was made of it: whoever asked has not written that,
/// and it is no promise.
fn without_statement(error: LakeError) -> LakeError {
    let LakeError::Question(said) = error else { return error };
    let end = said.find(STATEMENT).unwrap_or(said.len());
    LakeError::Question(said.get(..end).unwrap_or_default().to_owned())
}

impl From<Invalid> for LakeError {
    fn from(invalid: Invalid) -> Self {
        Self::Question(invalid.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_ready_question_is_told_without_its_statement() {
        let connection = duckdb::Connection::open_in_memory().unwrap();
        for (statement, wrong) in [
            ("SELECT nothing FROM range(1)", "nothing"),
            ("SELECT range FROM range(1) OFFSET 18446744073709551615", "INT128"),
        ] {
            let error = LakeError::from(connection.execute_batch(statement).unwrap_err());
            assert!(error.to_string().contains("LINE 1: SELECT"), "{error}");
            let told = without_statement(error).to_string();
            assert!(told.contains(wrong) && !told.contains("SELECT"), "{told}");
        }
    }
}
