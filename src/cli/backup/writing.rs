//! Writing a backup.
//!
//! The files of history come first: they are most of it, and never change. Then the database, whose
//! copy decides which moment it is. Then the few files that came in between. So the server's grace
//! for files that it replaces need not last for all of it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use indicatif::ProgressBar;

use super::copying::{self, Copied};
use super::earlier::Earlier;
use super::manifest::{DATABASE, EVENTS, Entry, Manifest, SETTINGS};
use crate::cli::import;
use crate::clock::Clock;
use crate::model::Time;
use crate::storage::{Counted, DataFile, ReadOnly, StorageError};

/// How often the database is copied anew because a file of its moment has left the disk meanwhile.
const MOMENTS_MAX: usize = 5;

/// A backup on its way.
pub(super) struct Writing<'a> {
    data: &'a Path,
    original: ReadOnly,
    to: &'a Path,
    earlier: Option<Earlier>,
    /// Files of history that are in it.
    kept: BTreeMap<String, Entry>,
    bar: ProgressBar,
}

impl<'a> Writing<'a> {
    pub(super) fn new(
        data: &'a Path,
        to: &'a Path,
        earlier: Option<Earlier>,
    ) -> Result<Self, String> {
        let original = ReadOnly::open(&data.join(DATABASE)).map_err(fault)?;
        Ok(Self { data, original, to, earlier, kept: BTreeMap::new(), bar: import::bar(0) })
    }

    /// All of it.
    pub(super) fn write(self) -> Result<Manifest, String> {
        self.write_while(&mut || ())
    }

    /// The same; `meanwhile` happens between the steps, where a server may change anything.
    fn write_while(mut self, meanwhile: &mut dyn FnMut()) -> Result<Manifest, String> {
        // What has vanished by now is not of the moment that is to come.
        let mut missing = self.take(&self.original.files().map_err(fault)?)?;
        let clock = Clock::system();
        for _ in 0..MOMENTS_MAX {
            meanwhile();
            let now = clock.now();
            let database = self.copy_database(now)?;
            meanwhile();
            let files = database.files().map_err(fault)?;
            let before = std::mem::replace(&mut missing, self.take(&files)?);
            let Some(path) = &missing else {
                self.forget_all_but(&files)?;
                return self.conclude(&database, now);
            };
            // A file leaves the catalogue before it leaves the disk; this one is still in it.
            if before.as_ref() == Some(path) {
                return Err(damaged(&format!("{path} is missing")));
            }
        }
        Err(format!(
            "files of history left the disk while they were copied, {MOMENTS_MAX} times in a row; \
             raise events.grace_seconds"
        ))
    }

    fn copy_database(&self, now: Time) -> Result<ReadOnly, String> {
        let place = self.to.join(DATABASE);
        // One of another moment, of which a file had vanished.
        drop(std::fs::remove_file(&place));
        let mut before = 0;
        let mut tell = |done: u64, all: u64| {
            if before == 0 {
                self.bar.inc_length(all);
            }
            self.bar.inc(done.saturating_sub(before));
            before = done;
        };
        self.original.copy(&place, now, &mut tell).map_err(fault)?;
        ReadOnly::open(&place).map_err(fault)
    }

    /// Takes those of `files` that are not in the backup yet. One that is not there, if there is one.
    fn take(&mut self, files: &[DataFile]) -> Result<Option<String>, String> {
        let mut missing = None;
        for file in files {
            let path = path(file);
            if self.kept.contains_key(&path) {
                continue;
            }
            match self.take_one(&path, file.bytes)? {
                Some(entry) => drop(self.kept.insert(path, entry)),
                None => missing = Some(path),
            }
        }
        Ok(missing)
    }

    fn take_one(&self, path: &str, bytes: u64) -> Result<Option<Entry>, String> {
        if let Some(entry) = self.earlier.as_ref().and_then(|all| all.link(path, bytes, self.to)) {
            return Ok(Some(entry));
        }
        self.bar.inc_length(bytes);
        let (from, to) = (self.data.join(path), self.to.join(path));
        match copying::copy(path, &from, &to, &self.bar)? {
            Copied::Vanished => Ok(None),
            Copied::Done(entry) if entry.bytes == bytes => Ok(Some(entry)),
            Copied::Done(entry) => {
                Err(damaged(&format!("{path} has {} bytes, not {bytes}", entry.bytes)))
            }
        }
    }

    /// Files that were replaced between the first look and the moment leave it again.
    fn forget_all_but(&mut self, files: &[DataFile]) -> Result<(), String> {
        let known: BTreeSet<String> = files.iter().map(path).collect();
        let gone: Vec<String> =
            self.kept.keys().filter(|path| !known.contains(*path)).cloned().collect();
        for path in gone {
            let place = self.to.join(&path);
            let removed = std::fs::remove_file(&place);
            removed.map_err(|error| format!("{}: {error}", place.display()))?;
            self.kept.remove(&path);
        }
        Ok(())
    }

