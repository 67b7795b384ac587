//! Turns: so many calls at a time, only some of them of one function, and only some of those for one who sends.
//!
//! A call may take seconds. Whoever waits for a turn keeps no thread, so nobody else waits for one; a function
//! that is slow has only some of the turns, so that others have theirs; and who sends what makes it slow has
//! only some of its turns.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Caller;

/// Most calls at a time: each has a process and a thread.
pub(super) const RUNNING_MAX: usize = 8;
/// Most of them of one function.
const RUNNING_EACH_MAX: usize = 3;
/// Most of these for one who sends.
const RUNNING_FOR_ONE_MAX: usize = 2;
/// Most of these for all together who have sent what stopped a worker.
const RUNNING_SUSPECT_MAX: usize = 1;

/// See the module.
#[derive(Debug)]
pub(super) struct Turns {
    all: Arc<Semaphore>,
    /// By what they say.
    each: Shares<Arc<str>>,
    /// The same, for one who sends.
    of_one: Shares<(Arc<str>, Caller)>,
    /// The same, for those who are suspected.
    of_suspects: Shares<Arc<str>>,
}

/// The right to call a function, until it is dropped.
#[derive(Debug)]
pub(super) struct Permits {
    _share: OwnedSemaphorePermit,
    _own: OwnedSemaphorePermit,
    _any: OwnedSemaphorePermit,
}

impl Turns {
    pub(super) fn new() -> Self {
        Self {
            all: Arc::new(Semaphore::new(RUNNING_MAX)),
            each: Shares::of(RUNNING_EACH_MAX),
            of_one: Shares::of(RUNNING_FOR_ONE_MAX),
            of_suspects: Shares::of(RUNNING_SUSPECT_MAX),
        }
    }

    /// A turn of this function for somebody; none when there is none for so long.
    pub(super) async fn take(
        &self,
        code: &Arc<str>,
        caller: &Caller,
        is_suspect: bool,
        patience: Duration,
    ) -> Option<Permits> {
        let share = if is_suspect {
            self.of_suspects.get(code.clone())
        } else {
            self.of_one.get((code.clone(), caller.clone()))
        };
        let (own, any) = (self.each.get(code.clone()), Arc::clone(&self.all));
        // The narrowest first: whoever waits for that keeps nothing from the others.
        let all = async {
            let share = share.acquire_owned().await.ok()?;
            let own = own.acquire_owned().await.ok()?;
            Some(Permits { _share: share, _own: own, _any: any.acquire_owned().await.ok()? })
        };
        within(patience, all).await.flatten()
    }
}

/// Permits by something; only of those that are being used or waited for.
#[derive(Debug)]
struct Shares<K> {
    most: usize,
    known: Mutex<Known<K>>,
}

#[derive(Debug)]
struct Known<K> {
    semaphores: HashMap<K, Weak<Semaphore>>,
    /// When there are as many, those that nobody uses are forgotten.
    sweep_at: usize,
}

impl<K: Eq + Hash> Shares<K> {
    /// Looking through few takes no time.
    const SWEEP_AT_MIN: usize = 64;

    fn of(most: usize) -> Self {
        let known = Known { semaphores: HashMap::new(), sweep_at: Self::SWEEP_AT_MIN };
        Self { most, known: Mutex::new(known) }
    }

    fn get(&self, key: K) -> Arc<Semaphore> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(share) = known.semaphores.get(&key).and_then(Weak::upgrade) {
            return share;
        }
        if known.semaphores.len() >= known.sweep_at {
            known.semaphores.retain(|_, share| share.strong_count() > 0);
            known.sweep_at = Self::SWEEP_AT_MIN.max(2 * known.semaphores.len());
        }
        let share = Arc::new(Semaphore::new(self.most));
        known.semaphores.insert(key, Arc::downgrade(&share));
        share
    }
}

#[expect(clippy::disallowed_methods, reason = "a bound on real time")]
async fn within<T>(time: Duration, future: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(time, future).await.ok()
}

#[cfg(test)]
mod tests {
    use tokio::runtime::{Builder, Runtime};

    use super::*;

    struct World {
        turns: Turns,
        runtime: Runtime,
    }

    impl World {
        fn new() -> Self {
            let runtime = Builder::new_current_thread().enable_time().build().unwrap();
            Self { turns: Turns::new(), runtime }
        }

        fn take(&self, code: &str, who: &str, is_suspect: bool) -> Option<Permits> {
            let (code, caller) = (code.into(), Caller::new("shop", who));
            let taking = self.turns.take(&code, &caller, is_suspect, Duration::ZERO);
            self.runtime.block_on(taking)
        }
    }

    #[test]
    fn one_function_has_some_of_the_turns_and_all_of_them_have_an_end() {
        let world = World::new();
        let take = |code: &str, who: usize| world.take(code, &who.to_string(), false);
        let slow: Vec<_> = (0..RUNNING_EACH_MAX).map(|who| take("slow", who).unwrap()).collect();
        assert!(take("slow", 9).is_none());
        let mut others: Vec<_> =
            (slow.len()..RUNNING_MAX).map(|at| take(&at.to_string(), 0).unwrap()).collect();
        assert!(take("one more", 0).is_none());
        drop(others.pop());
        assert!(take("slow", 9).is_none(), "its own are taken still");
        assert!(take("one more", 0).is_some());
        drop((slow, others));
        assert!(take("slow", 0).is_some());
    }

    #[test]
    fn nobody_takes_all_turns_of_a_function_and_suspects_take_one_together() {
        let world = World::new();
        let own: Vec<_> = (0..2).map(|_| world.take("f", "a", false).unwrap()).collect();
        assert!(world.take("f", "a", false).is_none());
        assert!(world.take("f", "b", false).is_some());
        drop(own);
        let suspect = world.take("f", "a", true).unwrap();
        assert!(world.take("f", "b", true).is_none());
        let others = ["c", "d"].map(|who| world.take("f", who, false));
        assert!(others.iter().all(Option::is_some));
        drop(suspect);
        assert!(world.take("f", "b", true).is_some());
    }

    #[test]
    fn what_nobody_uses_is_forgotten() {
        let shares = Shares::of(1);
        for number in 0..10_000 {
            drop(shares.get(number));
        }
        assert!(shares.known.lock().unwrap().semaphores.len() <= 64);
    }
}
