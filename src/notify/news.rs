//! What is new since the last message.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use super::{Aspect, Check, CheckState, Problem, Standing, Subject, Told};
use crate::assess::Verdict;

/// What became of a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// It was fine and now has a problem.
    New,
    /// It is worse than it was.
    Worse,
    /// It has become the next bottleneck, in place of another resource.
    Next,
    /// It had a problem and is no longer measured.
    Unknown,
    /// It is less bad than it was.
    Better,
    /// It had a problem, and the instance is gone.
    Gone,
    /// It had a problem and is fine again.
    Recovered,
}

/// A change that is worth a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Change {
    /// What became of it.
    pub change: ChangeKind,
    /// What it is about.
    #[serde(flatten)]
    pub subject: Subject,
    /// Its display name.
    pub title: String,
    /// How bad it is now.
    pub verdict: Verdict,
    /// How bad it was.
    pub previous: Verdict,
    /// Why, in words; null where nothing is wrong.
    pub message: Option<String>,
}

/// What is new, and what is told with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// What changed, the worst first.
    pub changes: Vec<Change>,
    /// Whether the verdict became unknown, or known and well, where nothing else changed.
    pub verdict_changed: bool,
    /// The verdict of before.
    pub previous: Verdict,
    /// What is told from here on.
    pub told: Told,
}

impl News {
    /// Whether there is nothing to tell.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && !self.verdict_changed
    }
}

/// Compares how a system stands with what was told.
///
/// What is silenced is left out: it is neither new nor recovered. What is pending stays as it was told. Where there is no
/// assessment, everything else stays as it was told.
pub fn news(told: &Told, now: &Standing) -> News {
    let known: BTreeMap<&Subject, &Problem> =
        told.problems.iter().map(|problem| (&problem.subject, problem)).collect();
    let mut changes = Vec::new();
    let mut problems = Vec::new();
    for (subject, check) in &now.checks {
        let CheckState::Wrong { verdict, message } = &check.state else { continue };
        let previous = known.get(subject).map(|problem| problem.verdict);
        let change = match previous {
            None => Some(ChangeKind::New),
            Some(previous) if *verdict > previous => Some(ChangeKind::Worse),
            Some(previous) if *verdict < previous => Some(ChangeKind::Better),
            Some(_) => None,
        };
        changes.extend(change.map(|change| Change {
            change,
            subject: subject.clone(),
            title: check.title.clone(),
            verdict: *verdict,
            previous: previous.unwrap_or(Verdict::Ok),
            message: Some(message.clone()),
        }));
        problems.push(Problem { subject: subject.clone(), title: check.title.clone(), verdict: *verdict });
    }
    let measured = now.measured();
    for problem in &told.problems {
        let (kept, change) = continued(problem, now, &measured);
        problems.extend(kept);
        changes.extend(change);
    }
    let verdict = now.verdict.unwrap_or(told.verdict);
    let next = if now.verdict.is_some() { now.next.clone() } else { told.next.clone() };
    changes.extend(other_next(told, now).filter(|_| changes.is_empty()));
    changes.sort_by(|a, b| {
        let key = |change: &Change| (change.change, std::cmp::Reverse(change.verdict));
        key(a).cmp(&key(b)).then_with(|| a.subject.cmp(&b.subject))
    });
    let between = [told.verdict, verdict];
    let verdict_changed = changes.is_empty()
        && (between == [Verdict::Ok, Verdict::Unknown] || between == [Verdict::Unknown, Verdict::Ok]);
    News { changes, verdict_changed, previous: told.verdict, told: Told { verdict, next, problems } }
}

