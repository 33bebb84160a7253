//! What is computed from measurements and facts: headroom, the growth of cost, the load itself.

use super::world::{World, finding, json, world};
use crate::{
    assess::Verdict,
    roadmap::FactValue,
    signal::{Quantity, Unit},
};

#[track_caller]
fn objective(world: World, when_met: &str, verdict: Verdict, phrase: &str) {
    let assessment = world.objective("o", when_met).judge();
    let found = finding(&assessment, "objective:o");
    let reason = json(&found.reason);
    assert_eq!(found.verdict, verdict, "{reason}");
    assert!(reason.contains(phrase), "no {phrase} in {reason}");
}

const TENFOLD: &str = "{ signal = 'load.headroom', at_least = 10 }";

#[test]
fn the_tightest_resource_decides_the_headroom() {
    let used = |memory| world().flat("host.memory", memory).flat("host.cpu", 0.02);
    objective(used(0.05), TENFOLD, Verdict::Ok, r#""signal":"load.headroom""#);
    objective(used(0.25), TENFOLD, Verdict::Warning, r#""query":"limit / peak of host.memory""#);
}

#[test]
fn what_is_not_measured_may_be_tighter() {
    let some = |memory| world().stack(&["host"]).flat("host.memory", memory);
    objective(some(0.05), TENFOLD, Verdict::Unknown, r#""could_be_lower_without":["host.cpu","#);
    objective(some(0.25), TENFOLD, Verdict::Warning, r#""holds":false"#);
    objective(some(0.25), "{ signal = 'load.headroom', below = 10 }", Verdict::Ok, r#""holds":true"#);
    objective(
        some(0.05),
        "{ signal = 'load.headroom', at_most = 10 }",
        Verdict::Unknown,
        r#""could_be_lower_without":["host.cpu","#,
    );
}

#[test]
fn nothing_measured_leaves_no_headroom_to_tell() {
    objective(world(), TENFOLD, Verdict::Unknown, r#""kind":"not_computed","signal":"load.headroom""#);
    objective(world().flat("host.memory", 0.0), TENFOLD, Verdict::Unknown, r#""kind":"not_computed""#);
}

/// A world whose roadmap states a cost of 200 at 100 users, with as many users and a bill.
fn bill(users: f64, cost: f64) -> World {
    world()
        .roadmap("[[costs]]\nusers = 100\nper_month = 200")
        .flat("users.concurrent", users)
        .fact("monthly_cost", FactValue::Number(Quantity::new(cost, Unit::Count).unwrap()))
}

const LINEAR: &str = "{ signal = 'cost.elasticity', at_most = 1 }";

#[test]
fn cost_may_grow_as_users_do() {
    objective(bill(1000.0, 2000.0), LINEAR, Verdict::Ok, "ln(2000 / 200) / ln(1000 / 100)");
    objective(bill(1000.0, 1000.0), LINEAR, Verdict::Ok, r#""holds":true"#);
    objective(bill(1000.0, 6000.0), LINEAR, Verdict::Warning, r#""holds":false"#);
    // Fewer users than the roadmap begins with have not grown.
    objective(bill(10.0, 100.0), LINEAR, Verdict::Unknown, r#""kind":"not_computed""#);
}

#[test]
fn growth_of_cost_needs_a_bill_and_users_apart() {
    objective(bill(105.0, 900.0), LINEAR, Verdict::Unknown, r#""kind":"not_computed""#);
    let no_bill = world().roadmap("[[costs]]\nusers = 100\nper_month = 200").flat("users.concurrent", 1000.0);
    objective(no_bill, LINEAR, Verdict::Unknown, r#""kind":"not_computed""#);
}

#[test]
fn what_is_computed_is_neither_measured_nor_missed() {
    let assessment = world().objective("o", TENFOLD).flat("host.memory", 0.5).judge();
    assert_eq!((assessment.coverage.wanted, assessment.coverage.measured), (1, 1));
    assert!(assessment.coverage.gaps.is_empty());
}

/// The load, and how it is known.
#[track_caller]
fn load(world: World, users: Option<f64>, phrase: &str) {
    let table = "signal = 'users.registered'\nunit = 'users'\ndaily_active_ratio = '30%'\n\
                 peak_concurrent_ratio = '10%'\nrequests_per_user = '1/min'\n";
    let load = world.load(table).judge().load;
    let reason = json(&load.reason);
    assert_eq!(load.peak.map(f64::round), users, "{reason}");
    assert!(reason.contains(phrase), "no {phrase} in {reason}");
}

#[test]
fn registered_users_are_told_from_those_who_come() {
    let requests = || world().flat("http.requests", 4.0);
    load(
        requests().flat("users.concurrent", 50.0).flat("users.registered", 777.0),
        Some(777.0),
        r#""kind":"measured""#,
    );
    load(
        requests().flat("users.concurrent", 50.0).flat("users.active", 120.0),
        Some(400.0),
        r#""from":"users.active","per_user":{"value":0.3,"#,
    );
    load(
        requests().flat("users.concurrent", 50.0),
        Some(500.0),
        r#""from":"users.concurrent","per_user":{"value":0.1,"#,
    );
    load(requests(), Some(240.0), r#""from":"http.requests""#);
    load(world(), None, r#""estimated_from":["users.active","users.concurrent","http.requests"]"#);
}

#[test]
fn concurrent_users_are_not_a_share_of_themselves() {
    let shares = "signal = 'users.concurrent'\nunit = 'users'\ndaily_active_ratio = '30%'\npeak_concurrent_ratio = '10%'\n";
    let load = world().load(shares).flat("users.active", 120.0).judge().load;
    assert_eq!((load.peak, load.estimated), (None, false));
}
