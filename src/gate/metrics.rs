//! Metrics that load tests and assessments have, and what is known of them without any settings.

use super::{Better, Floor, GateConfig};
use crate::{
    loadtest::{self, Worse, metric},
    signal::{Quantity, Unit, parse_quantity},
};

/// Answers per second.
pub const THROUGHPUT: &str = "throughput";
/// The share of requests that failed.
pub const ERRORS: &str = "error_ratio";
/// How many requests were made; never judged, because the test decides it.
pub const REQUESTS: &str = "requests";
/// The load at which the first resource runs out, or throughput peaks.
pub const SATURATION: &str = "saturation";

/// The smallest rise of the error rate that matters by default.
const ERRORS_FLOOR: f64 = 0.001;

/// Every metric with its name for people, which way it is better, and the signal it is in a roadmap.
pub const METRICS: [(&str, &str, Better, &str); 11] = [
    (THROUGHPUT, "throughput", Better::Higher, "http.requests"),
    (ERRORS, "share of failed requests", Better::Lower, "http.errors"),
    ("latency_min", "shortest latency", Better::Lower, ""),
    ("latency_mean", "mean latency", Better::Lower, ""),
    ("latency_p50", "median latency", Better::Lower, "http.latency_p50"),
    ("latency_p75", "p75 latency", Better::Lower, ""),
    ("latency_p90", "p90 latency", Better::Lower, ""),
    ("latency_p95", "p95 latency", Better::Lower, "http.latency"),
    ("latency_p99", "p99 latency", Better::Lower, "http.latency_p99"),
    ("latency_max", "longest latency", Better::Lower, ""),
    (SATURATION, "load at saturation", Better::Higher, ""),
];

/// Failure counts; the share among all requests says more.
const FAILURES: [&str; 2] = ["errors", "failed"];

/// The metric of a load test that measures a signal of the catalogue.
pub fn metric_of_signal(signal: &str) -> Option<&'static str> {
    METRICS.iter().find(|(_, _, _, of)| *of == signal).map(|(name, ..)| *name)
}

/// The name of a metric in texts; its own name where it is not one of ours.
pub fn title(metric: &str) -> &str {
    METRICS.iter().find(|(name, ..)| *name == metric).map_or(metric, |(_, title, ..)| *title)
}

/// Which way a metric is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Direction {
    pub better: Better,
    /// Whether that is known. A guess by the name shows losses, and no gains.
    pub certain: bool,
}

/// Which way a metric is better: as configured, else as known, else as its name says.
pub(super) fn direction(config: &GateConfig, metric: &str) -> Option<Direction> {
    let known = METRICS.iter().find(|(name, ..)| *name == metric).map(|(_, _, better, _)| *better);
    let certain = config.directions.get(metric).copied().or(known);
    let certain = certain.map(|better| Direction { better, certain: true });
    certain.or_else(|| {
        let named = loadtest::direction(metric)?;
        let better = match named.worse {
            Worse::WhenHigher => Better::Lower,
            Worse::WhenLower => Better::Higher,
        };
        Some(Direction { better, certain: named.certain })
    })
}

/// The floor that was set, else the one that is known, in the metric's unit.
pub(super) fn floor(config: &GateConfig, metric: &str, unit: &str) -> Floor {
    let known = || {
        // In per cent the same share is a hundred times as large a number.
        let scale = base_unit(unit).map_or(1.0, |(_, scale)| scale);
        Floor::Plain(if metric == ERRORS { ERRORS_FLOOR / scale } else { 0.0 })
    };
    config.floors.get(metric).copied().unwrap_or_else(known)
}

/// The metric that is evaluated in the place of another, unless that is named. What load-test tools write unasked is
/// summed up by a few, because every further metric makes each of them harder to prove.
pub(super) fn stand_in(
    metric: &str,
    everywhere: &dyn Fn(&str) -> bool,
    anywhere: &dyn Fn(&str) -> bool,
) -> Option<String> {
    let duration = metric::DURATIONS.into_iter().find(|name| statistic(metric, name).is_some());
    let evaluated = match duration {
        Some(duration) => {
            let names = metric::STATISTICS.map(|statistic| format!("{duration}_{statistic}"));
            let first = |present: &dyn Fn(&str) -> bool| names.iter().find(|name| present(name)).cloned();
            first(everywhere).or_else(|| first(anywhere))
        }
        None => (FAILURES.contains(&metric) && everywhere(ERRORS)).then(|| ERRORS.to_owned()),
    };
    evaluated.filter(|evaluated| evaluated != metric)
}

/// The statistic of a duration that a metric is.
fn statistic<'a>(metric: &'a str, duration: &str) -> Option<&'a str> {
    let statistic = metric.strip_prefix(duration)?.strip_prefix('_')?;
    metric::STATISTICS.contains(&statistic).then_some(statistic)
}

/// The base unit behind a name such as `ms`, and how much of it one is; `None` for a unit that is not known.
pub(super) fn base_unit(unit: &str) -> Option<(Unit, f64)> {
    if let Some((_, unit)) = Unit::NAMES.iter().find(|(name, _)| *name == unit) {
        return Some((*unit, 1.0));
    }
    let short = match unit {
        "" => return None,
        "us" | "µs" => "us",
        "percent" => "%",
        "rps" | "req/s" | "requests/s" => "/s",
        other => other,
    };
    let quantity = parse_quantity(&format!("1{short}")).ok()?;
    Some((quantity.unit(), quantity.value()))
}

/// A number of a unit as a quantity of the base unit; `None` for a unit that is not known.
pub fn value_quantity(value: f64, unit: &str) -> Option<Quantity> {
    let (base, scale) = base_unit(unit)?;
    Quantity::new(value * scale, base)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::SignalId;

    #[test]
    fn values_are_compared_in_base_units() {
        assert_eq!(value_quantity(200.0, "ms"), Quantity::new(0.2, Unit::Seconds));
        assert_eq!(value_quantity(1.0, "furlongs"), None);
    }

    #[test]
    fn the_signals_are_in_the_catalogue() {
        for (name, _, _, signal) in METRICS {
            assert!(signal.is_empty() || SignalId::find(signal).is_some(), "{name}: {signal}");
        }
        assert_eq!(metric_of_signal("http.latency"), Some("latency_p95"));
        assert_eq!(metric_of_signal("host.cpu"), None);
    }

    #[test]
    fn one_latency_stands_for_all() {
        let everywhere = |name: &str| ["latency_p90", "latency_mean", ERRORS].contains(&name);
        let anywhere = |name: &str| everywhere(name) || name == "latency_p95";
        let judged = |metric: &str| stand_in(metric, &everywhere, &anywhere);
        assert_eq!((judged("latency_p90"), judged(ERRORS), judged("p99_ms")), (None, None, None));
        assert_eq!(
            (judged("latency_p95").as_deref(), judged("latency_max").as_deref()),
            (Some("latency_p90"), Some("latency_p90"))
        );
        assert_eq!(judged("errors").as_deref(), Some(ERRORS));
        assert_eq!(stand_in("latency_p50", &|_| false, &|name| name == "latency_p50"), None);
    }

    #[test]
    fn what_somebody_said_wins_over_the_name() {
        let directions = [("p95_ms".to_owned(), Better::Higher)].into();
        let config = GateConfig { directions, ..GateConfig::default() };
        let certain = |better| Some(Direction { better, certain: true });
        assert_eq!(direction(&config, "p95_ms"), certain(Better::Higher));
        assert_eq!(direction(&GateConfig::default(), "p95_ms"), certain(Better::Lower));
        assert_eq!(direction(&GateConfig::default(), "orders"), None);
    }
}
