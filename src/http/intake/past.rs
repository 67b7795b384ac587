//! What a row of history tells beside the payload that it came with: what was known then, and is not sent.

use std::sync::Arc;

use super::Intake;
use crate::model::{
    App, Client, Device, Found, Geo, Os, Referrer, Remembered, Time, ToldApart, Utm, Visitor,
};

/// Farther from the first of its payload stands no event.
const PLACES_MAX: i64 = 1_000_000;

/// See the module. What it does not say is worked out again.
#[derive(Clone, Debug, Default)]
pub struct Past {
    /// Whose it was found to be; none of files that do not say it.
    pub found: Option<Found>,
    /// Whom its history has as people; none of files that do not say whose an event was found to be.
    pub told_apart: Option<Arc<ToldApart>>,
    /// Its place in its payload.
    pub position: Option<i64>,
    /// How it is called for people.
    pub name: Option<String>,
    /// When it happened by its sender's clock, where that was another moment.
    pub client_time: Option<Time>,
    /// On what, as far as history has it.
    pub client: Client,
    /// Where.
    pub geo: Geo,
    /// By which campaign.
    pub utm: Utm,
    /// What led to its page, or that nothing is known of it; none of files that do not say it.
    pub referrer: Option<Option<Referrer>>,
    /// Of what it says all that history has, also that there was nothing.
    pub says_all: Remembered,
}

impl<'a> Intake<'a> {
    /// The same, of an event that was history before.
    pub(in crate::http) fn remembering(mut self, past: Option<&'a Past>) -> Self {
        self.past = past;
        self
    }

    /// Where its first event stood among all of its moment, if it is known.
    pub(super) fn past_position(&self) -> Option<i64> {
        self.past?.position.map(|position| position.clamp(-PLACES_MAX, PLACES_MAX))
    }

    /// The visitor, with what was known of them then.
    pub(super) fn as_remembered(&self, visitor: Visitor) -> Visitor {
        let Some(past) = self.past else { return visitor };
        let Remembered { client, utm, geo } = past.says_all;
        let client = Arc::new(laid_over(client, &visitor.client, &past.client));
        let utm = campaign(utm, &visitor.utm, &past.utm);
        let geo = place(geo, visitor.geo, &past.geo);
        let languages = match visitor.languages {
            none if none.is_empty() => {
                client.app.language.as_deref().and_then(code).into_iter().collect()
            }
            some => some,
        };
        Visitor { geo, client, utm, languages, remembered: past.says_all, ..visitor }
    }
}

/// The code of two letters of what an application is set to.
fn code(language: &str) -> Option<String> {
    let code = language.split(['-', '_']).next()?.to_ascii_lowercase();
    (code.len() == 2).then_some(code)
}

/// What was kept; where it does not say all, what the context still says.
fn or(says_all: bool, now: Option<&String>, then: Option<&String>) -> Option<String> {
    then.or(now.filter(|_| !says_all)).cloned()
}

fn campaign(says_all: bool, now: &Utm, then: &Utm) -> Utm {
    let or =
        |now: &Option<String>, then: &Option<String>| or(says_all, now.as_ref(), then.as_ref());
    Utm {
        source: or(&now.source, &then.source),
        medium: or(&now.medium, &then.medium),
        campaign: or(&now.campaign, &then.campaign),
        term: or(&now.term, &then.term),
        content: or(&now.content, &then.content),
    }
}

/// Where the context says the place that was kept, it says more of it than history has columns for.
fn place(says_all: bool, now: Geo, then: &Geo) -> Geo {
    let is_kept = if says_all { is_same(&now, then) } else { now != Geo::default() };
    if is_kept { now } else { then.clone() }
}

/// Whether two places are one as far as history has columns.
fn is_same(one: &Geo, other: &Geo) -> bool {
    let columns = |geo: &Geo| {
        let country = geo.country_code.clone().or_else(|| geo.country_name.clone());
        // What is empty is nothing in a table.
        [country, geo.city.clone()].map(Option::unwrap_or_default)
    };
    columns(one) == columns(other)
}

fn laid_over(says_all: bool, now: &Client, then: &Client) -> Client {
    let or =
        |then: &Option<String>, now: &Option<String>| or(says_all, now.as_ref(), then.as_ref());
    let (device, os, app) = (&now.device, &now.os, &now.app);
    Client {
        device: Device {
            kind: then.device.kind.or(device.kind.filter(|_| !says_all)),
            brand: or(&then.device.brand, &device.brand),
            model: or(&then.device.model, &device.model),
            ..device.clone()
        },
        os: Os { name: or(&then.os.name, &os.name), version: or(&then.os.version, &os.version) },
        app: App {
            name: or(&then.app.name, &app.name),
            version: or(&then.app.version, &app.version),
            language: or(&then.app.language, &app.language),
            bot: then.app.bot || (app.bot && !says_all),
            ..app.clone()
        },
    }
}
