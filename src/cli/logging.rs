//! The server's log: where it goes, what of it, in which format.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::IsTerminal as _;
use std::panic::PanicHookInfo;

use tracing::Level;
use tracing_subscriber::EnvFilter;

use crate::config::{Config, LogFormat};

/// From now on the log is written, as the settings say.
pub(super) fn begin(config: &Config) -> Result<(), String> {
    // What reads it knows no blanks.
    let parts: Vec<&str> = config.log.level.split(',').map(str::trim).collect();
    let filter =
        EnvFilter::try_new(parts.join(",")).map_err(|error| format!("`log.level`: {error}"))?;
    // Colours are for people at a terminal; a file or another program reads letters.
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let set = match config.log.format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().try_init(),
    };
    set.map_err(|error| error.to_string())?;
    tell_of_panics();
    Ok(())
}

/// A panic is told of as all else is: with its time and in the format of the log, which programs read line by line.
/// Where nothing of that kind is to be told, it is as it is everywhere.
fn tell_of_panics() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if tracing::enabled!(Level::ERROR) { tell(panic) } else { before(panic) }
    }));
}

fn tell(panic: &PanicHookInfo<'_>) {
    let thread = std::thread::current();
    let (thread, why) = (thread.name(), panic.payload_as_str().unwrap_or("it does not say why"));
    let place = panic.location().map(ToString::to_string);
    let way = Some(Backtrace::capture()).filter(|way| way.status() == BacktraceStatus::Captured);
    let way = way.map(|way| way.to_string());
    tracing::error!(thread, place, why, way, "panicked");
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use serde_json::Value;

    use super::*;

    #[derive(Clone, Default)]
    struct Heard(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Heard {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_panic_is_a_line_of_the_log() {
        let heard = Heard::default();
        let to = heard.clone();
        let log = tracing_subscriber::fmt().json().with_writer(move || to.clone()).finish();
        tell_of_panics();
        tracing::subscriber::with_default(log, || {
            let panics = || panic!("two\nlines");
            assert!(std::panic::catch_unwind(panics).is_err());
        });
        let text = String::from_utf8(heard.0.lock().unwrap().clone()).unwrap();
        let lines: Vec<Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let [line] = &lines[..] else { panic!("{text}") };
        assert_eq!(line["level"], "ERROR");
        assert_eq!(line["fields"]["why"], "two\nlines");
        assert!(line["fields"]["place"].as_str().unwrap().contains("logging.rs:"), "{text}");
    }
}
