//! Where the files lie, as the settings say it.

use std::path::{Path, PathBuf};

use crate::config::Config;
use crate::lake::LakeError;

/// The lake's folder below the data folder, when nothing else is said.
const FOLDER: &str = "events";

/// A place for the lake's files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::lake) enum Location {
    /// On this machine.
    Folder(PathBuf),
    /// In a bucket: its name, and what all keys begin with, without slashes around it.
    S3 { bucket: String, prefix: String },
}

impl Location {
    /// The place that `events_url` names.
    pub(in crate::lake) fn of(config: &Config) -> Result<Self, LakeError> {
        let url = config.events_url.trim();
        if url.is_empty() {
            return Ok(Self::Folder(config.data_dir.join(FOLDER)));
        }
        let wrong = || {
            let wanted = "s3://bucket/prefix or file:///absolute/folder";
            LakeError::Setting(format!("events_url is {wanted}, not {url}"))
        };
        if let Some(path) = url.strip_prefix("file://") {
            // Without what means nothing in it, such as a stroke at the end.
            let path: PathBuf = Path::new(path).components().collect();
            return if path.is_absolute() { Ok(Self::Folder(path)) } else { Err(wrong()) };
        }
        let rest = url.strip_prefix("s3://").ok_or_else(wrong)?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let prefix = prefix.trim_matches('/');
        let is_plain = !prefix.contains("//") && !url.contains(['?', '#']);
        let location = Self::S3 { bucket: bucket.to_owned(), prefix: prefix.to_owned() };
        if bucket.is_empty() || !is_plain { Err(wrong()) } else { Ok(location) }
    }

    /// Every name by which a catalogue on this machine may know it: as it is said, and where that really is.
    pub(in crate::lake) fn names(&self) -> Vec<String> {
        let on_disk = match self {
            Self::Folder(path) => on_disk(path),
            Self::S3 { .. } => Vec::new(),
        };
        let on_disk = on_disk.into_iter().map(Self::Folder);
        on_disk.chain([self.clone()]).map(|place| place.to_string()).collect()
    }

    /// Whether this is what somebody calls it, who may be on another machine, or have gone through a link. Older
    /// catalogues have no stroke at its end.
    pub(in crate::lake) fn is_called(&self, name: &str) -> bool {
        let plain = name.trim_end_matches('/');
        self.names().iter().any(|one| one.trim_end_matches('/') == plain)
    }
}

/// Where a folder is, as it is called and as it really is. It may be gone, in one that is there.
fn on_disk(path: &Path) -> Vec<PathBuf> {
    let above = || Some(path.parent()?.canonicalize().ok()?.join(path.file_name()?));
    let real = path.canonicalize().ok().or_else(above);
    std::path::absolute(path).ok().into_iter().chain(real).collect()
}

/// As the catalogue has it, and readers from outside, for whom a name of a file follows: with a stroke at its end.
impl std::fmt::Display for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Folder(path) => write!(f, "{}/", path.display()),
            Self::S3 { bucket, prefix } if prefix.is_empty() => write!(f, "s3://{bucket}/"),
            Self::S3 { bucket, prefix } => write!(f, "s3://{bucket}/{prefix}/"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(url: &str) -> Result<Location, LakeError> {
        let mut config = Config::for_testing(PathBuf::from("/data"));
        config.events_url = url.to_owned();
        Location::of(&config)
    }

    #[test]
    fn a_url_names_a_folder_or_a_bucket() {
        let folder = |path: &str| Location::Folder(PathBuf::from(path));
        let s3 = |bucket: &str, prefix: &str| Location::S3 {
            bucket: bucket.to_owned(),
            prefix: prefix.to_owned(),
        };
        assert_eq!(of("").unwrap(), folder("/data/events"));
        assert_eq!(of("file:///mnt/lake").unwrap(), folder("/mnt/lake"));
        assert_eq!(of("s3://shop/kith/events/").unwrap(), s3("shop", "kith/events"));
        assert_eq!(of("s3://shop").unwrap(), s3("shop", ""));
    }

    #[test]
    fn a_place_is_written_in_one_way_however_it_is_said() {
        for (said, written) in [
            ("", "/data/events/"),
            ("file:///mnt/lake", "/mnt/lake/"),
            ("file:///mnt//lake/", "/mnt/lake/"),
            ("s3://shop", "s3://shop/"),
            ("s3://shop/", "s3://shop/"),
            ("s3://shop/kith/events", "s3://shop/kith/events/"),
            ("s3://shop/kith/events/", "s3://shop/kith/events/"),
        ] {
            let location = of(said).unwrap();
            assert_eq!(location.to_string(), written, "{said}");
            assert!(location.names().contains(&written.to_owned()), "{said}");
        }
    }

    #[test]
    fn a_place_is_known_by_each_of_its_names() {
        let is = |url: &str, name: &str| of(url).unwrap().is_called(name);
        assert!(is("s3://shop/kith", "s3://shop/kith/") && !is("s3://shop/kith", "s3://shop/"));
        assert!(is("file:///mnt/./lake/", "/mnt/lake/") && !is("", "s3://shop/kith/"));
        let folder = tempfile::TempDir::new().unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(folder.path(), &link).unwrap();
        let real = folder.path().canonicalize().unwrap().join("gone");
        assert!(is(&format!("file://{}/gone", link.display()), &format!("{}/", real.display())));
    }

    #[test]
    fn what_names_neither_is_refused() {
        for url in ["events", "file://events", "s3://", "s3:///x", "gs://x/y", "s3://b/x?y=1"] {
            let said = of(url).unwrap_err().to_string();
            assert!(said.contains("events_url") && said.contains(url), "{said}");
        }
    }
}
