//! Room for bodies: how many bytes of them there may be in memory at one time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What all bodies may take together. Whoever reads one takes room as it comes, whatever its head has
/// announced, and so does whoever decompresses one.
#[derive(Debug)]
pub struct Room {
    taken: AtomicUsize,
    bytes_max: usize,
}

/// There is no room: others hold it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the bodies of others take all the room there is")]
pub struct NoRoom;

/// Room that somebody has taken, given back when it is dropped.
#[derive(Debug)]
pub struct Held {
    room: Arc<Room>,
    bytes: usize,
}

impl Room {
    /// Room for so many bytes.
    #[must_use]
    pub fn new(bytes_max: usize) -> Self {
        Self { taken: AtomicUsize::new(0), bytes_max }
    }

    /// None of it yet.
    #[must_use]
    pub fn hold(self: &Arc<Self>) -> Held {
        Held { room: Arc::clone(self), bytes: 0 }
    }

    /// How many bytes are taken.
    #[must_use]
    pub fn taken(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }

    /// Whether more than half is taken: time for the slow to give way.
    #[must_use]
    pub fn is_short(&self) -> bool {
        self.taken() > self.bytes_max / 2
    }
}

impl Held {
    /// Holds `bytes` from now on, if it has held less.
    ///
    /// # Errors
    /// [`NoRoom`]; it holds what it has held.
    pub fn grow_to(&mut self, bytes: usize) -> Result<(), NoRoom> {
        let more = bytes.saturating_sub(self.bytes);
        if more == 0 {
            return Ok(());
        }
        let (taken, bytes_max) = (&self.room.taken, self.room.bytes_max);
        let fits = |taken: usize| taken.checked_add(more).filter(|sum| *sum <= bytes_max);
        let took = taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits);
        took.map_err(|_| NoRoom)?;
        self.bytes = bytes;
        Ok(())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.room.taken.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_never_passes_the_bound_and_is_given_back() {
        let room = Arc::new(Room::new(100));
        let (mut one, mut other) = (room.hold(), room.hold());
        assert_eq!(one.grow_to(60), Ok(()));
        assert_eq!(one.grow_to(10), Ok(()), "it holds more already");
        assert_eq!(other.grow_to(41), Err(NoRoom));
        assert_eq!(other.grow_to(usize::MAX), Err(NoRoom));
        assert_eq!((room.taken(), room.is_short()), (60, true));
        assert_eq!(other.grow_to(40), Ok(()));
        drop(one);
        assert_eq!((room.taken(), room.is_short()), (40, false));
        drop(other);
        assert_eq!(room.taken(), 0);
    }
}
