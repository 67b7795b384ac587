//! In which order events are told: by their time, or as they were received.
//!
//! Clients say times in whole seconds. So whatever came in earlier is earlier, then whatever stands
//! before it in its payload. Files of before there were positions have none; ids decide there, as they
//! did then.

/// For `ORDER BY` over the columns of history.
pub const OLDEST_FIRST: &str = "time, received_at, position NULLS FIRST, id";

/// The order in which they have changed people, whenever they happened: for whoever does that again.
pub const AS_RECEIVED: &str = "received_at, position NULLS FIRST, id";

/// By their time, backwards.
pub const NEWEST_FIRST: &str = "time DESC, received_at DESC, position DESC NULLS LAST, id DESC";

/// For where an event without a position must have one: before all that have one.
pub const NO_POSITION: i64 = -1_000_000_000;
