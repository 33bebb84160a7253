//! Which metrics are judged, with their values of both sides.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Baseline, Better, Comparison, Floor, GateConfig, GateError, Missing, NotJudged, REQUESTS, Run,
    names::{self, METRICS},
    unit,
};

/// One metric with its values and rules.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Measured {
    pub metric: String,
    pub unit: String,
    pub better: Better,
    /// One value for each run that has it, in the order of the runs.
    pub baseline: Vec<f64>,
    pub candidate: Vec<f64>,
    pub margin: f64,
    /// The smallest change that matters, in the metric's unit.
    pub floor: f64,
    /// Whether the baseline is a history.
    pub history: bool,
}

/// What is judged, what is lacking, and what is left alone.
#[derive(Debug, Default)]
pub(super) struct Selection {
    pub measured: Vec<Measured>,
    pub missing: Vec<Missing>,
    pub not_judged: Vec<NotJudged>,
}

/// Picks the metrics to judge.
///
/// # Errors
/// When a unit differs between runs, or a rule names what nothing has.
pub(super) fn select(comparison: &Comparison, policy: &GateConfig) -> Result<Selection, GateError> {
    let units = units(comparison)?;
    check_names(policy, &units)?;
    let mut selection = Selection::default();
    let asked = asked(comparison, policy);
    let mut undirected = Vec::new();
    let everywhere = |metric: &str| {
        let has = |run: &Run| run.values.contains_key(metric);
        comparison.candidate.iter().all(has) && comparison.baseline.runs().iter().all(has)
    };
    for (metric, unit) in &units {
        let stand_in = names::stand_in(metric, &everywhere, &|name| units.contains_key(name));
        let left = if asked.contains(metric) { None } else { left_alone(policy, metric, stand_in) };
        match (left, names::direction(policy, metric)) {
            (Some(because), _) => selection.not_judged.push(not_judged(metric, false, because)),
            (None, Some(better)) => {
                let measured = measured(comparison, policy, metric, unit, better)?;
                lacking(&measured, comparison, &mut selection.missing);
                selection.measured.push(measured);
            }
            (None, None) if asked.contains(metric) => {
                return Err(GateError::NoDirectionFor { metric: metric.clone() });
            }
            (None, None) => undirected.push(metric.as_str()),
        }
    }
    if selection.measured.is_empty() && !undirected.is_empty() {
        return Err(GateError::NoDirections { metrics: undirected.join(", ") });
    }
    selection.not_judged.extend(undirected.into_iter().map(|metric| no_direction(comparison, metric)));
    let absent = asked.iter().filter(|metric| !units.contains_key(*metric));
    selection.missing.extend(absent.map(|metric| Missing {
        what: metric.clone(),
        because: "the settings ask for it, and no run has it".to_owned(),
    }));
    Ok(selection)
}

/// Why a metric is not judged unasked, although it may be known which way it is better.
fn left_alone(policy: &GateConfig, metric: &str, stand_in: Option<&str>) -> Option<String> {
    let judged = |judged| {
        format!(
            "left to {judged}, because every further metric needs more runs; `--direction NAME=lower` judges one as well"
        )
    };
    if policy.ignore.contains(metric) {
        Some("ignored, as was asked for".to_owned())
    } else if metric == REQUESTS {
        Some("the load test decides it".to_owned())
    } else {
        stand_in.map(judged)
    }
}

fn not_judged(metric: &str, open: bool, because: String) -> NotJudged {
    NotJudged { id: format!("metric:{metric}"), metric: metric.to_owned(), open, because }
}

/// A metric of which nobody knows which way it is better: any change of it may be a loss.
fn no_direction(comparison: &Comparison, metric: &str) -> NotJudged {
    if unchanged(comparison, metric) {
        return not_judged(metric, false, "the same on both sides, so that nothing of it is lost".to_owned());
    }
    let because = format!(
        "it is not known which way it is better, so that it was not judged; add `--direction {metric}=lower` or \
         `=higher`, or a line in [gate.directions]; `--ignore {metric}` leaves it out"
    );
    not_judged(metric, true, because)
}

