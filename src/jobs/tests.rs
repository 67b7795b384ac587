//! The runner: pace, pauses, calls, stops and panics, by a clock that the tests move.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use tempfile::TempDir;

use super::job::{Done, Job, Next};
use super::lease::Leases;
use super::runner::{LOOK, Thread};
use super::running::{Running, Tools};
use crate::clock::Clock;
use crate::config::Config;
use crate::ids::Ids;
use crate::model::Time;
use crate::storage::{Sqlite, Storage};
use crate::telemetry::Telemetry;

const HOUR: Duration = Duration::from_secs(3600);
const MINUTE: Duration = Duration::from_secs(60);
/// How long a test waits for what should come at once.
const PATIENCE: Duration = Duration::from_secs(20);

/// What jobs are given, with a clock that stands still: no real time that a test takes makes
/// anything due that has an hour.
struct Bench {
    clock: Clock,
    telemetry: Telemetry,
    leases: Leases,
    _folder: TempDir,
}

impl Bench {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let clock = Clock::set_to(Time::from_micros(1_767_607_200_000_000));
        let config = Config::for_testing(folder.path().to_owned()).storage;
        let storage = Sqlite::open(folder.path(), &config, clock.now(), [7; 32]).unwrap();
        let storage: Arc<dyn Storage> = Arc::new(storage);
        let leases = Leases::new(&storage, &clock, &Ids::seeded(1));
        Self { clock, telemetry: Telemetry::new(), leases, _folder: folder }
    }

    fn tools(&self) -> Tools<'_> {
        Tools { clock: &self.clock, telemetry: &self.telemetry, leases: &self.leases }
    }

    fn start(&self, jobs: Vec<Job>) -> Thread {
        Thread::start("jobs of a test", jobs, &self.tools()).unwrap()
    }

    fn has_run(&self, job: &str, outcome: &str, times: u32) -> bool {
        let line = format!("kith_job_runs_total{{task=\"{job}\",outcome=\"{outcome}\"}} {times}\n");
        self.telemetry.render().contains(&line)
    }

    /// Until the job has so often come to its end, from which its next time counts.
    fn until_it_has(&self, job: &str, outcome: &str, times: u32) {
        let looks = (0..PATIENCE.as_millis()).take_while(|_| !self.has_run(job, outcome, times));
        looks.for_each(|_| std::thread::sleep(Duration::from_millis(1)));
        assert!(self.has_run(job, outcome, times), "{job} has not {outcome} {times} times");
    }

    /// Runs the job and says after how long it is due again.
    fn run(&self, job: &mut Running) -> Duration {
        let begun = self.clock.elapsed();
        job.run(&self.clock);
        job.due - begun
    }
}

/// A job of every hour that waits for a minute after a failure.
fn job(name: &'static str, mut work: impl FnMut() -> Done + Send + 'static) -> Job {
    Job { name, every: HOUR, pause: MINUTE, work: Box::new(move |_| work()) }
}

/// A job that tells its name whenever it runs.
fn telling(name: &'static str, every: Duration, tell: &Sender<&'static str>) -> Job {
    let tell = tell.clone();
    let work = move || {
        tell.send(name).unwrap();
        Ok(Next::AsUsual)
    };
    Job { every, ..job(name, work) }
}

