//! What is told of something to do: when, how long, for how much, and what its steps consist of.

use chrono::{DateTime, Utc};

use super::number;
use crate::{
    assess::{PlanItem, Scope},
    roadmap::Amount,
};

/// Component, date, load, effort, cost and what is relieved, as far as they are known.
pub(super) fn details(item: &PlanItem, currency: &str, now: DateTime<Utc>) -> Vec<String> {
    let mut parts: Vec<String> = item.component.iter().cloned().collect();
    if let Some(start_by) = item.start_by {
        parts.push(if start_by <= now {
            "start now".to_owned()
        } else {
            format!("start by {}", start_by.format("%-d %b"))
        });
    }
    if let Some(users) = item.act_by_users {
        parts.push(format!("before {} users", number::count(users as f64)));
    }
    parts.extend(item.effort.as_ref().map(number::effort));
    parts.extend(item.timeline.map(|timeline| format!("takes {}", timeline.name())));
    if let Some(cost) = &item.cost_per_month {
        parts.push(format!("+{} a month", number::money_range(currency, cost)));
    }
    let relieves: Vec<&str> = item.relieves.iter().map(|resource| resource.entry().title.as_str()).collect();
    if !relieves.is_empty() {
        parts.push(format!("relieves {}", relieves.join(", ")));
    }
    parts
}

/// The roadmap's numbers: "max connections 200, work mem 4 MiB".
pub(super) fn figures(item: &PlanItem) -> Option<String> {
    let figure = |figure: &crate::roadmap::Figure| {
        let value = match &figure.value {
            Amount::Exact(value) => value.to_string(),
            Amount::Between(range) => match range.high() {
                Some(high) => format!("{} to {high}", range.low()),
                None => format!("{} or more", range.low()),
            },
        };
        format!("{} {value}", figure.name.replace('_', " "))
    };
    let words: Vec<String> = item.figures.iter().map(figure).collect();
    (!words.is_empty()).then(|| words.join(", "))
}

/// What a plan is for, in words.
pub(super) fn scope(scope: Scope, unit: &str) -> String {
    match scope {
        Scope::Now => "now".to_owned(),
        Scope::Phase(number) => format!("to enter phase {number}"),
        Scope::Users(users) => format!("for {} {unit}", number::count(users as f64)),
    }
}

/// A piece of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Words, with their backticks.
    Words(&'a str),
    /// A command, a statement or a line of settings, to be copied as it is.
    Command(&'a str),
}

/// Takes a step apart: what stands between backticks and has a space in it is there to be copied.
pub(super) fn pieces(step: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut words = 0;
    for (start, end) in commands(step) {
        pieces.push(Piece::Words(step[words..start].trim()));
        pieces.push(Piece::Command(&step[start + 1..end]));
        words = end + 1;
    }
    pieces.push(Piece::Words(step[words..].trim()));
    let marks = |piece: &Piece<'_>| match piece {
        Piece::Words(text) => text.chars().any(char::is_alphanumeric),
        Piece::Command(_) => true,
    };
    pieces.retain(marks); // a full stop alone says nothing
    pieces
}

/// Where commands begin and end: the places of their backticks.
fn commands(step: &str) -> Vec<(usize, usize)> {
    let marks: Vec<usize> = step.match_indices('`').map(|(at, _)| at).collect();
    let pairs = marks.chunks_exact(2).map(|pair| (pair[0], pair[1]));
    pairs.filter(|(start, end)| step[start + 1..*end].contains(' ')).collect()
}

#[cfg(test)]
mod tests {
    use super::{
        Piece::{Command, Words},
        pieces,
    };

    #[test]
    fn commands_stand_alone_and_names_stay_in_their_sentence() {
        assert_eq!(
            pieces("Set `maxmemory`: `CONFIG SET maxmemory 1gb`, then look; `redis-cli info`."),
            [
                Words("Set `maxmemory`:"),
                Command("CONFIG SET maxmemory 1gb"),
                Words(", then look;"),
                Command("redis-cli info")
            ]
        );
        assert_eq!(pieces("An odd ` backtick"), [Words("An odd ` backtick")]);
        assert_eq!(pieces("`a b` `c d`"), [Command("a b"), Command("c d")]);
    }
}
