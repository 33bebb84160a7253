//! Names cut into words: at separators and in camelCase, compounds taken apart, plurals made singular.

use std::{cell::RefCell, collections::HashMap};

use super::lexicon::is_known;

/// How many parts of names are remembered: far more than the vocabulary of a server's metrics.
const MOST_REMEMBERED: usize = 50_000;

thread_local! {
    /// The words of each part that was taken apart: thousands of names are made of the same hundreds of parts.
    static REMEMBERED: RefCell<HashMap<String, Vec<String>>> = RefCell::default();
}

/// The words of a name, lower case, in order: `pool_maxConns` is `pool`, `max`, `connection`.
pub(super) fn words(name: &str) -> Vec<String> {
    joined(cut(name).into_iter().flat_map(words_of_part).collect())
}

fn words_of_part(part: String) -> Vec<String> {
    if let Some(words) = REMEMBERED.with_borrow(|remembered| remembered.get(&part).cloned()) {
        return words;
    }
    let words: Vec<String> = match (segments(&part), parted(&part)) {
        (Some(parts), _) => parts.into_iter().map(canonical).collect(),
        (None, Some((first, second))) => vec![canonical(first), canonical(second)],
        (None, None) => vec![canonical(&part)],
    };
    REMEMBERED.with_borrow_mut(|remembered| {
        if remembered.len() < MOST_REMEMBERED {
            remembered.insert(part, words.clone());
        }
    });
    words
}

/// Cuts at everything that is no letter or digit, and where a capital follows a small letter.
fn cut(name: &str) -> Vec<String> {
    let letters: Vec<char> = name.chars().collect();
    let mut parts = Vec::new();
    let mut part = String::new();
    for (index, letter) in letters.iter().enumerate() {
        if !letter.is_alphanumeric() {
            parts.push(std::mem::take(&mut part));
            continue;
        }
        let before = index.checked_sub(1).and_then(|before| letters.get(before));
        let after = letters.get(index + 1);
        let after_small = before.is_some_and(|before| before.is_lowercase() || before.is_ascii_digit());
        let ends_capitals = before.is_some_and(|before| before.is_uppercase())
            && after.is_some_and(|after| after.is_lowercase());
        if letter.is_uppercase() && (after_small || ends_capitals) {
            parts.push(std::mem::take(&mut part));
        }
        part.extend(letter.to_lowercase());
    }
    parts.push(part);
    parts.retain(|part| !part.is_empty());
    parts
}

/// A long word as the known words that it is written of without a gap: `currentthreadsbusy`.
fn segments(word: &str) -> Option<Vec<&str>> {
    const SHORTEST: usize = 3;
    let known = |part: &str| is_known(&canonical(part));
    if word.len() < 2 * SHORTEST || !word.is_ascii() || known(word) {
        return None;
    }
    for end in (SHORTEST..=word.len() - SHORTEST).rev() {
        let (head, rest) = word.split_at(end);
        if !known(head) {
            continue;
        }
        if known(rest) {
            return Some(vec![head, rest]);
        }
        if let Some(mut parts) = segments(rest) {
            parts.insert(0, head);
            return Some(parts);
        }
    }
    None
}

/// Words that begin or end like a compound and are none.
const WHOLE: [&str; 22] = [
    "maximum",
    "maxima",
    "unused",
    "reused",
    "paused",
    "caused",
    "focused",
    "fused",
    "refused",
    "confused",
    "subtotal",
    "account",
    "discount",
    "mount",
    "amount",
    "resize",
    "lockfree",
    "unlimit",
    "unlimited",
    "recount",
    "freed",
    "totalled",
];
/// Beginnings of compounds.
const HEADS: [&str; 4] = ["max", "curr", "num", "total"];
/// Ends of compounds.
const TAILS: [&str; 16] = [
    "idle",
    "busy",
    "utilization",
    "utilisation",
    "limits",
    "limit",
    "usage",
    "used",
    "free",
    "available",
    "avail",
    "total",
    "capacity",
    "size",
    "count",
    "max",
];

/// `maxclients`, `softlimit`, `memused`: two words written as one.
fn parted(word: &str) -> Option<(&str, &str)> {
    if let Some(before) =
        word.strip_suffix("space").filter(|before| matches!(*before, "free" | "used" | "disk"))
    {
        return Some((before, "space"));
    }
    if WHOLE.contains(&word) || word == "total" {
        return None;
    }
    let head = HEADS.iter().find_map(|head| {
        let rest = word.strip_prefix(head).filter(|rest| rest.len() >= 3)?;
        rest.starts_with(|first: char| first.is_ascii_alphabetic()).then_some((*head, rest))
    });
    let tail = || {
        TAILS.iter().find_map(|tail| {
            let rest = word.strip_suffix(tail).filter(|rest| rest.len() >= 2)?;
            Some((rest, *tail))
        })
    };
    head.filter(|_| {
        !word.starts_with("number") && !word.starts_with("numeric") && !word.starts_with("current")
    })
    .or_else(tail)
}

