//! How a database that others use too goes, in numbers, for those who watch it.

/// See the module. All of it is 0 where the database is this process' own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Vitals {
    /// Connections that only rounds use.
    pub rounds: PoolUse,
    /// Connections of everything else.
    pub others: PoolUse,
    /// Transactions whose end was in doubt.
    pub doubts: Doubts,
}

/// Connections, and those who want one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoolUse {
    /// Open ones.
    pub open: usize,
    /// Those of them that somebody uses.
    pub used: usize,
    /// How many wait for one at this moment.
    pub waiting: usize,
    /// How often somebody had to wait, since the start.
    pub waited: u64,
}

/// Transactions that were begun and whose COMMIT was not answered, since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Doubts {
    /// Being asked about at this moment.
    pub open: u64,
    /// They were on disk.
    pub committed: u64,
    /// They were not.
    pub undone: u64,
    /// Nobody could say. Whoever sent them was told to send again, with the same ids.
    pub unknown: u64,
}
