//! Plans for a phase or a load that is not there yet.

use super::{
    plans::{MILESTONE, ROADMAP},
    world::{World, now, world},
};
use crate::{
    assess::{Plan, PlanReason, Scope, UnderLimit, plan_what_if, with_replicas},
    snapshot::{SETTING, WhatIf},
};

fn tiny(load: f64) -> World {
    world().phases(ROADMAP).roadmap(MILESTONE).flat("users.concurrent", load)
}

#[track_caller]
fn check(world: World, scope: Scope, phase: u64, expected: &[&str]) -> Plan {
    let plan = world.plan(scope).unwrap();
    let ids: Vec<&str> = plan.items.iter().map(|item| item.id.as_str()).collect();
    assert_eq!(ids, expected, "{:#?}", plan.items);
    assert_eq!(plan.phase.as_ref().map(|phase| phase.number), Some(phase));
    plan
}

#[test]
fn now_is_the_plan_of_the_assessment() {
    let assessment = tiny(80.0).judge();
    let plan = tiny(80.0).plan(Scope::Now).unwrap();
    assert_eq!(plan.items, assessment.plan);
    assert_eq!(plan.phase.unwrap().number, 2); // the recommended one
}

#[test]
fn a_phase_is_planned_as_if_it_were_entered() {
    let plan = check(tiny(20.0), Scope::Phase(2), 2, &["2.1", "2.2"]);
    assert_eq!(plan.items[0].reasons, [PlanReason::PhaseEntered { phase: 2 }]);
    assert_eq!((plan.items[0].start_by, plan.items[0].act_by_users), (None, Some(100)));
    assert!(tiny(20.0).plan(Scope::Phase(9)).is_none());
}

#[test]
fn what_is_urgent_today_keeps_its_reason_and_its_date() {
    let pressing = tiny(20.0).flat("postgres.connections", 0.95).done("1.1");
    let plan = check(pressing, Scope::Phase(2), 2, &["2.1", "2.2"]);
    assert_eq!(plan.items[0].start_by, Some(now()));
    let reasons = &plan.items[0].reasons;
    assert!(matches!(reasons[..], [PlanReason::Relieves { .. }, PlanReason::PhaseEntered { phase: 2 }]));
}

#[test]
fn a_load_asks_for_the_milestones_and_phases_on_the_way() {
    let plan = check(tiny(20.0), Scope::Users(399), 2, &["2.1", "2.2"]);
    assert!(plan.milestones.is_empty());
    let plan = check(tiny(20.0), Scope::Users(400), 2, &["2.1", "2.2", "milestone-500"]);
    assert_eq!(plan.milestones.len(), 1);
    assert_eq!(plan.items[2].act_by_users, Some(400));
    check(tiny(20.0), Scope::Users(5000), 3, &["2.1", "2.2", "milestone-500", "3.1"]);
}

#[test]
fn phases_that_the_load_has_reached_are_not_planned_again() {
    check(tiny(200.0), Scope::Users(5000), 3, &["milestone-500", "3.1"]);
    check(tiny(200.0), Scope::Users(10), 1, &[]);
}

#[test]
fn without_a_load_every_phase_up_to_the_named_one_is_planned() {
    let unknown = world().phases(ROADMAP).roadmap(MILESTONE);
    check(unknown, Scope::Users(300), 2, &["1.1", "2.1", "2.2"]);
}

#[test]
fn what_is_done_is_ticked_and_stands_last() {
    let plan = check(tiny(20.0).done("2.1"), Scope::Users(400), 2, &["2.2", "milestone-500", "2.1"]);
    assert!(plan.items[2].done);
}

/// A hundred days of rising connections, of at most 100.
fn rising_connections() -> World {
    world()
        .phases(ROADMAP)
        .flat("users.concurrent", 50.0)
        .flat("postgres.connections", 0.6)
        .out_of(100.0)
        .hours("postgres.connections", 90, |hour| 0.6 + 0.1 * hour as f64 / (90.0 * 24.0))
}

