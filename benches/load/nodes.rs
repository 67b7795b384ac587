//! The spread mix on PostgreSQL, with one and with two nodes, beside the embedded engine. All of it on
//! the same machine, files of history put off.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;

use crate::client::{self, Measured, Plan};
use crate::payloads::{Mix, World};
use crate::postgres::{self, Cluster};
use crate::server::{Place, Server};
use crate::{CONNECTIONS, KNOWN_SESSIONS, Options, closed, report};

/// Files are another benchmark.
const PUT_OFF: [(&str, &str); 3] = [
    ("KITH_EVENTS_FLUSH_SECONDS", "1000000"),
    ("KITH_EVENTS_FLUSH_EVENTS", "1000000000"),
    ("KITH_EVENTS_FLUSH_BYTES", "1000000000000"),
];

/// As a server is run whose data must last.
const LASTING: [&str; 4] = [
    "ALTER SYSTEM SET fsync = on",
    "ALTER SYSTEM SET full_page_writes = on",
    "ALTER SYSTEM SET shared_buffers = '256MB'",
    "ALTER SYSTEM SET max_wal_size = '4GB'",
];

/// Some servers on one database, and who visits them.
struct Side {
    name: &'static str,
    servers: Vec<Server>,
    world: Rc<RefCell<World>>,
    runs: Vec<Measured>,
    url: Option<String>,
    /// What PostgreSQL had written when it was measured first.
    before: Written,
}

/// Rows and bytes of the log.
#[derive(Clone, Copy, Debug, Default)]
struct Written {
    rows: f64,
    bytes: f64,
}

impl Side {
    fn new(name: &'static str, servers: Vec<Server>, url: Option<String>) -> Self {
        let world = Rc::new(RefCell::new(World::new(Mix::Spread)));
        let mut side =
            Self { name, servers, world, runs: Vec::new(), url, before: Written::default() };
        let fill = Plan::Fill { sessions: KNOWN_SESSIONS, connections: CONNECTIONS };
        client::run(&side.addresses(), &side.world, &fill);
        side.before = side.written();
        side
    }

    fn addresses(&self) -> Vec<SocketAddr> {
        self.servers.iter().map(Server::address).collect()
    }

    fn run(&mut self, seconds: u64) {
        self.runs.push(client::run(&self.addresses(), &self.world, &closed(seconds)));
    }

    fn written(&self) -> Written {
        let Some(url) = &self.url else { return Written::default() };
        let number = |sql: &str| postgres::rows(url, sql)[0][0].parse::<f64>().unwrap();
        postgres::rows(url, "SELECT pg_stat_force_next_flush()");
        Written {
            rows: number("SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_user_tables"),
            bytes: number("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn"),
        }
    }

    /// The mean time of a commit, in milliseconds, as the servers have measured it, and payloads in
    /// a round.
    fn rounds(&self) -> (f64, f64) {
        let (mut seconds, mut rounds, mut payloads) = (0.0, 0.0, 0.0);
        for server in &self.servers {
            let metrics = ureq::get(format!("http://{}/metrics", server.address())).call().unwrap();
            let metrics = metrics.into_body().read_to_string().unwrap();
            let of = |name: &str| {
                let line = metrics.lines().find(|line| line.starts_with(name)).unwrap();
                line.rsplit(' ').next().unwrap().parse::<f64>().unwrap()
            };
            seconds += of("kith_round_commit_seconds_sum");
            rounds += of("kith_round_commit_seconds_count");
            payloads += of("kith_round_payloads_sum");
        }
        (1000.0 * seconds / rounds, payloads / rounds)
    }

    fn per_second(&self) -> f64 {
        report::median(self.runs.iter().map(Measured::per_second))
    }
}

/// Runs in turn, and prints the table.
pub(crate) fn compare(options: &Options) {
    let cluster = Cluster::start();
    for setting in LASTING {
        postgres::ask(&cluster.url("postgres"), setting).unwrap();
    }
    cluster.restart_immediately();
    let node = |url: &str, place| {
        let settings: Vec<_> = [("KITH_DATABASE_URL", url)].into_iter().chain(PUT_OFF).collect();
        Server::kith_with(&settings, place)
    };
    let (one, two) = (cluster.create_database(), cluster.create_database());
    let pair = vec![node(&two, Place::New), node(&two, Place::Shared)];
    let mut sides = [
        Side::new("embedded", vec![Server::kith_with(&PUT_OFF, Place::New)], None),
        Side::new("PostgreSQL, one node", vec![node(&one, Place::New)], Some(one)),
        Side::new("PostgreSQL, two nodes", pair, Some(two)),
    ];
    for _ in 0..options.pairs {
        sides.iter_mut().for_each(|side| side.run(options.seconds));
    }
    print(&sides);
}

fn print(sides: &[Side]) {
    println!("\nOn PostgreSQL on the same machine, spread:\n");
    println!(
        "| engine | requests/s | ratio | p50, ms | p99, ms | commit, ms | payloads/round | rows/payload | log bytes/payload |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for side in sides {
        let pairs = side.runs.iter().zip(&sides[0].runs);
        let ratio = report::median(pairs.map(|(run, base)| run.per_second() / base.per_second()));
        let percentile = |share| report::median(side.runs.iter().map(|run| run.percentile(share)));
        let (commit, payloads) = side.rounds();
        let sent: f64 = side.runs.iter().map(|run| run.answers() as f64).sum();
        let now = side.written();
        let each = |now: f64, before: f64| {
            if side.url.is_some() { format!("{:.1}", (now - before) / sent) } else { "".to_owned() }
        };
        println!(
            "| {} | {:.0} | **{ratio:.2}** | {:.2} | {:.2} | {commit:.2} | {payloads:.0} | {} | {} |",
            side.name,
            side.per_second(),
            percentile(0.5),
            percentile(0.99),
            each(now.rows, side.before.rows),
            each(now.bytes, side.before.bytes),
        );
    }
}
