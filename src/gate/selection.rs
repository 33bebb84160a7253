//! Which metrics are evaluated, with their values of both sides.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Baseline, Better, Comparison, Floor, GateConfig, GateError, Missing, MissingReason, NotEvaluated,
    NotEvaluatedReason, REQUESTS, Run, SideName,
    metrics::{self, Direction, METRICS, base_unit},
};

/// Runs that are named as examples.
const MAX_EXAMPLES: usize = 5;

/// One metric with its values and rules.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct MeasuredMetric {
    pub metric: String,
    pub unit: String,
    pub better: Better,
    /// Whether the direction is known, and no guess by the name.
    pub certain: bool,
    /// One value for each run that has it, in the order of the runs.
    pub baseline: Vec<f64>,
    pub candidate: Vec<f64>,
    /// Values of earlier runs of the branch with their names, oldest first; of a history all of it.
    pub earlier: Vec<(String, f64)>,
    /// The batches of all three, where they are known.
    pub batches: Batches,
    pub margin: f64,
    /// The smallest change that matters, in the metric's unit.
    pub floor: f64,
    /// Whether the baseline is a history.
    pub history: bool,
}

/// The batch of each value, in the order of the values.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Batches {
    pub baseline: Vec<Option<String>>,
    pub candidate: Vec<Option<String>>,
    pub earlier: Vec<Option<String>>,
}

/// What is evaluated, what is lacking, and what is skipped.
#[derive(Debug, Default)]
pub(super) struct Selection {
    pub measured: Vec<MeasuredMetric>,
    pub missing: Vec<Missing>,
    pub not_evaluated: Vec<NotEvaluated>,
}

/// Picks the metrics to evaluate.
///
/// # Errors
/// When a unit differs between runs, or a rule names what nothing has.
pub(super) fn select(comparison: &Comparison, config: &GateConfig) -> Result<Selection, GateError> {
    let units = units(comparison)?;
    check_names(config, &units)?;
    let mut selection = Selection::default();
    let named = named(comparison, config);
    let mut undirected = Vec::new();
    let everywhere = |metric: &str| {
        let has = |run: &Run| run.values.contains_key(metric);
        comparison.candidate.iter().all(has) && comparison.baseline.runs().iter().all(has)
    };
    for (metric, unit) in &units {
        let stand_in = metrics::stand_in(metric, &everywhere, &|name| units.contains_key(name));
        let skipped = if named.contains(metric) { None } else { skipped(config, metric, stand_in) };
        match (skipped, metrics::direction(config, metric)) {
            (Some(reason), _) => selection.not_evaluated.push(not_evaluated(metric, reason)),
            (None, Some(direction)) => {
                let measured = measured(comparison, config, metric, unit, direction)?;
                selection.missing.extend(lacking(&measured, comparison));
                selection.measured.push(measured);
            }
            (None, None) if named.contains(metric) => {
                return Err(GateError::NoDirectionFor { metric: metric.clone() });
            }
            (None, None) => undirected.push(metric.as_str()),
        }
    }
    selection.not_evaluated.extend(undirected.into_iter().map(|metric| no_direction(comparison, metric)));
    let absent = named.iter().filter(|metric| !units.contains_key(*metric));
    let absent = absent.map(|metric| Missing { what: metric.clone(), reason: MissingReason::Configured });
    selection.missing.extend(absent);
    Ok(selection)
}

/// Why a metric is not evaluated unless named, although its direction may be known.
fn skipped(config: &GateConfig, metric: &str, stand_in: Option<String>) -> Option<NotEvaluatedReason> {
    if config.ignore.contains(metric) {
        Some(NotEvaluatedReason::Ignored)
    } else if metric == REQUESTS {
        Some(NotEvaluatedReason::SetByTest)
    } else {
        stand_in.map(|metric| NotEvaluatedReason::InFavourOf { metric })
    }
}

fn not_evaluated(metric: &str, reason: NotEvaluatedReason) -> NotEvaluated {
    let inconclusive = reason == NotEvaluatedReason::DirectionUnknown;
    NotEvaluated { id: format!("metric:{metric}"), metric: metric.to_owned(), inconclusive, reason }
}

/// A metric with no known direction: any change of it may be a loss.
fn no_direction(comparison: &Comparison, metric: &str) -> NotEvaluated {
    let reason = if unchanged(comparison, metric) {
        NotEvaluatedReason::Unchanged
    } else {
        NotEvaluatedReason::DirectionUnknown
    };
    not_evaluated(metric, reason)
}

/// Whether both sides have the same values, such as the number of the run, or one value throughout.
fn unchanged(comparison: &Comparison, metric: &str) -> bool {
    let [before, after] = [comparison.baseline.runs(), &comparison.candidate].map(|runs| {
        let mut sorted: Vec<f64> = values(runs, metric).collect();
        sorted.sort_by(f64::total_cmp);
        sorted
    });
    let constant = before
        .first()
        .is_some_and(|first| before.iter().chain(&after).all(|value| value.total_cmp(first).is_eq()));
    !after.is_empty() && (before == after || constant)
}

/// The values of the runs that have the metric, in the order of the runs.
fn values<'a>(runs: &'a [Run], metric: &'a str) -> impl Iterator<Item = f64> + 'a {
    runs.iter().filter_map(move |run| run.values.get(metric)).map(|value| value.value)
}

