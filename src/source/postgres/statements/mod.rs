//! The slowest and the most expensive statement, and the counters of all of them, from pg_stat_statements.
//!
//! Its columns depend on the extension's version and not on the server's, so rows are read through
//! `to_jsonb`, which has whatever is there.

mod look;
mod missing;
mod rank;
mod text;

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{
    answers::{Answers, Observed, shown},
    server::{Extension, Server},
};
use crate::{
    postgres::{QueryError, SIGNATURE, Session},
    signal::{Unit, counted},
    snapshot::Reason,
};

use missing::Missing;
use rank::{Candidate, ENOUGH_CALLS, ENOUGH_CALLS_EVER, Info, Ranking, ever, recent};

pub(super) use missing::time_needed;
pub(super) use rank::Sample;

/// The signals of this topic.
pub(super) const SIGNALS: [&str; 1] = ["postgres.query_time"];

/// Why all calls so far were taken.
const TOO_QUIET: &str = "few calls between the two samples; cumulative statistics used";

const HERE: &str = "(SELECT oid FROM pg_database WHERE datname = current_database())";

/// Reads the counters of all statements of this database, without their texts.
pub(super) async fn sample(session: &Session, extension: &Extension) -> Result<Sample, QueryError> {
    let Extension { loaded: true, open: true, schema: Some(schema), .. } = extension else {
        return Ok(Sample::default());
    };
    // The time is read first, so that nothing counts as seen that came after it.
    let (evictions, reset, view) = if extension.tells_resets {
        ("dealloc", milliseconds("stats_reset"), format!("{schema}.pg_stat_statements_info"))
    } else {
        ("NULL::int8", "NULL::int8".to_owned(), "(SELECT 1) AS nothing".to_owned())
    };
    let info = format!(
        "SELECT {} AS at, {} AS started, {evictions} AS evictions, {reset} AS reset, {HERE}::int8 AS database, \
           (SELECT oid::int8 FROM pg_roles WHERE rolname = current_user) AS own_role \
         FROM {view}",
        milliseconds("clock_timestamp()"),
        milliseconds("pg_postmaster_start_time()")
    );
    let entries = format!(
        "SELECT (j->>'userid')::int8 AS role, (j->>'queryid')::int8 AS query, \
           coalesce((j->>'toplevel')::bool, true) AS toplevel, (j->>'calls')::float8 AS calls, \
           coalesce(j->>'total_exec_time', j->>'total_time')::float8 AS milliseconds, \
           {} AS since \
         FROM (SELECT to_jsonb(s) AS j FROM {schema}.pg_stat_statements(false) AS s WHERE s.dbid = {HERE}) AS x",
        milliseconds("(j->>'stats_since')::timestamptz")
    );
    let before: Info = session.row(&info).await?;
    let entries = session.rows(&entries).await?;
    let after: Info = session.row(&info).await?;
    Ok(Sample { torn: before.reset != after.reset, info: before, entries })
}

/// A time as Unix milliseconds, in SQL.
fn milliseconds(time: &str) -> String {
    format!("(extract(epoch FROM {time}) * 1000)::int8")
}

/// Compares two samples, looks up the texts of the leading statements and adds what was found.
pub(super) async fn conclude(
    session: &Session,
    (server, extension): (&Server, &Extension),
    samples: Result<(Sample, Sample), QueryError>,
    answers: &mut Answers,
) {
    if let Some(Missing { reason, detail, hint }) = missing::why(server, extension) {
        return answers.gap(&SIGNALS, reason, detail, Some(&hint));
    }
    let (first, second) = match samples {
        Ok(samples) => samples,
        Err(error) => return answers.failed_in(schema(extension), &SIGNALS, &error),
    };
    let rankings = [recent(&first, &second), ever(&second)];
    let texts = texts(session, extension, &rankings).await;
    answers.statements = second.look(texts.as_ref().ok());
    if let Some(cause) = first.broken_by(&second) {
        return answers.gap(&SIGNALS, Reason::TooFewSamples, cause, Some("run this again"));
    }
    if rankings[0].is_empty()
        && let Some(Missing { reason, detail, hint }) = missing::not_counted(extension)
    {
        return answers.gap(&SIGNALS, reason, detail, Some(&hint));
    }
    let mut caveats = caveats(&first, &second, server);
    let rankings = match &texts {
        Ok(_) => rankings,
        Err(error) => {
            caveats.push(format!("the texts of the statements cannot be read: {error}"));
            let [first, second] = [first.of_others(), second.of_others()];
            [recent(&first, &second), ever(&second)]
        }
    };
    let (seconds, hidden) = (first.seconds_until(&second), second.hidden());
    interpret(&Found { rankings, texts: texts.ok(), seconds, hidden }, caveats, server, answers);
}

