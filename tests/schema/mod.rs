//! The official test suite of JSON Schema, draft 2020-12, held against our own reader.
//!
//! `scripts/json_schema_suite.sh` (part of `make test`) fetches it and names its folder in
//! `KITH_JSON_SCHEMA_SUITE`; where that is empty, the suite could not be fetched.

mod exceptions;

use std::fs;
use std::path::{Path, PathBuf};

use kith::schema::Schema;
use serde_json::Value;

use exceptions::{Exception, exception};

/// One test of the suite.
struct Case<'a> {
    /// Without its ending: `optional/bignum`.
    file: &'a str,
    group: &'a str,
    test: &'a str,
    schema: &'a Value,
    data: &'a Value,
    valid: bool,
}

#[test]
#[expect(clippy::print_stdout, reason = "who reads the run is told how many there were")]
fn the_official_suite_agrees_but_for_what_is_listed() {
    let Some(folder) = suite() else { return };
    let (mut agreed, mut excepted, mut wrong, mut needless) = (0, 0, Vec::new(), Vec::new());
    each(&folder, &mut |case| match (outcome(case), exception(case.file, case.group, case.test)) {
        (Ok(()), None) => agreed += 1,
        (Err(_), Some(_)) => excepted += 1,
        (Err(why), None) => wrong.push(format!("{}: {why}", name(case))),
        (Ok(()), Some(Exception::Test)) => needless.push(name(case)),
        // Of a group or a file that cannot be read as a whole, some tests agree by chance.
        (Ok(()), Some(Exception::Several)) => excepted += 1,
    });
    println!("{agreed} tests of the suite agree, {excepted} are listed as exceptions");
    assert_eq!(wrong, Vec::<String>::new(), "these are no exceptions");
    assert_eq!(needless, Vec::<String>::new(), "these need not be listed any more");
    assert!(agreed > 1_000, "that is not the suite: {agreed}");
}

#[expect(clippy::print_stdout, reason = "who reads the run is told what was left out")]
fn suite() -> Option<PathBuf> {
    let folder = std::env::var("KITH_JSON_SCHEMA_SUITE").unwrap_or_default();
    if folder.is_empty() {
        println!("LEFT OUT: JSON Schema's test suite is not there (scripts/json_schema_suite.sh)");
        return None;
    }
    Some(Path::new(&folder).join("tests/draft2020-12"))
}

fn each(folder: &Path, visit: &mut dyn FnMut(&Case<'_>)) {
    for below in ["", "optional", "optional/format"] {
        let mut files: Vec<_> = fs::read_dir(folder.join(below))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
            .collect();
        files.sort();
        for path in files {
            let stem = path.file_stem().unwrap().to_str().unwrap();
            let file = Path::new(below).join(stem);
            each_of_file(&path, file.to_str().unwrap(), visit);
        }
    }
}

fn each_of_file(path: &Path, file: &str, visit: &mut dyn FnMut(&Case<'_>)) {
    let groups: Vec<Value> = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    for group in &groups {
        for test in group["tests"].as_array().unwrap() {
            visit(&Case {
                file,
                group: group["description"].as_str().unwrap(),
                test: test["description"].as_str().unwrap(),
                schema: &group["schema"],
                data: &test["data"],
                valid: test["valid"].as_bool().unwrap(),
            });
        }
    }
}

/// How ours differs.
fn outcome(case: &Case<'_>) -> Result<(), String> {
    let schema = Schema::read(case.schema).map_err(|why| format!("refused: {why}"))?;
    match (schema.check(case.data), case.valid) {
        (Ok(()), true) | (Err(_), false) => Ok(()),
        (Ok(()), false) => Err("taken, though it is not valid".to_owned()),
        (Err(faults), true) => Err(format!("not taken, though it is valid: {:?}", faults[0])),
    }
}

fn name(case: &Case<'_>) -> String {
    format!("{} / {} / {}", case.file, case.group, case.test)
}
