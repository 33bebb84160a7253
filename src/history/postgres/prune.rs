//! Forgetting what is old.

use std::path::Path;

use super::{Refusal, open};
use crate::{
    history::{Resolution, rollup::HOUR_MS},
    postgres::{Blocking, Type},
};

/// Forgets the days that ended before an instant. Returns how many hourly rollups are gone.
pub(super) fn prune(session: &Blocking, place: &Path, before_ms: i64) -> Result<usize, Refusal> {
    open::lock(session, place)?;
    let day = before_ms.div_euclid(Resolution::Day.length_ms());
    let hour = day * (Resolution::Day.length_ms() / HOUR_MS);
    let forget = |table: &str, period: &str, before: i64| {
        let statement = format!("DELETE FROM scale_advisor.{table} WHERE {period} < $1");
        session.execute(&statement, &[(&before, Type::INT8)])
    };
    let gone = forget("hourly", "hour", hour)?;
    forget("daily", "day", day)?;
    forget("samples", "hour", hour)?;
    forget("pending", "hour", hour)?;
    forget("assessments", "hour", hour)?;
    forget("counted_days", "day", day)?;
    forget("statement_days", "day", day)?;
    session.run(
        "DELETE FROM scale_advisor.statements
         WHERE NOT EXISTS (SELECT 1 FROM scale_advisor.statement_days WHERE statement_days.statement = statements.id)",
    )?;
    session.run(
        "DELETE FROM scale_advisor.series
         WHERE NOT EXISTS (SELECT 1 FROM scale_advisor.hourly WHERE hourly.series = series.id)",
    )?;
    Ok(usize::try_from(gone).unwrap_or(usize::MAX))
}
