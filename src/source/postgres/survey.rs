//! All topics in one pass over one session.

use tokio::time::{Instant, sleep_until};

use super::{
    NAME,
    answers::Answers,
    connections, counters, locks, replication,
    server::{POOLED, Server},
    size, statements, transactions, wraparound,
};
use crate::{
    postgres::{QueryError, Session, Settings},
    snapshot::{Reason, SourceReport, SourceResult, Status},
    source::Request,
    statements::StatementSnapshot,
};

/// Reads every topic. A topic that fails leaves the others as they are.
pub(super) async fn read(
    session: &Session,
    server: &Server,
    settings: &Settings,
    request: &Request,
) -> SourceResult {
    let mut answers = Answers::new(request.now);
    let first = Samples::take(session, server).await;
    let due = Instant::now() + request.sample;
    state(session, server, &mut answers).await;
    standbys(session, server, &mut answers).await;
    sleep_until(due).await;
    let second = Samples::take(session, server).await;
    compare(session, server, first, second, &mut answers).await;
    if !server.is_direct {
        answers.annotate("postgres.connections", POOLED);
    }
    reading(server, settings, answers)
}

/// One look at everything that counts up.
struct Samples {
    counters: Result<counters::Sample, QueryError>,
    statements: Result<statements::Sample, QueryError>,
}

impl Samples {
    async fn take(session: &Session, server: &Server) -> Self {
        let counters = session.row(counters::QUERY).await;
        let statements = match statements::missing(server) {
            None => statements::sample(session, server).await,
            Some(_) => Ok(statements::Sample::default()),
        };
        Self { counters, statements }
    }
}

/// What is true at this moment.
async fn state(session: &Session, server: &Server, answers: &mut Answers) {
    match session.row(connections::QUERY).await {
        Ok(row) => connections::interpret(&row, server, answers),
        Err(error) => answers.failed(&connections::SIGNALS, &error),
    }
    match session.row(transactions::QUERY).await {
        Ok(row) => transactions::interpret(&row, server, answers),
        Err(error) => answers.failed(&transactions::SIGNALS, &error),
    }
    match lock_waits(session).await {
        Ok((row, details)) => locks::interpret(&row, &details, answers),
        Err(error) => answers.failed(&locks::SIGNALS, &error),
    }
    match session.rows(size::QUERY).await {
        Ok(rows) => size::interpret(&rows, server, answers),
        Err(error) => answers.failed(&size::SIGNALS, &error),
    }
    match session.row(wraparound::QUERY).await {
        Ok(row) => wraparound::interpret(&row, answers),
        Err(error) => answers.failed(&wraparound::SIGNALS, &error),
    }
}

async fn lock_waits(session: &Session) -> Result<(locks::Row, Vec<locks::Detail>), QueryError> {
    let row: locks::Row = session.row(locks::QUERY).await?;
    let details = if row.waiting > 0.0 { session.rows(locks::DETAIL_QUERY).await? } else { Vec::new() };
    Ok((row, details))
}

async fn standbys(session: &Session, server: &Server, answers: &mut Answers) {
    let outcome = if server.is_standby {
        let itself = session.row(replication::STANDBY_QUERY).await;
        itself.map(|row| replication::interpret_standby(&row, answers))
    } else {
        let standbys = session.rows(replication::PRIMARY_QUERY).await;
        standbys.map(|rows| replication::interpret_primary(&rows, server, answers))
    };
    if let Err(error) = outcome {
        answers.failed(&replication::SIGNALS, &error);
    }
}

/// What happened between the two samples.
async fn compare(session: &Session, server: &Server, first: Samples, second: Samples, answers: &mut Answers) {
    let counters = first.counters.and_then(|before| Ok((before, second.counters?)));
    let statements = first.statements.and_then(|before| Ok((before, second.statements?)));
    if let Some((detail, hint)) = statements::missing(server) {
        answers.gap(&statements::SIGNALS, Reason::NotInstalled, detail, Some(&hint));
    } else {
        match (&statements, &counters) {
            (Ok(pair), Ok((before, after))) => {
                let between = (before.seconds_until(after), before.broken_by(after));
                statements::conclude(session, server, pair, between, answers).await;
            }
            (Err(error), _) | (_, Err(error)) => answers.failed(&statements::SIGNALS, error),
        }
    }
    match &counters {
        Ok((before, after)) => counters::interpret(before, after, answers),
        Err(error) => answers.failed(&counters::SIGNALS, error),
    }
}

fn reading(server: &Server, settings: &Settings, answers: Answers) -> SourceResult {
    let number = server.version.split_whitespace().next().unwrap_or_default();
    SourceResult {
        report: SourceReport {
            source: NAME.to_owned(),
            address: settings.address(),
            status: Status::Answered,
            version: Some(format!("PostgreSQL {number}")),
            notes: settings.notes.iter().cloned().chain(server.notes()).collect(),
            hint: (!server.sees_everything).then(|| server.grant()),
        },
        observations: answers.observations,
        history: Vec::new(),
        statements: answers.statements.map(|look| StatementSnapshot { server: settings.place(), ..look }),
        gaps: answers.gaps,
        exhausted: Vec::new(),
        ambiguous: Vec::new(),
    }
}
