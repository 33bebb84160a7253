//! From queues to signals.

use std::collections::BTreeMap;

use super::{Queue, celery::CELERY};
use crate::{signal::quantile, snapshot::Reason, source::result_builder::SourceResultBuilder};

/// How many names a note lists before it counts the rest.
const NAMES_IN_A_NOTE: usize = 8;

/// Observes every queue, each as an instance of its name, and says which system keeps which.
pub(super) fn all(draft: &mut SourceResultBuilder, queues: &[Queue]) -> Vec<String> {
    for queue in queues {
        queue_signals(draft, queue);
    }
    if !queues.is_empty() {
        missing(draft, queues);
    }
    systems(queues)
}

fn queue_signals(draft: &mut SourceResultBuilder, queue: &Queue) {
    let count = |count: Option<u64>| count.map(|count| count.to_string());
    draft
        .observe("queue.depth", queue.waiting as f64, queue.query.clone())
        .instance(&queue.name)
        .attribute("active", count(queue.active))
        .attribute("delayed", count(queue.delayed))
        .attribute("system", queue.system.clone())
        .attribute("paused", queue.paused.then(|| "true".to_owned()))
        .note(queue.paused.then(|| "the queue is paused: workers take no job from it".to_owned()))
        .note(queue.note.clone());
    if let Some(failed) = queue.failed {
        draft
            .observe("queue.failed", failed as f64, "ZCARD of the queue's failed jobs")
            .instance(&queue.name);
    }
    if let Some((oldest, query)) = queue.oldest {
        draft
            .observe("queue.oldest_age", oldest, query)
            .instance(&queue.name)
            .note((queue.waiting == 0).then(|| "no job waits".to_owned()));
    }
    if let (Some(median), Some(query)) = (quantile(&queue.durations, 0.5), queue.finished) {
        draft
            .observe("queue.job_duration", median, query)
            .instance(&queue.name)
            .note(format!("the median of {} completed jobs", queue.durations.len()));
    }
}

/// The gaps of signals that no queue gave.
fn missing(draft: &mut SourceResultBuilder, queues: &[Queue]) {
    if queues.iter().all(|queue| queue.oldest.is_none()) {
        let celery_only = queues.iter().all(|queue| queue.system == CELERY);
        if celery_only {
            let detail = "Celery messages do not contain the time they were sent";
            let hint = "measure the wait in the workers and bind it under [signals.\"queue.oldest_age\"]";
            draft.gap("queue.oldest_age", Reason::NotApplicable, detail, Some(hint));
        } else {
            let detail = "the sampled jobs contain no time, or were taken in the meantime";
            draft.gap("queue.oldest_age", Reason::Empty, detail, Some("run it again"));
        }
    }
    if queues.iter().all(|queue| queue.failed.is_none()) {
        let detail = "Celery and Sidekiq do not keep failed jobs by queue";
        draft.gap("queue.failed", Reason::NotApplicable, detail, None);
    }
    if queues.iter().all(|queue| queue.finished.is_none()) {
        let detail = "Celery and Sidekiq do not keep finished jobs";
        let hint = "export durations from the workers to Prometheus";
        draft.gap("queue.job_duration", Reason::NotApplicable, detail, Some(hint));
    } else if queues.iter().all(|queue| queue.durations.is_empty()) {
        draft.gap(
            "queue.job_duration",
            Reason::Empty,
            "no job completed within the window is retained",
            Some("keep some (BullMQ: removeOnComplete: { count: 100 }), or export durations to Prometheus"),
        );
    }
}

/// Names for a note, shortened when there are many.
pub(super) fn listed(names: &[&str]) -> String {
    let shown = names.get(..NAMES_IN_A_NOTE).unwrap_or(names);
    match names.len() - shown.len() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// One note for each system: `BullMQ 5.81.5 keeps the queues intent, mail`.
fn systems(queues: &[Queue]) -> Vec<String> {
    let mut names: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for queue in queues {
        names.entry(&queue.system).or_default().push(&queue.name);
    }
    let note = |(system, names): (&str, Vec<&str>)| format!("{system} keeps the queues {}", listed(&names));
    names.into_iter().map(note).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lists_are_shortened() {
        assert_eq!(listed(&["a", "b"]), "a, b");
        assert_eq!(listed(&["q"; 10]), "q, q, q, q, q, q, q, q and 2 more");
    }
}
