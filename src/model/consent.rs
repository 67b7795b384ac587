//! Consents: every word that somebody has said about them, and what follows from the words.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};

use super::{EventId, FieldChange, Map, NAMES_MAX, SourceId, Time};

/// Most first words of one person that are kept beside the last ones: each is the first time that
/// just this was agreed to, or denied.
pub const CONSENT_FIRSTS_MAX: usize = 100;
/// Most words of one person that later words have overtaken, beside the first ones.
pub const CONSENT_OTHERS_MAX: usize = 100;

/// One word: somebody grants a consent, or denies it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentWord {
    /// When it was said, by the event's own time.
    pub at: Time,
    /// Which event of its payload said it: of words of one moment the later one counts.
    pub position: i64,
    /// Which event.
    pub event: EventId,
    /// Through which source. Unknown of what older builds have kept.
    pub source: Option<SourceId>,
    /// About which consent. None: about all that the event does not name, which is a denial.
    pub consent: Option<String>,
    /// Granted, or denied.
    pub granted: bool,
    /// Until when, as it was sent.
    pub revoke: Value,
    /// The version of the text that was agreed to.
    pub version: Option<String>,
    /// What the consent is for.
    pub purposes: Vec<String>,
}

/// The words of one person, in the order in which they were said, each once. A set, and what is
/// dropped when it is full depends on the set alone: words may come in any order, any number of
/// times, and by way of any merges, and the same are left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConsentLog(Vec<ConsentWord>);

impl ConsentWord {
    /// The order in which words count. Of one moment, what is said of a consent by name counts more
    /// than what is said of all the others, and a denial more than a grant.
    fn order(&self, other: &Self) -> Ordering {
        let place = |word: &Self| (word.at, word.position, word.consent.is_some(), !word.granted);
        place(self)
            .cmp(&place(other))
            .then_with(|| (&self.event, &self.consent).cmp(&(&other.event, &other.consent)))
            .then_with(|| self.terms().cmp(&other.terms()))
    }

    /// What was said apart from when: a repetition has the same.
    fn content(&self) -> (Option<&str>, bool, String) {
        (self.consent.as_deref(), self.granted, self.terms())
    }

    fn terms(&self) -> String {
        json!([self.revoke, self.version, self.purposes]).to_string()
    }

    /// Whether one event has said both. Older builds have not kept through which source.
    fn is_of_event(&self, other: &Self) -> bool {
        let sources = self.source.as_ref().zip(other.source.as_ref());
        self.event == other.event
            && self.at == other.at
            && sources.is_none_or(|(one, other)| one == other)
    }

    fn bytes(&self) -> usize {
        const COLUMNS_BYTES: usize = 256;
        let name = self.consent.as_ref().map_or(0, String::len);
        let version = self.version.as_ref().map_or(0, String::len);
        COLUMNS_BYTES + name + version + self.purposes.iter().map(String::len).sum::<usize>()
    }
}

impl ConsentLog {
    /// The words as they were kept.
    #[must_use]
    pub fn of(words: impl IntoIterator<Item = ConsentWord>) -> Self {
        let mut log = Self::default();
        words.into_iter().for_each(|word| log.insert(word));
        log.trim();
        log
    }

