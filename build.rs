//! Puts the browser script into the binary, and DuckDB's library where the binary looks for it: beside it.

use std::path::{Path, PathBuf};

fn main() {
    script();
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
