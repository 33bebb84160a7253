//! The index of each column of the results.

use crate::{loadtest::input::Source, tabular::Rows};

/// The index of each column.
pub(super) struct Columns {
    pub start: Option<usize>,
    pub elapsed: Option<usize>,
    pub success: Option<usize>,
    pub message: Option<usize>,
    pub thread: Option<usize>,
    pub host: Option<usize>,
    pub group_threads: Option<usize>,
    pub all_threads: Option<usize>,
    /// How many samples a row sums up; one but for some modes of distributed tests.
    pub samples: Option<usize>,
}

impl Columns {
    pub(super) fn new(rows: &Rows<Source<'_>>) -> Self {
        let column = |name: &str| rows.column(name);
        Self {
            start: column("timeStamp"),
            elapsed: column("elapsed"),
            success: column("success"),
            message: column("responseMessage"),
            thread: column("threadName"),
            host: column("Hostname"),
            group_threads: column("grpThreads"),
            all_threads: column("allThreads"),
            samples: column("SampleCount"),
        }
    }

    /// Whether the last column counts, so that a last row without an end may say something else.
    pub(super) fn last_counts(&self, count: usize) -> bool {
        let last = count.checked_sub(1);
        [self.start, self.elapsed, self.success, self.thread, self.group_threads, self.all_threads]
            .into_iter()
            .any(|column| column.is_some() && column == last)
    }
}
