//! Sizes, names and leftovers.

use std::path::Path;

use super::{files, read, root, rust_files};

const LINES_MAX: usize = 400;

fn own_files() -> Vec<std::path::PathBuf> {
    ["src", "tests", "benches", "fuzz/fuzz_targets"].into_iter().flat_map(rust_files).collect()
}

#[test]
fn no_file_is_too_long() {
    for path in own_files() {
        let lines = read(&path).lines().count();
        assert!(lines <= LINES_MAX, "{path:?} has {lines} lines");
    }
}

#[test]
fn nothing_is_called_after_nothing() {
    let empty = ["utils", "util", "common", "helpers", "core", "types", "misc"];
    for path in own_files() {
        let parts = path.iter().map(|part| part.to_str().unwrap().trim_end_matches(".rs"));
        assert!(!parts.clone().any(|part| empty.contains(&part)), "{path:?}");
    }
}

#[test]
fn no_notes_to_self_are_left() {
    let leftovers = ["TODO", "FIXME", "XXX", "HACK", "dbg!(", "todo!(", "unimplemented!("];
    for path in own_files().into_iter().filter(|path| !path.starts_with("tests/tidy")) {
        let text = read(&path);
        for leftover in leftovers {
            assert!(!text.contains(leftover), "{path:?} holds {leftover}");
        }
    }
}

#[test]
fn no_module_has_two_doors() {
    for path in own_files().into_iter().filter(|path| !path.ends_with("mod.rs")) {
        let folder = root().join(path.with_extension(""));
        assert!(!folder.join("mod.rs").exists(), "{path:?} stands beside its folder");
    }
}

#[test]
fn every_snapshot_belongs_to_a_test() {
    for path in
        files("tests").into_iter().filter(|path| path.extension().is_some_and(|e| e == "snap"))
    {
        let text = read(&path);
        let source = text.lines().find_map(|line| line.strip_prefix("source: ")).unwrap();
        assert!(root().join(source).exists(), "{path:?} belongs to {source}");
        let name = path.file_stem().unwrap().to_str().unwrap().rsplit("__").next().unwrap();
        let test = read(Path::new(source));
        let begins = name.split(' ').next().unwrap();
        assert!(test.contains(begins), "{path:?}: {source} has no {begins}");
    }
}