/// One word for those that name the same thing; singular.
fn canonical(word: &str) -> String {
    let singular = singular(word);
    let word = match singular.as_str() {
        "conn" | "cnxn" | "connect" => "connection",
        "fd" | "fds" | "desc" | "descriptor" | "filedescriptor" | "filehandle" | "filefd" | "ofile" => "file",
        "mem" | "ram" => "memory",
        "proc" | "pid" => "process",
        "hdd" => "disk",
        "fs" => "filesystem",
        "vol" => "volume",
        "req" => "request",
        "msg" => "message",
        "sess" => "session",
        "util" | "utilisation" | "utilized" | "utilised" => "utilization",
        "pct" | "perc" | "percentage" | "percents" => "percent",
        "stmt" => "statement",
        "len" => "length",
        "cfg" | "conf" | "configuration" | "configured" => "config",
        "avail" => "available",
        "cur" | "curr" | "currently" => "current",
        "alloc" => "allocated",
        "maximal" | "mx" => "max",
        "remain" => "remaining",
        "cap" => "capacity",
        "wss" => "workingset",
        "byte" => "bytes",
        other => other,
    };
    word.to_owned()
}

fn singular(word: &str) -> String {
    let kept = ["ss", "us", "is", "ps", "ns", "ms"];
    if word.len() < 4 || kept.iter().any(|end| word.ends_with(end)) && !word.ends_with("ions") {
        return if word == "fds" { "file".to_owned() } else { strip_plural_n(word) };
    }
    if let Some(stem) = word.strip_suffix("ies").filter(|stem| stem.len() > 2) {
        return format!("{stem}y");
    }
    for end in ["sses", "xes", "tches", "nches", "rches", "shes"] {
        if word.ends_with(end) {
            return word[..word.len() - 2].to_owned();
        }
    }
    word.strip_suffix('s').unwrap_or(word).to_owned()
}

/// `conns`, `sessions`, `tokens`: plurals that end like a unit of time.
fn strip_plural_n(word: &str) -> String {
    let plural = word.len() > 4 && (word.ends_with("ns") || word.ends_with("ps") || word.ends_with("ms"));
    if plural { word[..word.len() - 1].to_owned() } else { word.to_owned() }
}

/// Words that belong together, made one.
fn joined(words: Vec<String>) -> Vec<String> {
    const TOGETHER: [(&str, &str, &str); 11] = [
        ("in", "use", "inuse"),
        ("in", "flight", "inflight"),
        ("working", "set", "workingset"),
        ("high", "water", "highwater"),
        ("high", "watermark", "highwater"),
        ("checked", "out", "acquired"),
        ("per", "second", "rate"),
        ("per", "sec", "rate"),
        ("buffer", "pool", "bufferpool"),
        ("page", "cache", "pagecache"),
        ("file", "file", "file"),
    ];
    let mut result: Vec<String> = Vec::new();
    for word in words {
        let pair = result
            .last()
            .and_then(|last| TOGETHER.iter().find(|(first, second, _)| first == last && *second == word));
        match pair {
            Some((_, _, word)) => {
                result.pop();
                result.push((*word).to_owned());
            }
            None => result.push(word),
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::words;

    #[track_caller]
    fn check(name: &str, expected: &str) {
        assert_eq!(words(name).join(" "), expected, "{name}");
    }

    #[test]
    fn names_are_cut_into_words() {
        check("process_open_fds", "process open file");
        check("node_memory_MemAvailable_bytes", "node memory memory available bytes");
        check("DCGM_FI_DEV_FB_USED", "dcgm fi dev fb used");
        check("redis_config_maxclients", "redis config max client");
        check("nova_quota_inUse", "nova quota inuse");
        check("vllm:kv_cache_usage_perc", "vllm kv cache usage percent");
        check("es_process_max_files_descriptors", "es process max file");
        check("pool_idle_conns", "pool idle connection");
        check(
            "kube_horizontalpodautoscaler_spec_max_replicas",
            "kube horizontalpodautoscaler spec max replica",
        );
        check("sglang:num_used_tokens", "sglang num used token");
        check("softlimit", "soft limit");
        check("tomcat_threadpool_currentthreadsbusy", "tomcat thread pool current thread busy");
        check("aws_rds_cpuutilization_average", "aws rds cpu utilization average");
        check("caches_unused", "cache unused");
        check("queues", "queue");
        check("processes", "process");
        check("current_connections", "current connection");
    }
}
