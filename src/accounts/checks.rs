//! How many passwords are checked at one time, and how many may wait for it.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Passwords checked at one time. Each takes 19 MiB, and a core for itself.
pub(super) const RUNNING_MAX: usize = 4;
/// Those that wait, beyond which nobody more is let in: two seconds of work for two cores.
pub(super) const WAITING_MAX: usize = 128;

/// The places where passwords are checked. Anybody may send passwords, so without a bound they
/// would take all memory there is.
#[derive(Debug)]
pub(super) struct Checks {
    running: Arc<Semaphore>,
    waiting: Semaphore,
}

/// A place, given back when it is dropped. Whoever checks keeps it to the end, also when the one who
/// asked has gone.
#[derive(Debug)]
pub struct Place(#[expect(dead_code, reason = "held, not read")] OwnedSemaphorePermit);

impl Checks {
    /// All places free.
    pub(super) fn new() -> Self {
        let running = Arc::new(Semaphore::new(RUNNING_MAX));
        Self { running, waiting: Semaphore::new(WAITING_MAX) }
    }

    /// A place, as soon as one is free; none when too many wait already.
    pub(super) async fn place(&self) -> Option<Place> {
        let _waiting = self.waiting.try_acquire().ok()?;
        Arc::clone(&self.running).acquire_owned().await.ok().map(Place)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn no_more_run_at_one_time_than_there_are_places() {
        let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();
        let checks = Arc::new(Checks::new());
        let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let check = || {
            let (checks, running, most) =
                (Arc::clone(&checks), Arc::clone(&running), Arc::clone(&most));
            runtime.spawn(async move {
                let place = checks.place().await?;
                let work = move || {
                    most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    (0..1000).for_each(|_| std::thread::yield_now());
                    running.fetch_sub(1, Ordering::SeqCst);
                    drop(place);
                };
                tokio::task::spawn_blocking(work).await.ok()
            })
        };
        let all: Vec<_> = (0..WAITING_MAX).map(|_| check()).collect();
        for one in all {
            assert!(runtime.block_on(one).unwrap().is_some(), "everybody has a turn");
        }
        assert_eq!(running.load(Ordering::SeqCst), 0);
        assert!((1..=RUNNING_MAX).contains(&most.load(Ordering::SeqCst)));
    }
}
