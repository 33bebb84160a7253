//! What `init` writes for a stack is enough for `check` to name what runs out there.

use std::{
    path::Path,
    process::{Command, Output},
    time::SystemTime,
};

use serde_json::Value;

use crate::{
    parts::shop_over,
    support::{
        folder,
        prometheus::{Backfill, Span},
    },
    systems::with_lines_over,
};

/// Where nothing listens, so that none of this machine's servers is found.
const DEAD: &str = "127.0.0.1:1";

/// The last six hours: `init` knows no other time than now.
fn present() -> Span {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    Span::before(i64::try_from(now).unwrap(), 6 * 3600, 60)
}

fn program(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scale-advisor"));
    command.env_clear().current_dir(folder).args(arguments).output().unwrap()
}

/// The roadmap that `init` chooses for a server, and the resource and instance that `check` then names.
fn judged(history: &Backfill) -> (String, String, String) {
    let server = history.prometheus();
    let project = folder();
    let (dead_postgres, dead_redis) = (format!("postgres://{DEAD}"), format!("redis://{DEAD}"));
    let url = server.url();
    let arguments =
        ["init", "-q", "--prometheus", &url, "--postgres", &dead_postgres, "--redis", &dead_redis];
    let init = program(project.path(), &arguments);
    assert_eq!(init.status.code(), Some(0), "{}", String::from_utf8_lossy(&init.stderr));
    let path = project.path().join("scale-advisor.toml");
    let written = std::fs::read_to_string(&path).unwrap();
    // The machine of the test and the servers that are not there are no part of the stack.
    let settings = [("postgres", &dead_postgres), ("redis", &dead_redis)]
        .into_iter()
        .fold(written.clone(), |text, (source, address)| {
            text.replace(&format!("[sources.{source}]\nurl = \"{address}\"\n"), "")
        });
    std::fs::write(&path, format!("{settings}\n[sources.host]\nenabled = false\n")).unwrap();
    let check = program(project.path(), &["check", "-q", "--format", "json"]);
    let assessment: Value = serde_json::from_slice(&check.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}\n{written}", String::from_utf8_lossy(&check.stderr)));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let next = &assessment["next_bottleneck"];
    (text(&assessment["profile"]["id"]), text(&next["resource"]), text(&next["instance"]))
}

#[track_caller]
fn names(history: &Backfill, profile: &str, resource: &str, instance: &str) {
    let said = judged(history);
    let right = said.0 == profile && said.1 == resource && said.2.contains(instance);
    assert!(right, "{said:?} is not {:?}", (profile, resource, instance));
}

fn beside_a_shop(lines: &str) -> Backfill {
    with_lines_over(present(), shop_over(present()), lines)
}

fn on_its_own(lines: &str) -> Backfill {
    with_lines_over(present(), Backfill::default(), lines)
}

#[test]
fn a_resource_that_only_discovery_finds_is_written_and_judged() {
    let stack = on_its_own(
        r#"
        shop_http_requests_total{instance="s:8080",code="200"} 40/s
        acme_seats_used{instance="acme:9100"} 97
        acme_seats_total{instance="acme:9100"} 100
        node_cpu_seconds_total{instance="s:9100",cpu="0",mode="user"} 0.2/s
        node_cpu_seconds_total{instance="s:9100",cpu="0",mode="idle"} 0.8/s
        "#,
    );
    names(&stack, "web-service", "acme.seats_used", "acme");
}

#[test]
fn a_chat_on_mongo_is_judged_by_its_roadmap() {
    let stack = on_its_own(
        r#"
        websocket_active_connections{instance="server-1:5000"} 900
        messages_total{instance="server-1:5000"} 40/s
        nodejs_version_info{instance="server-1:5000",job="server",version="v20.1.0"} 1
        nodejs_eventloop_lag_p99_seconds{instance="server-1:5000",job="server"} 0.012
        process_cpu_seconds_total{instance="server-1:5000",job="server"} 0.3/s
        mongodb_ss_connections{instance="mongo-1:9216",conn_type="current"} 780
        mongodb_ss_connections{instance="mongo-1:9216",conn_type="available"} 20
        "#,
    );
    names(&stack, "socketio-mongo-chat", "mongo.connections", "mongo-1");
}

#[test]
fn a_service_on_language_models_is_judged_by_its_roadmap() {
    let stack = on_its_own(
        r#"
        http_requests_total{instance="api-1:80",handler="/chat",status="2xx"} 4/s
        kube_horizontalpodautoscaler_status_current_replicas{namespace="ai",horizontalpodautoscaler="api",instance="ksm:8080"} 5
        kube_horizontalpodautoscaler_spec_max_replicas{namespace="ai",horizontalpodautoscaler="api",instance="ksm:8080"} 20
        kube_horizontalpodautoscaler_spec_min_replicas{namespace="ai",horizontalpodautoscaler="api",instance="ksm:8080"} 3
        container_memory_working_set_bytes{namespace="ai",pod="api-7d4b9c6f5d-x8k2m",container="api",instance="node-1:10250"} 300000000
        container_spec_memory_limit_bytes{namespace="ai",pod="api-7d4b9c6f5d-x8k2m",container="api",instance="node-1:10250"} 1073741824
        litellm_proxy_total_requests_metric_total{instance="litellm:4000"} 4/s
        litellm_remaining_team_budget_metric{instance="litellm:4000",team="1",team_alias="search"} 3
        litellm_team_max_budget_metric{instance="litellm:4000",team="1",team_alias="search"} 100
        "#,
    );
    names(&stack, "k8s-fastapi-llm", "llm.budget", "team search");
}

#[test]
fn a_product_on_qdrant_is_judged_by_its_roadmap() {
    let stack = beside_a_shop(
        r#"
        http_requests_total{instance="app-1:3005",handler="/search",status="2xx"} 4/s
        nodejs_version_info{instance="app-1:3005",job="app",version="v20.1.0"} 1
        process_cpu_seconds_total{instance="app-1:3005",job="app"} 0.3/s
        collections_total{instance="qdrant-1:6333",job="qdrant"} 3
        memory_resident_bytes{instance="qdrant-1:6333",job="qdrant"} 9100000000
        "#,
    );
    names(&stack, "node-qdrant-saas", "vector.memory", "");
}

#[test]
fn a_plain_shop_is_judged_by_the_default_roadmap() {
    let stack = on_its_own(
        r#"
        traefik_entrypoint_requests_total{instance="t:8080",code="200",entrypoint="web"} 40/s
        node_cpu_seconds_total{instance="web-1:9100",cpu="0",mode="user"} 0.2/s
        node_cpu_seconds_total{instance="web-1:9100",cpu="0",mode="idle"} 0.8/s
        mysql_global_status_threads_connected{instance="db-3:9104"} 149
        mysql_global_variables_max_connections{instance="db-3:9104"} 151
        "#,
    );
    names(&stack, "web-service", "mysql.connections", "db-3");
}
