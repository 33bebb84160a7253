//! What is wrong with a service, by names that stay the same from run to run.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::assess::{Assessment, Finding, Verdict, is_at_limit, is_sure};

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Problem {
    /// Its name, such as `threshold:postgres.connections`; `outside:` and a metric outside the roadmap.
    pub id: String,
    /// The instance, where there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// How bad it is: a warning, or critical.
    pub verdict: Verdict,
    /// Whether it is silenced.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub silenced: bool,
}

/// What is wrong, each thing once, in the order of the names.
pub(super) fn problems(assessment: &Assessment) -> Vec<Problem> {
    let is_wrong = |finding: &&Finding| finding.kind.is_fault() && finding.verdict >= Verdict::Warning;
    let of_finding = |finding: &Finding| Problem {
        id: finding.id.clone(),
        instance: finding.instance.clone(),
        verdict: finding.verdict,
        silenced: assessment.silence_of(finding).is_some(),
    };
    let outside = assessment.outside_roadmap.iter().filter(|found| is_at_limit(found) && is_sure(found));
    let of_outside = outside.map(|found| Problem {
        id: format!("outside:{}", found.metrics.first().map_or("", String::as_str)),
        instance: found.instance.clone(),
        verdict: Verdict::Warning,
        silenced: assessment.is_silenced(),
    });
    let mut problems: BTreeMap<(String, Option<String>), Problem> = BTreeMap::new();
    for problem in assessment.findings.iter().filter(is_wrong).map(of_finding).chain(of_outside) {
        let key = (problem.id.clone(), problem.instance.clone());
        match problems.get(&key) {
            Some(known) if known.verdict >= problem.verdict => {}
            _ => _ = problems.insert(key, problem),
        }
    }
    problems.into_values().collect()
}
