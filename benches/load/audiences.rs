//! What audiences and computed traits cost: none, some and many of them, in turn.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::{Value, json};

use crate::payloads::{Mix, World};
use crate::report::median;
use crate::server::Server;
use crate::{CONNECTIONS, KNOWN_SESSIONS, Options, client, closed, machine, questions};
use client::Plan;

/// Numbers of audiences and computed traits that are compared; the first has nothing to do with any of it.
const NUMBERS: [(usize, usize); 4] = [(0, 0), (20, 0), (20, 100), (200, 100)];
/// Whoever takes less of a core has nothing left to do.
const AT_REST: f64 = 0.03;
/// The types of the mix.
const TYPES: [&str; 3] = ["page-view", "product-clicked", "product-added-to-cart"];

/// The spread mix at a server with so many audiences.
struct Side {
    audiences: usize,
    traits: usize,
    kith: Server,
    people: Rc<RefCell<World>>,
    rates: Vec<f64>,
    /// The same of events: whoever enters an audience or leaves it is told by one more.
    events: Vec<f64>,
    /// Requests, and what they took of the processor, in seconds, by threads.
    requests: f64,
    threads: BTreeMap<String, f64>,
}

/// In one run, so that the machine has one mood for all of them: rates, their ratios, and bytes.
pub(crate) fn compare(options: &Options) {
    let mut sides: Vec<Side> = NUMBERS.into_iter().map(Side::with).collect();
    println!("\nThe spread mix with audiences and computed traits:\n");
    println!(
        "| audiences | traits | requests/s | of none | events a request | events/s, of none | bytes a profile |"
    );
    println!("|---|---|---|---|---|---|---|");
    for _ in 0..options.pairs {
        for side in &mut sides {
            side.kith.wait_until_at_rest(AT_REST);
            let before = side.kith.events();
            let spent = machine::threads(side.kith.pid());
            let sent = client::run(&[side.kith.address()], &side.people, &closed(options.seconds));
            side.spend(&spent, sent.answers() as f64);
            let a_request = (side.kith.events() - before) as f64 / sent.answers() as f64;
            side.rates.push(sent.per_second());
            side.events.push(sent.per_second() * a_request);
        }
    }
    let none = [sides[0].rates.clone(), sides[0].events.clone()];
    let ratio =
        |ours: &[f64], none: &[f64]| median(ours.iter().zip(none).map(|(rate, none)| rate / none));
    for side in &sides {
        println!(
            "| {} | {} | {:.0} | **{:.2}** | {:.1} | **{:.2}** | {:.0} |",
            side.audiences,
            side.traits,
            median(side.rates.iter().copied()),
            ratio(&side.rates, &none[0]),
            median(side.events.iter().zip(&side.rates).map(|(events, rate)| events / rate)),
            ratio(&side.events, &none[1]),
            side.kith.bytes_per_profile(),
        );
    }
    show_threads(&sides);
}

/// What a request takes of the processor: where one thread does most of it, more processors do not help.
fn show_threads(sides: &[Side]) {
    let names = sides.iter().flat_map(|side| side.threads.keys());
    let names: std::collections::BTreeSet<&String> = names.collect();
    let a_request = |side: &Side, spent: f64| format!("{:.1}", spent * 1e6 / side.requests);
    println!("\nMicroseconds of the processor a request, by threads:\n");
    println!(
        "| audiences, traits | all |{}|",
        names.iter().map(|name| format!(" {name} |")).collect::<String>()
    );
    println!("|---|---|{}", "---|".repeat(names.len()));
    for side in sides {
        let by_name = names.iter().map(|name| side.threads.get(*name).copied().unwrap_or(0.0));
        let row: Vec<String> = by_name.map(|spent| a_request(side, spent)).collect();
        let all = a_request(side, side.threads.values().sum());
        println!("| {}, {} | {all} | {} |", side.audiences, side.traits, row.join(" | "));
    }
}

impl Side {
    fn with((audiences, traits): (usize, usize)) -> Self {
        let kith = Server::kith();
        let url = format!("http://{}", kith.address());
        let bearer = questions::sign_in(&url);
        for number in 0..traits {
            post(&format!("{url}/api/computed-traits"), &bearer, &computed(number));
        }
        for number in 0..audiences {
            post(&format!("{url}/api/audiences"), &bearer, &audience(number));
        }
        let people = Rc::new(RefCell::new(World::new(Mix::Spread)));
        let fill = Plan::Fill { sessions: KNOWN_SESSIONS, connections: CONNECTIONS };
        client::run(&[kith.address()], &people, &fill);
        wait_until_live(&format!("{url}/api/audiences"), &bearer, audiences);
        wait_until_live(&format!("{url}/api/computed-traits"), &bearer, traits);
        let (rates, events, threads) = (Vec::new(), Vec::new(), BTreeMap::new());
        Self { audiences, traits, kith, people, rates, events, requests: 0.0, threads }
    }

    /// So many requests were answered since that was spent.
    fn spend(&mut self, before: &BTreeMap<String, f64>, requests: f64) {
        self.requests += requests;
        for (name, spent) in machine::threads(self.kith.pid()) {
            let since = spent - before.get(&name).unwrap_or(&0.0);
            *self.threads.entry(name).or_default() += since.max(0.0);
        }
    }
}

fn computed(number: usize) -> Value {
    let kind = TYPES[number % TYPES.len()];
    let function = ["count", "last", "first_at", "sum"][number % 4];
    let mut measure = json!({"id": format!("t{number}"), "function": function, "event_type": kind,
        "where": format!("event@properties.name != \"{number}\"")});
    if ["last", "sum"].contains(&function) {
        measure["of"] = json!("properties.price");
    }
    measure
}

/// Of ten of them, nine count, with and without windows, and one is about what follows what. Each is about some
/// fiftieth of what is on sale, as audiences are: of what everybody does nobody makes one.
fn audience(number: usize) -> Value {
    let at = number % TYPES.len();
    let (kind, other) = (TYPES[at], TYPES[(number + 1) % TYPES.len()]);
    let filter = if at == 0 {
        let page = 10 + number % 90;
        format!("WHERE (event@properties.url STARTS WITH \"https://shop.example/shoes/{page}\")")
    } else {
        let [from, to] = [4 * number, 4 * number + 20];
        format!("WHERE (event@properties.price >= {from} AND event@properties.price < {to})")
    };
    let times = 2 + number % 20;
    let condition = match number % 10 {
        0..3 => format!("DID \"{kind}\" {filter} AT LEAST {times} TIMES"),
        3..6 => format!("DID \"{kind}\" {filter} AT LEAST {times} TIMES WITHIN {}h", 1 + number),
        6..9 => format!("DID \"{kind}\" {filter} WITHIN {}d AND NOT DID \"{other}\"", 1 + number),
        _ => format!("DID \"{kind}\" {filter} THEN WITHIN 1h \"{other}\" WITHIN 30d"),
    };
    json!({"id": format!("a{number}"), "name": format!("a{number}"), "condition": condition})
}

fn wait_until_live(list: &str, bearer: &str, many: usize) {
    loop {
        let ask = ureq::get(list).header("Authorization", bearer).call().unwrap();
        let all: Value = ask.into_body().read_json().unwrap();
        let result = all["result"].as_array().cloned().unwrap_or_default();
        if result.iter().filter(|one| one["state"] == "live").count() == many {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
}

fn post(address: &str, bearer: &str, body: &Value) {
    let ask = ureq::post(address).header("Authorization", bearer).send_json(body);
    drop(ask.unwrap());
}
