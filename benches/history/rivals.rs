//! Each question as an analyst writes it for DuckDB, without knowing how Kith does.
//!
//! They give the same numbers: of this data, in which no two events are of one moment. Days are what DuckDB
//! calls days with the zone set; ids are compared as they are.

use kith::lake::NEWEST_FIRST;

/// The thirty days, which the questions that are posted whole name.
const RANGE: &str =
    "time >= TIMESTAMPTZ '2026-01-01T00:00:00Z' AND time < TIMESTAMPTZ '2026-01-31T00:00:00Z'";
/// A day, and as much as Kith takes for the same moment.
const DAY: &str = "INTERVAL 1 DAY + INTERVAL 999 MICROSECOND";
/// The three steps.
const STEPS: &str = "type IN ('page-view', 'product-added-to-cart', 'order-completed')";
/// What is before each event of a person.
const BEFORE: &str =
    "(PARTITION BY profile_id ORDER BY time ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)";
/// Where the parts of the times to convert begin, in seconds.
const BOUNDS: [u64; 12] =
    [0, 10, 60, 300, 1_800, 3_600, 21_600, 86_400, 259_200, 604_800, 1_209_600, 2_592_000];

/// The statements for the question of this name; the last one has the answer.
pub(crate) fn of(question: &str, somebody: &str) -> Vec<String> {
    let one = |sql: &str| vec![sql.to_owned()];
    match question {
        "count by type and day" => one(
            "SELECT date_trunc('day', time) AS date, type, count(*) AS count FROM events GROUP BY ALL ORDER BY ALL",
        ),
        "top 10 products" => one("SELECT properties->>'id' AS value, count(*) AS count, \
             count(DISTINCT profile_id) AS people FROM events GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 10"),
        "distinct people" => {
            one("SELECT count(*) AS events, count(DISTINCT profile_id) AS people, \
             count(DISTINCT session_id) AS sessions FROM events")
        }
        "three-step funnel, 30 days" => vec![funnel("true", "INTERVAL 30 DAY")],
        "three-step funnel, a day" => vec![funnel("true", DAY)],
        "one person's last 50" => vec![format!(
            "SELECT * FROM events WHERE profile_id = '{somebody}' ORDER BY {NEWEST_FIRST} LIMIT 50"
        )],
        "people by day and campaign" => vec![by_day("count(DISTINCT profile_id)")],
        "median by day and campaign" => vec![by_day("median((properties->>'price')::DOUBLE)")],
        "several series by day" => vec![format!(
            "SELECT date_trunc('day', time) AS date, count(*) FILTER (type = 'page-view') AS value, \
             count(DISTINCT profile_id) FILTER (type = 'order-completed') AS people, \
             sum((properties->>'price')::DOUBLE) FILTER (type = 'order-completed') AS sum \
             FROM events WHERE {RANGE} GROUP BY 1 ORDER BY 1"
        )],
        "funnel told apart, without" => vec![told_apart()],
        "funnel in any order" => vec![in_any_order()],
        "strict funnel" => vec![strict()],
        "time to convert" => vec![times()],
        "retention by day" => vec![format!(
            "WITH active AS (SELECT DISTINCT profile_id, time::DATE AS day FROM events WHERE {RANGE}), \
             first AS (SELECT profile_id, min(day) AS cohort FROM active GROUP BY 1) \
             SELECT cohort, day - cohort AS period, count(*) AS people FROM active JOIN first USING (profile_id) \
             WHERE day - cohort <= 12 GROUP BY ALL ORDER BY ALL"
        )],
        "paths from a search" => paths(),
        "stickiness" => vec![format!(
            "SELECT intervals, count(*) AS people FROM (SELECT profile_id, count(DISTINCT time::DATE) AS intervals \
             FROM events WHERE {RANGE} GROUP BY 1) GROUP BY 1 ORDER BY 1"
        )],
        "lifecycle" => vec![lifecycle()],
        other => panic!("nobody has written {other} by hand"),
    }
}

