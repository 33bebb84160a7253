//! What has changed since an earlier run: what is new or worse, and what has recovered.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Problem, Row};
use crate::{assess::Verdict, snapshot::Labels};

/// What has changed since an earlier run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// What it comes to.
    pub kind: ChangeKind,
    /// When the earlier run judged this service; where it did not, when it judged its last one. Null where it judged none.
    pub since: Option<DateTime<Utc>>,
    /// The problems that are new or worse.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<ChangedProblem>,
    /// The worst of these that is not silenced, which decides the exit code; null where there is none.
    pub verdict: Option<Verdict>,
    /// Whether evidence is missing that the earlier run had.
    pub lost_evidence: bool,
}

/// A problem that is new or worse.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChangedProblem {
    /// The problem as it is now.
    #[serde(flatten)]
    pub problem: Problem,
    /// How bad it was; null where it is new.
    pub was: Option<Verdict>,
}

/// What a change comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// It has a new problem.
    New,
    /// A problem is more severe than it was.
    Worse,
    /// Nothing is new or worse, but evidence is missing that was there.
    Unknown,
    /// It had problems and has none now; nothing is unknown.
    Recovered,
    /// None of these.
    Unchanged,
}

impl Change {
    /// Whether there is something that the earlier run did not tell.
    pub fn is_news(&self) -> bool {
        matches!(self.kind, ChangeKind::New | ChangeKind::Worse | ChangeKind::Unknown)
    }
}

/// The same rows, each compared with its service in an earlier run.
pub fn compared(rows: Vec<Row>, earlier: &[Row]) -> Vec<Row> {
    let last = earlier.iter().map(|row| row.generated_at).max();
    let known: BTreeMap<&Labels, &Row> = earlier.iter().map(|row| (&row.service, row)).collect();
    let compare = |row: Row| {
        let change = change(&row, known.get(&row.service).copied(), last);
        Row { change: Some(change), ..row }
    };
    rows.into_iter().map(compare).collect()
}

fn change(row: &Row, earlier: Option<&Row>, last: Option<DateTime<Utc>>) -> Change {
    let before: BTreeMap<_, &Problem> = earlier
        .iter()
        .flat_map(|row| &row.problems)
        .map(|problem| ((&problem.id, &problem.instance), problem))
        .collect();
    // What was silenced then was not told, unless it still is silenced.
    let was = |problem: &Problem| {
        let known = before.get(&(&problem.id, &problem.instance))?;
        (!known.silenced || problem.silenced).then_some(known.verdict)
    };
    let problems: Vec<ChangedProblem> = row
        .problems
        .iter()
        .map(|problem| ChangedProblem { problem: problem.clone(), was: was(problem) })
        .filter(|news| news.was < Some(news.problem.verdict))
        .collect();
    let lost_evidence = lost_evidence(row, earlier);
    let kind = if problems.iter().any(|news| news.was.is_none()) {
        ChangeKind::New
    } else if !problems.is_empty() {
        ChangeKind::Worse
    } else if lost_evidence {
        ChangeKind::Unknown
    } else if row.verdict == Verdict::Ok && !before.is_empty() {
        ChangeKind::Recovered
    } else {
        ChangeKind::Unchanged
    };
    let unsilenced = problems.iter().map(|news| &news.problem).filter(|problem| !problem.silenced);
    let verdict = unsilenced.map(|problem| problem.verdict).max();
    let since = earlier.map(|row| row.generated_at).or(last);
    Change { kind, since, problems, verdict, lost_evidence }
}

