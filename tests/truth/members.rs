//! Members of a group that differ, of which the worst must not hide behind the others: pods, pools, probes, nodes,
//! consumers.

use crate::{
    answer::{Claim, clear, load, next, row_count},
    parts::{Parts, day, shop},
    stack::Stack,
    support::prometheus::Backfill,
    systems::with_lines_over,
};

fn stack(name: &str, data: Backfill, lines: &str, claims: Vec<Claim>) -> Stack {
    Stack::new(format!("member: {name}"), with_lines_over(day(), data, lines), claims)
}

pub(crate) fn stacks() -> Vec<Stack> {
    let mut stacks = pods();
    stacks.extend(pools());
    stacks.extend(consumers());
    stacks.extend(nodes());
    stacks.extend(probes());
    stacks.push(sidecars());
    stacks
}

/// Pods of one workload with limits of their own, as during a rollout.
fn pods() -> Vec<Stack> {
    let memory = r#"
        container_memory_working_set_bytes{namespace="shop",pod="api-7d4b9c6f5d-x8k2m",container="api",instance="node-1:10250"} 523000000
        container_memory_working_set_bytes{namespace="shop",pod="api-5c6f7d8b9f-q9w2z",container="api",instance="node-1:10250"} 210000000
    "#;
    let limits = |resource: &str, small: &str, large: &str| {
        format!(
            r#"
            kube_pod_container_resource_limits{{namespace="shop",pod="api-7d4b9c6f5d-x8k2m",container="api",resource="{resource}",instance="ksm:8080"}} {small}
            kube_pod_container_resource_limits{{namespace="shop",pod="api-5c6f7d8b9f-q9w2z",container="api",resource="{resource}",instance="ksm:8080"}} {large}
            "#
        )
    };
    let spec = r#"
        container_spec_memory_limit_bytes{namespace="shop",pod="api-7d4b9c6f5d-x8k2m",container="api",instance="node-1:10250"} 536870912
        container_spec_memory_limit_bytes{namespace="shop",pod="api-5c6f7d8b9f-q9w2z",container="api",instance="node-1:10250"} 1073741824
    "#;
    let cpu = r#"
        container_cpu_usage_seconds_total{namespace="shop",pod="api-7d4b9c6f5d-x8k2m",container="api",instance="node-1:10250"} 0.98/s
        container_cpu_usage_seconds_total{namespace="shop",pod="api-5c6f7d8b9f-q9w2z",container="api",instance="node-1:10250"} 0.5/s
    "#;
    let full =
        |name: &str, lines: &str, resource| stack(name, shop(), lines, vec![next(resource, "shop/api")]);
    let finished = format!(
        r#"{memory}{}
        kube_pod_container_resource_limits{{namespace="shop",pod="api-6f7d8b9fcc-zzzz4",container="api",resource="memory",instance="ksm:8080"}} 1000000
        "#,
        limits("memory", "1073741824", "1073741824")
    );
    vec![
        full(
            "memory of a pod beside one with a higher limit",
            &(memory.to_owned() + &limits("memory", "536870912", "1073741824")),
            "app.memory",
        ),
        full(
            "memory of a pod beside one with a higher limit, by cAdvisor alone",
            &(memory.to_owned() + spec),
            "app.memory",
        ),
        full(
            "CPU of a pod beside one with a higher limit",
            &(cpu.to_owned() + &limits("cpu", "1", "4")),
            "container.cpu",
        ),
        stack("a pod that has ended with a low limit", shop(), &finished, vec![clear()]),
    ]
}

/// PHP-FPM calls the pool of every machine `www`.
fn pools() -> Vec<Stack> {
    let lines = r#"
        phpfpm_active_processes{instance="web-1:9253",pool="www"} 10
        phpfpm_max_active_processes{instance="web-1:9253",pool="www"} 10
        phpfpm_max_children_reached{instance="web-1:9253",pool="www"} 5
        phpfpm_active_processes{instance="web-2:9253",pool="www"} 12
        phpfpm_max_active_processes{instance="web-2:9253",pool="www"} 50
        phpfpm_max_children_reached{instance="web-2:9253",pool="www"} 1
    "#;
    vec![stack(
        "a full pool beside a larger one of its name",
        shop(),
        lines,
        vec![next("php.processes", "web-1")],
    )]
}

