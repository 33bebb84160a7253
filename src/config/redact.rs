//! The text of a configuration with its secrets redacted, for messages that quote the user's lines.

use std::{collections::BTreeSet, sync::LazyLock};

use serde_json::Value;

use super::{Notify, RemoteWrite, Sources};
use crate::diagnostic::FromToml;

/// Keys of `[sources]`, `[remote_write]` and `[[notify]]` whose values may be shown: those that the schema does not mark
/// as secret, and addresses, whose passwords are redacted by themselves. A misspelt key may hold a secret.
static SHOWN: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let mut shown = BTreeSet::from(["url".to_owned()]);
    for schema in [Sources::schema(), RemoteWrite::schema(), Notify::schema()] {
        add_keys(&schema, &mut shown);
    }
    shown
});

fn add_keys(schema: &Value, shown: &mut BTreeSet<String>) {
    let parts = schema["properties"].as_object().into_iter().flatten();
    for (key, value) in parts {
        let secret = [value, &value["additionalProperties"]].iter().any(|value| value["writeOnly"] == true);
        if value["type"] != "object" && !secret {
            shown.insert(key.clone());
        }
        add_keys(value, shown);
    }
    for alternative in schema["anyOf"].as_array().into_iter().flatten() {
        add_keys(alternative, shown);
    }
}

/// A table of `[sources]` that holds the names of signals and places in a document, and no secrets.
const PLACES: &str = "sources.health.values";

/// The same text, byte for byte as long, so that spans keep their meaning.
///
/// Redacted are the passwords of addresses and connection strings everywhere, and in these tables every value whose key
/// is not known to be safe.
pub fn redacted(text: &str) -> String {
    let mut in_sources = false;
    let mut in_webhooks = false;
    let lines = text.split_inclusive('\n').map(|line| {
        let trimmed = line.trim_start();
        if trimmed.starts_with('[') {
            let table = trimmed.trim_start_matches('[').trim_start();
            in_webhooks = table.starts_with("notify");
            in_sources = (table.starts_with("sources") || table.starts_with("remote_write") || in_webhooks)
                && !table.starts_with(PLACES);
            return line.to_owned();
        }
        let (key, value) = line.split_once('=').map_or(("", line), |(key, value)| (key.trim(), value));
        // An address is in quotes; what does not may be anything.
        let bare = in_sources && key == "url" && !value.trim_start().starts_with(['"', '\'']);
        // The address of a webhook is all that it takes to use it.
        let bare = bare || in_webhooks && key == "url";
        let elsewhere = ["sources", "remote_write", "notify"].iter().any(|table| key.starts_with(table));
        let shown = !bare && !in_sources && !elsewhere
            // Places in a document, written in one line.
            || !bare && (key == "values" || SHOWN.contains(key));
        let start = line.len() - value.len();
        match (shown || trimmed.starts_with('#'), redact_addresses(line)) {
            (true, line) => line,
            (false, _) => format!("{}{}", &line[..start], value.chars().map(stars).collect::<String>()),
        }
    });
    lines.collect()
}

/// Redacts what follows `password=` and what is between a user's name and the `@` of an address.
fn redact_addresses(line: &str) -> String {
    let mut redacted = line.to_owned();
    let after = |line: &str, mark: &str| line.find(mark).map(|place| place + mark.len());
    // `libpq` allows spaces around the sign.
    if let Some(start) = after(line, "password")
        && let Some(value) = line[start..].trim_start().strip_prefix('=')
    {
        redacted = redact_range(line, line.len() - value.len(), line.len());
    }
    if let Some(start) = after(line, "://")
        && let Some(end) = line[start..].rfind('@')
        && let Some(colon) = line[start..start + end].find(':')
    {
        redacted = redact_range(&redacted, start + colon + 1, start + end);
    }
    redacted
}

fn redact_range(line: &str, start: usize, end: usize) -> String {
    format!("{}{}{}", &line[..start], line[start..end].chars().map(stars).collect::<String>(), &line[end..])
}

