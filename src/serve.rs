//! A small HTTP server for texts that are ready: it answers `GET` and `HEAD`, and computes nothing.
//!
//! Connections, their lifetime and the time for a request are bounded, so that whoever connects can neither hold the
//! server up nor make it grow.

use std::{convert::Infallible, fmt, io, sync::Arc, thread::JoinHandle, time::Duration};

use http_body_util::Full;
pub use hyper::body::Bytes;
use hyper::{
    Method, Request, Response, StatusCode,
    body::Incoming,
    header::{self, HeaderValue},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use tokio::{
    net::{TcpListener, TcpStream},
    runtime::Builder,
    sync::{Semaphore, oneshot, watch},
    time::{sleep, timeout},
};

/// What is served.
pub trait Site: fmt::Debug + Send + Sync + 'static {
    /// The answer to a path; none where there is no such page.
    fn answer(&self, path: &str) -> Option<Answer>;

    /// Whether a path is answered without a token, as probes need it.
    fn is_public(&self, path: &str) -> bool;
}

/// The answer to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status of HTTP.
    pub status: u16,
    /// The media type of the body.
    pub content_type: &'static str,
    /// The body.
    pub body: Bytes,
    /// After how many seconds a browser asks again; never where absent.
    pub refresh: Option<u64>,
}

/// A running server. It ends with [`Server::stop`], or with the process.
#[derive(Debug)]
pub struct Server {
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Server {
    /// Serves in a thread of its own. With a token, only those who send it as `Authorization: Bearer` see what is not
    /// public.
    ///
    /// # Errors
    /// When the system gives no thread or no event loop.
    pub fn start(
        listener: std::net::TcpListener,
        site: Arc<dyn Site>,
        token: Option<SecretString>,
    ) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let listener = {
            let _inside = runtime.enter();
            TcpListener::from_std(listener)?
        };
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name("serve".to_owned())
            .spawn(move || runtime.block_on(serve(listener, site, token, stopped)))?;
        Ok(Self { stop, thread })
    }

    /// Takes no further connection, ends those that are open after their answer, and waits for that a few seconds.
    pub fn stop(self) {
        // A server that has ended by itself hears nothing.
        let _ = self.stop.send(());
        let _ = self.thread.join();
    }
}

/// Connections at a time; further ones wait in the system's queue.
const MOST_CONNECTIONS: usize = 64;
/// The time for the head of a request.
const HEAD_TIME: Duration = Duration::from_secs(10);
/// The time after which a connection ends with its current answer.
const CONNECTION_TIME: Duration = Duration::from_secs(60);
/// The time for that last answer.
const LAST_ANSWER_TIME: Duration = Duration::from_secs(5);
/// The wait before another connection is taken when the system gives none, as without free file descriptors.
const RETRY_TIME: Duration = Duration::from_millis(100);

/// Answers until it is told to stop.
async fn serve(
    listener: TcpListener,
    site: Arc<dyn Site>,
    token: Option<SecretString>,
    mut stopped: oneshot::Receiver<()>,
) {
    let guard = Arc::new(Guard { site, token: token.map(|token| digest(token.expose_secret())) });
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let (ending, ended) = watch::channel(false);
    loop {
        let next = async {
            // The semaphore is never closed.
            let place = Arc::clone(&places).acquire_owned().await.ok();
            (listener.accept().await, place)
        };
        let (accepted, place) = tokio::select! {
            next = next => next,
            _ = &mut stopped => break,
        };
        match accepted {
            Ok((stream, _)) => {
                let (guard, ended) = (Arc::clone(&guard), ended.clone());
                tokio::spawn(async move {
                    connection(stream, guard, ended).await;
                    drop(place);
                });
            }
            Err(_) => sleep(RETRY_TIME).await,
        }
    }
    drop(listener);
    // Receivers are those of open connections, and one here.
    let _ = ending.send(true);
    let all = u32::try_from(MOST_CONNECTIONS).unwrap_or(u32::MAX);
    let _ = timeout(LAST_ANSWER_TIME, places.acquire_many(all)).await;
}

/// Answers the requests of a connection. What the other side does wrong ends it.
async fn connection(stream: TcpStream, guard: Arc<Guard>, mut ended: watch::Receiver<bool>) {
    let answered = service_fn(move |request: Request<Incoming>| {
        let response = guard.response(&request);
        async move { Ok::<_, Infallible>(response) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_buf_size(16 << 10)
        .serve_connection(TokioIo::new(stream), answered);
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        () = sleep(CONNECTION_TIME) => {}
        _ = ended.wait_for(|ended| *ended) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = timeout(LAST_ANSWER_TIME, connection).await;
}

/// A site, and who may see it.
struct Guard {
    site: Arc<dyn Site>,
    /// The digest of the token: equal lengths are compared, whatever was sent.
    token: Option<[u8; 32]>,
}

impl Guard {
    fn response(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        let path = request.uri().path();
        if !self.site.is_public(path) && !self.is_authorized(request.headers().get(header::AUTHORIZATION)) {
            let mut response = response(plain(StatusCode::UNAUTHORIZED, "a bearer token is required\n"));
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            return response;
        }
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            let mut response = response(plain(StatusCode::METHOD_NOT_ALLOWED, "only GET is answered\n"));
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
            return response;
        }
        let missing = || plain(StatusCode::NOT_FOUND, "there is no such page\n");
        response(self.site.answer(path).unwrap_or_else(missing))
    }

    fn is_authorized(&self, sent: Option<&HeaderValue>) -> bool {
        let Some(token) = self.token else { return true };
        let sent = sent.and_then(|value| value.to_str().ok()).and_then(|value| value.split_once(' '));
        sent.is_some_and(|(scheme, sent)| {
            scheme.eq_ignore_ascii_case("bearer") && digest(sent.trim()) == token
        })
    }
}

fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text).into()
}

fn plain(status: StatusCode, text: &'static str) -> Answer {
    Answer {
        status: status.as_u16(),
        content_type: "text/plain; charset=utf-8",
        body: Bytes::from_static(text.as_bytes()),
        refresh: None,
    }
}

fn response(answer: Answer) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    let fixed = [
        (header::CONTENT_TYPE, answer.content_type),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    headers.extend(fixed.map(|(name, value)| (name, HeaderValue::from_static(value))));
    if let Some(seconds) = answer.refresh {
        headers.insert(header::REFRESH, HeaderValue::from(seconds));
    }
    response
}
