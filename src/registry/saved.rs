//! Saved questions and dashboards: configuration that everybody makes, for everybody to look at.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::rule::AboutBody;
use super::{Entity, Misfit, Reference, Snapshot};
use crate::model::{About, Dashboard, SavedQuestion, Tile, Time, Zone};

/// Most of each kind: every server holds all of the configuration in memory.
const EACH_MAX: usize = 1000;
/// Longest id, in bytes.
const ID_BYTES_MAX: usize = 64;
/// Longest name, in bytes.
const NAME_BYTES_MAX: usize = 200;
/// Longest note, in bytes.
const NOTE_BYTES_MAX: usize = 4096;
/// Longest name of a screen, in bytes.
const VIEW_BYTES_MAX: usize = 64;
/// Most parameters of a question, and most bytes of all of them, names included.
const STATE_MAX: usize = 64;
const STATE_BYTES_MAX: usize = 16_384;
/// Most questions on a dashboard.
const TILES_MAX: usize = 40;
/// Longest range and longest filter, in bytes.
const RANGE_BYTES_MAX: usize = 128;
const FILTER_BYTES_MAX: usize = 4096;
/// How often a dashboard may be asked anew, in seconds.
const REFRESH_SECONDS: std::ops::RangeInclusive<u64> = 10..=86_400;

impl Entity for SavedQuestion {
    const KIND: &'static str = "question";

    type Body = QuestionBody;

    fn id(&self) -> &str {
        &self.id
    }

    fn check(&self, known: &Snapshot) -> Result<(), Misfit> {
        check_id::<Self>(&self.id, known)?;
        check_about(&self.about)?;
        if !is_word(&self.view, VIEW_BYTES_MAX) {
            let wanted = format!("must have 1 to {VIEW_BYTES_MAX} of a-z, A-Z, 0-9, _ and -");
            return Err(Misfit::new("view", wanted));
        }
        let bytes: usize = self.state.iter().map(|(name, value)| name.len() + value.len()).sum();
        if self.state.len() > STATE_MAX || bytes > STATE_BYTES_MAX {
            let wanted = format!("must be at most {STATE_MAX} texts of {STATE_BYTES_MAX} bytes");
            return Err(Misfit::new("state", wanted));
        }
        Ok(())
    }

    /// Whoever opens it asks, and sees in the answer what they may.
    fn named(&self) -> Option<Value> {
        None
    }

    fn to_body(&self) -> QuestionBody {
        QuestionBody {
            about: AboutBody::from(&self.about),
            view: self.view.clone(),
            state: self.state.clone(),
        }
    }

    fn from_body(id: String, body: QuestionBody) -> Self {
        Self { id, about: body.about.into(), view: body.view, state: body.state }
    }
}

impl Entity for Dashboard {
    const KIND: &'static str = "dashboard";

    type Body = DashboardBody;

    fn id(&self) -> &str {
        &self.id
    }

    fn check(&self, known: &Snapshot) -> Result<(), Misfit> {
        check_id::<Self>(&self.id, known)?;
        check_about(&self.about)?;
        let fits = |tile: &Tile| {
            (1..=Self::COLUMNS).contains(&tile.width)
                && (1..=Self::ROWS_OF_TILE_MAX).contains(&tile.height)
        };
        if self.tiles.len() > TILES_MAX || !self.tiles.iter().all(fits) {
            let (columns, rows) = (Self::COLUMNS, Self::ROWS_OF_TILE_MAX);
            let wanted = format!(
                "must be at most {TILES_MAX}, each with a width of 1 to {columns} and a height of \
                 1 to {rows}"
            );
            return Err(Misfit::new("tiles", wanted));
        }
        if self.range.len() > RANGE_BYTES_MAX {
            return Err(Misfit::new("range", format!("must have at most {RANGE_BYTES_MAX} bytes")));
        }
        if !is_range(&self.range) {
            let wanted = "must be a range such as 30d, 12mo, today, yesterday or \
                          2026-01-05..2026-01-12; or empty";
            return Err(Misfit::new("range", wanted));
        }
        if self.filter.len() > FILTER_BYTES_MAX {
            let wanted = format!("must have at most {FILTER_BYTES_MAX} bytes");
            return Err(Misfit::new("where", wanted));
        }
        if self.refresh_seconds != 0 && !REFRESH_SECONDS.contains(&self.refresh_seconds) {
            let (least, most) = (REFRESH_SECONDS.start(), REFRESH_SECONDS.end());
            return Err(Misfit::new("refresh_seconds", format!("must be 0, or {least} to {most}")));
        }
        Ok(())
    }

