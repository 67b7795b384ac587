//! Puts the browser script, the console and the list of crawlers into the binary, and DuckDB's library
//! where the binary looks for it: beside it.

use std::path::{Path, PathBuf};

fn main() {
    script();
    console();
    crawlers();
    println!("cargo:rerun-if-env-changed=DUCKDB_LIB_DIR");
    println!("cargo:rustc-link-arg=-Wl,-rpath,$ORIGIN:$ORIGIN/..");
    let Some(folder) = std::env::var_os("DUCKDB_LIB_DIR").map(PathBuf::from) else { return };
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it"));
    // target/<profile>/build/<package>/out: the binary lies in target/<profile>.
    let beside = out.ancestors().nth(3).expect("cargo's layout").join("libduckdb.so");
    place(&folder.join("libduckdb.so"), &beside);
}

/// The browser script and its parts are compiled in; npm makes them.
fn script() {
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let built = root.join("sdk/dist");
    let script = built.join("kith.js");
    println!("cargo:rerun-if-changed={}", script.display());
    assert!(script.exists(), "sdk/dist/kith.js is missing: `make setup` builds it");
    println!("cargo:rustc-env=BROWSER_SCRIPTS={}", built.display());
}

/// The console's files, which npm makes, as a list for `http/pages/console/files.rs`.
///
/// A debug build reads the folder when it starts: a change of the console then costs no Rust build, and
/// whoever works on something else need not build it.
fn console() {
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let folder = root.join("console/dist");
    println!("cargo:rustc-check-cfg=cfg(console_in_folder)");
    if std::env::var("PROFILE").is_ok_and(|profile| profile == "debug") {
        println!("cargo:rustc-cfg=console_in_folder");
        println!("cargo:rustc-env=CONSOLE_FOLDER={}", folder.display());
        return;
    }
    println!("cargo:rerun-if-changed={}", folder.display());
    let mut files = Vec::new();
    walk(&folder, &mut files);
    assert!(!files.is_empty(), "console/dist is empty: `make setup` builds it");
    files.sort();
    let entry = |path: &PathBuf| {
        let name = path.strip_prefix(&folder).expect("it was found there").display();
        format!("({:?}, include_bytes!({path:?}))", name.to_string())
    };
    let entries: Vec<String> = files.iter().map(entry).collect();
    let list = format!("&[{}]", entries.join(",\n"));
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it"));
    std::fs::write(out.join("console.rs"), list).expect("cargo's folder can be written to");
}

/// Patterns of crawlers' user agents, which npm brings. A debug build goes without them where they are
/// not there: whoever works on something else need not fetch them.
fn crawlers() {
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let list = root.join("lists/dist/crawlers.txt");
    println!("cargo:rerun-if-changed={}", list.display());
    let is_debug = std::env::var("PROFILE").is_ok_and(|profile| profile == "debug");
    assert!(
        list.exists() || is_debug,
        "lists/dist/crawlers.txt is missing: `make setup` builds it"
    );
    if !list.exists() {
        println!(
            "cargo:warning=lists/dist is missing, and with it most crawlers: `make setup` builds it"
        );
    }
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it"));
    let patterns = std::fs::read(&list).unwrap_or_default();
    std::fs::write(out.join("crawlers.txt"), patterns).expect("cargo's folder can be written to");
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { walk(&path, files) } else { files.push(path) }
    }
}

/// A hard link where that is possible: the library takes 70 MB.
fn place(library: &Path, beside: &Path) {
    println!("cargo:rerun-if-changed={}", library.display());
    if !library.exists() {
        return;
    }
    // It may not have been there.
    drop(std::fs::remove_file(beside));
    if std::fs::hard_link(library, beside).is_err() {
        std::fs::copy(library, beside).expect("room for DuckDB's library beside the binary");
    }
}
