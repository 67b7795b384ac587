//! Where the files lie: moved on purpose they are found again, and no setting that was forgotten makes two places of one.

use std::path::Path;
use std::sync::Arc;

use kith::config::Config;
use kith::ids::Ids;
use kith::lake::{History, Lake, LakeError, Lost, Parts, S3Access, check};
use kith::storage::Storage;
use kith::telemetry::Telemetry;
use tempfile::TempDir;

use super::support::{DAY, lake, view};
use crate::committer::recovery::copy_folder;
use crate::support::app::start;
use crate::support::s3::S3Place;
use crate::support::{Setup, TestApp, engine};

type Opening = fn(&Config, Parts) -> Result<Lake, LakeError>;

fn url(place: &TempDir) -> String {
    format!("file://{}", place.path().display())
}

/// An app whose files lie in `place`: two of them, of two days, or none.
fn app(place: &TempDir, has_files: bool) -> TestApp {
    let s3 = Some(S3Place { url: url(place), access: S3Access::default() });
    let app = TestApp::with(Setup { s3, ..Setup::default() });
    app.track(view("a", "s")).ok();
    app.advance(DAY);
    app.track(view("b", "s")).ok();
    if has_files {
        lake(&app).flush().unwrap();
        assert_eq!(app.app().storage.files().unwrap().len(), 2);
    }
    app
}

/// A lake over this storage, with the files at `url`.
fn over(
    storage: &Arc<dyn Storage>,
    folder: &Path,
    url: &str,
    open: Opening,
) -> Result<Lake, String> {
    let mut config = Config::for_testing(folder.to_owned());
    url.clone_into(&mut config.events_url);
    let parts = Parts {
        storage: Arc::clone(storage),
        telemetry: Arc::new(Telemetry::new()),
        ids: Ids::seeded(2),
        s3: S3Access::default(),
        program: env!("CARGO_BIN_EXE_kith").into(),
        who: kith::lake::Who::Server,
        clock: kith::clock::Clock::set_to(start()),
    };
    open(&config, parts).map_err(|error| error.to_string())
}

fn opened(app: &TestApp, url: &str, open: Opening) -> Result<Lake, String> {
    over(&app.app().storage, app.folder(), url, open)
}