fn by_day(measure: &str) -> String {
    format!(
        "SELECT date_trunc('day', time) AS date, utm_source, {measure} AS value FROM events WHERE {RANGE} \
         GROUP BY ALL ORDER BY ALL"
    )
}

/// Through the latest view that each later step may have begun with, as one finds it on the web.
fn stages(range: &str, window: &str) -> String {
    format!(
        "WITH e AS (SELECT profile_id, type, time FROM events WHERE {range} AND {STEPS}), \
         carts AS (SELECT *, max(CASE WHEN type = 'page-view' THEN time END) OVER {BEFORE} AS viewed FROM e), \
         orders AS (SELECT *, max(CASE WHEN type = 'product-added-to-cart' AND time - viewed <= {window} \
         THEN viewed END) OVER {BEFORE} AS began FROM carts), \
         done AS (SELECT profile_id, type = 'page-view' AS is_1, \
         type = 'product-added-to-cart' AND time - viewed <= {window} AS is_2, \
         type = 'order-completed' AND time - began <= {window} AS is_3, time - began AS took FROM orders)"
    )
}

fn funnel(range: &str, window: &str) -> String {
    format!(
        "{} SELECT count(DISTINCT CASE WHEN is_1 THEN profile_id END) AS step_1, \
         count(DISTINCT CASE WHEN is_2 THEN profile_id END) AS step_2, \
         count(DISTINCT CASE WHEN is_3 THEN profile_id END) AS step_3 FROM done",
        stages(range, window)
    )
}

fn told_apart() -> String {
    format!(
        "WITH e AS (SELECT profile_id, type, time, utm_source FROM events WHERE {RANGE} \
         AND ({STEPS} OR type = 'product-removed-from-cart')), \
         carts AS (SELECT *, max(CASE WHEN type = 'page-view' THEN time END) OVER {BEFORE} AS viewed, \
         max(CASE WHEN type = 'product-removed-from-cart' THEN time END) OVER {BEFORE} AS removed FROM e), \
         orders AS (SELECT *, type = 'product-added-to-cart' AND time - viewed <= {DAY} \
         AND coalesce(removed <= viewed, true) AS is_2, max(CASE WHEN type = 'product-added-to-cart' \
         AND time - viewed <= {DAY} AND coalesce(removed <= viewed, true) THEN viewed END) OVER {BEFORE} AS began \
         FROM carts), \
         people AS (SELECT profile_id, arg_min(utm_source, time) FILTER (type = 'page-view') AS source, \
         bool_or(is_2) AS is_2, bool_or(type = 'order-completed' AND time - began <= {DAY} \
         AND coalesce(removed <= began, true)) AS is_3 FROM orders GROUP BY 1 HAVING bool_or(type = 'page-view')) \
         SELECT source, [count(*), count(*) FILTER (is_2), count(*) FILTER (is_3)] AS steps FROM people \
         GROUP BY 1 ORDER BY count(*) DESC"
    )
}

fn in_any_order() -> String {
    let has = |kind: &str| format!("CAST(bool_or(type = '{kind}') OVER w AS INT)");
    format!(
        "SELECT [count(*) FILTER (many >= 1), count(*) FILTER (many >= 2), count(*) FILTER (many >= 3)] AS steps FROM \
         (SELECT profile_id, max(many) AS many FROM (SELECT profile_id, {} + {} + {} AS many FROM events \
         WHERE {RANGE} AND {STEPS} WINDOW w AS (PARTITION BY profile_id ORDER BY time \
         RANGE BETWEEN CURRENT ROW AND {DAY} FOLLOWING)) GROUP BY 1)",
        has("page-view"),
        has("product-added-to-cart"),
        has("order-completed")
    )
}

