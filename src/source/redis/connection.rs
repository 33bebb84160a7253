//! A signed-in connection on which commands are asked, each under the source's deadline.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use redis::{
    AsyncConnectionConfig, Cmd, FromRedisValue, RedisConnectionInfo, RedisResult, aio::MultiplexedConnection,
};
use tokio::task::AbortHandle;

use super::{
    Settings,
    deadline::Deadline,
    error::{failed, from_client},
    greeting::greet,
    stream::Stream,
};
use crate::snapshot::{Reason, Unavailable};

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
