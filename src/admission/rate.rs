//! How much a source may send, through all nodes together.
//!
//! See docs/decisions/0032-limits-over-nodes.md.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use crate::clock::Clock;
use crate::model::{SourceId, Time};

/// How soon after nodes told each other what they let in they may do so again, when a source needs it.
const SOON: Duration = Duration::from_millis(25);

/// Payloads per second and source. Where nodes share a database, each counts what it lets in as if all
/// others did the same, until it hears what they did.
#[derive(Debug)]
pub struct Rates {
    quota: Option<Quota>,
    clock: Clock,
    /// Nodes that live, this one among them.
    nodes: AtomicU32,
    sources: Mutex<HashMap<SourceId, Spent>>,
    /// When they told each other last, in microseconds of the monotonic clock.
    told: AtomicU64,
    call: OnceLock<Call>,
}

#[derive(Clone, Copy, Debug)]
struct Quota {
    /// How long it takes until one more may come, in nanoseconds.
    pace: u64,
    burst: u32,
}

/// What was let in of a source.
#[derive(Debug, Default)]
struct Spent {
    /// When all of it is made up for.
    until: Duration,
    /// Payloads that others have not heard of, and when the first of them came.
    untold: u64,
    since: Duration,
    /// It has sent, whether that was let in or not.
    has_sent: bool,
}

/// What a node has let in of a source, to tell others.
#[derive(Clone, Debug)]
pub struct LetIn {
    /// The source.
    pub source: SourceId,
    /// When the first of them came.
    pub since: Time,
    /// How long it takes until they are made up for.
    pub cost: Duration,
    payloads: u64,
    began: Duration,
}

/// Asks for an exchange between nodes.
struct Call(Box<dyn Fn() + Send + Sync>);

impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Call")
    }
}

impl Quota {
    fn cost(self, payloads: u64) -> Duration {
        Duration::from_nanos(self.pace.saturating_mul(payloads))
    }

    /// All that may be taken at once.
    fn whole(self) -> Duration {
        self.cost(u64::from(self.burst))
    }
}

impl Rates {
    /// At most `per_second` in the long run and `burst` at once; 0 per second: no limit.
    #[must_use]
    pub fn new(per_second: u32, burst: u32, clock: &Clock) -> Self {
        let pace = 1_000_000_000_u64.checked_div(u64::from(per_second));
        Self {
            quota: pace.map(|pace| Quota { pace, burst: burst.max(1) }),
            clock: clock.clone(),
            nodes: AtomicU32::new(1),
            sources: Mutex::default(),
            told: AtomicU64::new(0),
            call: OnceLock::new(),
        }
    }

    /// Whether there is a limit.
    #[must_use]
    pub fn is_limited(&self) -> bool {
        self.quota.is_some()
    }

    /// Counts one payload.
    ///
    /// # Errors
    /// How long to wait, when it is one too many.
    pub fn check(&self, source: &SourceId) -> Result<(), Duration> {
        let Some(quota) = self.quota else { return Ok(()) };
        let now = self.clock.elapsed();
        let latest = now + quota.whole();
        let until = {
            let mut sources = self.sources();
            let spent = match sources.get_mut(source) {
                Some(spent) => spent,
                None => sources.entry(source.clone()).or_default(),
            };
            spent.has_sent = true;
            let until = spent.until.max(now) + quota.cost(self.weight(quota));
            if until <= latest {
                spent.until = until;
                if spent.untold == 0 {
                    spent.since = now;
                }
                spent.untold += 1;
            }
            until
        };
        if until > now + quota.whole() / 2 {
            self.call_if_due(now);
        }
        if until <= latest { Ok(()) } else { Err(until - latest) }
    }

    /// As how many payloads each counts here: others may let in as many. But one of a full allowance
    /// can always come, however many nodes there are.
    fn weight(&self, quota: Quota) -> u64 {
        u64::from(self.nodes.load(Ordering::Relaxed).min(quota.burst))
    }

    /// Asks to hear of others, not more often than that may be.
    fn call_if_due(&self, now: Duration) {
        let told = Duration::from_micros(self.told.load(Ordering::Relaxed));
        let Some(Call(call)) = self.call.get() else { return };
        if now >= told + SOON {
            self.told_at(now);
            call();
        }
    }

    fn told_at(&self, now: Duration) {
        let micros = u64::try_from(now.as_micros()).unwrap_or(u64::MAX);
        self.told.store(micros, Ordering::Relaxed);
    }

    /// Whom to call when a source has taken half of what it may before it is known what others let in.
    pub fn when_short(&self, call: impl Fn() + Send + Sync + 'static) {
        if self.call.set(Call(Box::new(call))).is_err() {
            tracing::debug!("somebody is called already");
        }
    }

    /// So many nodes live.
    pub fn set_nodes(&self, nodes: u64) {
        self.nodes.store(u32::try_from(nodes).unwrap_or(u32::MAX).max(1), Ordering::Relaxed);
    }

    /// What was let in here of each source that has sent since this was asked last, by name. Whoever asks
    /// tells others of it, or gives it [back](Self::give_back).
    #[must_use]
    pub fn let_in(&self) -> Vec<LetIn> {
        let Some(quota) = self.quota else { return Vec::new() };
        let (now, elapsed) = (self.clock.now(), self.clock.elapsed());
        self.told_at(elapsed);
        let mut sources = self.sources();
        let mut all: Vec<LetIn> = sources
            .iter_mut()
            .filter(|(_, spent)| spent.has_sent)
            .map(|(source, spent)| {
                spent.has_sent = false;
                let payloads = std::mem::take(&mut spent.untold);
                let began = if payloads == 0 { elapsed } else { spent.since };
                LetIn {
                    source: source.clone(),
                    since: now.minus(elapsed.saturating_sub(began)),
                    cost: quota.cost(payloads),
                    payloads,
                    began,
                }
            })
            .collect();
        all.sort_by(|one, other| one.source.as_str().cmp(other.source.as_str()));
        all
    }

