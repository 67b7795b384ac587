//! May it come in? Source, door, origin, crawlers, rate.

mod admitted;
mod rate;
mod room;

pub use admitted::{Admitted, Leave};
pub use rate::{LetIn, Rates};
pub use room::{Held, NoRoom, Room};

use std::sync::Arc;
use std::time::Duration;

use crate::config::{AdmissionConfig, Bots};
use crate::model::{Bridge, Crawlers, Source, names_origin};

/// Which page something comes from.
#[derive(Clone, Copy, Debug)]
pub enum Page<'a> {
    /// The one in the `Origin` header, if there is one.
    Sent(Option<&'a str>),
    /// None is looked for: somebody who may hands it in, and has it from no page.
    Unasked,
}

/// What admission looks at.
#[derive(Debug)]
pub struct Arrival<'a> {
    /// The source named, if it exists.
    pub source: Option<&'a Arc<Source>>,
    /// The door it came through.
    pub bridge: Bridge,
    /// The page that sends it.
    pub page: Page<'a>,
    /// The sender is a crawler.
    pub bot: bool,
    /// The payload names a profile.
    pub names_profile: bool,
}

/// Why a payload was not let in. Nothing of it was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No source has this id.
    UnknownSource,
    /// The source is off.
    DisabledSource,
    /// The source may not use this door.
    WrongBridge,
    /// The page is not on the source's list.
    OriginNotAllowed,
    /// Crawlers are refused.
    Bot,
    /// The source brings profile ids of its own, and this payload has none.
    ProfileIdRequired,
    /// More than the source may send.
    TooMany(Duration),
}

/// Lets a payload in, or says why not. The order is the reference's (docs/wire.md §2.2), so that
/// the first reason is the same.
///
/// # Errors
/// [`Refusal`].
pub fn admit(
    arrival: &Arrival<'_>,
    config: &AdmissionConfig,
    rates: &Rates,
) -> Result<Leave, Refusal> {
    let source = arrival.source.ok_or(Refusal::UnknownSource)?;
    if !source.enabled {
        return Err(Refusal::DisabledSource);
    }
    if !source.bridges.contains(&arrival.bridge) {
        return Err(Refusal::WrongBridge);
    }
    if !is_allowed(&source.allowed_origins, arrival.page) {
        return Err(Refusal::OriginNotAllowed);
    }
    // Webhooks are machines, and many call themselves bots.
    if arrival.bot && arrival.bridge != Bridge::Webhook && refuses_crawlers(source, config) {
        return Err(Refusal::Bot);
    }
    if source.static_profile_id && !arrival.names_profile {
        return Err(Refusal::ProfileIdRequired);
    }
    rates.check(&source.id).map_err(Refusal::TooMany)?;
    Ok(Leave::new(source))
}

/// As the source says, else as the settings do.
fn refuses_crawlers(source: &Source, config: &AdmissionConfig) -> bool {
    match source.crawlers {
        Some(crawlers) => crawlers == Crawlers::Refuse,
        None => config.bots == Bots::Refuse,
    }
}

/// An empty list allows every page and every backend; otherwise the list says all.
fn is_allowed(allowed: &[String], page: Page<'_>) -> bool {
    let Page::Sent(origin) = page else { return true };
    allowed.is_empty() || allowed.iter().any(|listed| names_origin(listed, origin))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_origins_says_all_unless_it_is_empty() {
        let list = vec!["https://Shop.example/".to_owned()];
        assert!(is_allowed(&[], Page::Sent(None)));
        assert!(is_allowed(&list, Page::Sent(Some("https://shop.example"))));
        assert!(!is_allowed(&list, Page::Sent(Some("https://shop.example.evil"))));
        assert!(!is_allowed(&list, Page::Sent(None)));
        assert!(is_allowed(&list, Page::Unasked));
    }
}
