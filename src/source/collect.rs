//! Reading all sources at once.

use std::sync::mpsc;

use tokio::{runtime::Builder, task::JoinSet, time::timeout};

use super::{Request, Source};
use crate::{
    signal::duration_text,
    snapshot::{Reading, Reason, Snapshot, merge},
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
    let readings = runtime.block_on(async {
        let mut running = JoinSet::new();
        for source in sources {
            let request = request.clone();
            let progress = progress.clone();
            running.spawn(async move {
                let reading = read_in_time(source.as_ref(), &request).await;
                let _ = progress.send(source.name().to_owned()); // nobody has to listen
                reading
            });
        }
        running.join_all().await
    });
    runtime.shutdown_background();
    Ok(merge(request.now, request.window, readings))
}

async fn read_in_time(source: &dyn Source, request: &Request) -> Reading {
    match timeout(request.deadline, source.read(request)).await {
        Ok(reading) => reading,
        Err(_) => Reading::failed(
            source.name(),
            source.address(),
            source.wanted(),
            Reason::TimedOut,
            &format!("no complete answer within {}", duration_text(request.deadline)),
            Some("raise --timeout, or ask for a shorter --window".to_owned()),
        ),
    }
}