    fn refers_to(&self) -> Vec<Reference> {
        let to =
            |tile: &Tile| Reference::to::<SavedQuestion>(tile.question.as_str(), "tiles.question");
        self.tiles.iter().map(to).collect()
    }

    /// Whoever opens it asks, and sees in the answer what they may.
    fn named(&self) -> Option<Value> {
        None
    }

    fn to_body(&self) -> DashboardBody {
        DashboardBody {
            about: AboutBody::from(&self.about),
            tiles: self.tiles.iter().map(TileBody::from).collect(),
            range: self.range.clone(),
            filter: self.filter.clone(),
            refresh_seconds: self.refresh_seconds,
        }
    }

    fn from_body(id: String, body: DashboardBody) -> Self {
        Self {
            id,
            about: body.about.into(),
            tiles: body.tiles.into_iter().map(Tile::from).collect(),
            range: body.range,
            filter: body.filter,
            refresh_seconds: body.refresh_seconds,
        }
    }
}

/// Whether this is a range as the console's address has it: see `console/src/time/range.ts`.
fn is_range(text: &str) -> bool {
    const UNITS: [&str; 4] = ["m", "h", "d", "mo"];
    let moment = |text: &str| Time::read(text, Some(&Zone::utc()));
    if let Some((from, to)) = text.split_once("..") {
        return moment(from).zip(moment(to)).is_some_and(|(from, to)| from < to);
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (many, unit) = text.split_at(digits);
    ["", "today", "yesterday"].contains(&text)
        || ((1..=4).contains(&many.len()) && many.contains(|c| c != '0') && UNITS.contains(&unit))
}

/// Its id, and whether there is room for one more.
fn check_id<T: Entity>(id: &str, known: &Snapshot) -> Result<(), Misfit> {
    if !is_word(id, ID_BYTES_MAX) {
        let wanted = format!("must have 1 to {ID_BYTES_MAX} of a-z, A-Z, 0-9, _ and -");
        return Err(Misfit::new("id", wanted));
    }
    if known.get::<T>(id).is_none() && known.all::<T>().len() >= EACH_MAX {
        let wanted = format!("must be one of the {EACH_MAX} that there are: remove one first");
        return Err(Misfit::new("id", wanted));
    }
    Ok(())
}

/// Whether what is said of something that is kept fits: saved questions, dashboards, and lists of people.
///
/// # Errors
/// [`Misfit`] for a name that is none or too long, and for a note that is too long.
pub fn check_about(about: &About) -> Result<(), Misfit> {
    if about.name.is_empty() || about.name.len() > NAME_BYTES_MAX {
        return Err(Misfit::new("name", format!("must have 1 to {NAME_BYTES_MAX} bytes")));
    }
    if about.note.len() > NOTE_BYTES_MAX {
        return Err(Misfit::new("note", format!("must have at most {NOTE_BYTES_MAX} bytes")));
    }
    Ok(())
}

fn is_word(text: &str, bytes_max: usize) -> bool {
    let is_of_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    (1..=bytes_max).contains(&text.len()) && text.bytes().all(is_of_word)
}

/// The body of a `config` row of kind `question`.
#[derive(Debug, Serialize, Deserialize)]
pub struct QuestionBody {
    #[serde(flatten)]
    about: AboutBody,
    view: String,
    #[serde(default)]
    state: BTreeMap<String, String>,
}

/// The body of a `config` row of kind `dashboard`.
#[derive(Debug, Serialize, Deserialize)]
pub struct DashboardBody {
    #[serde(flatten)]
    about: AboutBody,
    #[serde(default)]
    tiles: Vec<TileBody>,
    #[serde(default)]
    range: String,
    #[serde(default, rename = "where")]
    filter: String,
    #[serde(default)]
    refresh_seconds: u64,
}

#[derive(Debug, Serialize, Deserialize)]
struct TileBody {
    question: String,
    width: u8,
    height: u8,
}

impl From<&Tile> for TileBody {
    fn from(tile: &Tile) -> Self {
        Self { question: tile.question.clone(), width: tile.width, height: tile.height }
    }
}

impl From<TileBody> for Tile {
    fn from(body: TileBody) -> Self {
        Self { question: body.question, width: body.width, height: body.height }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question() -> SavedQuestion {
        let about =
            About { name: "Orders".into(), owner: "ann@shop.example".into(), ..About::default() };
        let state = BTreeMap::from([("series".to_owned(), "type = order".to_owned())]);
        SavedQuestion { id: "orders".into(), about, view: "trends".into(), state }
    }

    fn dashboard() -> Dashboard {
        Dashboard {
            id: "monday".into(),
            about: question().about,
            tiles: vec![Tile { question: "orders".into(), width: 2, height: 1 }],
            range: "30d".into(),
            filter: "source = shop".into(),
            refresh_seconds: 60,
        }
    }

    fn misfit<T: Entity>(mut entity: T, change: impl FnOnce(&mut T)) -> Option<&'static str> {
        change(&mut entity);
        entity.check(&Snapshot::default()).err().map(|misfit| misfit.place)
    }

    #[test]
    fn what_does_not_fit_is_refused_with_its_place() {
        assert_eq!(misfit(question(), |_| {}), None);
        assert_eq!(misfit(question(), |one| one.id = "a b".into()), Some("id"));
        assert_eq!(misfit(question(), |one| one.about.name.clear()), Some("name"));
        assert_eq!(misfit(question(), |one| one.about.note = "n".repeat(5000)), Some("note"));
        assert_eq!(misfit(question(), |one| one.view = "../x".into()), Some("view"));
        let long = ("a".to_owned(), "b".repeat(STATE_BYTES_MAX));
        assert_eq!(misfit(question(), |one| one.state.extend([long])), Some("state"));
        assert_eq!(misfit(dashboard(), |_| {}), None);
        assert_eq!(misfit(dashboard(), |one| one.tiles[0].width = 5), Some("tiles"));
        assert_eq!(misfit(dashboard(), |one| one.tiles[0].height = 0), Some("tiles"));
        assert_eq!(misfit(dashboard(), |one| one.refresh_seconds = 1), Some("refresh_seconds"));
        assert_eq!(misfit(dashboard(), |one| one.refresh_seconds = 0), None);
        assert_eq!(misfit(dashboard(), |one| one.range = "x".repeat(200)), Some("range"));
        assert_eq!(misfit(dashboard(), |one| one.range = "000mo".into()), Some("range"));
        assert_eq!(misfit(dashboard(), |one| one.filter = "x".repeat(5000)), Some("where"));
    }

    #[test]
    fn what_is_stored_is_read_back() {
        let text = serde_json::to_string(&question().to_body()).unwrap();
        let read = serde_json::from_str(&text).unwrap();
        assert_eq!(SavedQuestion::from_body("orders".into(), read), question());
        let text = serde_json::to_string(&dashboard().to_body()).unwrap();
        let read = serde_json::from_str(&text).unwrap();
        assert_eq!(Dashboard::from_body("monday".into(), read), dashboard());
    }
}
