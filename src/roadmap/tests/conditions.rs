//! Errors in conditions.

use std::time::Duration;

use super::{check, help, when};
use crate::{
    roadmap::{Comparison, Condition, FactValue, SignalTest, read_roadmap},
    signal::{Aggregate, Quantity, Unit},
};

/// The condition of the decision that [`when`] makes.
fn read(condition: &str) -> Condition {
    let (roadmap, diagnostics) = read_roadmap(&when(condition));
    roadmap.unwrap_or_else(|| panic!("{diagnostics:#?}")).decisions.remove(0).when
}

fn read_signal(condition: &str) -> SignalTest {
    match read(condition) {
        Condition::Signal(test) => test,
        other => panic!("not a signal: {other}"),
    }
}

fn ratio(value: f64) -> Quantity {
    Quantity::new(value, Unit::Ratio).unwrap()
}

#[test]
fn every_comparison_is_read() {
    let cases = [
        ("above = '70%'", Comparison::Above(ratio(0.7))),
        ("at_least = '70%'", Comparison::AtLeast(ratio(0.7))),
        ("below = '70%'", Comparison::Below(ratio(0.7))),
        ("at_most = '70%'", Comparison::AtMost(ratio(0.7))),
        ("is = '70%'", Comparison::Is(ratio(0.7))),
        ("inside = ['60%', '80%']", Comparison::Inside(ratio(0.6), ratio(0.8))),
        ("outside = ['60%', '80%']", Comparison::Outside(ratio(0.6), ratio(0.8))),
    ];
    for (text, expected) in cases {
        let test = read_signal(&format!("{{ signal = 'host.cpu', {text} }}"));
        assert_eq!(test.comparison, expected, "{text}");
    }
}

#[test]
fn the_limits_themselves_belong_to_inside_and_at_least() {
    let holds = |text: &str, value: f64| {
        read_signal(&format!("{{ signal = 'queue.depth', {text} }}"))
            .comparison
            .holds(&Quantity::new(value, Unit::Count).unwrap())
    };
    assert!(holds("inside = [60, 80]", 60.0) && holds("inside = [60, 80]", 80.0));
    assert!(!holds("inside = [60, 80]", 59.9) && !holds("inside = [60, 80]", 80.1));
    assert!(!holds("outside = [60, 80]", 60.0) && holds("outside = [60, 80]", 80.1));
    assert!(holds("at_most = 70", 70.0) && !holds("at_most = 70", 70.1));
    assert!(holds("at_least = 70", 70.0) && !holds("above = 70", 70.0) && !holds("below = 70", 70.0));
}

#[test]
fn the_signal_gives_the_aggregate_unless_the_condition_does() {
    assert_eq!(read_signal("{ signal = 'queue.depth', above = 1 }").aggregate, Aggregate::Avg);
    let test = read_signal("{ signal = 'queue.depth', instance = 'mail', aggregate = 'max', above = 1 }");
    assert_eq!((test.aggregate, test.instance.as_deref()), (Aggregate::Max, Some("mail")));
    let test = read_signal("{ signal = 'queue.depth', above = 1, for = '1h30m' }");
    assert_eq!(test.sustained, Some(Duration::from_secs(5400)));
}

#[test]
fn facts_are_flags_words_or_numbers() {
    let read = |text: &str| match read(&format!("{{ fact = 'team', {text} }}")) {
        Condition::Fact(test) => test.comparison,
        other => panic!("not a fact: {other}"),
    };
    assert_eq!(read("is = true"), Comparison::Is(FactValue::Flag(true)));
    assert_eq!(read("is = 'high'"), Comparison::Is(FactValue::Text("high".to_owned())));
    let number = |value, unit| FactValue::Number(Quantity::new(value, unit).unwrap());
    assert_eq!(read("above = 10"), Comparison::Above(number(10.0, Unit::Count)));
    assert_eq!(read("at_least = '99.9%'"), Comparison::AtLeast(number(0.999, Unit::Ratio)));
}

#[test]
fn a_condition_judges_exactly_one_thing() {
    let shape = "condition/shape";
    check(&when("{ above = 100 }"), &[(shape, "{ above = 100 }")]);
    let two = "{ signal = 'queue.depth', fact = 'team', above = 100 }";
    check(&when(two), &[(shape, two)]);
    check(&when("'queue.depth'"), &[("toml/wrong-type", "'queue.depth'")]);
}

