//! The spread mix sent to `/track`, and the same payloads read from a file by `kith import`, in turn.

use std::cell::RefCell;
use std::path::Path;
use std::process::Command;
use std::rc::Rc;
use std::time::Instant;

use tempfile::TempDir;

use crate::client::{self, Plan};
use crate::payloads::{Mix, World};
use crate::server::{Place, Server, processor_seconds_of_ended};
use crate::{CONNECTIONS, KNOWN_SESSIONS, Options, closed};

/// Payloads a second, and microseconds of the processor for each.
struct Rate {
    payloads: f64,
    micros: f64,
}

pub(crate) fn compare(options: &Options) {
    println!("\nThe same payloads by `/track` and from a file, everything at its defaults:\n");
    println!("| `/track`, payloads/s | µs of the processor | import, payloads/s | µs | ratio |");
    println!("|---|---|---|---|---|");
    let mut ratios: Vec<f64> = (0..options.pairs).map(|_| pair(options.seconds)).collect();
    ratios.sort_by(f64::total_cmp);
    println!("\nIn the middle: {:.2}", ratios[ratios.len() / 2]);
}

/// Both begin with the same folder, in which the same people are known.
fn pair(seconds: u64) -> f64 {
    let people = Rc::new(RefCell::new(World::new(Mix::Spread)));
    let filled = Server::kith_with(&[], Place::New);
    let fill = Plan::Fill { sessions: KNOWN_SESSIONS, connections: CONNECTIONS };
    client::run(&[filled.address()], &people, &fill);
    let (folder, other) = (filled.stop(), TempDir::new().unwrap());
    copy(folder.path(), other.path());
    people.borrow_mut().record();
    let tracked = track(folder, &people, seconds);
    let file = other.path().join("sent.jsonl");
    let sent = people.borrow_mut().recorded();
    std::fs::write(&file, sent.join(&b'\n')).unwrap();
    let imported = import(other.path(), &file, sent.len());
    let ratio = imported.payloads / tracked.payloads;
    println!(
        "| {:.0} | {:.0} | {:.0} | {:.0} | **{ratio:.2}** |",
        tracked.payloads, tracked.micros, imported.payloads, imported.micros
    );
    ratio
}

fn track(folder: TempDir, people: &Rc<RefCell<World>>, seconds: u64) -> Rate {
    let server = Server::kith_in(folder);
    let before = server.processor_seconds();
    let sent = client::run(&[server.address()], people, &closed(seconds));
    let took = server.processor_seconds() - before;
    Rate { payloads: sent.per_second(), micros: 1e6 * took / sent.answers() as f64 }
}

/// The whole command, from its start to its end.
fn import(folder: &Path, file: &Path, payloads: usize) -> Rate {
    let (before, started) = (processor_seconds_of_ended(), Instant::now());
    let mut import = Command::new(env!("CARGO_BIN_EXE_kith"));
    let done = import.args(["import", "--data-dir"]).arg(folder).arg(file).output().unwrap();
    let (took, used) = (started.elapsed(), processor_seconds_of_ended() - before);
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(said.starts_with(&format!("{payloads} kept, 0 repeated, 0 refused")), "{said}");
    let many = payloads as f64;
    Rate { payloads: many / took.as_secs_f64(), micros: 1e6 * used / many }
}

fn copy(from: &Path, to: &Path) {
    let done = Command::new("cp").args(["-a", "-T"]).args([from, to]).status().unwrap();
    assert!(done.success());
}
