//! Instances that stopped reporting.

use super::world::{World, world};
use crate::assess::{Assessment, BottleneckReason, FindingReason, MissingReason, Verdict};

/// Minutes, of which the last twenty are missing.
const MOSTLY_FULL: &str = "........####################                    ";

/// Of two servers, one reports little usage, and the other stopped.
fn second_server(signal: &str, picture: &str, high: f64) -> World {
    world().flat(signal, 0.2).of("db-1").picture(signal, picture, 0.2, high).of("db-2").stopped()
}

/// The last values of instances that stopped at a limit, as findings and as rows.
fn told(assessment: &Assessment) -> [Vec<(Option<&str>, f64)>; 2] {
    let last = |missing: &MissingReason| match missing {
        MissingReason::Stopped { last, .. } => Some(last.value.value()),
        _ => None,
    };
    let findings = assessment.findings.iter().filter_map(|finding| match &finding.reason {
        FindingReason::Missing { missing } => Some((finding.instance.as_deref(), last(missing)?)),
        _ => None,
    });
    let rows = assessment.bottlenecks.iter().filter_map(|row| match &row.reason {
        BottleneckReason::Missing { missing } => Some((row.instance.as_deref(), last(missing)?)),
        _ => None,
    });
    [findings.collect(), rows.collect()]
}

#[track_caller]
fn check(world: World, verdict: Verdict, expected: &[(Option<&str>, f64)]) {
    let assessment = world.judge();
    assert_eq!((assessment.verdict, told(&assessment)), (verdict, [expected.to_vec(), expected.to_vec()]));
}

#[test]
fn what_stopped_at_its_limit_is_unknown_and_not_fine() {
    let world = second_server("host.memory", MOSTLY_FULL, 0.97);
    check(world.clone(), Verdict::Unknown, &[(Some("db-2"), 0.97)]);
    check(second_server("host.memory", MOSTLY_FULL, 0.4), Verdict::Ok, &[]);
    let seen_by_another = world.flat("host.memory", 0.3).read_by("other").of("db-2");
    check(seen_by_another, Verdict::Ok, &[]);
}

#[test]
fn one_reading_of_what_swings_says_nothing_about_an_end() {
    check(second_server("host.cpu", "...................#          ", 0.99), Verdict::Ok, &[]);
    check(second_server("host.cpu", MOSTLY_FULL, 0.99), Verdict::Unknown, &[(Some("db-2"), 0.99)]);
}

#[test]
fn the_worse_of_two_servers_is_told_beside_the_one_that_stopped() {
    let assessment =
        second_server("host.memory", MOSTLY_FULL, 0.97).flat("host.memory", 0.99).of("db-3").judge();
    assert_eq!(assessment.verdict, Verdict::Critical);
    assert_eq!(told(&assessment)[0], [(Some("db-2"), 0.97)]);
}
