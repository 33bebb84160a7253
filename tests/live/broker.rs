//! A message broker through a real Prometheus: each queue has its own numbers where the broker tells them.

use std::{collections::BTreeMap, time::Duration};

use chrono::{TimeDelta, Utc};
use scale_advisor::{
    snapshot::{SourceResult, Window},
    source::{
        Request, SampleTime, Search,
        prometheus::{self, Settings},
    },
};

use crate::support::{Server, prometheus::Backfill, rabbitmq::Broker, wait_until};

/// A Prometheus that scrapes one path of the broker's plugin every second.
fn scraping(broker: &Broker, path: &str, parameters: &str) -> Server {
    let config = format!(
        "scrape_configs:\n- job_name: rabbitmq\n  scrape_interval: 1s\n  metrics_path: {path}\n  \
         params: {parameters}\n  static_configs: [targets: ['127.0.0.1:{}']]\n",
        broker.metrics
    );
    Backfill::default().prometheus_with(&config, None, &[])
}

/// Reads the last minute.
fn read(server: &Server) -> SourceResult {
    let now = Utc::now();
    let window = Window { from: now - TimeDelta::minutes(1), to: now, step_seconds: 1 };
    let request = Request {
        now,
        window,
        past: None,
        search: Search::No,
        sample: SampleTime::exactly(Duration::ZERO),
        deadline: Duration::from_secs(30),
    };
    let settings = Settings::new(&server.url()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(prometheus::read(&settings, &request))
}

/// The newest value of each queue; the empty name stands for all queues together.
fn queues(reading: &SourceResult, signal: &str) -> BTreeMap<String, f64> {
    let of_signal = reading.observations.iter().filter(|observation| observation.signal.as_str() == signal);
    of_signal
        .map(|observation| (observation.instance.clone().unwrap_or_default(), observation.values.last().1))
        .collect()
}

/// Waits until a signal reads so; the broker counts a moment later than it works.
#[track_caller]
fn expect(prometheus: &Server, signal: &str, values: &[(&str, f64)]) {
    let expected = values.iter().map(|(queue, value)| ((*queue).to_owned(), *value)).collect();
    wait_until(&format!("{signal} is {values:?}"), || queues(&read(prometheus), signal) == expected);
}

const PLAN: &str = r#"{"mail":{"publish":40,"take":3},"img":{"publish":7},"idle":{}}"#;

#[test]
fn every_queue_of_rabbitmq_has_its_own_numbers() {
    let broker = Broker::start();
    let _consumers = broker.occupy(PLAN);
    let families = "{family: [queue_coarse_metrics, queue_consumer_count]}";
    let prometheus = scraping(&broker, "/metrics/detailed", families);
    expect(&prometheus, "broker.ready", &[("idle", 0.0), ("img", 7.0), ("mail", 37.0)]);
    expect(&prometheus, "broker.unacked", &[("idle", 0.0), ("img", 0.0), ("mail", 3.0)]);
    expect(&prometheus, "broker.consumers", &[("idle", 0.0), ("img", 0.0), ("mail", 1.0)]);
}

#[test]
fn without_details_all_queues_of_rabbitmq_are_one() {
    let broker = Broker::start();
    let _consumers = broker.occupy(PLAN);
    let prometheus = scraping(&broker, "/metrics", "{}");
    expect(&prometheus, "broker.ready", &[("", 44.0)]);
    expect(&prometheus, "broker.unacked", &[("", 3.0)]);
    expect(&prometheus, "broker.consumers", &[("", 1.0)]);
}
