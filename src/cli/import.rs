//! `kith import`: history through the same way as any payload, a line each.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, header};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tower::ServiceExt as _;

use super::folder::Folder;
use super::{say, say_wrong};
use crate::app::{App, World};
use crate::config::{Bots, Config};
use crate::hashing::Hashing;
use crate::http;
use crate::jobs::Jobs;
use crate::lake::S3Access;
use crate::questions::this_program;
use crate::storage::StillHeld;

/// Payloads under way at one time: a round's worth.
const PAYLOADS_MAX: usize = 256;
/// Lines after which the place is remembered.
const REMEMBERED_EVERY: u64 = 5_000;
/// Where the place is written before it is remembered.
const BESIDE: &str = ".import";
/// Problems that are told of one by one.
const PROBLEMS_TOLD_MAX: u64 = 20;

/// What to import.
#[derive(Debug, Args)]
pub(super) struct ImportCommand {
    /// A file with a payload as `/track` takes it on each line.
    file: PathBuf,
}

/// What came of it.
#[derive(Debug, Default)]
struct Done {
    kept: u64,
    refused: u64,
}

/// Needs the folder for itself. It may be stopped and begun again: it goes on where it was, and
/// events that are kept already are left out by their ids. Events without one are given one that
/// follows from the line.
pub(super) fn run(config: &Config, command: &ImportCommand) -> Result<bool, String> {
    let lock = StillHeld::take(&config.data_dir)?;
    let Folder { storage, clock, ids } = Folder::open(config)?;
    let hashing = Hashing::new(storage.key());
    let mut config = config.clone();
    // Whoever has the folder decides what comes in; the line between people and crawlers was drawn
    // when the events were recorded.
    config.admission.bots = Bots::Keep;
    config.admission.payloads_per_second_max = 0;
    let place = Place::of(&config.data_dir, &command.file, &hashing)?;
    let (s3, program) = (S3Access::from_env(), this_program());
    let world = World { config, clock, ids, storage, s3, program };
    let (app, threads) = App::start(world).map_err(|error| error.to_string())?;
    // As in a server: the log is copied, and what has come in moves into files.
    let jobs = Jobs::start(&app, Some(lock)).map_err(|error| error.to_string())?;
    let router = http::router(&app);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    let done = runtime.block_on(send_all(&router, &place, &hashing));
    jobs.stop();
    drop((router, app));
    drop(runtime);
    for thread in threads {
        thread.join().map_err(|_| "a thread of the committer had panicked".to_owned())?;
    }
    let done = done?;
    say(&format!("{} payloads kept, {} refused", done.kept, done.refused));
    Ok(done.refused == 0)
}

/// Where an import stands, remembered in the data folder until it is through.
struct Place {
    file: PathBuf,
    note: PathBuf,
    bytes: u64,
}

impl Place {
    fn of(folder: &Path, file: &Path, hashing: &Hashing) -> Result<Self, String> {
        let fault = |error: std::io::Error| format!("{}: {error}", file.display());
        let whole = file.canonicalize().map_err(fault)?;
        let bytes = whole.metadata().map_err(fault)?.len();
        let name = hashing.token(&format!("{} {bytes}", whole.display()));
        let name: String = name.chars().take(16).collect();
        Ok(Self { note: folder.join(format!("import-{name}")), file: whole, bytes })
    }

    fn read(&self) -> u64 {
        let text = std::fs::read_to_string(&self.note).unwrap_or_default();
        text.trim().parse().unwrap_or(0)
    }

    /// All of it or nothing: whoever is stopped in between goes on from the place before.
    fn remember(&self, offset: u64) -> Result<(), String> {
        let beside = self.note.with_file_name(BESIDE);
        std::fs::write(&beside, offset.to_string())
            .and_then(|()| std::fs::rename(&beside, &self.note))
            .map_err(|error| error.to_string())
    }

    fn forget(&self) {
        // An import that never remembered has nothing to forget.
        drop(std::fs::remove_file(&self.note));
    }
}

