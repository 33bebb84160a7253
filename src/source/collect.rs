//! Reading all sources at once.

use std::sync::mpsc;

use tokio::{runtime::Builder, task::JoinSet, time::timeout};

use super::{Request, Source, host, postgres, prometheus, redis};
use crate::snapshot::{Reading, Reason, Snapshot, merge};

/// Reads every source at the same time and brings the answers together.
///
/// Each source is dropped at its deadline, which closes its sockets; a name look-up that hangs in the
/// system's resolver is left behind and does not hold the program up. `progress` receives a source's
/// name when it has answered.
///
/// # Errors
/// When the runtime cannot be started.
pub fn collect(
    sources: Vec<Source>,
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
                let name = source.name();
                let reading = source.read_in_time(&request).await;
                let _ = progress.send(name.to_owned()); // nobody has to listen
                reading
            });
        }
        running.join_all().await
    });
    runtime.shutdown_background();
    Ok(merge(request.now, request.window, readings))
}

impl Source {
    /// The name under which it appears in output and configuration.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Prometheus(_) => prometheus::NAME,
            Self::Postgres(_) => postgres::NAME,
            Self::Redis(_) => redis::NAME,
            Self::Host(_) => host::NAME,
        }
    }

    async fn read(&self, request: &Request) -> Reading {
        match self {
            Self::Prometheus(settings) => prometheus::read(settings, request).await,
            Self::Postgres(settings) => postgres::read(settings, request).await,
            Self::Redis(settings) => redis::read(settings, request).await,
            Self::Host(settings) => host::read(settings, request).await,
        }
    }

    /// What the source is asked at, without secrets.
    pub fn address(&self) -> String {
        match self {
            Self::Prometheus(settings) => settings.address(),
            Self::Postgres(settings) => settings.address(),
            Self::Redis(settings) => settings.address(),
            Self::Host(_) => "this machine".to_owned(),
        }
    }

    async fn read_in_time(&self, request: &Request) -> Reading {
        match timeout(request.deadline, self.read(request)).await {
            Ok(reading) => reading,
            Err(_) => Reading::failed(
                self.name(),
                self.address(),
                super::signals_of(self.name()),
                Reason::TimedOut,
                &format!("no complete answer within {}", crate::signal::duration_text(request.deadline)),
                Some("raise --timeout, or ask for a shorter --window".to_owned()),
            ),
        }
    }
}
