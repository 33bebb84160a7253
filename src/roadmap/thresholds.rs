//! `thresholds.toml`: the limits of every signal where the roadmap names none.

use std::{collections::BTreeMap, sync::LazyLock, time::Duration};

use serde_json::Value;

use super::values::{SUSTAINED, by_signal, signal_named, unit_error};
use crate::{
    diagnostic::{Diagnostic, FromToml, Node, Reader, Spans, TomlTable, read_document, toml_table},
    signal::{DefaultLimits as Limit, Direction, Quantity, SignalId},
};

/// The text of the thresholds built into the program.
pub const DEFAULT_THRESHOLDS: &str = include_str!("../../thresholds.toml");

#[expect(clippy::panic, reason = "the file is embedded and a test reads it")]
static DEFAULT: LazyLock<Thresholds> = LazyLock::new(|| {
    let (thresholds, diagnostics) = Thresholds::read(DEFAULT_THRESHOLDS);
    if diagnostics.is_empty() { thresholds } else { panic!("thresholds.toml: {diagnostics:?}") }
});

/// The thresholds built into the program.
pub fn default_thresholds() -> &'static Thresholds {
    &DEFAULT
}

/// Limits by signal.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Thresholds {
    limits: BTreeMap<SignalId, Limit>,
}

impl Thresholds {
    /// Reads the text of a thresholds file.
    pub fn read(text: &str) -> (Self, Vec<Diagnostic>) {
        read_document(text, |reader| reader.get("signals", Self::from_toml).unwrap_or_default())
    }

    /// The limits of a signal; all absent when none are set.
    pub fn of(&self, signal: SignalId) -> Limit {
        self.limits.get(&signal).copied().unwrap_or_default()
    }

    /// These limits with another file's put over them, key by key.
    #[must_use]
    pub fn overridden_by(&self, other: &Self) -> Self {
        let mut limits = self.limits.clone();
        for (signal, over) in &other.limits {
            let limit = limits.entry(*signal).or_default();
            limit.warning = over.warning.or(limit.warning);
            limit.critical = over.critical.or(limit.critical);
            limit.limit = over.limit.or(limit.limit);
            limit.sustained = over.sustained.or(limit.sustained);
        }
        Self { limits }
    }

    /// Every signal that has limits.
    pub fn signals(&self) -> impl Iterator<Item = SignalId> {
        self.limits.keys().copied()
    }
}

/// A table of limits by signal.
impl FromToml for Thresholds {
    fn from_toml(node: Node<'_>) -> Option<Self> {
        let reader = node.table()?;
        let mut limits = BTreeMap::new();
        for (name, span, node) in reader.entries() {
            // Below an unknown signal nothing is read, because its unit is unknown.
            if let Some(signal) = signal_named(&reader, &name, span)
                && let Some(table) = node.table()
                && let Some(keys) = LimitKeys::from_reader(&table)
            {
                limits.insert(signal, limit_of(signal, &keys, &table));
            }
        }
        Some(Self { limits })
    }

    fn schema() -> Value {
        by_signal(LimitKeys::schema())
    }
}

toml_table! {
    struct LimitKeys {
        /// From here on it is a warning.
        warning: Option<Quantity>,
        /// From here on it is critical.
        critical: Option<Quantity>,
        /// Where the resource is saturated; the critical limit when left out.
        limit: Option<Quantity>,
        /// How long a limit must be exceeded without interruption.
        r#for: Option<Duration> as SUSTAINED,
        spans: Spans as flatten,
    }
}

