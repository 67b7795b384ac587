//! Event sources: who may send.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::profile_view::{self, ProfileViewBody};
use super::{Entity, Misfit, Reference, Snapshot};
use crate::model::{
    Bridge, Crawlers, ID_BYTES_MAX, Redirect, SECRET_NAME_BYTES_MAX, SECRET_NAMES_MAX, Source,
    SourceId, Time, Trust, UrlSecrets, Webhook, check_origin, lower_case,
};
use crate::storage::moment;

/// Most days of a retention: a century.
const RETENTION_DAYS_MAX: u64 = 36_500;

impl Entity for Source {
    const KIND: &'static str = "source";

    type Body = SourceBody;

    fn id(&self) -> &str {
        self.id.as_str()
    }

    /// Upper and lower case are one, as in the reference.
    fn normal(id: &str) -> Cow<'_, str> {
        Cow::Owned(lower_case(id))
    }

    fn check(&self, known: &Snapshot) -> Result<(), Misfit> {
        let id = self.id.as_str();
        if id.is_empty() || id.len() > ID_BYTES_MAX || id.starts_with('@') {
            let wanted = format!("must have 1 to {ID_BYTES_MAX} bytes and must not start with @");
            return Err(Misfit::new("id", wanted));
        }
        if self.name.is_empty() {
            return Err(Misfit::new("name", "must not be empty"));
        }
        if self.bridges.is_empty() {
            let wanted = "must be rest, webhook or redirect, or a list of them";
            return Err(Misfit::new("type", wanted));
        }
        let leads = |one: &Redirect| one.source == self.id;
        let is_led_to = known.all::<Redirect>().iter().any(|one| leads(&one.entity));
        if is_led_to && !self.bridges.contains(&Bridge::Redirect) {
            return Err(Misfit::new(
                "type",
                "must stay redirect, too: links record their events there",
            ));
        }
        for listed in &self.allowed_origins {
            check_origin(listed).map_err(|wanted| Misfit::new("allowed_origins", wanted))?;
        }
        check_secrets(&self.url_secrets)?;
        profile_view::check(&self.profile_view, self.trust)
    }

    fn check_new(&self, before: Option<&Self>) -> Result<(), Misfit> {
        let was = before.map(|before| before.retention_days);
        if was == Some(self.retention_days) { Ok(()) } else { check_retention(self.retention_days) }
    }

    fn refers_to(&self) -> Vec<Reference> {
        profile_view::refers_to(&self.profile_view)
    }

    /// The place of the id is stored by what is below `properties`; what stands there is shown as the person's id. What
    /// answers tell of the person is told without what strangers do not see.
    fn named(&self) -> Option<Value> {
        let place = self.webhook.replace_profile_id.as_ref();
        Some(place.map(|path| format!("properties.{path}")).into())
    }

    fn to_body(&self) -> SourceBody {
        SourceBody::from(self)
    }

    fn from_body(id: String, body: SourceBody) -> Self {
        body.into_source(SourceId::new(id))
    }
}

/// Whether events can be kept for so many days, by their source or by their type.
pub(super) fn check_retention(days: u64) -> Result<(), Misfit> {
    if days <= RETENTION_DAYS_MAX {
        return Ok(());
    }
    Err(Misfit::new("retention_days", format!("must be at most {RETENTION_DAYS_MAX}")))
}

fn check_secrets(secrets: &UrlSecrets) -> Result<(), Misfit> {
    let is_name = |name: &String| (1..=SECRET_NAME_BYTES_MAX).contains(&name.len());
    let each = [&secrets.more, &secrets.kept];
    if each.iter().all(|names| names.len() <= SECRET_NAMES_MAX && names.iter().all(is_name)) {
        return Ok(());
    }
    let wanted = format!(
        "must name at most {SECRET_NAMES_MAX} parameters of 1 to {SECRET_NAME_BYTES_MAX} bytes"
    );
    Err(Misfit::new("url_secrets", wanted))
}

