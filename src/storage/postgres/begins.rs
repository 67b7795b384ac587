//! How transactions begin, and what each is told.
//!
//! On connections of our own only what differs from the connection's settings. Through a pooler a
//! connection is somebody else's after each transaction: whatever holds is said in the transaction, for
//! it alone, and nothing is done outside of one.

use super::address::Pooler;
use super::connections::Access;
use crate::config::StorageConfig;

/// What it takes for a round's settings to be handed on by Citus. Elsewhere it means nothing.
pub(super) const HANDS_ON: &str = "citus.propagate_set_commands = 'local'";
/// A round waits for a lock that another round holds, which is a matter of milliseconds, and not for
/// one that somebody keeps: everybody in it would wait for them. Said in the transaction, since a
/// database that spreads hands on only what is said there.
const OF_ROUNDS: &str = "lock_timeout = '400ms'";

/// The sentences.
#[derive(Debug)]
pub(super) struct Begins {
    /// What changes, or only reads where the engine does.
    pub(super) change: String,
    /// What reads at one moment of the database.
    pub(super) look: String,
    /// A round.
    pub(super) round: String,
    /// Statements that are on their own, each at a moment of its own: outside of a transaction, unless
    /// there is a pooler.
    pub(super) ask: Option<String>,
}

/// The server gives up before we do, and rolls back what a node that is gone has left open.
pub(super) fn limits(config: &StorageConfig) -> [String; 3] {
    let longest = config.statement_seconds_max;
    [
        format!("statement_timeout = '{longest}s'"),
        format!("idle_in_transaction_session_timeout = '{longest}s'"),
        format!("lock_timeout = '{}s'", longest.div_ceil(2)),
    ]
}

impl Begins {
    pub(super) fn of(config: &StorageConfig, access: Access, pooler: Pooler) -> Self {
        let look = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        match pooler {
            Pooler::None => Self {
                change: "BEGIN".to_owned(),
                look: look.to_owned(),
                round: told("BEGIN", [OF_ROUNDS.to_owned()]),
                ask: None,
            },
            Pooler::Transaction => {
                let mode = if access == Access::ToRead { "READ ONLY" } else { "READ WRITE" };
                let each = format!("BEGIN ISOLATION LEVEL READ COMMITTED {mode}");
                let change = told(&each, limits(config));
                // The last word counts.
                let of_rounds = limits(config).into_iter().chain([OF_ROUNDS.to_owned()]);
                Self {
                    look: told(look, limits(config)),
                    round: told(&each, [HANDS_ON.to_owned()].into_iter().chain(of_rounds)),
                    ask: Some(change.clone()),
                    change,
                }
            }
        }
    }
}

fn told(begin: &str, settings: impl IntoIterator<Item = String>) -> String {
    let told = settings.into_iter().map(|setting| format!("; SET LOCAL {setting}"));
    begin.to_owned() + &told.collect::<String>()
}
