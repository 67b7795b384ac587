//! The engine beyond one machine: PostgreSQL, or what speaks its wire and spreads.

mod address;
mod tls;
mod pooler;
mod begins;
mod connections;
mod error;
mod sql;
mod pipeline;
mod schema;
mod load;
mod locked;
mod commit;
mod statements;
mod written;
mod watch;
mod vacuum;
mod vitals;
mod engine;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicI64};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use deadpool_postgres::Object;
use tokio::runtime::{Handle, Runtime};

use self::address::Address;
use self::begins::Begins;
use self::connections::Access;
use self::error::is_unclear;
use self::sql::Speaking;
use self::vitals::{Counted, Doubted, Found};
use super::sql::Sql;
use super::{Settled, Storage, StorageError, format, key};
use crate::clock::Clock;
use crate::config::StorageConfig;

pub use schema::{citus, schema};

/// How often a change is tried again that others were in the way of: it was rolled back, so
/// nothing of it is there.
const ATTEMPTS_MAX: usize = 5;
/// How long whole tables may take.
const LONG: Duration = Duration::from_secs(6 * 3600);
/// Connections of a process that only answers questions.
const OF_A_READER: usize = 2;
/// Threads that carry bytes between the connections and those who wait for answers.
const CARRIERS: usize = 1;

/// A database that other nodes write to as well.
pub struct Postgres {
    address: Address,
    config: StorageConfig,
    begins: Begins,
    key: [u8; 32],
    pool: Counted,
    /// Not for readers: whoever asks much and long would keep rounds from being written.
    rounds: Counted,
    /// Commits that were not answered.
    doubted: Doubted,
    /// Locked rows and an open transaction, between the load of a round that was lost before and
    /// its commit.
    held: Mutex<Option<Object>>,
    /// Whether the database tells of changes by itself; else it is asked.
    tells: AtomicBool,
    /// Whether it spreads its tables, and so locks one row of them at a time.
    spreads: AtomicBool,
    /// The day up to which old duplicate marks are forgotten.
    forgotten: AtomicI64,
    /// None only while it is being dropped.
    runtime: Option<Runtime>,
}

impl std::fmt::Debug for Postgres {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Postgres").field("pool", &self.pool.usage()).finish_non_exhaustive()
    }
}

impl Postgres {
    /// Connects to the database at `url`, making or migrating the tables if need be. `clock` goes by the database's from
    /// then on, before anybody asks it for the time. `key` is used only for a new installation.
    ///
    /// # Errors
    /// [`StorageError::Newer`] when a newer Kith wrote it; otherwise what the database says.
    pub fn open(
        url: &str,
        config: &StorageConfig,
        clock: &Clock,
        key: [u8; 32],
    ) -> Result<Self, StorageError> {
        let mut engine = Self::connect(url, config, key, Access::Full)?;
        (&engine as &dyn Storage).set_clock(clock)?;
        engine.key = schema::prepare(&engine, clock.now(), key)?;
        engine.tells = AtomicBool::new(watch::is_possible(&engine));
        let spreads = "SELECT count(*) FROM pg_extension WHERE extname = 'citus'";
        let found = engine.ask(|database| database.number(spreads, &[]));
        engine.spreads = AtomicBool::new(found.is_ok_and(|found| found > 0));
        Ok(engine)
    }

    /// The same beside nodes that may be of another version: tables of another format stay as they are, and none
    /// are made.
    ///
    /// # Errors
    /// [`StorageError::Unmade`] and [`StorageError::Older`] as well.
    pub fn open_beside(
        url: &str,
        config: &StorageConfig,
        clock: &Clock,
        key: [u8; 32],
    ) -> Result<Self, StorageError> {
        let looking = Self::connect(url, config, key, Access::ToRead)?;
        format::must_be_newest(schema::found(&looking)?)?;
        Self::open(url, config, clock, key)
    }

