//! What two sides must have in common before anything is compared.

use std::collections::BTreeSet;

use super::{
    Comparison, ERRORS, Profile, REQUESTS, Run, THROUGHPUT, copies::is_copy, metrics::value_quantity,
};
use crate::{diagnostic::did_you_mean, loadtest};

/// Inputs or rules that do not fit together. Nothing has been evaluated then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GateError {
    /// A side without a run.
    #[error("the candidate has no runs")]
    NoCandidate,
    /// A run in which nothing happened.
    #[error("{run}: no request was answered; check whether the load test reached the system")]
    NoRequests {
        /// The run.
        run: String,
    },
    /// A run in which everything failed.
    #[error("{run}: every request failed, so its latencies say nothing about capacity")]
    AllFailed {
        /// The run.
        run: String,
    },
    /// Runs under different loads.
    #[error(
        "{first_run} was run with {first} concurrent users, {second_run} with {second}; compare runs of one load, or give a \
         stepped test"
    )]
    OtherLoad {
        /// Concurrent users in the one run.
        first: String,
        /// That run.
        first_run: String,
        /// Concurrent users in the other.
        second: String,
        /// The other run.
        second_run: String,
    },
    /// A run of the candidate that is in the baseline as well.
    #[error(
        "{candidate} is the same run as {baseline} of the baseline; give each side runs of its own build"
    )]
    SameRun {
        /// The candidate's run.
        candidate: String,
        /// The baseline's.
        baseline: String,
    },
    /// Sides that no common program measured.
    #[error(
        "the baseline was measured with {baseline}, the candidate with {candidate}: a difference may be one of the programs; \
         measure both with the same one"
    )]
    OtherTool {
        /// The programs of the baseline.
        baseline: String,
        /// Those of the candidate.
        candidate: String,
    },
    /// One metric in two units.
    #[error(
        "`{metric}` is in {first} in {first_run}, but in {second} in {second_run}; compare runs of one unit"
    )]
    MixedUnits {
        /// The metric.
        metric: String,
        /// The unit in the one run.
        first: String,
        /// That run.
        first_run: String,
        /// The unit in the other.
        second: String,
        /// The other run.
        second_run: String,
    },
    /// Assessments or a stored baseline made with another roadmap.
    #[error(
        "the baseline was made with the roadmap {baseline}, the candidate with {candidate}; make both again with \
         one roadmap"
    )]
    OtherProfile {
        /// The baseline's id and the beginning of its digest.
        baseline: String,
        /// The candidate's.
        candidate: String,
    },
    /// Different kinds of inputs on the two sides.
    #[error("the baseline and the candidate have no metric in common: {baseline} against {candidate}")]
    NothingInCommon {
        /// Metrics of the baseline.
        baseline: String,
        /// Metrics of the candidate.
        candidate: String,
    },
    /// A rule for a metric that does not exist.
    #[error("{place} names the metric `{metric}`, which no run has{hint}")]
    UnknownMetric {
        /// Where the name stands.
        place: &'static str,
        /// The name.
        metric: String,
        /// What may have been meant.
        hint: String,
    },
    /// A rule that has no effect without a direction.
    #[error(
        "`{metric}` has a margin or a floor, but its direction is unknown; add `--direction \
         {metric}=lower` or `=higher`, or a line in [gate.directions]"
    )]
    NoDirectionFor {
        /// The metric.
        metric: String,
    },
    /// A floor in another kind of unit than the metric.
    #[error("the floor of `{metric}` is {floor}, but the metric is in {unit}")]
    FloorUnit {
        /// The metric.
        metric: String,
        /// Its floor.
        floor: String,
        /// Its unit.
        unit: String,
    },
}

impl GateError {
    /// A name that nothing has, with the nearest that exists, rather one that was measured.
    pub(super) fn unknown<'a>(
        place: &'static str,
        metric: &str,
        measured: impl Iterator<Item = &'a str>,
        known: impl Iterator<Item = &'a str> + Clone,
    ) -> Self {
        let near = did_you_mean(metric, measured).or_else(|| did_you_mean(metric, known.clone()));
        let hint = if let Some(near) = near {
            format!("; did you mean `{near}`?")
        } else {
            let all: BTreeSet<&str> = known.collect();
            format!("; there are {}", all.into_iter().collect::<Vec<_>>().join(", "))
        };
        Self::UnknownMetric { place, metric: metric.to_owned(), hint }
    }
}

/// Checks that the two sides can be compared.
///
/// # Errors
/// With the first thing that does not fit.
pub(super) fn check(comparison: &Comparison) -> Result<(), GateError> {
    if comparison.candidate.is_empty() {
        return Err(GateError::NoCandidate);
    }
    check_runs(comparison)?;
    check_distinct(comparison)?;
    check_tools(comparison)?;
    check_load(comparison)?;
    check_profile(comparison)?;
    check_common(comparison)
}

