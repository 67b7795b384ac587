//! The sections of the settings. `default.toml` says what each key means, its unit and its bound.
#![expect(missing_docs, reason = "default.toml documents each key")]

use serde::{Deserialize, Serialize};

use super::TracesConfig;
use crate::model::Zone;

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct HttpConfig {
    pub console_origins: String,
    pub drain_seconds: u64,
}

impl HttpConfig {
    /// The origins, as they are written.
    pub fn console_origins(&self) -> impl Iterator<Item = &str> {
        self.console_origins.split([' ', ',']).filter(|one| !one.is_empty())
    }
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ScriptConfig {
    pub path: String,
    pub file: String,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    pub body_bytes_max: usize,
    pub body_decoded_bytes_max: usize,
    pub events_per_payload_max: usize,
    pub events_bytes_max: usize,
    pub json_depth_max: usize,
    pub requests_in_flight_max: usize,
    pub request_seconds_max: u64,
    pub bodies_bytes_max: usize,
    pub connections_max: usize,
    pub connections_per_address_max: usize,
    pub head_bytes_max: usize,
    pub head_seconds_max: u64,
    pub body_seconds_max: u64,
    pub idle_seconds_max: u64,
    pub stall_seconds_max: u64,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TlsConfig {
    pub certificate: String,
    pub key: String,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CommitterConfig {
    pub queue_payloads_max: usize,
    pub queue_bytes_max: usize,
    pub round_payloads_max: usize,
    pub round_bytes_max: usize,
    pub cache_entries_max: usize,
    pub cache_bytes_max: usize,
    pub held_back_seconds_max: u64,
    pub held_back_rows_per_round_max: usize,
    pub held_back_sessions_max: usize,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AdmissionConfig {
    pub bots: Bots,
    pub future_seconds_max: u64,
    pub clock_tolerance_seconds: u64,
    pub payloads_per_second_max: u32,
    pub payloads_burst_max: u32,
    pub trusted_forwarded_header: String,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Bots {
    Refuse,
    Keep,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct EnrichmentConfig {
    pub places: bool,
    pub places_file: String,
    pub referrers: bool,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AccountsConfig {
    pub token_hours_max: u64,
    pub login_attempts_per_minute_max: u32,
    pub password_characters_min: usize,
    pub audit_days_max: u64,
    pub totp_roles: String,
    pub oidc: OidcConfig,
}

#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct OidcConfig {
    pub issuer: String,
    pub client_id: String,
    pub client_secret: String,
    pub redirect_url: String,
    pub scopes: String,
    pub roles_claim: String,
    pub roles: String,
    pub return_path: String,
}

/// Without the secret.
impl std::fmt::Debug for OidcConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OidcConfig").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct MaskingConfig {
    pub fields: String,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct StorageConfig {
    pub bytes_max: u64,
    pub readers_max: usize,
    pub checkpoint_bytes: u64,
    pub duplicate_window_days: u64,
    pub connections_max: usize,
    pub connect_seconds_max: u64,
    pub statement_seconds_max: u64,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct EventsConfig {
    pub flush_seconds: u64,
    pub flush_events: u64,
    pub flush_bytes: u64,
    pub file_bytes_min: u64,
    pub file_bytes_max: u64,
    pub files_per_day_max: usize,
    pub memory_bytes_max: u64,
    pub grace_seconds: u64,
    pub retention_days: u64,
    pub cache_bytes_max: u64,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct QueryConfig {
    pub time_zone: Zone,
    pub memory_bytes_max: u64,
    pub scratch_bytes_max: u64,
    pub threads_max: usize,
    pub seconds_max: u64,
    pub running_max: usize,
    pub sql_running_max: usize,
    pub rows_max: usize,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LogConfig {
    pub level: String,
    pub format: LogFormat,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TelemetryConfig {
    pub traces: TracesConfig,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Text,
    Json,
}
