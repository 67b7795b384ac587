//! The line to its server, as a process apart has it.

use std::io::{self, BufReader};
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{Receiver, sync_channel};

/// The server says one thing at a time.
const UNHEARD_MAX: usize = 1;

/// The line, which is the standard input.
///
/// # Errors
/// When there is none.
pub(crate) fn line() -> io::Result<UnixStream> {
    Ok(UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?))
}

/// What the server says, as `hear` reads it. A thread listens: when the server is gone, so is this process,
/// whatever it is in the middle of.
///
/// # Errors
/// When the system gives no thread.
pub(crate) fn listened<T: Send + 'static>(
    line: &UnixStream,
    hear: fn(&mut BufReader<UnixStream>) -> io::Result<T>,
) -> io::Result<Receiver<T>> {
    let mut from = BufReader::new(line.try_clone()?);
    let (hears, heard) = sync_channel(UNHEARD_MAX);
    let listen = move || {
        while let Ok(said) = hear(&mut from) {
            if hears.send(said).is_err() {
                break;
            }
        }
        super::end();
    };
    std::thread::Builder::new().name("kith-line".to_owned()).spawn(listen)?;
    Ok(heard)
}
