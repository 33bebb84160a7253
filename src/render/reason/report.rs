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
            "Limits are compared with hourly means: minutes beyond a limit may not show.".to_owned()
        }
        Assumption::PresentLimits => {
            "Today's limits are compared with the whole month, whatever they were then.".to_owned()
        }
        Assumption::Load { forecast: reason } => format!("Load: {}.", forecast(reason).trim_end_matches('.')),
        Assumption::NoNewEvents => {
            "Forecasts extrapolate the past; campaigns, prices and releases to come are not in them."
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
        StatementsMissing::NotRead => "no PostgreSQL was read (DATABASE_URL)".to_owned(),
        StatementsMissing::Gap { gap } => gap.explained(),
        StatementsMissing::SlowestName => {
            "no source names the slowest statement: read PostgreSQL itself (DATABASE_URL)".to_owned()
        }
        StatementsMissing::Month => {
            "what each statement did: the history has no day of counters in the month; \
             `record` keeps them from PostgreSQL itself (DATABASE_URL) if it runs at least once a day"
                .to_owned()
        }
        StatementsMissing::MonthBefore => {
            "how each statement has grown: the history has no day of counters in the month before".to_owned()
        }
        StatementsMissing::Hidden { server, statements } => format!(
            "how each statement has grown: on {server} up to {statements} statements of other roles were hidden \
             (GRANT pg_monitor), and would look like growth when they appear"
        ),
        StatementsMissing::PartOfWeek { server, days } => format!(
            "how weekdays affect the growth of statements: for {server} one of the months has only {days:.1} days \
             of counters"
        ),
    }
}
