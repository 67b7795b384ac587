//! What is kept is found and what is forgotten is not, whatever waits.

use proptest::prelude::*;

use super::*;
use crate::config::Config;
use crate::model::Time;
use crate::storage::{Committed, Edit, Storage as _, Wanted};

const DAY: i64 = 86_400_000_000;

fn mark(number: u16) -> Mark {
    Mark(u128::from(number).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835))
}

fn marks(numbers: &[u16]) -> Vec<Mark> {
    numbers.iter().copied().map(mark).collect()
}

/// An engine where few may wait.
fn open(folder: &std::path::Path, most: usize) -> Sqlite {
    let config = Config::for_testing(folder.to_owned()).storage;
    let engine = Sqlite::open(folder, &config, Time::default(), [7; 32]).unwrap();
    lock(&engine.marks).most = most;
    engine
}

fn commit(engine: &Sqlite, day: i64, kept: &[u16], forgotten: &[u16]) {
    let edits = [Edit::ForgetMarks(marks(forgotten))];
    let edits = edits.into_iter().filter(|_| !forgotten.is_empty()).collect();
    let time = Time::from_micros(day * DAY);
    let changes = Changes { time, marks: marks(kept), edits, ..Changes::default() };
    assert_eq!(engine.commit(&changes).unwrap(), Committed::Done);
}

fn known(engine: &Sqlite, numbers: impl Iterator<Item = u16>) -> HashSet<Mark> {
    let marks = numbers.map(mark).collect();
    let loaded = engine.load(&Wanted { marks, ..Wanted::default() }).unwrap();
    loaded.seen.into_iter().collect()
}

fn count(engine: &Sqlite, table: &str) -> i64 {
    let ask = format!("SELECT count(*) FROM {table}");
    engine.look(|database| database.number(&ask, &[])).unwrap()
}

/// What happens to an engine.
#[derive(Clone, Debug)]
enum Happens {
    Round(Vec<u16>),
    Forgotten(Vec<u16>, Vec<u16>),
    Restart,
    Filtered,
}

fn happens() -> impl Strategy<Value = Happens> {
    let some = || prop::collection::vec(0..400_u16, 0..30);
    prop_oneof![
        12 => some().prop_map(Happens::Round),
        2 => (some(), some()).prop_map(|(kept, gone)| Happens::Forgotten(kept, gone)),
        1 => Just(Happens::Restart),
        1 => Just(Happens::Filtered),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn whatever_happens_what_is_kept_is_found_and_what_is_forgotten_is_not(
        all in prop::collection::vec(happens(), 1..60)
    ) {
        let folder = tempfile::tempdir().unwrap();
        let engine = open(folder.path(), 50);
        let mut naive = HashSet::new();
        for one in all {
            match one {
                Happens::Round(mut kept) => {
                    // As the committer does: what is kept already comes in no round.
                    kept.retain(|number| naive.insert(*number));
                    commit(&engine, 1, &kept, &[]);
                }
                Happens::Forgotten(mut kept, gone) => {
                    naive.retain(|number| !gone.contains(number));
                    kept.retain(|number| naive.insert(*number));
                    commit(&engine, 1, &kept, &gone);
                }
                Happens::Restart => engine.forget_waiting(),
                Happens::Filtered => engine.remember_marks().unwrap(),
            }
            let right = naive.iter().copied().map(mark).collect();
            prop_assert_eq!(known(&engine, 0..400), right);
        }
    }
}

#[test]
fn no_more_wait_than_may_and_batches_end() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path(), 50);
    for round in 0..100 {
        let kept: Vec<u16> = (round * 10..round * 10 + 10).collect();
        commit(&engine, 1, &kept, &[]);
    }
    assert_eq!(count(&engine, "seen"), 950);
    assert_eq!(known(&engine, 0..1_000).len(), 1_000);
    let batches = count(&engine, "mark_batch");
    assert!(batches <= 15, "a turn is ten rounds: {batches}");
    engine.forget_waiting();
    assert_eq!(known(&engine, 0..1_001).len(), 1_000);
    commit(&engine, 1, &[1_000], &[]);
    assert_eq!(count(&engine, "seen"), 951, "what is entered waits no longer");
}

#[test]
fn what_waits_is_forgotten_when_its_days_are_over() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path(), 50);
    // The clock was wrong for a moment.
    commit(&engine, 90, &[399], &[]);
    (0..250)
        .for_each(|round| commit(&engine, 1 + round / 125, &[u16::try_from(round).unwrap()], &[]));
    while engine.tidy_up(Time::from_micros(32 * DAY)).unwrap() {}
    assert_eq!(
        known(&engine, 0..250),
        marks(&(125..250).collect::<Vec<_>>()).into_iter().collect()
    );
    engine.forget_waiting();
    assert_eq!(known(&engine, 0..250).len(), 125);
    while engine.tidy_up(Time::from_micros(33 * DAY)).unwrap() {}
    assert_eq!(known(&engine, 0..250).len(), 0);
    assert_eq!(known(&engine, 0..400), HashSet::from([mark(399)]));
    commit(&engine, 33, &[7], &[]);
    assert_eq!(known(&engine, 0..250), HashSet::from([mark(7)]));
}