#[track_caller]
fn under(limit: &str, world: World) -> Plan {
    let (input, snapshot) = world.parts();
    let assumed = snapshot.with_limits(&[limit.parse().unwrap()]).unwrap();
    plan_what_if(&input, &snapshot, &with_replicas(&input, &snapshot, &[]).unwrap(), &assumed, Scope::Now)
        .unwrap()
}

#[test]
fn another_limit_changes_the_room_of_its_resource_alone() {
    let plan = under("postgres.connections=200", rising_connections());
    let [effect] = plan.limit_effects.as_slice() else { panic!("{:?}", plan.limit_effects) };
    assert!(!effect.is_too_small);
    let headroom = |under: &Option<UnderLimit>| under.as_ref().unwrap().headroom.unwrap();
    let used = [&effect.before, &effect.after].map(|under| 1.0 - headroom(under));
    assert!((used[1] - used[0] / 2.0).abs() < 1e-9 && used[0] > 0.6, "{effect:?}");
}

#[test]
fn a_limit_below_what_is_needed_is_too_small() {
    for (limit, is_too_small) in [("50", true), ("62", true), ("99", false), ("1000", false)] {
        let plan = under(&format!("postgres.connections={limit}"), rising_connections());
        assert_eq!(plan.limit_effects[0].is_too_small, is_too_small, "{limit}: {:?}", plan.limit_effects);
    }
    // What is too small already is not made so by a larger limit.
    let full = rising_connections().flat("redis.memory", 0.99).out_of(100.0);
    assert!(!under("redis.memory=101", full).limit_effects[0].is_too_small);
}

#[test]
fn the_present_limit_changes_nothing() {
    let (input, snapshot) = rising_connections().parts();
    let plan = under("postgres.connections=100", rising_connections());
    assert_eq!(plan.limit_effects[0].before, plan.limit_effects[0].after);
    let present = crate::assess::plan(&input, &snapshot, Scope::Now).unwrap();
    assert_eq!(Plan { limit_effects: Vec::new(), ..plan }, present);
}

#[test]
fn a_limit_that_is_not_clear_is_not_assumed() {
    let two = rising_connections().flat("redis.memory", 0.5).of("a").out_of(8.0);
    let two = two.flat("redis.memory", 0.5).of("b").out_of(8.0).flat("host.cpu", 0.2);
    let (_, snapshot) = two.parts();
    for (limit, words) in [
        ("redis.memory=4", "several instances: write redis.memory@INSTANCE=LIMIT with one of a, b"),
        ("redis.memory@c=4", "no instance `c`; it has a, b"),
        ("host.cpu=2", "put the current one before the new one: host.cpu=CURRENT:LIMIT"),
        ("host.memory=2GiB", "not measured"),
        ("postgres.connections=2GiB", "in another unit"),
        ("postgres.connections=50:200", "the limit of postgres.connections is 100, not 50; write"),
        ("redis.memory@a=4GiB:16", "the limit of redis.memory is 8, not 4 GiB"),
    ] {
        let failure = snapshot.with_limits(&[limit.parse().unwrap()]).unwrap_err().to_string();
        assert!(failure.contains(words), "{limit}: {failure}");
    }
    for limit in ["redis.memory@b=4", "redis.memory@b=8.1:4"] {
        assert!(snapshot.with_limits(&[limit.parse().unwrap()]).is_ok(), "{limit}");
    }
}

#[test]
fn what_is_wrong_now_is_mended_before_a_phase_is_entered() {
    let slow = tiny(20.0).flat("http.latency", 9.0).flat("http.requests", 100.0);
    let now = slow.clone().plan(Scope::Now).unwrap();
    let first = now.items[0].id.clone();
    assert_eq!(first, "remedy-app-latency");
    for scope in [Scope::Phase(2), Scope::Users(400)] {
        let plan = slow.clone().plan(scope).unwrap();
        assert_eq!(plan.items[0].id, first, "{scope:?}: {:#?}", plan.items);
    }
}

