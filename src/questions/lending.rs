//! What a server does for its workers while they answer: it knows what is in memory and on S3.

use std::sync::Arc;
use std::time::Duration;

use super::frames::ToWorker;
use crate::lake::{AtHand, Held, LakeError, NewerSession};
use crate::model::Session;
use crate::storage::DataFile;

/// Sessions that are newer in memory than in the database, by id.
pub type Overlay = Box<dyn Fn(&str) -> Option<Arc<Session>> + Send + Sync>;

/// See the module.
pub(super) struct Lending {
    pub(super) files: Arc<dyn AtHand>,
    pub(super) overlay: Overlay,
    pub(super) seconds_max: Duration,
}

impl Lending {
    /// Which of these sessions are newer in memory.
    pub(super) fn newer(&self, ids: &[String]) -> ToWorker {
        let newer = ids.iter().filter_map(|id| (self.overlay)(id));
        ToWorker::Newer(newer.filter_map(|session| NewerSession::of(&session)).collect())
    }

    /// Where the files are, and what keeps them there. Blocks while they are fetched.
    pub(super) fn lend(
        &self,
        files: &[DataFile],
        may_fetch: bool,
    ) -> Result<Option<Held>, LakeError> {
        let files: Vec<&DataFile> = files.iter().collect();
        if may_fetch {
            self.files.fetch(&files, self.seconds_max).map(Some)
        } else {
            self.files.at_hand(&files)
        }
    }
}
