//! Whom a history that is imported has as people: each is another than all the others.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};

use super::ProfileId;

/// See the module. A number stands for each, since there may be millions of them: where two had the same,
/// somebody would be left alone whom an identifier would have united.
#[derive(Clone, Debug, Default)]
pub struct ToldApart {
    numbers: RandomState,
    people: HashSet<u64>,
}

impl ToldApart {
    /// This id is one of somebody in it.
    pub fn add(&mut self, id: &str) {
        self.people.insert(self.numbers.hash_one(id.trim()));
    }

    /// Whether somebody in it has this id.
    #[must_use]
    pub fn has(&self, id: &ProfileId) -> bool {
        self.people.contains(&self.numbers.hash_one(id.as_str()))
    }
}
