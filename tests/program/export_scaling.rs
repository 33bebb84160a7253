//! `export hpa` and `export keda`: settings of autoscalers from measured demand.

use std::path::Path;

use serde_yaml_ng::Value;

use super::{
    binary::{Ran, program, ran},
    folder, says, write,
};

const DAY_MS: i64 = 86_400_000;
/// Saturday, 21 November 2026, 12:00 UTC.
const NOW_MS: i64 = 1_795_262_400_000;

/// A service that takes 0.02 replicas at their CPU limit for each user, with a day that peaks at `peak` users.
struct Service {
    days: i64,
    peak: f64,
    /// Pods that its nodes have room for beside those that run.
    free_pods: f64,
    /// By which factor it grows from week to week.
    weekly_growth: f64,
    /// By which factor more users are there in the first five minutes of an hour.
    surge: f64,
}

impl Service {
    fn load(&self, at_ms: i64) -> f64 {
        let hour = (at_ms.rem_euclid(DAY_MS) / 3_600_000) as f64;
        let weeks = (at_ms - NOW_MS) as f64 / (7 * DAY_MS) as f64;
        let surge = if at_ms.rem_euclid(3_600_000) < 300_000 { self.surge } else { 1.0 };
        let of_hour = 0.3 + 0.7 * (1.0 - (hour - 14.0).abs() / 14.0).max(0.0);
        self.peak * of_hour * self.weekly_growth.powf(weeks) * surge
    }

    fn replicas(&self, at_ms: i64) -> f64 {
        (self.load(at_ms) * 0.02 / 0.7).ceil().max(2.0)
    }

    fn cpu(&self, at_ms: i64) -> f64 {
        self.load(at_ms) * 0.02 / self.replicas(at_ms)
    }