fn schema(extension: &Extension) -> &str {
    extension.schema.as_deref().unwrap_or_default()
}

/// What was read, before it is decided which statements to report.
struct Found {
    /// By what ran between the samples, and by all that ever ran.
    rankings: [Ranking; 2],
    /// The texts of the leading statements by their number, without this program's own; `None` when none could be
    /// read.
    texts: Option<BTreeMap<i64, String>>,
    /// Between the samples.
    seconds: f64,
    /// How many statements we are not allowed to read.
    hidden: usize,
}

/// Looks up the texts of the leading statements, leaving this program's own out.
async fn texts(
    session: &Session,
    extension: &Extension,
    rankings: &[Ranking],
) -> Result<BTreeMap<i64, String>, QueryError> {
    let leading = rankings.iter().flat_map(|ranking| ranking.slowest.iter().chain(&ranking.costliest));
    texts_of(session, extension, &leading.map(|found| found.query).collect()).await
}

/// Looks up the texts of statements by their numbers, leaving this program's own out.
async fn texts_of(
    session: &Session,
    extension: &Extension,
    numbers: &BTreeSet<i64>,
) -> Result<BTreeMap<i64, String>, QueryError> {
    #[derive(Deserialize)]
    struct Row {
        number: i64,
        text: String,
    }
    let numbers: Vec<String> = numbers.iter().map(i64::to_string).collect();
    let (Some(schema), false) = (&extension.schema, numbers.is_empty()) else {
        return Ok(BTreeMap::new());
    };
    // A database without an encoding of its own keeps bytes as they came, which may be no text to anybody else.
    let query = format!(
        "SELECT queryid AS number, min(CASE WHEN getdatabaseencoding() = 'SQL_ASCII' \
           THEN regexp_replace(left(query, 2000), E'[^\\x01-\\x7F]+', '?', 'g') ELSE left(query, 2000) END) AS text \
         FROM {schema}.pg_stat_statements \
         WHERE dbid = {HERE} AND queryid IN ({}) AND strpos(query, '{SIGNATURE}') = 0 GROUP BY queryid",
        numbers.join(", ")
    );
    let rows: Vec<Row> = session.rows(&query).await?;
    Ok(rows.into_iter().map(|row| (row.number, row.text)).collect())
}

fn caveats(first: &Sample, second: &Sample, server: &Server) -> Vec<String> {
    let mut caveats = Vec::new();
    let evictions = first.evictions_until(second);
    if evictions > 0 {
        let plural = if evictions > 1 { "s" } else { "" };
        caveats.push(format!(
            "rare statements were evicted {evictions} time{plural} between the samples: raise pg_stat_statements.max"
        ));
    }
    let hidden = second.hidden();
    if hidden > 0 {
        caveats.push(format!(
            "{} of other roles hidden; GRANT pg_monitor TO {};",
            counted(hidden, "statement"),
            server.role
        ));
    }
    caveats
}

impl Found {
    /// True for a statement of the application that does some work.
    fn counts(&self, candidate: &Candidate) -> bool {
        let Some(texts) = &self.texts else { return true };
        texts.get(&candidate.query).is_some_and(|text| !text::is_housekeeping(text))
    }

    /// What a statement is, how often it ran and what it costs.
    fn describe(&self, candidate: &Candidate, period: &str) -> String {
        let text = self.texts.as_ref().and_then(|texts| texts.get(&candidate.query));
        let text = text.map_or_else(|| format!("queryid {}", candidate.query), |text| text::shape(text));
        let calls = shown(candidate.calls, Unit::Count);
        let plural = if candidate.calls > 1.0 { "s" } else { "" };
        let share = shown(candidate.share, Unit::Ratio);
        let basis = match candidate.calls_of_mean {
            more if more > candidate.calls => format!("; mean of {} calls", shown(more, Unit::Count)),
            _ => String::new(),
        };
        format!("{text}: {calls} call{plural} {period}, {share} of the time of all statements{basis}")
    }
}

