//! The lake's files on S3: the same history, and nothing in the bucket or the cache but what belongs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use kith::config::Config;
use kith::lake::{Eagerness, LakeError, Span, check};
use serde_json::json;

use super::erasing::{SECRET, erase_all, tell};
use super::merging::{letters, round};
use super::support::{DAY, ids, lake, number, rows, view};
use crate::support::s3::S3;
use crate::support::{Setup, TestApp, engine, files_with};

fn app_with(s3: &S3, configure: fn(&mut Config)) -> TestApp {
    TestApp::with(Setup { s3: Some(s3.place()), configure, ..Setup::default() })
}

pub(super) fn app_on(s3: &S3) -> TestApp {
    app_with(s3, |_| {})
}

/// Another node's view of the same history: the database as it is, and an empty cache.
pub(super) fn elsewhere(s3: &S3, app: &TestApp, configure: fn(&mut Config)) -> TestApp {
    let folder = crate::committer::recovery::as_killed(app.folder());
    std::fs::remove_dir_all(folder.path().join("cache")).unwrap();
    let (seed, now) = (7, app.clock.now());
    TestApp::with(Setup { folder, seed, now, s3: Some(s3.place()), configure, ..Setup::default() })
}

/// The files in the bucket, by name.
fn objects(s3: &S3) -> BTreeMap<String, Vec<u8>> {
    let mut objects = s3.objects();
    objects.remove("kith.json").expect("the installation's mark");
    objects
}

/// What the catalogue says there is, and what the bucket has, are the same.
fn bucket_is_the_catalogue(s3: &S3, app: &TestApp) {
    let known: BTreeSet<String> =
        app.app().storage.files().unwrap().into_iter().map(|file| file.path).collect();
    let found: BTreeSet<String> = objects(s3).into_keys().collect();
    assert_eq!(found, known);
    let problems = check(&app.app().config, app.app().storage.as_ref(), &s3.place().access);
    assert_eq!(problems.unwrap(), Vec::<String>::new());
}

/// Files in the cache, and what they take.
pub(super) fn cached(app: &TestApp) -> (usize, u64) {
    let folder = std::fs::read_dir(app.folder().join("cache")).unwrap();
    let files = folder.map(|entry| entry.unwrap().path());
    let files = files.filter(|path| !path.ends_with("lock"));
    // One may just have been put out.
    let sizes: Vec<u64> = files.filter_map(|path| Some(path.metadata().ok()?.len())).collect();
    (sizes.len(), sizes.iter().sum())
}

/// Some files of a day each.
pub(super) fn days(app: &TestApp, many: u64) {
    for number in 0..many {
        app.track(view(&format!("e{number}"), &format!("s{number}"))).ok();
        lake(app).flush().unwrap();
        app.advance(DAY);
    }
}

#[test]
fn what_is_flushed_to_s3_is_told_as_before() {
    let s3 = S3::new();
    let app = app_on(&s3);
    app.track(view("a", "one")).ok();
    app.advance(DAY);
    app.track(view("b", "two")).ok();
    let before = rows(&app, "SELECT * FROM events ORDER BY time, id");
    assert_eq!(lake(&app).flush().unwrap().files, 2);
    assert_eq!(cached(&app).0, 2, "what was just written need not be fetched");
    assert_eq!(rows(&app, "SELECT * FROM events ORDER BY time, id"), before);
    bucket_is_the_catalogue(&s3, &app);
    assert!(!app.folder().join("events").exists());
    let sql = "SELECT value FROM ducklake_metadata WHERE key = 'data_path'";
    let said = engine::rows(app.folder(), sql);
    assert_eq!(said, [[format!("{}/", s3.url())]], "and others find it");

    let other = elsewhere(&s3, &app, |_| {});
    assert_eq!(rows(&other, "SELECT * FROM events ORDER BY time, id"), before, "fetched");
    assert_eq!(cached(&other), cached(&app));
}

