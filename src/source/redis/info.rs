//! The text that `INFO` gives, by field.

use std::collections::HashMap;

/// Where members of the family report their version, with their names; those that also resemble a Redis come first.
const VERSIONS: [(&str, &str); 7] = [
    ("valkey_version", "Valkey"),
    ("dragonfly_version", "Dragonfly"),
    ("upstash_version", "Upstash"),
    ("kvrocks_version", "Kvrocks"),
    ("redict_version", "Redict"),
    ("rlec_version", "Redis Enterprise"),
    ("redis_version", "Redis"),
];

/// The fields of one `INFO` answer. Unknown ones are kept and ignored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Info(HashMap<String, String>);

impl Info {
    /// Reads `field:value` lines; `None` when the text is not of a server of the Redis family.
    pub(super) fn parse(text: &str) -> Option<Self> {
        // Values may hold colons themselves, names never do.
        let fields: HashMap<_, _> = text
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_owned(), value.trim_end().to_owned()))
            .collect();
        let told = VERSIONS.iter().any(|(field, _)| fields.contains_key(*field));
        told.then_some(Self(fields))
    }

    /// A field's text.
    pub(super) fn text(&self, field: &str) -> Option<&str> {
        self.0.get(field).map(String::as_str)
    }

    /// A field that counts something. A value that is negative or no whole number counts nothing.
    pub(super) fn count(&self, field: &str) -> Option<u64> {
        self.text(field)?.parse().ok()
    }

    /// A field with a finite number that is not negative.
    pub(super) fn number(&self, field: &str) -> Option<f64> {
        self.text(field)?.parse().ok().filter(|number: &f64| number.is_finite() && *number >= 0.0)
    }

    /// True when a field is `1`.
    pub(super) fn is_set(&self, field: &str) -> bool {
        self.text(field) == Some("1")
    }

    /// How many keys a database holds, from `db0:keys=5,expires=0,…`.
    pub(super) fn keys(&self, database: i64) -> u64 {
        let counts = self.text(&format!("db{database}")).unwrap_or_default();
        counts.split(',').find_map(|part| part.strip_prefix("keys=")?.parse().ok()).unwrap_or(0)
    }

    /// Product and version. Relatives of Redis give the Redis version they resemble and their own beside it.
    pub(super) fn product(&self) -> String {
        let versions = VERSIONS.iter().filter_map(|(field, name)| Some((*name, self.text(field)?)));
        let (name, version) = versions.into_iter().next().unwrap_or_default();
        let number = version.trim_start_matches(|c: char| c.is_ascii_alphabetic() || c == '-');
        let name = if name == "Redis"
            && ["server_threads", "mvcc_depth"].iter().any(|field| self.text(field).is_some())
        {
            "KeyDB"
        } else {
            name
        };
        format!("{name} {number}")
    }

    /// Caveats about this server's numbers.
    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.is_set("loading") {
            let part = self.text("loading_loaded_perc").unwrap_or("an unknown part");
            notes.push(format!("the server is loading its data after a start: {part} so far"));
        }
        if self.text("role") == Some("slave") {
            let link = self.text("master_link_status").unwrap_or("unknown");
            notes.push(format!("this is a replica; its link to the primary is {link}"));
        }
        if self.is_set("cluster_enabled") {
            notes.push("this is one node of a cluster; the others are not included".to_owned());
        }
        notes
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// The recorded answers, with the product each must be taken for.
    pub(in super::super) const RECORDED: [(&str, &str); 6] = [
        ("Redis 5.0.14", include_str!("../../../tests/fixtures/redis/info_redis_5.0.14.txt")),
        ("Redis 6.2.14", include_str!("../../../tests/fixtures/redis/info_redis_6.2.14.txt")),
        ("Redis 7.0.15", include_str!("../../../tests/fixtures/redis/info_redis_7.0.15.txt")),
        ("Redis 7.4.1", include_str!("../../../tests/fixtures/redis/info_redis_7.4.1.txt")),
        ("Redis 255.255.255", include_str!("../../../tests/fixtures/redis/info_redis_8.0-dev.txt")),
        ("Valkey 9.1.2", include_str!("../../../tests/fixtures/redis/info_valkey_9.1.2.txt")),
    ];

    #[test]
    fn every_recorded_version_is_read() {
        for (product, text) in RECORDED {
            let info = Info::parse(text).unwrap();
            assert_eq!(info.product(), product);
            assert_eq!(info.count("maxmemory"), Some(67_108_864), "{product}");
            assert_eq!(info.count("connected_clients"), Some(1), "{product}");
            assert!(info.number("mem_fragmentation_ratio").unwrap() > 1.0, "{product}");
            assert_eq!(info.count("maxclients").is_some(), product != "Redis 5.0.14", "{product}");
            assert!(info.notes().is_empty(), "{product}");
        }
    }

    #[test]
    fn relatives_are_named() {
        let product = |text: &str| Info::parse(text).unwrap().product();
        assert_eq!(product("redis_version:7.4.0\r\ndragonfly_version:df-v1.34.1\r\n"), "Dragonfly 1.34.1");
        assert_eq!(product("redis_version:6.3.4\r\nserver_threads:2\r\n"), "KeyDB 6.3.4");
        assert_eq!(product("redis_version:6.2.2\r\nmvcc_depth:0\r\n"), "KeyDB 6.2.2");
        assert_eq!(product("upstash_version:1.13.3\r\nredis_version:6.2.6\r\n"), "Upstash 1.13.3");
        assert_eq!(
            product("redis_version:7.2.4\r\nrlec_version:7.22.0-28\r\n"),
            "Redis Enterprise 7.22.0-28"
        );
        assert_eq!(product("valkey_version:10.0.0\r\n"), "Valkey 10.0.0");
    }

    #[test]
    fn garbage_counts_nothing() {
        let info =
            Info::parse("redis_version:7\r\na:-1\r\nb:NaN\r\nc:\r\nd:1:2\r\ndb3:keys=7,expires=0").unwrap();
        assert_eq!((info.count("a"), info.number("a"), info.number("b")), (None, None, None));
        assert_eq!((info.count("c"), info.text("d")), (None, Some("1:2")));
        assert_eq!((info.keys(3), info.keys(0)), (7, 0));
        assert!(Info::parse("").is_none());
        assert!(Info::parse("<html>: no").is_none());
    }

    #[test]
    fn replicas_and_cluster_nodes_say_so() {
        let text =
            "redis_version:7\r\nrole:slave\r\nmaster_link_status:down\r\ncluster_enabled:1\r\nloading:1";
        assert_eq!(Info::parse(text).unwrap().notes().len(), 3);
    }
}