/// The body of a `config` row of kind `source`.
#[derive(Debug, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the reference's source")]
pub struct SourceBody {
    name: String,
    #[serde(default)]
    description: String,
    #[serde(rename = "type")]
    bridges: Vec<String>,
    enabled: bool,
    #[serde(default)]
    trust: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    #[serde(default)]
    transitional: bool,
    #[serde(default)]
    static_profile_id: bool,
    #[serde(default)]
    generate_profile: bool,
    #[serde(default = "yes")]
    sticky_session: bool,
    #[serde(default)]
    replace_profile_id: Option<String>,
    #[serde(default)]
    returns_profile: bool,
    #[serde(default, skip_serializing_if = "ProfileViewBody::is_empty")]
    profile_view: ProfileViewBody,
    #[serde(default)]
    channel: String,
    #[serde(default)]
    allowed_origins: Vec<String>,
    #[serde(default)]
    keeps_ip: bool,
    #[serde(default)]
    cuts_ip: bool,
    #[serde(default = "yes")]
    locates: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    crawlers: Option<String>,
    #[serde(default = "yes")]
    cuts_url_secrets: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    url_secrets: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    url_secrets_kept: Vec<String>,
    #[serde(default)]
    retention_days: u64,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(with = "moment")]
    created: Time,
}

fn yes() -> bool {
    true
}

impl SourceBody {
    fn into_source(self, id: SourceId) -> Source {
        let bridges: Vec<_> = self.bridges.iter().filter_map(|name| Bridge::named(name)).collect();
        let trust = self.trust.as_deref().and_then(Trust::named);
        Source {
            id,
            name: self.name,
            description: self.description,
            trust: trust.unwrap_or_else(|| Source::usual_trust(&bridges)),
            secret: self.secret,
            bridges,
            enabled: self.enabled,
            transitional: self.transitional,
            static_profile_id: self.static_profile_id,
            webhook: Webhook {
                generate_profile: self.generate_profile,
                sticky_session: self.sticky_session,
                replace_profile_id: self.replace_profile_id,
            },
            returns_profile: self.returns_profile,
            profile_view: self.profile_view.into(),
            channel: self.channel,
            allowed_origins: self.allowed_origins,
            keeps_ip: self.keeps_ip,
            cuts_ip: self.cuts_ip,
            locates: self.locates,
            crawlers: self.crawlers.as_deref().and_then(Crawlers::named),
            url_secrets: UrlSecrets {
                cut: self.cuts_url_secrets,
                more: self.url_secrets,
                kept: self.url_secrets_kept,
            },
            retention_days: self.retention_days,
            tags: self.tags,
            created: self.created,
        }
    }
}

impl From<&Source> for SourceBody {
    fn from(source: &Source) -> Self {
        Self {
            name: source.name.clone(),
            description: source.description.clone(),
            bridges: source.bridges.iter().map(|bridge| bridge.as_str().to_owned()).collect(),
            enabled: source.enabled,
            trust: Some(source.trust.as_str().to_owned()),
            secret: source.secret.clone(),
            transitional: source.transitional,
            static_profile_id: source.static_profile_id,
            generate_profile: source.webhook.generate_profile,
            sticky_session: source.webhook.sticky_session,
            replace_profile_id: source.webhook.replace_profile_id.clone(),
            returns_profile: source.returns_profile,
            profile_view: (&source.profile_view).into(),
            channel: source.channel.clone(),
            allowed_origins: source.allowed_origins.clone(),
            keeps_ip: source.keeps_ip,
            cuts_ip: source.cuts_ip,
            locates: source.locates,
            crawlers: source.crawlers.map(|crawlers| crawlers.as_str().to_owned()),
            cuts_url_secrets: source.url_secrets.cut,
            url_secrets: source.url_secrets.more.clone(),
            url_secrets_kept: source.url_secrets.kept.clone(),
            retention_days: source.retention_days,
            tags: source.tags.clone(),
            created: source.created,
        }
    }
}
