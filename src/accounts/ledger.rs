//! What is remembered of those who sign in: by this process, or by the database that several share.

use std::hash::Hasher as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use siphasher::sip::SipHasher13;

use crate::clock::Clock;
use crate::ids::Ids;
use crate::storage::{Numbers as Stored, Storage, StorageError};

/// Places for names of one kind. Two names may share one: with a few thousand wrong passwords a minute,
/// which is as many as can be checked, that is rare, and who shares one with the key unknown is chance.
const CELLS: usize = 1 << 16;

/// What a number is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// When somebody was let in last, by account and network.
    Known,
    /// Wrong passwords, by account and network.
    Near,
    /// Wrong ones of those who are not known, by account.
    Everywhere,
    /// When the next of them is looked at, by account.
    Slow,
    /// Wrong codes beside a right password.
    Codes,
}

/// How many kinds there are.
const KINDS: usize = 5;

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Near => "near",
            Self::Everywhere => "everywhere",
            Self::Codes => "codes",
            Self::Slow => "slow",
            Self::Known => "known",
        }
    }
}

/// A number for each name and kind, in as many places as there are. Names are not kept, and none is
/// pushed out by others however many there are.
#[derive(Debug)]
pub(super) struct Ledger {
    key: [u64; 2],
    kept: Kept,
}

#[derive(Debug)]
enum Kept {
    Here(Mutex<Vec<u64>>),
    Shared(Arc<dyn Storage>),
}

/// The numbers, while nobody else changes them.
pub(super) struct Numbers<'a> {
    ledger: &'a Ledger,
    kept: &'a mut dyn Keep,
}

/// Where numbers stand.
trait Keep {
    fn get(&mut self, kind: Kind, cell: usize) -> Result<u64, StorageError>;
    fn set(&mut self, kind: Kind, cell: usize, number: u64) -> Result<(), StorageError>;
}

impl Ledger {
    /// All of them 0, in this process, or as the nodes have left them that share the database.
    pub(super) fn new(storage: &Arc<dyn Storage>, ids: &Ids) -> Self {
        // Drawn in either case: the ids that come after it are the same on both engines.
        let own = own_key(ids);
        if !storage.is_shared() {
            return Self::known_by(own);
        }
        // Every node finds a name in the same place. The first half of the key is for other hashes.
        let secret = storage.key();
        let word = |at: usize| {
            let bytes = secret.get(at..at + 8).and_then(|bytes| bytes.try_into().ok());
            bytes.map_or(0, u64::from_le_bytes)
        };
        Self { key: [word(16), word(24)], kept: Kept::Shared(Arc::clone(storage)) }
    }

    /// All of them 0, in this process.
    #[cfg(test)]
    pub(super) fn here(ids: &Ids) -> Self {
        Self::known_by(own_key(ids))
    }

    fn known_by(key: [u64; 2]) -> Self {
        Self { key, kept: Kept::Here(Mutex::new(vec![0; CELLS * KINDS])) }
    }

    /// The time that its numbers are of: where others have them too, it must be theirs.
    pub(super) fn now(&self, clock: &Clock) -> Duration {
        match self.kept {
            Kept::Here(_) => clock.elapsed(),
            Kept::Shared(_) => {
                Duration::from_micros(u64::try_from(clock.now().micros()).unwrap_or(0))
            }
        }
    }

    /// Looks at numbers and changes them; nobody else does meanwhile. Blocks where they are shared, and
    /// `work` may be run again then.
    ///
    /// # Errors
    /// What the storage says, where they are shared.
    pub(super) fn with<T>(
        &self,
        mut work: impl FnMut(&mut Numbers<'_>) -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        match &self.kept {
            Kept::Here(numbers) => {
                let mut numbers = numbers.lock().unwrap_or_else(PoisonError::into_inner);
                work(&mut Numbers { ledger: self, kept: &mut *numbers })
            }
            Kept::Shared(storage) => {
                storage.with_allowances(|stored| work(&mut Numbers { ledger: self, kept: stored }))
            }
        }
    }

    /// A number by which a name is known without it.
    pub(super) fn hash(&self, name: &[&str]) -> u64 {
        let mut hasher = SipHasher13::new_with_keys(self.key[0], self.key[1]);
        for part in name {
            hasher.write(part.as_bytes());
            hasher.write_u8(0xff);
        }
        // Below 2^32, so that it fits any machine's index.
        hasher.finish() >> 32
    }

    fn cell(&self, name: &[&str]) -> usize {
        usize::try_from(self.hash(name)).unwrap_or(usize::MAX) % CELLS
    }
}

fn own_key(ids: &Ids) -> [u64; 2] {
    [u64::from_le_bytes(ids.bytes()), u64::from_le_bytes(ids.bytes())]
}

impl Numbers<'_> {
    /// The number of a name. Kinds are looked at in their order, or two wait for each other.
    pub(super) fn get(&mut self, kind: Kind, name: &[&str]) -> Result<u64, StorageError> {
        self.kept.get(kind, self.ledger.cell(name))
    }

    /// Changes the number of a name that was looked at.
    pub(super) fn set(
        &mut self,
        kind: Kind,
        name: &[&str],
        number: u64,
    ) -> Result<(), StorageError> {
        self.kept.set(kind, self.ledger.cell(name), number)
    }
}

impl Keep for Vec<u64> {
    fn get(&mut self, kind: Kind, cell: usize) -> Result<u64, StorageError> {
        Ok(self.as_slice().get(kind as usize * CELLS + cell).copied().unwrap_or(0))
    }

    fn set(&mut self, kind: Kind, cell: usize, number: u64) -> Result<(), StorageError> {
        if let Some(place) = self.as_mut_slice().get_mut(kind as usize * CELLS + cell) {
            *place = number;
        }
        Ok(())
    }
}

impl Keep for Stored<'_> {
    fn get(&mut self, kind: Kind, cell: usize) -> Result<u64, StorageError> {
        self.hold(&format!("{}:{cell}", kind.as_str()))
    }

    fn set(&mut self, kind: Kind, cell: usize, number: u64) -> Result<(), StorageError> {
        Self::set(self, &format!("{}:{cell}", kind.as_str()), number)
    }
}
