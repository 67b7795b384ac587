//! How many passwords are checked at one time, or sign-ins with a provider, who waits for it, and whose turn it is.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// Passwords checked at one time. Each takes 19 MiB, and a core for itself.
pub(super) const RUNNING_MAX: usize = 4;
/// Those that wait, beyond which somebody is turned away: two seconds of work for two cores.
pub(super) const WAITING_MAX: usize = 128;
/// Those of one line that wait: a network is not in anybody else's way.
pub(super) const WAITING_OF_ONE_MAX: usize = 8;

/// Sign-ins with a provider at one time: they wait for it most of the time.
pub(super) const AT_PROVIDER_MAX: usize = 8;

/// The places where passwords are checked, or a provider is asked. Anybody may send passwords, so without a bound they
/// would take all memory there is; and without turns, whoever sends most would have all places.
#[derive(Clone, Debug)]
pub(super) struct Checks(Arc<Mutex<Queue>>);

#[derive(Debug, Default)]
struct Queue {
    running: usize,
    running_max: usize,
    waiting: usize,
    /// Those who have been let in before: their turn comes first.
    known: VecDeque<Line>,
    others: VecDeque<Line>,
    /// Draws whom to turn away.
    dice: u64,
}

/// Those of one network, in the order in which they came.
#[derive(Debug)]
struct Line {
    key: u64,
    waiting: VecDeque<oneshot::Sender<Place>>,
}

/// A place, given back when it is dropped. Whoever checks keeps it to the end, also when the one who
/// asked has gone.
#[derive(Debug)]
pub struct Place(Option<Checks>);

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(checks) = self.0.take() {
            checks.pass_on();
        }
    }
}

impl Checks {
    /// So many places.
    pub(super) fn new(running_max: usize) -> Self {
        Self(Arc::new(Mutex::new(Queue { running_max, ..Queue::default() })))
    }

    /// A place, as soon as it is the turn of the line `key`; none when too many wait already.
    pub(super) async fn place(&self, key: u64, is_known: bool) -> Option<Place> {
        let turn = {
            let mut queue = self.queue();
            if queue.running < queue.running_max && queue.waiting == 0 {
                queue.running += 1;
                return Some(Place(Some(self.clone())));
            }
            queue.join(key, is_known)?
        };
        // Whoever is turned away later for others hears nothing more.
        turn.await.ok()
    }

