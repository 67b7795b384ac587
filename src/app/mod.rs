//! What lives as long as the process: components and how they are put together, no logic.

mod machine;
mod measures;

pub use machine::Machine;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread::JoinHandle;
use std::time::Duration;

use axum::http::HeaderMap;

use crate::accounts::{Logins, Network, Oidc, Uses, forwarded, totp};
use crate::admission::{Rates, Room};
use crate::agent::Agents;
use crate::audit::Audit;
use crate::clock::{Clock, Places};
use crate::committer::{AskWatching, Committer, Parts};
use crate::config::Config;
use crate::enrichment::Places as Geography;
use crate::functions::Functions;
use crate::hashing::Hashing;
use crate::ids::Ids;
use crate::lake::{Lake, LakeError, Parts as LakeParts, S3Access, Who};
use crate::live::Live;
use crate::model::{Masking, Seals};
use crate::questions::{self, Questions};
use crate::registry::{Registry, Snapshot};
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
    /// The order of what comes in at one moment.
    pub places: Places,
    /// Chance.
    pub ids: Ids,
    /// Whether it has been told to end, and takes payloads for a little while yet.
    pub stopping: AtomicBool,
    /// What must last.
    pub storage: Arc<dyn Storage>,
    /// The only way to change it.
    pub committer: Committer,
    /// History: its files, and everything that is done to them.
    pub lake: Arc<Lake>,
    /// Those who answer them.
    pub questions: Questions,
    /// Those who call a company's own functions.
    pub functions: Arc<Functions>,
    /// What administrators have set up: who may send, and how.
    pub registry: Arc<Registry>,
    /// How much they may send.
    pub rates: Rates,
    /// How much their bodies may take.
    pub bodies: Arc<Room>,
    /// Who may try to sign in.
    pub logins: Logins,
    /// The sign-in with an OpenID provider, where one is set.
    pub oidc: Option<Oidc>,
    /// When which API key was used.
    pub key_uses: Uses,
    /// What user agents mean.
    pub agents: Agents,
    /// Where addresses are.
    pub geography: Geography,
    /// What is stored instead of addresses and tokens.
    pub hashing: Hashing,
    /// What it gives out and knows again.
    pub seals: Seals,
    /// Who must have one-time codes.
    pub totp: totp::Required,
    /// Fields that only some may see.
    pub masking: Masking,
    /// Held by whoever decides on two people who wait: one decision is looked up and made after another.
    pub deciding: tokio::sync::Mutex<()>,
    /// What is to be written into the audit log.
    pub audit: Arc<Audit>,
    /// What is counted.
    pub telemetry: Arc<Telemetry>,
    /// What happens at this moment, for those who look.
    pub live: Arc<Live>,
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
    /// The program that answers questions and calls functions, in processes of its own: this one, but in tests.
    pub program: PathBuf,
    /// Whether it is a server, or a command that does what one would.
    pub who: Who,
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
        let World { config, clock, ids, storage, s3, program, who } = world;
        let (telemetry, traces) = telemetry(&config, &clock, &ids)?;
        let live = Arc::new(Live::default());
        let parts = Parts {
            storage: Arc::clone(&storage),
            config: config.committer.clone(),
            request_max: Duration::from_secs(config.limits.request_seconds_max),
            clock: clock.clone(),
            ids: ids.clone(),
            telemetry: Arc::clone(&telemetry),
            live: Arc::clone(&live),
            watching: watching(&storage),
        };
        let (committer, mut threads) = Committer::start(parts)?;
        threads.extend(traces);
        let parts = LakeParts {
            storage: Arc::clone(&storage),
            clock: clock.clone(),
            ids: ids.clone(),
            telemetry: Arc::clone(&telemetry),
            s3,
            program: program.clone(),
            who,
        };
        let lake = Arc::new(Lake::open(&config, parts)?);
        let depth_max = config.limits.json_depth_max;
        let functions = Arc::new(Functions::new(program.clone(), clock.clone(), depth_max));
        let parts = questions::Parts {
            program,
            lake: Arc::clone(&lake),
            overlay: Box::new(committer.overlay()),
            clock: clock.clone(),
            telemetry: Arc::clone(&telemetry),
        };
        let questions = Questions::new(&config, parts);
        let node = committer.stream().to_string();
        let registry = Registry::of_server(Arc::clone(&storage), clock.clone(), node)?;
        let attempts = config.accounts.login_attempts_per_minute_max;
        let app = Self {
            stopping: AtomicBool::new(false),
            rates: rates(&config, &clock),
            bodies: Arc::new(Room::new(config.limits.bodies_bytes_max)),
            logins: Logins::new(attempts, &storage, &clock, &ids),
            oidc: Oidc::new(&config.accounts.oidc).map_err(LakeError::Setting)?,
            key_uses: Uses::default(),
            agents: Agents::new(AGENTS_MAX),
            geography: Geography::new(&config.enrichment),
            hashing: Hashing::new(storage.key()),
            seals: Seals::new(storage.key()),
            totp: totp_roles(&config)?,
            masking: Masking::parse(&config.masking.fields).unwrap_or_default(),
            deciding: tokio::sync::Mutex::new(()),
            audit: Arc::new(Audit::new(&clock, &ids)),
            questions,
            functions,
            config,
            clock,
            places: Places::default(),
            ids,
            storage,
            committer,
            lake,
            registry: Arc::new(registry),
            telemetry,
            live,
        };
        app.know_places();
        Ok((Arc::new(app), threads))
    }

    /// The first visitors are as good as the later ones. A broken file is said again by its job.
    fn know_places(&self) {
        if let Err(error) = self.geography.renew() {
            tracing::error!(%error, "`enrichment.places_file` cannot be used");
        }
    }

    /// The network that somebody tries to sign in from, as far as that can be told.
    #[must_use]
    pub fn network(&self, headers: &HeaderMap, peer: Option<SocketAddr>) -> Network {
        let trusted = &self.config.admission.trusted_forwarded_header;
        Network::of(trusted, headers, peer.map(|peer| peer.ip()))
    }

    /// The address a request came from: the proxy's word where one is trusted, else the peer's.
    /// Of several addresses the last one is what the proxy has seen; those before it are what the
    /// client says. None when the proxy says nothing that can be read: nobody knows whose it is then.
    #[must_use]
    pub fn client_address(&self, headers: &HeaderMap, peer: Option<SocketAddr>) -> Option<String> {
        let trusted = &self.config.admission.trusted_forwarded_header;
        if trusted.is_empty() {
            return peer.map(|peer| peer.ip().to_canonical().to_string());
        }
        let said = headers.get_all(trusted.as_str()).iter().next_back()?.to_str().ok()?;
        forwarded(trusted, said).map(|address| address.to_string())
    }
}

/// What is counted of people, as it is stored now.
fn watching(storage: &Arc<dyn Storage>) -> AskWatching {
    let storage = Arc::clone(storage);
    Box::new(move || Snapshot::stored_watching(storage.as_ref()))
}

fn rates(config: &Config, clock: &Clock) -> Rates {
    let admission = &config.admission;
    Rates::new(admission.payloads_per_second_max, admission.payloads_burst_max, clock)
}

fn totp_roles(config: &Config) -> Result<totp::Required, LakeError> {
    totp::Required::parse(&config.accounts.totp_roles)
        .map_err(|why| LakeError::Setting(format!("`accounts.totp_roles`: {why}")))
}

/// What is counted, and the thread that sends traces, where somebody collects them.
fn telemetry(
    config: &Config,
    clock: &Clock,
    ids: &Ids,
) -> Result<(Arc<Telemetry>, Option<JoinHandle<()>>), LakeError> {
    let made = Telemetry::tracing(&config.telemetry.traces, clock, ids);
    let (telemetry, thread) =
        made.map_err(|error| LakeError::Setting(format!("`telemetry.traces`: {error}")))?;
    Ok((Arc::new(telemetry), thread))
}
