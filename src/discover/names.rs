//! Candidates by name: usages beside their limits, what is left beside its whole, shares of use.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    candidate::{Candidate, Confidence, Shape},
    lexicon::{NamedUnit, is_free, is_other_share, is_share, kind_of_thing},
    metric::{Metric, MetricKind, Reading, Role, WallHelp, read_metric, wall_help},
    near,
    words::words,
};

/// A metric whose name was read.
#[derive(Debug)]
pub(super) struct Named<'a> {
    pub(super) metric: &'a Metric,
    pub(super) reading: Reading,
}

impl Named<'_> {
    pub(super) fn name(&self) -> String {
        self.metric.name.clone()
    }

    /// The first word, which names the exporter or the system.
    pub(super) fn namespace(&self) -> &str {
        self.reading.words.first().map_or("", String::as_str)
    }

    /// Whether it can be what is used; settings cannot.
    pub(super) fn can_be_usage(&self) -> bool {
        let set = ["config", "setting", "spec", "variable", "configured", "request"];
        !self.reading.has_any(&set)
            && !self.reading.has_any(&["ratio", "percent"])
            && !self.is_untyped_total()
    }

    /// Whether it is the most that was seen so far. What calls itself a limit is none.
    pub(super) fn is_mark(&self) -> bool {
        let limit = ["limit", "quota", "hard", "capacity", "allocatable"];
        !self.reading.has_any(&limit) && wall_help(&self.metric.help) == WallHelp::Mark
    }

    /// A name of a counter without a type.
    fn is_untyped_total(&self) -> bool {
        self.metric.kind == MetricKind::Unknown && self.metric.name.ends_with("_total")
    }
}

/// All candidates that names propose.
pub fn candidates(metrics: &[Metric]) -> Vec<Candidate> {
    let parts = parts_of_distributions(metrics);
    let usable: Vec<&Metric> = metrics
        .iter()
        .filter(|metric| matches!(metric.kind, MetricKind::Gauge | MetricKind::Unknown))
        .filter(|metric| !parts.contains(metric.name.as_str()))
        .collect();
    let named: Vec<Named<'_>> = usable
        .iter()
        .filter_map(|metric| Some(Named { metric, reading: read_metric(metric)? }))
        .filter(|named| named.reading.role != Role::Limit || !named.is_mark())
        .collect();
    let mut groups: BTreeMap<String, Vec<&Named<'_>>> = BTreeMap::new();
    for entry in &named {
        groups.entry(wall(&entry.reading)).or_default().push(entry);
    }
    let mut all = Vec::new();
    for (wall, group) in &groups {
        all.extend(of_group(wall, group));
    }
    all.extend(near::candidates(&named, &all));
    all.extend(usable.iter().filter_map(|metric| share(metric)));
    all
}

/// What equal nouns run into.
pub(super) fn wall(reading: &Reading) -> String {
    reading.nouns.iter().map(String::as_str).collect::<Vec<_>>().join(" ")
}

/// The ends of the names of a distribution's parts.
const ENDS: [&str; 11] =
    ["_bucket", "_count", "_sum", "_max", "_min", "_avg", "_mean", "_created", "_stddev", "_median", "_p99"];

/// The series of histograms, summaries and timers, declared, or recognised by their names.
fn parts_of_distributions(metrics: &[Metric]) -> BTreeSet<&str> {
    let names: BTreeSet<&str> = metrics.iter().map(|metric| metric.name.as_str()).collect();
    let mut bases: BTreeSet<&str> = metrics
        .iter()
        .filter(|metric| metric.kind == MetricKind::Distribution)
        .map(|metric| metric.name.as_str())
        .collect();
    for name in &names {
        let base = name.strip_suffix("_count").or_else(|| name.strip_suffix("_bucket"));
        let has = |end: &str| base.is_some_and(|base| names.contains(format!("{base}{end}").as_str()));
        bases.extend(base.filter(|_| has("_sum") || has("_total_time") || name.ends_with("_bucket")));
    }
    let is_part = |name: &&str| {
        bases.contains(name)
            || ENDS.iter().any(|end| name.strip_suffix(end).is_some_and(|base| bases.contains(base)))
    };
    names.iter().filter(|name| is_part(name)).copied().collect()
}

