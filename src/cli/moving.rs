//! `kith move`: out of the data folder, into a database that nodes share.

use super::first_start::without_secrets;
use super::folder::{Folder, Having};
use super::{in_shell, say};
use crate::config::Config;
use crate::storage::{Counted, MovedIn, Storage, StorageError, move_in};

/// What to do where another process has the folder.
const HELD: &str = "Stop it first.";

/// Copies the database of the data folder into the one that `database_url` names, which must be empty. In the folder
/// nothing is changed, nor are files of history brought along: they are copied as for any other place.
pub(super) fn run(config: &Config) -> Result<(), String> {
    if config.database_url.is_empty() {
        return Err("`database_url` must name the database to move into (KITH_DATABASE_URL)".into());
    }
    let here = Config { database_url: String::new(), ..config.clone() };
    let lock = Folder::hold(&here, HELD)?;
    let from = Folder::open(&here, Having::Beside)?;
    let into = Folder::open(config, Having::Alone)?;
    let place = without_secrets(&config.database_url);
    let folder = config.data_dir.display().to_string();
    match move_in(from.storage.as_ref(), into.storage.as_ref()).map_err(fault)? {
        MovedIn::Done(_) => {}
        MovedIn::Used => {
            return Err(format!("the database {place} has data already; move into an empty one"));
        }
        MovedIn::Unsettled => {
            let hint = "start it on the folder once more without database_url, and stop it";
            return Err(format!("the server of {folder} did not end in order; {hint}"));
        }
    }
    drop(lock);
    must_be_whole(into.storage.as_ref())?;
    let counted = |what| into.storage.count(what).map_err(fault);
    let (profiles, sessions) = (counted(Counted::Profiles)?, counted(Counted::Sessions)?);
    let events = counted(Counted::Events)?;
    say(&format!("{profiles} profiles, {sessions} sessions and {events} events are in {place}"));
    tell_what_is_next(config, &folder);
    Ok(())
}

fn must_be_whole(storage: &dyn Storage) -> Result<(), String> {
    let problems = storage.check().map_err(fault)?;
    let problem = problems.first().map(|problem| format!("the copy is not whole: {problem}"));
    problem.map_or(Ok(()), Err)
}

fn tell_what_is_next(config: &Config, folder: &str) {
    let events = in_shell(&config.data_dir.join("events").display().to_string());
    let folder = in_shell(folder);
    say(&format!(
        "{folder} is as it was. What still came in there would be missing: serve it no more."
    ));
    say(&format!("Next: copy what is below {events} to where events_url leads; then start nodes"));
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn fault(error: StorageError) -> String {
    error.to_string()
}
