//! What lives as long as the process: components and how they are put together, no logic.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;

use axum::http::HeaderMap;
use tokio::sync::Semaphore;

use crate::accounts::{Logins, Network, Oidc, Uses};
use crate::admission::Rates;
use crate::agent::Agents;
use crate::clock::Clock;
use crate::committer::{Committer, Parts};
use crate::config::Config;
use crate::hashing::Hashing;
use crate::ids::Ids;
use crate::lake::{Lake, LakeError, Parts as LakeParts, S3Access};
use crate::model::RuleSet;
use crate::registry::Registry;
use crate::rules;
use crate::storage::Storage;
use crate::telemetry::Telemetry;

/// User agents remembered: a shop sees a few thousand, and each takes some 300 bytes.
const AGENTS_MAX: usize = 10_000;

/// Everything a handler may need.
#[derive(Debug)]
pub struct App {
    /// What the operator said.
    pub config: Config,
    /// Time.
    pub clock: Clock,
    /// Chance.
    pub ids: Ids,
    /// What must last.
    pub storage: Arc<dyn Storage>,
    /// The only way to change it.
    pub committer: Committer,
    /// History, and every question about it.
    pub lake: Arc<Lake>,
    /// How many questions there may be at one time.
    pub questions: Arc<Semaphore>,
    /// What administrators have set up: who may send, and how.
    pub registry: Arc<Registry>,
    /// What their events do.
    pub rules: Arc<RuleSet>,
    /// How much they may send.
    pub rates: Rates,
    /// Who may try to sign in.
    pub logins: Logins,
    /// The sign-in with an OpenID provider, where one is set.
    pub oidc: Option<Oidc>,
    /// When which API key was used.
    pub key_uses: Uses,
    /// What user agents mean.
    pub agents: Agents,
    /// What is stored instead of addresses and tokens.
    pub hashing: Hashing,
    /// What is counted.
    pub telemetry: Arc<Telemetry>,
}

/// The world an app is put into.
#[derive(Debug)]
pub struct World {
    /// What the operator said.
    pub config: Config,
    /// Time.
    pub clock: Clock,
    /// Chance.
    pub ids: Ids,
    /// What must last, open.
    pub storage: Arc<dyn Storage>,
    /// Where S3 is, should history lie there.
    pub s3: S3Access,
}

impl std::fmt::Debug for dyn Storage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Storage")
    }
}

impl App {
    /// Puts the components together and starts the committer, whose threads are returned: they end
    /// when the app is gone, and the caller joins them.
    ///
    /// # Errors
    /// What the storage says.
    pub fn start(world: World) -> Result<(Arc<Self>, Vec<JoinHandle<()>>), LakeError> {
        let World { config, clock, ids, storage, s3 } = world;
        let telemetry = Arc::new(Telemetry::new());
        let parts = Parts {
            storage: Arc::clone(&storage),
            config: config.committer.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
            telemetry: Arc::clone(&telemetry),
        };
        let (committer, threads) = Committer::start(parts)?;
        let parts = LakeParts {
            storage: Arc::clone(&storage),
            clock: clock.clone(),
            ids: ids.clone(),
            telemetry: Arc::clone(&telemetry),
            held_back: Box::new(committer.overlay()),
            s3,
        };
        let lake = Arc::new(Lake::open(&config, parts)?);
        let node = committer.stream().to_string();
        let registry = Registry::of_server(Arc::clone(&storage), clock.clone(), node)?;
        let admission = &config.admission;
        let app = Self {
            rates: Rates::new(
                admission.payloads_per_second_max,
                admission.payloads_burst_max,
                &clock,
            ),
            logins: Logins::new(config.accounts.login_attempts_per_minute_max, &clock, &ids),
            oidc: Oidc::new(&config.accounts.oidc).map_err(LakeError::Setting)?,
            key_uses: Uses::default(),
            agents: Agents::new(AGENTS_MAX),
            hashing: Hashing::new(storage.key()),
            questions: Arc::new(Semaphore::new(config.query.running_max)),
            config,
            clock,
            ids,
            storage,
            committer,
            lake,
            registry: Arc::new(registry),
            rules: rules::built_in(),
            telemetry,
        };
        Ok((Arc::new(app), threads))
    }

    /// The network that somebody tries to sign in from, as far as that can be told.
    #[must_use]
    pub fn network(&self, headers: &HeaderMap, peer: Option<SocketAddr>) -> Network {
        let trusted = &self.config.admission.trusted_forwarded_header;
        Network::of(trusted, headers, peer.map(|peer| peer.ip()))
    }

    /// The address a request came from: the proxy's word where one is trusted, else the peer's.
    /// Of several addresses the last one is what the proxy has seen; those before it are what the
    /// client says.
    #[must_use]
    pub fn client_address(&self, headers: &HeaderMap, peer: Option<SocketAddr>) -> Option<String> {
        let trusted = &self.config.admission.trusted_forwarded_header;
        if trusted.is_empty() {
            return peer.map(|peer| peer.ip().to_string());
        }
        let said = headers.get_all(trusted.as_str()).iter().next_back()?.to_str().ok()?;
        let last = said.rsplit(',').next()?.trim();
        last.parse::<std::net::IpAddr>().ok().map(|address| address.to_string())
    }
}
