//! Settings of autoscalers as Kubernetes resources: HorizontalPodAutoscaler and KEDA's ScaledObject.

use super::yaml::{Yaml, comment};
use crate::{
    assess::Interval,
    export::{
        LOAD_MARGIN, MIN_DAYS, Replicas, ScalingRefusal, ScalingSet, TARGET_MARGIN, TOLERANCE,
        WorkloadScaling,
    },
    render::{
        format::{percent, share},
        reason,
    },
};

/// How long fewer replicas must be enough before some are removed, in seconds.
const REMOVE_AFTER: u64 = 30;

/// What runs the workload and where KEDA asks for the load.
#[derive(Debug, Clone, Copy)]
pub struct ScalingTarget<'a> {
    /// The kind of the workload, such as `Deployment`.
    pub kind: &'a str,
    /// The address of the metrics server, for KEDA.
    pub server: Option<&'a str>,
}

/// A `HorizontalPodAutoscaler` for each workload.
pub fn hpa_file(scaling: &ScalingSet, target: ScalingTarget<'_>) -> String {
    file(scaling, |workload| hpa(workload, scaling, target))
}

/// A `ScaledObject` for each workload, scaled by the load itself, by that of the coming minutes in earlier weeks, and by CPU
/// as a guard. `query` gives the load.
pub fn keda_file(scaling: &ScalingSet, query: &str, target: ScalingTarget<'_>) -> String {
    file(scaling, |workload| keda(workload, scaling, query, target))
}

fn file(scaling: &ScalingSet, resource: impl Fn(&WorkloadScaling) -> Yaml) -> String {
    let mut text = comment(&header(scaling));
    for (index, workload) in scaling.workloads.iter().enumerate() {
        if index > 0 {
            text.push_str("---\n");
        }
        text.push_str(&resource(workload).document());
    }
    text
}

fn header(scaling: &ScalingSet) -> Vec<String> {
    let basis = &scaling.basis;
    let mut lines = vec![format!(
        "Written by scale-advisor {} for roadmap {} from measurements of {}.",
        basis.tool_version,
        basis.profile,
        basis.generated_at.format("%-d %b %Y %H:%M UTC")
    )];
    lines.extend(basis.simulated.as_ref().map(|simulated| format!("Demo data: {simulated}.")));
    lines.extend(
        scaling.refused.iter().map(|(name, reason)| format!("Not exported: {name} ({})", refusal(reason))),
    );
    lines
}

/// Why there are no settings for a workload.
pub fn refusal(reason: &ScalingRefusal) -> String {
    match reason {
        ScalingRefusal::NoCpu { workload } => format!(
            "no CPU measured of a container with a CPU limit in a workload named {workload}; name the workload with --workload"
        ),
        ScalingRefusal::TooFewDays { days } => {
            format!("{days} days of load, replicas and CPU together; {MIN_DAYS} are needed")
        }
        ScalingRefusal::NoLimit => "no limit of container.cpu to keep replicas below".to_owned(),
    }
}

fn hpa(workload: &WorkloadScaling, scaling: &ScalingSet, target: ScalingTarget<'_>) -> Yaml {
    let cpu = Yaml::map([
        ("type", Yaml::text("ContainerResource")),
        (
            "containerResource",
            Yaml::map([
                ("name", Yaml::text("cpu")),
                ("container", Yaml::text(&workload.container)),
                (
                    "target",
                    Yaml::map([
                        ("type", Yaml::text("AverageValue")),
                        ("averageValue", Yaml::text(millicores(workload))),
                    ]),
                ),
            ]),
        ),
    ]);
    Yaml::map([
        ("apiVersion", Yaml::text("autoscaling/v2")),
        ("kind", Yaml::text("HorizontalPodAutoscaler")),
        ("metadata", metadata(workload, scaling, [("target-cpu", target_cpu(workload))])),
        (
            "spec",
            Yaml::map([
                ("scaleTargetRef", target_ref(workload, target)),
                ("minReplicas", Yaml::Count(workload.min.count)),
                ("maxReplicas", Yaml::Count(workload.max.count)),
                ("metrics", Yaml::List(vec![cpu])),
                ("behavior", behavior()),
            ]),
        ),
    ])
}

