//! The real router over the real storage in a folder of its own; time and chance are given.

use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, Method, Request};
use kith::app::{App, World};
use kith::clock::Clock;
use kith::config::Config;
use kith::ids::Ids;
use kith::lake::{History, HistoryParts, NewerSession, S3Access, Who};
use kith::model::{Bridge, Source, SourceId, Time, Trust};
use kith::registry::{Author, Registry};
use kith::storage::{By, Changes, Edit, Storage, StoredToken, StoredUser};
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt as _;

use super::Reply;
use super::contract::Asked;
use super::s3::S3Place;

/// 2026-01-05T10:00:00Z, a Monday.
pub(crate) fn start() -> Time {
    Time::from_micros(1_767_607_200_000_000)
}

/// The step of a clock that goes by itself.
const TICK: Duration = Duration::from_millis(5);
/// The source every app has; it is a server's, which may name anybody.
pub(crate) const SOURCE: &str = "shop";
pub(crate) const TOKEN: &str = "token-of-the-tests";

/// An app for one test. Dropped, it checks that every payload had an outcome, and that every answer
/// was as the document says.
pub(crate) struct TestApp {
    router: Option<Router>,
    app: Option<Arc<App>>,
    threads: Vec<JoinHandle<()>>,
    runtime: tokio::runtime::Runtime,
    pub(crate) clock: Clock,
    folder: Option<TempDir>,
    /// Answers that were not as the document says.
    misfits: Misfits,
    /// Payloads that a planned panic leaves without an outcome of their own.
    pub(crate) forgotten: u64,
}

type Misfits = Arc<Mutex<Vec<String>>>;

/// A clock that goes by itself.
pub(crate) struct Running {
    /// Dropped before anybody waits for the thread.
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.stop.take());
        self.thread.take().map(JoinHandle::join).expect("joined once").unwrap();
    }
}

/// Puts something between the app and its storage.
type Wrap = Box<dyn FnOnce(Arc<dyn Storage>) -> Arc<dyn Storage>>;

/// How an app is to be, where it is not as usual.
pub(crate) struct Setup {
    pub(crate) configure: fn(&mut Config),
    pub(crate) wrap: Wrap,
    pub(crate) folder: TempDir,
    pub(crate) seed: u64,
    pub(crate) now: Time,
    /// The clock; none for one that stands still at `now`.
    pub(crate) clock: Option<Clock>,
    /// Where the files of history lie; none for the folder.
    pub(crate) s3: Option<S3Place>,
}

impl Default for Setup {
    fn default() -> Self {
        let folder = TempDir::new().unwrap();
        let wrap: Wrap = Box::new(|storage| storage);
        Self { configure: |_| {}, wrap, folder, seed: 1, now: start(), clock: None, s3: None }
    }
}

impl TestApp {
    pub(crate) fn new() -> Self {
        Self::with(Setup::default())
    }

    pub(crate) fn with(setup: Setup) -> Self {
        let mut config = Config::for_testing(setup.folder.path().to_owned());
        let s3 = setup.s3.map_or_else(S3Access::default, |place| {
            config.events_url = place.url;
            place.access
        });
        (setup.configure)(&mut config);
        let clock = setup.clock.unwrap_or_else(|| Clock::set_to(setup.now));
        let ids = Ids::seeded(setup.seed);
        let key = [7; 32];
        let storage = super::engine::open(&config, &clock, key);
        config.database_url = super::engine::url_of(&config.data_dir).unwrap_or_default();
        furnish(&storage, &clock);
        let storage = (setup.wrap)(storage);
        let program = env!("CARGO_BIN_EXE_kith").into();
        let (app, threads) = App::start(World {
            config,
            clock: clock.clone(),
            ids,
            storage,
            s3,
            program,
            who: Who::Server,
        })
        .unwrap();
        let router = kith::http::router(&app);
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        Self {
            router: Some(router),
            app: Some(app),
            threads,
            runtime,
            clock,
            folder: Some(setup.folder),
            misfits: Misfits::default(),
            forgotten: 0,
        }
    }

    pub(crate) fn app(&self) -> &Arc<App> {
        self.app.as_ref().expect("runs until it is stopped")
    }