    /// Others have heard of all of these; all nodes together have taken until `untils`, in their order.
    pub fn learn(&self, told: &[LetIn], untils: &[Time]) {
        let Some(quota) = self.quota else { return };
        let (now, elapsed) = (self.clock.now().micros(), self.clock.elapsed());
        let mut sources = self.sources();
        for (told, until) in told.iter().zip(untils) {
            let Some(spent) = sources.get_mut(&told.source) else { continue };
            let ahead = u64::try_from(until.micros().saturating_sub(now)).unwrap_or(0);
            // What came in while they were told is not in it.
            let newer = quota.cost(spent.untold.saturating_mul(self.weight(quota)));
            spent.until = elapsed + Duration::from_micros(ahead) + newer;
        }
    }

    /// Others could not be told.
    pub fn give_back(&self, untold: Vec<LetIn>) {
        let mut sources = self.sources();
        for one in untold {
            let spent = sources.entry(one.source).or_default();
            spent.has_sent = true;
            if one.payloads > 0 {
                spent.untold += one.payloads;
                spent.since = one.began;
            }
        }
    }

    fn sources(&self) -> MutexGuard<'_, HashMap<SourceId, Spent>> {
        self.sources.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nodes that tell each other through one number, as the database does.
    struct Nodes {
        clock: Clock,
        nodes: Vec<Rates>,
        shared: Time,
    }

    impl Nodes {
        fn new(many: u32, per_second: u32, burst: u32) -> Self {
            let clock = Clock::set_to(Time::from_micros(1_000_000_000));
            let node = |_| {
                let rates = Rates::new(per_second, burst, &clock);
                rates.set_nodes(u64::from(many));
                rates
            };
            let nodes = (0..many).map(node).collect();
            Self { clock, nodes, shared: Time::from_micros(0) }
        }

        /// As many of `many` as a node lets in.
        fn send(&self, node: usize, many: usize) -> usize {
            let shop = SourceId::new("shop");
            (0..many).filter(|_| self.nodes[node].check(&shop).is_ok()).count()
        }

        fn tell(&mut self, node: usize) {
            let told = self.nodes[node].let_in();
            for one in &told {
                self.shared = self.shared.max(one.since).plus(one.cost);
            }
            self.nodes[node].learn(&told, &[self.shared]);
        }
    }

    #[test]
    fn alone_it_is_the_rate_and_the_burst() {
        let all = Nodes::new(1, 10, 5);
        assert_eq!(all.send(0, 100), 5);
        let wait = all.nodes[0].check(&SourceId::new("shop"));
        assert_eq!(wait, Err(Duration::from_millis(100)));
        all.clock.advance(Duration::from_secs(1));
        assert_eq!(all.send(0, 100), 5, "no more than the burst gathers");
        (0..50).for_each(|_| {
            all.clock.advance(Duration::from_millis(100));
            assert_eq!(all.send(0, 2), 1);
        });
    }

    #[test]
    fn together_they_keep_the_rate_and_at_once_each_has_its_share() {
        let mut all = Nodes::new(4, 100, 100);
        let at_once: usize = (0..4).map(|node| all.send(node, 100)).sum();
        assert_eq!(at_once, 100);
        let mut since = 0;
        for _ in 0..400 {
            all.clock.advance(Duration::from_millis(25));
            for node in 0..4 {
                since += all.send(node, 100);
                all.tell(node);
            }
        }
        assert!((1000..=1100).contains(&since), "{since} in ten seconds");
    }

    #[test]
    fn a_source_that_uses_one_node_has_all_of_it_as_soon_as_others_are_heard_of() {
        let mut all = Nodes::new(2, 100, 100);
        let mut taken = 0;
        for _ in 0..400 {
            taken += all.send(0, 100);
            all.tell(0);
            all.clock.advance(Duration::from_millis(25));
        }
        assert!((1050..=1100).contains(&taken), "{taken} in ten seconds");
    }

    #[test]
    fn one_that_hears_nothing_lets_in_its_share_and_nothing_is_owed_for_that() {
        let mut all = Nodes::new(2, 100, 100);
        let mut taken = 0;
        for _ in 0..400 {
            taken += all.send(0, 100);
            let untold = all.nodes[0].let_in();
            all.nodes[0].give_back(untold);
            all.clock.advance(Duration::from_millis(25));
        }
        assert!((540..=550).contains(&taken), "{taken} in ten seconds");
        all.tell(0);
        assert!(all.send(1, 100) >= 40, "the other has not used its share");
    }

    #[test]
    fn others_are_asked_for_before_it_is_used_up_and_not_for_each_payload() {
        let all = Nodes::new(2, 1000, 100);
        let calls = std::sync::Arc::new(AtomicU32::new(0));
        let counted = std::sync::Arc::clone(&calls);
        all.nodes[0].when_short(move || {
            counted.fetch_add(1, Ordering::Relaxed);
        });
        all.send(0, 20);
        assert_eq!(calls.load(Ordering::Relaxed), 0);
        all.send(0, 100);
        assert_eq!(calls.load(Ordering::Relaxed), 1);
        all.clock.advance(SOON);
        all.send(0, 100);
        assert_eq!(calls.load(Ordering::Relaxed), 2);
    }
}
