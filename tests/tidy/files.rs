//! What is committed, and where it points.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{read, root};

/// Everything in the history's newest state and the work tree.
fn committed() -> Vec<PathBuf> {
    let listed = Command::new("git").current_dir(root()).args(["ls-files"]).output().unwrap();
    let text = String::from_utf8(listed.stdout).unwrap();
    text.lines().map(PathBuf::from).filter(|path| root().join(path).exists()).collect()
}

fn documents() -> Vec<PathBuf> {
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
fn the_manual_names_every_metric_and_every_code() {
    let manual = read(Path::new("docs/operations.md"));
    let telemetry = read(Path::new("src/telemetry.rs"));
    let metrics = telemetry.split('"').filter(|text| text.starts_with("kith_"));
    metrics.for_each(|metric| assert!(manual.contains(metric), "{metric}"));
    let api = read(Path::new("docs/api.md"));
    for code in [
        "source_unknown",
        "source_disabled",
        "source_wrong_bridge",
        "origin_not_allowed",
        "bot_refused",
        "profile_id_required",
        "payload_invalid",
        "json_too_deep",
        "body_unreadable",
        "encoding_unknown",
        "body_too_large",
        "source_rate_exceeded",
        "login_attempts",
        "overloaded",
        "storage_full",
        "storage_unavailable",
        "stopping",
        "credentials_wrong",
        "credentials_missing",
        "token_invalid",
        "not_authenticated",
        "not_found",
        "no_such_address",
        "method_not_allowed",
        "request_invalid",
        "too_slow",
        "source_invalid",
        "event_repeated",
        "time_in_future",
        "passed_source_refused",
        "people_too_many",
        "session_full",
        "trait_type",
        "trait_too_large",
        "consent_type",
    ] {
        assert!(api.contains(code), "docs/api.md does not name {code}");
    }
}
