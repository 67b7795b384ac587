//! Trends in SQL: all series in one pass, over the same intervals and groups, then formulas.

use super::measure::finite;
use super::{FORMULAS_MAX, NAMES, SERIES_MAX, SMOOTHS, Series, TrendCell, Trends};
use crate::lake::ask::Invalid;
use crate::lake::ask::breakdown::{Groups, is_group};
use crate::lake::engine::literal;

impl Trends {
    /// Rows of `series`, `date`, `group`, `value` (and `smoothed`), in order. Where the scope has both ends,
    /// intervals without events are there too, for each series and group.
    ///
    /// # Errors
    /// [`Invalid`] for too many series, formulas or intervals.
    pub fn sql(&self) -> Result<String, Invalid> {
        self.check_bounds()?;
        let rows: Vec<String> = self
            .named()
            .map(|(name, one)| format!("('{name}', {})", one.measure.of_nothing()))
            .collect();
        let beginning = match &self.calendar {
            Some(calendar) => calendar.beginning("\"interval\"", self.scope.from, self.scope.to),
            None => "\"interval\"".to_owned(),
        };
        let union = self.named().map(|(name, one)| {
            let value = finite(&format!("coalesce(\"{name}\", CAST({} AS DOUBLE))", one.measure.of_nothing()));
            format!("SELECT '{name}' AS series, {beginning} AS date, \"group\", {value} AS value FROM counted")
        });
        let union: Vec<String> = union.collect();
        let dates = match self.steps()? {
            Some(steps) => format!("{steps} UNION SELECT date FROM told"),
            None => "SELECT DISTINCT date FROM told".to_owned(),
        };
        Ok(format!(
            "WITH {frequent}{counted}, told AS ({union}), \
             dates AS ({dates}), groups AS (SELECT DISTINCT \"group\" FROM told UNION ALL \
             SELECT NULL WHERE NOT EXISTS (FROM told)), \
             named(series, nothing) AS (VALUES {rows}), \
             filled AS (SELECT named.series, dates.date, groups.\"group\", \
             CASE WHEN told.series IS NULL THEN CAST(named.nothing AS DOUBLE) ELSE told.value END AS value \
             FROM named CROSS JOIN dates CROSS JOIN groups LEFT JOIN told ON told.series = named.series \
             AND told.date IS NOT DISTINCT FROM dates.date \
             AND told.\"group\" IS NOT DISTINCT FROM groups.\"group\"){formulas} \
             SELECT series, date, \"group\", value{smoothed} FROM {all} ORDER BY ALL",
            frequent = Groups(self.by.as_ref()).frequent(&self.any(&self.series)),
            counted = self.counted(),
            union = union.join(" UNION ALL "),
            rows = rows.join(", "),
            formulas = self.formulas_sql(),
            smoothed = self.smoothed(),
            all = if self.formulas.is_empty() { "filled" } else { "reckoned" },
        ))
    }

    /// Whoever is behind one number: rows of `id`. Behind a formula are those of its series.
    ///
    /// # Errors
    /// [`Invalid`] when there is no such number.
    pub(in crate::lake::ask) fn people(&self, cell: &TrendCell) -> Result<String, Invalid> {
        self.check_bounds()?;
        let groups = Groups(self.by.as_ref());
        let (from, to) = (self.scope.from, self.scope.to);
        let interval = self.calendar.as_ref().map(|calendar| calendar.interval(from, to));
        let date = match (&self.calendar, cell.date) {
            (Some(calendar), Some(date)) => calendar.begins("\"interval\"", (from, to), date),
            (None, Some(_)) => {
                return Err(Invalid("the whole time is one: no date is told".to_owned()));
            }
            (_, None) => "true".to_owned(),
        };
        let group =
            if self.by.is_some() { is_group(cell.group.as_deref()) } else { "true".to_owned() };
        Ok(format!(
            "WITH {frequent}one AS (SELECT profile_id, {interval} AS \"interval\", {group_of} AS \"group\" \
             FROM {events} WHERE {condition}) SELECT DISTINCT profile_id AS id FROM one WHERE {date} AND {group}",
            frequent = groups.frequent(&self.any(&self.series)),
            interval = interval.as_deref().unwrap_or("NULL"),
            group_of = groups.group(),
            events = groups.events(),
            condition = self.any(&self.series_of(&cell.series)?),
        ))
    }

    fn check_bounds(&self) -> Result<(), Invalid> {
        let wrong = if self.series.is_empty() || self.series.len() > SERIES_MAX {
            format!("there are 1 to {SERIES_MAX} series")
        } else if self.formulas.len() > FORMULAS_MAX {
            format!("there are at most {FORMULAS_MAX} formulas")
        } else if let Some(one) =
            self.formulas.iter().find(|one| NAMES.contains(&one.text.as_str()))
        {
            format!("{} is a series, and is told anyway", one.text)
        } else if self.smooth.is_some_and(|many| !SMOOTHS.contains(&many)) {
            format!("an average moves over {} to {} intervals", SMOOTHS.start(), SMOOTHS.end())
        } else {
            return Ok(());
        };
        Err(Invalid(wrong))
    }