/// What becomes of a problem that is not wrong now: how it is kept, and what is told of it. `measured` is what is measured of
/// any instance.
fn continued(
    problem: &Problem,
    now: &Standing,
    measured: &BTreeSet<(&str, Aspect)>,
) -> (Option<Problem>, Option<Change>) {
    let ended = |change, verdict| Change {
        change,
        subject: problem.subject.clone(),
        title: problem.title.clone(),
        verdict,
        previous: problem.verdict,
        message: None,
    };
    let unassessed = now.verdict.is_none() && problem.subject.aspect != Aspect::Assessment;
    let state = now.checks.get(&problem.subject).map(|Check { state, .. }| state);
    match state {
        Some(CheckState::Wrong { .. } | CheckState::Silenced) => (None, None),
        _ if unassessed => (Some(problem.clone()), None),
        Some(CheckState::Pending) => (Some(problem.clone()), None),
        Some(CheckState::Fine) => (None, Some(ended(ChangeKind::Recovered, Verdict::Ok))),
        // It may be as full as before where nobody has searched for it.
        None if problem.subject.aspect == Aspect::Outside && !now.searched => (Some(problem.clone()), None),
        // Sources, assessments and what is outside the roadmap are named only while they are wrong; a date is not named
        // where nothing ends.
        None if problem.subject.aspect != Aspect::Limit && !is_unmeasured(problem, now) => {
            (None, Some(ended(ChangeKind::Recovered, Verdict::Ok)))
        }
        // Others of its name are measured.
        None if measured.contains(&(problem.subject.name.as_str(), problem.subject.aspect)) => {
            (None, Some(ended(ChangeKind::Gone, Verdict::Ok)))
        }
        _ if problem.verdict == Verdict::Unknown => (Some(problem.clone()), None),
        _ => {
            let kept = Problem { verdict: Verdict::Unknown, ..problem.clone() };
            (Some(kept), Some(ended(ChangeKind::Unknown, Verdict::Unknown)))
        }
    }
}

/// Whether the date of a resource is missing because the resource is not measured.
fn is_unmeasured(problem: &Problem, now: &Standing) -> bool {
    let limit = Subject { aspect: Aspect::Limit, ..problem.subject.clone() };
    problem.subject.aspect == Aspect::ActBy
        && now.checks.get(&limit).is_none_or(|check| check.state == CheckState::Unknown)
}

