//! The columns of the results: which there are, the times in them, and the threads.

use std::{
    collections::{HashMap, VecDeque},
    fmt::Write as _,
};

use chrono::{NaiveDate, NaiveTime};
use foldhash::fast::FixedState;

use crate::{
    loadtest::{
        LoadTestError,
        error::shortened,
        input::{Source, digits},
        seconds::SenderId,
    },
    tabular::Rows,
};

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

/// Reads the times of the samples of a file.
#[derive(Debug, Default)]
pub(super) struct Clock {
    /// Whether times are finer than a second.
    pub fine: bool,
    /// The date of the rows, where it is written in a way that does not say what is day and what is month.
    date: Option<String>,
}

impl Clock {
    /// When the sample began, in seconds; `None` where there is no time.
    pub(super) fn time(
        &mut self,
        rows: &Rows<Source<'_>>,
        column: Option<usize>,
    ) -> Result<Option<f64>, LoadTestError> {
        let bytes = rows.bytes(column);
        if let Some(milliseconds) = digits(bytes) {
            self.fine = true;
            return Ok(Some(milliseconds * 1e-3));
        }
        if column.is_none() {
            return Ok(None);
        }
        let text = rows.text(column);
        let time = self.formatted(&text).ok_or_else(|| {
            let message = format!(
                "`{}` is not a time that is read; set jmeter.save.saveservice.timestamp_format=ms",
                shortened(&text)
            );
            LoadTestError::Broken { line: rows.line(), message }
        })?;
        Ok(Some(time))
    }

    /// `2026/11/20 16:00:00.123`, `2026-11-20T16:00:00`, `16:00:00.123`; other dates only if all rows have the same.
    fn formatted(&mut self, text: &str) -> Option<f64> {
        let (date, time) = text.split_once([' ', 'T']).unwrap_or(("", text));
        let time = time.trim_end_matches('Z').replace(',', ".");
        let (clock, decimals) = time.split_once('.').map_or((time.as_str(), None), |(a, b)| (a, Some(b)));
        let clock = NaiveTime::parse_from_str(clock, "%H:%M:%S").ok()?;
        let fraction = match decimals {
            Some(decimals) => {
                self.fine = true;
                digits(decimals.as_bytes())? / 10_f64.powi(i32::try_from(decimals.len()).ok()?)
            }
            None => 0.0,
        };
        let days = match NaiveDate::parse_from_str(&date.replace('/', "-"), "%Y-%m-%d") {
            Ok(day) => day.signed_duration_since(NaiveDate::default()).num_days(),
            Err(_) if self.date.get_or_insert_with(|| date.to_owned()) == date => 0,
            Err(_) => return None,
        };
        let seconds = clock.signed_duration_since(NaiveTime::MIN).num_seconds();
        Some((days * 86_400 + seconds) as f64 + fraction)
    }
}

/// How many threads are remembered, which takes at most 100 MB. A thread that returns after more than half as many others is
/// a new one.
const MAX_THREADS: usize = 1 << 17;

/// The state of each thread.
#[derive(Debug, Default)]
pub(super) struct Threads {
    recent: Known,
    /// Those before, of which there are as many.
    before: Known,
}

#[derive(Debug, Default)]
struct Known {
    places: HashMap<Vec<u8>, usize, FixedState>,
    threads: Vec<Thread>,
}

#[derive(Debug, Default)]
struct Thread {
    /// Start times of its last samples, in seconds.
    starts: VecDeque<f64>,
    /// The sender of its last sample, with the host and whether the sender is a thread group.
    sender: Option<(Vec<u8>, bool, SenderId)>,
}

/// What identifies the sender of a sample, besides the thread's name.
pub(super) struct SenderPlace<'a> {
    pub host: &'a [u8],
    /// Whether the sender is a thread group instead of an engine.
    pub is_group: bool,
}

impl Threads {
    /// The index of the thread with a name, until the next call.
    pub(super) fn find(&mut self, name: &[u8]) -> usize {
        if let Some(place) = self.recent.places.get(name) {
            return *place;
        }
        let place = self.before.places.remove(name);
        let thread = place.map(|place| std::mem::take(&mut self.before.threads[place])).unwrap_or_default();
        if self.recent.threads.len() >= MAX_THREADS / 2 {
            self.before = std::mem::take(&mut self.recent);
        }
        let place = self.recent.threads.len();
        self.recent.places.insert(name.to_vec(), place);
        self.recent.threads.push(thread);
        place
    }

    /// Start times of the last samples of a thread, in seconds.
    pub(super) fn starts(&mut self, thread: usize) -> &mut VecDeque<f64> {
        &mut self.recent.threads[thread].starts
    }

    /// The sender of its last sample, if that had the same place.
    pub(super) fn sender(&self, thread: usize, place: &SenderPlace<'_>) -> Option<SenderId> {
        let (host, is_group, sender) = self.recent.threads[thread].sender.as_ref()?;
        (*is_group == place.is_group && host == place.host).then_some(*sender)
    }

    /// Caches the sender of a thread.
    pub(super) fn remember(&mut self, thread: usize, place: &SenderPlace<'_>, sender: SenderId) {
        self.recent.threads[thread].sender = Some((place.host.to_vec(), place.is_group, sender));
    }
}

impl SenderPlace<'_> {
    /// The name of the sender: the engine, and for a group a zero byte and the group.
    pub(super) fn name(&self, thread: &str) -> String {
        let (engine, group) = engine_and_group(thread);
        let mut name = String::from_utf8_lossy(self.host).into_owned();
        if name.is_empty() {
            engine.clone_into(&mut name);
        }
        if self.is_group {
            // Writing to a string cannot fail.
            let _ = write!(name, "\u{0}{group}");
        }
        name
    }
}

/// `10.0.0.1-Thread Group 1-7` is the group `Thread Group` of the engine `10.0.0.1`; without a host, the whole name but
/// for its number is the group.
fn engine_and_group(name: &str) -> (&str, &str) {
    let group = name.rsplit_once(' ').map_or(name, |(group, _)| group);
    match group.split_once('-') {
        Some((host, rest)) if host.contains(['.', ':']) && !host.contains(' ') => (host, rest),
        _ => ("", group),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_they_are_written() {
        let time = |text: &str| Clock::default().formatted(text);
        assert_eq!(time("1970-01-02T00:00:01"), Some(86_401.0));
        assert_eq!(time("11/20/26 00:00:01.5"), Some(1.5), "the day does not matter within a day");
        assert_eq!(time("yesterday"), None);
        let mut clock = Clock::default();
        assert!(
            clock.formatted("11/20/26 23:59:59").is_some() && clock.formatted("11/21/26 00:00:00").is_none()
        );
    }

    #[test]
    fn threads_of_long_ago_are_forgotten() {
        let mut threads = Threads::default();
        let thread = threads.find(b"Users 1-1");
        threads.starts(thread).push_back(1.0);
        let others = |threads: &mut Threads, numbers: std::ops::Range<usize>| {
            for number in numbers {
                threads.find(&number.to_le_bytes());
            }
        };
        others(&mut threads, 0..MAX_THREADS / 2);
        let again = threads.find(b"Users 1-1");
        assert_eq!(threads.starts(again).len(), 1);
        others(&mut threads, MAX_THREADS..2 * MAX_THREADS);
        assert!(threads.recent.threads.len() + threads.before.threads.len() <= MAX_THREADS);
        let forgotten = threads.find(b"Users 1-1");
        assert!(threads.starts(forgotten).is_empty());
    }
}
