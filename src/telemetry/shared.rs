//! What is measured of what is shared: connections to the database, its clock, and copies of files. Looked up when somebody asks.

use metrics::Label;

use super::{METADATA, Telemetry, register};

/// How the connections of one kind go.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PoolMetrics {
    pub(crate) open: usize,
    pub(crate) used: usize,
    pub(crate) waiting: usize,
    pub(crate) waited: u64,
}

/// How transactions ended whose COMMIT was not answered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DoubtMetrics {
    pub(crate) open: u64,
    pub(crate) committed: u64,
    pub(crate) undone: u64,
    pub(crate) unknown: u64,
}

/// What is in the cache of files, and what was asked of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CacheMetrics {
    pub(crate) files: usize,
    pub(crate) bytes: u64,
    pub(crate) bytes_max: u64,
    pub(crate) read: u64,
    pub(crate) fetched: u64,
    pub(crate) evicted: u64,
}

#[expect(
    clippy::cast_precision_loss,
    reason = "connections, bytes and microseconds are far below 2^53"
)]
impl Telemetry {
    /// Connections to the database that are used for this.
    pub(crate) fn pool(&self, name: &'static str, of: &PoolMetrics) {
        let labels = || vec![Label::new("pool", name)];
        self.set("kith_database_connections", labels(), of.open as f64);
        self.set("kith_database_connections_used", labels(), of.used as f64);
        self.set("kith_database_connections_wanted", labels(), of.waiting as f64);
        let help = "How often somebody had to wait for a connection to the database.";
        register(&self.recorder, "kith_database_waits_total", help, labels()).absolute(of.waited);
    }

    /// Transactions in doubt.
    pub(crate) fn doubts(&self, of: &DoubtMetrics) {
        self.set("kith_transactions_in_doubt", Vec::new(), of.open as f64);
        let help = "Transactions whose COMMIT was not answered, by what became of them.";
        let ended = [("committed", of.committed), ("undone", of.undone), ("unknown", of.unknown)];
        for (outcome, many) in ended {
            let labels = vec![Label::new("outcome", outcome)];
            let name = "kith_transactions_doubted_total";
            register(&self.recorder, name, help, labels).absolute(many);
        }
    }

    /// What is added to the machine's clock, in microseconds.
    pub(crate) fn clock(&self, correction: i64) {
        self.set("kith_clock_correction_seconds", Vec::new(), correction as f64 / 1e6);
    }

    /// The cache of files.
    pub(crate) fn cache(&self, of: &CacheMetrics) {
        self.set("kith_cache_files", Vec::new(), of.files as f64);
        self.set("kith_cache_bytes", Vec::new(), of.bytes as f64);
        self.set("kith_cache_bytes_max", Vec::new(), of.bytes_max as f64);
        let counters = [
            ("kith_cache_files_read_total", "Files from S3 that questions have read.", of.read),
            (
                "kith_cache_files_fetched_total",
                "Files from S3 that were not here and had to be fetched.",
                of.fetched,
            ),
            (
                "kith_cache_files_evicted_total",
                "Copies of files that were put out for want of room.",
                of.evicted,
            ),
        ];
        for (name, help, many) in counters {
            register(&self.recorder, name, help, Vec::new()).absolute(many);
        }
    }

    /// A portion of the tail was to be moved into files, and this came of it.
    pub(crate) fn flush_ended(&self, outcome: &'static str) {
        self.flushes(outcome).increment(1);
    }

    pub(super) fn flushes(&self, outcome: &'static str) -> metrics::Counter {
        let labels = vec![Label::new("outcome", outcome)];
        let help = "Portions of the tail that were to be moved into files, by what came of it.";
        register(&self.recorder, "kith_flushes_total", help, labels)
    }

    fn set(&self, name: &'static str, labels: Vec<Label>, value: f64) {
        let key = metrics::Key::from_parts(name, labels);
        metrics::Recorder::register_gauge(&self.recorder, &key, &METADATA).set(value);
    }
}