/// Forty days of containers of a workload: 10% without load, 60% more at 100 users.
fn containers() -> World {
    let load = |hour: i64| 20.0 + 80.0 * (-(((hour % 24) as f64 - 12.0) / 4.0).powi(2)).exp();
    let cpu = move |hour: i64| 0.1 + 0.6 * load(hour) / 100.0 + 0.002 * (hour % 3) as f64;
    let world = world().phases(ROADMAP).flat("users.concurrent", 100.0).hours("users.concurrent", 40, load);
    let world = world.flat("container.cpu", 0.7).of("shop/api/api").out_of(1.0);
    world.hours("container.cpu", 40, cpu).past_of("shop/api/api")
}

fn with(replicas: &str, world: World) -> Result<Plan, String> {
    let (input, snapshot) = world.parts();
    let replicas: Vec<_> = replicas.split(' ').map(|replicas| replicas.parse().unwrap()).collect();
    let replicas = with_replicas(&input, &snapshot, &replicas);
    let replicas = replicas.map_err(|error| error.to_string())?;
    let assumed = replicas.snapshot.with_limits(&[]).unwrap();
    Ok(plan_what_if(&input, &snapshot, &replicas, &assumed, Scope::Now).unwrap())
}

#[test]
fn more_replicas_share_what_follows_the_load() {
    let plan = with("api=3:6", containers()).unwrap();
    let [effect] = &plan.replica_effects[..] else { panic!("{:?}", plan.replica_effects) };
    assert_eq!((effect.workload.as_str(), effect.present, effect.assumed), ("shop/api", 3, 6));
    let [cpu] = &effect.resources[..] else { panic!("{effect:?}") };
    let (before, after) = (cpu.before.as_ref().unwrap(), cpu.after.as_ref().unwrap());
    assert!(cpu.load_part_known && !cpu.is_too_small);
    assert!((before.headroom.unwrap() - 0.3).abs() < 0.02 && (after.headroom.unwrap() - 0.6).abs() < 0.02);
    let load = |under: &UnderLimit| under.saturates_at_load.as_ref().unwrap().mid;
    assert!((load(after) / load(before) - 2.0).abs() < 0.1, "{effect:?}");
    let fewer = with("shop/api=3:2", containers()).unwrap();
    assert!(fewer.replica_effects[0].resources[0].is_too_small, "{:?}", fewer.replica_effects);
}

#[test]
fn of_two_numbers_of_a_workload_the_last_counts() {
    let once = with("api=3:6", containers()).unwrap();
    assert_eq!(with("api=3:6 shop/api=3:6", containers()).unwrap(), once);
    assert_eq!(with("shop/api=3:12 api=3:6", containers()).unwrap(), once);
}

#[test]
fn of_two_limits_of_a_resource_the_last_counts() {
    let (_, mut snapshot) = rising_connections().parts();
    let setting = format!("{SETTING}max_connections");
    for observation in &mut snapshot.observations {
        observation.attributes.insert(setting.clone(), "103".to_owned());
    }
    let assumed = |limits: &[&str]| {
        let limits: Vec<_> = limits.iter().map(|limit| limit.parse().unwrap()).collect();
        snapshot.with_limits(&limits).unwrap()
    };
    let once = assumed(&["postgres.connections=200"]);
    let attributes = |of: &WhatIf| of.snapshot.observations.last().unwrap().attributes.get(&setting).cloned();
    assert_eq!(attributes(&once).as_deref(), Some("203"));
    assert!(once.snapshot.history.iter().all(|past| past.limit.is_none()));
    for earlier in ["150", "200"] {
        let earlier = format!("postgres.connections={earlier}");
        assert_eq!(assumed(&[&earlier, "postgres.connections=200"]), once);
    }
}

