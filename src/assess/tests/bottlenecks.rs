//! Bottlenecks: which resource is named, in which order the others follow, and when none is.

use super::world::{DAY, World, bottleneck, next, world};
use crate::{
    assess::{Assessment, BottleneckReason, RankingReason, State, Status, Verdict},
    signal::Quantity,
};

fn order(assessment: &Assessment) -> Vec<&str> {
    assessment.bottlenecks.iter().map(|bottleneck| bottleneck.resource.as_str()).collect()
}

#[track_caller]
fn check(world: World, expected: &[&str]) -> Assessment {
    let assessment = world.judge();
    assert_eq!(order(&assessment), expected);
    assessment
}

#[test]
fn severity_comes_before_headroom() {
    // Transaction ids are critical with half of them left; the CPU is a warning with less headroom.
    let world = world().flat("postgres.wraparound", 0.5).flat("host.cpu", 0.89).flat("redis.clients", 0.1);
    let assessment = check(world, &["postgres.wraparound", "host.cpu", "redis.clients"]);
    assert_eq!(next(&assessment), "postgres.wraparound");
    let statuses: Vec<Status> = assessment.bottlenecks.iter().map(|bottleneck| bottleneck.status).collect();
    assert_eq!(statuses, [Status::Approaching, Status::Approaching, Status::Distant]);
}

#[test]
fn of_equal_severity_the_one_with_least_room_is_first() {
    let world = world().flat("host.memory", 0.87).flat("host.cpu", 0.88).flat("redis.clients", 0.85);
    check(world, &["host.cpu", "host.memory", "redis.clients"]);
}

#[test]
fn what_is_used_up_comes_before_what_is_merely_critical() {
    let world = world().flat("postgres.connections", 0.93).flat("redis.clients", 1.0);
    let assessment = check(world, &["redis.clients", "postgres.connections"]);
    assert_eq!(bottleneck(&assessment, "redis.clients").status, Status::Saturated);
    assert_eq!(bottleneck(&assessment, "postgres.connections").status, Status::Approaching);
}

#[test]
fn of_equal_room_the_roadmaps_earlier_milestone_is_first() {
    let milestone = |users: u64, resource: &str| {
        format!(
            "[[milestones]]\nusers = {users}\nact_by_users = {}\ntitle = 'M'\nresource = '{resource}'\n\
             impact = 'I'\nsolution = 'S'\neffort = ['7d', '14d']\ncost_per_month = [200, 500]",
            users - 100
        )
    };
    let tied = || world().flat("redis.clients", 0.85).flat("postgres.connections", 0.85);
    check(tied(), &["postgres.connections", "redis.clients"]); // by name, as nothing else separates them
    let planned =
        tied().roadmap(&milestone(500, "redis.clients")).roadmap(&milestone(900, "postgres.connections"));
    let assessment = check(planned, &["redis.clients", "postgres.connections"]);
    let clients = bottleneck(&assessment, "redis.clients");
    assert_eq!(
        clients.roadmap.as_ref().map(|milestone| (milestone.users, milestone.act_by_users)),
        Some((500, Some(400)))
    );
    assert_eq!(clients.act_by.as_ref().and_then(|act_by| act_by.load), Some(400.0));
}

#[test]
fn of_otherwise_equal_ones_what_does_not_scale_out_is_first() {
    let world = world().flat("host.cpu", 0.85).flat("redis.memory", 0.85).flat("redis.clients", 0.85);
    check(world, &["redis.clients", "redis.memory", "host.cpu"]);
}

#[test]
fn a_server_that_turns_us_away_is_named_first() {
    let world = || world().flat("queue.depth", 90_000.0).refused("postgres.connections");
    let assessment = world().judge();
    assert_eq!(order(&assessment), ["postgres.connections"]);
    let next = assessment.next_bottleneck.unwrap();
    assert_eq!(
        (next.resource.as_str(), next.status, next.verdict),
        ("postgres.connections", Status::Saturated, Verdict::Critical)
    );
    let message = "no slots left".to_owned();
    assert_eq!(next.reason, BottleneckReason::Refused { source: "test".to_owned(), message });
    assert_eq!(next.headroom, None);
    // What an earlier sample said of it is kept, the evaluation is not.
    let assessment = world().spot("postgres.connections", 0.4).judge();
    let first = &assessment.bottlenecks[0];
    assert_eq!((first.resource.as_str(), first.status), ("postgres.connections", Status::Saturated));
    assert!((first.headroom.unwrap() - 0.6).abs() < 1e-9);
}