/// Whether both sides have the same values, such as the number of the run, or one value throughout.
fn unchanged(comparison: &Comparison, metric: &str) -> bool {
    let [before, after] = [comparison.baseline.runs(), &comparison.candidate].map(|runs| {
        let mut values: Vec<f64> = of(runs, metric).collect();
        values.sort_by(f64::total_cmp);
        values
    });
    let constant = before
        .first()
        .is_some_and(|first| before.iter().chain(&after).all(|one| one.total_cmp(first).is_eq()));
    !after.is_empty() && (before == after || constant)
}

/// The values of the runs that have the metric, in the order of the runs.
fn of<'a>(runs: &'a [Run], metric: &'a str) -> impl Iterator<Item = f64> + 'a {
    runs.iter().filter_map(move |run| run.values.get(metric)).map(|value| value.value)
}

/// Metrics that somebody named and nobody wants ignored.
fn asked(comparison: &Comparison, policy: &GateConfig) -> BTreeSet<String> {
    let rules = policy.margins.keys().chain(policy.floors.keys()).chain(policy.directions.keys());
    let named = rules.chain(&comparison.required);
    named.filter(|metric| !policy.ignore.contains(*metric)).cloned().collect()
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
fn check_names(policy: &GateConfig, units: &BTreeMap<String, String>) -> Result<(), GateError> {
    let known = units.keys().map(String::as_str).chain(METRICS.iter().map(|(name, ..)| *name));
    let places: [(&'static str, Vec<&String>); 4] = [
        ("[gate.margins]", policy.margins.keys().collect()),
        ("[gate.floors]", policy.floors.keys().collect()),
        ("a direction", policy.directions.keys().collect()),
        ("what to ignore", policy.ignore.iter().collect()),
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
    policy: &GateConfig,
    metric: &str,
    unit: &str,
    better: Better,
) -> Result<Measured, GateError> {
    Ok(Measured {
        metric: metric.to_owned(),
        unit: unit.to_owned(),
        better,
        baseline: of(comparison.baseline.runs(), metric).collect(),
        candidate: of(&comparison.candidate, metric).collect(),
        margin: policy.margin_of(metric),
        floor: floor(policy, metric, unit)?,
        history: matches!(comparison.baseline, Baseline::History(_)),
    })
}

/// The floor in the metric's unit.
fn floor(policy: &GateConfig, metric: &str, unit: &str) -> Result<f64, GateError> {
    let quantity = match names::floor(policy, metric, unit) {
        Floor::Plain(floor) => return Ok(floor),
        Floor::Quantity(quantity) => quantity,
    };
    match unit::base(unit) {
        Some((base, scale)) if base == quantity.unit() => Ok(quantity.value() / scale),
        _ => Err(GateError::FloorUnit {
            metric: metric.to_owned(),
            floor: quantity.to_string(),
            unit: if unit.is_empty() { "no unit that is known".to_owned() } else { unit.to_owned() },
        }),
    }
}

/// Notes runs that lack a metric which others have: a run that crashed early must not make the rest look better.
fn lacking(measured: &Measured, comparison: &Comparison, missing: &mut Vec<Missing>) {
    let sides = [
        ("baseline", comparison.baseline.runs(), measured.baseline.len()),
        ("candidate", comparison.candidate.as_slice(), measured.candidate.len()),
    ];
    for (side, runs, have) in sides {
        if have < runs.len() {
            let without: Vec<&str> = runs
                .iter()
                .filter(|run| !run.values.contains_key(&measured.metric))
                .map(|run| run.name.as_str())
                .take(5)
                .collect();
            let because = format!(
                "{} of the {side}'s {} runs lack it: {}",
                runs.len() - have,
                runs.len(),
                without.join(", ")
            );
            missing.push(Missing { what: measured.metric.clone(), because });
        }
    }
}
