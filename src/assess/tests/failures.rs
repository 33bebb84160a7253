//! What is left without a zone, a node, an instance.

use super::world::{World, finding, world};
use crate::{
    assess::{Failure, FindingReason, LimitOutcome, Moved, Survivor, Verdict},
    signal::SignalId,
};

/// Forty days of load with a busy noon, from 20 to 100.
fn load(hour: i64) -> f64 {
    let time = (hour % 24) as f64;
    20.0 + 80.0 * (-((time - 12.0) / 4.0).powi(2)).exp()
}

/// Users, and machines of a service that share their work: `base` without load, `each` at 100 users.
fn machines(base: f64, each: f64, zones: &[(&str, &str)]) -> World {
    let world = world().flat("users.concurrent", 100.0).hours("users.concurrent", 40, load);
    zones.iter().fold(world, |world, (name, zone)| machine(world, name, zone, base, each))
}

fn machine(world: World, name: &str, zone: &str, base: f64, each: f64) -> World {
    let world = world.flat("host.cpu", base + each).of(name).out_of(8.0).labelled(&[("zone", zone)]);
    let past = move |hour: i64| base + each * load(hour) / 100.0 + 0.002 * (hour % 3) as f64;
    world.hours("host.cpu", 40, past).past_of(name)
}

const THREE: [(&str, &str); 3] = [("app-1", "a"), ("app-2", "b"), ("app-3", "c")];

fn only(world: World) -> Failure {
    let [failure] = &world.judge().failures[..] else { panic!("not one failure") };
    failure.clone()
}

#[test]
fn those_who_are_left_take_over_what_follows_the_load() {
    let failure = only(machines(0.1, 0.3, &THREE).lose("zone=a"));
    assert_eq!(failure.instances, ["app-1"]);
    assert_eq!((failure.survivors.len(), failure.saturates()), (2, LimitOutcome::No));
    for survivor in &failure.survivors {
        assert_eq!((survivor.moved, survivor.sharing), (Moved::Shared, 2));
        // 10% without load, and 45% in place of 30% with it.
        let headroom = survivor.after.headroom.unwrap();
        assert!((headroom - 0.45).abs() < 0.02, "{survivor:?}");
        let (before, after) = (&survivor.before.saturates_at_load, &survivor.after.saturates_at_load);
        let ratio = after.unwrap().mid / before.unwrap().mid;
        assert!((ratio - 2.0 / 3.0).abs() < 0.03, "{survivor:?}");
    }
}

#[test]
fn a_required_zone_without_which_the_rest_saturates_is_a_warning() {
    let two = [("app-1", "a"), ("app-2", "b")];
    let assessment = machines(0.1, 0.5, &two).failure_domain("zone").judge();
    assert_eq!(assessment.failures.len(), 2);
    let lost = finding(&assessment, "loss:zone=a");
    assert_eq!((lost.verdict, assessment.verdict), (Verdict::Warning, Verdict::Warning));
    // Nobody asked for it: it is told, and changes nothing.
    let asked = machines(0.1, 0.5, &two).lose("zone=a").judge();
    assert_eq!(asked.failures[0].saturates(), LimitOutcome::Yes);
    assert!(asked.findings.iter().all(|finding| !finding.id.starts_with("loss:")));
    let holds = machines(0.1, 0.3, &two).failure_domain("zone").judge();
    assert_eq!(finding(&holds, "loss:zone=b").verdict, Verdict::Ok);
}

#[test]
fn without_history_it_is_between_nothing_and_all() {
    let world = |used: f64| {
        let world = world().flat("users.concurrent", 100.0);
        THREE.iter().fold(world, |world, (name, zone)| {
            world.flat("host.cpu", used).of(name).out_of(8.0).labelled(&[("zone", zone)])
        })
    };
    let open = only(world(0.7).lose("zone=a"));
    assert_eq!((open.survivors[0].moved, open.saturates()), (Moved::AtMostAll, LimitOutcome::Perhaps));
    assert_eq!(only(world(0.5).lose("zone=a")).saturates(), LimitOutcome::No);
    let required = world(0.7).failure_domain("zone").judge();
    assert_eq!(finding(&required, "loss:zone=a").verdict, Verdict::Unknown);
}

