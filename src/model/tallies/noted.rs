//! What was seen since tallies were packed, as the versions before wrote it.
//!
//! They noted one sighting after the other. Of each: which tally, whether the event is another than the one before, and
//! what is told of its worth, in one number; the key where the tally is new; the event where it is another; and what
//! was counted, unless it is the same as was counted last.

use super::bytes::{Seen, Unpacker};
use super::news::News;
use crate::model::{Sighting, Worth};

/// What is told of a worth that was told before.
const SAME: u64 = 3;

/// Of bytes that stand after so many packed tallies, of which the last event is this one; none of others.
pub(super) fn read(bytes: &[u8], packed: usize, latest: Option<Seen>) -> Option<News> {
    let mut news = News::after(latest);
    let mut from = Unpacker(bytes);
    let (mut event, mut worth) = (None, None);
    while !from.0.is_empty() {
        let told = from.whole()?;
        let slot = usize::try_from(told >> 3).ok()?;
        let key = if slot == packed + news.fresh.len() { Some(from.key()?) } else { None };
        if key.is_none() && slot > packed + news.fresh.len() {
            return None;
        }
        if told & 4 != 0 {
            event = Some(from.event_of_before()?);
        }
        let (at, event) = event?;
        let worth = match told & 3 {
            0 => Worth::Nothing,
            SAME => worth.clone()?,
            tag => worth.insert(from.worth(tag)?).clone(),
        };
        news.push(slot, key, &Sighting { at, event, worth });
    }
    news.end();
    Some(news)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::tallies::bytes::{Packer, worth_tag};
    use crate::model::{Fixed, Keep, TallyKey, Time};

    fn key(number: usize) -> TallyKey {
        TallyKey { keep: Keep::Latest(3), hash: number as u64 }
    }

    /// As the version before wrote it, after so many packed tallies.
    fn written(all: &[(usize, Sighting)], packed: usize) -> Vec<u8> {
        let (mut to, mut known) = (Packer::default(), packed);
        let (mut event, mut worth) = (None, Worth::Nothing);
        for (slot, sighting) in all {
            let this = (sighting.at, sighting.event);
            let is_same = sighting.worth != Worth::Nothing && sighting.worth == worth;
            let tag = if is_same { SAME } else { worth_tag(&sighting.worth) };
            to.whole(((*slot as u64) << 3) | (u64::from(Some(this) != event) << 2) | tag);
            if *slot == known {
                to.key(key(*slot));
                known += 1;
            }
            if Some(this) != event {
                to.0.extend(this.0.micros().to_le_bytes());
                to.0.extend(u32::try_from(this.1).unwrap().to_le_bytes());
                event = Some(this);
            }
            if !is_same && sighting.worth != Worth::Nothing {
                to.worth(&sighting.worth);
                worth = sighting.worth.clone();
            }
        }
        to.0
    }

    proptest! {
        #[test]
        fn what_the_version_before_noted_is_read(
            turns in prop::collection::vec((any::<prop::sample::Index>(), 0..4_i64, 0..4_i128), 0..30),
            packed in 0..3_usize,
        ) {
            let mut known = packed;
            let worths = [Worth::Nothing, Worth::Text("ž".into())];
            let all: Vec<(usize, Sighting)> = turns.into_iter().map(|(slot, at, worth)| {
                let slot = slot.index(known + 1);
                known = known.max(slot + 1);
                let number = || Worth::Number(Fixed::of_millionths(worth));
                let worth = worths.get(usize::try_from(worth).unwrap()).cloned().unwrap_or_else(number);
                (slot, Sighting { at: Time::from_micros(at), event: 7, worth })
            }).collect();
            let bytes = written(&all, packed);
            let news = read(&bytes, packed, None).unwrap();
            prop_assert_eq!(&news.fresh, &(packed..known).map(key).collect::<Vec<_>>());
            for slot in 0..known {
                let theirs = all.iter().filter(|(of, _)| *of == slot).map(|(_, seen)| seen.clone());
                prop_assert_eq!(news.of(slot).collect::<Vec<_>>(), theirs.collect::<Vec<_>>());
            }
        }
    }
}
