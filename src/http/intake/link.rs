//! A profile that another of our sites has handed over in a link (docs/wire.md §3.5).
//!
//! What shows that it was given to a visitor lets in whoever has it: it is read, and not kept.

use std::borrow::Cow;

use super::{Incoming, Intake};
use crate::model::{Bridge, ID_BYTES_MAX, Json, Links, Map, Passed, ProfileId, SourceId, Warning};
use crate::processing::text_at;

/// What a payload says of the link that led to it.
#[derive(Debug)]
pub(super) struct Link {
    said: Option<HandedOver>,
    /// The page that the payload is about, as it was sent.
    page: Option<String>,
}

/// A profile in a link.
#[derive(Debug)]
struct HandedOver {
    /// `__tr_pid`.
    profile: String,
    /// `__tr_src`.
    source: String,
    /// `__tr_sig`: what shows that it was given to a visitor of that source.
    pass: Option<String>,
}

impl Link {
    /// The context without what is not kept, and what it says. `facts` are what is read of it.
    pub(super) fn taken_out_of(context: Json, facts: &Map) -> (Json, Self) {
        let said = |path: &str| text_at(facts, path).map(Cow::into_owned);
        let said = said("tracardi.pass.profile").zip(said("tracardi.pass.source"));
        let said = said.map(|(profile, source)| HandedOver {
            profile,
            source,
            pass: text_at(facts, "tracardi.pass.signature").map(Cow::into_owned),
        });
        let page = page(facts).filter(|page| may_hand_over(page)).map(Cow::into_owned);
        (without_signature(context), Self { said, page })
    }

    /// The same of an event. Of the first, its own page counts.
    pub(super) fn take_out_of(&mut self, context: Json, is_first: bool) -> Json {
        if is_first && (self.page.is_some() || may_hand_over(context.as_str())) {
            let facts = context.pick(&["page.url"]);
            self.page = page(&facts).map(Cow::into_owned).or_else(|| self.page.take());
        }
        without_signature(context)
    }

    /// What was handed over, on the page where the first event happened.
    fn handed_over(self) -> Option<HandedOver> {
        let handed = self.said.or_else(|| in_url(&self.page?))?;
        let fits = |id: &str| id.len() <= ID_BYTES_MAX && !id.contains('\0');
        (fits(&handed.profile) && fits(&handed.source)).then_some(handed)
    }
}

impl Intake<'_> {
    /// The profile that a link has handed over.
    pub(super) fn passed(
        &self,
        link: Link,
        incoming: &Incoming<'_>,
        warnings: &mut Vec<Warning>,
    ) -> Option<Passed> {
        let HandedOver { profile, source, pass } = link.handed_over()?;
        let own = incoming.profile.as_deref().map(str::trim);
        if own == Some(profile.as_str()) {
            return None;
        }
        // Only from a source that could have written it.
        let from = self.source(&source);
        if !from.is_some_and(|from| from.enabled && from.bridges.contains(&Bridge::Rest)) {
            let text =
                "a profile was handed over from a source that is unknown or disabled; ignored";
            warnings.push(Warning::new("passed_source_refused", text));
            return None;
        }
        self.somebodys(Some(&profile), "the link", warnings)?;
        let is_pass =
            |pass: String| self.app.seals.is_pass(&pass, &profile, &source, self.received_at);
        let is_signed = pass.is_some_and(is_pass);
        if !is_signed && self.known.identity().settings.links == Links::Signed {
            let text = "a profile was handed over without a signature that is good now; ignored";
            warnings.push(Warning::new("identifier_not_trusted", text));
            return None;
        }
        Some(Passed { profile: ProfileId::new(profile), source: SourceId::new(source) })
    }
}

fn page(facts: &Map) -> Option<Cow<'_, str>> {
    text_at(facts, "page.url")
}

/// Most addresses do not, and are not copied.
fn may_hand_over(text: &str) -> bool {
    text.contains("tr_pid")
}

/// Most contexts have none.
fn without_signature(context: Json) -> Json {
    if !context.as_str().contains("\"tracardi\"") {
        return context;
    }
    let mut map = context.read();
    let pass = map.get_mut("tracardi").and_then(|value| value.get_mut("pass")?.as_object_mut());
    match pass.and_then(|pass| pass.remove("signature")) {
        Some(_) => Json::from_map(&map),
        None => context,
    }
}

/// The same from the landing page's own address.
fn in_url(url: &str) -> Option<HandedOver> {
    let (_, query) = url.split_once('?')?;
    let query = query.split_once('#').map_or(query, |(query, _)| query);
    let value = |name: &str| {
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        let value = pairs.find(|(key, _)| key == name)?.1;
        (!value.is_empty()).then(|| value.into_owned())
    };
    let (profile, source) = (value("__tr_pid")?, value("__tr_src")?);
    Some(HandedOver { profile, source, pass: value("__tr_sig") })
}
