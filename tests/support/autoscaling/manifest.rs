//! What an exported file tells an autoscaler.

use serde_yaml_ng::Value;

use super::{
    hpa::{Bounds, Direction, Policy},
    query::Query,
};

/// What an autoscaler is told to look at.
#[derive(Debug)]
pub(crate) enum Target {
    /// The mean CPU of the ready pods, in cores.
    Cpu(f64),
    /// A query, with the target for each replica.
    Load(Query, f64),
}

/// An autoscaler as a file describes it.
#[derive(Debug)]
pub(crate) struct Manifest {
    pub(crate) bounds: Bounds,
    pub(crate) targets: Vec<Target>,
}

impl Manifest {
    /// Reads a `HorizontalPodAutoscaler` or a `ScaledObject`. What it does not know stops the test.
    pub(crate) fn parse(text: &str) -> Self {
        let file: Value = serde_yaml_ng::from_str(text).unwrap();
        let spec = &file["spec"];
        match file["kind"].as_str().unwrap() {
            "HorizontalPodAutoscaler" => {
                let metrics = spec["metrics"].as_sequence().unwrap();
                let target = |metric: &Value| cores(&metric["containerResource"]["target"]["averageValue"]);
                Self {
                    bounds: bounds(&spec["minReplicas"], &spec["maxReplicas"], &spec["behavior"]),
                    targets: metrics.iter().map(target).map(Target::Cpu).collect(),
                }
            }
            "ScaledObject" => {
                let behavior = &spec["advanced"]["horizontalPodAutoscalerConfig"]["behavior"];
                Self {
                    bounds: bounds(&spec["minReplicaCount"], &spec["maxReplicaCount"], behavior),
                    targets: spec["triggers"].as_sequence().unwrap().iter().map(trigger).collect(),
                }
            }
            other => panic!("{other} is no autoscaler"),
        }
    }
}

fn trigger(trigger: &Value) -> Target {
    let metadata = &trigger["metadata"];
    assert_eq!(trigger["metricType"], "AverageValue");
    match trigger["type"].as_str().unwrap() {
        "cpu" => Target::Cpu(cores(&metadata["value"])),
        "prometheus" => Target::Load(
            Query::parse(metadata["query"].as_str().unwrap()),
            metadata["threshold"].as_str().unwrap().parse().unwrap(),
        ),
        other => panic!("{other} is no trigger of the simulator"),
    }
}

fn cores(value: &Value) -> f64 {
    value.as_str().unwrap().strip_suffix('m').unwrap().parse::<f64>().unwrap() / 1000.0
}

fn bounds(min: &Value, max: &Value, behavior: &Value) -> Bounds {
    Bounds {
        min: number(min),
        max: number(max),
        up: direction(&behavior["scaleUp"]),
        down: direction(&behavior["scaleDown"]),
    }
}

fn direction(rules: &Value) -> Direction {
    let policy = |policy: &Value| {
        let (value, seconds) = (number(&policy["value"]), number(&policy["periodSeconds"]) as usize);
        match policy["type"].as_str().unwrap() {
            "Pods" => Policy::Pods { count: value, seconds },
            "Percent" => Policy::Percent { percent: value, seconds },
            other => panic!("{other} is no policy"),
        }
    };
    Direction {
        window: number(&rules["stabilizationWindowSeconds"]) as usize,
        policies: rules["policies"].as_sequence().unwrap().iter().map(policy).collect(),
    }
}

fn number(value: &Value) -> u32 {
    u32::try_from(value.as_u64().unwrap()).unwrap()
}