#[test]
fn a_large_file_comes_and_goes_in_parts() {
    let s3 = S3::new();
    let app = app_on(&s3);
    for seq in 1..=2 {
        round(&app, seq, 300, |number| {
            let properties = json!({"x": letters(number * 2 + seq, 50_000)});
            let (id, time) = (format!("{seq}-{number}"), "2026-01-05T10:00:00Z");
            json!({"id": id, "time": time, "profile_id": "p", "properties": properties})
        });
    }
    lake(&app).flush().unwrap();
    lake(&app).compact(Eagerness::Everything).unwrap();
    let largest = app.app().storage.files().unwrap().iter().map(|file| file.bytes).max().unwrap();
    assert!(largest > 2 * (8 << 20), "it would be one part: {largest}");
    let told = "SELECT sum(length(properties::VARCHAR)) FROM events";
    let here = number(&app, told);
    let other = elsewhere(&s3, &app, |_| {});
    assert_eq!(number(&other, told), here);
    assert_eq!(s3.unfinished(), 0);
}

#[test]
fn compaction_and_retention_leave_exactly_what_is_known() {
    let s3 = S3::new();
    let app = app_on(&s3);
    for number in 0..4 {
        app.track(view(&format!("e{number}"), &format!("s{number}"))).ok();
        lake(&app).flush().unwrap();
    }
    app.advance(3 * DAY);
    app.track(view("late", "late")).ok();
    lake(&app).flush().unwrap();
    let before = rows(&app, "SELECT * FROM events ORDER BY time, id");
    let other = elsewhere(&s3, &app, |_| {});
    let compacted = lake(&other).compact(Eagerness::Everything).unwrap();
    assert_eq!((compacted.replaced, compacted.files), (4, 1), "of files that it does not have");
    assert_eq!(cached(&other).0, 1, "the new one; those it came from are not kept");
    assert_eq!(rows(&other, "SELECT * FROM events ORDER BY time, id"), before);
    assert_eq!(objects(&s3).len(), 6, "replaced files wait for their grace");
    let sweep = || {
        for _ in 0..2 {
            other.advance(601);
            lake(&other).sweep().unwrap();
        }
    };
    sweep();
    bucket_is_the_catalogue(&s3, &other);
    other.add_source("shop", |source| source.retention_days = 2);
    assert!(lake(&other).expire(&other.app().registry.now()).unwrap().events > 0);
    sweep();
    assert_eq!(ids(&other).get("late"), Some(&1));
    assert!(!ids(&other).contains_key("e1"));
    bucket_is_the_catalogue(&s3, &other);
    assert_eq!(objects(&s3).len(), 1);
}

#[test]
fn an_erased_person_is_in_no_object_and_in_no_cache() {
    let s3 = S3::new();
    let app = app_with(&s3, |config| config.events.cache_bytes_max = 20_000);
    app.track(view("other", "other")).ok();
    let person = tell(&app, "first", "one");
    lake(&app).flush().unwrap();
    app.advance(DAY);
    tell(&app, "second", "two");
    lake(&app).flush().unwrap();
    let holds = |text: &str| {
        let found = |content: &Vec<u8>| memchr::memmem::find(content, text.as_bytes()).is_some();
        objects(&s3).values().any(found)
    };
    assert!(holds(&person), "the test would see it");
    assert!(!files_with(&app.folder().join("cache"), &person).is_empty(), "here too");
    assert_eq!(app.delete(&format!("/api/profiles/{person}")).status, 202);
    erase_all(&app);
    for text in [SECRET, &person] {
        assert!(!holds(text), "{text}");
        assert_eq!(files_with(app.folder(), text), Vec::<PathBuf>::new(), "{text}");
    }
    assert_eq!(ids(&app)["other"], 1);
    bucket_is_the_catalogue(&s3, &app);
    let repeated = json!({"session": {"id": "new"}, "events": [{"id": "first", "type": "x"}]});
    let reply = app.track(repeated).ok();
    assert_eq!(reply.warnings(), Vec::<&str>::new(), "its event ids are forgotten as well");
}

#[test]
fn whoever_left_more_history_than_fits_is_erased_all_the_same() {
    let s3 = S3::new();
    let app = app_on(&s3);
    let person = tell(&app, "first", "one");
    days(&app, 3);
    app.delete(&format!("/profile/{person}")).ok();
    let other = elsewhere(&s3, &app, |config| config.events.cache_bytes_max = 10_000);
    assert_eq!(other.post("/event/select", &json!({})).status, 422, "it does not fit");
    let people = other.get("/api/profiles").ok().body;
    assert_eq!(people["result"].as_array().unwrap().len(), 3, "people need no files");
    assert_eq!(other.delete(&format!("/api/profiles/{person}")).status, 202);
    erase_all(&other);
    other.advance(601);
    lake(&other).sweep().unwrap();
    let holds = |content: &Vec<u8>| memchr::memmem::find(content, person.as_bytes()).is_some();
    assert!(!objects(&s3).values().any(holds));
    bucket_is_the_catalogue(&s3, &other);
}

