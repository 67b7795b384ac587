//! Clients on one thread, as cheap as they can be: they share the machine with what they measure.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::task::{LocalSet, spawn_local};

use crate::payloads::{Request, World};

/// How to send.
pub(crate) enum Plan {
    /// As the closed loop, new people only, until so many sessions are known.
    Fill { sessions: usize, connections: usize },
    /// Every client sends its next request when it has its answer.
    Closed { seconds: u64, connections: usize },
    /// Requests come at fixed times, whatever the server does; waiting for a free client counts.
    Open { seconds: u64, rate: f64, connections: usize },
}

/// What came out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Measured {
    /// One per answer, in microseconds, sorted.
    latencies: Vec<u32>,
    took: Duration,
}

impl Measured {
    pub(crate) fn per_second(&self) -> f64 {
        self.latencies.len() as f64 / self.took.as_secs_f64()
    }

    pub(crate) fn answers(&self) -> usize {
        self.latencies.len()
    }

    /// In milliseconds; `share` 0.99 is the 99th percentile.
    pub(crate) fn percentile(&self, share: f64) -> f64 {
        let last = self.latencies.len().saturating_sub(1);
        let at = (last as f64 * share).round() as usize;
        self.latencies.get(at).map_or(0.0, |micros| f64::from(*micros) / 1000.0)
    }
}

/// One server's clients.
struct Crowd {
    servers: Vec<SocketAddr>,
    world: Rc<RefCell<World>>,
    latencies: RefCell<Vec<u32>>,
    /// New people only, until so many sessions are known.
    filling: Option<usize>,
}

impl Crowd {
    fn is_done(&self) -> bool {
        self.filling.is_some_and(|enough| self.world.borrow().known() >= enough)
    }

    fn request(&self) -> Request {
        let mut world = self.world.borrow_mut();
        if self.filling.is_some() { world.somebody_new() } else { world.next() }
    }
}

/// Runs a plan; the clients are dealt to the servers in turn. Any answer but 200 ends the program: what is refused fast is not fast.
pub(crate) fn run(servers: &[SocketAddr], world: &Rc<RefCell<World>>, plan: &Plan) -> Measured {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let filling = match plan {
        Plan::Fill { sessions, .. } => Some(*sessions),
        Plan::Closed { .. } | Plan::Open { .. } => None,
    };
    let (servers, world) = (servers.to_vec(), Rc::clone(world));
    let crowd = Crowd { servers, world, latencies: RefCell::default(), filling };
    let crowd = Rc::new(crowd);
    let started = Instant::now();
    LocalSet::new().block_on(&runtime, play(Rc::clone(&crowd), plan));
    let took = started.elapsed();
    let mut latencies = crowd.latencies.take();
    latencies.sort_unstable();
    Measured { latencies, took }
}

async fn play(crowd: Rc<Crowd>, plan: &Plan) {
    let clients: Vec<_> = match *plan {
        Plan::Fill { connections, .. } => {
            let until = Instant::now() + Duration::from_secs(600);
            let client = |number| spawn_local(closed(Rc::clone(&crowd), number, until));
            (0..connections).map(client).collect()
        }
        Plan::Closed { seconds, connections } => {
            let until = Instant::now() + Duration::from_secs(seconds);
            let client = |number| spawn_local(closed(Rc::clone(&crowd), number, until));
            (0..connections).map(client).collect()
        }
        Plan::Open { seconds, rate, connections } => {
            let line = Arc::new(Line::default());
            let client = |number| spawn_local(open(Rc::clone(&crowd), number, Arc::clone(&line)));
            let clients = (0..connections).map(client).collect();
            let until = Instant::now() + Duration::from_secs(seconds);
            std::thread::spawn(move || schedule(&line, rate, until));
            clients
        }
    };
    for client in clients {
        client.await.unwrap();
    }
}

async fn closed(crowd: Rc<Crowd>, number: usize, until: Instant) {
    let mut connection = Connection::open(&crowd, number).await;
    while Instant::now() < until && !crowd.is_done() {
        connection.exchange(&crowd, Instant::now()).await;
    }
}

/// Requests that are due and have no client yet.
#[derive(Default)]
struct Line {
    due: Mutex<VecDeque<Instant>>,
    over: AtomicBool,
    news: Notify,
}

/// How often the schedule is looked at. What is late by it counts as waiting; more often would
/// take the processor from what is measured.
const TICK: Duration = Duration::from_micros(500);

/// A thread of its own, since the runtime's timer counts in milliseconds.
fn schedule(line: &Line, rate: f64, until: Instant) {
    let started = Instant::now();
    let at = |number: u64| started + Duration::from_secs_f64(number as f64 / rate);
    let mut next = 0;
    while Instant::now() < until {
        std::thread::sleep(TICK);
        let now = Instant::now();
        let mut due = line.due.lock().unwrap();
        while at(next) <= now {
            due.push_back(at(next));
            line.news.notify_one();
            next += 1;
        }
    }
    line.over.store(true, Ordering::SeqCst);
    line.news.notify_waiters();
}

async fn open(crowd: Rc<Crowd>, number: usize, line: Arc<Line>) {
    let mut connection = Connection::open(&crowd, number).await;
    loop {
        let news = line.news.notified();
        let due = line.due.lock().unwrap().pop_front();
        match due {
            Some(due) => connection.exchange(&crowd, due).await,
            None if line.over.load(Ordering::SeqCst) => return,
            None => news.await,
        }
    }
}

struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    async fn open(crowd: &Crowd, number: usize) -> Self {
        let server = crowd.servers[number % crowd.servers.len()];
        let stream = TcpStream::connect(server).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, buffer: Vec::with_capacity(4096) }
    }

    /// Sends the next request and waits for its answer; the latency counts from `since`.
    async fn exchange(&mut self, crowd: &Crowd, since: Instant) {
        let request = crowd.request();
        self.stream.write_all(&request.bytes).await.unwrap();
        self.read().await;
        let micros = u32::try_from(since.elapsed().as_micros()).unwrap_or(u32::MAX);
        crowd.latencies.borrow_mut().push(micros);
        if let Some(session) = request.learns {
            let profile = profile(&self.buffer).expect("an answer with a profile").to_owned();
            crowd.world.borrow_mut().learn(session, &profile);
        }
    }

    /// One whole answer.
    async fn read(&mut self) {
        self.buffer.clear();
        loop {
            assert_ne!(self.stream.read_buf(&mut self.buffer).await.unwrap(), 0, "hung up");
            if let Some(head) = find(&self.buffer, b"\r\n\r\n") {
                let length = content_length(&self.buffer[..head]);
                if self.buffer.len() >= head + 4 + length {
                    break;
                }
            }
        }
        let good = self.buffer.starts_with(b"HTTP/1.1 200");
        assert!(good, "{}", String::from_utf8_lossy(&self.buffer));
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes, what)
}

fn content_length(head: &[u8]) -> usize {
    let at = find(head, b"content-length: ").expect("a content length") + 16;
    let digits = head[at..].iter().take_while(|byte| byte.is_ascii_digit());
    digits.fold(0, |number, digit| number * 10 + usize::from(digit - b'0'))
}

fn profile(answer: &[u8]) -> Option<&str> {
    let at = find(answer, br#""profile":{"id":""#)? + 17;
    let end = at + memchr::memchr(b'"', &answer[at..])?;
    std::str::from_utf8(&answer[at..end]).ok()
}
