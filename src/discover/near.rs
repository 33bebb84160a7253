//! Limits whose usage has another name: other nouns, a word more, another prefix.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    candidate::{Candidate, Confidence, Shape},
    lexicon::{NamedUnit, kind_of_thing},
    metric::{Role, WallHelp, wall_help},
    names::{Named, units_fit, wall},
};

/// How many usages are tried for a limit.
const TRIED: usize = 3;

/// Words that a limit may have more than its usage and still mean all of it.
const BENIGN: [&str; 14] = [
    "queue",
    "pool",
    "server",
    "worker",
    "process",
    "system",
    "os",
    "concurrency",
    "cluster",
    "backend",
    "engine",
    "service",
    "instance",
    "daemon",
];

/// Candidates for the limits that have no usage of the same nouns.
pub(super) fn candidates(named: &[Named<'_>], found: &[Candidate]) -> Vec<Candidate> {
    let mut by_namespace: BTreeMap<&str, Vec<&Named<'_>>> = BTreeMap::new();
    for usage in named.iter().filter(|entry| is_usage(entry)) {
        by_namespace.entry(usage.namespace()).or_default().push(usage);
    }
    let sure = |candidate: &&Candidate| {
        candidate.confidence == Confidence::High && candidate.score >= 340 && !candidate.may_be_full
    };
    let paired: BTreeSet<&str> =
        found.iter().filter(sure).flat_map(|candidate| candidate.shape.metrics()).collect();
    let open = named.iter().filter(|entry| {
        entry.reading.role == Role::Limit
            && !paired.contains(entry.metric.name.as_str())
            && !entry.reading.has_any(&["per", "soft"])
            && !entry.is_mark()
    });
    let mut all = Vec::new();
    for limit in open {
        let usages = by_namespace.get(limit.namespace()).into_iter().flatten();
        let mut fitting: Vec<Candidate> = usages
            .filter(|usage| !paired.contains(usage.metric.name.as_str()))
            .filter_map(|usage| fit(usage, limit))
            .collect();
        fitting.sort_by_key(|candidate| -candidate.score);
        fitting.truncate(TRIED);
        all.extend(fitting);
    }
    all
}

fn is_usage(entry: &Named<'_>) -> bool {
    let size_of_data = matches!(entry.reading.role, Role::Amount { .. })
        && entry.reading.has("size")
        && entry.reading.unit != NamedUnit::None;
    (matches!(entry.reading.role, Role::Usage(_)) || size_of_data) && entry.can_be_usage()
}

/// How well a usage fits a limit of other nouns.
fn fit(usage: &Named<'_>, limit: &Named<'_>) -> Option<Candidate> {
    // Averages of shares have units of their own.
    if !units_fit(usage, limit) || usage.reading.has_any(&["average", "avg", "mean"]) {
        return None;
    }
    let nouns = |entry: &Named<'_>| -> BTreeSet<String> {
        entry.reading.nouns.iter().filter(|noun| *noun != entry.namespace()).cloned().collect()
    };
    let (of_usage, of_limit) = (nouns(usage), nouns(limit));
    let more: Vec<&str> = of_usage.difference(&of_limit).map(String::as_str).collect();
    let less: Vec<&str> = of_limit.difference(&of_usage).map(String::as_str).collect();
    let common: Vec<&str> = of_usage.intersection(&of_limit).map(String::as_str).collect();
    let rank = match usage.reading.role {
        Role::Usage(rank) => i32::from(rank),
        // The size of data is what a quota is for.
        _ => 3,
    };
    let benign = less.iter().all(|word| BENIGN.contains(word));
    let alike = more.len() == 1 && less.len() == 1 && same_kind(more[0], less[0]);
    let differences = i32::try_from(more.len() + less.len()).unwrap_or(i32::MAX);
    let thing = common.iter().any(|noun| kind_of_thing(noun).is_some());
    let of_things = of_usage.iter().any(|noun| kind_of_thing(noun).is_some());
    let (score, confidence) =
        if !common.is_empty() && of_things && benign && differences <= 2 && (rank >= 2 || differences == 1) {
            (200 - 10 * differences, if differences == 1 { Confidence::Medium } else { Confidence::Low })
        } else if !common.is_empty() && alike {
            (180, Confidence::Medium)
        } else if thing && benign && differences <= 3 && rank >= 2 {
            (140 - 10 * differences, Confidence::Low)
        } else if shares_kind(&of_usage, &of_limit)
            && usage.reading.unit != NamedUnit::None
            && differences <= 4
        {
            (100 - 10 * differences, Confidence::Low)
        } else {
            return None;
        };
    let is_maximum = limit.reading.has_any(&["max", "maximum"]) && !limit.reading.is_config();
    Some(Candidate {
        shape: Shape::Pair { usage: usage.name(), limit: limit.name() },
        wall: wall(&limit.reading),
        score: score + rank,
        confidence,
        may_be_mark: is_maximum && wall_help(&limit.metric.help) == WallHelp::Silent,
        may_be_full: false,
    })
}

fn same_kind(entry: &str, other: &str) -> bool {
    kind_of_thing(entry).is_some_and(|kind| kind_of_thing(other) == Some(kind))
}

fn shares_kind(entry: &BTreeSet<String>, other: &BTreeSet<String>) -> bool {
    entry.iter().any(|noun| other.iter().any(|of_other| same_kind(noun, of_other)))
}
