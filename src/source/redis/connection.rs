//! A signed-in connection on which commands are asked: its first exchange, and the source's deadline for each.
//!
//! A server without free client slots, or in protected mode, writes its refusal at once and closes. What we
//! send may then fail although the refusal lies ready to be read, so the first command is asked by hand:
//! whether it could be sent or not, what arrives is read.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use redis::{
    AsyncConnectionConfig, Cmd, FromRedisValue, RedisConnectionInfo, RedisResult, aio::MultiplexedConnection,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    task::AbortHandle,
    time::{Instant, timeout_at},
};

use super::{
    Settings,
    error::{failed, from_client, from_message, unexpected_reply},
    stream::Stream,
};
use crate::{
    signal::duration_text,
    snapshot::{Reason, Unavailable},
};

/// Commands may be asked at the same time; they travel together on one connection.
#[derive(Debug)]
pub(super) struct Connection {
    client: MultiplexedConnection,
    deadline: Deadline,
    exceeded: Arc<AtomicBool>,
    driver: AbortHandle,
}

impl Connection {
    /// Connects and signs in.
    pub(super) async fn open(settings: &Settings, deadline: Deadline) -> Result<Self, Unavailable> {
        let mut stream = Stream::open(settings, deadline).await?;
        deadline.wait("connected, but no answer", greet(&mut stream)).await?;
        let exceeded = stream.exceeded();
        // No set-up commands: a least-rights account may not send them.
        let info = RedisConnectionInfo::default().set_skip_set_lib_name();
        let config = AsyncConnectionConfig::new().set_response_timeout(None);
        let (client, driver) = MultiplexedConnection::new_with_config(&info, stream, config)
            .await
            .map_err(|error| from_client(&error, "the first command"))?;
        let driver = tokio::spawn(driver).abort_handle();
        let connection = Self { client, deadline, exceeded, driver };
        connection.sign_in(settings).await?;
        Ok(connection)
    }

    /// The instant after which no command is answered any more.
    pub(super) fn deadline(&self) -> Deadline {
        self.deadline
    }

    /// Asks one command: its name, then its arguments.
    pub(super) async fn ask<T: FromRedisValue>(&self, command: &[&str]) -> Result<T, Unavailable> {
        let name = name(command);
        let (sent, mut client) = (packed(command), self.client.clone());
        let answer =
            async { sent.query_async(&mut client).await.map_err(|error| self.failure(&error, name)) };
        self.deadline.wait(&format!("no answer to {name}"), answer).await
    }

    /// Asks how many there are under a key.
    pub(super) async fn count(&self, command: &str, key: &str) -> Result<u64, Unavailable> {
        self.ask(&[command, key]).await
    }

    /// Asks for a range of a list or a sorted set.
    pub(super) async fn range(
        &self,
        command: &str,
        key: &str,
        first: &str,
        last: &str,
    ) -> Result<Vec<String>, Unavailable> {
        self.ask(&[command, key, first, last]).await
    }

    /// Asks commands of one kind together; the first refusal is the answer to all.
    pub(super) async fn ask_each<T: FromRedisValue>(
        &self,
        commands: &[Vec<&str>],
    ) -> Result<Vec<T>, Unavailable> {
        let Some(first) = commands.first() else { return Ok(Vec::new()) };
        let name = name(first);
        let mut sent = redis::pipe();
        sent.ignore_errors(); // otherwise the server's words are lost
        for command in commands {
            sent.add_command(packed(command));
        }
        let mut client = self.client.clone();
        let answers = async {
            let answers: Vec<RedisResult<T>> =
                sent.query_async(&mut client).await.map_err(|error| self.failure(&error, name))?;
            answers.into_iter().collect::<RedisResult<Vec<T>>>().map_err(|error| self.failure(&error, name))
        };
        self.deadline.wait(&format!("no answer to {name}"), answers).await
    }

    fn failure(&self, error: &redis::RedisError, command: &str) -> Unavailable {
        if self.exceeded.load(Ordering::Relaxed) {
            let detail = format!("the answer to {command} exceeds the limit of 16 MiB for a whole run");
            return failed(Reason::TooLarge, detail, "name fewer queues in the configuration");
        }
        from_client(error, command)
    }

    async fn sign_in(&self, settings: &Settings) -> Result<(), Unavailable> {
        if let Some(password) = settings.exposed_password() {
            let user = settings.user.as_deref();
            let answer = match user {
                Some(user) => self.ask::<()>(&["AUTH", user, password]).await,
                None => self.ask::<()>(&["AUTH", password]).await,
            };
            match answer {
                // Redis before version 6 knows no users.
                Err(failure) if user.is_some() && failure.detail.contains("wrong number of arguments") => {
                    accept_auth(self.ask::<()>(&["AUTH", password]).await)?;
                }
                answer => accept_auth(answer)?,
            }
        }
        if settings.database != 0 {
            self.ask::<()>(&["SELECT", &settings.database.to_string()]).await?;
        }
        Ok(())
    }
}

fn name<'a>(command: &[&'a str]) -> &'a str {
    command.first().copied().unwrap_or_default()
}

fn packed(command: &[&str]) -> Cmd {
    let mut packed = Cmd::new();
    for part in command {
        packed.arg(*part);
    }
    packed
}

/// A server that wants no password is content without one; any other refusal of AUTH is of the sign-in.
fn accept_auth(answer: Result<(), Unavailable>) -> Result<(), Unavailable> {
    match answer {
        Err(failure) if failure.detail.contains("without any password configured") => Ok(()),
        Err(failure) if failure.detail.contains("no password is set") => Ok(()),
        Err(failure) if failure.reason == Reason::QueryFailed => Err(failed(
            Reason::SignInRefused,
            failure.detail,
            "correct the user name or the password in the URL",
        )),
        answer => answer,
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.driver.abort(); // closes the socket even while an answer is outstanding
    }
}

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

/// The instant at which waiting ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline {
    end: Instant,
    allowed: Duration,
}

impl Deadline {
    /// A deadline that long from now.
    pub(super) fn after(allowed: Duration) -> Self {
        Self { end: Instant::now() + allowed, allowed }
    }

    /// What is left of it.
    pub(super) fn left(self) -> Duration {
        self.end.saturating_duration_since(Instant::now())
    }

    /// Waits for something no longer than this.
    pub(super) async fn wait<T>(
        self,
        what: &str,
        future: impl Future<Output = Result<T, Unavailable>>,
    ) -> Result<T, Unavailable> {
        timeout_at(self.end, future).await.unwrap_or_else(|_| {
            let detail = format!("{what} within {}", duration_text(self.allowed));
            Err(failed(Reason::TimedOut, detail, "see whether the server is overloaded; raise --timeout"))
        })
    }
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
