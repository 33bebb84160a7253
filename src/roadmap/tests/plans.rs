//! Amounts, machines, schedules and the sections that plan with them.

use super::{check, help, with};
use crate::{
    roadmap::{Amount, Range, Roadmap, read_roadmap},
    signal::{Quantity, SignalId, Unit},
};

#[track_caller]
fn read(more: &str) -> Roadmap {
    let (roadmap, diagnostics) = read_roadmap(&with(more));
    roadmap.unwrap_or_else(|| panic!("{diagnostics:#?}"))
}

fn quantity(value: f64, unit: Unit) -> Quantity {
    Quantity::new(value, unit).unwrap()
}

#[test]
fn a_baseline_states_one_figure_or_two_ends() {
    let roadmap = read("[baseline]\n'http.requests' = ['60/min', '120/min']\n'queue.depth' = 4\n");
    let amount = |name| roadmap.baseline[&SignalId::find(name).unwrap()];
    let requests = amount("http.requests");
    assert_eq!(requests.low(), quantity(1.0, Unit::PerSecond));
    assert_eq!(requests.high(), Some(quantity(2.0, Unit::PerSecond)));
    assert_eq!(amount("queue.depth"), Amount::Exact(quantity(4.0, Unit::Count)));
    assert_eq!(read("[baseline]\n'queue.depth' = [4]\n").baseline.values().next().unwrap().high(), None);
}

#[test]
fn a_share_may_be_given_as_what_is_counted() {
    let baseline = |line: &str| with(&format!("[baseline]\n{line}\n"));
    for line in ["'80%'", "40", "[5, 10]", "['10%', '20%']"] {
        check(&baseline(&format!("'postgres.connections' = {line}")), &[]);
    }
    check(&baseline("'container.memory' = ['200MB', '400MB']"), &[]);
    let dimension = "roadmap/wrong-dimension";
    check(&baseline("'postgres.connections' = '8GiB'"), &[(dimension, "'8GiB'")]);
    check(&baseline("'container.memory' = 40"), &[(dimension, "40")]);
    check(&baseline("'postgres.connections' = [5, '20%']"), &[(dimension, "[5, '20%']")]);
    check(&baseline("'queue.depth' = '5%'"), &[(dimension, "'5%'")]);
    check(&baseline("'queue.depth' = [9, 4]"), &[("roadmap/range", "[9, 4]")]);
}

#[test]
fn deployments_grow_without_overlaps() {
    let pair = |first: &str, second: &str| {
        with(&format!(
            "deployments = [{{ id = 'a', title = 'A', users = {first} }}, {{ id = 'b', title = 'B', users = {second} }}]\n"
        ))
    };
    check(&pair("[50, 100]", "[300, 600]"), &[]);
    check(&pair("[0, 100]", "[100]"), &[]);
    check(&pair("[0, 100]", "[90, 600]"), &[("roadmap/overlapping-deployments", "'b'")]);
    check(&pair("[0]", "[90, 600]"), &[("roadmap/overlapping-deployments", "'b'")]);
}

#[test]
fn machines_have_sizes() {
    let nodes = |size: &str| {
        with(&format!(
            "[[deployments]]\nid = 'a'\ntitle = 'A'\nusers = [0]\nnodes = [{{ name = 'server', {size} }}]\n"
        ))
    };
    check(&nodes("count = [5, 10], cpu_cores = 0.5, memory = '8GiB', storage = '20GB'"), &[]);
    check(&nodes("count = -1"), &[("toml/wrong-type", "-1")]);
    check(&nodes("cpu_cores = 0"), &[("roadmap/no-cores", "0")]);
    check(&nodes("memory = 8"), &[("roadmap/wrong-dimension", "8")]);
    check(&nodes("storage = '20s'"), &[("roadmap/wrong-dimension", "'20s'")]);
}

#[test]
fn work_is_planned_in_weeks_or_in_months() {
    let stage = |schedule: &str| {
        format!("[[implementation]]\nnumber = 1\ntitle = 'First'\n{schedule}\nitems = ['one']\n")
    };
    let days = |schedule: &str| read(&stage(schedule)).implementation[0].schedule.duration();
    assert_eq!(days("weeks = [3, 4]"), Some(quantity(14.0 * 86_400.0, Unit::Seconds)));
    assert_eq!(days("weeks = 3"), Some(quantity(7.0 * 86_400.0, Unit::Seconds)));
    assert_eq!(days("months = [6, 12]"), Some(quantity(210.0 * 86_400.0, Unit::Seconds)));
    assert_eq!(days("weeks = [3]"), None);
    assert_eq!(days(""), None);
    check(&with(&stage("weeks = [1, 2]\nmonths = [1, 2]")), &[("roadmap/two-schedules", "[1, 2]")]);
    check(&with(&stage("weeks = [0, 2]")), &[("roadmap/range", "[0, 2]")]);
}

#[test]
fn a_planned_action_takes_as_long_as_its_weeks() {
    let action = |more: &str| {
        let text = super::instead(
            "phases",
            &format!(
                "phases = [{{ number = 1, title = 'P', users = [0], actions = [{{ id = 'a', title = 'A', component = 'c', {more} }}] }}]"
            ),
        );
        read_roadmap(&text).0.unwrap().phases[0].actions[0].duration()
    };
    let weeks = |count: f64| quantity(count * 7.0 * 86_400.0, Unit::Seconds);
    assert_eq!(action("weeks = [5, 6]"), Some(Range::exact(weeks(2.0))));
    assert_eq!(action("weeks = [5, 6], effort = ['1w', '3w']"), Range::new(weeks(1.0), Some(weeks(3.0))));
}