/// Whether evidence is missing now that was not missing then. What is silenced now does not count; what was silenced then
/// was not told.
fn lost_evidence(row: &Row, earlier: Option<&Row>) -> bool {
    let Some(earlier) = earlier.filter(|earlier| !earlier.is_silenced()) else {
        return row.lacks_evidence(true);
    };
    if row.is_silenced() || earlier.unjudged.is_some() && row.unjudged == earlier.unjudged {
        return false;
    }
    let names = |row: &Row| -> BTreeSet<String> {
        row.unknown.iter().map(|finding| finding.id.clone()).chain(row.further_unknown.clone()).collect()
    };
    // More instances of the same thing have the same name.
    row.unjudged.is_some() && earlier.unjudged.is_none()
        || row.unknown_count > earlier.unknown_count
        || !names(row).is_subset(&names(earlier))
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::{
        assess::{SilenceOutcome, SilenceState},
        fleet::{Standing, Unjudged},
        roadmap::Silence,
    };

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_760_000_000, 0).unwrap()
    }

    fn row(name: &str, problems: &[(&str, Verdict)]) -> Row {
        let labels = Labels::from([("service".to_owned(), name.to_owned())]);
        let row = Row::unjudged(name.to_owned(), labels, Unjudged::Vanished, Standing::Present, now());
        let problem = |(id, verdict): &(&str, Verdict)| Problem {
            id: (*id).to_owned(),
            instance: None,
            verdict: *verdict,
            silenced: false,
        };
        let verdict = problems.iter().map(|(_, verdict)| *verdict).max().unwrap_or(Verdict::Ok);
        let problems = problems.iter().map(problem).collect();
        Row { unjudged: None, verdict, unsilenced_verdict: verdict, problems, ..row }
    }

    fn unknown(count: usize, names: &[&str]) -> Row {
        let further_unknown = names.iter().map(|name| (*name).to_owned()).collect();
        Row { verdict: Verdict::Unknown, unknown_count: count, further_unknown, ..row("a", &[]) }
    }

    #[track_caller]
    fn check(earlier: Row, later: Row, kind: ChangeKind, verdict: Option<Verdict>) {
        let earlier = Row { generated_at: now() - TimeDelta::days(1), ..earlier };
        let rows = compared(vec![later], &[earlier]);
        let change = rows[0].change.clone().unwrap();
        assert_eq!((change.kind, change.verdict), (kind, verdict), "{change:?}");
        assert_eq!(change.since, Some(now() - TimeDelta::days(1)));
    }

    #[test]
    fn problems_are_new_worse_or_over() {
        use ChangeKind::{New, Recovered, Unchanged, Worse};
        use Verdict::{Critical, Warning};
        check(row("a", &[]), row("a", &[("x", Warning)]), New, Some(Warning));
        check(row("a", &[("x", Critical)]), row("a", &[("x", Critical), ("y", Warning)]), New, Some(Warning));
        check(row("a", &[("x", Warning)]), row("a", &[("x", Critical)]), Worse, Some(Critical));
        check(row("a", &[("x", Critical)]), row("a", &[("x", Critical)]), Unchanged, None);
        check(row("a", &[("x", Critical)]), row("a", &[("x", Warning)]), Unchanged, None);
        check(row("a", &[("x", Critical)]), row("a", &[]), Recovered, None);
        check(row("b", &[("x", Critical)]), row("a", &[("x", Critical)]), New, Some(Critical));
    }

    #[test]
    fn a_problem_that_cannot_be_seen_any_more_has_not_recovered() {
        use ChangeKind::{Unchanged, Unknown};
        let vanished =
            |row: Row| Row { unjudged: Some(Unjudged::Vanished), verdict: Verdict::Unknown, ..row };
        check(row("a", &[("x", Verdict::Critical)]), vanished(row("a", &[])), Unknown, None);
        check(vanished(row("a", &[])), vanished(row("a", &[])), Unchanged, None);
        check(row("a", &[]), unknown(1, &["x"]), Unknown, None);
        check(unknown(2, &["x", "y"]), unknown(1, &["x"]), Unchanged, None);
        check(unknown(1, &["x"]), unknown(1, &["y"]), Unknown, None);
        check(unknown(1, &["x"]), unknown(2, &["x"]), Unknown, None);
        check(vanished(row("a", &[])), unknown(1, &["x"]), Unknown, None);
    }

    #[test]
    fn against_an_empty_run_everything_is_new() {
        let rows = compared(vec![row("a", &[("x", Verdict::Warning)]), row("b", &[])], &[]);
        let changes: Vec<_> = rows.into_iter().filter_map(|row| row.change).collect();
        assert_eq!((changes[0].kind, changes[0].since), (ChangeKind::New, None));
        assert_eq!(changes[1].kind, ChangeKind::Unchanged);
    }

    #[test]
    fn what_is_silenced_is_new_and_fails_nothing() {
        let mut later = row("a", &[("x", Verdict::Critical)]);
        later.problems[0].silenced = true;
        check(row("a", &[]), later.clone(), ChangeKind::New, None);
        check(later.clone(), later, ChangeKind::Unchanged, None);
    }

    #[test]
    fn what_was_silenced_and_no_longer_is_has_not_been_told() {
        use ChangeKind::{New, Unchanged, Unknown};
        let full = row("a", &[("x", Verdict::Critical)]);
        let mut silenced = full.clone();
        silenced.problems[0].silenced = true;
        check(silenced.clone(), full.clone(), New, Some(Verdict::Critical));
        check(full, silenced, Unchanged, None);
        let vanished = Row { unjudged: Some(Unjudged::Vanished), verdict: Verdict::Unknown, ..row("a", &[]) };
        let silence = Silence {
            finding: None,
            instance: None,
            up_to: None,
            until: now().date_naive(),
            reason: "moved away".to_owned(),
        };
        let outcome = SilenceOutcome { silence, state: SilenceState::Used };
        let silenced = Row { silences: vec![outcome], ..vanished.clone() };
        check(silenced.clone(), vanished.clone(), Unknown, None);
        check(silenced.clone(), silenced.clone(), Unchanged, None);
        check(vanished, silenced, Unchanged, None);
    }
}
