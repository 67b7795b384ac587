//! Where the files lie, as the settings say it.

use std::path::PathBuf;

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
            let path = PathBuf::from(path);
            return if path.is_absolute() { Ok(Self::Folder(path)) } else { Err(wrong()) };
        }
        let rest = url.strip_prefix("s3://").ok_or_else(wrong)?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let prefix = prefix.trim_matches('/');
        let is_plain = !prefix.contains("//") && !url.contains(['?', '#']);
        let location = Self::S3 { bucket: bucket.to_owned(), prefix: prefix.to_owned() };
        if bucket.is_empty() || !is_plain { Err(wrong()) } else { Ok(location) }
    }
}

/// For people.
impl std::fmt::Display for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Folder(path) => write!(f, "{}", path.display()),
            Self::S3 { bucket, prefix } => write!(f, "s3://{bucket}/{prefix}"),
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
    fn what_names_neither_is_refused() {
        for url in ["events", "file://events", "s3://", "s3:///x", "gs://x/y", "s3://b/x?y=1"] {
            let said = of(url).unwrap_err().to_string();
            assert!(said.contains("events_url") && said.contains(url), "{said}");
        }
    }
}