#[test]
fn costs_rise_with_their_users() {
    let costs =
        |second: &str| with(&format!("costs = [{{ users = 100, per_month = 50 }}, {{ {second} }}]\n"));
    check(&costs("users = 500, per_month = [80, 90]"), &[]);
    check(&costs("users = 100, per_month = 60"), &[("roadmap/cost-order", "100")]);
    check(&costs("users = 500"), &[("roadmap/cost-without-amount", "{ users = 500 }")]);
    check(&costs("users = 500, per_mnoth = 60"), &[("toml/unknown-key", "per_mnoth")]);
    check(&costs("users = 500, per_month = -60"), &[("roadmap/money", "-60")]);
}

#[test]
fn a_cost_without_a_total_is_the_sum_of_its_items() {
    let items =
        "items = [{ name = 'server', per_month = 20, cpu_cores = 2 }, { name = 'data', per_month = 10 }]";
    let roadmap = read(&format!("[[costs]]\nusers = 10\n{items}\n"));
    assert_eq!(roadmap.costs[0].per_month, Range::exact(30.0));
    check(
        &with("[[costs]]\nusers = 10\nitems = [{ name = 'server' }]\n"),
        &[("toml/missing-key", "{ name = 'server' }")],
    );
}

#[test]
fn a_benchmark_compares_one_signal() {
    let benchmark = |target: &str, current: &str| {
        with(&format!("[[benchmarks]]\ntitle = 'b'\ntarget = {target}\ncurrent = {current}\n"))
    };
    check(&benchmark("{ signal = 'http.latency', below = '200ms' }", "'150ms'"), &[]);
    check(
        &benchmark("{ signal = 'http.latency', below = '200ms' }", "150"),
        &[("roadmap/wrong-dimension", "150")],
    );
    let fact = "{ fact = 'x', is = true }";
    check(&benchmark(fact, "1"), &[("roadmap/benchmark-target", fact)]);
    check(
        &benchmark("{ signal = 'http.latencies', below = '1s' }", "'1s'"),
        &[("roadmap/unknown-signal", "'http.latencies'")],
    );
}

#[test]
fn the_architecture_has_three_outcomes() {
    let architecture = |outcomes: &str| {
        with(&format!(
            "[architecture]\nstay_if = ['it works']\noutcomes = {{ {outcomes} }}\ncriteria = [{{ id = 'gap', title = 'Gap' }}]\n"
        ))
    };
    check(&architecture("stay = 's', gradual = 'g', full = 'f'"), &[]);
    let text = architecture("stay = 's', gradual = 'g', ful = 'f'");
    check(&text, &[("toml/unknown-key", "ful")]);
    assert_eq!(help(&text), "did you mean `full`?");
}

#[test]
fn statements_are_words_or_tables() {
    let savings = |item: &str| with(&format!("savings = ['switch off what idles', {item}]\n"));
    check(&savings("{ text = 'a smaller model', figures = { times_cheaper = 10 } }"), &[]);
    check(
        &savings("{ when = { fact = 'x', is = true } }"),
        &[("toml/missing-key", "{ when = { fact = 'x', is = true } }")],
    );
    check(&savings("7"), &[("toml/wrong-type", "7")]);
}

#[test]
fn tests_playbooks_and_recovery_are_checked() {
    let test = |more: &str| with(&format!("[[load_tests]]\nid = 'soak'\npurpose = 'p'\n{more}\n"));
    check(&test("frequency = 'monthly'\nconcurrency = [100, 500]\nduration = '30m'\nramp = '2m'"), &[]);
    check(&test("frequency = 'yearly'"), &[("toml/unknown-word", "'yearly'")]);
    check(&test("duration = 30"), &[("roadmap/wrong-dimension", "30")]);
    check(&with("[recovery]\nrto = '1h'\nrpo = 5\n"), &[("roadmap/wrong-dimension", "5")]);
    for item in ["[[load_tests]]\nid = 'x'\npurpose = 'p'\n", "[[playbooks]]\nid = 'x'\nsymptom = 's'\n"] {
        check(&with(&item.repeat(2)), &[("roadmap/repeated-name", "'x'")]);
    }
    check(
        &with("[[efforts]]\ntitle = 'rewrite'\neffort = ['1 year']\n"),
        &[("roadmap/duration", "'1 year'")],
    );
}

#[test]
fn every_condition_is_listed_with_its_place() {
    let condition = "{ signal = 'host.cpu', above = '80%' }";
    let roadmap = read(&format!(
        "limitations = [{{ text = 'l', when = {condition} }}]\n\
         savings = [{{ text = 's', when = {condition} }}]\n\
         playbooks = [{{ id = 'p', symptom = 's', when = {condition} }}]\n\
         benchmarks = [{{ title = 'b', target = {condition} }}]\n\
         load_tests = [{{ id = 't', purpose = 'p', pass = {condition} }}]\n\
         [architecture]\n\
         outcomes = {{ stay = 's', gradual = 'g', full = 'f' }}\n\
         evaluate_if = [{{ text = 'e', when = {condition} }}]\n\
         criteria = [{{ id = 'c', title = 'C', when_met = {condition} }}]\n"
    ));
    let places: Vec<String> = roadmap.conditions().into_iter().map(|(place, _)| place).collect();
    assert_eq!(places, ["limitation", "evaluate", "saving", "benchmark b", "criterion c", "playbook p"]);
}
