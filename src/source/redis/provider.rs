//! Whose server it is, where that is not the reader's own: by what `INFO` reports and by the name of the host.
//!
//! A provider's machine has more memory than the database may take, so that only `maxmemory` is a limit there.

use super::{Endpoint, Settings, info::Info};

/// Ends of the names of hosts, with whose they are.
const HOSTS: [(&str, &str); 12] = [
    (".cache.amazonaws.com", "Amazon ElastiCache"),
    (".upstash.io", "Upstash"),
    (".redislabs.com", "Redis Cloud"),
    (".redis-cloud.com", "Redis Cloud"),
    (".rlrcp.com", "Redis Cloud"),
    (".redis.cache.windows.net", "Azure Cache for Redis"),
    (".redisenterprise.cache.azure.net", "Azure Cache for Redis"),
    (".redis.azure.net", "Azure Managed Redis"),
    (".dragonflydb.cloud", "Dragonfly Cloud"),
    (".db.ondigitalocean.com", "DigitalOcean"),
    (".aivencloud.com", "Aiven"),
    (".scw.cloud", "Scaleway"),
];

/// The provider; `None` where nothing points to one.
pub(super) fn provider(settings: &Settings, info: &Info) -> Option<&'static str> {
    let told = match info.text("os") {
        Some("Amazon ElastiCache") => Some("Amazon ElastiCache"),
        Some("Amazon MemoryDB") => Some("Amazon MemoryDB"),
        _ => None,
    };
    let fields = [("upstash_version", "Upstash"), ("rlec_version", "Redis Enterprise")];
    let told = told.or_else(|| {
        let field = fields.into_iter().find(|(field, _)| info.text(field).is_some());
        field.map(|(_, name)| name)
    });
    told.or_else(|| by_address(settings))
}

fn by_address(settings: &Settings) -> Option<&'static str> {
    let Endpoint::Tcp { host, .. } = &settings.endpoint else { return None };
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let found = HOSTS.into_iter().find(|(end, _)| host.ends_with(end)).map(|(_, name)| name);
    found.or_else(|| {
        let amazon = host.ends_with(".amazonaws.com");
        if amazon && host.contains(".memorydb.") {
            return Some("Amazon MemoryDB");
        }
        // Heroku lends machines of Amazon's, and its addresses have the user `h`, which no server knows.
        let heroku = amazon && host.starts_with("ec2-") && settings.user.as_deref() == Some("h");
        heroku.then_some("Heroku Key-Value Store")
    })
}

/// Provider, product and version as people write them.
pub(super) fn described(settings: &Settings, info: &Info) -> String {
    let product = info.product();
    match provider(settings, info) {
        Some(provider) if !product.starts_with(provider) => format!("{provider}, {product}"),
        _ => product,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn product(url: &str, info: &str) -> String {
        described(&Settings::parse(url).unwrap(), &Info::parse(info).unwrap())
    }

    #[test]
    fn providers_are_named() {
        let redis = "redis_version:7.1.0\r\n";
        for (url, info, expected) in [
            ("redis://localhost", redis, "Redis 7.1.0"),
            (
                "redis://localhost",
                "redis_version:5.0.4\r\nos:Amazon ElastiCache\r\n",
                "Amazon ElastiCache, Redis 5.0.4",
            ),
            (
                "redis://localhost",
                "redis_version:7.2.4\r\nvalkey_version:8.0.1\r\nos:Amazon MemoryDB\r\n",
                "Amazon MemoryDB, Valkey 8.0.1",
            ),
            ("rediss://master.shop.abc.use1.cache.amazonaws.com", redis, "Amazon ElastiCache, Redis 7.1.0"),
            (
                "rediss://clustercfg.shop.abc.memorydb.us-east-1.amazonaws.com",
                redis,
                "Amazon MemoryDB, Redis 7.1.0",
            ),
            (
                "rediss://eu1-shop-1.upstash.io",
                "redis_version:6.2.6\r\nupstash_version:1.13.3\r\n",
                "Upstash 1.13.3",
            ),
            ("redis://redis-1.c1.us-east-1-2.ec2.redns.redis-cloud.com:1", redis, "Redis Cloud, Redis 7.1.0"),
            (
                "redis://h:secret@ec2-3-4-5-6.compute-1.amazonaws.com:9",
                redis,
                "Heroku Key-Value Store, Redis 7.1.0",
            ),
            ("redis://app:secret@ec2-3-4-5-6.compute-1.amazonaws.com:9", redis, "Redis 7.1.0"),
            ("rediss://shop.redis.cache.windows.net:6380", redis, "Azure Cache for Redis, Redis 7.1.0"),
            (
                "redis://localhost",
                "redis_version:7.2.4\r\nrlec_version:7.22.0-28\r\n",
                "Redis Enterprise 7.22.0-28",
            ),
            (
                "redis://shop.dragonflydb.cloud",
                "redis_version:7.4.0\r\ndragonfly_version:df-v1.34.1\r\n",
                "Dragonfly Cloud, Dragonfly 1.34.1",
            ),
        ] {
            assert_eq!(product(url, info), expected, "{url}");
        }
    }
}
