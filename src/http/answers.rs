//! Shapes that several answers have.

use serde::Serialize;
use utoipa::ToSchema;

/// The rows of a question.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Rows<T> {
    /// In the order that the question says.
    pub(super) result: Vec<T>,
}

/// A part of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Listed<T> {
    /// At most as many as were asked for.
    pub(super) result: Vec<T>,
    /// The cursor of the part after, or null at the end.
    #[schema(required)]
    pub(super) next: Option<String>,
}

/// How many there are.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Count {
    /// So many.
    pub(super) count: u64,
}

/// How many were removed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Deleted {
    /// So many.
    pub(super) deleted: u64,
}
