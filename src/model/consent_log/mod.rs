//! All words of one person about consents, and what follows from them.

use std::collections::{HashMap, HashSet};
use std::hash::{Hash, Hasher};

use serde_json::{Value, json};

use super::{ConsentWord, EventId, FieldChange, Map, NAMES_MAX};

/// Most first words of one person that are kept beside the last ones: each is the first time that
/// just this was agreed to, or denied.
pub const CONSENT_FIRSTS_MAX: usize = 100;
/// Most words of one person that later words have overtaken, beside the first ones.
pub const CONSENT_OTHERS_MAX: usize = 100;
/// So many words of one event are looked at one by one; of more, all that are kept are looked at once.
const FEW: usize = 16;

/// The words of one person, in the order in which they were said, each once. A set, and what is
/// dropped when it is full depends on the set alone: words may come in any order, any number of
/// times, and by way of any merges, and the same are left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConsentLog {
    words: Vec<ConsentWord>,
    /// Of each word, whether it is the last on its name, or on all that is not named. Kept beside them: a payload may
    /// have a thousand events that say one word each, and there may be a thousand words already.
    decides: Vec<bool>,
}

/// What became of the words of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentsSaid {
    /// How many there was no room for: they would name one consent too many.
    pub refused: usize,
    /// Whether one of them is kept that was not known.
    pub is_new: bool,
    /// Of which consents another word may be the last now; none where it may be so of any.
    about: Option<Vec<String>>,
}

/// What a word says apart from when.
struct Content<'a>(&'a ConsentWord);

impl Hash for Content<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self(word) = self;
        (&word.consent, word.granted, &word.version, &word.purposes).hash(state);
    }
}

impl PartialEq for Content<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.0.repeats(other.0)
    }
}

impl Eq for Content<'_> {}

impl ConsentLog {
    /// The words as they were kept.
    #[must_use]
    pub fn of(words: impl IntoIterator<Item = ConsentWord>) -> Self {
        let mut log = Self::default();
        words.into_iter().for_each(|word| log.put(word));
        log.reckon();
        log.trim();
        log
    }

    /// What older builds have kept amounts to: those granted were granted with the last change, and
    /// all others were denied with it.
    #[must_use]
    pub fn of_older(granted: &Map, last: &FieldChange) -> Self {
        let word = |consent: Option<&String>, revoke: Value| ConsentWord {
            at: last.at,
            received: None,
            position: 0,
            event: last.event.clone(),
            source: None,
            granted: consent.is_some(),
            consent: consent.cloned(),
            revoke,
            version: None,
            purposes: Vec::new(),
        };
        let revoke = |terms: &Value| terms.get("revoke").cloned().unwrap_or_default();
        let named = granted.iter().map(|(name, terms)| word(Some(name), revoke(terms)));
        Self::of(std::iter::once(word(None, Value::Null)).chain(named))
    }

    /// All words that are kept, the oldest first.
    #[must_use]
    pub fn words(&self) -> &[ConsentWord] {
        &self.words
    }

    /// Nothing was ever said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Takes the words of one event, wherever in time they belong. Those that are known change
    /// nothing.
    pub fn say(&mut self, words: Vec<ConsentWord>) -> ConsentsSaid {
        let mut about = (words.len() <= FEW).then(Vec::new);
        let (whole, named): (Vec<_>, Vec<_>) =
            words.into_iter().partition(|word| word.consent.is_none());
        let mut new = Vec::new();
        for word in whole {
            self.take(word, about.as_mut(), &mut new);
        }
        if about.is_none() {
            self.reckon();
        }
        let (named, refused) = self.with_room(named);
        for word in named {
            self.take(word, about.as_mut(), &mut new);
        }
        if about.is_none() {
            self.reckon();
        }
        let all = self.words.len();
        self.trim();
        let is_whole = self.words.len() == all;
        let is_new = new.iter().any(|word| is_whole || self.place(word).is_ok());
        ConsentsSaid { refused, is_new, about }
    }

