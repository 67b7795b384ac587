//! A connection's seat: what it waits for, since when, and what it was told.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::task::Waker;

use futures_util::task::AtomicWaker;
use tokio::sync::Notify;

use super::body::Cut;

/// What a connection waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Stage {
    /// The handshake of TLS.
    Handshake,
    /// The first byte of its first request.
    Fresh,
    /// The rest of a head.
    Head,
    /// Us.
    Working,
    /// More of a body, which the client has yet to send.
    Body,
    /// The next request.
    Idle,
    /// Its first turn: whoever has sent a request by then is answered.
    New,
}

/// What a connection is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(super) enum Word {
    /// Nothing: go on.
    Nothing,
    /// End after the request that is under way.
    Finish,
    /// Go now.
    Leave,
}

/// How many connections an address has, those left out that were told to leave.
#[derive(Debug, Default)]
pub(super) struct Group(pub(super) AtomicUsize);

/// The time in steps of the look around the hall, which moves it: reading it costs nothing.
#[derive(Debug, Default)]
pub(super) struct Steps(AtomicU32);

impl Steps {
    pub(super) fn now(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }

    pub(super) fn go_on(&self) -> u32 {
        self.0.fetch_add(1, Ordering::Relaxed).wrapping_add(1)
    }
}

/// See the module. Written by the connection's own task, read by those who look around.
#[derive(Debug)]
pub(super) struct Seat {
    steps: Arc<Steps>,
    /// What it waits for at first.
    begins: Stage,
    /// The order in which seats were taken.
    pub(super) number: u64,
    pub(super) group: Arc<Group>,
    /// Where the hall has it.
    pub(super) place: AtomicUsize,
    /// The stage, and above it the step at which it began.
    stage: AtomicU64,
    /// The step since which the client takes nothing of what is written, and one; 0: it takes it.
    stalled: AtomicU32,
    /// Bytes of the room for bodies that this one holds.
    pub(super) held: AtomicUsize,
    word: AtomicU8,
    told: Notify,
    cut: AtomicU8,
    reader: AtomicWaker,
}

impl Seat {
    pub(super) fn new(steps: &Arc<Steps>, group: Arc<Group>, number: u64, begins: Stage) -> Self {
        let seat = Self {
            steps: Arc::clone(steps),
            begins,
            number,
            group,
            place: AtomicUsize::new(0),
            stage: AtomicU64::new(0),
            stalled: AtomicU32::new(0),
            held: AtomicUsize::new(0),
            word: AtomicU8::new(Word::Nothing as u8),
            told: Notify::new(),
            cut: AtomicU8::new(0),
            reader: AtomicWaker::new(),
        };
        seat.enter(Stage::New);
        seat
    }

    /// From now on it waits for this.
    pub(super) fn enter(&self, stage: Stage) {
        let at = u64::from(self.steps.now()) << 8 | stage as u64;
        self.stage.store(at, Ordering::Relaxed);
    }

    /// What it waits for, and for how many steps.
    pub(super) fn stage(&self) -> (Stage, u32) {
        let at = self.stage.load(Ordering::Relaxed);
        let stage = match at & 0xff {
            0 => Stage::Handshake,
            1 => Stage::Fresh,
            2 => Stage::Head,
            4 => Stage::Body,
            5 => Stage::Idle,
            6 => Stage::New,
            _ => Stage::Working,
        };
        let since = u32::try_from(at >> 8).unwrap_or_default();
        (stage, self.steps.now().wrapping_sub(since))
    }

    /// It has looked whether bytes came. They are of a head, when one is waited for.
    pub(super) fn has_looked(&self, has_read: bool) {
        let now = match self.stage().0 {
            Stage::New if has_read && self.begins == Stage::Fresh => Stage::Head,
            Stage::New => self.begins,
            Stage::Fresh | Stage::Idle if has_read => Stage::Head,
            Stage::Fresh | Stage::Idle | Stage::Handshake => return,
            Stage::Head | Stage::Working | Stage::Body => return,
        };
        self.enter(now);
    }

    /// A write waits for the client, or does not any more.
    pub(super) fn is_stalled(&self, is_stalled: bool) {
        let since = self.stalled.load(Ordering::Relaxed);
        if is_stalled != (since > 0) {
            let now = self.steps.now().wrapping_add(1).max(1);
            self.stalled.store(if is_stalled { now } else { 0 }, Ordering::Relaxed);
        }
    }

    /// For how many steps the client has taken nothing of what is written.
    pub(super) fn stalls(&self) -> u32 {
        let since = self.stalled.load(Ordering::Relaxed);
        if since == 0 { 0 } else { self.steps.now().wrapping_add(1).wrapping_sub(since) }
    }

    /// Tells the connection something. Says whether it is news.
    pub(super) fn tell(&self, word: Word) -> bool {
        let before = self.word.fetch_max(word as u8, Ordering::AcqRel);
        if before < word as u8 {
            self.told.notify_one();
        }
        before < word as u8
    }

    pub(super) fn word(&self) -> Word {
        match self.word.load(Ordering::Acquire) {
            0 => Word::Nothing,
            1 => Word::Finish,
            _ => Word::Leave,
        }
    }

    /// Until it is told something more than `known`.
    pub(super) async fn told(&self, known: Word) -> Word {
        loop {
            let word = self.word();
            if word > known {
                return word;
            }
            self.told.notified().await;
        }
    }

    /// Cuts off the body that is being read: whoever reads it is told why. Says whether it is news.
    pub(super) fn cut(&self, why: Cut) -> bool {
        let is_news = self.cut.swap(why as u8, Ordering::AcqRel) == 0;
        self.reader.wake();
        is_news
    }

    /// Another body begins.
    pub(super) fn begin_body(&self) {
        self.cut.store(0, Ordering::Release);
    }

    /// Why the body was cut off, if it was.
    pub(super) fn is_cut(&self) -> Option<Cut> {
        match self.cut.load(Ordering::Acquire) {
            0 => None,
            1 => Some(Cut::TooSlow),
            _ => Some(Cut::NoRoom),
        }
    }

    /// More of the body is waited for.
    pub(super) fn waits_for_body(&self, reader: &Waker) {
        self.reader.register(reader);
        if self.stage().0 != Stage::Body {
            self.enter(Stage::Body);
        }
    }
}