    /// Looks into what was copied, and writes the manifest.
    fn conclude(self, database: &ReadOnly, now: Time) -> Result<Manifest, String> {
        if let Some(problem) = database.check().map_err(fault)?.first() {
            return Err(damaged(problem));
        }
        let count = |what| database.count(what).map_err(fault);
        let mut manifest = Manifest::new(now);
        manifest.profiles = count(Counted::Profiles)?;
        manifest.sessions = count(Counted::Sessions)?;
        manifest.events = count(Counted::Events)?;
        manifest.files.push(copying::measure(DATABASE, self.to)?);
        let (from, to) = (self.data.join(SETTINGS), self.to.join(SETTINGS));
        if let Copied::Done(entry) = copying::copy(SETTINGS, &from, &to, &self.bar)? {
            manifest.files.push(entry);
        }
        manifest.files.extend(self.kept.into_values());
        manifest.write(self.to)?;
        self.bar.finish_and_clear();
        Ok(manifest)
    }
}

/// A file of history, as a backup names it.
fn path(file: &DataFile) -> String {
    format!("{EVENTS}/{}", file.path)
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn fault(error: StorageError) -> String {
    error.to_string()
}

fn damaged(problem: &str) -> String {
    format!(
        "the data is not whole, so this would be no backup: {problem}; `kith check` tells all, and a \
         copy of a stopped server's folder keeps it as it is"
    )
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::config::Config;
    use crate::storage::{ColumnRange, LakeChange, NewFile, Sqlite, Storage};

    /// A data folder with files of history that nobody looks into.
    struct Data {
        folder: TempDir,
        storage: Box<dyn Storage>,
        to: TempDir,
    }

    impl Data {
        fn with(names: &[&str]) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let config = Config::for_testing(folder.path().to_owned()).storage;
            let storage = Sqlite::open(folder.path(), &config, Time::default(), [7; 32]).unwrap();
            let storage: Box<dyn Storage> = Box::new(storage);
            let data = Self { folder, storage, to: tempfile::tempdir().unwrap() };
            names.iter().for_each(|name| data.change(&[], Some(name)));
            data
        }

        /// A job of the lake's, after which the files that it replaced have left the disk.
        fn change(&self, ended: &[&str], added: Option<&str>) {
            let path = |name: &str| format!("day/{name}");
            let ended: Vec<String> = ended.iter().map(|name| path(name)).collect();
            let files = self.storage.files().unwrap();
            let ended = files.into_iter().filter(|file| ended.contains(&file.path)).collect();
            let added = added.map(|name| self.add(&path(name))).into_iter().collect();
            let change = LakeChange { added, ended, at_once: true, ..LakeChange::default() };
            self.storage.commit_lake(&change).unwrap();
            for file in change.ended {
                std::fs::remove_file(self.folder.path().join(EVENTS).join(file.path)).unwrap();
            }
        }

        fn add(&self, path: &str) -> NewFile {
            let place = self.folder.path().join(EVENTS).join(path);
            copying::make_room(&place).unwrap();
            std::fs::write(place, path).unwrap();
            let time = Some("2026-01-05 10:00:00+00".to_owned());
            let (min, max) = (time.clone(), time);
            let column = ColumnRange { column: "time", bytes: 1, values: 1, nulls: 0, min, max };
            let (rows, bytes, columns) = (1, path.len() as u64, vec![column]);
            NewFile { path: path.to_owned(), rows, bytes, columns, ..NewFile::default() }
        }

        /// The files in a backup during which `meanwhile` happens, with the number of the step.
        fn backed_up(&self, mut meanwhile: impl FnMut(usize)) -> Result<Vec<String>, String> {
            let mut step = 0;
            let mut count = || {
                step += 1;
                meanwhile(step);
            };
            let writing = Writing::new(self.folder.path(), self.to.path(), None)?;
            let manifest = writing.write_while(&mut count)?;
            let there = std::fs::read_dir(self.to.path().join("events/day")).unwrap();
            let mut there: Vec<String> =
                there.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
            there.sort();
            let names =
                manifest.files.iter().filter_map(|file| file.path.strip_prefix("events/day/"));
            assert_eq!(names.collect::<Vec<_>>(), there, "the manifest names what is there");
            Ok(there)
        }
    }

    #[test]
    fn what_changes_before_the_moment_is_in_it() {
        let data = Data::with(&["a", "b"]);
        let files = data.backed_up(|step| match step {
            1 => data.change(&["b"], Some("c")),
            _ => data.change(&[], Some("d")),
        });
        assert_eq!(files.unwrap(), ["a", "c"]);
    }

    #[test]
    fn a_file_that_leaves_the_disk_in_between_costs_another_moment() {
        let data = Data::with(&["a", "b"]);
        let files = data.backed_up(|step| match step {
            1 => data.change(&["b"], Some("c")),
            2 => data.change(&["c"], Some("d")),
            _ => {}
        });
        assert_eq!(files.unwrap(), ["a", "d"]);
    }

    #[test]
    fn a_lake_that_never_rests_is_given_up() {
        let data = Data::with(&["0"]);
        let change = |step: usize| {
            data.change(&[&(step - 1).to_string()], Some(&step.to_string()));
        };
        let said = data.backed_up(change).unwrap_err();
        assert!(said.contains("5 times in a row; raise events.grace_seconds"), "{said}");
    }
}
