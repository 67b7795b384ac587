//! A worker: opens history to read it, and answers what its server asks until that is gone.

use std::sync::Arc;
use std::time::Duration;

use super::frames::{Asking, Beginning, FromWorker, ToWorker};
use super::line::{self, Lent, Line};
use crate::apart::{self, Bounded};
use crate::config::{Config, QueryConfig};
use crate::lake::ask::{Asker, answer_named};
use crate::lake::{AtHand, History, HistoryParts, LakeError, weigh_less};
use crate::storage::{self, Storage};

/// Runs until the server is gone. What comes in and goes out is in `frames`.
///
/// # Errors
/// A sentence for people, when nobody is there to be spoken to.
pub fn work() -> Result<(), String> {
    let (line, asked) = line::open().map_err(|error| error.to_string())?;
    let Ok(ToWorker::Begin(beginning)) = asked.recv() else {
        return Err("this is started by the server, to answer questions".to_owned());
    };
    // Before DuckDB makes any thread: they weigh as much as whoever makes them.
    match beginning.asker {
        Asker::Folding => {}
        Asker::Kith => weigh_less(),
        // Ready questions come first.
        Asker::Writer => (0..2).for_each(|_| weigh_less()),
    }
    let opened = open(&beginning, &line);
    let ready = opened.as_ref().map(drop).map_err(Clone::clone);
    line.say(&FromWorker::Ready(ready)).map_err(|error| error.to_string())?;
    let Ok((history, bounded)) = opened else { return Ok(()) };
    for ask in asked {
        let ToWorker::Ask(Asking { name, question, sight, seconds_max }) = ask else { continue };
        apart::allow_one(&Bounded { seconds_max: Duration::from_secs(seconds_max), ..bounded });
        let answer = answer_named(&history, sight, &name, &question);
        line.say(&FromWorker::Answer(answer)).map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// Those that DuckDB makes weigh less than trackers, so whoever must not give way has none of them.
fn query(beginning: &Beginning) -> QueryConfig {
    let query = beginning.config.query.clone();
    match beginning.asker {
        Asker::Folding => QueryConfig { threads_max: 1, ..query },
        Asker::Kith | Asker::Writer => query,
    }
}

fn open(beginning: &Beginning, line: &Arc<Line>) -> Result<(History, Bounded), LakeError> {
    let config = &Config { query: query(beginning), ..beginning.config.clone() };
    let storage: Arc<dyn Storage> = storage::to_read(config)?;
    let lent = Lent { folder: beginning.files.clone(), line: Arc::clone(line) };
    let speaking = Arc::clone(line);
    // Where nodes share a database, nothing is held back.
    let is_shared = storage.is_shared();
    let parts = HistoryParts {
        storage,
        files: Arc::new(lent) as Arc<dyn AtHand>,
        held_back: Box::new(
            move |ids| if is_shared { Ok(Vec::new()) } else { speaking.newer(ids) },
        ),
        answers: Some(beginning.answers.clone()),
    };
    let history = History::open(config, parts)?;
    let (memory, threads) = history.room();
    let seconds_max = Duration::from_secs(config.query.seconds_max);
    let bounded = Bounded { memory, seconds_max, threads };
    apart::bind(&bounded);
    apart::shut_out(!config.database_url.is_empty());
    Ok((history, bounded))
}
