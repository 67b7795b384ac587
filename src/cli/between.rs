//! The time that a question or an export on the command line is about.

use clap::Args;

use crate::config::Config;
use crate::lake::ask::Scope;
use crate::model::{Time, Zone};

/// When it happened, and when it came in. Files that hold nothing of it are not read, and not fetched where they
/// lie on S3. A time is RFC 3339, a day, or seconds or milliseconds since 1970.
#[derive(Debug, Args)]
pub(super) struct Between {
    /// Events that happened from this moment on.
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// That happened before this moment.
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    /// That Kith received from this moment on.
    #[arg(long, value_name = "TIME")]
    received_from: Option<String>,
    /// That Kith received before this moment.
    #[arg(long, value_name = "TIME")]
    received_to: Option<String>,
    /// Whose days are meant: a name of the IANA list [default: the one of the settings].
    #[arg(long, value_name = "ZONE")]
    tz: Option<String>,
}

impl Between {
    /// The events of this time.
    pub(super) fn scope(&self, config: &Config) -> Result<Scope, String> {
        let zone = match &self.tz {
            Some(name) => name.parse().map_err(|why| format!("--tz: {why}"))?,
            None => config.query.time_zone.clone(),
        };
        let time = Scope {
            from: moment("--from", self.from.as_deref(), &zone)?,
            to: moment("--to", self.to.as_deref(), &zone)?,
            received_from: moment("--received-from", self.received_from.as_deref(), &zone)?,
            received_to: moment("--received-to", self.received_to.as_deref(), &zone)?,
            ..Scope::default()
        };
        Scope::default().during(&time).map_err(|why| why.to_string())
    }

    /// As it was said, for the audit log.
    pub(super) fn said(&self) -> String {
        let all = [
            ("--from", &self.from),
            ("--to", &self.to),
            ("--received-from", &self.received_from),
            ("--received-to", &self.received_to),
            ("--tz", &self.tz),
        ];
        let given = all.iter().filter_map(|(name, said)| Some((name, said.as_deref()?)));
        given.map(|(name, said)| format!("{name} {said}\n")).collect()
    }
}

fn moment(name: &str, text: Option<&str>, zone: &Zone) -> Result<Option<Time>, String> {
    let wrong = || format!("{name} is no time as RFC 3339 writes it, no day and no number");
    text.map(|text| Time::read(text, Some(zone)).ok_or_else(wrong)).transpose()
}
