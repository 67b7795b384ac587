//! An answer in a file: read while it is sent, and gone with it.

use std::path::{Path, PathBuf};

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use tokio_util::io::ReaderStream;

use crate::http::ApiError;
use crate::lake::LakeError;

/// A file that goes when nobody names it any more; who has it open reads on.
pub(super) struct Unlinked(PathBuf);

impl Unlinked {
    /// The file at `path`, which may not be there yet.
    pub(super) fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Sends it while it is read; it has no name any more by then.
    pub(super) async fn send(self, media: &'static str) -> Result<Response, ApiError> {
        let open = tokio::fs::File::open(&self.0).await;
        let open = open.map_err(|error| LakeError::Disk(error.to_string()))?;
        drop(self);
        let mut response = Body::from_stream(ReaderStream::new(open)).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
        Ok(response)
    }
}

impl Drop for Unlinked {
    fn drop(&mut self) {
        // It may never have been written.
        drop(std::fs::remove_file(&self.0));
    }
}
