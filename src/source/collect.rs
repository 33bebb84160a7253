//! Reads all sources at once.

use std::{
    collections::HashMap,
    sync::{Arc, mpsc},
};

use tokio::{runtime::Builder, task::JoinSet, time::timeout};

use super::{Request, Source, unavailable};
use crate::{
    signal::duration_text,
    snapshot::{Reason, Snapshot, SourceResult, Unavailable, merge},
};

/// Reads every source at the same time and brings the answers together.
///
/// Each source is dropped at its deadline, which closes its sockets; a name look-up that hangs in the
/// system's resolver is left behind and does not hold the program up. `progress` receives a source's
/// name when it has answered.
///
/// # Errors
/// When the runtime cannot be started.
pub fn collect(
    sources: Vec<Box<dyn Source>>,
    request: &Request,
    progress: &mpsc::Sender<String>,
) -> std::io::Result<Snapshot> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let readings = runtime.block_on(read_all(sources, request, progress));
    runtime.shutdown_background();
    Ok(merge(request.now, request.window, readings))
}

async fn read_all(
    sources: Vec<Box<dyn Source>>,
    request: &Request,
    progress: &mpsc::Sender<String>,
) -> Vec<SourceResult> {
    let mut running = JoinSet::new();
    let mut by_task = HashMap::new();
    for source in sources {
        let source: Arc<dyn Source> = source.into();
        let (reader, request, progress) = (Arc::clone(&source), request.clone(), progress.clone());
        let task = running.spawn(async move {
            let reading = read_in_time(reader.as_ref(), &request).await;
            let _ = progress.send(reader.name().to_owned()); // nobody has to listen
            reading
        });
        by_task.insert(task.id(), source);
    }
    let mut readings = Vec::new();
    while let Some(ended) = running.join_next().await {
        match ended {
            Ok(reading) => readings.push(reading),
            // A mistake of ours in one source must not take the others' answers along.
            Err(error) => readings.extend(by_task.get(&error.id()).map(|source| broken(source.as_ref()))),
        }
    }
    readings
}

fn broken(source: &dyn Source) -> SourceResult {
    let why = Unavailable::new(Reason::UnexpectedReply, "internal error (bug) while reading this source");
    unavailable(source, why.hint("please report it with the message above"))
}

async fn read_in_time(source: &dyn Source, request: &Request) -> SourceResult {
    timeout(request.deadline, source.read(request)).await.unwrap_or_else(|_| {
        let detail = format!("no complete answer within {}", duration_text(request.deadline));
        let why = Unavailable::new(Reason::TimedOut, detail);
        unavailable(source, why.hint("raise --timeout, or ask for a shorter --window"))
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chrono::{TimeDelta, Utc};

    use super::*;
    use crate::{
        snapshot::{Status, Window},
        source::{Answer, Search},
    };

    /// A source that breaks off, or never answers.
    #[derive(Debug)]
    struct Broken {
        panics: bool,
    }

    impl Source for Broken {
        fn name(&self) -> &'static str {
            if self.panics { "panics" } else { "hangs" }
        }

        fn address(&self) -> String {
            "nowhere".to_owned()
        }

        fn read<'a>(&'a self, _: &'a Request) -> Answer<'a> {
            Box::pin(async {
                assert!(!self.panics, "a mistake");
                std::future::pending().await
            })
        }
    }

    #[test]
    fn one_source_does_not_take_the_others_along() {
        let now = Utc::now();
        let window = Window { from: now - TimeDelta::hours(1), to: now, step_seconds: 60 };
        let deadline = Duration::from_millis(50);
        let request =
            Request { now, window, past: None, search: Search::No, sample: Duration::ZERO, deadline };
        let (progress, _answers) = mpsc::channel();
        let sources: Vec<Box<dyn Source>> =
            vec![Box::new(Broken { panics: true }), Box::new(Broken { panics: false })];
        let snapshot = collect(sources, &request, &progress).unwrap();
        let reasons: Vec<_> = snapshot
            .sources
            .iter()
            .map(|report| match &report.status {
                Status::Failed { reason, .. } => (report.source.as_str(), *reason),
                Status::Answered => (report.source.as_str(), Reason::NotApplicable),
            })
            .collect();
        assert_eq!(reasons, [("hangs", Reason::TimedOut), ("panics", Reason::UnexpectedReply)]);
    }
}
