//! What the name of a figure says of its unit, and of which way it gets worse.
//!
//! The unit at the end decides both: `checkout_p95_ms` is a time, `orders_per_second` is a rate. What follows a
//! preposition is a circumstance: `latency_ms_at_500_rps` is a time. Words that contradict each other say nothing.

mod words;

use self::words::{DOUBTFUL, FAILURES, NEUTRAL, PREPOSITIONS, RATES, TIMES, UNITS, WELCOME, WORK};
use super::{MeasureUnit, metric};

/// Which change of a figure is a loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worse {
    /// More is worse, as for latencies and errors.
    WhenHigher,
    /// Less is worse, as for throughput.
    WhenLower,
}

/// What a name says of the direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Direction {
    /// Which change is a loss.
    pub worse: Worse,
    /// Whether every word of the name agrees. Where it does not, a loss may be believed, and a gain may not.
    pub certain: bool,
}

/// The unit at the end of a name.
pub fn unit(name: &str) -> MeasureUnit {
    let words = words(name);
    let (subject, _) = split(&words);
    let subject: Vec<&str> = subject.iter().map(String::as_str).collect();
    match subject.as_slice() {
        [.., "per", "second" | "sec" | "s"] => MeasureUnit::PerSecond,
        [work, "s" | "sec"] if WORK.contains(work) => MeasureUnit::PerSecond,
        [.., "per", _] | [] => MeasureUnit::Plain,
        [.., last] => {
            let alone = subject.len() == 1 && !RATES.contains(last);
            let found = UNITS.iter().find(|(unit, _)| unit == last && !alone);
            found.map_or(MeasureUnit::Plain, |(_, unit)| *unit)
        }
    }
}

/// Which way a figure gets worse, going by the words of its name. `None` where they do not say, or contradict.
pub fn direction(name: &str) -> Option<Direction> {
    if let Some(worse) = known(name) {
        return Some(Direction { worse, certain: true });
    }
    let words = words(name);
    let (subject, circumstances) = split(&words);
    let subject = Reading::of(subject);
    let worse = match (subject.bad, subject.good, subject.doubtful) {
        (_, _, true) => return None,
        (true, false, _) => Worse::WhenHigher,
        (false, true, _) => Worse::WhenLower,
        // Errors in a second are errors.
        (true, true, _) if subject.failures_in_a_rate => Worse::WhenHigher,
        _ => return None,
    };
    let around = Reading::of(circumstances);
    let against = match worse {
        Worse::WhenHigher => around.good || subject.good,
        Worse::WhenLower => around.bad || subject.bad,
    };
    Some(Direction {
        worse,
        certain: !against && !around.doubtful && !around.qualified && !subject.qualified,
    })
}

/// The direction of figures that are named here.
fn known(name: &str) -> Option<Worse> {
    let duration = metric::DURATIONS.iter().any(|duration| {
        name.strip_prefix(duration)
            .and_then(|rest| rest.strip_prefix('_'))
            .is_some_and(|statistic| metric::STATISTICS.contains(&statistic))
    });
    if duration || metric::LOWER_IS_BETTER.contains(&name) {
        Some(Worse::WhenHigher)
    } else {
        metric::HIGHER_IS_BETTER.contains(&name).then_some(Worse::WhenLower)
    }
}

/// What the words of a part of a name say.
#[derive(Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is what one list of words says, and they combine freely"
)]
struct Reading {
    bad: bool,
    good: bool,
    doubtful: bool,
    /// Failures that are counted in a rate of all work: `error_rps`.
    failures_in_a_rate: bool,
    /// Whether other words qualify the one that decides: `latency_forecast`, `p95_rps`.
    qualified: bool,
}

impl Reading {
    fn of(words: &[String]) -> Self {
        let says = |known: &[&str]| words.iter().any(|word| known.contains(&word.as_str()));
        let failures = says(&FAILURES);
        let rate = says(&RATES) || is_rate(words);
        let times = says(&TIMES) || is_time(words);
        let welcome = says(&WELCOME);
        let percentile = !rate && !welcome && words.iter().any(|word| is_percentile(word));
        let decides = |word: &String| {
            [&FAILURES[..], &TIMES, &RATES, &WELCOME].iter().any(|list| list.contains(&word.as_str()))
        };
        // `p95_per_rps` and `rps_per_p95` say something of both.
        let relative =
            words.windows(2).any(|pair| pair[0] == "per" && (decides(&pair[1]) || is_percentile(&pair[1])));
        // `rps_p95` is a percentile of a rate; `p95_rps`, `rps_p95_rps` and `success_p95` may as well be of a latency.
        let ends_as_rate = |word: &str| RATES.contains(&word) || ["second", "sec", "s"].contains(&word);
        let surely_of_rate = match words {
            [.., before, last] => rate && !welcome && is_percentile(last) && ends_as_rate(before),
            _ => false,
        };
        let percentiles = words.iter().filter(|word| is_percentile(word)).count();
        let of_latency = !percentile && percentiles > usize::from(surely_of_rate);
        let after = words.iter().skip_while(|word| !decides(word)).skip(1);
        let plain = |word: &String| {
            decides(word)
                || NEUTRAL.contains(&word.as_str())
                || WORK.contains(&word.as_str())
                || UNITS.iter().any(|(unit, _)| unit == word)
                || is_percentile(word)
                || word.bytes().all(|byte| byte.is_ascii_digit())
        };
        Self {
            bad: failures || times || percentile,
            good: rate || welcome,
            doubtful: says(&DOUBTFUL),
            failures_in_a_rate: failures && rate && !times && !welcome,
            qualified: after.into_iter().any(|word| !plain(word)) || relative || of_latency,
        }
    }
}