fn strict() -> String {
    format!(
        "WITH e AS (SELECT profile_id, type, time, lead(type) OVER w AS second, lead(time) OVER w AS second_at, \
         lead(type, 2) OVER w AS third, lead(time, 2) OVER w AS third_at FROM events WHERE {RANGE} \
         WINDOW w AS (PARTITION BY profile_id ORDER BY time)), \
         done AS (SELECT profile_id, second = 'product-added-to-cart' AND second_at - time <= {DAY} AS is_2, \
         third = 'order-completed' AND third_at - time <= {DAY} AS is_3 FROM e WHERE type = 'page-view') \
         SELECT [count(DISTINCT profile_id), count(DISTINCT CASE WHEN is_2 THEN profile_id END), \
         count(DISTINCT CASE WHEN is_2 AND is_3 THEN profile_id END)] AS steps FROM done"
    )
}

fn times() -> String {
    let ends = BOUNDS.into_iter().skip(1).map(Some).chain([None]);
    let buckets = BOUNDS.into_iter().zip(ends).map(|(from, to)| {
        let to = to.map(|to| format!(" AND took < INTERVAL {to} SECOND")).unwrap_or_default();
        format!("count(*) FILTER (took >= INTERVAL {from} SECOND{to})")
    });
    format!(
        "{}, quickest AS (SELECT profile_id, min(took) AS took FROM done WHERE is_3 GROUP BY 1), \
         seconds AS (SELECT took, epoch(took) AS s FROM quickest) \
         SELECT count(*) AS people, avg(s) AS average, median(s) AS median, quantile_cont(s, 0.9) AS p90, \
         [{}] AS buckets FROM seconds",
        stages(RANGE, DAY),
        buckets.collect::<Vec<_>>().join(", ")
    )
}

/// The ways, and what leads to what: Kith's answer has both.
fn paths() -> Vec<String> {
    let ways = format!(
        "CREATE OR REPLACE TEMP TABLE ways AS \
         WITH begun AS (SELECT session_id, min(time) AS at FROM events WHERE {RANGE} AND type = 'search' GROUP BY 1), \
         walked AS (SELECT e.session_id, any_value(e.profile_id) AS whose, list(e.type ORDER BY e.time) AS walk \
         FROM events AS e JOIN begun ON begun.session_id = e.session_id AND e.time >= begun.at WHERE {RANGE} GROUP BY 1) \
         SELECT whose, list_filter(walk, lambda p, i: i = 1 OR p <> walk[i - 1])[:5] AS path FROM walked"
    );
    let links = "CREATE OR REPLACE TEMP TABLE links AS SELECT i AS step, path[i] AS \"from\", path[i + 1] AS \"to\", \
         count(*) AS count, count(DISTINCT whose) AS people FROM (SELECT whose, path, \
         unnest(generate_series(1, len(path) - 1)) AS i FROM ways) GROUP BY ALL ORDER BY count DESC LIMIT 300";
    let paths = "SELECT path, count(*) AS count, count(DISTINCT whose) AS people FROM ways WHERE len(path) > 1 \
         GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 50";
    vec![ways, links.to_owned(), paths.to_owned()]
}

fn lifecycle() -> String {
    "WITH active AS (SELECT DISTINCT profile_id, time::DATE AS day FROM events \
     WHERE time < TIMESTAMPTZ '2026-01-31T00:00:00Z'), \
     around AS (SELECT day, lag(day) OVER w AS earlier, lead(day) OVER w AS later FROM active \
     WINDOW w AS (PARTITION BY profile_id ORDER BY day)) \
     SELECT day, CASE WHEN earlier IS NULL THEN 'new' WHEN earlier = day - 1 THEN 'returning' \
     ELSE 'resurrecting' END AS state, count(*) AS people FROM around GROUP BY ALL UNION ALL \
     SELECT day + 1, 'dormant', count(*) FROM around WHERE (later IS NULL OR later > day + 1) \
     AND day < DATE '2026-01-31' GROUP BY ALL ORDER BY ALL"
        .to_owned()
}
