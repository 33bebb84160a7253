//! JMeter's results (JTL) as delimited text with a first line of names: a row for each sample.
//!
//! JMeter appends to a file that is there; each engine of a distributed test knows its own threads only; and the row of
//! a transaction sums up samples that may have rows of their own.

mod columns;

use self::columns::Columns;
use super::{
    LoadTest, LoadTestError, Note,
    input::{Input, Source, digits},
    lines::Repeats,
    samples::{Samples, second},
    seconds::Senders,
};
use crate::tabular::{DecimalSign, Rows};
use columns::{Clock, SenderPlace, Threads};

/// The tool's name.
pub(super) const TOOL: &str = "JMeter";

/// How the message of a transaction begins.
const TRANSACTION: &[u8] = b"Number of samples in transaction";
/// Samples of a thread that are remembered, to know whether a transaction's have rows.
const MAX_REMEMBERED: usize = 64;

/// Whether the first line names its columns.
pub(super) fn recognise(input: &Input<'_>) -> bool {
    input.names(&["elapsed", "success"])
        && (input.names(&["timeStamp"]) || input.names(&["label"]) || input.names(&["threadName"]))
}

/// Reads all samples.
pub(super) fn read(input: Input<'_>) -> Result<LoadTest, LoadTestError> {
    let mut rows = input.into_rows()?;
    let mut reader = Reader::new(Columns::new(&rows));
    while rows.advance()? {
        reader.row(&rows)?;
    }
    // Without threads, two samples may well say the same.
    let repeats = if reader.columns.thread.is_some() { reader.repeats.rows() } else { rows.repeats() };
    let unterminated = !rows.ends_with_line_break() && reader.columns.last_counts(rows.columns().len());
    reader.finish(repeats, unterminated)
}

struct Reader {
    columns: Columns,
    samples: Samples,
    senders: Senders,
    /// The first and the last moment so far.
    span: Option<(f64, f64)>,
    headers: u64,
    after_header: bool,
    clock: Clock,
    repeats: Repeats,
    threads: Threads,
    transactions_left_out: u64,
    transactions: u64,
    plain: u64,
}

impl Reader {
    fn new(columns: Columns) -> Self {
        Self {
            columns,
            samples: Samples { appends: true, failed: Some(0), ..Samples::default() },
            senders: Senders::default(),
            span: None,
            headers: 0,
            after_header: false,
            clock: Clock::default(),
            repeats: Repeats::default(),
            threads: Threads::default(),
            transactions_left_out: 0,
            transactions: 0,
            plain: 0,
        }
    }

    fn row(&mut self, rows: &Rows<Source<'_>>) -> Result<(), LoadTestError> {
        if rows.is_header() {
            (self.headers, self.after_header) = (self.headers + 1, true);
            return Ok(());
        }
        if self.columns.thread.is_some() {
            self.repeats.see(rows.raw());
        }
        let elapsed = milliseconds(rows, self.columns.elapsed)?.ok_or_else(|| no_sample(rows))?;
        let failed = match rows.bytes(self.columns.success) {
            b"true" => false,
            b"false" => true,
            _ => return Err(no_sample(rows)),
        };
        if !matches!(rows.bytes(self.columns.samples), b"" | b"1") {
            return Err(LoadTestError::Unsupported(
                "its rows sum up several samples each (mode=Statistical), which hides their times; set mode=Standard \
                 or mode=StrippedBatch",
            ));
        }
        let start = self.clock.time(rows, self.columns.start)?;
        if let Some(start) = start.filter(|_| self.after_header) {
            self.continued(start, rows.line())?;
        }
        let thread = self.threads.find(rows.bytes(self.columns.thread));
        if self.is_covered(rows, thread, start) {
            self.transactions_left_out += 1;
            return Ok(());
        }
        if failed && self.samples.was_unsent(&rows.text(self.columns.message)) {
            return Ok(());
        }
        self.samples.requests += 1;
        self.samples.outcome(failed);
        self.samples.durations.add_milliseconds(elapsed);
        if let Some(start) = start {
            self.moment(rows, thread, start, start + elapsed * 1e-3)?;
        }
        Ok(())
    }

    /// What happened when.
    fn moment(
        &mut self,
        rows: &Rows<Source<'_>>,
        thread: usize,
        start: f64,
        end: f64,
    ) -> Result<(), LoadTestError> {
        let (first, last) = self.span.unwrap_or((start, end));
        self.span = Some((first.min(start), last.max(end)));
        if self.clock.fine {
            self.samples.activity.add(start, end, rows.line());
        }
        self.samples.seconds.answers(second(end), 1);
        let columns = &self.columns;
        let threads = rows.number(columns.all_threads, DecimalSign::Point)?;
        let own = rows.number(columns.group_threads, DecimalSign::Point)?;
        // A group of an engine counts its own threads, whatever its engine is called.
        let of_group = own.filter(|_| !rows.bytes(columns.thread).is_empty() && threads.is_some());
        let Some(users) = of_group.or(threads) else { return Ok(()) };
        let place = SenderPlace { host: rows.bytes(columns.host), is_group: of_group.is_some() };
        let sender = self.threads.sender(thread, &place).unwrap_or_else(|| {
            let sender = self.senders.find(&place.name(&rows.text(columns.thread)));
            self.threads.remember(thread, &place, sender);
            sender
        });
        self.senders.users(sender, second(end), users);
        Ok(())
    }

