//! Single answers, gathered into a run, and requests that were never sent because the load generator ran out of
//! something: they say nothing of the system.

use serde_json::Value;

use super::{
    LoadTest, LoadTestError, MeasureUnit, Note, Run,
    activity::Activity,
    durations::Durations,
    error::shortened,
    input::sum_counts,
    seconds::{SHORTEST_STEP, Seconds},
};

/// After such a pause the file holds another run, if the tool appends to its files.
const ANOTHER_RUN: f64 = 300.0;

/// What a file of individual responses contains, in one pass.
#[derive(Debug, Default)]
pub(super) struct Samples {
    /// Times to answers.
    pub durations: Durations,
    pub requests: u64,
    /// How many failed; `None` where the file does not say.
    pub failed: Option<u64>,
    pub seconds: Seconds,
    /// When requests were in flight, where times are finer than seconds.
    pub activity: Activity,
    pub notes: Vec<Note>,
    /// Whether the tool writes behind what a file held before.
    pub appends: bool,
    /// Whether the number of users is unknown, although the file names one.
    pub users_unknown: bool,
}

impl Samples {
    /// Counts a failure, or that there was none.
    pub(super) fn outcome(&mut self, failed: bool) {
        *self.failed.get_or_insert(0) += u64::from(failed);
    }

    /// Whether a request that failed with this was never sent, which is noted then.
    pub(super) fn was_unsent(&mut self, error: &str) -> bool {
        if error.is_empty() || !is_unsent(error) {
            return false;
        }
        let noted = self.notes.iter_mut().find_map(|note| match note {
            Note::Unsent { requests, .. } => Some(requests),
            _ => None,
        });
        match noted {
            Some(requests) => *requests += 1,
            None => self.notes.push(Note::Unsent { requests: 1, example: shortened(error) }),
        }
        true
    }

    /// The run, and the loads within it.
    pub(super) fn load_test(mut self, tool: &'static str) -> Result<LoadTest, LoadTestError> {
        let mut run = Run { requests: Some(self.requests), failed: self.failed, ..Run::default() };
        run.notes = self.notes;
        self.durations.report(&mut run, "latency");
        let pauses = self.activity.pauses();
        if let Some(pause) = pauses.iter().find(|pause| self.appends && pause.seconds >= ANOTHER_RUN) {
            let seconds = super::input::whole(pause.seconds).unwrap_or(0);
            return Err(LoadTestError::SeveralRuns { tool, line: pause.line, seconds });
        }
        let paused: f64 = pauses.iter().map(|pause| pause.seconds).sum();
        if !pauses.is_empty() {
            run.notes.push(Note::Pauses { pauses: pauses.len(), seconds: paused });
        } else if let Some(share) = self.activity.idle() {
            run.notes.push(Note::Idle { share });
        }
        let length = self.activity.length().map(|length| length - paused);
        let throughput =
            length.map(|length| self.requests as f64 / length).or_else(|| self.seconds.throughput());
        run.throughput(throughput);
        if throughput.is_none() {
            run.notes.push(if self.seconds.is_empty() { Note::NoTimes } else { Note::CoarseTimes });
        }
        let mut steps = Vec::new();
        if self.users_unknown {
            run.notes.push(Note::SendersUnknown);
        } else {
            run.concurrency = self.seconds.steady();
        }
        if run.concurrency.is_none() && !self.users_unknown {
            let (held, dropped) = self.seconds.steps();
            steps = held;
            if dropped > 0 {
                run.notes.push(Note::ShortSteps { loads: dropped, minimum_seconds: SHORTEST_STEP });
            }
        }
        let mut test = LoadTest::single(tool, None, run)?;
        test.steps = steps;
        Ok(test)
    }
}

/// Figures of another protocol within a test: what happened, and how long it took.
#[derive(Debug, Default)]
pub(super) struct ProtocolSamples {
    pub count: u64,
    pub durations: Durations,
    pub activity: Activity,
}

impl ProtocolSamples {
    /// Something happened.
    pub(super) fn event(&mut self, time: f64, line: usize) {
        self.count += 1;
        self.activity.add(time, time, line);
    }

    /// Adds its figures to a run, if there are any.
    pub(super) fn report(self, run: &mut Run, rate: &str, durations: &str) {
        let length = self.activity.length().filter(|_| self.count > 1);
        run.add(rate, length.map(|length| self.count as f64 / length), MeasureUnit::PerSecond);
        self.durations.report(run, durations);
    }
}

/// The second that a moment falls into.
#[expect(clippy::cast_possible_truncation, reason = "times of this millennium are small")]
pub(super) fn second(time: f64) -> i64 {
    time.floor() as i64
}

/// What operating systems say when a program has no sockets, ports, files or buffers left.
const EXHAUSTED: [&str; 8] = [
    "too many open files",
    "emfile",
    "enfile",
    "cannot assign requested address",
    "eaddrnotavail",
    "address not available",
    "no buffer space available",
    "enobufs",
];

/// Whether an error says that the load generator ran out of something, so that the request was never sent.
pub(super) fn is_unsent(error: &str) -> bool {
    let error = error.to_ascii_lowercase();
    EXHAUSTED.iter().any(|words| error.contains(words))
}

/// The requests that were never sent, by a map from errors to counts, and a note about them.
pub(super) fn unsent(counts: &Value) -> (u64, Option<Note>) {
    let requests = sum_counts(counts, is_unsent);
    let mut errors = counts.as_object().into_iter().flatten().map(|(error, _)| error);
    let example = errors.find(|error| is_unsent(error)).filter(|_| requests > 0);
    (requests, example.map(|error| Note::Unsent { requests, example: shortened(error) }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_the_sender_lacks_was_never_sent() {
        for error in [
            "Get \"https://shop.example\": dial tcp 0.0.0.0:0->192.0.2.1:443: socket: too many open files",
            "Non HTTP response message: Cannot assign requested address (connect failed)",
            "errors.EADDRNOTAVAIL",
            "Too many open files (os error 24)",
        ] {
            assert!(is_unsent(error), "{error}");
        }
        for error in ["dial tcp 192.0.2.1:443: connect: connection refused", "EOF", "ECONNRESET", ""] {
            assert!(!is_unsent(error), "{error}");
        }
        let (requests, note) = unsent(&json!({ "EMFILE": 3, "ENOBUFS": 2, "ECONNRESET": 7 }));
        assert_eq!((requests, note), (5, Some(Note::Unsent { requests: 5, example: "EMFILE".to_owned() })));
        assert_eq!(unsent(&json!({ "ECONNRESET": 7 })), (0, None));
    }
}