#[test]
fn the_instance_that_decided_is_named() {
    let world = world()
        .flat("queue.depth", 20.0)
        .of("mail")
        .flat("queue.depth", 700.0)
        .of("intent")
        .flat("queue.depth", 300.0)
        .of("model");
    let next = world.judge().next_bottleneck.unwrap();
    assert_eq!((next.resource.as_str(), next.instance.as_deref()), ("queue.workers", Some("intent")));
    assert_eq!(next.now.map(Quantity::value), Some(700.0));
}

#[test]
fn what_nobody_measured_comes_last_and_is_not_named() {
    let world = world().stack(&["redis"]).flat("host.cpu", 0.3);
    let assessment = check(world, &["host.cpu", "redis.clients", "redis.memory"]);
    let unknown = bottleneck(&assessment, "redis.memory");
    assert_eq!((unknown.status, unknown.verdict, unknown.now), (Status::Unknown, Verdict::Unknown, None));
    assert!(matches!(unknown.reason, BottleneckReason::Missing { .. }), "{:?}", unknown.reason);
    assert_eq!(next(&assessment), "");
}

#[test]
fn what_is_pending_comes_before_what_is_fine() {
    // Five minutes of a limit that asks for fifteen.
    let world = world().stack(&["redis"]).minutes("host.cpu", 5, |_| Some(0.95)).flat("host.memory", 0.3);
    let assessment = check(world, &["host.cpu", "host.memory", "redis.clients", "redis.memory"]);
    assert_eq!(bottleneck(&assessment, "host.cpu").state, State::Pending);
    assert_eq!(assessment.verdict, Verdict::Unknown);
}

/// What does not explain a symptom.
#[track_caller]
fn explained(assessment: &Assessment) -> String {
    let next = assessment.next_bottleneck.as_ref().unwrap();
    let BottleneckReason::Unexplained { ruled_out, unknown, .. } = &next.reason else {
        panic!("{:?}", next.reason);
    };
    let [ruled_out, unknown] = [ruled_out, unknown]
        .map(|resources| resources.iter().map(|resource| resource.as_str()).collect::<Vec<_>>().join(", "));
    format!("ruled out {ruled_out}; unknown {unknown}")
}

#[test]
fn a_symptom_is_named_only_when_no_resource_explains_it() {
    let slow = || world().stack(&["redis"]).flat("http.latency", 3.0);
    let assessment = slow().flat("host.cpu", 0.95).judge();
    assert_eq!(next(&assessment), "host.cpu");
    assert!(!order(&assessment).contains(&"app.latency"));
    let assessment = slow().flat("host.cpu", 0.3).judge();
    assert_eq!(next(&assessment), "app.latency");
    assert!(!order(&assessment).contains(&"app.latency"), "a service level is no resource");
    assert_eq!(assessment.next_bottleneck.as_ref().unwrap().headroom, None);
    assert_eq!(assessment.service_levels[0].signal.as_str(), "http.latency");
    assert_eq!(explained(&assessment), "ruled out host.cpu; unknown redis.clients, redis.memory");
}

#[test]
fn a_resource_that_cannot_be_told_is_not_ruled_out() {
    let stopped = |minute: i64| (minute < 1300).then_some(0.3);
    let world = world().flat("http.latency", 3.0).minutes("host.cpu", DAY, stopped);
    let assessment = world.judge();
    assert_eq!(explained(&assessment), "ruled out ; unknown host.cpu");
}

#[test]
fn the_worst_symptom_is_named() {
    let world = world().flat("http.latency", 3.0).flat("http.errors", 0.2).flat("host.cpu", 0.3);
    assert_eq!(next(&world.judge()), "app.errors");
}

#[test]
fn when_nothing_is_urgent_the_closest_is_named() {
    let assessment = world().flat("host.cpu", 0.3).flat("host.memory", 0.6).judge();
    assert_eq!(next(&assessment), "");
    let RankingReason::NoneNear { closest, instance, headroom } = assessment.next_bottleneck_reason else {
        panic!("{:?}", assessment.next_bottleneck_reason);
    };
    assert_eq!((closest.as_str(), instance), ("host.memory", None));
    assert!((headroom - 0.4).abs() < 1e-9, "{headroom}");
    assert_eq!(world().judge().next_bottleneck_reason, RankingReason::NothingMeasured);
    // The only one needs no name; of several it is the one.
    let only = world().flat("host.memory", 0.6).of("db-1").judge();
    let several = world().flat("host.memory", 0.5).of("db-1").flat("host.memory", 0.6).of("db-2").judge();
    for (assessment, name) in [(only, None), (several, Some("db-2"))] {
        let RankingReason::NoneNear { instance, .. } = &assessment.next_bottleneck_reason else {
            panic!("{:?}", assessment.next_bottleneck_reason);
        };
        assert_eq!(instance.as_deref(), name);
    }
}
