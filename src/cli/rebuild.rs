//! `kith rebuild profiles`: decides anew who is one person, as the rules are now.

use clap::Subcommand;

use super::say;
use super::with_app::with_app;
use crate::config::Config;
use crate::rebuild::{self, Figures, Part, Report};

/// What can be made anew.
#[derive(Debug, Subcommand)]
pub(super) enum RebuildCommand {
    /// Shows who would be one person, and who no more, as the rules are now. Changes nothing unless asked to.
    Profiles {
        /// Changes nothing: as without it, for scripts that say so.
        #[arg(long, conflicts_with = "switch")]
        dry_run: bool,
        /// Makes everybody as was shown.
        #[arg(long)]
        switch: bool,
    },
}

/// Needs the folder for itself, or a PostgreSQL, where it is one more node.
pub(super) fn run(config: &Config, command: &RebuildCommand) -> Result<(), String> {
    let switch = matches!(command, RebuildCommand::Profiles { switch: true, .. });
    let said = if switch { "rebuild profiles --switch" } else { "rebuild profiles" };
    with_app(config, "POST /api/rebuilds", (("rebuild", "profile"), said), async |app| {
        let (report, rebuilt) = rebuild::run(app, switch).await.map_err(|why| why.to_string())?;
        tell(&report);
        if let Some(rebuilt) = rebuilt {
            let (passes, left) = (rebuilt.passes, rebuilt.figures.left);
            let times = if passes == 1 { "once".to_owned() } else { format!("{passes} times") };
            say(&format!("done; everybody was looked at {times}, {left} are left"));
        } else {
            say("nothing was changed; --switch makes it so");
        }
        Ok(())
    })
}

fn tell(Report { figures, examples }: &Report) {
    let Figures { events, people_apart, people_united, people_more, .. } = figures;
    say(&format!("{events} events that may name somebody"));
    say(&format!("{people_apart} people come apart, {people_united} become one with others"));
    say(&format!("{people_more:+} people in all"));
    let (back, new) = (figures.mergers_taken_back, figures.mergers_new);
    say(&format!("{back} mergers are taken back, {new} are new"));
    let (changed, of) = (figures.traits_changed, figures.traits_of);
    say(&format!("{changed} people have other traits, of {of} groups that were folded"));
    let (bound, unbound) = (figures.identifiers_bound, figures.identifiers_unbound);
    say(&format!("{bound} identifiers more lead to somebody, {unbound} to nobody any more"));
    let (standing, mixed) = (figures.mergers_standing, figures.payloads_mixed);
    say(&format!(
        "{standing} mergers stand without an event, {mixed} payloads stay where they are"
    ));
    if !figures.untold.is_empty() {
        let places: Vec<&str> = figures.untold.iter().map(String::as_str).collect();
        say(&format!("what no event tells stays with the older one: {}", places.join(", ")));
    }
    for example in examples {
        say(&format!("{}  becomes  {}", people(&example.now), people(&example.then)));
    }
}

fn people(parts: &[Part]) -> String {
    let all: Vec<String> = parts.iter().map(|part| format!("{{{}}}", part.ids.join(" "))).collect();
    all.join(" ")
}
