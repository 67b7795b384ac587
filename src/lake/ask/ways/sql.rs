//! Ways in SQL: visits as lists of points, cut, cleaned and counted.

use super::{DEPTHS, RULES_MAX, Ways, WaysCell};
use crate::lake::NO_POSITION;
use crate::lake::ask::{Filter, Invalid};
use crate::lake::engine::{literal, literals};

/// Whose a point is, for numbers: see [`super::super::people`]. Some are nobody's.
pub(super) const WHOSE: &str = "CASE WHEN profile_id IS NOT NULL THEN hash(profile_id) END";

impl Ways {
    /// Rows of `path` (a list of points), `count` and `people`, the most frequent first.
    ///
    /// # Errors
    /// [`Invalid`] for what cannot be asked.
    pub fn sql(&self) -> Result<String, Invalid> {
        Ok(format!("WITH {} {}", self.ways(WHOSE)?, self.most_frequent()))
    }

    pub(super) fn most_frequent(&self) -> String {
        format!(
            "SELECT path, count(*) AS count, count(DISTINCT whose) AS people FROM ways \
             GROUP BY path ORDER BY count DESC, path LIMIT {}",
            self.limit
        )
    }

    /// Whoever is behind one number: rows of `id`.
    ///
    /// # Errors
    /// As [`Self::sql`].
    pub(in crate::lake::ask) fn people(&self, cell: &WaysCell) -> Result<String, Invalid> {
        let (table, condition) = match cell {
            WaysCell::Path(path) => ("ways".to_owned(), format!("path = [{}]", literals(path))),
            WaysCell::Link { step, from, to } => (
                format!("({})", self.connections()),
                format!(
                    "step = {step} AND \"from\" = {} AND \"to\" = {}",
                    literal(from),
                    literal(to)
                ),
            ),
        };
        Ok(format!(
            "WITH {} SELECT DISTINCT whose AS id FROM {table} WHERE {condition}",
            self.ways("profile_id")?
        ))
    }

    /// A table `ways` of `whose` and `path`, with what it is made of. `whose` says how people are told apart.
    ///
    /// Putting visits together is most of the work. So what comes before a start is left out first, as are
    /// visits that have none; and lists are sorted once they are whole: a list that is put together in order
    /// takes DuckDB more than twice as long.
    pub(super) fn ways(&self, whose: &str) -> Result<String, Invalid> {
        self.check_bounds()?;
        let collapsed = "list_filter(path, lambda p, i: i = 1 OR p <> path[i - 1])";
        let ends = |one: fn((&str, &Filter)) -> String| self.ends().map(one).collect::<String>();
        Ok(format!(
            "points AS (SELECT session_id, epoch_us(time) AS micros, coalesce(epoch_us(received_at), 0) AS received, \
             coalesce(position, {NO_POSITION}) AS position, id, {whose} AS whose, {point} AS point{flags} \
             FROM events{since} WHERE session_id IS NOT NULL AND {scope}{ended}), \
             visits AS (SELECT list_sort(list({{'micros': micros, 'received': received, 'position': position, \
             'id': id, 'point': point, 'whose': whose{flagged}}})) AS walk \
             FROM points WHERE {kept} GROUP BY session_id), \
             {cut}, whole AS (SELECT walk[1].whose AS whose, list_transform(walk, lambda p: p.point) AS path FROM cut), \
             clean AS (SELECT whose, {clean} AS path FROM whole), \
             ways AS (SELECT whose, {deep} AS path FROM clean WHERE len(path) > 0{fits})",
            point = self.point_sql(),
            flags = ends(|(name, filter)| format!(", ({}) IS TRUE AS {name}", filter.sql())),
            flagged = ends(|(name, _)| format!(", '{name}': {name}")),
            since = self.since(),
            scope = self.scope.sql(),
            ended = self.ended(),
            kept = self.kept(),
            cut = self.cut(),
            clean = if self.collapse { collapsed } else { "path" },
            deep = if self.is_from_the_end() {
                format!("path[-{}:]", self.depth)
            } else {
                format!("path[:{}]", self.depth)
            },
            fits = if self.start.is_some() && self.end.is_some() {
                format!(" AND len(path) <= {}", self.depth)
            } else {
                String::new()
            },
        ))
    }