/// The words that name the figure, and those that name the circumstances.
fn split(words: &[String]) -> (&[String], &[String]) {
    let preposition = words.iter().skip(1).position(|word| PREPOSITIONS.contains(&word.as_str()));
    preposition.map_or((words, &[]), |index| (&words[..=index], &words[index + 2..]))
}

/// Words in lower case: `checkoutTime_p95(ms)` is `checkout`, `time`, `p95`, `ms`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for sign in name.chars() {
        let hump = sign.is_uppercase() && before.is_lowercase();
        if hump || !(sign.is_alphanumeric() || sign == '%') {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| sign.is_alphanumeric()) {
            word.extend(sign.to_lowercase());
        }
        if sign == '%' {
            words.push("percent".to_owned());
        }
        before = sign;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// `requests_per_second`, `req/s`.
fn is_rate(words: &[String]) -> bool {
    words
        .windows(2)
        .any(|pair| WORK.contains(&pair[0].as_str()) && ["per", "s", "sec"].contains(&pair[1].as_str()))
}

/// `response_time`, `checkout_ms`; what happens per second is no time.
fn is_time(words: &[String]) -> bool {
    let measured = match words {
        [.., before, unit] => is_time_unit(unit) && before != "per" && !WORK.contains(&before.as_str()),
        _ => false,
    };
    measured || words.windows(2).any(|pair| pair[0] == "response" && pair[1] == "time")
}

fn is_time_unit(word: &str) -> bool {
    use MeasureUnit::{Microseconds, Milliseconds, Nanoseconds, Seconds};
    let found = UNITS.iter().find(|(unit, _)| *unit == word);
    found.is_some_and(|(_, unit)| matches!(unit, Microseconds | Milliseconds | Nanoseconds | Seconds))
}

/// `p50`, `p99`, `p999`.
fn is_percentile(word: &str) -> bool {
    word.strip_prefix('p')
        .is_some_and(|rest| (2..=5).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_to_worse_goes_by_the_name() {
        let certain = |worse| Some(Direction { worse, certain: true });
        let higher = "latency_p95 latency_max error_ratio p95_ms P95(ms) errors checkout_p999_s error_rate \
                      response_time responseTime duration checkout_ms gc_pause_seconds latencyMs ws_session_duration_p95 \
                      failed_check_ratio";
        for name in higher.split(' ').filter(|name| !name.is_empty()) {
            assert_eq!(direction(name), certain(Worse::WhenHigher), "{name}");
        }
        let lower = "throughput throughput_rps RPS qps ops requests_per_second req/s queries_per_sec rps_p50 \
                     success_ratio sessions_per_second";
        for name in lower.split(' ').filter(|name| !name.is_empty()) {
            assert_eq!(direction(name), certain(Worse::WhenLower), "{name}");
        }
        let unknown = "score heap_bytes p p1 power pages_p terrors ms uptime_seconds orders_per_sec requests \
                       error_free_ratio success_latency_ms latency_rps latency_500_rps idle_ms error_budget_ratio \
                       saved_latency_ms throughput_latency success_errors latency_headroom_ms";
        for name in unknown.split(' ').filter(|name| !name.is_empty()) {
            assert_eq!(direction(name), None, "{name}");
        }
    }

    #[test]
    fn a_circumstance_leaves_a_doubt() {
        for name in [
            "latency_ms_at_500_rps",
            "error_rps",
            "failed_requests_per_second",
            "latency_forecast_ms",
            "p95_at_full_throughput",
        ] {
            assert_eq!(
                direction(name),
                Some(Direction { worse: Worse::WhenHigher, certain: false }),
                "{name}"
            );
        }
        for name in ["throughput_under_errors", "p95_rps", "p99_checkout_rps", "p95_success_ratio"] {
            assert_eq!(
                direction(name),
                Some(Direction { worse: Worse::WhenLower, certain: false }),
                "{name}"
            );
        }
    }

    #[test]
    fn the_unit_is_at_the_end_of_what_is_named() {
        use MeasureUnit::{Bytes, Milliseconds, PerSecond, Percent, Plain, Ratio, Seconds};
        for (name, expected) in [
            ("p95_ms", Milliseconds),
            ("P95(ms)", Milliseconds),
            ("latency_ms_at_500_rps", Milliseconds),
            ("latency_at_500_rps", Plain),
            ("throughput_rps", PerSecond),
            ("throughput", PerSecond),
            ("orders_per_second", PerSecond),
            ("orders_per_min", Plain),
            ("bytes_per_s", PerSecond),
            ("checkout_s", Seconds),
            ("error_ratio", Ratio),
            ("cpu %", Percent),
            ("heap_bytes", Bytes),
            ("ms", Plain),
            ("rps", PerSecond),
            ("errors", Plain),
        ] {
            assert_eq!(unit(name), expected, "{name}");
        }
    }
}
