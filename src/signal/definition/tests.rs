//! Definitions are read, checked and registered.

use std::collections::BTreeSet;

use super::*;
use crate::signal::{Driver, Quantity, Role, SignalId, Unit, adopt, catalog};

fn read(text: &str) -> (Vec<Definition>, Vec<Diagnostic>) {
    read_document(text, |reader| {
        let kinds = [
            ("resources", PROJECT_RESOURCES),
            ("service_levels", PROJECT_SERVICE_LEVELS),
            ("loads", PROJECT_LOADS),
        ];
        kinds.into_iter().flat_map(|(key, kind)| reader.get(key, kind.read).unwrap_or_default()).collect()
    })
}

#[track_caller]
fn only(text: &str) -> Definition {
    let (definitions, diagnostics) = read(text);
    assert_eq!(diagnostics, []);
    let [definition] = definitions.try_into().unwrap();
    definition
}

#[track_caller]
fn wrong(text: &str, code: &str, place: &str) {
    let (_, diagnostics) = read(text);
    let found: Vec<_> =
        diagnostics.iter().map(|found| (found.code, &text[found.primary.span.clone()])).collect();
    assert_eq!(found, [(code, place)], "{diagnostics:#?}");
}

#[test]
fn the_embedded_catalogue_is_valid() {
    for (system, text) in FILES {
        let (_, diagnostics) = read_file(system, text);
        assert_eq!(diagnostics, [], "{system}");
    }
}

#[test]
fn a_usage_with_its_limit_is_a_resource_with_the_usual_thresholds() {
    let seats = only(
        "[resources.'test.seats']\nusage = 'seats_used{kind=\"paid\"}'\nlimit = 'seats'\nunit = 'seats'",
    );
    assert_eq!((seats.signal.role, seats.signal.unit), (Role::Resource, Unit::Ratio));
    assert_eq!(seats.signal.of.as_deref(), Some("seats"));
    assert_eq!(seats.signal.prometheus[0].needs, ["seats", "seats_used"]);
    assert_eq!(seats.signal.limits.critical, Quantity::new(0.9, Unit::Ratio));
    assert_eq!(seats.signal.driven_by, Some(Driver::Load));
    let entry = SignalId::find("test.seats").unwrap().entry();
    assert_eq!((entry.title.as_str(), entry.resource.unwrap().entry().plural), ("test seats", true));
}

#[test]
fn several_ways_are_tried_in_order() {
    let text = "[resources.'test.slots']\nusage = ['a', 'b']\nlimit = ['c', 64]\noptional = ['a']\n\
                [[resources.'test.slots'.ways]]\nfree = 'd'\nlimit = { fact = 'slots' }\nexporter = 'other'";
    let ways = only(text).signal.prometheus;
    let said: Vec<_> = ways.iter().map(|way| (way.query.as_str(), way.limit.as_deref().unwrap())).collect();
    assert_eq!(said, [("a", "c"), ("b", "vector(64)"), ("$fact(slots) - (d)", "vector($fact(slots))")]);
    assert_eq!(ways[0].needs, ["c"]);
    assert_eq!(ways[2].exporter, "other");
}

#[test]
fn a_service_level_is_judged_by_its_objective_and_with_enough_traffic() {
    let level = only(
        "[service_levels.'test.checkout']\nquery = 'p95'\nunit = 'seconds'\nobjective = '300ms'\nat_least = '36/h of checkouts_total'",
    );
    assert_eq!(level.signal.limits.critical, Quantity::new(0.3, Unit::Seconds));
    assert_eq!(
        level.signal.prometheus[0].query,
        "(p95) and on () (sum(rate(checkouts_total[$rate])) >= 0.01)"
    );
    assert!(!level.resource.unwrap().runs_out);
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    wrong("[resources.'Test']\nusage = 'a'", "catalog/name", "'Test'");
    wrong("[resources.'test.none']\nunit = 'x'", "catalog/query", "[resources.'test.none']");
    wrong("[resources.'test.broken']\nusage = 'sum('\nlimit = 'b'", "catalog/query", "'sum('");
    wrong("[resources.'test.size']\nusage = 'a'\nlimit = '8GiB'\nunit = 'files'", "catalog/limit", "'8GiB'");
    wrong(
        "[resources.'test.pair']\nusage = ['a', 'b', 'c']\nlimit = ['d', 'e']",
        "catalog/limit",
        "['d', 'e']",
    );
    wrong(
        "[resources.'test.unit']\nusage = 'a'\nlimit = 'b'\nwarning = '5s'",
        "roadmap/wrong-dimension",
        "'5s'",
    );
    let order = "[resources.'test.order']\nusage = 'a'\nlimit = 'b'\nwarning = '95%'\ncritical = '90%'";
    wrong(order, "thresholds/order", "'95%'");
    wrong("[resources.'test.key']\nusage = 'a'\nlimt = 'b'", "toml/unknown-key", "limt");
    wrong("[service_levels.'test.least']\nquery = 'a'\nat_least = 'much'", "catalog/at-least", "'much'");
    wrong("[resources.'http.latency']\nusage = 'a'\nlimit = 'b'", "catalog/conflict", "'http.latency'");
}