fn keda(workload: &WorkloadScaling, scaling: &ScalingSet, query: &str, target: ScalingTarget<'_>) -> Yaml {
    let threshold = workload.load_per_replica;
    let digits = if threshold >= 100.0 { 0 } else { 3 };
    let of_load = |name: &str, query: &str, ignore_absent: &str| {
        Yaml::map([
            ("type", Yaml::text("prometheus")),
            ("name", Yaml::text(name)),
            ("metricType", Yaml::text("AverageValue")),
            (
                "metadata",
                Yaml::map([
                    ("serverAddress", Yaml::text(target.server.unwrap_or_default())),
                    ("query", Yaml::text(query)),
                    ("threshold", Yaml::text(format!("{threshold:.digits$}"))),
                    ("ignoreNullValues", Yaml::text(ignore_absent)),
                ]),
            ),
        ])
    };
    let cpu = Yaml::map([
        ("type", Yaml::text("cpu")),
        ("name", Yaml::text("cpu")),
        ("metricType", Yaml::text("AverageValue")),
        (
            "metadata",
            Yaml::map([
                ("value", Yaml::text(millicores(workload))),
                ("containerName", Yaml::text(&workload.container)),
            ]),
        ),
    ]);
    // A missing load is no load of zero; a missing past is no reason to stand still.
    let growth = Growth::of(scaling.weekly_growth);
    let triggers =
        vec![of_load("load", query, "false"), of_load("season", &season(query, growth), "true"), cpu];
    let reasons = [
        ("target-load", target_load(workload, &scaling.load_unit)),
        ("target-cpu", target_cpu(workload)),
        ("season", season_reason(growth)),
    ];
    let advanced = Yaml::map([("horizontalPodAutoscalerConfig", Yaml::map([("behavior", behavior())]))]);
    Yaml::map([
        ("apiVersion", Yaml::text("keda.sh/v1alpha1")),
        ("kind", Yaml::text("ScaledObject")),
        ("metadata", metadata(workload, scaling, reasons)),
        (
            "spec",
            Yaml::map([
                ("scaleTargetRef", target_ref(workload, target)),
                ("minReplicaCount", Yaml::Count(workload.min.count)),
                ("maxReplicaCount", Yaml::Count(workload.max.count)),
                ("advanced", advanced),
                ("triggers", Yaml::List(triggers)),
            ]),
        ),
    ])
}

