//! The load driver: Kith and the reference server, side by side in one run, in pairs.
//!
//! `cargo bench --bench load -- [--seconds N] [--pairs N] [--mix spread|ids|new|hot] [--nodes]
//! [--undoing] [--audiences] [--importing]`; with `--mix` only that mix, with `--nodes` only PostgreSQL beside the
//! embedded engine, with `--undoing` only mergers taken back, with `--audiences` only what audiences cost, with
//! `--importing` only the same payloads from a file; without any of them everything, and heavy questions beside it.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a program for people")]
#![allow(clippy::disallowed_methods, reason = "it measures real time")]

mod audiences;
mod client;
mod importing;
mod machine;
mod nodes;
mod payloads;
mod questions;
mod report;
mod server;
mod undoing;
#[expect(dead_code, reason = "tests use more of it")]
#[path = "../../tests/support/postgres/mod.rs"]
mod postgres;

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use client::{Measured, Plan};
use payloads::{Mix, World};
use questions::Asking;
use server::Server;
use undoing::{Undoing, United};

/// Clients of the closed loop.
const CONNECTIONS: usize = 64;
/// People who are known before anything is measured.
const KNOWN_SESSIONS: usize = 5_000;

/// What the command line says.
struct Options {
    seconds: u64,
    pairs: usize,
    mixes: Vec<Mix>,
    only_nodes: bool,
    only_undoing: bool,
    only_audiences: bool,
    only_importing: bool,
}

fn options() -> Options {
    let arguments: Vec<String> = std::env::args().collect();
    let value = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1).cloned()
    };
    let mixes = value("--mix").map_or_else(|| Mix::ALL.to_vec(), |name| vec![Mix::named(&name)]);
    Options {
        seconds: value("--seconds").map_or(10, |text| text.parse().unwrap()),
        pairs: value("--pairs").map_or(3, |text| text.parse().unwrap()),
        mixes,
        only_nodes: arguments.iter().any(|argument| argument == "--nodes"),
        only_audiences: arguments.iter().any(|argument| argument == "--audiences"),
        only_importing: arguments.iter().any(|argument| argument == "--importing"),
        only_undoing: arguments.iter().any(|argument| argument == "--undoing"),
    }
}

/// One mix, measured.
struct Row {
    mix: Mix,
    pairs: Vec<Pair>,
    memory: machine::Memory,
    bytes_per_event: f64,
}

/// Four windows, one after the other, so that the machine has one mood for all of them.
struct Pair {
    reference: Measured,
    kith: Measured,
    /// The reference at half of Kith's rate: what the machine and the clients alone make of it.
    floor: Measured,
    /// Kith at half of its rate.
    half: Measured,
}

fn main() {
    let options = options();
    println!("{}\n", machine::description());
    if options.only_nodes {
        return nodes::compare(&options);
    }
    if options.only_audiences {
        return audiences::compare(&options);
    }
    if options.only_undoing {
        return undo_meanwhile(&options);
    }
    if options.only_importing {
        return importing::compare(&options);
    }
    println!("Idle, freshly started: {} MB resident.\n", idle_memory());
    let rows: Vec<Row> = options.mixes.iter().map(|mix| measure(*mix, &options)).collect();
    report::print(&rows);
    if options.mixes.len() == Mix::ALL.len() {
        ask_meanwhile(&options);
        undo_meanwhile(&options);
        audiences::compare(&options);
        importing::compare(&options);
        nodes::compare(&options);
    }
}

/// The spread mix with and without somebody who asks heavy questions, in turn.
fn ask_meanwhile(options: &Options) {
    let kith = Server::kith();
    let people = Rc::new(RefCell::new(World::new(Mix::Spread)));
    let send = |seconds| client::run(&[kith.address()], &people, &closed(seconds)).per_second();
    let events = 3.0 * send(options.seconds.max(10)) * options.seconds.max(10) as f64;
    println!(
        "\nWhile a heavy question is asked again and again, of {events:.0} events and more:\n"
    );
    println!("| nobody asks, requests/s | somebody asks | ratio | answers |\n|---|---|---|---|");
    for _ in 0..options.pairs {
        let alone = send(options.seconds);
        let asking = Asking::start(&kith);
        let beside = send(options.seconds);
        let answers = asking.stop();
        println!("| {alone:.0} | {beside:.0} | **{:.2}** | {answers} |", beside / alone);
    }
}

/// The spread mix with and without somebody who takes mergers back, in turn.
fn undo_meanwhile(options: &Options) {
    println!("\nWhile a merger is taken back each second, 500 events after it:\n");
    println!("| | requests/s | p99, ms | longest, ms | undone | in the middle, s | longest, s |");
    println!("|---|---|---|---|---|---|---|");
    let kith = Server::kith();
    let people = Rc::new(RefCell::new(World::new(Mix::Spread)));
    let send = |seconds| client::run(&[kith.address()], &people, &closed(seconds));
    let show = |name: &str, sent: &Measured, took: &[Duration]| {
        let [p99, slowest] = [0.99, 1.0].map(|share| sent.percentile(share));
        let [middle, longest] = [took.get(took.len() / 2), took.last()]
            .map(|took| took.map_or_else(String::new, |took| format!("{:.2}", took.as_secs_f64())));
        println!(
            "| {name} | {:.0} | {p99:.1} | {slowest:.1} | {} | {middle} | {longest} |",
            sent.per_second(),
            took.len()
        );
    };
    send(options.seconds);
    for _ in 0..options.pairs {
        let united = United::at(&kith, options.seconds as usize);
        show("alone", &send(options.seconds), &[]);
        let undoing = Undoing::start(united);
        let sent = send(options.seconds);
        show("beside", &sent, &undoing.stop());
    }
}

fn idle_memory() -> u64 {
    let kith = Server::kith();
    std::thread::sleep(Duration::from_secs(1));
    machine::Memory::of(kith.pid()).resident
}

fn measure(mix: Mix, options: &Options) -> Row {
    let (reference, kith) = (Server::reference(), Server::kith());
    let world = || Rc::new(RefCell::new(World::new(mix)));
    let (strangers, people) = (world(), world());
    // Both know as many people; files grow and caches fill before anything is measured.
    for (server, world) in [(&reference, &strangers), (&kith, &people)] {
        let fill = Plan::Fill { sessions: KNOWN_SESSIONS, connections: CONNECTIONS };
        client::run(&[server.address()], world, &fill);
    }
    let of_reference = |plan: &Plan| client::run(&[reference.address()], &strangers, plan);
    let of_kith = |plan: &Plan| client::run(&[kith.address()], &people, plan);
    let pair = || {
        let plan = closed(options.seconds);
        let (reference, kith) = (of_reference(&plan), of_kith(&plan));
        let rate = kith.per_second() / 2.0;
        let plan = Plan::Open { seconds: options.seconds, rate, connections: CONNECTIONS };
        Pair { reference, kith, floor: of_reference(&plan), half: of_kith(&plan) }
    };
    Row {
        mix,
        pairs: (0..options.pairs).map(|_| pair()).collect(),
        memory: machine::Memory::of(kith.pid()),
        bytes_per_event: kith.bytes_per_event(),
    }
}

fn closed(seconds: u64) -> Plan {
    Plan::Closed { seconds, connections: CONNECTIONS }
}
