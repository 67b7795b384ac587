//! Between whom a merger was: whoever came with the payload, and whoever held what it named.

/// Who are one by a merger, as people are apart or together now. A merger is written of two who lived then:
/// each may have been several, of whom some are others' now. What shows it is between the one that the
/// payload came with, and the one that has named the same; only where one of them is not told, whoever
/// ended, or lived on, stands for them. `None` where both are one already.
pub(crate) fn sides<T: PartialEq>(
    came_with: Option<T>,
    holder: Option<T>,
    loser: T,
    winner: T,
) -> Option<(T, T)> {
    let (one, other) = match (came_with, holder) {
        (Some(visitor), Some(holder)) => (visitor, holder),
        (Some(side), None) | (None, Some(side)) if side == loser => (side, winner),
        (Some(side), None) | (None, Some(side)) => (side, loser),
        (None, None) => (winner, loser),
    };
    (one != other).then_some((one, other))
}

#[cfg(test)]
mod tests {
    use super::sides;

    #[test]
    fn a_merger_is_between_the_visitor_and_the_holder() {
        assert_eq!(
            sides(Some("visitor"), Some("holder"), "loser", "winner"),
            Some(("visitor", "holder"))
        );
        assert_eq!(sides(Some("one"), Some("one"), "loser", "winner"), None);
    }

    #[test]
    fn who_is_not_told_is_the_other_of_those_who_lived_then() {
        assert_eq!(sides(Some("loser"), None, "loser", "winner"), Some(("loser", "winner")));
        assert_eq!(sides(None, Some("winner"), "loser", "winner"), Some(("winner", "loser")));
        assert_eq!(sides(None, None, "loser", "winner"), Some(("winner", "loser")));
        assert_eq!(sides(None, None, "one", "one"), None);
    }
}
