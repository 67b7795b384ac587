//! What a row of history tells beside its payload, read from its columns.

use std::borrow::Cow;

use crate::agent::DeviceKind;
use crate::http::import::{Past, TEXT_BYTES_MAX};
use crate::lake::ONLY_NAMED;
use crate::model::{App, Client, Device, Geo, Os};

/// Of a row whose columns `cell` reads: as a text what is one, else as it is written.
pub(super) fn read<'a>(cell: impl Fn(&str) -> Option<Cow<'a, str>>) -> Past {
    let text = |column: &str| {
        let text = cell(column)?.into_owned();
        let is_one = !text.is_empty() && text.len() <= TEXT_BYTES_MAX && !text.contains('\0');
        is_one.then_some(text)
    };
    let truth = |column: &str| text(column).and_then(|text| text.parse::<bool>().ok());
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
    let os = Os { name: text("os_name"), version: text("os_version") };
    Past {
        was_named: truth(ONLY_NAMED),
        position: text("position").and_then(|text| text.parse().ok()),
        client: Client { device, os, app },
        geo: geo(text("country"), text("city")),
    }
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
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn columns_say_on_what_and_where_it_was() {
        let row = json!({"position": "-2", "device_type": "tablet", "os_name": "iOS", "bot": "true",
            "app_language": "", "country": "PL", "city": "Kraków", "only_named": "true"});
        let past = read(|column| row.get(column).and_then(Value::as_str).map(Cow::Borrowed));
        assert_eq!((past.position, past.was_named), (Some(-2), Some(true)));
        let Client { device, os, app } = past.client;
        assert_eq!((device.kind, os.name.as_deref()), (Some("tablet"), Some("iOS")));
        assert_eq!((app.bot, app.language), (true, None));
        assert_eq!((past.geo.country_code.as_deref(), past.geo.country_name), (Some("PL"), None));
        let nothing = read(|_| None);
        assert_eq!((nothing.was_named, nothing.position), (None, None));
        assert_eq!((nothing.client, nothing.geo), (Client::default(), Geo::default()));
    }
}