/// The batches of the runs that have the metric in this unit.
fn batches(runs: &[Run], metric: &str, unit: &str) -> Vec<Option<String>> {
    let has = |run: &&Run| run.values.get(metric).is_some_and(|value| value.unit == unit);
    runs.iter().filter(has).map(|run| run.batch.clone()).collect()
}

/// The values of the runs that have the metric in this unit, with the names of the runs.
fn named_values(runs: &[Run], metric: &str, unit: &str) -> Vec<(String, f64)> {
    let value = |run: &Run| {
        let found = run.values.get(metric).filter(|value| value.unit == unit)?;
        Some((run.name.clone(), found.value))
    };
    runs.iter().filter_map(value).collect()
}

/// Metrics that the configuration names and does not ignore.
fn named(comparison: &Comparison, config: &GateConfig) -> BTreeSet<String> {
    let rules = config.margins.keys().chain(config.floors.keys()).chain(config.directions.keys());
    let all = rules.chain(&comparison.required);
    all.filter(|metric| !config.ignore.contains(*metric)).cloned().collect()
}

/// Every metric with its one unit.
fn units(comparison: &Comparison) -> Result<BTreeMap<String, String>, GateError> {
    let mut units: BTreeMap<String, (String, String)> = BTreeMap::new();
    for run in comparison.baseline.runs().iter().chain(&comparison.candidate) {
        for (metric, value) in &run.values {
            let known = units.entry(metric.clone()).or_insert_with(|| (value.unit.clone(), run.name.clone()));
            if known.0 != value.unit {
                let named = |unit: &str| if unit.is_empty() { "no unit".to_owned() } else { unit.to_owned() };
                return Err(GateError::MixedUnits {
                    metric: metric.clone(),
                    first: named(&known.0),
                    first_run: known.1.clone(),
                    second: named(&value.unit),
                    second_run: run.name.clone(),
                });
            }
        }
    }
    Ok(units.into_iter().map(|(metric, (unit, _))| (metric, unit)).collect())
}

/// A rule for a name that neither the runs nor the program know would be a rule that does nothing.
fn check_names(config: &GateConfig, units: &BTreeMap<String, String>) -> Result<(), GateError> {
    let known = units.keys().map(String::as_str).chain(METRICS.iter().map(|(name, ..)| *name));
    let places: [(&'static str, Vec<&String>); 4] = [
        ("[gate.margins]", config.margins.keys().collect()),
        ("[gate.floors]", config.floors.keys().collect()),
        ("a direction", config.directions.keys().collect()),
        ("what to ignore", config.ignore.iter().collect()),
    ];
    for (place, metrics) in places {
        if let Some(metric) = metrics.into_iter().find(|metric| !known.clone().any(|name| name == *metric)) {
            return Err(GateError::unknown(place, metric, units.keys().map(String::as_str), known));
        }
    }
    Ok(())
}

fn measured(
    comparison: &Comparison,
    config: &GateConfig,
    metric: &str,
    unit: &str,
    direction: Direction,
) -> Result<MeasuredMetric, GateError> {
    Ok(MeasuredMetric {
        metric: metric.to_owned(),
        unit: unit.to_owned(),
        better: direction.better,
        certain: direction.certain,
        baseline: values(comparison.baseline.runs(), metric).collect(),
        candidate: values(&comparison.candidate, metric).collect(),
        earlier: named_values(comparison.history(), metric, unit),
        batches: Batches {
            baseline: batches(comparison.baseline.runs(), metric, unit),
            candidate: batches(&comparison.candidate, metric, unit),
            earlier: batches(comparison.history(), metric, unit),
        },
        margin: config.margin_of(metric),
        floor: floor(config, metric, unit)?,
        history: matches!(comparison.baseline, Baseline::History(_)),
    })
}

/// The floor in the metric's unit.
fn floor(config: &GateConfig, metric: &str, unit: &str) -> Result<f64, GateError> {
    let quantity = match metrics::floor(config, metric, unit) {
        Floor::Plain(floor) => return Ok(floor),
        Floor::Quantity(quantity) => quantity,
    };
    match base_unit(unit) {
        Some((base, scale)) if base == quantity.unit() => Ok(quantity.value() / scale),
        _ => Err(GateError::FloorUnit {
            metric: metric.to_owned(),
            floor: quantity.to_string(),
            unit: if unit.is_empty() { "no unit that is known".to_owned() } else { unit.to_owned() },
        }),
    }
}

/// Runs that lack a metric which others have: a run that crashed early must not make the others look better.
fn lacking(measured: &MeasuredMetric, comparison: &Comparison) -> Vec<Missing> {
    let sides = [
        (SideName::Baseline, comparison.baseline.runs()),
        (SideName::Candidate, comparison.candidate.as_slice()),
    ];
    let missing = |(side, runs): (SideName, &[Run])| {
        let without: Vec<&Run> =
            runs.iter().filter(|run| !run.values.contains_key(&measured.metric)).collect();
        let reason = MissingReason::LackedByRuns {
            side,
            lacking: without.len(),
            runs: runs.len(),
            examples: without.iter().take(MAX_EXAMPLES).map(|run| run.name.clone()).collect(),
        };
        (!without.is_empty()).then(|| Missing { what: measured.metric.clone(), reason })
    };
    sides.into_iter().filter_map(missing).collect()
}
