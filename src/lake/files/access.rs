//! Where S3 is and who we are there, as everybody's tools say it: the variables `AWS_…`.

use std::sync::Once;
use std::time::Duration;

use object_store::aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey};
use object_store::{BackoffConfig, ClientConfigKey, RetryConfig};

use crate::lake::LakeError;

/// How long one request may take, with what it carries.
const REQUEST: &str = "30 seconds";
/// How long finding the server may take.
const CONNECT: &str = "5 seconds";
/// How often a request is made again that the server or the network failed, and how long after the
/// first.
const RETRIES_MAX: usize = 3;
const RETRY_TIME_MAX: Duration = Duration::from_secs(20);
/// The first pause before that, and the longest.
const PAUSE_FIRST: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(2);

/// Endpoint, region and credentials of S3. Holds secrets, and never shows them.
#[derive(Clone, Default)]
pub struct S3Access(AmazonS3Builder);

impl std::fmt::Debug for S3Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("S3Access")
    }
}

impl S3Access {
    /// What this process's environment says.
    #[must_use]
    pub fn from_env() -> Self {
        let text = |text: std::ffi::OsString| text.into_string().ok();
        Self::of(std::env::vars_os().filter_map(|(name, said)| Some((text(name)?, text(said)?))))
    }

    /// What these variables say. Without credentials among them, the machine is asked for its own.
    #[must_use]
    pub fn of(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut builder = AmazonS3Builder::new()
            .with_config(AmazonS3ConfigKey::Client(ClientConfigKey::Timeout), REQUEST)
            .with_config(AmazonS3ConfigKey::Client(ClientConfigKey::ConnectTimeout), CONNECT);
        for (name, said) in variables.into_iter().filter(|(name, _)| name.starts_with("AWS_")) {
            if let Ok(key) = name.to_ascii_lowercase().parse() {
                builder = builder.with_config(key, said);
            }
        }
        Self(allow_http(builder))
    }

    /// The bucket, as far as can be said without asking it.
    pub(super) fn bucket(&self, name: &str) -> Result<AmazonS3, LakeError> {
        choose_cryptography();
        let backoff =
            BackoffConfig { init_backoff: PAUSE_FIRST, max_backoff: PAUSE_MAX, base: 2.0 };
        let retry =
            RetryConfig { backoff, max_retries: RETRIES_MAX, retry_timeout: RETRY_TIME_MAX };
        let built = self.0.clone().with_bucket_name(name).with_retry(retry).build();
        built.map_err(|error| LakeError::Setting(error.to_string()))
    }
}

/// Whoever names an endpoint without TLS means it.
fn allow_http(builder: AmazonS3Builder) -> AmazonS3Builder {
    let endpoints = [AmazonS3ConfigKey::S3Endpoint, AmazonS3ConfigKey::Endpoint];
    let mut said = endpoints.iter().filter_map(|key| builder.get_config_value(key));
    if said.next().is_some_and(|endpoint| endpoint.starts_with("http://")) {
        return builder.with_allow_http(true);
    }
    builder
}

/// TLS leaves open which cryptography it uses; the process decides once.
fn choose_cryptography() {
    static CHOSEN: Once = Once::new();
    CHOSEN.call_once(|| {
        // Somebody else in the process may have chosen.
        drop(rustls::crypto::ring::default_provider().install_default());
    });
}
