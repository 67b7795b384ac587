//! `kith schema`: the tables, for those who want to see or to spread them.

use clap::Args;

use super::say;
use crate::storage;

/// What is printed.
#[derive(Debug, Args)]
pub(super) struct SchemaCommand {
    /// The statements that spread the tables over Citus' nodes, instead.
    #[arg(long)]
    citus: bool,
}

/// Asks no database and changes nothing: Kith makes its tables by itself.
pub(super) fn run(command: &SchemaCommand) {
    say(&if command.citus { storage::citus() } else { storage::schema() });
}
