//! Agents once read are remembered: a shop meets a few thousand texts a million times.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, PoisonError, RwLock};

use super::{Agent, ClientHints};

/// Locks, so that many threads rarely meet at one.
const SHARDS: usize = 16;

/// A bounded memory of what user agents mean.
#[derive(Debug)]
pub struct Agents {
    shards: Vec<RwLock<HashMap<String, Arc<Agent>>>>,
    entries_max: usize,
    hasher: RandomState,
}

impl Agents {
    /// Remembers at most about `entries_max` texts.
    #[must_use]
    pub fn new(entries_max: usize) -> Self {
        Self {
            shards: (0..SHARDS).map(|_| RwLock::default()).collect(),
            entries_max: entries_max.div_ceil(SHARDS).max(1),
            hasher: RandomState::new(),
        }
    }

    /// What the user agent and the client hints tell.
    #[must_use]
    pub fn read(&self, text: &str, hints: Option<&ClientHints>) -> Arc<Agent> {
        let Some(hints) = hints else { return self.remembered(super::cut(text), None) };
        let key = format!("{}\n{hints:?}", super::cut(text));
        self.remembered(&key, Some((text, hints)))
    }

    fn remembered(&self, key: &str, hinted: Option<(&str, &ClientHints)>) -> Arc<Agent> {
        let shard = usize::try_from(self.hasher.hash_one(key) % SHARDS as u64).unwrap_or(0);
        let Some(shard) = self.shards.get(shard) else { return Arc::default() };
        if let Some(agent) = shard.read().unwrap_or_else(PoisonError::into_inner).get(key) {
            return Arc::clone(agent);
        }
        let agent = match hinted {
            Some((text, hints)) => super::read(text, Some(hints)),
            None => super::read(key, None),
        };
        let agent = Arc::new(agent);
        let mut shard = shard.write().unwrap_or_else(PoisonError::into_inner);
        // Forgetting all of a sixteenth is simple, and what is in use is back at once.
        if shard.len() >= self.entries_max {
            shard.clear();
        }
        shard.insert(key.to_owned(), Arc::clone(&agent));
        agent
    }
}
