//! Whatever is sent to the front door of a whole server: an answer that is no fault of ours.
#![no_main]

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use kith::app::{App, World};
use kith::clock::Clock;
use kith::config::Config;
use kith::ids::Ids;
use kith::lake::{S3Access, Who};
use kith::model::{Bridge, Source, SourceId, Time};
use kith::registry::Author;
use kith::storage::{Sqlite, Storage as _};
use tokio::runtime::Runtime;
use tower::ServiceExt as _;

/// The source that the seeds name.
const SOURCE: &str = "shop";
/// The log is copied after so many inputs: nothing else does it here.
const INPUTS_BETWEEN_COPIES: u32 = 1000;

/// One server for all inputs: they meet the people that those before have left.
struct Server {
    router: Router,
    app: Arc<App>,
    runtime: Runtime,
    inputs: AtomicU32,
    _folder: tempfile::TempDir,
}

static SERVER: LazyLock<Server> = LazyLock::new(start);

fn start() -> Server {
    let folder = tempfile::tempdir().expect("a folder");
    let config = Config::for_testing(folder.path().to_owned());
    let now = Time::from_micros(1_767_607_200_000_000);
    let (clock, ids) = (Clock::set_to(now), Ids::seeded(1));
    let storage = Sqlite::open(folder.path(), &config.storage, now, [7; 32]).expect("a database");
    let mut source = Source::new(SourceId::new(SOURCE), SOURCE, vec![Bridge::Rest], now);
    source.returns_profile = true;
    let (storage, s3) = (Arc::new(storage), S3Access::default());
    // Nothing that is thrown at it asks history.
    let world =
        World { config, clock, ids, storage, s3, program: "/nowhere".into(), who: Who::Server };
    let (app, _threads) = App::start(world).expect("an app");
    app.registry.put(&source, Author::named("the fuzzer")).expect("a source");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let router = kith::http::router(&app);
    let runtime = runtime.expect("a runtime");
    Server { router, app, runtime, inputs: AtomicU32::new(0), _folder: folder }
}

libfuzzer_sys::fuzz_target!(|body: &[u8]| {
    let server = &*SERVER;
    let request = Request::post("/track").header("host", "kith.example");
    let request = request.header("user-agent", "Mozilla/5.0 (X11; Linux x86_64)");
    let request = request.body(Body::from(body.to_vec())).expect("a request");
    let answer = server.runtime.block_on(server.router.clone().oneshot(request));
    let status = answer.expect("an answer").status();
    let expected = [StatusCode::OK, StatusCode::UNAUTHORIZED, StatusCode::UNPROCESSABLE_ENTITY];
    assert!(expected.contains(&status), "{status}");
    if server.inputs.fetch_add(1, Ordering::Relaxed) % INPUTS_BETWEEN_COPIES == 0 {
        server.app.storage.copy_log().expect("a copied log");
    }
});