/// Candidates among metrics with the same nouns.
fn of_group(wall: &str, group: &[&Named<'_>]) -> Vec<Candidate> {
    let mut all = Vec::new();
    for limit in walls(group) {
        for usage in group.iter().filter(|usage| usage.name() != limit.name()) {
            all.extend(against_wall(wall, usage, limit));
        }
    }
    let wholes =
        group.iter().filter(|entry| matches!(entry.reading.role, Role::Amount { whole: true } | Role::Bare));
    for whole in wholes {
        for part in group.iter().filter(|part| part.name() != whole.name()) {
            all.extend(of_whole(wall, part, whole));
        }
    }
    for used in group.iter().filter(|entry| matches!(entry.reading.role, Role::Usage(_))) {
        for free in group.iter().filter(|entry| makes_a_whole(used, entry)) {
            all.extend(both_parts(wall, used, free));
        }
    }
    all
}

/// The walls of a group: the hard one of two, and no maximum beside a limit, where it is a mark of the past.
fn walls<'a>(group: &[&'a Named<'a>]) -> Vec<&'a Named<'a>> {
    let walls: Vec<&Named<'_>> =
        group.iter().filter(|entry| entry.reading.role == Role::Limit).copied().collect();
    let any = |words: &[&str]| walls.iter().any(|entry| entry.reading.has_any(words));
    let (hard, limit) = (any(&["hard"]), any(&["limit", "quota", "hard", "capacity"]));
    let is_maximum = |entry: &Named<'_>| {
        entry.reading.has_any(&["max", "maximum"])
            && !entry.reading.has_any(&["limit", "quota", "hard", "capacity"])
    };
    walls
        .iter()
        .filter(|entry| {
            let outdone = hard && entry.reading.has("soft");
            let mark = limit && is_maximum(entry) && !entry.reading.is_config();
            !outdone && !mark
        })
        .copied()
        .collect()
}

/// A usage, or what is left, with a limit that is named as one.
fn against_wall(wall: &str, usage: &Named<'_>, limit: &Named<'_>) -> Option<Candidate> {
    if !units_fit(usage, limit) || !usage.can_be_usage() {
        return None;
    }
    let is_maximum = limit.reading.has_any(&["max", "maximum"]) && !limit.reading.is_config();
    let silent = wall_help(&limit.metric.help) == WallHelp::Silent;
    let is_doubtful =
        |rank: u8| is_maximum && silent && (rank < 2 || usage.reading.has_any(&["current", "active"]));
    let base = 300 + 10 * i32::from(limit.reading.is_config());
    let pair = |rank: u8, confidence| {
        Some(Candidate {
            shape: Shape::Pair { usage: usage.name(), limit: limit.name() },
            wall: wall.to_owned(),
            score: base + 20 * i32::from(rank),
            confidence,
            may_be_mark: is_doubtful(rank),
            may_be_full: false,
        })
    };
    match usage.reading.role {
        Role::Usage(rank) if is_doubtful(rank) => pair(rank, Confidence::Medium),
        Role::Usage(rank) => pair(rank, Confidence::High),
        // A pool of threads or connections that is as large as it may be is no pool that is used up.
        Role::Amount { .. } if usage.reading.has("pool") && usage.reading.has("size") => None,
        Role::Amount { .. } => pair(1, if is_maximum { Confidence::Medium } else { Confidence::High }),
        Role::Bare => pair(0, Confidence::Medium),
        Role::Free if is_floor(usage, limit) => Some(Candidate {
            shape: Shape::Floor { free: usage.name(), floor: limit.name() },
            ..pair(2, Confidence::Medium)?
        }),
        Role::Free if usage.reading.has("idle") => None,
        Role::Free => Some(Candidate {
            shape: Shape::Free { free: usage.name(), total: limit.name() },
            score: base + free_score(usage),
            ..pair(2, Confidence::High)?
        }),
        Role::Limit => None,
    }
}

/// Free space of a disk beside a limit: an alarm is raised where it falls below.
fn is_floor(free: &Named<'_>, limit: &Named<'_>) -> bool {
    limit.reading.has("limit")
        && free.reading.has_any(&["disk", "space", "storage", "filesystem"])
        && limit.reading.has_any(&["available", "free"])
        || free.reading.has("disk") && limit.reading.has("limit")
}

/// What is used, or left, beside a whole.
fn of_whole(wall: &str, part: &Named<'_>, whole: &Named<'_>) -> Option<Candidate> {
    // What a runtime holds is no wall.
    let holds = part.reading.has("allocated") && !whole.reading.has("total");
    let runtime = part.reading.has("heap") || whole.reading.has("heap") || holds;
    if !units_fit(part, whole) || !part.can_be_usage() || runtime {
        return None;
    }
    let bare = whole.reading.role == Role::Bare;
    let base = if bare { 240 } else { 280 };
    let candidate = |shape, score, confidence| {
        Some(Candidate {
            shape,
            wall: wall.to_owned(),
            score,
            confidence,
            may_be_mark: false,
            may_be_full: true,
        })
    };
    let sure = if bare { Confidence::Medium } else { Confidence::High };
    match part.reading.role {
        Role::Usage(rank @ 3..) if !part.reading.has("resident") => candidate(
            Shape::Pair { usage: part.name(), limit: whole.name() },
            base + 20 * i32::from(rank),
            sure,
        ),
        Role::Free if is_left(part) || is_of_slots(&part.reading) => {
            candidate(Shape::Free { free: part.name(), total: whole.name() }, base + free_score(part), sure)
        }
        _ => None,
    }
}