#[test]
fn a_name_means_one_thing() {
    let first = "[resources.'test.twice']\nusage = 'a'\nlimit = 'b'";
    only(first);
    only(first);
    wrong("[resources.'test.twice']\nusage = 'a'\nlimit = 'c'", "catalog/conflict", "'test.twice'");
}

#[test]
fn what_the_program_has_can_be_read_in_another_way() {
    let entry = || SignalId::find("pgbouncer.clients").unwrap().entry();
    let before = entry().prometheus[0].query.clone();
    only("[resources.'pgbouncer.clients']\nusage = 'a'\nlimit = 'b'\nunit = 'connections'");
    assert_ne!(before, "a");
    assert_eq!((entry().prometheus[0].query.as_str(), entry().native.len()), ("a", 1));
}

#[test]
fn snapshots_bring_their_definitions_and_settings_of_today_stay() {
    let seats = only("[resources.'test.kept']\nusage = 'a'\nlimit = 'b'");
    let json = serde_json::to_string(&seats).unwrap();
    let carried = |name: &str, change: fn(&mut Definition)| {
        let mut definition: Definition = serde_json::from_str(&json).unwrap();
        definition.name = name.to_owned();
        change(&mut definition);
        adopt(vec![definition])
    };
    assert_eq!(carried("test.kept", |_| ()), Ok(()));
    assert_eq!(carried("test.kept", |old| old.signal.limits.warning = None), Ok(()));
    assert!(SignalId::find("test.kept").unwrap().entry().limits.warning.is_some());
    assert!(carried("test.kept", |other| other.signal.unit = Unit::Bytes).is_err());
    assert_eq!(carried("host.cpu", |_| ()), Ok(()));
}

#[test]
fn every_signal_can_be_read_and_belongs_somewhere() {
    for signal in catalog().signals().filter(|signal| signal.is_built_in()) {
        let name = signal.id();
        let found = !signal.prometheus.is_empty() || !signal.native.is_empty() || signal.example.is_some();
        assert!(found != signal.computed.is_some(), "{name}: read, bound by the project, or computed");
        // Background may say which resource it is about; load is about none of them.
        let allowed: &[bool] = match signal.role {
            Role::Resource | Role::ServiceLevel => &[true],
            Role::Load => &[false],
            Role::Context => &[true, false],
        };
        assert!(allowed.contains(&signal.resource.is_some()), "{name}: role and resource disagree");
        let runs_out = signal.resource.is_none_or(|resource| resource.entry().runs_out);
        assert!(runs_out || signal.role != Role::Resource, "{name}: does it run out?");
        for candidate in &signal.prometheus {
            assert_eq!(candidate.limit.is_some(), signal.of.is_some(), "{name}: a share of what?");
            let named = candidate.needs.is_empty() != candidate.suffix.is_none();
            assert!(named, "{name}: a candidate needs no metric");
            let text = format!("{} {}", candidate.query, candidate.limit.as_deref().unwrap_or(""));
            for metric in candidate.needs.iter().chain(&candidate.optional) {
                assert!(text.contains(metric.as_str()), "{name}: {metric} is needed but not used");
            }
        }
    }
}

#[test]
fn every_resource_has_a_signal() {
    let used: BTreeSet<_> = catalog().signals().filter_map(|signal| signal.resource).collect();
    for resource in catalog().resources() {
        assert!(used.contains(&resource.id()), "{}: no signal tells when it runs out", resource.id());
    }
}

#[test]
fn probes_are_left_out_and_what_begins_like_them_is_not() {
    let requests = catalog().signals().find(|signal| signal.id().as_str() == "http.requests").unwrap();
    let (_, pattern) = requests.prometheus[0].query.split_once("path!~\"").unwrap();
    let pattern = pattern.split_once('"').unwrap().0;
    let probes = regex::Regex::new(&format!("^(?:{pattern})$")).unwrap();
    let of_probes = "/metrics health /health/ /healthz /healthz/ready /health/live /health-check /healthcheck \
                     /health_checks /_health /api/health /-/healthy /-/ready /ready /readyz /readiness /live /livez \
                     /liveness /ping /actuator/health/liveness /actuator /status /favicon.ico";
    for path in of_probes.split_whitespace() {
        assert!(probes.is_match(path), "{path}");
    }
    let of_users = "/ /api /api/orders /healthcare/visits /health-records /livestreams /live-scores /ready-meals \
                    /status/42 /pingpong /orders/health /metrics-of-the-day";
    for path in of_users.split_whitespace() {
        assert!(!probes.is_match(path), "{path}");
    }
}
