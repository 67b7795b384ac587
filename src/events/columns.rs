//! The columns of history: one list for the lines of the tail, the Parquet files and the catalogue.

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// A moment, UTC, in microseconds.
    Moment,
    /// True or false.
    Truth,
    /// A list of texts.
    Texts,
    /// JSON as it was sent, read with `->` and `->>`.
    Json,
}

/// A column of `events`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name, everywhere.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// The catalogue keeps its smallest and largest value for each file, to leave files out. Only
    /// where that helps: what lies in the catalogue must be erased with the person.
    pub ranged: bool,
}

const fn column(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, ranged: false }
}

const fn ranged(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, ranged: true }
}

/// All of them, in the order of the files. A new one is added at the end, with a migration of the
/// catalogue.
pub const COLUMNS: [Column; 40] = [
    ranged("id", Kind::Text),
    ranged("type", Kind::Text),
    column("name", Kind::Text),
    ranged("time", Kind::Moment),
    ranged("received_at", Kind::Moment),
    ranged("source_id", Kind::Text),
    ranged("session_id", Kind::Text),
    ranged("profile_id", Kind::Text),
    column("channel", Kind::Text),
    column("ip", Kind::Text),
    column("device_type", Kind::Text),
    column("device_brand", Kind::Text),
    column("device_model", Kind::Text),
    column("os_name", Kind::Text),
    column("os_version", Kind::Text),
    column("app_name", Kind::Text),
    column("app_version", Kind::Text),
    column("app_language", Kind::Text),
    column("country", Kind::Text),
    column("city", Kind::Text),
    column("utm_source", Kind::Text),
    column("utm_medium", Kind::Text),
    column("utm_campaign", Kind::Text),
    column("utm_term", Kind::Text),
    column("utm_content", Kind::Text),
    column("page_url", Kind::Text),
    column("page_path", Kind::Text),
    column("page_title", Kind::Text),
    column("referrer_host", Kind::Text),
    column("journey", Kind::Text),
    column("tags", Kind::Texts),
    column("valid", Kind::Truth),
    column("warnings", Kind::Texts),
    column("properties", Kind::Json),
    column("traits", Kind::Json),
    column("data", Kind::Json),
    column("context", Kind::Json),
    column("request", Kind::Json),
    column("config", Kind::Json),
    column("debug", Kind::Truth),
];
