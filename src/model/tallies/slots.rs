//! Numbers of tallies, in few bytes.
//!
//! They stand as a list of how far each is from the one before, or as a bit for each, whichever is about the shorter.

use super::bytes::{Packer, Unpacker};
use crate::model::bits::{Bits, of_word};

/// As they were read.
#[derive(Clone, Copy, Debug)]
pub(super) enum Slots<'a> {
    /// How far each is from the one before, less one.
    Listed(&'a [u8]),
    /// The lowest first.
    Bits(&'a [u8]),
}

/// Writes how long they are, in which form, and the `tag` of what was counted, in one number; then the numbers.
pub(super) fn write(numbers: &Bits, tag: u64, to: &mut Packer) {
    let words = numbers.words();
    let many: u32 = words.iter().map(|word| word.count_ones()).sum();
    let last = words.last().map_or(0, |word| 64 - word.leading_zeros() as usize);
    let bits = (words.len().saturating_sub(1) * 64 + last).div_ceil(8);
    // A list has a byte for each at least.
    if many as usize >= bits {
        to.whole(((bits as u64) << 3) | 4 | tag);
        return to.0.extend(words.iter().flat_map(|word| word.to_le_bytes()).take(bits));
    }
    let (mut list, mut next) = (Packer(Vec::with_capacity(bits)), 0);
    for number in numbers.iter() {
        list.length(number - next);
        next = number + 1;
    }
    to.whole(((list.0.len() as u64) << 3) | tag);
    to.0.extend(list.0);
}

impl<'a> Slots<'a> {
    /// The tag of what was counted, and them.
    pub(super) fn read(from: &mut Unpacker<'a>) -> Option<(u64, Self)> {
        let told = from.whole()?;
        let bytes = from.bytes(usize::try_from(told >> 3).ok()?)?;
        Some((told & 3, if told & 4 == 0 { Self::Listed(bytes) } else { Self::Bits(bytes) }))
    }

    pub(super) fn has(self, number: usize) -> bool {
        match self {
            Self::Listed(_) => {
                self.iter().take_while(|one| *one <= number).any(|one| one == number)
            }
            Self::Bits(bytes) => {
                bytes.get(number / 8).is_some_and(|bits| bits & (1 << (number % 8)) != 0)
            }
        }
    }

    /// Whether all can be read, and none is as great as that.
    pub(super) fn are_below(self, end: usize) -> bool {
        let is_whole = match self {
            Self::Listed(bytes) => {
                let mut from = Unpacker(bytes);
                let mut far = std::iter::from_fn(|| (!from.0.is_empty()).then(|| from.whole()));
                far.try_fold(0_u64, |far, more| far.checked_add(more?)?.checked_add(1)).is_some()
            }
            Self::Bits(_) => true,
        };
        is_whole && self.iter().all(|one| one < end)
    }

    /// All of them, sorted.
    pub(super) fn iter(self) -> impl Iterator<Item = usize> + use<'a> {
        let (listed, bits) = match self {
            Self::Listed(bytes) => (bytes, &[][..]),
            Self::Bits(bytes) => (&[][..], bytes),
        };
        let (mut from, mut next) = (Unpacker(listed), 0_usize);
        let listed = std::iter::from_fn(move || {
            let further = usize::try_from(from.whole()?).ok()?;
            let number = next.checked_add(further)?;
            next = number.checked_add(1)?;
            Some(number)
        });
        let bits = bits.iter().enumerate();
        listed.chain(
            bits.flat_map(|(at, byte)| of_word(u64::from(*byte)).map(move |bit| at * 8 + bit)),
        )
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn numbers_are_read_as_they_were_gathered(
            all in prop::collection::btree_set(prop_oneof![0..20_usize, 0..5_000_usize], 0..60),
            tag in 0..3_u64,
        ) {
            let mut numbers = Bits::default();
            all.iter().for_each(|number| numbers.insert(*number));
            prop_assert_eq!(&numbers.iter().collect::<BTreeSet<_>>(), &all);
            let mut to = Packer::default();
            write(&numbers, tag, &mut to);
            to.0.push(7);
            let mut from = Unpacker(&to.0);
            let (read, slots) = Slots::read(&mut from).unwrap();
            prop_assert_eq!((read, from.0), (tag, &[7][..]));
            prop_assert_eq!(&slots.iter().collect::<BTreeSet<_>>(), &all);
            let last = all.last().copied().unwrap_or_default();
            prop_assert!(all.is_empty() || (slots.are_below(last + 1) && !slots.are_below(last)));
            for number in 0..5_001 {
                let is_one = all.contains(&number);
                prop_assert_eq!((numbers.has(number), slots.has(number)), (is_one, is_one));
            }
        }
    }

    #[test]
    fn a_list_that_breaks_off_is_none() {
        let far: Vec<u8> = [vec![0x80; 10], vec![1]].concat();
        for bytes in [&[0x80][..], &[0, 0x80], &far] {
            assert!(!Slots::Listed(bytes).are_below(usize::MAX), "{bytes:?}");
        }
        assert!(Slots::Listed(&[0, 1]).are_below(3) && !Slots::Listed(&[0, 1]).are_below(2));
    }

    #[test]
    fn the_shorter_form_is_written() {
        let length = |all: &[usize]| {
            let (mut numbers, mut to) = (Bits::default(), Packer::default());
            all.iter().for_each(|number| numbers.insert(*number));
            write(&numbers, 0, &mut to);
            to.0.len()
        };
        assert_eq!(length(&[300]), 1 + 2, "a list");
        assert_eq!(length(&(0..100).step_by(3).collect::<Vec<_>>()), 1 + 13, "bits");
    }
}
