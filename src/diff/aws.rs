//! Sizes of managed databases and caches of AWS, by the names of their classes.
//!
//! Databases: <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Summary.html>. Defaults of
//! `max_connections`: <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html#RDS_Limits.MaxConnections>.
//! Caches: <https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html#ParameterGroups.Redis.NodeSpecific>.

/// The settings that name a class: of RDS and of ElastiCache.
pub(super) const CLASS_SETTINGS: [&str; 2] = ["instance_class", "node_type"];
/// Settings that are numbers of GiB.
pub(super) const GIB_SETTINGS: [&str; 2] = ["allocated_storage", "max_allocated_storage"];

const GIB: f64 = 1_073_741_824.0;

/// Families of classes that have the same sizes.
struct Group {
    /// Of databases.
    databases: &'static [&'static str],
    /// Of cache nodes.
    caches: &'static [&'static str],
    /// By their names: vCPUs and GiB of a database, and bytes of a cache node for data, where the documentation says so.
    sizes: &'static [(&'static str, f64, f64, Option<f64>)],
}

/// Burstable, general purpose and memory optimized classes.
const GROUPS: [Group; 3] = [
    Group {
        databases: &["t3", "t4g"],
        caches: &["t3", "t4g"],
        sizes: &[
            ("micro", 2.0, 1.0, Some(536_870_912.0)),
            ("small", 2.0, 2.0, Some(1_471_026_299.0)),
            ("medium", 2.0, 4.0, Some(3_317_862_236.0)),
            ("large", 2.0, 8.0, None),
            ("xlarge", 4.0, 16.0, None),
            ("2xlarge", 8.0, 32.0, None),
        ],
    },
    Group {
        databases: &["m5", "m5d", "m6g", "m6gd", "m6i", "m6id", "m7g", "m7i", "m8g", "m8gd"],
        caches: &["m5", "m6g", "m7g"],
        sizes: &[
            ("large", 2.0, 8.0, Some(6_854_542_746.0)),
            ("xlarge", 4.0, 16.0, Some(13_891_921_715.0)),
            ("2xlarge", 8.0, 32.0, Some(27_966_669_210.0)),
            ("4xlarge", 16.0, 64.0, Some(56_116_178_125.0)),
            ("8xlarge", 32.0, 128.0, Some(111_325_552_312.0)),
            ("12xlarge", 48.0, 192.0, Some(168_715_971_994.0)),
            ("16xlarge", 64.0, 256.0, Some(225_000_375_228.0)),
            ("24xlarge", 96.0, 384.0, Some(337_500_562_842.0)),
            ("32xlarge", 128.0, 512.0, None),
            ("48xlarge", 192.0, 768.0, None),
        ],
    },
    Group {
        databases: &["r5", "r5b", "r5d", "r6g", "r6gd", "r6i", "r6id", "r7g", "r7i", "r8g", "r8gd"],
        caches: &["r5", "r6g", "r6gd", "r7g"],
        sizes: &[
            ("large", 2.0, 16.0, Some(14_037_181_030.0)),
            ("xlarge", 4.0, 32.0, Some(28_261_849_702.0)),
            ("2xlarge", 8.0, 64.0, Some(56_711_183_565.0)),
            ("4xlarge", 16.0, 128.0, Some(113_609_865_216.0)),
            ("8xlarge", 32.0, 256.0, Some(225_000_375_228.0)),
            ("12xlarge", 48.0, 384.0, Some(341_206_346_547.0)),
            ("16xlarge", 64.0, 512.0, Some(450_000_750_456.0)),
            ("24xlarge", 96.0, 768.0, Some(682_485_973_811.0)),
            ("32xlarge", 128.0, 1024.0, None),
            ("48xlarge", 192.0, 1536.0, None),
        ],
    },
];

/// The most connections that the default of PostgreSQL allows.
const MAX_POSTGRES_CONNECTIONS: f64 = 5000.0;
/// The most connections that MySQL can be set to.
const MAX_MYSQL_CONNECTIONS: f64 = 100_000.0;

/// How large a class is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Size {
    /// Virtual processors of a database.
    pub(super) processors: Option<f64>,
    /// Bytes: of a database what its machine has, of a cache node its `maxmemory` before `reserved-memory-percent`.
    pub(super) memory: f64,
}

/// Whether a text is the name of a class, known or not: `db.r6g.large`, `cache.t4g.small`.
pub(super) fn is_class(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    let is_word = |part: &&str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    matches!(parts.as_slice(), ["db" | "cache", ..]) && parts.len() == 3 && parts.iter().all(is_word)
}

