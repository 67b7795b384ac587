//! Shapes that several answers have.

use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};

/// The rows of a question.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Rows<T> {
    /// In the order that the question says.
    pub(super) result: Vec<T>,
}

/// A part of a list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Listed<T> {
    /// At most as many as were asked for.
    pub(super) result: Vec<T>,
    /// The cursor of the part after, or null at the end.
    #[schema(required)]
    pub(super) next: Option<String>,
}

/// All there are.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct All<T> {
    /// How many there are.
    pub(super) total: usize,
    /// Each of them.
    pub(super) result: Vec<T>,
}

impl<T> FromIterator<T> for All<T> {
    fn from_iter<I: IntoIterator<Item = T>>(all: I) -> Self {
        let result: Vec<T> = all.into_iter().collect();
        Self { total: result.len(), result }
    }
}

/// How many there are.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Count {
    /// So many.
    pub(super) count: u64,
}

/// How many were removed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Deleted {
    /// So many.
    pub(super) deleted: u64,
}

/// How many were changed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Inserted {
    /// So many.
    pub(super) inserted: u64,
}

/// What was stored.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Saved {
    /// So many.
    pub(super) saved: u64,
    /// Empty.
    pub(super) errors: Vec<String>,
    /// Their ids.
    pub(super) ids: Vec<String>,
}

/// `null`: there is nothing to say, or nothing there.
#[derive(Debug, Serialize)]
pub(super) struct Nothing;

impl utoipa::PartialSchema for Nothing {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::Null).into()
    }
}

impl ToSchema for Nothing {}
