//! All topics in one pass over one session.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::{
    NAME,
    answers::Answers,
    connections, counters, limits, locks, replication,
    server::{POOLED, Server},
    size, statements, transactions, wraparound,
};
use crate::{
    postgres::{QueryError, Session, Settings},
    snapshot::{SourceReport, SourceResult},
    source::{Request, SampleTime},
    statements::StatementSnapshot,
};

/// Reads every topic. A topic that fails leaves the others as they are.
pub(super) async fn read(
    session: &Session,
    server: &Server,
    settings: &Settings,
    request: &Request,
) -> SourceResult {
    let mut answers = Answers::new(request.now, server.role.clone());
    let first = Samples::take(session, server).await;
    let since = Instant::now();
    let longest = request.sample.longest.min(request.deadline / 2).max(request.sample.shortest);
    let time = SampleTime { longest, ..request.sample };
    state(session, server, &mut answers).await;
    standbys(session, server, &mut answers).await;
    sleep_until(since + time.shortest).await;
    let mut second = Samples::take(session, server).await;
    if let Some(time) = time_needed(session, server, (&first, &second), time).await {
        sleep_until(since + time).await;
        second = Samples::take(session, server).await;
    }
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
        let statements = match &server.statements {
            Ok(extension) => statements::sample(session, extension).await,
            Err(error) => Err(error.clone()),
        };
        Self { counters, statements }
    }
}

/// The time from the first sample to another one, where the second one shows too little.
async fn time_needed(
    session: &Session,
    server: &Server,
    (first, second): (&Samples, &Samples),
    time: SampleTime,
) -> Option<Duration> {
    if let (Ok(before), Ok(after)) = (&first.counters, &second.counters)
        && counters::has_rare_events(before, after)
    {
        return (time.longest > time.shortest).then_some(time.longest);
    }
    let extension = server.statements.as_ref().ok()?;
    let (before, after) = (first.statements.as_ref().ok()?, second.statements.as_ref().ok()?);
    statements::time_needed(session, extension, (before, after), time).await
}

/// What is true at this moment.
async fn state(session: &Session, server: &Server, answers: &mut Answers) {
    match session.row(connections::QUERY).await {
        Ok(row) => connections::interpret(&row, server, answers),
        Err(error) => answers.failed(&connections::SIGNALS, &error),
    }
    match session.rows(limits::QUERY).await {
        Ok(rows) => limits::interpret(&rows, server, answers),
        Err(error) => answers.annotate("postgres.connections", &limits::unknown(&error)),
    }
    match session.row(transactions::QUERY).await {
        Ok(row) => transactions::interpret(&row, server, answers),
        Err(error) => answers.failed(&transactions::SIGNALS, &error),
    }
    match lock_waits(session).await {
        Ok((row, details)) => locks::interpret(&row, details.as_deref(), answers),
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

/// How many sessions wait, and for whom or why that is not known.
async fn lock_waits(
    session: &Session,
) -> Result<(locks::Row, Result<Vec<locks::Detail>, QueryError>), QueryError> {
    let row: locks::Row = session.row(locks::QUERY).await?;
    let details = if row.waiting > 0.0 { session.rows(locks::DETAIL_QUERY).await } else { Ok(Vec::new()) };
    Ok((row, details))
}

async fn standbys(session: &Session, server: &Server, answers: &mut Answers) {
    let outcome = match &server.is_standby {
        Ok(true) => {
            let itself = session.row(replication::STANDBY_QUERY).await;
            itself.map(|row| replication::interpret_standby(&row, answers))
        }
        Ok(false) => {
            let standbys = session.rows(replication::PRIMARY_QUERY).await;
            standbys.map(|rows| replication::interpret_primary(&rows, server, answers))
        }
        Err(error) => Err(error.clone()),
    };
    if let Err(error) = outcome {
        answers.failed(&replication::SIGNALS, &error);
    }
}

/// What happened between the two samples.
async fn compare(session: &Session, server: &Server, first: Samples, second: Samples, answers: &mut Answers) {
    match &server.statements {
        Ok(extension) => {
            let statements = first.statements.and_then(|before| Ok((before, second.statements?)));
            statements::conclude(session, (server, extension), statements, answers).await;
        }
        Err(error) => answers.failed(&statements::SIGNALS, error),
    }
    match first.counters.and_then(|before| Ok((before, second.counters?))) {
        Ok((before, after)) => counters::interpret(&before, &after, answers),
        Err(error) => answers.failed(&counters::SIGNALS, &error),
    }
}

fn reading(server: &Server, settings: &Settings, answers: Answers) -> SourceResult {
    let number = server.version.split_whitespace().next().unwrap_or_default();
    let report = SourceReport {
        version: Some(format!("PostgreSQL {number}")),
        notes: settings.notes.iter().cloned().chain(server.notes()).collect(),
        hint: server.is_blind().then(|| server.grant()),
        ..SourceReport::answered(NAME, settings.address())
    };
    SourceResult {
        observations: answers.observations,
        statements: answers.statements.map(|look| StatementSnapshot { server: settings.place(), ..look }),
        gaps: answers.gaps,
        ..SourceResult::new(report)
    }
}
