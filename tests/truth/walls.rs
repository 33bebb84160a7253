//! Resources near their walls, each the one right answer beside healthy ones.

use crate::{
    answer::{clear, headroom, next, says, verdict},
    parts::{DAY, GIB, Parts, day, days, shop, shop_over, with},
    stack::Stack,
    support::prometheus::Backfill,
};

pub(crate) fn stacks() -> Vec<Stack> {
    let mut stacks = machines_and_stores();
    stacks.extend(optional_parts());
    stacks.extend(beside_levels());
    stacks
}

fn machines_and_stores() -> Vec<Stack> {
    let mut stacks = Vec::new();
    for used in [91.0, 95.0, 97.0] {
        let data = shop().postgres(&[("instance", "db-9:9187")], day(), move |_| used, 100.0);
        stacks.push(Stack::new(
            format!("wall: {used} of 97 connections"),
            data,
            vec![next("postgres.connections", "db-9"), verdict("critical")],
        ));
    }
    let host = |cpu: f64, memory: f64, disk: f64| {
        shop().host(&[("instance", "db-1:9100")], day(), move |_| cpu, move |_| memory, move |_| disk)
    };
    stacks.push(Stack::new("wall: CPU", host(0.97, 0.4, 0.4), vec![next("host.cpu", "db-1")]));
    stacks.push(Stack::new("wall: memory", host(0.3, 0.97, 0.4), vec![next("host.memory", "db-1")]));
    stacks.push(Stack::new("wall: disk", host(0.3, 0.4, 0.95), vec![next("host.disk", "db-1")]));
    let redis = shop().redis(&[("instance", "redis-7:9121")], day(), |_| 3.85 * GIB, 4.0 * GIB);
    stacks.push(Stack::new("wall: Redis that evicts nothing", redis, vec![next("redis.memory", "redis-7")]));
    let mongo =
        ["current", "available"].into_iter().zip([780.0, 20.0]).fold(shop(), |data, (kind, value)| {
            let labels = [("instance", "mongo-1:9216"), ("conn_type", kind)];
            data.gauge("mongodb_ss_connections", &labels, day(), move |_| value)
        });
    stacks.push(Stack::new("wall: MongoDB connections", mongo, vec![next("mongo.connections", "mongo-1")]));
    let hpa = [("namespace", "shop"), ("horizontalpodautoscaler", "api"), ("instance", "ksm:8080")];
    let replicas = shop()
        .gauge("kube_horizontalpodautoscaler_status_current_replicas", &hpa, day(), |_| 20.0)
        .gauge("kube_horizontalpodautoscaler_spec_max_replicas", &hpa, day(), |_| 20.0)
        .gauge("kube_horizontalpodautoscaler_spec_min_replicas", &hpa, day(), |_| 2.0);
    stacks.push(Stack::new("wall: replicas at their maximum", replicas, vec![next("app.replicas", "api")]));
    // From noon until the early afternoon, and now it is nine in the morning.
    let at_noon = |at: i64| if (12 * 3600..15 * 3600).contains(&at.rem_euclid(DAY)) { 20.0 } else { 6.0 };
    let daily = shop_over(days(10))
        .gauge("kube_horizontalpodautoscaler_status_current_replicas", &hpa, days(10), at_noon)
        .gauge("kube_horizontalpodautoscaler_spec_max_replicas", &hpa, days(10), |_| 20.0)
        .gauge("kube_horizontalpodautoscaler_spec_min_replicas", &hpa, days(10), |_| 2.0);
    let claims =
        vec![next("app.replicas", "api"), verdict("warning"), says("reach their limit at daily peaks")];
    stacks.push(Stack::new("wall: replicas at their maximum at noon of every day", daily, claims));
    let process = [("instance", "api-2:3005"), ("job", "api")];
    let node = shop().counter("process_cpu_seconds_total", &process, day(), |_| 0.98).gauge(
        "nodejs_version_info",
        &with(&process, &[("version", "v20.1.0")]),
        day(),
        |_| 1.0,
    );
    stacks.push(Stack::new("wall: a Node.js process on its one core", node, vec![next("app.cpu", "api-2")]));
    let clients = [("instance", "redis-1:9121")];
    let clients = shop().gauge("redis_connected_clients", &clients, day(), |_| 985.0).gauge(
        "redis_config_maxclients",
        &clients,
        day(),
        |_| 1000.0,
    );
    stacks.push(Stack::new("wall: Redis clients", clients, vec![next("redis.clients", "redis-1")]));
    let sidekiq = shop().gauge("sidekiq_busy_workers", &[("instance", "jobs:9292")], day(), |_| 25.0).gauge(
        "sidekiq_workers",
        &[("instance", "jobs:9292")],
        day(),
        |_| 25.0,
    );
    stacks.push(Stack::new("wall: every worker is busy", sidekiq, vec![next("queue.workers", "")]));
    let container =
        [("namespace", "shop"), ("pod", "api-1"), ("container", "api"), ("instance", "node-1:10250")];
    let memory = shop().gauge("container_memory_working_set_bytes", &container, day(), |_| 0.97 * GIB).gauge(
        "container_spec_memory_limit_bytes",
        &container,
        day(),
        |_| GIB,
    );
    stacks.push(Stack::new("wall: memory of a container", memory, vec![next("app.memory", "api")]));
    stacks.push(Stack::new("wall: nothing", shop(), vec![clear()]));
    stacks
}

/// Resources whose metrics are not all there.
fn optional_parts() -> Vec<Stack> {
    let clients = [("instance", "db-1:9187"), ("datname", "shop"), ("state", "active")];
    let server = [("instance", "db-1:9187")];
    let bare = |used: f64| {
        Backfill::default()
            .users(&[("instance", "app-1:3005")], day(), |_| 150.0)
            .gauge("pg_stat_activity_count", &clients, day(), move |_| used)
            .gauge("pg_settings_max_connections", &server, day(), |_| 100.0)
    };
    let cloud = bare(88.0)
        .gauge("pg_settings_superuser_reserved_connections", &server, day(), |_| 3.0)
        .gauge("pg_settings_reserved_connections", &server, day(), |_| 7.0);
    vec![
        Stack::new(
            "wall: no metric of reserved connections",
            bare(96.0),
            vec![next("postgres.connections", "db-1"), headroom("postgres.connections", "db-1", 0.04)],
        ),
        Stack::new(
            "wall: further reserved connections",
            cloud,
            vec![
                headroom("postgres.connections", "db-1", 1.0 - 88.0 / 90.0),
                next("postgres.connections", "db-1"),
            ],
        ),
    ]
}

/// A wall and a service level at once: the wall is the cause.
fn beside_levels() -> Vec<Stack> {
    let mut stacks = Vec::new();
    for hits in [0.80, 0.88, 0.50] {
        let data = shop().postgres_cache(&[("instance", "db-1:9187")], day(), move |_| hits).host(
            &[("instance", "db-1:9100")],
            day(),
            |_| 0.995,
            |_| 0.4,
            |_| 0.4,
        );
        stacks.push(Stack::new(
            format!("wall: full CPU beside a hit ratio of {hits}"),
            data,
            vec![next("host.cpu", "db-1")],
        ));
    }
    let slow = shop()
        .http(&[("instance", "app-1:3005")], day(), |_| 20.0, [0.2, 0.2, 0.2, 0.2, 0.2])
        .postgres(&[("instance", "db-5:9187")], day(), |_| 97.0, 100.0);
    stacks.push(Stack::new(
        "wall: connections explain slow answers",
        slow,
        vec![next("postgres.connections", "db-5")],
    ));
    stacks
}
