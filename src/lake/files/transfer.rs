//! Files on their way to and from S3, in parts: memory holds a few parts, never a file.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::ops::Range;
use std::path::{Path as FilePath, PathBuf};

use futures_util::future::try_join_all;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use object_store::aws::AmazonS3;
use object_store::path::Path;
use object_store::{
    Error, GetOptions, GetRange, MultipartUpload, ObjectStore as _, ObjectStoreExt as _, PutMode,
    PutOptions,
};

/// Larger files come and go in parts of this size, which a slow line carries within the time of a
/// request.
pub(super) const PART_BYTES: u64 = 8 << 20;
/// Parts of one file at a time.
const PARTS_AT_ONCE: usize = 2;
/// Files that are downloaded at a time.
const FILES_AT_ONCE: usize = 4;

/// A file that is wanted here.
#[derive(Debug)]
pub(super) struct Wanted {
    /// Its name in the catalogue.
    pub(super) path: String,
    /// Its size, as the catalogue has it.
    pub(super) bytes: u64,
    /// Where it is to lie.
    pub(super) to: PathBuf,
}

/// Uploads a file under a name that must be new.
pub(super) async fn put(store: &AmazonS3, key: &Path, from: &FilePath) -> Result<(), Error> {
    let bytes = from.metadata().map_err(local)?.len();
    if bytes <= PART_BYTES {
        let content = std::fs::read(from).map_err(local)?;
        let options = PutOptions::from(PutMode::Create);
        return store.put_opts(key, content.into(), options).await.map(|_| ());
    }
    // S3 cannot be told that what comes in parts must be new, so it is asked.
    match store.head(key).await {
        Err(Error::NotFound { .. }) => {}
        Err(error) => return Err(error),
        Ok(_) => return Err(local(format!("{key} is there already"))),
    }
    let mut upload = store.put_multipart(key).await?;
    match put_parts(upload.as_mut(), from, bytes).await {
        Ok(()) => upload.complete().await.map(|_| ()),
        Err(error) => {
            // Parts that nobody asks for cost money until a rule of the bucket removes them.
            if let Err(error) = upload.abort().await {
                tracing::debug!(%error, "an upload in parts was left");
            }
            Err(error)
        }
    }
}

async fn put_parts(
    upload: &mut dyn MultipartUpload,
    from: &FilePath,
    bytes: u64,
) -> Result<(), Error> {
    let mut file = File::open(from).map_err(local)?;
    for some in parts(bytes).chunks(PARTS_AT_ONCE) {
        let mut on_their_way = Vec::new();
        for part in some {
            let mut content = Vec::new();
            let mut rest = (&mut file).take(part.end - part.start);
            rest.read_to_end(&mut content).map_err(local)?;
            on_their_way.push(upload.put_part(content.into()));
        }
        try_join_all(on_their_way).await?;
    }
    Ok(())
}

/// Downloads files, several at a time. Those that have come stay when others fail.
pub(super) async fn get(store: &AmazonS3, wanted: Vec<(Path, &Wanted)>) -> Result<(), Error> {
    stream::iter(wanted)
        .map(|(key, one)| get_one(store, key, one))
        .buffer_unordered(FILES_AT_ONCE)
        .try_collect()
        .await
}

/// Whoever finds the file under its name finds all of it.
async fn get_one(store: &AmazonS3, key: Path, wanted: &Wanted) -> Result<(), Error> {
    let beside = Beside(wanted.to.with_extension(super::cache::UNFINISHED));
    let mut file = File::create(&beside.0).map_err(local)?;
    let mut content = stream::iter(parts(wanted.bytes))
        .map(|part| get_part(store, &key, part, wanted.bytes))
        .buffered(PARTS_AT_ONCE);
    while let Some(part) = content.try_next().await? {
        file.write_all(&part).map_err(local)?;
    }
    file.sync_all().map_err(local)?;
    std::fs::rename(&beside.0, &wanted.to).map_err(local)
}

async fn get_part(
    store: &AmazonS3,
    key: &Path,
    part: Range<u64>,
    bytes: u64,
) -> Result<bytes::Bytes, Error> {
    let many = part.end - part.start;
    let options = GetOptions { range: Some(GetRange::Bounded(part)), ..GetOptions::default() };
    let found = store.get_opts(key, options).await?;
    let is = found.meta.size;
    let content = found.bytes().await?;
    if is != bytes || content.len() as u64 != many {
        return Err(local(format!("{key} has {is} bytes, not {bytes}")));
    }
    Ok(content)
}

fn parts(bytes: u64) -> Vec<Range<u64>> {
    let begins = (0..bytes.div_ceil(PART_BYTES)).map(|number| number * PART_BYTES);
    begins.map(|begin| begin..bytes.min(begin + PART_BYTES)).collect()
}

/// An unfinished file, gone when nobody finishes it.
struct Beside(PathBuf);

impl Drop for Beside {
    fn drop(&mut self) {
        // Finished, it has another name.
        drop(std::fs::remove_file(&self.0));
    }
}

/// What this machine's side of a transfer says.
fn local(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::Generic { store: "the file", source: error.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_follow_each_other_to_the_end() {
        assert_eq!(parts(5).first(), Some(&(0..5)));
        assert_eq!(parts(PART_BYTES).len(), 1);
        let more = parts(2 * PART_BYTES + 1);
        assert_eq!(more.len(), 3);
        assert_eq!(more[2], 2 * PART_BYTES..2 * PART_BYTES + 1);
    }
}
