//! Thresholds are complete: those of `thresholds.toml` or those of the catalogue.

use scale_advisor::signal::{
    Direction, Role, Signal, SignalId, Unit, catalog, parse_duration, parse_quantity,
};
use toml::{Table, Value};

const TEXT: &str = include_str!("../../thresholds.toml");

fn entries() -> Table {
    let file: Table = TEXT.parse().unwrap();
    assert_eq!(file.keys().collect::<Vec<_>>(), ["signals"]);
    file["signals"].as_table().unwrap().clone()
}

/// A quantity of the file, in the base unit of its signal.
fn quantity(signal: &Signal, value: &Value) -> f64 {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let quantity = parse_quantity(&text).unwrap();
    assert_eq!(quantity.unit(), signal.unit, "{}: {text}", signal.id());
    quantity.value()
}

#[test]
fn every_judged_signal_has_a_default_and_no_other() {
    let entries = entries();
    for signal in catalog().signals() {
        // How many bytes there may be depends on the machine, so that only a project can say.
        let by_machine = signal.unit == Unit::Bytes;
        let judged = matches!(signal.role, Role::Resource | Role::ServiceLevel) && !by_machine;
        let listed = entries.contains_key(signal.id().as_str());
        let own = signal.limits.warning.is_some() && signal.limits.critical.is_some();
        assert!(!listed || judged, "{}: nothing judges it", signal.id());
        assert!(!judged || listed != own, "{}: its limits stand at one place", signal.id());
    }
    for name in entries.keys() {
        assert!(SignalId::find(name).is_some(), "{name}: no such signal");
    }
}

#[test]
fn warnings_come_before_critical_values_and_those_before_the_limit() {
    for (name, entry) in entries() {
        let signal = SignalId::find(&name).unwrap().entry();
        let [warning, critical] = ["warning", "critical"].map(|key| quantity(signal, &entry[key]));
        let limit = entry.get("limit").map_or(critical, |limit| quantity(signal, limit));
        let ordered = match signal.direction {
            Direction::HigherIsWorse => warning < critical && critical <= limit,
            Direction::LowerIsWorse => warning > critical && critical >= limit,
        };
        assert!(ordered, "{name}: {warning}, {critical}, {limit}");
    }
}

#[test]
fn only_known_keys_and_real_durations_are_used() {
    for (name, entry) in entries() {
        for (key, value) in entry.as_table().unwrap() {
            assert!(
                ["warning", "critical", "limit", "for", "aggregate"].contains(&key.as_str()),
                "{name}: {key}"
            );
            if key == "for" {
                assert!(!parse_duration(value.as_str().unwrap()).unwrap().is_zero(), "{name}: {value}");
            }
        }
    }
}

#[test]
fn every_default_says_where_it_comes_from() {
    let lines: Vec<&str> = TEXT.lines().collect();
    for pair in lines.windows(2).filter(|pair| pair[1].starts_with("[signals.")) {
        assert!(pair[0].starts_with("# "), "{}: no origin above it", pair[1]);
    }
}
