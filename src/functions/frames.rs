//! What goes between a server and its workers: a length, and so much JSON.

use std::io::{self, Read, Write};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::Fault;

/// Longest message, in bytes. A payload's events take less.
const FRAME_BYTES_MAX: usize = 256 << 20;

/// What a worker is asked.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Asked {
    /// To know this function by this number from now on.
    Load { number: usize, code: String },
    /// To call it with each of these.
    Call { number: usize, events: Vec<Box<RawValue>> },
}

/// What a function gave for each of some events.
pub(super) type Given = Vec<Result<Box<RawValue>, Fault>>;

/// What it answers.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Answered {
    /// The function is one.
    Loaded(Result<(), Fault>),
    /// What it gave, for the first events at least; with the last of them, the worker ends.
    Called { answers: Given, ends: bool },
}

pub(super) fn send<T: Serialize>(to: &mut impl Write, message: &T) -> io::Result<()> {
    let mut frame = vec![0; 4];
    serde_json::to_writer(&mut frame, message)?;
    let length = u32::try_from(frame.len() - 4).map_err(io::Error::other)?;
    frame.iter_mut().zip(length.to_le_bytes()).for_each(|(place, byte)| *place = byte);
    to.write_all(&frame)
}

pub(super) fn receive<T: DeserializeOwned>(from: &mut impl Read) -> io::Result<T> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let length = u32::from_le_bytes(length) as usize;
    if length > FRAME_BYTES_MAX {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut frame = vec![0; length];
    from.read_exact(&mut frame)?;
    Ok(serde_json::from_slice(&frame)?)
}