fn hears(words: &Receiver<&'static str>) -> &'static str {
    words.recv_timeout(PATIENCE).unwrap()
}

fn end(thread: Thread) {
    thread.tell_to_stop();
    join(thread);
}

/// As long as a test waits.
fn join(thread: Thread) {
    let mut looks = usize::try_from(PATIENCE.as_millis() / LOOK.as_millis()).unwrap();
    assert!(thread.join(&mut looks), "it stands still");
}

#[test]
fn a_job_runs_when_its_time_has_come_and_again_after_that() {
    let (bench, (tell, words)) = (Bench::new(), channel());
    // Were the later one due, it would be the first to run.
    let jobs = vec![telling("late", HOUR, &tell), telling("early", HOUR - MINUTE, &tell)];
    let thread = bench.start(jobs);
    bench.clock.advance(HOUR - MINUTE);
    assert_eq!(hears(&words), "early");
    bench.until_it_has("early", "done", 1);
    bench.clock.advance(MINUTE);
    assert_eq!(hears(&words), "late");
    bench.clock.advance(HOUR - MINUTE * 2);
    assert_eq!(hears(&words), "early");
    end(thread);
    assert_eq!(words.try_iter().next(), None, "nothing else was due");
}

#[test]
fn a_run_may_say_when_the_next_one_is_due() {
    let bench = Bench::new();
    let mut waits = [Next::AT_ONCE, Next::After(MINUTE), Next::AsUsual].into_iter();
    let mut job = Running::new(job("log", move || Ok(waits.next().unwrap())), &bench.tools());
    assert_eq!([bench.run(&mut job), bench.run(&mut job)], [Duration::ZERO, MINUTE]);
    assert_eq!(bench.run(&mut job), HOUR);
}

#[test]
fn failures_and_panics_pause_longer_each_time_until_it_is_well() {
    let bench = Bench::new();
    let runs = AtomicUsize::new(0);
    let work = move || match runs.fetch_add(1, Ordering::SeqCst) {
        1 => panic!("planned"),
        3 => Ok(Next::AsUsual),
        _ => Err("planned".into()),
    };
    let mut job = Running::new(job("flush", work), &bench.tools());
    let waits: Vec<Duration> = (0..5).map(|_| bench.run(&mut job)).collect();
    assert_eq!(waits, [MINUTE, MINUTE * 2, MINUTE * 4, HOUR, MINUTE]);
}

#[test]
fn runs_are_counted_by_how_they_end_and_the_last_good_one_is_dated() {
    let bench = Bench::new();
    let runs = AtomicUsize::new(0);
    let work = move || match runs.fetch_add(1, Ordering::SeqCst) {
        0 => Ok(Next::AsUsual),
        1 => Err("planned".into()),
        _ => panic!("planned"),
    };
    let mut job = Running::new(job("flush", work), &bench.tools());
    for outcome in ["done", "failed", "panicked"] {
        assert!(!bench.has_run("flush", outcome, 1), "{outcome}");
        bench.run(&mut job);
        assert!(bench.has_run("flush", outcome, 1), "{outcome}");
        bench.clock.advance(HOUR);
    }
    let metrics = bench.telemetry.render();
    let dated = "kith_job_last_success_timestamp_seconds{task=\"flush\"} 1767607200\n";
    assert!(metrics.contains(dated), "{metrics}");
    assert!(metrics.contains("kith_job_seconds_count{task=\"flush\"} 3\n"), "{metrics}");
}

#[test]
fn a_call_runs_the_one_that_is_called_at_once() {
    let (bench, (tell, words)) = (Bench::new(), channel());
    let jobs = vec![telling("other", HOUR, &tell), telling("configuration", HOUR, &tell)];
    let thread = bench.start(jobs);
    thread.bell("configuration").unwrap().ring();
    assert_eq!(hears(&words), "configuration");
    assert!(thread.bell("another thread's").is_none());
    end(thread);
    assert_eq!(words.try_iter().next(), None);
}

#[test]
fn whoever_calls_during_a_run_gets_another_one() {
    let (bench, (tell, words)) = (Bench::new(), channel());
    let (open, gate) = channel::<()>();
    let work = move || {
        tell.send("begun").unwrap();
        gate.recv_timeout(PATIENCE)?;
        Ok(Next::AsUsual)
    };
    let thread = bench.start(vec![job("configuration", work)]);
    let bell = thread.bell("configuration").unwrap();
    bell.ring();
    hears(&words);
    // It may have looked already, and many calls are one.
    (0..5).for_each(|_| bell.ring());
    open.send(()).unwrap();
    hears(&words);
    open.send(()).unwrap();
    end(thread);
    assert_eq!(words.try_iter().next(), None);
}

#[test]
fn a_stop_ends_after_the_run_that_is_under_way() {
    let (bench, (tell, words)) = (Bench::new(), channel());
    let (open, gate) = channel::<()>();
    let told = tell.clone();
    let work = move || {
        told.send("begun").unwrap();
        gate.recv_timeout(PATIENCE)?;
        told.send("done").unwrap();
        Ok(Next::AT_ONCE)
    };
    let thread = bench.start(vec![job("flush", work), telling("care", HOUR, &tell)]);
    bench.clock.advance(HOUR);
    assert_eq!(hears(&words), "begun");
    thread.tell_to_stop();
    open.send(()).unwrap();
    join(thread);
    assert_eq!(words.try_iter().collect::<Vec<_>>(), ["done"], "the others were due as well");
}

/// Such as one whose disk does not answer.
#[test]
fn a_thread_that_stands_still_is_left_when_its_time_is_over() {
    let (bench, (tell, words)) = (Bench::new(), channel());
    let (open, gate) = channel::<()>();
    let work = move || {
        tell.send("begun").unwrap();
        gate.recv()?;
        Ok(Next::AsUsual)
    };
    let thread = bench.start(vec![job("flush", work)]);
    bench.clock.advance(HOUR);
    assert_eq!(hears(&words), "begun");
    let begun = "kith_job_begun_timestamp_seconds{task=\"flush\"}";
    assert!(bench.telemetry.render().contains(&format!("{begun} 1767610800\n")));
    thread.tell_to_stop();
    let mut looks = 3;
    assert!(!thread.join(&mut looks));
    assert_eq!(looks, 0, "others have none left");
    open.send(()).unwrap();
    bench.until_it_has("flush", "done", 1);
    assert!(bench.telemetry.render().contains(&format!("{begun} 0\n")));
}

#[test]
fn a_job_that_panics_runs_again_and_others_of_its_thread_run_on() {
    let (bench, (tell, words)) = (Bench::new(), channel());
    let told = tell.clone();
    let work = move || -> Done {
        told.send("bad").unwrap();
        panic!("planned");
    };
    let thread = bench.start(vec![job("bad", work), telling("good", HOUR, &tell)]);
    bench.clock.advance(HOUR);
    assert_eq!([hears(&words), hears(&words)], ["bad", "good"]);
    bench.until_it_has("good", "done", 1);
    bench.clock.advance(MINUTE);
    assert_eq!(hears(&words), "bad", "after its pause");
    bench.until_it_has("bad", "panicked", 2);
    bench.clock.advance(HOUR - MINUTE);
    assert_eq!([hears(&words), hears(&words)], ["bad", "good"]);
    end(thread);
}
