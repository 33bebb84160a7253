//! What the name, the type and the help text of one metric imply.

use std::collections::BTreeSet;

use super::{
    lexicon::{
        NamedUnit, is_config, is_decoy, is_free, is_noise, kind_of_thing, limit_strength, unit, usage_rank,
    },
    words::words,
};

/// The type of a metric, as its exporter declares it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MetricKind {
    /// A value that goes up and down.
    Gauge,
    /// A value that only rises.
    Counter,
    /// A histogram, a summary, or one of their parts.
    Distribution,
    /// Not declared.
    #[default]
    Unknown,
}

impl MetricKind {
    /// The type for the word that expositions use.
    pub fn from_word(word: &str) -> Self {
        match word {
            "gauge" => Self::Gauge,
            "counter" => Self::Counter,
            "histogram" | "summary" | "gaugehistogram" | "info" | "stateset" => Self::Distribution,
            _ => Self::Unknown,
        }
    }
}

/// A metric as it is listed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Metric {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: MetricKind,
    /// Its help text; empty where there is none.
    pub help: String,
}

/// What a name says its metric is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// What is used, and how surely (2 to 4).
    Usage(u8),
    /// What is left.
    Free,
    /// A wall.
    Limit,
    /// Any amount: a usage beside a wall; a whole beside what is used or left of it where `whole`.
    Amount {
        /// Whether it may be a whole.
        whole: bool,
    },
    /// Nothing but nouns.
    Bare,
}

/// A name that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reading {
    pub(super) role: Role,
    /// The nouns: what is left without words of usage, limit and unit.
    pub(super) nouns: BTreeSet<String>,
    pub(super) unit: NamedUnit,
    pub(super) words: Vec<String>,
}

impl Reading {
    pub(super) fn has(&self, word: &str) -> bool {
        self.words.iter().any(|own| own == word)
    }

    pub(super) fn has_any(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.has(word))
    }

    /// Whether the name says that the value is configured.
    pub(super) fn is_config(&self) -> bool {
        self.words.iter().any(|word| is_config(word))
    }
}

/// Reads the name of a metric, and its help text where the name leaves its role open.
pub(super) fn read_metric(metric: &Metric) -> Option<Reading> {
    let reading = read_name(&metric.name)?;
    let role = match reading.role {
        Role::Bare | Role::Amount { .. } => role_by_help(&metric.help).unwrap_or(reading.role),
        role => role,
    };
    let mut nouns = reading.nouns;
    if role == Role::Limit && !nouns.iter().any(|noun| kind_of_thing(noun).is_some()) {
        // "Maximum number of jobs": the text names what the name leaves out.
        nouns.extend(words(&metric.help).into_iter().filter(|word| kind_of_thing(word).is_some()));
        nouns.remove("concurrency");
    }
    Some(Reading { role, nouns, ..reading })
}

/// The role that a help text begins with.
fn role_by_help(help: &str) -> Option<Role> {
    const LIMITS: [&str; 7] = [
        "limit on",
        "limit of",
        "limit for",
        "maximum number of",
        "max number of",
        "maximum allowed",
        "the maximum number of",
    ];
    const USAGES: [&str; 8] = [
        "number of active",
        "number of open",
        "number of busy",
        "number of used",
        "number of connected",
        "used ",
        "currently used",
        "number of currently",
    ];
    let help = help.trim().to_lowercase();
    let begins = |words: &[&str]| words.iter().any(|word| help.starts_with(word));
    if begins(&LIMITS) && wall_help(&help) != WallHelp::Mark {
        Some(Role::Limit)
    } else {
        begins(&USAGES).then_some(Role::Usage(2))
    }
}

/// Reads a name; `None` of what is no part of a resource.
pub(super) fn read_name(name: &str) -> Option<Reading> {
    let words = words(name);
    let mut named = NamedUnit::None;
    for word in &words {
        match unit(word) {
            Some(NamedUnit::Time) => return None,
            Some(unit) => named = unit,
            None => {}
        }
    }
    if words.last().is_some_and(|last| last == "info") {
        return None;
    }
    // A first word names the exporter.
    if words.iter().skip(1).any(|word| is_decoy(word)) || is_good_at_its_limit(&words) {
        return None;
    }
    let role = role(&words)?;
    let mut nouns: BTreeSet<String> = words.iter().filter(|word| is_noun(word)).cloned().collect();
    for word in &words {
        nouns.extend(noun_within(word).map(str::to_owned));
    }
    Some(Reading { role, nouns, unit: named, words })
}

/// Caches are meant to be full, replicas to be all there; both have exceptions.
fn is_good_at_its_limit(words: &[String]) -> bool {
    let has = |any: &[&str]| words.iter().any(|word| any.contains(&word.as_str()));
    let cache = has(&["cache", "cached"]) && !has(&["kv", "key", "gpu", "token"]);
    let replicas = has(&["replica", "node", "shard"]) && has(&["replica", "active", "live", "running", "up"]);
    cache
        || replicas && !has(&["horizontalpodautoscaler", "hpa", "autoscaler", "cpu", "memory", "disk"])
        || has(&["jvm"]) && has(&["buffer"])
        || has(&["erlang"]) && has(&["memory"])
}

