//! One way for each resource: told two or three times, it is reported once.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Labels,
    found::{Form, Found, Term},
    lexicon::kind_of_thing,
    words::words,
};

/// Shares of one resource agree to this.
const SAME: f64 = 0.02;

/// Each resource in the best of the ways that it can be read, the fullest first.
pub(super) fn resolved(mut found: Vec<Found>) -> Vec<Found> {
    let length = |resource: &Found| resource.form.name().len();
    found.sort_by(|a, b| {
        b.score
            .cmp(&a.score)
            .then_with(|| length(a).cmp(&length(b)))
            .then_with(|| b.now().total_cmp(&a.now()))
    });
    let used = used_of_walls(&found);
    let mut kept: Vec<Found> = Vec::new();
    let (mut walls, mut usages) = (BTreeSet::new(), BTreeSet::new());
    for resource in found {
        let usage = usage_of(&resource);
        if walls.contains(&(resource.wall.clone(), resource.labels.clone())) || usages.contains(&usage) {
            continue;
        }
        if is_within(&resource, &used) || is_told(&resource, &kept) {
            continue;
        }
        walls.insert((resource.wall.clone(), resource.labels.clone()));
        usages.insert(usage);
        kept.push(resource);
    }
    name(&mut kept);
    kept.sort_by(|a, b| b.now().total_cmp(&a.now()).then_with(|| order(a).cmp(&order(b))));
    kept
}

fn order(resource: &Found) -> (&str, Option<String>) {
    (resource.form.name(), resource.instance())
}

/// What is used, or left, of which instance.
fn usage_of(resource: &Found) -> (Term, Labels) {
    let term = match &resource.form {
        Form::Pair { usage: term, .. }
        | Form::Parts { used: term, .. }
        | Form::Free { free: term, .. }
        | Form::Floor { free: term, .. }
        | Form::Share { share: term, .. } => term,
    };
    (term.clone(), resource.labels.clone())
}

/// Whether the whole is itself what is used of something else: of what a heap holds, of what a pool has opened.
fn is_within(resource: &Found, used: &BTreeSet<String>) -> bool {
    let whole = match &resource.form {
        Form::Pair { limit: whole, .. } | Form::Free { total: whole, .. } => whole,
        Form::Parts { .. } | Form::Floor { .. } | Form::Share { .. } => return false,
    };
    resource.is_whole_weak && used.contains(&whole.metric)
}

/// What is used of walls that are named as such.
fn used_of_walls(found: &[Found]) -> BTreeSet<String> {
    let usage = |resource: &Found| match &resource.form {
        Form::Pair { usage, limit, .. } if !resource.is_whole_weak && usage.metric != limit.metric => {
            Some(usage.metric.clone())
        }
        _ => None,
    };
    found.iter().filter_map(usage).collect()
}

/// Whether a share, or a pair of weak names, says what is said already.
fn is_told(resource: &Found, kept: &[Found]) -> bool {
    let own = words(resource.form.name());
    let same = |other: &&Found| {
        let others: Vec<String> = other.form.metrics().into_iter().flat_map(words).collect();
        let about = |word: &String| {
            let kind = thing(word);
            kind.is_some() && others.iter().any(|other| thing(other) == kind)
        };
        let short = own.len() <= 3 && own.get(1).is_some_and(|word| others.contains(word));
        own.first() == others.first()
            && (resource.now() - other.now()).abs() <= SAME
            && (short || own.iter().skip(1).any(about))
            && agree(&resource.labels, &other.labels)
    };
    let may_repeat = matches!(resource.form, Form::Share { .. } | Form::Parts { .. }) || resource.score < 260;
    may_repeat && kept.iter().any(|other| same(&other))
}

/// What a name is about; many names have words of clients and processes in them that say nothing of it.
fn thing(word: &str) -> Option<u8> {
    if matches!(word, "client" | "process" | "task") { None } else { kind_of_thing(word) }
}

/// Whether two sets of labels do not contradict each other.
fn agree(first: &Labels, second: &Labels) -> bool {
    first.iter().all(|(name, value)| second.get(name).is_none_or(|other| other == value))
}

/// Names instances by the labels that differ among those of one kind.
fn name(kept: &mut [Found]) {
    let key =
        |resource: &Found| (resource.form.metrics().join(" "), resource.form.limit_query(&Labels::new()));
    let mut differing: BTreeMap<_, BTreeMap<String, BTreeSet<Option<String>>>> = BTreeMap::new();
    for resource in kept.iter() {
        differing.entry(key(resource)).or_default();
    }
    for resource in kept.iter() {
        let Some(labels) = differing.get_mut(&key(resource)) else { continue };
        for (name, value) in &resource.labels {
            labels.entry(name.clone()).or_default().insert(Some(value.clone()));
        }
    }
    for resource in kept.iter_mut() {
        let Some(labels) = differing.get(&key(resource)) else { continue };
        let tells = |name: &String| labels.get(name).is_some_and(|values| values.len() > 1);
        resource.telling = resource
            .labels
            .iter()
            .filter(|(name, _)| tells(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
    }
}
