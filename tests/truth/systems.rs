//! Systems that people run, each with one thing near its wall beside a healthy shop, as its exporter shows it.

use crate::{
    answer::{Claim, clear, load, next},
    parts::{Parts, day, shop},
    stack::Stack,
    support::prometheus::{Backfill, Span},
};

/// Adds lines of an exposition over the last day.
fn with_lines(history: Backfill, text: &str) -> Backfill {
    with_lines_over(day(), history, text)
}

/// Adds lines of an exposition over some time: `name{label="value"} 5` is a gauge, `… 5/s` a counter of that rate.
pub(crate) fn with_lines_over(span: Span, mut history: Backfill, text: &str) -> Backfill {
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (series, value) = line.rsplit_once(' ').expect("a line has a value");
        let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
        let pairs = labels.trim_end_matches('}').split("\",").filter(|pair| !pair.is_empty());
        let pairs: Vec<(&str, &str)> = pairs
            .map(|pair| pair.split_once("=\"").expect("a label has a value"))
            .map(|(label, value)| (label.trim(), value.trim_end_matches('"')))
            .collect();
        history = if let Some(rate) = value.strip_suffix("/s") {
            let rate: f64 = rate.parse().expect("a rate");
            history.counter(name, &pairs, span, move |_| rate)
        } else {
            let value: f64 = value.parse().expect("a value");
            history.gauge(name, &pairs, span, move |_| value)
        };
    }
    history
}

fn stack(name: &str, lines: &str, claims: Vec<Claim>) -> Stack {
    Stack::new(format!("system: {name}"), with_lines(shop(), lines), claims)
}

fn named(name: &str, resource: &'static str, instance: &'static str, lines: &str) -> Stack {
    stack(name, lines, vec![next(resource, instance)])
}

/// A system beside users alone.
fn on_its_own(name: &str, resource: &'static str, instance: &'static str, lines: &str) -> Stack {
    let users = Backfill::default().users(&[("instance", "app-1:3005")], day(), |_| 150.0);
    Stack::new(format!("system: {name}"), with_lines(users, lines), vec![next(resource, instance)])
}

pub(crate) fn stacks() -> Vec<Stack> {
    let mut stacks = kubernetes();
    stacks.extend(machines());
    stacks.extend(stores());
    stacks.extend(messaging());
    stacks.extend(applications());
    stacks.extend(models());
    stacks.extend(decoys());
    stacks.extend(loads());
    stacks
}

