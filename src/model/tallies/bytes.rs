//! Whole numbers, keys and what is counted, to bytes and back.
//!
//! Whole numbers are of seven bits a byte, the lowest first, those that may be negative in zigzag.

use crate::model::{Fixed, Keep, Sums, Tally, TallyKey, Time, Worth};

/// An event as tallies know it: when it happened, and what tells it from others of that moment.
pub(super) type Seen = (Time, u64);

/// What has been written so far.
#[derive(Debug, Default)]
pub(super) struct Packer(pub(super) Vec<u8>);

/// What is left to be read. Every reader gives nothing where the bytes are none of a [`Packer`]'s.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unpacker<'a>(pub(super) &'a [u8]);

/// Tells what is kept; what goes with it follows.
fn tag(keep: Keep) -> (u8, u32) {
    match keep {
        Keep::Latest(many) => (0, many.into()),
        Keep::Earliest => (1, 0),
        Keep::Least => (2, 0),
        Keep::Greatest => (3, 0),
        Keep::Values => (4, 0),
        Keep::Words => (5, 0),
        Keep::Sums(seconds) => (6, seconds),
    }
}

fn keep(tag: u8, with: u64) -> Option<Keep> {
    match (tag, with) {
        (0, many) => many.try_into().ok().map(Keep::Latest),
        (1, 0) => Some(Keep::Earliest),
        (2, 0) => Some(Keep::Least),
        (3, 0) => Some(Keep::Greatest),
        (4, 0) => Some(Keep::Values),
        (5, 0) => Some(Keep::Words),
        (6, seconds) => seconds.try_into().ok().map(Keep::Sums),
        _ => None,
    }
}

/// What was counted is told by two bits, which stand elsewhere.
pub(super) fn worth_tag(worth: &Worth) -> u64 {
    match worth {
        Worth::Nothing => 0,
        Worth::Number(_) => 1,
        Worth::Text(_) => 2,
    }
}

impl Packer {
    pub(super) fn whole(&mut self, mut number: u64) {
        loop {
            let [low, ..] = number.to_le_bytes();
            number >>= 7;
            if number == 0 {
                return self.0.push(low & 0x7f);
            }
            self.0.push(low | 0x80);
        }
    }

    pub(super) fn length(&mut self, many: usize) {
        self.whole(many as u64);
    }

    fn wide(&mut self, mut number: u128) {
        while number > u128::from(u64::MAX >> 8) {
            let [low, ..] = number.to_le_bytes();
            self.0.push(low | 0x80);
            number >>= 7;
        }
        self.whole(u64::try_from(number).unwrap_or_default());
    }

    fn signed(&mut self, number: i128) {
        self.wide(((number << 1) ^ (number >> 127)).cast_unsigned());
    }

    pub(super) fn keep(&mut self, keep: Keep) {
        let (tag, with) = tag(keep);
        self.0.push(tag);
        self.whole(with.into());
    }

    pub(super) fn key(&mut self, TallyKey { keep, hash }: TallyKey) {
        self.keep(keep);
        self.0.extend(hash.to_le_bytes());
    }

    pub(super) fn event(&mut self, (at, hash): Seen) {
        self.0.extend(at.micros().to_le_bytes());
        self.0.extend(hash.to_le_bytes());
    }

    pub(super) fn worth(&mut self, worth: &Worth) {
        match worth {
            Worth::Nothing => {}
            Worth::Number(number) => self.signed(number.millionths()),
            Worth::Text(text) => {
                self.length(text.len());
                self.0.extend(text.as_bytes());
            }
        }
    }

    /// Whether they go through to some moment is told by the lowest bit.
    pub(super) fn sums(&mut self, tally: &Tally) {
        self.whole(((tally.before.len() as u64) << 1) | u64::from(tally.through.is_some()));
        if let Some(through) = tally.through {
            self.signed(through.micros().into());
        }
        for (begin, Sums { count, sum, least, greatest }) in &tally.before {
            self.signed((*begin).into());
            self.whole(*count);
            [sum, least, greatest].into_iter().for_each(|one| self.signed(one.millionths()));
        }
    }
}