#[test]
fn containers_of_a_pod_are_no_replicas_of_each_other() {
    let with_sidecar = || containers().flat("container.cpu", 0.05).of("shop/api/istio-proxy").out_of(1.0);
    let plan = with("api=3:6", with_sidecar()).unwrap();
    assert_eq!(plan.replica_effects[0].resources.len(), 2);
    let failure = with("api=6", with_sidecar()).unwrap_err();
    assert!(failure.contains("is not measured; write it before"), "{failure}");
    let pods = ["db-0/pg", "db-0/exporter", "db-1/pg", "db-1/exporter"].into_iter().fold(
        containers(),
        |world, name| {
            let used = if name.ends_with("pg") { 0.6 } else { 0.02 };
            world.flat("container.cpu", used).of(&format!("shop/{name}")).out_of(1.0)
        },
    );
    assert_eq!(with("db=4", pods).unwrap().replica_effects[0].present, 2);
}

#[test]
fn the_whole_name_of_a_workload_goes_before_the_end_of_another() {
    let plan = with(
        "api=3:6",
        ["api-1", "api-2", "api-3"]
            .into_iter()
            .fold(containers(), |world, name| world.flat("host.cpu", 0.4).of(name).out_of(4.0)),
    );
    assert_eq!(plan.unwrap().replica_effects[0].workload, "api");
}

#[test]
fn the_present_number_comes_from_what_is_measured() {
    let counted = containers().flat("node.cpu", 0.5).of("api").with("replicas", "4");
    let counted = counted.labelled(&[("namespace", "shop"), ("workload", "api")]);
    assert_eq!(with("api=8", counted).unwrap().replica_effects[0].present, 4);
    let servers = ["web-1", "web-2", "web-3"]
        .into_iter()
        .fold(containers(), |world, name| world.flat("host.cpu", 0.4).of(name).out_of(4.0));
    let plan = with("web=4", servers.clone()).unwrap();
    assert_eq!((plan.replica_effects[0].present, plan.replica_effects[0].resources.len()), (3, 3));
    assert!(!plan.replica_effects[0].resources[0].load_part_known, "there is no history");
    let standby = servers.flat("postgres.connections", 0.9).of("pg-0").out_of(100.0);
    let standby = standby.flat("postgres.connections", 0.1).of("pg-1").out_of(100.0);
    for (replicas, world, words) in [
        ("api=8", containers(), "is not measured; write it before the other number: shop/api=PRESENT:COUNT"),
        ("apj=8", containers(), "of the replicas of `apj`; measured: shop/api"),
        (
            "pg=3",
            standby,
            "do not share its work equally, so more of them may not relieve each one; --set SIGNAL@INSTANCE=",
        ),
        (
            "api=3:8",
            containers().flat("k8s.replicas", 0.5).of("shop/api").out_of(12.0),
            "--set k8s.replicas@shop/api=COUNT",
        ),
        (
            "api=3:8",
            containers()
                .flat("k8s.replicas", 0.5)
                .of("shop/api")
                .labelled(&[("namespace", "shop"), ("hpa", "shop/api")])
                .out_of(12.0),
            "--set k8s.replicas@shop/api=COUNT",
        ),
        (
            "mail=3:8",
            containers()
                .flat("k8s.replicas", 0.5)
                .of("shop/mail")
                .labelled(&[("namespace", "shop"), ("hpa", "shop/mail")])
                .out_of(12.0),
            "of the replicas of `mail`; measured: shop/api",
        ),
        (
            "api=3:8",
            containers().flat("container.cpu", 0.5).of("mail/api/api").out_of(1.0),
            "write one of mail/api, shop/api",
        ),
    ] {
        let failure = with(replicas, world).unwrap_err();
        assert!(failure.contains(words), "{replicas}: {failure}");
    }
}