    fn snapshot(&self) -> String {
        let series = |step_ms: i64, from_ms: i64, value: &dyn Fn(i64) -> f64| {
            let count = (NOW_MS - from_ms) / step_ms;
            let values: Vec<String> =
                (0..=count).map(|index| format!("{:?}", value(from_ms + index * step_ms))).collect();
            format!(r#"{{"from_ms":{from_ms},"step_ms":{step_ms},"values":[{}]}}"#, values.join(","))
        };
        let observation = |signal: &str, instance: &str, limit: &str, query: &str, values: String| {
            let instance =
                if instance.is_empty() { String::new() } else { format!(r#""instance":"{instance}","#) };
            let limit = if limit.is_empty() {
                String::new()
            } else {
                format!(r#""limit":{{"value":{limit},"unit":"count"}},"#)
            };
            format!(
                r#"{{"signal":"{signal}",{instance}"values":{values},{limit}"origin":{{"source":"prometheus","query":"{query}"}}}}"#
            )
        };
        let part = |step: i64, from: i64| {
            [
                observation(
                    "users.concurrent",
                    "",
                    "",
                    "sum(active_users)",
                    series(step, from, &|at| self.load(at)),
                ),
                observation(
                    "k8s.replicas",
                    "shop/api",
                    "10.0",
                    "(max by (hpa) (a)) / (max by (hpa) (b))",
                    series(step, from, &|at| self.replicas(at) / 10.0),
                ),
                observation(
                    "container.cpu",
                    "shop/api/server",
                    "2.0",
                    "(max by (instance) (a)) / (max by (instance) (b))",
                    series(step, from, &|at| self.cpu(at)),
                ),
            ]
        };
        let pods = 110.0 - self.free_pods;
        let nodes = [
            observation(
                "k8s.pods",
                "n1",
                "110.0",
                "(a) / (b)",
                series(300_000, NOW_MS - DAY_MS, &|_| pods / 110.0),
            ),
            observation(
                "k8s.cpu_requests",
                "",
                "64.0",
                "(a) / (b)",
                series(300_000, NOW_MS - DAY_MS, &|_| 0.75),
            ),
        ];
        format!(
            r#"{{"schema":"scale-advisor/snapshot/2","taken_at":"2026-11-21T12:00:00Z","tool_version":"0.1.0",
"window":{{"from":"2026-11-20T12:00:00Z","to":"2026-11-21T12:00:00Z","step_seconds":300}},
"sources":[{{"source":"prometheus","address":"http://prometheus:9090","status":"answered"}}],
"observations":[{},{}],"history":[{}],"gaps":[],"exhausted":[]}}"#,
            part(300_000, NOW_MS - DAY_MS).join(","),
            nodes.join(","),
            part(3_600_000, NOW_MS - self.days * DAY_MS).join(",")
        )
    }
}

const SHOP: Service = Service { days: 40, peak: 300.0, free_pods: 40.0, weekly_growth: 1.0, surge: 1.0 };

fn export(folder: &Path, service: &Service, arguments: &[&str]) -> Ran {
    write(folder, "s.json", &service.snapshot());
    let further = ["--snapshot", "s.json", "--profile", "web-service"];
    ran(program(folder).arg("export").args(arguments).args(further))
}

#[track_caller]
fn resource(run: &Ran) -> Value {
    assert_eq!(run.code, 0, "{run:#?}");
    serde_yaml_ng::from_str(&run.stdout).unwrap()
}

#[track_caller]
fn compare(name: &str, written: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/export").join(name);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, written).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap();
    assert!(expected == written, "{name} is out of date: run `UPDATE=1 cargo test --test program export`");
}

#[test]
fn an_autoscaler_holds_what_the_peak_needs_and_the_nodes_have() {
    let folder = folder();
    let run = export(folder.path(), &SHOP, &["hpa"]);
    compare("hpa.yaml", &run.stdout);
    let hpa = resource(&run);
    assert_eq!(
        (&hpa["apiVersion"], &hpa["kind"]),
        (&"autoscaling/v2".into(), &"HorizontalPodAutoscaler".into())
    );
    // At night 90 users take 1.8 full replicas; below 80% of its limit each, that is 2.25.
    assert_eq!(hpa["spec"]["minReplicas"], 3);
    assert!(hpa["spec"]["maxReplicas"].as_u64().unwrap() >= 10);
    let target = &hpa["spec"]["metrics"][0]["containerResource"];
    assert_eq!(target["container"], "server");
    let millicores = target["target"]["averageValue"].as_str().unwrap().strip_suffix('m').unwrap();
    let millicores: u64 = millicores.parse().unwrap();
    // 2.5% below 80% of two cores.
    assert_eq!(millicores, 1_560);
    for name in ["demand", "min-replicas", "max-replicas", "target-cpu", "behavior"] {
        let annotation = hpa["metadata"]["annotations"][format!("scale-advisor/{name}")].as_str();
        assert!(annotation.is_some_and(|text| !text.is_empty()), "{name}");
    }
}

#[test]
fn a_target_leaves_room_for_a_load_that_rises_quickly() {
    let folder = folder();
    let hpa = resource(&export(folder.path(), &Service { surge: 1.6, ..SHOP }, &["hpa"]));
    let why = hpa["metadata"]["annotations"]["scale-advisor/target-cpu"].as_str().unwrap();
    says(
        why,
        &[": 2.5% below 66% of the CPU limit, as the load rises by 51% in 5 min; replicas are added at 10%"],
    );
    assert!(!why.contains("80%"), "{why}");
}

#[test]
fn a_scaled_object_follows_the_load() {
    let folder = folder();
    let run = export(folder.path(), &SHOP, &["keda"]);
    compare("keda.yaml", &run.stdout);
    let object = resource(&run);
    let trigger = &object["spec"]["triggers"][0];
    assert_eq!((&trigger["type"], &trigger["metricType"]), (&"prometheus".into(), &"AverageValue".into()));
    assert_eq!(trigger["metadata"]["serverAddress"], "http://prometheus:9090");
    assert_eq!(trigger["metadata"]["query"], "sum(active_users)");
    // A full replica carries 50 users; 40 below 80%.
    let threshold: f64 = trigger["metadata"]["threshold"].as_str().unwrap().parse().unwrap();
    // A replica carries 40 users at 80%; the threshold lies 3% above.
    assert!((41.1..=41.2).contains(&threshold), "{threshold}");
    // The same minutes of the last two weeks, and the CPU of the replicas.
    let season = &object["spec"]["triggers"][1]["metadata"];
    assert_eq!(season["threshold"], trigger["metadata"]["threshold"]);
    let query = season["query"].as_str().unwrap();
    says(query, &["sum(active_users)", "offset 6d23h50m", "offset 13d23h50m"]);
    assert!(promql_parser::parser::parse(query).is_ok(), "{query}");
    let annotation = |object: &Value| {
        let text = object["metadata"]["annotations"]["scale-advisor/season"].as_str();
        text.unwrap_or_default().to_owned()
    };
    assert!(annotation(&object).contains("it does not grow from week to week"), "{}", annotation(&object));
    let young = resource(&export(folder.path(), &Service { days: 10, ..SHOP }, &["keda"]));
    assert!(annotation(&young).ends_with("; its growth is not known"), "{}", annotation(&young));
    let growing = resource(&export(folder.path(), &Service { weekly_growth: 1.035, ..SHOP }, &["keda"]));
    assert!(annotation(&growing).contains(", times 1.035 a week"), "{}", annotation(&growing));
    let season_of_growing = growing["spec"]["triggers"][1]["metadata"]["query"].as_str().unwrap();
    says(season_of_growing, &["offset 6d23h50m) * 1.035)", "offset 13d23h50m) * 1.071)"]);
    let cpu = &object["spec"]["triggers"][2];
    assert_eq!((&cpu["type"], &cpu["metadata"]["containerName"]), (&"cpu".into(), &"server".into()));
    let needed = (300.0 / threshold).ceil();
    assert!(needed >= 8.0 && needed <= object["spec"]["maxReplicaCount"].as_f64().unwrap());
    let other = export(folder.path(), &SHOP, &["keda", "--server-address", "http://thanos:9090"]);
    assert_eq!(resource(&other)["spec"]["triggers"][0]["metadata"]["serverAddress"], "http://thanos:9090");
}

#[test]
fn the_nodes_bound_the_maximum_and_settings_are_only_raised() {
    let folder = folder();
    let full = Service { free_pods: 1.0, peak: 600.0, ..SHOP };
    let run = export(folder.path(), &full, &["hpa"]);
    let hpa = resource(&run);
    // 600 users take 12 full replicas; below 80% of its limit each, that is 15, whatever the nodes hold.
    assert_eq!(hpa["spec"]["minReplicas"], 6);
    assert!(hpa["spec"]["maxReplicas"].as_u64().unwrap() >= 15);
    says(&run.stdout, &["the nodes hold"]);
    let small = Service { peak: 60.0, ..SHOP };
    let max = |arguments: &[&str]| {
        resource(&export(folder.path(), &small, arguments))["spec"]["maxReplicas"].as_u64()
    };
    assert_eq!(max(&["hpa"]), Some(10));
    assert!(max(&["hpa", "--allow-lower"]) < Some(10));
    let by_cpu = export(folder.path(), &full, &["hpa", "--cpu-request", "500m"]);
    says(&by_cpu.stdout, &["free pod slots and CPU"]);
}

#[test]
fn what_was_not_measured_has_no_settings() {
    let folder = folder();
    let young = Service { days: 5, ..SHOP };
    let run = export(folder.path(), &young, &["hpa"]);
    assert_eq!(run.code, 3, "{run:#?}");
    says(&run.stderr, &["shop/api", "days of load, replicas and CPU together; 10 are needed"]);
    let unknown = export(folder.path(), &SHOP, &["hpa", "--workload", "worker"]);
    assert_eq!(unknown.code, 3, "{unknown:#?}");
    says(&unknown.stderr, &["no autoscaler with that name was measured"]);
    let renamed = export(folder.path(), &SHOP, &["hpa", "--workload", "worker", "--autoscaler", "api"]);
    assert_eq!(renamed.code, 3, "{renamed:#?}");
    says(&renamed.stderr, &["in a workload named worker"]);
    let wrong = export(folder.path(), &SHOP, &["hpa", "--workload", "a b"]);
    assert_eq!(wrong.code, 2, "{wrong:#?}");
}