impl<'a> Unpacker<'a> {
    pub(super) fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    pub(super) fn bytes(&mut self, many: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(many)?;
        self.0 = rest;
        Some(taken)
    }

    pub(super) fn whole(&mut self) -> Option<u64> {
        // Most are short, and this is most of what reading takes.
        let (number, rest) = match self.0 {
            [low @ ..0x80, rest @ ..] => (u64::from(*low), rest),
            [low, high @ ..0x80, rest @ ..] => {
                (u64::from(low & 0x7f) | (u64::from(*high) << 7), rest)
            }
            _ => return self.wide()?.try_into().ok(),
        };
        self.0 = rest;
        Some(number)
    }

    fn wide(&mut self) -> Option<u128> {
        // Most are short.
        if let [byte @ ..0x80, rest @ ..] = self.0 {
            self.0 = rest;
            return Some((*byte).into());
        }
        let mut number = 0;
        for shift in (0..u128::BITS).step_by(7) {
            let [byte] = self.take()?;
            number |= u128::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn signed(&mut self) -> Option<i128> {
        let number = self.wide()?;
        Some((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }

    pub(super) fn moment(&mut self) -> Option<i64> {
        self.signed()?.try_into().ok()
    }

    /// A number of things, each of which takes a byte at least: one that is damaged must not ask for all memory.
    pub(super) fn length(&mut self) -> Option<usize> {
        usize::try_from(self.whole()?).ok().filter(|many| *many <= self.0.len())
    }

    pub(super) fn keep(&mut self) -> Option<Keep> {
        let [tag] = self.take()?;
        keep(tag, self.whole()?)
    }

    pub(super) fn key(&mut self) -> Option<TallyKey> {
        let keep = self.keep()?;
        Some(TallyKey { keep, hash: u64::from_le_bytes(self.take()?) })
    }

    pub(super) fn event(&mut self) -> Option<Seen> {
        let at = i64::from_le_bytes(self.take()?);
        Some((Time::from_micros(at), u64::from_le_bytes(self.take()?)))
    }

    /// As the versions before wrote it, with half of that.
    pub(super) fn event_of_before(&mut self) -> Option<Seen> {
        let at = i64::from_le_bytes(self.take()?);
        Some((Time::from_micros(at), u32::from_le_bytes(self.take()?).into()))
    }

    pub(super) fn worth(&mut self, tag: u64) -> Option<Worth> {
        match tag {
            0 => Some(Worth::Nothing),
            1 => Some(Worth::Number(Fixed::of_millionths(self.signed()?))),
            2 => {
                let length = self.length()?;
                let text = self.bytes(length)?;
                Some(Worth::Text(std::str::from_utf8(text).ok()?.to_owned()))
            }
            _ => None,
        }
    }

    /// Goes past it.
    pub(super) fn skip_worth(&mut self, tag: u64) -> Option<()> {
        match tag {
            0 => Some(()),
            1 => self.wide().map(drop),
            2 => {
                let length = self.length()?;
                self.bytes(length).map(drop)
            }
            _ => None,
        }
    }

    pub(super) fn sums(&mut self, tally: &mut Tally) -> Option<()> {
        let told = self.whole()?;
        if told & 1 == 1 {
            tally.through = Some(Time::from_micros(self.moment()?));
        }
        let many = usize::try_from(told >> 1).ok().filter(|many| *many <= self.0.len())?;
        for _ in 0..many {
            let begin = self.moment()?;
            let count = self.whole()?;
            let mut next = || self.signed().map(Fixed::of_millionths);
            let (sum, least, greatest) = (next()?, next()?, next()?);
            tally.before.insert(begin, Sums { count, sum, least, greatest });
        }
        Some(())
    }
}
