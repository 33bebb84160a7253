//! The text of a configuration with its secrets covered, for messages that show the user's own lines.

/// Keys of `[sources]` and `[remote_write]` whose values may be shown. All others may hold a secret, misspelt ones included.
const SHOWN: [&str; 17] = [
    "ca_file",
    "client_certificate",
    "client_key",
    "degraded",
    "enabled",
    "file",
    "healthy",
    "name",
    "prefix",
    "queues",
    "scrape_interval",
    "signal",
    "status",
    "token_file",
    "unhealthy",
    "url",
    "username",
];

/// A table of `[sources]` that holds the names of signals and places in a document, and no secrets.
const PLACES: &str = "sources.health.values";

/// The same text, byte for byte as long, so that places in it stay where they are.
///
/// Covered are the passwords of addresses and connection strings everywhere, and in these tables every value
/// whose key is not known to be harmless.
pub fn masked(text: &str) -> String {
    let mut in_sources = false;
    let lines = text.split_inclusive('\n').map(|line| {
        let trimmed = line.trim_start();
        if trimmed.starts_with('[') {
            let table = trimmed.trim_start_matches('[').trim_start();
            in_sources = (table.starts_with("sources") || table.starts_with("remote_write"))
                && !table.starts_with(PLACES);
            return line.to_owned();
        }
        let (key, value) = line.split_once('=').map_or(("", line), |(key, value)| (key.trim(), value));
        let shown = !in_sources && !key.starts_with("sources") && !key.starts_with("remote_write")
            || SHOWN.contains(&key);
        let start = line.len() - value.len();
        match (shown || trimmed.starts_with('#'), covered_addresses(line)) {
            (true, line) => line,
            (false, _) => format!("{}{}", &line[..start], value.chars().map(cover).collect::<String>()),
        }
    });
    lines.collect()
}

/// Covers what follows `password=` and what stands between a user's name and the `@` of an address.
fn covered_addresses(line: &str) -> String {
    let mut covered = line.to_owned();
    let after = |line: &str, mark: &str| line.find(mark).map(|place| place + mark.len());
    if let Some(start) = after(line, "password=") {
        covered = cover_between(line, start, line.len());
    }
    if let Some(start) = after(line, "://")
        && let Some(end) = line[start..].rfind('@')
        && let Some(colon) = line[start..start + end].find(':')
    {
        covered = cover_between(&covered, start + colon + 1, start + end);
    }
    covered
}

fn cover_between(line: &str, start: usize, end: usize) -> String {
    format!("{}{}{}", &line[..start], line[start..end].chars().map(cover).collect::<String>(), &line[end..])
}

/// As many stars as the character has bytes; the quotes and spaces around values stay.
fn cover(c: char) -> String {
    if c.is_whitespace() || matches!(c, '"' | '\'') { c.to_string() } else { "*".repeat(c.len_utf8()) }
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let found = masked(text);
        assert_eq!(found, expected);
        assert_eq!(found.len(), text.len());
    }

    #[test]
    fn passwords_of_addresses_are_covered() {
        check("url = \"postgres://u:pä:ss@db/x\"\n", "url = \"postgres://u:******@db/x\"\n");
        check("url = 'host=db password=geheim'", "url = 'host=db password=******'");
        check("# postgres://u:p@db", "# postgres://u:*@db");
    }

    #[test]
    fn what_may_be_a_secret_is_covered_in_sources() {
        check("[sources.redis]\npasword = \"geheim\"\n", "[sources.redis]\npasword = \"******\"\n");
        check("[sources.x]\nheaders = { A = 'b' }", "[sources.x]\nheaders = * * * '*' *");
        check("[sources.x]\ntoken = geheim", "[sources.x]\ntoken = ******");
        check("[sources.x]\ntoken = '''\ngeheim", "[sources.x]\ntoken = '''\n******");
        check("[remote_write]\nheaders = { A = 'b' }", "[remote_write]\nheaders = * * * '*' *");
        check("sources.x.token = 'geheim'", "sources.x.token = '******'");
    }

    #[test]
    fn the_rest_stays() {
        for text in [
            "profile = \"x\"\n[facts]\npassword_rules = 3\n",
            "[sources.x]\nurl = \"http://db:9090\"\n",
            "[[sources.health]]\nname = 'api'\n[sources.health.values]\n'app.pool' = 'pool'\n",
        ] {
            check(text, text);
        }
    }
}
