//! What is committed, and where it points.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{read, root, rust_files};

/// Everything in the history's newest state and the work tree.
pub(super) fn committed() -> Vec<PathBuf> {
    let listed = Command::new("git").current_dir(root()).args(["ls-files"]).output().unwrap();
    let text = String::from_utf8(listed.stdout).unwrap();
    text.lines().map(PathBuf::from).filter(|path| root().join(path).exists()).collect()
}

pub(super) fn documents() -> Vec<PathBuf> {
    let mut all = committed();
    all.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    all
}

#[test]
fn no_path_of_a_machine_is_named() {
    let paths = ["/wo\u{72}k/", "/ro\u{6f}t/", "/Us\u{65}rs/"];
    for path in committed() {
        let Ok(text) = std::fs::read_to_string(root().join(&path)) else { continue };
        for machine in paths {
            assert!(!text.contains(machine), "{path:?} names {machine}");
        }
    }
}

/// The targets of `[text](target)`, those of the web left out.
fn links(text: &str) -> Vec<String> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let own = targets.filter(|target| !target.contains("://") && !target.starts_with('#'));
    own.map(|target| target.split('#').next().unwrap().to_owned()).collect()
}

#[test]
fn every_link_of_a_document_leads_somewhere() {
    for document in documents() {
        let folder = document.parent().unwrap_or(Path::new(""));
        for target in links(&read(&document)) {
            assert!(root().join(folder).join(&target).exists(), "{document:?}: {target}");
        }
    }
}

/// Keys of the configuration, in the manual and in the default alike.
#[test]
fn the_manual_names_every_setting() {
    let manual = read(Path::new("docs/operations.md"));
    let settings = read(Path::new("src/config/default.toml"));
    let keys = settings.lines().filter_map(|line| line.split_once(" = ")).map(|(key, _)| key);
    for key in keys.filter(|key| !key.starts_with('#')) {
        assert!(manual.contains(key), "docs/operations.md does not name {key}");
    }
}

#[test]
fn the_manual_names_every_metric_and_every_warning() {
    let manual = read(Path::new("docs/operations.md"));
    let telemetry: String = rust_files("src/telemetry").iter().map(|path| read(path)).collect();
    let metrics = telemetry.split('"').filter(|text| text.starts_with("kith_"));
    metrics.for_each(|metric| assert!(manual.contains(metric), "{metric}"));
    let api = read(Path::new("docs/api.md"));
    let codes = warnings();
    // One of each way to give one: should the test not see them, it would say nothing of others.
    for known in ["people_too_many", "trait_type"] {
        assert!(codes.iter().any(|code| code == known), "{known} is not found in the code");
    }
    codes.iter().for_each(|code| assert!(api.contains(&format!("`{code}`")), "{code}"));
}

/// Every code that a warning may have, as the sources have them.
fn warnings() -> Vec<String> {
    let files = ["src/http", "src/committer", "src/identification", "src/processing"]
        .into_iter()
        .flat_map(rust_files);
    let texts: Vec<String> = files.map(|path| read(&path)).collect();
    let named = texts.iter().flat_map(|text| {
        let before = ["Warning::new(", ".warn("];
        before.into_iter().flat_map(|before| text.split(before).skip(1)).filter_map(code)
    });
    named.map(str::to_owned).collect()
}

/// The code that the text begins with, maybe after another argument.
fn code(text: &str) -> Option<&str> {
    let text = text.trim_start();
    let text = if text.starts_with('"') { text } else { text.split_once(',')?.1.trim_start() };
    let code = text.strip_prefix('"')?.split('"').next()?;
    let is_code =
        !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    is_code.then_some(code)
}

/// `file::test`, as THREATS.md names what holds a promise.
#[test]
fn every_test_that_threats_name_is_there() {
    let threats = read(Path::new("THREATS.md"));
    let quoted = threats.split('`').skip(1).step_by(2);
    let named: Vec<_> = quoted.filter_map(|text| text.split_once(".rs::")).collect();
    assert!(named.len() > 40, "{}", named.len());
    for (file, test) in named {
        let text = read(Path::new(&format!("{file}.rs")));
        assert!(text.contains(&format!("#[test]\n{}fn {test}()", indent(file))), "{file}::{test}");
    }
}

/// Unit tests stand in a module of their own, or in a file.
fn indent(file: &str) -> &'static str {
    if file.starts_with("tests/") || file.ends_with("/tests") { "" } else { "    " }
}
