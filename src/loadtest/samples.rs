//! Single answers, gathered into a run.

use super::{
    LoadTest, LoadTestError, MeasureUnit, Note, Run,
    activity::Activity,
    durations::Durations,
    error::shortened,
    seconds::{SHORTEST_STEP, Seconds},
    sender,
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
        if error.is_empty() || !sender::is_unsent(error) {
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
