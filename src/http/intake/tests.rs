//! A dialect that nobody has written: several people in one request.

use std::sync::Arc;
use std::thread::JoinHandle;

use axum::http::HeaderMap;
use tempfile::TempDir;
use tokio::runtime::Builder;

use super::*;
use crate::app::World;
use crate::clock::Clock;
use crate::config::Config;
use crate::http::Code;
use crate::ids::Ids;
use crate::lake::{S3Access, Who};
use crate::model::{Bridge, Map, Source, SourceId, Time, Trust};
use crate::registry::Author;
use crate::rules;
use crate::storage::Sqlite;

/// A server with one source, in a folder of its own.
struct Server {
    app: Arc<App>,
    threads: Vec<JoinHandle<()>>,
    folder: TempDir,
}

impl Server {
    fn start(configure: impl FnOnce(&mut Config)) -> Self {
        let folder = TempDir::new().unwrap();
        let mut config = Config::for_testing(folder.path().to_owned());
        configure(&mut config);
        let now = Time::from_micros(1_767_607_200_000_000);
        let storage = Sqlite::open(folder.path(), &config.storage, now, [7; 32]).unwrap();
        let (clock, ids) = (Clock::set_to(now), Ids::seeded(1));
        let (storage, s3) = (Arc::new(storage), S3Access::default());
        let (app, threads) = App::start(World {
            config,
            clock,
            ids,
            storage,
            s3,
            program: "/nowhere".into(),
            who: Who::Server,
        })
        .unwrap();
        let mut source = Source::new(SourceId::new("shop"), "Shop", vec![Bridge::Rest], now);
        source.trust = Trust::Trusted;
        app.registry.put(&source, Author::named("a test")).unwrap();
        Self { app, threads, folder }
    }

    /// What becomes of a request that speaks of these.
    fn take(&self, people: Vec<Incoming<'_>>) -> Vec<Answered> {
        let headers = HeaderMap::new();
        let answers = take(&self.app, async {
            let intake = Intake::begin(&self.app, &headers, None, Bridge::Rest);
            Ok(people.into_iter().map(|one| intake.understand(one)).collect())
        });
        Builder::new_current_thread().build().unwrap().block_on(answers).unwrap()
    }

    /// How many payloads were accepted, and how each ended.
    #[track_caller]
    fn check_counted(&self, accepted: u64, ended: &[(&str, &str, u64)]) {
        let metrics = self.app.telemetry.render();
        let shown = |name: &str| {
            let line = metrics.lines().find_map(|line| line.strip_prefix(name));
            line.map_or(0, |count| count.trim().parse::<u64>().unwrap())
        };
        assert_eq!(shown("kith_payloads_total "), accepted, "{metrics}");
        for (outcome, reason, count) in ended {
            let name = format!(r#"kith_outcomes_total{{outcome="{outcome}",reason="{reason}"}}"#);
            assert_eq!(shown(&name), *count, "{outcome} {reason}");
        }
        assert_eq!(ended.iter().map(|(.., count)| count).sum::<u64>(), accepted);
    }

    fn stop(self) {
        drop(self.app);
        self.threads.into_iter().for_each(|thread| thread.join().unwrap());
        drop(self.folder);
    }
}

/// Somebody who does one thing.
fn somebody<'a>(source: &'a str, session: &'a str, event: IncomingEvent<'a>) -> Incoming<'a> {
    let (source, session) = (source.into(), Some(session.into()));
    Incoming { source, session, events: vec![event], ..Incoming::default() }
}

fn event(kind: &str) -> IncomingEvent<'_> {
    IncomingEvent { kind: kind.into(), ..IncomingEvent::default() }
}

/// The session that was answered with, or the code of the refusal.
fn told(answered: &Answered) -> String {
    match answered {
        Ok(Some(response)) => response.session.as_ref().unwrap().to_string(),
        Ok(None) => "nothing".to_owned(),
        Err(error) => error.code.as_str().to_owned(),
    }
}

#[test]
fn each_of_several_people_has_an_outcome_and_an_answer_of_their_own() {
    let server = Server::start(|_| {});
    let answers = server.take(vec![
        somebody("shop", "ann", event("page-view")),
        somebody("nobody's", "bob", event("page-view")),
        somebody("shop", "carl", event(" ")),
        Incoming { source: "shop".into(), ..Incoming::default() },
        somebody("shop", "dora", event("page-view")),
    ]);
    let told: Vec<_> = answers.iter().map(told).collect();
    assert_eq!(told, ["ann", "source_unknown", "payload_invalid", "nothing", "dora"]);
    let profiles = [0, 4].map(|at| answers[at].as_ref().unwrap().as_ref().unwrap().profile.clone());
    assert_ne!(profiles[0], profiles[1], "two people");
    let refused = [("refused", "source_unknown", 1), ("refused", "payload_invalid", 1)];
    server.check_counted(5, &[&refused[..], &[("kept", "", 3)]].concat());
    server.stop();
}

#[test]
fn one_for_whom_there_is_no_room_does_not_keep_the_others() {
    let server = Server::start(|config| config.committer.queue_bytes_max = 4096);
    let text = ("text".to_owned(), "x".repeat(8192).into());
    let large = Object::Map(Map::from_iter([text]));
    let answers = server.take(vec![
        somebody("shop", "ann", event("page-view")),
        somebody("shop", "bob", IncomingEvent { properties: large, ..event("page-view") }),
        somebody("shop", "carl", event("page-view")),
    ]);
    assert_eq!(answers.iter().map(told).collect::<Vec<_>>(), ["ann", "overloaded", "carl"]);
    server.check_counted(3, &[("kept", "", 2), ("failed", "overloaded", 1)]);
    server.stop();
}

#[test]
fn a_request_that_cannot_be_read_counts_as_one_and_an_empty_one_too() {
    let server = Server::start(|_| {});
    let unread = async { Err(ApiError::new(Code::BodyTooLarge, "too much")) };
    let answers =
        Builder::new_current_thread().build().unwrap().block_on(take(&server.app, unread));
    assert_eq!(answers.unwrap_err().code, Code::BodyTooLarge);
    server.check_counted(1, &[("refused", "body_too_large", 1)]);
    assert!(server.take(Vec::new()).is_empty());
    server.check_counted(2, &[("refused", "body_too_large", 1), ("kept", "", 1)]);
    server.stop();
}

#[test]
fn rules_laid_over_the_built_in_ones_name_people_in_a_namespace_of_their_own() {
    let server = Server::start(|_| {});
    let card = rules::read("[bought]\nidentifies = [[\"card\", \"card.number\"]]").unwrap();
    server.app.registry.lay_over(card);
    let buys = |session: &'static str, kind: &'static str, text: &'static str| {
        let properties = Object::Text(text);
        somebody("shop", session, IncomingEvent { properties, ..event(kind) })
    };
    let answers = server.take(vec![
        buys("ann", "bought", r#"{"card": {"number": "c-1"}}"#),
        buys("bob", "bought", r#"{"card": {"number": "c-2"}}"#),
        buys("carl", "bought", r#"{"card": {"number": " C-1 "}}"#),
        buys("dora", "sign-in", r#"{"pk": "c-1"}"#),
    ]);
    let whose = |at: usize| answers[at].as_ref().unwrap().as_ref().unwrap().profile.clone();
    assert_eq!(whose(2), whose(0));
    assert_ne!(whose(1), whose(0));
    assert_ne!(whose(3), whose(0), "the same value in another namespace is another's");
    server.stop();
}