#[expect(clippy::too_many_lines, reason = "a list of stacks")]
fn kubernetes() -> Vec<Stack> {
    let container = |limit: &str| {
        format!(
            r#"
            container_memory_working_set_bytes{{namespace="shop",pod="api-7d4b9c6f5d-x8k2m",container="api",instance="node-1:10250"}} 520000000
            kube_pod_container_resource_limits{{namespace="shop",pod="api-7d4b9c6f5d-x8k2m",container="api",resource="memory",unit="byte",instance="ksm:8080"}} {limit}
            "#
        )
    };
    vec![
        named(
            "a container at its memory limit, without container_spec",
            "app.memory",
            "shop/api",
            &container("536870912"),
        ),
        stack("a container far from its memory limit", &container("1073741824"), vec![clear()]),
        named(
            "a container at its CPU limit",
            "container.cpu",
            "shop/api",
            r#"
            container_cpu_usage_seconds_total{namespace="shop",pod="api-7d4b9c6f5d-x8k2m",container="api",instance="node-1:10250"} 0.98/s
            kube_pod_container_resource_limits{namespace="shop",pod="api-7d4b9c6f5d-x8k2m",container="api",resource="cpu",unit="core",instance="ksm:8080"} 1
            "#,
        ),
        named(
            "a full volume",
            "k8s.volume",
            "shop/data-db-0",
            r#"
            kubelet_volume_stats_used_bytes{namespace="shop",persistentvolumeclaim="data-db-0",instance="node-1:10250"} 96000000000
            kubelet_volume_stats_capacity_bytes{namespace="shop",persistentvolumeclaim="data-db-0",instance="node-1:10250"} 100000000000
            kubelet_volume_stats_used_bytes{namespace="shop",persistentvolumeclaim="data-db-1",instance="node-2:10250"} 36000000000
            kubelet_volume_stats_capacity_bytes{namespace="shop",persistentvolumeclaim="data-db-1",instance="node-2:10250"} 100000000000
            "#,
        ),
        named(
            "a volume without inodes",
            "k8s.volume_inodes",
            "shop/mail",
            r#"
            kubelet_volume_stats_inodes_used{namespace="shop",persistentvolumeclaim="mail",instance="node-1:10250"} 6400000
            kubelet_volume_stats_inodes{namespace="shop",persistentvolumeclaim="mail",instance="node-1:10250"} 6553600
            "#,
        ),
        named(
            "no CPU left for pods",
            "k8s.cpu_requests",
            "",
            r#"
            kube_pod_container_resource_requests{namespace="shop",pod="api-1",container="api",node="node-1",resource="cpu",unit="core",instance="ksm:8080"} 3.8
            kube_pod_container_resource_requests{namespace="shop",pod="api-2",container="api",node="node-2",resource="cpu",unit="core",instance="ksm:8080"} 3.9
            kube_pod_container_resource_requests{namespace="shop",pod="done-1",container="job",node="node-2",resource="cpu",unit="core",instance="ksm:8080"} 3
            kube_pod_status_phase{namespace="shop",pod="api-1",phase="Running",instance="ksm:8080"} 1
            kube_pod_status_phase{namespace="shop",pod="api-2",phase="Running",instance="ksm:8080"} 1
            kube_pod_status_phase{namespace="shop",pod="done-1",phase="Succeeded",instance="ksm:8080"} 1
            kube_node_status_allocatable{node="node-1",resource="cpu",unit="core",instance="ksm:8080"} 4
            kube_node_status_allocatable{node="node-2",resource="cpu",unit="core",instance="ksm:8080"} 4
            "#,
        ),
        named(
            "no memory left for pods",
            "k8s.memory_requests",
            "",
            r#"
            kube_pod_container_resource_requests{namespace="shop",pod="api-1",container="api",node="node-1",resource="memory",unit="byte",instance="ksm:8080"} 15500000000
            kube_node_status_allocatable{node="node-1",resource="memory",unit="byte",instance="ksm:8080"} 16000000000
            "#,
        ),
        named(
            "a used up quota",
            "k8s.quota",
            "shop/compute/limits.cpu",
            r#"
            kube_resourcequota{namespace="shop",resourcequota="compute",resource="limits.cpu",type="used",instance="ksm:8080"} 19.5
            kube_resourcequota{namespace="shop",resourcequota="compute",resource="limits.cpu",type="hard",instance="ksm:8080"} 20
            kube_resourcequota{namespace="shop",resourcequota="compute",resource="pods",type="used",instance="ksm:8080"} 3
            kube_resourcequota{namespace="shop",resourcequota="compute",resource="pods",type="hard",instance="ksm:8080"} 50
            "#,
        ),
        named(
            "pods that wait for a node",
            "k8s.pending_pods",
            "shop",
            r#"
            kube_pod_status_phase{namespace="shop",pod="api-1",phase="Pending",instance="ksm:8080"} 1
            kube_pod_status_phase{namespace="shop",pod="api-2",phase="Pending",instance="ksm:8080"} 1
            kube_pod_status_phase{namespace="shop",pod="api-3",phase="Running",instance="ksm:8080"} 1
            "#,
        ),
    ]
}

