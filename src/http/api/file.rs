//! An answer in a file: read while it is sent, and gone with it.

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use tokio_util::io::ReaderStream;

use crate::http::ApiError;
use crate::lake::{LakeError, ScratchFile};

/// Sends the file while it is read; it has no name any more by then.
pub(in crate::http) async fn send(
    file: ScratchFile,
    media: &'static str,
) -> Result<Response, ApiError> {
    let open = tokio::fs::File::open(file.path()).await;
    let open = open.map_err(|error| LakeError::Disk(error.to_string()))?;
    drop(file);
    let mut response = Body::from_stream(ReaderStream::new(open)).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    Ok(response)
}
