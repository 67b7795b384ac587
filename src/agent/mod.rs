//! User agents: device, operating system and application of whoever sends.

mod cache;
mod crawlers;
mod device;
mod hints;

pub use cache::Agents;
pub use hints::ClientHints;

use woothee::parser::Parser;

/// Longest user agent that is read, in bytes; the rest is padding or an attack.
const TEXT_BYTES_MAX: usize = 1024;
/// What the parser says when it does not know.
const UNKNOWN: &str = "UNKNOWN";

/// What the parser calls all libraries that programs send with; their own name is its version then.
const HTTP_LIBRARY: &str = "HTTP Library";

/// What a user agent tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agent {
    /// The device.
    pub device: AgentDevice,
    /// The operating system.
    pub os: AgentOs,
    /// The application.
    pub app: AgentApp,
    /// A crawler. Libraries that backends send with are none, and neither are browsers that programs drive.
    pub bot: bool,
}

/// A device.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgentDevice {
    /// Family.
    pub name: Option<String>,
    /// Maker.
    pub brand: Option<String>,
    /// Model.
    pub model: Option<String>,
    /// What sort of thing it is.
    pub kind: Option<DeviceKind>,
    /// Is touched.
    pub touch: bool,
}

/// Sorts of devices (docs/wire.md §4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceKind {
    /// A telephone.
    Mobile,
    /// A desktop or laptop.
    Pc,
    /// A tablet.
    Tablet,
    /// An e-mail program.
    Email,
}

impl DeviceKind {
    const ALL: [Self; 4] = [Self::Mobile, Self::Pc, Self::Tablet, Self::Email];

    /// As documents and history have it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mobile => "mobile",
            Self::Pc => "pc",
            Self::Tablet => "tablet",
            Self::Email => "email",
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == name)
    }
}

/// An operating system.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgentOs {
    /// Name.
    pub name: Option<String>,
    /// Version.
    pub version: Option<String>,
}

/// An application.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgentApp {
    /// `browser`, or `library` of what programs send with.
    pub kind: Option<String>,
    /// Name.
    pub name: Option<String>,
    /// Version.
    pub version: Option<String>,
}

/// Reads a user agent; where client hints are given they win, since browsers freeze the text.
fn read(text: &str, hints: Option<&ClientHints>) -> Agent {
    let text = cut(text);
    let mut agent = parse(text);
    agent.bot = agent.bot || crawlers::is_listed(text);
    agent.device = device::read(text, agent.device);
    if let Some(hints) = hints {
        hints.improve(&mut agent);
    }
    agent
}

fn parse(text: &str) -> Agent {
    let Some(found) = Parser::new().parse(text) else { return Agent::default() };
    let known = |text: &str| (text != UNKNOWN && !text.is_empty()).then(|| text.to_owned());
    let is_browser = matches!(found.browser_type, "browser" | "full");
    let kind = match found.category {
        "pc" => Some(DeviceKind::Pc),
        "smartphone" | "mobilephone" => Some(DeviceKind::Mobile),
        _ => None,
    };
    let app = if found.name == HTTP_LIBRARY {
        library(text, found.version)
    } else {
        AgentApp {
            kind: is_browser.then(|| "browser".to_owned()),
            name: known(found.name),
            version: known(found.version),
        }
    };
    Agent {
        device: AgentDevice { kind, ..AgentDevice::default() },
        os: AgentOs { name: known(found.os), version: known(&found.os_version) },
        app,
        bot: found.category == "crawler",
    }
}

/// A library as it says itself: `curl/8.5.0`. `family` is what it is one of, where it has no version.
fn library(text: &str, family: &str) -> AgentApp {
    let product = text.split_whitespace().next().unwrap_or_default();
    let (name, version) = match product.split_once('/') {
        Some((name, version)) if !version.is_empty() => (name, Some(version.to_owned())),
        _ => (family, None),
    };
    AgentApp { kind: Some("library".to_owned()), name: Some(name.to_owned()), version }
}

fn cut(text: &str) -> &str {
    let mut end = text.len().min(TEXT_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or("")
}

#[cfg(test)]
mod tests;
