//! A set of small numbers: a bit for each.

/// See the module.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bits(Vec<u64>);

impl Bits {
    /// Whether it is one of them.
    pub(crate) fn has(&self, number: usize) -> bool {
        self.0.get(number / 64).is_some_and(|bits| bits & (1 << (number % 64)) != 0)
    }

    /// One more.
    pub(crate) fn insert(&mut self, number: usize) {
        if number / 64 >= self.0.len() {
            self.0.resize(number / 64 + 1, 0);
        }
        self.0.get_mut(number / 64).into_iter().for_each(|bits| *bits |= 1 << (number % 64));
    }

    /// All of them, sorted.
    pub(crate) fn iter(&self) -> impl Iterator<Item = usize> {
        of_words(self.0.iter().copied())
    }

    /// The same, of a set that nobody needs any more.
    pub(crate) fn into_numbers(self) -> impl Iterator<Item = usize> {
        of_words(self.0.into_iter())
    }

    /// The bits, 64 in each, the lowest first.
    pub(crate) fn words(&self) -> &[u64] {
        &self.0
    }
}

fn of_words(words: impl Iterator<Item = u64>) -> impl Iterator<Item = usize> {
    words.enumerate().flat_map(|(at, word)| of_word(word).map(move |bit| at * 64 + bit))
}

/// The numbers of the bits that are set, sorted.
pub(crate) fn of_word(mut word: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = (word != 0).then(|| word.trailing_zeros() as usize)?;
        word &= word - 1;
        Some(bit)
    })
}
