//! What a reader of a run's figures should know: whatever was left out, added up or reset.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Something that was left out, added up or reset, or a figure that the file lacks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Note {
    /// Latencies include the answers of failed requests.
    FailedInLatencies {
        /// How many failed.
        failed: u64,
    },
    /// The number of users changed, and the file does not say what each gave.
    LoadVaried {
        /// The fewest.
        low: f64,
        /// The most.
        high: f64,
    },
    /// Loads that were held too short to count as steps.
    ShortSteps {
        /// How many.
        loads: usize,
        /// How long a step must be held.
        minimum_seconds: u64,
    },
    /// No throughput: the times are in whole seconds, and the test was short.
    CoarseTimes,
    /// No throughput and no steps: the file has no times.
    NoTimes,
    /// Rows that are the same as the row before.
    RepeatedRows {
        /// How many.
        rows: u64,
    },
    /// The header line is repeated in the file.
    RepeatedHeader {
        /// How often.
        times: u64,
    },
    /// Other files hold the same run, which counts once.
    Copies {
        /// How many.
        copies: u64,
    },
    /// The last line has no end.
    UnterminatedRow,
    /// Two counts that should be the same differ: rows are missing or added.
    UnequalCounts {
        /// How many requests there are.
        requests: u64,
        /// What should be as many.
        other: String,
        /// How many of these there are.
        count: u64,
    },
    /// Times in which no request was in flight; rates leave them out.
    Pauses {
        /// How many.
        pauses: usize,
        /// How long together.
        seconds: f64,
    },
    /// A part of the time in which no request was in flight; rates include it.
    Idle {
        /// The share of the time.
        share: f64,
    },
    /// The tool reset its statistics; what came before is left out.
    StatisticsReset {
        /// How often.
        times: u64,
        /// Requests that are left out.
        requests: u64,
    },
    /// Answers that came after the tool's timeout: they count as failed, and latencies leave them out.
    LateAnswers {
        /// How many.
        answers: u64,
    },
    /// Failures that may be counted twice, because the tool counts them in two ways.
    Overlapping {
        /// The fewest there can be.
        fewest: u64,
        /// The most, which is what is counted.
        most: u64,
    },
    /// The tool measured no latency.
    NoLatency,
    /// Errors of the test's script, which are no failed requests.
    ScriptErrors {
        /// How many.
        errors: u64,
        /// What most of them are.
        example: String,
    },
    /// Values that the test could not take from answers, which are no failed requests.
    FailedCaptures {
        /// How many.
        captures: u64,
    },
    /// Rows of transactions, of which the requests have rows of their own.
    TransactionsLeftOut {
        /// How many.
        rows: u64,
    },
    /// Transactions that count as a request each: their requests have no rows.
    TransactionsCounted {
        /// How many.
        transactions: u64,
    },
    /// The number of users is unknown, because several senders cannot be told apart.
    SendersUnknown,
    /// The number of users is the sum over several senders.
    SeveralSenders {
        /// How many.
        senders: usize,
    },
    /// Percentiles are approximate, because there are too many values to keep.
    Approximate {
        /// The largest relative error.
        error: f64,
    },
    /// Requests of another protocol have figures of their own.
    OtherProtocol {
        /// Which.
        protocol: String,
    },
    /// Requests in flight when the test ended count for nothing.
    InFlightAtEnd {
        /// How many.
        requests: u64,
    },
    /// Sessions that did not end within the test.
    UnfinishedSessions {
        /// How many.
        sessions: u64,
    },
    /// Counts grow every few seconds only, as the workers of a distributed test report: what each load gave is unknown.
    CountedInBatches {
        /// The usual time between two reports, in seconds.
        seconds: u64,
    },
    /// Requests that count for nothing, because the load generator had no sockets, ports or files left to send them.
    Unsent {
        /// How many.
        requests: u64,
        /// What it said.
        example: String,
    },
    /// The tool wrote its counts before it computed means, percentiles and rates from them.
    NotComputed,
    /// Latencies hold values that the tool added, for requests that it should have sent while it waited.
    CorrectedLatencies,
    /// Requests without an answer, beside those that the tool counts.
    WithoutAnswer {
        /// How many.
        requests: u64,
    },
}
