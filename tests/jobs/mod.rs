//! What happens beside the payloads: by itself, when it is due, whatever else goes wrong.

mod keeping;
pub(crate) mod mishaps;

use std::time::{Duration, Instant};

use kith::jobs::Jobs;

use crate::support::{Setup, TestApp};

/// How long a test waits for what should be done within a second.
const PATIENCE: Duration = Duration::from_secs(20);

/// An app with its jobs, as a server has them.
struct Kept {
    /// They end before the app does.
    _jobs: Jobs,
    app: TestApp,
}

impl Kept {
    fn with(setup: Setup) -> Self {
        let app = TestApp::with(setup);
        Self { _jobs: Jobs::start(app.app(), None).unwrap(), app }
    }

    /// Until `is_so`. Meanwhile time goes by, since jobs wait by the app's clock.
    #[track_caller]
    fn until(&self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let begun = Instant::now();
        while !is_so(self) {
            assert!(begun.elapsed() < PATIENCE, "{what}");
            std::thread::sleep(Duration::from_millis(5));
            self.app.advance(1);
        }
    }

    /// How often the job has ended so.
    fn runs(&self, job: &str, outcome: &str) -> u64 {
        runs(&self.app, job, outcome)
    }
}

/// How often the app's job has ended so.
pub(crate) fn runs(app: &TestApp, job: &str, outcome: &str) -> u64 {
    let metrics = app.app().telemetry.render();
    let name = format!("kith_job_runs_total{{task=\"{job}\",outcome=\"{outcome}\"}} ");
    let runs = metrics.lines().find_map(|line| line.strip_prefix(&name));
    runs.expect("every job has its metrics").parse().unwrap()
}