#[test]
fn a_place_that_was_forgotten_is_asked_for() {
    let (place, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let app = app(&place, true);
    let named = format!("history lies in {}", place.path().display());
    for url in [String::new(), url(&other)] {
        let said = opened(&app, &url, Lake::open).unwrap_err();
        assert!(said.contains(&named) && said.contains("of its 2 files"), "{said}");
        let said = opened(&app, &url, Lake::open_beside).unwrap_err();
        assert!(said.contains(&named), "{said}");
    }
    assert_eq!(std::fs::read_dir(other.path()).unwrap().count(), 0, "no mark is left there");
    opened(&app, &url(&place), Lake::open).unwrap();
    opened(&app, &url(&place), Lake::open_beside).unwrap();
}

/// A command that only reads, as `kith check`, `kith sql` and `kith export` do.
fn reading(app: &TestApp, folder: &TempDir, url: &str) -> [Result<Vec<String>, String>; 2] {
    let mut config = Config::for_testing(folder.path().to_owned());
    url.clone_into(&mut config.events_url);
    let (storage, s3) = (&app.app().storage, S3Access::default());
    let checked = check(&config, storage.as_ref(), &s3);
    let asked = History::beside(&config, Arc::clone(storage), &s3).map(|_| Vec::new());
    [checked, asked].map(|read| read.map_err(|error| error.to_string()))
}

#[test]
fn whoever_only_reads_asks_for_a_place_that_was_forgotten_and_misses_no_file_there() {
    let [place, other, folder] = [(); 3].map(|()| TempDir::new().unwrap());
    let app = app(&place, true);
    let named = format!("history lies in {}", place.path().display());
    for url in [String::new(), url(&other)] {
        for read in reading(&app, &folder, &url) {
            let said = read.unwrap_err();
            assert!(said.contains(&named) && said.contains("`events_url` leads to"), "{said}");
        }
    }
    assert_eq!(std::fs::read_dir(other.path()).unwrap().count(), 0, "nothing is made there");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nor here");
    assert_eq!(reading(&app, &folder, &url(&place)), [Ok(Vec::new()), Ok(Vec::new())]);
    std::fs::remove_dir_all(place.path()).unwrap();
    let [lost, _] = reading(&app, &folder, &url(&place));
    assert_eq!(lost.unwrap().len(), 2, "what is missing in the right place is lost");
}

#[test]
fn where_no_file_lies_yet_none_is_missing_for_whoever_reads() {
    let [place, folder] = [(); 2].map(|()| TempDir::new().unwrap());
    let app = app(&place, false);
    assert_eq!(reading(&app, &folder, ""), [Ok(Vec::new()), Ok(Vec::new())]);
}

#[test]
fn files_that_were_moved_are_found_when_all_are_there() {
    let (place, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let app = app(&place, true);
    let path =
        |of: &TempDir, at: usize| of.path().join(&app.app().storage.files().unwrap()[at].path);
    copy_folder(place.path(), other.path());
    std::fs::remove_file(path(&other, 0)).unwrap();
    let said = opened(&app, &url(&other), Lake::open).unwrap_err();
    assert!(said.contains("1 are not as they were written"), "{said}");
    assert!(said.contains("are given up by `kith events forget-lost`"), "{said}");
    std::fs::copy(path(&place, 0), path(&other, 0)).unwrap();
    opened(&app, &url(&other), Lake::open_beside).unwrap_err();
    let located = || app.app().storage.located().unwrap().unwrap();
    assert!(located().starts_with(place.path().to_str().unwrap()), "a server says where they lie");
    opened(&app, &url(&other), Lake::open).unwrap();
    opened(&app, &url(&other), Lake::open_beside).unwrap();
    assert!(located().starts_with(other.path().to_str().unwrap()));
    std::fs::remove_dir_all(place.path()).unwrap();
    std::fs::create_dir(place.path()).unwrap();
    assert!(opened(&app, &url(&place), Lake::open).is_err(), "and not at both");
}

#[test]
fn a_place_that_lacks_a_file_is_taken_once_that_is_given_up() {
    let (place, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let app = app(&place, true);
    copy_folder(place.path(), other.path());
    let files = app.app().storage.files().unwrap();
    std::fs::remove_file(other.path().join(&files[0].path)).unwrap();
    let mut config = Config::for_testing(app.folder().to_owned());
    config.events_url = url(&other);
    let lost = || Lost::find(&config, app.app().storage.as_ref(), &S3Access::default()).unwrap();
    assert_eq!((lost().known, lost().said.len(), lost().events()), (2, 1, files[0].rows));
    opened(&app, &url(&other), Lake::open).unwrap_err();
    lost().forget(app.app().storage.as_ref(), start()).unwrap();
    opened(&app, &url(&other), Lake::open).unwrap();
    assert_eq!(app.app().storage.files().unwrap(), files[1..]);
}

/// What is in the data folder was moved with it; and what is missing there was lost.
#[test]
fn a_data_folder_that_was_copied_has_its_files_with_it() {
    let app = TestApp::new();
    app.track(view("a", "s")).ok();
    app.advance(DAY);
    app.track(view("b", "s")).ok();
    lake(&app).flush().unwrap();
    let files = app.app().storage.files().unwrap();
    let copy = TempDir::new().unwrap();
    copy_folder(app.folder(), copy.path());
    let opened = |open| over(&app.app().storage, copy.path(), "", open);
    if engine::is_postgres() {
        // Other nodes have it, too.
        assert!(opened(Lake::open_beside as Opening).is_err());
        return;
    }
    let missing = || reading(&app, &copy, "").map(|read| read.unwrap().len());
    assert_eq!(missing(), [0, 0], "nobody has said yet that they lie here");
    opened(Lake::open_beside as Opening).unwrap();
    std::fs::remove_file(copy.path().join("events").join(&files[0].path)).unwrap();
    opened(Lake::open_beside).unwrap();
    opened(Lake::open).unwrap();
    std::fs::remove_file(copy.path().join("events").join(&files[1].path)).unwrap();
    assert!(over(&app.app().storage, copy.path(), "", Lake::open).is_ok(), "it is said by now");
}

#[test]
fn where_no_file_lies_yet_a_server_says_where_and_no_command_does() {
    let (place, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let app = app(&place, false);
    let said = opened(&app, &url(&other), Lake::open_beside).unwrap_err();
    let named = format!("history lies in {}", place.path().display());
    assert!(said.contains(&named), "{said}");
    opened(&app, &url(&other), Lake::open).unwrap();
}

/// Two nodes that have started at once, each with a place of its own.
#[test]
fn of_two_places_the_first_file_decides() {
    let (place, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let app = app(&place, false);
    let second = opened(&app, &url(&other), Lake::open).unwrap();
    lake(&app).flush().unwrap();
    assert_eq!(app.app().storage.files().unwrap().len(), 2);
    app.track(view("c", "s")).ok();
    let said = second.flush().unwrap_err().to_string();
    assert!(said.contains("would put new files elsewhere"), "{said}");
    assert_eq!(lake(&app).flush().unwrap().files, 1);
}

/// They would be taken for what a crash has left, and removed.
#[test]
fn files_of_a_database_that_is_not_there_are_left_alone() {
    embedded_only!("the folder of a server has no database in it");
    let folder = TempDir::new().unwrap();
    let app = TestApp::with(Setup { folder, ..Setup::default() });
    app.track(view("a", "s")).ok();
    lake(&app).flush().unwrap();
    let folder = app.stop();
    for ending in ["", "-wal", "-shm"] {
        drop(std::fs::remove_file(folder.path().join(format!("kith.db{ending}"))));
    }
    let config = Config::for_testing(folder.path().to_owned());
    for _ in 0..2 {
        let fresh = engine::open(&config, &kith::clock::Clock::set_to(start()), [7; 32]);
        let said = over(&fresh, folder.path(), "", Lake::open).unwrap_err();
        assert!(said.contains("of which this database knows nothing"), "{said}");
    }
}