#[test]
fn the_only_one_is_lost_altogether_and_nothing_is_computed() {
    let world = machines(0.1, 0.3, &THREE);
    let world = machine(world, "db-1", "a", 0.1, 0.2);
    let failure = only(world.lose("zone=a"));
    let [gone] = &failure.gone[..] else { panic!("{:?}", failure.gone) };
    assert_eq!((gone.resource.as_str(), gone.instances.as_slice()), ("host.cpu", &["db-1".to_owned()][..]));
    assert_eq!(failure.instances, ["app-1", "db-1"]);
    assert!(failure.survivors.iter().all(|survivor| survivor.takes_over == ["app-1"]));
}

#[test]
fn a_required_part_with_the_only_one_of_something_is_unknown() {
    let only_db = machine(machines(0.1, 0.3, &[]), "db-1", "a", 0.1, 0.2).failure_domain("zone").judge();
    assert_eq!(only_db.failures[0].saturates(), LimitOutcome::Unknown);
    let found = finding(&only_db, "loss:zone=a");
    assert_eq!(found.verdict, Verdict::Unknown);
    let FindingReason::Lost { gone, .. } = &found.reason else { panic!("{found:?}") };
    assert_eq!(gone.iter().map(|gone| gone.as_str()).collect::<Vec<_>>(), ["host.cpu"]);
    // Beside others that hold it is told, unless the settings name the resource.
    let with_db = || {
        let world = machines(0.1, 0.3, &THREE).flat("redis.memory", 0.4).of("cache").out_of(8.0);
        world.labelled(&[("zone", "a")]).failure_domain("zone")
    };
    let verdict = |world: World| finding(&world.judge(), "loss:zone=a").verdict;
    assert_eq!(verdict(with_db()), Verdict::Ok);
    assert_eq!(verdict(with_db().must_hold(&["host.cpu"])), Verdict::Ok);
    assert_eq!(verdict(with_db().must_hold(&["host.cpu", "redis.memory"])), Verdict::Unknown);
    // What is named and not measured is not known either.
    assert_eq!(verdict(with_db().must_hold(&["host.cpu", "postgres.connections"])), Verdict::Unknown);
}

#[test]
fn one_that_is_not_known_goes_before_those_that_hold() {
    let mut failure = only(machines(0.1, 0.3, &THREE).lose("zone=a"));
    let last = failure.survivors.last_mut().unwrap();
    (last.saturates, last.after.headroom) = (LimitOutcome::Unknown, None);
    let last = last.clone();
    assert_eq!((failure.worst(), failure.saturates()), (Some(&last), LimitOutcome::Unknown));
    failure.survivors.sort_by(Survivor::worse_first);
    assert_eq!(failure.survivors.first(), Some(&last));
}

#[test]
fn what_takes_over_alone_says_so_without_history_too() {
    let of = |name: &str, zone: &str, used: f64, world: World| {
        world.flat("host.cpu", used).of(name).out_of(8.0).labelled(&[("zone", zone)])
    };
    let world = of("pg-0", "a", 0.7, world().flat("users.concurrent", 100.0));
    let failure = only(of("pg-2", "c", 0.05, of("pg-1", "b", 0.05, world)).lose("zone=a"));
    for survivor in &failure.survivors {
        assert_eq!((survivor.moved, survivor.sharing), (Moved::AtMostAll, 1));
        assert!((survivor.after.headroom.unwrap() - 0.25).abs() < 1e-9, "{survivor:?}");
    }
}

#[test]
fn nothing_is_assumed_of_instances_without_the_label() {
    let world = machines(0.1, 0.3, &THREE).flat("host.cpu", 0.4).of("app-4").out_of(8.0);
    let failure = only(world.clone().lose("zone=a"));
    let [unknown] = &failure.unknown[..] else { panic!("{:?}", failure.unknown) };
    assert_eq!((unknown.without_label.as_slice(), unknown.of), (&["app-4".to_owned()][..], 4));
    assert_eq!((failure.survivors.len(), failure.saturates()), (0, LimitOutcome::Unknown));
    let by_name = only(world.lose("instance=app-4"));
    assert_eq!((by_name.unknown.len(), by_name.survivors.len()), (0, 3));
}

