//! Whether there are statements to read, and the statement that fixes it where there are none, and whether two samples
//! show enough of what runs.

use std::time::Duration;

use serde::Deserialize;

use super::{
    super::server::{Extension, Server},
    rank::{Sample, unsettled},
    text, texts_of,
};
use crate::{postgres::Session, snapshot::Reason, source::SampleTime};

/// What is missing.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Missing {
    pub(super) reason: Reason,
    pub(super) detail: String,
    pub(super) hint: String,
}

/// Says why there are no statements to read; `None` when there are.
pub(super) fn why(server: &Server, extension: &Extension) -> Option<Missing> {
    let preload = "ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements' (keep the names already in \
                   it), then restart the server";
    let create = "CREATE EXTENSION pg_stat_statements;";
    let (reason, detail, hint) = match (extension.loaded, &extension.schema) {
        (true, Some(_)) if extension.open => return None,
        (true, Some(schema)) => (
            Reason::NotPermitted,
            format!(
                "the role {} may not use the schema {schema}, in which pg_stat_statements is",
                server.role
            ),
            format!("GRANT USAGE ON SCHEMA {schema} TO {};", server.role),
        ),
        (true, None) => (
            Reason::NotInstalled,
            format!("the database {} lacks the extension pg_stat_statements", server.database),
            create.to_owned(),
        ),
        (false, Some(_)) => (
            Reason::NotInstalled,
            "pg_stat_statements is not in shared_preload_libraries".to_owned(),
            preload.to_owned(),
        ),
        (false, None) => (
            Reason::NotInstalled,
            "pg_stat_statements is not installed".to_owned(),
            format!("{preload} and run {create}"),
        ),
    };
    Some(Missing { reason, detail, hint })
}

/// Says why nothing is counted, where nothing was counted between the samples.
pub(super) fn not_counted(extension: &Extension) -> Option<Missing> {
    (extension.track.as_deref() == Some("none")).then(|| Missing {
        reason: Reason::NotConfigured,
        detail: "pg_stat_statements.track is none, so no queries are counted".to_owned(),
        hint: "ALTER SYSTEM SET pg_stat_statements.track = 'top'; SELECT pg_reload_conf();".to_owned(),
    })
}

/// How much more than what is expected to suffice is waited for: calls come irregularly.
const MARGIN: f64 = 1.2;

/// The time from the first sample to another one, where the second one leaves open which statement is the slowest:
/// costly ones ran too few times, or are still running. `None` when it shows enough, and when more time is not allowed.
pub(in crate::source::postgres) async fn time_needed(
    session: &Session,
    extension: &Extension,
    (first, second): (&Sample, &Sample),
    time: SampleTime,
) -> Option<Duration> {
    if time.longest <= time.shortest || first.broken_by(second).is_some() {
        return None;
    }
    let open = unsettled(first, second);
    let numbers = open.iter().map(|(query, _)| *query).collect();
    let texts = texts_of(session, extension, &numbers).await.unwrap_or_default();
    let is_of_application = |query: &i64| texts.get(query).is_some_and(|text| !text::is_housekeeping(text));
    let repeats = open.iter().filter(|(query, _)| is_of_application(query)).map(|(_, repeats)| *repeats);
    if let Some(repeats) = repeats.reduce(f64::max) {
        let needed = first.seconds_until(second).max(0.0) * repeats * MARGIN;
        return Some(time.longest.min(Duration::try_from_secs_f64(needed).unwrap_or(time.longest)));
    }
    is_running(session, time).await.then_some(time.longest)
}

/// Whether statements run that began before the first sample and may end within the longest time. Those of other roles
/// can only be seen by members of `pg_read_all_stats`.
async fn is_running(session: &Session, time: SampleTime) -> bool {
    #[derive(Deserialize)]
    struct Row {
        running: i64,
    }
    let query = format!(
        "SELECT count(*)::int8 AS running FROM pg_stat_activity \
         WHERE backend_type = 'client backend' AND state = 'active' AND pid <> pg_backend_pid() \
           AND datname = current_database() \
           AND clock_timestamp() - query_start BETWEEN interval '{} ms' AND interval '{} ms'",
        time.shortest.as_millis(),
        time.longest.as_millis(),
    );
    session.row(&query).await.is_ok_and(|row: Row| row.running > 0)
}

#[cfg(test)]
mod tests {
    use super::{
        super::super::testing::{extension, server},
        *,
    };

    #[track_caller]
    fn check(extension: &Extension, words: &[&str]) {
        let missing = why(&server(), extension).unwrap();
        let told = format!("{:?} {} {}", missing.reason, missing.detail, missing.hint);
        for word in words {
            assert!(told.contains(word), "{told}");
        }
    }

    #[test]
    fn each_missing_part_has_its_own_remedy() {
        let (complete, schema) = (extension(), None);
        check(&Extension { schema, ..extension() }, &["NotInstalled", "shop", "CREATE EXTENSION"]);
        check(&Extension { loaded: false, ..extension() }, &["shared_preload_libraries", "restart"]);
        let neither = Extension { loaded: false, schema: None, ..extension() };
        check(&neither, &["shared_preload_libraries", "CREATE EXTENSION"]);
        let closed = Extension { open: false, ..extension() };
        check(&closed, &["NotPermitted", "GRANT USAGE ON SCHEMA public TO app;"]);
        assert_eq!(why(&server(), &complete), None);
    }

    #[test]
    fn only_a_setting_that_counts_nothing_is_missing() {
        assert_eq!(not_counted(&extension()), None);
        let none = Extension { track: Some("none".to_owned()), ..extension() };
        assert!(not_counted(&none).unwrap().hint.contains("pg_reload_conf()"));
    }
}