    /// History as it is read beside the server, in this process.
    pub(crate) fn history(&self) -> History {
        let app = self.app();
        let overlay = app.committer.overlay();
        let parts = HistoryParts {
            storage: Arc::clone(&app.storage),
            files: app.lake.files(),
            held_back: Box::new(move |ids| {
                let newer = ids.iter().filter_map(|id| overlay(id));
                Ok(newer.filter_map(|session| NewerSession::of(&session)).collect())
            }),
            answers: None,
        };
        History::open(&app.config, parts).unwrap()
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.as_ref().expect("is there until it is stopped").path()
    }

    /// What something comes to that has to be waited for.
    pub(crate) fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// Stores another source, which may name anybody, and lets the app see it.
    pub(crate) fn add_source(&self, id: &str, change: impl FnOnce(&mut Source)) {
        let mut source = Source::new(SourceId::new(id), id, vec![Bridge::Rest], start());
        source.trust = Trust::Trusted;
        change(&mut source);
        self.app().registry.put(&source, Author::named("a test")).unwrap();
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// Lets the clock go by itself until what this gives is dropped.
    pub(crate) fn clock_runs(&self) -> Running {
        let (clock, (stop, stopped)) = (self.clock.clone(), channel::<()>());
        let thread = std::thread::spawn(move || {
            while stopped.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                clock.advance(TICK);
            }
        });
        Running { stop: Some(stop), thread: Some(thread) }
    }

    /// `POST /track` with this payload; the source is the usual one unless the payload says.
    pub(crate) fn track(&self, payload: Value) -> Reply {
        self.send(post("/track", &with_source(payload)))
    }

    /// All of them at the same time.
    pub(crate) fn track_all(&self, payloads: Vec<Value>) -> Vec<Reply> {
        let requests = payloads.into_iter().map(|payload| post("/track", &with_source(payload)));
        let answers = self.send_all(requests.collect());
        let mut replies: Vec<_> = answers.iter().collect();
        replies.sort_by_key(|(number, _)| *number);
        replies.into_iter().map(|(_, reply)| reply).collect()
    }

    /// Sends all of them at the same time. The answers come with the request's number, in the order
    /// in which they are given.
    pub(crate) fn send_all(&self, requests: Vec<Request<Body>>) -> Receiver<(usize, Reply)> {
        let (sender, replies) = channel();
        for (number, request) in requests.into_iter().enumerate() {
            let (answer, sender) = (self.answer(request), sender.clone());
            let reply = async move { sender.send((number, answer.await)).unwrap() };
            drop(self.runtime.spawn(reply));
        }
        replies
    }

    /// `GET` as an administrator.
    pub(crate) fn get(&self, address: &str) -> Reply {
        self.ask(Method::GET, address)
    }

    /// `DELETE` as an administrator.
    pub(crate) fn delete(&self, address: &str) -> Reply {
        self.ask(Method::DELETE, address)
    }

    /// `POST` as an administrator.
    pub(crate) fn post(&self, address: &str, body: &Value) -> Reply {
        self.send_signed_in(post(address, body))
    }

    /// Any request, as an administrator.
    pub(crate) fn send_signed_in(&self, mut request: Request<Body>) -> Reply {
        sign(&mut request);
        self.send(request)
    }

    fn ask(&self, method: Method, address: &str) -> Reply {
        let request = Request::builder().method(method).uri(address);
        let request = request.header("authorization", format!("Bearer {TOKEN}"));
        self.send(request.body(Body::empty()).unwrap())
    }

    /// Waits for what takes its time.
    pub(crate) fn wait<T>(&self, answer: impl Future<Output = T>) -> T {
        self.runtime.block_on(answer)
    }

    pub(crate) fn send(&self, request: Request<Body>) -> Reply {
        self.runtime.block_on(self.answer(request))
    }