#[expect(clippy::too_many_lines, reason = "a list of stacks")]
fn machines() -> Vec<Stack> {
    vec![
        named(
            "no file handles left on a machine",
            "host.open_files",
            "db-1",
            r#"
            node_filefd_allocated{instance="db-1:9100",job="node"} 98000
            node_filefd_maximum{instance="db-1:9100",job="node"} 100000
            "#,
        ),
        named(
            "no inodes left",
            "host.inodes",
            "mail-1:9100 /var",
            r#"
            node_filesystem_files{instance="mail-1:9100",mountpoint="/var",fstype="ext4",device="/dev/vdb"} 6553600
            node_filesystem_files_free{instance="mail-1:9100",mountpoint="/var",fstype="ext4",device="/dev/vdb"} 130000
            "#,
        ),
        named(
            "a full connection tracking table",
            "host.conntrack",
            "gw-1",
            r#"
            node_nf_conntrack_entries{instance="gw-1:9100"} 255000
            node_nf_conntrack_entries_limit{instance="gw-1:9100"} 262144
            "#,
        ),
        named(
            "a busy network link",
            "host.link",
            "gw-1:9100 eth0",
            r#"
            node_network_transmit_bytes_total{instance="gw-1:9100",device="eth0"} 119000000/s
            node_network_receive_bytes_total{instance="gw-1:9100",device="eth0"} 9000000/s
            node_network_speed_bytes{instance="gw-1:9100",device="eth0"} 125000000
            "#,
        ),
        named(
            "a process without file descriptors",
            "process.open_files",
            "gate-1",
            r#"
            process_open_fds{instance="gate-1:8080",job="gate"} 1004
            process_max_fds{instance="gate-1:8080",job="gate"} 1024
            process_open_fds{instance="gate-2:8080",job="gate"} 100
            process_max_fds{instance="gate-2:8080",job="gate"} 1024
            "#,
        ),
        named(
            "ports towards other servers",
            "host.ephemeral_ports",
            "gw-1",
            r#"
            node_sockstat_TCP_inuse{instance="gw-1:9100"} 9000
            node_sockstat_TCP_tw{instance="gw-1:9100"} 45000
            node_netstat_Tcp_ActiveOpens{instance="gw-1:9100"} 500/s
            node_netstat_Tcp_PassiveOpens{instance="gw-1:9100"} 500/s
            node_sysctl_net_ipv4_ip_local_port_range{instance="gw-1:9100",index="0"} 32768
            node_sysctl_net_ipv4_ip_local_port_range{instance="gw-1:9100",index="1"} 60999
            "#,
        ),
        named(
            "an old kernel without entropy",
            "host.entropy",
            "gw-1",
            r#"node_entropy_available_bits{instance="gw-1:9100"} 42"#,
        ),
        named(
            "the CPU of a Windows machine beside Linux",
            "host.cpu",
            "win-1",
            r#"
            windows_cpu_time_total{instance="win-1:9182",core="0,0",mode="user"} 0.97/s
            windows_cpu_time_total{instance="win-1:9182",core="0,0",mode="idle"} 0.03/s
            "#,
        ),
        named(
            "the memory of a Windows machine beside Linux",
            "host.memory",
            "win-2",
            r#"
            windows_memory_physical_total_bytes{instance="win-1:9182"} 16000000000
            windows_memory_physical_free_bytes{instance="win-1:9182"} 9000000000
            windows_cs_physical_memory_bytes{instance="win-2:9182"} 16000000000
            windows_os_physical_memory_free_bytes{instance="win-2:9182"} 300000000
            "#,
        ),
        on_its_own(
            "the CPU of a Windows machine",
            "host.cpu",
            "win-1",
            r#"
            windows_cpu_time_total{instance="win-1:9182",core="0,0",mode="user"} 0.97/s
            windows_cpu_time_total{instance="win-1:9182",core="0,0",mode="idle"} 0.03/s
            "#,
        ),
        on_its_own(
            "the disk of a Windows machine",
            "host.disk",
            "win-1:9182 D:",
            r#"
            windows_logical_disk_size_bytes{instance="win-1:9182",volume="D:"} 500000000000
            windows_logical_disk_free_bytes{instance="win-1:9182",volume="D:"} 15000000000
            "#,
        ),
    ]
}

