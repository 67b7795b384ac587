//! Ways in SQL: visits as lists of points, cut, cleaned and counted.

use super::{DEPTHS, RULES_MAX, Ways, WaysCell};
use crate::lake::OLDEST_FIRST;
use crate::lake::ask::{Filter, Invalid};
use crate::lake::engine::literal;

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
            WaysCell::Path(path) => {
                let points: Vec<String> = path.iter().map(|point| literal(point)).collect();
                ("ways".to_owned(), format!("path = [{}]", points.join(", ")))
            }
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
    /// Putting visits together is most of the work, so visits that have no start or end are left out before.
    pub(super) fn ways(&self, whose: &str) -> Result<String, Invalid> {
        self.check_bounds()?;
        let collapsed = "list_filter(path, lambda p, i: i = 1 OR p <> path[i - 1])";
        Ok(format!(
            "points AS (SELECT session_id, {whose} AS whose, time, received_at, position, id, {point} AS point{flags} \
             FROM events WHERE session_id IS NOT NULL AND {scope}{whole}), \
             visits AS (SELECT list({{'point': point, 'whose': whose{flagged}}} ORDER BY {OLDEST_FIRST}) AS walk \
             FROM points WHERE {kept} GROUP BY session_id), \
             {cut}, whole AS (SELECT walk[1].whose AS whose, list_transform(walk, lambda p: p.point) AS path FROM cut), \
             clean AS (SELECT whose, {clean} AS path FROM whole), \
             ways AS (SELECT whose, {deep} AS path FROM clean WHERE len(path) > 1{fits})",
            point = self.point_sql(),
            flags = self
                .ends()
                .map(|(name, filter)| format!(", ({}) IS TRUE AS {name}", filter.sql()))
                .collect::<String>(),
            flagged =
                self.ends().map(|(name, _)| format!(", '{name}': {name}")).collect::<String>(),
            scope = self.scope.sql(),
            whole = self.ends().map(|(_, filter)| self.has(filter)).collect::<String>(),
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

    /// The condition that such an event happened in the same visit.
    fn has(&self, filter: &Filter) -> String {
        format!(
            " AND session_id IN (SELECT session_id FROM events WHERE {} AND ({}))",
            self.scope.sql(),
            filter.sql()
        )
    }

    /// The condition that a point is not passed over.
    fn kept(&self) -> String {
        let left_out: Vec<String> = self.leave_out.iter().map(|point| literal(point)).collect();
        if left_out.is_empty() {
            return "point IS NOT NULL".to_owned();
        }
        format!("point IS NOT NULL AND point NOT IN ({})", left_out.join(", "))
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