/// That another resource runs out next while something is wrong.
fn other_next(told: &Told, now: &Standing) -> Option<Change> {
    let (next, _) =
        (now.next.as_ref()?, told.next.as_ref().filter(|before| Some(*before) != now.next.as_ref())?);
    let verdict = now.verdict.filter(|verdict| *verdict >= Verdict::Warning)?;
    let check = now.checks.get(next)?;
    let message = match &check.state {
        CheckState::Wrong { message, .. } => Some(message.clone()),
        _ => None,
    };
    Some(Change {
        change: ChangeKind::Next,
        subject: next.clone(),
        title: check.title.clone(),
        verdict,
        previous: told.verdict,
        message,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(name: &str) -> Subject {
        let (name, instance) = name.split_once('@').map_or((name, None), |(name, at)| (name, Some(at)));
        Subject { name: name.to_owned(), instance: instance.map(str::to_owned), aspect: Aspect::Limit }
    }

    fn wrong(verdict: Verdict) -> CheckState {
        CheckState::Wrong { verdict, message: "why".to_owned() }
    }

    fn standing(verdict: Verdict, checks: &[(&str, CheckState)]) -> Standing {
        let check = |(name, state): &(&str, CheckState)| {
            (subject(name), Check { title: (*name).to_owned(), state: state.clone() })
        };
        let checks = checks.iter().map(check).collect();
        Standing { verdict: Some(verdict), next: None, checks, searched: true }
    }

    /// What each of several assessments, one after the other, has that is new.
    #[track_caller]
    fn check(steps: &[(Standing, &[(&str, ChangeKind)])]) {
        let mut told = Told::default();
        for (number, (now, expected)) in (1..).zip(steps) {
            let found = news(&told, now);
            let changes: Vec<(&str, ChangeKind)> =
                found.changes.iter().map(|change| (change.title.as_str(), change.change)).collect();
            assert_eq!(changes, *expected, "step {number}");
            told = found.told;
            assert!(news(&told, now).is_empty(), "step {number} is news twice");
        }
    }

    use CheckState::{Fine, Pending, Silenced, Unknown as Unmeasured};
    use Verdict::{Critical, Ok, Unknown, Warning};

    #[test]
    fn a_problem_is_told_when_it_comes_changes_and_goes() {
        check(&[
            (standing(Ok, &[("disk", Fine)]), &[]),
            (standing(Warning, &[("disk", wrong(Warning))]), &[("disk", ChangeKind::New)]),
            (standing(Critical, &[("disk", wrong(Critical))]), &[("disk", ChangeKind::Worse)]),
            (standing(Warning, &[("disk", wrong(Warning))]), &[("disk", ChangeKind::Better)]),
            (standing(Ok, &[("disk", Fine)]), &[("disk", ChangeKind::Recovered)]),
        ]);
    }

    #[test]
    fn what_is_not_measured_has_not_recovered() {
        check(&[
            (standing(Critical, &[("disk", wrong(Critical))]), &[("disk", ChangeKind::New)]),
            (standing(Unknown, &[("disk", Unmeasured)]), &[("disk", ChangeKind::Unknown)]),
            (standing(Unknown, &[]), &[]),
            (standing(Critical, &[("disk", wrong(Critical))]), &[("disk", ChangeKind::Worse)]),
            (standing(Unknown, &[("disk", Unmeasured)]), &[("disk", ChangeKind::Unknown)]),
            (standing(Ok, &[("disk", Fine)]), &[("disk", ChangeKind::Recovered)]),
        ]);
    }

    #[test]
    fn what_is_outside_the_roadmap_recovers_where_it_was_searched_for() {
        let outside = Subject { name: "volume".to_owned(), instance: None, aspect: Aspect::Outside };
        let full = Check { title: "volume".to_owned(), state: wrong(Warning) };
        let well = standing(Ok, &[("disk", Fine)]);
        let told = news(
            &Told::default(),
            &Standing { checks: BTreeMap::from([(outside, full)]), ..standing(Warning, &[]) },
        )
        .told;
        assert!(news(&told, &Standing { searched: false, ..well.clone() }).changes.is_empty());
        let kept = news(&told, &Standing { searched: false, ..well.clone() }).told;
        let found = news(&kept, &well);
        assert_eq!(
            found.changes.iter().map(|change| change.change).collect::<Vec<_>>(),
            [ChangeKind::Recovered]
        );
        assert!(found.told.problems.is_empty());
    }

    #[test]
    fn an_instance_that_is_gone_is_told_once() {
        let both = [("disk@a", wrong(Critical)), ("disk@b", Fine)];
        check(&[
            (standing(Critical, &both), &[("disk@a", ChangeKind::New)]),
            (standing(Ok, &both[1..]), &[("disk@a", ChangeKind::Gone)]),
            (standing(Ok, &both[1..]), &[]),
        ]);
    }

    #[test]
    fn what_is_pending_stays_as_it_was_told() {
        check(&[
            (standing(Unknown, &[("disk", Pending)]), &[]),
            (standing(Critical, &[("disk", wrong(Critical))]), &[("disk", ChangeKind::New)]),
            (standing(Unknown, &[("disk", Pending)]), &[]),
            (standing(Critical, &[("disk", wrong(Critical))]), &[]),
        ]);
    }

    #[test]
    fn what_is_silenced_is_not_told_until_it_is_not() {
        check(&[
            (standing(Critical, &[("disk", wrong(Critical))]), &[("disk", ChangeKind::New)]),
            (standing(Ok, &[("disk", Silenced)]), &[]),
            (standing(Ok, &[("disk", Silenced)]), &[]),
            (standing(Critical, &[("disk", wrong(Critical))]), &[("disk", ChangeKind::New)]),
            (standing(Ok, &[("disk", Silenced)]), &[]),
            (standing(Ok, &[("disk", Fine)]), &[]),
        ]);
    }

    #[test]
    fn a_system_that_cannot_be_assessed_is_told_and_nothing_else_is_forgotten() {
        let failed = Standing::unassessed("no source answered".to_owned());
        check(&[
            (standing(Critical, &[("disk", wrong(Critical))]), &[("disk", ChangeKind::New)]),
            (failed, &[("assessment", ChangeKind::New)]),
            (
                standing(Ok, &[("disk", Fine)]),
                &[("assessment", ChangeKind::Recovered), ("disk", ChangeKind::Recovered)],
            ),
        ]);
    }

    #[test]
    fn a_verdict_that_becomes_unknown_is_news_by_itself() {
        let told = Told::default();
        let unknown = news(&told, &standing(Unknown, &[("disk", Unmeasured)]));
        assert!(unknown.verdict_changed && unknown.changes.is_empty());
        assert!(news(&unknown.told, &standing(Ok, &[("disk", Fine)])).verdict_changed);
        assert!(news(&unknown.told, &standing(Unknown, &[])).is_empty());
    }

    #[test]
    fn another_bottleneck_is_news_while_something_is_wrong() {
        let with_next = |verdict, next: &str| {
            let checks = [("disk", wrong(Warning)), ("memory", wrong(Warning))];
            Standing { next: Some(subject(next)), ..standing(verdict, &checks) }
        };
        let told = news(&Told::default(), &with_next(Warning, "disk")).told;
        let found = news(&told, &with_next(Warning, "memory"));
        assert_eq!(found.changes.iter().map(|change| change.change).collect::<Vec<_>>(), [ChangeKind::Next]);
        assert!(news(&told, &with_next(Ok, "memory")).is_empty());
    }
}
