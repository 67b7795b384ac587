//! What a server and its workers say to each other.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::config::Config;
use crate::lake::ask::Asker;
use crate::lake::{LakeError, NewerSession, Sight};
use crate::storage::DataFile;

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