#[test]
fn a_condition_compares_once() {
    let comparison = "condition/comparison";
    check(&when("{ signal = 'queue.depth' }"), &[(comparison, "{ signal = 'queue.depth' }")]);
    check(&when("{ signal = 'queue.depth', above = 1, below = 9 }"), &[(comparison, "9")]);
}

#[test]
fn a_misspelt_key_is_one_error() {
    let unknown = "toml/unknown-key";
    check(&when("{ signl = 'queue.depth', above = 100, for = '5m' }"), &[(unknown, "signl")]);
    check(&when("{ signal = 'queue.depth', abvoe = 100 }"), &[(unknown, "abvoe")]);
    assert_eq!(help(&when("{ signl = 'queue.depth', above = 100 }")), "did you mean `signal`?");
    assert_eq!(help(&when("{ signal = 'queue.depth', abvoe = 100 }")), "did you mean `above`?");
}

#[test]
fn lists_of_conditions_hold_conditions() {
    check(&when("{ any = [] }"), &[("condition/empty", "[]")]);
    check(&when("{ all = [] }"), &[("condition/empty", "[]")]);
    let nested = "{ all = [{ any = [{ signal = 'queue.dept', above = 1 }] }, { fact = 'A B', is = true }] }";
    check(&when(nested), &[("roadmap/unknown-signal", "'queue.dept'"), ("roadmap/identifier", "'A B'")]);
}

#[test]
fn signals_are_those_of_the_catalogue() {
    let text = when("{ signal = 'postgres.conections', above = '80%' }");
    check(&text, &[("roadmap/unknown-signal", "'postgres.conections'")]);
    assert_eq!(help(&text), "did you mean `postgres.connections`?");
}

#[test]
fn limits_have_the_unit_of_their_signal() {
    let dimension = "roadmap/wrong-dimension";
    check(&when("{ signal = 'host.cpu', above = 80 }"), &[(dimension, "80")]);
    check(&when("{ signal = 'host.cpu', above = '80ms' }"), &[(dimension, "'80ms'")]);
    check(&when("{ signal = 'http.requests', above = 100 }"), &[(dimension, "100")]);
    check(
        &when("{ signal = 'queue.depth', inside = ['5s', '9%'] }"),
        &[(dimension, "'5s'"), (dimension, "'9%'")],
    );
    assert_eq!(help(&when("{ signal = 'host.cpu', above = 80 }")), "write a share such as \"80%\"");
}

#[test]
fn limits_are_quantities() {
    let quantity = "roadmap/quantity";
    check(&when("{ signal = 'queue.depth', above = 'many' }"), &[(quantity, "'many'")]);
    check(&when("{ signal = 'queue.depth', above = true }"), &[(quantity, "true")]);
    check(&when("{ signal = 'queue.depth', above = nan }"), &[(quantity, "nan")]);
    check(&when("{ signal = 'queue.depth', above = -1 }"), &[("roadmap/negative", "-1")]);
}

#[test]
fn words_and_flags_have_no_order() {
    check(&when("{ fact = 'complexity', above = 'high' }"), &[("roadmap/quantity", "'high'")]);
    check(&when("{ fact = 'regions', below = true }"), &[("roadmap/quantity", "true")]);
}

#[test]
fn two_values_stand_in_order() {
    let two = "condition/two-values";
    let of = |values: &str| when(&format!("{{ signal = 'queue.depth', outside = {values} }}"));
    check(&of("[80, 60]"), &[(two, "[80, 60]")]);
    check(&of("[60, 60]"), &[(two, "[60, 60]")]);
    check(&of("[60]"), &[(two, "[60]")]);
    check(&of("60"), &[("toml/wrong-type", "60")]);
}

#[test]
fn durations_have_a_fixed_length_above_zero() {
    let of = |duration: &str| when(&format!("{{ signal = 'queue.depth', above = 1, for = {duration} }}"));
    check(&of("'2months'"), &[("roadmap/duration", "'2months'")]);
    check(&of("'soon'"), &[("roadmap/duration", "'soon'")]);
    check(&of("'0s'"), &[("roadmap/for-nothing", "'0s'")]);
    check(&of("5"), &[("toml/wrong-type", "5")]);
}

#[test]
fn an_aggregate_beside_for_is_refused() {
    let text = when("{ signal = 'queue.depth', aggregate = 'max', above = 1, for = '5m' }");
    check(&text, &[("condition/aggregate-and-for", "'max'")]);
    let text = when("{ signal = 'queue.depth', aggregate = 'mean', above = 1 }");
    check(&text, &[("toml/unknown-word", "'mean'")]);
    assert!(help(&text).contains("avg"));
}
