//! How many services stand: one check for each of them.

use crate::{
    assess::Verdict,
    fleet::{Row, Unjudged},
    notify::{Aspect, Check, CheckState, Standing, Subject},
    render::{
        format::short,
        safe,
        view::{fleet_headline, named_bottleneck},
    },
};

/// What messages about services can be about: each by its verdict. What has vanished is left out.
pub fn fleet_standing(rows: &[Row]) -> Standing {
    let is_there = |row: &&Row| !matches!(row.unjudged, Some(Unjudged::Vanished));
    let check = |row: &Row| {
        let subject =
            Subject { name: "service".to_owned(), instance: Some(row.name.clone()), aspect: Aspect::Limit };
        (subject, Check { title: row.name.clone(), state: state(row) })
    };
    Standing {
        verdict: rows.iter().filter(is_there).map(|row| row.unsilenced_verdict).max(),
        next: None,
        checks: rows.iter().filter(is_there).map(check).collect(),
        searched: false,
    }
}

/// How services stand together, in a sentence.
pub fn fleet_notice(rows: &[Row]) -> String {
    safe(&fleet_headline(rows))
}

fn state(row: &Row) -> CheckState {
    match row.unsilenced_verdict {
        verdict @ (Verdict::Warning | Verdict::Critical) => {
            CheckState::Wrong { verdict, message: message(row) }
        }
        _ if row.verdict > row.unsilenced_verdict => CheckState::Silenced,
        Verdict::Ok => CheckState::Fine,
        _ => CheckState::Unknown,
    }
}

/// "connections of db-1, act by 3 Dec, owner payments"; the worst problem where nothing runs out.
fn message(row: &Row) -> String {
    let next = row.next_bottleneck.as_ref().map(named_bottleneck).or_else(|| worst(row));
    let date = row.act_by.filter(|date| *date > row.generated_at);
    let parts = [
        Some(next.unwrap_or_else(|| "see the list of services".to_owned())),
        date.map(|date| format!("act by {}", short(date, row.generated_at))),
        row.owner.as_ref().map(|owner| format!("owner {owner}")),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// The worst problem that is not silenced: "alert:queue-depth-critical of jobs".
fn worst(row: &Row) -> Option<String> {
    let open = row.problems.iter().rev().filter(|problem| !problem.silenced);
    let problem = open.max_by_key(|problem| problem.verdict)?;
    let instance = problem.instance.as_ref().map(|instance| format!(" of {instance}")).unwrap_or_default();
    Some(format!("{}{instance}", problem.id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fleet::{Problem, Standing as Presence},
        snapshot::Labels,
    };

    #[test]
    fn without_a_bottleneck_the_worst_problem_is_named() {
        let problem = |id: &str, verdict, silenced| Problem {
            id: id.to_owned(),
            instance: Some("jobs".to_owned()),
            verdict,
            silenced,
        };
        let row = Row::unjudged(
            "shop".to_owned(),
            Labels::default(),
            Unjudged::Vanished,
            Presence::Present,
            chrono::DateTime::UNIX_EPOCH,
        );
        let row = Row {
            unjudged: None,
            verdict: Verdict::Critical,
            unsilenced_verdict: Verdict::Warning,
            problems: vec![
                problem("alert:a", Verdict::Critical, true),
                problem("alert:b", Verdict::Warning, false),
                problem("alert:c", Verdict::Warning, false),
            ],
            ..row
        };
        assert_eq!(message(&row), "alert:b of jobs");
    }
}
