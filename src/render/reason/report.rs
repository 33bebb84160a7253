//! What a report assumes and what it lacks, in words.

use super::forecast;
use crate::{
    report::{Assumption, StatementsMissing},
    signal::SignalId,
};

/// What the report assumes, as a sentence.
pub(crate) fn assumption(assumption: &Assumption) -> String {
    match assumption {
        Assumption::Utc => "Days and months begin at midnight UTC.".to_owned(),
        Assumption::HourlyMeans => {
            "Limits are compared with hourly means: violations of a few minutes may not show.".to_owned()
        }
        Assumption::PresentLimits => {
            "Today's limits are used for the whole month, even if they have changed.".to_owned()
        }
        Assumption::Load { forecast: reason } => format!("Load: {}.", forecast(reason).trim_end_matches('.')),
        Assumption::NoNewEvents => {
            "Forecasts extrapolate the past; future campaigns, prices and releases are not included."
                .to_owned()
        }
        Assumption::NotForecast { signals } => {
            let names: Vec<&str> = signals.iter().map(|signal: &SignalId| signal.as_str()).collect();
            format!("Not forecast, because their growth is unknown: {}.", names.join(", "))
        }
        Assumption::NothingRecorded => {
            "No earlier assessment was recorded: past months are computed again from \
             the history, and their verdicts are unknown."
                .to_owned()
        }
    }
}

/// What is missing to say more of the statements.
pub(crate) fn statements_missing(missing: &StatementsMissing) -> String {
    match missing {
        StatementsMissing::NotRead => "no PostgreSQL server was read (DATABASE_URL)".to_owned(),
        StatementsMissing::Gap { gap } => gap.explained(),
        StatementsMissing::SlowestName => {
            "slowest query: no source lists queries; read PostgreSQL directly (DATABASE_URL)".to_owned()
        }
        StatementsMissing::Month => "query statistics: the history has no counters for this month; \
             `record` stores them from PostgreSQL (DATABASE_URL) if it runs at least once a day"
            .to_owned(),
        StatementsMissing::MonthBefore => {
            "growth of queries: the history has no counters for the previous month".to_owned()
        }
        StatementsMissing::Hidden { server, statements } => format!(
            "growth of queries: on {server} up to {statements} queries of other roles were hidden \
             (GRANT pg_monitor), and would look like growth when they appear"
        ),
        StatementsMissing::PartOfWeek { server, days } => format!(
            "effect of weekdays on the growth of queries: for {server} one of the months has only {days:.1} days \
             of counters"
        ),
    }
}