#[expect(clippy::too_many_lines, reason = "a list of stacks")]
fn stores() -> Vec<Stack> {
    vec![
        named(
            "MySQL connections",
            "mysql.connections",
            "db-3",
            r#"
            mysql_global_status_threads_connected{instance="db-3:9104"} 147
            mysql_global_variables_max_connections{instance="db-3:9104"} 151
            "#,
        ),
        named(
            "a MySQL replica that fell behind",
            "mysql.replication_lag",
            "db-4",
            r#"mysql_slave_status_seconds_behind_master{instance="db-4:9104",master_host="db-3"} 900"#,
        ),
        named(
            "the heap of Elasticsearch",
            "elasticsearch.heap",
            "es-2",
            r#"
            elasticsearch_jvm_memory_used_bytes{instance="exporter:9114",name="es-1",area="heap",cluster="logs"} 2000000000
            elasticsearch_jvm_memory_max_bytes{instance="exporter:9114",name="es-1",area="heap",cluster="logs"} 4000000000
            elasticsearch_jvm_memory_used_bytes{instance="exporter:9114",name="es-2",area="heap",cluster="logs"} 3900000000
            elasticsearch_jvm_memory_max_bytes{instance="exporter:9114",name="es-2",area="heap",cluster="logs"} 4000000000
            "#,
        ),
        named(
            "the disk of Elasticsearch",
            "elasticsearch.disk",
            "es-1",
            r#"
            elasticsearch_filesystem_data_available_bytes{instance="exporter:9114",name="es-1",path="/data"} 30000000000
            elasticsearch_filesystem_data_size_bytes{instance="exporter:9114",name="es-1",path="/data"} 500000000000
            "#,
        ),
        named(
            "the quota of etcd",
            "etcd.database",
            "etcd-0",
            r#"
            etcd_mvcc_db_total_size_in_bytes{instance="etcd-0:2379"} 2080000000
            etcd_server_quota_backend_bytes{instance="etcd-0:2379"} 2147483648
            "#,
        ),
        named(
            "parts of ClickHouse",
            "clickhouse.parts",
            "ch-1",
            r#"ClickHouseAsyncMetrics_MaxPartCountForPartition{instance="ch-1:9363"} 2900"#,
        ),
        named(
            "the disk of ClickHouse",
            "clickhouse.disk",
            "ch-1",
            r#"
            ClickHouseAsyncMetrics_DiskUsed_default{instance="ch-1:9363"} 970000000000
            ClickHouseAsyncMetrics_DiskTotal_default{instance="ch-1:9363"} 1000000000000
            "#,
        ),
        named(
            "connections of Memcached",
            "memcached.connections",
            "mc-1",
            r#"
            memcached_current_connections{instance="mc-1:9150"} 1010
            memcached_max_connections{instance="mc-1:9150"} 1024
            "#,
        ),
        named(
            "the pool of PgBouncer",
            "pgbouncer.pool",
            "shop/app",
            r#"
            pgbouncer_pools_server_active_connections{instance="pgb-1:9127",database="shop",user="app"} 20
            pgbouncer_databases_pool_size{instance="pgb-1:9127",name="shop",database="shop",host="db-1"} 20
            "#,
        ),
        named(
            "the quota of Milvus",
            "milvus.storage",
            "",
            r#"
            milvus_datacoord_stored_binlog_size{instance="milvus-0:9091",db_name="default",collection_id="1",segment_state="Flushed"} 93000000000
            milvus_datacoord_stored_binlog_size{instance="milvus-0:9091",db_name="default",collection_id="2",segment_state="Flushed"} 5000000000
            milvus_rootcoord_disk_quota{instance="milvus-0:9091",node_id="1",scope="cluster"} 100000000000
            "#,
        ),
        named(
            "the volume of Chroma",
            "k8s.volume",
            "ai/chroma-data",
            r#"
            collection_query_total{instance="otel:8889",otel_scope_name="chroma",exported_job="chromadb"} 4/s
            kubelet_volume_stats_used_bytes{namespace="ai",persistentvolumeclaim="chroma-data",instance="node-1:10250"} 97000000000
            kubelet_volume_stats_capacity_bytes{namespace="ai",persistentvolumeclaim="chroma-data",instance="node-1:10250"} 100000000000
            "#,
        ),
        named(
            "vectors that outgrow the memory of Qdrant",
            "vector.memory_needed",
            "qdrant-1",
            r#"
            collections_total{instance="qdrant-1:6333",job="qdrant"} 3
            collections_vector_total{instance="qdrant-1:6333",job="qdrant"} 950000
            memory_resident_bytes{instance="qdrant-1:6333",job="qdrant"} 3000000000
            collections_total{instance="qdrant-2:6333",job="qdrant"} 3
            collections_vector_total{instance="qdrant-2:6333",job="qdrant"} 400000
            memory_resident_bytes{instance="qdrant-2:6333",job="qdrant"} 3000000000
            "#,
        )
        .profile("node-qdrant-saas")
        .settings("[facts]\nvector_dimensions = 1536\n"),
        named(
            "clients of PgBouncer",
            "pgbouncer.pool",
            "pgb-1",
            r#"
            pgbouncer_used_clients{instance="pgb-1:9127"} 98
            pgbouncer_config_max_client_connections{instance="pgb-1:9127"} 100
            "#,
        ),
        named(
            "the CPU of a managed database",
            "rds.cpu",
            "shop-db",
            r#"aws_rds_cpuutilization_average{instance="cw:9106",job="aws_rds",dbinstance_identifier="shop-db"} 97"#,
        ),
        named(
            "the memory of a managed Redis",
            "elasticache.memory",
            "shop-cache-001",
            r#"aws_elasticache_database_memory_usage_percentage_average{instance="yace:5000",dimension_CacheClusterId="shop-cache-001"} 97"#,
        ),
    ]
}