    /// What older builds have kept amounts to: those granted were granted with the last change, and
    /// all others were denied with it.
    #[must_use]
    pub fn of_older(granted: &Map, last: &FieldChange) -> Self {
        let word = |consent: Option<&String>, revoke: Value| ConsentWord {
            at: last.at,
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
        &self.0
    }

    /// Nothing was ever said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes the words of one event, wherever in time they belong. Those that are known change
    /// nothing. Says how many there was no room for: those that would name one consent too many.
    pub fn say(&mut self, words: Vec<ConsentWord>) -> usize {
        let (whole, named): (Vec<_>, Vec<_>) =
            words.into_iter().partition(|word| word.consent.is_none());
        whole.into_iter().for_each(|word| self.insert(word));
        let may_be_full = self.0.len() + named.len() > NAMES_MAX;
        let mut known = if may_be_full { self.names() } else { HashSet::new() };
        let mut refused = 0;
        for word in named {
            let is_new = may_be_full && !known.contains(&word.consent);
            if is_new && known.len() >= NAMES_MAX {
                refused += 1;
                continue;
            }
            if is_new {
                known.insert(word.consent.clone());
            }
            self.insert(word);
        }
        self.trim();
        refused
    }

    /// Takes the words of somebody who turned out to be the same person.
    pub fn unite(&mut self, other: &Self) {
        other.0.iter().for_each(|word| self.insert(word.clone()));
        self.trim();
    }

    /// Takes the words as they were `kept` when they were said: folded again, events say what the rules of now read in
    /// them, and until when a consent holds was settled by those of then. So do those that are kept beside, where
    /// their event is of these words, or `is_theirs` says so.
    pub fn take_as_kept(&mut self, kept: &Self, is_theirs: impl Fn(&EventId) -> bool) {
        let is_own = |word: &&ConsentWord| {
            self.0.iter().any(|own| own.is_of_event(word)) || is_theirs(&word.event)
        };
        let words: Vec<ConsentWord> = kept.0.iter().filter(is_own).cloned().collect();
        // Where none was ever dropped, nothing else was said. Older builds have kept the last words alone.
        let is_all = kept.0.len() < CONSENT_OTHERS_MAX.min(CONSENT_FIRSTS_MAX)
            && kept.0.iter().all(|word| word.source.is_some());
        let is_kept = |own: &ConsentWord| {
            words.iter().any(|word| word.is_of_event(own) && word.consent == own.consent)
        };
        self.0.retain(|own| !is_all && !is_kept(own));
        words.into_iter().for_each(|word| self.insert(word));
        self.trim();
    }

    /// The last word on each consent that was ever named, by name: where a later event has left it
    /// out of the whole, that is the last word.
    #[must_use]
    pub fn last(&self) -> HashMap<&str, &ConsentWord> {
        let mut last = HashMap::new();
        for word in &self.0 {
            match &word.consent {
                Some(name) => drop(last.insert(name.as_str(), word)),
                None => last.values_mut().for_each(|named| *named = word),
            }
        }
        last
    }

    /// What is granted, as documents have it: `{revoke}` by name.
    #[must_use]
    pub fn granted(&self) -> Map {
        let granted = self.last().into_iter().filter(|(_, word)| word.granted);
        granted.map(|(name, word)| (name.to_owned(), json!({"revoke": word.revoke}))).collect()
    }

    /// What it takes in memory, about, in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.0.iter().map(ConsentWord::bytes).sum()
    }

    fn insert(&mut self, word: ConsentWord) {
        if let Err(place) = self.0.binary_search_by(|known| known.order(&word)) {
            self.0.insert(place, word);
        }
    }

    /// Drops what is too much. What is kept of two sets and then of both is what would be kept of
    /// both at once: a word that counts in the whole counts no less in each part.
    fn trim(&mut self) {
        if self.0.len() <= CONSENT_OTHERS_MAX.min(CONSENT_FIRSTS_MAX) {
            return;
        }
        let decide: HashSet<usize> = self.last_places().into_values().collect();
        let from_the_newest = || (0..self.0.len()).rev();
        let last = from_the_newest().filter(|at| decide.contains(at)).take(NAMES_MAX + 1);
        let others = from_the_newest().filter(|at| !decide.contains(at)).take(CONSENT_OTHERS_MAX);
        let firsts = self.first_places().take(CONSENT_FIRSTS_MAX);
        let kept: HashSet<usize> = last.chain(others).chain(firsts).collect();
        let mut at = 0..;
        self.0.retain(|_| at.next().is_some_and(|at| kept.contains(&at)));
    }

    /// Names of which a word of their own is the last.
    fn names(&self) -> HashSet<Option<String>> {
        let named = self.last_places().into_keys().flatten();
        named.map(|name| Some(name.to_owned())).collect()
    }

    /// The places of the words that decide: the last on all others, and the last on each name since.
    fn last_places(&self) -> HashMap<Option<&str>, usize> {
        let mut last = HashMap::new();
        for (at, word) in self.0.iter().enumerate() {
            if word.consent.is_none() {
                last.clear();
            }
            last.insert(word.consent.as_deref(), at);
        }
        last
    }