    /// The series that a number is made of.
    fn series_of(&self, name: &str) -> Result<Vec<Series>, Invalid> {
        let of_formula = self.formulas.iter().find(|formula| formula.text == name);
        let numbers = match NAMES.iter().position(|one| *one == name) {
            Some(number) => vec![number],
            None => of_formula.map(|formula| formula.series.clone()).unwrap_or_default(),
        };
        let found: Vec<Series> =
            numbers.iter().filter_map(|number| self.series.get(*number).cloned()).collect();
        if found.is_empty() {
            return Err(Invalid(format!("there is no series {name}")));
        }
        Ok(found)
    }

    /// The condition that an event has a share in any of these.
    fn any(&self, series: &[Series]) -> String {
        let each = |one: &Series| format!("({}) AND {}", one.filter.sql(), one.measure.counts());
        let any: Vec<String> = series.iter().map(|one| format!("({})", each(one))).collect();
        format!("{} AND ({})", self.scope.sql(), any.join(" OR "))
    }

    /// A table `counted` of `interval`, `group` and a column for each series: all of them in one pass, in
    /// which whatever a series measures is read once.
    fn counted(&self) -> String {
        let groups = Groups(self.by.as_ref());
        let interval = self.calendar.as_ref().map_or_else(
            || "CAST(NULL AS TIMESTAMPTZ)".to_owned(),
            |calendar| calendar.interval(self.scope.from, self.scope.to),
        );
        let measured = self.named().map(|(name, one)| {
            format!("CAST({} AS DOUBLE) AS \"{name}\"", one.measure.sql(&format!("of_{name}")))
        });
        let filters: Vec<String> =
            self.series.iter().map(|one| format!("({})", one.filter.sql())).collect();
        format!(
            "counted AS MATERIALIZED (SELECT \"interval\", \"group\", {measured} FROM \
             (SELECT {interval} AS \"interval\", {group} AS \"group\", {columns} FROM {events} \
             WHERE {scope} AND ({any})) GROUP BY 1, 2{having})",
            measured = measured.collect::<Vec<_>>().join(", "),
            group = groups.group(),
            columns = self.columns().join(", "),
            events = groups.events(),
            scope = self.scope.sql(),
            any = filters.join(" OR "),
            having = self.having(),
        )
    }

    /// What of an event goes into each series (`of_A`), and whether it is one of its events (`is_A`).
    fn columns(&self) -> Vec<String> {
        let column = |(name, one): (&str, &Series)| {
            let column = one.measure.column();
            if self.series.len() == 1 {
                return format!("{column} AS of_{name}");
            }
            let filter = one.filter.sql();
            format!(
                "CASE WHEN {filter} THEN {column} END AS of_{name}, \
                 CASE WHEN {filter} THEN true END AS is_{name}"
            )
        };
        self.named().map(column).collect()
    }

    /// Where no event has a share in any series, there is nothing to tell.
    fn having(&self) -> String {
        let shares = |(name, one): (&str, &Series)| one.measure.shares(&format!("of_{name}"));
        if let [only] = self.series.as_slice() {
            let shares = shares((NAMES[0], only)).map(|shares| format!(" HAVING {shares} > 0"));
            return shares.unwrap_or_default();
        }
        let each = self
            .named()
            .map(|(name, one)| shares((name, one)).unwrap_or_else(|| format!("count(is_{name})")));
        format!(" HAVING {} > 0", each.collect::<Vec<_>>().join(" + "))
    }

    fn named(&self) -> impl Iterator<Item = (&'static str, &Series)> {
        NAMES.into_iter().zip(&self.series)
    }

    /// Every interval of the scope, if it has both ends.
    fn steps(&self) -> Result<Option<String>, Invalid> {
        match &self.calendar {
            Some(calendar) => calendar.all(self.scope.from, self.scope.to),
            None => Ok(Some("SELECT CAST(NULL AS TIMESTAMPTZ) AS date".to_owned())),
        }
    }

    /// The rows of formulas beside those of series.
    fn formulas_sql(&self) -> String {
        if self.formulas.is_empty() {
            return String::new();
        }
        let columns = NAMES.iter().take(self.series.len());
        let columns: Vec<String> = columns
            .map(|name| format!("max(value) FILTER (WHERE series = '{name}') AS \"{name}\""))
            .collect();
        let each = self.formulas.iter().map(|formula| {
            format!(
                " UNION ALL SELECT {} AS series, date, \"group\", {} AS value FROM wide",
                literal(&formula.text),
                finite(&formula.sql)
            )
        });
        format!(
            ", wide AS (SELECT date, \"group\", {} FROM filled GROUP BY ALL), reckoned AS (FROM filled{})",
            columns.join(", "),
            each.collect::<String>()
        )
    }

    fn smoothed(&self) -> String {
        let Some(many) = self.smooth else { return String::new() };
        let average = format!(
            "avg(value) OVER (PARTITION BY series, \"group\" ORDER BY date \
             ROWS BETWEEN {} PRECEDING AND CURRENT ROW)",
            many - 1
        );
        format!(", {} AS smoothed", finite(&average))
    }
}
