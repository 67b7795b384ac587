//! What was meant: of the names there are, the one that is most like a name that there is not.

/// How like a known name an unknown one must be to be suggested (Jaro-Winkler, 0 to 1).
const LIKENESS_MIN: f64 = 0.8;

/// The known name that is most like the unknown one, if one is like it at all.
pub fn nearest<'a>(unknown: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let likeness = known.map(|known| (strsim::jaro_winkler(unknown, known), known));
    let best = likeness.max_by(|one, other| one.0.total_cmp(&other.0));
    best.filter(|(like, _)| *like >= LIKENESS_MIN).map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_like_it_is_suggested() {
        let known = || ["from", "to", "limit"].into_iter();
        assert_eq!(nearest("limt", known()), Some("limit"));
        assert_eq!(nearest("form", known()), Some("from"));
        assert_eq!(nearest("tz", known()), None);
        assert_eq!(nearest("limit", std::iter::empty()), None);
    }
}
