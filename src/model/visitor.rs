//! What a request tells about the one who visits.

use std::sync::Arc;

/// Everything read from headers and context; used when a session opens (docs/wire.md §4.1).
#[derive(Clone, Debug, Default)]
pub struct Visitor {
    /// Device, operating system, application.
    pub client: Arc<Client>,
    /// The campaign that brought them.
    pub utm: Utm,
    /// Where they say they are (`context.location`), or where their address is.
    pub geo: Geo,
    /// Two-letter codes, most wanted first.
    pub languages: Vec<String>,
    /// IANA time zone (`context.time.tz`).
    pub timezone: Option<String>,
    /// The address the request came from.
    pub ip: Option<String>,
    /// What of it was known when it came in for the first time.
    pub remembered: Remembered,
}

/// Which parts of a visitor an event of history has told itself: it keeps them, whatever its visit has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Remembered {
    /// The device, the operating system and the application.
    pub client: bool,
    /// The campaign.
    pub utm: bool,
    /// The place.
    pub geo: bool,
}

/// Device, operating system and application of a session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Client {
    /// What they hold in their hands.
    pub device: Device,
    /// What runs on it.
    pub os: Os,
    /// What sent the payload.
    pub app: App,
}

/// A device.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Device {
    /// Family name.
    pub name: Option<String>,
    /// Maker.
    pub brand: Option<String>,
    /// Model.
    pub model: Option<String>,
    /// `mobile`, `pc`, `tablet` or `email`.
    pub kind: Option<&'static str>,
    /// Is touched.
    pub touch: bool,
    /// `WxH` in pixels.
    pub resolution: Option<String>,
    /// Bits.
    pub color_depth: Option<i64>,
    /// As the browser says it.
    pub orientation: Option<String>,
}

/// An operating system.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Os {
    /// Name.
    pub name: Option<String>,
    /// Version.
    pub version: Option<String>,
}

/// An application, mostly a browser.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct App {
    /// `browser` and the like.
    pub kind: Option<String>,
    /// Name.
    pub name: Option<String>,
    /// Version.
    pub version: Option<String>,
    /// The language it is set to.
    pub language: Option<String>,
    /// A crawler.
    pub bot: bool,
}

/// Campaign parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Utm {
    /// `utm_source`; while it is empty, a later payload may fill all five.
    pub source: Option<String>,
    /// `utm_medium`.
    pub medium: Option<String>,
    /// `utm_campaign`.
    pub campaign: Option<String>,
    /// `utm_term`.
    pub term: Option<String>,
    /// `utm_content`.
    pub content: Option<String>,
}

/// A place, as the client tells it, or else as the address does.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Geo {
    /// Country's name; while it is empty, a later payload may fill the place.
    pub country_name: Option<String>,
    /// Country's two-letter code.
    pub country_code: Option<String>,
    /// City.
    pub city: Option<String>,
    /// County.
    pub county: Option<String>,
    /// Postal code.
    pub postal: Option<String>,
    /// Degrees north.
    pub latitude: Option<f64>,
    /// Degrees east.
    pub longitude: Option<f64>,
    /// Nobody has said it: it is where the address is.
    pub is_of_address: bool,
}

impl Geo {
    /// Whether a payload that says `other` changes what a visit has. What somebody said stays, a
    /// country once it is known; where the address is holds until somebody says where they are.
    #[must_use]
    pub fn gives_way_to(&self, other: &Self) -> bool {
        other.country_name.is_some()
            && match (self.is_of_address, other.is_of_address) {
                (false, false) => self.country_name.is_none(),
                (true, false) => true,
                (false, true) => *self == Self::default(),
                (true, true) => false,
            }
    }
}
