//! Redis, Valkey and their relatives: `INFO` twice, and the job queues that are kept in them.
//!
//! [`ACL`] is the statement for an account with the rights that are needed and no others.
//!
//! `CONFIG GET` is used only where `INFO` does not report a limit (`maxclients` before Redis 6.2, `maxmemory` of some
//! managed servers) and may be refused. Nothing is ever written, and no command walks the keyspace unbounded.

mod connection;
mod error;
mod info;
mod measure;
mod provider;
mod queue;
mod settings;
mod stream;

use std::{sync::Arc, time::Instant};

use self::{
    connection::Connection,
    error::{failed, unexpected_reply},
    info::Info,
    measure::{Interval, Limit, Limits},
};
use super::{Answer, Request, Source, result_builder::SourceResultBuilder, unavailable};
use crate::{
    foreign::Secrets,
    signal::{ResourceId, duration_text},
    snapshot::{Exhausted, Reason, SourceReport, SourceResult, Unavailable},
};
use connection::Deadline;

pub use error::ACL;
pub use settings::{DEFAULT_PREFIX, Endpoint, Settings, UrlError};

/// The source's name in output and configuration.
pub const NAME: &str = "redis";

impl Source for Settings {
    fn name(&self) -> &'static str {
        NAME
    }

    fn address(&self) -> String {
        Settings::address(self)
    }

    fn secrets(&self) -> Secrets {
        Settings::secrets(self)
    }

    fn read<'a>(&'a self, request: &'a Request) -> Answer<'a> {
        Box::pin(read(self, request))
    }
}

/// Reads everything the catalogue expects of this source; failures become gaps.
async fn read(settings: &Settings, request: &Request) -> SourceResult {
    match try_read(settings, request).await {
        Ok(reading) => reading,
        Err(failure) => refused(settings, &failure),
    }
}

async fn try_read(settings: &Settings, request: &Request) -> Result<SourceResult, Unavailable> {
    // A tenth of the time is left for bringing the answers home.
    let connection = Connection::open(settings, Deadline::after(request.deadline.mul_f64(0.9))).await?;
    let (before, since) = (info(&connection).await?, Instant::now());
    let after = second_sample(&connection, request).await;
    let seconds = since.elapsed().as_secs_f64();
    let latest = after.as_ref().unwrap_or(&before);

    let mut draft = SourceResultBuilder::new(NAME, request.now);
    let interval =
        after.as_ref().map_err(Clone::clone).and_then(|after| Interval::new(&before, after, seconds));
    let limits = Limits {
        clients: client_limit(&connection, latest).await,
        memory: memory_limit(&connection, settings, latest).await,
    };
    measure::all(&mut draft, latest, &limits, interval);
    let mut notes = latest.notes();
    let keys = latest.keys(settings.database);
    notes.extend(queue::read(&mut draft, Arc::new(connection), settings, request, keys).await);

    draft.rest(
        Reason::NotConfigured,
        "Redis does not know this of its queues",
        "export it from the workers to Prometheus",
    );
    let report = SourceReport {
        version: Some(provider::described(settings, latest)),
        notes,
        ..SourceReport::answered(NAME, settings.address())
    };
    Ok(draft.finish(report))
}

async fn info(connection: &Connection) -> Result<Info, Unavailable> {
    // `INFO everything` is empty on Redis 5; `all` gives every section of every version.
    let told = info_of(connection, &["INFO", "all"]).await;
    // Some relatives know no sections by this name.
    let is_refused = |failure: &Unavailable| failure.reason == Reason::QueryFailed;
    if (matches!(told, Ok(None)) || told.as_ref().is_err_and(is_refused))
        && let Ok(Some(info)) = info_of(connection, &["INFO"]).await
    {
        return Ok(info);
    }
    told?.ok_or_else(|| unexpected_reply("INFO has no redis_version, which every compatible server reports"))
}

async fn info_of(connection: &Connection, command: &[&str]) -> Result<Option<Info>, Unavailable> {
    let text: Vec<u8> = connection.ask(command).await?;
    Ok(Info::parse(&String::from_utf8_lossy(&text)))
}

/// A second answer after the sampling interval, or why there is none.
async fn second_sample(connection: &Connection, request: &Request) -> Result<Info, String> {
    let time = request.sample.shortest;
    if time >= connection.deadline().left() {
        let (sample, deadline) = (duration_text(time), duration_text(request.deadline));
        return Err(format!("a second sample after {sample} does not fit into the deadline of {deadline}"));
    }
    tokio::time::sleep(time).await;
    info(connection).await.map_err(|failure| format!("no second sample: {}", failure.detail))
}

/// How many clients may connect: from `INFO` (Redis 6.2 and later, Dragonfly), else from `CONFIG GET`.
async fn client_limit(connection: &Connection, info: &Info) -> Limit {
    let told = info.count("maxclients").or_else(|| info.count("max_clients"));
    if let Some(limit) = told.filter(|limit| *limit > 0) {
        return Ok(limit);
    }
    let limit = configured(connection, "maxclients", "watch connected clients with Prometheus").await?;
    let about = "INFO does not report maxclients, and CONFIG GET returns 0";
    if limit > 0 { Ok(limit) } else { Err(failed(Reason::NotApplicable, about, "set maxclients")) }
}

/// How much memory the data may take; 0 is no limit. From `INFO`, else from `CONFIG GET`: what is not reported is not
/// 0, and no provider rents out memory without a limit.
async fn memory_limit(connection: &Connection, settings: &Settings, info: &Info) -> Limit {
    const HINT: &str = "see the memory limit at the provider's console";
    let limit = match info.count("maxmemory") {
        Some(limit) => limit,
        None => configured(connection, "maxmemory", HINT).await?,
    };
    match provider::provider(settings, info) {
        Some(provider) if limit == 0 => {
            let detail = format!("maxmemory is 0, and the memory limit of {provider} is unknown");
            Err(failed(Reason::NotApplicable, detail, HINT))
        }
        _ => Ok(limit),
    }
}

/// A limit that `INFO` does not report, from `CONFIG GET`.
async fn configured(connection: &Connection, setting: &str, hint: &str) -> Limit {
    let about = format!("INFO does not report {setting}, and neither does CONFIG GET");
    let answer: Result<Vec<String>, Unavailable> = connection.ask(&["CONFIG", "GET", setting]).await;
    let answer = answer.map_err(|failure| {
        let hint = failure.hint.clone().or_else(|| Some(hint.to_owned()));
        Unavailable { hint, ..failure.context(&about) }
    })?;
    let limit = answer.get(1).and_then(|limit| limit.parse().ok());
    limit.ok_or_else(|| failed(Reason::NotApplicable, about, hint))
}

/// A server that could not be read at all; one that is full is a finding of its own.
fn refused(settings: &Settings, why: &Unavailable) -> SourceResult {
    let Unavailable { reason, detail, .. } = why;
    let mut reading = unavailable(settings, why.clone());
    if *reason == Reason::Full {
        reading.exhausted.extend(ResourceId::find("redis.clients").map(|resource| Exhausted {
            resource,
            source: NAME.to_owned(),
            message: detail.clone(),
        }));
    }
    reading
}
