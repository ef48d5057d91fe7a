//! VPS clouds emulated on loopback, for trying Loam, for its tests and for demonstrations.
//!
//! In: HTTP requests as the real clouds take them, and a SQLite file that holds what they made. Out: the
//! answers that the clouds' published contracts describe. It deliberately knows nothing of Loam: it depends
//! on no other crate of this workspace and shares no code with the client that talks to it.
//!
//! Reading order: [`start`] here, then `server` (connections), `front` (one request), `control` (watching and
//! steering), `clouds` (the emulations, one folder each). Shared machinery: `clock`, `store`, `limiter`,
//! `request_log`, `faults`, `webhooks`, bundled in `world`; and what several clouds need: `credentials`, `fields`
//! of request bodies, `ids`, `ssh` keys, `dns` records.
//!
//! Two kinds of time: what clouds tell about time is virtual and runs `speed` times as fast as real time;
//! rate limits and the request log are real. See `clock` and `limiter`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

mod addresses;
mod api;
mod clock;
mod clouds;
mod control;
mod copies;
mod credentials;
mod dns;
mod faults;
mod fields;
mod front;
mod ids;
mod limiter;
mod request_log;
mod server;
mod ssh;
mod store;
mod webhooks;
mod world;

pub use limiter::RateLimits;
pub use store::StoreError;

use clouds::Cloud;
use world::{Seeding, World};

/// How often clouds look for background work that is due.
const TICK: Duration = Duration::from_millis(50);

/// How a sandbox is to run.
#[derive(Debug, Clone)]
pub struct SandboxConfig {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The database file, created when missing; without one everything is kept in memory.
    pub database: Option<PathBuf>,
    /// How many times as fast as real time virtual time passes.
    pub speed: f64,
    /// Whether rate limits are enforced.
    pub rate_limits: RateLimits,
    /// Listen on an address that other machines can reach. The default key opens everything.
    pub allow_non_loopback: bool,
    /// Balance of each prepaid account in a new database, in US cents.
    pub opening_balance_cents: i64,
}

impl Default for SandboxConfig {
    /// A free port on 127.0.0.1, in memory, real time, rate limits on, 5000.00 USD.
    fn default() -> SandboxConfig {
        SandboxConfig {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            database: None,
            speed: 1.0,
            rate_limits: RateLimits::On,
            allow_non_loopback: false,
            opening_balance_cents: 500_000,
        }
    }
}

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is reachable from elsewhere and that was not asked for.
    #[error(
        "{0} can be reached by other machines; the sandbox listens on loopback (such as 127.0.0.1) unless non-loopback addresses are allowed explicitly"
    )]
    NotLoopback(SocketAddr),
    /// The speed is not a positive number.
    #[error("the speed must be a number above zero, at most 1000000, not {0}")]
    Speed(f64),
    /// A factor for rate-limit windows is not a positive number.
    #[error("the factor for rate limits must be a number above zero, not {0}")]
    RateLimitFactor(f64),
    /// The port is taken, or may not be used.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The database cannot be opened.
    #[error("cannot open the sandbox's database{}", .path.as_ref().map(|path| format!(" {}", path.display())).unwrap_or_default())]
    Database {
        /// The file, when it is one.
        path: Option<PathBuf>,
        /// What went wrong.
        source: StoreError,
    },
}

/// A running sandbox. Dropping it stops it at once; [`Sandbox::stop`] lets requests in flight finish.
pub struct Sandbox {
    address: SocketAddr,
    environment: Vec<(String, String)>,
    stop: watch::Sender<bool>,
    server: Option<JoinHandle<()>>,
    ticker: JoinHandle<()>,
}

impl std::fmt::Debug for Sandbox {
    /// Without the environment, which holds keys.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sandbox")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl Sandbox {
    /// Where it listens, with the real port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its base URL, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The environment variables that point clients at the emulated clouds, such as `CYBERPANEL_API_KEY`
    /// and `CYBERPANEL_ENDPOINT`, in a fixed order.
    pub fn environment(&self) -> Vec<(String, String)> {
        self.environment.clone()
    }

    /// Stops: no new connections, requests in flight finish (within two seconds), the database is closed.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        if let Some(server) = self.server.take() {
            drop(server.await);
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.ticker.abort();
        if let Some(server) = &self.server {
            server.abort();
        }
    }
}

/// Starts a sandbox on the current tokio runtime and returns when it accepts connections.
pub async fn start(config: SandboxConfig) -> Result<Sandbox, StartError> {
    if !config.listen.ip().is_loopback() && !config.allow_non_loopback {
        return Err(StartError::NotLoopback(config.listen));
    }
    if !(config.speed > 0.0 && config.speed <= 1_000_000.0) {
        return Err(StartError::Speed(config.speed));
    }
    if let RateLimits::Faster(factor) = config.rate_limits
        && !(factor > 0.0 && factor.is_finite())
    {
        return Err(StartError::RateLimitFactor(factor));
    }
    let listen_error = |source| StartError::Listen {
        address: config.listen,
        source,
    };
    let listener = TcpListener::bind(config.listen)
        .await
        .map_err(listen_error)?;
    let address = listener.local_addr().map_err(listen_error)?;

    let clouds = clouds::all();
    let opened = open_world(&config).and_then(|world| {
        let environment = seed(&world, &clouds, &config, address)?;
        Ok((Arc::new(world), environment))
    });
    let (world, environment) = opened.map_err(|source| StartError::Database {
        path: config.database.clone(),
        source,
    })?;

    let (stop, stopped) = watch::channel(false);
    let front = front::Front::new(Arc::clone(&world), &clouds);
    let server = tokio::spawn(server::serve(listener, front, stopped));
    let ticker = tokio::spawn(tick(world, clouds));
    Ok(Sandbox {
        address,
        environment,
        stop,
        server: Some(server),
        ticker,
    })
}

fn open_world(config: &SandboxConfig) -> Result<World, StoreError> {
    let store = store::Store::open(config.database.as_deref())?;
    let not_before = World::last_virtual_time(&store)?;
    Ok(World {
        store,
        clock: clock::Clock::new(config.speed, not_before),
        limiter: limiter::Limiter::new(config.rate_limits),
        log: request_log::RequestLog::default(),
        faults: faults::Faults::default(),
        webhooks: webhooks::Webhooks::default(),
    })
}

fn seed(
    world: &World,
    clouds: &[Arc<dyn Cloud>],
    config: &SandboxConfig,
    address: SocketAddr,
) -> Result<Vec<(String, String)>, StoreError> {
    let seeding = Seeding {
        opening_balance_cents: config.opening_balance_cents,
    };
    world.run(|db, now| {
        let mut environment = Vec::new();
        for cloud in clouds {
            cloud.seed(db, now, &seeding)?;
            environment
                .extend(cloud.environment(db, &format!("http://{address}{}", cloud.prefix()))?);
        }
        // A client can tell how long things take here.
        if config.speed != 1.0 {
            environment.push(("LOAM_SANDBOX_SPEED".to_owned(), config.speed.to_string()));
        }
        Ok(environment)
    })
}

async fn tick(world: Arc<World>, clouds: Vec<Arc<dyn Cloud>>) {
    let mut interval = tokio::time::interval(TICK);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        interval.tick().await;
        for cloud in &clouds {
            // A database that fails shows in the answers to requests; background work is tried again.
            drop(cloud.tick(&world));
        }
    }
}
