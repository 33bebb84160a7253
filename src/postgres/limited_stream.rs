//! A stream that gives out only so many bytes, so that no server can fill our memory, and none at all of
//! another protocol, whose text would be taken for the length of a message to come.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// How many bytes may still be read; shared with whoever has to explain why reading stopped.
#[derive(Debug, Clone)]
pub(super) struct Budget(Arc<AtomicUsize>);

impl Budget {
    pub(super) fn new(bytes: usize) -> Self {
        Self(Arc::new(AtomicUsize::new(bytes)))
    }

    /// True when the other side sent more than was allowed.
    pub(super) fn is_spent(&self) -> bool {
        self.0.load(Ordering::Relaxed) == 0
    }

    /// From now on there is no bound, as far as a machine can count.
    pub(super) fn lift(&self) {
        self.0.store(usize::MAX, Ordering::Relaxed);
    }

    fn spend(&self, bytes: usize) {
        let left = self.0.load(Ordering::Relaxed).saturating_sub(bytes);
        self.0.store(left, Ordering::Relaxed);
    }
}

/// A stream whose reads fail once its budget is spent.
#[derive(Debug)]
pub(super) struct LimitedStream<S> {
    inner: S,
    budget: Budget,
    recognised: bool,
}

/// What a PostgreSQL server or pooler may begin with: yes or no to TLS, a question for the password, an
/// error, or another protocol version.
const BEGINNINGS: [u8; 5] = *b"SNREv";

impl<S> LimitedStream<S> {
    pub(super) fn new(inner: S, budget: Budget) -> Self {
        Self { inner, budget, recognised: false }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for LimitedStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.budget.is_spent() {
            return Poll::Ready(Err(io::Error::other("the answer exceeds the size limit")));
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(context, buffer))?;
        let read = &buffer.filled()[before..];
        if let (false, Some(first)) = (self.recognised, read.first()) {
            self.recognised = BEGINNINGS.contains(first);
            if !self.recognised {
                let words = format!("it begins with {:?}", char::from(*first));
                return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, words)));
            }
        }
        self.budget.spend(read.len());
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for LimitedStream<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::ReadBuf;

    use super::*;

    /// Reads up to eight bytes at once.
    fn read(stream: &mut LimitedStream<&[u8]>) -> io::Result<usize> {
        let mut space = [0; 8];
        let mut buffer = ReadBuf::new(&mut space);
        let mut context = Context::from_waker(std::task::Waker::noop());
        match Pin::new(stream).poll_read(&mut context, &mut buffer) {
            Poll::Ready(outcome) => outcome.map(|()| buffer.filled().len()),
            Poll::Pending => panic!("a slice is always ready"),
        }
    }

    #[test]
    fn reading_stops_when_the_budget_is_spent() {
        let budget = Budget::new(10);
        let mut stream = LimitedStream::new(b"R1234567890123456789".as_slice(), budget.clone());
        assert_eq!(read(&mut stream).unwrap(), 8);
        assert!(!budget.is_spent());
        assert_eq!(read(&mut stream).unwrap(), 8);
        assert!(budget.is_spent());
        assert!(read(&mut stream).is_err());
    }

    #[test]
    fn another_protocol_is_noticed_by_its_first_byte() {
        for text in ["HTTP/1.1 400", "-ERR unknown", "J\0\0\0\n8.0.36"] {
            let error = read(&mut LimitedStream::new(text.as_bytes(), Budget::new(100))).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        }
    }
}
