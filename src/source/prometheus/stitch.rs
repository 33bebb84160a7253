//! Long windows come in several answers; this makes one of them.

use std::collections::{BTreeMap, BTreeSet};

use super::decode::{Answer, RawSeries, Samples, is_remark};

/// All pieces of a window together.
#[derive(Debug, Default, PartialEq)]
pub(super) struct RangeResult {
    /// The series, in the order of their labels.
    pub(super) series: Vec<RawSeries>,
    /// What the server warned of.
    pub(super) warnings: BTreeSet<String>,
    /// What the server remarked.
    pub(super) infos: BTreeSet<String>,
}

/// Joins answers that follow each other in time, and tells remarks from warnings.
pub(super) fn stitch(answers: Vec<Answer>) -> RangeResult {
    let Answer { series, warnings, infos, partial, .. } = joined(answers);
    let (remarks, warnings): (Vec<_>, Vec<_>) = warnings.into_iter().partition(|warning| is_remark(warning));
    let missing = partial.then(|| "the answer is partial: some storage nodes did not respond".to_owned());
    RangeResult {
        series,
        warnings: warnings.into_iter().chain(missing).collect(),
        infos: infos.into_iter().chain(remarks).collect(),
    }
}

/// One answer of several that follow each other in time, its series in the order of their labels.
pub(super) fn joined(answers: Vec<Answer>) -> Answer {
    let mut whole = Answer::default();
    let mut by_labels: BTreeMap<Vec<(String, String)>, RawSeries> = BTreeMap::new();
    for answer in answers {
        whole.warnings.extend(answer.warnings);
        whole.infos.extend(answer.infos);
        whole.partial |= answer.partial;
        for mut series in answer.series {
            series.labels.sort();
            match by_labels.get_mut(&series.labels) {
                Some(earlier) => append(earlier, series),
                None => _ = by_labels.insert(series.labels.clone(), series),
            }
        }
    }
    whole.series = by_labels.into_values().collect();
    whole
}

fn append(earlier: &mut RawSeries, later: RawSeries) {
    let Samples { at_ms, values, nan, infinite } = later.samples;
    // Answers for jobs with ranges of their own may hold the same instants.
    let end = earlier.samples.at_ms.last().copied().unwrap_or(i64::MIN);
    let behind = at_ms.partition_point(|at| *at <= end);
    earlier.samples.at_ms.extend(at_ms.into_iter().skip(behind));
    earlier.samples.values.extend(values.into_iter().skip(behind));
    earlier.samples.nan += nan;
    earlier.samples.infinite += infinite;
    earlier.histograms |= later.histograms;
}
