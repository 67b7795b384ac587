//! What a row of history tells beside the payload that it came with: what was known then, and is not sent.

use std::sync::Arc;

use super::Intake;
use crate::model::{App, Client, Device, Geo, Os, Visitor};

/// Farther from the first of its payload stands no event.
const PLACES_MAX: i64 = 1_000_000;

/// See the module. What it does not say is worked out again.
#[derive(Clone, Debug, Default)]
pub struct Past {
    /// Whether its person was only named; none of files that do not say it.
    pub was_named: Option<bool>,
    /// Its place in its payload.
    pub position: Option<i64>,
    /// On what, as far as history has it.
    pub client: Client,
    /// Where.
    pub geo: Geo,
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
        let geo = if visitor.geo == Geo::default() { past.geo.clone() } else { visitor.geo };
        let client = Arc::new(laid_over(&visitor.client, &past.client));
        let languages = match visitor.languages {
            none if none.is_empty() => {
                client.app.language.as_deref().and_then(code).into_iter().collect()
            }
            some => some,
        };
        Visitor { geo, client, languages, ..visitor }
    }
}

/// The code of two letters of what an application is set to.
fn code(language: &str) -> Option<String> {
    let code = language.split(['-', '_']).next()?.to_ascii_lowercase();
    (code.len() == 2).then_some(code)
}

/// What was kept wins over what the context still says.
fn laid_over(now: &Client, then: &Client) -> Client {
    let or = |then: &Option<String>, now: &Option<String>| then.clone().or_else(|| now.clone());
    let (device, os, app) = (&now.device, &now.os, &now.app);
    Client {
        device: Device {
            kind: then.device.kind.or(device.kind),
            brand: or(&then.device.brand, &device.brand),
            model: or(&then.device.model, &device.model),
            ..device.clone()
        },
        os: Os { name: or(&then.os.name, &os.name), version: or(&then.os.version, &os.version) },
        app: App {
            name: or(&then.app.name, &app.name),
            version: or(&then.app.version, &app.version),
            language: or(&then.app.language, &app.language),
            bot: then.app.bot || app.bot,
            ..app.clone()
        },
    }
}
