//! From settings to a signed-in connection, or the reason why there is none.

use std::time::Duration;

use secrecy::ExposeSecret;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, UnixStream},
    task::JoinHandle,
    time::timeout,
};
use tokio_postgres::{
    Client, Config, NoTls,
    config::{ChannelBinding, SslMode},
    error::SqlState,
    tls::{MakeTlsConnect, TlsConnect},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{
    connect_error::{ConnectError, ConnectFailure},
    limited_stream::{Budget, LimitedStream},
    settings::{Endpoint, Host, Mode, Settings},
    tls,
};

/// A setting of our own. A server that applies it was reached directly: poolers refuse or drop the startup parameter
/// that sets it.
const MARKER: &str = "-c scale_advisor.direct=on";

/// The name under which PgBouncer offers its console, which is known to refuse the marker.
pub(crate) const PGBOUNCER: &str = "pgbouncer";

/// The most a server may send us in one session: some ten times what 20,000 statements need.
const SESSION_BYTES: usize = 64 << 20;

/// A signed-in connection.
pub(super) struct Link {
    pub(super) client: Client,
    /// Moves the bytes; ends when the client is dropped.
    pub(super) driver: JoinHandle<()>,
    pub(super) budget: Budget,
    /// The version the server named while signing in.
    pub(super) version: Option<String>,
}

/// Connects to the first endpoint that can be reached.
///
/// An endpoint that answers with a refusal ends the search, as in `libpq`: the next one would most likely
/// refuse as well, and its refusal would hide this one.
pub(super) async fn connect(settings: &Settings, limit: Duration) -> Result<Link, ConnectError> {
    let limit = settings.connect_timeout.map_or(limit, |own| own.min(limit));
    let tls = match tls::client_config(&settings.encryption) {
        Ok(config) => MakeRustlsConnect::new(config),
        Err(error) => return Err(ConnectError::from_tls(&error)),
    };
    let mut unreachable: Vec<ConnectError> = Vec::new();
    for endpoint in &settings.endpoints {
        let attempt = timeout(limit, negotiate(settings, endpoint, &tls)).await;
        match attempt.unwrap_or(Err(ConnectFailure::TimedOut(limit))) {
            Ok(link) => return Ok(link),
            Err(failure) => {
                let error = failure.explain(settings, endpoint);
                if error.answered {
                    return Err(error);
                }
                unreachable.push(error);
            }
        }
    }
    Err(ConnectError::combine(unreachable))
}

/// Tries the encryption modes that `sslmode` allows, in its order.
async fn negotiate(
    settings: &Settings,
    endpoint: &Endpoint,
    tls: &MakeRustlsConnect,
) -> Result<Link, ConnectFailure> {
    let (first, second) = match (settings.encryption.mode, &endpoint.host) {
        (Mode::Disable, _) | (_, Host::Socket(_)) => (SslMode::Disable, None),
        (Mode::Allow, _) => (SslMode::Disable, Some(SslMode::Require)),
        (Mode::Prefer, _) => (SslMode::Prefer, Some(SslMode::Disable)),
        (Mode::Require, _) => (SslMode::Require, None),
    };
    match (greet(settings, endpoint, first, tls).await, second) {
        (Err(failure), Some(second)) if failure.depends_on_encryption() => {
            let outcome = greet(settings, endpoint, second, tls).await;
            // When both ways fail for the encryption's sake, the first reason is the real one.
            outcome.map_err(|next| if next.depends_on_encryption() { failure } else { next })
        }
        (outcome, _) => outcome,
    }
}

/// Signs in with our marker, or without it where a pooler does not take it.
async fn greet(
    settings: &Settings,
    endpoint: &Endpoint,
    mode: SslMode,
    tls: &MakeRustlsConnect,
) -> Result<Link, ConnectFailure> {
    let plain = config(settings, endpoint, mode);
    if settings.database == PGBOUNCER {
        return open(&plain, endpoint, tls).await;
    }
    let mut marked = plain.clone();
    marked.options(MARKER);
    match open(&marked, endpoint, tls).await {
        Err(ConnectFailure::Postgres(error)) if refuses_startup_parameter(&error) => {
            open(&plain, endpoint, tls).await
        }
        outcome => outcome,
    }
}

fn refuses_startup_parameter(error: &tokio_postgres::Error) -> bool {
    error.as_db_error().is_some_and(|error| {
        let code = [SqlState::PROTOCOL_VIOLATION, SqlState::FEATURE_NOT_SUPPORTED].contains(error.code());
        code && error.message().contains("options")
    })
}

fn config(settings: &Settings, endpoint: &Endpoint, mode: SslMode) -> Config {
    let mut config = Config::new();
    config.user(&settings.user).dbname(&settings.database).application_name("scale-advisor").ssl_mode(mode);
    if let Some(password) = &endpoint.password {
        config.password(password.expose_secret());
    }
    match settings.bind_channel {
        Some(true) => config.channel_binding(ChannelBinding::Require),
        Some(false) => config.channel_binding(ChannelBinding::Disable),
        None => config.channel_binding(ChannelBinding::Prefer),
    };
    config
}

async fn open(config: &Config, endpoint: &Endpoint, tls: &MakeRustlsConnect) -> Result<Link, ConnectFailure> {
    match &endpoint.host {
        Host::Socket(folder) => {
            let path = folder.join(format!(".s.PGSQL.{}", endpoint.port));
            let stream = UnixStream::connect(path).await.map_err(ConnectFailure::Socket)?;
            sign_in(config, stream, NoTls).await
        }
        Host::Tcp { name, address } => {
            let stream = match address {
                Some(address) => TcpStream::connect((*address, endpoint.port)).await,
                None => TcpStream::connect((name.as_str(), endpoint.port)).await,
            };
            let stream = stream.map_err(ConnectFailure::Socket)?;
            stream.set_nodelay(true).map_err(ConnectFailure::Socket)?;
            let mut tls = tls.clone();
            let connector = MakeTlsConnect::<LimitedStream<TcpStream>>::make_tls_connect(&mut tls, name);
            let connector = connector.map_err(|never| match never {})?;
            sign_in(config, stream, connector).await
        }
    }
}

async fn sign_in<S, T>(config: &Config, stream: S, tls: T) -> Result<Link, ConnectFailure>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    T: TlsConnect<LimitedStream<S>>,
    T::Stream: Send + 'static,
{
    let budget = Budget::new(SESSION_BYTES);
    let stream = LimitedStream::new(stream, budget.clone());
    let (client, connection) = config.connect_raw(stream, tls).await.map_err(ConnectFailure::Postgres)?;
    let version = connection.parameter("server_version").map(str::to_owned);
    // An error of the connection reaches the query that is waiting for it.
    let driver = tokio::spawn(async move {
        let _ = connection.await;
    });
    Ok(Link { client, driver, budget, version })
}
