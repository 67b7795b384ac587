//! How many rows an answer has.

/// As many as somebody asks for, or the usual number; no more than there may be. Whoever asks for none gets none: it
/// is asked for by those who want to know how many there are.
pub(super) fn rows(said: Option<usize>, (usual, most): (usize, usize)) -> usize {
    said.unwrap_or(usual).min(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_is_none_and_too_many_are_the_most() {
        let of = |said| rows(said, (20, 1000));
        assert_eq!(
            [None, Some(0), Some(1), Some(1000), Some(5000)].map(of),
            [20, 0, 1, 1000, 1000]
        );
    }
}