    /// Behind a first line in the middle: another run, or another engine's results of the same.
    fn continued(&mut self, start: f64, line: usize) -> Result<(), LoadTestError> {
        self.after_header = false;
        match self.span {
            None => Ok(()),
            Some((first, last)) if start >= first && start <= last => {
                self.samples.users_unknown = true;
                Ok(())
            }
            Some(_) => Err(LoadTestError::HeaderAgain { tool: TOOL, line: line.saturating_sub(1) }),
        }
    }

    /// Whether the row is a transaction of which the samples have rows.
    fn is_covered(&mut self, rows: &Rows<Source<'_>>, thread: usize, start: Option<f64>) -> bool {
        if self.columns.message.is_none() {
            self.plain += 1;
            return false;
        }
        let start = start.unwrap_or(0.0);
        let starts = self.threads.starts(thread);
        if rows.bytes(self.columns.message).starts_with(TRANSACTION) {
            let covered = starts.iter().any(|sample| *sample >= start);
            self.transactions += u64::from(!covered);
            return covered;
        }
        self.plain += 1;
        if starts.len() == MAX_REMEMBERED {
            starts.pop_front();
        }
        starts.push_back(start);
        false
    }

    fn finish(mut self, repeats: u64, unterminated: bool) -> Result<LoadTest, LoadTestError> {
        let notes = &mut self.samples.notes;
        if repeats > 0 {
            notes.push(Note::RepeatedRows { rows: repeats });
        }
        if self.headers > 0 {
            notes.push(Note::RepeatedHeader { times: self.headers });
        }
        if unterminated {
            notes.push(Note::UnterminatedRow);
        }
        if self.transactions_left_out > 0 {
            notes.push(Note::TransactionsLeftOut { rows: self.transactions_left_out });
        }
        if self.transactions > 0 {
            notes.push(Note::TransactionsCounted { transactions: self.transactions });
        }
        match self.senders.count() {
            Some(senders) => {
                let engines = self.senders.engines();
                if engines > 1 {
                    notes.push(Note::SeveralSenders { senders: engines });
                }
                if senders > 0 {
                    self.senders.add_to(&mut self.samples.seconds);
                }
            }
            None => self.samples.users_unknown = true,
        }
        self.samples.load_test(TOOL)
    }
}

/// A number of milliseconds, which is whole as a rule.
fn milliseconds(rows: &Rows<Source<'_>>, column: Option<usize>) -> Result<Option<f64>, LoadTestError> {
    let bytes = rows.bytes(column);
    match digits(bytes) {
        Some(number) => Ok(Some(number)),
        None => Ok(rows.number(column, DecimalSign::Point)?.filter(|number| *number >= 0.0)),
    }
}

fn no_sample(rows: &Rows<Source<'_>>) -> LoadTestError {
    let message = "a sample needs `elapsed` and `success`, which is true or false".to_owned();
    LoadTestError::Broken { line: rows.line(), message }
}

/// Whether these are results in another form.
pub(super) fn recognise_other(input: &Input<'_>) -> bool {
    let xml = input.first_line.starts_with("<?xml") || input.first_line.starts_with("<testResults");
    let separator = char::from(crate::tabular::delimiter(&input.first_line));
    let fields: Vec<&str> = input.first_line.split(separator).collect();
    let milliseconds = |text: &str| text.len() == 13 && text.bytes().all(|byte| byte.is_ascii_digit());
    xml && input.head().contains("<testResults") || fields.len() > 5 && milliseconds(fields[0])
}

