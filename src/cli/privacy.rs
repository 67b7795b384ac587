//! Nobody but the owner reads what Kith keeps: the modes of what it makes and of what was there.

use std::fs::{DirBuilder, Permissions, metadata, set_permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::Mode;

use crate::config::Config;

/// What those have no share in who are not the owner.
const OTHERS: u32 = 0o077;
/// Others may make and rename files in it, and only their own are safe (the sticky bit is not set).
const WRITABLE: (u32, u32) = (0o002, 0o1000);
const FOLDER: u32 = 0o700;
const FILE: u32 = 0o600;

/// What Kith has in its folder; what else lies there is the operator's.
const OURS: [&str; 8] = [
    "kith.db",
    "kith.db-wal",
    "kith.db-shm",
    "kith.lock",
    "kith.toml",
    "events",
    "scratch",
    "cache",
];

/// Whatever this process makes from now on, also by way of libraries, is its owner's alone.
pub(super) fn begin() {
    rustix::process::umask(Mode::from_raw_mode(OTHERS));
}

/// The folder, readable by its owner only: it holds what people have told. One that others could read
/// until now is closed, with what Kith has in it.
pub(super) fn make_private(folder: &Path) -> Result<(), String> {
    let fault = |error: io::Error| format!("{}: {error}", folder.display());
    DirBuilder::new().recursive(true).mode(FOLDER).create(folder).map_err(fault)?;
    if !is_open(folder) {
        return Ok(());
    }
    let ours = OURS.iter().map(|name| folder.join(name)).filter(|path| path.exists());
    let closed = close(folder).and_then(|()| ours.into_iter().try_for_each(close_all));
    if let Err(error) = closed {
        tracing::warn!(folder = %folder.display(), %error, "others can read the data folder");
    }
    Ok(())
}

/// Says what others can read or put something else in the place of, of what Kith does not close by
/// itself.
pub(super) fn warn(config: &Config, settings: Option<&Path>) {
    if let Some(settings) = settings.filter(|path| is_open(path)) {
        let hint = "it may hold passwords; chmod 600";
        tracing::warn!(file = %settings.display(), hint, "others can read the settings");
    }
    if let Some(folder) = config.events_url.strip_prefix("file://").map(Path::new)
        && is_open(folder)
    {
        tracing::warn!(folder = %folder.display(), "others can read the files of history");
    }
    let above = config.data_dir.canonicalize().ok();
    if let Some(above) = above.as_deref().and_then(Path::parent)
        && mode(above) & (WRITABLE.0 | WRITABLE.1) == WRITABLE.0
    {
        let hint = "they can put another in its place";
        tracing::warn!(folder = %above.display(), hint, "others can rename the data folder");
    }
}

fn mode(path: &Path) -> u32 {
    metadata(path).map_or(0, |found| found.permissions().mode())
}

fn is_open(path: &Path) -> bool {
    mode(path) & OTHERS != 0
}

fn close(path: &Path) -> io::Result<()> {
    let mode = if path.is_dir() { FOLDER } else { FILE };
    set_permissions(path, Permissions::from_mode(mode))
}

/// With all that is in it. What vanishes meanwhile is closed enough.
fn close_all(path: PathBuf) -> io::Result<()> {
    let mut waiting = vec![path];
    while let Some(path) = waiting.pop() {
        // A link leads out of the folder, where Kith does not decide.
        let Ok(found) = path.symlink_metadata() else { continue };
        if found.is_symlink() {
            continue;
        }
        match close(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        if found.is_dir() {
            let inside = std::fs::read_dir(&path)?.flatten();
            waiting.extend(inside.map(|entry| entry.path()));
        }
    }
    Ok(())
}