#[test]
fn many_questions_at_once_stay_within_the_bound() {
    let s3 = S3::new();
    let app = app_on(&s3);
    days(&app, 6);
    let files = app.app().storage.files().unwrap();
    let other = elsewhere(&s3, &app, |config| config.events.cache_bytes_max = 20_000);
    let history = other.history();
    std::thread::scope(|scope| {
        for at in 0..24 {
            let (other, file, history) = (&other, &files[at % 6], &history);
            scope.spawn(move || {
                let span = Span { from: file.from, to: file.to, ..Span::ALWAYS };
                match history.moment(span) {
                    Ok(moment) => {
                        let sql = "SELECT count(*) FROM events WHERE id LIKE 'e%'";
                        assert_eq!(moment.number(sql, &[]).unwrap(), 1);
                    }
                    Err(error) => assert!(matches!(error, LakeError::Busy), "{error}"),
                }
                assert!(cached(other).1 <= 20_000);
            });
        }
    });
}

#[test]
fn one_event_is_removed_wherever_it_is() {
    let s3 = S3::new();
    let app = app_on(&s3);
    days(&app, 3);
    let other = elsewhere(&s3, &app, |_| {});
    assert_eq!(other.delete("/event/e1").ok().body, json!({"deleted": 1}));
    assert_eq!(other.delete("/event/e1").status, 404);
    assert_eq!(ids(&other).keys().filter(|id| id.starts_with('e')).count(), 2);
    assert_eq!(other.track(view("e1", "s")).ok().warnings(), Vec::<&str>::new());
}

#[test]
fn copies_of_what_others_removed_leave_with_the_next_care() {
    let s3 = S3::new();
    let app = app_on(&s3);
    days(&app, 2);
    assert_eq!(cached(&app).0, 2);
    let gone = app.app().storage.files().unwrap().remove(0);
    // As another node does it, on the same database.
    let change = kith::storage::LakeChange {
        time: app.clock.now(),
        ended: vec![gone.clone()],
        at_once: true,
        ..Default::default()
    };
    let storage = &app.app().storage;
    storage.commit_lake(&change).unwrap();
    storage.forget_files(&[gone.path]).unwrap();
    // Another file that is to go from S3, which cannot be reached from here.
    let second = app.app().storage.files().unwrap().remove(0);
    let ended = vec![second.clone()];
    storage.commit_lake(&kith::storage::LakeChange { ended, ..change }).unwrap();
    s3.proxy.refuse();
    lake(&app).sweep().unwrap_err();
    assert_eq!(cached(&app).0, 0, "neither is kept here");
    s3.proxy.accept();
    assert_eq!(lake(&app).sweep().unwrap(), 1);
    assert!(!objects(&s3).contains_key(&second.path));
}

