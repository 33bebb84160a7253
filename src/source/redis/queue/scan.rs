//! Finding queues by their keys, with a bound on the work it makes for the server.

use crate::snapshot::Unavailable;
use std::{collections::BTreeSet, time::Duration};

use crate::source::redis::connection::{Connection, Deadline};

/// How many keys the server scans in one round.
const KEYS_A_ROUND: u64 = 500;
/// After this many rounds, a million keys, the search ends.
const MAX_ROUNDS: u64 = 2000;
/// After this many names the search ends.
const MAX_NAMES: usize = 1000;
/// Nobody gives a queue a longer name on purpose.
const MAX_NAME_BYTES: usize = 256;
/// How long the search takes at most, or after half of what is left of the deadline.
const MAX_TIME: Duration = Duration::from_secs(10);

/// The names of BullMQ's and Bull's queues, by their `:id` or `:meta` keys, and a note when the search was cut
/// short.
pub(super) async fn queues(
    connection: &Connection,
    prefix: &str,
    keys: u64,
) -> Result<(Vec<String>, Vec<String>), Unavailable> {
    // One pattern for both endings; false matches are filtered out.
    let pattern = format!("{}:*:[im]*[da]", escaped(prefix));
    find(connection, &pattern, keys, |key| queue_name(key, prefix)).await
}

/// What `name` makes of the keys that match a pattern, and a note when the search was cut short.
pub(super) async fn find(
    connection: &Connection,
    pattern: &str,
    keys: u64,
    name: impl Fn(&str) -> Option<String>,
) -> Result<(Vec<String>, Vec<String>), Unavailable> {
    let end = Deadline::after(MAX_TIME.min(connection.deadline().left() / 2));
    let mut names = BTreeSet::new();
    let mut cursor = "0".to_owned();
    for round in 1.. {
        let count = KEYS_A_ROUND.to_string();
        let (next, found): (String, Vec<Vec<u8>>) =
            connection.ask(&["SCAN", &cursor, "MATCH", pattern, "COUNT", &count]).await?;
        names.extend(found.iter().filter_map(|key| name(std::str::from_utf8(key).ok()?)));
        if next == "0" {
            return Ok((names.into_iter().collect(), Vec::new()));
        }
        if round >= MAX_ROUNDS || names.len() >= MAX_NAMES || end.left().is_zero() {
            let note = format!(
                "the search for queues ended after about {} of {keys} keys: name the queues to read them all",
                round * KEYS_A_ROUND
            );
            return Ok((names.into_iter().collect(), vec![note]));
        }
        cursor = next;
    }
    Ok((Vec::new(), Vec::new()))
}

/// The members of a set, up to as many as there may be queues; none where there is no such set.
pub(super) async fn members(connection: &Connection, key: &str) -> Result<Vec<String>, Unavailable> {
    let mut members = BTreeSet::new();
    let mut cursor = "0".to_owned();
    loop {
        let answer = connection.ask(&["SSCAN", key, &cursor, "COUNT", "100"]).await;
        let (next, found): (String, Vec<Vec<u8>>) = match answer {
            // Another program keeps something else under this name.
            Err(failure) if failure.detail.contains("WRONGTYPE") => return Ok(Vec::new()),
            answer => answer?,
        };
        members.extend(found.into_iter().filter_map(|member| String::from_utf8(member).ok()));
        if next == "0" || members.len() >= MAX_NAMES {
            return Ok(members.into_iter().collect());
        }
        cursor = next;
    }
}

/// The queue a key belongs to, if it is one by which queues are known. Names may hold colons.
fn queue_name(key: &str, prefix: &str) -> Option<String> {
    let rest = key.strip_prefix(prefix)?.strip_prefix(':')?;
    let name = rest.strip_suffix(":id").or_else(|| rest.strip_suffix(":meta"))?;
    (1..=MAX_NAME_BYTES).contains(&name.len()).then(|| name.to_owned())
}

/// The prefix with the signs of patterns taken literally.
fn escaped(prefix: &str) -> String {
    let mut text = String::new();
    for sign in prefix.chars() {
        if matches!(sign, '*' | '?' | '[' | ']' | '\\' | '^') {
            text.push('\\');
        }
        text.push(sign);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORDED: &str = include_str!("../../../../tests/fixtures/redis/bullmq_keys_1.91_to_6.7.txt");

    #[test]
    fn queues_of_every_recorded_version_are_found() {
        let mut versions = 0;
        for version in RECORDED.split("##### ").skip(1) {
            let keys = version.lines().filter_map(|line| line.split(' ').nth(1));
            let names: BTreeSet<_> = keys.filter_map(|key| queue_name(key, "bull")).collect();
            assert_eq!(names.into_iter().collect::<Vec<_>>(), ["kids", "mail", "paused1"]);
            versions += 1;
        }
        assert_eq!(versions, 5);
    }

    #[test]
    fn only_whole_segments_count() {
        assert_eq!(queue_name("bull:a:b:meta", "bull").as_deref(), Some("a:b"));
        assert_eq!(queue_name("{bull}:mail:id", "{bull}").as_deref(), Some("mail"));
        for key in ["bull:mail:failed", "bull:mail:mid", "bull::id", "bullet:mail:id", "bull:id"] {
            assert_eq!(queue_name(key, "bull"), None, "{key}");
        }
    }

    #[test]
    fn a_prefix_is_no_pattern() {
        assert_eq!(escaped("{b}*[x]"), "{b}\\*\\[x\\]");
    }
}
