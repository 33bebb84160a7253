//! One signed-in session that can only read.

use std::{fmt, sync::OnceLock, time::Duration};

use serde::de::DeserializeOwned;
use tokio::{task::JoinHandle, time::timeout};
use tokio_postgres::{Client, SimpleQueryMessage, SimpleQueryRow};

use super::{
    connect::{Link, connect},
    connect_error::ConnectError,
    limited_stream::Budget,
    settings::Settings,
};

/// In the text of every query, so that this program's own statements can be distinguished from the application's.
pub(crate) const SIGNATURE: &str = "/* scale-advisor */";

/// The most rows any query gives.
pub(crate) const MAX_ROWS: usize = 20_000;

/// A session. Dropping it closes the connection.
pub(crate) struct Session {
    client: Client,
    driver: Driver,
    budget: Budget,
    limit: Duration,
    /// Set once the server has stopped answering: asking on would only use up the deadline.
    silent: OnceLock<()>,
    /// The version the server named while signing in; PgBouncer's console ends it in `/bouncer`.
    pub(crate) version: Option<String>,
}

/// Moves the session's bytes; stopped when the session goes.
struct Driver(JoinHandle<()>);

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Why a query has no rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum QueryError {
    /// The server refused it.
    Refused {
        /// The SQLSTATE.
        code: String,
        /// Its message.
        message: String,
    },
    /// It took longer than a query may.
    TimedOut(Duration),
    /// The connection went away.
    Lost(String),
    /// The rows are not what the query asks for.
    UnexpectedReply(String),
    /// The server sent more than a session may.
    TooLarge,
}

impl QueryError {
    /// The server's message when our role lacks a right.
    pub(crate) fn missing_right(&self) -> Option<&str> {
        match self {
            Self::Refused { code, message } if code == "42501" => Some(message),
            _ => None,
        }
    }
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { code, message } => write!(f, "{message} (SQLSTATE {code})"),
            Self::TimedOut(limit) => {
                write!(f, "the query took longer than {}", crate::signal::duration_text(*limit))
            }
            Self::Lost(cause) => write!(f, "the connection was lost: {cause}"),
            Self::UnexpectedReply(cause) => write!(f, "unexpected reply: {cause}"),
            Self::TooLarge => f.write_str("the server sent more than 64 MiB"),
        }
    }
}

impl Session {
    /// Signs in. A query may take a quarter of `deadline`, so that one slow query leaves time for the rest.
    pub(crate) async fn open(settings: &Settings, deadline: Duration) -> Result<Self, ConnectError> {
        let limit = (deadline / 4).clamp(Duration::from_millis(500), Duration::from_secs(10));
        let Link { client, driver, budget, version } = connect(settings, limit * 2).await?;
        Ok(Self { client, driver: Driver(driver), budget, limit, silent: OnceLock::new(), version })
    }

    /// The rows of a query, each as JSON made by the server.
    ///
    /// Every query is a transaction of its own, sent as one text. Limits are set for that transaction only:
    /// behind a pooler, a setting of the session would stay on the connection and reach other clients. For
    /// the same reason nothing is prepared.
    pub(crate) async fn rows<T: DeserializeOwned>(&self, query: &str) -> Result<Vec<T>, QueryError> {
        let milliseconds = self.limit.as_millis();
        let text = format!(
            "BEGIN READ ONLY; SET LOCAL statement_timeout = {milliseconds}; SET LOCAL lock_timeout = 1000; \
             SET LOCAL search_path = pg_catalog; SET LOCAL TimeZone = 'UTC'; \
             SELECT {SIGNATURE} row_to_json(q) FROM ({query}) AS q LIMIT {MAX_ROWS}; COMMIT"
        );
        let answer = self.exchange(&text).await;
        if let Err(QueryError::Refused { .. }) = answer {
            // The failed transaction is still open and holds a pooled connection.
            self.exchange("ROLLBACK").await?;
        }
        let rows = answer?.into_iter().filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        });
        rows.map(|row| serde_json::from_str(row.try_get(0).ok().flatten().unwrap_or("null")))
            .collect::<Result<_, _>>()
            .map_err(|error| QueryError::UnexpectedReply(error.to_string()))
    }

    /// The only row of a query.
    pub(crate) async fn row<T: DeserializeOwned>(&self, query: &str) -> Result<T, QueryError> {
        let row = self.rows(query).await?.into_iter().next();
        row.ok_or_else(|| QueryError::UnexpectedReply("there is no row".to_owned()))
    }

    /// The rows of a command that is no query, as PgBouncer's console knows them.
    pub(crate) async fn show(&self, command: &str) -> Result<Vec<SimpleQueryRow>, QueryError> {
        let answer = self.exchange(command).await?.into_iter();
        let rows = answer.filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        });
        Ok(rows.collect())
    }

    async fn exchange(&self, text: &str) -> Result<Vec<SimpleQueryMessage>, QueryError> {
        // The server cancels first; ours is for a server that has stopped answering.
        let timeout_after = self.limit + Duration::from_millis(500);
        if self.silent.get().is_some() {
            return Err(QueryError::TimedOut(timeout_after));
        }
        match timeout(timeout_after, self.client.simple_query(text)).await {
            Ok(Ok(messages)) => Ok(messages),
            Ok(Err(error)) => Err(self.explain(&error)),
            Err(_) => {
                self.silent.get_or_init(|| ());
                Err(QueryError::TimedOut(timeout_after))
            }
        }
    }

    fn explain(&self, error: &tokio_postgres::Error) -> QueryError {
        if self.budget.is_spent() {
            return QueryError::TooLarge;
        }
        match error.as_db_error() {
            Some(answer) if answer.code().code() == "57014" => QueryError::TimedOut(self.limit),
            Some(answer) => QueryError::Refused {
                code: answer.code().code().to_owned(),
                message: answer.message().to_owned(),
            },
            None => QueryError::Lost(error.to_string()),
        }
    }

    /// Closes the connection properly, so that the server does not log a broken one.
    pub(crate) async fn close(self) {
        let Self { client, mut driver, .. } = self;
        drop(client);
        let _ = timeout(Duration::from_millis(500), &mut driver.0).await;
    }
}