async fn send_all(router: &Router, place: &Place, hashing: &Hashing) -> Result<Done, String> {
    let fault = |error: std::io::Error| format!("{}: {error}", place.file.display());
    let mut lines = BufReader::new(File::open(&place.file).map_err(fault)?);
    let (mut offset, mut number) = (place.read(), 0_u64);
    lines.seek(SeekFrom::Start(offset)).map_err(fault)?;
    let bar = bar(place.bytes);
    let (mut done, mut under_way) = (Done::default(), JoinSet::new());
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = lines.read_until(b'\n', &mut line).map_err(fault)?;
        if read == 0 {
            break;
        }
        let begins = offset;
        offset += read as u64;
        number += 1;
        if line.trim_ascii().is_empty() {
            continue;
        }
        if under_way.len() >= PAYLOADS_MAX {
            settle(under_way.join_next().await, &mut done);
        }
        let body = with_ids(&line, begins, hashing);
        under_way.spawn(send(router.clone(), body, begins));
        if number.is_multiple_of(REMEMBERED_EVERY) {
            while let Some(answer) = under_way.join_next().await {
                settle(Some(answer), &mut done);
            }
            place.remember(offset)?;
        }
        bar.set_position(offset);
    }
    while let Some(answer) = under_way.join_next().await {
        settle(Some(answer), &mut done);
    }
    bar.finish_and_clear();
    place.forget();
    Ok(done)
}

/// How much of so many bytes is done.
pub(super) fn bar(bytes: u64) -> ProgressBar {
    let bar = ProgressBar::new(bytes);
    let style = "{bar:40} {bytes}/{total_bytes} {bytes_per_sec} {eta}";
    bar.set_style(
        ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar()),
    );
    bar
}

/// The payload with an id for each event: what has none gets one that is the same next time.
fn with_ids(line: &[u8], offset: u64, hashing: &Hashing) -> Vec<u8> {
    let Ok(mut payload) = serde_json::from_slice::<Value>(line) else { return line.to_vec() };
    let Some(events) = payload.get_mut("events").and_then(Value::as_array_mut) else {
        return line.to_vec();
    };
    for (at, event) in events.iter_mut().enumerate() {
        let has_id = event["id"].as_str().is_some_and(|id| !id.trim().is_empty());
        if let (false, Some(event)) = (has_id, event.as_object_mut()) {
            let text = format!("{offset} {at} {}", String::from_utf8_lossy(line));
            let id: String = hashing.token(&text).chars().take(32).collect();
            event.insert("id".to_owned(), json!(id));
        }
    }
    payload.to_string().into_bytes()
}

/// What a line came to: its place, and what is wrong with it.
type Outcome = (u64, Result<(), String>);

/// A refusal for now is not one: the committer has more than it can take.
async fn send(router: Router, body: Vec<u8>, offset: u64) -> Outcome {
    loop {
        let request = Request::post("/track").header(header::HOST, "import");
        let request = request.body(Body::from(body.clone()));
        let Ok(request) = request else { return (offset, Err("it cannot be sent".to_owned())) };
        let Ok(response) = router.clone().oneshot(request).await;
        let status = response.status();
        if status.is_success() {
            return (offset, Ok(()));
        }
        let code = response.headers().get("x-kith-code");
        let code = code.and_then(|code| code.to_str().ok()).unwrap_or("refused").to_owned();
        if code != "overloaded" {
            return (offset, Err(code));
        }
        tokio::task::yield_now().await;
    }
}

fn settle(answer: Option<Result<Outcome, tokio::task::JoinError>>, done: &mut Done) {
    match answer {
        Some(Ok((_, Ok(())))) => done.kept += 1,
        Some(Ok((offset, Err(code)))) => {
            done.refused += 1;
            if done.refused <= PROBLEMS_TOLD_MAX {
                say_wrong(&format!("the line at byte {offset} was refused: {code}"));
            }
        }
        Some(Err(_)) => done.refused += 1,
        None => {}
    }
}
