//! `[sources.prometheus]`.

use std::time::Duration;

use super::http::{self, Http};
use crate::{config::text::Environment, diagnostic::Reader, signal::parse_duration};

/// A Prometheus-compatible server.
#[derive(Debug)]
pub struct Prometheus {
    /// Its base address, and how to get in.
    pub http: Http,
    /// Time between scrapes, where the server does not tell.
    pub scrape_interval: Option<Duration>,
}

pub(super) fn read(reader: &Reader<'_>, environment: &Environment<'_>) -> Prometheus {
    Prometheus {
        http: http::read(reader, environment),
        scrape_interval: reader.get("scrape_interval", |node| match parse_duration(&node.string()?) {
            Ok(interval) => Some(interval),
            Err(problem) => node.fail("config/duration", problem),
        }),
    }
}
