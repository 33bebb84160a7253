//! `_stats.csv`: the row `Aggregated` is the whole test. Locust writes it now and then, not at the end: the last
//! second may be missing.

use super::{MILLISECOND, TOOL};
use crate::loadtest::{
    LoadTest, LoadTestError, Run,
    input::{Input, whole},
    metric,
    rows::Rows,
};

/// Whether the first line names its columns.
pub(in crate::loadtest) fn recognise(input: &Input<'_>) -> bool {
    input.names(&["Type", "Name", "Request Count", "Failure Count"])
}

/// Reads the row of all requests.
pub(in crate::loadtest) fn read(input: &Input<'_>) -> Result<LoadTest, LoadTestError> {
    let mut rows = Rows::written_by_tool(input.text)?;
    let (kind, name) = (rows.column("Type"), rows.column("Name"));
    while rows.advance()? {
        if rows.text(kind).is_empty() && rows.text(name) == "Aggregated" {
            return LoadTest::of(TOOL, None, run(&rows)?);
        }
    }
    Err(LoadTestError::Missing { tool: TOOL, what: "the row `Aggregated`" })
}

fn run(rows: &Rows<'_>) -> Result<Run, LoadTestError> {
    let figure = |name: &str| {
        let column = rows.column(name);
        if rows.text(column) == "N/A" { Ok(None) } else { rows.number(column) }
    };
    let requests = figure("Request Count")?.and_then(whole);
    let failed = figure("Failure Count")?.and_then(whole);
    if requests.is_none() || failed.is_none() {
        return Err(LoadTestError::Missing { tool: TOOL, what: "a count of requests or failures" });
    }
    let mut run = Run { requests, failed, ..Run::default() };
    run.throughput(figure("Requests/s")?);
    for (theirs, ours) in [
        ("Average Response Time", metric::LATENCY_MEAN),
        ("50%", metric::LATENCY_P50),
        ("90%", metric::LATENCY_P90),
        ("95%", metric::LATENCY_P95),
        ("99%", metric::LATENCY_P99),
        ("Max Response Time", metric::LATENCY_MAX),
    ] {
        run.latency(ours, figure(theirs)?, MILLISECOND);
    }
    Ok(run)
}

/// Whether it is one of the other files that Locust writes beside.
pub(in crate::loadtest) fn recognise_other(input: &Input<'_>) -> bool {
    input.names(&["Error", "Occurrences"]) || input.names(&["Count", "Message", "Traceback"])
}

/// Says which file is read.
pub(in crate::loadtest) fn refuse(_: &Input<'_>) -> Result<LoadTest, LoadTestError> {
    Err(LoadTestError::Unsupported(
        "this is Locust's list of failures; the results are in _stats.csv beside it",
    ))
}