fn consumers() -> Vec<Stack> {
    let topic = |lag: &str, read: &str| {
        format!(
            r#"
            kafka_consumergroup_lag{{instance="ke:9308",consumergroup="billing",topic="orders",partition="0"}} {lag}
            kafka_consumergroup_current_offset{{instance="ke:9308",consumergroup="billing",topic="orders",partition="0"}} {read}
            kafka_topic_partition_current_offset{{instance="ke:9308",topic="orders",partition="0"}} 2/s
            "#
        )
    };
    let stopped = vec![next("kafka.lag_time", "billing/orders")];
    vec![
        stack("consumers that read nothing any more", shop(), &topic("70000", "0/s"), stopped),
        stack("consumers that have read everything", shop(), &topic("0", "0/s"), vec![clear()]),
        stack("consumers that read all the time", shop(), &topic("20", "2/s"), vec![clear()]),
    ]
}

fn nodes() -> Vec<Stack> {
    let node = |name: &str, requested: &str, cordoned: &str| {
        format!(
            r#"
            kube_pod_container_resource_requests{{namespace="shop",pod="api-{name}",container="api",node="{name}",resource="cpu",instance="ksm:8080"}} {requested}
            kube_pod_status_phase{{namespace="shop",pod="api-{name}",phase="Running",instance="ksm:8080"}} 1
            kube_node_status_allocatable{{node="{name}",resource="cpu",instance="ksm:8080"}} 4
            kube_node_spec_unschedulable{{node="{name}",instance="ksm:8080"}} {cordoned}
            "#
        )
    };
    let lines = |cordoned: &str| node("a", "3.9", "0") + &node("b", "3.9", "0") + &node("c", "0.4", cordoned);
    let read_only = r#"
        node_filesystem_files{instance="app-1:9100",mountpoint="/mnt/image",fstype="ext4",device="/dev/vdb"} 65536
        node_filesystem_files_free{instance="app-1:9100",mountpoint="/mnt/image",fstype="ext4",device="/dev/vdb"} 0
        node_filesystem_readonly{instance="app-1:9100",mountpoint="/mnt/image",fstype="ext4",device="/dev/vdb"} 1
    "#;
    vec![
        stack("room on a cordoned node only", shop(), &lines("1"), vec![next("k8s.cpu_requests", "")]),
        stack("room on one of three nodes", shop(), &lines("0"), vec![clear()]),
        stack(
            "inodes of a read-only file system",
            shop(),
            read_only,
            vec![clear(), row_count("host.inodes", 0)],
        ),
    ]
}

/// Probes are as many as requests of users, and neither their speed nor their failures are those of users.
fn probes() -> Vec<Stack> {
    let answers = |path: &'static str, status: &'static str, data: Backfill, counts: Vec<f64>| {
        let labels = [("instance", "app-1:3005"), ("path", path), ("status_code", status)];
        data.histogram(
            "http_request_duration_seconds",
            &labels,
            day(),
            &[0.1, 0.5, 1.0, 5.0, 10.0],
            move |_| counts.clone(),
        )
    };
    let slow = answers("/checkout", "200", shop(), vec![0.0, 0.1, 0.1, 0.2, 3.0, 0.0]);
    let slow = answers("/healthz", "200", slow, vec![90.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    let clinic = answers("/healthcare/visits", "200", shop(), vec![0.0, 0.1, 0.1, 0.2, 3.0, 0.0]);
    let clinic = answers("/readiness", "200", clinic, vec![90.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    let failing = answers("/checkout", "200", shop(), vec![3.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    let failing = answers("/readyz", "503", failing, vec![1.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    let hidden = answers("/checkout", "200", shop(), vec![1.8, 0.0, 0.0, 0.0, 0.0, 0.0]);
    let hidden = answers("/checkout", "500", hidden, vec![0.2, 0.0, 0.0, 0.0, 0.0, 0.0]);
    let hidden = answers("/metrics", "200", hidden, vec![60.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    vec![
        stack("slow answers among many fast probes", slow, "", vec![next("app.latency", "")]),
        stack("slow answers of what is named like a probe", clinic, "", vec![next("app.latency", "")]),
        stack("errors among many probes", hidden, "", vec![next("app.errors", "")]),
        stack("probes of a server that is not ready", failing, "", vec![clear()]),
    ]
}

/// What a sidecar sends on is counted by the service that receives it.
fn sidecars() -> Stack {
    let lines = r#"
        envoy_http_downstream_rq_total{instance="e:9901",job="edge",envoy_http_conn_manager_prefix="ingress_http"} 40/s
        envoy_http_downstream_rq_total{instance="e:9901",job="edge",envoy_http_conn_manager_prefix="egress_http"} 120/s
    "#;
    // Forty requests a second of ten a minute for each user.
    stack(
        "what a sidecar sends on",
        Backfill::default().host(&[("instance", "app-1:9100")], day(), |_| 0.3, |_| 0.4, |_| 0.5),
        lines,
        vec![load(240.0)],
    )
}
