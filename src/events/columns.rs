//! The columns of history: one list for the lines of the tail, the Parquet files and the catalogue.

use serde::{Deserialize, Serialize};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// Text.
    Text,
    /// A moment, UTC, in microseconds.
    Moment,
    /// True or false.
    Truth,
    /// A whole number of 64 bits.
    Number,
    /// A list of texts.
    Texts,
    /// JSON as it was sent, read with `->` and `->>`.
    Json,
}

/// A column of `events`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its number in the catalogue and in every file. A file is read by these numbers, whatever it
    /// was written by, so a number is given once and never again.
    pub field_id: i64,
    /// Its name, everywhere.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// The catalogue keeps its smallest and largest value for each file, to leave files out. Only
    /// where that helps: what lies in the catalogue must be erased with the person.
    pub ranged: bool,
}

impl Column {
    /// The number of what a list holds: the one after the list's. None for what is no list.
    #[must_use]
    pub const fn element_id(&self) -> Option<i64> {
        match self.kind {
            Kind::Texts => Some(self.field_id + 1),
            Kind::Text | Kind::Moment | Kind::Truth | Kind::Number | Kind::Json => None,
        }
    }
}

const fn column(field_id: i64, name: &'static str, kind: Kind) -> Column {
    Column { field_id, name, kind, ranged: false }
}

const fn ranged(field_id: i64, name: &'static str, kind: Kind) -> Column {
    Column { field_id, name, kind, ranged: true }
}

/// All of them, in the order of the files. A new one comes at the end, with the number after all
/// others: lakes that are there get it in their catalogue when they are opened, and in their old
/// files it is null. None is ever renamed, renumbered or given another kind.
pub const COLUMNS: [Column; 45] = [
    ranged(1, "id", Kind::Text),
    ranged(2, "type", Kind::Text),
    column(3, "name", Kind::Text),
    ranged(4, "time", Kind::Moment),
    ranged(5, "received_at", Kind::Moment),
    ranged(6, "source_id", Kind::Text),
    ranged(7, "session_id", Kind::Text),
    ranged(8, "profile_id", Kind::Text),
    column(9, "channel", Kind::Text),
    column(10, "ip", Kind::Text),
    column(11, "device_type", Kind::Text),
    column(12, "device_brand", Kind::Text),
    column(13, "device_model", Kind::Text),
    column(14, "os_name", Kind::Text),
    column(15, "os_version", Kind::Text),
    column(16, "app_name", Kind::Text),
    column(17, "app_version", Kind::Text),
    column(18, "app_language", Kind::Text),
    column(19, "country", Kind::Text),
    column(20, "city", Kind::Text),
    column(21, "utm_source", Kind::Text),
    column(22, "utm_medium", Kind::Text),
    column(23, "utm_campaign", Kind::Text),
    column(24, "utm_term", Kind::Text),
    column(25, "utm_content", Kind::Text),
    column(26, "page_url", Kind::Text),
    column(27, "page_path", Kind::Text),
    column(28, "page_title", Kind::Text),
    column(29, "referrer_host", Kind::Text),
    column(30, "journey", Kind::Text),
    column(31, "tags", Kind::Texts),
    column(33, "valid", Kind::Truth),
    column(34, "warnings", Kind::Texts),
    column(36, "properties", Kind::Json),
    column(37, "traits", Kind::Json),
    column(38, "data", Kind::Json),
    column(39, "context", Kind::Json),
    column(40, "request", Kind::Json),
    column(41, "config", Kind::Json),
    column(42, "debug", Kind::Truth),
    column(43, "position", Kind::Number),
    column(44, "client_time", Kind::Moment),
    column(45, "referrer_kind", Kind::Text),
    column(46, "referrer_name", Kind::Text),
    column(47, "bot", Kind::Truth),
];

/// The column that came last: a file that holds it holds all.
pub const NEWEST: Column = COLUMNS[COLUMNS.len() - 1];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_rise_from_one_and_none_is_left_out() {
        let ids = COLUMNS.iter().flat_map(|column| [Some(column.field_id), column.element_id()]);
        let ids: Vec<i64> = ids.flatten().collect();
        assert_eq!(ids, (1..=47).collect::<Vec<i64>>());
    }
}
