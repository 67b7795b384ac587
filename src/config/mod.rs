//! Settings: the embedded default, a file, the environment, flags, in this order.

mod load;
mod layers;
mod bounds;
mod ranges;
mod sections;
mod traces;

#[cfg(test)]
pub(crate) use bounds::OWN_ADDRESSES;
pub use load::{ConfigError, Flags, file, load};
pub use sections::{
    AccountsConfig, AdmissionConfig, Bots, CommitterConfig, EnrichmentConfig, EventsConfig,
    HttpConfig, Limits, LogConfig, LogFormat, MaskingConfig, OidcConfig, QueryConfig, ScriptConfig,
    StorageConfig, TelemetryConfig, TlsConfig,
};
pub use traces::TracesConfig;

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The default, word for word the reference.
pub(crate) const DEFAULT: &str = include_str!("default.toml");

/// All settings. `default.toml` says what each means.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "default.toml documents each key")]
pub struct Config {
    pub listen: SocketAddr,
    pub data_dir: PathBuf,
    pub database_url: String,
    pub demo: bool,
    pub console: bool,
    pub events_url: String,
    pub http: HttpConfig,
    pub script: ScriptConfig,
    pub limits: Limits,
    pub tls: TlsConfig,
    pub committer: CommitterConfig,
    pub admission: AdmissionConfig,
    pub enrichment: EnrichmentConfig,
    pub accounts: AccountsConfig,
    pub masking: MaskingConfig,
    pub storage: StorageConfig,
    pub events: EventsConfig,
    pub query: QueryConfig,
    pub log: LogConfig,
    pub telemetry: TelemetryConfig,
}

impl Config {
    /// The defaults with tiny limits, so that tests meet them.
    ///
    /// # Panics
    /// When `default.toml` is broken, which a test rules out.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a unit test parses the embedded file")]
    pub fn for_testing(data_dir: PathBuf) -> Self {
        let mut config: Self = toml::from_str(DEFAULT).expect("default.toml is well formed");
        config.listen = SocketAddr::from(([127, 0, 0, 1], 0));
        config.data_dir = data_dir;
        config.limits.body_bytes_max = 64 * 1024;
        config.limits.body_decoded_bytes_max = 256 * 1024;
        config.limits.events_per_payload_max = 20;
        config
    }
}

impl Default for Limits {
    fn default() -> Self {
        Config::for_testing(PathBuf::new()).limits
    }
}
