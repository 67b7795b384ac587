//! Asking history: each question in a process of its own, bounded by the system, killed and replaced when need be.
//!
//! DuckDB is asked whatever people can write. A question may overrun a stack, take all memory, or stop
//! listening; none of that may reach the process that collects. So a *worker* answers it: the same
//! program, with connections of its own that only read.

mod frames;
mod process;
mod lending;
mod pool;
mod line;
mod worker;

pub use lending::Overlay;
pub use worker::work;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::value::RawValue;

use crate::clock::Clock;
use crate::config::Config;
use crate::lake::ask::{Asker, Question, kind_of, name_of};
use crate::lake::{Lake, LakeError, Sight};
use crate::telemetry::{Telemetry, traces};
use frames::{Asking, Beginning};
use lending::Lending;
use pool::Pool;

/// So many fold people again at a time: at usual weight, more of them would slow trackers.
const FOLDING_MAX: usize = 2;

/// The workers, and the way to them.
#[derive(Debug)]
pub struct Questions {
    /// Those that answer ready questions, and those that answer what somebody has written: so the
    /// second never keep the first waiting.
    ready: Arc<Pool>,
    written: Arc<Pool>,
    /// Those that say what is to be folded again: they do not give way to trackers, since a person
    /// who is taken apart beside full load would never be.
    folding: Arc<Pool>,
    seconds_max: Duration,
}

/// What it is built of.
pub struct Parts {
    /// The program that answers: this one, but in tests.
    pub program: PathBuf,
    /// Where the files are, and the answers.
    pub lake: Arc<Lake>,
    /// Sessions that are newer in memory than in the database, by id.
    pub overlay: Overlay,
    /// Time.
    pub clock: Clock,
    /// What is counted.
    pub telemetry: Arc<Telemetry>,
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parts").field("program", &self.program).finish_non_exhaustive()
    }
}

impl Questions {
    /// Nobody works until the first question: a server that nobody asks stays small.
    #[must_use]
    pub fn new(config: &Config, parts: Parts) -> Self {
        let files = parts.lake.files();
        let beginning = Beginning {
            config: config.clone(),
            answers: parts.lake.answers().to_owned(),
            files: files.reach().to_owned(),
            asker: Asker::Kith,
        };
        let lending = Lending { files, overlay: parts.overlay, seconds_max: seconds_max(config) };
        let common = Arc::new(pool::Common {
            program: parts.program,
            beginning,
            lending,
            clock: parts.clock,
            telemetry: parts.telemetry,
        });
        let pool =
            |asker, running_max| Arc::new(Pool::new(Arc::clone(&common), asker, running_max));
        Self {
            ready: pool(Asker::Kith, config.query.running_max),
            written: pool(Asker::Writer, config.query.sql_running_max),
            folding: pool(Asker::Folding, FOLDING_MAX),
            seconds_max: seconds_max(config),
        }
    }

    /// The answer, as history is now and as `sight` shows it: everything acknowledged until now is in it. Dropped, the
    /// question ends.
    ///
    /// # Errors
    /// See [`LakeError`]: [`LakeError::Stopped`] when it takes longer than it may,
    /// [`LakeError::Waits`] when too many are being answered.
    pub async fn ask<Q: Question>(
        &self,
        question: &Q,
        sight: Sight,
    ) -> Result<Q::Answer, LakeError> {
        question.check()?;
        let said = serde_json::value::to_raw_value(question);
        let question = said.map_err(|error| LakeError::Defect(error.to_string()))?;
        let most = self.seconds_max.max(Q::SECONDS_MIN);
        let name = name_of::<Q>().to_owned();
        let asking = Asking { name, question, sight, seconds_max: most.as_secs() };
        let pool = match Q::ASKER {
            Asker::Kith => &self.ready,
            Asker::Writer => &self.written,
            Asker::Folding => &self.folding,
        };
        let request = traces::current().map(|request| (request.now(), request));
        let answer = self.answer(pool, Q::PATIENCE, asking).await;
        if let Some((begun, request)) = request {
            request.asked(kind_of::<Q>(), begun, answer.is_err());
        }
        let answer = answer?;
        serde_json::from_str(answer.get()).map_err(|error| LakeError::Defect(error.to_string()))
    }

    async fn answer(
        &self,
        pool: &Arc<Pool>,
        patience: Duration,
        asking: Asking,
    ) -> Result<Box<RawValue>, LakeError> {
        let place = within(patience, pool.place()).await.ok_or(LakeError::Waits)??;
        let most = Duration::from_secs(asking.seconds_max);
        let answered = within(most, place.ask(asking)).await;
        answered.ok_or(LakeError::Stopped)?
    }

    /// Ends workers that nobody has asked for a while: they hold what is in no file yet.
    pub fn rest(&self) {
        self.ready.rest();
        self.written.rest();
        self.folding.rest();
    }
}

fn seconds_max(config: &Config) -> Duration {
    Duration::from_secs(config.query.seconds_max)
}

#[expect(clippy::disallowed_methods, reason = "a bound on real time")]
async fn within<T>(time: Duration, future: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(time, future).await.ok()
}
