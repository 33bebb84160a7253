//! The first exchange on a new connection, before the client library takes it over.
//!
//! A server without free client slots, or in protected mode, writes its refusal at once and closes. What we
//! send may then fail although the refusal lies ready to be read, so the first command is asked by hand:
//! whether it could be sent or not, what arrives is read.

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::error::{failed, from_message, unexpected_reply};
use crate::snapshot::{Reason, Unavailable};

/// The longest first line that is waited for; Redis' longest, of protected mode, has about 1,000 bytes.
const MAX_LINE: usize = 4096;

/// Makes sure that a server of the Redis family is there and lets us in.
pub(super) async fn greet<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) -> Result<(), Unavailable> {
    let _ = stream.write_all(b"*1\r\n$4\r\nPING\r\n").await; // the reason of a failure is in what arrives
    let _ = stream.flush().await;
    let line = first_line(stream).await?;
    let Some(words) = line.strip_prefix('-') else {
        return if line == "+PONG" { Ok(()) } else { Err(foreign(&line)) };
    };
    let failure = from_message(words);
    // Any other refusal of PING (not signed in yet, loading, not permitted) is not final: what the
    // following commands answer is.
    let is_final = failure.reason == Reason::Full || words.starts_with("DENIED");
    if is_final { Err(failure) } else { Ok(()) }
}

async fn first_line<S: AsyncRead + Unpin>(stream: &mut S) -> Result<String, Unavailable> {
    let mut line = Vec::new();
    let mut chunk = [0; 512];
    loop {
        let count = stream.read(&mut chunk).await.map_err(|error| closed(&line, &error.to_string()))?;
        if count == 0 {
            return Err(closed(&line, "it was closed without an answer"));
        }
        line.extend(chunk.iter().take(count));
        if let Some(end) = line.windows(2).position(|pair| pair == b"\r\n") {
            line.truncate(end);
            return Ok(String::from_utf8_lossy(&line).into_owned());
        }
        if line.len() > MAX_LINE {
            return Err(foreign(&String::from_utf8_lossy(&line)));
        }
    }
}

fn closed(line: &[u8], why: &str) -> Unavailable {
    if line.is_empty() {
        return failed(
            Reason::Unreachable,
            format!("the connection gave nothing: {why}"),
            "a port that speaks TLS needs rediss://; otherwise see the server's log",
        );
    }
    foreign(&String::from_utf8_lossy(line))
}

fn foreign(line: &str) -> Unavailable {
    let begin: String = line.chars().take(60).collect();
    unexpected_reply(&format!("the first answer is not of the Redis protocol: {begin}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a client makes of a server that writes this and closes.
    async fn greeted(answer: &[u8]) -> Result<(), Reason> {
        let (mut ours, mut theirs) = tokio::io::duplex(8192);
        theirs.write_all(answer).await.unwrap();
        drop(theirs);
        greet(&mut ours).await.map_err(|failure| failure.reason)
    }

    #[tokio::test]
    async fn the_first_line_decides() {
        assert_eq!(greeted(b"+PONG\r\n").await, Ok(()));
        assert_eq!(greeted(b"-NOAUTH Authentication required.\r\n").await, Ok(()));
        assert_eq!(greeted(b"-ERR max number of clients reached\r\n").await, Err(Reason::Full));
        assert_eq!(greeted(b"-DENIED protected mode\r\n").await, Err(Reason::SignInRefused));
        assert_eq!(greeted(b"HTTP/1.1 400 Bad Request\r\n\r\n").await, Err(Reason::UnexpectedReply));
        assert_eq!(greeted(b"").await, Err(Reason::Unreachable));
        assert_eq!(greeted(b"half").await, Err(Reason::UnexpectedReply));
        assert_eq!(greeted(&[b'x'; 5000]).await, Err(Reason::UnexpectedReply));
    }
}
