//! A small HTTP server for texts that are ready: it answers `GET` and `HEAD`, and computes nothing.
//!
//! Connections, their lifetime and the time for a request are bounded, so that whoever connects can neither hold the
//! server up nor make it grow.

mod http;

use std::{fmt, io, net::TcpListener, sync::Arc, thread::JoinHandle};

use secrecy::SecretString;
use tokio::{runtime::Builder, sync::oneshot};

pub use hyper::body::Bytes;

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
        listener: TcpListener,
        site: Arc<dyn Site>,
        token: Option<SecretString>,
    ) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let listener = {
            let _inside = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name("serve".to_owned())
            .spawn(move || runtime.block_on(http::serve(listener, site, token, stopped)))?;
        Ok(Self { stop, thread })
    }

    /// Takes no further connection, ends those that are open after their answer, and waits for that a few seconds.
    pub fn stop(self) {
        // A server that has ended by itself hears nothing.
        let _ = self.stop.send(());
        let _ = self.thread.join();
    }
}
