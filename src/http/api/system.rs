//! `/api/system`: how this server and those beside it are.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::{App, Machine};
use crate::http::ApiError;
use crate::http::admin::ask;
use crate::lake::Erased;
use crate::storage::{ErasureReport, NodeRow, TailSize};

/// Erasures of one answer, the latest.
const ERASURES_MAX: usize = 50;

/// How the installation is, as this node sees it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct System {
    /// Kith's own version.
    version: &'static str,
    /// Where people and configuration are: `sqlite` or `postgresql`.
    database: &'static str,
    /// Where history is: `folder` or `s3`.
    history: &'static str,
    /// When this node's clock says it is, as RFC 3339.
    now: String,
    /// The version of the configuration that this node works with.
    configuration: i64,
    /// The disk with the data folder; null where the system does not tell.
    #[schema(required)]
    disk: Option<Disk>,
    /// The machine's memory, and what this process has of it; null where the system does not tell.
    #[schema(required)]
    memory: Option<Memory>,
    /// What is in no file yet.
    tail: Tail,
    /// What is in files.
    lake: Files,
    /// The servers that run, sorted by name.
    nodes: Vec<Node>,
    /// Erasures, the latest first, at most 50.
    erasures: Vec<Erasure>,
}

/// A disk.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SystemDisk)]
#[serde(deny_unknown_fields)]
struct Disk {
    bytes: u64,
    /// What this process may still write.
    free_bytes: u64,
}

/// Memory.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SystemMemory)]
#[serde(deny_unknown_fields)]
struct Memory {
    bytes: u64,
    /// What all processes may still take.
    free_bytes: u64,
    /// What this process has, without those that answer questions.
    process_bytes: u64,
}

/// Rounds that are in no file.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SystemTail)]
#[serde(deny_unknown_fields)]
struct Tail {
    events: u64,
    bytes: u64,
}

/// Files of history.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SystemFiles)]
#[serde(deny_unknown_fields)]
struct Files {
    files: u64,
    bytes: u64,
    /// Those that a job of this node could not read, and has left aside.
    damaged: u64,
}

/// A server that runs.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SystemNode)]
#[serde(deny_unknown_fields)]
struct Node {
    id: String,
    /// Whether it is the one that answers.
    is_this: bool,
    /// When it said last that it lives, as RFC 3339; where there is one node, when it started or took
    /// a change of the configuration over.
    seen: String,
    /// The version of the configuration that it works with.
    configuration: i64,
}

/// An erasure, which names nobody.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SystemErasure)]
#[serde(deny_unknown_fields)]
struct Erasure {
    id: String,
    /// When it was asked for, as RFC 3339.
    asked: String,
    /// When it was done, or null.
    #[schema(required)]
    done: Option<String>,
    /// What it removed and where, or null.
    #[schema(required)]
    report: Option<Erased>,
}

/// How the installation is: disk, memory, the tail, files, the servers that run, and erasures. What is
/// counted, jobs among it, is at `/metrics`.
///
/// # Errors
/// 401 without a token.
#[utoipa::path(
    get, path = "/api/system", tag = "operate",
    responses((status = 200, description = "As it is now", body = System)),
)]
pub(in crate::http) async fn show(State(app): State<Arc<App>>) -> Result<Json<System>, ApiError> {
    let told = ask(&app, |storage| {
        Ok((storage.tail_size()?, storage.nodes()?, storage.latest_erasures(ERASURES_MAX)?))
    });
    let (tail, nodes, erasures) = told.await?;
    let machine = Machine::of(&app.config.data_dir);
    let TailSize { events, bytes, files, file_bytes } = tail;
    let this = app.committer.stream().to_string();
    Ok(Json(System {
        version: env!("CARGO_PKG_VERSION"),
        database: if app.config.database_url.is_empty() { "sqlite" } else { "postgresql" },
        history: if app.config.events_url.starts_with("s3:") { "s3" } else { "folder" },
        now: app.clock.now().to_string(),
        configuration: app.registry.now().version(),
        disk: machine.disk.map(|(bytes, free_bytes)| Disk { bytes, free_bytes }),
        memory: machine.memory.map(|(bytes, free_bytes)| Memory {
            bytes,
            free_bytes,
            process_bytes: machine.process_bytes,
        }),
        tail: Tail { events, bytes },
        lake: Files { files, bytes: file_bytes, damaged: app.lake.damaged_files() as u64 },
        nodes: nodes.into_iter().map(|row| node(row, &this)).collect(),
        erasures: erasures.into_iter().map(|(id, row)| erasure(id, row)).collect(),
    }))
}

fn node(row: NodeRow, this: &str) -> Node {
    let NodeRow { id, seen, version } = row;
    Node { is_this: id == this, id, seen: seen.to_string(), configuration: version }
}

fn erasure(id: String, row: ErasureReport) -> Erasure {
    let report = row.report.and_then(|text| serde_json::from_str(&text).ok());
    let done = row.done.map(|time| time.to_string());
    Erasure { id, asked: row.asked.to_string(), done, report }
}
