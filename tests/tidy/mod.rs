//! Style that a machine can check.

mod code_map;
mod dependencies;
mod files;
mod languages;
mod sections;
mod setup;
mod sources;

use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file under `folder`, relative to the root, sorted.
fn files(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            // What npm installs is not ours.
            if path.ends_with("node_modules") {
                continue;
            }
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    let mut relative: Vec<PathBuf> =
        found.iter().map(|path| path.strip_prefix(root()).unwrap().to_owned()).collect();
    relative.sort();
    relative
}

fn rust_files(folder: &str) -> Vec<PathBuf> {
    let mut files = files(folder);
    files.retain(|path| path.extension().is_some_and(|extension| extension == "rs"));
    files
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}
