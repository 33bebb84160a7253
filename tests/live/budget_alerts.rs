//! The alert on the end of a budget that is judged by its reset, in a real Prometheus.

use serde_json::Value;
use serde_yaml_ng::Value as Yaml;

use crate::{
    check::program::Project,
    support::{
        http::query_range,
        prometheus::{Backfill, Span},
    },
};

const DAY: i64 = 86_400;
/// When nothing is left: eight days and eight hours after the reset.
const SPENT: i64 = 1_760_000_040;
const RESET: i64 = SPENT - 8 * DAY - DAY / 3;
/// When the alerts are exported: 96% are spent.
const EXPORTED: &str = "2025-10-09T00:54:00Z";

#[test]
fn it_fires_when_nothing_is_left_and_not_before() {
    let span = Span::before(SPENT + DAY / 2, 20 * DAY, 60);
    let labels = [("team", "id-1"), ("team_alias", "search"), ("instance", "litellm:4000")];
    let since = |at: i64| (at - RESET).rem_euclid(31 * DAY) as f64;
    let server = Backfill::default()
        .gauge("litellm_team_max_budget_metric", &labels, span, |_| 1000.0)
        .gauge("litellm_remaining_team_budget_metric", &labels, span, |at| {
            (1000.0 - since(at) / DAY as f64 * 120.0).max(0.0)
        })
        .gauge("litellm_team_budget_remaining_hours_metric", &labels, span, |at| {
            ((31 * DAY) as f64 - since(at)) / 3600.0
        })
        .prometheus();
    let project = Project::new(&format!("[sources.prometheus]\nurl = \"{}\"\n", server.url()));
    let run = project.run(&format!("export alerts -q --profile k8s-fastapi-llm --at {EXPORTED}"));
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(
        run.out.contains("# Not exported: llm.budget (") && run.out.contains("judged by its reset"),
        "{}",
        run.out
    );
    let file: Yaml = serde_yaml_ng::from_str(&run.out).unwrap();
    let rules =
        file["groups"].as_sequence().unwrap().iter().flat_map(|group| group["rules"].as_sequence().unwrap());
    let of_limits: Vec<&Yaml> = rules
        .filter(|rule| rule["labels"]["signal"] == "llm.budget" && rule["labels"]["severity"] == "critical")
        .collect();
    let [end] = of_limits[..] else { panic!("{}", run.out) };
    let holds = |at: i64| {
        let answer = query_range(server.port, end["expr"].as_str().unwrap(), (at, at, 60));
        let answer: Value = serde_json::from_str(&answer).unwrap();
        !answer["data"]["result"].as_array().unwrap().is_empty()
    };
    // 99.6% are no end, other than of a disk.
    assert!(!holds(SPENT - 3600) && !holds(SPENT - 120), "{end:?}");
    assert!(holds(SPENT + 120) && holds(SPENT + DAY / 4), "{end:?}");
}