    /// Connects to the database at `url` for a command that only looks.
    ///
    /// # Errors
    /// [`StorageError::Older`] and [`StorageError::Newer`] when its tables are of another format; otherwise what
    /// the database says.
    pub fn open_to_look(url: &str, config: &StorageConfig) -> Result<Self, StorageError> {
        let engine = Self::connect(url, config, [0; 32], Access::ToRead)?;
        format::must_be_newest(schema::found(&engine)?)?;
        engine.with_its_key()
    }

    /// Connects to the database at `url` to read it, whatever newer nodes may have added to it.
    ///
    /// # Errors
    /// What the database says.
    pub fn open_to_read(url: &str, config: &StorageConfig) -> Result<Self, StorageError> {
        Self::connect(url, config, [0; 32], Access::ToRead)?.with_its_key()
    }

    fn with_its_key(mut self) -> Result<Self, StorageError> {
        self.key = self.ask(|database| key::known(database))?;
        Ok(self)
    }

    fn connect(
        url: &str,
        config: &StorageConfig,
        key: [u8; 32],
        access: Access,
    ) -> Result<Self, StorageError> {
        let fault = |error: std::io::Error| StorageError::Failed(error.to_string());
        let address = Address::read(url)?;
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        runtime.worker_threads(CARRIERS).thread_name("kith-postgres").enable_all();
        let runtime = runtime.build().map_err(fault)?;
        let others = match access {
            // Never none: settings have three at least.
            Access::Full | Access::Rounds => {
                config.connections_max.saturating_sub(connections::OF_ROUNDS)
            }
            Access::ToRead => OF_A_READER,
        };
        let longest = Duration::from_secs(config.connect_seconds_max);
        let looked = runtime.block_on(connections::within(longest, pooler::look(&address)));
        looked.unwrap_or_else(|| Err(StorageError::Away("PostgreSQL does not answer".into())))?;
        let begins = Begins::of(config, access, address.pooler);
        let pool = connections::pool(&address, config, access, others)?;
        let of_rounds = if access == Access::Full { Access::Rounds } else { access };
        let rounds = connections::pool(&address, config, of_rounds, connections::OF_ROUNDS)?;
        Ok(Self {
            address,
            config: config.clone(),
            begins,
            key,
            pool: Counted::new(pool),
            rounds: Counted::new(rounds),
            doubted: Doubted::default(),
            held: Mutex::default(),
            tells: AtomicBool::new(false),
            spreads: AtomicBool::new(false),
            forgotten: AtomicI64::new(i64::MIN),
            runtime: Some(runtime),
        })
    }

    #[expect(clippy::expect_used, reason = "it is there until the engine is dropped")]
    fn runtime(&self) -> &Handle {
        self.runtime.as_ref().expect("runs until it is dropped").handle()
    }

    /// How long an answer is waited for: as long as a statement may take, with all that belongs to it.
    fn patience(&self) -> Duration {
        Duration::from_secs(self.config.statement_seconds_max.saturating_mul(2))
    }

    fn speaking<'a>(&'a self, client: &'a Object, patience: Duration) -> Speaking<'a> {
        Speaking { engine: self, client, patience }
    }

    /// Waits for `work`; a network that says nothing any more is noticed here.
    fn wait<T>(
        &self,
        work: impl Future<Output = Result<T, StorageError>>,
    ) -> Result<T, StorageError> {
        self.wait_for(self.patience(), work)
    }

    fn wait_for<T>(
        &self,
        longest: Duration,
        work: impl Future<Output = Result<T, StorageError>>,
    ) -> Result<T, StorageError> {
        self.runtime().block_on(async {
            connections::within(longest, work)
                .await
                .unwrap_or_else(|| Err(StorageError::Away("PostgreSQL does not answer".into())))
        })
    }

    fn connection(&self) -> Result<Object, StorageError> {
        self.pool.is_wanted();
        self.wait(async { Ok(self.pool.pool.get().await?) })
    }

    fn connection_of_rounds(&self) -> Result<Object, StorageError> {
        self.rounds.is_wanted();
        self.wait(async { Ok(self.rounds.pool.get().await?) })
    }

