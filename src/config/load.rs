//! Loading the settings: layers over each other, unknown keys refused with a suggestion.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::bounds::bounds;
use super::layers::{lay_environment, lay_file, leaves, ours};
use super::{Config, DEFAULT};

/// The only variable that is not a key: where the file is.
pub(super) const CONFIG_VARIABLE: &str = "KITH_CONFIG";

/// What the command line says.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    /// `--config`.
    pub config: Option<PathBuf>,
    /// `--data-dir`.
    pub data_dir: Option<PathBuf>,
    /// `--listen`.
    pub listen: Option<String>,
}

/// What is wrong with the settings: a sentence that names the place.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(pub(super) String);

/// Loads the settings of this process.
///
/// # Errors
/// [`ConfigError`] with a sentence for people.
pub fn load(flags: &Flags) -> Result<Config, ConfigError> {
    from(flags, &ours(std::env::vars_os())?)
}

fn from(flags: &Flags, environment: &BTreeMap<String, String>) -> Result<Config, ConfigError> {
    let defaults: Table = toml::from_str(DEFAULT).map_err(|e| ConfigError(e.to_string()))?;
    let leaves = leaves(&defaults);
    let mut table = defaults;
    let file = place(flags, environment, &table)?;
    if let Some(file) = &file {
        lay_file(&mut table, file, &leaves)?;
    }
    lay_environment(&mut table, environment, &leaves)?;
    let folder = flags.data_dir.as_deref().map(as_text).transpose()?;
    for (key, said) in [("data_dir", folder), ("listen", flags.listen.clone())] {
        table.extend(said.map(|said| (key.to_owned(), Value::String(said))));
    }
    let config: Config = serde_path_to_error::deserialize(table).map_err(|error| {
        ConfigError(format!("`{}`: {}", error.path(), plainly(error.inner().message())))
    })?;
    bounds(&config).map_err(ConfigError)?;
    match file.filter(|_| named(flags, environment).is_none()) {
        Some(file) if !is_in(&file, &config.data_dir) => {
            let (place, how) = (file.display(), "--data-dir, KITH_DATA_DIR or a file elsewhere");
            Err(ConfigError(format!("`data_dir` cannot stand in {place}; {how} can say it")))
        }
        _ => Ok(config),
    }
}

/// A folder's name as the settings have it. One in other letters would be another folder's.
fn as_text(folder: &Path) -> Result<String, ConfigError> {
    let text = folder.to_str().map(str::to_owned);
    text.ok_or_else(|| {
        ConfigError(format!("`--data-dir` is no text in UTF-8: {}", folder.display()))
    })
}

/// What is wrong with a value, for who has set it and has never heard of our types.
fn plainly(wrong: &str) -> String {
    if wrong == "invalid socket address syntax" {
        return "it is no address with a port, as 127.0.0.1:8686 or [::1]:8686; names are none"
            .into();
    }
    let number =
        wrong.strip_prefix("invalid value: integer `").and_then(|rest| rest.split_once('`'));
    match number {
        Some((number, _)) if number.starts_with('-') => format!("{number} is below 0"),
        Some((number, _)) => format!("{number} is too large"),
        None => wrong.to_owned(),
    }
}

/// Whether a file lies in this folder, whichever way both are written. It was looked for where the data lies, and
/// cannot say that it lies elsewhere.
fn is_in(file: &Path, folder: &Path) -> bool {
    let Some(place) = file.parent() else { return false };
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    place == folder || real(place) == real(folder)
}

/// The file that the settings of this process come from, if there is one.
#[must_use]
pub fn file(flags: &Flags) -> Option<PathBuf> {
    let defaults: Table = toml::from_str(DEFAULT).ok()?;
    place(flags, &ours(std::env::vars_os()).ok()?, &defaults).ok()?
}

/// The file that was named, or `kith.toml` in the data folder if it is there.
fn place(
    flags: &Flags,
    environment: &BTreeMap<String, String>,
    defaults: &Table,
) -> Result<Option<PathBuf>, ConfigError> {
    if let Some(named) = named(flags, environment) {
        // What is there and no file says so when it is read.
        let exists = named.exists();
        let missing = || ConfigError(format!("there is no file {}", named.display()));
        return exists.then(|| Some(named.clone())).ok_or_else(missing);
    }
    let folder = flags.data_dir.clone();
    let folder = folder.or_else(|| environment.get("KITH_DATA_DIR").map(PathBuf::from));
    let default = defaults.get("data_dir").and_then(Value::as_str).unwrap_or_default();
    let path = folder.unwrap_or_else(|| PathBuf::from(default)).join("kith.toml");
    // A folder, or a link to nowhere, was meant to say something: reading it tells.
    Ok(path.symlink_metadata().is_ok().then_some(path))
}

