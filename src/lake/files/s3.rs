//! The lake's files in a bucket: asked from the lake's own threads, which wait for the answer.

use std::path::Path as FilePath;
use std::time::Duration;

use futures_util::{StreamExt as _, TryStreamExt as _};
use object_store::aws::AmazonS3;
use object_store::path::Path;
use object_store::{Error, ObjectMeta, ObjectStore as _, ObjectStoreExt as _};
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

use super::access::S3Access;
use super::claim::PATIENCE;
use super::transfer::{self, Wanted};
use super::{Listed, Location};
use crate::committer::Unavailable;
use crate::lake::LakeError;

/// How long one thing that jobs want of the bucket may take, repetitions included.
pub(super) const WORK: Duration = Duration::from_secs(600);
/// The thread that waits for the network; whoever asks does the rest.
const THREADS: usize = 1;

/// See the module.
pub(in crate::lake) struct Bucket {
    pub(super) store: AmazonS3,
    prefix: Path,
    /// As outside readers name the place.
    url: String,
    /// Taken out when this is dropped, which may be where nobody may wait for it.
    runtime: Option<Runtime>,
    closing: CancellationToken,
}

impl Bucket {
    /// Nobody is asked yet.
    pub(super) fn open(bucket: &str, prefix: &str, access: &S3Access) -> Result<Self, LakeError> {
        let place = Location::S3 { bucket: bucket.to_owned(), prefix: prefix.to_owned() };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(THREADS)
            .thread_name("kith-lake-s3")
            .enable_all()
            .build();
        Ok(Self {
            store: access.bucket(bucket)?,
            prefix: Path::from(prefix),
            url: place.to_string(),
            runtime: Some(runtime.map_err(LakeError::disk)?),
            closing: CancellationToken::new(),
        })
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Ends what is under way, and whatever is asked from now on.
    pub(super) fn close(&self) {
        self.closing.cancel();
    }

    /// Uploads the file `from` as `path`; it is there as a whole when this returns.
    pub(super) fn put(&self, path: &str, from: &FilePath) -> Result<(), LakeError> {
        self.run(WORK, transfer::put(&self.store, &self.key(path), from))
    }

    /// Downloads files, several at a time, within `limit`. Those that have come stay when others
    /// fail.
    pub(super) fn get(&self, wanted: &[Wanted], limit: Duration) -> Result<(), LakeError> {
        let keys = wanted.iter().map(|one| (self.key(&one.path), one)).collect();
        self.run(limit, transfer::get(&self.store, keys))
    }

    /// Removes files; those that are gone already are as good.
    pub(super) fn remove(&self, paths: &[String]) -> Result<(), LakeError> {
        let keys: Vec<_> = paths.iter().map(|path| Ok(self.key(path))).collect();
        let removed = self.store.delete_stream(futures_util::stream::iter(keys).boxed());
        let all = removed.filter(|done| {
            let is_gone = matches!(done, Err(Error::NotFound { .. }));
            std::future::ready(!is_gone)
        });
        self.run(WORK, async { all.try_for_each(|_| std::future::ready(Ok(()))).await })
    }

    /// Every Parquet file, one folder deep.
    pub(super) fn list(&self) -> Result<Vec<Listed>, LakeError> {
        let objects = self.store.list(Some(&self.prefix));
        let found: Vec<ObjectMeta> = self.run(WORK, async { objects.try_collect().await })?;
        Ok(found.into_iter().filter_map(|object| self.listed(&object)).collect())
    }

    /// Whether the file is there; also where nobody can say it now.
    pub(super) fn has(&self, path: &str) -> bool {
        let found = self.try_to(PATIENCE, self.store.head(&self.key(path)));
        !matches!(found, Ok(Some(Err(Error::NotFound { .. }))))
    }

    fn listed(&self, object: &ObjectMeta) -> Option<Listed> {
        let parts: Vec<String> = object
            .location
            .prefix_match(&self.prefix)?
            .map(|part| part.as_ref().to_owned())
            .collect();
        let [folder, name] = parts.as_slice() else { return None };
        name.ends_with(".parquet").then(|| Listed {
            path: format!("{folder}/{name}"),
            bytes: object.size,
            age: super::age(object.last_modified.into()),
        })
    }

    /// The file's name in the bucket.
    pub(super) fn key(&self, path: &str) -> Path {
        path.split('/').fold(self.prefix.clone(), |key, part| key.join(part))
    }

    fn run<T>(
        &self,
        limit: Duration,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, LakeError> {
        let done = self.try_to(limit, work)?.ok_or(LakeError::Stopped)?;
        done.map_err(|error| self.error(&error))
    }

    /// Waits for `work`, not longer than `limit`: none then. Never called where others' work would
    /// stand still meanwhile.
    ///
    /// # Errors
    /// When the server ends.
    #[expect(clippy::disallowed_methods, reason = "a bound on real time")]
    pub(super) fn try_to<T>(
        &self,
        limit: Duration,
        work: impl Future<Output = T>,
    ) -> Result<Option<T>, LakeError> {
        let Some(runtime) = self.runtime.as_ref() else {
            return Err(Unavailable::Stopping.into());
        };
        runtime.block_on(async {
            tokio::select! {
                biased;
                () = self.closing.cancelled() => Err(Unavailable::Stopping.into()),
                done = tokio::time::timeout(limit, work) => Ok(done.ok()),
            }
        })
    }

    pub(super) fn said(&self, what: impl std::fmt::Display) -> String {
        format!("{}: {what}", self.url)
    }

    /// What S3 said, for whoever asked.
    pub(super) fn error(&self, error: &Error) -> LakeError {
        let said = self.said(error);
        if matches!(error, Error::NotFound { .. }) {
            LakeError::Missing(said)
        } else {
            LakeError::Disk(said)
        }
    }
}

impl Drop for Bucket {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
