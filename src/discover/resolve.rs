//! One way for each resource: exported two or three times, it is reported once.

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
    let mut told = ToldResources::default();
    let (mut walls, mut usages) = (BTreeSet::new(), BTreeSet::new());
    for resource in found {
        let usage = usage_of(&resource);
        if walls.contains(&(resource.wall.clone(), resource.labels.clone())) || usages.contains(&usage) {
            continue;
        }
        if is_within(&resource, &used) || told.contains(&resource) {
            continue;
        }
        walls.insert((resource.wall.clone(), resource.labels.clone()));
        usages.insert(usage);
        told.add(&resource);
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

/// What is reported already, by the first word of its metrics.
#[derive(Debug, Default)]
struct ToldResources(BTreeMap<String, Vec<Told>>);

/// Something that is reported already.
#[derive(Debug)]
struct Told {
    share: f64,
    words: Vec<String>,
    labels: Labels,
}

impl ToldResources {
    fn add(&mut self, resource: &Found) {
        let words: Vec<String> = resource.form.metrics().into_iter().flat_map(words).collect();
        let first = words.first().cloned().unwrap_or_default();
        let told = Told { share: resource.now(), words, labels: resource.labels.clone() };
        self.0.entry(first).or_default().push(told);
    }

    /// Whether a share, or a pair of weak names, says the same as another resource: of a thing of the same kind, with
    /// labels that do not contradict it, the same share.
    fn contains(&self, resource: &Found) -> bool {
        let may_repeat =
            matches!(resource.form, Form::Share { .. } | Form::Parts { .. }) || resource.score < 260;
        if !may_repeat {
            return false;
        }
        let own = words(resource.form.name());
        let same = |told: &Told| {
            let about = |word: &String| {
                let kind = thing(word);
                kind.is_some() && told.words.iter().any(|other| thing(other) == kind)
            };
            let short = own.len() <= 3 && own.get(1).is_some_and(|word| told.words.contains(word));
            (resource.now() - told.share).abs() <= SAME
                && agree(&resource.labels, &told.labels)
                && (short || own.iter().skip(1).any(about))
        };
        own.first().and_then(|first| self.0.get(first)).is_some_and(|all| all.iter().any(same))
    }
}

/// What a name is about; many names have words of clients and processes in them that say nothing of it.
fn thing(word: &str) -> Option<u8> {
    if matches!(word, "client" | "process" | "task") { None } else { kind_of_thing(word) }
}

/// Whether two sets of labels do not contradict each other.
fn agree(first: &Labels, second: &Labels) -> bool {
    first.iter().all(|(name, value)| second.get(name).is_none_or(|other| other == value))
}

/// Names instances by as few labels as it takes to tell those of one kind apart.
fn name(kept: &mut [Found]) {
    let key = |resource: &Found| {
        (
            resource.form.metrics().join(" "),
            resource.form.usage_query(&Labels::new()),
            resource.form.limit_query(&Labels::new()),
        )
    };
    let mut kinds: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (index, resource) in kept.iter().enumerate() {
        kinds.entry(key(resource)).or_default().push(index);
    }
    for indices in kinds.values() {
        let all: Vec<&Labels> =
            indices.iter().filter_map(|index| kept.get(*index)).map(|found| &found.labels).collect();
        let labels = telling(&all);
        for index in indices {
            let Some(resource) = kept.get_mut(*index) else { continue };
            let tells = |(name, _): &(&String, &String)| labels.contains(*name);
            let own = resource.labels.iter().filter(tells);
            resource.telling = own.map(|(name, value)| (name.clone(), value.clone())).collect();
        }
    }
}

/// As few names of labels as it takes: an exporter's own labels first, short-lived identifiers last.
fn telling(all: &[&Labels]) -> BTreeSet<String> {
    let rank = |label: &str| match label {
        "id" | "uid" | "image" | "image_id" | "container_id" | "pod_uid" | "endpoint" | "service"
        | "metrics_path" => 4,
        "job" => 3,
        "instance" => 2,
        "name" => 1,
        _ => 0,
    };
    let mut labels: Vec<&String> = all.iter().flat_map(|labels| labels.keys()).collect();
    labels.sort_by_key(|label| (rank(label), *label));
    labels.dedup();
    let apart = |chosen: &BTreeSet<String>| {
        let values =
            |labels: &&Labels| chosen.iter().map(|label| labels.get(label).cloned()).collect::<Vec<_>>();
        all.iter().map(values).collect::<BTreeSet<_>>().len()
    };
    let mut chosen = BTreeSet::new();
    for label in labels {
        let mut more = chosen.clone();
        more.insert(label.clone());
        if apart(&more) > apart(&chosen) {
            chosen = more;
        }
        if apart(&chosen) == all.len() {
            break;
        }
    }
    chosen
}