fn named(flags: &Flags, environment: &BTreeMap<String, String>) -> Option<PathBuf> {
    flags.config.clone().or_else(|| environment.get(CONFIG_VARIABLE).map(PathBuf::from))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::layers::variable;

    fn environment(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    fn refusal(flags: &Flags, pairs: &[(&str, &str)]) -> String {
        from(flags, &environment(pairs)).unwrap_err().to_string()
    }

    #[test]
    fn later_layers_win() {
        let folder = tempfile::tempdir().unwrap();
        let flags = Flags { data_dir: Some(folder.path().to_owned()), ..Flags::default() };
        let text =
            "listen = \"127.0.0.1:1\"\n[limits]\nbody_bytes_max = 5000\njson_depth_max = 6\n";
        std::fs::write(folder.path().join("kith.toml"), text).unwrap();
        let said = environment(&[("KITH_LIMITS_BODY_BYTES_MAX", "7000")]);
        let config = from(&flags, &said).unwrap();
        assert_eq!((config.limits.body_bytes_max, config.limits.json_depth_max), (7000, 6));
        assert_eq!(config.listen.port(), 1);
        let flags = Flags { listen: Some("127.0.0.1:2".to_owned()), ..flags };
        assert_eq!(from(&flags, &said).unwrap().listen.port(), 2);
    }

    #[test]
    fn unknown_keys_are_refused_with_a_suggestion() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("k.toml");
        std::fs::write(&path, "[limits]\nbody_byte_max = 5\n").unwrap();
        let flags = Flags { config: Some(path), ..Flags::default() };
        assert!(refusal(&flags, &[]).ends_with("did you mean `limits.body_bytes_max`?"));
        let said = refusal(&Flags::default(), &[("KITH_LISTE", "x")]);
        assert_eq!(said, "unknown environment variable `KITH_LISTE`; did you mean `KITH_LISTEN`?");
    }

    #[test]
    fn what_does_not_fit_names_its_place() {
        let none = Flags::default();
        assert!(refusal(&none, &[("KITH_LIMITS_JSON_DEPTH_MAX", "x")]).contains("JSON_DEPTH_MAX"));
        assert!(refusal(&none, &[("KITH_LIMITS_JSON_DEPTH_MAX", "0")]).contains("json_depth_max"));
        assert!(refusal(&none, &[("KITH_LIMITS_JSON_DEPTH_MAX", "101")]).contains("at most 100"));
        let seconds = refusal(&none, &[("KITH_LIMITS_REQUEST_SECONDS_MAX", "0")]);
        assert!(seconds.contains("request_seconds_max` must be at least 1"), "{seconds}");
        let masking = refusal(&none, &[("KITH_MASKING_FIELDS", "data.x date.y")]);
        assert!(masking.starts_with("`masking.fields`: date.y must begin"), "{masking}");
        let all = refusal(&none, &[("KITH_MASKING_FIELDS", "data.contact.*")]);
        assert!(all.contains("data.contact itself means all"), "{all}");
        let head = refusal(&none, &[("KITH_LIMITS_HEAD_BYTES_MAX", "100")]);
        assert!(head.contains("head_bytes_max` must be at least 8192"), "{head}");
        let bodies = refusal(&none, &[("KITH_LIMITS_BODIES_BYTES_MAX", "4194303")]);
        assert!(bodies.contains("bodies_bytes_max` has no room"), "{bodies}");
        for path in ["shop", "/shop/", "/a b", "/"] {
            let path = refusal(&none, &[("KITH_SCRIPT_PATH", path)]);
            assert!(path.contains("script.path` must be empty or begin with a slash"), "{path}");
        }
        assert!(refusal(&none, &[("KITH_SCRIPT_FILE", "a/b.js")]).contains("ends with .js"));
        assert!(refusal(&none, &[("KITH_TLS_KEY", "key.pem")]).contains("go together"));
        assert!(refusal(&none, &[("KITH_CONFIG", "/nowhere.toml")]).contains("nowhere.toml"));
    }

    #[test]
    fn the_data_folders_own_file_says_nothing_of_another_folder() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kith.toml");
        let say = |place: &Path| {
            std::fs::write(&path, format!("data_dir = \"{}\"\n", place.display())).unwrap();
        };
        let found = Flags { data_dir: Some(folder.path().to_owned()), ..Flags::default() };
        let of_environment =
            environment(&[("KITH_DATA_DIR", &folder.path().display().to_string())]);
        let own = folder.path().join("..").join(folder.path().file_name().unwrap());
        say(&own);
        assert!(is_in(&path, &own));
        say(Path::new("/elsewhere"));
        let read = from(&found, &environment(&[])).unwrap();
        assert_eq!(read.data_dir, folder.path(), "a flag wins");
        assert_eq!(from(&Flags::default(), &of_environment).unwrap().data_dir, folder.path());
        let named = Flags { config: Some(path.clone()), ..Flags::default() };
        assert_eq!(from(&named, &environment(&[])).unwrap().data_dir, Path::new("/elsewhere"));
        assert!(!is_in(&path, Path::new("/elsewhere")));
    }

    #[test]
    fn what_cannot_be_read_names_its_key() {
        let none = Flags::default();
        for (name, said, wanted) in [
            ("KITH_ADMISSION_BOTS", "maybe", "`admission.bots`: unknown variant `maybe`"),
            ("KITH_QUERY_TIME_ZONE", "Mars/Base", "`query.time_zone`: "),
            ("KITH_LOG_FORMAT", "xml", "`log.format`: unknown variant `xml`"),
            ("KITH_LISTEN", "nonsense", "`listen`: "),
            ("KITH_QUERY_ROWS_MAX", "-1", "`query.rows_max`: "),
            ("KITH_ADMISSION_PAYLOADS_BURST_MAX", "5000000000", "`admission.payloads_burst_max`: "),
            ("KITH_DEMO", "maybe", "`KITH_DEMO` is not true or false: `maybe`"),
        ] {
            let refused = refusal(&none, &[(name, said)]);
            assert!(refused.starts_with(wanted), "{refused}");
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("k.toml");
        std::fs::write(&path, "[limits]\nbody_bytes_max = \"5\"\n").unwrap();
        let flags = Flags { config: Some(path), ..Flags::default() };
        assert!(refusal(&flags, &[]).ends_with("is a text, not a whole number"));
        let path = folder.path().join("whole.toml");
        std::fs::write(&path, "[telemetry.traces]\nratio = 1\n").unwrap();
        let whole = from(&Flags { config: Some(path), ..Flags::default() }, &environment(&[]));
        assert_eq!(whole.unwrap().telemetry.traces.ratio.to_string(), "1");
    }

    #[test]
    fn what_a_file_cannot_say_names_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let flags = Flags { data_dir: Some(folder.path().to_owned()), ..Flags::default() };
        let path = folder.path().join("kith.toml");
        let say = |text: &str| {
            std::fs::write(&path, text).unwrap();
            from(&flags, &environment(&[])).map(drop).map_err(|wrong| wrong.to_string())
        };
        assert_eq!(say("[limits]\n# json_depth_max = 5\n[telemetry]\n"), Ok(()));
        for (text, wanted) in [
            ("console = true\nlisten = \"x\n", "kith.toml, line 2: "),
            ("listen = {}\n", "is a section, not a text"),
            ("[limit]\n", "unknown key `limit`"),
            ("[limits]\njson_depth_max = -1\n", "`limits.json_depth_max`: -1 is below 0"),
            ("listen = \"localhost:80\"\n", "`listen`: it is no address with a port"),
        ] {
            let wrong = say(text).unwrap_err();
            assert!(wrong.contains(wanted), "{wrong}");
        }
        std::fs::remove_file(&path).unwrap();
        std::fs::create_dir(&path).unwrap();
        let wrong = from(&flags, &environment(&[])).unwrap_err().to_string();
        assert!(wrong.contains("kith.toml: Is a directory"), "{wrong}");
    }

    #[test]
    fn what_is_no_text_stops_only_what_it_is_for() {
        use std::ffi::{OsStr, OsString};
        use std::os::unix::ffi::OsStrExt as _;
        let odd = || OsStr::from_bytes(b"a\xffb").to_owned();
        let given = |name: OsString| ours([(name, odd())].into_iter());
        assert!(given("PWD".into()).unwrap().is_empty() && given(odd()).unwrap().is_empty());
        let wrong = given("KITH_LISTEN".into()).unwrap_err().to_string();
        assert_eq!(wrong, "`KITH_LISTEN` is no text in UTF-8");
        let flags = Flags { data_dir: Some(odd().into()), ..Flags::default() };
        assert!(refusal(&flags, &[]).contains("`--data-dir` is no text in UTF-8"));
        let said = refusal(&Flags::default(), &[("KITH_DATA_DIR", "")]);
        assert_eq!(said, "`data_dir` must name a folder");
    }

    #[test]
    fn what_would_make_it_useless_is_refused() {
        let none = Flags::default();
        for (name, said, wanted) in [
            ("KITH_HTTP_CONSOLE_ORIGINS", "foo", "`http.console_origins`: foo must be written"),
            ("KITH_HTTP_CONSOLE_ORIGINS", "*", "`http.console_origins`: * must be the origin of"),
            ("KITH_HTTP_CONSOLE_ORIGINS", "https://*.a.example", "`http.console_origins`: "),
            ("KITH_ADMISSION_TRUSTED_FORWARDED_HEADER", "a b", "`admission.trusted_forwarded_"),
            ("KITH_LOG_LEVEL", "wran", "`log.level`: `wran` is none of error, warn, info, debug"),
            ("KITH_LOG_LEVEL", "info,loud", "`log.level`: `loud` is none of"),
            ("KITH_LOG_LEVEL", "", "`log.level`: `` is none of"),
            ("KITH_LOG_LEVEL", "info;kith=debug", "`log.level`: `info;kith=debug` is none of"),
            ("KITH_LOG_LEVEL", "info, kith=debgu", "`log.level`: `kith=debgu` is none of"),
            ("KITH_TELEMETRY_TRACES_ENDPOINT", "collector", "`telemetry.traces.endpoint` must be"),
            ("KITH_TELEMETRY_TRACES_RATIO", "1.5", "`telemetry.traces.ratio` must be from 0.0 to"),
            ("KITH_TELEMETRY_TRACES_RATIO", "NaN", "`telemetry.traces.ratio` must be from 0.0 to"),
            (
                "KITH_ACCOUNTS_TOKEN_HOURS_MAX",
                "9999999999",
                "`accounts.token_hours_max` must be at",
            ),
            (
                "KITH_QUERY_SECONDS_MAX",
                "9223372036854775807",
                "`query.seconds_max` must be at most",
            ),
            ("KITH_QUERY_MEMORY_BYTES_MAX", "1", "`query.memory_bytes_max` must be 0 or at least"),
            ("KITH_EVENTS_MEMORY_BYTES_MAX", "1", "`events.memory_bytes_max` must be at least 33"),
            ("KITH_COMMITTER_QUEUE_BYTES_MAX", "5000", "`committer.queue_bytes_max` has no room"),
            ("KITH_SCRIPT_PATH", "/api", "`script.path` must not begin with /api, an address of"),
            ("KITH_SCRIPT_PATH", "/events/shop", "`script.path` must not begin with /events, an"),
            ("KITH_SCRIPT_PATH", "/shop/..", "`script.path` must be empty or begin with a slash"),
        ] {
            let refused = refusal(&none, &[(name, said)]);
            assert!(refused.starts_with(wanted), "{refused}");
        }
        for (name, said) in [
            ("KITH_LOG_LEVEL", "info,kith::committer=debug"),
            ("KITH_LOG_LEVEL", "WARN"),
            ("KITH_HTTP_CONSOLE_ORIGINS", "https://a.example/, http://localhost:5173"),
            ("KITH_ADMISSION_TRUSTED_FORWARDED_HEADER", "X-Forwarded-For"),
        ] {
            from(&none, &environment(&[(name, said)])).unwrap();
        }
    }

    #[test]
    fn every_key_can_be_set_by_the_environment() {
        let table: Table = toml::from_str(DEFAULT).unwrap();
        let all = leaves(&table);
        let text = |value: &Value| {
            let number = value.as_integer().map(|number| number.to_string());
            let flag = value.as_bool().map(|flag| flag.to_string());
            let share = value.as_float().map(|share| share.to_string());
            value.as_str().map(str::to_owned).or(number).or(flag).or(share).unwrap()
        };
        let said = all.iter().map(|(key, value)| (variable(key), text(value))).collect();
        from(&Flags::default(), &said).unwrap();
        assert!(all.len() > 25);
    }
}
