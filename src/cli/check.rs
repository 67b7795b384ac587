//! `kith check`: is the data whole?

use std::process::ExitCode;

use super::folder::Folder;
use super::say;
use crate::apart::this_program;
use crate::config::Config;
use crate::lake::{self, S3Access};
use crate::storage::Counted;

/// Works with the server running or not, also where nothing can be written; changes nothing.
pub(super) fn run(config: &Config) -> Result<ExitCode, String> {
    let folder = Folder::to_look(config)?;
    let fault = |error: crate::storage::StorageError| error.to_string();
    let mut problems = problems(config, &folder)?;
    let apart = (this_program(), folder.clock.clone());
    let unreadable = lake::unreadable(config, folder.storage.as_ref(), apart);
    problems.extend(unreadable.map_err(|error| error.to_string())?);
    for (what, name) in [
        (Counted::Profiles, "profiles"),
        (Counted::Sessions, "sessions"),
        (Counted::Events, "events"),
    ] {
        say(&format!("{} {name}", folder.storage.count(what).map_err(fault)?));
    }
    for problem in &problems {
        say(&format!("PROBLEM: {problem}"));
    }
    if problems.is_empty() {
        say("The data is whole.");
        return Ok(ExitCode::SUCCESS);
    }
    Ok(ExitCode::FAILURE)
}

/// Everything that is wrong, one sentence each: in the database, and with the files of history.
pub(super) fn problems(config: &Config, folder: &Folder) -> Result<Vec<String>, String> {
    let mut problems = folder.storage.check().map_err(|error| error.to_string())?;
    let files = lake::check(config, folder.storage.as_ref(), &S3Access::from_env());
    problems.extend(files.map_err(|error| error.to_string())?);
    Ok(problems)
}
