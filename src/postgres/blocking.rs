//! A session that may write, for callers without asynchronous code.
//!
//! Histories are kept through it, in a database that the user named for that. Nothing that is read as a source is ever
//! opened this way.

use std::time::Duration;

use tokio::{
    runtime::{Builder, Runtime},
    task::JoinHandle,
    time::timeout,
};
use tokio_postgres::Client;

pub use tokio_postgres::{
    Row,
    types::{ToSql, Type},
};

use crate::foreign::Foreign;

use super::{
    connect::{Link, connect},
    connect_error::identifier,
    settings::Settings,
};

/// A parameter of a statement and its type. Types are named because nothing is prepared: behind a pooler, a prepared
/// statement would stay on a connection that the next transaction does not get.
pub type Parameter<'a> = (&'a (dyn ToSql + Sync), Type);

/// How long a server may take to let us in.
const SIGN_IN: Duration = Duration::from_secs(10);
/// How long a statement may take before the server counts as gone. The server's own limits are lower.
const ANSWER: Duration = Duration::from_secs(300);

/// A session. Dropping it closes the connection, and takes back what was not committed.
#[derive(Debug)]
pub struct Blocking {
    client: Client,
    driver: JoinHandle<()>,
    runtime: Runtime,
    role: String,
    database: String,
    foreign: Foreign,
}

/// Why a statement has no answer.
#[derive(Debug, thiserror::Error)]
#[error("{detail}")]
pub struct Trouble {
    /// The SQLSTATE, where the server gave one.
    pub code: Option<String>,
    /// What happened.
    pub detail: String,
    /// What to do about it, where that is known.
    pub hint: Option<String>,
}

impl Trouble {
    fn of(detail: String) -> Self {
        Self { code: None, detail, hint: None }
    }
}

impl From<tokio_postgres::Error> for Trouble {
    fn from(error: tokio_postgres::Error) -> Self {
        if let Some(answer) = error.as_db_error() {
            let code = answer.code().code().to_owned();
            let detail = format!("{} (SQLSTATE {code})", answer.message());
            Self { code: Some(code), detail, hint: None }
        } else {
            let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}"));
            Self::of(format!("{error}{}", cause.unwrap_or_default()))
        }
    }
}

impl Blocking {
    /// Signs in.
    ///
    /// # Errors
    /// When the server cannot be reached or does not let us in.
    pub fn open(settings: &Settings) -> Result<Self, Trouble> {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Trouble::of(error.to_string()))?;
        let link = runtime.block_on(connect(settings, SIGN_IN));
        let foreign = Foreign::new(settings.secrets());
        let Link { client, driver, budget, .. } = link.map_err(|error| Trouble {
            code: None,
            detail: foreign.message(&error.unavailable.detail),
            hint: error.unavailable.hint,
        })?;
        // Our own database may hold as much as it likes.
        budget.lift();
        let (role, database) = (identifier(&settings.user), identifier(&settings.database));
        Ok(Self { client, driver, runtime, role, database, foreign })
    }

    /// The role that has signed in, as SQL wants it.
    pub fn role(&self) -> &str {
        &self.role
    }

    /// The database, as SQL wants it.
    pub fn database(&self) -> &str {
        &self.database
    }

    /// Runs statements without parameters and without rows.
    ///
    /// # Errors
    /// When the server refuses one of them or does not answer.
    pub fn run(&self, statements: &str) -> Result<(), Trouble> {
        self.answered(self.client.batch_execute(statements))
    }

    /// Runs a statement. Returns how many rows it concerned.
    ///
    /// # Errors
    /// When the server refuses it or does not answer.
    pub fn execute(&self, statement: &str, parameters: &[Parameter<'_>]) -> Result<u64, Trouble> {
        self.answered(self.client.execute_typed(statement, parameters))
    }

    /// The rows of a query, each made into something.
    ///
    /// # Errors
    /// When the server refuses it or does not answer, or a row is not what was asked for.
    pub fn rows<T>(
        &self,
        query: &str,
        parameters: &[Parameter<'_>],
        of: impl FnMut(&Row) -> Result<T, Trouble>,
    ) -> Result<Vec<T>, Trouble> {
        let rows = self.answered(self.client.query_typed(query, parameters))?;
        rows.iter().map(of).collect()
    }

    fn answered<T>(
        &self,
        answer: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, Trouble> {
        match self.runtime.block_on(async { timeout(ANSWER, answer).await }) {
            Ok(answer) => answer.map_err(|error| {
                let mut trouble = Trouble::from(error);
                self.foreign.pass_message(&mut trouble.detail);
                trouble
            }),
            Err(_) => Err(Trouble::of("the server has stopped answering".to_owned())),
        }
    }
}

impl Drop for Blocking {
    fn drop(&mut self) {
        self.driver.abort();
    }
}
