//! What a server and its processes apart say to each other: JSON behind its length.

use std::io::{self, ErrorKind, Read, Write};

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// Longest frame, in bytes. Whatever has no bound in rows goes through files, or in several frames.
const FRAME_BYTES_MAX: u32 = 256 << 20;

/// Writes a frame and sends it on its way.
///
/// # Errors
/// What the line says; [`ErrorKind::FileTooLarge`] of a frame that is too long.
pub fn write(to: &mut impl Write, frame: &impl Serialize) -> io::Result<()> {
    to.write_all(&packed(frame)?)?;
    to.flush()
}

/// The next frame.
///
/// # Errors
/// What the line says; [`ErrorKind::UnexpectedEof`] when there is none any more.
pub fn read<T: DeserializeOwned>(from: &mut impl Read) -> io::Result<T> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let mut text = vec![0; bounded(length)?];
    from.read_exact(&mut text)?;
    Ok(serde_json::from_slice(&text)?)
}

/// [`write`], for those who must not block.
pub(crate) async fn send(
    to: &mut (impl AsyncWrite + Unpin),
    frame: &impl Serialize,
) -> io::Result<()> {
    to.write_all(&packed(frame)?).await?;
    to.flush().await
}

/// [`read`], for those who must not block.
pub(crate) async fn receive<T: DeserializeOwned>(
    from: &mut (impl AsyncRead + Unpin),
) -> io::Result<T> {
    let mut length = [0; 4];
    from.read_exact(&mut length).await?;
    // Not all at once: a worker that has lost its mind may say anything.
    let mut text = Vec::new();
    let length = bounded(length)?;
    let read = from.take(length as u64).read_to_end(&mut text).await?;
    if read < length {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    Ok(serde_json::from_slice(&text)?)
}

fn packed(frame: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; 4];
    serde_json::to_writer(&mut bytes, frame)?;
    let length = u32::try_from(bytes.len() - 4).ok().filter(|length| *length <= FRAME_BYTES_MAX);
    let length = length.ok_or_else(|| io::Error::from(ErrorKind::FileTooLarge))?;
    bytes[..4].copy_from_slice(&length.to_le_bytes());
    Ok(bytes)
}

fn bounded(length: [u8; 4]) -> io::Result<usize> {
    let length = u32::from_le_bytes(length);
    if length > FRAME_BYTES_MAX {
        return Err(ErrorKind::FileTooLarge.into());
    }
    usize::try_from(length).map_err(|_| ErrorKind::FileTooLarge.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_read_as_it_was_written_and_no_further() {
        let mut bytes = Vec::new();
        let ids = vec!["a".to_owned(), "ß".to_owned()];
        write(&mut bytes, &ids).unwrap();
        write(&mut bytes, &"the next").unwrap();
        let mut from = &bytes[..];
        assert_eq!(read::<Vec<String>>(&mut from).unwrap(), ids);
        assert_eq!(read::<String>(&mut from).unwrap(), "the next");
        let end = read::<String>(&mut from).unwrap_err();
        assert_eq!(end.kind(), ErrorKind::UnexpectedEof);
    }

    #[test]
    fn no_length_is_believed_beyond_the_bound() {
        let mut from = &[0xff_u8; 8][..];
        assert_eq!(read::<String>(&mut from).unwrap_err().kind(), ErrorKind::FileTooLarge);
    }
}
