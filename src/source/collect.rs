//! Reads all sources at once.

use std::{
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use tokio::{runtime::Builder, time::timeout};

use super::{Request, Source, unavailable};
use crate::{
    foreign::{Foreign, Secrets},
    signal::duration_text,
    snapshot::{Reason, Snapshot, SourceResult, Unavailable, merge},
};

/// How long after its deadline a source may hand over what it has.
const GRACE: Duration = Duration::from_secs(1);

/// Reads every source at the same time and brings the answers together.
///
/// Each source has a thread of its own, so that one that computes or waits for a disk does not hold up the others. It
/// is dropped at its deadline, which closes its sockets; what does not end even then, such as a name look-up that hangs
/// in the system's resolver, is abandoned and does not hold the program up. `progress` receives a source's name when it
/// has answered. All that they say passes through [`Foreign`], with the secrets of all of them.
///
/// # Errors
/// When a thread or its runtime cannot be started.
pub fn collect(
    sources: Vec<Box<dyn Source>>,
    request: &Request,
    progress: &mpsc::Sender<String>,
) -> std::io::Result<Snapshot> {
    let sources: Vec<Arc<dyn Source>> = sources.into_iter().map(Arc::from).collect();
    let (sender, answers) = mpsc::channel();
    let mut threads = Vec::new();
    for (place, source) in sources.iter().enumerate() {
        let (source, request, sender) = (Arc::clone(source), request.clone(), sender.clone());
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let read = move || {
            let reading = runtime.block_on(read_in_time(source.as_ref(), &request));
            let _ = sender.send((place, reading)); // the receiver may be gone
            runtime.shutdown_background();
        };
        threads.push(thread::Builder::new().name("source".to_owned()).spawn(read)?);
    }
    drop(sender); // so that waiting ends with the last thread
    let mut readings = wait(&sources, request, &answers, progress);
    for (place, source) in sources.iter().enumerate() {
        let ended = threads.get(place).is_none_or(JoinHandle::is_finished);
        let missing = || if ended { broken(source.as_ref()) } else { timed_out(source.as_ref(), request) };
        if let Some(reading) = readings.get_mut(place) {
            reading.get_or_insert_with(missing);
        }
    }
    let foreign = Foreign::new(secrets(sources.iter().map(AsRef::as_ref)));
    // A name of the settings passes with the rest.
    let mut readings: Vec<SourceResult> = readings.into_iter().flatten().collect();
    for (reading, source) in readings.iter_mut().zip(&sources) {
        if let Some(name) = source.server() {
            reading.set_server(name);
        }
        reading.pass(&foreign);
    }
    Ok(merge(request.now, request.window, readings))
}

/// The answers that come in time, each at the place of its source.
fn wait(
    sources: &[Arc<dyn Source>],
    request: &Request,
    answers: &mpsc::Receiver<(usize, SourceResult)>,
    progress: &mpsc::Sender<String>,
) -> Vec<Option<SourceResult>> {
    let since = Instant::now();
    let patience = request.deadline.saturating_add(GRACE);
    let mut readings: Vec<Option<SourceResult>> = sources.iter().map(|_| None).collect();
    while let Ok((place, reading)) = answers.recv_timeout(patience.saturating_sub(since.elapsed())) {
        if let (Some(source), Some(free)) = (sources.get(place), readings.get_mut(place)) {
            let _ = progress.send(source.name().to_owned()); // the receiver may be gone
            *free = Some(reading);
        }
    }
    readings
}

fn secrets<'a>(sources: impl Iterator<Item = &'a dyn Source>) -> Secrets {
    let mut secrets = Secrets::default();
    for source in sources {
        secrets.extend(source.secrets());
    }
    secrets
}

fn broken(source: &dyn Source) -> SourceResult {
    let why = Unavailable::new(Reason::UnexpectedReply, "internal error (bug) while reading this source");
    unavailable(source, why.hint("please report it with the message above"))
}

fn timed_out(source: &dyn Source, request: &Request) -> SourceResult {
    let detail = format!("no complete answer within {}", duration_text(request.deadline));
    let why = Unavailable::new(Reason::TimedOut, detail);
    unavailable(source, why.hint("raise --timeout, or use a shorter --window"))
}

async fn read_in_time(source: &dyn Source, request: &Request) -> SourceResult {
    timeout(request.deadline, source.read(request)).await.unwrap_or_else(|_| timed_out(source, request))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chrono::{TimeDelta, Utc};

    use super::*;
    use crate::{
        snapshot::{Status, Window},
        source::{Answer, SampleTime, Search},
    };

    /// A source that panics, never answers, or blocks the others.
    #[derive(Debug)]
    enum Broken {
        Panics,
        Hangs,
        Blocks,
    }

    impl Source for Broken {
        fn name(&self) -> &'static str {
            match self {
                Self::Panics => "panics",
                Self::Hangs => "hangs",
                Self::Blocks => "blocks",
            }
        }

        fn address(&self) -> String {
            "nowhere".to_owned()
        }

        fn read<'a>(&'a self, _: &'a Request) -> Answer<'a> {
            Box::pin(async {
                match self {
                    Self::Panics => panic!("a mistake"),
                    Self::Hangs => std::future::pending().await,
                    Self::Blocks => loop {
                        thread::park(); // until the program ends
                    },
                }
            })
        }
    }

    #[test]
    fn one_source_does_not_take_the_others_along() {
        let now = Utc::now();
        let window = Window { from: now - TimeDelta::hours(1), to: now, step_seconds: 60 };
        let deadline = Duration::from_millis(50);
        let request = Request {
            now,
            window,
            past: None,
            search: Search::No,
            sample: SampleTime::exactly(Duration::ZERO),
            deadline,
        };
        let (progress, _answers) = mpsc::channel();
        let sources: Vec<Box<dyn Source>> =
            vec![Box::new(Broken::Panics), Box::new(Broken::Hangs), Box::new(Broken::Blocks)];
        let snapshot = collect(sources, &request, &progress).unwrap();
        let reasons: Vec<_> = snapshot
            .sources
            .iter()
            .map(|report| match &report.status {
                Status::Failed { reason, .. } => (report.source.as_str(), *reason),
                Status::Answered => (report.source.as_str(), Reason::NotApplicable),
            })
            .collect();
        let timed_out = [("blocks", Reason::TimedOut), ("hangs", Reason::TimedOut)];
        assert_eq!(reasons, [&timed_out[..], &[("panics", Reason::UnexpectedReply)]].concat());
    }
}
