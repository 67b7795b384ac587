//! What people keep of their work for each other: questions, and dashboards of them.

use std::collections::BTreeMap;

use super::Time;

/// A question that somebody has kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedQuestion {
    /// Stands in links.
    pub id: String,
    /// What it says of itself.
    pub about: About,
    /// The screen that asks it.
    pub view: String,
    /// What the screen shows, as its address has it.
    pub state: BTreeMap<String, String>,
}

/// Saved questions beside each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dashboard {
    /// Stands in links.
    pub id: String,
    /// What it says of itself.
    pub about: About,
    /// In the order in which they are read.
    pub tiles: Vec<Tile>,
    /// The range for all of them; empty: each has its own.
    pub range: String,
    /// A filter for all of them, in the filter language; empty: none.
    pub filter: String,
    /// How often it is asked anew, in seconds; 0: only when somebody says so.
    pub refresh_seconds: u64,
}

/// A question on a dashboard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tile {
    /// Its id.
    pub question: String,
    /// Columns of the grid that it takes, of [`Dashboard::COLUMNS`].
    pub width: u8,
    /// Rows of the grid that it takes.
    pub height: u8,
}

impl Dashboard {
    /// Columns of the grid.
    pub const COLUMNS: u8 = 4;
    /// Most rows of one tile.
    pub const ROWS_OF_TILE_MAX: u8 = 4;
}

/// What is said of everything that is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// For people.
    pub name: String,
    /// For people.
    pub note: String,
    /// Who may change it beside administrators: a user's e-mail address.
    pub owner: String,
    /// When it was first stored.
    pub created: Time,
    /// When it was stored last.
    pub changed: Time,
}
