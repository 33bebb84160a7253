//! Section 1: how it stands, and what changed since the month began.

use schemars::JsonSchema;
use serde::Serialize;

use super::{AssessmentSummary, ReportInput, past_assessment};
use crate::assess::{Bottleneck, RankingReason, Survey, Verdict};

/// How it stands.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct VerdictSection {
    /// The worst of the present findings.
    pub verdict: Verdict,
    /// What runs out next; null when no resource has reached its warning limit.
    pub next_bottleneck: Option<Bottleneck>,
    /// Why that one, or why none.
    pub reason: RankingReason,
    /// Findings that indicate faults, by verdict: critical, warning, unknown.
    pub faults: [usize; 3],
    /// When the month began; null where neither a record nor the history shows it.
    pub at_begin: Option<AssessmentSummary>,
    /// When it ended; null likewise, and where it is not over yet.
    pub at_end: Option<AssessmentSummary>,
    /// Now; load and phase as measured, or by the hours' means where an earlier standing is computed from them, so that they
    /// compare.
    pub now: AssessmentSummary,
}

pub(super) fn section(
    material: &ReportInput<'_>,
    survey: &Survey,
    at_begin: Option<&AssessmentSummary>,
) -> VerdictSection {
    let ReportInput { snapshot, month, .. } = *material;
    let assessment = &survey.assessment;
    let over = |moment| moment < snapshot.taken_at;
    let at_begin = at_begin.filter(|_| over(month.begin()));
    let at_end = over(month.end()).then(|| past_assessment::summary(material, month.end())).flatten();
    let count = |verdict| {
        let faults = assessment.findings.iter().filter(|finding| finding.kind.is_fault());
        faults.filter(|finding| finding.verdict == verdict).count()
    };
    VerdictSection {
        verdict: assessment.verdict,
        next_bottleneck: assessment.next_bottleneck.clone(),
        reason: assessment.next_bottleneck_reason.clone(),
        faults: [Verdict::Critical, Verdict::Warning, Verdict::Unknown].map(count),
        now: past_assessment::present(material, survey, &[at_begin, at_end.as_ref()]),
        at_begin: at_begin.cloned(),
        at_end,
    }
}
