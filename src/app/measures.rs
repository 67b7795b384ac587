//! What is measured when somebody asks: how the database, the clock and the cache of files go at that moment.

use super::App;
use crate::storage::{PoolUse, Vitals};
use crate::telemetry::{CacheMetrics, DoubtMetrics, PoolMetrics};

impl App {
    /// Everything that is counted and measured, in Prometheus' text format.
    #[must_use]
    pub fn metrics(&self) -> String {
        let Vitals { rounds, others, doubts } = self.storage.vitals();
        self.telemetry.pool("rounds", &pool(rounds));
        self.telemetry.pool("others", &pool(others));
        let (open, committed, undone) = (doubts.open, doubts.committed, doubts.undone);
        self.telemetry.doubts(&DoubtMetrics { open, committed, undone, unknown: doubts.unknown });
        self.telemetry.clock(self.clock.correction());
        self.telemetry.waits(self.committer.waits());
        self.telemetry.storage_is_up(self.committer.down().is_none());
        let cache = self.lake.cache();
        self.telemetry.cache(&CacheMetrics {
            files: cache.files,
            bytes: cache.bytes,
            bytes_max: cache.bytes_max,
            read: cache.read,
            fetched: cache.fetched,
            evicted: cache.evicted,
        });
        self.telemetry.render()
    }
}

fn pool(PoolUse { open, used, waiting, waited }: PoolUse) -> PoolMetrics {
    PoolMetrics { open, used, waiting, waited }
}