fn is_noun(word: &str) -> bool {
    usage_rank(word).is_none()
        && limit_strength(word).is_none()
        && !is_free(word)
        && !is_noise(word)
        && unit(word).is_none()
}

/// The noun that a participle has in it.
fn noun_within(word: &str) -> Option<&'static str> {
    match word {
        "connected" => Some("connection"),
        "queued" | "enqueued" => Some("queue"),
        "buffered" => Some("buffer"),
        "entry" => Some("entry"),
        _ => None,
    }
}

fn role(words: &[String]) -> Option<Role> {
    let last = |wanted: &dyn Fn(&str) -> bool| words.iter().rposition(|word| wanted(word));
    let wall = last(&|word| limit_strength(word) == Some(2));
    let free = last(&is_free);
    let used = last(&|word| usage_rank(word) >= Some(3));
    let rank = words.iter().filter_map(|word| usage_rank(word)).max();
    if let Some(wall) = wall {
        let soft = ["quota", "capacity", "budget", "provisioned"];
        let only_soft = words
            .iter()
            .filter(|word| limit_strength(word) == Some(2))
            .all(|word| soft.contains(&word.as_str()));
        let is_max = words.iter().any(|word| word == "max" || word == "maximum");
        return match (used, free) {
            (Some(_), _) if only_soft => rank.map(Role::Usage),
            // `HeapMemoryUsage_max`, where the usage is the name of the whole.
            (Some(_), _) if is_max && is_of_java(words) => Some(Role::Limit),
            // The most that was ever used.
            (Some(_), _) if is_max => None,
            (Some(used), _) if used > wall => rank.map(Role::Usage),
            (None, Some(free)) if only_soft || is_max || free > wall => Some(Role::Free),
            _ => Some(Role::Limit),
        };
    }
    // Open slots are the free ones.
    let open_slots = words.iter().any(|word| word == "open") && words.iter().any(|word| word == "slot");
    if free.is_some() || open_slots {
        return Some(Role::Free);
    }
    match rank {
        Some(rank) if rank >= 2 => Some(Role::Usage(rank)),
        rank => {
            let whole = words.iter().any(|word| limit_strength(word) == Some(1));
            Some(if rank.is_some() || whole { Role::Amount { whole } } else { Role::Bare })
        }
    }
}

/// Whether a maximum is that of one of Java's beans for memory.
fn is_of_java(words: &[String]) -> bool {
    let has = |word: &str| words.iter().any(|own| own == word);
    !has("used")
        && has("usage")
        && (has("heap") || has("java"))
        && words.last().is_some_and(|last| last == "max" || last == "bytes")
}

/// What a help text says about a wall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WallHelp {
    /// It is the most that was seen so far.
    Mark,
    /// Somebody set it.
    Set,
    /// Nothing.
    Silent,
}

/// Whether a help text mentions a high-water mark or a limit.
pub(super) fn wall_help(help: &str) -> WallHelp {
    const MARKS: [&str; 13] = [
        "peak",
        "high water",
        "high-water",
        "highest",
        "since ",
        "observed",
        " ever ",
        "so far",
        "reached",
        "largest",
        "historic",
        "have been",
        "simultaneous",
    ];
    const SET: [&str; 12] = [
        "limit",
        "allowed",
        "allow",
        "configured",
        "capacity",
        "upper bound",
        "quota",
        "can be",
        "may ",
        "possible",
        "maximum number of",
        "max number of",
    ];
    let help = help.to_lowercase();
    if MARKS.iter().any(|mark| help.contains(mark)) {
        WallHelp::Mark
    } else if SET.iter().any(|set| help.contains(set)) {
        WallHelp::Set
    } else {
        WallHelp::Silent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, role: Option<Role>, nouns: &str) {
        let reading = read_name(name);
        assert_eq!(reading.as_ref().map(|reading| reading.role), role, "{name}");
        let read: Vec<String> = reading.into_iter().flat_map(|reading| reading.nouns).collect();
        assert_eq!(read.join(" "), nouns, "{name}");
    }

    #[test]
    fn a_name_tells_its_role() {
        check("process_open_fds", Some(Role::Usage(2)), "file process");
        check("process_max_fds", Some(Role::Limit), "file process");
        check("node_filesystem_avail_bytes", Some(Role::Free), "filesystem node");
        check("node_filesystem_size_bytes", Some(Role::Amount { whole: true }), "filesystem node");
        check("redis_connected_clients", Some(Role::Usage(2)), "client connection redis");
        check("redis_config_maxclients", Some(Role::Limit), "client redis");
        check("minio_capacity_free_bytes", Some(Role::Free), "minio");
        check("lease_quota_used", Some(Role::Usage(3)), "lease");
        check("disk_available_limit_bytes", Some(Role::Limit), "disk");
        check("pool_max_avail", Some(Role::Free), "pool");
        check("mysql_global_status_max_used_connections", None, "");
        check("go_memstats_heap_inuse_bytes", None, "");
        check("request_duration_seconds", None, "");
        check("node_filesystem_files", Some(Role::Bare), "file filesystem node");
    }
}
