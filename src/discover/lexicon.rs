//! What words in names of metrics mean: counted over real expositions of exporters, see `docs/discovery.md`.

/// Words of what is used, with how surely they mean it: 3 of what is taken out of a whole, 2 of what is there now,
/// 1 of any amount.
pub(super) fn usage_rank(word: &str) -> Option<u8> {
    Some(match word {
        "workingset" => 4,
        "used" | "inuse" | "allocated" | "usage" | "use" | "busy" | "occupied" | "consumed" | "acquired"
        | "borrowed" | "leased" | "taken" | "resident" | "rss" | "utilization" | "spent" | "filled" => 3,
        "active" | "open" | "opened" | "connected" | "established" | "running" | "current" | "assigned"
        | "reserved" | "held" | "inflight" | "executing" | "processing" | "attached" | "bound" | "entry"
        | "consumption" | "outstanding" | "ongoing" | "estimated" | "queued" | "stored" | "buffered"
        | "enqueued" | "locked" | "alive" => 2,
        "count" | "size" | "length" | "level" | "depth" | "number" | "num" | "registered" | "total"
        | "loaded" => 1,
        _ => return None,
    })
}

/// Words of a wall: 2 of those that mean nothing else, 1 of wholes.
pub(super) fn limit_strength(word: &str) -> Option<u8> {
    Some(match word {
        "max" | "maximum" | "limit" | "quota" | "capacity" | "ceiling" | "allocatable" | "hard" | "soft"
        | "allowed" | "permitted" | "allowance" | "budget" | "provisioned" | "entitled" => 2,
        "total" | "size" | "length" => 1,
        _ => return None,
    })
}

/// Words of what is left.
pub(super) fn is_free(word: &str) -> bool {
    matches!(
        word,
        "free"
            | "available"
            | "remaining"
            | "idle"
            | "unused"
            | "left"
            | "spare"
            | "vacant"
            | "headroom"
            | "unallocated"
    )
}

/// Words for a value that is configured: no usage, and as a limit a real one.
pub(super) fn is_config(word: &str) -> bool {
    matches!(word, "config" | "setting" | "spec" | "variable" | "hard" | "quota" | "limit" | "allocatable")
}

/// Words that a usage and its limit need not share.
pub(super) fn is_noise(word: &str) -> bool {
    matches!(
        word,
        "status"
            | "stat"
            | "state"
            | "config"
            | "setting"
            | "global"
            | "variable"
            | "spec"
            | "metric"
            | "value"
            | "gauge"
            | "of"
            | "in"
            | "by"
            | "for"
            | "is"
            | "to"
            | "the"
            | "and"
            | "per"
            | "as"
            | "physical"
            | "visible"
            | "raw"
            | "space"
            | "concurrent"
            | "ticket"
    )
}

/// Words that are known by themselves, so that a word that consists of them alone is several.
pub(super) fn is_known(word: &str) -> bool {
    usage_rank(word).is_some()
        || limit_strength(word).is_some()
        || is_free(word)
        || kind_of_thing(word).is_some()
        || matches!(word, "pool" | "heap" | "space" | "buffer" | "slot" | "gpu")
}

/// What a name says about the unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) enum NamedUnit {
    /// Nothing.
    #[default]
    None,
    /// Bytes times so many.
    Bytes(u64),
    /// A length of time or an instant.
    Time,
}

/// The unit that a word names.
pub(super) fn unit(word: &str) -> Option<NamedUnit> {
    Some(match word {
        "bytes" | "octet" => NamedUnit::Bytes(1),
        "kb" | "kib" | "kbyte" | "kilobyte" | "kbytes" => NamedUnit::Bytes(1 << 10),
        "mb" | "mib" | "mbyte" | "megabyte" | "mbytes" => NamedUnit::Bytes(1 << 20),
        "gb" | "gib" | "gbyte" | "gigabyte" | "gbytes" => NamedUnit::Bytes(1 << 30),
        "second" | "sec" | "ms" | "millisecond" | "milli" | "millis" | "microsecond" | "nanosecond"
        | "us" | "ns" | "minute" | "hour" | "day" | "time" | "duration" | "latency" | "age" | "timestamp"
        | "uptime" | "ttl" | "interval" | "timeout" | "date" | "delay" | "expiry" | "expiration"
        | "period" | "elapsed" | "lag" | "rtt" | "jiffy" => NamedUnit::Time,
        _ => return None,
    })
}

