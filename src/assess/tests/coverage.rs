//! Coverage: what is called for, what was measured, and why the rest was not.

use super::world::{World, finding, world};
use crate::{
    assess::{Assessment, Verdict},
    snapshot::Reason,
};

#[track_caller]
fn check(world: World, wanted: usize, measured: usize) -> Assessment {
    let assessment = world.judge();
    let coverage = &assessment.coverage;
    assert_eq!((coverage.wanted, coverage.measured), (wanted, measured), "{:#?}", coverage.gaps);
    assessment
}

fn reasons(assessment: &Assessment) -> Vec<(&str, Reason)> {
    assessment.coverage.gaps.iter().map(|gap| (gap.signal.as_str(), gap.reason)).collect()
}

#[test]
fn conditions_call_for_their_signals() {
    let world = world().decision("{ signal = 'queue.depth', above = 1 }").spot("queue.depth", 0.0);
    check(world, 1, 1);
}

#[test]
fn a_stack_and_a_source_read_directly_call_for_all_of_their_signals() {
    let redis = crate::signal::catalog().signals().filter(|signal| signal.system == "redis").count();
    check(world().stack(&["redis"]).spot("redis.memory", 0.1), redis, 1);
    check(world().source("redis").spot("redis.memory", 0.1), redis, 1);
    check(world().spot("redis.memory", 0.1), 1, 1);
}

#[test]
fn what_no_source_reads_is_a_gap_that_says_what_to_set() {
    let assessment = check(world().decision("{ signal = 'postgres.connections', above = '1%' }"), 1, 0);
    let gap = &assessment.coverage.gaps[0];
    assert_eq!(gap.reason, Reason::NotConfigured);
    let hint = gap.hint.as_deref().unwrap();
    assert!(
        hint.contains("PROMETHEUS_URL or DATABASE_URL") && hint.contains("absent = [\"postgres\"]"),
        "{hint}"
    );
}

#[test]
fn a_sources_own_reason_is_kept() {
    let world =
        world().decision("{ signal = 'queue.depth', above = 1 }").gap("queue.depth", Reason::TimedOut);
    assert_eq!(reasons(&check(world, 1, 0)), [("queue.depth", Reason::TimedOut)]);
}

#[test]
fn what_does_not_apply_is_neither_wanted_nor_missing() {
    let lag = "postgres.replication_lag";
    let all = crate::signal::catalog().signals().filter(|signal| signal.system == "postgres").count();
    let assessment = check(world().stack(&["postgres"]).gap(lag, Reason::NotApplicable), all - 1, 0);
    assert!(!assessment.findings.iter().any(|finding| finding.id == format!("threshold:{lag}")));
    assert!(
        !assessment
            .bottlenecks
            .iter()
            .any(|bottleneck| bottleneck.resource.as_str() == "postgres.replication")
    );
}

#[test]
fn what_is_declared_absent_is_not_wanted() {
    let world = world().absent("queue").decision("{ signal = 'queue.depth', above = 1 }");
    let assessment = check(world.gap("queue.depth", Reason::TimedOut), 0, 0);
    assert!(assessment.coverage.gaps.is_empty());
}

#[test]
fn what_nothing_limits_is_not_missed() {
    let with_gap = |reason| world().flat("host.cpu", 0.1).gap("host.open_files", reason);
    let unlimited = check(with_gap(Reason::LabelMismatch), 1, 1);
    assert!(unlimited.coverage.gaps.is_empty());
    assert_eq!(unlimited.verdict, Verdict::Ok);
    assert_eq!(check(with_gap(Reason::Stopped), 2, 1).verdict, Verdict::Unknown);
}

#[test]
fn what_is_not_called_for_is_not_missed() {
    let world = world().flat("host.cpu", 0.1).gap("redis.memory", Reason::NeverExisted);
    assert!(check(world, 1, 1).coverage.gaps.is_empty());
}

#[test]
fn what_is_there_but_cannot_be_read_is_missed() {
    let gone = || world().flat("host.cpu", 0.1);
    for reason in [Reason::Stopped, Reason::NotFinite, Reason::SeveralSeries, Reason::NotPermitted] {
        let assessment = check(gone().gap("redis.memory", reason), 2, 1);
        assert_eq!(finding(&assessment, "threshold:redis.memory").verdict, Verdict::Unknown);
        assert_eq!(assessment.verdict, Verdict::Unknown);
    }
}