/// A run without requests, or with failures alone, says nothing about capacity.
fn check_runs(comparison: &Comparison) -> Result<(), GateError> {
    for run in comparison.baseline.runs().iter().chain(&comparison.candidate) {
        let value = |metric: &str| run.values.get(metric);
        let nothing = |metric: &str| value(metric).is_some_and(|value| value.value <= 0.0);
        if nothing(REQUESTS) || nothing(THROUGHPUT) {
            return Err(GateError::NoRequests { run: run.name.clone() });
        }
        let errors = value(ERRORS).map(|value| {
            value_quantity(value.value, &value.unit).map_or(value.value, crate::signal::Quantity::value)
        });
        if errors.is_some_and(|errors| errors >= 1.0) {
            return Err(GateError::AllFailed { run: run.name.clone() });
        }
    }
    Ok(())
}

/// A run on both sides makes every build as good as the baseline.
fn check_distinct(comparison: &Comparison) -> Result<(), GateError> {
    let baseline = comparison.baseline.runs();
    let pair = comparison.candidate.iter().find_map(|run| {
        let known = baseline.iter().find(|known| is_copy(known, run))?;
        Some((run, known))
    });
    pair.map_or(Ok(()), |(run, known)| {
        Err(GateError::SameRun { candidate: run.name.clone(), baseline: known.name.clone() })
    })
}

/// Programs measure in different ways: one counts the time that a request waited to be sent, the other does not. Their
/// versions may differ, and a table may come from any of them.
fn check_tools(comparison: &Comparison) -> Result<(), GateError> {
    let tools = |runs: &[Run]| -> BTreeSet<String> {
        let names = runs.iter().filter_map(|run| run.tool.split(' ').next());
        names.filter(|name| !name.is_empty() && *name != loadtest::TABLE).map(str::to_owned).collect()
    };
    let [baseline, candidate] = [comparison.baseline.runs(), &comparison.candidate].map(tools);
    if baseline.is_empty() || candidate.is_empty() || !baseline.is_disjoint(&candidate) {
        return Ok(());
    }
    let listed = |tools: BTreeSet<String>| tools.into_iter().collect::<Vec<_>>().join(" and ");
    Err(GateError::OtherTool { baseline: listed(baseline), candidate: listed(candidate) })
}

/// What two loads do to a system says nothing about the difference between two builds.
fn check_load(comparison: &Comparison) -> Result<(), GateError> {
    let runs = comparison.baseline.runs().iter().chain(&comparison.candidate);
    let mut loads = runs.filter_map(|run| Some((run, run.concurrency?)));
    let Some((first, load)) = loads.next() else { return Ok(()) };
    match loads.find(|(_, other)| (other - load).abs() > 0.01 * load.abs()) {
        Some((second, other)) => Err(GateError::OtherLoad {
            first: load.to_string(),
            first_run: first.name.clone(),
            second: other.to_string(),
            second_run: second.name.clone(),
        }),
        None => Ok(()),
    }
}

/// Limits and forecasts of one roadmap cannot be compared with those of another.
fn check_profile(comparison: &Comparison) -> Result<(), GateError> {
    let assessments = |runs: &'_ [Run]| -> Vec<Profile> {
        runs.iter()
            .filter_map(|run| run.assessment.as_ref())
            .map(|assessment| assessment.profile.clone())
            .collect()
    };
    let stored = comparison.stored.as_ref().and_then(|stored| stored.provenance.profile.clone());
    let before: Vec<Profile> = stored.into_iter().chain(assessments(comparison.baseline.runs())).collect();
    let chosen = comparison.profile.clone();
    let after: Vec<Profile> = chosen.into_iter().chain(assessments(&comparison.candidate)).collect();
    let other = before
        .iter()
        .chain(&after)
        .zip(before.iter().chain(&after).skip(1))
        .find(|(first, second)| first != second);
    let shown = |profile: &Profile| {
        format!("{} ({})", profile.id, profile.digest.chars().take(12).collect::<String>())
    };
    match (before.first(), after.first(), other) {
        (Some(_), Some(_), Some((first, second))) => {
            Err(GateError::OtherProfile { baseline: shown(first), candidate: shown(second) })
        }
        _ => Ok(()),
    }
}

/// Two sides that share no metric were not meant to be compared.
fn check_common(comparison: &Comparison) -> Result<(), GateError> {
    let names = |runs: &[Run]| -> BTreeSet<String> {
        let metrics = runs.iter().flat_map(|run| run.values.keys().cloned());
        let assessed = runs.iter().filter(|run| run.assessment.is_some()).map(|_| "assessments".to_owned());
        metrics.chain(assessed).collect()
    };
    let (before, after) = (names(comparison.baseline.runs()), names(&comparison.candidate));
    if before.is_empty() || !before.is_disjoint(&after) {
        return Ok(());
    }
    let list = |names: &BTreeSet<String>| names.iter().cloned().collect::<Vec<_>>().join(", ");
    Err(GateError::NothingInCommon { baseline: list(&before), candidate: list(&after) })
}