    /// The places of the first words of each content, the oldest first.
    fn first_places(&self) -> impl Iterator<Item = usize> {
        let mut said = HashSet::new();
        let words = self.0.iter().enumerate();
        words.filter(move |(_, word)| said.insert(word.content())).map(|(at, _)| at)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn word(at: i64, consent: Option<&str>, granted: bool) -> ConsentWord {
        ConsentWord {
            at: Time::from_micros(at),
            position: 0,
            event: EventId::new(format!("e{at}")),
            source: None,
            consent: consent.map(str::to_owned),
            granted,
            revoke: Value::Null,
            version: None,
            purposes: Vec::new(),
        }
    }

    fn log(words: &[ConsentWord]) -> ConsentLog {
        ConsentLog::of(words.iter().cloned())
    }

    fn names(log: &ConsentLog) -> Vec<String> {
        log.granted().keys().cloned().collect()
    }

    #[test]
    fn the_last_word_wins_by_its_own_time() {
        let (yes, no) = (word(5, Some("mail"), true), word(7, Some("mail"), false));
        let again = word(9, Some("mail"), true);
        assert!(names(&log(&[no.clone(), yes.clone()])).is_empty(), "the denial came first");
        assert_eq!(names(&log(&[again, no.clone(), yes.clone()])), ["mail"]);
        let of_one_moment = ConsentWord { granted: true, ..no.clone() };
        assert!(names(&log(&[no, of_one_moment])).is_empty(), "a denial counts more");
    }

    #[test]
    fn what_a_whole_leaves_out_is_denied_until_somebody_says_otherwise_later() {
        let (before, after) = (word(1, Some("mail"), true), word(9, Some("ads"), true));
        let (whole, named) = (word(5, None, false), word(5, Some("sms"), true));
        let all = log(&[after, whole, named, before]);
        assert_eq!(names(&all), ["ads", "sms"]);
        assert_eq!(all.last()["mail"].consent, None, "nobody has named it since");
    }

    #[test]
    fn what_is_full_keeps_what_decides_and_the_first_words() {
        let mut log = ConsentLog::default();
        let first = word(1, Some("mail"), true);
        assert_eq!(log.say(vec![first.clone()]), 0);
        for at in 2..1000 {
            assert_eq!(log.say(vec![word(at, Some("mail"), at % 2 == 0)]), 0);
        }
        assert_eq!(log.words().len(), CONSENT_OTHERS_MAX + 3);
        assert_eq!((&log.words()[0], names(&log).len()), (&first, 0));
        let many = (0..=NAMES_MAX).map(|name| word(2000, Some(&name.to_string()), true));
        assert_eq!(log.say(many.collect()), 2, "one is there already");
        assert_eq!(names(&log).len(), NAMES_MAX - 1);
    }

    fn any_word() -> impl Strategy<Value = ConsentWord> {
        let name = prop_oneof![Just(None), "[ab]".prop_map(Some), "[a-z]{2}".prop_map(Some)];
        (0_i64..300, name, any::<bool>(), 0_u8..3).prop_map(|(at, name, granted, event)| {
            let granted = granted && name.is_some();
            let event = EventId::new(format!("e{event}"));
            ConsentWord { event, ..word(at, name.as_deref(), granted) }
        })
    }

    proptest! {
        /// Beyond the bounds, too: words are many enough to fill all of them.
        #[test]
        fn words_may_come_in_any_order_and_by_any_way(
            words in prop::collection::vec((any_word(), 0_usize..3), 0..500),
        ) {
            let all: Vec<_> = words.iter().map(|(word, _)| word.clone()).collect();
            let at_once = log(&all);
            let device = |which| {
                let mut log = ConsentLog::default();
                for (word, _) in words.iter().rev().filter(|(_, device)| *device == which) {
                    log.say(vec![word.clone()]);
                }
                log
            };
            let [one, two, three] = [0, 1, 2].map(device);
            let united = |first: &ConsentLog, others: [&ConsentLog; 3]| {
                let mut log = first.clone();
                others.into_iter().for_each(|other| log.unite(other));
                log
            };
            prop_assert_eq!(&united(&one, [&two, &three, &two]), &at_once);
            prop_assert_eq!(&united(&three, [&one, &two, &at_once]), &at_once);
        }
    }
}
