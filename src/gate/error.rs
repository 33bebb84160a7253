//! Why nothing could be judged.

use std::collections::BTreeSet;

use crate::diagnostic::did_you_mean;

/// Inputs or rules that do not fit together. Nothing has been judged then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GateError {
    /// A side without a run.
    #[error("the candidate has no runs")]
    NoCandidate,
    /// A run in which nothing happened.
    #[error(
        "{run}: no request was answered, so that it says nothing; look whether the load test reached the system"
    )]
    NoRequests {
        /// The run.
        run: String,
    },
    /// A run in which everything failed.
    #[error("{run}: every request failed, so that its times say nothing of what the system can carry")]
    AllFailed {
        /// The run.
        run: String,
    },
    /// Runs under different loads.
    #[error(
        "{first_run} was run with {first} users at once, {second_run} with {second}; compare runs of one load, or give a \
         stepped test"
    )]
    OtherLoad {
        /// Users at once in the one run.
        first: String,
        /// That run.
        first_run: String,
        /// Users at once in the other.
        second: String,
        /// The other run.
        second_run: String,
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
    #[error("{place} names the metric `{metric}`, which nothing here has{hint}")]
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
        "`{metric}` has a margin or a floor, but nobody says which way it is better; add `--direction \
         {metric}=lower` or `=higher`, or a line in [gate.directions]"
    )]
    NoDirectionFor {
        /// The metric.
        metric: String,
    },
    /// Nothing to judge by.
    #[error(
        "nobody says which way any of these metrics is better: {metrics}; add `--direction NAME=lower` or \
         `=higher`, or a line in [gate.directions]"
    )]
    NoDirections {
        /// The metrics there are.
        metrics: String,
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
