//! `_stats_history.csv`: the totals second by second, with the number of users. Its rates are means over the last
//! ten seconds, which smear one load into the next; the differences of the totals do not.

use super::{MILLISECOND, TOOL};
use crate::loadtest::{
    LoadTest, LoadTestError, Run,
    input::{Input, whole},
    metric,
    rows::Rows,
    samples::second,
    seconds::{Seconds, dropped_note},
};

/// Whether the first line names its columns.
pub(in crate::loadtest) fn recognise(input: &Input<'_>) -> bool {
    input.names(&["Timestamp", "User Count", "Total Request Count"])
}

/// Reads the rows of all requests.
pub(in crate::loadtest) fn read(input: &Input<'_>) -> Result<LoadTest, LoadTestError> {
    let mut rows = Rows::written_by_tool(input.text)?;
    let [name, time, users, total, failures, mean] = [
        "Name",
        "Timestamp",
        "User Count",
        "Total Request Count",
        "Total Failure Count",
        "Total Average Response Time",
    ]
    .map(|name| rows.column(name));
    let (mut seconds, mut before, mut run) = (Seconds::default(), 0.0, Run::default());
    run.requests = Some(0);
    while rows.advance()? {
        if rows.text(name) != "Aggregated" {
            continue;
        }
        let missing =
            || LoadTestError::Broken { line: rows.line(), message: "no time or no total".to_owned() };
        let (time, total) = rows.number(time)?.zip(rows.number(total)?).ok_or_else(missing)?;
        let time = second(time);
        seconds.answers(time, whole(total - before).ok_or_else(missing)?);
        before = total;
        if let Some(users) = rows.number(users)? {
            seconds.users(time, users);
        }
        run.requests = whole(total);
        run.failed = rows.number(failures)?.and_then(whole);
        run.latency(metric::LATENCY_MEAN, rows.number(mean)?, MILLISECOND);
    }
    run.throughput(seconds.throughput());
    run.concurrency = seconds.steady();
    let (steps, dropped) = seconds.steps();
    let changed = run.concurrency.is_none();
    run.notes.extend(dropped_note(dropped).filter(|_| changed));
    let mut test = LoadTest::of(TOOL, None, run)?;
    test.steps = if changed { steps } else { Vec::new() };
    Ok(test)
}
