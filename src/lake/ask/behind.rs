//! The people behind a number: every question says who they are, and all are told in one way.

use serde::{Deserialize, Serialize};

use super::newest::{Table, rows};
use super::{
    Conversion, ConversionCell, Invalid, Lifecycle, LifecycleCell, Page, Part, Question, Retention,
    RetentionCell, Stickiness, TrendCell, Trends, Ways, WaysCell,
};
use crate::lake::{LakeError, Moment, Span, found};
use crate::model::Map;

/// A question, and which of its numbers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Number {
    /// How much there was.
    Trends(Trends, TrendCell),
    /// How far people came.
    Funnel(Conversion, ConversionCell),
    /// Who came back.
    Retention(Retention, RetentionCell),
    /// What followed what.
    Paths(Ways, WaysCell),
    /// In how many intervals.
    Stickiness(Stickiness, u64),
    /// What they are in an interval.
    Lifecycle(Lifecycle, LifecycleCell),
}

impl Number {
    /// Whoever is behind it: rows of `id`, each once.
    ///
    /// # Errors
    /// [`Invalid`] for what cannot be asked, or a number that the answer does not have.
    pub fn sql(&self) -> Result<String, Invalid> {
        match self {
            Self::Trends(question, cell) => question.people(cell),
            Self::Funnel(question, cell) => question.people(cell),
            Self::Retention(question, cell) => question.people(cell),
            Self::Paths(question, cell) => question.people(cell),
            Self::Stickiness(question, intervals) => question.people(*intervals),
            Self::Lifecycle(question, cell) => question.people(cell),
        }
    }

    fn span(&self) -> Span {
        match self {
            Self::Trends(question, _) => question.span(),
            Self::Funnel(question, _) => question.span(),
            Self::Retention(question, _) => question.span(),
            Self::Paths(question, _) => question.span(),
            Self::Stickiness(question, _) => question.span(),
            Self::Lifecycle(question, _) => question.span(),
        }
    }
}

/// A page of the people behind a number, those seen last first.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Behind {
    /// Which number.
    pub of: Number,
    /// Which of them.
    pub part: Part,
}

/// The answer to [`Behind`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BehindPage {
    /// How many there are in all.
    pub total: u64,
    /// Some of them.
    pub page: Page<BehindRow>,
}

/// Somebody behind a number. Of those whose record was removed only the id is left. Times are as RFC 3339
/// writes them.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct BehindRow {
    /// The id that lives.
    pub id: String,
    /// The main key of theirs, if they have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub primary_id: Option<String>,
    /// Their main e-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub email: Option<String>,
    /// When they came for the first time.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub created: Option<String>,
    /// When the last visit began.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub last_visit: Option<String>,
    /// How many visits there were.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub visits: Option<u64>,
    /// What is known of them, as their events have it.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, Value>)]
    pub traits: Map,
}

impl Question for Behind {
    type Answer = BehindPage;

    fn check(&self) -> Result<(), Invalid> {
        self.of.sql().map(drop)
    }

    fn span(&self) -> Span {
        self.of.span()
    }

    fn answer(self, moment: &Moment) -> Result<BehindPage, LakeError> {
        // The question is answered once, for the number and for the page.
        let people = self.of.sql()?;
        moment.keep("behind", &format!("SELECT id FROM (\n{people}\n) WHERE id IS NOT NULL"))?;
        let total = moment.number("SELECT count(*) FROM behind", &[])?;
        let name = format!(
            "(SELECT behind.id, p.primary_id, p.email, p.created, p.last_visit, p.visits, p.traits \
             FROM behind LEFT JOIN ({}) AS p ON p.id = behind.id)",
            found::profiles("behind", moment.hidden.as_ref())
        );
        let time = "coalesce(last_visit, created, make_timestamptz(0))";
        let table = Table { name: &name, time };
        let page = rows(moment, &table, "true", &self.part)?;
        Ok(BehindPage { total: u64::try_from(total).unwrap_or_default(), page })
    }
}