/// Physics.
const PHYSICS: [&str; 25] = [
    "freq",
    "frequency",
    "hertz",
    "mhz",
    "hz",
    "clock",
    "temperature",
    "temp",
    "celsius",
    "fan",
    "cooling",
    "rpm",
    "volt",
    "voltage",
    "amp",
    "ampere",
    "watt",
    "power",
    "joule",
    "energy",
    "battery",
    "charge",
    "humidity",
    "rssi",
    "entropy",
];
/// Identifiers and places in a sequence.
const NAMES: [&str; 15] = [
    "version",
    "mtu",
    "priority",
    "weight",
    "generation",
    "epoch",
    "revision",
    "offset",
    "position",
    "lsn",
    "sequence",
    "xid",
    "speed",
    "signal",
    "zxid",
];
/// What is good at 100%.
const GOOD: [&str; 29] = [
    "hit",
    "miss",
    "healthy",
    "health",
    "ready",
    "reachable",
    "online",
    "member",
    "success",
    "successful",
    "succeeded",
    "synced",
    "complete",
    "completed",
    "completion",
    "progress",
    "score",
    "efficiency",
    "compression",
    "fragmentation",
    "expected",
    "desired",
    "accuracy",
    "sampling",
    "confidence",
    "accepted",
    "uptodate",
    "availability",
    "quality",
];
/// What runtimes and kernels hold by design.
const DESIGN: [&str; 28] = [
    "committed",
    "commit",
    "init",
    "initial",
    "min",
    "minimum",
    "core",
    "eden",
    "survivor",
    "young",
    "nursery",
    "arc",
    "dictionary",
    "sys",
    "virtual",
    "vmalloc",
    "shmem",
    "slab",
    "memstat",
    "gc",
    "bufferpool",
    "pagecache",
    "hugepage",
    "vsize",
    "committedas",
    "next",
    "trigger",
    "swapcached",
];
/// Marks of the past.
const MARKS: [&str; 10] =
    ["peak", "hwm", "highwater", "highest", "largest", "watermark", "threshold", "seen", "ever", "lowest"];

/// Words for what is no resource, whatever is next to it: physics, identifiers, things that are good at 100%, runtimes
/// that hold what they could give back, marks of the past.
pub(super) fn is_decoy(word: &str) -> bool {
    [&PHYSICS[..], &NAMES, &GOOD, &DESIGN, &MARKS].iter().any(|words| words.contains(&word))
}

/// Words of a share.
pub(super) fn is_share(word: &str) -> bool {
    matches!(word, "ratio" | "percent" | "utilization" | "usage" | "saturation" | "pressure" | "fraction")
}

/// Words that make a share one of something else than use.
pub(super) fn is_other_share(word: &str) -> bool {
    const OTHER: [&str; 57] = [
        "error",
        "errors",
        "fail",
        "failed",
        "failure",
        "loss",
        "lost",
        "drop",
        "dropped",
        "dead",
        "bloat",
        "skew",
        "overhead",
        "duplicate",
        "change",
        "growth",
        "target",
        "goal",
        "objective",
        "slo",
        "burn",
        "limit",
        "max",
        "maximum",
        "min",
        "threshold",
        "wait",
        "waiting",
        "iowait",
        "steal",
        "cache",
        "rate",
        "retry",
        "abort",
        "conflict",
        "reduction",
        "saving",
        "scale",
        "factor",
        "consumer",
        "replication",
        "amplification",
        "imbalance",
        "deviation",
        "variance",
        "acceptance",
        "compress",
        "dedup",
        "sample",
        "sampled",
        "brightness",
        "volume_level",
        "quantile",
        "percentile",
        "rejected",
        "throttled",
        "throttle",
    ];
    OTHER.contains(&word) || is_decoy(word)
}

/// Kinds of things of which a system has so many. Usages and limits of one system whose names share no word may
/// belong together when they are of one kind.
pub(super) fn kind_of_thing(word: &str) -> Option<u8> {
    Some(match word {
        "connection" | "client" | "session" | "socket" => 0,
        "thread" | "worker" | "executor" => 1,
        "file" => 2,
        "process" | "task" => 3,
        "memory" | "heap" => 4,
        "disk" | "tablespace" | "datastore" | "diskgroup" | "partition" | "storage" | "volume"
        | "filesystem" | "db" | "database" | "data" | "backend" | "store" => 5,
        "request" | "job" | "query" => 6,
        "queue" | "backlog" | "message" => 7,
        "inode" => 8,
        "token" => 9,
        "cpu" => 10,
        _ => return None,
    })
}
