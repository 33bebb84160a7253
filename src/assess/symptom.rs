//! What the roadmap says besides its limits, held against the system: symptoms, playbooks, benchmarks, and
//! statements that can be measured. None of them raises the verdict by itself.

use super::{
    Context, Finding, Kind, Outcome, Verdict,
    condition::{Quantifier, judge},
    finding::from_judged,
};
use crate::roadmap::{Condition, Statement};

/// Whether it is good or bad news when a condition holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum News {
    Good,
    Bad,
}

/// Every condition that tells of the system without being a fault in itself.
pub(super) fn assess(context: &Context<'_>) -> Vec<Finding> {
    let roadmap = &context.input.roadmap;
    let mut findings = Vec::new();
    for milestone in &roadmap.milestones {
        let prefix = format!("symptom:milestone-{}", milestone.users);
        findings.extend(statements(context, &prefix, Kind::Symptom, &milestone.symptoms, News::Bad));
    }
    for playbook in &roadmap.playbooks {
        let id = format!("playbook:{}", playbook.id);
        let when = playbook.when.as_ref();
        findings.extend(
            when.map(|when| finding(context, id, Kind::Playbook, &playbook.symptom, when, News::Bad)),
        );
    }
    for (number, benchmark) in (1..).zip(&roadmap.benchmarks) {
        let id = format!("benchmark:{number}");
        let kind = Kind::Benchmark;
        findings.push(finding(context, id, kind, &benchmark.title, &benchmark.target, News::Good));
    }
    let stated = [
        ("statement:limitation", &roadmap.limitations, News::Bad),
        ("statement:principle", &roadmap.principles, News::Good),
        ("statement:saving", &roadmap.savings, News::Bad),
    ];
    for (prefix, list, news) in stated {
        findings.extend(statements(context, prefix, Kind::Statement, list, news));
    }
    findings
}

/// The statements that can be measured, numbered from 1 among all.
fn statements(
    context: &Context<'_>,
    prefix: &str,
    kind: Kind,
    list: &[Statement],
    news: News,
) -> Vec<Finding> {
    let measurable =
        (1..).zip(list).filter_map(|(number, one): (usize, _)| Some((number, one, one.when.as_ref()?)));
    measurable
        .map(|(number, one, when)| {
            finding(context, format!("{prefix}:{number}"), kind, &one.text, when, news)
        })
        .collect()
}

fn finding(
    context: &Context<'_>,
    id: String,
    kind: Kind,
    text: &str,
    when: &Condition,
    news: News,
) -> Finding {
    let quantifier = if news == News::Good { Quantifier::Every } else { Quantifier::Any };
    let mut judged = judge(context, when, quantifier);
    judged.leaf.because = format!("{text}: {}", judged.leaf.because);
    let verdict = match (judged.outcome, news) {
        (Outcome::Unknown, _) => Verdict::Unknown,
        (Outcome::True, News::Good) | (Outcome::False, News::Bad) => Verdict::Ok,
        (Outcome::True, News::Bad) | (Outcome::False, News::Good) => Verdict::Warning,
    };
    from_judged(id, kind, Verdict::Warning, verdict, judged)
}
