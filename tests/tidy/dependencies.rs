//! What dependencies may be.

use std::path::Path;
use std::process::{Command, Output};

use super::root;

fn deny(folder: &Path) -> Output {
    let mut python = Command::new("python3");
    python.arg(root().join("scripts/deny.py")).arg(folder).output().unwrap()
}

fn write(folder: &Path, package: &str, rest: &str) {
    std::fs::create_dir_all(folder.join("src")).unwrap();
    std::fs::write(folder.join("src/lib.rs"), "").unwrap();
    let manifest = format!("[package]\nname = \"{package}\"\nversion = \"1.0.0\"\n{rest}\n");
    std::fs::write(folder.join("Cargo.toml"), manifest).unwrap();
}

#[test]
fn ours_are_as_they_may_be() {
    let output = deny(root());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn a_strange_dependency_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("own");
    write(&own, "own", "[dependencies]\nstrange = { path = \"../strange\" }\n[workspace]");
    let licence = "license = \"MIT AND GPL-3.0-only\"";
    write(&folder.path().join("strange"), "strange", licence);
    std::fs::copy(root().join("deny.toml"), own.join("deny.toml")).unwrap();
    let mut cargo = Command::new("cargo");
    let locked = cargo.args(["generate-lockfile", "--offline"]).current_dir(&own).output();
    assert!(locked.unwrap().status.success());
    let output = deny(&own);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(!output.status.success(), "{said}");
    assert!(said.contains("strange 1.0.0 comes from /"), "{said}");
    assert!(said.contains("strange 1.0.0 is licensed MIT AND GPL-3.0-only"), "{said}");
}