    /// The answer to a request, held against the document.
    fn answer(&self, mut request: Request<Body>) -> impl Future<Output = Reply> + Send + use<> {
        // As every client does; a test that wants another has said so.
        let host = HeaderValue::from_static("kith.example");
        request.headers_mut().entry("host").or_insert(host);
        let router = self.router.clone().expect("runs until it is stopped");
        let misfits = Arc::clone(&self.misfits);
        async move {
            let asked = Asked::of(&request);
            let reply = Reply::read(router.oneshot(request).await.expect("never fails")).await;
            misfits.lock().unwrap().extend(asked.misfit(&reply));
            reply
        }
    }

    /// The document that the app serves.
    pub(crate) fn document(&self) -> Value {
        self.send(Request::get("/openapi.json").body(Body::empty()).unwrap()).ok().body
    }

    /// The types of the events of the person that `id` leads to, oldest first.
    pub(crate) fn events(&self, id: &str) -> Vec<String> {
        let events = self.get(&format!("/events/profile/{id}?limit=100")).body;
        let events = events["result"].as_array().expect("a list of events").clone();
        let kinds = events.iter().rev().map(|event| event["type"].as_str().unwrap().to_owned());
        kinds.collect()
    }

    /// Ends the app as a signal would; the folder stays.
    pub(crate) fn stop(mut self) -> TempDir {
        self.end();
        self.folder.take().expect("stopped once")
    }

    fn end(&mut self) {
        let Some(app) = self.app.take() else { return };
        let metrics = app.telemetry.render();
        app.registry.leave();
        drop((app, self.router.take()));
        for thread in self.threads.drain(..) {
            thread.join().unwrap();
        }
        if !std::thread::panicking() {
            check_outcomes(self.forgotten, &metrics);
            let misfits = self.misfits.lock().unwrap();
            assert!(misfits.is_empty(), "not as the document says: {misfits:#?}");
        }
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.end();
    }
}

fn furnish(storage: &Arc<dyn Storage>, clock: &Clock) {
    if !storage.users().unwrap().is_empty() {
        return;
    }
    let now = clock.now();
    let mut source = Source::new(SourceId::new(SOURCE), "Shop", vec![Bridge::Rest], now);
    source.trust = Trust::Trusted;
    let email = "admin@kith.local".to_owned();
    let user = StoredUser {
        email: email.clone(),
        name: "Admin".to_owned(),
        password_hash: String::new(),
        roles: vec!["admin".to_owned()],
        enabled: true,
        created: now,
        ..StoredUser::default()
    };
    let hash = kith::hashing::Hashing::new(storage.key()).token(TOKEN);
    let expires = now.plus(Duration::from_secs(864_000));
    let token = StoredToken { hash, email, expires, epoch: String::new() };
    let registry = Registry::open(Arc::clone(storage), clock.clone()).unwrap();
    registry.put(&source, Author::named("the tests")).unwrap();
    assert!(storage.add_user(&user, By { who: "the tests", address: None, at: now }).unwrap());
    storage.commit(&Changes::by_hand(now, vec![Edit::PutToken(token)])).unwrap();
}

pub(crate) fn with_source(mut payload: Value) -> Value {
    if payload.is_object() && payload.get("source").is_none() {
        payload["source"] = json!({"id": SOURCE});
    }
    payload
}

/// As an administrator sends it.
pub(crate) fn sign(request: &mut Request<Body>) {
    let token = format!("Bearer {TOKEN}").parse().unwrap();
    request.headers_mut().insert("authorization", token);
}

pub(crate) fn post(address: &str, body: &Value) -> Request<Body> {
    let request = Request::builder().method(Method::POST).uri(address);
    let request = request.header("content-type", "application/json");
    request.body(Body::from(body.to_string())).unwrap()
}

/// accepted = kept + refused + failed, and no more than planned was forgotten.
fn check_outcomes(forgotten: u64, metrics: &str) {
    let number = |line: &str| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap();
    let of = |name: &str| -> u64 {
        metrics.lines().filter(|line| line.starts_with(name)).map(number).sum()
    };
    assert_eq!(of("kith_payloads_total "), of("kith_outcomes_total{"), "{metrics}");
    let dropped = of("kith_outcomes_total{outcome=\"failed\",reason=\"forgotten\"");
    assert_eq!(dropped, forgotten, "payloads were dropped without an outcome");
}
