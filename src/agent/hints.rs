//! Client hints: what browsers say instead of a true user agent (`Sec-CH-UA-*`).

use super::{Agent, DeviceKind};

/// Longest hint that is read, in bytes, as of all that describes a visitor; a list of brands with full
/// versions takes about 150.
const HINT_BYTES_MAX: usize = 256;

/// What the hint headers say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientHints {
    brand: Option<(String, String)>,
    mobile: Option<bool>,
    platform: Option<String>,
    platform_version: Option<String>,
    model: Option<String>,
}

impl ClientHints {
    /// Reads the headers; none when there are no hints.
    pub fn read<'a>(header: impl Fn(&str) -> Option<&'a str>) -> Option<Self> {
        let header = |name: &str| header(name).filter(|text| text.len() <= HINT_BYTES_MAX);
        let text = |name: &str| header(name).map(unquote).filter(|text| !text.is_empty());
        let list = header("sec-ch-ua-full-version-list").or_else(|| header("sec-ch-ua"));
        let hints = Self {
            brand: list.and_then(brand),
            mobile: header("sec-ch-ua-mobile").map(|text| text.trim() == "?1"),
            platform: text("sec-ch-ua-platform").filter(|platform| platform != "Unknown"),
            platform_version: text("sec-ch-ua-platform-version"),
            model: text("sec-ch-ua-model"),
        };
        (hints != Self::default()).then_some(hints)
    }

    /// Puts what they say in place of what the text said.
    pub(super) fn improve(&self, agent: &mut Agent) {
        if let Some((name, version)) = &self.brand {
            agent.app.name = Some(name.clone());
            agent.app.version = Some(version.clone());
            agent.app.kind = Some("browser".to_owned());
        }
        match (self.mobile, agent.device.kind) {
            (Some(true), None | Some(DeviceKind::Pc)) => {
                agent.device.kind = Some(DeviceKind::Mobile)
            }
            (Some(false), None) => agent.device.kind = Some(DeviceKind::Pc),
            _ => {}
        }
        if let Some(platform) = &self.platform {
            agent.os.name = Some(platform.clone());
            agent.os.version = self.platform_version.as_deref().map(|version| {
                if platform == "Windows" { windows(version).to_owned() } else { version.to_owned() }
            });
        }
        if let Some(model) = &self.model {
            agent.device.model = Some(model.clone());
            agent.device.name = Some(model.clone());
        }
    }
}

/// Windows counts its platform versions from 1; 13 and above are Windows 11.
fn windows(version: &str) -> &'static str {
    match version.split('.').next().and_then(|major| major.parse::<u32>().ok()) {
        Some(13..) => "11",
        Some(1..) => "10",
        _ => "8.1 or older",
    }
}

/// The browser's own name in a list such as `"Chromium";v="120", "Not)A;Brand";v="8"`: neither the
/// placeholder, nor Chromium where a name says more.
fn brand(list: &str) -> Option<(String, String)> {
    let mut named: Vec<(String, String)> = Vec::new();
    for part in list.split("\", \"").flat_map(|part| part.split("\",\"")) {
        let Some((name, version)) = part.split_once("\";v=") else { continue };
        let name = name.trim().trim_start_matches('"').to_owned();
        let placeholder = name.contains("Not") && name.contains("Brand");
        if !placeholder {
            named.push((name, unquote(version)));
        }
    }
    let own = named.iter().find(|(name, _)| name != "Chromium");
    own.or_else(|| named.first()).map(|(name, version)| {
        (
            name.trim_start_matches("Google ").trim_start_matches("Microsoft ").to_owned(),
            version.clone(),
        )
    })
}

fn unquote(text: &str) -> String {
    text.trim().trim_matches('"').to_owned()
}
