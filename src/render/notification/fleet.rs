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

/// "connections of db-1, act by 3 Dec, owner payments".
fn message(row: &Row) -> String {
    let next = row.next_bottleneck.as_ref().map(named_bottleneck);
    let date = row.act_by.filter(|date| *date > row.generated_at);
    let parts = [
        Some(next.unwrap_or_else(|| "a limit is exceeded".to_owned())),
        date.map(|date| format!("act by {}", short(date, row.generated_at))),
        row.owner.as_ref().map(|owner| format!("owner {owner}")),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