#[test]
fn the_cache_is_bounded_and_what_was_used_last_stays() {
    let s3 = S3::new();
    let app = app_on(&s3);
    days(&app, 6);
    let files = app.app().storage.files().unwrap();
    let other = elsewhere(&s3, &app, |config| config.events.cache_bytes_max = 30_000);
    let of_day = |app: &TestApp, day: usize| {
        let span = Span { from: files[day].from, to: files[day].to, ..Span::ALWAYS };
        let moment = app.history().moment(span).unwrap();
        let found = moment.number("SELECT count(*) FROM events WHERE id LIKE 'e%'", &[]);
        assert_eq!(found.unwrap(), 1, "{day}");
    };
    let fits = usize::try_from(30_000 / files[0].bytes).unwrap();
    assert!((2..6).contains(&fits), "{}", files[0].bytes);
    let has = |app: &TestApp, day: usize| {
        app.folder().join("cache").join(files[day].path.replace('/', "_")).exists()
    };
    for day in 0..6 {
        of_day(&other, day);
        of_day(&other, 0);
        assert!(cached(&other).1 <= 30_000);
        assert!(has(&other, day) && has(&other, 0), "{day}");
    }
    assert!(!has(&other, 1), "used longest ago");
    let history = other.history();
    let refused = history.moment(Span::ALWAYS).map(|_| ()).unwrap_err();
    assert!(matches!(refused, LakeError::TooManyFiles { bytes_max: 30_000, .. }), "{refused}");
    let reply = other.post("/event/select", &json!({}));
    assert_eq!(reply.status, 422);
    assert_eq!(reply.code(), "question_needs_too_many_files");
    assert!(reply.text.contains("events.cache_bytes_max"), "{}", reply.text);
    // How many there are is known without looking into any of them.
    let count = || other.get("/event/count").ok().body["count"].clone();
    let before = count();
    let somebody = app.get("/session/s0").ok().body["profile"]["id"].as_str().unwrap().to_owned();
    assert_eq!(other.delete(&format!("/api/profiles/{somebody}")).status, 202);
    assert_eq!(count(), before);
    // Whoever holds files keeps them; there is no room for others then.
    let span = Span { from: files[4].from, to: files[5].to, ..Span::ALWAYS };
    let held = history.moment(span).unwrap();
    for file in &files[..4] {
        let span = Span { from: file.from, to: file.to, ..Span::ALWAYS };
        drop(history.moment(span));
        assert!(has(&other, 4) && has(&other, 5), "{file:?}");
        assert!(cached(&other).1 <= 30_000);
    }
    assert_eq!(held.number("SELECT count(*) FROM events WHERE id LIKE 'e%'", &[]).unwrap(), 2);
}

#[test]
fn the_cache_outlives_a_start_and_a_damaged_copy_does_not_count() {
    let s3 = S3::new();
    let app = app_on(&s3);
    days(&app, 2);
    let before = ids(&app);
    let clock = app.clock.clone();
    let folder = app.stop();
    let copies: Vec<_> = std::fs::read_dir(folder.path().join("cache"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| !path.ends_with("lock"))
        .collect();
    std::fs::write(&copies[0], "cut").unwrap();
    std::fs::write(folder.path().join("cache/half.part"), "half").unwrap();
    let now = clock.now();
    let setup = Setup { folder, seed: 3, now, s3: Some(s3.place()), ..Setup::default() };
    let again = TestApp::with(setup);
    assert_eq!(cached(&again).0, 2, "what was unfinished is gone");
    assert_eq!(ids(&again), before);
    s3.proxy.refuse();
    assert_eq!(ids(&again), before, "all of it is here");
}

#[test]
fn while_s3_is_away_nothing_is_lost_and_afterwards_nothing_is_doubled() {
    let s3 = S3::new();
    let app = app_on(&s3);
    app.track(view("before", "s")).ok();
    lake(&app).flush().unwrap();
    let other = elsewhere(&s3, &app, |_| {});
    s3.proxy.refuse();
    app.track(view("meanwhile", "s")).ok();
    lake(&app).flush().unwrap_err();
    assert_eq!((ids(&app)["before"], ids(&app)["meanwhile"]), (1, 1), "from cache and tail");
    let reply = other.post("/event/select", &json!({}));
    assert_eq!((reply.status.as_u16(), reply.code()), (503, "lake_unavailable"));
    let scratch = std::fs::read_dir(app.folder().join("scratch")).unwrap().next().unwrap().unwrap();
    assert_eq!(std::fs::read_dir(scratch.path()).unwrap().count(), 0, "nothing is left behind");
    s3.proxy.accept();
    assert_eq!(lake(&app).flush().unwrap().files, 1);
    assert_eq!((ids(&app)["before"], ids(&app)["meanwhile"]), (1, 1));
    other.post("/event/select", &json!({})).ok();
    bucket_is_the_catalogue(&s3, &app);
}

#[test]
fn a_place_belongs_to_one_installation() {
    let s3 = S3::new();
    let app = app_on(&s3);
    days(&app, 1);
    s3.put("2026-01-05/somebody-elses.parquet", b"PAR1");
    assert_eq!(lake(&app).sweep_unknown().unwrap(), 0, "it may be on its way into a catalogue");
    s3.put("kith.json", b"{\"installation\": \"other\"}");
    let said = lake(&app).sweep_unknown().unwrap_err().to_string();
    assert!(said.contains("another Kith"), "{said}");
}
