//! What Kith makes of fields that are sent: whoever may not see a field sees nothing that is made of it either.
//!
//! Columns of history and of people, and places of documents, in one table, since what they are called is the same
//! wherever it is the same. What a rule copies is not here: where it copies to is a field, and has a name of its own.

/// Columns and places, and of which fields they are made.
struct Made {
    places: &'static [&'static str],
    of: &'static [&'static str],
}

const fn made(places: &'static [&'static str], of: &'static [&'static str]) -> Made {
    Made { places, of }
}

const AGENT: &[&str] = &["context.browser.local.browser.userAgent"];
const LANGUAGE: &[&str] = &["context.browser.local.browser.language"];
const WIDTH_AND_HEIGHT: &[&str] = &["context.screen.local.width", "context.screen.local.height"];
const NAME_OF_COUNTRY: &[&str] = &["context.location.country.name"];
const CODE_OF_COUNTRY: &[&str] = &["context.location.country.code"];
/// The code, or the name where there is none.
const COUNTRY: &[&str] = &["context.location.country.code", "context.location.country.name"];
const DEGREES: &[&str] = &["context.location.latitude", "context.location.longitude"];
/// See [`crate::enrichment`].
const REFERRER: &[&str] =
    &["context.page.referer.host", "context.page.url", "context.utm.source", "context.utm.medium"];

/// Of everything that is made of something: where a part of it is made itself, of what that is made of as well.
const MADE: &[Made] = &[
    made(&["device_type", "device.type", "device.touch", "device.name"], AGENT),
    made(&["device_brand", "device.brand", "device_model", "device.model"], AGENT),
    made(&["os_name", "os.name", "os_version", "os.version"], AGENT),
    made(&["app_name", "app.name", "app_version", "app.version", "app.type"], AGENT),
    made(&["bot", "app.bot"], AGENT),
    made(&["app_language", "app.language", "context.language_codes"], LANGUAGE),
    made(&["data.pii.language.spoken"], LANGUAGE),
    made(&["data.pii.language.spoken"], &["context.language_codes"]),
    made(&["device.resolution", "app.resolution"], WIDTH_AND_HEIGHT),
    made(&["device.color_depth"], &["context.screen.local.colorDepth"]),
    made(&["device.orientation"], &["context.screen.local.orientation"]),
    made(&["country", "device.geo.country.code"], COUNTRY),
    made(&["device.geo.country.name", "data.devices.last.geo.country.name"], NAME_OF_COUNTRY),
    made(&["data.devices.last.geo.country.code"], CODE_OF_COUNTRY),
    made(&["city", "device.geo.city", "data.devices.last.geo.city"], &["context.location.city"]),
    made(&["device.geo.county", "data.devices.last.geo.county"], &["context.location.county"]),
    made(&["device.geo.postal", "data.devices.last.geo.postal"], &["context.location.postal"]),
    made(
        &["device.geo.latitude", "data.devices.last.geo.latitude"],
        &["context.location.latitude"],
    ),
    made(
        &["device.geo.longitude", "data.devices.last.geo.longitude"],
        &["context.location.longitude"],
    ),
    made(&["device.geo.location", "data.devices.last.geo.location"], DEGREES),
    made(&["time_zone", "metadata.time.visit.tz", "aux.geo.continent"], &["context.time.tz"]),
    made(&["utm_source", "utm.source"], &["context.utm.source"]),
    made(&["utm_medium", "utm.medium"], &["context.utm.medium"]),
    made(&["utm_campaign", "utm.campaign"], &["context.utm.campaign"]),
    made(&["utm_term", "utm.term"], &["context.utm.term"]),
    made(&["utm_content", "utm.content"], &["context.utm.content"]),
    made(&["page_url", "hit.url"], &["context.page.url"]),
    made(&["page_path"], &["context.page.path"]),
    made(&["page_title", "hit.name"], &["context.page.title"]),
    made(&["referrer_host", "hit.referer"], &["context.page.referer.host"]),
    made(&["referrer_kind", "hit.referrer.kind"], REFERRER),
    made(&["referrer_name", "hit.referrer.name"], REFERRER),
    // A session's context says it, too.
    made(&["ip", "metadata.ip", "device.ip"], &["context.ip"]),
    made(&["debug", "metadata.debug"], &["config.debugger"]),
    made(&["primary_id"], &["properties.pk", "data.identifier.pk"]),
    made(&["email"], &["data.contact.email.main"]),
    // Of nothing that is a field: ids, times, what the source says of itself, and what is counted and labelled.
    made(&["id", "ids", "type", "name", "source_id", "session_id", "profile_id"], &[]),
    made(&["time", "received_at", "client_time", "position", "created", "updated"], &[]),
    made(
        &[
            "channel",
            "journey",
            "tags",
            "valid",
            "warnings",
            "duration",
            "events",
            "status",
            "visits",
            "last_visit",
            "previous_visit",
            "active",
            "segments",
            "stats",
        ],
        &[],
    ),
];

/// The fields that a column, or a place of a document, is made of; none where nobody has said of which.
#[must_use]
pub fn made_of(place: &str) -> Option<Vec<&'static str>> {
    let mut rows = MADE.iter().filter(|made| made.places.contains(&place)).peekable();
    rows.peek()?;
    Some(rows.flat_map(|made| made.of.iter().copied()).collect())
}

/// Columns and places that are made of a field for which this holds.
pub(super) fn made_of_any(is_one: impl Fn(&str) -> bool) -> impl Iterator<Item = &'static str> {
    let made = MADE.iter().filter(move |made| made.of.iter().any(|field| is_one(field)));
    made.flat_map(|made| made.places.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{MASKED_ROOTS, Path};

    #[test]
    fn what_something_is_made_of_is_a_field_that_can_be_named() {
        for field in MADE.iter().flat_map(|made| made.of) {
            let path = Path::parse(field).unwrap();
            assert!(MASKED_ROOTS.contains(&path.split_first().unwrap().0), "{field}");
        }
    }

    #[test]
    fn what_is_made_of_something_made_is_made_of_all_of_it() {
        for place in MADE.iter().flat_map(|made| made.places) {
            let all = made_of(place).unwrap();
            for more in all.iter().filter_map(|field| made_of(field)).flatten() {
                assert!(all.contains(&more), "{place} is made of {more}");
            }
        }
    }
}