    /// Asks, one statement or more, each at a moment of its own. A connection that gave an error is
    /// not used again: the statement may still be running on it.
    fn ask<T>(
        &self,
        ask: impl FnOnce(&mut dyn Sql) -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        if let Some(begin) = &self.begins.ask {
            let ask = |database: &mut dyn Sql| Ok((ask(database)?, Settled::Kept));
            return self.transaction(begin, self.patience(), ask);
        }
        let client = self.connection()?;
        let answer = ask(&mut self.speaking(&client, self.patience()));
        if answer.is_err() {
            drop(Object::take(client));
        }
        answer
    }

    /// Asks at one moment of the database.
    fn look<T>(
        &self,
        ask: impl FnOnce(&mut dyn Sql) -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        self.transaction(&self.begins.look, self.patience(), |database| {
            Ok((ask(database)?, Settled::Kept))
        })
    }

    /// Does what reads or writes whole tables, and may take as long as that does.
    fn patiently<T>(
        &self,
        begin: &str,
        work: impl FnOnce(&mut dyn Sql) -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        self.transaction(begin, LONG, |database| {
            database.execute("SET LOCAL statement_timeout = 0", &[])?;
            Ok((work(database)?, Settled::Kept))
        })
    }

    /// Changes in one transaction, all of it or nothing; again when others were in the way.
    fn change<T>(
        &self,
        mut work: impl FnMut(&mut dyn Sql) -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        self.change_if(|database| Ok((work(database)?, Settled::Kept)))
    }

    /// The same, and `work` also says whether it is to be committed.
    fn change_if<T>(
        &self,
        mut work: impl FnMut(&mut dyn Sql) -> Result<(T, Settled), StorageError>,
    ) -> Result<T, StorageError> {
        let mut done = self.transaction(&self.begins.change, self.patience(), &mut work);
        for _ in 1..ATTEMPTS_MAX {
            if !matches!(done, Err(StorageError::Again(_))) {
                break;
            }
            done = self.transaction(&self.begins.change, self.patience(), &mut work);
        }
        done
    }

    /// Between `begin` and COMMIT or ROLLBACK. A connection whose transaction did not end well, or
    /// whose `work` panicked, is not used again: what it has begun would be in the next transaction.
    fn transaction<T>(
        &self,
        begin: &str,
        patience: Duration,
        work: impl FnOnce(&mut dyn Sql) -> Result<(T, Settled), StorageError>,
    ) -> Result<T, StorageError> {
        let client = self.connection()?;
        let run = |text: &str| self.wait(async { Ok(client.batch_execute(text).await?) });
        let all = || {
            run(begin)?;
            let (done, settled) = work(&mut self.speaking(&client, patience))?;
            if settled == Settled::Kept {
                self.keep(&client)?
            } else {
                run("ROLLBACK")?
            }
            Ok(done)
        };
        let done = catch_unwind(AssertUnwindSafe(all));
        if !matches!(done, Ok(Ok(_))) {
            drop(Object::take(client));
        }
        done.unwrap_or_else(|panic| resume_unwind(panic))
    }

    /// COMMIT. Where it is not answered, nobody asks how it ended: whoever wanted it may do so again.
    fn keep(&self, client: &Object) -> Result<(), StorageError> {
        match self.wait(async { Ok(client.batch_execute("COMMIT").await) }) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) if !is_unclear(&error) => Err(error.into()),
            Ok(Err(error)) => self.doubted.settle(|| (Found::Unknown, Err(error.into()))),
            Err(silent) => self.doubted.settle(|| (Found::Unknown, Err(silent))),
        }
    }

    fn held(&self) -> MutexGuard<'_, Option<Object>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives up a transaction that was left open: the server rolls it back when its connection ends.
    fn let_go(&self) {
        if let Some(client) = self.held().take() {
            drop(Object::take(client));
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.let_go();
        self.pool.pool.close();
        self.rounds.pool.close();
        // Whoever is the last to hold the engine may be a thread that must not wait.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