#[test]
fn one_standby_takes_over_from_a_primary() {
    let of = |name: &str, zone: &str, used: f64, world: World| {
        world.flat("postgres.connections", used).of(name).out_of(100.0).labelled(&[("zone", zone)])
    };
    let world = of("pg-0", "a", 0.7, world().flat("users.concurrent", 100.0));
    let world = of("pg-2", "c", 0.05, of("pg-1", "b", 0.05, world));
    let failure = only(world.lose("zone=a"));
    for survivor in &failure.survivors {
        assert_eq!((survivor.moved, survivor.sharing), (Moved::ByOne, 1));
        assert!((survivor.after.headroom.unwrap() - 0.25).abs() < 1e-9, "{survivor:?}");
    }
}

#[test]
fn a_larger_machine_has_more_room_for_the_same_work() {
    let world = world().flat("users.concurrent", 100.0).hours("users.concurrent", 40, load);
    let world = machine(world, "app-1", "a", 0.0, 0.4);
    let past = |hour: i64| 0.2 * load(hour) / 100.0;
    let world = world.flat("host.cpu", 0.2).of("app-2").out_of(16.0).labelled(&[("zone", "b")]);
    let failure = only(world.hours("host.cpu", 40, past).past_of("app-2").lose("zone=a"));
    // 3.2 cores of each: 6.4 of 16.
    assert!((failure.survivors[0].after.headroom.unwrap() - 0.6).abs() < 0.02, "{failure:?}");
}

#[test]
fn what_is_judged_of_the_rest_does_not_change() {
    let before = machines(0.1, 0.3, &THREE).judge();
    let mut asked = machines(0.1, 0.3, &THREE).lose("zone=a").judge();
    asked.failures.clear();
    assert_eq!(asked, before);
}

#[test]
fn of_many_nodes_those_that_carry_most_are_judged() {
    let nodes: Vec<(String, f64)> =
        (0..20).map(|number| (format!("n-{number}"), 0.2 + 0.01 * f64::from(number))).collect();
    let world = nodes.iter().fold(world().flat("users.concurrent", 100.0), |world, (name, used)| {
        world.flat("host.cpu", *used).of(name).out_of(4.0).labelled(&[("node", name)])
    });
    let failures = world.clone().failure_domain("node").judge().failures;
    assert_eq!((failures.len(), failures[0].values), (8, 20));
    assert_eq!(failures[0].lost[0].value, "n-19");
    // What somebody asks for is judged, whether it is among those or not.
    let asked = |lost| world.clone().failure_domain("node").lose(lost).judge().failures;
    let least = asked("node=n-0");
    assert_eq!((least.len(), least[0].lost[0].value.as_str(), least[0].is_required), (9, "n-0", false));
    assert_eq!(asked("node=n-19"), failures);
    // What the settings list is judged altogether.
    let listed: Vec<&str> = nodes.iter().map(|(name, _)| name.as_str()).take(12).collect();
    let failures = world.failure_domain("node").only_values(&listed).judge().failures;
    assert_eq!((failures.len(), failures[0].values), (12, 12));
}

#[test]
fn a_label_that_nothing_has_is_unknown() {
    let assessment = machines(0.1, 0.3, &THREE).failure_domain("rack").judge();
    assert_eq!(finding(&assessment, "loss:rack=").verdict, Verdict::Unknown);
    let (_, snapshot) = machines(0.1, 0.3, &THREE).parts();
    for (part, words) in [
        ("zon=a", "no measured instance has the label `zon`; labels found: instance, zone"),
        ("zone=d", "no measured instance has zone=d; values found: a, b, c"),
    ] {
        assert_eq!(snapshot.check_part(&part.parse().unwrap()).unwrap_err().to_string(), words);
    }
    assert!(snapshot.check_part(&"instance=app-2".parse().unwrap()).is_ok());
}

#[test]
fn what_fills_by_itself_is_taken_over_by_nobody() {
    let disk = |world: World, name: &str, zone: &str| {
        world.flat("host.disk_space", 0.7).of(name).out_of(100.0).labelled(&[("zone", zone)])
    };
    let world = disk(disk(world().flat("users.concurrent", 100.0), "app-1 /", "a"), "app-2 /", "b");
    let failure = only(world.lose("zone=a"));
    let disk = SignalId::find("host.disk_space").unwrap();
    assert!(failure.survivors.iter().all(|survivor| survivor.signal != disk), "{failure:?}");
    assert_eq!((failure.gone.len(), failure.instances.as_slice()), (0, &["app-1 /".to_owned()][..]));
}