fn messaging() -> Vec<Stack> {
    vec![
        named(
            "the memory of RabbitMQ",
            "broker.memory",
            "mq-1",
            r#"
            rabbitmq_process_resident_memory_bytes{instance="mq-1:15692"} 3250000000
            rabbitmq_resident_memory_limit_bytes{instance="mq-1:15692"} 3300000000
            "#,
        ),
        named(
            "file descriptors of RabbitMQ",
            "broker.open_files",
            "mq-1",
            r#"
            rabbitmq_process_open_fds{instance="mq-1:15692"} 1000
            rabbitmq_process_max_fds{instance="mq-1:15692"} 1024
            "#,
        ),
        named(
            "an alarm of RabbitMQ",
            "broker.alarms",
            "mq-1",
            r#"
            rabbitmq_alarms_memory_used_watermark{instance="mq-1:15692"} 0
            rabbitmq_alarms_free_disk_space_watermark{instance="mq-1:15692"} 1
            "#,
        ),
        named(
            "Kafka consumers that cannot follow",
            "kafka.lag_time",
            "billing/orders",
            r#"
            kafka_consumergroup_lag{instance="ke:9308",consumergroup="billing",topic="orders",partition="0"} 400000
            kafka_consumergroup_current_offset{instance="ke:9308",consumergroup="billing",topic="orders",partition="0"} 100/s
            "#,
        ),
        stack(
            "Kafka consumers that follow",
            r#"
            kafka_consumergroup_lag{instance="ke:9308",consumergroup="billing",topic="orders",partition="0"} 4000
            kafka_consumergroup_current_offset{instance="ke:9308",consumergroup="billing",topic="orders",partition="0"} 1000/s
            "#,
            vec![clear()],
        ),
        named(
            "the storage of NATS",
            "nats.storage",
            "nats-0",
            r#"
            gnatsd_varz_jetstream_stats_storage{instance="nats-0:7777"} 9700000000
            gnatsd_varz_jetstream_config_max_storage{instance="nats-0:7777"} 10000000000
            "#,
        ),
        named(
            "connections of NATS",
            "nats.connections",
            "nats-0",
            r#"
            gnatsd_varz_connections{instance="nats-0:7777"} 62000
            gnatsd_varz_max_connections{instance="nats-0:7777"} 65536
            "#,
        ),
    ]
}

