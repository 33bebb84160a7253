//! What has changed of a service since an earlier run.

use std::{cmp::Reverse, collections::BTreeMap};

use chrono::{DateTime, Utc};

use super::{hour, subject};
use crate::{
    assess::Verdict,
    fleet::{Change, ChangeKind, ChangedProblem},
    render::document::Tone,
};

/// How many problems of a service are named.
const MOST_PROBLEMS: usize = 3;

/// "new since 29 Nov 07:00: redis.memory critical; worse: postgres.connections critical".
pub(super) fn changed(change: &Change, now: DateTime<Utc>) -> Option<String> {
    let word = match change.kind {
        ChangeKind::New => "new",
        ChangeKind::Worse => "worse",
        ChangeKind::Unknown => "unknown",
        ChangeKind::Recovered => "recovered",
        ChangeKind::Unchanged => return None,
    };
    let since = change.since.map(|since| format!(" since {}", hour(since, now))).unwrap_or_default();
    let (new, worse): (Vec<&ChangedProblem>, Vec<&ChangedProblem>) =
        change.problems.iter().partition(|news| news.was.is_none());
    let lists: Vec<String> = [("", new), ("worse: ", worse)]
        .into_iter()
        .filter(|(_, problems)| !problems.is_empty())
        .map(|(kind, problems)| {
            let kind = if change.kind == ChangeKind::Worse { "" } else { kind };
            format!("{kind}{}", problem_names(&problems))
        })
        .collect();
    let lists = if lists.is_empty() { String::new() } else { format!(": {}", lists.join("; ")) };
    Some(format!("{word}{since}{lists}"))
}

/// "redis.memory critical, host.disk_space of db:/ warning", the most severe first.
fn problem_names(problems: &[&ChangedProblem]) -> String {
    // A threshold and an alert of one thing have the same name.
    let mut by_name: BTreeMap<String, Verdict> = BTreeMap::new();
    for ChangedProblem { problem, .. } in problems {
        let of = problem.instance.as_ref().map(|instance| format!(" of {instance}")).unwrap_or_default();
        let verdict = by_name.entry(format!("{}{of}", subject(&problem.id))).or_insert(problem.verdict);
        *verdict = problem.verdict.max(*verdict);
    }
    let mut named: Vec<(String, Verdict)> = by_name.into_iter().collect();
    named.sort_by_key(|(_, verdict)| Reverse(*verdict));
    let more = named.len().saturating_sub(MOST_PROBLEMS);
    let first = named.iter().take(MOST_PROBLEMS);
    let mut names: Vec<String> = first
        .map(|(name, verdict)| format!("{name} {}", Tone::from(*verdict).word().to_lowercase()))
        .collect();
    names.extend((more > 0).then(|| format!("{more} more")));
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::Problem;

    #[test]
    fn what_is_new_and_what_is_worse_is_told_apart() {
        let now = DateTime::from_timestamp(1_760_000_000, 0).unwrap();
        let news = |id: &str, verdict, was| ChangedProblem {
            problem: Problem { id: id.to_owned(), instance: None, verdict, silenced: false },
            was,
        };
        let (critical, warning) = (Verdict::Critical, Verdict::Warning);
        let told = |kind, problems| {
            let change = Change { kind, since: None, problems, verdict: None, lost_evidence: false };
            changed(&change, now)
        };
        let worse = news("threshold:c", critical, Some(warning));
        let new = [news("alert:a", warning, None), news("threshold:b", critical, None), worse.clone()];
        assert_eq!(
            told(ChangeKind::New, new.to_vec()).as_deref(),
            Some("new: b critical, a warning; worse: c critical")
        );
        let twice = [worse.clone(), news("alert:c", warning, Some(Verdict::Ok))];
        assert_eq!(told(ChangeKind::Worse, twice.to_vec()).as_deref(), Some("worse: c critical"));
        assert_eq!(told(ChangeKind::Recovered, Vec::new()).as_deref(), Some("recovered"));
        assert_eq!(told(ChangeKind::Unchanged, Vec::new()), None);
    }
}
