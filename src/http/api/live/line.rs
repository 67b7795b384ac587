//! What is being sent to somebody who looks.
//!
//! Two allowances hold it: how many events are looked at for their sake, and how many they are told of.
//! Each costs the collector; what is over is counted, and told as `left_out`. What is told within a
//! moment goes out together, since every piece wakes both ends: a longer moment for those who ask for few.
//! Whoever has been told all that they may rests until their piece goes out: what happens is only counted.

use std::sync::{Arc, Weak};
use std::time::Duration;

use axum::http::HeaderMap;
use bytes::Bytes;
use tokio::sync::broadcast::error::RecvError;

use super::allowance::Allowance;
use super::filter::Filter;
use super::{LeftOut, Told};
use crate::app::App;
use crate::http::access::Group;
use crate::http::{SignedIn, masked};
use crate::live::{Kept, Moment, Refused, Watcher};
use crate::model::Time;

/// How often it is looked whether whoever looks still may, and told that the line is open.
const LOOK: Duration = Duration::from_secs(2);
/// A piece that is sent while much happens has about so many events: each piece wakes both ends.
const PIECE_EVENTS: u64 = 10;
/// What is told within this time of the last piece goes out with the next.
const TOGETHER_MIN: Duration = Duration::from_millis(100);
/// See [`TOGETHER_MIN`]; for those who are told of few.
const TOGETHER_MAX: Duration = Duration::from_secs(1);
/// Events a second that are read to see whether they are wanted.
const READ_PER_SECOND: u32 = 2_500;
/// A piece that has reached so many bytes goes out at once.
const PIECE_BYTES: usize = 512 * 1024;
/// Between messages: the line is open.
const OPEN: &str = ":\n\n";

/// See the module.
pub(super) struct Line {
    /// Whoever looks does not keep the server running.
    app: Weak<App>,
    headers: HeaderMap,
    filter: Filter,
    watcher: Watcher,
    /// Events and refusals that were heard of.
    seen: (u64, u64),
    allowed: Allowed,
    /// What is told within this time of the last piece goes out with the next.
    together: Duration,
    left_out: LeftOut,
    text: String,
    /// When the last piece went out, by the clock's `elapsed`.
    sent: Option<Duration>,
    /// When it was last looked whether whoever looks still may, by the same.
    looked: Duration,
}

/// What may still be done for whoever looks.
struct Allowed {
    read: Allowance,
    events: Allowance,
    refusals: Allowance,
}

impl Allowed {
    fn new(rate: u32, now: Time) -> Self {
        let told = || Allowance::new(rate, now);
        Self { read: Allowance::new(READ_PER_SECOND, now), events: told(), refusals: told() }
    }

    fn refill(&mut self, now: Time) {
        for one in [&mut self.read, &mut self.events, &mut self.refusals] {
            one.refill(now);
        }
    }

    /// Whether no event may be told of for now.
    fn no_event(&self) -> bool {
        !self.events.has() || !self.read.has()
    }
}

impl Line {
    pub(super) fn new(
        app: &Arc<App>,
        headers: HeaderMap,
        filter: Filter,
        mut watcher: Watcher,
    ) -> Self {
        let rate = filter.rate();
        if !filter.takes("kept") {
            watcher.rest();
        }
        Self {
            app: Arc::downgrade(app),
            headers,
            filter,
            seen: watcher.seen,
            watcher,
            allowed: Allowed::new(rate, app.clock.now()),
            together: together(rate),
            left_out: LeftOut::default(),
            text: String::new(),
            sent: None,
            looked: app.clock.elapsed(),
        }
    }

    /// What is sent next; none at the end.
    pub(super) async fn next(&mut self) -> Option<Bytes> {
        loop {
            let clock = self.app.upgrade()?.clock.clone();
            let (now, elapsed) = (clock.now(), clock.elapsed());
            if elapsed.saturating_sub(self.looked) >= LOOK {
                self.may_still().await?;
                self.looked = elapsed;
                self.text.push_str(OPEN);
            }
            let wait = self.wait(elapsed);
            if wait.is_zero() {
                match self.piece(elapsed) {
                    Some(piece) => return Some(piece),
                    None => continue,
                }
            }
            match within(wait, self.watcher.next()).await {
                Some(Some(Ok(Moment::Kept(kept)))) => self.kept(&kept, now),
                Some(Some(Ok(Moment::Refused(refused)))) => self.refused(&refused, now),
                // What was missed shows in the number of the next.
                Some(Some(Err(RecvError::Lagged(_)))) | None => {}
                Some(Some(Err(RecvError::Closed)) | None) => return None,
            }
        }
    }

