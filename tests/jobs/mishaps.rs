//! A job that fails or panics leaves collecting and the other jobs going, and runs again by itself.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use kith::audit::Deed;
use serde_json::json;

use super::Kept;
use crate::support::engine::{is_postgres, rows};
use crate::support::failing::{Failing, Plan, Spoil};
use crate::support::{Setup, TestApp};

/// Beginnings of statements, each of one question.
const VERSION: &str = "SELECT value FROM meta WHERE key = 'config_version'";
const TAIL_SIZE: &str = "SELECT CAST(coalesce(sum(events), 0) AS BIGINT), ";
pub(crate) const FILES: &str = "SELECT f.data_file_id, ";
const KNOWN_PATHS: &str = "SELECT path FROM ducklake_data_file ";
const ERASURES: &str = "SELECT id, asked_at, body FROM erasure ";
const REBUILDS: &str = "SELECT id, asked_at, changed_at, ";
const DUE: &str = "SELECT profile_id FROM alarm ";
const WARMTH: &str = "SELECT value FROM meta WHERE key = 'warmth'";
const ENTRY: &str = "INSERT INTO audit ";
const LEASE: &str = "INSERT INTO lease ";

/// Each job, and where the storage may fail it, first where it does in the test.
const CALLS: [(&str, &[&str]); 11] = [
    ("log", &["copy_log"]),
    ("configuration", &[VERSION]),
    ("tidying", &["tidy_up"]),
    ("flush", &[TAIL_SIZE, LEASE]),
    ("care", &[FILES, KNOWN_PATHS, LEASE]),
    ("sweep", &[KNOWN_PATHS, LEASE]),
    ("erase", &[ERASURES, LEASE]),
    ("rebuild", &[REBUILDS]),
    ("alarms", &[DUE, LEASE]),
    ("audiences", &[WARMTH, LEASE]),
    ("audit", &[ENTRY]),
];
/// The same where nodes share the database.
const SHARED: (&str, &[&str]) = ("leases", &[LEASE]);

fn calls() -> Vec<(&'static str, &'static [&'static str])> {
    CALLS.into_iter().chain(is_postgres().then_some(SHARED)).collect()
}

/// An app with jobs, whose storage fails as the plan says.
fn planned() -> (Kept, Arc<Plan>) {
    let plan = Arc::new(Plan::default());
    let given = Arc::clone(&plan);
    let wrap = Box::new(move |inner| Arc::new(Failing { inner, plan: given }) as Arc<_>);
    (Kept::with(Setup { wrap, ..Setup::default() }), plan)
}

impl Kept {
    /// Until `is_so`; meanwhile hours go by, so that everything is due.
    #[track_caller]
    fn hours_until(&self, what: &str, is_so: impl Fn(&Self) -> bool) {
        self.until(what, |kept| {
            kept.app.advance(3600);
            is_so(kept)
        });
    }
}

/// These jobs have run, and it went well.
fn do_well(kept: &Kept, jobs: &[&str]) {
    let before: Vec<u64> = jobs.iter().map(|job| kept.runs(job, "done")).collect();
    for (job, before) in jobs.iter().zip(before) {
        kept.hours_until(&format!("{job} does not run"), |kept| kept.runs(job, "done") > before);
    }
}

/// Spoils a call of each job in turn.
fn scenario(spoil: Spoil, outcome: &str) {
    let (kept, plan) = planned();
    let visit = |id: &str| json!({"session": {"id": id}, "events": [{"type": "page-view"}]});
    for (job, calls_of_job) in calls() {
        let call = calls_of_job[0];
        let others: Vec<&str> = calls()
            .into_iter()
            .filter(|(_, calls)| !calls.contains(&call))
            .map(|(other, _)| other)
            .collect();
        let before = kept.runs(job, outcome);
        plan.spoil(Some((call, spoil)));
        kept.hours_until(&format!("{job} is not {outcome}"), |kept| {
            // Something for the audit log.
            if let Some(place) = kept.app.app().audit.place() {
                place.note(Deed { kind: "profile", ..Deed::default() });
            }
            kept.runs(job, outcome) > before
        });
        kept.app.track(visit(job)).ok();
        do_well(&kept, &others);
        plan.spoil(None);
        do_well(&kept, &[job]);
    }
    assert_eq!(kept.app.app().storage.check().unwrap(), Vec::<String>::new());
}

#[test]
fn a_job_that_fails_stops_nothing_and_goes_on_by_itself() {
    scenario(Spoil::Fails, "failed");
}

#[test]
fn a_job_that_panics_stops_nothing_and_goes_on_by_itself() {
    scenario(Spoil::Panics, "panicked");
}

/// Whoever adds a job says here where it may fail.
#[test]
fn every_job_is_failed_here() {
    let (kept, _) = planned();
    let metrics = kept.app.app().telemetry.render();
    let jobs = metrics.lines().filter_map(|line| line.strip_prefix("kith_job_leases{task=\""));
    let mut jobs: Vec<&str> = jobs.filter_map(|rest| rest.split('"').next()).collect();
    let mut failed: Vec<&str> = calls().into_iter().map(|(job, _)| job).collect();
    jobs.sort_unstable();
    failed.sort_unstable();
    assert_eq!(jobs, failed);
}

/// A job that panics in the middle of a change has changed nothing, whoever changes something next.
#[test]
fn what_panics_between_two_statements_is_rolled_back() {
    let app = TestApp::new();
    let storage = &app.app().storage;
    let put = "INSERT INTO lease (name, holder, until) VALUES ('half', 'nobody', 0)";
    let half = || {
        storage.write(&mut |database| {
            database.execute(put, &[])?;
            panic!("planned")
        })
    };
    assert!(catch_unwind(AssertUnwindSafe(half)).is_err());
    for name in ["one", "two", "three"] {
        assert!(storage.lease(name, "me", app.clock.now(), Duration::ZERO).unwrap());
    }
    let names = rows(app.folder(), "SELECT name FROM lease ORDER BY name");
    assert_eq!(names, [["one"], ["three"], ["two"]]);
}
