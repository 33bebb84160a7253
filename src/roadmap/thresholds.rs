//! `thresholds.toml`: the limits of every signal where the roadmap names none.

use std::{collections::BTreeMap, sync::LazyLock, time::Duration};

use super::value;
use crate::{
    diagnostic::{Diagnostic, Node, Reader, read_document},
    signal::{Direction, Quantity, SignalId},
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

/// The limits of one signal, in its unit.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Limit {
    /// From here on it deserves a look.
    pub warning: Option<Quantity>,
    /// From here on somebody must act.
    pub critical: Option<Quantity>,
    /// Where the resource is used up; the critical limit when absent.
    pub limit: Option<Quantity>,
    /// How long a limit must be passed without interruption.
    pub sustained: Option<Duration>,
}

impl Thresholds {
    /// Reads the text of a thresholds file.
    pub fn read(text: &str) -> (Self, Vec<Diagnostic>) {
        let (limits, diagnostics) =
            read_document(text, |reader| reader.get("signals", read_limits).unwrap_or_default());
        (Self { limits }, diagnostics)
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

/// Reads a table of limits by signal.
pub(crate) fn read_thresholds(node: Node<'_>) -> Option<Thresholds> {
    read_limits(node).map(|limits| Thresholds { limits })
}

fn read_limits(node: Node<'_>) -> Option<BTreeMap<SignalId, Limit>> {
    let reader = node.table()?;
    let mut limits = BTreeMap::new();
    for (name, span, node) in reader.entries() {
        // Below an unknown signal nothing is read, because its unit is unknown.
        if let Some(signal) = value::signal_named(&reader, &name, span)
            && let Some(table) = node.table()
        {
            limits.insert(signal, read_limit(&table, signal));
        }
    }
    Some(limits)
}

fn read_limit(reader: &Reader<'_>, signal: SignalId) -> Limit {
    let quantity = |key| reader.get(key, |node| value::quantity_of(node, signal.entry()));
    let limit = Limit {
        warning: quantity("warning"),
        critical: quantity("critical"),
        limit: quantity("limit"),
        sustained: reader.get("for", value::sustained),
    };
    let worse = |a: Quantity, b: Quantity| match signal.entry().direction {
        Direction::HigherIsWorse => a > b,
        Direction::LowerIsWorse => a < b,
    };
    let limits = [("warning", limit.warning), ("critical", limit.critical), ("limit", limit.limit)];
    let present: Vec<_> =
        limits.into_iter().filter_map(|(key, limit)| Some((key, limit?, reader.optional(key)?))).collect();
    for pair in present.windows(2) {
        let [(first, a, at), (second, b, other)] = pair else { continue };
        if worse(*a, *b) {
            reader.report(
                Diagnostic::error("thresholds/order", at.span(), format!("`{first}` lies beyond `{second}`"))
                    .also(other.span(), "is reached first")
                    .help("swap the two values"),
            );
        }
    }
    limit
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
    fn mistakes_are_reported_once_and_at_their_place() {
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
