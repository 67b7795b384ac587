//! Ways through visits: cut, cleaned and counted as a few lines do it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::World;
use crate::lake::asking::Sent;

/// What a question says, for the lines below.
#[derive(Clone, Copy, Debug, Default)]
struct Asked {
    start: Option<&'static str>,
    end: Option<&'static str>,
    leave_out: Option<&'static str>,
    collapse: bool,
    /// `page-view` and `product-clicked` are called `look`.
    renames: bool,
    depth: usize,
}

impl Asked {
    fn question(&self, world: &World) -> Value {
        let is = |kind: Option<&str>| kind.map(|kind| format!("type = \"{kind}\""));
        json!({
            "scope": world.scope(), "start": is(self.start), "end": is(self.end),
            "leave_out": Vec::from_iter(self.leave_out), "collapse": self.collapse, "depth": self.depth,
            "replace": if self.renames { json!([{"pattern": "page-.*|product-[a-z]+", "with": "look"}]) } else { json!([]) },
            "limit": 1000,
        })
    }

    fn point(&self, one: &Sent) -> &'static str {
        if self.renames && one.kind.starts_with('p') { "look" } else { one.kind }
    }

    /// The way of one visit, and whose it is.
    fn way(&self, visit: &[&Sent]) -> Option<(usize, Vec<&'static str>)> {
        let kept: Vec<&&Sent> =
            visit.iter().filter(|one| Some(self.point(one)) != self.leave_out).collect();
        let first = match self.start {
            Some(kind) => kept.iter().position(|one| one.kind == kind)?,
            None => 0,
        };
        let kept = &kept[first..];
        let skipped = usize::from(self.start.is_some());
        let kept = match self.end {
            Some(kind) => {
                let rest = kept.get(skipped..)?;
                &kept[..=rest.iter().position(|one| one.kind == kind)? + skipped]
            }
            None => kept,
        };
        let mut way: Vec<&str> = kept.iter().map(|one| self.point(one)).collect();
        if self.collapse {
            way.dedup();
        }
        let (length, depth) = (way.len(), self.depth);
        let way = match (self.start, self.end) {
            (Some(_), Some(_)) if length > depth => return None,
            (None, Some(_)) => way.split_off(length.saturating_sub(depth)),
            _ => way.into_iter().take(depth).collect(),
        };
        (!way.is_empty()).then(|| (kept[0].person, way))
    }
}

#[test]
fn paths_are_what_walking_through_visits_says() {
    let world = World::new(61, 0);
    let plain = Asked { depth: 3, ..Asked::default() };
    for asked in [
        plain,
        Asked { depth: 12, ..plain },
        Asked { collapse: true, renames: true, ..plain },
        Asked { start: Some("cart"), ..plain },
        Asked { end: Some("order"), depth: 4, ..plain },
        Asked { start: Some("page-view"), end: Some("order"), collapse: true, depth: 4, ..plain },
        Asked { start: Some("cart"), end: Some("cart"), depth: 5, ..plain },
        Asked { leave_out: Some("cart"), collapse: true, depth: 5, ..plain },
        Asked { leave_out: Some("look"), renames: true, end: Some("order"), ..plain },
    ] {
        check(&world, &asked);
    }
}

fn check(world: &World, asked: &Asked) {
    let question = asked.question(world);
    let mut visits: BTreeMap<&str, Vec<&Sent>> = BTreeMap::new();
    world.sent.iter().for_each(|one| visits.entry(&one.session).or_default().push(one));
    let ways: Vec<(usize, Vec<&str>)> =
        visits.values().filter_map(|visit| asked.way(visit)).collect();
    let mut paths: BTreeMap<Vec<&str>, (u64, BTreeSet<usize>)> = BTreeMap::new();
    let mut links: BTreeMap<(u64, &str, &str), (u64, BTreeSet<usize>)> = BTreeMap::new();
    let is_from_the_end = asked.end.is_some() && asked.start.is_none();
    for (person, way) in &ways {
        let of_path = paths.entry(way.clone()).or_default();
        of_path.0 += 1;
        of_path.1.insert(*person);
        let shift = if is_from_the_end { asked.depth - way.len() } else { 0 };
        for (at, two) in way.windows(2).enumerate() {
            let of_link = links.entry(((at + 1 + shift) as u64, two[0], two[1])).or_default();
            of_link.0 += 1;
            of_link.1.insert(*person);
        }
    }
    let told = world.ask("paths", &question);
    let (told_paths, told_links) =
        (told["paths"].as_array().unwrap(), told["links"].as_array().unwrap());
    assert_eq!(
        (told_paths.len(), told_links.len()),
        (paths.len(), links.len()),
        "{asked:?} {told}"
    );
    assert!(!paths.is_empty(), "{asked:?}");
    for row in told_paths {
        let path: Vec<&str> =
            row["path"].as_array().unwrap().iter().map(|point| point.as_str().unwrap()).collect();
        let (count, people) = &paths[&path];
        assert_eq!(
            (row["count"].as_u64(), row["people"].as_u64()),
            (Some(*count), Some(people.len() as u64)),
            "{row}"
        );
        let of = json!({"paths": {"question": question, "path": path}});
        assert_eq!(world.behind(&of), *people, "{of}");
    }
    for row in told_links.iter().take(5) {
        let (from, to) = (row["from"].as_str().unwrap(), row["to"].as_str().unwrap());
        let (count, people) = &links[&(row["step"].as_u64().unwrap(), from, to)];
        assert_eq!(
            (row["count"].as_u64(), row["people"].as_u64()),
            (Some(*count), Some(people.len() as u64)),
            "{row}"
        );
        let of =
            json!({"paths": {"question": question, "step": row["step"], "from": from, "to": to}});
        assert_eq!(world.behind(&of), *people, "{of}");
    }
}
