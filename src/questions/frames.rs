//! What a server and its workers say to each other: JSON behind its length.

use std::io::{self, ErrorKind, Read, Write};
use std::path::PathBuf;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use crate::config::Config;
use crate::lake::ask::Asker;
use crate::lake::{LakeError, NewerSession, Sight};
use crate::storage::DataFile;

/// Longest frame, in bytes. Whatever has no bound in rows goes through files.
const FRAME_BYTES_MAX: u32 = 256 << 20;

/// What a worker is told first.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Beginning {
    /// The server's settings.
    pub(super) config: Config,
    /// Where answers are to be written.
    pub(super) answers: PathBuf,
    /// Where the files of history are read.
    pub(super) files: PathBuf,
    /// Who writes the questions that will come.
    pub(super) asker: Asker,
}

/// A question on its way.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Asking {
    /// Which one it is.
    pub(super) name: String,
    pub(super) question: Box<RawValue>,
    /// What whoever asks may see.
    pub(super) sight: Sight,
    /// How long it may take, in seconds.
    pub(super) seconds_max: u64,
}

/// To a worker.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum ToWorker {
    /// Be ready.
    Begin(Box<Beginning>),
    /// Answer this.
    Ask(Asking),
    /// The sessions asked for that are newer in memory.
    Newer(Vec<NewerSession>),
    /// Where the files asked for are; none when they have to be fetched first.
    Files(Result<Option<Vec<PathBuf>>, LakeError>),
}

/// From a worker.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum FromWorker {
    /// Questions can come, or never will.
    Ready(Result<(), LakeError>),
    /// Which of these sessions are newer in memory?
    Newer(Vec<String>),
    /// These files are needed, and kept until the question is answered.
    Files { files: Vec<DataFile>, may_fetch: bool },
    /// That is it.
    Answer(Result<Box<RawValue>, LakeError>),
}

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
pub(super) async fn send(
    to: &mut (impl AsyncWrite + Unpin),
    frame: &impl Serialize,
) -> io::Result<()> {
    to.write_all(&packed(frame)?).await?;
    to.flush().await
}

/// [`read`], for those who must not block.
pub(super) async fn receive<T: DeserializeOwned>(
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
        write(&mut bytes, &FromWorker::Newer(ids.clone())).unwrap();
        write(&mut bytes, &FromWorker::Ready(Ok(()))).unwrap();
        let mut from = &bytes[..];
        let FromWorker::Newer(read_ids) = read(&mut from).unwrap() else { panic!() };
        assert_eq!(read_ids, ids);
        assert!(matches!(read(&mut from).unwrap(), FromWorker::Ready(Ok(()))));
        let end = read::<FromWorker>(&mut from).unwrap_err();
        assert_eq!(end.kind(), ErrorKind::UnexpectedEof);
    }

    #[test]
    fn no_length_is_believed_beyond_the_bound() {
        let mut from = &[0xff_u8; 8][..];
        assert_eq!(read::<FromWorker>(&mut from).unwrap_err().kind(), ErrorKind::FileTooLarge);
    }
}
