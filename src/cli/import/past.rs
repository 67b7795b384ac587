//! What a row of history tells beside its payload, read from its columns.

use std::borrow::Cow;

use crate::agent::DeviceKind;
use crate::http::import::{Past, TEXT_BYTES_MAX};
use crate::lake::{IN_DOUBT, ONLY_NAMED};
use crate::model::{App, Client, Device, Found, Geo, Os, Referrer, Remembered, Time, Utm, Zone};

/// The columns that say on what it was.
const CLIENT: [&str; 9] = [
    "device_type",
    "device_brand",
    "device_model",
    "os_name",
    "os_version",
    "app_name",
    "app_version",
    "app_language",
    "bot",
];
/// Those that say by which campaign.
const UTM: [&str; 5] = ["utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"];
/// Those that say where.
const GEO: [&str; 2] = ["country", "city"];

/// Of a row whose columns `cell` reads: as a text what is one, else as it is written; none within one that is
/// there and says nothing.
pub(super) fn read<'a>(cell: impl Fn(&str) -> Option<Option<Cow<'a, str>>>) -> Past {
    let has = |columns: &[&str]| columns.iter().all(|column| cell(column).is_some());
    let text = |column: &str| {
        let text = cell(column)??.into_owned();
        let is_one = !text.is_empty() && text.len() <= TEXT_BYTES_MAX && !text.contains('\0');
        is_one.then_some(text)
    };
    let truth = |column: &str| text(column).and_then(|text| text.trim().parse::<bool>().ok());
    let kind = text("device_type").and_then(|kind| DeviceKind::named(&kind));
    let device = Device {
        kind: kind.map(DeviceKind::as_str),
        brand: text("device_brand"),
        model: text("device_model"),
        ..Device::default()
    };
    let app = App {
        name: text("app_name"),
        version: text("app_version"),
        language: text("app_language"),
        bot: truth("bot").unwrap_or(false),
        kind: None,
    };
    let utm = Utm {
        source: text("utm_source"),
        medium: text("utm_medium"),
        campaign: text("utm_campaign"),
        term: text("utm_term"),
        content: text("utm_content"),
    };
    let referrer =
        Referrer::read(text("referrer_kind").as_deref(), text("referrer_name").as_deref());
    let os = Os { name: text("os_name"), version: text("os_version") };
    Past {
        found: found(truth(ONLY_NAMED), truth(IN_DOUBT)),
        told_apart: None,
        position: text("position").and_then(|text| text.trim().parse().ok()),
        name: text("name"),
        client_time: text("client_time").and_then(|text| Time::read(&text, Some(&Zone::utc()))),
        client: Client { device, os, app },
        geo: geo(text("country"), text("city")),
        utm,
        referrer: has(&["referrer_kind", "referrer_name"]).then_some(referrer),
        says_all: Remembered { client: has(&CLIENT), utm: has(&UTM), geo: has(&GEO) },
    }
}

/// Whose it was found to be. Files of before there was a column for doubt leave it open.
fn found(was_named: Option<bool>, in_doubt: Option<bool>) -> Option<Found> {
    Some(match (was_named?, in_doubt) {
        (false, _) => Found::Own,
        (true, Some(false)) => Found::Linked,
        (true, Some(true) | None) => Found::Doubted,
    })
}

/// A country is its code, where one was known. That nobody said it is all that is known of how it was.
fn geo(country: Option<String>, city: Option<String>) -> Geo {
    let is_code = |text: &String| text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase());
    let (country_code, country_name) = match country {
        Some(country) if is_code(&country) => (Some(country), None),
        country => (None, country),
    };
    let is_of_address = country_code.is_some() || country_name.is_some() || city.is_some();
    Geo { country_code, country_name, city, is_of_address, ..Geo::default() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn columns_say_on_what_and_where_it_was() {
        let row = json!({"position": "-2", "device_type": "tablet", "os_name": "iOS", "bot": "true",
            "app_language": "", "country": "PL", "city": "Kraków", "only_named": "true", "in_doubt": "false", "name": "Check out",
            "client_time": "2031-01-01 00:00:00+00", "referrer_kind": "mail", "referrer_name": null});
        let past = read(|column| Some(row.get(column)?.as_str().map(Cow::Borrowed)));
        assert_eq!((past.position, past.found), (Some(-2), Some(Found::Linked)));
        let Client { device, os, app } = past.client;
        assert_eq!((device.kind, os.name.as_deref()), (Some("tablet"), Some("iOS")));
        assert_eq!((app.bot, app.language), (true, None));
        assert_eq!((past.geo.country_code.as_deref(), past.geo.country_name), (Some("PL"), None));
        assert_eq!(past.name.as_deref(), Some("Check out"));
        assert_eq!(past.client_time, Time::parse("2031-01-01T00:00:00Z"));
        assert_eq!(past.referrer.flatten().map(|one| one.kind.as_str()), Some("mail"));
        assert_eq!(past.says_all, Remembered { geo: true, ..Remembered::default() });
        let all = read(|_| Some(None));
        assert_eq!(all.says_all, Remembered { client: true, utm: true, geo: true });
        assert_eq!((all.referrer, all.utm), (Some(None), Utm::default()));
        let of_before = read(|column| (column == ONLY_NAMED).then_some(Some("true".into())));
        assert_eq!(of_before.found, Some(Found::Doubted), "it did not say then");
        let nothing = read(|_| None);
        assert_eq!((nothing.referrer, nothing.says_all), (None, Remembered::default()));
        assert_eq!((nothing.found, nothing.position), (None, None));
        assert_eq!((nothing.client, nothing.geo), (Client::default(), Geo::default()));
    }
}
