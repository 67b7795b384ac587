//! Random loads: what is read is what was acknowledged, once, whatever happens in between.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use kith::lake::Eagerness;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use super::support::{DAY, ids, lake, view};
use crate::committer::failures::planned;
use crate::committer::recovery::{as_killed, reopened};
use crate::support::TestApp;

/// Events with an id of the client's, each of which must be there once.
fn ours(app: &TestApp) -> BTreeSet<String> {
    let all = ids(app);
    let twice: Vec<_> = all.iter().filter(|(_, times)| **times != 1).collect();
    assert!(twice.is_empty(), "{twice:?}");
    all.into_keys().filter(|id| id.starts_with("e-")).collect()
}

/// One step of a life. The app may be another one afterwards.
fn step(app: TestApp, random: &mut StdRng, kept: &mut BTreeSet<String>, number: u64) -> TestApp {
    match random.random_range(0..12) {
        0..=6 => {
            let id = format!("e-{}", random.random_range(0..400));
            let session = format!("s{}", random.random_range(0..9));
            if app.track(view(&id, &session)).status == 200 {
                kept.insert(id);
            }
            app.advance(random.random_range(0..DAY / 3));
        }
        7 | 8 => drop(lake(&app).flush()),
        9 => drop(lake(&app).compact(Eagerness::Everything)),
        10 => {
            let some = kept.iter().nth(random.random_range(0..kept.len().max(1))).cloned();
            if let Some(id) = some.filter(|id| app.delete(&format!("/event/{id}")).status == 200) {
                kept.remove(&id);
            }
        }
        _ => {
            app.advance(700);
            drop(lake(&app).sweep());
            return reopened(as_killed(app.folder()), &app.clock, 1000 + number);
        }
    }
    app
}

#[test]
fn what_is_read_is_what_was_acknowledged() {
    for seed in 0..4 {
        let mut random = StdRng::seed_from_u64(seed);
        let (mut app, mut kept) = (TestApp::new(), BTreeSet::new());
        for number in 0..120 {
            app = step(app, &mut random, &mut kept, number);
            if number % 10 == 9 {
                assert_eq!(ours(&app), kept, "seed {seed}, step {number}");
            }
        }
        assert_eq!(app.app().storage.check().unwrap(), Vec::<String>::new());
    }
}

/// A failure before or after each commit of the lake in turn, in one and the same life.
#[test]
fn every_commit_of_the_lake_may_fail() {
    for failing in 1..=6 {
        for is_written in [false, true] {
            let (app, plan) = planned(|_| {});
            let at = if is_written { &plan.lake_after } else { &plan.lake_before };
            at.store(failing, Ordering::SeqCst);
            let mut kept = BTreeSet::new();
            for number in 0..4 {
                let id = format!("e-{number}");
                app.track(view(&id, "s")).ok();
                kept.insert(id);
                drop(lake(&app).flush());
                assert_eq!(ours(&app), kept, "{failing} {is_written}");
            }
            drop(lake(&app).compact(Eagerness::Everything));
            assert_eq!(ours(&app), kept, "{failing} {is_written}");
            if app.delete("/event/e-1").status != 200 {
                // Done and reported as failed, or not done.
                app.delete("/event/e-1");
            }
            kept.remove("e-1");
            assert_eq!(ours(&app), kept, "{failing} {is_written}");
            let again = reopened(as_killed(app.folder()), &app.clock, 2);
            assert_eq!(ours(&again), kept, "{failing} {is_written}");
        }
    }
}