    /// Those that name no consent too many, and how many do.
    fn with_room(&self, named: Vec<ConsentWord>) -> (Vec<ConsentWord>, usize) {
        let all = named.len();
        if self.words.len() + all <= NAMES_MAX {
            return (named, 0);
        }
        let names = || self.deciding().filter_map(|word| word.consent.as_deref());
        let known: Option<HashSet<&str>> = (all > FEW).then(|| names().collect());
        let is_known = |name: &str| match &known {
            Some(known) => known.contains(name),
            None => self.deciding_on(name).is_some(),
        };
        let mut room = NAMES_MAX.saturating_sub(names().count());
        let mut has_room = |word: &ConsentWord| {
            let is_known = word.consent.as_deref().is_some_and(is_known);
            let has_room = is_known || room > 0;
            room = room.saturating_sub(usize::from(!is_known));
            has_room
        };
        let kept: Vec<_> = named.into_iter().filter(|word| has_room(word)).collect();
        let refused = all - kept.len();
        (kept, refused)
    }

    /// Takes the words of somebody who turned out to be the same person.
    pub fn unite(&mut self, other: &Self) {
        other.words.iter().for_each(|word| self.put(word.clone()));
        self.reckon();
        self.trim();
    }

    /// Takes the words as they were `kept` when they were said: folded again, events say what the rules of now read in
    /// them, and until when a consent holds was settled by those of then. So do those that are kept beside, where
    /// their event is of these words, or `is_theirs` says so.
    pub fn take_as_kept(&mut self, kept: &Self, is_theirs: impl Fn(&EventId) -> bool) {
        let is_own = |word: &&ConsentWord| {
            self.words.iter().any(|own| own.is_of_event(word)) || is_theirs(&word.event)
        };
        let words: Vec<ConsentWord> = kept.words.iter().filter(is_own).cloned().collect();
        // Where none was ever dropped, nothing else was said. Older builds have kept the last words alone.
        let is_all = kept.words.len() < CONSENT_OTHERS_MAX.min(CONSENT_FIRSTS_MAX)
            && kept.words.iter().all(|word| word.source.is_some());
        let is_kept = |own: &ConsentWord| {
            words.iter().any(|word| word.is_of_event(own) && word.consent == own.consent)
        };
        self.words.retain(|own| !is_all && !is_kept(own));
        words.into_iter().for_each(|word| self.put(word));
        self.reckon();
        self.trim();
    }

    /// The last word on each consent that was ever named, by name: where a later event has left it
    /// out of the whole, that is the last word.
    #[must_use]
    pub fn last(&self) -> HashMap<&str, &ConsentWord> {
        let mut last = HashMap::new();
        for word in &self.words {
            match &word.consent {
                Some(name) => drop(last.insert(name.as_str(), word)),
                None => last.values_mut().for_each(|named| *named = word),
            }
        }
        last
    }

    /// The words that decide: the last on all others, and the last on each name since; the oldest first.
    pub fn deciding(&self) -> impl DoubleEndedIterator<Item = &ConsentWord> {
        let all = self.words.iter().zip(&self.decides);
        all.filter(|(_, decides)| **decides).map(|(word, _)| word)
    }

    /// The one on this name, where it was named since the last on all others.
    #[must_use]
    pub fn deciding_on(&self, name: &str) -> Option<&ConsentWord> {
        self.deciding().rev().find(|word| word.consent.as_deref() == Some(name))
    }

    /// What is granted, as documents have it: `{revoke}` by name.
    #[must_use]
    pub fn granted(&self) -> Map {
        let granted = self.deciding().filter(|word| word.granted);
        granted.filter_map(|word| Some((word.consent.clone()?, shown(word)))).collect()
    }

    /// Brings what was granted before these words were said up to what is granted now. Whether it is another.
    pub fn follow(&self, said: &ConsentsSaid, granted: &mut Map) -> bool {
        let mut has_changed = false;
        for name in said.about.iter().flatten() {
            let now = self.deciding_on(name).filter(|word| word.granted).map(shown);
            has_changed |= granted.get(name) != now.as_ref();
            match now {
                Some(now) => drop(granted.insert(name.clone(), now)),
                None => drop(granted.remove(name)),
            }
        }
        let many = self.deciding().filter(|word| word.granted).count();
        if said.about.is_some() && granted.len() == many {
            return has_changed;
        }
        let now = self.granted();
        let is_another = *granted != now;
        *granted = now;
        has_changed || is_another
    }

