//! The folder that is asked, and what fills it.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use kith::clock::Clock;
use kith::config::Config;
use kith::ids::Ids;
use kith::lake::{Eagerness, History, HistoryParts, Lake, Parts};
use kith::model::Time;
use kith::questions::Questions;
use kith::storage::{Changes, Sqlite, Storage, Through};
use kith::telemetry::Telemetry;

use crate::shop::Shop;

/// Events of one round of the tail.
const ROUND_EVENTS: u64 = 1_000;

/// The lake, its database, and those who answer.
pub(crate) struct Opened {
    pub(crate) lake: Arc<Lake>,
    pub(crate) storage: Arc<dyn Storage>,
    pub(crate) questions: Questions,
    /// The same, answered in this process.
    pub(crate) history: History,
    pub(crate) runtime: tokio::runtime::Runtime,
}

pub(crate) fn open(folder: &Path) -> Opened {
    let config = Config::for_testing(folder.to_owned());
    let (clock, ids) = (Clock::system(), Ids::system());
    let storage = Sqlite::open(folder, &config.storage, clock.now(), [1; 32]).unwrap();
    let storage: Arc<dyn Storage> = Arc::new(storage);
    storage.claim("bench", clock.now()).unwrap();
    let parts = Parts {
        storage: Arc::clone(&storage),
        clock: clock.clone(),
        ids,
        telemetry: Arc::new(Telemetry::new()),
        s3: kith::lake::S3Access::default(),
        program: env!("CARGO_BIN_EXE_kith").into(),
        who: kith::lake::Who::Server,
    };
    let lake = Arc::new(Lake::open(&config, parts).unwrap());
    let parts = kith::questions::Parts {
        program: env!("CARGO_BIN_EXE_kith").into(),
        lake: Arc::clone(&lake),
        overlay: Box::new(|_| None),
        clock,
        telemetry: Arc::new(Telemetry::new()),
    };
    let questions = Questions::new(&config, parts);
    let parts = HistoryParts {
        storage: Arc::clone(&storage),
        files: lake.files(),
        held_back: Box::new(|_| Ok(Vec::new())),
        answers: None,
    };
    let history = History::open(&config, parts).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    Opened { lake, storage, questions, history, runtime }
}

/// Writes them as the committer and the lake's thread would. How long the flushes took, and the merge.
pub(crate) fn fill(Opened { lake, storage, .. }: &Opened, events: u64) -> (Duration, Duration) {
    let flush_events = Config::for_testing("".into()).events.flush_events;
    let mut shop = Shop::new(events);
    let (mut seq, mut since, mut flushing) = (0, 0, Duration::ZERO);
    while shop.sent() < events {
        seq += 1;
        let at = Through { stream: "bench".into(), seq };
        let written_through = vec![at.clone()];
        let rows = shop.rows(ROUND_EVENTS.min(events - shop.sent()));
        since += rows.count;
        storage.commit(&Changes { at, rows, written_through, ..Changes::default() }).unwrap();
        if since >= flush_events || shop.sent() == events {
            let started = Instant::now();
            lake.flush().unwrap();
            flushing += started.elapsed();
            since = 0;
            for _ in 0..4 {
                storage.tidy_up(Time::default()).unwrap();
                storage.copy_log().unwrap();
            }
        }
    }
    let started = Instant::now();
    lake.compact(Eagerness::Everything).unwrap();
    (flushing, started.elapsed())
}
