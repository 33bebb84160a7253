//! What exported autoscalers do with the weeks that follow.

use super::{
    autoscaling::{
        cluster::busiest,
        hpa::{Autoscaler, Bounds, Metric, Pods},
        query::Query,
        replay,
        traffic::Pattern,
    },
    binary::program,
};

#[test]
fn exported_settings_hold_the_objective_longer_than_a_target_of_80_percent_for_no_more_replica_hours() {
    for pattern in Pattern::ALL {
        let compared = replay(pattern, 8_000.0, 1, program);
        for exported in [compared.hpa, compared.keda] {
            assert!(exported.minutes < compared.usual.minutes, "{pattern:?}: {compared:#?}");
            assert!(exported.replica_hours <= compared.usual.replica_hours, "{pattern:?}: {compared:#?}");
        }
    }
}

/// 95% of the answers within six service times, of four servers: the share of requests that take longer than that is 5%.
#[test]
fn the_objective_is_that_of_the_queueing_model() {
    let queue = scale_advisor::capacity::queueing::Queue::new(4, 4.0 * busiest()).unwrap();
    assert!((queue.takes_longer_than(6.0) - 0.05).abs() < 1e-6);
}

/// The examples of Kubernetes' documentation and the cases that its tests name.
#[test]
fn the_simulator_follows_the_documented_algorithm() {
    let look = |bounds: &Bounds, pods: (u32, u32), metric: Metric| {
        Autoscaler::new(bounds.clone()).look(Pods { ready: pods.0, all: pods.1 }, &[metric])
    };
    let cpu = |mean, target| Metric::Pods { mean, target };
    let mut at_once = Bounds::default_between(1, 100);
    at_once.down.window = 0;
    // "200m where 100m is wanted doubles the replicas, 50m halves them", and a ratio of 1.1 changes nothing.
    assert_eq!(look(&at_once, (4, 4), cpu(0.2, 0.1)), 8);
    assert_eq!(look(&at_once, (4, 4), cpu(0.05, 0.1)), 2);
    assert_eq!(look(&at_once, (10, 10), cpu(0.109, 0.1)), 10);
    // Pods that are not ready count as idle where replicas are added, and do not count where they are removed.
    assert_eq!(look(&at_once, (3, 5), cpu(0.2, 0.1)), 6);
    assert_eq!(look(&at_once, (3, 5), cpu(0.12, 0.1)), 5);
    // A total: 100 for each of 5 replicas.
    let total = |total| Metric::External { total, target: 100.0 };
    assert_eq!(look(&at_once, (5, 5), total(701.0)), 8);
    assert_eq!(look(&at_once, (5, 5), total(540.0)), 5);
    // Not more than double, or four more; no more than the maximum.
    assert_eq!(look(&at_once, (3, 3), total(10_000.0)), 7);
    assert_eq!(look(&at_once, (50, 50), total(100_000.0)), 100);
    // Fewer only when the most that was proposed in five minutes is fewer.
    let mut autoscaler = Autoscaler::new(Bounds::default_between(1, 100));
    let mut now = 10;
    let mut looks = Vec::new();
    for at in 0..25 {
        let wanted = if at == 0 { 1_000.0 } else { 400.0 };
        now = autoscaler.look(Pods { ready: now, all: now }, &[total(wanted)]);
        looks.push(now);
    }
    assert_eq!((looks[19], looks[20], looks[21]), (10, 10, 4), "{looks:?}");
}

#[test]
fn the_simulator_asks_what_prometheus_would() {
    let gauge: Vec<f64> = (0..2_000).map(f64::from).collect();
    let ask = |text: &str, at| Query::parse(text).at(&gauge, at);
    // Twenty samples before step 1000: 980 to 999.
    assert_eq!(ask("sum(avg_over_time(users[5m]))", 1_000), Some(989.5));
    assert_eq!(ask("avg_over_time(users[5m] offset 10m)", 1_000), Some(949.5));
    // Eleven looks of a minute, the last at the end.
    assert_eq!(ask("avg_over_time((avg_over_time(users[15s]))[10m:1m])", 1_000), Some(979.0));
    assert_eq!(ask("avg_over_time(users[5m] offset 10h)", 1_000), None);
    let lower =
        "(avg_over_time(users[5m] offset 10h)) < (avg_over_time(users[5m])) or (avg_over_time(users[5m]))";
    assert_eq!(ask(lower, 1_000), Some(989.5));
    assert_eq!(
        ask("avg_over_time(users[5m] offset 5m) * 2 < 1000 or avg_over_time(users[5m])", 1_000),
        Some(989.5)
    );
}