    /// What it takes in memory, about, in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.words.iter().map(ConsentWord::bytes).sum()
    }

    /// Where a word stands, or would.
    fn place(&self, word: &ConsentWord) -> Result<usize, usize> {
        self.words.binary_search_by(|known| known.order(word))
    }

    /// Takes in a word that is not known. Which of them decide is to be reckoned.
    fn put(&mut self, word: ConsentWord) {
        if let Err(place) = self.place(&word) {
            self.words.insert(place, word);
        }
    }

    /// The same of a word of an event, which is `new` then. Where it is said what it is `about`, it is known afterwards
    /// which of them decide.
    fn take(
        &mut self,
        word: ConsentWord,
        about: Option<&mut Vec<String>>,
        new: &mut Vec<ConsentWord>,
    ) {
        let Err(place) = self.place(&word) else { return };
        if let Some(about) = about {
            let decides = self.overtakes(place, &word, about);
            self.decides.insert(place, decides);
        }
        new.push(word.clone());
        self.words.insert(place, word);
    }

    /// Whether a word decides at this place; those that did before it do no more.
    fn overtakes(&mut self, place: usize, word: &ConsentWord, about: &mut Vec<String>) -> bool {
        let (before, after) = self.words.split_at(place);
        let is_overtaken =
            |later: &ConsentWord| later.consent.is_none() || later.consent == word.consent;
        let is_last = match word.consent {
            Some(_) => !after.iter().any(is_overtaken),
            None => !after.iter().any(|later| later.consent.is_none()),
        };
        if !is_last {
            return false;
        }
        about.extend(word.consent.clone());
        for (known, decides) in before.iter().zip(&mut self.decides).rev() {
            let is_end = is_overtaken(known) && (word.consent.is_some() || known.consent.is_none());
            if word.consent.is_none() {
                about.extend(known.consent.clone().filter(|_| *decides));
                *decides = false;
            } else if known.consent == word.consent {
                *decides = false;
            }
            if is_end {
                break;
            }
        }
        true
    }

    /// Which words decide, of all of them.
    fn reckon(&mut self) {
        let (mut named, mut is_before_all) = (HashSet::new(), false);
        let from_the_newest = self.words.iter().rev().map(|word| match &word.consent {
            _ if is_before_all => false,
            Some(name) => named.insert(name.as_str()),
            None => {
                is_before_all = true;
                true
            }
        });
        let mut decides: Vec<bool> = from_the_newest.collect();
        decides.reverse();
        self.decides = decides;
    }

    /// Drops what is too much. What is kept of two sets and then of both is what would be kept of
    /// both at once: a word that counts in the whole counts no less in each part.
    fn trim(&mut self) {
        let deciding = self.deciding().count();
        let others = self.words.len() - deciding;
        if others <= CONSENT_OTHERS_MAX && deciding <= NAMES_MAX + 1 {
            return;
        }
        let (mut last, mut others) = (NAMES_MAX + 1, CONSENT_OTHERS_MAX);
        let from_the_newest = self.decides.iter().rev().map(|decides| {
            let room = if *decides { &mut last } else { &mut others };
            let has_room = *room > 0;
            *room = room.saturating_sub(1);
            has_room
        });
        let mut kept: Vec<bool> = from_the_newest.collect();
        kept.reverse();
        for (kept, is_first) in kept.iter_mut().zip(self.firsts()) {
            *kept |= is_first;
        }
        let mut keeps = kept.iter().copied();
        self.words.retain(|_| keeps.next().unwrap_or_default());
        let mut keeps = kept.iter().copied();
        self.decides.retain(|_| keeps.next().unwrap_or_default());
        if deciding > NAMES_MAX + 1 {
            self.reckon();
        }
    }

    /// Of each word, the oldest first, whether it is the first of its content, as far as there may be so many.
    fn firsts(&self) -> impl Iterator<Item = bool> {
        let (mut said, mut room) = (HashSet::new(), CONSENT_FIRSTS_MAX);
        self.words.iter().map(move |word| {
            let is_first = room > 0 && said.insert(Content(word));
            room -= usize::from(is_first);
            is_first
        })
    }
}

/// A grant as documents have it.
fn shown(word: &ConsentWord) -> Value {
    json!({"revoke": word.revoke})
}

#[cfg(test)]
mod tests;