/// The slowest statement as an observation; the most expensive one as a note to it.
fn interpret(found: &Found, caveats: Vec<String>, server: &Server, answers: &mut Answers) {
    let recently = format!("in {}", shown(found.seconds, Unit::Seconds));
    let past = "since the statistics began".to_owned();
    let [recent, ever] = &found.rankings;
    let slowest = [(recent, recently), (ever, past)].into_iter().find_map(|(ranking, period)| {
        let slowest = ranking.slowest.iter().find(|candidate| found.counts(candidate))?;
        Some((ranking, slowest, period))
    });
    let Some((ranking, slowest, period)) = slowest else {
        return nothing(found.hidden, server, answers);
    };
    let costliest = ranking.costliest.iter().find(|candidate| found.counts(candidate));
    let costliest = costliest.filter(|candidate| candidate.query != slowest.query);
    answers.add(
        Observed::new(SIGNALS[0], slowest.mean_seconds, "pg_stat_statements")
            .attribute("queryid", slowest.query.to_string())
            .note(found.describe(slowest, &period))
            .notes(std::ptr::eq(ranking, ever).then(|| TOO_QUIET.to_owned()))
            .notes(costliest.map(|other| format!("most time goes to {}", found.describe(other, &period))))
            .notes(caveats),
    );
}

fn nothing(hidden: usize, server: &Server, answers: &mut Answers) {
    if hidden > 0 {
        let detail = format!("this role may not look at {} of others", counted(hidden, "statement"));
        return answers.gap(&SIGNALS, Reason::NotPermitted, detail, Some(&server.grant()));
    }
    let detail = format!(
        "no statement ran {ENOUGH_CALLS} times between the samples or {ENOUGH_CALLS_EVER} times ever"
    );
    answers.gap(&SIGNALS, Reason::Empty, detail, Some("run this under load, or raise --sample"));
}

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{answers, server},
        *,
    };

    fn candidate(query: i64, mean_seconds: f64, share: f64) -> Candidate {
        Candidate { query, calls: 20.0, mean_seconds, calls_of_mean: 20.0, share }
    }

    fn read(rankings: [Ranking; 2], hidden: usize) -> Answers {
        let texts = [(1, "COMMIT"), (2, "SELECT pg_sleep($1)"), (3, "UPDATE cart SET n = $1")];
        let texts = texts.map(|(number, text)| (number, text.to_owned())).into();
        let mut answers = answers();
        interpret(
            &Found { rankings, texts: Some(texts), seconds: 5.0, hidden },
            Vec::new(),
            &server(),
            &mut answers,
        );
        answers
    }

    #[test]
    fn the_slowest_statement_of_the_application_is_told() {
        // 9 has no text: it is this program's own.
        let slowest = vec![candidate(9, 9.0, 0.1), candidate(1, 8.0, 0.1), candidate(2, 0.3, 0.2)];
        let costliest = vec![candidate(3, 0.001, 0.6), candidate(2, 0.3, 0.2)];
        let found = read([Ranking { slowest, costliest }, Ranking::default()], 0);
        let observed = &found.observations[0];
        assert_eq!(observed.values.values(), [0.3]);
        assert_eq!(observed.attributes["queryid"], "2");
        assert_eq!(
            observed.notes,
            [
                "SELECT pg_sleep($1): 20 calls in 5 s, 20% of the time of all statements",
                "most time goes to UPDATE cart SET n = $1: 20 calls in 5 s, 60% of the time of all statements",
            ]
        );
    }

    #[test]
    fn numbers_of_all_time_say_so() {
        let housekeeping = Ranking { slowest: vec![candidate(1, 9.0, 1.0)], costliest: Vec::new() };
        let slowest = vec![candidate(2, 0.3, 0.2)];
        let found = read([housekeeping, Ranking { costliest: slowest.clone(), slowest }], 0);
        let notes = &found.observations[0].notes;
        assert_eq!(
            notes[0],
            "SELECT pg_sleep($1): 20 calls since the statistics began, 20% of the time of all statements"
        );
        assert_eq!(notes[1], TOO_QUIET);
    }

    #[test]
    fn nothing_to_tell_is_a_gap_with_its_cause() {
        assert_eq!(read([Ranking::default(), Ranking::default()], 0).gaps[0].reason, Reason::Empty);
        let hidden = &read([Ranking::default(), Ranking::default()], 28).gaps[0];
        assert_eq!(hidden.reason, Reason::NotPermitted);
        assert_eq!(hidden.hint.as_deref(), Some("GRANT pg_monitor TO app;"));
    }

    #[test]
    fn without_texts_the_slowest_statement_is_named_by_its_number() {
        let slowest = vec![candidate(9, 0.5, 0.1)];
        let found = Found {
            rankings: [Ranking { costliest: slowest.clone(), slowest }, Ranking::default()],
            texts: None,
            seconds: 5.0,
            hidden: 0,
        };
        let mut answers = answers();
        interpret(&found, vec!["no texts".to_owned()], &server(), &mut answers);
        let observed = &answers.observations[0];
        assert_eq!(observed.values.values(), [0.5]);
        assert_eq!(
            observed.notes,
            ["queryid 9: 20 calls in 5 s, 10% of the time of all statements", "no texts"]
        );
    }
}
