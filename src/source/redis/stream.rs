//! The bytes between us and the server: TCP, TLS or a Unix socket, never more than a limit.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
};

use rustls::pki_types::ServerName;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

use super::{Endpoint, Settings, connection::Deadline, error::failed};
use crate::{
    snapshot::{Reason, Unavailable},
    tls::TlsSettings,
};

/// How much a server may send in one run: INFO has some kilobytes, and so have 200 queues.
const MAX_BYTES: usize = 16 * 1024 * 1024;

/// What to do when TLS does not come about.
const NOT_TLS: &str = "name the authority in `ca_file`, or use redis:// if the port does not speak TLS";

/// A connection of any kind that ends when the server sends more than [`MAX_BYTES`].
pub(super) struct Stream {
    inner: Pin<Box<dyn Duplex>>,
    left: usize,
    exceeded: Arc<AtomicBool>,
}

trait Duplex: AsyncRead + AsyncWrite + Send {}
impl<T: AsyncRead + AsyncWrite + Send> Duplex for T {}

impl Stream {
    /// Opens a connection, with TLS if the config asks for it.
    pub(super) async fn open(settings: &Settings, deadline: Deadline) -> Result<Self, Unavailable> {
        const CONNECTED: &str = "no connection";
        let inner: Pin<Box<dyn Duplex>> = match &settings.endpoint {
            Endpoint::Unix(path) => deadline.wait(CONNECTED, unix(path)).await?,
            Endpoint::Tcp { host, port, tls } => {
                let stream = deadline.wait(CONNECTED, tcp(host, *port)).await?;
                if *tls {
                    let secured =
                        deadline.wait("no TLS handshake", secured(stream, host, &settings.tls)).await;
                    // A server that does not speak TLS waits for more, as we do.
                    Box::pin(secured.map_err(|failure| failure.hint_for(Reason::TimedOut, NOT_TLS))?)
                } else {
                    Box::pin(stream)
                }
            }
        };
        Ok(Self { inner, left: MAX_BYTES, exceeded: Arc::default() })
    }

    /// Becomes true when the limit was reached.
    pub(super) fn exceeded(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.exceeded)
    }
}

async fn tcp(host: &str, port: u16) -> Result<TcpStream, Unavailable> {
    TcpStream::connect((host, port)).await.map_err(|error| unreachable(&error))
}

#[cfg(unix)]
async fn unix(path: &std::path::Path) -> Result<Pin<Box<dyn Duplex>>, Unavailable> {
    let stream = tokio::net::UnixStream::connect(path).await.map_err(|error| unreachable(&error))?;
    Ok(Box::pin(stream))
}

#[cfg(not(unix))]
async fn unix(_: &std::path::Path) -> Result<Pin<Box<dyn Duplex>>, Unavailable> {
    let detail = "this system has no Unix sockets";
    Err(failed(Reason::NotConfigured, detail, "give the server's host and port"))
}

fn unreachable(error: &io::Error) -> Unavailable {
    let hint = match error.kind() {
        io::ErrorKind::ConnectionRefused => {
            "nothing listens there: start the server, or correct host and port"
        }
        io::ErrorKind::NotFound => "no such socket: start the server, or correct the path",
        io::ErrorKind::PermissionDenied => "this account may not open the socket: change its unixsocketperm",
        _ => "check host, port and network",
    };
    failed(Reason::Unreachable, format!("cannot connect: {error}"), hint)
}

async fn secured(
    stream: TcpStream,
    host: &str,
    settings: &TlsSettings,
) -> Result<tokio_rustls::client::TlsStream<TcpStream>, Unavailable> {
    let refused = |detail: String, hint| failed(Reason::Unreachable, detail, hint);
    let config = settings
        .client_config()
        .map_err(|error| refused(error.to_string(), "correct the TLS files in the configuration"))?;
    let name = ServerName::try_from(host.to_owned())
        .map_err(|error| refused(format!("TLS needs a host name: {error}"), "correct the host"))?;
    TlsConnector::from(Arc::new(config)).connect(name, stream).await.map_err(|error| {
        let hint = match error.kind() {
            io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset => {
                "a server whose client slots are all taken drops TLS connections without a word; \
                 otherwise see the server's log"
            }
            _ => NOT_TLS,
        };
        refused(format!("the TLS handshake failed: {error}"), hint)
    })
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.left == 0 {
            self.exceeded.store(true, Ordering::Relaxed);
            return Poll::Ready(Err(io::Error::other("the answer is too large")));
        }
        let before = buf.filled().len();
        ready!(self.inner.as_mut().poll_read(cx, buf))?;
        self.left = self.left.saturating_sub(buf.filled().len() - before);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.inner.as_mut().poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.inner.as_mut().poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.inner.as_mut().poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn no_more_than_the_limit_is_read() {
        let (ours, mut theirs) = tokio::io::duplex(64);
        let mut stream = Stream { inner: Box::pin(ours), left: 10, exceeded: Arc::default() };
        theirs.write_all(&[0; 20]).await.unwrap();
        let mut read = Vec::new();
        assert!(stream.read_to_end(&mut read).await.is_err());
        assert!(read.len() <= 20 && stream.exceeded().load(Ordering::Relaxed));
    }
}
