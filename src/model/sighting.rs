//! An event as it is remembered of somebody: when, which, and what is counted of it.

use super::{Fixed, Time};

/// An event, as far as it is counted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sighting {
    /// When it happened.
    pub at: Time,
    /// Its hash and its order, in one number that sorts by the order: see [`Sighting::event`].
    pub event: u64,
    /// What is counted of it.
    pub worth: Worth,
}

/// What is counted of an event.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Worth {
    /// That it happened.
    #[default]
    Nothing,
    /// A number.
    Number(Fixed),
    /// A text.
    Text(String),
}

impl Sighting {
    /// What tells an event from another of the same moment is a hash of its id, in the lower half; how long after its
    /// moment it was received is in the upper, so that those of one moment stand as they were sent: 0 where nobody has
    /// said so.
    #[must_use]
    pub fn event(order: u32, hash: u32) -> u64 {
        (u64::from(order) << 32) | u64::from(hash)
    }

    /// What tells its event from another of the same moment.
    #[must_use]
    pub fn hash(&self) -> u32 {
        u32::try_from(self.event & u64::from(u32::MAX)).unwrap_or_default()
    }

    /// Whether both are of one event: its hash says so. In which order it came may be known of one of both alone, and
    /// is another where events are folded again, of which some are left out.
    #[must_use]
    pub fn is_of_same_event(&self, other: &Self) -> bool {
        (self.at, self.hash()) == (other.at, other.hash())
    }

    /// Whether both may have come at the same place among those of their moment.
    #[must_use]
    pub fn is_beside(&self, other: &Self) -> bool {
        let (one, another) = (self.order(), other.order());
        self.at == other.at && (one.is_none() || another.is_none() || one == another)
    }

    /// In which order those of its moment were received; none where that is not known.
    #[must_use]
    pub fn order(&self) -> Option<u32> {
        u32::try_from(self.event >> 32).ok().filter(|order| *order > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// People have many of them.
    #[test]
    fn a_sighting_is_small() {
        assert!(size_of::<Sighting>() <= 40);
    }

    #[test]
    fn an_event_is_told_by_its_hash_and_its_place_by_its_order() {
        let seen = |event| Sighting { at: Time::default(), event, worth: Worth::Nothing };
        let of = |order, hash| seen(Sighting::event(order, hash));
        assert!(of(0, 7).is_of_same_event(&of(3, 7)) && of(3, 7).is_of_same_event(&of(0, 7)));
        assert!(of(2, 7).is_of_same_event(&of(3, 7)) && !of(3, 7).is_of_same_event(&of(3, 8)));
        assert!(of(3, 7).is_beside(&of(3, 8)) && of(0, 7).is_beside(&of(3, 8)));
        assert!(!of(2, 7).is_beside(&of(3, 8)));
        assert_eq!((of(0, 7).order(), of(3, 7).order()), (None, Some(3)));
    }
}