/// `reasons` say what the targets come from.
fn metadata(
    workload: &WorkloadScaling,
    scaling: &ScalingSet,
    reasons: impl IntoIterator<Item = (&'static str, String)>,
) -> Yaml {
    let measured = scaling.basis.generated_at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let first = [
        ("measured", measured),
        ("demand", demand(workload, &scaling.load_unit)),
        ("min-replicas", min(workload)),
        ("max-replicas", max(workload)),
    ];
    let last = ("behavior", format!("no wait to add, {REMOVE_AFTER} s to remove in place of 5 min"));
    let annotations = first.into_iter().chain(reasons).chain([last]);
    let annotations = annotations.map(|(name, text)| (format!("scale-advisor/{name}"), Yaml::text(text)));
    Yaml::map_of_known([
        ("name", Some(Yaml::text(&workload.autoscaler))),
        ("namespace", (!workload.namespace.is_empty()).then(|| Yaml::text(&workload.namespace))),
        ("annotations", Some(Yaml::map(annotations))),
    ])
}

fn target_ref(workload: &WorkloadScaling, target: ScalingTarget<'_>) -> Yaml {
    Yaml::map([
        ("apiVersion", Yaml::text("apps/v1")),
        ("kind", Yaml::text(target.kind)),
        ("name", Yaml::text(&workload.workload)),
    ])
}

fn millicores(workload: &WorkloadScaling) -> String {
    format!("{:.0}m", (workload.target_cores * 1000.0).floor().max(1.0))
}

/// How the load grows from a week to the next, as far as three decimals show it.
#[derive(Debug, Clone, Copy)]
enum Growth {
    Unknown,
    None,
    By(f64),
}

impl Growth {
    fn of(factor: Option<f64>) -> Self {
        match factor {
            None => Self::Unknown,
            Some(factor) if factor >= 1.0005 => Self::By(factor),
            Some(_) => Self::None,
        }
    }
}

/// The load of the ten minutes from now on, as it was a week and two weeks ago, whichever is less: an event or an outage of
/// one of them does not repeat.
fn season(query: &str, growth: Growth) -> String {
    let ago = |offset: &str, weeks: i32| {
        let past = format!("avg_over_time(({query})[10m:1m] offset {offset})");
        match growth {
            Growth::By(factor) => format!("{past} * {:.3}", factor.powi(weeks)),
            Growth::None | Growth::Unknown => past,
        }
    };
    let (last, before) = (ago("6d23h50m", 1), ago("13d23h50m", 2));
    format!("({last}) < ({before}) or ({before})")
}

fn season_reason(growth: Growth) -> String {
    let growth = match growth {
        Growth::By(factor) => format!(", times {factor:.3} a week (median of the last week's hours)"),
        Growth::None => "; it does not grow from week to week (median of the last week's hours)".to_owned(),
        Growth::Unknown => "; its growth is not known".to_owned(),
    };
    format!("the load of the same ten minutes one and two weeks ago, the lesser of both{growth}")
}

/// The defaults of Kubernetes, written down so that a change of them changes nothing, but for the wait before replicas are
/// removed.
fn behavior() -> Yaml {
    let policy = |kind: &str, value, seconds| {
        Yaml::map([
            ("type", Yaml::text(kind)),
            ("value", Yaml::Count(value)),
            ("periodSeconds", Yaml::Count(seconds)),
        ])
    };
    Yaml::map([
        (
            "scaleUp",
            Yaml::map([
                ("stabilizationWindowSeconds", Yaml::Count(0)),
                ("selectPolicy", Yaml::text("Max")),
                ("policies", Yaml::List(vec![policy("Percent", 100, 15), policy("Pods", 4, 15)])),
            ]),
        ),
        (
            "scaleDown",
            Yaml::map([
                ("stabilizationWindowSeconds", Yaml::Count(REMOVE_AFTER)),
                ("policies", Yaml::List(vec![policy("Percent", 100, 15)])),
            ]),
        ),
    ])
}

/// "a full replica carries 52.1 requests/s (48.3–55.9), 28 days".
fn demand(workload: &WorkloadScaling, unit: &str) -> String {
    format!(
        "a replica at its CPU limit carries {} {unit}; measured on {} days",
        decimals(&workload.full_load),
        workload.days
    )
}

fn min(workload: &WorkloadScaling) -> String {
    let Replicas { needed, present, count, .. } = &workload.min;
    let limit = limit(workload);
    let needed =
        needed.map(|needed| format!("the quietest hours need {} replicas below {limit}", decimals(&needed)));
    let kept = (*count == *present).then(|| format!("no fewer than the {present} that ran at least"));
    [needed, kept].into_iter().flatten().collect::<Vec<_>>().join("; ")
}

fn max(workload: &WorkloadScaling) -> String {
    let Replicas { needed, present, until, nodes_hold, counts_cpu, count } = &workload.max;
    let needed = match (needed, until) {
        (Some(needed), Some(until)) => {
            format!(
                "the load expected until {} needs {} replicas",
                until.format("%-d %b %Y"),
                decimals(needed)
            )
        }
        _ => "the load has no forecast".to_owned(),
    };
    let held = nodes_hold.map(|hold| {
        let by = if *counts_cpu {
            "free pod slots and CPU"
        } else {
            "free pod slots; their CPU is not known (--cpu-request)"
        };
        format!("the nodes hold {hold} by {by}")
    });
    let kept = (*count == *present).then(|| format!("the maximum of {present} is kept"));
    let peak = format!("the busiest hours need {} now", decimals(&workload.peak));
    [Some(peak), Some(needed), held, kept].into_iter().flatten().collect::<Vec<_>>().join("; ")
}

fn target_cpu(workload: &WorkloadScaling) -> String {
    format!(
        "{:.3} of {:.3} cores: {} below {}; {}",
        workload.target_cores,
        workload.limit_cores.value(),
        share(TARGET_MARGIN),
        sized_for(workload),
        tolerance()
    )
}

fn target_load(workload: &WorkloadScaling, unit: &str) -> String {
    format!(
        "{:.3} {unit} for each replica: {} above {}; {}",
        workload.load_per_replica,
        share(LOAD_MARGIN),
        sized_for(workload),
        tolerance()
    )
}

/// What an autoscaler makes of a target.
fn tolerance() -> String {
    format!("replicas are added at {} above it", percent(TOLERANCE))
}

fn limit(workload: &WorkloadScaling) -> String {
    format!("{} of the CPU limit ({})", workload.limit.at, reason::limit_origin(&workload.limit.origin))
}

/// The share of the CPU limit that a replica is sized for, and why: the rise of the load, or the limit.
fn sized_for(workload: &WorkloadScaling) -> String {
    match workload.rise {
        Some(rise) => format!(
            "{} of the CPU limit, as the load rises by {} in 5 min",
            percent(1.0 / rise),
            percent(rise - 1.0)
        ),
        None => limit(workload),
    }
}

fn decimals(interval: &Interval<f64>) -> String {
    format!("{:.1} ({:.1}–{:.1})", interval.mid, interval.low, interval.high)
}
