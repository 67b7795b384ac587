//! Where texts point: pages, their sections, their headings.

use std::collections::BTreeSet;
use std::path::Path;

use super::files::{committed, documents};
use super::{read, root};

/// Pages that people have worked from and that are not here: nobody can look there.
const ELSEWHERE: [&str; 6] = [
    "sp\u{65}c §",
    "sp\u{65}c's",
    "DES\u{49}GN",
    "style.\u{6d}d",
    "storage-\u{66}acts",
    "peers.\u{6d}d",
];

#[test]
fn no_page_is_named_that_is_not_here() {
    for path in committed() {
        let Ok(text) = std::fs::read_to_string(root().join(&path)) else { continue };
        for (number, line) in text.lines().enumerate() {
            let named = ELSEWHERE.iter().find(|page| line.contains(**page));
            assert!(named.is_none(), "{path:?}, line {}: {line}", number + 1);
        }
    }
}

/// What a text names as `docs/wire.md §3.2, §4`: the page, and each of its sections.
fn named(text: &str) -> Vec<(&str, &str)> {
    let mut named = Vec::new();
    for (at, _) in text.match_indices("docs/") {
        let Some((page, mut after)) = text[at..].split_once(".md") else { continue };
        let is_path = |letter: char| letter.is_ascii_alphanumeric() || "/-_".contains(letter);
        let begins = text[..at].chars().next_back();
        if !page.chars().all(is_path) || begins.is_some_and(is_path) {
            continue;
        }
        named.push((page, ""));
        while let Some(next) = after.strip_prefix(" §").or_else(|| after.strip_prefix(", §")) {
            let end = next.find(|letter: char| !letter.is_ascii_digit() && letter != '.');
            let (number, rest) = next.split_at(end.unwrap_or(next.len()));
            named.push((page, number.trim_end_matches('.')));
            after = rest;
        }
    }
    named
}

fn headings(page: &Path) -> Vec<String> {
    let text = read(page);
    let lines = text.lines().filter(|line| line.starts_with('#'));
    lines.map(|line| line.trim_start_matches('#').trim().to_owned()).collect()
}

#[test]
fn every_section_that_is_named_is_there() {
    let mut sections = 0;
    for path in committed() {
        let Ok(text) = std::fs::read_to_string(root().join(&path)) else { continue };
        for (page, section) in named(&text) {
            let page = format!("{page}.md");
            assert!(root().join(&page).exists(), "{path:?} names {page}");
            if section.is_empty() {
                continue;
            }
            sections += 1;
            let is_it = |heading: &String| {
                let after = heading.strip_prefix(section);
                after.is_some_and(|after| after.starts_with(". ") || after.starts_with(' '))
            };
            assert!(
                headings(Path::new(&page)).iter().any(is_it),
                "{path:?} names {page} §{section}"
            );
        }
    }
    // Should the test not see them, it would say nothing of any.
    assert!(sections > 50, "only {sections} sections are named");
}

/// The name that a heading has in links, as GitHub makes it.
fn anchor(heading: &str) -> String {
    let lower = heading.to_lowercase();
    let kept = lower.chars().filter(|letter| letter.is_alphanumeric() || "-_ ".contains(*letter));
    kept.map(|letter| if letter == ' ' { '-' } else { letter }).collect()
}

/// Where links can lead within a page: to its headings, and to anchors of its own.
fn anchors(page: &Path) -> BTreeSet<String> {
    let text = read(page);
    let own = text.split("<a id=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let own = own.map(str::to_owned);
    own.chain(headings(page).iter().map(|heading| anchor(heading))).collect()
}

#[test]
fn every_link_to_a_heading_leads_to_one() {
    for document in documents() {
        let text = read(&document);
        let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for target in targets.filter(|target| !target.contains("://")) {
            let Some((page, wanted)) = target.split_once('#') else { continue };
            let folder = document.parent().unwrap_or(Path::new(""));
            let page = if page.is_empty() { document.clone() } else { folder.join(page) };
            assert!(anchors(&page).contains(wanted), "{document:?}: {target}");
        }
    }
}