    /// How long it listens before it does anything else.
    fn wait(&self, elapsed: Duration) -> Duration {
        if self.text.len() >= PIECE_BYTES {
            return Duration::ZERO;
        }
        let look = LOOK.saturating_sub(elapsed.saturating_sub(self.looked));
        if !self.has_something() {
            return look;
        }
        let since = self.sent.map_or(self.together, |sent| elapsed.saturating_sub(sent));
        look.min(self.together.saturating_sub(since))
    }

    fn has_something(&self) -> bool {
        !self.text.is_empty() || self.left_out != LeftOut::default() || self.rests()
    }

    /// Whether events are only counted until the next piece; whoever wants refusals only never wakes.
    fn rests(&self) -> bool {
        self.watcher.rests() && self.filter.takes("kept")
    }

    /// All that is to be said by now, and events are heard of again; none where there is nothing to say.
    fn piece(&mut self, elapsed: Duration) -> Option<Bytes> {
        self.sent = Some(elapsed);
        if self.filter.takes("kept") {
            self.left_out.events += self.watcher.slept();
            self.watcher.wake();
        }
        let mut text = std::mem::take(&mut self.text);
        let left_out = std::mem::take(&mut self.left_out);
        if left_out != LeftOut::default() {
            text.insert_str(0, &Told::LeftOut(left_out).message());
        }
        (!text.is_empty()).then(|| Bytes::from(text))
    }

    /// What is taken away ends at once: the token is looked at again and again. So it does where a key stays and may
    /// see less than before, or more: whoever looks again is told of what they may see now.
    async fn may_still(&self) -> Option<()> {
        let app = self.app.upgrade()?;
        let user = SignedIn::of(&app, &self.headers, None).await.ok()?;
        let sees_as_before = self.filter.hides(&masked::from(&app, &user));
        (user.may(Group::Events) && sees_as_before).then_some(())
    }

    fn kept(&mut self, kept: &Kept, now: Time) {
        let told = kept.lines.len() as u64;
        let missed = kept.total.saturating_sub(self.seen.0).saturating_sub(told);
        self.seen.0 = kept.total;
        if !self.filter.takes("kept") {
            return;
        }
        self.allowed.refill(now);
        self.left_out.events += missed;
        // The latest first, should they not all be told.
        let mut messages: Vec<String> =
            kept.lines.iter().rev().filter_map(|line| self.event(line, now)).collect();
        messages.reverse();
        self.text.extend(messages);
        if self.allowed.no_event() && self.filter.needs_reading() {
            self.watcher.rest();
        }
    }

    /// The message about an event, if it is wanted and may be told.
    fn event(&mut self, line: &[u8], now: Time) -> Option<String> {
        if !self.filter.may_take(line) {
            return None;
        }
        if !self.allowed.events.has() || !self.allowed.read.take() {
            self.left_out.events += 1;
            return None;
        }
        let event = self.filter.event(line, now)?;
        self.allowed.events.take();
        Some(Told::Kept(Box::new(event)).message())
    }

    fn refused(&mut self, refused: &Refused, now: Time) {
        let missed = refused.total.saturating_sub(self.seen.1).saturating_sub(1);
        self.seen.1 = refused.total;
        if !self.filter.takes("refused") {
            return;
        }
        self.allowed.refill(now);
        self.left_out.refusals += missed;
        let Some(refused) = self.filter.refusal(refused) else { return };
        if self.allowed.refusals.take() {
            self.text.push_str(&Told::Refused(refused).message());
        } else {
            self.left_out.refusals += 1;
        }
    }
}

/// How long pieces are apart for those who are told of so many a second.
fn together(rate: u32) -> Duration {
    (Duration::from_secs(PIECE_EVENTS) / rate).clamp(TOGETHER_MIN, TOGETHER_MAX)
}

#[expect(clippy::disallowed_methods, reason = "whoever looks waits in the real world")]
async fn within<T>(time: Duration, work: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(time, work).await.ok()
}
