//! `ARCHITECTURE.md` holds the map of the code: every module, what it is, what it may use.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::{read, rust_files};

struct Row {
    caption: String,
    may_use: BTreeSet<String>,
}

/// The rows of the table whose first column is a module in backticks.
fn map() -> BTreeMap<String, Row> {
    let text = read(Path::new("ARCHITECTURE.md"));
    let rows = text.lines().filter(|line| line.starts_with("| `"));
    rows.map(|line| {
        let columns: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let words = |text: &str| -> BTreeSet<String> {
            text.split(',').map(|word| word.trim().trim_matches('`').to_owned()).collect()
        };
        let row = Row { caption: columns[1].to_owned(), may_use: words(columns[2]) };
        (columns[0].trim_matches('`').to_owned(), row)
    })
    .collect()
}

/// The module of the map that a file belongs to: its folder or file directly under `src`.
fn module(path: &Path) -> String {
    let first = path.components().nth(1).unwrap().as_os_str().to_str().unwrap();
    first.trim_end_matches(".rs").to_owned()
}

fn caption(path: &Path) -> Option<String> {
    let text = read(path);
    let line = text.lines().next()?.strip_prefix("//! ")?;
    Some(line.to_owned())
}

#[test]
fn the_map_names_every_module_with_its_own_caption() {
    let map = map();
    let modules: BTreeSet<String> = rust_files("src").iter().map(|path| module(path)).collect();
    let mapped: BTreeSet<String> = map.keys().cloned().collect();
    assert_eq!(modules, mapped);
    for (name, row) in &map {
        let folder = format!("src/{name}/mod.rs");
        let file = format!("src/{name}.rs");
        let path = if super::root().join(&folder).exists() { folder } else { file };
        assert_eq!(caption(Path::new(&path)).as_deref(), Some(row.caption.as_str()), "{path}");
    }
}

#[test]
fn every_file_begins_with_a_caption() {
    for path in rust_files("src").into_iter().chain(rust_files("tests")) {
        let caption = caption(&path);
        assert!(caption.is_some_and(|caption| caption.ends_with(['.', ':', '?', '!'])), "{path:?}");
    }
}

/// The modules that a file names as `crate::module`, tests left out.
fn used(path: &Path) -> BTreeSet<String> {
    let text = read(path);
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let code: String = code.collect::<Vec<_>>().join("\n");
    let mut used = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        let name: String =
            rest.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect();
        used.insert(name);
    }
    used
}

#[test]
fn nobody_uses_what_the_map_does_not_allow() {
    let map = map();
    let mut really: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for path in rust_files("src") {
        if path.ends_with("tests.rs") {
            continue;
        }
        let name = module(&path);
        let mut used = used(&path);
        used.retain(|other| *other != name && map.contains_key(other));
        really.entry(name).or_default().extend(used);
    }
    for (name, used) in really {
        let allowed: BTreeSet<String> =
            map[&name].may_use.iter().filter(|word| map.contains_key(*word)).cloned().collect();
        assert_eq!(used, allowed, "{name}");
    }
}

/// Takes out, again and again, whoever uses none of those that are left.
#[test]
fn no_module_uses_itself_by_way_of_others() {
    let map = map();
    let mut left: BTreeSet<&String> = map.keys().collect();
    loop {
        let uses = |name: &&&String| map[**name].may_use.iter().any(|other| left.contains(other));
        let circle: BTreeSet<&String> = left.iter().filter(uses).copied().collect();
        if circle.len() == left.len() {
            break;
        }
        left = circle;
    }
    assert!(left.is_empty(), "each of these uses another of them: {left:?}");
}