#[expect(clippy::too_many_lines, reason = "a list of stacks")]
fn applications() -> Vec<Stack> {
    vec![
        named(
            "the heap of a JVM",
            "jvm.heap",
            "orders-1",
            r#"
            jvm_memory_used_bytes{instance="orders-1:8080",area="heap",id="G1 Eden Space"} 20000000
            jvm_memory_used_bytes{instance="orders-1:8080",area="heap",id="G1 Old Gen"} 1030000000
            jvm_memory_max_bytes{instance="orders-1:8080",area="heap",id="G1 Eden Space"} -1
            jvm_memory_max_bytes{instance="orders-1:8080",area="heap",id="G1 Old Gen"} 1073741824
            "#,
        ),
        named(
            "the Hikari pool of one of three pods",
            "app.pool",
            "orders",
            r#"
            hikaricp_connections_active{instance="10.0.0.1:8080",pod="orders-7d4b9c6f5d-x8k2m",namespace="shop",pool="main"} 2
            hikaricp_connections_max{instance="10.0.0.1:8080",pod="orders-7d4b9c6f5d-x8k2m",namespace="shop",pool="main"} 10
            hikaricp_connections_active{instance="10.0.0.2:8080",pod="orders-7d4b9c6f5d-q7w2m",namespace="shop",pool="main"} 10
            hikaricp_connections_max{instance="10.0.0.2:8080",pod="orders-7d4b9c6f5d-q7w2m",namespace="shop",pool="main"} 10
            "#,
        ),
        named(
            "Tomcat threads",
            "tomcat.threads",
            "orders-1",
            r#"
            tomcat_threads_busy_threads{instance="orders-1:8080",name="http-nio-8080"} 198
            tomcat_threads_config_max_threads{instance="orders-1:8080",name="http-nio-8080"} 200
            "#,
        ),
        named(
            "a Python process on its one core",
            "python.cpu",
            "api-2",
            r#"
            python_info{instance="api-1:8000",job="api",implementation="CPython",version="3.12.4"} 1
            process_cpu_seconds_total{instance="api-1:8000",job="api"} 0.3/s
            python_info{instance="api-2:8000",job="api",implementation="CPython",version="3.12.4"} 1
            process_cpu_seconds_total{instance="api-2:8000",job="api"} 0.98/s
            "#,
        ),
        named(
            "Puma threads",
            "puma.threads",
            "web-1",
            r#"
            puma_max_threads{instance="web-1:9394",index="0"} 5
            puma_max_threads{instance="web-1:9394",index="1"} 5
            puma_pool_capacity{instance="web-1:9394",index="0"} 0
            puma_pool_capacity{instance="web-1:9394",index="1"} 0
            "#,
        ),
        named(
            "the queue of PHP-FPM",
            "php.listen_queue",
            "php-1",
            r#"phpfpm_listen_queue{instance="php-1:9253",pool="www"} 40"#,
        ),
        named(
            "the thread pool of .NET",
            "dotnet.thread_pool_queue",
            "api-1",
            r#"process_runtime_dotnet_thread_pool_queue_length{instance="api-1:9464"} 900"#,
        ),
        named(
            "sessions of HAProxy",
            "haproxy.frontend_sessions",
            "www",
            r#"
            haproxy_frontend_current_sessions{instance="lb-1:8404",proxy="www"} 1980
            haproxy_frontend_limit_sessions{instance="lb-1:8404",proxy="www"} 2000
            "#,
        ),
        named(
            "Apache workers",
            "apache.workers",
            "web-1",
            r#"
            apache_workers{instance="web-1:9117",state="busy"} 148
            apache_workers{instance="web-1:9117",state="idle"} 2
            apache_scoreboard{instance="web-1:9117",state="reply"} 148
            apache_scoreboard{instance="web-1:9117",state="idle"} 2
            "#,
        ),
    ]
}

/// One server with a language model of its own, as nobody had set it up for.
const EVERYTHING_AT_ONCE: &str = r#"
    kubelet_volume_stats_used_bytes{namespace="ai",persistentvolumeclaim="models",instance="node-1:10250"} 960000000000
    kubelet_volume_stats_capacity_bytes{namespace="ai",persistentvolumeclaim="models",instance="node-1:10250"} 1000000000000
    vllm:kv_cache_usage_perc{instance="vllm-0:8000",model_name="llama"} 0.98
    litellm_remaining_team_budget_metric{instance="litellm:4000",team="1",team_alias="search"} 0
    litellm_team_max_budget_metric{instance="litellm:4000",team="1",team_alias="search"} 100
    kube_pod_container_resource_requests{namespace="ai",pod="vllm-0",container="vllm",node="node-1",resource="memory",unit="byte",instance="ksm:8080"} 97000000000
    kube_node_status_allocatable{node="node-1",resource="memory",unit="byte",instance="ksm:8080"} 100000000000
    process_open_fds{instance="vllm-0:8000",job="vllm"} 1003
    process_max_fds{instance="vllm-0:8000",job="vllm"} 1024
    DCGM_FI_DEV_FB_USED{instance="dcgm:9400",Hostname="node-1",gpu="0"} 79200
    DCGM_FI_DEV_FB_FREE{instance="dcgm:9400",Hostname="node-1",gpu="0"} 800
