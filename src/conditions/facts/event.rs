//! Facts of an event as it is being worked on: its columns, without a document or a line of them.

use std::borrow::Cow;

use serde_json::Number;

use super::{Fact, Facts, Place};
use crate::conditions::Root;
use crate::model::{Event, Id, Json, Map, Path, Time};

/// An event and, behind it, what else there is.
#[derive(Clone, Copy, Debug)]
pub struct OfEvent<'a, F> {
    /// What the names of events speak of.
    pub event: &'a Event,
    /// What all others speak of.
    pub others: F,
}

impl<F: Facts> Facts for OfEvent<'_, F> {
    fn at<'a>(&'a self, place: &Place) -> Fact<'a> {
        if place.root != Root::Event {
            return self.others.at(place);
        }
        let Some((column, within)) = &place.column else { return Fact::Missing };
        column_of(self.event, column.name, within)
    }

    fn now(&self) -> Time {
        self.others.now()
    }

    fn is_said(&self, place: &Place) -> bool {
        match place.root {
            Root::Event => !matches!(self.at(place), Fact::Missing),
            Root::Profile | Root::Session | Root::Payload => self.others.is_said(place),
        }
    }
}

/// What a column of history will hold, see `events`: one that it leaves out is missing.
fn column_of<'a>(event: &'a Event, column: &str, within: &Path) -> Fact<'a> {
    let (device, os, app) = (&event.client.device, &event.client.os, &event.client.app);
    let owned = |text: &'a Option<String>| Fact::from(text.as_deref());
    match column {
        "id" => event.id.as_str().into(),
        "type" => event.kind.as_str().into(),
        "name" => event.name.as_str().into(),
        "time" => event.time.into(),
        "received_at" => event.received_at.into(),
        "source_id" => event.source.as_str().into(),
        "session_id" => event.session.as_ref().map(Id::as_str).into(),
        "profile_id" => event.profile.as_ref().map(Id::as_str).into(),
        "channel" => Some(event.channel.as_str()).filter(|name| !name.is_empty()).into(),
        "ip" => owned(&event.ip),
        "device_type" => device.kind.into(),
        "device_brand" => owned(&device.brand),
        "device_model" => owned(&device.model),
        "os_name" => owned(&os.name),
        "os_version" => owned(&os.version),
        "app_name" => owned(&app.name),
        "app_version" => owned(&app.version),
        "app_language" => owned(&app.language),
        "country" => event.geo.country_code.as_deref().or(event.geo.country_name.as_deref()).into(),
        "city" => owned(&event.geo.city),
        "utm_source" => owned(&event.utm.source),
        "utm_medium" => owned(&event.utm.medium),
        "utm_campaign" => owned(&event.utm.campaign),
        "utm_term" => owned(&event.utm.term),
        "utm_content" => owned(&event.utm.content),
        "page_url" => owned(&event.hit.url),
        "page_path" => owned(&event.hit.path),
        "page_title" => owned(&event.hit.title),
        "referrer_host" => owned(&event.hit.referrer_host),
        "referrer_kind" => event.hit.referrer.as_ref().map(|one| one.kind.as_str()).into(),
        "referrer_name" => event.hit.referrer.as_ref().and_then(|one| one.name.as_deref()).into(),
        "journey" => owned(&event.journey),
        "tags" => texts(Cow::Borrowed(&event.tags)),
        "valid" => Fact::Truth(event.valid),
        "warnings" => texts(event.warnings.iter().map(|warning| warning.code.to_owned()).collect()),
        // The one of these that a line always has.
        "properties" if event.properties.is_empty() && within.steps().is_empty() => {
            Fact::Object { is_empty: true }
        }
        "properties" => within_json(&event.properties, within),
        "traits" => within_map(&event.traits, within),
        "data" => within_map(&event.data, within),
        "context" => within_json(&event.context, within),
        "request" => within_json(&event.request, within),
        "config" => within_json(&event.config, within),
        "debug" => Fact::from(event.debug.then_some(true)),
        "position" => Fact::Number((&Number::from(event.position)).into()),
        "client_time" => event.client_time.into(),
        "bot" => Fact::from(app.bot.then_some(true)),
        _ => Fact::Missing,
    }
}

fn texts(texts: Cow<'_, [String]>) -> Fact<'_> {
    if texts.is_empty() { Fact::Missing } else { Fact::Texts(texts) }
}

fn within_map<'a>(map: &'a Map, within: &Path) -> Fact<'a> {
    match within.steps() {
        [] if map.is_empty() => Fact::Missing,
        [] => Fact::Object { is_empty: false },
        _ => within.get(map).into(),
    }
}

fn within_json<'a>(json: &'a Json, within: &Path) -> Fact<'a> {
    if json.is_empty() {
        Fact::Missing
    } else {
        json.at(within).map_or(Fact::Missing, Fact::of_json)
    }
}

#[cfg(test)]
mod tests {
    use crate::events::COLUMNS;

    /// One that is forgotten would be missing here and found in history.
    #[test]
    fn every_column_of_history_has_an_arm() {
        let arms = include_str!("event.rs").split("match column {").nth(1).unwrap();
        let arms = arms.split("_ => Fact::Missing,").next().unwrap();
        for column in COLUMNS {
            assert!(arms.contains(&format!("        \"{}\" ", column.name)), "{}", column.name);
        }
    }
}
