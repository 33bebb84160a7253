//! Service levels: what is violated, what needs more evidence, and what is none.

use crate::{
    answer::{clear, first_step, next, says, verdict},
    parts::{DAY, END, GIB, Parts, day, minutes, shop, shop_over, with},
    stack::Stack,
};

pub(crate) fn stacks() -> Vec<Stack> {
    let mut stacks = caches();
    stacks.extend(requests());
    let waiting = with(
        &[("instance", "db-1:9187")],
        &[("datname", "shop"), ("state", "active"), ("wait_event_type", "Lock")],
    );
    stacks.push(Stack::new(
        "level: sessions wait for a lock",
        shop().gauge("pg_stat_activity_count", &waiting, day(), |_| 25.0),
        vec![next("postgres.locks", "db-1"), first_step("remedy-postgres-locks")],
    ));
    stacks.push(Stack::new(
        "level: a standby falls behind",
        shop().gauge("pg_replication_lag_seconds", &[("instance", "db-2:9187")], day(), |_| 900.0),
        vec![next("postgres.replication", "db-2"), first_step("remedy-postgres-replication")],
    ));
    stacks
}

fn caches() -> Vec<Stack> {
    let server = [("instance", "db-1:9187")];
    let redis = [("instance", "redis-1:9121")];
    // A hit ratio that is low in the first three minutes only.
    let began = END - 20 * 60;
    let cold = shop_over(minutes(20))
        .postgres_cache(&server, minutes(20), move |at| if at < began + 180 { 0.55 } else { 0.995 });
    let queue = shop().counter("redis_keyspace_hits_total", &redis, day(), |_| 4.0).counter(
        "redis_keyspace_misses_total",
        &redis,
        day(),
        |_| 40.0,
    );
    let quiet = shop().counter("redis_keyspace_hits_total", &redis, day(), |_| 0.0005).counter(
        "redis_keyspace_misses_total",
        &redis,
        day(),
        |_| 0.001,
    );
    vec![
        Stack::new("level: a cache that has just started", cold, vec![clear()]),
        Stack::new("level: a Redis that keeps queues is no cache", queue, vec![clear()]),
        Stack::new("level: hardly any look-ups", quiet, vec![clear()]),
        Stack::new(
            "level: a cache that is too small, for hours",
            shop().postgres_cache(&server, day(), |_| 0.70),
            vec![next("postgres.cache", "db-1"), first_step("remedy-postgres-cache")],
        ),
        Stack::new(
            "level: LRU at its maximum with good hits",
            shop()
                .gauge("redis_memory_used_bytes", &[("instance", "lru:9121")], day(), |_| GIB)
                .gauge("redis_memory_max_bytes", &[("instance", "lru:9121")], day(), |_| GIB)
                .gauge(
                    "redis_instance_info",
                    &[("instance", "lru:9121"), ("maxmemory_policy", "allkeys-lru")],
                    day(),
                    |_| 1.0,
                )
                .counter("redis_evicted_keys_total", &[("instance", "lru:9121")], day(), |_| 0.2)
                .counter("redis_keyspace_hits_total", &[("instance", "lru:9121")], day(), |_| 970.0)
                .counter("redis_keyspace_misses_total", &[("instance", "lru:9121")], day(), |_| 30.0),
            vec![clear()],
        ),
    ]
}

fn requests() -> Vec<Stack> {
    let app = [("instance", "app-1:3005")];
    let failed = with(&app, &[("status_code", "500")]);
    let night = END - 6 * 3600; // 02:53
    let at_night = move |at: i64| (at - night).abs() < 1800;
    let few = shop()
        .http(&app, day(), move |at| if at_night(at) { 0.015 } else { 20.0 }, [0.9, 0.09, 0.01, 0.0, 0.0])
        .histogram("http_request_duration_seconds", &failed, day(), &[0.1, 0.5, 1.0, 5.0], move |at| {
            vec![if at_night(at) { 0.002 } else { 0.0 }, 0.0, 0.0, 0.0, 0.0]
        });
    let many = shop().http(&app, day(), |_| 20.0, [0.9, 0.09, 0.01, 0.0, 0.0]).histogram(
        "http_request_duration_seconds",
        &failed,
        day(),
        &[0.1, 0.5, 1.0, 5.0],
        |_| vec![2.5, 0.0, 0.0, 0.0, 0.0],
    );
    // The true 95th percentile is 0.9 s: 93% below 0.5 s, and the rest lie within a bucket that ends at 30 s.
    let bucket = shop().histogram(
        "http_request_duration_seconds",
        &with(&app, &[("status_code", "200")]),
        day(),
        &[0.1, 0.5, 30.0],
        |_| vec![10.0, 8.6, 1.4, 0.0],
    );
    vec![
        Stack::new("level: six of sixty requests fail at night", few, vec![clear()]),
        Stack::new("level: a tenth of all requests fails", many, vec![next("app.errors", "")]),
        Stack::new(
            "level: slow answers that nothing explains",
            shop().http(&app, day(), |_| 20.0, [0.2, 0.1, 0.1, 0.2, 0.4]),
            vec![next("app.latency", "")],
        ),
        // The roadmap's objective of 200 ms is missed for certain; of its alerts at 2 s and 5 s nothing is known.
        Stack::new(
            "level: the threshold lies within a bucket",
            bucket,
            vec![next("", ""), verdict("warning"), says("bucket")],
        ),
        Stack::new(
            "level: slow for ten minutes yesterday",
            shop().http(&app, day(), |_| 20.0, [0.95, 0.04, 0.01, 0.0, 0.0]).http(
                &with(&app, &[("path", "/export")]),
                day(),
                |at| if (at - (END - DAY / 2)).abs() < 300 { 5.0 } else { 0.0 },
                [0.0, 0.0, 0.0, 0.0, 1.0],
            ),
            vec![clear()],
        ),
    ]
}