/// The size of a class; `None` where it is not known.
pub(super) fn size(class: &str) -> Option<Size> {
    let (service, class) = class.split_once('.')?;
    let (family, size) = class.split_once('.')?;
    let is_database = match service {
        "db" => true,
        "cache" => false,
        _ => return None,
    };
    let families = |group: &Group| if is_database { group.databases } else { group.caches };
    let group = GROUPS.iter().find(|group| families(group).contains(&family))?;
    let (_, processors, gib, node) = *group.sizes.iter().find(|(known, ..)| *known == size)?;
    Some(if is_database {
        Size { processors: Some(processors), memory: gib * GIB }
    } else {
        Size { processors: None, memory: node? }
    })
}

/// The share of a machine's memory that the kernel leaves to programs.
const LEFT_BY_KERNEL: f64 = 0.98;
/// Bytes that the system and the programs of AWS use on a machine of any size.
const USED_BY_SYSTEM: f64 = 230e6;

/// The default of `max_connections` for the memory of a class, and the most that it allows:
/// `LEAST({DBInstanceClassMemory/9531392}, 5000)` of PostgreSQL, `{DBInstanceClassMemory/12582880}` of MySQL.
///
/// `DBInstanceClassMemory` is the memory without what the system uses, which is the same for all sizes and therefore most
/// of the smallest. Its two constants are fitted to the values that people read from eleven classes of MySQL with 1 to
/// 30.5 GiB, and meet each within 1.5%: <http://tritoneco.com/2015/11/23/max_connections-at-aws-rds-mysql-instance-sizes/>.
/// Newer classes allow up to 8% fewer.
pub(super) fn default_connections(signal: &str, memory: f64) -> Option<(f64, f64)> {
    let left = memory * LEFT_BY_KERNEL - USED_BY_SYSTEM;
    match signal {
        "postgres.connections" => Some((left / 9_531_392.0, MAX_POSTGRES_CONNECTIONS)),
        "mysql.connections" => Some((left / 12_582_880.0, MAX_MYSQL_CONNECTIONS)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_have_the_sizes_of_the_documentation() {
        for (class, processors, gib) in [
            ("db.t4g.micro", 2.0, 1.0),
            ("db.t3.medium", 2.0, 4.0),
            ("db.t3.2xlarge", 8.0, 32.0),
            ("db.m5.large", 2.0, 8.0),
            ("db.m7g.4xlarge", 16.0, 64.0),
            ("db.r5.24xlarge", 96.0, 768.0),
            ("db.r6g.xlarge", 4.0, 32.0),
        ] {
            let known = size(class).unwrap();
            assert_eq!((known.processors, known.memory), (Some(processors), gib * GIB), "{class}");
        }
        let memory = |class: &str| size(class).map(|size| (size.memory / GIB * 100.0).round() / 100.0);
        for (class, gib) in [
            ("cache.t4g.small", 1.37),
            ("cache.m6g.large", 6.38),
            ("cache.r7g.xlarge", 26.32),
            ("cache.r5.24xlarge", 635.61),
        ] {
            assert_eq!(memory(class), Some(gib), "{class}");
        }
        for class in ["db.x2g.large", "db.r4.large", "db.m6g.metal", "cache.r8g.large", "cache.t3.large"] {
            assert!(is_class(class) && size(class).is_none(), "{class}");
        }
        for text in
            ["db", "db.large", "db.r6g.large.tpc1", "dc2.large", "ec2.m5.large", "db.R5.large", "db..x"]
        {
            assert!(!is_class(text), "{text}");
        }
    }

    #[test]
    fn default_connections_are_those_that_people_read() {
        let read = [
            (1.0, 66.0),
            (2.0, 150.0),
            (3.75, 296.0),
            (4.0, 312.0),
            (7.5, 609.0),
            (8.0, 648.0),
            (15.0, 1237.0),
            (15.25, 1258.0),
            (16.0, 1320.0),
            (30.0, 2492.0),
            (30.5, 2540.0),
        ];
        for (gib, connections) in read {
            let (expected, _) = default_connections("mysql.connections", gib * GIB).unwrap();
            assert!((expected / connections - 1.0).abs() < 0.015, "{gib} GiB: {expected}, not {connections}");
        }
    }

    #[test]
    fn default_connections_have_a_maximum() {
        let of = |signal: &str, class: &str| {
            let (count, most) = default_connections(signal, size(class)?.memory)?;
            Some(count.min(most).floor())
        };
        assert_eq!(of("postgres.connections", "db.t4g.medium"), Some(417.0));
        assert_eq!(of("postgres.connections", "db.r6g.4xlarge"), Some(5000.0));
        assert_eq!(of("mysql.connections", "db.r7i.48xlarge"), Some(100_000.0));
    }
}
