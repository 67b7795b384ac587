//! Turns: so many calls at a time, and only some of them of one function.
//!
//! A call may take seconds. Whoever waits for a turn keeps no thread, so nobody else waits for one; and a
//! function that is slow has only some of the turns, so that others have theirs.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Most calls at a time: each has a process and a thread.
pub(super) const RUNNING_MAX: usize = 8;
/// Most of them of one function.
const RUNNING_EACH_MAX: usize = 3;

/// See the module.
#[derive(Debug)]
pub(super) struct Turns {
    all: Arc<Semaphore>,
    /// By what they say; only those that are being called or waited for.
    each: Mutex<HashMap<Arc<str>, Weak<Semaphore>>>,
}

/// The right to call a function, until it is dropped.
#[derive(Debug)]
pub(super) struct Permits {
    _own: OwnedSemaphorePermit,
    _any: OwnedSemaphorePermit,
}

impl Turns {
    pub(super) fn new() -> Self {
        Self { all: Arc::new(Semaphore::new(RUNNING_MAX)), each: Mutex::default() }
    }

    /// A turn of this function; none when there is none for so long.
    pub(super) async fn take(&self, code: &Arc<str>, patience: Duration) -> Option<Permits> {
        let (own, any) = (self.of(code), Arc::clone(&self.all));
        // Its own first: whoever waits for that keeps nothing from the others.
        let both = async {
            let own = own.acquire_owned().await.ok()?;
            Some(Permits { _own: own, _any: any.acquire_owned().await.ok()? })
        };
        within(patience, both).await.flatten()
    }

    fn of(&self, code: &Arc<str>) -> Arc<Semaphore> {
        let mut each = self.each.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = each.get(code).and_then(Weak::upgrade) {
            return own;
        }
        each.retain(|_, own| own.strong_count() > 0);
        let own = Arc::new(Semaphore::new(RUNNING_EACH_MAX));
        each.insert(Arc::clone(code), Arc::downgrade(&own));
        own
    }
}

#[expect(clippy::disallowed_methods, reason = "a bound on real time")]
async fn within<T>(time: Duration, future: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(time, future).await.ok()
}

#[cfg(test)]
mod tests {
    use tokio::runtime::Builder;

    use super::*;

    #[test]
    fn one_function_has_some_of_the_turns_and_all_of_them_have_an_end() {
        let turns = Turns::new();
        let runtime = Builder::new_current_thread().enable_time().build().unwrap();
        let take = |code: &str| runtime.block_on(turns.take(&code.into(), Duration::ZERO));
        let slow: Vec<_> = (0..RUNNING_EACH_MAX).map(|_| take("slow").unwrap()).collect();
        assert!(take("slow").is_none());
        let mut others: Vec<_> =
            (slow.len()..RUNNING_MAX).map(|at| take(&at.to_string()).unwrap()).collect();
        assert!(take("one more").is_none());
        drop(others.pop());
        assert!(take("slow").is_none(), "its own are taken still");
        assert!(take("one more").is_some());
        drop((slow, others));
        assert!(take("slow").is_some());
        assert_eq!(turns.each.lock().unwrap().len(), 1, "what nobody calls is forgotten");
    }
}