    /// What ways are cut by, as far as it is said: a column's name, and the filter.
    fn ends(&self) -> impl Iterator<Item = (&'static str, &Filter)> {
        let start = self.start.iter().map(|filter| ("begins", filter));
        start.chain(self.end.iter().map(|filter| ("ends", filter)))
    }

    /// Only visits in which there is a start, and what is not before the first.
    fn since(&self) -> String {
        let since = |start: &Filter| {
            format!(
                " JOIN (SELECT session_id AS begun, min(time) AS since FROM events WHERE {} AND ({}) GROUP BY 1) \
                 ON begun = session_id AND time >= since",
                self.scope.sql(),
                start.sql()
            )
        };
        self.start.as_ref().map(since).unwrap_or_default()
    }

    /// The condition that there is an end in the same visit.
    fn ended(&self) -> String {
        let ended = |end: &Filter| {
            format!(
                " AND session_id IN (SELECT session_id FROM events WHERE {} AND ({}))",
                self.scope.sql(),
                end.sql()
            )
        };
        self.end.as_ref().map(ended).unwrap_or_default()
    }

    /// The condition that a point is not passed over.
    fn kept(&self) -> String {
        if self.leave_out.is_empty() {
            return "point IS NOT NULL".to_owned();
        }
        format!("point IS NOT NULL AND point NOT IN ({})", literals(&self.leave_out))
    }

    /// A table `cut` of visits from their start to their end. An end is never the start itself.
    fn cut(&self) -> String {
        let first = |flag: &str, of: &str| {
            format!("coalesce(list_position(list_transform({of}, lambda p: p.{flag}), true), 0)")
        };
        let begun = match self.start {
            Some(_) => format!(
                "SELECT walk[place:] AS walk FROM (SELECT walk, {} AS place FROM visits) WHERE place > 0",
                first("begins", "walk")
            ),
            None => "FROM visits".to_owned(),
        };
        let skipped = usize::from(self.start.is_some());
        let cut = match self.end {
            Some(_) => format!(
                "SELECT walk[:place + {skipped}] AS walk FROM (SELECT walk, {} AS place FROM begun) WHERE place > 0",
                first("ends", &format!("walk[{}:]", skipped + 1))
            ),
            None => "FROM begun".to_owned(),
        };
        format!("begun AS ({begun}), cut AS ({cut})")
    }

    /// Each connection of each way. Ways that are told by their end are counted from there.
    pub(super) fn connections(&self) -> String {
        let shift = if self.is_from_the_end() {
            format!(" + {} - len(path)", self.depth)
        } else {
            String::new()
        };
        format!(
            "SELECT whose, i{shift} AS step, path[i] AS \"from\", path[i + 1] AS \"to\" \
             FROM (SELECT whose, path, unnest(generate_series(1, len(path) - 1)) AS i FROM ways)"
        )
    }

    fn is_from_the_end(&self) -> bool {
        self.end.is_some() && self.start.is_none()
    }

    fn point_sql(&self) -> String {
        self.replace.iter().fold(self.point.text(), |point, rule| {
            format!(
                "regexp_replace({point}, {}, {}, 'g')",
                literal(&rule.pattern),
                literal(&rule.with)
            )
        })
    }

    pub(super) fn check_bounds(&self) -> Result<(), Invalid> {
        if !DEPTHS.contains(&self.depth) {
            return Err(Invalid(format!(
                "a path has {} to {} points",
                DEPTHS.start(),
                DEPTHS.end()
            )));
        }
        if self.replace.len() > RULES_MAX || self.leave_out.len() > RULES_MAX {
            return Err(Invalid(format!("there are at most {RULES_MAX} rules of a kind")));
        }
        Ok(())
    }
}
