//! Several nodes on one PostgreSQL, in this process and in processes of their own.

mod accounts;
mod agreeing;
mod audiences;
mod clocks;
mod comparing;
mod overtaking;
mod pooler;
mod dumps;
mod limits;
mod lives;
mod locked_rows;
mod moving;
mod measures;
mod bad_days;
mod rebuilding;
mod removing;
mod retrying;
mod seldom;
mod sources;
mod starting;
mod taking_turns;
mod tls;
mod undoing;

use crate::support::{Setup, TestApp, engine, postgres};

/// Nodes on a new database, each with ids of its own.
fn nodes(many: u64) -> Vec<TestApp> {
    let url = postgres::create_database();
    (1..=many).map(|seed| node(&url, seed)).collect()
}

fn node(url: &str, seed: u64) -> TestApp {
    // These nodes have no files in common, so none may write any by itself.
    let configure = |config: &mut kith::config::Config| config.events.flush_seconds = 1_000_000;
    TestApp::with(Setup { folder: engine::folder_for(url), seed, configure, ..Setup::default() })
}
