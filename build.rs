//! The binary finds DuckDB's library in its own folder: it is put there, and looked for there.

use std::path::{Path, PathBuf};

fn main() {
    println!("cargo:rerun-if-env-changed=DUCKDB_LIB_DIR");
    println!("cargo:rustc-link-arg=-Wl,-rpath,$ORIGIN:$ORIGIN/..");
    let Some(folder) = std::env::var_os("DUCKDB_LIB_DIR").map(PathBuf::from) else { return };
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it"));
    // target/<profile>/build/<package>/out: the binary lies in target/<profile>.
    let beside = out.ancestors().nth(3).expect("cargo's layout").join("libduckdb.so");
    place(&folder.join("libduckdb.so"), &beside);
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