    /// A place is free: it is the next one's.
    fn pass_on(&self) {
        let mut queue = self.queue();
        while let Some(next) = queue.next() {
            match next.send(Place(Some(self.clone()))) {
                Ok(()) => return,
                // They have gone; this place is not given back, but to whoever is after them.
                Err(mut place) => place.0 = None,
            }
        }
        queue.running -= 1;
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    fn lines(&mut self, is_known: bool) -> &mut VecDeque<Line> {
        if is_known { &mut self.known } else { &mut self.others }
    }

    /// Waits in its line, unless there are too many.
    fn join(&mut self, key: u64, is_known: bool) -> Option<oneshot::Receiver<Place>> {
        let own = self.lines(is_known).iter().find(|line| line.key == key);
        let own = own.map_or(0, |line| line.waiting.len());
        if own >= WAITING_OF_ONE_MAX || (self.waiting >= WAITING_MAX && !self.turn_away(own)) {
            return None;
        }
        let (sender, turn) = oneshot::channel();
        self.waiting += 1;
        let lines = self.lines(is_known);
        match lines.iter_mut().find(|line| line.key == key) {
            Some(line) => line.waiting.push_back(sender),
            None => lines.push_back(Line { key, waiting: VecDeque::from([sender]) }),
        }
        Some(turn)
    }

    /// Makes room for somebody in whose line so many wait: by one of a line that is longer, or by
    /// anybody who is not known, by lot. Whoever sends most is turned away most.
    fn turn_away(&mut self, own: usize) -> bool {
        let count = self.others.len();
        let longest = (0..count).max_by_key(|at| self.others[*at].waiting.len());
        let is_longer = |at: &usize| self.others[*at].waiting.len() > own + 1;
        let at = longest.filter(is_longer).or_else(|| {
            self.dice = self.dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            usize::try_from(self.dice >> 33).ok()?.checked_rem(count)
        });
        let Some(line) = at.and_then(|at| self.others.get_mut(at)) else { return false };
        line.waiting.pop_back();
        self.waiting -= 1;
        self.others.retain(|line| !line.waiting.is_empty());
        true
    }

    /// The first of the line whose turn it is, which then is the last of the lines.
    fn next(&mut self) -> Option<oneshot::Sender<Place>> {
        let is_known = !self.known.is_empty();
        let lines = self.lines(is_known);
        let mut line = lines.pop_front()?;
        let first = line.waiting.pop_front();
        if !line.waiting.is_empty() {
            lines.push_back(line);
        }
        self.waiting -= 1;
        first
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::FutureExt as _;
    use futures_util::future::BoxFuture;

    use super::*;

    type Turn = BoxFuture<'static, Option<Place>>;

    /// Somebody who has asked for a place.
    fn ask(checks: &Checks, key: u64, is_known: bool) -> Turn {
        let checks = checks.clone();
        let mut turn = async move { checks.place(key, is_known).await }.boxed();
        match (&mut turn).now_or_never() {
            Some(answer) => async move { answer }.boxed(),
            None => turn,
        }
    }

    /// Whether it is their turn; `Some(None)` for those who were turned away.
    fn look(turn: &mut Turn) -> Option<Option<Place>> {
        turn.now_or_never()
    }

    fn full() -> (Checks, Vec<Place>) {
        let checks = Checks::new(RUNNING_MAX);
        let place = |_| ask(&checks, 0, false).now_or_never().unwrap().unwrap();
        let places = (0..RUNNING_MAX).map(place).collect();
        (checks, places)
    }

    #[test]
    fn each_line_has_its_turn_and_those_who_are_known_are_first() {
        let (checks, mut places) = full();
        let mut many: Vec<_> = (0..3).map(|_| ask(&checks, 1, false)).collect();
        let (mut one, mut known) = (ask(&checks, 2, false), ask(&checks, 3, true));
        let mut turn = |waiting: &mut Turn| {
            assert!(look(waiting).is_none());
            drop(places.pop());
            places.extend(look(waiting).unwrap());
        };
        turn(&mut known);
        turn(&mut many[0]);
        turn(&mut one);
        turn(&mut many[1]);
    }

    #[test]
    fn a_line_is_never_in_the_way_of_another() {
        let (checks, _places) = full();
        let mut flood: Vec<_> = (0..1000).map(|_| ask(&checks, 1, false)).collect();
        let waits = flood.iter_mut().filter_map(|turn| look(turn).is_none().then_some(())).count();
        assert_eq!(waits, WAITING_OF_ONE_MAX);
        assert!(look(&mut ask(&checks, 2, false)).is_none(), "waits for its turn");
    }

    #[test]
    fn where_all_places_to_wait_are_taken_the_longest_line_gives_way() {
        let (checks, _places) = full();
        let lines = WAITING_MAX / WAITING_OF_ONE_MAX;
        let number = |at: usize| u64::try_from(at / WAITING_OF_ONE_MAX).unwrap();
        let mut flood: Vec<_> =
            (0..WAITING_MAX).map(|at| ask(&checks, number(at), false)).collect();
        let mut others: Vec<_> = (0..50).map(|key| ask(&checks, 100 + key, false)).collect();
        assert!(others.iter_mut().all(|turn| look(turn).is_none()), "{lines} lines gave way");
        let gone = flood.iter_mut().filter_map(look).filter(Option::is_none).count();
        assert_eq!(gone, 50);
    }

    #[test]
    fn a_flood_of_lines_does_not_keep_out_whoever_is_known() {
        let (checks, mut places) = full();
        let _flood: Vec<_> = (0..10_000).map(|key| ask(&checks, key, false)).collect();
        assert_eq!(checks.queue().waiting, WAITING_MAX);
        let mut known = ask(&checks, 5, true);
        drop(places.pop());
        assert!(look(&mut known).unwrap().is_some());
    }

    #[test]
    fn places_of_those_who_have_gone_are_given_to_others() {
        let (checks, places) = full();
        drop((0..5).map(|key| ask(&checks, key, false)).collect::<Vec<_>>());
        drop(places);
        assert_eq!(checks.queue().running, 0);
        assert_eq!(checks.queue().waiting, 0);
        assert!(look(&mut ask(&checks, 1, false)).unwrap().is_some());
    }

    #[test]
    fn no_more_run_at_one_time_than_there_are_places() {
        let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();
        let checks = Checks::new(RUNNING_MAX);
        let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let check = |key| {
            let (checks, running, most) = (checks.clone(), Arc::clone(&running), Arc::clone(&most));
            runtime.spawn(async move {
                let place = checks.place(key, false).await?;
                let work = move || {
                    most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    (0..1000).for_each(|_| std::thread::yield_now());
                    running.fetch_sub(1, Ordering::SeqCst);
                    drop(place);
                };
                tokio::task::spawn_blocking(work).await.ok()
            })
        };
        let all: Vec<_> = (0..100).map(check).collect();
        for one in all {
            assert!(runtime.block_on(one).unwrap().is_some(), "everybody has a turn");
        }
        assert_eq!(running.load(Ordering::SeqCst), 0);
        assert!((1..=RUNNING_MAX).contains(&most.load(Ordering::SeqCst)));
    }
}