"#;

fn models() -> Vec<Stack> {
    vec![
        named(
            "the KV cache of vLLM",
            "llm.kv_cache",
            "vllm-0",
            r#"vllm:gpu_cache_usage_perc{instance="vllm-0:8000",model_name="llama"} 0.98"#,
        ),
        named(
            "a budget that is nearly spent",
            "llm.budget",
            "team search",
            r#"
            litellm_remaining_team_budget_metric{instance="litellm:4000",team="1",team_alias="search"} 3
            litellm_team_max_budget_metric{instance="litellm:4000",team="1",team_alias="search"} 100
            litellm_remaining_team_budget_metric{instance="litellm:4000",team="2",team_alias="support"} 60
            litellm_team_max_budget_metric{instance="litellm:4000",team="2",team_alias="support"} 100
            "#,
        ),
        named(
            "the memory of a GPU",
            "gpu.memory",
            "node-1 0",
            r#"
            DCGM_FI_DEV_FB_USED{instance="dcgm:9400",Hostname="node-1",gpu="0"} 79000
            DCGM_FI_DEV_FB_FREE{instance="dcgm:9400",Hostname="node-1",gpu="0"} 800
            "#,
        ),
        stack(
            "everything at once",
            EVERYTHING_AT_ONCE,
            vec![next("llm.budget", "team search"), crate::answer::verdict("critical")],
        ),
    ]
}

/// What looks full and is healthy.
fn decoys() -> Vec<Stack> {
    [
        (
            "a full Memcached",
            r#"
            memcached_current_bytes{instance="mc-1:9150"} 66000000
            memcached_limit_bytes{instance="mc-1:9150"} 67108864
            "#,
        ),
        (
            "a busy GPU",
            r#"
            DCGM_FI_DEV_GPU_UTIL{instance="dcgm:9400",Hostname="node-1",gpu="0"} 100
            DCGM_FI_DEV_FB_USED{instance="dcgm:9400",Hostname="node-1",gpu="0"} 40000
            DCGM_FI_DEV_FB_FREE{instance="dcgm:9400",Hostname="node-1",gpu="0"} 40000
            "#,
        ),
        (
            "a full young generation",
            r#"
            jvm_memory_used_bytes{instance="orders-1:8080",area="heap",id="G1 Eden Space"} 300000000
            jvm_memory_used_bytes{instance="orders-1:8080",area="heap",id="G1 Old Gen"} 200000000
            jvm_memory_max_bytes{instance="orders-1:8080",area="heap",id="G1 Eden Space"} -1
            jvm_memory_max_bytes{instance="orders-1:8080",area="heap",id="G1 Old Gen"} 1073741824
            jvm_memory_committed_bytes{instance="orders-1:8080",area="heap",id="G1 Old Gen"} 210000000
            "#,
        ),
        (
            "no limit of file handles",
            r#"
            node_filefd_allocated{instance="db-1:9100"} 98000
            node_filefd_maximum{instance="db-1:9100"} 9223372036854775807
            "#,
        ),
        (
            "one packed node of two",
            r#"
            kube_pod_container_resource_requests{namespace="shop",pod="api-1",container="api",node="node-1",resource="cpu",unit="core",instance="ksm:8080"} 3.9
            kube_pod_container_resource_requests{namespace="shop",pod="api-2",container="api",node="node-2",resource="cpu",unit="core",instance="ksm:8080"} 1
            kube_node_status_allocatable{node="node-1",resource="cpu",unit="core",instance="ksm:8080"} 4
            kube_node_status_allocatable{node="node-2",resource="cpu",unit="core",instance="ksm:8080"} 4
            "#,
        ),
        (
            "a Python process that computes on all cores",
            r#"
            python_info{instance="train-1:8000",job="train",implementation="CPython",version="3.12.4"} 1
            process_cpu_seconds_total{instance="train-1:8000",job="train"} 7.6/s
            "#,
        ),
        (
            "a server with many clients and few connections of its own",
            r#"
            node_sockstat_TCP_inuse{instance="gw-1:9100"} 60000
            node_sockstat_TCP_tw{instance="gw-1:9100"} 9000
            node_netstat_Tcp_ActiveOpens{instance="gw-1:9100"} 2/s
            node_netstat_Tcp_PassiveOpens{instance="gw-1:9100"} 900/s
            node_sysctl_net_ipv4_ip_local_port_range{instance="gw-1:9100",index="0"} 32768
            node_sysctl_net_ipv4_ip_local_port_range{instance="gw-1:9100",index="1"} 60999
            "#,
        ),
        (
            "an executor without a bound",
            r#"
            executor_active_threads{instance="orders-1:8080",name="applicationTaskExecutor"} 8
            executor_pool_max_threads{instance="orders-1:8080",name="applicationTaskExecutor"} 2147483647
            "#,
        ),
    ]
    .into_iter()
    .map(|(name, lines)| stack(name, lines, vec![clear()]))
    .collect()
}

