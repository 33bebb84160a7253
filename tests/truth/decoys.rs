//! What looks like a bottleneck and is none.

use crate::{
    answer::{clear, load, row_count},
    parts::{DAY, END, GIB, Parts, day, shop, with},
    stack::Stack,
    support::prometheus::Backfill,
};

pub(crate) fn stacks() -> Vec<Stack> {
    let mut stacks = file_systems();
    stacks.extend(machines());
    let probes = |user_agent: &'static str| {
        let app = [("instance", "app-1:3005"), ("status_code", "200"), ("path", user_agent)];
        shop().histogram("http_request_duration_seconds", &app, day(), &[0.1, 1.0], |_| vec![3.0, 0.0, 0.0])
    };
    stacks.push(Stack::new(
        "decoy: probes beside measured users",
        probes("/healthz"),
        vec![load(150.0), clear()],
    ));
    let dead = shop().redis(
        &[("instance", "gone:9121")],
        crate::support::prometheus::Span::before(END - DAY / 2, DAY / 2, 60),
        |_| 0.97 * GIB,
        GIB,
    );
    stacks.push(Stack::new("decoy: an exporter that stopped twelve hours ago", dead, vec![clear()]));
    let unlimited = [("instance", "redis-9:9121")];
    let unlimited = shop().gauge("redis_memory_used_bytes", &unlimited, day(), |_| 3.0 * GIB).gauge(
        "redis_memory_max_bytes",
        &unlimited,
        day(),
        |_| 0.0,
    );
    stacks.push(Stack::new("decoy: a Redis without a limit", unlimited, vec![clear()]));
    let hpa = [("namespace", "shop"), ("horizontalpodautoscaler", "api"), ("instance", "ksm:8080")];
    let burst = shop()
        .gauge("kube_horizontalpodautoscaler_status_current_replicas", &hpa, day(), |at| {
            if (at / 60) % 240 < 2 { 10.0 } else { 4.0 }
        })
        .gauge("kube_horizontalpodautoscaler_spec_max_replicas", &hpa, day(), |_| 10.0)
        .gauge("kube_horizontalpodautoscaler_spec_min_replicas", &hpa, day(), |_| 2.0);
    stacks.push(Stack::new("decoy: short bursts of an autoscaler", burst, vec![clear()]));
    let fixed = shop()
        .gauge("kube_horizontalpodautoscaler_status_current_replicas", &hpa, day(), |_| 4.0)
        .gauge("kube_horizontalpodautoscaler_spec_max_replicas", &hpa, day(), |_| 4.0)
        .gauge("kube_horizontalpodautoscaler_spec_min_replicas", &hpa, day(), |_| 4.0);
    stacks.push(Stack::new("decoy: a fixed number of replicas", fixed, vec![clear()]));
    stacks
}

fn file_systems() -> Vec<Stack> {
    let mut stacks = Vec::new();
    for (fstype, mountpoint) in [
        ("squashfs", "/snap/core/1"),
        ("erofs", "/usr"),
        ("iso9660", "/media/cd"),
        ("tmpfs", "/run/lock"),
        ("overlay", "/var/lib/containers/x/merged"),
    ] {
        let labels = [
            ("instance", "app-1:9100"),
            ("mountpoint", mountpoint),
            ("fstype", fstype),
            ("device", "/dev/loop3"),
        ];
        let data = shop()
            .gauge("node_filesystem_size_bytes", &labels, day(), |_| GIB)
            .gauge("node_filesystem_free_bytes", &labels, day(), |_| 0.0)
            .gauge("node_filesystem_avail_bytes", &labels, day(), |_| 0.0)
            .gauge("node_filesystem_readonly", &labels, day(), |_| f64::from(u8::from(fstype != "tmpfs")));
        stacks.push(Stack::new(
            format!("decoy: a full {fstype}"),
            data,
            vec![clear(), row_count("host.disk", 1)],
        ));
    }
    let labels = [
        ("instance", "app-1:9100"),
        ("mountpoint", "/boot/image"),
        ("fstype", "ext4"),
        ("device", "/dev/vdb"),
    ];
    let data = shop()
        .gauge("node_filesystem_size_bytes", &labels, day(), |_| GIB)
        .gauge("node_filesystem_free_bytes", &labels, day(), |_| 0.0)
        .gauge("node_filesystem_avail_bytes", &labels, day(), |_| 0.0)
        .gauge("node_filesystem_readonly", &labels, day(), |_| 1.0);
    stacks.push(Stack::new("decoy: a read-only ext4", data, vec![clear(), row_count("host.disk", 1)]));
    stacks
}

fn machines() -> Vec<Stack> {
    let host = [("instance", "db-1:9100")];
    let batch = |at: i64| if (at - (END - 5 * 3600)).abs() < 240 { 0.99 } else { 0.3 };
    let mut waits = shop();
    for core in ["0", "1"] {
        for (mode, share) in [("iowait", 0.6), ("user", 0.2), ("idle", 0.2)] {
            let labels = with(&[("instance", "io:9100")], &[("cpu", core), ("mode", mode)]);
            waits = waits.counter("node_cpu_seconds_total", &labels, day(), move |_| share);
        }
    }
    let cache = Backfill::default()
        .users(&[("instance", "app-1:3005")], day(), |_| 150.0)
        .gauge("node_memory_MemTotal_bytes", &host, day(), |_| 8.0 * GIB)
        .gauge("node_memory_MemFree_bytes", &host, day(), |_| 0.1 * GIB)
        .gauge("node_memory_Cached_bytes", &host, day(), |_| 5.5 * GIB)
        .gauge("node_memory_MemAvailable_bytes", &host, day(), |_| 5.2 * GIB);
    vec![
        Stack::new(
            "decoy: a nightly batch of eight minutes",
            shop().host(&host, day(), batch, |_| 0.4, |_| 0.4),
            vec![clear()],
        ),
        Stack::new("decoy: waiting for disks is no use of CPU", waits, vec![clear()]),
        Stack::new("decoy: memory that only caches files", cache, vec![clear()]),
    ]
}