fn limit_of(signal: SignalId, keys: &LimitKeys, reader: &Reader<'_>) -> Limit {
    let named = [("warning", keys.warning), ("critical", keys.critical), ("limit", keys.limit)];
    let [warning, critical, limit] = named.map(|(key, limit)| {
        let error = unit_error(limit?, keys.spans.of_key(key), signal.entry());
        if let Some(error) = error {
            reader.report(error);
            return None;
        }
        limit
    });
    check_order(
        signal,
        [("warning", warning), ("critical", critical), ("limit", limit)],
        &keys.spans,
        reader,
    );
    Limit { warning, critical, limit, sustained: keys.r#for }
}

/// Limits get worse from warning to limit.
fn check_order(
    signal: SignalId,
    limits: [(&'static str, Option<Quantity>); 3],
    spans: &Spans,
    reader: &Reader<'_>,
) {
    let worse = |a: Quantity, b: Quantity| match signal.entry().direction {
        Direction::HigherIsWorse => a > b,
        Direction::LowerIsWorse => a < b,
    };
    let present: Vec<_> = limits.into_iter().filter_map(|(key, limit)| Some((key, limit?))).collect();
    for pair in present.windows(2) {
        let [(first, limit), (second, next)] = [pair[0], pair[1]];
        if worse(limit, next) {
            let message = format!("`{first}` lies beyond `{second}`");
            reader.report(
                Diagnostic::error("thresholds/order", spans.of_key(first), message)
                    .also(spans.of_key(second), "is reached first")
                    .help("swap the two values"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::Unit;

    fn id(name: &str) -> SignalId {
        SignalId::find(name).unwrap()
    }

    fn quantity(value: f64, unit: Unit) -> Option<Quantity> {
        Quantity::new(value, unit)
    }

    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str)]) {
        let (_, mut diagnostics) = Thresholds::read(text);
        diagnostics.sort_by_key(|diagnostic| diagnostic.primary.span.start);
        let found: Vec<_> =
            diagnostics.iter().map(|found| (found.code, &text[found.primary.span.clone()])).collect();
        assert_eq!(found, expected, "{diagnostics:#?}");
    }

    /// Limits of one signal.
    fn signal(name: &str, limits: &str) -> String {
        format!("[signals.'{name}']\n{limits}\n")
    }

    #[test]
    fn the_embedded_thresholds_are_valid() {
        assert!(default_thresholds().signals().count() > 0);
    }

    #[test]
    fn limits_get_worse_in_the_direction_of_their_signal() {
        let order = "thresholds/order";
        check(&signal("host.cpu", "warning = '70%'\ncritical = '90%'\nlimit = '100%'"), &[]);
        check(&signal("host.cpu", "warning = '95%'\ncritical = '90%'"), &[(order, "'95%'")]);
        check(&signal("host.cpu", "warning = '80%'\nlimit = '70%'"), &[(order, "'80%'")]);
        check(&signal("redis.hit_ratio", "warning = '80%'\ncritical = '50%'"), &[]);
        check(&signal("redis.hit_ratio", "warning = '50%'\ncritical = '80%'"), &[(order, "'50%'")]);
    }

    #[test]
    fn errors_are_reported_once_and_at_their_place() {
        let text = signal("host.cpus", "warning = '70%'\ncritical = 'x'")
            + &signal("host.memory", "warning = 70\ncritcal = '90%'\nfor = '0s'");
        check(
            &text,
            &[
                ("roadmap/unknown-signal", "'host.cpus'"),
                ("roadmap/wrong-dimension", "70"),
                ("toml/unknown-key", "critcal"),
                ("roadmap/for-nothing", "'0s'"),
            ],
        );
    }

    #[test]
    fn another_file_overrides_key_by_key() {
        let base = signal("host.cpu", "warning = '70%'\ncritical = '90%'\nfor = '10m'")
            + &signal("queue.depth", "warning = 100");
        let over = signal("host.cpu", "critical = '95%'") + &signal("host.memory", "warning = '80%'");
        let read = |text: &str| Thresholds::read(text).0;
        let thresholds = read(&base).overridden_by(&read(&over));
        let expected = Limit {
            warning: quantity(0.7, Unit::Ratio),
            critical: quantity(0.95, Unit::Ratio),
            limit: None,
            sustained: Some(Duration::from_secs(600)),
        };
        assert_eq!(thresholds.of(id("host.cpu")), expected);
        assert_eq!(thresholds.of(id("queue.depth")).warning, quantity(100.0, Unit::Count));
        assert_eq!(thresholds.of(id("host.memory")).warning, quantity(0.8, Unit::Ratio));
        assert_eq!(thresholds.of(id("redis.memory")), Limit::default());
    }
}