/// As many users as the roadmap takes to send forty requests a second: ten a minute each.
const USERS: f64 = 240.0;

/// Loads that other servers count: forty requests a second, and ten of probes where labels tell.
fn loads() -> Vec<Stack> {
    [
        ("Traefik", r#"traefik_entrypoint_requests_total{instance="t:8080",code="200",entrypoint="web"} 40/s"#),
        (
            "HAProxy",
            r#"
            haproxy_frontend_http_requests_total{instance="lb:8404",proxy="www"} 40/s
            haproxy_frontend_http_requests_total{instance="lb:8404",proxy="stats"} 10/s
            "#,
        ),
        (
            "Envoy",
            r#"
            envoy_http_downstream_rq_total{instance="e:9901",envoy_http_conn_manager_prefix="ingress"} 40/s
            envoy_http_downstream_rq_total{instance="e:9901",envoy_http_conn_manager_prefix="admin"} 10/s
            "#,
        ),
        ("an Istio sidecar", r#"istio_requests_total{instance="p:15020",reporter="destination",response_code="200"} 40/s"#),
        (
            "Caddy",
            r#"
            caddy_http_requests_total{instance="c:2019",server="srv0",handler="subroute"} 40/s
            caddy_http_requests_total{instance="c:2019",server="srv0",handler="reverse_proxy"} 38/s
            "#,
        ),
        ("ASP.NET", r#"http_requests_received_total{instance="a:80",code="200",controller="Orders"} 40/s"#),
        ("Flask", r#"flask_http_request_total{instance="f:5000",method="GET",status="200"} 40/s"#),
        ("Rails", r#"rails_requests_total{instance="r:9394",controller="orders",status="200"} 40/s"#),
        ("gunicorn", r#"gunicorn_requests{instance="g:9102"} 40/s"#),
        ("the old names of OpenTelemetry", r#"http_server_duration_milliseconds_count{instance="o:9464",http_route="/orders"} 40/s"#),
        ("a prefix of its own", r#"shop_http_requests_total{instance="s:8080",code="200"} 40/s"#),
        (
            "two applications with prefixes of their own",
            r#"
            blog_http_requests_total{instance="b:8080",job="blog",code="200"} 15/s
            shop_http_requests_total{instance="s:8080",job="shop",code="200"} 25/s
            "#,
        ),
        (
            "an application that counts its requests under several names",
            r#"
            axum_http_requests_total{instance="s:8080",job="shop",status="200"} 40/s
            shop_admin_http_requests_total{instance="s:8080",job="shop",code="200"} 1/s
            shop_http_request_duration_seconds_count{instance="s:8080",job="shop",code="200"} 39/s
            "#,
        ),
        ("axum", r#"axum_http_requests_total{instance="x:3000",method="GET",status="200",endpoint="/orders"} 40/s"#),
        (
            "probes beside users",
            r#"
            http_requests_total{instance="a-1:80",handler="/orders",status="2xx"} 40/s
            http_requests_total{instance="a-1:80",handler="/healthz",status="2xx"} 5/s
            http_requests_total{instance="a-1:80",handler="/metrics",status="2xx"} 5/s
            "#,
        ),
    ]
    .into_iter()
    .map(|(name, lines)| {
        let history = with_lines(Backfill::default(), lines);
        Stack::new(format!("load: {name}"), history, vec![load(USERS)])
    })
    .collect()
}
