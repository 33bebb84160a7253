//! JMeter's results (JTL) as CSV with a first line of names: a row a sample.

use super::{
    LoadTest, LoadTestError,
    input::Input,
    rows::Rows,
    samples::{Samples, second},
};

/// The tool's name.
pub(super) const TOOL: &str = "JMeter";

/// Whether the first line names its columns.
pub(super) fn recognise(input: &Input<'_>) -> bool {
    input.names(&["timeStamp", "elapsed", "success"])
}

/// Reads all samples. The row of a transaction sums up rows of its own and counts for nothing.
pub(super) fn read(input: &Input<'_>) -> Result<LoadTest, LoadTestError> {
    let mut rows = Rows::written_by_tool(input.text)?;
    let column = |name: &str| rows.column(name);
    let (start, elapsed, success) = (column("timeStamp"), column("elapsed"), column("success"));
    let (message, threads) = (column("responseMessage"), column("allThreads"));
    let mut samples = Samples::default();
    while rows.advance()? {
        if rows.text(message).starts_with("Number of samples in transaction") {
            continue;
        }
        let time = |column| rows.number(column)?.ok_or_else(|| nothing(&rows)).map(|ms| ms * 1e-3);
        let (start, elapsed) = (time(start)?, time(elapsed)?);
        samples.requests += 1;
        match rows.text(success) {
            "true" => {}
            "false" => samples.failed += 1,
            _ => return Err(nothing(&rows)),
        }
        samples.latencies.push(elapsed);
        samples.moment(start);
        samples.moment(start + elapsed);
        samples.seconds.answers(second(start + elapsed), 1);
        if let Some(threads) = rows.number(threads)? {
            samples.seconds.users(second(start + elapsed), threads);
        }
    }
    samples.load_test(TOOL)
}

fn nothing(rows: &Rows<'_>) -> LoadTestError {
    let message = "a sample needs `timeStamp`, `elapsed` and `success`, which is true or false".to_owned();
    LoadTestError::Broken { line: rows.line(), message }
}

/// Whether these are results in another form.
pub(super) fn recognise_other(input: &Input<'_>) -> bool {
    let xml = input.first_line.starts_with("<?xml") || input.first_line.starts_with("<testResults");
    let fields: Vec<&str> = input.first_line.split(',').collect();
    let milliseconds = |text: &str| text.len() == 13 && text.bytes().all(|byte| byte.is_ascii_digit());
    xml && input.text.contains("<testResults") || fields.len() > 5 && milliseconds(fields[0])
}

/// Says which form is read.
pub(super) fn refuse(_: &Input<'_>) -> Result<LoadTest, LoadTestError> {
    Err(LoadTestError::Unsupported(
        "JMeter's results are read as CSV with a first line of names: set \
         jmeter.save.saveservice.output_format=csv and jmeter.save.saveservice.print_field_names=true",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loadtest::{
        read,
        tests::{fixture, near},
    };

    #[test]
    fn transactions_do_not_count_twice() {
        let run = read(&fixture("jmeter.jtl")).unwrap().runs.remove(0);
        assert_eq!((run.requests, run.failed, run.concurrency), (Some(4), Some(1), Some(2.0)));
        near(&run, "latency_mean", 0.025);
        near(&run, "latency_p50", 0.02);
        near(&run, "latency_max", 0.04);
        near(&run, "throughput", 4.0 / 2.04);
    }

    #[test]
    fn other_forms_are_named() {
        let xml = "<?xml version=\"1.0\"?>\n<testResults version=\"1.2\"></testResults>\n";
        let bare = "1795192734000,10,home,200,OK,Thread 1,text,true,,10\n";
        for text in [xml, bare] {
            assert!(matches!(read(text), Err(LoadTestError::Unsupported(_))), "{text}");
        }
    }
}
