//! Whether two samples show enough of what runs, or it takes more time.

use std::time::Duration;

use serde::Deserialize;

use super::{
    rank::{Sample, unsettled},
    text, texts_of,
};
use crate::{
    postgres::Session,
    source::{SampleTime, postgres::server::Extension},
};

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