/// Whether a secret itself appears in a text, and not just the name of the variable that holds it.
pub fn holds_secrets(text: &str) -> bool {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        plain.push_str(before);
        rest = after.split_once('}').map_or("", |(_, after)| after);
    }
    plain.push_str(rest);
    let hidden = redacted(&plain);
    let secret = |(line, hidden): (&str, &str)| {
        let is_comment = line.trim_start().starts_with('#');
        // What the stars of a table such as `headers = { A = '…' }` hide is a secret within its quotes alone.
        let mut quoted = line.split_inclusive(['"', '\'']).skip(1).step_by(2);
        let in_quotes =
            quoted.any(|part| part.trim_end_matches(['"', '\'']).chars().any(|c| !c.is_whitespace()));
        line != hidden && !is_comment && (in_quotes || !line.contains(['"', '\'']))
    };
    plain.lines().zip(hidden.lines()).any(secret)
}

/// As many stars as the character has bytes; the quotes and spaces around values stay.
fn stars(c: char) -> String {
    if c.is_whitespace() || matches!(c, '"' | '\'') { c.to_string() } else { "*".repeat(c.len_utf8()) }
}

#[cfg(test)]
mod tests {
    use super::{holds_secrets, redacted};

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let found = redacted(text);
        assert_eq!(found, expected);
        assert_eq!(found.len(), text.len());
    }

    #[test]
    fn passwords_of_addresses_are_redacted() {
        check("url = \"postgres://u:pä:ss@db/x\"\n", "url = \"postgres://u:******@db/x\"\n");
        check("url = 'host=db password=geheim'", "url = 'host=db password=******'");
        check("# postgres://u:p@db", "# postgres://u:*@db");
    }

    #[test]
    fn what_may_be_a_secret_is_redacted_in_sources() {
        check("[sources.redis]\npasword = \"geheim\"\n", "[sources.redis]\npasword = \"******\"\n");
        check("[sources.x]\nheaders = { A = 'b' }", "[sources.x]\nheaders = * * * '*' *");
        check("[sources.x]\ntoken = geheim", "[sources.x]\ntoken = ******");
        check("[sources.x]\nurl = geheim", "[sources.x]\nurl = ******");
        check("url = 'host=db password = geheim'", "url = 'host=db password = ******'");
        check("[sources.x]\ntoken = '''\ngeheim", "[sources.x]\ntoken = '''\n******");
        check("[remote_write]\nheaders = { A = 'b' }", "[remote_write]\nheaders = * * * '*' *");
        check("sources.x.token = 'geheim'", "sources.x.token = '******'");
        check(
            "[[notify]]\nname = 'ops'\nurl = 'http://a/b'\nurl_file = 'c'",
            "[[notify]]\nname = 'ops'\nurl = '**********'\nurl_file = 'c'",
        );
        check("notify = [{ name = 'a', url = 'b' }]", "notify = ** **** * '*'* *** * '*' **");
    }

    #[test]
    fn names_of_variables_are_no_secrets() {
        for text in [
            "[sources.redis]\nurl = 'redis://:geheim@db'\n",
            "[sources.x]\nbearer_token = \"geheim\"\n",
            "[sources.x]\nheaders = { A = 'b' }\n",
            "[sources.x]\ntoken = \"a${B}\"\n",
            "[[notify]]\nurl = \"https://hooks.example/a\"\n",
        ] {
            assert!(holds_secrets(text), "{text}");
        }
        for text in [
            "[sources.redis]\nurl = 'redis://:${PW}@db'\n",
            "[sources.x]\nbearer_token = \"${TOKEN}\"\nheaders = { A = '${B}', C = \"${D}\" }\n",
            "# [sources.x]\n# url = 'redis://:geheim@db'\n",
            "profile = 'web-service'\n[sources.x]\nurl = 'http://db'\n",
        ] {
            assert!(!holds_secrets(text), "{text}");
        }
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