/// Says which form is read.
pub(super) fn refuse_other(_: Input<'_>) -> Result<LoadTest, LoadTestError> {
    Err(LoadTestError::Unsupported(
        "JMeter's results are read as CSV with a first line of names: set \
         jmeter.save.saveservice.output_format=csv and jmeter.save.saveservice.print_field_names=true",
    ))
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;
    use crate::loadtest::{
        Run,
        tests::{case, fixture, near, read_text},
    };

    const HEADER: &str = "timeStamp,elapsed,label,responseMessage,threadName,success,grpThreads,allThreads\n";

    fn run(text: &str) -> Run {
        read_text(text).unwrap().runs.remove(0)
    }

    #[test]
    fn transactions_do_not_count_twice() {
        let run = run(&fixture("jmeter.jtl"));
        assert_eq!((run.requests, run.failed, run.concurrency), (Some(4), Some(1), Some(2.0)));
        near(&run, "latency_mean", 0.025);
        near(&run, "latency_p50", 0.02);
        near(&run, "latency_max", 0.04);
        near(&run, "throughput", 4.0 / 2.04);
        assert!(
            run.notes.iter().any(|note| matches!(note, Note::TransactionsLeftOut { .. })),
            "{:?}",
            run.notes
        );
    }

    #[test]
    fn transactions_without_rows_of_their_samples_count() {
        let run = case("jmeter-parent-samples-only/parents.jtl").unwrap().runs.remove(0);
        assert_eq!((run.requests, run.failed), (Some(100), Some(0)));
        assert!(run.notes.contains(&Note::TransactionsCounted { transactions: 100 }), "{:?}", run.notes);
    }

    #[test]
    fn a_second_run_in_the_file_is_refused() {
        let once = case("jmeter-two-runs-in-one-file/once.jtl").unwrap();
        near(&once.runs[0], "throughput", 100.0 / 9.95);
        let appended = case("jmeter-two-runs-in-one-file/appended.jtl");
        assert!(matches!(appended, Err(LoadTestError::SeveralRuns { line: 102, .. })), "{appended:?}");
        let row = |start: u64| format!("{start},50,a,OK,TG 1-1,true,1,1\n");
        let rows = |from: u64| (0..100).map(|index| row(from + index * 100)).collect::<String>();
        let again = format!("{HEADER}{}{HEADER}{}", rows(1_700_000_000_000), rows(1_700_000_012_000));
        assert!(matches!(read_text(&again), Err(LoadTestError::HeaderAgain { line: 102, .. })));
        let pause = run(&format!("{HEADER}{}{}", rows(1_700_000_000_000), rows(1_700_000_060_000)));
        near(&pause, "throughput", 200.0 / 19.9);
        assert!(
            pause.notes.iter().any(|note| matches!(note, Note::Pauses { pauses: 1, .. })),
            "{:?}",
            pause.notes
        );
    }

    #[test]
    fn engines_count_their_own_threads() {
        let points: Vec<(f64, f64)> = [2, 4, 8, 16, 32]
            .iter()
            .flat_map(|threads| {
                case(&format!("jmeter-distributed-threads/engines2_threads{threads}.jtl.gz"))
                    .unwrap()
                    .points()
            })
            .collect();
        let loads: Vec<f64> = points.iter().map(|(load, _)| *load).collect();
        assert_eq!(loads, [4.0, 8.0, 16.0, 32.0, 64.0]);
        let groups = |names: [&str; 2], threads: [(u32, u32); 2]| {
            let mut text = HEADER.to_owned();
            for index in 0..200_u64 {
                let side = usize::from(index % 2 == 1);
                let (group, all) = threads[side];
                let start = 1_700_000_000_000 + index * 100;
                let _ = writeln!(text, "{start},50,a,OK,{} 1-1,true,{group},{all}", names[side]);
            }
            run(&text).concurrency
        };
        assert_eq!(groups(["node-1-TG", "node-2-TG"], [(5, 5), (5, 5)]), Some(10.0), "two engines");
        assert_eq!(groups(["api-users", "web-users"], [(5, 8), (3, 8)]), Some(8.0), "two groups of one");
    }

    #[test]
    fn results_of_two_engines_in_one_file_have_unknown_users() {
        let rows = (0..50).fold(String::new(), |mut rows, index| {
            let _ = writeln!(rows, "{},50,a,OK,TG 1-1,true,5,5", 1_700_000_000_000_u64 + index * 100);
            rows
        });
        let run = run(&format!("{HEADER}{rows}{HEADER}{}", rows.replace(",50,", ",60,")));
        assert_eq!((run.requests, run.concurrency), (Some(100), None));
        assert!(run.notes.contains(&Note::SendersUnknown), "{:?}", run.notes);
    }

    #[test]
    fn common_settings_are_read() {
        for name in ["no_last_newline", "semicolon", "timestamp_format"] {
            let run = case(&format!("jmeter-common-settings-refused-without-a-word-how/{name}.jtl"));
            let run = run.unwrap().runs.remove(0);
            assert_eq!((run.requests, run.concurrency), (Some(20), Some(5.0)), "{name}");
            near(&run, "throughput", 20.0 / 1.95);
        }
    }

    #[test]
    fn rows_that_sum_up_samples_are_refused() {
        let text = HEADER.replace("allThreads", "allThreads,SampleCount");
        let row = |count: u32| format!("{text}1700000000000,50,a,OK,TG 1-1,true,1,1,{count}\n");
        assert!(read_text(&row(1)).is_ok());
        assert!(matches!(read_text(&row(3)), Err(LoadTestError::Unsupported(_))));
    }

    #[test]
    fn a_file_that_was_joined_to_itself_is_noted() {
        let rows = (0..40).fold(String::new(), |mut rows, index| {
            let _ = writeln!(rows, "{},50,a,OK,TG 1-1,true,1,1", 1_700_000_000_000_u64 + index * 100);
            rows
        });
        let run = run(&format!("{HEADER}{rows}{rows}"));
        assert!(run.notes.contains(&Note::RepeatedRows { rows: 40 }), "{:?}", run.notes);
    }

    #[test]
    fn other_forms_are_named() {
        let xml = "<?xml version=\"1.0\"?>\n<testResults version=\"1.2\"></testResults>\n";
        let bare = "1795192734000,10,home,200,OK,Thread 1,text,true,,10\n";
        for text in [xml, bare] {
            assert!(matches!(read_text(text), Err(LoadTestError::Unsupported(_))), "{text}");
        }
    }
}
