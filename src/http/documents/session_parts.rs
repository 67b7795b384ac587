//! What the session document is made of.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::model::{self, Map, Masking};

/// A visit, with every field, those unset at their defaults.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SessionDocument {
    /// The client's id, or one that was drawn.
    pub(super) id: String,
    pub(super) metadata: Metadata,
    /// Whose it is, by the id that lives.
    #[schema(required)]
    pub(super) profile: Option<Named>,
    /// The source that opened it.
    pub(super) source: Named,
    pub(super) device: Device,
    pub(super) os: Os,
    pub(super) app: App,
    pub(super) utm: Utm,
    /// The payloads' contexts laid over each other, and what the server adds.
    #[schema(value_type = BTreeMap<String, Value>)]
    pub(super) context: Map,
    /// The payloads' properties laid over each other.
    #[schema(value_type = BTreeMap<String, Value>)]
    pub(super) properties: Map,
    /// Empty.
    pub(super) traits: Empty,
    /// Empty.
    pub(super) aux: Empty,
}

impl SessionDocument {
    /// Without what is to be hidden. Nearly all of it is made of the context, so whatever stands there is looked at.
    pub(crate) fn masked(self, masking: &Masking) -> Value {
        let mut document = serde_json::to_value(self).unwrap_or_default();
        if let Value::Object(document) = &mut document {
            masking.hide_all(document);
        }
        document
    }
}

/// Something by its id.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SessionNamed)]
#[serde(deny_unknown_fields)]
pub(super) struct Named {
    pub(super) id: String,
}

/// Nothing: Kith writes nothing there.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SessionEmpty)]
#[serde(deny_unknown_fields)]
pub(super) struct Empty {}

/// What is known about the session itself.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SessionMetadata)]
#[serde(deny_unknown_fields)]
pub(super) struct Metadata {
    pub(super) time: Times,
    /// The source's.
    pub(super) channel: String,
    pub(super) aux: Empty,
    /// `started`, `active` or `ended`.
    pub(super) status: &'static str,
    /// Events so far.
    pub(super) events: u64,
}

/// When it was.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SessionTimes)]
#[serde(deny_unknown_fields)]
pub(super) struct Times {
    /// When it opened.
    pub(super) insert: String,
    /// Null.
    #[schema(required)]
    pub(super) create: Option<String>,
    /// When a payload touched it last.
    pub(super) update: String,
    /// When it opened, in seconds since 1970.
    pub(super) timestamp: f64,
    /// Seconds from the opening to the last touch.
    pub(super) duration: f64,
    /// Of the opening, 0 for Monday.
    pub(super) weekday: u8,
}

/// The device.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SessionDevice)]
#[serde(deny_unknown_fields)]
pub(super) struct Device {
    #[schema(required)]
    pub(super) name: Option<String>,
    #[schema(required)]
    pub(super) brand: Option<String>,
    #[schema(required)]
    pub(super) model: Option<String>,
    /// `mobile`, `pc`, `tablet` or `email`.
    #[schema(required)]
    pub(super) r#type: Option<&'static str>,
    /// Is touched.
    pub(super) touch: bool,
    /// The address that opened it, if the source keeps addresses.
    #[schema(required)]
    pub(super) ip: Option<String>,
    /// `WxH` in pixels.
    #[schema(required)]
    pub(super) resolution: Option<String>,
    /// Bits.
    #[schema(required)]
    pub(super) color_depth: Option<i64>,
    #[schema(required)]
    pub(super) orientation: Option<String>,
    pub(super) geo: Geo,
}

/// Where they say they are.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SessionGeo)]
#[serde(deny_unknown_fields)]
pub(super) struct Geo {
    country: Country,
    #[schema(required)]
    city: Option<String>,
    #[schema(required)]
    county: Option<String>,
    #[schema(required)]
    postal: Option<String>,
    /// Degrees north.
    #[schema(required)]
    latitude: Option<f64>,
    /// Degrees east.
    #[schema(required)]
    longitude: Option<f64>,
    /// Longitude and latitude.
    #[schema(required)]
    location: Option<Vec<f64>>,
}

impl From<&model::Geo> for Geo {
    fn from(geo: &model::Geo) -> Self {
        Self {
            country: Country { name: geo.country_name.clone(), code: geo.country_code.clone() },
            city: geo.city.clone(),
            county: geo.county.clone(),
            postal: geo.postal.clone(),
            latitude: geo.latitude,
            longitude: geo.longitude,
            location: geo.longitude.zip(geo.latitude).map(|(lon, lat)| vec![lon, lat]),
        }
    }
}

/// In which country.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SessionCountry)]
#[serde(deny_unknown_fields)]
struct Country {
    #[schema(required)]
    name: Option<String>,
    #[schema(required)]
    code: Option<String>,
}

/// The operating system.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SessionOs)]
#[serde(deny_unknown_fields)]
pub(super) struct Os {
    #[schema(required)]
    pub(super) name: Option<String>,
    #[schema(required)]
    pub(super) version: Option<String>,
}

/// The browser or application.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SessionApp)]
#[serde(deny_unknown_fields)]
pub(super) struct App {
    /// `browser` and the like.
    #[schema(required)]
    pub(super) r#type: Option<String>,
    #[schema(required)]
    pub(super) name: Option<String>,
    #[schema(required)]
    pub(super) version: Option<String>,
    /// The language it is set to.
    #[schema(required)]
    pub(super) language: Option<String>,
    /// A crawler.
    pub(super) bot: bool,
    /// The device's.
    #[schema(required)]
    pub(super) resolution: Option<String>,
}

/// The campaign that brought them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SessionUtm)]
#[serde(deny_unknown_fields)]
pub(super) struct Utm {
    #[schema(required)]
    source: Option<String>,
    #[schema(required)]
    medium: Option<String>,
    #[schema(required)]
    campaign: Option<String>,
    #[schema(required)]
    term: Option<String>,
    #[schema(required)]
    content: Option<String>,
}

impl From<&model::Utm> for Utm {
    fn from(utm: &model::Utm) -> Self {
        Self {
            source: utm.source.clone(),
            medium: utm.medium.clone(),
            campaign: utm.campaign.clone(),
            term: utm.term.clone(),
            content: utm.content.clone(),
        }
    }
}