/// What is used and what is left, without a whole.
fn both_parts(wall: &str, used: &Named<'_>, free: &Named<'_>) -> Option<Candidate> {
    // What a runtime holds is no whole.
    let runtime = used.reading.has("heap") || free.reading.has("heap");
    (units_fit(used, free) && used.can_be_usage() && free.can_be_usage() && !runtime).then(|| Candidate {
        shape: Shape::Parts { used: used.name(), free: free.name() },
        wall: wall.to_owned(),
        score: 150,
        confidence: Confidence::Medium,
        may_be_mark: false,
        may_be_full: true,
    })
}

/// Whether what is left makes a whole with what is used: always with what is called used; with what is active where it
/// is no memory, of which more is there than both.
fn makes_a_whole(used: &Named<'_>, free: &Named<'_>) -> bool {
    let stores = used.reading.nouns.iter().any(|noun| matches!(kind_of_thing(noun), Some(4 | 5)));
    match (used.reading.role, free.reading.role) {
        (Role::Usage(rank), Role::Free) if free.reading.has_any(&["idle", "open"]) => {
            rank >= 2
                && is_of_slots(&used.reading)
                && used.reading.has_any(&["active", "busy", "inuse", "used", "running"])
        }
        (Role::Usage(rank), Role::Free) => {
            rank >= 3 || !stores && used.reading.has_any(&["active", "current", "queued"])
        }
        _ => false,
    }
}

fn is_left(entry: &Named<'_>) -> bool {
    entry.reading.role == Role::Free && !entry.reading.has("idle")
}

/// Things of which idle ones are free: workers, not connections of a pool.
pub(super) fn is_of_slots(reading: &Reading) -> bool {
    reading.has_any(&["worker", "slot", "executor", "thread"])
}

/// What counts caches as free comes before what does not.
fn free_score(free: &Named<'_>) -> i32 {
    if free.reading.has("available") { 50 } else { 45 }
}

/// Whether two names can be of one unit. One may be silent where both are of memory or storage.
pub(super) fn units_fit(entry: &Named<'_>, other: &Named<'_>) -> bool {
    let stores =
        |named: &Named<'_>| named.reading.nouns.iter().any(|noun| matches!(kind_of_thing(noun), Some(4 | 5)));
    match (entry.reading.unit, other.reading.unit) {
        (a, b) if a == b => true,
        (NamedUnit::None, NamedUnit::Bytes(_)) | (NamedUnit::Bytes(_), NamedUnit::None) => {
            stores(entry) || stores(other)
        }
        _ => false,
    }
}

/// Whether a help text mentions use.
fn says_use(help: &str) -> bool {
    let help = help.to_lowercase();
    ["usage", "utilization", "utilisation", "in use", "occupancy"].iter().any(|word| help.contains(word))
}

/// A share of use by its name.
fn share(metric: &Metric) -> Option<Candidate> {
    let words = words(&metric.name);
    let has = |any: &[&str]| words.iter().any(|word| any.contains(&word.as_str()));
    let is_kv = has(&["kv"]) || has(&["gpu", "cpu"]) && has(&["cache"]) && has(&["usage"]);
    let other = words.iter().any(|word| is_other_share(word) && !(is_kv && word == "cache"));
    let unit = words.iter().any(|word| super::lexicon::unit(word).is_some());
    let last = words.iter().rposition(|word| is_share(word))?;
    if other || unit && !has(&["time"]) || metric.name.ends_with("_total") || has(&["ready"]) {
        return None;
    }
    let thing = words.iter().any(|word| kind_of_thing(word).is_some_and(|kind| kind != 6))
        || has(&["gpu", "space", "pool", "bandwidth", "slot", "buffer", "mailbox", "capacity", "partition"])
        || is_kv;
    let used = has(&[
        "used",
        "usage",
        "utilization",
        "busy",
        "full",
        "filled",
        "occupied",
        "saturation",
        "allocated",
    ]) || says_use(&metric.help);
    let free = words.iter().any(|word| is_free(word));
    let strict = matches!(words[last].as_str(), "usage" | "pressure" | "percent");
    let fits = if free || strict { thing } else { used };
    if !fits || free && used && !has(&["idle"]) || has(&["active", "live"]) && !used {
        return None;
    }
    let nouns: Vec<&str> = words
        .iter()
        .map(String::as_str)
        .filter(|word| !is_share(word) && !is_free(word) && super::lexicon::usage_rank(word).is_none())
        .collect();
    Some(Candidate {
        shape: Shape::Share { metric: metric.name.clone(), free },
        wall: format!("share {}", nouns.join(" ")),
        score: 120 - i32::from(free) * 10,
        confidence: Confidence::Medium,
        may_be_mark: false,
        may_be_full: false,
    })
}
