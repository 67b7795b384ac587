//! What the event document is made of.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::model::Map;

/// The columns of history that are left to be told.
pub(super) struct Columns(pub(super) Map);

impl Columns {
    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        match self.0.remove(name) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    pub(super) fn texts(&mut self, name: &str) -> Vec<String> {
        let list = self.0.remove(name).map(serde_json::from_value);
        list.and_then(Result::ok).unwrap_or_default()
    }

    pub(super) fn object(&mut self, name: &str) -> Map {
        match self.0.remove(name) {
            Some(Value::Object(map)) => map,
            _ => Map::new(),
        }
    }

    pub(super) fn named(&mut self, name: &str) -> Option<Named> {
        self.text(name).map(|id| Named { id })
    }

    fn truth(&mut self, name: &str) -> Option<bool> {
        self.0.remove(name).as_ref().and_then(Value::as_bool)
    }
}

/// Something by its id.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventNamed)]
#[serde(deny_unknown_fields)]
pub(super) struct Named {
    id: String,
}

/// What is known about the event itself.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventMetadata)]
#[serde(deny_unknown_fields)]
pub(super) struct Metadata {
    time: Times,
    aux: Empty,
    /// Where it came from, if the source keeps that.
    #[schema(required)]
    ip: Option<String>,
    /// `collected`.
    status: &'static str,
    /// The source's.
    channel: String,
    processed_by: ProcessedBy,
    /// Nobody is behind it.
    profile_less: bool,
    debug: bool,
    valid: bool,
    /// Not `valid`.
    error: bool,
    /// Whether there are `warnings`.
    warning: bool,
    /// What was found wrong with it.
    warnings: Vec<String>,
    /// `false`.
    merge: bool,
}

impl Metadata {
    /// Before the columns that others need as well are taken.
    pub(super) fn of(columns: &mut Columns) -> Self {
        let (time, warnings) = (columns.text("time"), columns.texts("warnings"));
        let valid = columns.truth("valid").unwrap_or(true);
        let create = columns.text("client_time").or_else(|| time.clone());
        Self {
            time: Times {
                insert: time,
                create,
                update: None,
                received: columns.text("received_at"),
                process_time: 0,
                total_time: 0,
            },
            aux: Empty {},
            ip: columns.text("ip"),
            status: "collected",
            channel: columns.text("channel").unwrap_or_default(),
            processed_by: ProcessedBy::default(),
            profile_less: !columns.0.contains_key("profile_id"),
            debug: columns.truth("debug").unwrap_or(false),
            valid,
            error: !valid,
            warning: !warnings.is_empty(),
            warnings,
            merge: false,
        }
    }
}

/// When it happened.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventTimes)]
#[serde(deny_unknown_fields)]
struct Times {
    /// When it happened: by the client's clock where that is right, or else as the receipt tells.
    #[schema(required)]
    insert: Option<String>,
    /// The same by the client's clock, whether it is right or not.
    #[schema(required)]
    create: Option<String>,
    /// Null.
    #[schema(required)]
    update: Option<String>,
    /// When it was received.
    #[schema(required)]
    received: Option<String>,
    /// 0.
    process_time: u64,
    /// 0.
    total_time: u64,
}

/// Nothing.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventEmpty)]
#[serde(deny_unknown_fields)]
struct Empty {}

/// Empty lists.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = EventProcessedBy)]
#[serde(deny_unknown_fields)]
struct ProcessedBy {
    rules: Vec<String>,
    flows: Vec<String>,
    third_party: Vec<String>,
}

/// Labels.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventTags)]
#[serde(deny_unknown_fields)]
pub(super) struct Tags {
    /// How many there are.
    count: usize,
    values: Vec<String>,
}

impl Tags {
    pub(super) fn of(values: Vec<String>) -> Self {
        Self { count: values.len(), values }
    }
}

/// The campaign that led here.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventUtm)]
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

impl Utm {
    pub(super) fn of(columns: &mut Columns) -> Self {
        Self {
            source: columns.text("utm_source"),
            medium: columns.text("utm_medium"),
            campaign: columns.text("utm_campaign"),
            term: columns.text("utm_term"),
            content: columns.text("utm_content"),
        }
    }
}

/// What it was sent with.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventDevice)]
pub(super) struct Device {
    /// Such as `mobile`.
    #[schema(required)]
    r#type: Option<String>,
    #[schema(required)]
    brand: Option<String>,
    #[schema(required)]
    model: Option<String>,
    geo: Geo,
}

/// Where that was.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventGeo)]
struct Geo {
    country: Country,
    #[schema(required)]
    city: Option<String>,
}

/// In which country.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventCountry)]
struct Country {
    #[schema(required)]
    code: Option<String>,
}

pub(super) fn device(columns: &mut Columns) -> Device {
    Device {
        r#type: columns.text("device_type"),
        brand: columns.text("device_brand"),
        model: columns.text("device_model"),
        geo: Geo { country: Country { code: columns.text("country") }, city: columns.text("city") },
    }
}

/// The operating system.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventOs)]
#[serde(deny_unknown_fields)]
pub(super) struct OsPart {
    #[schema(required)]
    name: Option<String>,
    #[schema(required)]
    version: Option<String>,
}

impl OsPart {
    pub(super) fn of(columns: &mut Columns) -> Self {
        Self { name: columns.text("os_name"), version: columns.text("os_version") }
    }
}

/// The browser or application.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventApp)]
#[serde(deny_unknown_fields)]
pub(super) struct AppPart {
    #[schema(required)]
    name: Option<String>,
    #[schema(required)]
    version: Option<String>,
    #[schema(required)]
    language: Option<String>,
    /// It is a crawler.
    #[serde(skip_serializing_if = "Option::is_none")]
    bot: Option<bool>,
}

impl AppPart {
    pub(super) fn of(columns: &mut Columns) -> Self {
        Self {
            name: columns.text("app_name"),
            version: columns.text("app_version"),
            language: columns.text("app_language"),
            bot: columns.truth("bot"),
        }
    }
}

/// The page, or what was looked at. What a rule copies is as it was sent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventHit)]
pub(super) struct Hit {
    name: Value,
    #[schema(required)]
    url: Option<String>,
    #[schema(required)]
    referer: Option<String>,
    /// What that is, where it was looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    referrer: Option<Referrer>,
    query: Value,
    category: Value,
    id: Value,
}

/// What led to a page.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventReferrer)]
#[serde(deny_unknown_fields)]
struct Referrer {
    /// `search`, `social`, `mail`, `assistant`, `ads`, `campaign`, `internal`, `direct` or `other`.
    kind: String,
    /// Which of them, where Kith has a name for it.
    #[schema(required)]
    name: Option<String>,
}

pub(super) fn hit(columns: &mut Columns) -> Hit {
    Hit {
        name: columns.text("page_title").map_or(Value::Null, Value::String),
        url: columns.text("page_url"),
        referer: columns.text("referrer_host"),
        referrer: columns
            .text("referrer_kind")
            .map(|kind| Referrer { kind, name: columns.text("referrer_name") }),
        query: Value::Null,
        category: Value::Null,
        id: Value::Null,
    }
}

/// Where the customer is on the way.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventJourney)]
#[serde(deny_unknown_fields)]
pub(super) struct Journey {
    #[schema(required)]
    pub(super) state: Option<String>,
}
