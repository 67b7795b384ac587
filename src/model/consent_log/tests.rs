//! Words about consents, in any order and by any way.

use proptest::prelude::*;

use super::*;
use crate::model::Time;

fn word(at: i64, consent: Option<&str>, granted: bool) -> ConsentWord {
    ConsentWord {
        at: Time::from_micros(at),
        received: None,
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
fn of_one_moment_the_word_that_was_received_later_counts() {
    let said = |received: i64, position: i64, consent: Option<&str>, granted: bool| {
        let received = Some(Time::from_micros(received));
        ConsentWord { received, position, ..word(5, consent, granted) }
    };
    let (yes, no) = (said(10, 2, Some("mail"), true), said(11, 0, Some("mail"), false));
    assert!(names(&log(&[no.clone(), yes.clone()])).is_empty());
    let again = said(12, 0, Some("mail"), true);
    assert_eq!(names(&log(&[again, no.clone(), yes.clone()])), ["mail"]);
    let whole = said(13, 0, None, false);
    assert!(names(&log(&[yes, no, whole])).is_empty());
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
    assert_eq!(log.say(vec![first.clone()]).refused, 0);
    for at in 2..1000 {
        assert_eq!(log.say(vec![word(at, Some("mail"), at % 2 == 0)]).refused, 0);
    }
    assert_eq!(log.words().len(), CONSENT_OTHERS_MAX + 3);
    assert_eq!((&log.words()[0], names(&log).len()), (&first, 0));
    let many = (0..=NAMES_MAX).map(|name| word(2000, Some(&name.to_string()), true));
    assert_eq!(log.say(many.collect()).refused, 2, "one is there already");
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
    /// What is worked out word by word is what all of the words say.
    #[test]
    fn what_was_said_before_need_not_be_looked_at_again(
        events in prop::collection::vec(prop::collection::vec(any_word(), 0..2 * FEW), 0..60),
    ) {
        let (mut log, mut granted) = (ConsentLog::default(), Map::new());
        for words in events {
            let before = (log.clone(), granted.clone());
            let said = log.say(words);
            let has_changed = log.follow(&said, &mut granted);
            let mut anew = log.clone();
            anew.reckon();
            prop_assert_eq!(&log, &anew);
            prop_assert_eq!(said.is_new, log != before.0);
            prop_assert_eq!(&granted, &log.granted());
            prop_assert_eq!(has_changed, granted != before.1);
        }
    }

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
