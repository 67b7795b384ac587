//! What building needs, looked for on machines that lack some of it: `scripts/setup.sh` among stand-ins.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use super::root;

/// What the script asks of any machine.
const TOOLS: [&str; 7] = ["env", "id", "sort", "head", "sed", "cut", "dirname"];
/// A Debian machine that has all that is needed, and what each program says.
const ALL: [(&str, &str); 9] = [
    ("cc", ""),
    ("git", ""),
    ("curl", ""),
    ("npm", ""),
    ("python3", ""),
    ("node", "echo v22.14.0"),
    ("cargo", ""),
    ("rustc", "echo 'rustc 9.1.0 (0123456 2030-01-01)'"),
    ("sudo", "exec \"$@\""),
];

/// A program of this name. None is a link to one of the machine's: what is written to that would be written there.
fn put(place: &Path, name: &str, body: &str) {
    let program = place.join(name);
    std::fs::write(&program, format!("#!/bin/sh\n{body}\n")).unwrap();
    std::fs::set_permissions(&program, Permissions::from_mode(0o755)).unwrap();
}

/// Sets up where these programs are otherwise, or not there; what was said, and whether all was well.
fn set_up(otherwise: &[(&str, Option<&str>)]) -> (String, bool) {
    let place = tempfile::tempdir().unwrap();
    for tool in TOOLS {
        let found = ["/usr/bin", "/bin"].map(|folder| Path::new(folder).join(tool));
        let real = found.iter().find(|path| path.exists()).unwrap();
        put(place.path(), tool, &format!("exec {} \"$@\"", real.display()));
    }
    let said =
        |name: &str| otherwise.iter().find(|(other, _)| *other == name).map(|(_, body)| *body);
    let more =
        [("apt-get", "echo apt-get \"$@\""), ("apt-cache", "echo '  Candidate: 18.20.4+dfsg'")];
    for (name, body) in ALL.into_iter().chain(more) {
        if let Some(body) = said(name).unwrap_or(Some(body)) {
            put(place.path(), name, body);
        }
    }
    let script = root().join("scripts/setup.sh");
    let done = Command::new("/bin/sh").arg(script).env_clear().env("PATH", place.path()).output();
    let done = done.unwrap();
    let said = [done.stdout, done.stderr].concat();
    (String::from_utf8(said).unwrap(), done.status.success())
}

#[test]
fn what_is_there_is_not_installed() {
    assert_eq!(set_up(&[]), (String::new(), true));
}

#[test]
fn what_is_too_old_is_named_before_anything_is_built() {
    let (said, is_well) = set_up(&[("node", Some("echo v18.20.4"))]);
    assert!(!is_well && said.contains("20.19") && said.contains("18.20.4"), "{said}");
    let (said, is_well) = set_up(&[("rustc", Some("echo 'rustc 1.63.0 (x)'"))]);
    assert!(!is_well && said.contains("this is 1.63.0"), "{said}");
    let (said, is_well) = set_up(&[("cargo", None)]);
    assert!(!is_well && said.contains("Rust is missing"), "{said}");
}

#[test]
fn what_would_be_too_old_is_not_installed() {
    let (said, is_well) = set_up(&[("npm", None), ("node", None)]);
    assert!(!is_well && said.contains("this is 18.20.4"), "{said}");
    assert!(said.contains("apt-get update") && !said.contains("apt-get install"), "{said}");
    let fresh = Some("echo '  Candidate: 20.19.2+dfsg-1'");
    let (said, is_well) = set_up(&[("npm", None), ("apt-cache", fresh)]);
    assert!(is_well && said.ends_with("apt-get install -y -qq npm\n"), "{said}");
}

#[test]
fn what_is_asked_for_is_what_the_packages_need() {
    for package in ["sdk", "console", "lists"] {
        let text = std::fs::read_to_string(root().join(package).join("package.json")).unwrap();
        assert!(text.contains("\"node\": \">=20.19\""), "{package}");
    }
}
