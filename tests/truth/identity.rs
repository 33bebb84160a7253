//! Who is who: twins under one name, one server under two, and exporters that show several servers.

use crate::{
    answer::{headroom, load, next, nothing_beyond_its_limit, row_count},
    parts::{GIB, Parts, day, shop, with},
    stack::Stack,
    support::prometheus::Backfill,
};

pub(crate) fn stacks() -> Vec<Stack> {
    let mut stacks = twins();
    stacks.extend(duplicates());
    stacks.extend(behind_one_exporter());
    stacks
}

/// Machines and servers of two places that have one name.
fn twins() -> Vec<Stack> {
    let mut stacks = Vec::new();
    for (label, full, idle) in [("cluster", "blue", "green"), ("region", "eu", "us"), ("dc", "fra1", "ams2")]
    {
        let users = || Backfill::default().users(&[("instance", "edge:3005")], day(), |_| 150.0);
        let at = |value: &'static str| [("instance", "node:9100"), (label, value)];
        let hosts =
            |cpu: [f64; 2], memory: [f64; 2], disk: [f64; 2]| {
                let [(cpu_full, cpu_idle), (memory_full, memory_idle), (disk_full, disk_idle)] =
                    [cpu, memory, disk].map(|[full, idle]| (full, idle));
                users()
                    .host(&at(full), day(), move |_| cpu_full, move |_| memory_full, move |_| disk_full)
                    .host(&at(idle), day(), move |_| cpu_idle, move |_| memory_idle, move |_| disk_idle)
            };
        stacks.push(Stack::new(
            format!("identity: memory of a twin is full, by {label}"),
            hosts([0.2, 0.2], [0.97, 0.2], [0.4, 0.4]),
            vec![next("host.memory", full), row_count("host.memory", 2)],
        ));
        stacks.push(Stack::new(
            format!("identity: CPU of a twin is full, by {label}"),
            hosts([0.98, 0.02], [0.3, 0.3], [0.4, 0.4]),
            vec![next("host.cpu", full), headroom("host.cpu", idle, 0.98)],
        ));
        stacks.push(Stack::new(
            format!("identity: disk of a twin is full, by {label}"),
            hosts([0.2, 0.2], [0.3, 0.3], [0.96, 0.1]),
            vec![next("host.disk", full), row_count("host.disk", 2)],
        ));
        let db = |value: &'static str| [("instance", "db:9187"), (label, value)];
        stacks.push(Stack::new(
            format!("identity: two databases of one name, by {label}"),
            users().postgres(&db(full), day(), |_| 58.0, 100.0).postgres(&db(idle), day(), |_| 45.0, 100.0),
            vec![
                row_count("postgres.connections", 2),
                headroom("postgres.connections", full, 1.0 - 58.0 / 97.0),
                nothing_beyond_its_limit(),
            ],
        ));
        let redis = |value: &'static str| [("instance", "redis:9121"), (label, value)];
        stacks.push(Stack::new(
            format!("identity: a full Redis beside a large one, by {label}"),
            users().redis(&redis(full), day(), |_| 0.96 * GIB, GIB).redis(
                &redis(idle),
                day(),
                |_| GIB,
                16.0 * GIB,
            ),
            vec![next("redis.memory", full), row_count("redis.memory", 2)],
        ));
    }
    stacks
}

/// One thing that is told twice.
fn duplicates() -> Vec<Stack> {
    let mut stacks = Vec::new();
    let instance = [("instance", "db-1:9187")];
    let jobs = ["postgres", "postgres-exporter"].map(|job| with(&instance, &[("job", job)]));
    let twice = Backfill::default().users(&[("instance", "app-1:3005")], day(), |_| 150.0);
    let twice = jobs.iter().fold(twice, |data, labels| data.postgres(labels, day(), |_| 45.0, 100.0));
    stacks.push(Stack::new(
        "identity: an exporter in two jobs",
        twice,
        vec![row_count("postgres.connections", 1), headroom("postgres.connections", "", 1.0 - 45.0 / 97.0)],
    ));
    for label in ["prometheus_replica", "replica", "__replica__"] {
        let pair = ["a", "b"].into_iter().fold(Backfill::default(), |data, replica| {
            let labels = |instance| vec![("instance", instance), (label, replica)];
            data.users(&labels("app-1:3005"), day(), |_| 250.0)
                .postgres(&labels("db-1:9187"), day(), |_| 45.0, 100.0)
                .host(&labels("app-1:9100"), day(), |_| 0.3, |_| 0.4, |_| 0.5)
        });
        stacks.push(Stack::new(
            format!("identity: an HA pair told apart by {label}"),
            pair,
            vec![
                load(250.0),
                row_count("postgres.connections", 1),
                headroom("postgres.connections", "", 1.0 - 45.0 / 97.0),
            ],
        ));
    }
    let pods = ["api-6d5f-abcde", "api-6d5f-fghij", "api-6d5f-klmno"];
    let several = pods.into_iter().fold(Backfill::default(), |data, pod| {
        data.users(&[("instance", pod), ("pod", pod), ("job", "api")], day(), |_| 50.0)
    });
    stacks.push(Stack::new("identity: three pods are three", several, vec![load(150.0)]));
    stacks
}

/// Several servers behind the address of one exporter.
fn behind_one_exporter() -> Vec<Stack> {
    let mut stacks = Vec::new();
    for label in ["server", "target", "dbinstance_identifier"] {
        let app = Backfill::default().users(&[("instance", "app-1:3005")], day(), |_| 150.0);
        let labels = |server| [("instance", "exporter:9187"), (label, server)];
        let data = app.postgres(&labels("orders"), day(), |_| 47.0, 100.0).postgres(
            &labels("users"),
            day(),
            |_| 46.0,
            100.0,
        );
        stacks.push(Stack::new(
            format!("identity: two databases behind one exporter, by {label}"),
            data,
            vec![
                row_count("postgres.connections", 2),
                headroom("postgres.connections", "orders", 1.0 - 47.0 / 97.0),
            ],
        ));
    }
    let replica = shop().postgres(&[("instance", "db-2:9187")], day(), |_| 93.0, 100.0).postgres(
        &[("instance", "db-3:9187")],
        day(),
        |_| 20.0,
        100.0,
    );
    stacks.push(Stack::new(
        "identity: the second of three databases is full",
        replica,
        vec![next("postgres.connections", "db-2")],
    ));
    stacks
}
