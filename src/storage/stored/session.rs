//! A session as stored.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::moment;
use crate::model::{
    App, Client, Device, Geo, Json, Link, Os, ProfileId, Session, SessionId, SourceId, Status,
    Time, Utm,
};

/// The deepest nesting read back; what was stored was bounded below it when it came in.
const DEPTH_MAX: usize = 1024;

/// The body of a `session` row. `profile_id` stands in a column of its own.
#[derive(Debug, Serialize, Deserialize)]
pub struct StoredSession {
    source_id: String,
    #[serde(with = "moment")]
    created: Time,
    #[serde(with = "moment")]
    touched: Time,
    events: u64,
    status: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    link: Option<StoredLink>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    channel: String,
    #[serde(default)]
    device: StoredDevice,
    #[serde(default)]
    os: StoredOs,
    #[serde(default)]
    app: StoredApp,
    #[serde(default)]
    utm: StoredUtm,
    #[serde(default)]
    geo: StoredGeo,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    languages: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    timezone: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ip: Option<String>,
    context: Box<RawValue>,
    properties: Box<RawValue>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct StoredLink {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    visitor: Option<String>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct StoredDevice {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    brand: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    #[serde(default)]
    touch: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    resolution: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    color_depth: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    orientation: Option<String>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct StoredOs {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<String>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct StoredApp {
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    #[serde(default)]
    bot: bool,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct StoredUtm {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    medium: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    campaign: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    term: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    content: Option<String>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct StoredGeo {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    country_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    country_code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    city: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    county: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    postal: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    latitude: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    longitude: Option<f64>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    is_of_address: bool,
}

impl StoredSession {
    /// A body that may say who visits, where the session is of somebody who was only named. Most do not, and are not
    /// read.
    ///
    /// # Errors
    /// When it is damaged.
    pub fn with_visitor(body: &str) -> serde_json::Result<Option<Self>> {
        if body.contains("\"visitor\"") { serde_json::from_str(body).map(Some) } else { Ok(None) }
    }

    /// Who visits, where the session is of somebody who was only named.
    #[must_use]
    pub fn visitor(&self) -> Option<&str> {
        self.link.as_ref()?.visitor.as_deref()
    }

    /// The session of the row with this id and profile.
    #[must_use]
    pub fn into_session(self, id: SessionId, profile: Option<ProfileId>) -> Session {
        let json = |raw: &RawValue| Json::compact(raw.get(), DEPTH_MAX).unwrap_or_default();
        Session {
            id,
            profile,
            link: self.link.map(|link| Link { visitor: link.visitor.map(ProfileId::new) }),
            source: SourceId::new(self.source_id),
            created: self.created,
            touched: self.touched,
            events: self.events,
            status: Status::named(&self.status).unwrap_or(Status::Active),
            channel: self.channel,
            context: json(&self.context),
            properties: json(&self.properties),
            client: Arc::new(client(self.device, self.os, self.app)),
            utm: utm(self.utm),
            geo: geo(self.geo),
            languages: self.languages,
            timezone: self.timezone,
            ip: self.ip,
        }
    }
}

fn client(device: StoredDevice, os: StoredOs, app: StoredApp) -> Client {
    let kind = ["mobile", "pc", "tablet", "email"];
    Client {
        device: Device {
            kind: kind.into_iter().find(|kind| device.kind.as_deref() == Some(*kind)),
            name: device.name,
            brand: device.brand,
            model: device.model,
            touch: device.touch,
            resolution: device.resolution,
            color_depth: device.color_depth,
            orientation: device.orientation,
        },
        os: Os { name: os.name, version: os.version },
        app: App {
            kind: app.kind,
            name: app.name,
            version: app.version,
            language: app.language,
            bot: app.bot,
        },
    }
}

fn utm(utm: StoredUtm) -> Utm {
    Utm {
        source: utm.source,
        medium: utm.medium,
        campaign: utm.campaign,
        term: utm.term,
        content: utm.content,
    }
}

fn geo(geo: StoredGeo) -> Geo {
    Geo {
        country_name: geo.country_name,
        country_code: geo.country_code,
        city: geo.city,
        county: geo.county,
        postal: geo.postal,
        latitude: geo.latitude,
        longitude: geo.longitude,
        is_of_address: geo.is_of_address,
    }
}

impl From<&Session> for StoredSession {
    fn from(session: &Session) -> Self {
        let raw = |json: &Json| {
            RawValue::from_string(json.as_str().to_owned())
                .unwrap_or_else(|_| RawValue::NULL.to_owned())
        };
        let Client { device, os, app } = session.client.as_ref().clone();
        let (utm, geo) = (session.utm.clone(), session.geo.clone());
        Self {
            source_id: session.source.to_string(),
            created: session.created,
            touched: session.touched,
            events: session.events,
            status: session.status.as_str().to_owned(),
            link: session
                .link
                .as_ref()
                .map(|link| StoredLink { visitor: link.visitor.as_ref().map(ToString::to_string) }),
            channel: session.channel.clone(),
            device: StoredDevice {
                name: device.name,
                brand: device.brand,
                model: device.model,
                kind: device.kind.map(str::to_owned),
                touch: device.touch,
                resolution: device.resolution,
                color_depth: device.color_depth,
                orientation: device.orientation,
            },
            os: StoredOs { name: os.name, version: os.version },
            app: StoredApp {
                kind: app.kind,
                name: app.name,
                version: app.version,
                language: app.language,
                bot: app.bot,
            },
            utm: StoredUtm {
                source: utm.source,
                medium: utm.medium,
                campaign: utm.campaign,
                term: utm.term,
                content: utm.content,
            },
            geo: StoredGeo {
                country_name: geo.country_name,
                country_code: geo.country_code,
                city: geo.city,
                county: geo.county,
                postal: geo.postal,
                latitude: geo.latitude,
                longitude: geo.longitude,
                is_of_address: geo.is_of_address,
            },
            languages: session.languages.clone(),
            timezone: session.timezone.clone(),
            ip: session.ip.clone(),
            context: raw(&session.context),
            properties: raw(&session.properties),
        }
    }
}
